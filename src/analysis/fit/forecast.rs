//! What a fitted panel expects of a flow.

use super::filter::Filtered;
use super::mixture::{Mixture, Part};
use super::pool::Pooled;
use super::population::Cell;

/// Laws less probable than this for a flow are left out of its forecast.
const LEAST: f64 = 0.005;

impl Pooled<'_> {
    /// The laws of the logarithm of a stretch's flow, so many years after its last observation known to the fit.
    ///
    /// The same model as in the engine: the permanent part is a random walk, with the pull of its law; the transitory
    /// part fades; trend and common shocks are those of the panel. The number of wild shocks on the way is none, one
    /// or more.
    pub fn forecast(&self, stretch: usize, horizons: &[u32]) -> Vec<Mixture> {
        let laws = self.laws(stretch, LEAST);
        horizons.iter().map(|years| self.mix(&laws, *years)).collect()
    }

    fn mix(&self, laws: &[(f64, Cell, Filtered)], years: u32) -> Mixture {
        let common = self.growth.variance_over(f64::from(years));
        let growth = self.growth.mean * f64::from(years);
        let mut parts = Vec::new();
        for (weight, cell, filtered) in laws {
            let size = self.population.size_factor(filtered.state.mean[0]);
            let (mean, variance) = carried(filtered, cell, f64::from(years));
            let fades = libm::pow(cell.persistence, f64::from(years));
            let transitory = cell.transitory * size;
            let known = variance + transitory * transitory * (1.0 - fades * fades) + common;
            for (probability, permanent) in self.permanent(cell, size, years) {
                let sd = (known + permanent).sqrt();
                parts.push(Part { weight: weight * probability, mean: mean + growth, sd });
            }
        }
        Mixture::new(parts)
    }

    /// Variances of the sum of the permanent shocks and their probabilities, by the number of wild ones.
    fn permanent(&self, cell: &Cell, size: f64, years: u32) -> [(f64, f64); 3] {
        let n = f64::from(years);
        let share = self.population.share;
        let [(_, calm), (_, wild)] = self.population.shock_variances();
        let none = libm::pow(1.0 - share, n);
        let one = n * share * libm::pow(1.0 - share, n - 1.0);
        let more = 1.0 - none - one;
        // The mean number of wild shocks where there are at least two.
        let many = if more > 1e-12 { (n * share - one) / more } else { 2.0 };
        let a_year = cell.permanent * size * cell.permanent * size * shrinkage(cell.pull, n);
        [(none, 0.0), (one, 1.0), (more, many)].map(|(p, k)| (p, a_year * ((n - k) * calm + k * wild)))
    }
}

/// Mean, and variance of the known state, after so many years without news and without common growth.
fn carried(filtered: &Filtered, cell: &Cell, years: f64) -> (f64, f64) {
    let keeps = libm::exp(-cell.pull * years);
    let fades = libm::pow(cell.persistence, years);
    let trend = if cell.pull > 0.0 { (1.0 - keeps) / (1.0 - libm::exp(-cell.pull)) } else { years };
    let weights = [keeps, fades, trend];
    let state = &filtered.state;
    let mean = (0..3).map(|i| weights[i] * state.mean[i]).sum::<f64>() + (1.0 - keeps) * filtered.anchor;
    let mut variance = 0.0;
    for i in 0..3 {
        for j in 0..3 {
            variance += weights[i] * weights[j] * state.covariance[i][j];
        }
    }
    (mean, variance)
}

/// How much of the variance of a random walk is left with a pull.
fn shrinkage(pull: f64, years: f64) -> f64 {
    if pull == 0.0 {
        return 1.0;
    }
    let whole = (1.0 - libm::exp(-2.0 * pull * years)) / (1.0 - libm::exp(-2.0 * pull));
    whole / years
}
