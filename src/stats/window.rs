//! Counts of neighbouring bins.

use std::ops::{Range, RangeInclusive};

use super::bin::{BINS, NO_VALUE, OCTAVE, SIGN, Side, Sides, common, magnitude};
use super::octave::{CARRY, Octave};
use super::octave_sum::OctaveSum;
use super::store::Store;
use crate::vector::Vectors;

/// Counts of bins, on each side from the first octave that has been met to the last.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// By [`Side`].
    sides: [Octaves; 2],
    /// No count is above this.
    most: u32,
}

/// Octaves one after the other.
#[derive(Clone, Debug, Default)]
struct Octaves {
    /// The number of the first.
    first: u32,
    all: Vec<Octave>,
    /// What is known of each bin's values, see [`common`]; nothing of any bin as long as nothing has been learnt.
    known: Vec<f64>,
}

/// The most that can be counted at once: a count from which has been carried what can be, and this, are below 2^16.
pub(super) const MOST_TAKEN: usize = CARRY as usize - 1;

impl Window {
    /// Makes room for bins on some sides, and for so many more values in them; at most [`MOST_TAKEN`].
    pub fn make_room(
        &mut self,
        store: &mut Store,
        vectors: Vectors,
        bins: RangeInclusive<u32>,
        sides: Sides,
        values: usize,
    ) {
        debug_assert!(values <= MOST_TAKEN);
        for (octaves, _) in self.sides.iter_mut().zip(sides).filter(|(_, has_values)| *has_values) {
            octaves.cover(store, bins.start() / OCTAVE..bins.end() / OCTAVE + 1);
        }
        if self.most as usize + values > usize::from(u16::MAX) {
            self.carry(store, vectors);
        }
    }

    #[cold]
    fn carry(&mut self, store: &mut Store, vectors: Vectors) {
        let octaves = self.sides.iter_mut().flat_map(|octaves| &mut octaves.all);
        self.most = octaves.map(|octave| octave.carry(store, vectors).into()).max().unwrap_or(0);
    }

    /// The counts of neighbouring bins on both sides, as far as there are any: an octave or a part of it each.
    pub fn counts<'a>(&'a self, store: &'a Store, bins: RangeInclusive<u32>) -> impl Iterator<Item = &'a [u16]> {
        within_octaves(bins).flat_map(move |(number, range)| {
            let octaves = self.sides.iter().filter_map(move |octaves| octaves.get(number));
            octaves.map(move |(_, octave)| &octave.counts(store)[range.clone()])
        })
    }

    /// Takes over the counts of neighbouring bins, which must have room, from their places, and leaves zeros there.
    pub fn take(
        &mut self,
        store: &mut Store,
        vectors: Vectors,
        side: Side,
        bins: RangeInclusive<u32>,
        places: &mut [u16; SIGN],
    ) {
        let octaves = &self.sides[side as usize];
        for (number, range) in within_octaves(bins) {
            let octave = &octaves.all[(number - octaves.first) as usize];
            let counts = &mut places[(number * OCTAVE) as usize % SIGN..][range.clone()];
            self.most = self.most.max(octave.take(store, vectors, *range.start(), counts).into());
        }
    }

    /// Counts a value that comes so many times, which must have room.
    pub fn add(&mut self, store: &mut Store, side: Side, bin: u32, times: u16) {
        let octaves = &self.sides[side as usize];
        let octave = &octaves.all[(bin / OCTAVE - octaves.first) as usize];
        self.most = self.most.max(octave.add(store, (bin % OCTAVE) as usize, times).into());
    }

    /// Learns of a value that has been counted where there may be atoms: of all of them or of none, as a bin of which
    /// nothing has been learnt passes for one without values.
    pub fn learn(&mut self, side: Side, bin: u32, value: f64) {
        let octaves = &mut self.sides[side as usize];
        let bin = bin - octaves.first * OCTAVE;
        learn(&mut octaves.known()[bin as usize], value);
    }

    /// The same for many, by the place of each: see [`Survey`](super::Survey). The least bin of any is given.
    pub fn learn_all(&mut self, places: &[u16], least: u32, values: &[f64]) {
        // By side, the index of what is known of the least bin.
        let firsts = Side::ALL.map(|side| least.wrapping_sub(self.sides[side as usize].first * OCTAVE));
        let known = self.sides.each_mut().map(Octaves::known);
        for (place, &value) in places.iter().zip(values) {
            let (side, place) = (usize::from(*place) / SIGN, u32::from(*place) % SIGN as u32);
            if place == 0 && magnitude(value as f32) == 0 {
                continue;
            }
            let above_least = place.wrapping_sub(least) % SIGN as u32;
            learn(&mut known[side][firsts[side].wrapping_add(above_least) as usize], value);
        }
    }

    /// The numbers of the octaves of a side.
    pub fn numbers(&self, side: Side) -> Range<u32> {
        self.sides[side as usize].numbers()
    }

    /// Adds the counts of an octave to those of others, if it has that octave.
    pub fn add_to(&self, store: &Store, side: Side, number: u32, sum: &mut OctaveSum) {
        let octaves = &self.sides[side as usize];
        if let Some((idx, octave)) = octaves.get(number) {
            octave.add_to(store, sum);
            if !octaves.known.is_empty() {
                sum.add_values(&octaves.known[idx * BINS..(idx + 1) * BINS]);
            }
        }
    }
}

impl Octaves {
    fn numbers(&self) -> Range<u32> {
        self.first..self.first + self.all.len() as u32
    }

    /// The octave with a number, and its index.
    #[inline(always)]
    fn get(&self, number: u32) -> Option<(usize, &Octave)> {
        let idx = number.wrapping_sub(self.first) as usize;
        self.all.get(idx).map(|octave| (idx, octave))
    }

    /// Makes room for octaves.
    fn cover(&mut self, store: &mut Store, numbers: Range<u32>) {
        let covered = self.numbers();
        if covered.start <= numbers.start && numbers.end <= covered.end {
            return;
        }
        if covered.is_empty() {
            self.first = numbers.start;
        }
        let before = self.first.saturating_sub(numbers.start);
        self.all.splice(..0, (0..before).map(|_| Octave::new(store)));
        self.first -= before;
        let wanted = (numbers.end - self.first) as usize;
        self.all.resize_with(wanted.max(self.all.len()), || Octave::new(store));
        if !self.known.is_empty() {
            self.known.splice(..0, std::iter::repeat_n(NO_VALUE, before as usize * BINS));
            self.known.resize(self.all.len() * BINS, NO_VALUE);
        }
    }

    /// What is known of each bin's values, which are about to be learnt.
    fn known(&mut self) -> &mut [f64] {
        self.known.resize(self.all.len() * BINS, NO_VALUE);
        &mut self.known
    }
}

/// The octaves of neighbouring bins, by number, and which bins of each are among them.
fn within_octaves(bins: RangeInclusive<u32>) -> impl Iterator<Item = (u32, RangeInclusive<usize>)> {
    let (first, last) = (*bins.start(), *bins.end());
    (first / OCTAVE..=last / OCTAVE).map(move |number| {
        let begin = number * OCTAVE;
        let (from, to) = (first.max(begin) - begin, last.min(begin + OCTAVE - 1) - begin);
        (number, from as usize..=to as usize)
    })
}

/// Learns of a bin's value.
#[inline(always)]
fn learn(known: &mut f64, value: f64) {
    // What is known changes rarely: then the next value need not wait for it to be written. Whether it is this value or
    // that there are several is one question of whole numbers, as a branch more would not be foreseen.
    let (known_bits, several) = (known.to_bits(), f64::NAN.to_bits());
    if (known_bits ^ value.to_bits()).min(known_bits ^ several) != 0 {
        *known = common(*known, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A window and where its counts are.
    struct Stored {
        window: Window,
        store: Store,
    }

    impl Default for Stored {
        fn default() -> Stored {
            Stored { window: Window::default(), store: Store::new(0) }
        }
    }

    const POSITIVE: Sides = [true, false];

    /// The bins of a side of windows together, by their number.
    fn sum_of(side: Side, windows: &[&Stored]) -> Vec<(u32, u64, f64)> {
        let mut all = Vec::new();
        for number in 0..8 {
            let mut sum = OctaveSum::new(Vectors::widest());
            windows.iter().for_each(|it| it.window.add_to(&it.store, side, number, &mut sum));
            all.extend(sum.occupied().map(|(bin, count, value)| (number * OCTAVE + bin as u32, count, value)));
        }
        all
    }

    fn sum(windows: &[&Stored]) -> Vec<(u32, u64, f64)> {
        sum_of(Side::Positive, windows)
    }

    fn counts(windows: &[&Stored]) -> Vec<(u32, u64)> {
        counts_of(Side::Positive, windows)
    }

    fn counts_of(side: Side, windows: &[&Stored]) -> Vec<(u32, u64)> {
        sum_of(side, windows).into_iter().map(|(bin, count, _)| (bin, count)).collect()
    }

    /// Takes over counts of bins from one on.
    fn take(stored: &mut Stored, side: Side, first: u32, counts: &[u16]) {
        let sides = [side == Side::Positive, side == Side::Negative];
        let values = counts.iter().map(|count| usize::from(*count)).sum();
        let bins = first..=first + counts.len() as u32 - 1;
        let mut places = [0; SIGN];
        for (bin, count) in bins.clone().zip(counts) {
            places[bin as usize % SIGN] = *count;
        }
        let Stored { window, store } = stored;
        window.make_room(store, Vectors::widest(), bins.clone(), sides, values);
        window.take(store, Vectors::widest(), side, bins, &mut places);
        assert!(places.iter().all(|count| *count == 0));
    }

    /// Counts and learns values that come so many times.
    fn learn(stored: &mut Stored, values: &[(u32, f64, u16)]) {
        let Stored { window, store } = stored;
        for &(bin, value, times) in values {
            window.make_room(store, Vectors::widest(), bin..=bin, POSITIVE, times.into());
            window.add(store, Side::Positive, bin, times);
            window.learn(Side::Positive, bin, value);
        }
    }

    fn learning(values: &[(u32, f64, u16)]) -> Stored {
        let mut window = Stored::default();
        learn(&mut window, values);
        window
    }

    fn has_carried(stored: &Stored) -> bool {
        stored.window.sides.iter().flat_map(|octaves| &octaves.all).any(Octave::has_carried)
    }

    #[test]
    fn counts_beyond_16_bits_are_kept() {
        let mut window = Stored::default();
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
        let mut window = Stored::default();
        for _ in 0..50 {
            take(&mut window, Side::Positive, 4103, &[600; 50]);
        }
        assert!(!has_carried(&window), "30,000 a bin, of 1,500,000");
        assert_eq!(counts(&[&window]), (4103..4153).map(|bin| (bin, 30_000)).collect::<Vec<_>>());
    }

    #[test]
    fn each_side_has_its_counts() {
        let mut window = Stored::default();
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
        assert_eq!(window.window.numbers(Side::Positive), 2..7);
        assert!(window.window.numbers(Side::Negative).is_empty());
    }

    #[test]
    fn a_window_that_has_carried_grows() {
        let mut window = Stored::default();
        for bin in [[3 * OCTAVE + 5; 4], [2 * OCTAVE; 4], [4 * OCTAVE + 1; 4]].concat() {
            take(&mut window, Side::Positive, bin, &[MOST_TAKEN as u16]);
        }
        assert!(has_carried(&window));
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
        let mut window = Stored::default();
        let negative = SIGN as u16;
        take(&mut window, Side::Positive, 1025, &[2, 0, 0, 1]);
        take(&mut window, Side::Negative, 1030, &[2, 1]);
        let places = [1025, 1025, 1028, 0, negative, negative + 1030, negative + 1031, negative + 1030];
        window.window.learn_all(&places, 1025, &[1.5, 1.5, 2.5, 0.0, -0.0, -3.5, -4.5, -3.25]);
        assert_eq!(sum_of(Side::Positive, &[&window]), [(1025, 2, 1.5), (1028, 1, 2.5)]);
        let found = sum_of(Side::Negative, &[&window]);
        assert!(matches!(found[..], [(1030, 2, several), (1031, 1, -4.5)] if several.is_nan()), "{found:?}");
    }

    #[test]
    fn windows_add_up_and_know_an_atom_that_they_share() {
        let one = learning(&[(3, 1.5, 1)]);
        let other = learning(&[(3, 1.5, 1), (4, 1.75, 1)]);
        let third = learning(&[(3, 1.25, 1)]);
        assert_eq!(sum(&[&one, &other, &Stored::default()]), [(3, 2, 1.5), (4, 1, 1.75)]);
        for order in [[&one, &third, &other], [&third, &other, &one]] {
            assert!(matches!(sum(&order)[..], [(3, 3, value), (4, 1, 1.75)] if value.is_nan()));
        }
    }
}
