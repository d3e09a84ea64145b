//! Numbers of bins, and counts of neighbouring ones.

use std::ops::{Range, RangeInclusive};

use super::octave::{BINS, OctaveSum};
use super::survey::SIGN;
use crate::vector::{Vectors, vectorised};

/// Bits of an `f32` that a bin does not look at.
pub(super) const SHIFT: u32 = 13;
/// Bins an octave.
pub(super) const OCTAVE: u32 = 1 << (23 - SHIFT);
const _: () = assert!(OCTAVE as usize == BINS);
/// Magnitudes below this count as 0.
pub(super) const LEAST: f32 = 1e-9;

/// Number of the bin of a magnitude: 0 for zero, and growing with it.
#[inline(always)]
pub(super) fn magnitude(single: f32) -> u32 {
    let size = single.abs();
    let bits = if size < LEAST { 0 } else { size.to_bits() };
    bits >> SHIFT
}

/// The lower bound of a bin's magnitudes.
pub(super) fn lower_bound(bin: u32) -> f64 {
    f64::from(f32::from_bits(bin << SHIFT))
}

/// On which side of zero a value lies; as a number, an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Positive,
    Negative,
}

/// For each side, whether there are values on it.
pub(super) type Sides = [bool; 2];

/// Counts of bins, from the first octave that has been met to the last, for each side that has values.
///
/// Most bins of a long run hold a few hundred values: 16 bits a bin are half the memory, and half the traffic to it,
/// of 32. What grows beyond that is carried. Both sides are in one list, so that values are learnt of without a branch
/// on the sign.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// The number of the first octave.
    first: u32,
    /// How many octaves there are on a side.
    octaves: usize,
    sides: Sides,
    /// What has been counted in each bin and not been carried: the positive side, then the negative one.
    counts: Vec<u16>,
    /// How often [`CARRY`] values were carried in each bin: a list an octave, empty while there is nothing in it.
    carried: Vec<Vec<u16>>,
    /// What is known of each bin's values, see [`common`]; empty as long as nothing has been learnt.
    values: Vec<f64>,
    /// No count is above this.
    most: u32,
}

/// So many values are carried at once.
const CARRY: u16 = 1 << 15;

/// The most that can be counted at once: a count from which has been carried what can be, and this, are below 2^16.
pub(super) const MOST_TAKEN: usize = CARRY as usize - 1;

/// No value yet: zeros are in no bin.
pub(super) const NO_VALUE: f64 = 0.0;

/// What is known of values that are in a bin together: 0 while there is none, the one value as long as all are the
/// same, and then NaN.
#[inline]
pub(super) fn common(one: f64, other: f64) -> f64 {
    let met = if one == other { one } else { f64::NAN };
    let met = if other == NO_VALUE { one } else { met };
    if one == NO_VALUE { other } else { met }
}

impl Window {
    /// Makes room for bins on some sides, and for so many more values in them; at most [`MOST_TAKEN`].
    pub fn make_room(&mut self, vectors: Vectors, bins: RangeInclusive<u32>, sides: Sides, values: usize) {
        debug_assert!(values <= MOST_TAKEN);
        self.cover(bins.start() / OCTAVE..bins.end() / OCTAVE + 1, sides);
        if self.most as usize + values > usize::from(u16::MAX) {
            self.carry(vectors);
        }
    }

    /// Makes room for octaves.
    fn cover(&mut self, numbers: Range<u32>, sides: Sides) {
        let known = self.first..self.first + self.octaves as u32;
        let has_sides = self.sides.iter().zip(sides).all(|(has, wants)| *has || !wants);
        if has_sides && known.start <= numbers.start && numbers.end <= known.end {
            return;
        }
        let all = if known.is_empty() { numbers } else { known.start.min(numbers.start)..known.end.max(numbers.end) };
        let sides = [self.sides[0] || sides[0], self.sides[1] || sides[1]];
        let octaves = all.len() * sides.iter().filter(|has| **has).count();
        let has_values = !self.values.is_empty();
        let grown = Window {
            first: all.start,
            octaves: all.len(),
            sides,
            counts: vec![0; octaves * BINS],
            carried: vec![Vec::new(); octaves],
            values: vec![NO_VALUE; if has_values { octaves * BINS } else { 0 }],
            most: self.most,
        };
        std::mem::replace(self, grown).move_into(self);
    }

    /// Moves all counts to a window that covers this one.
    fn move_into(mut self, other: &mut Window) {
        for side in [Side::Positive, Side::Negative] {
            for number in self.numbers(side) {
                let (from, to) = (self.octave(side, number), other.octave(side, number));
                let (old, new) = (from * BINS..(from + 1) * BINS, to * BINS..(to + 1) * BINS);
                other.counts[new.clone()].copy_from_slice(&self.counts[old.clone()]);
                other.carried[to] = std::mem::take(&mut self.carried[from]);
                if !self.values.is_empty() {
                    other.values[new].copy_from_slice(&self.values[old]);
                }
            }
        }
    }

    /// Where an octave is on a side that has it.
    fn octave(&self, side: Side, number: u32) -> usize {
        let before = if side == Side::Negative && self.sides[0] { self.octaves } else { 0 };
        before + (number - self.first) as usize
    }

    #[cold]
    fn carry(&mut self, vectors: Vectors) {
        self.most = 0;
        for (counts, carried) in self.counts.chunks_exact_mut(BINS).zip(&mut self.carried) {
            let mut most = greatest(vectors, counts);
            if most >= CARRY {
                carried.resize(BINS, 0);
                for (count, carried) in counts.iter_mut().zip(carried) {
                    *carried += *count / CARRY;
                    *count %= CARRY;
                }
                most = greatest(vectors, counts);
            }
            self.most = self.most.max(most.into());
        }
    }

    /// The counts of these bins on a side, which must have room if it has that side.
    pub fn counts_of(&self, side: Side, bins: RangeInclusive<u32>) -> &[u16] {
        let index = |bin: &u32| self.index(side, *bin);
        if self.sides[side as usize] { &self.counts[index(bins.start())..=index(bins.end())] } else { &[] }
    }

    /// Takes over the counts of neighbouring bins from this one on, which must have room, and leaves zeros in their
    /// place.
    pub fn take(&mut self, vectors: Vectors, side: Side, first: u32, counts: &mut [u16]) {
        let at = self.index(side, first);
        let most = add_and_clear(vectors, &mut self.counts[at..at + counts.len()], counts);
        self.most = self.most.max(most.into());
    }

    /// Counts a value that comes so many times, which must have room.
    pub fn add(&mut self, side: Side, bin: u32, times: u16) {
        let at = self.index(side, bin);
        self.counts[at] += times;
        self.most = self.most.max(self.counts[at].into());
    }

    /// Learns of a value that has been counted where there may be atoms.
    pub fn learn(&mut self, side: Side, bin: u32, value: f64) {
        let at = self.index(side, bin);
        let known = &mut self.values_of_bins()[at];
        *known = common(*known, value);
    }

    /// The same for many, by the place of each: see [`Survey`](super::Survey).
    pub fn learn_all(&mut self, places: &[u16], before: u32, values: &[f64]) {
        let index = |side| self.index(side, before);
        let offsets = [index(Side::Positive), index(Side::Negative).wrapping_sub(SIGN)];
        let all_known = self.values_of_bins();
        for (place, &value) in places.iter().zip(values) {
            let place = usize::from(*place);
            if place % SIGN == 0 {
                continue; // a zero
            }
            let at = place.wrapping_add(offsets[place / SIGN]);
            // What is known changes rarely: then the next value need not wait for it to be written. Whether it is this
            // value or that there are several is one question of whole numbers, as a branch more would not be foreseen.
            let known = all_known[at];
            let (known_bits, several) = (known.to_bits(), f64::NAN.to_bits());
            if (known_bits ^ value.to_bits()).min(known_bits ^ several) != 0 {
                all_known[at] = common(known, value);
            }
        }
    }

    /// What is known of each bin's values.
    fn values_of_bins(&mut self) -> &mut [f64] {
        self.values.resize(self.counts.len(), NO_VALUE);
        &mut self.values
    }

    /// Where a bin's count is, if it has room. Any other number of a bin may be put in, to add to what comes out: it
    /// wraps.
    fn index(&self, side: Side, bin: u32) -> usize {
        (self.octave(side, self.first) * BINS).wrapping_sub(self.first as usize * BINS).wrapping_add(bin as usize)
    }

    /// The numbers of the octaves of a side.
    pub fn numbers(&self, side: Side) -> Range<u32> {
        let octaves = if self.sides[side as usize] { self.octaves } else { 0 };
        self.first..self.first + octaves as u32
    }

    /// Adds the counts of an octave to those of others, if it has that octave.
    pub fn add_to(&self, side: Side, number: u32, sum: &mut OctaveSum) {
        if !self.numbers(side).contains(&number) {
            return;
        }
        let octave = self.octave(side, number);
        let bins = octave * BINS..(octave + 1) * BINS;
        sum.add(&self.counts[bins.clone()], 0);
        sum.add(&self.carried[octave], CARRY.trailing_zeros());
        if let Some(values) = self.values.get(bins) {
            sum.add_values(values);
        }
    }
}

vectorised! {
    /// Adds counts to others and leaves zeros in their place. Gives the greatest sum.
    fn add_and_clear(into: &mut [u16], from: &mut [u16]) -> u16 {
        let mut greatest = 0;
        for (into, from) in into.iter_mut().zip(from) {
            *into += *from;
            *from = 0;
            greatest = greatest.max(*into);
        }
        greatest
    }
}

vectorised! {
    fn greatest(counts: &[u16]) -> u16 {
        counts.iter().fold(0, |greatest, count| greatest.max(*count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POSITIVE: Sides = [true, false];

    /// The bins of a side of windows together, by their number.
    fn sum_of(side: Side, windows: &[&Window]) -> Vec<(u32, u64, f64)> {
        let mut all = Vec::new();
        for number in 0..8 {
            let mut sum = OctaveSum::default();
            windows.iter().for_each(|window| window.add_to(side, number, &mut sum));
            all.extend(sum.occupied().map(|(bin, count, value)| (number * OCTAVE + bin as u32, count, value)));
        }
        all
    }

    fn sum(windows: &[&Window]) -> Vec<(u32, u64, f64)> {
        sum_of(Side::Positive, windows)
    }

    fn counts(windows: &[&Window]) -> Vec<(u32, u64)> {
        counts_of(Side::Positive, windows)
    }

    fn counts_of(side: Side, windows: &[&Window]) -> Vec<(u32, u64)> {
        sum_of(side, windows).into_iter().map(|(bin, count, _)| (bin, count)).collect()
    }

    /// Takes over counts of bins from one on.
    fn take(window: &mut Window, side: Side, first: u32, counts: &[u16]) {
        let sides = [side == Side::Positive, side == Side::Negative];
        let values = counts.iter().map(|count| usize::from(*count)).sum();
        let mut counts = counts.to_vec();
        window.make_room(Vectors::widest(), first..=first + counts.len() as u32 - 1, sides, values);
        window.take(Vectors::widest(), side, first, &mut counts);
        assert!(counts.iter().all(|count| *count == 0));
    }

    /// Counts and learns values that come so many times.
    fn learn(window: &mut Window, values: &[(u32, f64, u16)]) {
        for &(bin, value, times) in values {
            window.make_room(Vectors::widest(), bin..=bin, POSITIVE, times.into());
            window.add(Side::Positive, bin, times);
            window.learn(Side::Positive, bin, value);
        }
    }

    fn learning(values: &[(u32, f64, u16)]) -> Window {
        let mut window = Window::default();
        learn(&mut window, values);
        window
    }

    #[test]
    fn counts_beyond_16_bits_are_kept() {
        let mut window = Window::default();
        for _ in 0..5 {
            take(&mut window, Side::Positive, 4103, &[MOST_TAKEN as u16 - 2, 0, 0, 2]);
        }
        for _ in 0..100_000 {
            learn(&mut window, &[(4104, 1.5, 1)]);
        }
        assert_eq!(counts(&[&window]), [(4103, 5 * (MOST_TAKEN as u64 - 2)), (4104, 100_000), (4106, 10)]);
    }

    #[test]
    fn counts_are_carried_only_where_they_would_not_fit() {
        let mut window = Window::default();
        for _ in 0..50 {
            take(&mut window, Side::Positive, 4103, &[600; 50]);
        }
        assert!(window.carried.iter().all(Vec::is_empty), "30,000 a bin, of 1,500,000");
        assert_eq!(counts(&[&window]), (4103..4153).map(|bin| (bin, 30_000)).collect::<Vec<_>>());
    }

    #[test]
    fn each_side_has_its_counts() {
        let mut window = Window::default();
        take(&mut window, Side::Negative, 2003, &[1, 2, 3]);
        take(&mut window, Side::Positive, 1500, &[4]);
        take(&mut window, Side::Negative, 2004, &[5]);
        assert_eq!(counts_of(Side::Negative, &[&window]), [(2003, 1), (2004, 7), (2005, 3)]);
        assert_eq!(counts_of(Side::Positive, &[&window]), [(1500, 4)]);
    }

    #[test]
    fn a_window_grows_either_way_and_keeps_what_it_has() {
        let most = MOST_TAKEN as u16;
        let mut window = learning(&[(4 * OCTAVE, 1.5, most)]);
        learn(&mut window, &[6 * OCTAVE + 7, 2 * OCTAVE + 1, 4 * OCTAVE].map(|bin| (bin, 1.5, most)));
        let most = u64::from(most);
        assert_eq!(
            sum(&[&window]),
            [(2049, most, 1.5), (4096, 2 * most, 1.5), (6151, most, 1.5)],
            "bins 2 * 1024 + 1, 4 * 1024 and 6 * 1024 + 7"
        );
        assert_eq!(window.numbers(Side::Positive), 2..7);
        assert!(window.numbers(Side::Negative).is_empty());
    }

    #[test]
    fn a_window_that_has_carried_grows() {
        let mut window = Window::default();
        for bin in [[3 * OCTAVE + 5; 4], [2 * OCTAVE; 4], [4 * OCTAVE + 1; 4]].concat() {
            take(&mut window, Side::Positive, bin, &[MOST_TAKEN as u16]);
        }
        assert!(window.carried.iter().any(|carried| !carried.is_empty()));
        let four = 4 * MOST_TAKEN as u64;
        assert_eq!(counts(&[&window]), [(2048, four), (3077, four), (4097, four)]);
    }

    #[test]
    fn an_atom_is_known_until_there_is_another_value() {
        let atom = learning(&[(3, 1.5, 1), (3, 1.5, 20)]);
        assert_eq!(sum(&[&atom]), [(3, 21, 1.5)]);
        let two = learning(&[(3, 1.5, 1), (3, 1.25, 1), (3, 1.5, 1)]);
        assert!(matches!(sum(&[&two])[..], [(3, 3, value)] if value.is_nan()));
    }

    #[test]
    fn values_are_learnt_by_their_places() {
        let mut window = Window::default();
        let negative = SIGN as u16;
        take(&mut window, Side::Positive, 1025, &[2, 0, 0, 1]);
        take(&mut window, Side::Negative, 1030, &[2, 1]);
        let places = [1, 1, 4, 0, negative, negative + 6, negative + 7, negative + 6];
        window.learn_all(&places, 1024, &[1.5, 1.5, 2.5, 0.0, -0.0, -3.5, -4.5, -3.25]);
        assert_eq!(sum_of(Side::Positive, &[&window]), [(1025, 2, 1.5), (1028, 1, 2.5)]);
        let found = sum_of(Side::Negative, &[&window]);
        assert!(matches!(found[..], [(1030, 2, several), (1031, 1, -4.5)] if several.is_nan()), "{found:?}");
    }

    #[test]
    fn windows_add_up_and_know_an_atom_that_they_share() {
        let one = learning(&[(3, 1.5, 1)]);
        let other = learning(&[(3, 1.5, 1), (4, 1.75, 1)]);
        let third = learning(&[(3, 1.25, 1)]);
        assert_eq!(sum(&[&one, &other, &Window::default()]), [(3, 2, 1.5), (4, 1, 1.75)]);
        for order in [[&one, &third, &other], [&third, &other, &one]] {
            assert!(matches!(sum(&order)[..], [(3, 3, value), (4, 1, 1.75)] if value.is_nan()));
        }
    }
}
