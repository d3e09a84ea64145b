//! `tradewinds run`.

use std::time::Instant;

use tradewinds::projection::{Paths, Projection};
use tradewinds::report::{self, About, Dialect, Digest, Report, RunRecord};
use tradewinds::scenario::Scenario;
use tradewinds::simulate::{self, RunError, RunOptions, Watch};

use super::args::RunArgs;
use super::batch::{self, Batch, Member};
use super::failure::Failure;
use super::folder::{self, Folder, Staged};
use super::interrupt;
use super::progress::Progress;
use super::settings::Settings;
use super::summary::{Outcome, summary};
use super::terminal;

/// What was typed, understood.
struct Order {
    settings: Settings,
    /// Of how many trials the paths are wanted.
    paths: Option<u64>,
}

/// One scenario with a place for its results.
struct Job<'a> {
    scenario: &'a Scenario,
    member: &'a Member,
    /// The files that it came from.
    sources: Vec<Digest>,
    folder: Folder,
}

pub fn run(args: &RunArgs) -> Result<(), Failure> {
    let order = order(args)?;
    let settings = &order.settings;
    let batch = batch::load(&args.inputs);
    let jobs = jobs(settings, &batch)?;
    interrupt::listen()?;
    let started = Instant::now();
    let mut outcomes = Vec::new();
    let done = run_all(&order, &jobs, &mut outcomes);
    if !settings.quiet && !outcomes.is_empty() {
        terminal::note(&summary(&outcomes, &settings.options, started.elapsed()));
    }
    done
}

fn order(args: &RunArgs) -> Result<Order, Failure> {
    let mut settings = Settings::new(&args.common);
    if let Some(paths) = args.paths.filter(|&paths| paths > args.common.trials) {
        let trials = args.common.trials;
        return Err(Failure::Input(format!(
            "--paths {paths} asks for more trials than the {trials} of the run\n  = hint: raise --trials or lower --paths"
        )));
    }
    settings.options.growth = args.growth;
    Ok(Order { settings, paths: args.paths })
}

fn jobs<'a>(settings: &Settings, batch: &'a Batch) -> Result<Vec<Job<'a>>, Failure> {
    batch
        .accept()?
        .into_iter()
        .map(|(member, scenario)| {
            let folder = Folder::prepare(settings.out.join(&member.family).join(scenario.id()))?;
            Ok(Job { scenario, member, sources: batch.digests(member), folder })
        })
        .collect()
}

/// Runs one after the other, up to the first that fails; the results of those before it stay.
fn run_all(order: &Order, jobs: &[Job<'_>], outcomes: &mut Vec<Outcome>) -> Result<(), Failure> {
    let settings = &order.settings;
    let progress = Progress::new(settings.options.trials.saturating_mul(jobs.len() as u64), settings.quiet);
    for job in jobs {
        outcomes.push(run_one(order, job, &progress)?);
    }
    Ok(())
}

fn run_one(order: &Order, job: &Job<'_>, progress: &Progress) -> Result<Outcome, Failure> {
    let settings = &order.settings;
    let started = Instant::now();
    let (projection, paths) = simulate(order, job.scenario, progress).map_err(|error| match error {
        RunError::Stopped => Failure::Interrupted,
        error => {
            Failure::Failed(format!("scenario `{}` (`{}`): {error}", job.scenario.id(), job.member.path.display()))
        }
    })?;
    let about = About::of(job.scenario);
    let report = Report { about: &about, projection: &projection, dialect: settings.dialect };
    let mut staged = stage_tables(settings, &job.folder, &report, paths.as_ref())?;
    staged.push(stage_record(settings, job, &about, &staged, started)?);
    if settings.dialect != Dialect::Plain {
        warn_of_long_tables(&job.folder, &staged);
    }
    let wanted = |name: &&str| staged.iter().any(|file| file.digest.file == *name);
    let outdated: Vec<&str> = OPTIONAL.into_iter().filter(|name| !wanted(name)).collect();
    job.folder.publish(staged, &outdated)?;
    Ok(Outcome::new(&job.member.family, job.folder.path(), &report))
}

fn simulate(
    Order { settings, paths }: &Order,
    scenario: &Scenario,
    progress: &Progress,
) -> Result<(Projection, Option<Paths>), RunError> {
    let watch = Watch { progress: &|trials| progress.add(trials), stop: &interrupt::STOP };
    let projection = simulate::run(scenario, &settings.options, watch)?;
    let again = Watch { progress: &|_| (), ..watch };
    let paths = paths.map(|n| simulate::paths(scenario, &settings.options, n, again)).transpose()?;
    Ok((projection, paths))
}

const GROWTH: &str = "growth.csv";
const TRIALS: &str = "trials.csv";

/// Files that not every run writes. One left from an earlier run would belie the others.
const OPTIONAL: [&str; 2] = [GROWTH, TRIALS];

fn stage_tables(
    settings: &Settings,
    folder: &Folder,
    report: &Report<'_>,
    paths: Option<&Paths>,
) -> Result<Vec<Staged>, Failure> {
    let mut staged = Vec::new();
    for (name, write) in report::FILES {
        staged.push(folder.stage(name, |out| write(report, out))?);
    }
    if settings.options.growth {
        staged.push(folder.stage(GROWTH, |out| report::growth(report, out))?);
    }
    if let Some(paths) = paths {
        staged.push(folder.stage(TRIALS, |out| report::trials(report, paths, out))?);
    }
    Ok(staged)
}

fn stage_record(
    settings: &Settings,
    job: &Job<'_>,
    about: &About,
    staged: &[Staged],
    started: Instant,
) -> Result<Staged, Failure> {
    let resolved = job.member.resolved.to_toml();
    let record = RunRecord {
        about,
        seed: settings.options.seed,
        trials: settings.options.trials,
        threads: threads(&settings.options),
        wall_seconds: started.elapsed().as_secs_f64(),
        resolved_sha256: folder::sha256(resolved.as_bytes()),
        resolved: &resolved,
        sources: job.sources.clone(),
        outputs: staged.iter().map(|file| file.digest.clone()).collect(),
    };
    job.folder.stage("run.json", |out| report::run_record(&record, out))
}

/// How many threads the options mean.
fn threads(options: &RunOptions) -> usize {
    match options.threads {
        0 => std::thread::available_parallelism().map_or(1, usize::from),
        n => n,
    }
}

/// What a spreadsheet program can hold.
const SPREADSHEET_ROWS: u64 = 1_048_576;

fn warn_of_long_tables(folder: &Folder, staged: &[Staged]) {
    for file in staged.iter().filter(|file| file.lines > SPREADSHEET_ROWS) {
        let path = folder.path().join(&file.digest.file);
        terminal::note(&format!(
            "warning: `{}` has {} rows and a spreadsheet holds {SPREADSHEET_ROWS}\n  = hint: `projection.csv` has the \
             same measures in fewer rows; for `trials.csv` ask for fewer --paths\n",
            path.display(),
            file.lines
        ));
    }
}
