//! What happens is drawn apart from how likely it is.

use std::sync::atomic::AtomicBool;

use tradewinds::scenario::from_text;
use tradewinds::simulate::{RunOptions, Watch, run};

const TRIALS: u64 = 40_000;

/// The share of trials in which an intervention is on at the end of the first year.
fn active_share(keys: &str) -> f64 {
    let scenario = from_text(&format!(
        r#"
        pair = {{ reporter = "AAA", partner = "BBB" }}
        value = {{ unit = "USD million", prices = "nominal" }}
        horizon = {{ base = 2022, end = 2023, step = "quarter" }}
        flow = [{{ id = "exports.tea", from = "AAA", to = "BBB", base = 100 }}]
        [[driver]]
        id = "deal"
        effect = 0.1
        {keys}
        "#
    ));
    let scenario = scenario.unwrap_or_else(|faults| panic!("{faults}"));
    let options = RunOptions { trials: TRIALS, threads: 1, ..RunOptions::default() };
    let watch = Watch { progress: &|_| (), stop: &AtomicBool::new(false) };
    run(&scenario, &options, watch).expect("a valid scenario runs").drivers[0].active[0]
}

/// Seed fixed. The tolerance is 5 standard errors: a false alarm in 2 of a million seeds.
fn check(keys: &str, probability: f64) {
    let share = active_share(keys);
    let tolerance = 5.0 * (probability * (1.0 - probability) / TRIALS as f64).sqrt();
    assert!((share - probability).abs() <= tolerance, "{share} for {probability}: {keys}");
}

#[test]
fn an_uncertain_chance_is_its_mean() {
    check(r#"chance = { dist = "beta", alpha = 2, beta = 4 }"#, 1.0 / 3.0);
}

#[test]
fn an_uncertain_hazard_of_the_start_is_averaged_over() {
    // 1 - E exp(-h), h uniform on (0, 1), is exp(-1).
    check(r#"start = { hazard = { dist = "uniform", min = 0, max = 1 } }"#, (-1.0_f64).exp());
}

#[test]
fn an_uncertain_hazard_of_the_end_is_averaged_over() {
    check(r#"ends = { hazard = { dist = "uniform", min = 0, max = 1 } }"#, 1.0 - (-1.0_f64).exp());
}
