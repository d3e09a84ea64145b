//! The layout of the Integrated Assessment Modeling Consortium, which pyam reads (Huppmann et al. 2021).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io::{self, Write};

use super::place::Pair;
use super::{Cell, Exported, Sheet};
use crate::report::finished::FinishedRun;
use crate::report::read::Row;

/// The percentiles of `projection.csv`, and how this layout names them. The mean has no suffix: it is what adds up.
const STATISTICS: [(&str, &str); 11] = [
    ("mean", ""),
    ("sd", "|Standard Deviation"),
    ("p01", "|1.0th Percentile"),
    ("p05", "|5.0th Percentile"),
    ("p10", "|10.0th Percentile"),
    ("p25", "|25.0th Percentile"),
    ("p50", "|50.0th Percentile"),
    ("p75", "|75.0th Percentile"),
    ("p90", "|90.0th Percentile"),
    ("p95", "|95.0th Percentile"),
    ("p99", "|99.0th Percentile"),
];

/// One figure of one measure in one part of the year, or the whole of it.
struct Series<'a> {
    scenario: &'a str,
    region: String,
    variable: String,
    unit: &'a str,
    part: &'a str,
    values: BTreeMap<i32, String>,
}

/// `Model,Scenario,Region,Variable,Unit` and a column a year. Runs by step have a column `Subannual` before the years.
///
/// # Errors
/// If `out` cannot be written to.
pub fn iamc_wide(runs: &[Exported<'_>], model: &str, out: &mut dyn Write) -> io::Result<()> {
    let (all, by_step) = all(runs);
    let years: BTreeSet<i32> = all.iter().flat_map(|series| series.values.keys().copied()).collect();
    let mut header: Vec<String> = ["Model", "Scenario", "Region", "Variable", "Unit"].map(str::to_owned).into();
    header.extend(by_step.then(|| "Subannual".to_owned()));
    header.extend(years.iter().map(i32::to_string));
    let mut sheet = Sheet::new(out, &header.iter().map(String::as_str).collect::<Vec<_>>())?;
    for series in &all {
        let cells = years.iter().map(|year| Cell::Number(series.values.get(year).map_or("", String::as_str)));
        sheet.row(series.index(model, by_step).into_iter().chain(cells))?;
    }
    sheet.finish()
}

/// `model,scenario,region,variable,unit,year,value`, with `subannual` before the year in runs by step.
///
/// # Errors
/// If `out` cannot be written to.
pub fn iamc_long(runs: &[Exported<'_>], model: &str, out: &mut dyn Write) -> io::Result<()> {
    let (all, by_step) = all(runs);
    let mut header = vec!["model", "scenario", "region", "variable", "unit"];
    header.extend(by_step.then_some("subannual"));
    header.extend(["year", "value"]);
    let mut sheet = Sheet::new(out, &header)?;
    for series in &all {
        for (year, value) in &series.values {
            let year = year.to_string();
            let last = [Cell::Number(&year), Cell::Number(value)];
            sheet.row(series.index(model, by_step).into_iter().chain(last))?;
        }
    }
    sheet.finish()
}

impl Series<'_> {
    fn index<'a>(&'a self, model: &'a str, by_step: bool) -> Vec<Cell<'a>> {
        let mut cells = vec![model, self.scenario, &self.region, &self.variable, self.unit];
        cells.extend(by_step.then_some(self.part));
        cells.into_iter().map(Cell::Text).collect()
    }
}

/// All series, and whether any of them is by step.
fn all<'a>(runs: &[Exported<'a>]) -> (Vec<Series<'a>>, bool) {
    let all: Vec<Series<'a>> = runs.iter().flat_map(|it| of_run(it.run)).collect();
    let by_step = all.iter().any(|series| series.part != WHOLE);
    (all, by_step)
}

/// What a year's row has under `Subannual`.
const WHOLE: &str = "Year";

fn of_run(run: &FinishedRun) -> Vec<Series<'_>> {
    let pair = Pair::of(run);
    let mut taken = HashSet::new();
    let mut all = Vec::new();
    for measure in run.measures() {
        let region = pair.region(&measure);
        let mut name = variable(&measure, &pair);
        if !taken.insert((region.clone(), name.clone())) {
            name += &format!(" ({})", measure.text("measure"));
        }
        let id = measure.text("measure");
        let rows: Vec<Row<'_>> = run.projection.rows().filter(|row| row.text("measure") == id).collect();
        let mut parts: Vec<&str> = Vec::new();
        for part in rows.iter().map(part) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        for (column, suffix) in STATISTICS {
            all.extend(parts.iter().map(|own| {
                Series {
                    scenario: &run.head.scenario,
                    region: region.clone(),
                    variable: format!("{name}{suffix}"),
                    unit: measure.text("unit"),
                    part: own,
                    values: rows
                        .iter()
                        .filter(|row| part(row) == *own)
                        .filter_map(|row| Some((row.year("year")?, row.decimal(column).into_owned())))
                        .collect(),
                }
            }));
        }
    }
    all
}

/// `Q1` of `2023-Q1`.
fn part<'a>(row: &Row<'a>) -> &'a str {
    row.text("period").split_once('-').map_or(WHOLE, |(_, part)| part)
}

/// `Trade|Exports|Textiles`. The bar divides levels, so a name has none.
fn variable(measure: &Row<'_>, pair: &Pair) -> String {
    let id = measure.text("measure");
    let direction = if measure.text("from") == pair.reporter { "Exports" } else { "Imports" };
    let own = |text: &str| match text {
        "" => id.to_owned(),
        text => text.replace('|', "/"),
    };
    match id {
        "exports" => "Trade|Exports".to_owned(),
        "imports" => "Trade|Imports".to_owned(),
        "total" => "Trade|Total".to_owned(),
        "balance" => "Trade|Balance".to_owned(),
        _ if measure.text("from").is_empty() => format!("Trade|{}", own(measure.text("title"))),
        _ => format!("Trade|{direction}|{}", own(measure.text("product"))),
    }
}
