//! Merging in an order that depends on nothing but the number of pieces.

use std::collections::BTreeMap;

/// Something that can take in what came later.
pub trait Merge {
    /// Adds `later`, which describes trials after those of `self`.
    fn merge(&mut self, later: &Self);
}

impl<T: Merge> Merge for Vec<T> {
    fn merge(&mut self, later: &Self) {
        for (own, other) in self.iter_mut().zip(later) {
            own.merge(other);
        }
    }
}

/// Pieces 0, 1, 2, .. are merged pairwise: 0 with 1, 2 with 3, then 0-1 with 2-3, and so on. They may be given in
/// any order; the floating-point result is the same. Holds about one node a level and a gap.
#[derive(Clone, Debug)]
pub struct Tree<T> {
    /// (level, index): the merged pieces `index << level .. (index + 1) << level`.
    nodes: BTreeMap<(u32, u64), T>,
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Tree { nodes: BTreeMap::new() }
    }
}

impl<T: Merge> Tree<T> {
    /// Adds piece `index`.
    pub fn push(&mut self, index: u64, piece: T) {
        self.insert(0, index, piece);
    }

    /// Adds all nodes of a tree over other pieces.
    pub fn absorb(&mut self, other: Tree<T>) {
        for ((level, index), node) in other.nodes {
            self.insert(level, index, node);
        }
    }

    /// All pieces merged; the unpaired ones at the end from the largest to the smallest. Meaningful when pieces
    /// 0 .. n have all been given.
    pub fn finish(self) -> Option<T> {
        let mut nodes: Vec<((u32, u64), T)> = self.nodes.into_iter().collect();
        nodes.sort_by_key(|((level, index), _)| index << level);
        nodes.into_iter().map(|(_, node)| node).reduce(|mut all, later| {
            all.merge(&later);
            all
        })
    }

    /// Node by node: the level and index of each with its content.
    pub fn nodes(&self) -> impl Iterator<Item = (u32, u64, &T)> {
        self.nodes.iter().map(|(&(level, index), node)| (level, index, node))
    }

    /// Adds the merged pieces `index << level ..` as one node.
    pub fn insert(&mut self, mut level: u32, mut index: u64, mut node: T) {
        while let Some(sibling) = self.nodes.remove(&(level, index ^ 1)) {
            node = if index % 2 == 1 {
                let mut first = sibling;
                first.merge(&node);
                first
            } else {
                node.merge(&sibling);
                node
            };
            level += 1;
            index /= 2;
        }
        self.nodes.insert((level, index), node);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq)]
    struct Sum(f64);

    impl Merge for Sum {
        fn merge(&mut self, later: &Sum) {
            self.0 += later.0;
        }
    }

    fn total(order: impl Iterator<Item = u64>) -> u64 {
        let mut tree = Tree::default();
        for index in order {
            tree.push(index, Sum(1.0 / (index as f64 + 3.0)));
        }
        tree.finish().unwrap().0.to_bits()
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let forward = total(0..1001);
        assert_eq!(forward, total((0..1001).rev()));
        assert_eq!(forward, total((0..1001).map(|i| i * 10 % 1001)));
    }

    #[test]
    fn few_nodes_are_held() {
        let mut tree = Tree::default();
        for index in 0..1023 {
            tree.push(index, Sum(1.0));
        }
        assert_eq!(tree.nodes().count(), 10);
    }

    #[test]
    fn absorbing_a_tree_is_giving_its_pieces() {
        let (mut whole, mut left, mut right) = (Tree::default(), Tree::default(), Tree::default());
        for index in 0..77u32 {
            let piece = Sum(f64::from(index).sqrt());
            whole.push(index.into(), piece.clone());
            if index < 30 { &mut left } else { &mut right }.push(index.into(), piece);
        }
        right.absorb(left);
        assert_eq!(right.finish(), whole.finish());
    }
}
