//! Numbers of bins, and counts of neighbouring ones.

use std::ops::{Range, RangeInclusive};

use super::octave::{BINS, OctaveSum};
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

/// Counts of the bins of one sign, from the first octave that has been met to the last.
///
/// Most bins of a long run hold a few hundred values: 16 bits a bin are half the memory, and half the traffic to it,
/// of 32. What grows beyond that is carried.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// The number of the first octave.
    first: u32,
    /// What has been counted in each bin and not been carried.
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

/// What is known of values that are in a bin together: 0 while there is none, the one value as long as all are the same,
/// and then NaN.
#[inline]
pub(super) fn common(one: f64, other: f64) -> f64 {
    let met = if one == other { one } else { f64::NAN };
    let met = if other == NO_VALUE { one } else { met };
    if one == NO_VALUE { other } else { met }
}

impl Window {
    /// Makes room for bins, and for so many more values in them; at most [`MOST_TAKEN`].
    pub fn make_room(&mut self, vectors: Vectors, bins: RangeInclusive<u32>, values: usize) {
        debug_assert!(values <= MOST_TAKEN);
        self.cover(bins.start() / OCTAVE..bins.end() / OCTAVE + 1);
        if self.most as usize + values > usize::from(u16::MAX) {
            self.carry(vectors);
        }
        self.most += values as u32;
    }

    /// Makes room for octaves.
    fn cover(&mut self, numbers: Range<u32>) {
        let known = self.numbers();
        if known.start <= numbers.start && numbers.end <= known.end {
            return;
        }
        let all = if known.is_empty() { numbers } else { known.start.min(numbers.start)..known.end.max(numbers.end) };
        let before = if known.is_empty() { 0 } else { (known.start - all.start) as usize };
        extend(&mut self.counts, before * BINS, all.len() * BINS, 0);
        extend(&mut self.carried, before, all.len(), Vec::new());
        if !self.values.is_empty() {
            extend(&mut self.values, before * BINS, all.len() * BINS, NO_VALUE);
        }
        self.first = all.start;
    }

    #[cold]
    fn carry(&mut self, vectors: Vectors) {
        self.most = 0;
        for (counts, carried) in self.counts.chunks_exact_mut(BINS).zip(&mut self.carried) {
            if greatest(vectors, counts) >= CARRY {
                carried.resize(BINS, 0);
                for (count, carried) in counts.iter_mut().zip(carried) {
                    *carried += *count / CARRY;
                    *count %= CARRY;
                }
            }
            self.most = self.most.max(greatest(vectors, counts).into());
        }
    }

    /// Counts of bins, as far as they have room.
    pub fn counts_of(&self, bins: RangeInclusive<u32>) -> &[u16] {
        let place = |bin: u32| (bin as usize).saturating_sub(self.first_bin()).min(self.counts.len());
        &self.counts[place(*bins.start())..place(bins.end().saturating_add(1))]
    }

    /// Counts values of a smooth law by the place of each, which is the number of its bin less `before`. They must have
    /// room. Meanwhile the processor is told of counts that will be needed soon, two for each value: a law has more bins
    /// than values wait.
    pub fn count(&mut self, places: &[u16], before: u32, soon: &[u16]) {
        let offset = (before as usize).wrapping_sub(self.first_bin());
        let counts = &mut self.counts[..];
        let (lines, rest) = places.as_chunks::<COUNTS_A_LINE>();
        for (at, places) in (0..).step_by(2 * COUNTS_A_LINE).zip(lines) {
            fetch_line(soon, at);
            fetch_line(soon, at + COUNTS_A_LINE);
            for place in places {
                counts[usize::from(*place).wrapping_add(offset)] += 1;
            }
        }
        for place in rest {
            counts[usize::from(*place).wrapping_add(offset)] += 1;
        }
    }

    /// Takes the counts of the bins from `first` on, leaving 0. They must have room.
    pub fn take(&mut self, vectors: Vectors, first: u32, taken: &mut [u16]) {
        let at = first as usize - self.first_bin();
        move_counts(vectors, &mut self.counts[at..], taken);
    }

    /// Counts so many values of a smooth law, which must have room.
    pub fn add(&mut self, bin: u32, values: u16) {
        let at = bin as usize - self.first_bin();
        self.counts[at] += values;
    }

    /// Its bins, for values that may be atoms. They must have room.
    pub fn atoms(&mut self) -> Atoms<'_> {
        self.values.resize(self.counts.len(), NO_VALUE);
        Atoms { first: self.first_bin(), counts: &mut self.counts, values: &mut self.values }
    }

    fn first_bin(&self) -> usize {
        self.first as usize * BINS
    }

    /// The numbers of its octaves.
    pub fn numbers(&self) -> Range<u32> {
        self.first..self.first + self.carried.len() as u32
    }

    /// Adds the counts of an octave to those of others, if it has that octave.
    pub fn add_to(&self, number: u32, sum: &mut OctaveSum) {
        if !self.numbers().contains(&number) {
            return;
        }
        let octave = (number - self.first) as usize;
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
    /// The number of the first.
    first: usize,
    counts: &'a mut [u16],
    values: &'a mut [f64],
}

impl Atoms<'_> {
    /// Counts a value that comes so many times.
    #[inline(always)]
    pub fn remember(&mut self, bin: u32, value: f64, times: u16) {
        let at = bin as usize - self.first;
        self.counts[at] += times;
        // Most values are met again and again: then the next one need not wait for this one to be written.
        let known = self.values[at];
        if known != value {
            self.values[at] = common(known, value);
        }
    }
}

/// Counts that are fetched from memory at once.
const COUNTS_A_LINE: usize = LINE / size_of::<u16>();

/// Puts so many new elements before those there are, and as many behind them as makes `count` of all.
fn extend<T: Clone>(all: &mut Vec<T>, before: usize, count: usize, new: T) {
    let mut extended = Vec::with_capacity(count);
    extended.resize(before, new.clone());
    extended.append(all);
    extended.resize(count, new);
    *all = extended;
}

vectorised! {
    fn greatest(counts: &[u16]) -> u16 {
        counts.iter().fold(0, |greatest, count| greatest.max(*count))
    }
}

vectorised! {
    /// `counts += taken` and `taken = 0`.
    fn move_counts(counts: &mut [u16], taken: &mut [u16]) {
        for (count, taken) in counts.iter_mut().zip(taken) {
            *count += *taken;
            *taken = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bins of windows together, by their number.
    fn sum(windows: &[&Window]) -> Vec<(u32, u64, f64)> {
        let mut all = Vec::new();
        for number in 0..8 {
            let mut sum = OctaveSum::default();
            windows.iter().for_each(|window| window.add_to(number, &mut sum));
            all.extend(sum.occupied().map(|(bin, count, value)| (number * OCTAVE + bin as u32, count, value)));
        }
        all
    }

    fn counts(windows: &[&Window]) -> Vec<(u32, u64)> {
        sum(windows).into_iter().map(|(bin, count, _)| (bin, count)).collect()
    }

    fn remembering(values: &[(u32, f64, u16)]) -> Window {
        let mut window = Window::default();
        for &(bin, value, times) in values {
            window.make_room(Vectors::widest(), bin..=bin, times.into());
            window.atoms().remember(bin, value, times);
        }
        window
    }

    #[test]
    fn counts_beyond_16_bits_are_kept() {
        let mut window = Window::default();
        for _ in 0..5 {
            window.make_room(Vectors::widest(), 4103..=4106, MOST_TAKEN);
            window.take(Vectors::widest(), 4103, &mut [MOST_TAKEN as u16 - 2, 0, 0, 2]);
        }
        for _ in 0..100_000 {
            window.make_room(Vectors::widest(), 4104..=4104, 1);
            window.add(4104, 1);
        }
        assert_eq!(counts(&[&window]), [(4103, 5 * (MOST_TAKEN as u64 - 2)), (4104, 100_000), (4106, 10)]);
    }

    #[test]
    fn places_are_counted_in_their_bins() {
        let mut window = Window::default();
        let places: Vec<u16> = (0..1000).map(|at| 3 + at % 500).collect();
        window.make_room(Vectors::widest(), 2003..=2502, places.len());
        window.count(&places, 2000, &[]);
        assert_eq!(counts(&[&window]), (2003..=2502).map(|bin| (bin, 2)).collect::<Vec<_>>());
        // Places that begin before the window does.
        window.count(&[1500, 1501], 600, &[]);
        assert_eq!(counts(&[&window])[97..99], [(2100, 3), (2101, 3)]);
    }

    #[test]
    fn a_window_grows_either_way_and_keeps_what_it_has() {
        let mut window = remembering(&[(4 * OCTAVE, 1.5, MOST_TAKEN as u16)]);
        for bin in [6 * OCTAVE + 7, 2 * OCTAVE + 1, 4 * OCTAVE] {
            window.make_room(Vectors::widest(), bin..=bin, MOST_TAKEN);
            window.atoms().remember(bin, 1.5, MOST_TAKEN as u16);
        }
        let most = MOST_TAKEN as u64;
        assert_eq!(
            sum(&[&window]),
            [(2049, most, 1.5), (4096, 2 * most, 1.5), (6151, most, 1.5)],
            "bins 2 * 1024 + 1, 4 * 1024 and 6 * 1024 + 7"
        );
        let one = window.counts_of(6 * OCTAVE + 7..=6 * OCTAVE + 7);
        assert_eq!(one, [MOST_TAKEN as u16]);
        assert_eq!(window.counts_of(0..=9 * OCTAVE).len(), 5 * BINS, "octaves 2 to 6 have room");
        assert!(window.counts_of(0..=OCTAVE).is_empty() && window.counts_of(7 * OCTAVE..=7 * OCTAVE + 1).is_empty());
    }

    #[test]
    fn a_window_that_has_carried_grows() {
        let mut window = Window::default();
        for bin in [[3 * OCTAVE + 5; 4], [2 * OCTAVE; 4], [4 * OCTAVE + 1; 4]].concat() {
            window.make_room(Vectors::widest(), bin..=bin, MOST_TAKEN);
            window.count(&[1; MOST_TAKEN], bin - 1, &[]);
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
