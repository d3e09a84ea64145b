//! What a run of several scenarios of a family adds to those of each, if a report or a workbook is wanted: those that
//! extend another are compared with it, trial by trial; and the workbook of all.

use std::fs;
use std::path::{Path, PathBuf};

use tradewinds::projection::Comparison;
use tradewinds::report::{self, Dialect, Digest, FinishedRun, Table};
use tradewinds::scenario::Scenario;
use tradewinds::simulate::{self, CompareError, RunError, RunOptions, Watch};

use super::failure::Failure;
use super::folder::Folder;
use super::interrupt;
use super::progress::Progress;
use super::settings::Settings;
use super::terminal;
use super::workbook;

/// The files of a comparison, in a folder of the family's.
pub const FOLDER: &str = "compare";
pub const COMPARISON: &str = "comparison.csv";
pub const WORKBOOK: &str = "comparison.xlsx";

/// One scenario of a family, and what its run found.
pub struct Sibling<'a> {
    pub family: &'a Path,
    pub scenario: &'a Scenario,
    /// The files that it came from, its own first.
    pub sources: &'a [Digest],
    pub trials: u64,
    /// For the workbook, if one is wanted.
    pub run: Option<&'a FinishedRun>,
}

/// Does so for each family that more than one of these belong to. Gives what there is to say of that.
pub fn publish(settings: &Settings, siblings: &[Sibling<'_>]) -> Result<String, Failure> {
    let mut told = String::new();
    let mut done: Vec<&Path> = Vec::new();
    for sibling in siblings {
        if done.contains(&sibling.family) {
            continue;
        }
        done.push(sibling.family);
        let family: Vec<&Sibling<'_>> = siblings.iter().filter(|other| other.family == sibling.family).collect();
        if family.len() > 1 {
            told += &publish_family(settings, &family)?;
        }
    }
    Ok(told)
}

fn publish_family(settings: &Settings, family: &[&Sibling<'_>]) -> Result<String, Failure> {
    let mut told = String::new();
    let found = match base_of(family) {
        None => None,
        Some((base, others)) => compare(settings, base, others)?,
    };
    if let Some(found) = &found {
        let path = publish_comparison(settings, family[0].family, found)?;
        told += &format!("\nCompared with `{}`, which they extend: {}\n", found[0].base, path.display());
    }
    let runs: Option<Vec<FinishedRun>> = family.iter().map(|it| it.run.cloned()).collect();
    if let Some(runs) = runs {
        let table = found.map(|found| table(&found)).transpose()?;
        let path = publish_workbook(settings, family[0].family, &runs, table.as_ref())?;
        told += &format!("Workbook of the family: {}\n", path.display());
    }
    Ok(told)
}

/// The scenario that most others extend, and these. Scenarios that share no file have nothing that sets them apart.
fn base_of<'a, 'f>(family: &'f [&'a Sibling<'a>]) -> Option<(&'f Sibling<'a>, Vec<&'f Sibling<'a>>)> {
    let own = |it: &Sibling<'_>| it.sources.first().map(|source| same_file(&source.file));
    let extends = |it: &Sibling<'_>, base: &Sibling<'_>| {
        let file = own(base);
        it.sources.iter().skip(1).any(|source| Some(same_file(&source.file)) == file)
    };
    let mut best: Option<(&'f Sibling<'a>, Vec<&'f Sibling<'a>>)> = None;
    for base in family.iter().copied() {
        let others: Vec<&'f Sibling<'a>> = family.iter().copied().filter(|it| extends(it, base)).collect();
        if others.len() > best.as_ref().map_or(0, |(_, most)| most.len()) {
            best = Some((base, others));
        }
    }
    best
}

/// A path that two spellings of it share.
fn same_file(path: &str) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.into())
}

/// Compares with the base those that count the same thing, and says of the others that they do not.
fn compare(
    settings: &Settings,
    base: &Sibling<'_>,
    others: Vec<&Sibling<'_>>,
) -> Result<Option<Vec<Comparison>>, Failure> {
    let id = base.scenario.id();
    let (mut others, apart): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|it| it.scenario.metric() == base.scenario.metric());
    for it in apart {
        not_compared(settings, it.scenario.id(), id, "metric");
    }
    let trials = others.iter().chain([&base]).map(|it| it.trials).max().unwrap_or(0);
    let options = RunOptions { trials, growth: false, ..settings.options };
    while !others.is_empty() {
        let scenarios: Vec<&Scenario> = others.iter().map(|it| it.scenario).collect();
        let progress = Progress::new(trials.saturating_mul(others.len() as u64 + 1), settings.quiet);
        let watch = Watch { progress: &|trials| progress.add(trials), stop: &interrupt::STOP };
        match simulate::compare(base.scenario, &scenarios, &options, watch) {
            Ok(found) => return Ok(Some(found)),
            Err(CompareError::Different { what, other, .. }) => {
                not_compared(settings, &other.0, id, what);
                others.retain(|it| it.scenario.id() != other.0);
            }
            Err(CompareError::Run { error: RunError::Stopped, .. }) => return Err(Failure::Interrupted),
            Err(error) => return Err(Failure::Failed(format!("the comparison with `{id}` failed: {error}"))),
        }
    }
    Ok(None)
}

fn not_compared(settings: &Settings, other: &str, base: &str, what: &str) {
    if !settings.quiet {
        terminal::note(&format!("note: `{other}` is not compared with `{base}`: it has another {what}\n"));
    }
}

fn publish_comparison(settings: &Settings, family: &Path, found: &[Comparison]) -> Result<PathBuf, Failure> {
    let folder = Folder::prepare(settings.out.join(family).join(FOLDER))?;
    let staged = folder.stage(COMPARISON, |out| report::comparison(found, settings.dialect, out))?;
    folder.publish(vec![staged], &[WORKBOOK])?;
    Ok(folder.path().join(COMPARISON))
}

fn publish_workbook(
    settings: &Settings,
    family: &Path,
    runs: &[FinishedRun],
    comparison: Option<&Table>,
) -> Result<PathBuf, Failure> {
    let name = family.to_string_lossy();
    let file = workbook::name(&name);
    let folder = Folder::prepare(settings.out.join(family))?;
    let staged = workbook::stage(&folder, &file, &name, runs, comparison)?;
    folder.publish(vec![staged], &[])?;
    Ok(folder.path().join(file))
}

/// A comparison as it is read back.
pub fn table(found: &[Comparison]) -> Result<Table, Failure> {
    let mut bytes = Vec::new();
    report::comparison(found, Dialect::Plain, &mut bytes)
        .and_then(|()| Table::read(&bytes[..]).map_err(std::io::Error::other))
        .map_err(|error| Failure::Failed(format!("cannot prepare the workbook: {error}")))
}
