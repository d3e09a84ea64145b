//! The likelihood of one flow that up to two reporters state, with bias and errors.

use super::filter::{combinations, learn, square};
use super::growth::Growth;
use super::kalman::Gaussian;
use super::observed::Observed;
use super::population::{Cell, Population};

/// Distance of the permanent part from its level, transitory part, own trend, bias of the mirror, level. The level
/// grows with all flows of the panel; it is what the permanent part is pulled to, and found from all years.
pub type MirroredState = Gaussian<5>;

/// Standard deviations of the yearly errors of the reporter and of its mirror, log points.
pub type Errors = [f64; 2];

/// What a law makes of a flow.
#[derive(Clone, Copy, Debug)]
pub struct Mirrored {
    /// Logarithm of the density of all observations.
    pub likelihood: f64,
    /// The state in the last year.
    pub state: MirroredState,
}

/// What each reporter sees of the state.
const SEEN: [[f64; 5]; 2] = [[1.0, 1.0, 0.0, 0.0, 1.0], [1.0, 1.0, 0.0, 1.0, 1.0]];

/// Nothing is known of the level before the first observation.
const LEVEL_SD: f64 = 10.0;

/// Standard deviation of a mirror's bias before anything is seen: log points. Reporters of small flows differ by
/// factors of two and three.
const BIAS_SD: f64 = 1.0;

/// Runs the filter of a panel over a flow with gaps and two reporters; see [`super::filter()`].
pub fn mirrored(seen: &Observed, errors: Errors, growth: &Growth, cell: &Cell, population: &Population) -> Mirrored {
    let keeps = libm::exp(-cell.pull);
    let variances = (square(cell.permanent), square(cell.transitory));
    let fades = cell.persistence;
    let shocks = combinations(population, variances.0, variances.1 * (1.0 - fades * fades));
    let noise = errors.map(|sd| square(sd) + super::filter::ROUNDING);
    let mut transition = [[0.0; 5]; 5];
    for (part, stays) in [keeps, fades, 1.0, 1.0, 1.0].into_iter().enumerate() {
        transition[part][part] = stays;
    }
    transition[0][2] = 1.0;
    let level = seen.years.iter().flatten().flatten().next().copied().unwrap_or(0.0);
    let mut state = start(level, cell, seen.is_mirrored, population);
    let mut likelihood = 0.0;
    for (at, values) in seen.years.iter().enumerate() {
        let observe = |branch: &mut MirroredState| {
            let of =
                |(which, value): (usize, &Option<f64>)| value.map(|it| branch.observe(&SEEN[which], it, noise[which]));
            values.iter().enumerate().filter_map(of).sum::<f64>()
        };
        if at == 0 {
            likelihood += observe(&mut state);
            continue;
        }
        let size = square(population.size_factor(state.mean[0] + state.mean[4]));
        state.predict(&transition, &[0.0, 0.0, 0.0, 0.0, growth.in_year(seen.first + at as i32)]);
        let (learnt, density) = learn(&state, &shocks, size, observe);
        state = learnt;
        likelihood += density;
    }
    Mirrored { likelihood, state }
}

/// The first year. With a pull the distance from the level is as it is in the long run; without one there is no level
/// apart from where the flow begins.
fn start(level: f64, cell: &Cell, is_mirrored: bool, population: &Population) -> MirroredState {
    let size = square(population.size_factor(level));
    let away = if cell.pull > 0.0 { square(cell.permanent) * size / (1.0 - libm::exp(-2.0 * cell.pull)) } else { 0.0 };
    let bias = if is_mirrored { square(BIAS_SD) } else { 0.0 };
    let variances = [away, square(cell.transitory) * size, square(population.own_trend), bias, square(LEVEL_SD)];
    let mut covariance = [[0.0; 5]; 5];
    for (part, variance) in variances.into_iter().enumerate() {
        covariance[part][part] = variance;
    }
    Gaussian { mean: [0.0, 0.0, 0.0, 0.0, level], covariance }
}
