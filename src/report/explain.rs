//! `attribution.csv`, `sensitivity.csv` and `variance.csv`.

use std::io::{self, Write};

use crate::projection::{Attribution, MeasureAttribution, Part, Period};

use super::Dialect;
use super::record::AttributionRow;
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
