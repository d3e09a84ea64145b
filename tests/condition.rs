//! Conditioning on observed history against what a Kalman filter and conjugate laws say. A right program fails one of
//! these comparisons with probability 6.8e-6 at a new seed; see [`common::ALLOWED`].

mod common;

use common::{close, law, quantile, sd_of_log, unwatched};
use tradewinds::history::Observation;
use tradewinds::projection::{Conditioned, Estimate};
use tradewinds::scenario::{ObservedSeries, Quantity, Scenario};
use tradewinds::simulate::{Conditioning, RunOptions, condition};

fn scenario(years: i32, step: &str, body: &str) -> Scenario {
    common::scenario(years, step, body)
}

fn learn(scenario: &Scenario, observed: &[ObservedSeries], trials: u64) -> Conditioned {
    let options = RunOptions { trials, ..RunOptions::default() };
    condition(scenario, observed, &options, &Conditioning::default(), unwatched()).unwrap_or_else(|why| panic!("{why}"))
}

/// What KAZ says of the sum of some flows.
fn series(flows: &[usize], (bias, error): (f64, f64), values: &[(i32, f64)]) -> ObservedSeries {
    let observation = |&(year, value): &(i32, f64)| Observation { year, value, line: 1 };
    ObservedSeries {
        name: "exports".into(),
        flows: flows.to_vec(),
        reporter: "KAZ".into(),
        bias: Quantity::Constant(bias),
        error: Some(Quantity::Constant(error)),
        observations: values.iter().map(observation).collect(),
    }
}

/// Reports of flow 0 from the year after the base year on; NaN for none.
fn reports(bias: f64, error: f64, values: &[f64]) -> ObservedSeries {
    let values = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
    let values: Vec<(i32, f64)> = values.map(|(at, value)| (2023 + at as i32, *value)).collect();
    series(&[0], (bias, error), &values)
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
        self.cov = [[a - gain[0] * (a + b), b - gain[0] * (b + d)], [b - gain[1] * (a + b), d - gain[1] * (b + d)]];
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
fn two_reporters() -> [ObservedSeries; 2] {
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
        for (series, (bias, error)) in observed.iter().zip([(0.0, 0.10), (-0.8, 0.20)]) {
            for report in series.observations.iter().filter(|it| it.year == year) {
                filter.update(report.value.ln(), bias, error);
            }
        }
    }
    assert!((filter.log_likelihood + 1.0501348827).abs() < 1e-9, "{}", filter.log_likelihood);
    assert!((filter.mean[0] - 4.8522568833).abs() < 1e-9 && (filter.mean[1] + 0.0441066157).abs() < 1e-9);

    let found = learn(&scenario(9, "year", LOCAL_LEVEL), &observed, 100_000);
    assert!(found.evidence.effective_sample_size > 70_000.0, "{:?}", found.evidence);
    close("log likelihood", found.evidence.log_marginal_likelihood, filter.log_likelihood);
    close_to_filter(&found, 3, &filter);
    for period in 4..9 {
        filter.step();
        close_to_filter(&found, period, &filter);
    }
}

#[test]
fn twelve_years_are_filtered_as_by_kalman_and_leave_most_trials() {
    let values = [96.0, 131.0, 88.0, 120.0, 210.0, 190.0, 260.0, 150.0, 240.0, 300.0, 410.0, 280.0];
    let observed = [reports(0.05, 0.05, &values)];
    let mut filter = Filter::new(100.0_f64.ln(), 0.5);
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            filter.step();
        }
        filter.update(value.ln(), 0.05, 0.05);
    }
    let found = learn(&scenario(15, "year", LOCAL_LEVEL), &observed, 50_000);
    assert!(found.evidence.effective_sample_size > 25_000.0, "{:?}", found.evidence);
    close("log likelihood", found.evidence.log_marginal_likelihood, filter.log_likelihood);
    close_to_filter(&found, 11, &filter);
    for period in 12..15 {
        filter.step();
        close_to_filter(&found, period, &filter);
    }
}

/// By how much the log of the first year's value is learned to be wrong: smoothed by the second, in closed form.
#[test]
fn the_past_is_smoothed_by_what_came_after() {
    // Two steps of a random walk of sd .3 from a known 100; the second year is observed with an error of .1. So
    // Cov(x1, x2) = .09, Var(x2) + R = .19.
    let body = common::flow(100.0, "") + "[noise]\npermanent = { sd = 0.30 }";
    let found = learn(&scenario(2, "year", &body), &[reports(0.0, 0.1, &[f64::NAN, 180.0])], 50_000);
    let ahead = 1.8_f64.ln();
    let (mean, sd) = (0.09 / 0.19 * ahead, (0.09_f64 - 0.09 * 0.09 / 0.19).sqrt());
    let first = law(&found.projection, 0);
    close("median", quantile(first, 0.5), 100.0 * mean.exp());
    close("p05", quantile(first, 0.05), 100.0 * (mean - 1.6448536269514722 * sd).exp());
    close("sd of log", sd_of_log(first), sd);
    // Nothing but the noise is unknown, so every trial counts alike, up to the rounding of single precision.
    assert!(found.evidence.effective_sample_size > 49_999.0, "{:?}", found.evidence);
}

#[test]
fn a_bias_is_learned_as_any_input() {
    // A level known to .1 and a report of it that is off by a bias known to .3 and an error of .05.
    let body = r#"
flow = [{ id = "x", from = "PAK", to = "KAZ", base = { dist = "lognormal", median = 100, sigma = 0.1 } }]
history = { file = "table.csv", reporters = { KAZ = { bias = { dist = "normal", mean = 0, sd = 0.3 }, error = 0.05 } } }
"#;
    let scenario = scenario(1, "year", body);
    let table = b"year,from,to,reporter,value_musd\n2022,PAK,KAZ,KAZ,150\n";
    let read = |_: &std::path::Path| Ok(table.to_vec());
    let observed = tradewinds::scenario::observe(&scenario, &read, &mut Default::default());
    let found = learn(&scenario, &observed.series, 100_000);
    let bias =
        found.projection.inputs.iter().find(|it| it.name == "history.reporters.KAZ.bias").expect("it is an input");
    let variance = 0.09 + 0.01 + 0.0025;
    let (mean, sd) = (0.09 / variance * 1.5_f64.ln(), (0.09_f64 - 0.0081 / variance).sqrt());
    let error = sd / found.evidence.worth.sqrt();
    close("bias", Estimate { value: bias.drawn.mean, standard_error: Some(error) }, mean);
    close("sd of bias", Estimate { value: bias.drawn.sd, standard_error: Some(error / 2.0_f64.sqrt()) }, sd);
}

#[test]
fn an_effect_is_learned_as_by_conjugate_laws() {
    // Between two years without noise the log value moves by the effect, known to .05: a normal prior times a normal
    // likelihood.
    let body = r#"
[[flow]]
id = "x"
from = "PAK"
to = "KAZ"
base = 100

[[driver]]
id = "treaty"
start = 2023-01-01
effect = { dist = "normal", mean = 0.10, sd = 0.20 }
"#;
    let observed = [reports(0.1, 0.05, &[f64::NAN, 100.0 * 0.45_f64.exp()])];
    let found = learn(&scenario(3, "year", body), &observed, 100_000);
    let (prior, data): (f64, f64) = (1.0 / 0.04, 1.0 / 0.0025);
    let (mean, sd) = ((0.10 * prior + 0.35 * data) / (prior + data), (1.0 / (prior + data)).sqrt());
    let effect = &found.projection.inputs[0];
    let worth = found.evidence.worth;
    let estimate = |value: f64, error: f64| Estimate { value, standard_error: Some(error) };
    close("mean", estimate(effect.drawn.mean, sd / worth.sqrt()), mean);
    close("sd", estimate(effect.drawn.sd, sd / (2.0 * worth).sqrt()), sd);
    // The density of a normal quantile at 5 % is .1031 / sd.
    let error_of_p05 = sd * (0.05_f64 * 0.95 / worth).sqrt() / 0.10313564;
    close("p05", estimate(effect.drawn.p05, error_of_p05), mean - 1.6448536269514722 * sd);
    let prior_effect = effect.prior.expect("conditioning keeps the prior");
    close("prior mean", estimate(prior_effect.mean, 0.20 / 65_536.0_f64.sqrt()), 0.10);
    close("median", quantile(law(&found.projection, 2), 0.5), 100.0 * mean.exp());
    let spread = (0.04_f64 + 0.0025).sqrt();
    let exact = -0.5 * (0.25 / spread).powi(2) - spread.ln() - 0.5 * (2.0 * std::f64::consts::PI).ln();
    close("log likelihood", found.evidence.log_marginal_likelihood, exact);
}

/// Two flows that share shocks, an uncertain noise, a process, a regime and a ceiling: everything that a tangent is
/// taken of, and steps within the year that make it one.
const RICH: &str = r#"
[parameters]
sd = { dist = "uniform", min = 0.1, max = 0.4 }

[[flow]]
id = "x"
from = "PAK"
to = "KAZ"
base_total = { dist = "lognormal", median = 100, sigma = 0.2 }
trend = { dist = "normal", mean = 0.02, sd = 0.05 }
capacity = 600

[[flow]]
id = "y"
from = "PAK"
to = "KAZ"
base_total = 40

[noise]
permanent = { sd = "sd", pull = 0.05, gap = 0.3 }
transitory = { sd = 0.15, persistence = 0.4, start = "stationary" }
shape = { kind = "contaminated", share = 0.08, ratio = 3.5 }
correlation = { default = 0.3 }

[[driver]]
id = "price"
kind = "process"
model = { kind = "mean-reverting", speed = 0.3, sd = 0.3 }
exposure = { y = 0.8 }

[[driver]]
id = "stability"
kind = "regime"
start = "calm"
rates = { calm = { tense = 0.2 }, tense = { calm = 0.5 } }
level = { calm = 0, tense = -0.2 }
volatility = { calm = 1, tense = 1.5 }
"#;

/// The sum of both flows, from the base year on.
fn sum_of_two(error: f64) -> [ObservedSeries; 1] {
    [series(&[0, 1], (0.0, error), &[(2022, 135.0), (2023, 150.0), (2024, 230.0), (2025, 210.0)])]
}

#[test]
fn leading_the_shocks_changes_how_many_trials_count_and_nothing_else() {
    let scenario = scenario(6, "quarter", RICH);
    let options = RunOptions { trials: 100_000, ..RunOptions::default() };
    let plain = Conditioning { lead: false, ..Conditioning::default() };
    let observed = sum_of_two(0.10);
    let plain = condition(&scenario, &observed, &options, &plain, unwatched()).expect("enough trials fit");
    let led = learn(&scenario, &observed, 100_000);
    let (many, few) = (led.evidence.effective_sample_size, plain.evidence.effective_sample_size);
    assert!(many > 5.0 * few, "{many} {few}");
    let apart = |what: &str, a: Estimate, b: Estimate| {
        let error = |it: Estimate| it.standard_error.expect("enough trials");
        close(what, Estimate { value: a.value - b.value, standard_error: Some(error(a).hypot(error(b))) }, 0.0);
    };
    apart("evidence", led.evidence.log_marginal_likelihood, plain.evidence.log_marginal_likelihood);
    let measures = led.projection.measures.iter().zip(&plain.projection.measures);
    for (led, plain) in measures.filter(|(led, _)| ["x", "y", "total"].contains(&led.id.as_str())) {
        for period in [0, 2, 5] {
            let (led_law, plain_law) = (&led.periods[period], &plain.periods[period]);
            for level in [0.05, 0.5, 0.95] {
                apart(&format!("{} {period} {level}", led.id), quantile(led_law, level), quantile(plain_law, level));
            }
        }
    }
}

#[test]
fn a_history_that_says_nothing_leaves_the_prior() {
    let scenario = scenario(4, "quarter", RICH);
    let options = RunOptions { trials: 20_000, ..RunOptions::default() };
    let plain = Conditioning { lead: false, ..Conditioning::default() };
    let blind = condition(&scenario, &sum_of_two(1e9), &options, &plain, unwatched()).expect("all trials fit");
    let prior = tradewinds::simulate::run(&scenario, &options, unwatched()).expect("the run succeeds");
    // Equal weights gather each trial once, in order: the very run.
    assert_eq!(blind.evidence.worth, 20_000.0);
    for (a, b) in blind.projection.measures.iter().zip(&prior.measures) {
        assert_eq!(format!("{:?}", a.periods), format!("{:?}", b.periods));
    }
}

#[test]
fn threads_do_not_matter() {
    let scenario = scenario(4, "quarter", RICH);
    let found = |threads: usize| {
        let options = RunOptions { trials: 5000, threads, growth: true, ..RunOptions::default() };
        let how = Conditioning { paths: 7, ..Conditioning::default() };
        let found = condition(&scenario, &sum_of_two(0.15), &options, &how, unwatched()).expect("enough trials fit");
        format!("{found:?}")
    };
    let one = found(1);
    assert!(one.contains("Paths"));
    assert_eq!(one, found(2));
    assert_eq!(one, found(7));
}

#[test]
fn too_few_trials_that_fit_are_refused_with_advice_or_tempered() {
    let body = common::flow(100.0, "trend = { dist = \"normal\", mean = 0, sd = 0.02 }");
    let scenario = scenario(3, "year", &body);
    let observed = [reports(0.0, 0.01, &[150.0, 160.0])];
    let options = RunOptions { trials: 10_000, ..RunOptions::default() };
    let refused = condition(&scenario, &observed, &options, &Conditioning::default(), unwatched());
    let message = refused.expect_err("nothing fits").to_string();
    for words in [
        "of 10000 trials count, and 400 are needed",
        "`exports` by KAZ 2023 is 150; the priors expect 96.3",
        "--temper",
        "priors",
    ] {
        assert!(message.contains(words), "`{words}` is not in: {message}");
    }
    let how = Conditioning { temper: true, ..Conditioning::default() };
    let tempered = condition(&scenario, &observed, &options, &how, unwatched()).expect("it goes on");
    let evidence = &tempered.evidence;
    assert!(evidence.exponent < 1.0 && evidence.untempered_sample_size < 400.0, "{evidence:?}");
    assert!((400.0..401.0).contains(&evidence.effective_sample_size), "{evidence:?}");
}

#[test]
fn what_cannot_be_used_is_counted_or_refused() {
    let scenario = scenario(3, "year", &common::flow(100.0, "trend = { dist = \"normal\", mean = 0, sd = 0.2 }"));
    let with = |error: f64, values: &[(i32, f64)]| {
        let options = RunOptions { trials: 5000, ..RunOptions::default() };
        condition(&scenario, &[series(&[0], (0.0, error), values)], &options, &Conditioning::default(), unwatched())
    };
    let found = with(0.2, &[(2021, 90.0), (2022, 100.0), (2023, 0.0), (2024, 110.0), (2026, 9.0)]).expect("some fit");
    assert_eq!((found.evidence.used, found.evidence.unused), (2, 3));
    let nothing = with(0.2, &[(2021, 90.0), (2023, 0.0)]).expect_err("nothing to use").to_string();
    assert!(nothing.contains("set `horizon.base` before the history"), "{nothing}");
    let exact = with(0.0, &[(2023, 100.0)]).expect_err("no error").to_string();
    assert!(exact.contains("the error of `exports` by KAZ must be above 0"), "{exact}");
}
