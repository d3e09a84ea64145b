//! Leading dimensions of the noise: the sum of a source's shocks up to a few knots is drawn first, from Sobol points,
//! and the shocks between are drawn given it.
//!
//! A sum of shocks is a random walk, so this is a Brownian bridge (Moskowitz and Caflisch, "Smoothness and dimension
//! reduction in quasi-Monte Carlo methods", Mathematical and Computer Modelling 23, 1996). Its time is that of the
//! variance of the unit shocks, before sds and volatility. The law of the shocks is the same with and without it.

use super::Scene;
use crate::draws::{Key, Part, Quasi, STEPS_A_CALL};
use crate::quantity::inverse_normal;
use crate::vector::{Vectors, vectorised};

/// The sums of one source in the trials of a block.
#[derive(Clone, Debug)]
pub(crate) struct Bridge {
    /// Step and sums up to its end, in increasing order of step; the first is 0.
    knots: Vec<(usize, Vec<f32>)>,
    /// What the shocks up to the next knot have yet to add up to.
    left: Vec<f32>,
}

impl Bridge {
    /// The sums of a source that has dimensions.
    pub fn over(quasi: &Quasi, key: Key, scene: &Scene) -> Option<Bridge> {
        let mut knots: Vec<(usize, Vec<f64>)> = vec![(0, vec![0.0; scene.lanes])];
        let mut row = vec![0.0; scene.lanes];
        for (part, &step) in (1..).zip(&quasi.knots) {
            if !quasi.fill(key, part as Part, scene.first_trial, &mut row) {
                break;
            }
            let at = knots.partition_point(|(earlier, _)| *earlier < step);
            let sums = between(&knots[at - 1], knots.get(at), step, &row);
            knots.insert(at, (step, sums));
        }
        let single = |(step, sums): (usize, Vec<f64>)| (step, sums.into_iter().map(|sum| sum as f32).collect());
        let has_any = knots.len() > 1;
        has_any.then(|| Bridge { knots: knots.into_iter().map(single).collect(), left: vec![0.0; scene.lanes] })
    }

    /// Bends normal draws for the steps `first ..`, one row a step, so that they meet the sums at the knots. Calls
    /// follow each other from step 1 on.
    pub fn bend(&mut self, vectors: Vectors, first: usize, rows: &mut [Vec<u32>; STEPS_A_CALL]) {
        for (step, row) in (first..).zip(rows) {
            let next = self.knots.partition_point(|(knot, _)| *knot < step);
            let Some((end, sums)) = self.knots.get(next) else { return };
            let (start, sums_before) = &self.knots[next - 1];
            if step == start + 1 {
                difference(vectors, &mut self.left, sums, sums_before);
            }
            let steps_left = (end - step + 1) as f64;
            let (share, spread) = (1.0 / steps_left, ((steps_left - 1.0) / steps_left).sqrt());
            bend_row(vectors, row, &mut self.left, share as f32, spread as f32);
        }
    }
}

/// Sums up to a step from uniforms, given those at its neighbours.
fn between(before: &(usize, Vec<f64>), after: Option<&(usize, Vec<f64>)>, step: usize, uniforms: &[f64]) -> Vec<f64> {
    let from_before = (step - before.0) as f64;
    let (share, sd) = match after {
        None => (0.0, from_before.sqrt()),
        Some((next, _)) => {
            let whole = (next - before.0) as f64;
            (from_before / whole, (from_before * (next - step) as f64 / whole).sqrt())
        }
    };
    let lanes = before.1.iter().zip(uniforms).enumerate();
    lanes
        .map(|(lane, (&low, &uniform))| {
            let high = after.map_or(low, |(_, sums)| sums[lane]);
            low + share * (high - low) + sd * inverse_normal(uniform)
        })
        .collect()
}

vectorised! {
    fn difference(out: &mut [f32], a: &[f32], b: &[f32]) {
        for (out, (a, b)) in out.iter_mut().zip(a.iter().zip(b)) {
            *out = a - b;
        }
    }
}

vectorised! {
    /// Draws the first of the shocks that add up to `left`: given that, it is normal about an equal share of it.
    fn bend_row(row: &mut [u32], left: &mut [f32], share: f32, spread: f32) {
        for (bits, left) in row.iter_mut().zip(left) {
            let shock = *left * share + spread * f32::from_bits(*bits);
            *left -= shock;
            *bits = shock.to_bits();
        }
    }
}
