//! What two scenarios differ by.

use super::{Estimate, Period};

/// One scenario against another, trial by trial on the same draws.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Id of the scenario that the other is compared with.
    pub base: String,
    /// Id of the other.
    pub scenario: String,
    /// Number of pairs of trials behind every figure.
    pub trials: u64,
    /// The seed of all draws.
    pub seed: u64,
    /// The periods of both in order, the base year not included.
    pub periods: Vec<Period>,
    /// The measures of the base in its order, then those that only the other scenario has.
    pub measures: Vec<MeasureComparison>,
}

/// One measure of two scenarios through time.
#[derive(Clone, Debug)]
pub struct MeasureComparison {
    /// Its id.
    pub id: String,
    /// Unit of its values.
    pub unit: String,
    /// Who has it; a scenario that does not counts as 0.
    pub held_by: HeldBy,
    /// One for each projected period.
    pub periods: Vec<Difference>,
}

/// Which of two scenarios has a measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum HeldBy {
    Both,
    BaseOnly,
    ScenarioOnly,
}

/// The law of the difference of two values of the same trial, the scenario's less the base's.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Difference {
    /// Mean, with the standard error of paired trials.
    pub mean: Estimate,
    /// Standard error of the mean from two runs of as many trials that share no draws, absent below 100 trials.
    pub unpaired_error: Option<f64>,
    pub p05: f64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub p95: f64,
    /// Of the scenario's value to the base's; absent where a trial's base value is not above 0.
    pub ratio: Option<Ratio>,
    /// Share of trials in which the scenario's value is greater.
    pub probability_higher: f64,
    /// Share of trials in which it is less.
    pub probability_lower: f64,
}

/// Quantiles of a ratio.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Ratio {
    pub p05: f64,
    pub p50: f64,
    pub p95: f64,
}
