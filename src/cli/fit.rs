//! `tradewinds fit`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use tradewinds::analysis::backtest::Options;
use tradewinds::analysis::fit::{self, FlowFit, Observed, Population, Stretch, stretches};
use tradewinds::history::{self, History, Layout, Series};
use tradewinds::report::{self, Fitted, FittedFlow};
use tradewinds::scenario::Scenario;

use super::args::FitArgs;
use super::batch;
use super::failure::Failure;
use super::folder::Folder;
use super::interrupt;
use super::progress::Steps;
use super::table;
use super::terminal;

pub fn fit(args: &FitArgs) -> Result<(), Failure> {
    let out = place(args);
    refuse_strange_places(args, &out)?;
    let own = table::read(&args.table, &table::layout(&args.form)?)?;
    let batch = args.extends.as_ref().map(|path| batch::load(std::slice::from_ref(path)));
    let members = batch.as_ref().map(|it| it.accept(&Default::default())).transpose()?;
    let scenario = members.as_ref().and_then(|it| it.first()).map(|(_, scenario)| *scenario);
    let until = until(args, &own, scenario)?;
    let wanted = wanted(&own, args, until)?;
    if let Some(scenario) = scenario {
        fits_to(scenario, &wanted, args)?;
    }
    if let (Some(batch), Some(members)) = (&batch, &members) {
        let files = members.iter().flat_map(|(member, _)| batch.digests(member)).map(|it| PathBuf::from(it.file));
        refuse_to_overwrite(&out, files)?;
    }
    let history = gather(args, own.clone())?;
    let panel = stretches(&history);
    let (folder, name) = Folder::of_file(&out)?;
    interrupt::listen()?;
    let found = estimate(&panel, &wanted, until, args.quiet).ok_or(Failure::Interrupted)?;
    let flows: Vec<FittedFlow<'_>> = wanted
        .iter()
        .zip(&found.flows)
        .map(|(of, fit)| FittedFlow { series: of.in_words(), fit, ids: of.ids(scenario) })
        .collect();
    let sources: Vec<String> = std::iter::once(&args.table).chain(&args.panel).map(|path| file_name(path)).collect();
    let extends = args.extends.as_deref().map(file_name);
    let schema = args.extends.as_deref().map_or_else(String::new, schema_line);
    let overlay = Fitted {
        command: &command(std::env::args().skip(1)),
        schema: &schema,
        sources: &sources,
        until,
        stretches: panel.iter().filter(|it| !it.until(until).is_empty()).count(),
        growth: found.growth,
        shape: found.shape,
        flows: &flows,
        correlations: fit::correlations(&panel, until),
        reporters: &fit::reporters(&own, until),
        extends: extends.as_deref(),
        counted: &each_once(&args.counted),
        steps: scenario.map_or(4, |it| it.horizon().steps_per_year()),
    };
    folder.publish(vec![folder.stage(&name, |file| report::fitted(&overlay, file))?], &[])?;
    if !args.quiet {
        terminal::note(&format!("{} flows fitted: {}\n", flows.len(), out.display()));
    }
    Ok(())
}

/// Where the overlay goes: beside the scenario, if nothing else is said.
fn place(args: &FitArgs) -> PathBuf {
    let beside = || args.extends.as_deref().unwrap_or(Path::new("")).with_file_name("fitted.toml");
    args.out.clone().unwrap_or_else(beside)
}

/// What is read is not to be written over, and an overlay lies beside what it extends, which it names by its file name.
fn refuse_strange_places(args: &FitArgs, out: &Path) -> Result<(), Failure> {
    refuse_to_overwrite(out, [&args.table].into_iter().chain(&args.panel).chain(&args.extends).cloned())?;
    let Some(scenario) = &args.extends else { return Ok(()) };
    if scenario.as_os_str() == "-" {
        let hint = "= hint: save the scenario to a file first";
        return Err(Failure::Input(format!("--extends: an overlay cannot name standard input\n  {hint}")));
    }
    let folder = |path: &Path| {
        let parent = path.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
        parent.canonicalize().unwrap_or_else(|_| parent.to_owned())
    };
    if folder(out) == folder(scenario) {
        return Ok(());
    }
    Err(Failure::Input(format!(
        "`{}` does not lie beside `{}`, which it is to extend\n  = hint: --out {}",
        out.display(),
        scenario.display(),
        scenario.with_file_name(out.file_name().unwrap_or_default()).display()
    )))
}

fn refuse_to_overwrite(out: &Path, read: impl IntoIterator<Item = PathBuf>) -> Result<(), Failure> {
    let Ok(target) = out.canonicalize() else { return Ok(()) };
    if read.into_iter().all(|path| path.canonicalize().map_or(true, |path| path != target)) {
        return Ok(());
    }
    Err(Failure::Input(format!(
        "`{}` is read, and would be written over\n  = hint: choose another file with --out",
        out.display()
    )))
}

/// Without those that stand there before.
fn each_once(ids: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    ids.iter().filter(|id| seen.insert(*id)).cloned().collect()
}

/// All that is estimated.
struct Found {
    shape: fit::Shape,
    growth: (f64, f64, f64),
    flows: Vec<FlowFit>,
}

/// Nothing if the user stops it.
fn estimate(panel: &[Stretch], wanted: &[Wanted<'_>], until: i32, quiet: bool) -> Option<Found> {
    let steps = Steps::new("steps", quiet);
    let progress = |done: usize, total: usize| {
        steps.at(done, total);
        !interrupt::STOP.load(Ordering::Relaxed)
    };
    let shape = fit::fit_shape(panel, until, &Options::default().prior, &progress)?;
    let prior = Population { share: shape.share.mean, ratio: shape.ratio.mean, ..Population::wide() };
    let pooled = fit::pool(panel, until, &prior);
    let mut flows = Vec::new();
    for (done, of) in wanted.iter().enumerate() {
        if !progress(done, wanted.len()) {
            return None;
        }
        flows.push(fit::fit_flow(&pooled, &of.seen));
    }
    Some(Found { shape, growth: (pooled.growth.mean, pooled.growth.mean_se, pooled.growth.sd), flows })
}

/// The last year to look at: of a scenario nothing after its base year.
fn until(args: &FitArgs, own: &History, scenario: Option<&Scenario>) -> Result<i32, Failure> {
    let last = own.series.iter().flat_map(|it| &it.observations).map(|it| it.year).max();
    args.until
        .or(scenario.map(|it| it.horizon().projected_years().start() - 1))
        .or(last)
        .ok_or_else(|| nothing("the table holds no trade"))
}

/// The first table with those of the panel. A series counts once, as the first table has it.
fn gather(args: &FitArgs, own: History) -> Result<History, Failure> {
    let identity = |it: &Series| [&it.from, &it.to, &it.product, &it.reporter].map(String::clone);
    let mut known: HashSet<[String; 4]> = own.series.iter().map(identity).collect();
    let mut all = own;
    for path in &args.panel {
        let series = table::read(path, &Layout::default())?.series;
        all.series.extend(series.into_iter().filter(|it| known.insert(identity(it))));
    }
    Ok(all)
}

/// A flow that is to be estimated.
struct Wanted<'a> {
    own: &'a Series,
    mirror: Option<&'a Series>,
    seen: Observed,
}

impl Wanted<'_> {
    fn in_words(&self) -> String {
        let Series { from, to, product, reporter, .. } = self.own;
        let product = if product.is_empty() { String::new() } else { format!(", {product}") };
        let reporter = if reporter.is_empty() { "no reporter stated" } else { reporter };
        let mirror = self.mirror.map_or_else(String::new, |it| format!(" with mirror {}", it.reporter));
        format!("{from} to {to}{product} ({reporter}{mirror})")
    }

    fn ids<'s>(&self, scenario: Option<&'s Scenario>) -> Vec<&'s str> {
        scenario.map_or_else(Vec::new, |it| it.flows_between(&self.own.from, &self.own.to))
    }
}

/// The flows of the pair, or all of the table. Of each the reporter that is one of the two countries, if there is one,
/// whose series ends last and has most observations; as its mirror the other one of the two.
fn wanted<'a>(own: &'a History, args: &FitArgs, until: i32) -> Result<Vec<Wanted<'a>>, Failure> {
    let pair: Vec<String> = args.pair.iter().map(|it| history::country(it)).collect();
    if !pair.is_empty() && pair.len() != 2 {
        return Err(Failure::Input("--pair: two countries make a pair\n  = hint: such as --pair PAK,KAZ".to_owned()));
    }
    let reporter = args.reporter.as_deref().map(history::country);
    let is_wanted =
        |it: &Series| it.from != it.to && (pair.is_empty() || (pair.contains(&it.from) && pair.contains(&it.to)));
    let takes_part = |it: &Series| it.reporter == it.from || it.reporter == it.to;
    let years = |it: &Series| it.observations.iter().filter(|it| it.value > 0.0 && it.year <= until).count();
    let last = |it: &Series| it.observations.iter().rfind(|it| it.value > 0.0 && it.year <= until).map(|it| it.year);
    let mut found = Vec::new();
    // The series of one flow stand side by side.
    for of_flow in own.series.chunk_by(|a, b| (&a.from, &a.to, &a.product) == (&b.from, &b.to, &b.product)) {
        let candidates =
            of_flow.iter().filter(|it| is_wanted(it) && reporter.as_ref().is_none_or(|own| *own == it.reporter));
        let Some(chosen) = candidates.max_by_key(|it| (takes_part(it), last(it), years(it))) else { continue };
        let is_mirror = |it: &&Series| takes_part(it) && it.reporter != chosen.reporter;
        let mirror = of_flow.iter().filter(is_mirror).max_by_key(|it| years(it)).filter(|it| years(it) > 0);
        if let Some(seen) = Observed::series(chosen, mirror, until) {
            found.push(Wanted { own: chosen, mirror, seen });
        }
    }
    if found.is_empty() { Err(nothing("no flow of the table is wanted")) } else { Ok(found) }
}

/// Sees that the overlay would lie on something.
fn fits_to(scenario: &Scenario, wanted: &[Wanted<'_>], args: &FitArgs) -> Result<(), Failure> {
    if wanted.iter().all(|it| it.ids(Some(scenario)).is_empty()) {
        return Err(Failure::Input(
            "no flow of the scenario goes between countries of the table\n  = hint: the scenario's flows need `from` and \
             `to`, written as `tradewinds history FILE` shows them"
                .to_owned(),
        ));
    }
    let known: Vec<&str> = scenario.driver_ids().collect();
    match args.counted.iter().find(|id| !known.contains(&id.as_str())) {
        None => Ok(()),
        Some(id) => Err(Failure::Input(format!(
            "--counted: the scenario has no driver `{id}`\n  = hint: it has {}",
            known.join(", ")
        ))),
    }
}

fn nothing(what: &str) -> Failure {
    Failure::Input(format!(
        "{what}\n  = hint: `tradewinds history FILE` shows what a table holds; --pair, --reporter and --until choose from it"
    ))
}

/// The line by which editors find the schema of a scenario; empty if it has none.
fn schema_line(scenario: &Path) -> String {
    let text = std::fs::read_to_string(scenario).unwrap_or_default();
    text.lines().next().filter(|line| line.starts_with("#:schema")).unwrap_or_default().to_owned()
}

/// How this program was called, as a shell takes it, on one line. What changes nothing in the file is left out.
fn command(arguments: impl Iterator<Item = String>) -> String {
    let arguments = arguments.filter(|it| it != "-q" && it != "--quiet").map(|it| it.replace(char::is_control, "?"));
    let is_plain = |c: char| c.is_alphanumeric() || "-_./,=:+".contains(c);
    let quoted = |it: String| if it.chars().all(is_plain) { it } else { format!("'{}'", it.replace('\'', r"'\''")) };
    std::iter::once("tradewinds".to_owned()).chain(arguments.map(quoted)).collect::<Vec<String>>().join(" ")
}

/// A path's last part.
fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |it| it.to_string_lossy().replace(char::is_control, "?"))
}
