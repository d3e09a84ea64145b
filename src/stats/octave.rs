//! Counts of the bins of one octave.

use super::bin::BINS;
use super::octave_sum::OctaveSum;
use super::store::{Lot, Store};
use crate::vector::{Vectors, vectorised};

/// What one histogram counted in the bins of an octave, on one side.
///
/// Most bins of a long run hold a few hundred values: 16 bits a bin are half the memory, and half the traffic to it,
/// of 32. What grows beyond that is carried.
#[derive(Clone, Debug)]
pub(super) struct Octave {
    /// What has been counted in each bin and not been carried.
    counts: Lot,
    /// How often [`CARRY`] values were carried in each bin; empty while there is nothing in it.
    carried: Vec<u16>,
}

/// So many values are carried at once.
pub(super) const CARRY: u16 = 1 << 15;

impl Octave {
    /// One without values.
    pub fn new(store: &mut Store) -> Octave {
        Octave { counts: store.take(BINS), carried: Vec::new() }
    }

    /// Counts a value that comes so many times, and gives the bin's new count. There must be room.
    pub fn add(&self, store: &mut Store, bin: usize, times: u16) -> u16 {
        let count = &mut store.lot_mut(self.counts)[bin];
        *count += times;
        *count
    }

    /// Moves the counts of neighbouring bins from this one on, and leaves zeros in their place. There must be room.
    /// Gives the greatest sum.
    pub fn take(&self, store: &mut Store, vectors: Vectors, first: usize, counts: &mut [u16]) -> u16 {
        move_counts(vectors, &mut store.lot_mut(self.counts)[first..], counts)
    }

    /// Carries what can be, and gives the greatest count that is left.
    pub fn carry(&mut self, store: &mut Store, vectors: Vectors) -> u16 {
        let counts = store.lot_mut(self.counts);
        let most = greatest(vectors, counts);
        if most < CARRY {
            return most;
        }
        self.carried.resize(BINS, 0);
        for (count, carried) in counts.iter_mut().zip(&mut self.carried) {
            *carried += *count / CARRY;
            *count %= CARRY;
        }
        greatest(vectors, counts)
    }

    #[cfg(test)]
    pub fn has_carried(&self) -> bool {
        !self.carried.is_empty()
    }

    /// What has been counted in each bin and not been carried.
    pub fn counts<'a>(&self, store: &'a Store) -> &'a [u16] {
        store.lot(self.counts)
    }

    /// Adds its counts to those of others.
    pub fn add_to(&self, store: &Store, sum: &mut OctaveSum) {
        sum.add(self.counts(store), 0);
        sum.add(&self.carried, CARRY.trailing_zeros());
    }
}

vectorised! {
    fn move_counts(into: &mut [u16], counts: &mut [u16]) -> u16 {
        let mut greatest = 0;
        for (into, count) in into.iter_mut().zip(counts) {
            *into += *count;
            *count = 0;
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
