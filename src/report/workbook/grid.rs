//! Tables of several scenarios beneath each other, with titles beside ids.

use std::collections::HashMap;

use crate::report::read::{Row, Table, holds_text};

use super::names::Names;
use super::style::decimals;
use super::{Book, CAVEAT};

/// The columns that have titles.
const IDS: [&str; 5] = ["scenario", "measure", "target", "driver", "part"];

/// One sheet's table.
pub struct Grid<'a> {
    /// Of the sheet.
    pub name: &'static str,
    /// Of the table on it, for formulas and pivots.
    pub table: &'static str,
    /// What it holds, in a sentence.
    pub about: &'static str,
    /// The file that its cells come from.
    pub file: &'static str,
    pub columns: Vec<Column>,
    pub rows: Vec<Line<'a>>,
    /// How many columns at the left stay in sight.
    pub frozen: usize,
    /// How many are printed: those after them are labels.
    pub printed: usize,
}

pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// What a column holds, and so how it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// A year or a count.
    Whole,
    Share,
    /// A share that may be small, or the error of one.
    FineShare,
    Value,
    /// A value that may be a date in decimal years: thousands are not set apart.
    Input,
    /// A value on a scale of its own, all digits shown.
    Own,
    Difference,
    Error,
    Ratio,
    LogPoints,
    LogPointsError,
}

pub struct Line<'a> {
    pub cells: Vec<Cell<'a>>,
    /// Decimals of its values.
    pub decimals: usize,
    /// Decimals of its standard errors.
    pub error_decimals: usize,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'a> {
    Empty,
    Text(&'a str),
    Number(f64),
}

/// What is told of a table before its rows are read.
struct Plan {
    name: &'static str,
    table: &'static str,
    about: &'static str,
    file: &'static str,
    /// The columns that come first, in order.
    first: &'static [&'static str],
}

const PROJECTION: Plan = Plan {
    name: "Projection",
    table: "Projection",
    about: "Measures by period: mean, standard deviation and percentiles over all trials. The base year is the \
            first row of a measure.",
    file: "projection.csv",
    first: &[
        "scenario", "measure", "period", "unit", "status", "mean", "sd", "p01", "p05", "p10", "p25", "p50", "p75",
        "p90", "p95", "p99",
    ],
};
const COMPARISON: Plan = Plan {
    name: "Comparison",
    table: "Comparison",
    about: "What sets a scenario apart from its base: the difference, scenario minus base, of the same trial on the \
            same draws. So p50 is the median of the difference, not a difference of medians.",
    file: "comparison.csv",
    first: &["base", "scenario", "measure", "period", "unit"],
};
const TARGETS: Plan = Plan {
    name: "Targets",
    table: "Targets",
    about: "The share of trials that reach a threshold, with its simulation error.",
    file: "targets.csv",
    first: &["scenario", "target", "probability", "standard_error", "measure"],
};
const FIRST_PASSAGE: Plan = Plan {
    name: "First passage",
    table: "FirstPassage",
    about: "The year in which a trial first reaches a target: the share of trials for each year, and of those that have \
            reached it by then. Years after the target's own do not count.",
    file: "first_passage.csv",
    first: &["scenario", "target", "period"],
};
const HISTORY: Plan = Plan {
    name: "History",
    table: "History",
    about: "What was observed, year by year, as each reporter states it.",
    file: "history.csv",
    first: &["scenario", "measure", "reporter", "period", "unit"],
};
const DRIVERS: Plan = Plan {
    name: "Drivers",
    table: "Drivers",
    about: "What a driver adds to the log of a flow that feels it fully, at the period's end: 0.05 is about 5 %. A \
            regime has a row for each state; its contribution stands in each of them and must not be added up.",
    file: "drivers.csv",
    first: &["scenario", "driver", "kind", "state", "period", "unit"],
};
const INPUTS: Plan = Plan {
    name: "Inputs",
    table: "Inputs",
    about: "Every uncertain input as drawn, beside the figures of the law that was asked for. Dates are decimal years.",
    file: "inputs.csv",
    first: &["scenario", "input", "requested"],
};
const GROWTH: Plan = Plan {
    name: "Growth rates",
    table: "Growth",
    about: "yearly: on the year before. since_base: average rate since the base year. cumulative: sum since the base \
            year. All from paths, so they are not rates between percentiles.",
    file: "growth.csv",
    first: &["scenario", "measure", "period", "kind", "unit"],
};
const ATTRIBUTION: Plan = Plan {
    name: "Attribution",
    table: "Attribution",
    about: "How much of the change since the base year each driver, the trend and the noise account for. The means \
            add up to the mean change; the percentiles do not.",
    file: "attribution.csv",
    first: &["scenario", "measure", "period", "part", "kind", "unit"],
};

const SENSITIVITY: Plan = Plan {
    name: "Sensitivity",
    table: "Sensitivity",
    about: "What hangs on each uncertain input: the median with the input at its 10th and at its 90th percentile, the \
            swing between them, and the shares of the variance that it makes alone (first_order) and together with \
            others (total).",
    file: "sensitivity.csv",
    first: &["scenario", "measure", "period", "input", "kind", "unit"],
};
const VARIANCE: Plan = Plan {
    name: "Variance",
    table: "Variance",
    about: "What the variance is made of: inputs that are not known (epistemic), events that may happen, noise, and \
            what these do together. Only the first can be narrowed by knowing more.",
    file: "variance.csv",
    first: &["scenario", "measure", "period", "unit"],
};

/// All tables that there are, in the order of their sheets.
pub fn all<'a>(book: &Book<'a>, names: &'a Names) -> Vec<Grid<'a>> {
    let of = |plan, pick: fn(&'a crate::report::FinishedRun) -> Option<&'a Table>| {
        grid(plan, book.runs.iter().filter_map(pick).collect(), names)
    };
    let compared = book.comparison.into_iter().collect();
    [
        of(&PROJECTION, |run| Some(&run.projection)),
        grid(&COMPARISON, compared, names),
        of(&TARGETS, |run| Some(&run.targets)),
        of(&FIRST_PASSAGE, |run| run.first_passage.as_ref()),
        of(&ATTRIBUTION, |run| run.attribution.as_ref()),
        of(&SENSITIVITY, |run| run.sensitivity.as_ref()),
        of(&VARIANCE, |run| run.variance.as_ref()),
        of(&DRIVERS, |run| Some(&run.drivers)),
        of(&INPUTS, |run| Some(&run.inputs)),
        of(&GROWTH, |run| run.growth.as_ref()),
        of(&HISTORY, |run| run.history.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn grid<'a>(plan: &'static Plan, tables: Vec<&'a Table>, names: &'a Names) -> Option<Grid<'a>> {
    let sources = sources(plan, tables.first()?);
    let source_rows: Vec<Row<'a>> = tables.iter().flat_map(|table| table.rows()).collect();
    let periods_are_years = source_rows.iter().all(|row| row.year("period").is_some());
    let columns: Vec<Column> = sources
        .iter()
        .map(|source| Column { name: source.heading(), kind: source.kind(plan, periods_are_years) })
        .collect();
    let scales = Scales::of(&source_rows, &columns);
    let rows = source_rows.iter().map(|row| Line {
        cells: sources.iter().zip(&columns).map(|(source, column)| source.cell(row, column.kind, names)).collect(),
        decimals: decimals(scales.value(row), 4),
        error_decimals: decimals(scales.error(row), 2),
    });
    let ids = plan.first.iter().position(|name| !IDS.contains(name) && *name != "base").unwrap_or(1);
    let frozen = sources.iter().position(|it| matches!(it, Source::Cells(name) if name == plan.first[ids]));
    Some(Grid {
        name: plan.name,
        table: plan.table,
        about: plan.about,
        file: plan.file,
        rows: rows.collect(),
        frozen: frozen.unwrap_or(1),
        printed: match plan.table {
            "Projection" => sources.len() - others(plan, tables[0]).count(),
            _ => sources.len(),
        },
        columns,
    })
}

/// Where the cells of a column come from.
enum Source {
    Cells(String),
    /// The titles of the ids in a column.
    TitlesOf(String),
}

fn sources(plan: &Plan, table: &Table) -> Vec<Source> {
    let mut sources = Vec::new();
    for name in plan.first.iter().copied().chain(others(plan, table)) {
        sources.push(Source::Cells(name.to_owned()));
        if IDS.contains(&name) {
            sources.push(Source::TitlesOf(name.to_owned()));
        }
    }
    sources
}

/// The columns that no plan puts first, in the file's order. Titles stand beside their ids.
fn others<'a>(plan: &'a Plan, table: &'a Table) -> impl Iterator<Item = &'a str> {
    let names = table.columns().iter().map(String::as_str);
    names.filter(|name| !plan.first.contains(name) && *name != "title")
}

impl Source {
    fn heading(&self) -> String {
        match self {
            Source::Cells(name) => name.clone(),
            Source::TitlesOf(name) => format!("{name}_title"),
        }
    }

    fn kind(&self, plan: &Plan, periods_are_years: bool) -> Kind {
        let Source::Cells(name) = self else { return Kind::Text };
        match &name[..] {
            "period" => {
                if periods_are_years {
                    Kind::Whole
                } else {
                    Kind::Text
                }
            }
            "year" | "by" | "in" => Kind::Whole,
            name if holds_text(name) => Kind::Text,
            name if name.ends_with("standard_error") => Kind::FineShare,
            name if name.starts_with("probability") && plan.table == "FirstPassage" => Kind::FineShare,
            name if name.starts_with("probability") || name.ends_with("share") => Kind::Share,
            "first_order" | "total" => Kind::Share,
            "first_order_se" | "total_se" | "epistemic_se" | "events_se" | "noise_se" => Kind::FineShare,
            "input_p10" | "input_p90" => Kind::Own,
            name if name.starts_with("log_points") => match name.ends_with("_se") {
                true => Kind::LogPointsError,
                false => Kind::LogPoints,
            },
            name if name.ends_with("_se") => Kind::Error,
            name if name.starts_with("ratio") => Kind::Ratio,
            name if name.starts_with("difference") => Kind::Difference,
            _ if plan.table == "Inputs" => Kind::Input,
            _ => Kind::Value,
        }
    }

    fn cell<'a>(&self, row: &Row<'a>, kind: Kind, names: &'a Names) -> Cell<'a> {
        let (text, number) = match self {
            Source::TitlesOf(name) => (names.title(row, name).unwrap_or_default(), None),
            Source::Cells(name) if kind == Kind::Text => (row.text(name), None),
            Source::Cells(name) => ("", row.number(name)),
        };
        match number {
            Some(value) => Cell::Number(value),
            None if text.is_empty() => Cell::Empty,
            None => Cell::Text(text),
        }
    }
}

/// The largest values by what they are of, so that all rows of it show as many decimals.
struct Scales<'a> {
    values: HashMap<[&'a str; 4], f64>,
    errors: HashMap<[&'a str; 4], f64>,
}

impl<'a> Scales<'a> {
    fn of(rows: &[Row<'a>], columns: &[Column]) -> Scales<'a> {
        let mut scales = Scales { values: HashMap::new(), errors: HashMap::new() };
        for row in rows {
            for column in columns {
                let known = match column.kind {
                    Kind::Value | Kind::Input | Kind::Difference => &mut scales.values,
                    Kind::Error => &mut scales.errors,
                    _ => continue,
                };
                let size = row.number(&column.name).unwrap_or(0.0).abs();
                let largest = known.entry(key(row)).or_insert(0.0);
                *largest = size.max(*largest);
            }
        }
        scales
    }

    fn value(&self, row: &Row<'a>) -> f64 {
        self.values.get(&key(row)).copied().unwrap_or(0.0)
    }

    fn error(&self, row: &Row<'a>) -> f64 {
        self.errors.get(&key(row)).copied().unwrap_or(0.0)
    }
}

/// What a row's values are of.
fn key<'a>(row: &Row<'a>) -> [&'a str; 4] {
    let subject = ["measure", "driver", "input"].map(|name| row.text(name)).into_iter().find(|text| !text.is_empty());
    [row.text("scenario"), subject.unwrap_or_default(), row.text("target"), row.text("unit")]
}

/// What stands above a table.
pub fn lines_above(grid: &Grid<'_>, book: &str) -> [String; 3] {
    [format!("{}: {book}", grid.name), grid.about.to_owned(), CAVEAT.to_owned()]
}
