//! What a summary is about: which measures of which scenarios, in which years.

use crate::report::finished::FinishedRun;
use crate::report::read::Row;

use super::Book;
use super::names::Names;

/// The most measures of one scenario that a summary lists; a scenario may have thousands.
const MEASURES: usize = 24;

/// One measure of one scenario through time.
pub struct Track<'a> {
    /// What tells it from the others: the scenario of a family, or the measure of a scenario.
    pub id: &'a str,
    pub title: &'a str,
    pub unit: &'a str,
    /// The base year first.
    pub rows: Vec<Row<'a>>,
}

impl<'a> Track<'a> {
    /// The row of a period.
    pub fn at(&self, period: &str) -> Option<Row<'a>> {
        self.rows.iter().copied().find(|row| row.text("period") == period)
    }

    /// The smallest value of a column.
    pub fn least(&self, column: &str) -> f64 {
        self.rows.iter().filter_map(|row| row.number(column)).fold(f64::INFINITY, f64::min)
    }

    /// The greatest size of a value of a column.
    pub fn most(&self, column: &str) -> f64 {
        self.rows.iter().filter_map(|row| row.number(column)).fold(0.0, |most, value| value.abs().max(most))
    }
}

/// Of a family the total of each scenario; of a scenario its measures, sums first.
pub fn tracks<'a>(book: &Book<'a>, names: &'a Names) -> Vec<Track<'a>> {
    match book.runs {
        [run] => of_scenario(run, names),
        runs => runs.iter().filter_map(total).collect(),
    }
}

fn total(run: &FinishedRun) -> Option<Track<'_>> {
    let track = track(run, "total", &run.head.title)?;
    Some(Track { id: &run.head.scenario, ..track })
}

fn of_scenario<'a>(run: &'a FinishedRun, names: &'a Names) -> Vec<Track<'a>> {
    let sums = ["total", "exports", "imports", "balance"];
    let all: Vec<&str> = run.measures().iter().map(|row| row.text("measure")).collect();
    let (first, rest): (Vec<&str>, Vec<&str>) = all.iter().partition(|id| sums.contains(id));
    let first = sums.into_iter().filter(|id| first.contains(id));
    let ids = first.chain(rest).take(MEASURES);
    ids.filter_map(|id| track(run, id, names.measure(&run.head.scenario, id))).collect()
}

fn track<'a>(run: &'a FinishedRun, measure: &str, title: &'a str) -> Option<Track<'a>> {
    let rows: Vec<Row<'a>> = run.projection.rows().filter(|row| row.text("measure") == measure).collect();
    let first = rows.first()?;
    Some(Track { id: first.text("measure"), title, unit: first.text("unit"), rows })
}

/// The last year that a target of any scenario looks at.
pub fn deadline(book: &Book<'_>) -> Option<i32> {
    let rows = book.runs.iter().flat_map(|run| run.targets.rows());
    rows.filter_map(|row| row.year("by").or(row.year("in"))).max()
}

/// Labels of the periods that a summary shows: the base year; the last period of the first, third and fifth year, of
/// the deadline and of the last year.
pub fn shown_periods<'a>(track: &Track<'a>, deadline: Option<i32>) -> Vec<&'a str> {
    let [base, projected @ ..] = &track.rows[..] else { return Vec::new() };
    let year = |row: &Row<'_>| row.year("year").unwrap_or(0);
    let first = projected.first().map_or(0, year);
    let mut shown = vec![base.text("period")];
    for (at, row) in projected.iter().enumerate() {
        let next = projected.get(at + 1);
        let ends_its_year = next.is_none_or(|next| year(next) != year(row));
        let is_shown = next.is_none() || [0, 2, 4].contains(&(year(row) - first)) || deadline == Some(year(row));
        if ends_its_year && is_shown {
            shown.push(row.text("period"));
        }
    }
    shown
}

/// The period that differences are judged by: the end of the deadline's year, or else of the horizon.
pub fn judged_period<'a>(track: &Track<'a>, deadline: Option<i32>) -> Option<&'a str> {
    let of_deadline = track.rows.iter().rev().find(|row| row.year("year") == deadline && deadline.is_some());
    Some(of_deadline.or(track.rows.last())?.text("period"))
}
