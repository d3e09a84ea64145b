//! Conditioning on observed history against what a Kalman filter and conjugate laws say. A right program fails one of
//! these comparisons with probability 6.8e-6 at a new seed; see [`common::ALLOWED`].

mod common;

use common::{close, law, quantile, sd_of_log, unwatched};
use tradewinds::projection::{Conditioned, Estimate};
use tradewinds::scenario::{Scenario, from_text};
use tradewinds::simulate::{Conditioning, Observed, RunOptions, condition};

fn scenario(years: i32, step: &str, body: &str) -> Scenario {
    common::scenario(years, step, body)
}

fn learn(scenario: &Scenario, observed: &[Observed], trials: u64) -> Conditioned {
    let options = RunOptions { trials, ..RunOptions::default() };
    condition(scenario, observed, &options, &Conditioning::default(), unwatched()).unwrap_or_else(|why| panic!("{why}"))
}

/// Reports of flow 0 from the year after the base year on; NaN for none.
fn reports(bias: f64, error: f64, values: &[f64]) -> Observed {
    let values = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
    Observed { flows: vec![0], bias, error, values: values.map(|(at, value)| (2023 + at as i32, *value)).collect() }
}

/// A local level and an AR(1), both unknown at the start: the state of a Kalman filter.
#[derive(Clone, Copy)]
struct Filter {
    mean: [f64; 2],
    cov: [[f64; 2]; 2],
    log_likelihood: f64,
}

const LEVEL_SD: f64 = 0.30;
const AR_SD: f64 = 0.33;
const PERSISTENCE: f64 = 0.45;

impl Filter {
    /// At the first observation: the level is normal, the AR(1) stationary.
    fn new(level: f64, level_sd: f64) -> Filter {
        Filter { mean: [level, 0.0], cov: [[level_sd * level_sd, 0.0], [0.0, AR_SD * AR_SD]], log_likelihood: 0.0 }
    }

    fn step(&mut self) {
        let f = PERSISTENCE;
        self.mean[1] *= f;
        let [[a, b], [_, d]] = self.cov;
        self.cov = [[a + LEVEL_SD * LEVEL_SD, f * b], [f * b, f * f * d + AR_SD * AR_SD * (1.0 - f * f)]];
    }

    fn update(&mut self, log_value: f64, bias: f64, error: f64) {
        let (mean, variance) = self.log_value();
        let (v, s) = (log_value - bias - mean, variance + error * error);
        self.log_likelihood -= 0.5 * ((2.0 * std::f64::consts::PI * s).ln() + v * v / s);
        let [[a, b], [_, d]] = self.cov;
        let gain = [(a + b) / s, (b + d) / s];
        self.mean = [self.mean[0] + gain[0] * v, self.mean[1] + gain[1] * v];
        self.cov = [
            [a - gain[0] * (a + b), b - gain[0] * (b + d)],
            [b - gain[1] * (a + b), d - gain[1] * (b + d)],
        ];
    }

    /// Mean and variance of the log of the value.
    fn log_value(&self) -> (f64, f64) {
        (self.mean[0] + self.mean[1], self.cov[0][0] + 2.0 * self.cov[0][1] + self.cov[1][1])
    }
}

const LOCAL_LEVEL: &str = r#"
parameters.m0 = { dist = "normal", mean = 4.605170185988092, sd = 0.4 }
parameters.u0 = { dist = "normal", mean = 0, sd = 0.33 }

[[flow]]
id = "x"
from = "PAK"
to = "KAZ"
base = "exp(m0 + u0)"

[noise]
permanent = { sd = 0.30 }
transitory = { sd = 0.33, persistence = 0.45, start = "u0" }
"#;

/// Four years of two reporters, of whom the second is 0.8 log points low.
fn two_reporters() -> [Observed; 2] {
    const NONE: f64 = f64::NAN;
    [reports(0.0, 0.10, &[103.0, 197.0, 163.0, NONE]), reports(-0.8, 0.20, &[NONE, 95.0, 73.5, 52.5])]
}

fn close_to_filter(found: &Conditioned, period: usize, filter: &Filter) {
    let (mean, variance) = filter.log_value();
    let law = law(&found.projection, period);
    close("median", quantile(law, 0.5), mean.exp());
    close("p05", quantile(law, 0.05), (mean - 1.6448536269514722 * variance.sqrt()).exp());
    close("p95", quantile(law, 0.95), (mean + 1.6448536269514722 * variance.sqrt()).exp());
    close("mean", law.mean, (mean + variance / 2.0).exp());
    close("sd of log", sd_of_log(law), variance.sqrt());
}

#[test]
fn a_local_level_with_two_reporters_is_filtered_as_by_kalman() {
    let mut filter = Filter::new(100.0_f64.ln(), 0.5);
    let observed = two_reporters();
    for year in 2023..=2026 {
        if year > 2023 {
            filter.step();
        }
        for series in &observed {
            for (_, value) in series.values.iter().filter(|(at, _)| *at == year) {
                filter.update(value.ln(), series.bias, series.error);
            }
        }
    }
    assert!((filter.log_likelihood + 1.0501348827).abs() < 1e-9, "{}", filter.log_likelihood);
    assert!((filter.mean[0] - 4.8522568833).abs() < 1e-9 && (filter.mean[1] + 0.0441066157).abs() < 1e-9);

    let found = learn(&scenario(9, "year", LOCAL_LEVEL), &observed, 100_000);
    eprintln!("{:?}", found.evidence);
    close("log likelihood", found.evidence.log_marginal_likelihood, filter.log_likelihood);
    close_to_filter(&found, 3, &filter);
    for period in 4..9 {
        filter.step();
        close_to_filter(&found, period, &filter);
    }
}
