//! Memory for counts and for places of values, in large parts.

use std::alloc::{Layout, handle_alloc_error};
use std::ops::Range;

use bytemuck::{cast_slice, cast_slice_mut};
use memmap2::MmapMut;

use crate::vector::LINE;

/// Memory that many histograms share: hundreds of them need some kilobytes each, most of them as the first values come.
/// It is asked of the system in parts as large as a large page, so that a run does not wait for each of thousands of
/// small ones, nor, where the system aligns them, the processor look them up one by one ever after. All is freed at
/// once, and nothing before.
#[derive(Debug)]
pub(super) struct Store {
    parts: Vec<MmapMut>,
    /// How many lines of the last part have been taken.
    taken: usize,
    /// Whether a large page will be used well.
    is_large: bool,
}

/// Room for neighbouring numbers in a store: its first line, and how many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lot {
    first: u32,
    lines: u32,
}

/// Numbers on a line of memory.
const NUMBERS: usize = LINE / size_of::<u16>();
/// Lines of a part, together as large as a large page of most systems.
const LINES: usize = (2 << 20) / LINE;
/// Numbers of a part; half of them make it worth a large page.
pub(super) const PART: usize = LINES * NUMBERS;
const MANY: usize = PART / 2;

impl Store {
    /// An empty one, of which room for so many numbers will be taken, roughly.
    pub fn new(count: usize) -> Store {
        Store { parts: Vec::new(), taken: LINES, is_large: count >= MANY }
    }

    /// Frees all.
    pub fn clear(&mut self) {
        (self.parts, self.taken) = (Vec::new(), LINES);
    }

    /// Takes room for so many numbers, at most [`PART`]. All are 0.
    pub fn take(&mut self, count: usize) -> Lot {
        let lines = count.div_ceil(NUMBERS);
        assert!(lines <= LINES, "a lot is within a part");
        if self.taken + lines > LINES {
            self.parts.push(part(self.is_large));
            self.taken = 0;
        }
        let first = (self.parts.len() - 1) * LINES + self.taken;
        self.taken += lines;
        Lot { first: first as u32, lines: lines as u32 }
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
        self.lines as usize * NUMBERS
    }

    /// The part it is in, and where in it.
    #[inline(always)]
    fn at(self) -> (usize, Range<usize>) {
        let (part, first) = (self.first as usize / LINES, self.first as usize % LINES * NUMBERS);
        (part, first..first + self.len())
    }
}

/// A part of zeros. A system that has no large pages, or none left, gives small ones.
fn part(is_large: bool) -> MmapMut {
    let part = MmapMut::map_anon(PART * size_of::<u16>());
    let part = part.unwrap_or_else(|_| handle_alloc_error(Layout::new::<[u16; PART]>()));
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
        let counts = [1, NUMBERS, 5000, PART, 300_000];
        for expected in [0, PART] {
            let mut store = Store::new(expected);
            let lots: Vec<Lot> = counts.iter().cycle().take(20).map(|&count| store.take(count)).collect();
            for (lot, count) in lots.iter().zip(counts.iter().cycle()) {
                assert!((*count..count + NUMBERS).contains(&lot.len()));
            }
            for (number, &lot) in (1..).zip(&lots) {
                assert!(store.lot(lot).iter().all(|it| *it == 0), "{number}");
                store.lot_mut(lot).fill(number);
            }
            for (number, &lot) in (1..).zip(&lots) {
                assert!(store.lot(lot).len() == lot.len() && store.lot(lot).iter().all(|it| *it == number), "{number}");
            }
            store.clear();
            let again = store.take(PART);
            assert!(store.lot(again).iter().all(|it| *it == 0));
        }
    }
}
