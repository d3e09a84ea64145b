//! `tradewinds backtest`.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tradewinds::analysis::backtest::{self, Backtest, OWN, Options, Row};
use tradewinds::analysis::fit::stretches;
use tradewinds::report::{self, Dialect};

use super::args::BacktestArgs;
use super::failure::Failure;
use super::folder::Folder;
use super::interrupt;
use super::progress::Steps;
use super::table;
use super::terminal;

pub fn backtest(args: &BacktestArgs) -> Result<(), Failure> {
    let panel = stretches(&table::read(&args.panel)?);
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
    let found = backtest::backtest(&panel, &options, &|done, total| {
        steps.at(done, total);
        !interrupt::STOP.load(Ordering::Relaxed)
    });
    drop(steps);
    let found = found.ok_or(Failure::Interrupted)?;
    let staged = vec![
        out.stage("backtest.csv", |file| report::backtest(&found, Dialect::Plain, file))?,
        out.stage("pit.csv", |file| report::pit(&found, Dialect::Plain, file))?,
    ];
    out.publish(staged, &[])?;
    if !args.quiet {
        let place = out.path().join("backtest.csv");
        let seconds = started.elapsed().as_secs_f64();
        terminal::note(&format!("{}{} in {seconds:.1} s\n", summary(&found), place.display()));
    }
    Ok(())
}

/// The scores of all flows.
fn summary(found: &Backtest) -> String {
    let mut text = format!(
        "{} flows, {} origins, {} outcomes zero or not observed and so not scored\n{:>8} {:>12} {:>8} {:>10} {:>8}\n",
        found.series, found.origins, found.unscored, "years", "model", "CRPS", "against us", "90 %"
    );
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
