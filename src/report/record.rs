//! The rows of the CSV files. Names and order of the fields are the columns, a contract with their readers: new
//! ones come last. No other type of the library is serialised.

use serde::Serialize;

use super::table::{Number, Text};

/// Of `projection.csv`.
#[derive(Default, Serialize)]
pub(super) struct ProjectionRow<'a> {
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub from: Text<'a>,
    pub to: Text<'a>,
    pub product: Text<'a>,
    pub period: Text<'a>,
    pub unit: Text<'a>,
    pub mean: Number,
    pub sd: Number,
    pub p01: Number,
    pub p05: Number,
    pub p10: Number,
    pub p25: Number,
    pub p50: Number,
    pub p75: Number,
    pub p90: Number,
    pub p95: Number,
    pub p99: Number,
    pub status: &'static str,
    pub title: Text<'a>,
    pub year: i32,
    pub period_start: Text<'a>,
    pub period_end: Text<'a>,
    pub prices: &'static str,
    pub metric: Text<'a>,
    pub as_of: Text<'a>,
}

/// Of `quantiles.csv`.
#[derive(Default, Serialize)]
pub(super) struct QuantileRow<'a> {
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub period: Text<'a>,
    pub unit: Text<'a>,
    pub statistic: &'static str,
    pub level: Number,
    pub value: Number,
    pub standard_error: Number,
}

/// Of `distribution.csv`.
#[derive(Default, Serialize)]
pub(super) struct BinRow<'a> {
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub period: Text<'a>,
    pub unit: Text<'a>,
    pub bin_low: Number,
    pub bin_high: Number,
    pub probability: Number,
}

/// Of `targets.csv`.
#[derive(Default, Serialize)]
pub(super) struct TargetRow<'a> {
    pub scenario: Text<'a>,
    pub target: Text<'a>,
    pub measure: Text<'a>,
    pub threshold: Number,
    pub direction: &'static str,
    pub by: Option<i32>,
    #[serde(rename = "in")]
    pub within: Option<i32>,
    pub unit: Text<'a>,
    pub probability: Number,
    pub standard_error: Number,
    pub title: Text<'a>,
}

/// Of `first_passage.csv`.
#[derive(Default, Serialize)]
pub(super) struct FirstPassageRow<'a> {
    pub scenario: Text<'a>,
    pub target: Text<'a>,
    pub period: i32,
    pub probability: Number,
    pub standard_error: Number,
    pub probability_by_then: Number,
    pub by_then_standard_error: Number,
    pub title: Text<'a>,
}

/// Of `history.csv`.
#[derive(Default, Serialize)]
pub(super) struct ObservedRow<'a> {
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub reporter: Text<'a>,
    pub period: i32,
    pub unit: Text<'a>,
    pub observed: Number,
}

/// Of `drivers.csv`.
#[derive(Default, Serialize)]
pub(super) struct DriverRow<'a> {
    pub scenario: Text<'a>,
    pub driver: Text<'a>,
    pub kind: &'static str,
    pub state: Text<'a>,
    pub period: Text<'a>,
    pub probability_active: Number,
    pub mean: Number,
    pub p05: Number,
    pub p50: Number,
    pub p95: Number,
    pub unit: Text<'a>,
    pub title: Text<'a>,
}

/// Of `inputs.csv`.
#[derive(Default, Serialize)]
pub(super) struct InputRow<'a> {
    pub scenario: Text<'a>,
    pub input: Text<'a>,
    pub requested: Text<'a>,
    pub mean: Number,
    pub sd: Number,
    pub p05: Number,
    pub p50: Number,
    pub p95: Number,
    pub requested_mean: Number,
    pub requested_sd: Number,
    pub requested_p05: Number,
    pub requested_p50: Number,
    pub requested_p95: Number,
}

/// Of `inputs.csv` where a prior has become a posterior.
#[derive(Default, Serialize)]
pub(super) struct LearnedRow<'a> {
    pub scenario: Text<'a>,
    pub input: Text<'a>,
    pub requested: Text<'a>,
    pub mean: Number,
    pub sd: Number,
    pub p05: Number,
    pub p50: Number,
    pub p95: Number,
    pub requested_mean: Number,
    pub requested_sd: Number,
    pub requested_p05: Number,
    pub requested_p50: Number,
    pub requested_p95: Number,
    pub prior_mean: Number,
    pub prior_sd: Number,
    pub prior_p05: Number,
    pub prior_p50: Number,
    pub prior_p95: Number,
}

/// Of `observations.csv`.
#[derive(Default, Serialize)]
pub(super) struct ObservationRow<'a> {
    pub scenario: Text<'a>,
    pub series: Text<'a>,
    pub reporter: Text<'a>,
    pub period: i32,
    pub unit: Text<'a>,
    pub observed: Number,
    pub prior_p05: Number,
    pub prior_p50: Number,
    pub prior_p95: Number,
    pub posterior_p05: Number,
    pub posterior_p50: Number,
    pub posterior_p95: Number,
    pub prior_probability_below: Number,
}

/// Of `growth.csv`.
#[derive(Default, Serialize)]
pub(super) struct GrowthRow<'a> {
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub period: i32,
    pub kind: &'static str,
    pub unit: Text<'a>,
    pub mean: Number,
    pub p05: Number,
    pub p10: Number,
    pub p25: Number,
    pub p50: Number,
    pub p75: Number,
    pub p90: Number,
    pub p95: Number,
}

/// Of `trials.csv`.
#[derive(Default, Serialize)]
pub(super) struct TrialRow<'a> {
    pub scenario: Text<'a>,
    pub trial: u64,
    pub measure: Text<'a>,
    pub period: Text<'a>,
    pub unit: Text<'a>,
    pub value: Number,
}

/// Of `comparison.csv`.
#[derive(Default, Serialize)]
pub(super) struct ComparisonRow<'a> {
    pub base: Text<'a>,
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub period: Text<'a>,
    pub unit: Text<'a>,
    pub difference_mean: Number,
    pub difference_se: Number,
    pub difference_p05: Number,
    pub difference_p25: Number,
    pub difference_p50: Number,
    pub difference_p75: Number,
    pub difference_p95: Number,
    pub ratio_p05: Number,
    pub ratio_p50: Number,
    pub ratio_p95: Number,
    pub probability_higher: Number,
    pub probability_lower: Number,
}

/// Of `attribution.csv`.
#[derive(Default, Serialize)]
pub(super) struct AttributionRow<'a> {
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub period: Text<'a>,
    pub part: Text<'a>,
    pub kind: &'static str,
    pub unit: Text<'a>,
    pub mean: Number,
    pub mean_se: Number,
    pub p05: Number,
    pub p50: Number,
    pub p95: Number,
    pub log_points: Number,
    pub log_points_se: Number,
    pub mean_if_happens: Number,
    pub mean_if_happens_se: Number,
    pub log_points_if_happens: Number,
    pub probability_happens: Number,
    pub title: Text<'a>,
}

/// Of `sensitivity.csv`.
#[derive(Default, Serialize)]
pub(super) struct SensitivityRow<'a> {
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub period: Text<'a>,
    pub input: Text<'a>,
    pub kind: &'static str,
    pub unit: Text<'a>,
    pub input_p10: Number,
    pub input_p90: Number,
    pub median_at_p10: Number,
    pub median_at_p90: Number,
    pub swing: Number,
    pub swing_se: Number,
    pub first_order: Number,
    pub first_order_se: Number,
    pub total: Number,
    pub total_se: Number,
}

/// Of `variance.csv`.
#[derive(Default, Serialize)]
pub(super) struct VarianceRow<'a> {
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub period: Text<'a>,
    pub unit: Text<'a>,
    pub variance: Number,
    pub epistemic_share: Number,
    pub epistemic_se: Number,
    pub events_share: Number,
    pub events_se: Number,
    pub noise_share: Number,
    pub noise_se: Number,
    pub interaction_share: Number,
}

/// Of two finished projections: differences, the second less the first.
#[derive(Default, Serialize)]
pub(super) struct UnpairedRow<'a> {
    pub base: Text<'a>,
    pub scenario: Text<'a>,
    pub measure: Text<'a>,
    pub period: Text<'a>,
    pub unit: Text<'a>,
    pub difference_of_mean: Number,
    pub difference_of_p05: Number,
    pub difference_of_p10: Number,
    pub difference_of_p25: Number,
    pub difference_of_p50: Number,
    pub difference_of_p75: Number,
    pub difference_of_p90: Number,
    pub difference_of_p95: Number,
}

/// Of `backtest.csv`.
#[derive(Default, Serialize)]
pub(super) struct BacktestRow<'a> {
    pub model: Text<'a>,
    pub horizon: u32,
    pub size_class: Text<'a>,
    pub series: u64,
    pub n: u64,
    pub crps: Number,
    pub crps_se: Number,
    pub difference: Number,
    pub difference_se: Number,
    pub cover50: Number,
    pub cover80: Number,
    pub cover90: Number,
    pub log_score: Number,
    pub cover90_se: Number,
}

/// Of `pit.csv`.
#[derive(Default, Serialize)]
pub(super) struct PitRow<'a> {
    pub model: Text<'a>,
    pub horizon: u32,
    pub bin_low: Number,
    pub bin_high: Number,
    pub share: Number,
    pub n: u64,
}

/// Of a history.
#[derive(Default, Serialize)]
pub(super) struct HistoryRow<'a> {
    pub from: Text<'a>,
    pub to: Text<'a>,
    pub product: Text<'a>,
    pub reporter: Text<'a>,
    pub valuation: Text<'a>,
    pub year: i32,
    pub value: Number,
    pub unit: Text<'a>,
}
