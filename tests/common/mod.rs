//! Runs of scenarios written in a test, and how far what they find is from what is known.
#![allow(dead_code, reason = "each test file uses its part")]

use std::sync::atomic::AtomicBool;

use tradewinds::projection::{Distribution, DriverProjection, Estimate, MeasureProjection, Projection};
use tradewinds::scenario::{Scenario, from_text};
use tradewinds::simulate::{self, RunOptions, Watch};

/// Standard errors that an estimate may be off: a right one is further off once in 147,000 (6.8e-6), and the seeds
/// are fixed, so that a test which passes once always does.
pub const ALLOWED: f64 = 4.5;

static GO_ON: AtomicBool = AtomicBool::new(false);

/// Nobody looks on and nobody stops it.
pub fn unwatched() -> Watch<'static> {
    Watch { progress: &|_| {}, stop: &GO_ON }
}

/// A scenario with base year 2022 that ends after `years` years, and what `body` says.
pub fn scenario(years: i32, step: &str, body: &str) -> Scenario {
    scenario_with(&format!("end = {}, step = \"{step}\"", 2022 + years), body)
}

/// The same with the year's end published instead of the year's total: period `m * t - 1` is time `t`.
pub fn scenario_by_step(years: i32, step: &str, body: &str) -> Scenario {
    scenario_with(&format!("end = {}, step = \"{step}\", report = \"step\"", 2022 + years), body)
}

fn scenario_with(horizon: &str, body: &str) -> Scenario {
    let text = format!(
        "pair = {{ reporter = \"PAK\", partner = \"KAZ\" }}\nvalue = {{ unit = \"USD million\" }}\n\
         horizon = {{ base = 2022, {horizon} }}\n{body}"
    );
    from_text(&text).unwrap_or_else(|faults| panic!("{faults}\n{text}"))
}

/// One flow from the reporter, `x`, with further keys.
pub fn flow(base: f64, keys: &str) -> String {
    format!("[[flow]]\nid = \"x\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase = {base:?}\n{keys}\n")
}

/// Runs it with seed 1.
pub fn run(scenario: &Scenario, trials: u64) -> Projection {
    let options = RunOptions { trials, ..RunOptions::default() };
    simulate::run(scenario, &options, unwatched()).expect("the run succeeds")
}

/// The values of a measure in a period, by trial.
pub fn column(scenario: &Scenario, options: &RunOptions, measure: &str, period: usize) -> Vec<f64> {
    let shape = simulate::run(scenario, &RunOptions { trials: 1, ..*options }, unwatched()).expect("the run succeeds");
    let at = shape.measures.iter().position(|it| it.id == measure).expect("the measure exists");
    let (measures, periods) = (shape.measures.len(), shape.periods.len());
    let paths = simulate::paths(scenario, options, options.trials, unwatched()).expect("the run succeeds");
    (0..paths.trials as usize).map(|trial| paths.values[(trial * measures + at) * periods + period]).collect()
}

/// A measure by its id.
pub fn measure<'a>(projection: &'a Projection, id: &str) -> &'a MeasureProjection {
    projection.measures.iter().find(|it| it.id == id).expect("the measure exists")
}

/// The law of flow `x` in a period.
pub fn law(projection: &Projection, period: usize) -> &Distribution {
    &measure(projection, "x").periods[period]
}

/// A driver by its id.
pub fn driver<'a>(projection: &'a Projection, id: &str) -> &'a DriverProjection {
    projection.drivers.iter().find(|it| it.id == id).expect("the driver exists")
}

/// The probability of a target by its id.
pub fn target(projection: &Projection, id: &str) -> Estimate {
    projection.targets.iter().find(|it| it.id == id).expect("the target exists").probability
}

/// The estimate of a quantile.
pub fn quantile(law: &Distribution, level: f64) -> Estimate {
    let at = tradewinds::projection::LEVELS.iter().position(|it| (it - level).abs() < 1e-9);
    law.quantiles[at.expect("a published level")]
}

/// Standard errors between what was found and what is so.
pub fn z(found: Estimate, exact: f64) -> f64 {
    (found.value - exact) / found.standard_error.expect("enough trials for a standard error")
}

/// Fails if an estimate is too far off.
#[track_caller]
pub fn close(what: &str, found: Estimate, exact: f64) {
    let z = z(found, exact);
    assert!(z.abs() <= ALLOWED, "{what}: {} is {z:.2} standard errors from {exact}", found.value);
}

/// Fails if a number is not that number to 1e-9 relative.
#[track_caller]
pub fn equal(what: &str, found: f64, exact: f64) {
    assert!((found - exact).abs() <= 1e-9 * exact.abs(), "{what}: {found:e} is not {exact:e}");
}

/// The mean contribution of a driver at exposure 1, which is taken over 65,536 trials at most.
pub fn contribution(projection: &Projection, id: &str, period: usize) -> Estimate {
    let summary = driver(projection, id).contribution[period];
    Estimate { value: summary.mean, standard_error: Some(summary.sd / detailed(projection).sqrt()) }
}

/// The share of trials in which a driver is active.
pub fn active(projection: &Projection, id: &str, period: usize) -> Estimate {
    share(projection, driver(projection, id).active[period])
}

/// A share over the trials that drivers are described by.
pub fn share(projection: &Projection, value: f64) -> Estimate {
    Estimate { value, standard_error: Some((value * (1.0 - value) / detailed(projection)).sqrt()) }
}

fn detailed(projection: &Projection) -> f64 {
    projection.trials.min(tradewinds::projection::DETAIL_TRIALS) as f64
}

/// The sd of the logarithm of a lognormal number from its 5 and 95 % quantiles. The two correlate by 1/19.
pub fn sd_of_log(law: &Distribution) -> Estimate {
    let (low, high) = (quantile(law, 0.05), quantile(law, 0.95));
    let relative = |it: Estimate| it.standard_error.expect("enough trials") / it.value;
    let (a, b) = (relative(low), relative(high));
    let width = 2.0 * 1.6448536269514722;
    Estimate {
        value: (high.value / low.value).ln() / width,
        standard_error: Some((a * a + b * b - 2.0 / 19.0 * a * b).sqrt() / width),
    }
}
