//! The files of a run that is done, and its record.

use std::time::Instant;

use tradewinds::projection::{Evidence, Paths, Projection};
use tradewinds::report::{self, About, Dialect, Digest, FinishedRun, Precision, Report, RunRecord};
use tradewinds::scenario::{Scenario, Statement};
use tradewinds::simulate;

use super::args::Locale;
use super::explain::Explained;
use super::failure::Failure;
use super::folder::{self, Folder, Output, Staged};
use super::summary::Outcome;
use super::terminal;
use super::workbook;

/// What a run or a merge found, and how it was made.
pub struct Results<'a> {
    pub family: &'a str,
    pub scenario: &'a Scenario,
    pub projection: &'a Projection,
    pub paths: Option<&'a Paths>,
    pub growth: bool,
    /// What was observed, if the scenario says where that stands.
    pub observed: &'a [Statement],
    /// What matters, if that was asked.
    pub explained: Option<&'a Explained>,
    /// Whether a workbook is wanted.
    pub xlsx: bool,
    pub dialect: Dialect,
    /// For a run that was to reach one.
    pub precision: Option<Precision>,
    /// For a conditioned run.
    pub evidence: Option<&'a Evidence>,
    pub threads: usize,
    pub started: Instant,
    /// The scenario as one file.
    pub resolved: &'a str,
    /// The files that it came from.
    pub sources: Vec<Digest>,
    /// The partial results that were merged.
    pub parts: Vec<Digest>,
}

const GROWTH: &str = "growth.csv";
const TRIALS: &str = "trials.csv";
const INPUTS: &str = "inputs.csv";
const OBSERVATIONS: &str = "observations.csv";
const HISTORY: &str = "history.csv";
const RECORD: &str = "run.json";

/// Files that not every run writes. One left from an earlier run would belie the others.
const OPTIONAL: [&str; 3] = [GROWTH, TRIALS, HISTORY];

/// What explains a scenario. That of another one would belie the other files.
const EXPLAINED: [&str; 3] = ["attribution.csv", "sensitivity.csv", "variance.csv"];

/// What was published.
pub struct Published {
    pub outcome: Outcome,
    /// For a workbook, if one is wanted.
    pub run: Option<FinishedRun>,
}

/// Writes all files of a run on its threads, and gives them their names once all are written.
pub fn publish(results: &Results<'_>, folder: &Folder) -> Result<Published, Failure> {
    let published = simulate::on_threads(results.threads, || write(results, folder));
    published.map_err(|error| Failure::Failed(error.to_string()))?
}

fn write(results: &Results<'_>, folder: &Folder) -> Result<Published, Failure> {
    let about = about(results);
    let report = Report { about: &about, projection: results.projection, dialect: results.dialect };
    let mut staged = folder.stage_all(&tables(results, &report))?;
    let run = results.xlsx.then(|| finished(results, &report)).transpose()?;
    let book = workbook::name(&about.scenario);
    if let Some(run) = &run {
        staged.push(workbook::stage(folder, &book, &about.title, std::slice::from_ref(run), None)?);
    }
    staged.push(stage_record(results, &about, &staged, folder)?);
    if results.dialect != Dialect::Plain {
        warn_of_long_tables(folder, &staged);
    }
    let wanted = |name: &&str| staged.iter().any(|file| file.digest.file == *name);
    let explained = if has_changed(results, folder) { &EXPLAINED[..] } else { &[] };
    let optional = OPTIONAL.iter().chain(explained).copied().chain([&book[..]]);
    let outdated: Vec<&str> = optional.filter(|name| !wanted(name)).collect();
    folder.publish(staged, &outdated)?;
    Ok(Published { outcome: Outcome::new(results.family, folder.path(), &report), run })
}

/// Whether the folder holds a run of another scenario, or of this one before it was changed.
fn has_changed(results: &Results<'_>, folder: &Folder) -> bool {
    #[derive(serde::Deserialize)]
    struct Earlier {
        resolved_sha256: String,
    }
    let record = std::fs::read(folder.path().join(RECORD)).ok();
    let earlier = record.and_then(|bytes| serde_json::from_slice::<Earlier>(&bytes).ok());
    earlier.is_some_and(|it| it.resolved_sha256 != folder::sha256(results.resolved.as_bytes()))
}

/// What a workbook is made of.
fn finished(results: &Results<'_>, report: &Report<'_>) -> Result<FinishedRun, Failure> {
    let mut run = workbook::finished(report, results.resolved, results.growth, results.observed)?;
    if let Some(explained) = results.explained {
        explained.add_to(&mut run)?;
    }
    Ok(run)
}

/// What the scenario says of itself; and what its reader must know if it was tempered.
fn about(results: &Results<'_>) -> About {
    let mut about = About::of(results.scenario);
    if let Some(evidence) = results.evidence.filter(|evidence| evidence.exponent < 1.0) {
        let warning = format!(
            "Tempered: the observed history counts for {:.3} of what it says, because only {:.1} trials fit it in full.",
            evidence.exponent, evidence.untempered_sample_size
        );
        about.notes = Some(about.notes.map_or(warning.clone(), |notes| format!("{warning}\n{notes}")));
    }
    about
}

/// How CSV is written for a locale.
pub fn dialect(excel: Option<Locale>) -> Dialect {
    match excel {
        None => Dialect::Plain,
        Some(Locale::Us) => Dialect::Excel,
        Some(Locale::Eu) => Dialect::ExcelEu,
    }
}

/// The tables, in the order in which the record names them.
fn tables<'a>(results: &'a Results<'_>, report: &'a Report<'_>) -> Vec<Output<'a>> {
    let mut tables: Vec<Output<'a>> = Vec::new();
    for (name, write) in report::FILES {
        let write = if name == INPUTS && results.evidence.is_some() { report::learned } else { write };
        tables.push((name, Box::new(move |out| write(report, out))));
    }
    if let Some(evidence) = results.evidence {
        tables.push((OBSERVATIONS, Box::new(move |out| report::observations(report, evidence, out))));
    }
    if !results.observed.is_empty() {
        let observed = results.observed;
        tables.push((HISTORY, Box::new(move |out| report::observed(report.about, observed, report.dialect, out))));
    }
    if results.growth {
        tables.push((GROWTH, Box::new(move |out| report::growth(report, out))));
    }
    if let Some(explained) = results.explained {
        tables.extend(explained.outputs(report.dialect));
    }
    if let Some(paths) = results.paths {
        tables.push((TRIALS, Box::new(move |out| report::trials(report, paths, out))));
    }
    tables
}

fn stage_record(results: &Results<'_>, about: &About, staged: &[Staged], folder: &Folder) -> Result<Staged, Failure> {
    let record = RunRecord {
        about,
        seed: results.projection.seed,
        trials: results.projection.trials,
        sampling: results.projection.sampling,
        measures: (!results.scenario.reports_all()).then(|| results.scenario.reported_ids()),
        precision: results.precision,
        evidence: results.evidence,
        threads: results.threads,
        wall_seconds: results.started.elapsed().as_secs_f64(),
        resolved_sha256: folder::sha256(results.resolved.as_bytes()),
        resolved: results.resolved,
        sources: results.sources.clone(),
        parts: results.parts.clone(),
        outputs: staged.iter().map(|file| file.digest.clone()).collect(),
    };
    folder.stage(RECORD, |out| report::run_record(&record, out))
}

/// What a spreadsheet program can hold.
const SPREADSHEET_ROWS: u64 = 1_048_576;

fn warn_of_long_tables(folder: &Folder, staged: &[Staged]) {
    for file in staged.iter().filter(|file| file.digest.file.ends_with(".csv") && file.lines > SPREADSHEET_ROWS) {
        let path = folder.path().join(&file.digest.file);
        terminal::note(&format!(
            "warning: `{}` has {} rows and a spreadsheet holds {SPREADSHEET_ROWS}\n  = hint: `projection.csv` has the \
             same measures in fewer rows; for `trials.csv` ask for fewer --paths\n",
            path.display(),
            file.lines
        ));
    }
}
