//! Counts of values in bins of equal relative width.
//!
//! A bin is an interval of the floating-point numbers with the same sign, exponent and first ten bits of the
//! mantissa: 1,024 bins an octave, each at most 0.098 % wide. So the bin of a value is a shift of its bits, and
//! any value read from its bin is within 0.098 % of it. Magnitudes below 1e-9 count as 0.

use crate::vector::{Vectors, vectorised};

/// Bits of an `f32` that a bin does not look at.
const SHIFT: u32 = 13;
/// The sign in a bin's key; the rest is its magnitude.
const SIGN: u32 = 1 << (31 - SHIFT);
/// Windows grow by whole octaves.
const OCTAVE: u32 = 1 << (23 - SHIFT);
/// Magnitudes below this count as 0.
const LEAST: f32 = 1e-9;

/// The span of no keys at all.
const NO_SPAN: (u32, u32) = (u32::MAX, 0);

/// Whether a law may have atoms, values that have a probability of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It has none but at 0: only counts are kept.
    Smooth,
    /// It may: each bin remembers its value as long as there is but one.
    Atoms,
}

/// Counts of one number's values. Its memory grows with the spread of the values, not with their number.
///
/// The bins of smooth values wait until there are many of them: one histogram among hundreds is not in the cache,
/// and counting a few thousand values at once brings it there once.
#[derive(Clone, Debug)]
pub struct Histogram {
    kind: Kind,
    negative: Window,
    zeros: u64,
    positive: Window,
    /// Space for those that wait, the first `waiting_count` of it in use.
    waiting: Vec<u32>,
    waiting_count: usize,
    /// How many may wait.
    room: usize,
    /// Least and greatest key of those that wait.
    span: (u32, u32),
}

/// Space that histograms share while they count.
#[derive(Clone, Debug, Default)]
pub struct Scratch {
    /// All 0 between uses.
    counts: Vec<u16>,
}

impl Scratch {
    /// As many values at once cannot overflow a bin.
    const MOST: usize = u16::MAX as usize;
}

/// Counts of neighbouring bins.
#[derive(Clone, Debug, Default)]
struct Window {
    /// Key of the first bin, a multiple of an octave.
    first: u32,
    counts: Vec<u32>,
    /// The one value of each bin, NaN once there are two; empty for a smooth law.
    values: Vec<f64>,
}

impl Histogram {
    /// An empty histogram in which the bins of up to `room` smooth values may wait to be counted.
    pub fn new(kind: Kind, room: usize) -> Histogram {
        let (negative, positive) = (Window::default(), Window::default());
        Histogram { kind, negative, zeros: 0, positive, waiting: Vec::new(), waiting_count: 0, room, span: NO_SPAN }
    }

    /// Adds values. They are counted by the next [`Histogram::settle`] at the latest.
    pub fn push(&mut self, vectors: Vectors, values: &[f64], scratch: &mut Scratch) {
        if self.waiting_count + values.len() > self.room {
            self.settle(vectors, scratch);
        }
        let first = self.waiting_count;
        self.waiting_count += values.len();
        if self.waiting.len() < self.waiting_count {
            self.waiting.resize(self.room.max(self.waiting_count), 0);
        }
        let (least, greatest) = bin_keys(vectors, values, &mut self.waiting[first..self.waiting_count]);
        self.span = (self.span.0.min(least), self.span.1.max(greatest));
        if self.kind == Kind::Atoms {
            let keys = std::mem::take(&mut self.waiting);
            self.remember(values, &keys[..values.len()]);
            self.waiting = keys;
            self.forget_waiting();
        }
    }

    /// Counts what waits.
    pub fn settle(&mut self, vectors: Vectors, scratch: &mut Scratch) {
        let (least, greatest) = self.span;
        if self.waiting_count == 0 {
            return;
        }
        let waiting = std::mem::take(&mut self.waiting);
        let keys = &waiting[..self.waiting_count];
        if least > 0 && greatest < SIGN {
            self.positive.cover(least, greatest, false);
            self.positive.count(vectors, keys, self.span, scratch);
        } else {
            self.count_signed(vectors, keys, scratch);
        }
        self.waiting = waiting;
        self.forget_waiting();
    }

    /// Frees the space of those that waited.
    pub fn settle_for_good(&mut self, vectors: Vectors, scratch: &mut Scratch) {
        self.settle(vectors, scratch);
        self.waiting = Vec::new();
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        *self = Histogram::new(self.kind, self.room);
    }

    fn forget_waiting(&mut self) {
        self.waiting_count = 0;
        self.span = NO_SPAN;
    }

    /// Parts the keys by sign without a branch, since the sign of a balance cannot be foretold.
    fn count_signed(&mut self, vectors: Vectors, keys: &[u32], scratch: &mut Scratch) {
        let mut parted = vec![0; 2 * keys.len()];
        let (positive, negative) = parted.split_at_mut(keys.len());
        let (mut positives, mut negatives) = (0, 0);
        for &key in keys {
            positive[positives] = key;
            positives += usize::from(key.wrapping_sub(1) < SIGN - 1);
            negative[negatives] = key.wrapping_sub(SIGN);
            negatives += usize::from(key >= SIGN);
        }
        self.zeros += (keys.len() - positives - negatives) as u64;
        for (window, keys) in
            [(&mut self.positive, &positive[..positives]), (&mut self.negative, &negative[..negatives])]
        {
            if let Some((least, greatest)) = span(keys) {
                window.cover(least, greatest, false);
                window.count(vectors, keys, (least, greatest), scratch);
            }
        }
    }

    fn remember(&mut self, values: &[f64], keys: &[u32]) {
        for (&key, &value) in keys.iter().zip(values) {
            let (window, key) = match key {
                0 => {
                    self.zeros += 1;
                    continue;
                }
                1..SIGN => (&mut self.positive, key),
                _ => (&mut self.negative, key - SIGN),
            };
            window.cover(key, key, true);
            window.remember(key, value);
        }
    }

    /// The bins that are not empty, in increasing order of value: (index, count, the one value or NaN). The index of
    /// a bin is its magnitude's key, negative for negative values, 0 for zero.
    pub fn occupied(&self) -> Vec<(i32, u64, f64)> {
        let negative = self.negative.occupied().rev().map(|(key, count, value)| (-(key as i32), count, value));
        let zero = (self.zeros > 0).then_some((0, self.zeros, 0.0));
        let positive = self.positive.occupied().map(|(key, count, value)| (key as i32, count, value));
        negative.chain(zero).chain(positive).collect()
    }

    /// The bounds of a bin's magnitudes.
    pub fn magnitudes(index: i32) -> (f64, f64) {
        let edge = |key: u32| f64::from(f32::from_bits(key << SHIFT));
        let key = index.unsigned_abs();
        if key == 0 { (0.0, 0.0) } else { (edge(key), edge(key + 1)) }
    }

    /// The index of the bin that holds a value.
    pub fn bin_of(value: f64) -> i32 {
        let key = bin_key(value);
        if key < SIGN { key as i32 } else { -((key - SIGN) as i32) }
    }
}

impl Window {
    /// Grows to hold the bins from `least` to `greatest`.
    #[inline]
    fn cover(&mut self, least: u32, greatest: u32, atoms: bool) {
        let end = self.first + self.counts.len() as u32;
        if least >= self.first && greatest < end {
            return;
        }
        self.grow(least, greatest, atoms);
    }

    #[cold]
    fn grow(&mut self, least: u32, greatest: u32, atoms: bool) {
        let end = self.first + self.counts.len() as u32;
        let (mut first, mut new_end) = (least / OCTAVE * OCTAVE, (greatest / OCTAVE + 1) * OCTAVE);
        if !self.counts.is_empty() {
            (first, new_end) = (first.min(self.first), new_end.max(end));
        }
        let mut grown = Window { first, counts: vec![0; (new_end - first) as usize], values: Vec::new() };
        let at = (self.first.max(first) - first) as usize;
        grown.counts[at..at + self.counts.len()].copy_from_slice(&self.counts);
        if atoms {
            grown.values = vec![0.0; grown.counts.len()];
            grown.values[at..at + self.values.len()].copy_from_slice(&self.values);
        }
        *self = grown;
    }

    /// Counts keys that it covers, the least and greatest of which are known: first in 16 bits, which stay in the
    /// fastest cache, then all bins at once.
    fn count(&mut self, vectors: Vectors, keys: &[u32], (least, greatest): (u32, u32), scratch: &mut Scratch) {
        let bins = (greatest - least + 1) as usize;
        if scratch.counts.len() < bins {
            scratch.counts.resize(bins, 0);
        }
        for keys in keys.chunks(Scratch::MOST) {
            for &key in keys {
                scratch.counts[(key - least) as usize] += 1;
            }
            let first = (least - self.first) as usize;
            move_counts(vectors, &mut self.counts[first..first + bins], &mut scratch.counts[..bins]);
        }
    }

    fn remember(&mut self, key: u32, value: f64) {
        let at = (key - self.first) as usize;
        if self.counts[at] == 0 {
            self.values[at] = value;
        } else if self.values[at] != value {
            self.values[at] = f64::NAN;
        }
        self.counts[at] += 1;
    }

    fn occupied(&self) -> impl DoubleEndedIterator<Item = (u32, u64, f64)> {
        let value = |at: usize| self.values.get(at).copied().unwrap_or(f64::NAN);
        let counts = self.counts.iter().enumerate().filter(|(_, count)| **count > 0);
        counts.map(move |(at, &count)| (self.first + at as u32, u64::from(count), value(at)))
    }
}

fn span(keys: &[u32]) -> Option<(u32, u32)> {
    let first = *keys.first()?;
    Some(keys.iter().fold((first, first), |(least, greatest), &key| (least.min(key), greatest.max(key))))
}

#[inline(always)]
fn bin_key(value: f64) -> u32 {
    let single = value as f32;
    let bits = if single.abs() < LEAST { 0 } else { single.to_bits() };
    bits >> SHIFT
}

vectorised! {
    /// `counts += scratch` and `scratch = 0`.
    fn move_counts(counts: &mut [u32], scratch: &mut [u16]) {
        for (count, scratch) in counts.iter_mut().zip(scratch) {
            *count += u32::from(*scratch);
            *scratch = 0;
        }
    }
}

vectorised! {
    /// The bin of each value, and the least and greatest of them.
    fn bin_keys(values: &[f64], keys: &mut [u32]) -> (u32, u32) {
        const LANES: usize = 16;
        let mut least = [u32::MAX; LANES];
        let mut greatest = [0; LANES];
        let (chunks, rest) = values.as_chunks::<LANES>();
        let (key_chunks, key_rest) = keys.as_chunks_mut::<LANES>();
        for (chunk, out) in chunks.iter().zip(key_chunks) {
            for lane in 0..LANES {
                let key = bin_key(chunk[lane]);
                out[lane] = key;
                least[lane] = least[lane].min(key);
                greatest[lane] = greatest[lane].max(key);
            }
        }
        for (value, out) in rest.iter().zip(key_rest) {
            *out = bin_key(*value);
            least[0] = least[0].min(*out);
            greatest[0] = greatest[0].max(*out);
        }
        let least = least.iter().fold(u32::MAX, |a, &b| a.min(b));
        (least, greatest.iter().fold(0, |a, &b| a.max(b)))
    }
}
