//! Scores of single forecasts.

use super::Case;
use super::benchmarks::BENCHMARKS;
use super::rival::Rival;
use crate::analysis::fit::{Mixture, Stretch};
use crate::simulate::map_in_order;

/// How a forecast did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Continuous ranked probability score of the logarithm; lower is better.
    pub crps: f64,
    /// Minus the logarithm of the density of the logarithm; lower is better.
    pub log_score: f64,
    /// The probability that the forecast gave to less than what came.
    pub pit: f64,
}

/// A case with the scores of all models: this program's first, then the benchmarks in their order, then the rivals.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// The case.
    pub case: Case,
    /// Its scores; nothing of a rival that was not asked.
    pub scores: Vec<Option<Score>>,
}

/// No density counts as lower, so that a single outcome cannot decide over a mean.
const LEAST_DENSITY: f64 = 1e-12;

impl Score {
    /// Of a law, given what came.
    pub fn of(law: &Mixture, outcome: f64) -> Score {
        Score {
            crps: law.crps(outcome),
            log_score: -libm::log(law.density(outcome).max(LEAST_DENSITY)),
            pit: law.cdf(outcome),
        }
    }

    /// Whether the central interval of this probability held the outcome.
    pub fn covered(&self, probability: f64) -> bool {
        (self.pit - 0.5).abs() <= 0.5 * probability
    }
}

pub(super) fn score(panel: &[Stretch], forecasts: &[(Case, Mixture)], rivals: &[Rival]) -> Vec<Scored> {
    map_in_order(forecasts, |(case, law)| {
        let known = panel[case.stretch].until(case.origin);
        let of_others = rivals.iter().map(|it| it.forecast(case.stretch, case.origin, case.horizon));
        let of_benchmarks = BENCHMARKS.iter().map(|(_, forecast)| Some(forecast(known, case.horizon)));
        let laws = std::iter::once(Some(law.clone())).chain(of_benchmarks).chain(of_others);
        Scored { case: *case, scores: laws.map(|it| Some(Score::of(&it?, case.outcome))).collect() }
    })
}
