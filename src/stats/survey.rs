//! What is seen of a row of values in one pass: sums for its moments, and the bin of each value.

use super::window::magnitude;
use crate::vector::{Vectors, vectorised};

/// A number of a row, in single or double precision.
pub trait Value: Copy {
    /// Rounded to single precision.
    fn single(self) -> f32;
    /// The same number in double precision.
    fn double(self) -> f64;
    /// What is seen of a row, of at least one value, in one pass. Fills the place of each value: see [`Survey`].
    #[doc(hidden)]
    fn survey(vectors: Vectors, values: &[Self], before: i32, places: &mut [u16]) -> Survey;
}

/// Sums and span of a row.
///
/// The place of a value is 0 for zero, else the number of its bin less `before`, with the highest bit set if it is
/// negative. That is right where `least > before` and `greatest - before < SIGN`.
#[derive(Clone, Copy, Debug)]
#[doc(hidden)]
pub struct Survey {
    /// Of the deviations from the first value, and of their squares.
    pub(super) sums: (f64, f64),
    /// Least and greatest number of a bin; 0 is not looked at in the least.
    pub(super) least: u32,
    pub(super) greatest: u32,
    /// Whether any value is negative.
    pub(super) has_negative: bool,
}

/// The bit of a place that tells the sign.
pub(super) const SIGN: usize = 1 << 15;

impl Value for f32 {
    #[inline(always)]
    fn single(self) -> f32 {
        self
    }

    #[inline(always)]
    fn double(self) -> f64 {
        f64::from(self)
    }

    fn survey(vectors: Vectors, values: &[f32], before: i32, places: &mut [u16]) -> Survey {
        survey_singles(vectors, values, before, places)
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

    fn survey(vectors: Vectors, values: &[f64], before: i32, places: &mut [u16]) -> Survey {
        survey_doubles(vectors, values, before, places)
    }
}

vectorised! {
    fn survey_singles(values: &[f32], before: i32, places: &mut [u16]) -> Survey {
        survey(values, before, places)
    }
}

vectorised! {
    fn survey_doubles(values: &[f64], before: i32, places: &mut [u16]) -> Survey {
        survey(values, before, places)
    }
}

/// Partial sums, whatever the vectors' width.
const LANES: usize = 16;

#[inline(always)]
fn survey<V: Value>(values: &[V], before: i32, places: &mut [u16]) -> Survey {
    let frame = Frame { pivot: values[0].double(), before };
    let mut parts = Parts {
        sum: [0.0; LANES],
        squares: [0.0; LANES],
        least: [u32::MAX; LANES],
        greatest: [0; LANES],
        signs: [0; LANES],
    };
    let (chunks, rest) = values.as_chunks::<LANES>();
    let (place_chunks, place_rest) = places.as_chunks_mut::<LANES>();
    for (chunk, out) in chunks.iter().zip(place_chunks) {
        for lane in 0..LANES {
            parts.take(lane, chunk[lane], &mut out[lane], frame);
        }
    }
    // A copy, since only what is never indexed by a variable stays in registers.
    let mut parts = parts;
    for (lane, (value, out)) in rest.iter().zip(place_rest).enumerate() {
        parts.take(lane, *value, out, frame);
    }
    Survey {
        sums: (parts.sum.iter().sum(), parts.squares.iter().sum()),
        least: parts.least.iter().fold(u32::MAX, |a, &b| a.min(b)).wrapping_add(1),
        greatest: parts.greatest.iter().fold(0, |a, &b| a.max(b)),
        has_negative: parts.signs.iter().fold(0, |a, &b| a | b) >> 31 != 0,
    }
}

/// What places and sums are relative to: a value of the row itself, so that sums lose no digits to the level and are
/// exactly 0 where all values are equal.
#[derive(Clone, Copy)]
struct Frame {
    pivot: f64,
    before: i32,
}

#[derive(Clone, Copy)]
struct Parts {
    sum: [f64; LANES],
    squares: [f64; LANES],
    /// Less 1, so that zero comes last.
    least: [u32; LANES],
    greatest: [u32; LANES],
    signs: [u32; LANES],
}

impl Parts {
    #[inline(always)]
    fn take<V: Value>(&mut self, lane: usize, value: V, place: &mut u16, Frame { pivot, before }: Frame) {
        let deviation = value.double() - pivot;
        self.sum[lane] += deviation;
        self.squares[lane] += deviation * deviation;
        let (single, bin) = (value.single(), magnitude(value.single()));
        self.least[lane] = self.least[lane].min(bin.wrapping_sub(1));
        self.greatest[lane] = self.greatest[lane].max(bin);
        self.signs[lane] |= single.to_bits();
        let above = bin as i32 - before;
        let above = if above > 0 { above as u32 } else { 0 };
        *place = (above | (single.to_bits() >> 31 << 15)) as u16;
    }
}
