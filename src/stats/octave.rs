//! Counts of the bins of one octave.

use super::bin::{BINS, filled};
use super::octave_sum::OctaveSum;
use crate::vector::{Vectors, fetch_line, vectorised};

/// What one histogram counted in the bins of an octave, on one side.
///
/// Most bins of a long run hold a few hundred values: 16 bits a bin are half the memory, and half the traffic to it,
/// of 32. What grows beyond that is carried.
#[derive(Clone, Debug)]
pub(super) struct Octave {
    /// What has been counted in each bin and not been carried.
    counts: Box<[u16; BINS]>,
    /// How often [`CARRY`] values were carried in each bin; empty while there is nothing in it.
    carried: Vec<u16>,
}

/// So many values are carried at once.
pub(super) const CARRY: u16 = 1 << 15;

impl Default for Octave {
    fn default() -> Octave {
        Octave { counts: filled(0), carried: Vec::new() }
    }
}

impl Octave {
    /// Counts a value that comes so many times, and gives the bin's new count. There must be room.
    pub fn add(&mut self, bin: usize, times: u16) -> u16 {
        self.counts[bin] += times;
        self.counts[bin]
    }

    /// Carries what can be, and gives the greatest count that is left.
    pub fn carry(&mut self, vectors: Vectors) -> u16 {
        let most = greatest(vectors, &self.counts[..]);
        if most < CARRY {
            return most;
        }
        self.carried.resize(BINS, 0);
        for (count, carried) in self.counts.iter_mut().zip(&mut self.carried) {
            *carried += *count / CARRY;
            *count %= CARRY;
        }
        greatest(vectors, &self.counts[..])
    }

    #[cfg(test)]
    pub fn has_carried(&self) -> bool {
        !self.carried.is_empty()
    }

    /// Tells the processor that a bin's count will be needed.
    #[inline(always)]
    pub fn fetch(&self, bin: usize) {
        fetch_line(&self.counts[..], bin);
    }

    /// Adds its counts to those of others.
    pub fn add_to(&self, sum: &mut OctaveSum) {
        sum.add(&self.counts[..], 0);
        sum.add(&self.carried, CARRY.trailing_zeros());
    }
}

vectorised! {
    /// Moves the counts of neighbouring bins, from one of the first octave on, and leaves zeros in their place. There
    /// must be room. Gives the greatest sum.
    pub(super) fn move_counts(octaves: &mut [Octave], first: usize, counts: &mut [u16]) -> u16 {
        let (mut greatest, mut first, mut rest) = (0, first, counts);
        for octave in octaves {
            let into = &mut octave.counts[first..];
            let (counts, others) = rest.split_at_mut(into.len().min(rest.len()));
            for (into, count) in into.iter_mut().zip(counts) {
                *into += *count;
                *count = 0;
                greatest = greatest.max(*into);
            }
            (first, rest) = (0, others);
        }
        greatest
    }
}

vectorised! {
    fn greatest(counts: &[u16]) -> u16 {
        counts.iter().fold(0, |greatest, count| greatest.max(*count))
    }
}
