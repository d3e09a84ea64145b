//! `tradewinds fit`.

use std::path::Path;

use tradewinds::analysis::backtest::Options;
use tradewinds::analysis::fit::{self, FlowFit, Population, Stretch, stretches};
use tradewinds::history::{History, Series};
use tradewinds::report::{self, Fitted, FittedFlow};
use tradewinds::scenario::Scenario;

use super::args::FitArgs;
use super::batch;
use super::failure::Failure;
use super::folder::Folder;
use super::table;
use super::terminal;

pub fn fit(args: &FitArgs) -> Result<(), Failure> {
    let history = gather(args)?;
    let panel = stretches(&history);
    let last = panel.iter().map(Stretch::last).max();
    let until = args.until.or(last).ok_or_else(|| nothing("the tables hold no trade above zero"))?;
    let chosen = choose(&history, &panel, args, until)?;
    let shape = fit::fit_shape(&panel, until, &Options::default().prior);
    let prior = Population { share: shape.share.mean, ratio: shape.ratio.mean, ..Population::wide() };
    let pooled = fit::pool(&panel, until, &prior);
    let fits: Vec<FlowFit> = chosen.iter().map(|at| fit::fit_flow(&pooled, &panel, *at, until)).collect();
    let batch = args.extends.as_ref().map(|path| batch::load(std::slice::from_ref(path)));
    let members = batch.as_ref().map(|it| it.accept(&Default::default())).transpose()?;
    let scenario = members.as_ref().and_then(|it| it.first()).map(|(_, scenario)| *scenario);
    let flows: Vec<FittedFlow<'_>> = fits
        .iter()
        .map(|it| {
            let series = &history.series[panel[it.stretch].series];
            FittedFlow { series: describe(series), fit: it, ids: ids(scenario, series) }
        })
        .collect();
    let sources: Vec<String> = args.tables().map(|path| name(path)).collect();
    let extends = args.extends.as_deref().map(name);
    let found = Fitted {
        sources: &sources,
        until,
        stretches: panel.iter().filter(|it| !it.until(until).is_empty()).count(),
        growth: (pooled.growth.mean, pooled.growth.mean_se, pooled.growth.sd),
        shape,
        flows: &flows,
        correlations: fit::correlations(&panel, until),
        reporters: &fit::reporters(&history, until),
        extends: extends.as_deref(),
        steps: scenario.map_or(4, |it| it.horizon().steps_per_year()),
    };
    write(&found, &args.out)
}

fn write(found: &Fitted<'_>, out: &Path) -> Result<(), Failure> {
    let parent = out.parent().filter(|it| !it.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = Folder::prepare(parent.to_owned())?;
    folder.publish(vec![folder.stage(&name(out), |file| report::fitted(found, file))?], &[])?;
    terminal::note(&format!("{} flows fitted: {}\n", found.flows.len(), out.display()));
    Ok(())
}

/// All tables as one history.
fn gather(args: &FitArgs) -> Result<History, Failure> {
    let mut all = History::default();
    for path in args.tables() {
        all.series.extend(table::read(path)?.series);
    }
    Ok(all)
}

/// The stretches whose estimates are wanted: of the pair, or of every flow of the first table. Of each flow the one
/// that ends last, and of those the longest.
fn choose(history: &History, panel: &[Stretch], args: &FitArgs, until: i32) -> Result<Vec<usize>, Failure> {
    let wanted = |series: &Series| {
        let [a, b] = &args.pair[..] else { return true };
        let ends = (&series.from, &series.to);
        (ends == (a, b) || ends == (b, a)) && args.reporter.as_ref().is_none_or(|it| *it == series.reporter)
    };
    let mut chosen: Vec<usize> = Vec::new();
    for (at, stretch) in panel.iter().enumerate() {
        let series = &history.series[stretch.series];
        if !wanted(series) || stretch.until(until).is_empty() {
            continue;
        }
        let same = |other: &usize| {
            let it = &history.series[panel[*other].series];
            (&it.from, &it.to, &it.product) == (&series.from, &series.to, &series.product)
        };
        let rank = |it: &Stretch| (it.last().min(until), it.until(until).len());
        match chosen.iter().position(same) {
            Some(of) if rank(&panel[chosen[of]]) < rank(stretch) => chosen[of] = at,
            Some(_) => {}
            None => chosen.push(at),
        }
    }
    if chosen.is_empty() {
        return Err(nothing("no flow of the tables is wanted"));
    }
    Ok(chosen)
}

fn nothing(what: &str) -> Failure {
    Failure::Input(format!(
        "{what}\n  = hint: `tradewinds history FILE` shows what a table holds; --pair, --reporter and --until choose from it"
    ))
}

fn ids<'a>(scenario: Option<&'a Scenario>, series: &Series) -> Vec<&'a str> {
    scenario.map_or_else(Vec::new, |it| it.flows_between(&series.from, &series.to))
}

fn describe(series: &Series) -> String {
    let reporter = if series.reporter.is_empty() { "reporter not stated" } else { &series.reporter };
    format!("{} to {} {}({reporter})", series.from, series.to, spaced(&series.product))
}

fn spaced(product: &str) -> String {
    if product.is_empty() { String::new() } else { format!("{product} ") }
}

/// A path's last part.
fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |it| it.to_string_lossy().into_owned())
}
