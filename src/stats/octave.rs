//! Counts of the bins of one octave.
//!
//! Most bins of a long run hold a few hundred values: 16 bits a bin are half the memory, and half the traffic to it,
//! of 32. An octave in which a count grows beyond that takes 32 bits from then on.

use crate::vector::{Vectors, vectorised};

/// Bins an octave.
pub(super) const BINS: usize = 1024;

/// Takes no space as long as nothing has been counted.
#[derive(Clone, Debug, Default)]
pub(super) struct Octave {
    counts: Counts,
    /// The one value of each bin, NaN once there are two; empty for a smooth law.
    values: Vec<f64>,
}

#[derive(Clone, Debug, Default)]
enum Counts {
    #[default]
    None,
    /// All below [`WIDENS`].
    Narrow(Box<[u16; BINS]>),
    Wide(Box<[u32; BINS]>),
}

/// A count that no narrow bin may have. Less than this can be added to less than this.
const WIDENS: u16 = 1 << 15;

/// The most that can be taken at once.
pub(super) const MOST_TAKEN: usize = WIDENS as usize - 1;

impl Octave {
    /// Takes the counts of the bins from `first` on, leaving 0; they are at most [`MOST_TAKEN`] together.
    pub fn take(&mut self, vectors: Vectors, first: usize, taken: &mut [u16]) {
        let bins = first..first + taken.len();
        match &mut self.counts {
            Counts::None if all_zero(vectors, taken) => {}
            Counts::None => {
                let mut counts = empty();
                counts[bins].copy_from_slice(taken);
                taken.fill(0);
                self.counts = Counts::Narrow(counts);
            }
            Counts::Narrow(counts) => {
                if move_narrow(vectors, &mut counts[bins], taken) {
                    self.widen();
                }
            }
            Counts::Wide(counts) => move_wide(vectors, &mut counts[bins], taken),
        }
    }

    /// Counts a value of a smooth law.
    pub fn increment(&mut self, bin: usize) {
        self.add(bin, 1);
    }

    /// Counts a value that may be an atom and comes so many times, at most [`MOST_TAKEN`].
    #[inline]
    pub fn remember(&mut self, bin: usize, value: f64, times: u16) {
        if self.values.is_empty() {
            self.values = vec![0.0; BINS];
        }
        let is_first = self.add(bin, times) == u32::from(times);
        let known = &mut self.values[bin];
        if is_first {
            *known = value;
        } else if *known != value {
            *known = f64::NAN;
        }
    }

    /// Gives the count with these.
    #[inline]
    fn add(&mut self, bin: usize, times: u16) -> u32 {
        match &mut self.counts {
            Counts::Narrow(counts) => {
                counts[bin] += times;
                let count = counts[bin];
                if count >= WIDENS {
                    self.widen();
                }
                u32::from(count)
            }
            Counts::Wide(counts) => {
                counts[bin] += u32::from(times);
                counts[bin]
            }
            Counts::None => {
                let mut counts = empty();
                counts[bin] = times;
                self.counts = Counts::Narrow(counts);
                u32::from(times)
            }
        }
    }

    /// Adds its counts to those of others of the same kind.
    pub fn add_to(&self, sum: &mut OctaveSum) {
        match &self.counts {
            Counts::None => {}
            Counts::Narrow(counts) => sum.add(counts, &self.values),
            Counts::Wide(counts) => sum.add(counts, &self.values),
        }
    }

    #[cold]
    fn widen(&mut self) {
        if let Counts::Narrow(narrow) = &self.counts {
            let mut wide = empty();
            for (wide, narrow) in wide.iter_mut().zip(&narrow[..]) {
                *wide = u32::from(*narrow);
            }
            self.counts = Counts::Wide(wide);
        }
    }
}

/// The counts of one octave in several histograms, added up.
#[derive(Debug)]
pub(super) struct OctaveSum {
    counts: Box<[u64; BINS]>,
    /// The one value of each bin that is not empty, NaN if there are two; all NaN for a smooth law.
    values: Box<[f64; BINS]>,
    is_empty: bool,
    has_values: bool,
}

impl Default for OctaveSum {
    fn default() -> Self {
        OctaveSum { counts: empty(), values: filled(f64::NAN), is_empty: true, has_values: false }
    }
}

impl OctaveSum {
    /// Forgets all counts.
    pub fn clear(&mut self) {
        if !self.is_empty {
            self.counts.fill(0);
        }
        if self.has_values {
            self.values.fill(f64::NAN);
        }
        (self.is_empty, self.has_values) = (true, false);
    }

    /// Whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// (bin, count, the one value or NaN) of the bins that are not empty.
    pub fn occupied(&self) -> impl DoubleEndedIterator<Item = (usize, u64, f64)> {
        let bins = self.counts.iter().zip(&self.values[..]).enumerate();
        bins.map(|(bin, (&count, &value))| (bin, count, value)).filter(|(_, count, _)| *count > 0)
    }

    fn add<C: Copy + Into<u64>>(&mut self, counts: &[C; BINS], values: &[f64]) {
        if !values.is_empty() {
            self.add_values(counts, values);
        }
        for (all, &count) in self.counts.iter_mut().zip(counts) {
            *all += count.into();
        }
        self.is_empty = false;
    }

    /// Before the counts are added.
    fn add_values<C: Copy + Into<u64>>(&mut self, counts: &[C; BINS], values: &[f64]) {
        for (bin, (known, &value)) in self.values.iter_mut().zip(values).enumerate() {
            if counts[bin].into() > 0 {
                *known = if self.counts[bin] == 0 || *known == value { value } else { f64::NAN };
            }
        }
        self.has_values = true;
    }
}

fn filled<T: Copy>(value: T) -> Box<[T; BINS]> {
    vec![value; BINS].try_into().unwrap_or_else(|_| unreachable!("the length is right"))
}

fn empty<T: Copy + Default>() -> Box<[T; BINS]> {
    filled(T::default())
}

vectorised! {
    fn all_zero(counts: &[u16]) -> bool {
        counts.iter().fold(0, |any, count| any | count) == 0
    }
}

vectorised! {
    /// `counts += taken` and `taken = 0`. Tells whether a count has reached [`WIDENS`].
    fn move_narrow(counts: &mut [u16], taken: &mut [u16]) -> bool {
        let mut any = 0;
        for (count, taken) in counts.iter_mut().zip(taken) {
            *count += *taken;
            any |= *count;
            *taken = 0;
        }
        any >= WIDENS
    }
}

vectorised! {
    /// `counts += taken` and `taken = 0`.
    fn move_wide(counts: &mut [u32], taken: &mut [u16]) {
        for (count, taken) in counts.iter_mut().zip(taken) {
            *count += u32::from(*taken);
            *taken = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bins of octaves together.
    fn sum(octaves: &[&Octave]) -> Vec<(usize, u64, f64)> {
        let mut sum = OctaveSum::default();
        octaves.iter().for_each(|octave| octave.add_to(&mut sum));
        sum.occupied().collect()
    }

    fn taken(bin: usize, count: u16) -> Vec<u16> {
        let mut taken = vec![0; BINS];
        taken[bin] = count;
        taken
    }

    #[test]
    fn counts_beyond_16_bits_are_kept() {
        let mut octave = Octave::default();
        for _ in 0..5 {
            octave.take(Vectors::widest(), 0, &mut taken(7, MOST_TAKEN as u16));
            octave.take(Vectors::widest(), 9, &mut [0, 2]);
        }
        for _ in 0..100_000 {
            octave.increment(8);
        }
        let found: Vec<(usize, u64)> = sum(&[&octave]).into_iter().map(|(bin, count, _)| (bin, count)).collect();
        assert_eq!(found, [(7, 5 * MOST_TAKEN as u64), (8, 100_000), (10, 10)]);
    }

    #[test]
    fn nothing_takes_no_space() {
        let mut octave = Octave::default();
        octave.take(Vectors::widest(), 0, &mut [0; BINS]);
        assert!(matches!(octave.counts, Counts::None));
        assert_eq!(sum(&[&octave]), []);
    }

    #[test]
    fn an_atom_is_known_until_there_is_another_value() {
        let mut octave = Octave::default();
        octave.remember(3, 1.5, 1);
        octave.remember(3, 1.5, 20);
        assert_eq!(sum(&[&octave]), [(3, 21, 1.5)]);
        octave.remember(3, 1.25, 1);
        assert!(matches!(sum(&[&octave])[..], [(3, 22, value)] if value.is_nan()));
    }

    #[test]
    fn octaves_add_up_and_know_an_atom_that_they_share() {
        let (mut one, mut other, mut third) = (Octave::default(), Octave::default(), Octave::default());
        one.remember(3, 1.5, 1);
        other.remember(3, 1.5, 1);
        other.remember(4, 1.75, 1);
        third.remember(3, 1.25, 1);
        assert_eq!(sum(&[&one, &other, &Octave::default()]), [(3, 2, 1.5), (4, 1, 1.75)]);
        for order in [[&one, &third, &other], [&third, &other, &one]] {
            assert!(matches!(sum(&order)[..], [(3, 3, value), (4, 1, 1.75)] if value.is_nan()));
        }
    }

    #[test]
    fn a_cleared_sum_knows_nothing() {
        let mut octave = Octave::default();
        octave.remember(3, 1.5, 1);
        let mut all = OctaveSum::default();
        octave.add_to(&mut all);
        assert!(!all.is_empty());
        all.clear();
        assert!(all.is_empty() && all.occupied().next().is_none());
        octave.add_to(&mut all);
        assert_eq!(all.occupied().collect::<Vec<_>>(), [(3, 1, 1.5)]);
    }
}
