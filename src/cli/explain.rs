//! `tradewinds explain`.

use std::io;
use std::time::Instant;

use tradewinds::analysis::{self, Sensitivity};
use tradewinds::projection::Attribution;
use tradewinds::report::{self, Dialect, FinishedRun, Table};
use tradewinds::scenario::Scenario;
use tradewinds::simulate::{self, RunError, RunOptions, Sampling, Watch};

use super::account::{self, Account};
use super::args::ExplainArgs;
use super::batch::{self, Member};
use super::failure::Failure;
use super::folder::{Folder, Output};
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
    /// The one whose sensitivities are computed; all if there is none.
    year: Option<i32>,
}

/// What was found.
pub struct Explained {
    attribution: Attribution,
    sensitivity: Sensitivity,
}

/// Trials of each sample if no other number is asked for.
pub const TRIALS: u64 = 10_000;

/// How many trials it takes to explain a scenario.
pub fn work(scenario: &Scenario, trials: u64) -> u64 {
    trials.saturating_mul(1 + analysis::samples(scenario))
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
    let work = jobs.iter().map(|job| work(job.scenario, args.trials)).sum();
    let progress = Progress::new(work, settings.quiet);
    for job in &jobs {
        explain_one(&settings, job, &progress)?;
    }
    Ok(())
}

/// What `explain` finds by default.
pub fn by_default(scenario: &Scenario, options: &RunOptions, watch: Watch<'_>) -> Result<Explained, RunError> {
    let options = RunOptions { trials: TRIALS, sampling: Sampling::Random, growth: false, ..*options };
    compute(scenario, &Wanted::by_default(scenario, None), &options, watch)
}

fn explain_one(settings: &Settings, job: &Job<'_>, progress: &Progress) -> Result<(), Failure> {
    let started = Instant::now();
    let watch = Watch { progress: &|trials| progress.add(trials), stop: &interrupt::STOP };
    let found = compute(job.scenario, &job.wanted, &settings.options, watch);
    let found = found.map_err(|error| failure(job.member, job.scenario, error))?;
    let staged =
        simulate::on_threads(settings.options.threads, || job.folder.stage_all(&found.outputs(settings.dialect)));
    job.folder.publish(staged.map_err(|error| Failure::Failed(error.to_string()))??, &[])?;
    if !settings.quiet {
        let account = Account {
            attribution: &found.attribution,
            sensitivity: &found.sensitivity,
            year: job.wanted.year.or(job.scenario.deadline()),
            measures: &job.wanted.shown,
        };
        let text = account::told(&account, job.folder.path(), started.elapsed());
        progress.hide_while(|| terminal::note(&text));
    }
    Ok(())
}

fn compute(
    scenario: &Scenario,
    wanted: &Wanted,
    options: &RunOptions,
    watch: Watch<'_>,
) -> Result<Explained, RunError> {
    let attribution = simulate::attribute(scenario, &wanted.attributed, options, watch)?;
    let sensitivity = analysis::sensitivity(scenario, &wanted.sensitive, wanted.year, options, watch)?;
    Ok(Explained { attribution, sensitivity })
}

impl Explained {
    /// The files.
    pub fn outputs(&self, dialect: Dialect) -> [Output<'_>; 3] {
        [
            (ATTRIBUTION, Box::new(move |out| report::attribution(&self.attribution, dialect, out))),
            (SENSITIVITY, Box::new(move |out| report::sensitivity(&self.sensitivity, dialect, out))),
            (VARIANCE, Box::new(move |out| report::variance(&self.sensitivity, dialect, out))),
        ]
    }

    /// Puts them to what a workbook is made of, as they would be read back.
    pub fn add_to(&self, run: &mut FinishedRun) -> Result<(), Failure> {
        run.attribution = Some(read_back(&|out| report::attribution(&self.attribution, Dialect::Plain, out))?);
        run.sensitivity = Some(read_back(&|out| report::sensitivity(&self.sensitivity, Dialect::Plain, out))?);
        run.variance = Some(read_back(&|out| report::variance(&self.sensitivity, Dialect::Plain, out))?);
        Ok(())
    }
}

/// What is written, as it is read.
fn read_back(write: &dyn Fn(&mut Vec<u8>) -> io::Result<()>) -> Result<Table, Failure> {
    let mut bytes = Vec::new();
    write(&mut bytes)
        .and_then(|()| Table::read(&bytes[..]).map_err(io::Error::other))
        .map_err(|error| Failure::Failed(format!("cannot prepare the workbook: {error}")))
}

impl Wanted {
    /// Sensitivities cost memory, so by default they are of no flow but those that are asked for.
    fn by_default(scenario: &Scenario, year: Option<i32>) -> Wanted {
        let ids = scenario.measure_ids();
        let place = |id: &String| ids.iter().position(|it| it == id).expect("what is reported is a measure");
        let reported: Vec<usize> = scenario.reported_ids().iter().map(place).collect();
        let is_sensitive = |at: &usize| !scenario.reports_all() || *at >= scenario.flow_count();
        Wanted {
            sensitive: reported.iter().copied().filter(is_sensitive).collect(),
            attributed: reported,
            shown: vec!["total".to_owned()],
            year,
        }
    }
}

fn wanted(args: &ExplainArgs, member: &Member, scenario: &Scenario) -> Result<Wanted, Failure> {
    let ids = scenario.measure_ids();
    if args.measure.is_empty() {
        return Ok(Wanted::by_default(scenario, args.year));
    }
    let mut measures = Vec::new();
    for id in &args.measure {
        let unknown = || {
            let (message, hint) = batch::unknown_measure(id, &ids, &member.path);
            Failure::Input(format!("{message}\n  = hint: {hint}"))
        };
        let at = ids.iter().position(|it| it == id).ok_or_else(unknown)?;
        if !measures.contains(&at) {
            measures.push(at);
        }
    }
    measures.sort_unstable();
    let shown = measures.iter().map(|&at| ids[at].clone()).collect();
    Ok(Wanted { attributed: measures.clone(), sensitive: measures, shown, year: args.year })
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
