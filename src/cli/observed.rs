//! `tradewinds history SCENARIO`: what the `[history]` of a scenario observes.

use tradewinds::diagnostic::{Severity, render};
use tradewinds::history::Summary;
use tradewinds::scenario::{ObservedSeries, Scenario, observe};
use tradewinds::simulate::RunOptions;

use super::args::{HistoryArgs, TableArgs};
use super::batch;
use super::failure::Failure;
use super::glance::without_empty_columns;
use super::summary::{aligned, decimals, number, row};
use super::terminal;

pub fn show(args: &HistoryArgs) -> Result<(), Failure> {
    if speaks_of_a_table(args) {
        return Err(Failure::Input(format!(
            "`{}` is a scenario, and the other options are for tables\n  = hint: a scenario says in `[history]` what its \
             table is; name the table itself to look at it",
            args.file.display()
        )));
    }
    let mut batch = batch::load(std::slice::from_ref(&args.file));
    let scenario = match &batch.accept(&RunOptions::default())?[..] {
        [(_, scenario)] => (*scenario).clone(),
        _ => return Ok(()),
    };
    let Some(spec) = scenario.history() else {
        return Err(Failure::Input(format!(
            "`{}` has no `[history]`\n  = hint: `[history]` with `file = \"trade.csv\"` says what was observed",
            args.file.display()
        )));
    };
    let observed = observe(&scenario, &batch::read_table, &mut batch.sources);
    terminal::note(&render(&observed.diagnostics, &batch.sources, terminal::color()));
    if observed.diagnostics.iter().any(|fault| fault.severity == Severity::Error) {
        return Err(Failure::Input(format!("`{}` cannot be taken as it is", spec.file())));
    }
    terminal::print(text(&scenario, spec.file(), &observed.series).as_bytes())
}

fn speaks_of_a_table(args: &HistoryArgs) -> bool {
    let HistoryArgs { from, to, csv, json, .. } = args;
    let TableArgs { columns, unit, valuation, groups, .. } = &args.table;
    let has_words = [from, to, columns, unit].iter().any(|it| it.is_some());
    has_words || valuation.is_some() || *groups || *csv || *json
}

fn text(scenario: &Scenario, file: &str, series: &[ObservedSeries]) -> String {
    let head = format!("{}: observed in {file} up to the base year, in {}\n\n", scenario.title(), scenario.unit());
    let mut rows = vec![row(
        ["observed", "reporter", "bias", "error", "years"],
        ["values", "gaps", "zeros", "last"].map(str::to_owned),
    )];
    rows.extend(series.iter().map(|it| {
        let summary = Summary::of(&it.observations);
        let years = format!("{}-{}", summary.first, summary.last);
        let error = it.error.as_ref().map_or_else(String::new, |error| error.in_words());
        row(
            [&it.name, &it.reporter, &it.bias.in_words(), &error, &years],
            [
                summary.observations.to_string(),
                summary.gaps.to_string(),
                summary.zeros.to_string(),
                number(summary.last_value, decimals(summary.last_value)),
            ],
        )
    }));
    head + &aligned(&without_empty_columns(rows), 5)
}
