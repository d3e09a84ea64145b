//! Draws for a block of trials at once.

use super::{Key, philox};
use crate::vector::math::{minus_twice_ln_of_31_bits, sincos_turn32};
use crate::vector::{Vectors, vectorised};

/// One call of the generator serves this many steps: its words are dealt out to steps `4k .. 4k+3`.
pub const STEPS_A_CALL: usize = 4;

/// What is drawn and for which trials.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// Of what is drawn.
    pub key: Key,
    /// For whom.
    pub trials: Trials<'a>,
}

/// The trials of a block, from 0, one a lane.
#[derive(Clone, Copy, Debug)]
pub enum Trials<'a> {
    /// One after the other from this one on. A block of them does not cross a multiple of 2^32.
    From(u64),
    /// These.
    Picked(&'a [u64]),
}

impl Trials<'_> {
    /// The trial in a lane. Lanes beyond those picked repeat the last one.
    pub fn at(self, lane: usize) -> u64 {
        match self {
            Trials::From(first) => first + lane as u64,
            Trials::Picked(trials) => trials.get(lane).or(trials.last()).copied().unwrap_or_default(),
        }
    }
}

/// One uniform in (0, 1) a trial, with 52 bits.
pub(crate) fn uniforms_by_trial(vectors: Vectors, source: Source<'_>, out: &mut [f64]) {
    match source.trials {
        Trials::From(first_trial) => uniforms_from(vectors, source.key, first_trial, out),
        Trials::Picked(_) => {
            for (lane, u) in out.iter_mut().enumerate() {
                *u = source.key.uniform(source.trials.at(lane), 0);
            }
        }
    }
}

vectorised! {
    fn uniforms_from(key: Key, first_trial: u64, out: &mut [f64]) {
        for (lane, u) in out.iter_mut().enumerate() {
            *u = philox::to_unit(philox::words(key, trial_of_block(first_trial, lane), 0));
        }
    }
}

/// The words of [`STEPS_A_CALL`] steps, one row a step: whole ones, or their upper 31 bits.
fn words_by_step<const DROPPED: u32>(
    vectors: Vectors,
    source: Source<'_>,
    position: u64,
    out: [&mut [u32]; STEPS_A_CALL],
) {
    match source.trials {
        Trials::From(first_trial) if DROPPED == 0 => words_from(vectors, source.key, first_trial, position, out),
        Trials::From(first_trial) => halves_from(vectors, source.key, first_trial, position, out),
        Trials::Picked(_) => {
            for lane in 0..out[0].len() {
                let words = philox::words(source.key, source.trials.at(lane), position);
                for (step, word) in words.into_iter().enumerate() {
                    out[step][lane] = word as u32 >> DROPPED;
                }
            }
        }
    }
}

vectorised! {
    fn words_from(key: Key, first_trial: u64, position: u64, out: [&mut [u32]; STEPS_A_CALL]) {
        upper_bits_from::<0>(key, first_trial, position, out);
    }
}

vectorised! {
    fn halves_from(key: Key, first_trial: u64, position: u64, out: [&mut [u32]; STEPS_A_CALL]) {
        upper_bits_from::<1>(key, first_trial, position, out);
    }
}

#[inline(always)]
fn upper_bits_from<const DROPPED: u32>(
    key: Key,
    first_trial: u64,
    position: u64,
    [a, b, c, d]: [&mut [u32]; STEPS_A_CALL],
) {
    let rows = a.iter_mut().zip(b).zip(c.iter_mut().zip(d));
    for (lane, ((a, b), (c, d))) in rows.enumerate() {
        let words = philox::words(key, trial_of_block(first_trial, lane), position);
        [*a, *b, *c, *d] = words.map(|word| word as u32 >> DROPPED);
    }
}

/// The trial in a lane, whose upper half is that of the first: so what a round makes of that half alone is worked out
/// once for all lanes.
#[inline(always)]
fn trial_of_block(first_trial: u64, lane: usize) -> u64 {
    (first_trial >> 32 << 32) | u64::from((first_trial as u32).wrapping_add(lane as u32))
}

/// A pair of independent standard normals from a pair of words (Box and Muller 1958), in place as bits. The largest
/// possible is 6.66.
///
/// Two loops, of which each is short enough for the processor to work on several turns at once.
fn box_muller(vectors: Vectors, first: &mut [u32], second: &mut [u32]) {
    take_radius(vectors, first);
    turn(vectors, first, second);
}

vectorised! {
    /// The distance of a pair of normals from 0, as bits.
    fn take_radius[F](words: &mut [u32]) {
        for word in words {
            *word = minus_twice_ln_of_31_bits::<F>((*word >> 1) as i32 as f32 + 0.5).sqrt().to_bits();
        }
    }
}

vectorised! {
    /// A pair of normals, as bits, from its distance from 0 and a word for the direction.
    fn turn[F](radius: &mut [u32], direction: &mut [u32]) {
        for (a, b) in radius.iter_mut().zip(direction) {
            let (radius, (sin, cos)) = (f32::from_bits(*a), sincos_turn32::<F>(*b));
            *a = (radius * cos).to_bits();
            *b = (radius * sin).to_bits();
        }
    }
}

/// Standard normals for steps `STEPS_A_CALL * call ..`, one row a step, as the bits of `f32`.
pub fn normals(vectors: Vectors, source: Source<'_>, call: u64, out: [&mut [u32]; STEPS_A_CALL]) {
    let [a, b, c, d] = out;
    words_by_step::<0>(vectors, source, call, [&mut *a, &mut *b, &mut *c, &mut *d]);
    box_muller(vectors, a, b);
    box_muller(vectors, c, d);
}

/// Uniform whole numbers in [0, 2^31) for steps `STEPS_A_CALL * call ..`, one row a step.
pub(crate) fn uniforms_31_bits(vectors: Vectors, source: Source<'_>, call: u64, out: [&mut [u32]; STEPS_A_CALL]) {
    words_by_step::<1>(vectors, source, call, out);
}

/// The uniform in (0, 1) with 31 bits that a draw of [`uniforms_31_bits`] stands for.
#[inline(always)]
pub(crate) fn uniform_of(word: u32) -> f64 {
    (f64::from(word as i32) + 0.5) * (1.0 / UNIFORM_RANGE)
}

/// How many uniforms [`uniform_of`] tells apart.
pub(crate) const UNIFORM_RANGE: f64 = 2_147_483_648.0;

vectorised! {
    /// One uniform in (0, 1) with 52 bits for each of some trials: what [`Key::uniform`] draws alone.
    pub(crate) fn uniforms_of_trials(key: Key, trials: &[u64], position: u64, out: &mut [f64]) {
        for (u, trial) in out.iter_mut().zip(trials) {
            *u = philox::to_unit(philox::words(key, *trial, position));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_draws_what_its_trials_draw_alone() {
        let (vectors, key) = (Vectors::widest(), Key::new(1, "test"));
        for first in [0, 192, (1 << 32) - 64, 1 << 32, (7 << 32) - 64, 7 << 32] {
            let trials: Vec<u64> = (first..first + 64).collect();
            let drawn = |trials: Trials<'_>| {
                let mut rows = [[0; 64]; STEPS_A_CALL];
                normals(vectors, Source { key, trials }, 3, rows.each_mut().map(|row| &mut row[..]));
                let mut uniforms = [0.0; 64];
                uniforms_by_trial(vectors, Source { key, trials }, &mut uniforms);
                (rows, uniforms)
            };
            assert_eq!(drawn(Trials::From(first)), drawn(Trials::Picked(&trials)), "{first}");
        }
    }
}
