//! Large things, and values of every size: many flows, many steps, and quantiles next to those of the sorted trials.

mod common;

use common::{column, measure, run};
use tradewinds::projection::LEVELS;
use tradewinds::scenario::{Scenario, from_text};
use tradewinds::simulate::RunOptions;

fn scenario(horizon: &str, flows: &str) -> Scenario {
    let text = format!(
        "pair = {{ reporter = \"AAA\", partner = \"BBB\" }}\nvalue = {{ unit = \"USD million\" }}\n\
         horizon = {{ base = 2022, {horizon} }}\n{flows}"
    );
    from_text(&text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn flow(id: &str, base: f64) -> String {
    let (from, to) = if id.starts_with("exports") { ("AAA", "BBB") } else { ("BBB", "AAA") };
    format!("[[flow]]\nid = \"{id}\"\nfrom = \"{from}\"\nto = \"{to}\"\nbase_total = {base:e}\n")
}

/// Two flows of about the same size: their balance takes both signs and comes close to 0.
#[test]
fn quantiles_are_those_of_the_sorted_trials_at_any_size_and_sign() {
    const TRIALS: u64 = 20_000;
    for size in [2e-8, 1e-3, 7.0, 1e6, 1e13] {
        let flows = flow("exports.a", size) + &flow("imports.b", 1.1 * size);
        let scenario =
            scenario("end = 2024, step = \"quarter\"", &format!("{flows}[noise]\npermanent = {{ sd = 0.4 }}\n"));
        let options = RunOptions { trials: TRIALS, ..RunOptions::default() };
        let projection = run(&scenario, TRIALS);
        for id in ["exports.a", "total", "balance"] {
            let mut sorted = column(&scenario, &options, id, 1);
            sorted.sort_by(f64::total_cmp);
            let law = &measure(&projection, id).periods[1];
            for (level, found) in LEVELS.iter().zip(&law.quantiles) {
                let exact = sorted[(level * TRIALS as f64 - 1e-6).ceil() as usize - 1];
                let off = (found.value - exact).abs();
                assert!(
                    off <= 1e-3 * exact.abs() + 1e-9,
                    "{id} of size {size:e} at {level}: {} for {exact}",
                    found.value
                );
            }
            assert!(
                id != "balance" || sorted[0] < 0.0 && sorted[TRIALS as usize - 1] > 0.0,
                "the balance has one sign"
            );
        }
    }
}

/// The total of very many independent flows is known well: each is lognormal with mean `base exp(sd^2/2)`.
#[test]
fn thousands_of_flows_sum_to_their_mean() {
    const FLOWS: usize = 3000;
    let flows: String = (0..FLOWS).map(|at| flow(&format!("exports.p{at:04}"), 1.0)).collect();
    let scenario = scenario("end = 2023, step = \"year\"", &format!("{flows}[noise]\npermanent = {{ sd = 0.2 }}\n"));
    let projection = run(&scenario, 256);
    assert_eq!(projection.measures.len(), FLOWS + 4);
    common::close("the total", measure(&projection, "total").periods[0].mean, FLOWS as f64 * 0.02_f64.exp());
}

/// Fifty years of months: the log of the last month's rate has variance `50 sd^2`.
#[test]
fn fifty_years_of_months_spread_as_they_must() {
    let noise = "[noise]\npermanent = { sd = 0.05 }\n";
    let horizon = "end = 2072, step = \"month\", report = \"step\"";
    let scenario = scenario(horizon, &format!("{}{noise}", flow("exports.a", 100.0)));
    let projection = run(&scenario, 5000);
    let periods = &measure(&projection, "exports.a").periods;
    assert_eq!(periods.len(), 600);
    common::close("the last month's mean", periods[599].mean, 100.0 * (0.05_f64 * 0.05 * 50.0 / 2.0).exp());
}

/// Lanes of a block beyond the last trial may expect any number of events: what is never looked at must not be drawn.
#[test]
fn events_of_lanes_beyond_the_last_trial_take_no_time() {
    let shock = "[[driver]]\nid = \"strikes\"\nkind = \"shock\"\nrate = { dist = \"lognormal\", median = 0.01, sigma = 14 }\n\
                 size = { dist = \"normal\", mean = -0.1, sd = 0.05 }\n";
    let scenario = scenario("end = 2024, step = \"year\"", &format!("{}{shock}", flow("exports.a", 100.0)));
    assert_eq!(run(&scenario, 1).trials, 1);
}
