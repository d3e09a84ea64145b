//! Forecasts at one origin.

use super::Options;
use crate::analysis::fit::{Mixture, Pooled, Stretch, pool};
use crate::simulate::map_in_order;

/// What is forecast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Case {
    /// Index of the stretch in its panel.
    pub stretch: usize,
    /// The last year that the forecaster knows.
    pub origin: i32,
    /// Years ahead.
    pub horizon: u32,
    /// The last known logarithm.
    pub last: f64,
    /// What came, as a logarithm.
    pub outcome: f64,
    /// Whether it counts. Otherwise only later calibration learns from it.
    pub counts: bool,
}

/// A case, and the law that was expected.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// The case.
    pub case: Case,
    /// The law.
    pub law: Mixture,
    /// Its median.
    pub median: f64,
    /// The distance of the outcome from the median over that of the 90 % interval's end on the same side.
    pub reach: f64,
}

/// Observations from which on calibration learns from forecasts.
const LEAST_KNOWN: usize = 5;

/// The years at whose end forecasts can be made.
pub(super) fn years(panel: &[Stretch], options: &Options) -> Vec<i32> {
    let nearest = options.horizons.first().copied().unwrap_or(1) as i32;
    let known = LEAST_KNOWN.min(options.least_known) as i32;
    let first = panel.iter().map(|it| it.first + known - 1).min();
    let last = panel.iter().map(|it| it.last() - nearest).max();
    first.zip(last).map_or_else(Vec::new, |(first, last)| (first..=last).collect())
}

/// Forecasts of all flows from the end of a year. Of later years nothing but the outcomes is seen.
pub fn at_origin(panel: &[Stretch], origin: i32, options: &Options) -> Vec<Forecast> {
    let known: Vec<Stretch> =
        panel.iter().map(|it| Stretch { logs: it.until(origin).to_vec(), ..it.clone() }).collect();
    let cases = cases(panel, origin, options);
    if cases.is_empty() {
        return Vec::new();
    }
    let pooled = pool(&known, origin, &options.prior);
    let flows: Vec<&[Case]> = cases.chunk_by(|a, b| a.stretch == b.stretch).collect();
    map_in_order(&flows, |of_flow| forecasts(&pooled, of_flow)).into_iter().flatten().collect()
}

fn cases(panel: &[Stretch], origin: i32, options: &Options) -> Vec<Case> {
    let mut found = Vec::new();
    for (stretch, it) in panel.iter().enumerate() {
        let known = it.until(origin);
        if known.len() < LEAST_KNOWN.min(options.least_known) {
            continue;
        }
        let counts = known.len() >= options.least_known && it.logs.len() >= options.least_years;
        for &horizon in &options.horizons {
            if let Some(outcome) = it.at(origin + horizon as i32) {
                found.push(Case { stretch, origin, horizon, last: known[known.len() - 1], outcome, counts });
            }
        }
    }
    found
}

/// The forecasts of one stretch.
fn forecasts(pooled: &Pooled<'_>, cases: &[Case]) -> Vec<Forecast> {
    let horizons: Vec<u32> = cases.iter().map(|case| case.horizon).collect();
    let laws = pooled.forecast(cases[0].stretch, &horizons);
    cases.iter().zip(laws).map(|(case, law)| forecast(*case, law)).collect()
}

fn forecast(case: Case, law: Mixture) -> Forecast {
    let median = law.quantile(0.5);
    let end = law.quantile(if case.outcome < median { 0.05 } else { 0.95 });
    let reach = (case.outcome - median) / (end - median);
    Forecast { case, law, median, reach }
}
