//! Whether the published standard errors are those of the estimates: over many seeds the distance from the exact
//! value, in standard errors, must have mean 0 and variance 1.

mod common;

use common::{flow, law, quantile, scenario, target, unwatched, z};
use tradewinds::projection::Projection;
use tradewinds::scenario::Scenario;
use tradewinds::simulate::{self, RunOptions};

const SEEDS: u64 = 200;
const TRIALS: u64 = 2_000;

fn runs(scenario: &Scenario) -> Vec<Projection> {
    let options = |seed| RunOptions { trials: TRIALS, seed, threads: 1, ..RunOptions::default() };
    (1..=SEEDS).map(|seed| simulate::run(scenario, &options(seed), unwatched()).expect("the run succeeds")).collect()
}

/// A variance over 200 normal numbers has an sd of sqrt(2 / 200) = 0.1, their mean one of sqrt(1 / 200). Both are
/// allowed 4.5 of their own, which a right program exceeds once in 147,000 (6.8e-6) at new seeds.
#[track_caller]
fn standard(what: &str, scores: &[f64]) {
    let n = scores.len() as f64;
    let mean = scores.iter().sum::<f64>() / n;
    let variance = scores.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / (n - 1.0);
    assert!(mean.abs() < 4.5 * (1.0 / n).sqrt(), "{what}: mean {mean}");
    assert!((variance - 1.0).abs() < 4.5 * (2.0 / n).sqrt(), "{what}: variance {variance}");
}

#[test]
fn errors_of_a_lognormal_flow() {
    let body = flow(100.0, "")
        + "[noise]\npermanent = { sd = 0.2 }\n\
           [[target]]\nid = \"goal\"\nmeasure = \"x\"\nat_least = 120\nin = 2023\n";
    let runs = runs(&scenario(1, "year", &body));
    let scores = |score: &dyn Fn(&Projection) -> f64| -> Vec<f64> { runs.iter().map(score).collect() };
    let variance: f64 = 0.2 * 0.2;
    let mean = 100.0 * (variance / 2.0).exp();
    standard("mean", &scores(&|run| z(law(run, 0).mean, mean)));
    standard("sd", &scores(&|run| z(law(run, 0).sd, mean * variance.exp_m1().sqrt())));
    standard("median", &scores(&|run| z(quantile(law(run, 0), 0.5), 100.0)));
    // The normal quantile at 0.05, and the normal's upper tail at ln(1.2) / 0.2 = 0.911608.
    standard("p05", &scores(&|run| z(quantile(law(run, 0), 0.05), 100.0 * (-0.2 * 1.6448536269514722_f64).exp())));
    standard("goal", &scores(&|run| z(target(run, "goal"), 0.18098761)));
}

#[test]
fn errors_where_many_trials_share_a_value() {
    let body = flow(100.0, "")
        + "[[driver]]\nid = \"deal\"\nchance = 0.6\neffect = 0.3\n\
           [[target]]\nid = \"goal\"\nmeasure = \"x\"\nat_least = 101\nin = 2023\n";
    let runs = runs(&scenario(1, "year", &body));
    let scores = |score: &dyn Fn(&Projection) -> f64| -> Vec<f64> { runs.iter().map(score).collect() };
    let high = 100.0 * 0.3_f64.exp();
    standard("mean", &scores(&|run| z(law(run, 0).mean, 40.0 + 0.6 * high)));
    standard("sd", &scores(&|run| z(law(run, 0).sd, (high - 100.0) * (0.6_f64 * 0.4).sqrt())));
    standard("goal", &scores(&|run| z(target(run, "goal"), 0.6)));
    // A quantile on an atom is the atom, and no sample of this size moves it.
    for run in &runs {
        for (level, exact) in [(0.2, 100.0), (0.5, high), (0.95, high)] {
            let found = quantile(law(run, 0), level);
            assert!((found.value - exact).abs() <= 1e-9 * exact, "{level}: {} is not {exact}", found.value);
            assert_eq!(found.standard_error, Some(0.0), "{level}");
        }
    }
}

#[test]
fn errors_of_an_atom_within_a_continuous_law() {
    // Nothing happens with probability 0.3; otherwise the effect is uniform on (0, 1).
    let body = flow(100.0, "")
        + "[[driver]]\nid = \"deal\"\nchance = 0.7\neffect = { dist = \"uniform\", min = 0, max = 1 }\n";
    let runs = runs(&scenario(1, "year", &body));
    let scores = |score: &dyn Fn(&Projection) -> f64| -> Vec<f64> { runs.iter().map(score).collect() };
    let e = std::f64::consts::E;
    standard("mean", &scores(&|run| z(law(run, 0).mean, 30.0 + 70.0 * (e - 1.0))));
    standard("median", &scores(&|run| z(quantile(law(run, 0), 0.5), 100.0 * (2.0_f64 / 7.0).exp())));
    standard("p90", &scores(&|run| z(quantile(law(run, 0), 0.9), 100.0 * (6.0_f64 / 7.0).exp())));
}
