//! Numbers of bins, and counts of neighbouring ones.

use std::ops::Range;

use super::octave::{BINS, Octave, OctaveSum};
use crate::vector::Vectors;

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
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    /// The number of the first octave.
    first: u32,
    octaves: Vec<Octave>,
}

impl Window {
    /// The octave of this number.
    #[inline]
    fn octave(&mut self, number: u32) -> &mut Octave {
        let mut at = number.wrapping_sub(self.first) as usize;
        if at >= self.octaves.len() {
            at = self.grow(number);
        }
        &mut self.octaves[at]
    }

    /// Makes room for an octave and gives its place.
    #[cold]
    fn grow(&mut self, number: u32) -> usize {
        if self.octaves.is_empty() {
            self.first = number;
        }
        if number < self.first {
            let new = (number..self.first).map(|_| Octave::default());
            self.octaves.splice(0..0, new);
            self.first = number;
        }
        let at = (number - self.first) as usize;
        if at >= self.octaves.len() {
            self.octaves.resize_with(at + 1, Octave::default);
        }
        at
    }

    /// Counts a value of a smooth law.
    pub fn increment(&mut self, bin: u32) {
        self.octave(bin / OCTAVE).increment((bin % OCTAVE) as usize);
    }

    /// Takes the counts of the bins from `first` on, leaving 0; they are at most as many as an octave takes at once.
    pub fn take(&mut self, vectors: Vectors, first: u32, counts: &mut [u16]) {
        let (mut bin, mut rest) = (first, counts);
        while !rest.is_empty() {
            let within = (bin % OCTAVE) as usize;
            let (now, later) = rest.split_at_mut(rest.len().min(BINS - within));
            self.octave(bin / OCTAVE).take(vectors, within, now);
            bin += now.len() as u32;
            rest = later;
        }
    }

    /// Counts a value that may be an atom and comes so many times, at most what an octave takes at once.
    pub fn remember(&mut self, bin: u32, value: f64, times: u16) {
        self.octave(bin / OCTAVE).remember((bin % OCTAVE) as usize, value, times);
    }

    /// The numbers of its octaves.
    pub fn numbers(&self) -> Range<u32> {
        self.first..self.first + self.octaves.len() as u32
    }

    /// Adds the counts of an octave to those of others, if it has that octave.
    pub fn add_to(&self, number: u32, sum: &mut OctaveSum) {
        if let Some(octave) = number.checked_sub(self.first).and_then(|at| self.octaves.get(at as usize)) {
            octave.add_to(sum);
        }
    }
}
