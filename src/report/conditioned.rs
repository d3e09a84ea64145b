//! What conditioning adds to the files of a run.

use std::io::{self, Write};

use serde::Serialize;

use super::Report;
use super::file::input_row;
use super::record::{LearnedRow, ObservationRow};
use super::table::{Text, write_rows};
use crate::projection::{Evidence, InputProjection};

/// `inputs.csv` with the prior beside: a row for each uncertain input.
///
/// # Errors
/// If `out` cannot be written to; so for every writer here.
pub fn learned(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_rows(report.dialect, out, report.projection.inputs.iter().map(|input| learned_row(report, input)))
}

fn learned_row<'a>(report: &Report<'a>, input: &'a InputProjection) -> LearnedRow<'a> {
    let drawn = input_row(report, input);
    let prior =
        |pick: fn(&crate::projection::Summary) -> f64| report.dialect.short_or_empty(input.prior.as_ref().map(pick));
    LearnedRow {
        scenario: drawn.scenario,
        input: drawn.input,
        requested: drawn.requested,
        mean: drawn.mean,
        sd: drawn.sd,
        p05: drawn.p05,
        p50: drawn.p50,
        p95: drawn.p95,
        requested_mean: drawn.requested_mean,
        requested_sd: drawn.requested_sd,
        requested_p05: drawn.requested_p05,
        requested_p50: drawn.requested_p50,
        requested_p95: drawn.requested_p95,
        prior_mean: prior(|law| law.mean),
        prior_sd: prior(|law| law.sd),
        prior_p05: prior(|law| law.p05),
        prior_p50: prior(|law| law.p50),
        prior_p95: prior(|law| law.p95),
    }
}

/// `observations.csv`: a row for each observation that was used.
///
/// # Errors
/// As [`learned`].
pub fn observations(report: &Report<'_>, evidence: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let rows = evidence.fits.iter().map(|fit| {
        let number = |value| report.dialect.short(value);
        ObservationRow {
            scenario: Text(&report.about.scenario),
            series: Text(&fit.series),
            reporter: Text(&fit.reporter),
            period: fit.year,
            unit: Text(&report.about.unit),
            observed: number(fit.observed),
            prior_p05: number(fit.prior.p05),
            prior_p50: number(fit.prior.p50),
            prior_p95: number(fit.prior.p95),
            posterior_p05: number(fit.posterior.p05),
            posterior_p50: number(fit.posterior.p50),
            posterior_p95: number(fit.posterior.p95),
            prior_probability_below: number(fit.prior_below),
        }
    });
    write_rows(report.dialect, out, rows)
}

/// How a projection was conditioned, for `run.json`.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct ConditioningFields {
    observations_used: usize,
    observations_unused: usize,
    effective_sample_size: f64,
    untempered_effective_sample_size: f64,
    standard_errors_of_trials: f64,
    tempering_exponent: f64,
    log_marginal_likelihood: f64,
    log_marginal_likelihood_se: Option<f64>,
}

impl ConditioningFields {
    pub fn of(evidence: &Evidence) -> ConditioningFields {
        ConditioningFields {
            observations_used: evidence.used,
            observations_unused: evidence.unused,
            effective_sample_size: evidence.effective_sample_size,
            untempered_effective_sample_size: evidence.untempered_sample_size,
            standard_errors_of_trials: evidence.worth,
            tempering_exponent: evidence.exponent,
            log_marginal_likelihood: evidence.log_marginal_likelihood.value,
            log_marginal_likelihood_se: evidence.log_marginal_likelihood.standard_error,
        }
    }
}
