//! Counts of neighbouring bins.

use crate::vector::{Vectors, vectorised};

/// Bits of an `f32` that a bin does not look at.
const SHIFT: u32 = 13;
/// Bins an octave; windows grow by whole octaves.
pub(super) const OCTAVE: u32 = 1 << (23 - SHIFT);
/// Magnitudes below this count as 0.
const LEAST: f32 = 1e-9;

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
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// The first bin, a multiple of an octave.
    first: u32,
    counts: Vec<u32>,
    /// The one value of each bin, NaN once there are two; empty for a smooth law.
    values: Vec<f64>,
}

impl Window {
    /// Grows to hold the bins from `least` to `greatest`.
    #[inline]
    fn cover(&mut self, least: u32, greatest: u32, atoms: bool) {
        let end = self.first + self.counts.len() as u32;
        if least >= self.first && greatest < end {
            return;
        }
        self.grow(least, greatest, atoms);
    }

    #[cold]
    fn grow(&mut self, least: u32, greatest: u32, atoms: bool) {
        let end = self.first + self.counts.len() as u32;
        let (mut first, mut new_end) = (least / OCTAVE * OCTAVE, (greatest / OCTAVE + 1) * OCTAVE);
        if !self.counts.is_empty() {
            (first, new_end) = (first.min(self.first), new_end.max(end));
        }
        let mut grown = Window { first, counts: vec![0; (new_end - first) as usize], values: Vec::new() };
        let at = (self.first.max(first) - first) as usize;
        grown.counts[at..at + self.counts.len()].copy_from_slice(&self.counts);
        if atoms {
            grown.values = vec![0.0; grown.counts.len()];
            grown.values[at..at + self.values.len()].copy_from_slice(&self.values);
        }
        *self = grown;
    }

    /// Counts a value of a smooth law.
    pub fn increment(&mut self, bin: u32) {
        self.cover(bin, bin, false);
        self.counts[(bin - self.first) as usize] += 1;
    }

    /// Takes the counts of the bins from `first` on, leaving 0.
    pub fn take(&mut self, vectors: Vectors, first: u32, counts: &mut [u16]) {
        self.cover(first, first + counts.len() as u32 - 1, false);
        let at = (first - self.first) as usize;
        move_counts(vectors, &mut self.counts[at..at + counts.len()], counts);
    }

    /// Counts a value that may be an atom.
    pub fn remember(&mut self, bin: u32, value: f64) {
        self.cover(bin, bin, true);
        let at = (bin - self.first) as usize;
        if self.counts[at] == 0 {
            self.values[at] = value;
        } else if self.values[at] != value {
            self.values[at] = f64::NAN;
        }
        self.counts[at] += 1;
    }

    /// (bin, count, the one value or NaN) of the bins that are not empty.
    pub fn occupied(&self) -> impl DoubleEndedIterator<Item = (u32, u64, f64)> {
        let value = |at: usize| self.values.get(at).copied().unwrap_or(f64::NAN);
        let counts = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counts.map(move |(at, &count)| (self.first + at as u32, u64::from(count), value(at)))
    }
}

vectorised! {
    /// `counts += taken` and `taken = 0`. What is empty is passed over quickly.
    fn move_counts(counts: &mut [u32], taken: &mut [u16]) {
        const STRIDE: usize = 32;
        let (count_chunks, count_rest) = counts.as_chunks_mut::<STRIDE>();
        let (chunks, rest) = taken.as_chunks_mut::<STRIDE>();
        for (counts, taken) in count_chunks.iter_mut().zip(chunks) {
            if taken.iter().fold(0, |any, count| any | count) != 0 {
                move_some(counts, taken);
            }
        }
        move_some(count_rest, rest);
    }
}

#[inline(always)]
fn move_some(counts: &mut [u32], taken: &mut [u16]) {
    for (count, taken) in counts.iter_mut().zip(taken) {
        *count += u32::from(*taken);
        *taken = 0;
    }
}
