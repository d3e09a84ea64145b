//! What can be read from merged histograms: quantiles, the fourth moment, coarse bins.

use std::cmp::Ordering;
use std::ops::Range;

use super::bin::{self, BINS, OCTAVE, SHIFT, Side, magnitudes};
use super::histogram::Histogram;
use super::octave_sum::OctaveSum;
use super::store::Store;
use super::window::Window;
use crate::vector::{Vectors, vectorised};

/// Bins that most laws have at most, so that few lists are moved while they grow.
const ROOM: usize = 8 * OCTAVE as usize;

/// Bins of a stretch of which it can be foreseen whether all are empty, as it mostly is the same for the next.
const FORESEEN: usize = 16;

/// Partial sums, so that none waits for the one before.
const LANES: usize = 8;

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

    /// The tally of one number that comes so many times.
    pub fn all_alike(value: f64, count: u64) -> Tally {
        let index = bin::index(value);
        Tally::from_bins((count > 0).then_some((index, count, if index == 0 { 0.0 } else { value })))
    }

    /// The counts of histograms together, all of one number and so of one kind. What waits in them is not counted.
    ///
    /// Each octave is added up first: so a bin is met once, however many histograms there are.
    pub(super) fn of_histograms(vectors: Vectors, histograms: &[(&Store, &Histogram)]) -> Tally {
        let windows: Vec<(&Store, &Window)> = histograms.iter().map(|(store, it)| (*store, it.parts().0)).collect();
        let mut tally =
            Tally { indices: Vec::with_capacity(ROOM), up_to: Vec::with_capacity(ROOM), values: Vec::new() };
        let mut sum = OctaveSum::new(vectors);
        for number in numbers(&windows, Side::Negative).rev() {
            if add_up(&windows, Side::Negative, number, &mut sum) {
                let index = |bin: usize| -((number * OCTAVE) as i32 + bin as i32);
                match sum.smooth() {
                    Some(counts) => {
                        let mut mirrored = *counts;
                        mirrored.reverse();
                        tally.extend_smooth(index(BINS - 1), &mirrored);
                    }
                    None => tally.extend(sum.occupied().rev().map(|(bin, count, value)| (index(bin), count, value))),
                }
            }
        }
        let zeros: u64 = histograms.iter().map(|(_, it)| it.parts().1).sum();
        tally.extend((zeros > 0).then_some((0, zeros, 0.0)));
        for number in numbers(&windows, Side::Positive) {
            if add_up(&windows, Side::Positive, number, &mut sum) {
                let index = |bin: usize| (number * OCTAVE) as i32 + bin as i32;
                match sum.smooth() {
                    Some(counts) => tally.extend_smooth(index(0), counts),
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

    /// Adds those bins of an octave, from the one with an index on, that are not empty, none of whose values is known.
    /// Where any is not, a branch for each would not be foreseen: each is written, and the next one over it if it is
    /// empty.
    fn extend_smooth(&mut self, first: i32, counts: &[u64; BINS]) {
        let (mut all, mut at) = (self.count(), 0);
        let (mut indices, mut up_to) = ([0; BINS], [0; BINS]);
        let (chunks, _) = counts.as_chunks::<FORESEEN>();
        for (chunk, first) in chunks.iter().zip((first..).step_by(FORESEEN)) {
            if chunk.iter().fold(0, |any, count| any | count) == 0 {
                continue;
            }
            for (index, &count) in (first..).zip(chunk) {
                all += count;
                // There are no more of them than places: the remainder is itself, and needs no check.
                (indices[at % BINS], up_to[at % BINS]) = (index, all);
                at += usize::from(count > 0);
            }
        }
        self.indices.extend_from_slice(&indices[..at]);
        self.up_to.extend_from_slice(&up_to[..at]);
    }

    /// The bins: (index, count, the one value or NaN).
    pub fn bins(&self) -> impl Iterator<Item = (i32, u64, f64)> {
        self.indices.iter().enumerate().map(|(at, &index)| (index, self.count_at(at), self.value_at(at)))
    }

    fn count_at(&self, at: usize) -> u64 {
        self.up_to[at] - self.up_to(at)
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
    pub fn fourth_moment(&self, vectors: Vectors, center: f64) -> f64 {
        let known = self.values.len();
        let values = self.values.iter().enumerate();
        let of_known = values.map(|(at, &value)| {
            let value = if value.is_nan() { middle(self.indices[at]) } else { value };
            fourth_power(value, center) * double(self.count_at(at))
        });
        let (indices, rest) = self.indices[known..].as_chunks();
        let sums = fourth_powers(vectors, indices, &self.up_to[known..], self.up_to(known), center);
        let of_rest = rest.iter().zip(self.indices.len() - rest.len()..);
        let of_rest = of_rest.map(|(&index, at)| fourth_power(middle(index), center) * double(self.count_at(at)));
        of_known.chain(of_rest).chain(sums).sum::<f64>() / self.count() as f64
    }

    /// The share of values in each cell that holds some, as (cell, share). A bin that holds an edge is split in
    /// proportion to width.
    pub fn coarse(&self, edges: &Edges) -> Vec<(usize, f64)> {
        let (mut cells, all) = (Vec::new(), self.count() as f64);
        let (mut at, mut taken) = (0, 0.0);
        for cell in self.first_cell(edges)..edges.count() {
            let edge = edges.cell(cell).1;
            let mut end = at + edges.ending_in(cell, &self.indices[at..]);
            // A value that is known goes where it lies itself: on the end of its bin, or beside it by half a single's
            // last digit.
            while end > at && self.value_at(end - 1) >= edge {
                end -= 1;
            }
            while self.value_at(end) < edge {
                end += 1;
            }
            let begun = if end < self.indices.len() { self.below(edge, end) } else { 0.0 };
            let count = double(self.up_to(end) - self.up_to(at)) - taken + begun;
            if count > 0.0 {
                cells.push((cell, count / all));
            }
            (at, taken) = (end, begun);
            if at == self.indices.len() {
                break;
            }
        }
        cells
    }

    /// A cell before which there are no values.
    fn first_cell(&self, edges: &Edges) -> usize {
        let Some(&index) = self.indices.first() else { return 0 };
        let value = self.value_at(0);
        edges.containing(if value.is_nan() { interval(index).0 } else { value })
    }

    /// How many of a bin's values are below an edge.
    fn below(&self, edge: f64, at: usize) -> f64 {
        let (count, value) = (double(self.count_at(at)), self.value_at(at));
        if !value.is_nan() {
            return if value < edge { count } else { 0.0 };
        }
        let (low, high) = interval(self.indices[at]);
        count * ((edge - low) / (high - low)).max(0.0)
    }

    /// How many values the first `bins` bins have.
    fn up_to(&self, bins: usize) -> u64 {
        if bins == 0 { 0 } else { self.up_to[bins - 1] }
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

    /// How many cells there are.
    fn count(&self) -> usize {
        self.beyond.len()
    }

    /// The cell that a value lies in.
    fn containing(&self, value: f64) -> usize {
        self.edges.partition_point(|&edge| edge <= value).saturating_sub(1)
    }

    /// How many of these bins, which are in increasing order, end in a cell or before.
    fn ending_in(&self, cell: usize, indices: &[i32]) -> usize {
        let beyond = self.beyond[cell];
        indices.partition_point(|&index| index < beyond)
    }
}

/// The index of the first bin that ends beyond a value.
fn first_beyond(value: f64) -> i32 {
    let last = bin::index(f64::from(f32::MAX));
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
fn numbers(windows: &[(&Store, &Window)], side: Side) -> Range<u32> {
    let all = windows.iter().map(|(_, window)| window.numbers(side)).filter(|numbers| !numbers.is_empty());
    all.reduce(|a, b| a.start.min(b.start)..a.end.max(b.end)).unwrap_or_default()
}

/// Adds up an octave of several windows. Tells whether there is anything in it.
fn add_up(windows: &[(&Store, &Window)], side: Side, number: u32, sum: &mut OctaveSum) -> bool {
    sum.clear();
    windows.iter().for_each(|(store, window)| window.add_to(store, side, number, sum));
    !sum.is_empty()
}

vectorised! {
    /// The sum of `(v - center)^4` of all values in some bins, whose number is a multiple of that of the partial sums.
    /// Given are the index of each, the values up to each, and those before all.
    fn fourth_powers(indices: &[[i32; LANES]], up_to: &[u64], before: u64, center: f64) -> [f64; LANES] {
        let (mut sums, mut before) = ([0.0; LANES], before);
        for (indices, up_to) in indices.iter().zip(up_to.as_chunks::<LANES>().0) {
            let mut earlier = [before; LANES];
            earlier[1..].copy_from_slice(&up_to[..LANES - 1]);
            for lane in 0..LANES {
                sums[lane] += fourth_power(middle(indices[lane]), center) * double(up_to[lane] - earlier[lane]);
            }
            before = up_to[LANES - 1];
        }
        sums
    }
}

#[inline(always)]
fn fourth_power(value: f64, center: f64) -> f64 {
    let square = (value - center) * (value - center);
    square * square
}

/// A count below 2^52 as a number: many vectors lack a conversion of whole numbers.
#[inline(always)]
fn double(count: u64) -> f64 {
    const LARGE: f64 = 4_503_599_627_370_496.0; // 2^52: what is added is the low bits
    f64::from_bits(LARGE.to_bits() | count) - LARGE
}

/// The interval of a bin's values, in increasing order.
fn interval(index: i32) -> (f64, f64) {
    let (low, high) = magnitudes(index);
    if index < 0 { (-high, -low) } else { (low, high) }
}

/// The middle of a bin's interval: where its values would begin if it were cut in two.
#[inline(always)]
fn middle(index: i32) -> f64 {
    let bin = index.unsigned_abs();
    let upper_half = u32::from(bin > 0) << (SHIFT - 1);
    let sign = index as u32 & 1 << 31;
    f64::from(f32::from_bits(bin << SHIFT | upper_half | sign))
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
    use super::super::bin::SIGN;
    use super::super::{Histograms, Kind, Merge, Moments, Value};
    use super::*;
    use proptest::prelude::*;

    fn tally(kind: Kind, values: &[f64]) -> Tally {
        Histograms::tally(&[&histogram(kind, values)], 0)
    }

    /// Some rows wait together, and are not all of a length.
    fn histogram<V: Value>(kind: Kind, values: &[V]) -> Histograms {
        let mut histogram = one(Vectors::widest(), kind, 250);
        for chunk in values.chunks(100) {
            histogram.push(0, chunk);
        }
        histogram.settle();
        histogram
    }

    /// A histogram of one number.
    fn one(vectors: Vectors, kind: Kind, room: usize) -> Histograms {
        Histograms::new(vectors, [(kind, room)].into_iter())
    }

    fn parts(histogram: &Histograms) -> (&Window, u64) {
        histogram.get(0).parts()
    }

    /// The octaves that have room, of positive and of negative values.
    fn bins_of(histogram: &Histograms) -> [Range<u32>; 2] {
        Side::ALL.map(|side| parts(histogram).0.numbers(side))
    }

    #[test]
    fn zeros_take_no_bins() {
        let atoms = histogram(Kind::Atoms, &[0.0, 0.0, -0.0].repeat(100));
        assert!(bins_of(&atoms).iter().all(Range::is_empty));
        for kind in [Kind::Smooth, Kind::Atoms] {
            let all = histogram(kind, &[[0.0; 30], [-0.0; 30], [3.0; 30]].concat());
            assert_eq!((bins_of(&all).map(|octaves| octaves.len()), parts(&all).1), ([1, 0], 60));
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
                *counts.entry(bin::index(*value)).or_insert(0) += 1;
            }
            let mut histogram = one(Vectors::widest(), Kind::Smooth, values.len());
            for _ in 0..2 {
                values.chunks(1000).for_each(|row| _ = histogram.push(0, row));
                histogram.settle();
            }
            let found = Histograms::tally(&[&histogram], 0);
            let found: Vec<(i32, u64)> = found.bins().map(|(index, count, _)| (index, count)).collect();
            assert_eq!(found, counts.into_iter().map(|(bin, count)| (bin, 2 * count)).collect::<Vec<_>>(), "{one_in}");
        }
    }

    #[test]
    fn zeros_are_told_from_values_in_the_same_place() {
        // The bin that begins with 2 has a number with fifteen zeros at its end, and so the place of zeros.
        assert_eq!(bin::index(2.0) % SIGN as i32, 0);
        let values = [2.0, -2.0, 0.0, -0.0, 2.0, 1e-10, -1e-10, 2.5, 0.0, -0.0, -0.0, -0.1];
        for kind in [Kind::Smooth, Kind::Atoms] {
            let found: Vec<(i32, u64)> = tally(kind, &values).bins().map(|(index, count, _)| (index, count)).collect();
            let expected = [(-2.0, 1), (-0.1, 1), (0.0, 7), (2.0, 2), (2.5, 1)];
            assert_eq!(found, expected.map(|(value, count)| (bin::index(value), count)), "{kind:?}");
        }
    }

    #[test]
    fn rows_far_from_each_other_are_counted_apart() {
        let rows = [[1e-6; 5], [1e6; 5], [3e-6; 5], [-1e6; 5], [1e-6; 5]];
        for kind in [Kind::Smooth, Kind::Atoms] {
            let mut histogram = one(Vectors::widest(), kind, 250);
            // Nearly alike, as rows of one value do not wait.
            rows.iter().for_each(|row| _ = histogram.push(0, &[row[0], row[0] * 1.01, row[0]]));
            histogram.settle();
            let found: Vec<u64> = Histograms::tally(&[&histogram], 0).bins().map(|(_, count, _)| count).collect();
            assert_eq!(found, [1, 2, 4, 2, 2, 1, 2, 1], "{kind:?}");
        }
    }

    #[test]
    fn both_kinds_say_the_same_of_what_is_not_finite() {
        for row in [[f64::INFINITY; 5], [f64::NEG_INFINITY, -1.0, 0.0, 1e300, f64::NAN]] {
            for kind in [Kind::Smooth, Kind::Atoms] {
                let mut histogram = one(Vectors::widest(), kind, 250);
                assert!(histogram.push(0, &row).mean.is_nan(), "{kind:?} {row:?}");
                histogram.settle();
                assert_eq!(Histograms::tally(&[&histogram], 0).count(), 5);
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
            let mut histograms = Histograms::new(vectors, [(Kind::Smooth, 400); 2].into_iter());
            let mut moments = [Moments::default(); 2];
            for row in &rows {
                let same: Vec<f64> = row.iter().map(|value| f64::from(*value)).collect();
                moments[0].merge(&histograms.push(0, row));
                moments[1].merge(&histograms.push(1, &same));
            }
            histograms.settle();
            let [singles, doubles] = [0, 1].map(|number| Histograms::tally(&[&histograms], number));
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
                let at_once = Histograms::tally(&[&histogram(kind, &a), &histogram(kind, &b)], 0);
                prop_assert!(is_same(&at_once, &together), "{at_once:?} {together:?}");
            }
        }

        #[test]
        fn a_cell_has_the_shares_of_its_bins(values in values(), cells in 1..30) {
            let positive = (-9 * cells..=16 * cells).map(|k| 10.0_f64.powf(f64::from(k) / f64::from(cells)));
            let negative = positive.clone().map(|edge| -edge).rev();
            let edges = Edges::new(negative.chain([0.0]).chain(positive).collect());
            for kind in [Kind::Smooth, Kind::Atoms] {
                let tally = tally(kind, &values);
                let (found, expected) = (tally.coarse(&edges), shares(&tally, &edges));
                prop_assert!(found.iter().map(|it| it.0).eq(expected.iter().map(|it| it.0)), "{found:?} {expected:?}");
                for (found, expected) in found.iter().zip(&expected) {
                    prop_assert!((found.1 - expected.1).abs() <= 1e-12 * expected.1, "{found:?} {expected:?}");
                }
            }
        }

        #[test]
        fn a_value_lies_in_its_bin(value in -1e15..1e15_f64) {
            let (low, high) = magnitudes(bin::index(value));
            let single = f64::from((value as f32).abs());
            prop_assert!(single == 0.0 || (low <= single && single < high && high / low < 1.000_98));
        }
    }

    /// The shares as they are defined, cell by cell and bin by bin.
    fn shares(tally: &Tally, edges: &Edges) -> Vec<(usize, f64)> {
        let of_bin = |(index, count, value): (i32, u64, f64), (from, to): (f64, f64)| {
            let (low, high) = if value.is_nan() { interval(index) } else { (value, value) };
            let share = count as f64 / tally.count() as f64;
            match low == high {
                true => share * f64::from(u8::from(from <= low && low < to)),
                false => share * ((high.min(to) - low.max(from)).max(0.0) / (high - low)),
            }
        };
        let of_cell = |cell: usize| tally.bins().map(|bin| of_bin(bin, edges.cell(cell))).sum::<f64>();
        (0..edges.count()).map(|cell| (cell, of_cell(cell))).filter(|(_, share)| *share > 0.0).collect()
    }

    #[test]
    fn a_known_value_goes_to_the_cell_that_it_lies_in_though_it_is_beside_its_bin() {
        // Rounded to single precision it is 367.5, with which a bin begins.
        let beside = 367.499_990_142_877;
        for sign in [1.0, -1.0] {
            // One in each bin.
            let values = [367.250_01, beside, beside, 368.0].map(|value: f64| sign * value);
            let tally = tally(Kind::Atoms, &values);
            let mut edges = [300.0, 367.374_99, 367.499_999_999_999_7, 400.0].map(|edge| sign * edge);
            edges.sort_by(f64::total_cmp);
            let found = tally.coarse(&Edges::new(edges.to_vec()));
            assert_eq!(found, [(0, 0.25), (1, 0.5), (2, 0.25)], "{sign}");
        }
    }

    #[test]
    fn the_fourth_moment_is_that_of_the_middles_of_the_bins() {
        for (kind, values) in [
            (Kind::Smooth, (1..5000).map(|i| f64::from(i) * if i % 3 == 0 { -0.01 } else { 0.02 }).collect::<Vec<_>>()),
            (
                Kind::Atoms,
                [vec![0.0; 7], vec![1.5; 20], (0..900).map(|i| 40.0 + 0.001 * f64::from(i)).collect()].concat(),
            ),
            (Kind::Smooth, vec![3.0]),
        ] {
            let tally = tally(kind, &values);
            let value = |index: i32, value: f64| {
                let (low, high) = interval(index);
                if value.is_nan() { (low + high) / 2.0 } else { value }
            };
            let power = |(index, count, one): (i32, u64, f64)| count as f64 * (value(index, one) - 1.0).powi(4);
            let expected = tally.bins().map(power).sum::<f64>() / values.len() as f64;
            let found = tally.fourth_moment(Vectors::widest(), 1.0);
            assert!((found - expected).abs() <= 1e-13 * expected, "{found} {expected}");
        }
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
