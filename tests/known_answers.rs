//! Whole runs against closed forms and quadratures. A right program fails one of these comparisons with probability
//! 6.8e-6 at a new seed; see [`common::ALLOWED`].

mod common;

use common::{
    active, close, column, contribution, driver, equal, flow, law, measure, quantile, run, scenario, scenario_by_step,
    sd_of_log, share, target, unwatched,
};
use tradewinds::projection::{Estimate, Projection};
use tradewinds::simulate::{self, RunOptions};

const TRIALS: u64 = 200_000;

/// The steps a law must not depend on, and how many make a year.
const STEPS: [(&str, usize); 2] = [("year", 1), ("quarter", 4)];

#[test]
fn a_random_walk_with_drift_is_geometric_brownian_motion() {
    let body = flow(163.0, "trend = 0.05") + "[noise]\npermanent = { sd = 0.33 }";
    for (step, m) in STEPS {
        let found = run(&scenario_by_step(5, step, &body), TRIALS);
        let at_5 = law(&found, 5 * m - 1);
        close("median", quantile(at_5, 0.5), 209.29614292);
        close("mean", at_5.mean, 274.78808506);
        close("p05", quantile(at_5, 0.05), 62.17846440);
        close("p25", quantile(at_5, 0.25), 127.23586560);
        close("p75", quantile(at_5, 0.75), 344.28087738);
        close("p95", quantile(at_5, 0.95), 704.50236855);
        // exp of a normal of variance s2: its sd is mean * sqrt(exp(s2) - 1).
        close("sd", at_5.sd, 274.78808506 * (0.33_f64.powi(2) * 5.0).exp_m1().sqrt());
    }
}

#[test]
fn a_target_is_reached_by_a_year_more_often_than_in_it_and_less_often_than_between_the_years() {
    let body = flow(163.0, "trend = 0.05")
        + "[noise]\npermanent = { sd = 0.33 }\n\
           [[target]]\nid = \"in\"\nmeasure = \"x\"\nat_least = 1000\nin = 2027\n\
           [[target]]\nid = \"by\"\nmeasure = \"x\"\nat_least = 1000\nby = 2027\n";
    let found = run(&scenario(5, "year", &body), TRIALS);
    close("in 2027", target(&found, "in"), 0.01702292294);
    let (within, by) = (target(&found, "in").value, target(&found, "by"));
    let error = by.standard_error.expect("enough trials");
    assert!(by.value > within + 4.5 * error, "by {} in {within}", by.value);
    assert!(by.value < 0.03065955827 - 4.5 * error, "by {}", by.value);
}

#[test]
fn a_pull_is_an_ornstein_uhlenbeck_process_at_any_step() {
    let gap = (400.0_f64 / 163.0).ln();
    let body = flow(163.0, "") + &format!("[noise]\npermanent = {{ sd = 0.30, pull = 0.04, gap = {gap:?} }}");
    for (step, m) in STEPS {
        let found = run(&scenario_by_step(10, step, &body), TRIALS);
        let at_5 = law(&found, 5 * m - 1);
        close("sd of log at 5", sd_of_log(at_5), 0.609007346598);
        close("median at 5", quantile(at_5, 0.5), 191.80480308938);
        close("p05 at 5", quantile(at_5, 0.05), 70.43922359999);
        close("p95 at 5", quantile(at_5, 0.95), 522.28120368);
        let at_10 = law(&found, 10 * m - 1);
        close("median at 10", quantile(at_10, 0.5), 5.389708625168_f64.exp());
        close("sd of log at 10", sd_of_log(at_10), 0.787086345561);
    }
}

#[test]
fn the_transitory_part_starts_where_it_is_said_to() {
    let stationary = [(1, 0.20979_f64), (2, 0.3536955), (5, 0.6637809774), (10, 1.1177258377)];
    let known = [(1, 0.17684775), (2, 0.2844344194), (5, 0.5588629189), (10, 1.0088999874)];
    for (start, variances) in [("\"stationary\"", stationary), ("0", known)] {
        let noise = format!(
            "[noise]\npermanent = {{ sd = 0.30 }}\ntransitory = {{ sd = 0.33, persistence = 0.45, start = {start} }}"
        );
        for (step, m) in STEPS {
            let found = run(&scenario_by_step(10, step, &(flow(100.0, "") + &noise)), TRIALS);
            for (years, variance) in variances {
                let law = law(&found, years * m - 1);
                close(&format!("{start} {step} {years}"), sd_of_log(law), variance.sqrt());
                close(&format!("{start} {step} {years} median"), quantile(law, 0.5), 100.0);
            }
        }
    }
}

#[test]
fn what_stands_above_its_path_today_is_given_back() {
    let noise = "[noise]\ntransitory = { sd = 0.33, persistence = 0.45, start = 0.3 }";
    let found = run(&scenario(3, "year", &(flow(100.0, "") + noise)), TRIALS);
    for years in 1..=3 {
        let exact = 100.0 * (0.3 * (0.45_f64.powi(years) - 1.0)).exp();
        close(&format!("after {years}"), quantile(law(&found, years as usize - 1), 0.5), exact);
    }
}

const YEARLY_CHAIN: &str = r#"
[[driver]]
id = "world"
kind = "regime"
start = "tense"
growth = { stable = 0.06, tense = 0.02, disrupted = -0.10 }

[driver.transition]
stable = { stable = 0.88, tense = 0.11, disrupted = 0.01 }
tense = { stable = 0.10, tense = 0.75, disrupted = 0.15 }
disrupted = { stable = 0.02, tense = 0.23, disrupted = 0.75 }
"#;

#[test]
fn the_state_moves_first_and_the_new_one_rules_the_step() {
    let found = run(&scenario(10, "year", &(flow(1.0, "") + YEARLY_CHAIN)), TRIALS);
    for (years, exact) in [(1, 1.0070602724), (5, 1.0189611027), (10, 1.0723336923)] {
        close(&format!("mean after {years}"), law(&found, years - 1).mean, exact);
    }
    let states = &driver(&found, "world").states;
    let exact = [("stable", 0.268018896), ("tense", 0.449435552), ("disrupted", 0.282545552)];
    for ((id, shares), (name, exact)) in states.iter().zip(exact) {
        assert_eq!(id, name);
        close(name, share(&found, shares[4]), exact);
    }
}

type Matrix = [[f64; 3]; 3];

const RATES: Matrix = [[-0.13, 0.12, 0.01], [0.12, -0.30, 0.18], [0.02, 0.28, -0.30]];

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| (0..3).map(|k| a[i][k] * b[k][j]).sum()))
}

/// By squaring and the series, which is exact to rounding for rates of about 1.
fn exponential(a: &Matrix) -> Matrix {
    const HALVINGS: i32 = 8;
    let small = a.map(|row| row.map(|it| it / 2.0_f64.powi(HALVINGS)));
    let one: Matrix = std::array::from_fn(|i| std::array::from_fn(|j| f64::from(u8::from(i == j))));
    let (mut sum, mut term) = (one, one);
    for n in 1..=12 {
        term = product(&term, &small).map(|row| row.map(|it| it / f64::from(n)));
        sum = std::array::from_fn(|i| std::array::from_fn(|j| sum[i][j] + term[i][j]));
    }
    (0..HALVINGS).fold(sum, |all, _| product(&all, &all))
}

/// E exp(integral of `weight(state)`) from the middle state, the state moving first in each of `m` steps a year.
fn in_steps(weight: [f64; 3], years: usize, m: usize) -> f64 {
    let dt = 1.0 / m as f64;
    let moves = exponential(&RATES.map(|row| row.map(|it| it * dt)));
    let step: Matrix = std::array::from_fn(|i| std::array::from_fn(|j| moves[i][j] * (weight[j] * dt).exp()));
    let mut row = [0.0, 1.0, 0.0];
    for _ in 0..years * m {
        row = std::array::from_fn(|j| (0..3).map(|i| row[i] * step[i][j]).sum());
    }
    row.iter().sum()
}

/// The same without steps.
fn continuous(weight: [f64; 3], years: usize) -> f64 {
    let tilted: Matrix =
        std::array::from_fn(|i| std::array::from_fn(|j| RATES[i][j] + if i == j { weight[i] } else { 0.0 }));
    exponential(&tilted.map(|row| row.map(|it| it * years as f64)))[1].iter().sum()
}

const RATED: &str = r#"
[[driver]]
id = "world"
kind = "regime"
start = "tense"
rates = { stable = { tense = 0.12, disrupted = 0.01 }, tense = { stable = 0.12, disrupted = 0.18 }, disrupted = { stable = 0.02, tense = 0.28 } }
"#;

#[test]
fn growth_by_state_under_rates() {
    let growth = [0.06, 0.02, -0.10];
    let known = [(1, 1.0136192517, 1.0281027785), (5, 1.0338531485, 1.1036718501), (10, 1.0919035454, 1.3369442524)];
    let body = flow(1.0, "") + RATED + "growth = { stable = 0.06, tense = 0.02, disrupted = -0.10 }";
    let found = run(&scenario_by_step(10, "quarter", &body), TRIALS);
    let quarter = [0.0285572213, 0.9296306593, 0.0418121194];
    for ((name, shares), exact) in driver(&found, "world").states.iter().zip(quarter) {
        close(name, share(&found, shares[0]), exact);
    }
    for (years, first, second) in known {
        equal("first moment without steps", continuous(growth, years), first);
        equal("second moment without steps", continuous(growth.map(|g| 2.0 * g), years), second);
        // A step's error is of the order of the step, and this many steps leave less than 1e-5 of it.
        assert!((in_steps(growth, years, 4096) - first).abs() < 1e-4 * first);
        let law = law(&found, 4 * years - 1);
        let (mean, square) = (in_steps(growth, years, 4), in_steps(growth.map(|g| 2.0 * g), years, 4));
        close(&format!("mean after {years}"), law.mean, mean);
        close(&format!("sd after {years}"), law.sd, (square - mean * mean).sqrt());
    }
}

#[test]
fn an_end_by_hazard_in_a_state() {
    let hazard = [0.20, 0.35, 0.80];
    let body = flow(1.0, "")
        + RATED
        + "[[driver]]\nid = \"route\"\neffect = 0.1\nstart = 2022-01-01\n\
           ends = { hazard = { stable = 0.20, tense = 0.35, disrupted = 0.80 } }\n";
    let found = run(&scenario_by_step(5, "month", &body), 65_536);
    for (years, exact) in [(1, 0.6900521141), (2, 0.4691363262), (5, 0.1570551046)] {
        equal("survival without steps", continuous(hazard.map(|it| -it), years), exact);
        assert!((in_steps(hazard.map(|it| -it), years, 4096) - exact).abs() < 1e-4);
        let exact = in_steps(hazard.map(|it| -it), years, 12);
        // Without fade the contribution falls to -0.1 with the end and stays.
        close(&format!("after {years}"), contribution(&found, "route", 12 * years - 1), -0.1 * (1.0 - exact));
        close(&format!("active after {years}"), active(&found, "route", 12 * years - 1), exact);
    }
}

#[test]
fn an_effect_that_may_not_come() {
    let happens = "[[driver]]\nid = \"deal\"\nchance = 0.6\neffect = { dist = \"normal\", mean = 0.06, sd = 0.04 }\n";
    let noise =
        "[noise]\npermanent = { sd = 0.33 }\n[[target]]\nid = \"goal\"\nmeasure = \"x\"\nat_least = 1000\nin = 2027\n";
    let found = run(&scenario(5, "year", &(flow(163.0, "trend = 0.05") + noise + happens)), TRIALS);
    let at_5 = law(&found, 4);
    close("p05", quantile(at_5, 0.05), 64.32883987);
    close("p50", quantile(at_5, 0.5), 216.96417405);
    close("p95", quantile(at_5, 0.95), 731.83393442);
    close("goal", target(&found, "goal"), 0.01935752969);
    let found = run(&scenario(1, "year", &(flow(1.0, "") + happens)), TRIALS);
    close("multiplier", law(&found, 0).mean, 1.0376118134);
}

#[test]
fn what_is_counted_already_is_not_counted_again() {
    // Cut off 6.3 sds up, where the mean of exp does not see it.
    let body = flow(1.0, "")
        + "[[driver]]\nid = \"mou\"\nchance = 0.35\nalready_counted = 0.6\n\
           effect = { dist = \"lognormal\", median = 0.06, sigma = 0.7, max = 5 }\n";
    let found = run(&scenario(1, "year", &body), TRIALS);
    close("mean", law(&found, 0).mean, 1.0110081656);
    let logs: Vec<f64> = values(&scenario(1, "year", &body), 0).into_iter().map(f64::ln).collect();
    close("mean of log", mean_of(&logs), 0.0107320190);
}

/// The values of flow `x` in a period, by trial.
fn values(scenario: &tradewinds::scenario::Scenario, period: usize) -> Vec<f64> {
    column(scenario, &RunOptions { trials: TRIALS, ..RunOptions::default() }, "x", period)
}

fn mean_of(sample: &[f64]) -> Estimate {
    let n = sample.len() as f64;
    let value = sample.iter().sum::<f64>() / n;
    let variance = sample.iter().map(|it| (it - value).powi(2)).sum::<f64>() / n;
    Estimate { value, standard_error: Some((variance / n).sqrt()) }
}

/// A flow of 1 that one driver moves, with an effect of 0.1.
fn ramp(years: i32, step: &str, keys: &str) -> Projection {
    let body = flow(1.0, "") + "[[driver]]\nid = \"ramp\"\neffect = 0.1\n" + keys;
    run(&scenario_by_step(years, step, &body), TRIALS)
}

const TRIANGULAR: &str = "start = { dist = \"triangular\", min = 2023.29, mode = 2023.45, max = 2024.25 }\n";

/// The mean of an estimate of the contribution of a driver of effect 0.1, at effect 1.
fn tenfold(estimate: Estimate) -> Estimate {
    Estimate { value: 10.0 * estimate.value, standard_error: estimate.standard_error.map(|it| 10.0 * it) }
}

#[test]
fn a_logistic_ramp_from_an_uncertain_date() {
    let keys = format!("{TRIANGULAR}phase_in = {{ shape = \"logistic\", midpoint = 1.5, width = 0.5 }}");
    let known = [
        (1, 0.0500664289, 1.0050248260),
        (2, 0.3942217918, 1.0402641984),
        (3, 0.8257719118, 1.0861047277),
        (5, 0.9960574240, 1.1047353004),
    ];
    for (step, m) in STEPS {
        let found = ramp(5, step, &keys);
        for (years, phase, mean) in known {
            close(&format!("phase at {years}"), tenfold(contribution(&found, "ramp", years * m - 1)), phase);
            close(&format!("mean at {years}"), law(&found, years * m - 1).mean, mean);
        }
        close("started", active(&found, "ramp", m - 1), 0.9186197917);
    }
}

#[test]
fn a_linear_ramp_from_an_uncertain_date() {
    let keys = format!("{TRIANGULAR}phase_in = {{ shape = \"linear\", years = 2 }}");
    for (step, m) in STEPS {
        let found = ramp(3, step, &keys);
        for (years, phase) in [(1, 0.1717241753), (2, 0.6683333333), (3, 0.9966091580)] {
            close(&format!("phase at {years}"), tenfold(contribution(&found, "ramp", years * m - 1)), phase);
        }
    }
}

#[test]
fn an_exponential_ramp_from_an_exponential_date() {
    let law = "start = { dist = \"exponential\", mean = 1.25 }\nphase_in = { shape = \"exponential\", years = 1.5 }";
    let hazard = "start = { hazard = 0.8 }\nphase_in = { shape = \"exponential\", years = 1.5 }";
    for keys in [law, hazard] {
        for (step, m) in STEPS {
            let found = ramp(5, step, keys);
            for (years, phase) in [(1, 0.1661421064), (3, 0.6415780670), (5, 0.8775342344)] {
                close(&format!("phase at {years}"), tenfold(contribution(&found, "ramp", years * m - 1)), phase);
            }
        }
    }
}

#[test]
fn a_service_that_is_interrupted() {
    // On or off at the end of a step rules the whole of it, and the activity starts at 1 and not at 0.
    let (off, on, tau) = (0.35, 0.5, 1.5_f64);
    let mean_activity = |years: usize, m: usize| {
        let dt = 1.0 / m as f64;
        let keep = (-dt / tau).exp();
        let is_on = |t: f64| (on + off * (-(on + off) * t).exp()) / (on + off);
        (1..=years * m).fold(1.0, |activity, n| keep * activity + (1.0 - keep) * is_on(n as f64 * dt))
    };
    let keys = "interruption = { off_rate = 0.35, on_rate = 0.5 }\nfade_years = 1.5\nrecover_years = 1.5";
    let found = ramp(10, "quarter", keys);
    for (years, from_zero) in [(1, 0.0207499276), (3, 0.0297176823), (5, 0.0299653993), (10, 0.0294543788)] {
        let exact = from_zero / 0.05 + (-(years as f64) / tau).exp();
        let fine = mean_activity(years, 100_000);
        assert!((fine - exact).abs() < 1e-5, "{fine} {exact}");
        let found = tenfold(contribution(&found, "ramp", 4 * years - 1));
        close(&format!("activity at {years}"), found, mean_activity(years, 4));
    }
}

#[test]
fn a_sum_of_correlated_lognormals() {
    let body = r#"
flow = [
    { id = "a", from = "PAK", to = "KAZ", base = 145, trend = 0.2, noise = { permanent = { sd = 0.74 } } },
    { id = "b", from = "KAZ", to = "PAK", base = 18, trend = 0.2, noise = { permanent = { sd = 1.6 } } },
]
noise = { correlation = { default = 0.1 } }
target = [{ id = "goal", measure = "total", at_least = 1000, in = 2023 }]
"#;
    let found = run(&scenario(1, "year", body), TRIALS);
    let total = &measure(&found, "total").periods[0];
    close("mean", total.mean, 311.9554542312);
    close("p05", quantile(total, 0.05), 70.8435255);
    close("p50", quantile(total, 0.5), 230.1861852);
    close("p95", quantile(total, 0.95), 795.8234893);
    close("goal", target(&found, "goal"), 0.0274119505);
}

#[test]
fn cargoes_are_compound_poisson() {
    let body = flow(1e-6, "")
        + r#"
[[driver]]
id = "cargoes"
kind = "cargo"
flow = "x"
rate = 0.3
size = { dist = "lognormal", median = 45, sigma = 0.8 }

[[target]]
id = "none"
measure = "x"
at_most = 0.001
in = 2023

[[target]]
id = "any"
measure = "x"
at_least = 0.001
by = 2027
"#;
    for (step, _) in STEPS {
        let found = run(&scenario(5, step, &body), TRIALS);
        close("mean", law(&found, 0).mean, 18.5912248185);
        close("sd", law(&found, 4).sd, 46.7435410863);
        close("none in a year", target(&found, "none"), 0.7408182207);
        close("any in 5 years", target(&found, "any"), 1.0 - 0.2231301601);
        close("amount", contribution(&found, "cargoes", 2), 18.5912248185);
    }
}

#[test]
fn shapes_of_shocks() {
    let noise = |shape: &str| format!("[noise]\npermanent = {{ sd = 0.35 }}\nshape = {{ {shape} }}");
    let contaminated = noise("kind = \"contaminated\", share = 0.08, ratio = 3.5");
    let found = run(&scenario(1, "year", &(flow(1.0, "") + &contaminated)), TRIALS);
    let after_1 = law(&found, 0);
    close("contaminated mean", after_1.mean, 1.0688801287);
    for (level, exact) in [(0.01, -2.9248609761), (0.05, -1.3774316967), (0.25, -0.5232920801)] {
        let exact: f64 = 0.35 * exact;
        close(&format!("contaminated {level}"), quantile(after_1, level), exact.exp());
        close(&format!("contaminated {}", 1.0 - level), quantile(after_1, 1.0 - level), (-exact).exp());
    }
    let clipped = flow(1.0, "") + &noise("kind = \"student-t\", dof = 5, clip = 6");
    let clipped = scenario(1, "year", &clipped);
    close("student-t mean", law(&run(&clipped, TRIALS), 0).mean, 1.0641282021);
    let squares: Vec<f64> = values(&clipped, 0).iter().map(|it| (it.ln() / 0.35).powi(2)).collect();
    close("student-t variance", mean_of(&squares), 0.9852654564);
    let normal = run(&scenario(1, "year", &(flow(1.0, "") + &noise("kind = \"normal\""))), TRIALS);
    close("normal mean", law(&normal, 0).mean, 1.0631646721);
}

#[test]
fn yearly_totals_of_a_random_walk_vary_less_and_correlate() {
    // So small an sd that the mean of a year is that of the logarithms, to 1e-3 of the sd.
    let sd = 1e-3;
    let known =
        [("half-year", 0.75, 0.1666666667), ("quarter", 0.6875, 0.2272727273), ("month", 0.6689814815, 0.2474048443)];
    for (step, factor, correlation) in known {
        let scenario = scenario(3, step, &(flow(1.0, "") + &format!("[noise]\npermanent = {{ sd = {sd:?} }}")));
        let years = [values(&scenario, 0), values(&scenario, 1), values(&scenario, 2)];
        let change = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| (b / a).ln() / sd).collect() };
        let (first, second) = (change(&years[0], &years[1]), change(&years[1], &years[2]));
        let squares: Vec<f64> = first.iter().map(|it| it * it).collect();
        let products: Vec<f64> = first.iter().zip(&second).map(|(a, b)| a * b).collect();
        close(&format!("variance, {step}"), mean_of(&squares), factor);
        close(&format!("correlation, {step}"), mean_of(&products), correlation * factor);
    }
}

#[test]
fn an_unknown_trend_grows_with_the_square_of_time() {
    let body = flow(1.0, "trend = { dist = \"normal\", mean = 0, sd = 0.025 }") + "[noise]\npermanent = { sd = 0.33 }";
    let found = run(&scenario(10, "year", &body), TRIALS);
    for (years, epistemic) in [(1, 0.0057064597), (5, 0.0278955590), (10, 0.0542770300)] {
        // The rest of the variance is the noise's.
        let variance = 0.33 * 0.33 * years as f64 / (1.0 - epistemic);
        close(&format!("after {years}"), sd_of_log(law(&found, years - 1)), variance.sqrt());
    }
    // Alone, it is seen for itself.
    let alone = flow(1.0, "trend = { dist = \"normal\", mean = 0, sd = 0.025 }");
    let found = run(&scenario(10, "year", &alone), TRIALS);
    close("alone", sd_of_log(law(&found, 9)), 0.25);
}

#[test]
fn a_level_falls_and_recovers_at_its_own_pace() {
    let body = |start: &str, hold: &str| {
        flow(1.0, "")
            + &format!(
                "[[driver]]\nid = \"world\"\nkind = \"regime\"\nstart = \"{start}\"\nhold = \"{hold}\"\n\
                 rates = {{ calm = {{ war = 0.2 }}, war = {{ calm = 0.5 }} }}\n\
                 level = {{ calm = 0.1, war = -0.25 }}\nfall_years = 0.3\nrecover_years = 3\n"
            )
    };
    for (start, hold, size, years) in [("calm", "war", -0.35, 0.3), ("war", "calm", 0.35, 3.0)] {
        for (step, m) in STEPS {
            let found = run(&scenario_by_step(4, step, &body(start, hold)), 200);
            for n in 1..=4 * m {
                let t = n as f64 / m as f64;
                let exact = (size * (1.0 - (-t / years).exp())).exp();
                equal(&format!("{hold} at {t}"), law(&found, n - 1).mean.value, exact);
            }
        }
    }
}

#[test]
fn shocks_strike_at_their_rate_and_wear_off() {
    let (rate, mean, years) = (0.4, 0.3, 3.0_f64);
    let body = flow(1.0, "")
        + "[[driver]]\nid = \"loss\"\nkind = \"shock\"\nrate = 0.4\nrecovery_years = 3\n\
           size = { dist = \"exponential\", mean = 0.3, negate = true }\n";
    for (step, m) in STEPS {
        let scenario = scenario_by_step(5, step, &body);
        let found = run(&scenario, TRIALS);
        let dt = 1.0 / m as f64;
        close("struck", active(&found, "loss", 2), 1.0 - (-rate * dt).exp());
        // A sum of what is left of each step's events, which is compound Poisson.
        let left = |power: f64| -> f64 { (0..5 * m).map(|k| (-power * k as f64 * dt / years).exp()).sum() };
        let logs: Vec<f64> = values(&scenario, 5 * m - 1).into_iter().map(f64::ln).collect();
        let expected = -rate * dt * mean * left(1.0);
        close("mean", mean_of(&logs), expected);
        let squares: Vec<f64> = logs.iter().map(|it| (it - expected).powi(2)).collect();
        close("variance", mean_of(&squares), rate * dt * 2.0 * mean * mean * left(2.0));
    }
}

#[test]
fn an_outside_quantity_wanders_and_grows_by_the_calendar() {
    let body = flow(1.0, "")
        + "[[driver]]\nid = \"oil\"\nkind = \"process\"\ngrowth = { 2023 = 0.05, 2024 = -0.02, then = 0.03 }\n\
           growth_error = 0.02\nmodel = { kind = \"mean-reverting\", speed = 0.3, sd = 0.33 }\nexposure = { x = 0.8 }\n";
    for (step, m) in STEPS {
        let found = run(&scenario_by_step(4, step, &body), TRIALS);
        for (years, grown) in [(1, 0.05), (2, 0.03), (4, 0.09)] {
            let law = law(&found, years * m - 1);
            let t = years as f64;
            let variance = 0.33 * 0.33 * -(-2.0 * 0.3 * t).exp_m1() / (2.0 * 0.3) + 0.02 * 0.02 * t * t;
            close(&format!("median at {years}"), quantile(law, 0.5), (0.8_f64 * grown).exp());
            close(&format!("sd of log at {years}"), sd_of_log(law), 0.8 * variance.sqrt());
        }
    }
}

#[test]
fn one_thing_after_another_is_hypoexponential() {
    let body = flow(1.0, "")
        + "[[driver]]\nid = \"signed\"\neffect = 0\nstart = { hazard = 0.1 }\n\
           [[driver]]\nid = \"in-force\"\neffect = 0.1\n\
           start = { after = \"signed\", lag = { dist = \"exponential\", mean = 2, shift = 0 } }\n";
    for (step, m) in STEPS {
        let found = run(&scenario_by_step(10, step, &body), TRIALS);
        for (years, exact) in [(2, 0.0685564189), (5, 0.2623579250), (10, 0.5418351853)] {
            close(&format!("by {years}"), active(&found, "in-force", years * m - 1), exact);
            close(&format!("by {years}"), tenfold(contribution(&found, "in-force", years * m - 1)), exact);
        }
        close("signed by 10", active(&found, "signed", 10 * m - 1), 1.0 - (-1.0_f64).exp());
    }
}

#[test]
fn a_capacity_bends_a_flow_as_written() {
    let found = run(&scenario(10, "year", &flow(163.0, "trend = 0.3\ncapacity = 500")), 200);
    let c = 1.0 - (163.0_f64 / 500.0).powi(2);
    equal("base", measure(&found, "x").base.mean.value, 163.0);
    for years in 1..=10 {
        let free = 163.0 * (0.3 * f64::from(years)).exp();
        let exact = (c * free.powi(-2) + 500.0_f64.powi(-2)).powf(-0.5);
        equal(&format!("after {years}"), law(&found, years as usize - 1).mean.value, exact);
    }
}

#[test]
fn a_year_is_the_mean_of_its_steps_and_the_base_year_too() {
    let body = flow(1.0, "trend = 0.2").replace("base = 1.0", "base_total = 100");
    let found = run(&scenario(2, "quarter", &body), 200);
    equal("base", measure(&found, "x").base.mean.value, 100.0);
    equal("2023", law(&found, 0).mean.value, 100.0 * 0.2_f64.exp());
    equal("2024", law(&found, 1).mean.value, 100.0 * 0.4_f64.exp());
}

/// Every value of every measure, by trial.
fn all_values(body: &str) -> Vec<f64> {
    let options = RunOptions { trials: 2_000, ..RunOptions::default() };
    simulate::paths(&scenario(5, "quarter", body), &options, 2_000, unwatched()).expect("the run succeeds").values
}

const NOISE: &str = "[noise]\npermanent = { sd = 0.3 }\ntransitory = { sd = 0.2, persistence = 0.5 }\n";

#[test]
fn drivers_without_size_change_no_bit() {
    let nothing = r#"
[[driver]]
id = "deal"
effect = 0
chance = 0.5
start = 2023-05-01

[[driver]]
id = "oil"
kind = "process"
model = { kind = "mean-reverting", speed = 0.3, sd = 0 }

[[driver]]
id = "strike"
kind = "shock"
rate = 2
size = 0

[[driver]]
id = "distant"
kind = "process"
model = { kind = "random-walk", sd = 0.5 }
exposure = { x = 0 }

[[driver]]
id = "world"
kind = "regime"
start = "calm"
rates = { calm = { tense = 0.5 }, tense = { calm = 0.5 } }
"#;
    let base = flow(163.0, "trend = 0.02") + NOISE;
    assert!(all_values(&base) == all_values(&(base.clone() + nothing)));
}

#[test]
fn a_regime_that_stays_is_none() {
    let frozen = r#"
[[driver]]
id = "world"
kind = "regime"
start = "calm"
hold = "calm"
rates = { calm = { tense = 0.5 }, tense = { calm = 0.5 } }
level = { calm = 0, tense = -0.5 }
growth = { tense = -0.2 }
volatility = { tense = 3 }
"#;
    let base = flow(163.0, "trend = 0.02") + NOISE;
    let (without, frozen) = (all_values(&base), all_values(&(base.clone() + frozen)));
    assert!(without == frozen);
    assert!(frozen != all_values(&base.replace("0.02", "0.03")));
}

#[test]
fn values_scale_with_their_unit() {
    // Noisy flows are in single precision, which rounds to 6e-8 each time: a yearly value at least five times.
    for (noise, rounding) in [("", 1e-14), (NOISE, 3e-7)] {
        let one = all_values(&(flow(163.0, "") + noise));
        let other = all_values(&(flow(163e3, "") + noise));
        for (one, other) in one.iter().zip(&other) {
            assert!((other - 1e3 * one).abs() <= rounding * other.abs(), "{other} is not 1000 times {one}");
        }
    }
}

#[test]
fn a_larger_effect_is_larger_on_every_path() {
    let with = |effect: &str| {
        let driver = format!("[[driver]]\nid = \"deal\"\nstart = {{ hazard = 0.5 }}\neffect = {effect}\n");
        let flow = flow(163.0, "") + NOISE + &driver;
        column(&scenario(5, "quarter", &flow), &RunOptions { trials: 2_000, ..RunOptions::default() }, "x", 4)
    };
    let (small, large) = (with("0.05"), with("0.06"));
    assert!(small.iter().zip(&large).all(|(small, large)| small <= large));
    let larger = small.iter().zip(&large).filter(|(small, large)| small < large).count();
    assert!(larger > 1_000, "{larger} of 2,000 paths have the deal");
}
