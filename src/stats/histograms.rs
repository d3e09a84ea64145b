//! The histograms of one worker.

use super::histogram::Histogram;
use super::shared::Shared;
use super::store::Store;
use super::{Kind, Moments, Tally, Value};
use crate::vector::Vectors;

/// Histograms of many numbers, each known by its index, and what they share.
#[derive(Debug)]
pub struct Histograms {
    all: Vec<Histogram>,
    shared: Shared,
}

impl Histograms {
    /// Empty histograms of numbers of such kinds, in which up to so many values may wait to be counted, or more of either
    /// sign. They count to 2^31 in a bin.
    pub fn new(vectors: Vectors, kinds: impl Iterator<Item = (Kind, usize)>) -> Histograms {
        let all: Vec<Histogram> = kinds.map(|(kind, room)| Histogram::new(kind, room)).collect();
        let waiting = all.iter().map(Histogram::room).sum();
        Histograms { shared: Shared::new(vectors, all.len(), waiting), all }
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The vectors that they count with.
    pub fn vectors(&self) -> Vectors {
        self.shared.tray.vectors
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Adds values of a number, at least one, and gives their moments, which the same pass finds. They are counted by the
    /// next [`Histograms::settle`] at the latest. It is quickest if numbers come in their order.
    pub fn push<V: Value>(&mut self, number: usize, values: &[V]) -> Moments {
        if let Some(later) = self.all.get(number + 2) {
            later.announce_early();
        }
        if let Some(next) = self.all.get(number + 1) {
            next.announce(&self.shared, values.len());
        }
        self.all[number].push(&mut self.shared, values)
    }

    /// Counts what waits: to be called before the counts are read.
    pub fn settle(&mut self) {
        for histogram in &mut self.all {
            histogram.settle(&mut self.shared);
        }
    }

    /// The same, and frees the space of what waited: nothing will any more, or not for long.
    pub fn settle_for_good(&mut self) {
        self.settle();
        self.all.iter_mut().for_each(Histogram::free_places);
        self.shared.places.clear();
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        self.all.iter_mut().for_each(Histogram::clear);
        self.shared.places.clear();
        self.shared.counts.clear();
    }

    #[cfg(test)]
    pub(super) fn get(&self, number: usize) -> &Histogram {
        &self.all[number]
    }

    /// The counts of one number in several histograms together. What waits in them is not counted.
    pub fn tally(several: &[&Histograms], number: usize) -> Tally {
        let vectors = several.first().map_or_else(Vectors::widest, |one| one.vectors());
        let parts: Vec<(&Store, &Histogram)> = several.iter().map(|it| (&it.shared.counts, &it.all[number])).collect();
        Tally::of_histograms(vectors, &parts)
    }
}
