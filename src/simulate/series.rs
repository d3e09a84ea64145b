//! Accumulators of many numbers, and their merging.

use crate::stats::{Histograms, Kind, Moments, Tally, Tree, Value};
use crate::vector::Vectors;

/// A bin counts to 2^31: long before they are full, its counts are moved to a tally.
const MOST_IN_A_HISTOGRAM: u64 = 1 << 30;

/// Moments and histograms of numbers that are observed once a trial, each numbered by its series.
pub(super) struct Series {
    /// Of the current block.
    leaf: Vec<Moments>,
    tree: Tree<Vec<Moments>>,
    histograms: Histograms,
    /// Counts that are not in the histograms any more; empty as long as there are none.
    tallies: Vec<Tally>,
    in_histograms: u64,
    /// (value, how often) of the series whose values are all alike, by series as far as there is one.
    alike: Vec<(f64, u64)>,
}

/// Bytes of the values of a kind that wait to be counted: a few thousand values a series where there are hundreds. It
/// is more where a block of each series takes more, and where values have either sign.
const WAITING_BYTES: usize = 5 << 20;
/// More smooth values of one sign than this do not wait in one series.
const MOST_WAITING: usize = 1 << 13;

impl Series {
    pub fn new(kinds: impl Iterator<Item = Kind>, lanes: usize, vectors: Vectors) -> Series {
        let kinds: Vec<Kind> = kinds.collect();
        let room = |kind: Kind| {
            let (size, most) = match kind {
                Kind::Smooth => (size_of::<u16>(), MOST_WAITING),
                Kind::Atoms => (size_of::<u16>() + size_of::<f64>(), MOST_WAITING / 4),
            };
            let alike = kinds.iter().filter(|it| **it == kind).count();
            (WAITING_BYTES / size / alike.max(1)).clamp(lanes, most)
        };
        let (smooth, atoms) = (room(Kind::Smooth), room(Kind::Atoms));
        let room = |kind: Kind| if kind == Kind::Smooth { smooth } else { atoms };
        let histograms = Histograms::new(vectors, kinds.iter().map(|&kind| (kind, room(kind))));
        Series {
            leaf: vec![Moments::default(); histograms.len()],
            tree: Tree::default(),
            histograms,
            tallies: Vec::new(),
            in_histograms: 0,
            alike: Vec::new(),
        }
    }

    pub fn push<V: Value>(&mut self, series: usize, values: &[V]) {
        self.leaf[series] = self.histograms.push(series, values);
    }

    /// Pushes a finite number that comes so many times, in a series that no other number ever comes to.
    pub fn push_alike(&mut self, series: usize, value: f64, count: usize) {
        if series >= self.alike.len() {
            self.alike.resize(series + 1, (0.0, 0));
        }
        let before = self.alike[series].1;
        self.alike[series] = (value, before + count as u64);
        self.leaf[series] = Moments { count: count as u64, mean: value, squares: 0.0 };
    }

    pub fn end_block(&mut self, block: u64) {
        if self.leaf.is_empty() {
            return;
        }
        self.in_histograms += self.leaf[0].count;
        let next = vec![Moments::default(); self.leaf.len()];
        self.tree.push(block, std::mem::replace(&mut self.leaf, next));
        if self.in_histograms >= MOST_IN_A_HISTOGRAM {
            self.move_counts_to_tallies();
        }
    }

    /// Counts what waits: to be called before the series is read. The space stays where it is, as freeing it and taking
    /// it again leaves holes in memory.
    pub fn settle(&mut self) {
        self.histograms.settle();
    }

    /// The same where nothing will wait any more.
    pub fn settle_for_good(&mut self) {
        self.histograms.settle_for_good();
    }

    /// Takes over the sums of another. Most nodes of either's tree have their sibling in the other's, and are one from
    /// then on: else they would grow in number with the trials.
    pub fn take_sums(&mut self, other: &mut Series) {
        self.tree.absorb(std::mem::take(&mut other.tree));
    }

    /// Adds a node of the tree of sums.
    pub fn insert(&mut self, level: u32, index: u64, moments: Vec<Moments>) {
        self.tree.insert(level, index, moments);
    }

    /// Adds the counts of other trials, a tally a series.
    pub fn add_tallies(&mut self, tallies: Vec<Tally>) {
        self.tallies.resize(self.histograms.len(), Tally::default());
        for (all, other) in self.tallies.iter_mut().zip(tallies) {
            all.add(&other);
        }
    }

    /// Moves the counts to where only bins that hold a value take memory.
    pub fn move_counts_to_tallies(&mut self) {
        self.tallies.resize(self.histograms.len(), Tally::default());
        self.histograms.settle_for_good();
        for (series, tally) in self.tallies.iter_mut().enumerate() {
            tally.add(&Histograms::tally(&[&self.histograms], series));
        }
        self.histograms.clear();
        self.in_histograms = 0;
    }
}

/// The same series of all workers, merged on demand so that a thread holds only one tally at a time.
pub(super) struct Merged<'a> {
    tree: Tree<Vec<Moments>>,
    moments: Vec<Moments>,
    workers: Vec<&'a Series>,
}

impl<'a> Merged<'a> {
    pub fn new(workers: impl Iterator<Item = &'a Series>) -> Merged<'a> {
        let workers: Vec<&Series> = workers.collect();
        let mut tree = Tree::default();
        for worker in &workers {
            tree.absorb(worker.tree.clone());
        }
        Merged { moments: tree.clone().finish().unwrap_or_default(), tree, workers }
    }

    /// Moments and counts of one series.
    pub fn of(&self, series: usize) -> (Moments, Tally) {
        (self.moments[series], self.tally(series))
    }

    /// How many values each series has.
    pub fn count(&self) -> u64 {
        self.moments.first().map_or(0, |moments| moments.count)
    }

    /// Counts of one series.
    pub fn tally(&self, series: usize) -> Tally {
        let histograms: Vec<&Histograms> = self.workers.iter().map(|worker| &worker.histograms).collect();
        let mut tally = Histograms::tally(&histograms, series);
        for earlier in self.workers.iter().filter_map(|worker| worker.tallies.get(series)) {
            tally.add(earlier);
        }
        for &(value, count) in self.workers.iter().filter_map(|worker| worker.alike.get(series)) {
            tally.add(&Tally::all_alike(value, count));
        }
        tally
    }

    /// The sums of all workers, as far as they have been merged.
    pub fn tree(&self) -> &Tree<Vec<Moments>> {
        &self.tree
    }

    /// The vectors that it was counted with.
    pub fn vectors(&self) -> Vectors {
        self.workers.first().map_or_else(Vectors::widest, |worker| worker.histograms.vectors())
    }

    /// How many series there are.
    pub fn series(&self) -> usize {
        self.workers.first().map_or(0, |worker| worker.histograms.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_workers_together_are_few_and_those_of_one() {
        let series = || Series::new([Kind::Smooth].into_iter(), 4, Vectors::widest());
        let (mut one, mut even, mut odd) = (series(), series(), series());
        for block in 0..64_u64 {
            let values = [1.5, 2.0, 2.5, 3.0].map(|value: f64| value * (block as f64 + 1.0).sqrt());
            for series in [&mut one, if block % 2 == 0 { &mut even } else { &mut odd }] {
                series.push(0, &values);
                series.end_block(block);
            }
        }
        assert_eq!((even.tree.nodes().count(), odd.tree.nodes().count()), (32, 32));
        even.take_sums(&mut odd);
        assert_eq!((even.tree.nodes().count(), odd.tree.nodes().count()), (1, 0));
        let sums = |workers: &[&Series]| Merged::new(workers.iter().copied()).of(0).0;
        let (whole, halves) = (sums(&[&one]), sums(&[&even, &odd]));
        assert_eq!((whole.count, whole.mean.to_bits(), whole.squares.to_bits()), {
            (halves.count, halves.mean.to_bits(), halves.squares.to_bits())
        });
    }
}
