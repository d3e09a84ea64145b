//! What is seen of a row of values in one pass: sums for its moments, and the bin of each value.

use super::bin::{LEAST, SHIFT, SIGN, Sides, magnitude};
use crate::vector::{Vectors, vectorised};

/// A number of a row, in single or double precision.
pub trait Value: Copy {
    /// Rounded to single precision.
    fn single(self) -> f32;
    /// The same number in double precision.
    fn double(self) -> f64;
    /// What is seen of a row, of at least one value. Fills the place of each value: see [`Survey`]. It is quickest for
    /// rows with signs as `expected`, and the same for any.
    #[doc(hidden)]
    fn survey(vectors: Vectors, values: &[Self], expected: Signs, places: &mut [u16]) -> Survey;
}

/// What is expected of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(hidden)]
pub enum Signs {
    Positive,
    Either,
}

/// Sums and span of a row.
///
/// The place of a value is the number of its bin modulo [`SIGN`], 0 for zero, with the highest bit set if it is
/// negative. So where no more than [`SIGN`] neighbouring bins are looked at, a place stands for one of them; that of
/// zeros may stand for one as well.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct Survey {
    /// Sums of the deviations from the first value, and of their squares.
    pub(super) deviations: Deviations,
    /// Least and greatest number of a bin; 0 is not looked at in the least, which is 0 if there is no other.
    pub(super) least: u32,
    pub(super) greatest: u32,
    /// How many values count as zero, with either sign.
    pub(super) zeros: [u32; 2],
    /// On which sides those lie that do not.
    pub(super) sides: Sides,
}

impl Value for f32 {
    #[inline(always)]
    fn single(self) -> f32 {
        self
    }

    #[inline(always)]
    fn double(self) -> f64 {
        f64::from(self)
    }

    fn survey(vectors: Vectors, values: &[f32], expected: Signs, places: &mut [u16]) -> Survey {
        let quick = match expected {
            Signs::Positive => survey_positive(vectors, values, places),
            Signs::Either => survey_of_either_sign(vectors, values, places),
        };
        if quick.was_enough() { quick } else { survey_singles(vectors, values, places) }
    }
}

impl Value for f64 {
    #[inline(always)]
    fn single(self) -> f32 {
        self as f32
    }

    #[inline(always)]
    fn double(self) -> f64 {
        self
    }

    fn survey(vectors: Vectors, values: &[f64], _expected: Signs, places: &mut [u16]) -> Survey {
        survey_doubles(vectors, values, places)
    }
}

vectorised! {
    fn survey_singles(values: &[f32], places: &mut [u16]) -> Survey {
        survey(values, places, deviations_of_singles(values))
    }
}

vectorised! {
    fn survey_doubles(values: &[f64], places: &mut [u16]) -> Survey {
        survey(values, places, deviations(values))
    }
}

#[inline(always)]
fn survey<V: Value>(values: &[V], places: &mut [u16], deviations: Deviations) -> Survey {
    // Less 1 in the least, so that zero comes last.
    let (mut least, mut greatest, mut positive, mut negative) = (u32::MAX, 0, 0, 0);
    let (mut zeros, mut negative_zeros) = (0, 0);
    for (value, place) in values.iter().zip(places) {
        let single = value.single();
        let (bin, bits) = (magnitude(single), single.to_bits());
        least = least.min(bin.wrapping_sub(1));
        greatest = greatest.max(bin);
        positive |= if bin > 0 { !bits } else { 0 };
        negative |= if bin > 0 { bits } else { 0 };
        zeros += u32::from(bin == 0);
        negative_zeros += if bin == 0 { bits >> 31 } else { 0 };
        *place = place_of(bin, bits);
    }
    Survey {
        deviations,
        least: least.wrapping_add(1),
        greatest,
        zeros: [zeros - negative_zeros, negative_zeros],
        sides: [positive >> 31 != 0, negative >> 31 != 0],
    }
}

/// The place of a value in a bin, whose sign is that of some bits.
#[inline(always)]
fn place_of(bin: u32, bits: u32) -> u16 {
    (bin as u16 & (SIGN - 1) as u16) | (bits >> 16) as u16 & SIGN as u16
}

/// Partial sums, whatever the vectors' width.
const LANES: usize = 8;

/// Sums of the deviations from the first value and of their squares.
pub(super) type Deviations = [f64; 2];

/// The same by lane.
type ByLane = [[f64; LANES]; 2];

/// Not inlined: a compiler that sees lanes added up takes the loop before apart to hold each by itself.
#[inline(never)]
fn added_up(sums: &ByLane) -> Deviations {
    sums.map(|lanes| lanes.iter().sum())
}

/// Deviations from a value of the row itself lose no digits to the level, and are exactly 0 where all values are equal.
#[inline(always)]
pub(super) fn deviations(values: &[f64]) -> Deviations {
    let pivot = values[0];
    let (mut sum, mut squares) = ([0.0; LANES], [0.0; LANES]);
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for lane in 0..LANES {
            let deviation = chunk[lane] - pivot;
            sum[lane] += deviation;
            squares[lane] += deviation * deviation;
        }
    }
    // Zeros for the missing lanes, so that no lane is indexed by a variable: the sums stay in registers.
    let mut last = [0.0; LANES];
    for (deviation, value) in last.iter_mut().zip(rest) {
        *deviation = value - pivot;
    }
    for lane in 0..LANES {
        sum[lane] += last[lane];
        squares[lane] += last[lane] * last[lane];
    }
    added_up(&[sum, squares])
}

/// Values that are looked at together, whatever the vectors' width: so many partial sums in single precision.
const CHUNK: usize = 32;
/// So many values a partial sum are added up in single precision: rounding stays far below the Monte Carlo error.
const ADDED_AS_SINGLES: usize = 32;

/// The same of a row in single precision. Short stretches are added up as they are, and their sums in double precision.
#[inline(always)]
fn deviations_of_singles(values: &[f32]) -> Deviations {
    let mut all: ByLane = [[0.0; LANES]; 2];
    let (chunks, rest) = values.as_chunks::<CHUNK>();
    for stretch in chunks.chunks(ADDED_AS_SINGLES) {
        add_stretch(&mut all, values[0], stretch);
    }
    if !rest.is_empty() {
        add_stretch(&mut all, values[0], &[padded(rest, values[0])]);
    }
    added_up(&all)
}

#[inline(always)]
fn add_stretch(all: &mut ByLane, pivot: f32, stretch: &[[f32; CHUNK]]) {
    let (mut sum, mut squares) = ([0.0; CHUNK], [0.0; CHUNK]);
    for chunk in stretch {
        for lane in 0..CHUNK {
            let deviation = chunk[lane] - pivot;
            sum[lane] += deviation;
            squares[lane] += deviation * deviation;
        }
    }
    add_singles(&mut all[0], sum);
    add_singles(&mut all[1], squares);
}

#[inline(always)]
fn add_singles(sum: &mut [f64; LANES], singles: [f32; CHUNK]) {
    for part in singles.as_chunks::<LANES>().0 {
        for lane in 0..LANES {
            sum[lane] += f64::from(part[lane]);
        }
    }
}

/// A chunk of the last values of a row, filled up with one that adds nothing.
#[inline(always)]
fn padded(rest: &[f32], pivot: f32) -> [f32; CHUNK] {
    let mut padded = [pivot; CHUNK];
    padded[..rest.len()].copy_from_slice(rest);
    padded
}

impl Survey {
    /// To be asked of a quick look alone: whether it was enough. If not, neither the survey nor the places are right.
    #[inline(always)]
    fn was_enough(&self) -> bool {
        self.least > 0
    }
}

vectorised! {
    /// A quick look at a row, enough for positive values of which none is so small that it counts as zero. It takes fewer
    /// steps a value: bits of positive numbers are in their order.
    fn survey_positive(values: &[f32], places: &mut [u16]) -> Survey {
        let (mut least, mut greatest) = (i32::MAX, i32::MIN);
        for (value, place) in values.iter().zip(places) {
            let bits = value.to_bits() as i32;
            least = least.min(bits);
            greatest = greatest.max(bits);
            *place = place_of(bits as u32 >> SHIFT, 0);
        }
        without_zeros(values, [least, greatest], [true, false])
    }
}

vectorised! {
    /// The same where values may be negative as well.
    fn survey_of_either_sign(values: &[f32], places: &mut [u16]) -> Survey {
        let (mut least, mut greatest) = (i32::MAX, i32::MIN);
        let (mut any, mut all) = (0, u32::MAX);
        for (value, place) in values.iter().zip(places) {
            let (size, bits) = (value.abs().to_bits() as i32, value.to_bits());
            least = least.min(size);
            greatest = greatest.max(size);
            any |= bits;
            all &= bits;
            *place = place_of(size as u32 >> SHIFT, bits);
        }
        without_zeros(values, [least, greatest], [all >> 31 == 0, any >> 31 != 0])
    }
}

/// What a quick look gives for least and greatest magnitudes, as bits: enough if none counts as zero.
#[inline(always)]
fn without_zeros(values: &[f32], [least, greatest]: [i32; 2], sides: Sides) -> Survey {
    let is_enough = least >= LEAST.to_bits() as i32;
    Survey {
        deviations: if is_enough { deviations_of_singles(values) } else { [0.0; 2] },
        least: if is_enough { least as u32 >> SHIFT } else { 0 },
        greatest: greatest as u32 >> SHIFT,
        zeros: [0; 2],
        sides,
    }
}
