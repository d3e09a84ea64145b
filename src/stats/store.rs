//! Memory for counts and for places of values, in large parts.

use std::alloc::{Layout, handle_alloc_error};
use std::ops::Range;

use bytemuck::{cast_slice, cast_slice_mut};
use memmap2::MmapMut;

use super::bin::BINS;

/// Memory that many histograms share: hundreds of them need some kilobytes each, most of them as the first values come.
/// It is asked of the system in parts that fit its large pages, so that a run does not wait for each of thousands of
/// small ones, nor the processor look them up one by one ever after. All is freed at once.
#[derive(Debug)]
pub(super) struct Store {
    parts: Vec<MmapMut>,
    /// How many pieces of the last part have been taken.
    taken: usize,
    /// Whether a large page will be used well.
    is_large: bool,
}

/// Neighbouring pieces of a store: which, and how many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lot {
    first: u32,
    pieces: u32,
}

/// Numbers of a piece.
const PIECE: usize = BINS;
/// Pieces of a part, together as large as a large page of most systems; and how many make it worth one.
const PIECES: usize = (2 << 20) / size_of::<[u16; PIECE]>();
const MANY: usize = PIECES / 4;

impl Store {
    /// An empty one, of which room for so many numbers will be taken, roughly.
    pub fn new(count: usize) -> Store {
        Store { parts: Vec::new(), taken: PIECES, is_large: count >= MANY * PIECE }
    }

    /// Frees all.
    pub fn clear(&mut self) {
        (self.parts, self.taken) = (Vec::new(), PIECES);
    }

    /// Takes room for so many numbers, at most a part. All are 0.
    pub fn take(&mut self, count: usize) -> Lot {
        let pieces = count.div_ceil(PIECE);
        assert!(pieces <= PIECES, "a lot is within a part");
        if self.taken + pieces > PIECES {
            self.parts.push(part(self.is_large));
            self.taken = 0;
        }
        let first = (self.parts.len() - 1) * PIECES + self.taken;
        self.taken += pieces;
        Lot { first: first as u32, pieces: pieces as u32 }
    }

    /// What is in a lot.
    #[inline(always)]
    pub fn lot(&self, lot: Lot) -> &[u16] {
        let (part, range) = lot.at();
        &cast_slice(&self.parts[part])[range]
    }

    /// The same to be changed.
    #[inline(always)]
    pub fn lot_mut(&mut self, lot: Lot) -> &mut [u16] {
        let (part, range) = lot.at();
        &mut cast_slice_mut(&mut self.parts[part])[range]
    }
}

impl Lot {
    /// How many numbers it has room for.
    pub fn len(self) -> usize {
        self.pieces as usize * PIECE
    }

    /// The part it is in, and where in it.
    #[inline(always)]
    fn at(self) -> (usize, Range<usize>) {
        let (part, first) = (self.first as usize / PIECES, self.first as usize % PIECES * PIECE);
        (part, first..first + self.len())
    }
}

/// A part of zeros. A system that has no large pages, or none left, gives small ones.
fn part(is_large: bool) -> MmapMut {
    let part = MmapMut::map_anon(PIECES * size_of::<[u16; PIECE]>());
    let part = part.unwrap_or_else(|_| handle_alloc_error(Layout::new::<[[u16; PIECE]; PIECES]>()));
    #[cfg(target_os = "linux")]
    if is_large {
        _ = part.advise(memmap2::Advice::HugePage);
    }
    part
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_are_zeros_and_apart_whatever_part_they_are_in() {
        let counts = [1, PIECE, 5 * PIECE + 1, PIECES * PIECE, 300 * PIECE];
        for expected in [0, PIECES * PIECE] {
            let mut store = Store::new(expected);
            let lots: Vec<Lot> = counts.iter().cycle().take(20).map(|&count| store.take(count)).collect();
            for (lot, count) in lots.iter().zip(counts.iter().cycle()) {
                assert!((*count..count + PIECE).contains(&lot.len()));
            }
            for (number, &lot) in (1..).zip(&lots) {
                assert!(store.lot(lot).iter().all(|it| *it == 0), "{number}");
                store.lot_mut(lot).fill(number);
            }
            for (number, &lot) in (1..).zip(&lots) {
                assert!(store.lot(lot).len() == lot.len() && store.lot(lot).iter().all(|it| *it == number), "{number}");
            }
            store.clear();
            let again = store.take(PIECES * PIECE);
            assert!(store.lot(again).iter().all(|it| *it == 0));
        }
    }
}
