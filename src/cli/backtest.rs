//! `tradewinds backtest`.

use std::fmt::Write as _;
use std::fs::File;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tradewinds::analysis::backtest::{self, Backtest, OWN, Options, Rival, Row};
use tradewinds::analysis::fit::{Stretch, stretches};
use tradewinds::history::History;
use tradewinds::report::{self, Dialect};

use super::args::BacktestArgs;
use super::failure::Failure;
use super::folder::Folder;
use super::interrupt;
use super::progress::Steps;
use super::table;
use super::terminal;

pub fn backtest(args: &BacktestArgs) -> Result<(), Failure> {
    let history = table::read(&args.panel, &table::layout(&args.table)?)?;
    let panel = stretches(&history);
    let rivals = rivals(args, &history, &panel)?;
    let mut horizons = args.horizons.clone();
    horizons.sort_unstable();
    horizons.dedup();
    let options = Options { horizons, ..Options::default() };
    let longest = panel.iter().map(|it| it.logs.len()).max().unwrap_or(0);
    if longest < options.least_years {
        return Err(Failure::Input(format!(
            "`{}` has nothing to score: its longest stretch without a gap or zero is {longest} years\n  = hint: a \
             backtest needs stretches of at least {} years",
            args.panel.display(),
            options.least_years
        )));
    }
    let out = Folder::prepare(args.out.clone())?;
    interrupt::listen()?;
    let started = Instant::now();
    let steps = Steps::new("origins", args.quiet);
    let found = backtest::backtest(&panel, &options, &rivals, &|done, total| {
        steps.at(done, total);
        !interrupt::STOP.load(Ordering::Relaxed)
    });
    drop(steps);
    let found = found.ok_or(Failure::Interrupted)?;
    if found.rows.is_empty() {
        return Err(Failure::Input(format!(
            "`{}` has nothing to score: no outcome lies {} years after a year with {} observations behind it\n  = hint: \
             choose shorter --horizons",
            args.panel.display(),
            options.horizons[0],
            options.least_known
        )));
    }
    for rival in rivals.iter().filter(|it| found.rows.iter().all(|row| row.model != it.name)) {
        terminal::note(&format!(
            "warning: none of the forecasts of `{}` is of a case that is scored\n  = hint: `origin` is the last year known, \
             `horizon` one of --horizons\n",
            rival.name
        ));
    }
    let staged = vec![
        out.stage("backtest.csv", |file| report::backtest(&found, Dialect::Plain, file))?,
        out.stage("pit.csv", |file| report::pit(&found, Dialect::Plain, file))?,
    ];
    out.publish(staged, &[])?;
    if !args.quiet {
        let place = out.path().join("backtest.csv");
        let seconds = started.elapsed().as_secs_f64();
        terminal::note(&format!("{}{} in {seconds:.1} s\n", summary(&found, &options.horizons), place.display()));
    }
    Ok(())
}

/// What other models forecast.
fn rivals(args: &BacktestArgs, history: &History, panel: &[Stretch]) -> Result<Vec<Rival>, Failure> {
    let mut all: Vec<Rival> = Vec::new();
    for path in &args.benchmark {
        let fault = |error: String| Failure::Input(format!("cannot take `{}`: {error}", path.display()));
        let file = File::open(path).map_err(|error| fault(error.to_string()))?;
        for rival in backtest::rivals(file, history, panel).map_err(fault)? {
            if all.iter().any(|it| it.name == rival.name) {
                let both = format!("`{}` stands in another file as well\n  = hint: one file a model", rival.name);
                return Err(fault(both));
            }
            all.push(rival);
        }
    }
    Ok(all)
}

/// The scores of all flows.
fn summary(found: &Backtest, horizons: &[u32]) -> String {
    let mut text = format!(
        "{} flows, {} origins, {} outcomes zero or not observed and so not scored\n{:>8} {:>12} {:>8} {:>10} {:>8}\n",
        found.series, found.origins, found.unscored, "years", "model", "CRPS", "worse by", "90 %"
    );
    for years in horizons.iter().filter(|years| found.rows.iter().all(|row| row.horizon != **years)) {
        let _ = writeln!(text, "{years:>8} no outcome lies so far ahead");
    }
    for row in found.rows.iter().filter(|row| row.size == "all") {
        let _ = writeln!(
            text,
            "{:>8} {:>12} {:>8.4} {:>10} {:>7.1}%",
            row.horizon,
            row.model,
            row.crps.value,
            against(row),
            100.0 * row.covered[2]
        );
    }
    text
}

fn against(row: &Row) -> String {
    if row.model == OWN {
        return String::new();
    }
    format!("{:+.1} %", 100.0 * row.difference.value / (row.crps.value - row.difference.value))
}
