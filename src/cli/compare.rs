//! `tradewinds compare`.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Instant;

use tradewinds::projection::Comparison;
use tradewinds::report::{self, About, Dialect, Report};
use tradewinds::scenario::Scenario;
use tradewinds::simulate::{self, CompareError, RunError, RunOptions, Watch};

use super::args::CompareArgs;
use super::batch::{self, Member};
use super::contrast::{self, Face};
use super::failure::Failure;
use super::family::{self, COMPARISON, WORKBOOK};
use super::finished;
use super::folder::{Folder, Staged};
use super::interrupt;
use super::progress::Progress;
use super::settings::Settings;
use super::terminal;
use super::workbook;

pub fn compare(args: &CompareArgs) -> Result<(), Failure> {
    let is_table = |path: &Path| path.extension() == Some(OsStr::new("csv"));
    let tables = args.inputs().filter(|path| is_table(path)).count();
    match tables {
        0 => compare_scenarios(args),
        n if n == args.inputs().count() && args.xlsx => Err(Failure::Input(
            "--xlsx writes a workbook of scenarios, and these are finished projections\n  = hint: name the scenario \
             files, or see `tradewinds export --help`"
                .to_owned(),
        )),
        n if n == args.inputs().count() => finished::compare(args),
        _ => Err(Failure::Input(
            "a finished projection and a scenario cannot be compared\n  = hint: name scenarios only, to compare them \
             trial by trial, or files projection.csv only"
                .to_owned(),
        )),
    }
}

fn compare_scenarios(args: &CompareArgs) -> Result<(), Failure> {
    if args.base.is_dir() {
        return Err(Failure::Input(format!(
            "the base is one scenario, and `{}` is a folder\n  = hint: name the base first, then what to compare with \
             it, which may be a folder",
            args.base.display()
        )));
    }
    if args.xlsx {
        workbook::refuse_if_left_out()?;
    }
    let settings = Settings::new(&args.common, args.trials);
    let mut batch = batch::load(&args.inputs().cloned().collect::<Vec<_>>());
    batch.report_only_where_held(&args.measure);
    let members = batch.accept(&settings.options)?;
    let [(base_member, base), others @ ..] = &members[..] else { return Ok(()) };
    refuse_ambiguous(others)?;
    warn_of_metrics((base_member, base), others);
    let out = Folder::prepare(settings.out.join(&base_member.family).join(family::FOLDER))?;
    interrupt::listen()?;
    let started = Instant::now();
    let scenarios: Vec<&Scenario> = others.iter().map(|(_, scenario)| *scenario).collect();
    let found = simulate(&settings, base, &scenarios).map_err(|error| explain(error, &members))?;
    let mut staged = vec![out.stage(COMPARISON, |file| report::comparison(&found, settings.dialect, file))?];
    let mut outdated = vec![WORKBOOK];
    if args.xlsx {
        staged.push(stage_workbook(&settings, &members, &found, &out)?);
        outdated.clear();
    }
    out.publish(staged, &outdated)?;
    if !settings.quiet {
        let faces: Vec<Face<'_>> =
            found.iter().zip(&scenarios).map(|(it, other)| Face::new(it, other.title())).collect();
        terminal::note(&contrast::summary(&faces, base.deadline(), &out.path().join(COMPARISON), started.elapsed()));
    }
    Ok(())
}

fn simulate(settings: &Settings, base: &Scenario, others: &[&Scenario]) -> Result<Vec<Comparison>, CompareError> {
    let trials = settings.options.trials.saturating_mul(others.len() as u64 + 1);
    let progress = Progress::new(trials, settings.quiet);
    let watch = Watch { progress: &|trials| progress.add(trials), stop: &interrupt::STOP };
    simulate::compare(base, others, &settings.options, watch)
}

/// The workbook also shows what each scenario is compared from and to, so each is run as well.
fn stage_workbook(
    settings: &Settings,
    members: &[(&Member, &Scenario)],
    found: &[Comparison],
    out: &Folder,
) -> Result<Staged, Failure> {
    let options = RunOptions { growth: true, ..settings.options };
    let progress = Progress::new(options.trials.saturating_mul(members.len() as u64), settings.quiet);
    let watch = Watch { progress: &|trials| progress.add(trials), stop: &interrupt::STOP };
    let mut runs = Vec::new();
    for (at, (member, scenario)) in members.iter().enumerate() {
        let projection = simulate::run(scenario, &options, watch)
            .map_err(|error| explain(CompareError::Run { scenario: Some(at), error }, members))?;
        let about = About::of(scenario);
        let report = Report { about: &about, projection: &projection, dialect: Dialect::Plain };
        runs.push(workbook::finished(&report, &member.resolved.to_toml(), options.growth, &[])?);
    }
    let (base, _) = members[0];
    let title = base.family.to_string_lossy();
    workbook::stage(out, WORKBOOK, &title, &runs, Some(&family::table(found)?))
}

/// Rows are told apart by the ids of their scenarios.
fn refuse_ambiguous(others: &[(&Member, &Scenario)]) -> Result<(), Failure> {
    if others.is_empty() {
        return Err(Failure::Input(
            "there is nothing to compare the base with\n  = hint: name another scenario, or a folder that has one"
                .to_owned(),
        ));
    }
    for (at, (member, scenario)) in others.iter().enumerate() {
        if let Some((earlier, _)) = others[..at].iter().find(|(_, other)| other.id() == scenario.id()) {
            return Err(Failure::Input(format!(
                "`{}` and `{}` are both called `{}`\n  = hint: give one of them another `id`, or compare them one by one",
                earlier.path.display(),
                member.path.display(),
                scenario.id()
            )));
        }
    }
    Ok(())
}

fn warn_of_metrics(base: (&Member, &Scenario), others: &[(&Member, &Scenario)]) {
    for (member, other) in others.iter().filter(|(_, other)| other.metric() != base.1.metric()) {
        let metric = |scenario: &Scenario| About::of(scenario).metric.unwrap_or_else(|| "none".to_owned());
        terminal::note(&contrast::different_metric(
            (&base.0.path.display().to_string(), &metric(base.1)),
            (&member.path.display().to_string(), &metric(other)),
        ));
    }
}

fn explain(error: CompareError, members: &[(&Member, &Scenario)]) -> Failure {
    let path =
        |id: &str| members.iter().find(|(_, it)| it.id() == id).map(|(member, _)| member.path.display().to_string());
    match error {
        CompareError::Different { ref base, ref other, .. } => Failure::Input(format!(
            "{error}\n  = hint: `{}` and `{}` must agree in this",
            path(&other.0).unwrap_or_default(),
            path(&base.0).unwrap_or_default()
        )),
        CompareError::Run { error: RunError::Stopped, .. } => Failure::Interrupted,
        CompareError::Run { scenario: None, error } => Failure::Failed(error.to_string()),
        CompareError::Run { scenario: Some(idx), error } => {
            let (member, scenario) = members[idx];
            Failure::Failed(format!("scenario `{}` (`{}`): {error}", scenario.id(), member.path.display()))
        }
    }
}
