//! One writer for each CSV file.

use std::io::{self, Write};
use std::iter::once;

use crate::projection::{
    Distribution, DriverProjection, Estimate, Growth, InputProjection, LEVELS, MeasureProjection, Paths, Period,
    Summary, TargetProjection,
};

use super::Report;
use super::record::{
    BinRow, DriverRow, FirstPassageRow, GrowthRow, InputRow, ProjectionRow, QuantileRow, TargetRow, TrialRow,
};
use super::table::{Text, write_groups, write_groups_of_numbers, write_rows};

/// `projection.csv`: a row for each measure and period, the base year first.
///
/// # Errors
/// If `out` cannot be written to; so for every writer here.
pub fn projection(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let run = report.projection;
    let rows = run.measures.iter().flat_map(|measure| {
        let base = once(projection_row(report, measure, &run.base_period, &measure.base, "base"));
        base.chain(
            with_periods(report, measure)
                .map(|(period, law)| projection_row(report, measure, period, law, "projected")),
        )
    });
    write_rows(report.dialect, out, rows)
}

fn projection_row<'a>(
    report: &Report<'a>,
    measure: &'a MeasureProjection,
    period: &'a Period,
    law: &Distribution,
    status: &'static str,
) -> ProjectionRow<'a> {
    let about = report.about;
    let number = |value| report.dialect.short(value);
    let quantile = |level| number(law.quantile(level));
    ProjectionRow {
        scenario: Text(&about.scenario),
        measure: Text(&measure.id),
        from: Text::or_empty(&measure.from),
        to: Text::or_empty(&measure.to),
        product: Text::or_empty(&measure.product),
        period: Text(&period.label),
        unit: Text(&measure.unit),
        mean: number(law.mean.value),
        sd: number(law.sd.value),
        p01: quantile(0.01),
        p05: quantile(0.05),
        p10: quantile(0.1),
        p25: quantile(0.25),
        p50: quantile(0.5),
        p75: quantile(0.75),
        p90: quantile(0.9),
        p95: quantile(0.95),
        p99: quantile(0.99),
        status,
        title: Text::or_empty(&measure.title),
        year: period.year,
        period_start: Text(&period.start),
        period_end: Text(&period.end),
        prices: about.prices,
        metric: Text::or_empty(&about.metric),
        as_of: Text::or_empty(&about.as_of),
    }
}

/// `quantiles.csv`: a row for each measure, projected period and statistic.
///
/// # Errors
/// As [`projection()`].
pub fn quantiles(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_groups(report.dialect, out, laws(report), |&(measure, period, law)| {
        statistics(law).map(move |(statistic, level, estimate)| QuantileRow {
            scenario: Text(&report.about.scenario),
            measure: Text(&measure.id),
            period: Text(&period.label),
            unit: Text(&measure.unit),
            statistic,
            // Three digits at most are all that there are.
            level: report.dialect.short_or_empty(level),
            value: report.dialect.exact(estimate.value),
            standard_error: report.dialect.exact_or_empty(estimate.standard_error),
        })
    })
}

/// Name, level and value of each published statistic.
fn statistics(law: &Distribution) -> impl Iterator<Item = (&'static str, Option<f64>, Estimate)> + '_ {
    let moments = [("mean", None, law.mean), ("sd", None, law.sd)];
    let quantiles = LEVELS.iter().zip(&law.quantiles).map(|(&level, &value)| ("quantile", Some(level), value));
    moments.into_iter().chain(quantiles)
}

/// `distribution.csv`: a row for each measure, period and bin.
///
/// # Errors
/// As [`projection()`].
pub fn distribution(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_groups_of_numbers(
        report.dialect,
        out,
        laws(report),
        |&(measure, period, _)| BinRow {
            scenario: Text(&report.about.scenario),
            measure: Text(&measure.id),
            period: Text(&period.label),
            unit: Text(&measure.unit),
            ..BinRow::default()
        },
        |&(_, _, law)| {
            law.bins.iter().map(|bin| [bin.low, bin.high, bin.probability].map(|it| report.dialect.short(it)))
        },
    )
}

/// `targets.csv`: a row for each target.
///
/// # Errors
/// As [`projection()`].
pub fn targets(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_rows(report.dialect, out, report.projection.targets.iter().map(|target| target_row(report, target)))
}

fn target_row<'a>(report: &Report<'a>, target: &'a TargetProjection) -> TargetRow<'a> {
    TargetRow {
        scenario: Text(&report.about.scenario),
        target: Text(&target.id),
        measure: Text(&target.measure),
        threshold: report.dialect.short(target.threshold),
        direction: target.direction,
        by: target.by,
        within: target.within,
        unit: Text(&report.about.unit),
        probability: report.dialect.short(target.probability.value),
        standard_error: report.dialect.short_or_empty(target.probability.standard_error),
        title: Text::or_empty(&target.title),
    }
}

/// `first_passage.csv`: a row for each target and year in which it can be reached.
///
/// # Errors
/// As [`projection()`].
pub fn first_passage(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows = report.projection.targets.iter().flat_map(|target| {
        target.first_reached.iter().map(move |it| FirstPassageRow {
            scenario: Text(&report.about.scenario),
            target: Text(&target.id),
            period: it.year,
            probability: report.dialect.short(it.probability.value),
            standard_error: report.dialect.short_or_empty(it.probability.standard_error),
            probability_by_then: report.dialect.short(it.by_then.value),
            by_then_standard_error: report.dialect.short_or_empty(it.by_then.standard_error),
            title: Text::or_empty(&target.title),
        })
    });
    write_rows(report.dialect, out, rows)
}

/// `drivers.csv`: a row for each driver and period, for a regime one for each state.
///
/// # Errors
/// As [`projection()`].
pub fn drivers(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows = report.projection.drivers.iter().flat_map(|driver| {
        faces(driver).into_iter().flat_map(move |(state, probabilities)| {
            report.projection.periods.iter().zip(&driver.contribution).enumerate().map(move |(at, (period, law))| {
                let probability_active = report.dialect.short_or_empty(probabilities.get(at).copied());
                DriverRow { probability_active, ..driver_row(report, driver, state, period, law) }
            })
        })
    });
    write_rows(report.dialect, out, rows)
}

/// What a driver shows: each state of a regime, or itself, with the probability in each period.
fn faces(driver: &DriverProjection) -> Vec<(&str, &[f64])> {
    match driver.states.is_empty() {
        true => vec![("", &driver.active)],
        false => driver.states.iter().map(|(state, probabilities)| (state.as_str(), &probabilities[..])).collect(),
    }
}

fn driver_row<'a>(
    report: &Report<'a>,
    driver: &'a DriverProjection,
    state: &'a str,
    period: &'a Period,
    law: &Summary,
) -> DriverRow<'a> {
    DriverRow {
        scenario: Text(&report.about.scenario),
        driver: Text(&driver.id),
        kind: driver.kind,
        state: Text(state),
        period: Text(&period.label),
        mean: report.dialect.short(law.mean),
        p05: report.dialect.short(law.p05),
        p50: report.dialect.short(law.p50),
        p95: report.dialect.short(law.p95),
        unit: Text(&driver.unit),
        title: Text::or_empty(&driver.title),
        ..DriverRow::default()
    }
}

/// `inputs.csv`: a row for each uncertain input.
///
/// # Errors
/// As [`projection()`].
pub fn inputs(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_rows(report.dialect, out, report.projection.inputs.iter().map(|input| input_row(report, input)))
}

pub(super) fn input_row<'a>(report: &Report<'a>, input: &'a InputProjection) -> InputRow<'a> {
    let (drawn, law) = (input.drawn, input.law);
    let number = |value| report.dialect.short(value);
    let or_empty = |value| report.dialect.short_or_empty(value);
    InputRow {
        scenario: Text(&report.about.scenario),
        input: Text(&input.name),
        requested: Text(&input.requested),
        mean: number(drawn.mean),
        sd: number(drawn.sd),
        p05: number(drawn.p05),
        p50: number(drawn.p50),
        p95: number(drawn.p95),
        requested_mean: or_empty(law.and_then(|law| law.mean)),
        requested_sd: or_empty(law.and_then(|law| law.sd)),
        requested_p05: or_empty(law.map(|law| law.p05)),
        requested_p50: or_empty(law.map(|law| law.p50)),
        requested_p95: or_empty(law.map(|law| law.p95)),
    }
}

/// `growth.csv`: three rows for each measure and year.
///
/// # Errors
/// As [`projection()`].
pub fn growth(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    let rows = report.projection.measures.iter().flat_map(|measure| {
        measure.growth.iter().flat_map(move |growth| {
            kinds(report, growth).map(move |(kind, unit, law)| GrowthRow {
                scenario: Text(&report.about.scenario),
                measure: Text(&measure.id),
                period: growth.year,
                kind,
                unit: Text(unit),
                ..growth_row(report, law)
            })
        })
    });
    write_rows(report.dialect, out, rows)
}

/// Name, unit and law of each kind of growth.
fn kinds<'a>(report: &Report<'a>, growth: &Growth) -> impl Iterator<Item = (&'static str, &'a str, Option<Summary>)> {
    const RATE: &str = "per cent a year";
    let unit = report.about.unit.as_str();
    [
        ("yearly", RATE, growth.yearly),
        ("since_base", RATE, growth.since_base),
        ("cumulative", unit, Some(growth.cumulative)),
    ]
    .into_iter()
}

/// The numbers of the row, all empty where there is no law.
fn growth_row<'a>(report: &Report<'_>, law: Option<Summary>) -> GrowthRow<'a> {
    let cell = |pick: fn(&Summary) -> f64| report.dialect.short_or_empty(law.as_ref().map(pick));
    GrowthRow {
        mean: cell(|law| law.mean),
        p05: cell(|law| law.p05),
        p10: cell(|law| law.p10),
        p25: cell(|law| law.p25),
        p50: cell(|law| law.p50),
        p75: cell(|law| law.p75),
        p90: cell(|law| law.p90),
        p95: cell(|law| law.p95),
        ..GrowthRow::default()
    }
}

/// `trials.csv`: a row for each trial, measure and period.
///
/// # Errors
/// As [`projection()`].
pub fn trials(report: &Report<'_>, paths: &Paths, out: &mut dyn Write) -> io::Result<()> {
    let run = report.projection;
    let of_trial = |trial| run.measures.iter().map(move |measure| (trial, measure));
    let paths_of_measures = paths.values.chunks(run.periods.len().max(1));
    let groups = (1..=paths.trials).flat_map(of_trial).zip(paths_of_measures);
    write_groups(report.dialect, out, groups, |&((trial, measure), values)| {
        run.periods.iter().zip(values).map(move |(period, &value)| TrialRow {
            scenario: Text(&report.about.scenario),
            trial,
            measure: Text(&measure.id),
            period: Text(&period.label),
            unit: Text(&measure.unit),
            value: report.dialect.exact(value),
        })
    })
}

/// The projected periods of a measure.
fn with_periods<'a>(
    report: &Report<'a>,
    measure: &'a MeasureProjection,
) -> impl Iterator<Item = (&'a Period, &'a Distribution)> + use<'a> {
    report.projection.periods.iter().zip(&measure.periods)
}

/// Each measure in each projected period.
fn laws<'a>(
    report: &Report<'a>,
) -> impl Iterator<Item = (&'a MeasureProjection, &'a Period, &'a Distribution)> + use<'a> {
    let report = *report;
    let of_measure = move |measure| with_periods(&report, measure).map(move |(period, law)| (measure, period, law));
    report.projection.measures.iter().flat_map(of_measure)
}
