//! What the change of the total is made of, in the scenario that a summary explains.

use crate::report::finished::FinishedRun;
use crate::report::read::Row;

use super::Book;

/// The parts of one scenario's change by one period.
pub struct Parts<'a> {
    pub run: &'a FinishedRun,
    pub unit: &'a str,
    /// The trend, the drivers from the one that moves most, the noise, the whole.
    pub rows: Vec<Row<'a>>,
}

/// Of the scenario that others are compared with, or else of the first that has been explained.
pub fn parts<'a>(book: &Book<'a>, period: &str) -> Option<Parts<'a>> {
    let base = book.comparison.and_then(|table| table.rows().next()).map_or("", |row| row.text("base"));
    let explained = || book.runs.iter().filter(|run| run.attribution.is_some());
    let run = explained().find(|run| run.head.scenario == base).or_else(|| explained().next())?;
    let is_asked =
        |row: &Row<'_>| row.text("measure") == "total" && row.text("period") == period && row.text("kind") != "base";
    let mut rows: Vec<Row<'a>> = run.attribution.as_ref()?.rows().filter(is_asked).collect();
    rows.sort_by(|a, b| place(a).total_cmp(&place(b)));
    let unit = rows.first()?.text("unit");
    Some(Parts { run, unit, rows })
}

/// Sorts the rows.
fn place(row: &Row<'_>) -> f64 {
    match row.text("kind") {
        "trend" => f64::NEG_INFINITY,
        "driver" => -row.number("mean").unwrap_or(0.0).abs(),
        "noise" => 1.0,
        _ => 2.0,
    }
}
