//! What can be read from merged histograms: quantiles, the fourth moment, coarse bins.

use std::cmp::Ordering;
use std::ops::Range;

use super::Histogram;
use super::bin::{BINS, OCTAVE, Side};
use super::octave_sum::OctaveSum;
use super::window::Window;

/// Bins that most laws have at most, so that few lists are moved while they grow.
const ROOM: usize = 4 * OCTAVE as usize;

/// Counts of one number's values from all workers, in increasing order of value.
///
/// A bin is a place in each of the lists. None is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tally {
    /// The number of the bin's magnitude, negative for negative values, 0 for zero.
    indices: Vec<i32>,
    /// Values in each bin and those before it.
    up_to: Vec<u64>,
    /// The one value in each bin or NaN, up to the last bin that has one.
    values: Vec<f64>,
}

impl Tally {
    /// A tally of given bins, none empty and in increasing order of index: (index, count, the one value or NaN).
    pub fn from_bins(bins: impl IntoIterator<Item = (i32, u64, f64)>) -> Tally {
        let mut tally = Tally::default();
        tally.extend(bins);
        tally
    }

    /// The counts of histograms together, all of one number and so of one kind. What waits in them is not counted.
    ///
    /// Each octave is added up first: so a bin is met once, however many histograms there are.
    pub fn of_histograms(histograms: &[&Histogram]) -> Tally {
        let parts = || histograms.iter().map(|histogram| histogram.parts());
        let windows: Vec<&Window> = parts().map(|it| it.0).collect();
        let mut tally =
            Tally { indices: Vec::with_capacity(ROOM), up_to: Vec::with_capacity(ROOM), values: Vec::new() };
        let mut sum = OctaveSum::default();
        for number in numbers(&windows, Side::Negative).rev() {
            if add_up(&windows, Side::Negative, number, &mut sum) {
                let index = |bin: usize| -((number * OCTAVE) as i32 + bin as i32);
                match sum.smooth() {
                    Some(counts) => tally.extend_smooth((index(BINS - 1)..).zip(counts.iter().rev())),
                    None => tally.extend(sum.occupied().rev().map(|(bin, count, value)| (index(bin), count, value))),
                }
            }
        }
        let zeros: u64 = parts().map(|it| it.1).sum();
        tally.extend((zeros > 0).then_some((0, zeros, 0.0)));
        for number in numbers(&windows, Side::Positive) {
            if add_up(&windows, Side::Positive, number, &mut sum) {
                let index = |bin: usize| (number * OCTAVE) as i32 + bin as i32;
                match sum.smooth() {
                    Some(counts) => tally.extend_smooth((index(0)..).zip(counts)),
                    None => tally.extend(sum.occupied().map(|(bin, count, value)| (index(bin), count, value))),
                }
            }
        }
        tally
    }

    /// Adds bins behind those there are.
    fn extend(&mut self, bins: impl IntoIterator<Item = (i32, u64, f64)>) {
        let mut all = self.count();
        bins.into_iter().for_each(|(index, count, value)| {
            if !value.is_nan() {
                self.values.resize(self.indices.len(), f64::NAN);
                self.values.push(value);
            }
            all += count;
            self.indices.push(index);
            self.up_to.push(all);
        });
    }

    /// Adds the bins of an octave that are not empty, none of whose values is known. There are too many empty ones
    /// among them for a branch to be foreseen: each bin is written, and the next one over it if it is empty.
    fn extend_smooth<'a>(&mut self, bins: impl Iterator<Item = (i32, &'a u64)>) {
        let (mut all, mut at) = (self.count(), 0);
        let (mut indices, mut up_to) = ([0; BINS], [0; BINS]);
        for (index, &count) in bins {
            all += count;
            // There are no more of them than places: the remainder is itself, and needs no check.
            (indices[at % BINS], up_to[at % BINS]) = (index, all);
            at += usize::from(count > 0);
        }
        self.indices.extend_from_slice(&indices[..at]);
        self.up_to.extend_from_slice(&up_to[..at]);
    }

    /// The bins: (index, count, the one value or NaN).
    pub fn bins(&self) -> impl Iterator<Item = (i32, u64, f64)> {
        self.indices.iter().enumerate().map(|(at, &index)| (index, self.count_at(at), self.value_at(at)))
    }

    fn count_at(&self, at: usize) -> u64 {
        let before = if at == 0 { 0 } else { self.up_to[at - 1] };
        self.up_to[at] - before
    }

    fn value_at(&self, at: usize) -> f64 {
        self.values.get(at).copied().unwrap_or(f64::NAN)
    }

    /// Adds the counts of others. The order of adding does not matter.
    pub fn add(&mut self, other: &Tally) {
        let mut merged = Tally::default();
        let (mut own, mut others) = (self.bins().peekable(), other.bins().peekable());
        while let (Some(&a), Some(&b)) = (own.peek(), others.peek()) {
            let order = a.0.cmp(&b.0);
            merged.extend([match order {
                Ordering::Less => a,
                Ordering::Greater => b,
                Ordering::Equal => (a.0, a.1 + b.1, if a.2 == b.2 { a.2 } else { f64::NAN }),
            }]);
            own.next_if(|_| order.is_le());
            others.next_if(|_| order.is_ge());
        }
        merged.extend(own);
        merged.extend(others);
        *self = merged;
    }

    /// How many values.
    pub fn count(&self) -> u64 {
        self.up_to.last().copied().unwrap_or(0)
    }

    /// The `rank`-th smallest value, counted from 1, and the standard error of where it lies within its bin: that
    /// of an order statistic of as many uniforms as the bin holds, 0 in a bin with one value.
    pub fn value_at_rank(&self, rank: u64) -> (f64, f64) {
        let at = self.up_to.partition_point(|&up_to| up_to < rank);
        let Some(&index) = self.indices.get(at) else { return (f64::NAN, f64::NAN) };
        let (count, value) = (self.count_at(at), self.value_at(at));
        let before = self.up_to[at] - count;
        if value.is_nan() { within(index, rank - before, count) } else { (value, 0.0) }
    }

    /// The smallest value v with `share(<= v) >= level`, with the standard error within its bin.
    pub fn quantile(&self, level: f64) -> (f64, f64) {
        self.value_at_rank(Tally::rank(level, self.count()))
    }

    /// The rank, from 1, of the quantile of `count` values.
    pub fn rank(level: f64, count: u64) -> u64 {
        // A level such as 0.05 is not exact in binary: 0.05 * 100 must be rank 5, not 6.
        let rank = (level * count as f64 * (1.0 - 4.0 * f64::EPSILON)).ceil() as u64;
        rank.clamp(1, count)
    }

    /// A quantile with its Monte Carlo standard error: half the distance between the quantiles one standard error
    /// of the level away on either side, and the error within the bin. The values are worth as many independent ones
    /// as `worth` says: their count unless some came more than once.
    pub fn quantile_and_error(&self, level: f64, worth: f64) -> (f64, f64) {
        let (value, within_bin) = self.quantile(level);
        let step = (level * (1.0 - level) / worth).sqrt();
        let at = |level: f64| self.quantile(level.clamp(0.0, 1.0)).0;
        let half_distance = (at(level + step) - at(level - step)) / 2.0;
        let atom = half_distance == 0.0;
        (value, if atom { 0.0 } else { (half_distance * half_distance + within_bin * within_bin).sqrt() })
    }

    /// Mean of `(v - center)^4`.
    pub fn fourth_moment(&self, center: f64) -> f64 {
        let power = |value: f64| (value - center).powi(4);
        let (mut sum, mut before) = (0.0, 0);
        let known = self.values.len();
        for (at, (&value, &up_to)) in self.values.iter().zip(&self.up_to).enumerate() {
            let value = if value.is_nan() { middle(self.indices[at]) } else { value };
            sum += power(value) * double(up_to - std::mem::replace(&mut before, up_to));
        }
        for (&index, &up_to) in self.indices[known..].iter().zip(&self.up_to[known..]) {
            sum += power(middle(index)) * double(up_to - std::mem::replace(&mut before, up_to));
        }
        sum / self.count() as f64
    }

    /// The share of values in each cell that holds some, as (cell, share). A bin that holds an edge is split in
    /// proportion to width.
    pub fn coarse(&self, edges: &Edges) -> Vec<(usize, f64)> {
        let mut cells = Vec::new();
        let (mut cell, mut at) = (0, 0);
        let all = self.count() as f64;
        while at < self.indices.len() {
            // Most bins have no value of their own and end where their cell does or before.
            let whole = if at < self.values.len() { 0 } else { edges.ending_in(cell, &self.indices[at..]) };
            if whole == 0 {
                cell = self.split(at, edges, cell, &mut cells);
                at += 1;
            } else {
                self.add_whole(at..at + whole, all, entry(&mut cells, cell));
                at += whole;
            }
        }
        cells
    }

    /// Adds the shares of bins among `all` values, one after the other.
    fn add_whole(&self, bins: Range<usize>, all: f64, share: &mut f64) {
        let mut sum = *share;
        let mut before = if bins.start == 0 { 0 } else { self.up_to[bins.start - 1] };
        for &up_to in &self.up_to[bins] {
            sum += double(up_to - std::mem::replace(&mut before, up_to)) / all;
        }
        *share = sum;
    }

    /// Adds the shares of a bin to the cells that it lies in, of which none is before `cell`. Gives the first of them.
    fn split(&self, at: usize, edges: &Edges, mut cell: usize, cells: &mut Vec<(usize, f64)>) -> usize {
        let share = self.count_at(at) as f64 / self.count() as f64;
        let value = self.value_at(at);
        let (low, high) = if value.is_nan() { interval(self.indices[at]) } else { (value, value) };
        let edges = &edges.edges;
        while low >= edges[cell + 1] {
            cell += 1;
        }
        if high <= edges[cell + 1] {
            add_to_cell(cells, cell, share);
            return cell;
        }
        let mut part = cell;
        while edges[part] < high {
            let width = high.min(edges[part + 1]) - low.max(edges[part]);
            add_to_cell(cells, part, share * (width / (high - low)));
            part += 1;
        }
        cell
    }
}

/// Edges of cells `[edges[i], edges[i + 1])`.
#[derive(Clone, Debug)]
pub struct Edges {
    edges: Vec<f64>,
    /// The index of the first bin that ends beyond the upper edge of each cell.
    beyond: Vec<i32>,
}

impl Edges {
    /// Increasing, and enclosing all values.
    pub fn new(edges: Vec<f64>) -> Edges {
        let beyond = edges.iter().skip(1).map(|&edge| first_beyond(edge)).collect();
        Edges { edges, beyond }
    }

    /// The lower and upper edge of a cell.
    pub fn cell(&self, cell: usize) -> (f64, f64) {
        (self.edges[cell], self.edges[cell + 1])
    }

    /// How many of these bins end in a cell or before.
    #[inline]
    fn ending_in(&self, cell: usize, indices: &[i32]) -> usize {
        let beyond = self.beyond[cell];
        indices.iter().take_while(|&&index| index < beyond).count()
    }
}

/// The index of the first bin that ends beyond a value.
fn first_beyond(value: f64) -> i32 {
    let last = Histogram::bin_of(f64::from(f32::MAX));
    let (mut low, mut high) = (-last, last);
    while low < high {
        let middle = low + (high - low) / 2;
        if interval(middle).1 > value {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The numbers of all octaves from the first that a window has to the last.
fn numbers(windows: &[&Window], side: Side) -> Range<u32> {
    let all = windows.iter().map(|window| window.numbers(side)).filter(|numbers| !numbers.is_empty());
    all.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or_default()
}

/// Adds up an octave of several windows. Tells whether there is anything in it.
fn add_up(windows: &[&Window], side: Side, number: u32, sum: &mut OctaveSum) -> bool {
    sum.clear();
    windows.iter().for_each(|window| window.add_to(side, number, sum));
    !sum.is_empty()
}

fn add_to_cell(cells: &mut Vec<(usize, f64)>, cell: usize, share: f64) {
    *entry(cells, cell) += share;
}

/// The share of a cell, which is the last one or comes after it.
fn entry(cells: &mut Vec<(usize, f64)>, cell: usize) -> &mut f64 {
    if cells.last().is_none_or(|last| last.0 != cell) {
        cells.push((cell, 0.0));
    }
    let last = cells.len() - 1;
    &mut cells[last].1
}

/// A count, far below 2^63, as a number: signed ones take one instruction.
fn double(count: u64) -> f64 {
    count as i64 as f64
}

/// The interval of a bin's values, in increasing order.
fn interval(index: i32) -> (f64, f64) {
    let (low, high) = Histogram::magnitudes(index);
    if index < 0 { (-high, -low) } else { (low, high) }
}

fn middle(index: i32) -> f64 {
    let (low, high) = interval(index);
    (low + high) / 2.0
}

/// Where the `rank`-th of `count` values of a bin is expected, and its standard error.
fn within(index: i32, rank: u64, count: u64) -> (f64, f64) {
    let (low, high) = interval(index);
    let share = rank as f64 / (count as f64 + 1.0);
    let error = (high - low) * (share * (1.0 - share) / (count as f64 + 2.0)).sqrt();
    (low + (high - low) * share, error)
}

#[cfg(test)]
mod tests {
    use super::super::{Histogram, Kind, Merge, Moments, Tray, Value};
    use super::*;
    use crate::vector::Vectors;
    use proptest::prelude::*;

    fn tally(kind: Kind, values: &[f64]) -> Tally {
        Tally::of_histograms(&[&histogram(kind, values)])
    }

    /// Some rows wait together, and are not all of a length.
    fn histogram<V: Value>(kind: Kind, values: &[V]) -> Histogram {
        let (mut tray, mut histogram) = (Tray::new(Vectors::widest()), Histogram::new(kind, 250));
        for chunk in values.chunks(100) {
            histogram.push(&mut tray, chunk);
        }
        histogram.settle(&mut tray);
        histogram
    }

    /// The octaves that have room, of positive and of negative values.
    fn bins_of(histogram: &Histogram) -> [Range<u32>; 2] {
        Side::ALL.map(|side| histogram.parts().0.numbers(side))
    }

    #[test]
    fn zeros_take_no_bins() {
        let atoms = histogram(Kind::Atoms, &[0.0, 0.0, -0.0].repeat(100));
        assert!(bins_of(&atoms).iter().all(Range::is_empty));
        for kind in [Kind::Smooth, Kind::Atoms] {
            let all = histogram(kind, &[[0.0; 30], [-0.0; 30], [3.0; 30]].concat());
            assert_eq!((bins_of(&all).map(|octaves| octaves.len()), all.parts().1), ([1, 0], 60));
        }
    }

    #[test]
    fn a_sign_without_values_takes_no_bins() {
        for kind in [Kind::Smooth, Kind::Atoms] {
            let negative = histogram(kind, &[-3.0, -0.25, 0.0]);
            assert_eq!(bins_of(&negative).map(|octaves| octaves.len()), [0, 4]);
            let not_numbers = tally(kind, &[f64::NAN, -f64::NAN]);
            assert_eq!(not_numbers.count(), 2);
        }
    }

    #[test]
    fn values_far_nearer_to_zero_than_others_are_counted_as_others_are() {
        for one_in in [2, 100, 5000] {
            let size = |i: i32| f64::from(i % 97 + 1) * if i % one_in == 1 { 1e-5 } else { 10.0 };
            let values: Vec<f64> = (0..5000).map(|i| if i % 3 == 0 { -size(i) } else { size(i) }).collect();
            let mut counts = std::collections::BTreeMap::new();
            for value in &values {
                *counts.entry(Histogram::bin_of(*value)).or_insert(0) += 1;
            }
            let (mut tray, mut histogram) = (Tray::new(Vectors::widest()), Histogram::new(Kind::Smooth, values.len()));
            for _ in 0..2 {
                values.chunks(1000).for_each(|row| _ = histogram.push(&mut tray, row));
                histogram.settle(&mut tray);
            }
            let found = Tally::of_histograms(&[&histogram]);
            let found: Vec<(i32, u64)> = found.bins().map(|(index, count, _)| (index, count)).collect();
            assert_eq!(found, counts.into_iter().map(|(bin, count)| (bin, 2 * count)).collect::<Vec<_>>(), "{one_in}");
        }
    }

    #[test]
    fn both_kinds_say_the_same_of_what_is_not_finite() {
        for row in [[f64::INFINITY; 5], [f64::NEG_INFINITY, -1.0, 0.0, 1e300, f64::NAN]] {
            for kind in [Kind::Smooth, Kind::Atoms] {
                let (mut tray, mut histogram) = (Tray::new(Vectors::widest()), Histogram::new(kind, 250));
                assert!(histogram.push(&mut tray, &row).mean.is_nan(), "{kind:?} {row:?}");
                histogram.settle(&mut tray);
                assert_eq!(Tally::of_histograms(&[&histogram]).count(), 5);
            }
        }
    }

    /// To the last bit, NaN included.
    fn is_same(one: &Tally, other: &Tally) -> bool {
        let bits = |tally: &Tally| tally.bins().map(|it| (it.0, it.1, it.2.to_bits())).collect::<Vec<_>>();
        bits(one) == bits(other) && one.count() == other.count()
    }

    fn sorted_quantile(values: &[f64], level: f64) -> f64 {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let rank = (level * values.len() as f64 - 1e-9).ceil().max(1.0) as usize;
        sorted[rank - 1]
    }

    fn values() -> impl Strategy<Value = Vec<f64>> {
        let magnitude = prop_oneof![-9.0..15.0_f64, Just(2.0), -9.0..-8.0_f64].prop_map(|e| 10.0_f64.powf(e));
        let value = (magnitude, prop_oneof![Just(1.0), Just(-1.0), Just(0.0)]).prop_map(|(m, sign)| m * sign);
        proptest::collection::vec(value, 1..300)
    }

    /// Rows, most of plain positive values, and in some of them anything.
    fn singles() -> impl Strategy<Value = Vec<Vec<f32>>> {
        let plain = || prop_oneof![1e-9..1e9_f32, 0.5..2.0_f32, Just(1e-9_f32)];
        let least = f32::from_bits(1e-9_f32.to_bits() - 1);
        let odd = prop_oneof![-1e9..1e9_f32, Just(0.0), Just(-0.0), Just(least), Just(-1e-9), Just(1e-40), Just(3e38)];
        let row = prop_oneof![
            3 => proptest::collection::vec(plain(), 1..150),
            1 => proptest::collection::vec(prop_oneof![plain(), odd], 1..150),
        ];
        proptest::collection::vec(row, 1..8)
    }

    proptest! {
        #[test]
        fn rows_in_single_precision_are_counted_as_others_are(rows in singles(), wide in any::<bool>()) {
            let vectors = if wide { Vectors::widest() } else { Vectors::baseline() };
            let tray = &mut Tray::new(vectors);
            let [mut singles, mut doubles] = [(); 2].map(|()| Histogram::new(Kind::Smooth, 400));
            let mut moments = [Moments::default(); 2];
            for row in &rows {
                let same: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
                moments[0].merge(&singles.push(tray, row));
                moments[1].merge(&doubles.push(tray, &same));
            }
            singles.settle(tray);
            doubles.settle(tray);
            let (singles, doubles) = (Tally::of_histograms(&[&singles]), Tally::of_histograms(&[&doubles]));
            prop_assert!(is_same(&singles, &doubles), "{singles:?} {doubles:?}");
            let greatest = rows.iter().flatten().fold(0.0_f64, |greatest, value| greatest.max(f64::from(value.abs())));
            let [one, other] = moments;
            prop_assert!(greatest > 1e18 || (one.mean - other.mean).abs() <= 1e-5 * greatest, "{one:?} {other:?}");
            let sds = [one, other].map(|it| it.variance().sqrt());
            prop_assert!(greatest > 1e18 || (sds[0] - sds[1]).abs() <= 1e-5 * greatest, "{sds:?}");
        }

        #[test]
        fn quantiles_are_within_a_thousandth_of_the_sorted_ones(values in values(), level in 0.001..0.999_f64) {
            for kind in [Kind::Smooth, Kind::Atoms] {
                let found = tally(kind, &values).quantile(level).0;
                let exact = sorted_quantile(&values, level);
                prop_assert!((found - exact).abs() <= 1e-3 * exact.abs() + 1e-9, "{found} for {exact}");
            }
        }

        #[test]
        fn merging_is_counting_together(a in values(), b in values()) {
            for kind in [Kind::Smooth, Kind::Atoms] {
                let mut merged = tally(kind, &a);
                merged.add(&tally(kind, &b));
                let together = tally(kind, &[a.clone(), b.clone()].concat());
                prop_assert!(is_same(&merged, &together), "{merged:?} {together:?}");
                let at_once = Tally::of_histograms(&[&histogram(kind, &a), &histogram(kind, &b)]);
                prop_assert!(is_same(&at_once, &together), "{at_once:?} {together:?}");
            }
        }

        #[test]
        fn bins_that_lie_in_a_cell_are_added_as_others_are(values in values(), cells in 1..30) {
            let positive = (-9 * cells..=16 * cells).map(|k| 10.0_f64.powf(f64::from(k) / f64::from(cells)));
            let negative = positive.clone().map(|edge| -edge).rev();
            let edges = Edges::new(negative.chain([0.0]).chain(positive).collect());
            for kind in [Kind::Smooth, Kind::Atoms] {
                let tally = tally(kind, &values);
                prop_assert_eq!(tally.coarse(&edges), shares(&tally, &edges));
            }
        }

        #[test]
        fn a_value_lies_in_its_bin(value in -1e15..1e15_f64) {
            let (low, high) = Histogram::magnitudes(Histogram::bin_of(value));
            let single = f64::from((value as f32).abs());
            prop_assert!(single == 0.0 || (low <= single && single < high && high / low < 1.000_98));
        }
    }

    /// The shares as they are defined, bin by bin.
    fn shares(tally: &Tally, edges: &Edges) -> Vec<(usize, f64)> {
        let (mut cells, mut cell) = (Vec::new(), 0);
        for at in 0..tally.indices.len() {
            cell = tally.split(at, edges, cell, &mut cells);
        }
        cells
    }

    #[test]
    fn atoms_are_exact_and_have_no_error() {
        let mut values = vec![123.456; 600];
        values.extend((0..400).map(|i| 200.0 + f64::from(i)));
        let tally = tally(Kind::Atoms, &values);
        assert_eq!(tally.quantile_and_error(0.25, 1000.0), (123.456, 0.0));
        assert!(tally.quantile_and_error(0.8, 1000.0).1 > 0.0);
    }

    #[test]
    fn a_level_that_is_not_exact_in_binary_keeps_its_rank() {
        let values: Vec<f64> = (1..=100).map(f64::from).collect();
        let tally = tally(Kind::Atoms, &values);
        for percent in 1..100 {
            assert_eq!(tally.quantile(f64::from(percent) / 100.0).0, f64::from(percent));
        }
    }
}
