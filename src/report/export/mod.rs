//! Finished runs in the layouts that other tools read.
//!
//! Figures are the digits of the CSV files; only their places change. See `docs/export.md` for what goes where.

use std::collections::HashMap;
use std::io::{self, Read, Write};

use super::finished::FinishedRun;
use super::read::{Row, Rows, Table};
use super::table::guarded;

mod place;
mod iamc;
mod hub;
mod un;
mod scoringutils;
#[cfg(feature = "parquet")]
mod columns;

#[cfg(feature = "parquet")]
pub use columns::parquet;
pub use hub::{hub, hub_observations, origin_date};
pub use iamc::{iamc_long, iamc_wide};
pub use scoringutils::{scoringutils_quantiles, scoringutils_samples};
pub use un::un_wide;

/// A run to be exported.
#[derive(Clone, Copy)]
pub struct Exported<'a> {
    /// Its tables.
    pub run: &'a FinishedRun,
    /// Its `quantiles.csv`.
    pub quantiles: &'a Table,
    /// Opens its `trials.csv`, if it has one: it may be too long to hold.
    pub trials: Option<&'a Open<'a>>,
}

/// Opens a file.
pub type Open<'a> = dyn Fn() -> io::Result<Box<dyn Read>> + 'a;

/// What was observed, by period and measure: the values as they were written.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    values: HashMap<(String, String), String>,
}

impl Observed {
    /// Reads a table with the columns `period` (or `year`), `measure` and `value`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(source: impl Read) -> Result<Observed, String> {
        let table = Table::read(source)?;
        let has = |name: &str| table.columns().iter().any(|column| column == name);
        let when =
            ["period", "year"].into_iter().find(|name| has(name)).ok_or("it has no column `period` or `year`")?;
        if let Some(missing) = ["measure", "value"].into_iter().find(|name| !has(name)) {
            return Err(format!("it has no column `{missing}`"));
        }
        let mut values = HashMap::new();
        for (at, row) in table.rows().enumerate() {
            let (period, measure) = (row.text(when).to_owned(), row.text("measure").to_owned());
            if row.number("value").is_none() {
                return Err(format!("`{}` in row {} is not a number", row.text("value"), at + 2));
            }
            let value = row.decimal("value").into_owned();
            if values.insert((period.clone(), measure.clone()), value).is_some() {
                return Err(format!("`{measure}` in `{period}` is there twice"));
            }
        }
        Ok(Observed { values })
    }

    /// What was observed of a measure in a period.
    fn get(&self, period: &str, measure: &str) -> Option<&str> {
        self.values.get(&(period.to_owned(), measure.to_owned())).map(String::as_str)
    }
}

/// A table in somebody else's layout.
struct Sheet<'w> {
    out: csv::Writer<&'w mut dyn Write>,
}

impl<'w> Sheet<'w> {
    fn new(out: &'w mut dyn Write, header: &[&str]) -> io::Result<Sheet<'w>> {
        let mut out = csv::WriterBuilder::new().from_writer(out);
        out.write_record(header)?;
        Ok(Sheet { out })
    }

    /// Texts are guarded against being taken for formulas; numbers must be given as such.
    fn row<'t>(&mut self, cells: impl IntoIterator<Item = Cell<'t>>) -> io::Result<()> {
        for cell in cells {
            match cell {
                Cell::Text(text) => self.out.write_field(&*guarded(text))?,
                Cell::Number(digits) => self.out.write_field(digits)?,
            }
        }
        self.out.write_record(None::<&[u8]>)?;
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[derive(Clone, Copy)]
enum Cell<'t> {
    Text(&'t str),
    Number(&'t str),
}

/// The projected periods of a run in order: label, last day.
fn periods(run: &FinishedRun) -> Vec<(&str, &str)> {
    let mut periods: Vec<(&str, &str)> = Vec::new();
    for row in projected(run) {
        match row.text("period") {
            first if periods.first().is_some_and(|(label, _)| *label == first) => break,
            label => periods.push((label, row.text("period_end"))),
        }
    }
    periods
}

fn projected(run: &FinishedRun) -> impl Iterator<Item = Row<'_>> {
    run.projection.rows().filter(|row| row.text("status") == "projected")
}

/// Number, from 1 on, and last day of each projected period by its label.
fn horizons(run: &FinishedRun) -> HashMap<&str, (String, &str)> {
    let numbered = periods(run).into_iter().enumerate();
    numbered.map(|(at, (label, end))| (label, ((at + 1).to_string(), end))).collect()
}

/// Goes through the trials of a run, if it has them.
fn each_trial(exported: &Exported<'_>, each: &mut dyn FnMut(&Row<'_>) -> io::Result<()>) -> io::Result<()> {
    let Some(open) = exported.trials else { return Ok(()) };
    let damaged = |why: String| io::Error::other(format!("trials.csv: {why}"));
    let mut rows = Rows::open(open()?).map_err(damaged)?;
    while let Some(row) = rows.advance().map_err(damaged)? {
        each(&row)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_are_read_by_period_or_year() {
        for text in ["year,measure,value\n2023,total,1.5\n", "measure;value;period\ntotal;1,5;2023\n"] {
            let observed = Observed::read(text.as_bytes()).unwrap();
            assert_eq!(observed.get("2023", "total"), Some("1.5"), "{text}");
            assert_eq!(observed.get("2024", "total"), None);
        }
        let fault = |text: &str| Observed::read(text.as_bytes()).unwrap_err();
        assert_eq!(fault("measure,value\n"), "it has no column `period` or `year`");
        assert_eq!(fault("year,value\n"), "it has no column `measure`");
        assert_eq!(fault("year,measure,value\n2023,total,much\n"), "`much` in row 2 is not a number");
        assert_eq!(fault("year,measure,value\n2023,x,1\n2023,x,2\n"), "`x` in `2023` is there twice");
    }
}
