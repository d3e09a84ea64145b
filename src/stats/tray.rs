//! Counting by place.

use std::ops::RangeInclusive;

use super::bin::{SIGN, Side};
use super::store::Store;
use super::window::Window;
use crate::vector::{LINE, Vectors, fetch, fetch_line};

/// Counts values of one law after the other.
///
/// Laws are many, and their counts are not in the cache together. Here all laws are counted in one list, whose busy
/// part stays in the nearest cache; then each adds what it finds there to its own counts, bin by bin. Any place of 16
/// bits has a count, so that there is nothing to add or to check for a value: most of the time goes into one
/// instruction that adds 1.
#[derive(Debug)]
pub(super) struct Tray {
    /// The vectors to move counts with.
    pub vectors: Vectors,
    counts: Box<[u16; PLACES]>,
}

const PLACES: usize = 2 * SIGN;

/// Lines of places that are on their way while one is counted: they come from a far cache, and the processor does not
/// see by itself that the list goes on.
const AHEAD: usize = 12;

/// Counts that are fetched from memory at once.
const COUNTS_A_LINE: usize = LINE / size_of::<u16>();

/// So many of a law's own counts are asked for together.
const CHUNK: usize = 4 * COUNTS_A_LINE;

impl Tray {
    /// An empty one.
    pub fn new(vectors: Vectors) -> Tray {
        let counts = vec![0; PLACES].into_boxed_slice();
        Tray { vectors, counts: counts.try_into().expect("it has as many counts as there are places") }
    }

    /// Counts values by their places, see [`Survey`](super::Survey); fewer than 2^16 until they are taken out. On the
    /// way the processor is told of the law's own counts of some bins, which will be needed soon.
    pub fn count(&mut self, places: &[u16], store: &Store, law: &Window, bins: RangeInclusive<u32>) {
        let (mut lines, rest) = places.as_chunks();
        let chunks = || law.counts(store, bins.clone()).flat_map(|counts| counts.chunks(CHUNK));
        // Where there are more chunks than lines, the last ones are asked for all at once.
        let lines_a_chunk = (lines.len() / chunks().count().max(1)).max(1);
        for chunk in chunks() {
            fetch(chunk, 0..chunk.len());
            let count = lines_a_chunk.min(lines.len());
            self.count_lines(lines, count);
            lines = &lines[count..];
        }
        self.count_lines(lines, lines.len());
        rest.iter().for_each(|place| self.counts[usize::from(*place)] += 1);
    }

    /// Counts so many lines from the first on; those behind are only fetched. Not inlined: all that it needs is then in
    /// registers.
    #[inline(never)]
    fn count_lines(&mut self, lines: &[[u16; COUNTS_A_LINE]], count: usize) {
        for (number, line) in lines[..count].iter().enumerate() {
            fetch_line(lines, number + AHEAD);
            line.iter().for_each(|place| self.counts[usize::from(*place)] += 1);
        }
    }

    /// Takes out zeros, of which so many have been counted with either sign, and tells how many that are.
    pub fn take_zeros(&mut self, zeros: [u32; 2]) -> u64 {
        for side in Side::ALL {
            self.counts_of(side)[0] -= zeros[side as usize] as u16;
        }
        zeros.iter().map(|&count| u64::from(count)).sum()
    }

    /// The counts of the places on a side, to be taken out.
    pub fn counts_of(&mut self, side: Side) -> &mut [u16; SIGN] {
        let (positive, negative) = self.counts.split_at_mut(SIGN);
        let side = if side == Side::Positive { positive } else { negative };
        side.try_into().expect("half of all")
    }
}

#[cfg(test)]
mod tests {
    use super::super::octave_sum::OctaveSum;
    use super::*;

    /// Whether there are as many lines of places as chunks of the law's own counts, or one more, or none.
    #[test]
    fn each_place_is_counted_once_however_many_there_are() {
        let (vectors, bins) = (Vectors::widest(), 2000..=5000_u32);
        let (mut tray, mut store) = (Tray::new(vectors), Store::new(0));
        let (empty, mut law) = (Window::default(), Window::default());
        law.make_room(&mut store, vectors, bins.clone(), [true, false], 9);
        let chunks: usize = law.counts(&store, bins.clone()).map(|counts| counts.len().div_ceil(CHUNK)).sum();
        let lines = [0, 1, chunks - 1, chunks, chunks + 1, 2 * chunks - 1, 2 * chunks, 3 * chunks + 7];
        for count in lines.iter().flat_map(|lines| [0, 1, 31].map(|more| lines * COUNTS_A_LINE + more)) {
            let places: Vec<u16> = (0..count).map(|at| (at * 97 % 3001) as u16 + 2000).collect();
            let mut expected = vec![0; SIGN];
            places.iter().for_each(|place| expected[usize::from(*place)] += 1);
            for law in [&law, &empty] {
                tray.count(&places, &store, law, bins.clone());
                let found = tray.counts_of(Side::Positive);
                assert!(found[..] == expected, "{count}");
                found.fill(0);
            }
        }
    }

    #[test]
    fn places_are_counted_on_their_side_and_zeros_apart() {
        let (vectors, negative) = (Vectors::widest(), SIGN as u16);
        let (mut tray, mut store, mut law) = (Tray::new(vectors), Store::new(0), Window::default());
        law.make_room(&mut store, vectors, 2000..=2010, [true, true], 9);
        // The second time nothing is left of the first.
        for _ in 0..2 {
            let places = [0, 2003, 2005, negative, negative + 2003, 2005, 2005, 0, negative + 2004];
            tray.count(&places, &store, &law, 2000..=2010);
            assert_eq!(tray.take_zeros([2, 1]), 3);
            for side in Side::ALL {
                law.take(&mut store, vectors, side, 2003..=2005, tray.counts_of(side));
            }
        }
        let found = Side::ALL.map(|side| {
            let mut sum = OctaveSum::new(vectors);
            law.add_to(&store, side, 1, &mut sum);
            sum.occupied().map(|(bin, count, _)| (1024 + bin, count)).collect::<Vec<_>>()
        });
        assert_eq!(found, [vec![(2003, 2), (2005, 6)], vec![(2003, 2), (2004, 2)]]);
    }
}
