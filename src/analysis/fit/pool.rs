//! Partial pooling: what a flow's own observations do not settle is taken from how common each law is in the panel.

use super::filter::{Filtered, filter};
use super::growth::Growth;
use super::panel::Stretch;
use super::population::Population;
use crate::simulate::map_in_order;

/// A panel seen through the laws that its flows may follow.
#[derive(Clone, Debug)]
pub struct Pooled {
    /// The laws, as common as the panel shows them to be.
    pub population: Population,
    /// Growth that all flows share.
    pub growth: Growth,
    /// Logarithm of the density of the whole panel.
    pub likelihood: f64,
    /// For each stretch what each law makes of it, in the order of the cells; nothing for one not begun.
    pub filtered: Vec<Vec<Filtered>>,
}

/// How many flows the prior shares of the laws are worth.
const PRIOR_FLOWS: f64 = 20.0;

/// Rounds of the estimation; the shares hardly move after that.
const ROUNDS: usize = 40;

/// Learns from what was known at the end of a year.
///
/// The shares of the laws are estimated by the EM algorithm from the likelihoods of all flows (empirical Bayes: H.
/// Robbins, "An Empirical Bayes Approach to Statistics", Third Berkeley Symposium (1956); N. Laird, "Nonparametric
/// Maximum Likelihood Estimation of a Mixing Distribution", Journal of the American Statistical Association 73
/// (1978)), with the built-in shares as observed flows.
pub fn pool(panel: &[Stretch], year: i32, prior: &Population) -> Pooled {
    let growth = Growth::until(panel, year, prior);
    let filtered = map_in_order(panel, |stretch| {
        let logs = stretch.until(year);
        let through = |cell| filter(logs, stretch.first, &growth, cell, prior);
        if logs.is_empty() { Vec::new() } else { prior.cells.iter().map(through).collect() }
    });
    let (weights, likelihood) = shares(&filtered, &prior.weights);
    Pooled { population: Population { weights, ..prior.clone() }, growth, likelihood, filtered }
}

fn shares(filtered: &[Vec<Filtered>], prior: &[f64]) -> (Vec<f64>, f64) {
    let flows: Vec<(Vec<f64>, f64)> = filtered.iter().filter(|it| !it.is_empty()).map(|it| relative(it)).collect();
    let mut shares = prior.to_vec();
    let mut likelihood = 0.0;
    for _ in 0..ROUNDS {
        let mut counts: Vec<f64> = prior.iter().map(|share| PRIOR_FLOWS * share).collect();
        likelihood = 0.0;
        for (densities, best) in &flows {
            let total: f64 = densities.iter().zip(&shares).map(|(density, share)| density * share).sum();
            for ((count, density), share) in counts.iter_mut().zip(densities).zip(&shares) {
                *count += density * share / total;
            }
            likelihood += best + libm::log(total);
        }
        let total: f64 = counts.iter().sum();
        shares = counts.iter().map(|count| count / total).collect();
    }
    (shares, likelihood)
}

/// Densities over the largest one, and the logarithm of that.
fn relative(filtered: &[Filtered]) -> (Vec<f64>, f64) {
    let best = filtered.iter().map(|it| it.likelihood).fold(f64::NEG_INFINITY, f64::max);
    (filtered.iter().map(|it| libm::exp(it.likelihood - best)).collect(), best)
}

impl Pooled {
    /// How probable each law is for a stretch, given its own observations and the panel; sums to 1.
    pub fn posterior(&self, stretch: usize) -> Vec<f64> {
        let (densities, _) = relative(&self.filtered[stretch]);
        let joint: Vec<f64> = densities.iter().zip(&self.population.weights).map(|(a, b)| a * b).collect();
        let total: f64 = joint.iter().sum();
        joint.iter().map(|weight| weight / total).collect()
    }
}
