//! `tradewinds explain`.

use std::time::Instant;

use tradewinds::analysis::{self, Sensitivity};
use tradewinds::diagnostic::nearest;
use tradewinds::projection::Attribution;
use tradewinds::report;
use tradewinds::scenario::Scenario;
use tradewinds::simulate::{self, RunError, Watch};

use super::account::{self, Account};
use super::args::ExplainArgs;
use super::batch::{self, Member};
use super::failure::Failure;
use super::folder::Folder;
use super::interrupt;
use super::progress::Progress;
use super::settings::Settings;
use super::terminal;

/// The files that are written.
const ATTRIBUTION: &str = "attribution.csv";
const SENSITIVITY: &str = "sensitivity.csv";
const VARIANCE: &str = "variance.csv";

/// One scenario, what is asked of it, and a place for its results.
struct Job<'a> {
    member: &'a Member,
    scenario: &'a Scenario,
    wanted: Wanted,
    folder: Folder,
}

/// Measures by index.
struct Wanted {
    attributed: Vec<usize>,
    sensitive: Vec<usize>,
    /// Ids of those that the terminal shows.
    shown: Vec<String>,
}

pub fn explain(args: &ExplainArgs) -> Result<(), Failure> {
    let settings = Settings::new(&args.common, args.trials);
    let batch = batch::load(&args.inputs);
    let jobs: Result<Vec<Job<'_>>, Failure> = batch
        .accept(&settings.options)?
        .into_iter()
        .map(|(member, scenario)| {
            let wanted = wanted(args, member, scenario)?;
            refuse_year_outside(args, member, scenario)?;
            let folder = Folder::prepare(settings.out.join(&member.family).join(scenario.id()))?;
            Ok(Job { member, scenario, wanted, folder })
        })
        .collect();
    let jobs = jobs?;
    interrupt::listen()?;
    let samples: u64 = jobs.iter().map(|job| 1 + analysis::samples(job.scenario)).sum();
    let progress = Progress::new(args.trials.saturating_mul(samples), settings.quiet);
    for job in &jobs {
        explain_one(args, &settings, job, &progress)?;
    }
    Ok(())
}

fn explain_one(args: &ExplainArgs, settings: &Settings, job: &Job<'_>, progress: &Progress) -> Result<(), Failure> {
    let started = Instant::now();
    let (attribution, sensitivity) =
        compute(args, settings, job, progress).map_err(|error| failure(job.member, job.scenario, error))?;
    let dialect = settings.dialect;
    let staged = vec![
        job.folder.stage(ATTRIBUTION, |out| report::attribution(&attribution, dialect, out))?,
        job.folder.stage(SENSITIVITY, |out| report::sensitivity(&sensitivity, dialect, out))?,
        job.folder.stage(VARIANCE, |out| report::variance(&sensitivity, dialect, out))?,
    ];
    job.folder.publish(staged, &[])?;
    if !settings.quiet {
        let account = Account {
            attribution: &attribution,
            sensitivity: &sensitivity,
            year: args.year.or(job.scenario.deadline()),
            measures: &job.wanted.shown,
        };
        let text = account::told(&account, job.folder.path(), started.elapsed());
        progress.hide_while(|| terminal::note(&text));
    }
    Ok(())
}

fn compute(
    args: &ExplainArgs,
    settings: &Settings,
    job: &Job<'_>,
    progress: &Progress,
) -> Result<(Attribution, Sensitivity), RunError> {
    let watch = Watch { progress: &|trials| progress.add(trials), stop: &interrupt::STOP };
    let (scenario, wanted, options) = (job.scenario, &job.wanted, &settings.options);
    let attribution = simulate::attribute(scenario, &wanted.attributed, options, watch)?;
    let sensitivity = analysis::sensitivity(scenario, &wanted.sensitive, args.year, options, watch)?;
    Ok((attribution, sensitivity))
}

/// Sensitivities cost memory, so by default they are not of every flow.
fn wanted(args: &ExplainArgs, member: &Member, scenario: &Scenario) -> Result<Wanted, Failure> {
    let ids = scenario.measure_ids();
    if args.measure.is_empty() {
        let flows = ids.iter().position(|id| id == "exports").expect("every scenario has exports");
        return Ok(Wanted {
            attributed: (0..ids.len()).collect(),
            sensitive: (flows..ids.len()).collect(),
            shown: vec!["total".to_owned()],
        });
    }
    let mut measures = Vec::new();
    for id in &args.measure {
        let at = ids.iter().position(|it| it == id).ok_or_else(|| unknown_measure(id, &ids, member))?;
        if !measures.contains(&at) {
            measures.push(at);
        }
    }
    measures.sort_unstable();
    let shown = measures.iter().map(|&at| ids[at].clone()).collect();
    Ok(Wanted { attributed: measures.clone(), sensitive: measures, shown })
}

fn unknown_measure(id: &str, ids: &[String], member: &Member) -> Failure {
    let hint = match nearest(id, ids.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")),
    };
    Failure::Input(format!("`{}` has no measure `{id}`\n  = hint: {hint}", member.path.display()))
}

fn refuse_year_outside(args: &ExplainArgs, member: &Member, scenario: &Scenario) -> Result<(), Failure> {
    let years = scenario.horizon().projected_years();
    match args.year {
        Some(year) if !years.contains(&year) => Err(Failure::Input(format!(
            "`{}` does not project {year}\n  = hint: name a year from {} to {}",
            member.path.display(),
            years.start(),
            years.end()
        ))),
        _ => Ok(()),
    }
}

fn failure(member: &Member, scenario: &Scenario, error: RunError) -> Failure {
    match error {
        RunError::Stopped => Failure::Interrupted,
        error => Failure::Failed(format!("scenario `{}` (`{}`): {error}", scenario.id(), member.path.display())),
    }
}
