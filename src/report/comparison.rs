//! `comparison.csv`, and its like for finished projections.

use std::io::{self, Write};

use crate::analysis::Unpaired;
use crate::projection::{Comparison, Difference, MeasureComparison, Period};

use super::Dialect;
use super::record::{ComparisonRow, UnpairedRow};
use super::table::{Text, write_rows};

/// `comparison.csv`: a row for each scenario, measure and projected period.
///
/// # Errors
/// If `out` cannot be written to.
pub fn comparison(found: &[Comparison], dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let rows = found.iter().flat_map(|one| {
        one.measures.iter().flat_map(move |measure| {
            let periods = one.periods.iter().zip(&measure.periods);
            periods.map(move |(period, difference)| row(dialect, one, measure, period, difference))
        })
    });
    write_rows(dialect, out, rows)
}

fn row<'a>(
    dialect: Dialect,
    one: &'a Comparison,
    measure: &'a MeasureComparison,
    period: &'a Period,
    difference: &Difference,
) -> ComparisonRow<'a> {
    let number = |value| dialect.short(value);
    let or_empty = |value| dialect.short_or_empty(value);
    let ratio = difference.ratio;
    ComparisonRow {
        base: Text(&one.base),
        scenario: Text(&one.scenario),
        measure: Text(&measure.id),
        period: Text(&period.label),
        unit: Text(&measure.unit),
        difference_mean: number(difference.mean.value),
        difference_se: or_empty(difference.mean.standard_error),
        difference_p05: number(difference.p05),
        difference_p25: number(difference.p25),
        difference_p50: number(difference.p50),
        difference_p75: number(difference.p75),
        difference_p95: number(difference.p95),
        ratio_p05: or_empty(ratio.map(|ratio| ratio.p05)),
        ratio_p50: or_empty(ratio.map(|ratio| ratio.p50)),
        ratio_p95: or_empty(ratio.map(|ratio| ratio.p95)),
        probability_higher: number(difference.probability_higher),
        probability_lower: number(difference.probability_lower),
    }
}

/// A row for each measure and projected period of two finished projections.
///
/// # Errors
/// If `out` cannot be written to.
pub fn unpaired(found: &Unpaired, dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let rows = found.rows.iter().map(|row| {
        let [mean, p05, p10, p25, p50, p75, p90, p95] = row.differences.map(|value| dialect.short(value));
        UnpairedRow {
            base: Text(&found.base),
            scenario: Text(&found.scenario),
            measure: Text(&row.measure),
            period: Text(&row.period),
            unit: Text(&row.unit),
            difference_of_mean: mean,
            difference_of_p05: p05,
            difference_of_p10: p10,
            difference_of_p25: p25,
            difference_of_p50: p50,
            difference_of_p75: p75,
            difference_of_p90: p90,
            difference_of_p95: p95,
        }
    });
    write_rows(dialect, out, rows)
}
