//! Numbers of bins, and counts of neighbouring ones.

use std::ops::{Range, RangeInclusive};

use super::octave::{BINS, OctaveSum};
use super::survey::SIGN;
use super::{LINE, fetch_line};
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
/// of 32. What grows beyond that is carried. Both sides are in one list, so that counting needs no branch on the sign.
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
    /// What is known of each bin's values, see [`common`]; empty for a smooth law.
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
        self.most += values as u32;
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

    /// What makes a number of a bin an index of a count, wrapping.
    fn offset(&self, side: Side) -> usize {
        (self.octave(side, self.first) * BINS).wrapping_sub(self.first as usize * BINS)
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

    /// Counts of bins, as far as they have room.
    pub fn counts_of(&self, side: Side, bins: RangeInclusive<u32>) -> &[u16] {
        let Range { start, end } = self.numbers(side);
        let place = |bin: u32| (bin.clamp(start * OCTAVE, end * OCTAVE) as usize).wrapping_add(self.offset(side));
        if start == end { &[] } else { &self.counts[place(*bins.start())..place(bins.end().saturating_add(1))] }
    }

    /// Counts values of a smooth law by the place of each: the number of its bin less `before`, and [`SIGN`] for a
    /// negative one. They must have room, and lie on no other than these sides. Meanwhile the processor is told of
    /// counts that will be needed `soon`.
    pub fn count(&mut self, places: &[u16], before: u32, sides: Sides, soon: [&[u16]; 2]) {
        let offsets = [
            self.offset(Side::Positive).wrapping_add(before as usize),
            self.offset(Side::Negative).wrapping_add(before as usize).wrapping_sub(SIGN),
        ];
        let counts = &mut self.counts[..];
        match sides {
            // A look-up in place of a branch, as signs cannot be foreseen.
            [true, true] => {
                each_place(places, soon, |place| counts[place.wrapping_add(offsets[place / SIGN % 2])] += 1)
            }
            _ => {
                let offset = offsets[usize::from(sides[1])];
                each_place(places, soon, |place| counts[place.wrapping_add(offset)] += 1);
            }
        }
    }

    /// Counts so many values of a smooth law, which must have room.
    pub fn add(&mut self, side: Side, bin: u32, values: u16) {
        let at = (bin as usize).wrapping_add(self.offset(side));
        self.counts[at] += values;
    }

    /// Its bins, for values that may be atoms. They must have room.
    pub fn atoms(&mut self) -> Atoms<'_> {
        self.values.resize(self.counts.len(), NO_VALUE);
        let offsets = [self.offset(Side::Positive), self.offset(Side::Negative)];
        Atoms { offsets, counts: &mut self.counts, values: &mut self.values }
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

/// The bins of a window in which values are remembered.
pub(super) struct Atoms<'a> {
    /// What makes a number of a bin an index, for each side.
    offsets: [usize; 2],
    counts: &'a mut [u16],
    values: &'a mut [f64],
}

impl Atoms<'_> {
    /// Counts a value that comes so many times.
    #[inline(always)]
    pub fn remember(&mut self, side: Side, bin: u32, value: f64, times: u16) {
        let at = (bin as usize).wrapping_add(self.offsets[side as usize]);
        self.counts[at] += times;
        // What is known changes rarely: then the next value need not wait for it to be written. Whether it is this
        // value or that there are several is one question of whole numbers, as there are branches enough that are not
        // foreseen.
        let known = self.values[at];
        let (known_bits, several) = (known.to_bits(), f64::NAN.to_bits());
        if (known_bits ^ value.to_bits()).min(known_bits ^ several) != 0 {
            self.values[at] = common(known, value);
        }
    }
}

/// Visits each place, and on the way tells the processor of all lines that will be needed soon.
#[inline(always)]
fn each_place(places: &[u16], soon: [&[u16]; 2], mut visit: impl FnMut(usize)) {
    let (lines, rest) = places.as_chunks::<COUNTS_A_LINE>();
    let longer = soon[0].len().max(soon[1].len());
    let at_once = longer.div_ceil(COUNTS_A_LINE).div_ceil(lines.len().max(1));
    for (turn, places) in lines.iter().enumerate() {
        for line in turn * at_once..(turn + 1) * at_once {
            soon.iter().for_each(|counts| fetch_line(counts, line * COUNTS_A_LINE));
        }
        places.iter().for_each(|place| visit(usize::from(*place)));
    }
    rest.iter().for_each(|place| visit(usize::from(*place)));
}

/// Counts that are fetched from memory at once.
const COUNTS_A_LINE: usize = LINE / size_of::<u16>();

vectorised! {
    fn greatest(counts: &[u16]) -> u16 {
        counts.iter().fold(0, |greatest, count| greatest.max(*count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: [&[u16]; 2] = [&[], &[]];
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

    fn remembering(values: &[(u32, f64, u16)]) -> Window {
        let mut window = Window::default();
        for &(bin, value, times) in values {
            window.make_room(Vectors::widest(), bin..=bin, POSITIVE, times.into());
            window.atoms().remember(Side::Positive, bin, value, times);
        }
        window
    }

    #[test]
    fn counts_beyond_16_bits_are_kept() {
        let mut window = Window::default();
        for _ in 0..5 {
            window.make_room(Vectors::widest(), 4103..=4106, POSITIVE, MOST_TAKEN);
            let places = [[1; MOST_TAKEN - 2].as_slice(), &[4; 2]].concat();
            window.count(&places, 4102, POSITIVE, NOTHING);
        }
        for _ in 0..100_000 {
            window.make_room(Vectors::widest(), 4104..=4104, POSITIVE, 1);
            window.add(Side::Positive, 4104, 1);
        }
        assert_eq!(counts(&[&window]), [(4103, 5 * (MOST_TAKEN as u64 - 2)), (4104, 100_000), (4106, 10)]);
    }

    #[test]
    fn places_are_counted_in_their_bins() {
        let mut window = Window::default();
        let places: Vec<u16> = (0..1000).map(|at| 3 + at % 500).collect();
        window.make_room(Vectors::widest(), 2003..=2502, POSITIVE, places.len());
        window.count(&places, 2000, POSITIVE, NOTHING);
        assert_eq!(counts(&[&window]), (2003..=2502).map(|bin| (bin, 2)).collect::<Vec<_>>());
        // Places that begin before the window does.
        window.count(&[1500, 1501], 600, POSITIVE, NOTHING);
        assert_eq!(counts(&[&window])[97..99], [(2100, 3), (2101, 3)]);
    }

    #[test]
    fn places_of_either_sign_are_counted_on_their_side() {
        let mut window = Window::default();
        let places: Vec<u16> = (0..1000).map(|at| 3 + at % 500 + (SIGN as u16) * (at % 4 / 3)).collect();
        window.make_room(Vectors::widest(), 500..=2502, [true, true], places.len());
        window.count(&places, 2000, [true, true], NOTHING);
        let side = |is_negative: bool| {
            let bin = move |at: u32| (2003 + at, 2);
            (0..500).filter(|at| (at % 4 == 3) == is_negative).map(bin).collect::<Vec<(u32, u64)>>()
        };
        let found = || [Side::Positive, Side::Negative].map(|side| counts_of(side, &[&window]));
        assert_eq!(found(), [side(false), side(true)]);
    }

    #[test]
    fn a_window_grows_either_way_and_keeps_what_it_has() {
        let mut window = remembering(&[(4 * OCTAVE, 1.5, MOST_TAKEN as u16)]);
        for bin in [6 * OCTAVE + 7, 2 * OCTAVE + 1, 4 * OCTAVE] {
            window.make_room(Vectors::widest(), bin..=bin, POSITIVE, MOST_TAKEN);
            window.atoms().remember(Side::Positive, bin, 1.5, MOST_TAKEN as u16);
        }
        let most = MOST_TAKEN as u64;
        assert_eq!(
            sum(&[&window]),
            [(2049, most, 1.5), (4096, 2 * most, 1.5), (6151, most, 1.5)],
            "bins 2 * 1024 + 1, 4 * 1024 and 6 * 1024 + 7"
        );
        let one = window.counts_of(Side::Positive, 6 * OCTAVE + 7..=6 * OCTAVE + 7);
        assert_eq!(one, [MOST_TAKEN as u16]);
        assert_eq!(window.counts_of(Side::Positive, 0..=9 * OCTAVE).len(), 5 * BINS, "octaves 2 to 6 have room");
        assert!(
            window.counts_of(Side::Positive, 0..=OCTAVE).is_empty()
                && window.counts_of(Side::Positive, 7 * OCTAVE..=7 * OCTAVE + 1).is_empty()
        );
    }

    #[test]
    fn a_window_that_has_carried_grows() {
        let mut window = Window::default();
        for bin in [[3 * OCTAVE + 5; 4], [2 * OCTAVE; 4], [4 * OCTAVE + 1; 4]].concat() {
            window.make_room(Vectors::widest(), bin..=bin, POSITIVE, MOST_TAKEN);
            window.count(&[1; MOST_TAKEN], bin - 1, POSITIVE, NOTHING);
        }
        assert!(window.carried.iter().any(|carried| !carried.is_empty()));
        let four = 4 * MOST_TAKEN as u64;
        assert_eq!(counts(&[&window]), [(2048, four), (3077, four), (4097, four)]);
    }

    #[test]
    fn an_atom_is_known_until_there_is_another_value() {
        let atom = remembering(&[(3, 1.5, 1), (3, 1.5, 20)]);
        assert_eq!(sum(&[&atom]), [(3, 21, 1.5)]);
        let two = remembering(&[(3, 1.5, 1), (3, 1.25, 1), (3, 1.5, 1)]);
        assert!(matches!(sum(&[&two])[..], [(3, 3, value)] if value.is_nan()));
    }

    #[test]
    fn windows_add_up_and_know_an_atom_that_they_share() {
        let one = remembering(&[(3, 1.5, 1)]);
        let other = remembering(&[(3, 1.5, 1), (4, 1.75, 1)]);
        let third = remembering(&[(3, 1.25, 1)]);
        assert_eq!(sum(&[&one, &other, &Window::default()]), [(3, 2, 1.5), (4, 1, 1.75)]);
        for order in [[&one, &third, &other], [&third, &other, &one]] {
            assert!(matches!(sum(&order)[..], [(3, 3, value), (4, 1, 1.75)] if value.is_nan()));
        }
    }
}
