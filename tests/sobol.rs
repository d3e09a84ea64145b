//! `--sampling sobol`: the same laws as random draws give, with smaller errors, the same bytes however it is run, and
//! standard errors that are right.
//!
//! Standard errors come from 16 randomisations: an estimate over its error has Student's law with 15 degrees of freedom,
//! beyond 7 in 4 of a million samples. The seeds are fixed.

mod common;

use common::{measure, unwatched};
use tradewinds::projection::{Estimate, LEVELS, Projection};
use tradewinds::report::{About, Dialect, FILES, Report, growth, trials};
use tradewinds::scenario::{Scenario, from_text};
use tradewinds::simulate::{self, Origin, Partial, RunOptions, Sampling, Shard, Simulation};
use tradewinds::vector::Vectors;

const ALLOWED: f64 = 7.0;

fn scenario(step: &str, report: &str, body: &str) -> Scenario {
    let text = format!(
        "pair = {{ reporter = \"AAA\", partner = \"BBB\" }}\nvalue = {{ unit = \"USD million\" }}\n\
         horizon = {{ base = 2022, end = 2028, step = \"{step}\", report = \"{report}\" }}\n{body}"
    );
    from_text(&text).unwrap_or_else(|faults| panic!("{faults}"))
}

const FLOWS: &str = r#"
[[flow]]
id = "exports.a"
from = "AAA"
to = "BBB"
base_total = { dist = "lognormal", median = 80, sigma = 0.2 }
[[flow]]
id = "imports.b"
from = "BBB"
to = "AAA"
base_total = 50
[noise]
permanent = { sd = 0.2 }
correlation = { default = 0.4 }
"#;

const DRIVERS: &str = r#"
[[driver]]
id = "deal"
chance = 0.6
effect = { dist = "normal", mean = 0.2, sd = 0.1 }
start = { dist = "triangular", min = 2023.0, mode = 2024.0, max = 2026.0 }
[[driver]]
id = "fair"
kind = "cargo"
rate = 0.4
size = 10
flow = "exports.a"
[[target]]
id = "goal"
measure = "total"
at_least = 200
by = 2028
"#;

fn rich() -> Scenario {
    scenario("quarter", "year", &format!("{FLOWS}{DRIVERS}"))
}

fn options(trials: u64, seed: u64) -> RunOptions {
    RunOptions { trials, seed, sampling: Sampling::Sobol, growth: true, ..RunOptions::default() }
}

fn run(scenario: &Scenario, options: &RunOptions) -> Projection {
    simulate::run(scenario, options, unwatched()).expect("the run succeeds")
}

fn bytes(scenario: &Scenario, options: &RunOptions, projection: &Projection) -> Vec<u8> {
    let about = About::of(scenario);
    let report = Report { about: &about, projection, dialect: Dialect::default() };
    let mut bytes = Vec::new();
    for (_, write) in FILES {
        write(&report, &mut bytes).expect("memory can be written");
    }
    growth(&report, &mut bytes).expect("memory can be written");
    let paths = simulate::paths(scenario, options, 1500, unwatched()).expect("the run succeeds");
    trials(&report, &paths, &mut bytes).expect("memory can be written");
    bytes
}

#[test]
fn the_bytes_depend_neither_on_threads_nor_on_vectors_nor_on_shards() {
    let scenario = rich();
    let options = options(20_000, 3);
    let projection = run(&scenario, &options);
    assert_eq!(projection.trials, 32_768);
    let whole = bytes(&scenario, &options, &projection);
    for (threads, vectors) in [(1, Vectors::widest()), (7, Vectors::widest()), (2, Vectors::baseline())] {
        let other = RunOptions { threads, vectors, ..options };
        assert!(bytes(&scenario, &other, &run(&scenario, &other)) == whole, "{threads} threads");
    }
    for count in [3, 64] {
        let part = |number: u64| {
            let mut simulation = Simulation::new(&scenario, &options, Shard { number, count }).expect("it fits");
            simulation.advance(u64::MAX, unwatched()).expect("the run succeeds");
            let mut bytes = Vec::new();
            simulation.write_partial(origin(), &mut bytes).expect("memory takes all bytes");
            Partial::from_bytes(&bytes).expect("what was written can be read")
        };
        let parts = (1..=count).rev().map(part).collect();
        let merged = Simulation::merge(&scenario, &RunOptions::default(), parts).expect("it fits").expect("a whole");
        let projection = merged.finish().expect("it is complete");
        assert!(bytes(&scenario, &options, &projection) == whole, "{count} shards");
    }
}

fn origin() -> Origin {
    let (family, id, resolved, version) = Default::default();
    Origin { family, id, resolved, observed: Vec::new(), sources: Vec::new(), version }
}

#[test]
fn parts_of_another_sampling_are_strangers() {
    let scenario = rich();
    let part = |sampling: Sampling| {
        let options = RunOptions { trials: 16_384, sampling, ..RunOptions::default() };
        Simulation::new(&scenario, &options, Shard::WHOLE).expect("it fits").partial(origin())
    };
    assert!(part(Sampling::Sobol).belongs_with(&part(Sampling::Random)).is_err());
    assert!(part(Sampling::Sobol).belongs_with(&part(Sampling::Sobol)).is_ok());
}

/// A walk is lognormal at every step: at the knots, between them, with steps of a year, a quarter and a month.
#[test]
fn the_noise_keeps_its_law_at_every_step() {
    let flow =
        "[[flow]]\nid = \"exports.a\"\nfrom = \"AAA\"\nto = \"BBB\"\nbase = 100\n[noise]\npermanent = { sd = 0.3 }\n";
    for (step, a_year) in [("year", 1.0), ("quarter", 4.0), ("month", 12.0)] {
        let projection = run(&scenario(step, "step", flow), &RunOptions { growth: false, ..options(16_384, 5) });
        for (at, law) in measure(&projection, "exports.a").periods.iter().enumerate() {
            let variance = 0.09 * (at + 1) as f64 / a_year;
            let mean = 100.0 * (variance / 2.0).exp();
            check(&format!("mean of {step} {at}"), law.mean, mean, 0.0);
            check(&format!("sd of {step} {at}"), law.sd, mean * variance.exp_m1().sqrt(), 0.0);
            for (&level, &found) in LEVELS.iter().zip(&law.quantiles) {
                let exact = 100.0 * (variance.sqrt() * tradewinds::quantity::inverse_normal(level)).exp();
                check(&format!("{level} of {step} {at}"), found, exact, 0.001 * exact);
            }
        }
    }
}

/// `slack` is what the method of a statistic may be off by.
#[track_caller]
fn check(what: &str, found: Estimate, exact: f64, slack: f64) {
    let error = found.standard_error.expect("there are enough trials");
    let beyond = ((found.value - exact).abs() - slack).max(0.0);
    assert!(beyond <= ALLOWED * error, "{what}: {} for {exact}, standard error {error}", found.value);
}

#[test]
fn figures_are_those_of_random_draws() {
    let scenario = rich();
    let sobol = run(&scenario, &options(65_536, 1));
    let random = run(&scenario, &RunOptions { sampling: Sampling::Random, ..options(200_000, 2) });
    for (ours, theirs) in sobol.measures.iter().zip(&random.measures) {
        for (ours, theirs) in ours.periods.iter().zip(&theirs.periods) {
            let all =
                |law: &tradewinds::projection::Distribution| [vec![law.mean, law.sd], law.quantiles.clone()].concat();
            for (at, (ours, theirs)) in all(ours).into_iter().zip(all(theirs)).enumerate() {
                let error = ours.standard_error.unwrap().hypot(theirs.standard_error.unwrap());
                let beyond = ((ours.value - theirs.value).abs() - 1e-3 * theirs.value.abs()).max(0.0);
                assert!(beyond <= ALLOWED * error, "statistic {at}: {} and {}", ours.value, theirs.value);
            }
        }
    }
    let (ours, theirs) = (sobol.targets[0].probability, random.targets[0].probability);
    assert!((ours.value - theirs.value).abs() <= ALLOWED * theirs.standard_error.unwrap());
    // The years of first reaching it have errors of the same making.
    assert_eq!(sobol.targets[0].first_reached.last().unwrap().by_then, ours);
    assert_eq!(random.targets[0].first_reached.last().unwrap().by_then, theirs);
}

/// Over seeds the mean of the last year scatters as its standard error says, and less than random draws by far.
#[test]
fn standard_errors_are_right_and_small() {
    const SEEDS: u64 = 24;
    let scenario = scenario("year", "year", FLOWS);
    let last = |sampling: Sampling, seed: u64| {
        let projection = run(&scenario, &RunOptions { sampling, growth: false, ..options(16_384, seed) });
        measure(&projection, "total").periods[5].mean
    };
    let found: Vec<Estimate> = (1..=SEEDS).map(|seed| last(Sampling::Sobol, seed)).collect();
    let mean = found.iter().map(|it| it.value).sum::<f64>() / SEEDS as f64;
    let scatter = found.iter().map(|it| (it.value - mean).powi(2)).sum::<f64>() / (SEEDS - 1) as f64;
    let claimed = found.iter().map(|it| it.standard_error.unwrap().powi(2)).sum::<f64>() / SEEDS as f64;
    // A ratio of a chi-square with 23 degrees to one with 360: beyond a factor of 3 in less than 2 of a hundred thousand.
    assert!((1.0 / 3.0..3.0).contains(&(scatter / claimed)), "{scatter:e} for {claimed:e}");
    let random = last(Sampling::Random, 1).standard_error.unwrap().powi(2);
    assert!(random / claimed > 8.0, "{}", random / claimed);
}
