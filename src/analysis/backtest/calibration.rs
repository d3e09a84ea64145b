//! Widening and narrowing forecasts by how earlier ones did.

use super::origins::Forecast;
use super::{Case, Options};
use crate::analysis::fit::Mixture;
use crate::simulate::map_in_order;

/// The factor on the width of forecasts, by horizon and size of flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// A horizon and the logarithms of the factors at [`KNOTS`].
    factors: Vec<(u32, [f64; KNOTS.len()])>,
}

/// Logarithms of flows in million USD at which the factor is estimated; in between it is interpolated.
const KNOTS: [f64; 9] = [-2.3, -0.7, 0.7, 2.1, 3.4, 4.6, 6.0, 7.6, 9.9];

/// Standard deviation of the kernel over logarithms of size.
const BANDWIDTH: f64 = 1.5;

/// How many outcomes a factor carried over from a shorter horizon is worth.
const PRIOR_OUTCOMES: f64 = 500.0;

/// The same in years, for narrowing: all flows share the shocks of a year, so that many good outcomes of few calm years
/// do not show that the forecasts were too wide. What was too narrow, on the other hand, was so for good.
const PRIOR_YEARS: f64 = 10.0;

/// Factors stay within these bounds.
const BOUNDS: (f64, f64) = (0.7, 1.6);

/// What is believed before any forecast has met its outcome: small flows wander less over several years than their
/// noise from year to year says, as they grow and their noise falls with size.
fn prior(horizon: u32, size: f64) -> f64 {
    let small = ((libm::log(300.0) - size) / libm::log(30.0)).clamp(0.0, 1.0);
    1.0 - SMALL_FLOWS * small * (1.0 - libm::exp(-(f64::from(horizon) - 1.0) / 2.5))
}

/// Narrowing for flows below 10 million USD at long horizons; above 300 million there is none.
const SMALL_FLOWS: f64 = 0.30;

impl Calibration {
    /// From the forecasts whose outcome was known at the end of a year.
    ///
    /// The factor is the 90 % quantile of the distances from the median in units of the 90 % interval, of flows of
    /// like size. Outcomes of one year share their shocks, so they count the less the longer the horizon is.
    pub fn until(forecasts: &[(Case, f64)], year: i32, horizons: &[u32]) -> Calibration {
        let mut factors: Vec<(u32, [f64; KNOTS.len()])> = Vec::new();
        for &horizon in horizons {
            let is_past = |case: &Case| case.horizon == horizon && case.origin + horizon as i32 <= year;
            let known: Vec<&(Case, f64)> = forecasts.iter().filter(|(case, _)| is_past(case)).collect();
            let mut past: Vec<(f64, f64)> = known.iter().map(|(case, reach)| (*reach, case.last)).collect();
            past.sort_by(|a, b| a.0.total_cmp(&b.0));
            // Forecasts come in the order of their origins.
            let years = known.chunk_by(|a, b| a.0.origin == b.0.origin).count() as f64;
            let shorter = factors.last().copied();
            let at = |knot: usize| {
                let size = KNOTS[knot];
                let own = libm::log(prior(horizon, size));
                let carried = shorter.map_or(0.0, |(before, it)| it[knot] - libm::log(prior(before, size)));
                learn(&past, years, size, own + carried, f64::from(horizon))
            };
            factors.push((horizon, std::array::from_fn(at)));
        }
        Calibration { factors }
    }

    /// The factor for a flow of this logarithm.
    pub fn factor(&self, horizon: u32, size: f64) -> f64 {
        let Some((_, logs)) = self.factors.iter().find(|(it, _)| *it == horizon) else { return 1.0 };
        let upper = KNOTS.iter().position(|knot| size < *knot).unwrap_or(KNOTS.len() - 1).max(1);
        let (low, high) = (KNOTS[upper - 1], KNOTS[upper]);
        let share = ((size - low) / (high - low)).clamp(0.0, 1.0);
        libm::exp(logs[upper - 1] + share * (logs[upper] - logs[upper - 1]))
    }
}

/// The logarithm of the factor at a size, from sorted distances with sizes, and the number of years they come from.
fn learn(past: &[(f64, f64)], years: f64, size: f64, prior: f64, horizon: f64) -> f64 {
    let weight = |of: f64| libm::exp(-0.5 * ((of - size) / BANDWIDTH) * ((of - size) / BANDWIDTH));
    let weights: Vec<f64> = past.iter().map(|(_, of)| weight(*of)).collect();
    let total: f64 = weights.iter().sum();
    if total < 1.0 {
        return prior;
    }
    let mut sum = 0.0;
    let reached = weights.iter().position(|weight| {
        sum += weight;
        sum >= 0.9 * total
    });
    let found = libm::log(past[reached.unwrap_or(past.len() - 1)].0.max(1e-3));
    let outcomes = total / horizon.sqrt() / PRIOR_OUTCOMES;
    let seasons = years / horizon / PRIOR_YEARS;
    let evidence = if found > prior { outcomes } else { outcomes.min(seasons) };
    let factor = (prior + evidence * found) / (1.0 + evidence);
    factor.clamp(libm::log(BOUNDS.0), libm::log(BOUNDS.1))
}

/// The forecasts that count, widened or narrowed by what was known at their origin.
pub(super) fn calibrate(forecasts: Vec<Forecast>, options: &Options) -> Vec<(Case, Mixture)> {
    let seen: Vec<(Case, f64)> = forecasts.iter().map(|it| (it.case, it.reach)).collect();
    let mut origins: Vec<i32> = forecasts.iter().map(|it| it.case.origin).collect();
    origins.dedup();
    let calibrations = map_in_order(&origins, |year| (*year, Calibration::until(&seen, *year, &options.horizons)));
    let counting = forecasts.into_iter().filter(|it| it.case.counts);
    let calibrated = counting.map(|it| {
        let at = calibrations.partition_point(|(year, _)| *year < it.case.origin);
        let factor = calibrations[at].1.factor(it.case.horizon, it.case.last);
        (it.case, it.law.stretched(it.median, factor))
    });
    calibrated.collect()
}
