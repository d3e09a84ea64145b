//! The answer as plain data: what a run found, with nothing left to compute for a writer.

mod attribution;
mod comparison;
mod evidence;

use crate::draws::Sampling;

pub use attribution::{Attribution, IfHappens, MeasureAttribution, Part, PartKind};
pub use comparison::{Comparison, Difference, HeldBy, MeasureComparison, Ratio};
pub use evidence::{Conditioned, Evidence, Fit};

/// Levels of the published quantiles, in order.
pub const LEVELS: [f64; 23] = [
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9,
    0.95, 0.975, 0.99,
];

/// What a run of one scenario found.
#[derive(Clone, Debug)]
pub struct Projection {
    /// Number of trials behind every figure.
    pub trials: u64,
    /// The seed of all draws.
    pub seed: u64,
    /// How trials were drawn.
    pub sampling: Sampling,
    /// The periods of the output in order, the base year not included.
    pub periods: Vec<Period>,
    /// The base year as a period.
    pub base_period: Period,
    /// Those that are reported: flows in the file's order, then exports, imports, total, balance, then own measures.
    pub measures: Vec<MeasureProjection>,
    /// In the file's order.
    pub targets: Vec<TargetProjection>,
    /// Enabled drivers in the file's order; of the first [`DETAIL_TRIALS`] trials.
    pub drivers: Vec<DriverProjection>,
    /// Uncertain inputs; of the first [`DETAIL_TRIALS`] trials.
    pub inputs: Vec<InputProjection>,
}

/// `drivers` and `inputs` describe at most this many trials.
pub const DETAIL_TRIALS: u64 = 65_536;

/// A stretch of calendar time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// `2023`, `2023-Q1`, `2023-H1` or `2023-01`.
    pub label: String,
    /// Calendar year.
    pub year: i32,
    /// First day, ISO 8601.
    pub start: String,
    /// Last day, ISO 8601.
    pub end: String,
}

/// One measure through time.
#[derive(Clone, Debug)]
pub struct MeasureProjection {
    /// Its id.
    pub id: String,
    /// Its title, where the author gave one.
    pub title: Option<String>,
    /// Origin, where it has one.
    pub from: Option<String>,
    /// Destination, where it has one.
    pub to: Option<String>,
    /// Product, for a flow that names one.
    pub product: Option<String>,
    /// Unit of every value: `USD million`, or `USD million a year` for annualised steps.
    pub unit: String,
    /// Law of the base year's value: a point unless a base is uncertain.
    pub base: Distribution,
    /// One for each projected period.
    pub periods: Vec<Distribution>,
    /// One for each projected year, empty unless growth was asked for.
    pub growth: Vec<Growth>,
}

/// The law of one number over trials.
#[derive(Clone, Debug)]
pub struct Distribution {
    /// Mean, with its standard error.
    pub mean: Estimate,
    /// Standard deviation (divisor n), with its standard error.
    pub sd: Estimate,
    /// Quantiles at [`LEVELS`].
    pub quantiles: Vec<Estimate>,
    /// Probability of each bin that lies between the first and the last that are not empty.
    pub bins: Vec<Bin>,
}

impl Distribution {
    /// The quantile at one of [`LEVELS`].
    ///
    /// # Panics
    /// If `level` is not one of them.
    pub fn quantile(&self, level: f64) -> f64 {
        let at = LEVELS.iter().position(|&l| (l - level).abs() < 1e-9);
        self.quantiles[at.expect("a published level")].value
    }
}

/// A number and its Monte Carlo standard error, absent below 100 trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The number.
    pub value: f64,
    /// Its standard error.
    pub standard_error: Option<f64>,
}

/// Probability of `[low, high)`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Bin {
    pub low: f64,
    pub high: f64,
    pub probability: f64,
}

/// Rates of growth and amounts of one measure in one year, from paths.
#[derive(Clone, Debug)]
pub struct Growth {
    /// Calendar year.
    pub year: i32,
    /// Per cent on the year before; absent where a path's earlier value is not above 0.
    pub yearly: Option<Summary>,
    /// Per cent a year since the base year; absent likewise.
    pub since_base: Option<Summary>,
    /// Sum since the base year, in the value unit.
    pub cumulative: Summary,
}

/// A short summary of a law.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Summary {
    pub mean: f64,
    pub sd: f64,
    pub p05: f64,
    pub p10: f64,
    pub p25: f64,
    pub p50: f64,
    pub p75: f64,
    pub p90: f64,
    pub p95: f64,
}

/// The probability of reaching a target.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct TargetProjection {
    pub id: String,
    pub title: Option<String>,
    /// Id of the measure.
    pub measure: String,
    pub threshold: f64,
    /// `at_least` or `at_most`.
    pub direction: &'static str,
    /// The year by which, or none.
    pub by: Option<i32>,
    /// The year in which, or none.
    pub within: Option<i32>,
    pub probability: Estimate,
    /// One for each year that counts: up to `by`, or that of `within`.
    pub first_reached: Vec<FirstReached>,
}

/// How many trials reach a target in a year, having reached it in none before that counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FirstReached {
    /// Calendar year.
    pub year: i32,
    /// The share of trials that first reach it in this year.
    pub probability: Estimate,
    /// The share that has reached it by the end of this year.
    pub by_then: Estimate,
}

/// What one driver does through time.
#[derive(Clone, Debug)]
pub struct DriverProjection {
    /// Its id.
    pub id: String,
    /// Its title, where the author gave one.
    pub title: Option<String>,
    /// `intervention`, `regime`, `process`, `shock` or `cargo`.
    pub kind: &'static str,
    /// `log points`, or the value unit for a cargo.
    pub unit: String,
    /// Contribution at exposure 1 at each period's end (a cargo: the period's amount).
    pub contribution: Vec<Summary>,
    /// Share of trials in which it is active in each period; empty for a process.
    pub active: Vec<f64>,
    /// For a regime: its states and their probabilities in each period.
    pub states: Vec<(String, Vec<f64>)>,
}

/// An input as drawn and as asked for.
#[derive(Clone, Debug)]
pub struct InputProjection {
    /// Its path.
    pub name: String,
    /// The law or formula as the author wrote it.
    pub requested: String,
    /// Of its draws.
    pub drawn: Summary,
    /// Of the draws before they were weighted, where they have been.
    pub prior: Option<Summary>,
    /// Of the law itself; absent for a formula. A mean or sd that does not exist is absent too.
    pub law: Option<LawFigures>,
}

/// A law's own figures, all modifiers applied.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct LawFigures {
    pub mean: Option<f64>,
    pub sd: Option<f64>,
    pub p05: f64,
    pub p50: f64,
    pub p95: f64,
}

/// Joint paths of the first trials.
#[derive(Clone, Debug)]
pub struct Paths {
    /// How many trials.
    pub trials: u64,
    /// Value of reported measure `m` in period `p` of trial `i` at `(i * measures + m) * periods + p`.
    pub values: Vec<f64>,
}
