//! Two finished projections: `tradewinds compare A/projection.csv B/projection.csv`.

use std::collections::BTreeSet;
use std::path::Path;

use tradewinds::analysis::{self, Finished};
use tradewinds::report;

use super::args::CompareArgs;
use super::batch;
use super::contrast;
use super::failure::Failure;
use super::settings::Settings;
use super::terminal;

/// Prints the differences, and says that they are unpaired.
pub fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let [other_path] = &args.others[..] else {
        return Err(Failure::Input(
            "finished projections are compared two at a time\n  = hint: name two files projection.csv".to_owned(),
        ));
    };
    let settings = Settings::new(&args.common, args.trials);
    let (mut base, mut other) = (read(&args.base)?, read(other_path)?);
    keep_only(&args.measure, [&mut base, &mut other])?;
    let (base_name, other_name) = (args.base.display().to_string(), other_path.display().to_string());
    let found = analysis::unpaired(&base, &other)
        .map_err(|why| Failure::Input(format!("`{other_name}` cannot be compared with `{base_name}`: {why}")))?;
    if base.metric != other.metric {
        terminal::note(&contrast::different_metric((&base_name, &base.metric), (&other_name, &other.metric)));
    }
    let mut table = Vec::new();
    report::unpaired(&found, settings.dialect, &mut table)
        .map_err(|error| Failure::Failed(format!("cannot write the table: {error}")))?;
    terminal::print(&table)?;
    if !settings.quiet {
        terminal::note(&contrast::of_finished(&found, (&base_name, &other_name)));
    }
    Ok(())
}

/// Keeps these measures and the total; all if none is named.
fn keep_only(measures: &[String], finished: [&mut Finished; 2]) -> Result<(), Failure> {
    if measures.is_empty() {
        return Ok(());
    }
    let held: BTreeSet<&str> =
        finished.iter().flat_map(|one| one.measures.iter().map(|(id, ..)| id.as_str())).collect();
    if let Some(id) = measures.iter().find(|id| !held.contains(id.as_str())) {
        let (message, mut hint) = batch::unknown_to_all(id, held.into_iter());
        if finished.iter().any(|one| !one.has_all) {
            hint = "what a run with --measure was not asked for is not in its files: run it again".to_owned();
        }
        return Err(Failure::Input(format!("{message}\n  = hint: {hint}")));
    }
    for one in finished {
        one.measures.retain(|(id, ..)| id == "total" || measures.contains(id));
    }
    Ok(())
}

fn read(path: &Path) -> Result<Finished, Failure> {
    let bytes =
        batch::read_file(path).map_err(|error| Failure::Input(format!("cannot read `{}`: {error}", path.display())))?;
    let read =
        Finished::read(&bytes).map(|finished| Finished { has_all: finished.has_all && !is_limited(path), ..finished });
    read.map_err(|why| {
        Failure::Input(format!(
            "`{}` is not a projection of this program: {why}\n  = hint: name a projection.csv that `run` wrote",
            path.display()
        ))
    })
}

/// Whether the record beside the file says that its run was asked for some measures only.
fn is_limited(path: &Path) -> bool {
    #[derive(serde::Deserialize)]
    struct Record {
        measures: Option<Vec<String>>,
    }
    let record = batch::read_file(&path.with_file_name("run.json")).ok();
    let record = record.and_then(|bytes| serde_json::from_slice::<Record>(&bytes).ok());
    record.is_some_and(|record| record.measures.is_some())
}
