//! Tables of observed trade as they are downloaded: headers are those of the publishers, values are made up.

#[path = "../common/mod.rs"]
mod common;
mod faults;
mod layouts;
mod program;
mod properties;
mod scenarios;

use tradewinds::diagnostic::{Severity, Sources, render};
use tradewinds::history::{History, Layout, read_named};

/// A table that has no faults.
fn read(text: &str, layout: &Layout) -> History {
    let (history, said, has_errors) = read_with_faults(text, layout);
    assert!(!has_errors && said.is_empty(), "{said}");
    history
}

/// A table, what is said about it, and whether an error is among that.
fn read_with_faults(text: &str, layout: &Layout) -> (History, String, bool) {
    let mut sources = Sources::default();
    let reading = read_named("trade.csv", text.as_bytes(), layout, &mut sources);
    let has_errors = reading.diagnostics.iter().any(|fault| fault.severity == Severity::Error);
    (reading.history, render(&reading.diagnostics, &sources, false), has_errors)
}

/// A series a line: from, to, product, reporter, valuation, and its years, values to nine decimals.
fn shown(history: &History) -> Vec<String> {
    let series = history.series.iter().map(|it| {
        let years: Vec<String> =
            it.observations.iter().map(|it| format!("{}={}", it.year, (it.value * 1e9).round() / 1e9)).collect();
        let names = [&it.from[..], &it.to, &it.product, &it.reporter, it.valuation.name()];
        format!("{} {}", names.join("|"), years.join(" "))
    });
    series.collect()
}
