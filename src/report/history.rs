//! Observed trade as a tidy table, and its summary as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::history::{History, LeftOut};
use crate::scenario::Statement;

use super::record::{HistoryRow, ObservedRow};
use super::table::{Text, write_rows};
use super::{About, Dialect};

/// A row for each observation, in a layout that [`history::read`](crate::history::read) reads as it is.
///
/// # Errors
/// If `out` cannot be written to.
pub fn history(history: &History, dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let unit = format!("million {}", history.about.currency);
    let rows = history.series.iter().flat_map(|series| {
        let unit = &unit;
        series.observations.iter().map(move |it| HistoryRow {
            from: Text(&series.from),
            to: Text(&series.to),
            product: Text(&series.product),
            reporter: Text(&series.reporter),
            valuation: Text(series.valuation.name()),
            year: it.year,
            value: dialect.exact(it.value),
            unit: Text(unit),
        })
    });
    write_rows(dialect, out, rows)
}

/// `history.csv`: what the `[history]` of a scenario observes, a row for each observation, in the scenario's unit.
///
/// # Errors
/// If `out` cannot be written to.
pub fn observed(about: &About, stated: &[Statement], dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let rows = stated.iter().flat_map(|it| {
        it.totals.iter().map(move |&(year, total)| ObservedRow {
            scenario: Text(&about.scenario),
            measure: Text(&it.name),
            reporter: Text(&it.reporter),
            period: year,
            unit: Text(&about.unit),
            observed: dialect.short(total),
        })
    });
    write_rows(dialect, out, rows)
}

/// What a table is, its series at a glance, and mirror flows beside each other.
///
/// # Errors
/// If `out` cannot be written to.
pub fn history_summary(history: &History, out: &mut dyn Write) -> io::Result<()> {
    let about = &history.about;
    let summary = HistoryJson {
        layout: about.form.name(),
        rows: about.rows,
        empty_cells: about.empty_cells,
        units: about.units.iter().map(ToString::to_string).collect(),
        unit: format!("million {}", about.currency),
        products: about.products,
        left_out: about
            .left_out
            .iter()
            .map(|(why, rows)| LeftOutJson { why: LeftOut::in_words(*why), rows: *rows })
            .collect(),
        series: (0..history.series.len()).map(|at| series(history, at)).collect(),
        mirrors: history
            .mirrors()
            .into_iter()
            .map(|it| MirrorJson {
                series: it.one,
                against: it.other,
                years: it.years,
                log_ratio: it.log_ratio,
                log_ratio_sd: it.log_ratio_sd,
            })
            .collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &summary)?;
    writeln!(out)
}

fn series(history: &History, at: usize) -> SeriesJson<'_> {
    let series = &history.series[at];
    let it = series.summary();
    SeriesJson {
        from: &series.from,
        to: &series.to,
        product: &series.product,
        reporter: &series.reporter,
        valuation: series.valuation.name(),
        first: it.first,
        last: it.last,
        observations: it.observations,
        gaps: it.gaps,
        zeros: it.zeros,
        last_value: it.last_value,
        growth: it.growth,
        log_change_sd: it.log_change_sd,
    }
}

#[derive(Serialize)]
struct HistoryJson<'a> {
    layout: &'a str,
    rows: u64,
    empty_cells: u64,
    /// As found.
    units: Vec<String>,
    /// Of the values here.
    unit: String,
    products: usize,
    left_out: Vec<LeftOutJson<'a>>,
    series: Vec<SeriesJson<'a>>,
    mirrors: Vec<MirrorJson>,
}

#[derive(Serialize)]
struct LeftOutJson<'a> {
    why: &'a str,
    rows: u64,
}

#[derive(Serialize)]
struct SeriesJson<'a> {
    from: &'a str,
    to: &'a str,
    product: &'a str,
    reporter: &'a str,
    valuation: &'a str,
    first: i32,
    last: i32,
    observations: usize,
    gaps: usize,
    zeros: usize,
    last_value: f64,
    growth: Option<f64>,
    log_change_sd: Option<f64>,
}

#[derive(Serialize)]
struct MirrorJson {
    /// Index of a series.
    series: usize,
    against: usize,
    years: usize,
    /// Median of `ln(against / series)`.
    log_ratio: f64,
    log_ratio_sd: Option<f64>,
}
