//! The layout of hubverse model output (<https://docs.hubverse.io>).

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::place::Pair;
use super::{Cell, Exported, Observed, Sheet, each_trial, horizons, periods};
use crate::report::finished::FinishedRun;

const COLUMNS: [&str; 9] = [
    "origin_date",
    "scenario_id",
    "location",
    "target",
    "horizon",
    "target_date",
    "output_type",
    "output_type_id",
    "value",
];

/// The round that a run belongs to: the date of its information, or else the last day of its base year.
pub fn origin_date(run: &FinishedRun) -> &str {
    let base = || run.measures().first().map_or("", |row| row.text("period_end"));
    run.head.as_of.as_deref().unwrap_or_else(base)
}

/// A row for each scenario, measure, period and output: mean, median, quantiles, and samples where there are trials.
/// Rows of one trial share their `output_type_id`, across scenarios too: these were run on the same draws.
///
/// # Errors
/// If `out` cannot be written to, or a `trials.csv` not read.
pub fn hub(runs: &[Exported<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut sheet = Sheet::new(out, &COLUMNS)?;
    for exported in runs {
        let run = exported.run;
        let pair = Pair::of(run);
        let places: BTreeMap<&str, String> =
            run.measures().iter().map(|row| (row.text("measure"), pair.region(row))).collect();
        let horizons = horizons(run);
        let mut write = |measure: &str, period: &str, kind: &str, id: &str, value: &str| {
            let Some((horizon, end)) = horizons.get(period) else { return Ok(()) };
            let place = places.get(measure).map_or("", String::as_str);
            let names = [origin_date(run), &run.head.scenario, place, measure, horizon, end, kind, id];
            sheet.row(names.map(Cell::Text).into_iter().chain([Cell::Number(value)]))
        };
        for row in exported.quantiles.rows() {
            let (measure, period) = (row.text("measure"), row.text("period"));
            let (level, value) = (row.decimal("level"), row.decimal("value"));
            match row.text("statistic") {
                "mean" => write(measure, period, "mean", "NA", &value)?,
                "quantile" if level == "0.5" => {
                    write(measure, period, "median", "NA", &value)?;
                    write(measure, period, "quantile", &level, &value)?;
                }
                "quantile" => write(measure, period, "quantile", &level, &value)?,
                _ => {}
            }
        }
        each_trial(exported, &mut |row| {
            write(row.text("measure"), row.text("period"), "sample", row.text("trial"), &row.decimal("value"))
        })?;
    }
    sheet.finish()
}

/// `target_date,location,target,observation`: what the output is scored against.
///
/// # Errors
/// If `out` cannot be written to.
pub fn hub_observations(runs: &[Exported<'_>], observed: &Observed, out: &mut dyn Write) -> io::Result<()> {
    let mut rows: BTreeMap<(String, String, String), String> = BTreeMap::new();
    for run in runs.iter().map(|exported| exported.run) {
        let pair = Pair::of(run);
        for measure in run.measures() {
            let id = measure.text("measure");
            for (label, end) in periods(run) {
                if let Some(value) = observed.get(label, id) {
                    rows.insert((end.to_owned(), pair.region(&measure), id.to_owned()), value.to_owned());
                }
            }
        }
    }
    let mut sheet = Sheet::new(out, &["target_date", "location", "target", "observation"])?;
    for ((end, place, target), value) in &rows {
        sheet.row([Cell::Text(end), Cell::Text(place), Cell::Text(target), Cell::Number(value)])?;
    }
    sheet.finish()
}
