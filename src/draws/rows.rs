//! Draws for a block of trials at once.

use super::{Key, philox};
use crate::vector::math::{ln32, sincos_turn32};
use crate::vector::vectorised;

/// One call of the generator serves this many steps: its words are dealt out to steps `4k .. 4k+3`.
pub const STEPS_A_CALL: usize = 4;

/// What is drawn and for which trials: `key` for trials `first_trial ..`, one a lane. A block does not cross a
/// multiple of 2^32 trials.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// Of what is drawn.
    pub key: Key,
    /// The trial in lane 0, from 0.
    pub first_trial: u64,
}

vectorised! {
    /// One uniform in (0, 1) a trial, with 52 bits.
    pub(crate) fn uniforms_by_trial(source: Source, out: &mut [f64]) {
        for (lane, u) in out.iter_mut().enumerate() {
            *u = philox::to_unit(philox::words(source.key, source.first_trial + lane as u64, 0));
        }
    }
}

vectorised! {
    /// Random words for [`STEPS_A_CALL`] steps, one row a step.
    fn words_by_step(source: Source, position: u64, out: [&mut [u32]; STEPS_A_CALL]) {
        let [a, b, c, d] = out;
        let rows = a.iter_mut().zip(b.iter_mut()).zip(c.iter_mut().zip(d.iter_mut()));
        for (lane, ((a, b), (c, d))) in rows.enumerate() {
            let words = philox::words(source.key, source.first_trial + lane as u64, position);
            (*a, *b, *c, *d) = (words[0] as u32, words[1] as u32, words[2] as u32, words[3] as u32);
        }
    }
}

vectorised! {
    /// A pair of independent standard normals from a pair of words (Box and Muller 1958), in place as bits.
    /// The largest possible is 6.66.
    fn box_muller(first: &mut [u32], second: &mut [u32]) {
        for (a, b) in first.iter_mut().zip(second) {
            let uniform = ((*a >> 1) as i32 as f32 + 0.5) * (1.0 / 2_147_483_648.0);
            let radius = (-2.0 * ln32(uniform)).sqrt();
            let (sin, cos) = sincos_turn32(*b);
            *a = (radius * cos).to_bits();
            *b = (radius * sin).to_bits();
        }
    }
}

/// Standard normals for steps `STEPS_A_CALL * call ..`, one row a step, as the bits of `f32`.
pub fn normals(vectors: crate::vector::Vectors, source: Source, call: u64, out: [&mut [u32]; STEPS_A_CALL]) {
    let [a, b, c, d] = out;
    words_by_step(vectors, source, call, [&mut *a, &mut *b, &mut *c, &mut *d]);
    box_muller(vectors, a, b);
    box_muller(vectors, c, d);
}

/// Uniform whole numbers in [0, 2^31) for steps `STEPS_A_CALL * call ..`, one row a step.
pub(crate) fn uniforms_31_bits(
    vectors: crate::vector::Vectors,
    source: Source,
    call: u64,
    out: [&mut [u32]; STEPS_A_CALL],
) {
    let [a, b, c, d] = out;
    words_by_step(vectors, source, call, [&mut *a, &mut *b, &mut *c, &mut *d]);
    for row in [a, b, c, d] {
        halve(vectors, row);
    }
}

vectorised! {
    fn halve(words: &mut [u32]) {
        for word in words {
            *word >>= 1;
        }
    }
}

vectorised! {
    /// Uniforms in (0, 1) with 31 bits from [`uniforms_31_bits`].
    pub(crate) fn uniforms_by_step(words: &[u32], out: &mut [f64]) {
        for (u, word) in out.iter_mut().zip(words) {
            *u = (f64::from(*word as i32) + 0.5) * (1.0 / 2_147_483_648.0);
        }
    }
}
