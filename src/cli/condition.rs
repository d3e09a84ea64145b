//! `tradewinds condition`.

use std::time::Instant;

use tradewinds::projection::Conditioned;
use tradewinds::report::Digest;
use tradewinds::scenario::{ObservedSeries, Scenario, Statement};
use tradewinds::simulate::{self, ConditionError, Conditioning, RunError, Watch};

use super::args::ConditionArgs;
use super::batch::{self, Batch, Member};
use super::failure::Failure;
use super::folder::Folder;
use super::interrupt;
use super::learning;
use super::progress::Progress;
use super::publish::{self, Results};
use super::run::threads;
use super::settings::Settings;
use super::summary::{Outcome, summary};
use super::terminal;

/// One scenario with its observations and a place for its results.
struct Job<'a> {
    scenario: &'a Scenario,
    member: &'a Member,
    observed: Vec<ObservedSeries>,
    sources: Vec<Digest>,
    folder: Folder,
}

/// Where a conditioned scenario's files go, beside those of its `run`.
pub const FOLDER: &str = "condition";

pub fn condition(args: &ConditionArgs) -> Result<(), Failure> {
    let (settings, how) = order(args)?;
    let mut batch = batch::load(&args.inputs);
    let histories = batch.read_histories();
    batch.report_only(&args.measure);
    let jobs = jobs(&settings, &batch, histories)?;
    interrupt::listen()?;
    let started = Instant::now();
    let mut outcomes = Vec::new();
    let done = condition_all(&settings, &how, &jobs, &mut outcomes);
    if !settings.quiet && !outcomes.is_empty() {
        terminal::note(&summary(&outcomes, None, &settings.options, started.elapsed()));
    }
    done
}

fn order(args: &ConditionArgs) -> Result<(Settings, Conditioning), Failure> {
    if let Some(paths) = args.paths.filter(|&paths| paths > args.trials) {
        return Err(Failure::Input(format!(
            "--paths {paths} asks for more trials than the {} of the run\n  = hint: raise --trials or lower --paths",
            args.trials
        )));
    }
    let mut settings = Settings::new(&args.common, args.trials);
    settings.options.growth = args.growth;
    let how = Conditioning { temper: args.temper, paths: args.paths.unwrap_or(0), ..Conditioning::default() };
    Ok((settings, how))
}

fn jobs<'a>(
    settings: &Settings,
    batch: &'a Batch,
    histories: Vec<Vec<ObservedSeries>>,
) -> Result<Vec<Job<'a>>, Failure> {
    // All members have a scenario, or they are not accepted: so they are as many as the histories.
    let members = batch.accept(&settings.options)?;
    for ((member, scenario), observed) in members.iter().zip(&histories) {
        refuse_without_history(member, scenario, observed)?;
    }
    let jobs = members.into_iter().zip(histories).map(|((member, scenario), observed)| {
        let folder = Folder::prepare(settings.out.join(&member.family).join(scenario.id()).join(FOLDER))?;
        Ok(Job { scenario, member, observed, sources: batch.digests(member), folder })
    });
    jobs.collect()
}

fn refuse_without_history(member: &Member, scenario: &Scenario, observed: &[ObservedSeries]) -> Result<(), Failure> {
    match observed.is_empty() {
        false => Ok(()),
        true => Err(Failure::Input(format!(
            "scenario `{}` (`{}`) has no observed history to learn from\n  = hint: name a table of it in [history]; \
             docs/condition.md has an example",
            scenario.id(),
            member.path.display()
        ))),
    }
}

/// Conditions one after the other, up to the first that fails; the results of those before it stay.
fn condition_all(
    settings: &Settings,
    how: &Conditioning,
    jobs: &[Job<'_>],
    outcomes: &mut Vec<Outcome>,
) -> Result<(), Failure> {
    const PASSES: u64 = 2;
    let trials = settings.options.trials.saturating_mul(PASSES * jobs.len() as u64);
    let progress = Progress::new(trials, settings.quiet);
    for job in jobs {
        outcomes.push(condition_one(settings, how, job, &progress)?);
    }
    Ok(())
}

fn condition_one(
    settings: &Settings,
    how: &Conditioning,
    job: &Job<'_>,
    progress: &Progress,
) -> Result<Outcome, Failure> {
    let started = Instant::now();
    let watch = Watch { progress: &|trials| progress.add(trials), stop: &interrupt::STOP };
    let found = simulate::condition(job.scenario, &job.observed, &settings.options, how, watch);
    let found = found.map_err(|error| failure(job, error))?;
    let outcome = publish(settings, job, &found, started)?;
    if !settings.quiet {
        terminal::note(&learning::told(job.scenario.id(), &found));
    }
    if found.evidence.exponent < 1.0 {
        terminal::note(&learning::warning(job.scenario.id(), &found.evidence));
    }
    Ok(outcome)
}

fn publish(settings: &Settings, job: &Job<'_>, found: &Conditioned, started: Instant) -> Result<Outcome, Failure> {
    let observed: Vec<Statement> = job.observed.iter().map(ObservedSeries::statement).collect();
    let results = Results {
        family: &job.member.family.to_string_lossy(),
        scenario: job.scenario,
        projection: &found.projection,
        paths: found.paths.as_ref(),
        growth: settings.options.growth,
        dialect: settings.dialect,
        precision: None,
        evidence: Some(&found.evidence),
        observed: &observed,
        explained: None,
        xlsx: false,
        threads: threads(&settings.options),
        started,
        resolved: &job.member.resolved.to_toml(),
        sources: job.sources.clone(),
        parts: Vec::new(),
    };
    Ok(publish::publish(&results, &job.folder)?.outcome)
}

fn failure(job: &Job<'_>, error: ConditionError) -> Failure {
    let named = format!("scenario `{}` (`{}`): {error}", job.scenario.id(), job.member.path.display());
    match error {
        ConditionError::Run(RunError::Stopped) => Failure::Interrupted,
        ConditionError::NothingObserved | ConditionError::NoError { .. } => Failure::Input(named),
        ConditionError::TooFewFit { .. } | ConditionError::Run(_) => Failure::Failed(named),
    }
}
