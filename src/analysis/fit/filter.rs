//! The likelihood of one stretch under one law, and what it says of the state at its end.

use super::growth::Growth;
use super::kalman::Gaussian;
use super::population::{Cell, Population};

/// Permanent part, transitory part, own trend.
pub type State = Gaussian<3>;

/// What a law makes of a stretch.
#[derive(Clone, Copy, Debug)]
pub struct Filtered {
    /// Logarithm of the density of all observations but the first.
    pub likelihood: f64,
    /// The state at the end.
    pub state: State,
    /// Where the permanent part is pulled to: the first observation plus common growth since.
    pub anchor: f64,
}

/// What is observed of the state.
const OBSERVED: [f64; 3] = [1.0, 1.0, 0.0];

/// Rounding of published figures, as a variance of the logarithm.
pub(super) const ROUNDING: f64 = 1e-6;

/// Runs the filter over the logarithms of a flow from year `first` on.
///
/// Each shock is normal or wild. The four combinations of a permanent and a transitory shock are filtered apart and
/// put together to one normal law by their moments, as in P. J. Harrison and C. F. Stevens, "Bayesian Forecasting",
/// Journal of the Royal Statistical Society B 38 (1976), section 5. A flow's noise follows its size as it goes.
pub fn filter(logs: &[f64], first: i32, growth: &Growth, cell: &Cell, population: &Population) -> Filtered {
    let keeps = libm::exp(-cell.pull);
    let permanent = cell.permanent * cell.permanent;
    let transitory = cell.transitory * cell.transitory;
    let shocks = combinations(population, permanent, transitory * (1.0 - cell.persistence * cell.persistence));
    let transition = [[keeps, 0.0, 1.0], [0.0, cell.persistence, 0.0], [0.0, 0.0, 1.0]];
    let mut anchor = logs[0];
    let mut state = start(logs[0], transitory * square(population.size_factor(logs[0])), population);
    let mut likelihood = 0.0;
    for (at, log) in logs.iter().enumerate().skip(1) {
        let size = square(population.size_factor(state.mean[0]));
        let growth = growth.in_year(first + at as i32);
        state.predict(&transition, &[growth + (1.0 - keeps) * anchor, 0.0, 0.0]);
        anchor += growth;
        let (learnt, density) = learn(&state, &shocks, size, |branch| branch.observe(&OBSERVED, *log, ROUNDING));
        state = learnt;
        likelihood += density;
    }
    Filtered { likelihood, state, anchor }
}

/// The first observation, of which the transitory part is not known.
fn start(log: f64, transitory: f64, population: &Population) -> State {
    let trend = population.own_trend * population.own_trend;
    Gaussian {
        mean: [log, 0.0, 0.0],
        covariance: [[transitory, -transitory, 0.0], [-transitory, transitory, 0.0], [0.0, 0.0, trend]],
    }
}

/// A permanent and a transitory shock: their probability and variances.
pub(super) struct Shocks {
    ln_probability: f64,
    permanent: f64,
    transitory: f64,
}

pub(super) fn combinations(population: &Population, permanent: f64, transitory: f64) -> Vec<Shocks> {
    let kinds = population.shock_variances();
    // Without transitory noise its shocks need not be told apart.
    let transitory_kinds = if transitory > 0.0 { &kinds[..] } else { &[(1.0, 0.0)] };
    let mut found = Vec::new();
    for (p, p_variance) in kinds {
        for (q, q_variance) in transitory_kinds {
            found.push(Shocks {
                ln_probability: libm::log(p * q),
                permanent: permanent * p_variance,
                transitory: transitory * q_variance,
            });
        }
    }
    found
}

/// A year: the state after it and the logarithm of the density of what was observed in it.
pub(super) fn learn<const N: usize>(
    predicted: &Gaussian<N>,
    shocks: &[Shocks],
    size: f64,
    mut observe: impl FnMut(&mut Gaussian<N>) -> f64,
) -> (Gaussian<N>, f64) {
    let mut branches = [(f64::NEG_INFINITY, *predicted); 4];
    for (branch, shock) in branches.iter_mut().zip(shocks) {
        branch.1.spread(0, shock.permanent * size);
        branch.1.spread(1, shock.transitory * size);
        branch.0 = shock.ln_probability + observe(&mut branch.1);
    }
    let branches = &mut branches[..shocks.len()];
    let best = branches.iter().map(|it| it.0).fold(f64::NEG_INFINITY, f64::max);
    let mut total = 0.0;
    for branch in branches.iter_mut() {
        branch.0 = libm::exp(branch.0 - best);
        total += branch.0;
    }
    (together(branches, total), best + libm::log(total))
}

/// The normal law with the moments of a mixture.
fn together<const N: usize>(branches: &[(f64, Gaussian<N>)], total: f64) -> Gaussian<N> {
    let mut state = Gaussian { mean: [0.0; N], covariance: [[0.0; N]; N] };
    for (weight, branch) in branches {
        for i in 0..N {
            state.mean[i] += weight / total * branch.mean[i];
        }
    }
    for (weight, branch) in branches {
        let away: [f64; N] = std::array::from_fn(|i| branch.mean[i] - state.mean[i]);
        for i in 0..N {
            for j in 0..N {
                state.covariance[i][j] += weight / total * (branch.covariance[i][j] + away[i] * away[j]);
            }
        }
    }
    state
}

pub(super) fn square(x: f64) -> f64 {
    x * x
}
