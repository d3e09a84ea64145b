//! A run that is done, as its own files tell it.

use std::collections::HashMap;
use std::io;

use serde::Deserialize;

use super::read::{Row, Table};
use super::{About, Dialect, Report, file, history};
use crate::scenario::Statement;

/// What `run.json` says of a run.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct RunHead {
    /// Version of the program.
    pub version: String,
    /// Id of the scenario.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Free text.
    pub notes: Option<String>,
    /// The information date, ISO 8601.
    pub as_of: Option<String>,
    /// What values are counted in.
    pub unit: String,
    /// `nominal` or `real`.
    pub prices: String,
    /// Whose statistics the base values are.
    pub metric: Option<String>,
    /// The length of a step.
    pub step: String,
    /// The seed of all draws.
    pub seed: u64,
    /// Number of trials.
    pub trials: u64,
    /// The scenario as one self-contained file.
    pub resolved: String,
}

/// The files of one run, read back. Every one of them is as the run wrote it: nothing is computed anew.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct FinishedRun {
    pub head: RunHead,
    pub projection: Table,
    pub targets: Table,
    pub drivers: Table,
    pub inputs: Table,
    /// Of runs that were made before there was one, there is none.
    pub first_passage: Option<Table>,
    /// With `--growth`.
    pub growth: Option<Table>,
    /// Where the scenario has `[history]`.
    pub history: Option<Table>,
    /// Where `explain` was asked, as are the next two.
    pub attribution: Option<Table>,
    pub sensitivity: Option<Table>,
    pub variance: Option<Table>,
}

impl FinishedRun {
    /// What a run found, and what was observed, as it would be read back.
    ///
    /// # Errors
    /// None that can be mended: the tables are made and read in memory.
    pub fn of(report: &Report<'_>, resolved: &str, growth: bool, observed: &[Statement]) -> io::Result<FinishedRun> {
        let plain = Report { dialect: Dialect::Plain, ..*report };
        let read_back = |write: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| {
            let mut bytes = Vec::new();
            write(&mut bytes)?;
            Table::read(&bytes[..]).map_err(io::Error::other)
        };
        let table = |write: super::Writer| read_back(&|out| write(&plain, out));
        let history = || read_back(&|out| history::observed(report.about, observed, Dialect::Plain, out));
        Ok(FinishedRun {
            head: head(report.about, report.projection.seed, report.projection.trials, resolved),
            projection: table(file::projection)?,
            targets: table(file::targets)?,
            drivers: table(file::drivers)?,
            inputs: table(file::inputs)?,
            first_passage: Some(table(file::first_passage)?),
            growth: growth.then(|| table(file::growth)).transpose()?,
            history: (!observed.is_empty()).then(history).transpose()?,
            attribution: None,
            sensitivity: None,
            variance: None,
        })
    }

    /// Reads the files of a run: `read` gives the bytes of one, or nothing if it is not there.
    ///
    /// # Errors
    /// Which file is missing or damaged, in words.
    pub fn read(read: &dyn Fn(&str) -> io::Result<Option<Vec<u8>>>) -> Result<FinishedRun, String> {
        let bytes = |name: &str| read(name).map_err(|error| format!("cannot read `{name}`: {error}"));
        let optional = |name: &str| {
            let table = bytes(name)?.map(|bytes| Table::read(&bytes[..]).map_err(|why| format!("`{name}`: {why}")));
            table.transpose()
        };
        let needed = |name: &str| optional(name)?.ok_or_else(|| format!("it has no `{name}`"));
        let head = bytes("run.json")?.ok_or("it has no `run.json`")?;
        Ok(FinishedRun {
            head: serde_json::from_slice(&head).map_err(|error| format!("`run.json`: {error}"))?,
            projection: needed("projection.csv")?,
            targets: needed("targets.csv")?,
            drivers: needed("drivers.csv")?,
            inputs: needed("inputs.csv")?,
            first_passage: optional("first_passage.csv")?,
            growth: optional("growth.csv")?,
            history: optional("history.csv")?,
            attribution: optional("attribution.csv")?,
            sensitivity: optional("sensitivity.csv")?,
            variance: optional("variance.csv")?,
        })
    }

    /// The measures in order: each once, by the row of its base year.
    pub fn measures(&self) -> Vec<Row<'_>> {
        self.projection.rows().filter(|row| row.text("status") == "base").collect()
    }

    /// What each measure is called.
    pub fn measure_titles(&self) -> HashMap<String, String> {
        self.measures().iter().map(|row| (row.text("measure").to_owned(), measure_title(row))).collect()
    }
}

fn head(about: &About, seed: u64, trials: u64, resolved: &str) -> RunHead {
    RunHead {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        scenario: about.scenario.clone(),
        title: about.title.clone(),
        notes: about.notes.clone(),
        as_of: about.as_of.clone(),
        unit: about.unit.clone(),
        prices: about.prices.to_owned(),
        metric: about.metric.clone(),
        step: about.step.to_owned(),
        seed,
        trials,
        resolved: resolved.to_owned(),
    }
}

/// What a measure is called: as its author did, or after its product and route, or as what it is the sum of.
pub(super) fn measure_title(row: &Row<'_>) -> String {
    let (id, product) = (row.text("measure"), row.text("product"));
    let route = match (row.text("from"), row.text("to")) {
        ("", _) | (_, "") => String::new(),
        (from, to) => format!("{from} to {to}"),
    };
    let name = match id {
        _ if !row.text("title").is_empty() => return row.text("title").to_owned(),
        "exports" => "All exports",
        "imports" => "All imports",
        "total" => "Total trade: exports plus imports",
        "balance" => "Balance: exports minus imports",
        _ if !product.is_empty() => product,
        _ => id,
    };
    match &route[..] {
        "" => name.to_owned(),
        route => format!("{name}, {route}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_measure_is_called_something() {
        let table = Table::read(
            "measure,title,product,from,to\na,Own,,,\nb,,Wheat,KAZ,PAK\nexports,,,PAK,KAZ\ntotal,,,,\nc,,,,\n"
                .as_bytes(),
        )
        .unwrap();
        let titles: Vec<String> = table.rows().map(|row| measure_title(&row)).collect();
        let expected =
            ["Own", "Wheat, KAZ to PAK", "All exports, PAK to KAZ", "Total trade: exports plus imports", "c"];
        assert_eq!(titles, expected);
    }

    #[test]
    fn a_folder_that_is_no_run_says_what_it_lacks() {
        let fault = |files: &[(&str, &str)]| {
            let read =
                |name: &str| Ok(files.iter().find(|(file, _)| *file == name).map(|(_, text)| text.as_bytes().to_vec()));
            FinishedRun::read(&read).unwrap_err()
        };
        assert_eq!(fault(&[]), "it has no `run.json`");
        assert!(fault(&[("run.json", "{}")]).starts_with("`run.json`: missing field `version`"));
    }
}
