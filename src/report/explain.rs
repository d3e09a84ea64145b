//! `attribution.csv`, `sensitivity.csv` and `variance.csv`.

use std::io::{self, Write};

use crate::analysis::sobol::Indices;
use crate::analysis::{CellSensitivity, InputSensitivity, Sensitivity};
use crate::projection::{Attribution, MeasureAttribution, Part, Period};

use super::Dialect;
use super::record::{AttributionRow, SensitivityRow, VarianceRow};
use super::table::{Text, write_rows};

/// `attribution.csv`: a row for each measure, projected period and part.
///
/// # Errors
/// If `out` cannot be written to; so for every writer here.
pub fn attribution(found: &Attribution, dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let rows = found.measures.iter().flat_map(|measure| {
        let periods = found.periods.iter().zip(&measure.periods);
        periods.flat_map(move |(period, parts)| {
            parts.iter().map(move |part| attribution_row(dialect, found, measure, period, part))
        })
    });
    write_rows(dialect, out, rows)
}

fn attribution_row<'a>(
    dialect: Dialect,
    found: &'a Attribution,
    measure: &'a MeasureAttribution,
    period: &'a Period,
    part: &'a Part,
) -> AttributionRow<'a> {
    let number = |value| dialect.short(value);
    let or_empty = |value| dialect.short_or_empty(value);
    let [p05, p50, p95] = part.quantiles.map(number);
    let if_happens = part.if_happens.as_ref();
    AttributionRow {
        scenario: Text(&found.scenario),
        measure: Text(&measure.id),
        period: Text(&period.label),
        part: Text(&part.id),
        kind: part.kind.name(),
        unit: Text(&measure.unit),
        mean: number(part.mean.value),
        mean_se: or_empty(part.mean.standard_error),
        p05,
        p50,
        p95,
        log_points: or_empty(part.log_points.map(|it| it.value)),
        log_points_se: or_empty(part.log_points.and_then(|it| it.standard_error)),
        mean_if_happens: or_empty(if_happens.map(|it| it.mean.value)),
        mean_if_happens_se: or_empty(if_happens.and_then(|it| it.mean.standard_error)),
        log_points_if_happens: or_empty(if_happens.and_then(|it| it.log_points).map(|it| it.value)),
        probability_happens: or_empty(part.probability_happens),
        title: Text::or_empty(&part.title),
    }
}

/// `sensitivity.csv`: a row for each measure, period and input, then one for all events and one for the noise.
///
/// # Errors
/// As [`attribution`].
pub fn sensitivity(found: &Sensitivity, dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let rows = found.cells.iter().flat_map(|cell| {
        let inputs = cell.inputs.iter().map(move |input| input_row(dialect, found, cell, input));
        let events = group_row(dialect, found, cell, "events", &cell.events);
        let noise = group_row(dialect, found, cell, "noise", &cell.noise);
        inputs.chain([events, noise])
    });
    write_rows(dialect, out, rows)
}

fn input_row<'a>(
    dialect: Dialect,
    found: &'a Sensitivity,
    cell: &'a CellSensitivity,
    input: &'a InputSensitivity,
) -> SensitivityRow<'a> {
    let number = |value| dialect.short(value);
    SensitivityRow {
        input: Text(&input.name),
        kind: "input",
        input_p10: number(input.p10),
        input_p90: number(input.p90),
        median_at_p10: number(input.median_at_p10),
        median_at_p90: number(input.median_at_p90),
        swing: number(input.swing.value),
        swing_se: dialect.short_or_empty(input.swing.standard_error),
        ..group_row(dialect, found, cell, "input", &input.indices)
    }
}

fn group_row<'a>(
    dialect: Dialect,
    found: &'a Sensitivity,
    cell: &'a CellSensitivity,
    kind: &'static str,
    indices: &Indices,
) -> SensitivityRow<'a> {
    let number = |value| dialect.short(value);
    let nothing = dialect.short_or_empty(None);
    SensitivityRow {
        scenario: Text(&found.scenario),
        measure: Text(&cell.measure),
        period: Text(&cell.period.label),
        input: Text(kind),
        kind,
        unit: Text(&cell.unit),
        input_p10: nothing,
        input_p90: nothing,
        median_at_p10: nothing,
        median_at_p90: nothing,
        swing: nothing,
        swing_se: nothing,
        first_order: number(indices.first_order.value),
        first_order_se: number(indices.first_order.standard_error),
        total: number(indices.total.value),
        total_se: number(indices.total.standard_error),
    }
}

/// `variance.csv`: a row for each measure and period.
///
/// # Errors
/// As [`attribution`].
pub fn variance(found: &Sensitivity, dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let number = |value| dialect.short(value);
    let rows = found.cells.iter().map(|cell| VarianceRow {
        scenario: Text(&found.scenario),
        measure: Text(&cell.measure),
        period: Text(&cell.period.label),
        unit: Text(&cell.unit),
        variance: number(cell.variance),
        epistemic_share: number(cell.epistemic.first_order.value),
        epistemic_se: number(cell.epistemic.first_order.standard_error),
        events_share: number(cell.events.first_order.value),
        events_se: number(cell.events.first_order.standard_error),
        noise_share: number(cell.noise.first_order.value),
        noise_se: number(cell.noise.first_order.standard_error),
        interaction_share: number(cell.interaction()),
    });
    write_rows(dialect, out, rows)
}
