//! Partial pooling: what a flow's own observations do not settle is taken from how common each law is in the panel.

use super::filter::{Filtered, filter};
use super::growth::Growth;
use super::panel::Stretch;
use super::population::{Cell, Population};
use crate::simulate::map_in_order;

/// A panel seen through the laws that its flows may follow.
#[derive(Clone, Debug)]
pub struct Pooled<'a> {
    panel: &'a [Stretch],
    year: i32,
    /// The laws, as common as the panel shows them to be.
    pub population: Population,
    /// Growth that all flows share.
    pub growth: Growth,
    /// Logarithm of the density of the whole panel.
    pub likelihood: f64,
    /// For each stretch the logarithm of its density under each law, in the order of the cells; nothing for one not
    /// begun. What a law makes of its state is not kept: that would be gigabytes for a panel of some ten thousand.
    densities: Vec<Vec<f64>>,
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
pub fn pool<'a>(panel: &'a [Stretch], year: i32, prior: &Population) -> Pooled<'a> {
    let growth = Growth::until(panel, year, prior);
    let densities = map_in_order(panel, |stretch| {
        let logs = stretch.until(year);
        let through = |cell| filter(logs, stretch.first, &growth, cell, prior).likelihood;
        if logs.is_empty() { Vec::new() } else { prior.cells.iter().map(through).collect() }
    });
    let (weights, likelihood) = shares(&densities, &prior.weights);
    Pooled { panel, year, population: Population { weights, ..prior.clone() }, growth, likelihood, densities }
}

fn shares(densities: &[Vec<f64>], prior: &[f64]) -> (Vec<f64>, f64) {
    let flows: Vec<(Vec<f64>, f64)> = densities.iter().filter(|it| !it.is_empty()).map(|it| relative(it)).collect();
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
fn relative(logs: &[f64]) -> (Vec<f64>, f64) {
    let best = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    (logs.iter().map(|log| libm::exp(log - best)).collect(), best)
}

impl Pooled<'_> {
    /// The laws that have at least this probability for a stretch, with their probabilities and what they make of it.
    pub fn laws(&self, stretch: usize, least: f64) -> Vec<(f64, Cell, Filtered)> {
        let (logs, first) = (self.panel[stretch].until(self.year), self.panel[stretch].first);
        let probable = self.posterior(stretch).into_iter().zip(&self.population.cells).filter(|(it, _)| *it > least);
        let through = |cell: &Cell| filter(logs, first, &self.growth, cell, &self.population);
        probable.map(|(weight, cell)| (weight, *cell, through(cell))).collect()
    }

    /// How probable each law is for a stretch, given its own observations and the panel; sums to 1.
    pub fn posterior(&self, stretch: usize) -> Vec<f64> {
        let (densities, _) = relative(&self.densities[stretch]);
        let joint: Vec<f64> = densities.iter().zip(&self.population.weights).map(|(a, b)| a * b).collect();
        let total: f64 = joint.iter().sum();
        joint.iter().map(|weight| weight / total).collect()
    }
}
