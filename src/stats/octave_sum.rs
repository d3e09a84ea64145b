//! The counts of one octave in several histograms, added up.

use super::bin::{BINS, NO_VALUE, common, filled};
use crate::vector::{Vectors, vectorised};

#[derive(Debug)]
pub(super) struct OctaveSum {
    vectors: Vectors,
    /// Those of an earlier octave while nothing has been added.
    counts: Box<[u64; BINS]>,
    /// What is known of each bin's values, see [`common`]; all NaN for a smooth law.
    values: Box<[f64; BINS]>,
    is_empty: bool,
    has_values: bool,
}

impl OctaveSum {
    pub fn new(vectors: Vectors) -> OctaveSum {
        OctaveSum { vectors, counts: filled(0), values: filled(f64::NAN), is_empty: true, has_values: false }
    }

    /// Forgets all counts.
    pub fn clear(&mut self) {
        if self.has_values {
            self.values.fill(f64::NAN);
        }
        (self.is_empty, self.has_values) = (true, false);
    }

    /// Whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// The count of each bin, if none has a value that is known. Something must have been added.
    pub fn smooth(&self) -> Option<&[u64; BINS]> {
        (!self.has_values).then_some(&self.counts)
    }

    /// (bin, count, the one value or NaN) of the bins that are not empty. Something must have been added.
    pub fn occupied(&self) -> impl DoubleEndedIterator<Item = (usize, u64, f64)> {
        let bins = self.counts.iter().zip(&self.values[..]).enumerate();
        bins.map(|(bin, (&count, &value))| (bin, count, value)).filter(|(_, count, _)| *count > 0)
    }

    /// Adds counts of `2^power` values each; all of them or none.
    pub fn add(&mut self, counts: &[u16], power: u32) {
        if has_any(self.vectors, counts) {
            match std::mem::replace(&mut self.is_empty, false) {
                true => set(self.vectors, &mut self.counts[..], counts, power),
                false => add(self.vectors, &mut self.counts[..], counts, power),
            }
        }
    }

    /// Adds what is known of values.
    pub fn add_values(&mut self, values: &[f64]) {
        if !self.has_values {
            self.values.fill(NO_VALUE);
            self.has_values = true;
        }
        for (known, &value) in self.values.iter_mut().zip(values) {
            *known = common(*known, value);
        }
    }
}

vectorised! {
    fn has_any(counts: &[u16]) -> bool {
        counts.iter().fold(0, |any, count| any | count) != 0
    }
}

vectorised! {
    fn set(all: &mut [u64], counts: &[u16], power: u32) {
        all.iter_mut().zip(counts).for_each(|(all, &count)| *all = u64::from(count) << power);
    }
}

vectorised! {
    fn add(all: &mut [u64], counts: &[u16], power: u32) {
        all.iter_mut().zip(counts).for_each(|(all, &count)| *all += u64::from(count) << power);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cleared_sum_knows_nothing() {
        let mut counts = [0; BINS];
        let mut values = [NO_VALUE; BINS];
        (counts[3], values[3]) = (1, 1.5);
        let mut all = OctaveSum::new(Vectors::widest());
        all.add(&counts, 1);
        all.add_values(&values);
        assert!(!all.is_empty());
        assert_eq!(all.occupied().collect::<Vec<_>>(), [(3, 2, 1.5)]);
        all.clear();
        assert!(all.is_empty());
        let mut others = [0; BINS];
        others[5] = 7;
        all.add(&others, 0);
        assert!(matches!(all.occupied().collect::<Vec<_>>()[..], [(5, 7, value)] if value.is_nan()));
    }
}
