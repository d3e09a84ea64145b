//! `tradewinds run`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tradewinds::report::{Digest, Precision};
use tradewinds::scenario::{ObservedSeries, Scenario, Statement};
use tradewinds::simulate::{self, Origin, RunError, RunOptions, Sampling, Shard, Simulation, Watch};

use super::args::RunArgs;
use super::batch::{self, Batch, Member};
use super::checkpoint::{self, Checkpoint};
use super::drive;
use super::explain;
use super::failure::Failure;
use super::family::{self, Sibling};
use super::folder::Folder;
use super::interrupt;
use super::progress::Progress;
use super::publish::{self, Published, Results};
use super::report;
use super::settings::Settings;
use super::summary::{Outcome, parts_summary, summary};
use super::terminal;
use super::workbook;

/// What was typed, understood.
struct Order {
    settings: Settings,
    /// Of how many trials the paths are wanted.
    paths: Option<u64>,
    /// Whether workbooks are wanted.
    xlsx: bool,
    /// The relative standard error at which a run may end.
    precision: Option<f64>,
    /// Which part of the trials is run, if not all.
    shard: Option<Shard>,
    /// Whether to go on from a checkpoint.
    resume: bool,
    /// Whether to write a page of each family.
    report: bool,
    /// Whether to say what matters.
    explain: bool,
    checkpoint_every: Duration,
}

/// One scenario with a place for its results.
struct Job<'a> {
    scenario: &'a Scenario,
    member: &'a Member,
    /// What its `[history]` observes.
    observed: Vec<Statement>,
    /// The files that it came from.
    sources: Vec<Digest>,
    folder: Folder,
}

/// What one scenario's run wrote.
enum Written {
    Results(Box<Published>),
    Part(PathBuf),
}

pub fn run(args: &RunArgs) -> Result<(), Failure> {
    let order = order(args)?;
    let mut batch = batch::load(&args.inputs);
    let histories = batch.read_histories();
    batch.report_only(&args.measure);
    let jobs = jobs(&order.settings, &batch, histories)?;
    interrupt::listen()?;
    let started = Instant::now();
    let (mut written, mut checkpoints) = (Vec::new(), Vec::new());
    let done = run_all(&order, &jobs, &mut written, &mut checkpoints)
        .and_then(|()| publish_families(&order, &jobs, &written))
        .and_then(|told| write_pages(&order, &jobs).map(|()| told))
        .map_err(|failure| checkpoint::tell_how_to_go_on(failure, &checkpoints))
        .and_then(|told| checkpoints.iter().try_for_each(Checkpoint::remove).map(|()| told));
    if !order.settings.quiet && !written.is_empty() {
        let of_families = done.as_deref().unwrap_or_default();
        terminal::note(&(told(&order, written, started.elapsed()) + of_families));
    }
    done.map(drop)
}

fn told(order: &Order, written: Vec<Written>, took: Duration) -> String {
    let (mut outcomes, mut parts) = (Vec::<Outcome>::new(), Vec::new());
    for one in written {
        match one {
            Written::Results(published) => outcomes.push(published.outcome),
            Written::Part(path) => parts.push(path),
        }
    }
    match order.shard {
        Some(shard) => parts_summary(&parts, shard, &order.settings.out, &order.settings.options, took),
        None => summary(&outcomes, Some(order.report), &order.settings.options, took),
    }
}

/// How many trials a run has by default.
const TRIALS: u64 = 100_000;
/// The most that a run to a precision has by default.
const MOST_TRIALS: u64 = 100_000_000;

fn order(args: &RunArgs) -> Result<Order, Failure> {
    let sampling: Sampling = args.sampling.into();
    if args.precision.is_some() && sampling == Sampling::Sobol {
        return Err(Failure::Input(
            "--precision cannot be met with --sampling sobol, whose number of trials is fixed beforehand\n  = hint: leave \
             out one of them"
                .to_owned(),
        ));
    }
    let trials = args.trials.unwrap_or(if args.precision.is_some() { MOST_TRIALS } else { TRIALS });
    let trials = whole(sampling, trials)?;
    if let Some(paths) = args.paths.filter(|&paths| paths > trials) {
        return Err(Failure::Input(format!(
            "--paths {paths} asks for more trials than the {trials} of the run\n  = hint: raise --trials or lower --paths"
        )));
    }
    let mut settings = Settings::new(&args.common, trials);
    settings.options.sampling = sampling;
    settings.options.growth = args.growth || args.xlsx;
    if args.xlsx {
        workbook::refuse_if_left_out()?;
    }
    Ok(Order {
        settings,
        paths: args.paths,
        xlsx: args.xlsx,
        precision: args.precision,
        shard: args.shard,
        resume: args.resume,
        report: args.report,
        explain: args.explain,
        checkpoint_every: args.checkpoint_seconds,
    })
}

/// How many trials are run where so many are asked for.
fn whole(sampling: Sampling, trials: u64) -> Result<u64, Failure> {
    let most = sampling.most_trials();
    match trials > most {
        true => Err(Failure::Input(format!(
            "--trials {trials} is more than the {most} that --sampling {} has\n  = hint: use --sampling random",
            sampling.name()
        ))),
        false => Ok(sampling.whole(trials)),
    }
}

fn jobs<'a>(
    settings: &Settings,
    batch: &'a Batch,
    histories: Vec<Vec<ObservedSeries>>,
) -> Result<Vec<Job<'a>>, Failure> {
    // All members have a scenario, or they are not accepted: so they are as many as the histories.
    batch
        .accept(&settings.options)?
        .into_iter()
        .zip(histories)
        .map(|((member, scenario), observed)| {
            let folder = Folder::prepare(settings.out.join(&member.family).join(scenario.id()))?;
            let observed = observed.iter().map(ObservedSeries::statement).collect();
            Ok(Job { scenario, member, observed, sources: batch.digests(member), folder })
        })
        .collect()
}

/// A page of each family, if they are wanted.
fn write_pages(order: &Order, jobs: &[Job<'_>]) -> Result<(), Failure> {
    let wanted = jobs.iter().filter(|_| order.report);
    let folders: BTreeSet<&Path> = wanted.filter_map(|job| job.folder.path().parent()).collect();
    folders.into_iter().try_for_each(|family| report::write(family, &family.join(report::PAGE)))
}

/// Runs one after the other, up to the first that fails; the results of those before it stay. So do their checkpoints:
/// who goes on need not simulate again what was complete.
fn run_all<'a>(
    order: &Order,
    jobs: &'a [Job<'_>],
    written: &mut Vec<Written>,
    checkpoints: &mut Vec<Checkpoint<'a>>,
) -> Result<(), Failure> {
    let share = order.settings.options.trials / order.shard.map_or(1, |shard| shard.count);
    let explaining = jobs.iter().filter(|_| order.explain).map(|job| explain::work(job.scenario, explain::TRIALS));
    let work = explaining.fold(share.saturating_mul(jobs.len() as u64), u64::saturating_add);
    let progress = Progress::new(work, order.settings.quiet);
    for job in jobs {
        let mut checkpoint = Checkpoint::new(&job.folder, order.shard, origin(job), order.checkpoint_every);
        let done = simulate_and_write(order, job, &progress, &mut checkpoint)
            .and_then(|done| checkpoint.remove_if_outdated().map(|()| done));
        checkpoints.push(checkpoint);
        written.push(done?);
    }
    Ok(())
}

fn simulate_and_write(
    order: &Order,
    job: &Job<'_>,
    progress: &Progress,
    checkpoint: &mut Checkpoint<'_>,
) -> Result<Written, Failure> {
    let started = Instant::now();
    let failed = |error| failure(job, error);
    let watch = Watch { progress: &|trials| progress.add(trials), stop: &interrupt::STOP };
    let mut simulation = start(order, job, checkpoint)?;
    progress.add(simulation.done());
    let precision = match order.precision {
        None => {
            drive::to_the_end(&mut simulation, checkpoint, watch, &failed)?;
            None
        }
        Some(asked) => {
            let reached = drive::to_a_precision(&mut simulation, asked, checkpoint, progress, watch, &failed)?;
            warn_if_missed(job, asked, reached);
            Some(Precision { asked, reached: Some(reached).filter(|reached| reached.is_finite()) })
        }
    };
    checkpoint.save_complete(&simulation)?;
    if precision.is_some() {
        simulation.truncate_to_done();
    }
    if let Some(shard) = order.shard {
        return write_part(job, &simulation, shard);
    }
    let projection = simulation.finish().map_err(failed)?;
    drop(simulation);
    let again = Watch { progress: &|_| (), ..watch };
    let run = RunOptions { trials: projection.trials, ..order.settings.options };
    let paths = order.paths.map(|n| simulate::paths(job.scenario, &run, n, again));
    let paths = paths.transpose().map_err(failed)?;
    let explained = order.explain.then(|| explain::by_default(job.scenario, &order.settings.options, watch));
    let explained = explained.transpose().map_err(failed)?;
    let results = Results {
        family: &job.member.family.to_string_lossy(),
        scenario: job.scenario,
        projection: &projection,
        paths: paths.as_ref(),
        growth: order.settings.options.growth,
        xlsx: order.xlsx,
        dialect: order.settings.dialect,
        precision,
        evidence: None,
        observed: &job.observed,
        explained: explained.as_ref(),
        threads: threads(&order.settings.options),
        started,
        resolved: &job.member.resolved.to_toml(),
        sources: job.sources.clone(),
        parts: Vec::new(),
    };
    publish::publish(&results, &job.folder).map(Box::new).map(Written::Results)
}

/// A comparison of each family of which several scenarios ran, and its workbook, if such are wanted.
fn publish_families(order: &Order, jobs: &[Job<'_>], written: &[Written]) -> Result<String, Failure> {
    if !order.report && !order.xlsx {
        return Ok(String::new());
    }
    let siblings = jobs.iter().zip(written).filter_map(|(job, written)| match written {
        Written::Results(published) => Some(Sibling {
            family: Path::new(&job.member.family),
            scenario: job.scenario,
            sources: &job.sources,
            trials: published.outcome.trials,
            run: published.run.as_ref(),
        }),
        Written::Part(_) => None,
    });
    family::publish(&order.settings, &siblings.collect::<Vec<_>>())
}

fn warn_if_missed(job: &Job<'_>, asked: f64, reached: f64) {
    if reached > asked {
        terminal::note(&format!(
            "warning: the error of `{}` is still {:.3} %, and {:.3} % was asked for\n  = hint: raise --trials\n",
            job.scenario.id(),
            100.0 * reached,
            100.0 * asked
        ));
    }
}

/// A new simulation, or the one that was stopped.
fn start<'a>(order: &Order, job: &Job<'a>, checkpoint: &mut Checkpoint<'_>) -> Result<Simulation<'a>, Failure> {
    let shard = order.shard.unwrap_or(Shard::WHOLE);
    let fresh = Simulation::new(job.scenario, &order.settings.options, shard).map_err(|error| failure(job, error))?;
    let note = |text: String| {
        if !order.settings.quiet {
            terminal::note(&text);
        }
    };
    if !order.resume {
        if checkpoint.exists() {
            note(format!("note: `{}` is not used; --resume would go on from it\n", checkpoint.path()));
        }
        return Ok(fresh);
    }
    match checkpoint.load(&fresh, &order.settings.options)? {
        Some(saved) => Ok(saved),
        None => {
            note(format!("note: there is no checkpoint of `{}`, it begins anew\n", job.scenario.id()));
            Ok(fresh)
        }
    }
}

fn write_part(job: &Job<'_>, simulation: &Simulation<'_>, shard: Shard) -> Result<Written, Failure> {
    let name = format!("part-{}-of-{}.twpart", shard.number, shard.count);
    let staged = job.folder.stage(&name, |out| simulation.write_partial(origin(job), out))?;
    job.folder.publish(vec![staged], &[])?;
    Ok(Written::Part(job.folder.path().join(name)))
}

fn origin(job: &Job<'_>) -> Origin {
    Origin {
        family: job.member.family.to_string_lossy().into_owned(),
        id: job.scenario.id().to_owned(),
        resolved: job.member.resolved.to_toml(),
        observed: job.observed.clone(),
        sources: job.sources.iter().map(|it| (it.file.clone(), it.sha256.clone())).collect(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    }
}

fn failure(job: &Job<'_>, error: RunError) -> Failure {
    match error {
        RunError::Stopped => Failure::Interrupted,
        error => {
            Failure::Failed(format!("scenario `{}` (`{}`): {error}", job.scenario.id(), job.member.path.display()))
        }
    }
}

/// How many threads the options mean.
pub fn threads(options: &RunOptions) -> usize {
    match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    }
}
