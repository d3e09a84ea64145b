//! What `explain` finds against closed forms, against runs without a driver, and against SALib.

mod common;

use std::process::Command;

use common::{ALLOWED, flow, run, scenario, scenario_by_step, unwatched};
use tradewinds::analysis::sobol::Measured;
use tradewinds::analysis::{CellSensitivity, Sensitivity, sensitivity};
use tradewinds::projection::{Attribution, Part, PartKind};
use tradewinds::scenario::Scenario;
use tradewinds::simulate::{RunOptions, attribute, paths};

fn options(trials: u64) -> RunOptions {
    RunOptions { trials, ..RunOptions::default() }
}

fn at(scenario: &Scenario, id: &str) -> usize {
    scenario.measure_ids().iter().position(|it| it == id).expect("the measure exists")
}

/// The attribution of all measures.
fn attributed(scenario: &Scenario, trials: u64) -> Attribution {
    let all: Vec<usize> = (0..scenario.measure_ids().len()).collect();
    attribute(scenario, &all, &options(trials), unwatched()).expect("the run succeeds")
}

/// The parts of a measure in the last period.
fn parts<'a>(found: &'a Attribution, measure: &str) -> &'a [Part] {
    let measure = found.measures.iter().find(|it| it.id == measure).expect("the measure exists");
    measure.periods.last().expect("there is a period")
}

fn part<'a>(parts: &'a [Part], id: &str) -> &'a Part {
    parts.iter().find(|part| part.id == id).expect("the part exists")
}

/// The sensitivities of the total in the last period.
fn sensitive(scenario: &Scenario, trials: u64) -> CellSensitivity {
    let found: Sensitivity =
        sensitivity(scenario, &[at(scenario, "total")], None, &options(trials), unwatched()).expect("the run succeeds");
    found.cells.into_iter().last().expect("there is a period")
}

#[track_caller]
fn close(what: &str, found: Measured, exact: f64) {
    let z = (found.value - exact) / found.standard_error;
    assert!(z.abs() <= ALLOWED, "{what}: {} is {z:.2} standard errors from {exact}", found.value);
}

/// Relative rounding of values in double precision.
const EXACT: f64 = 1e-11;

/// Relative rounding of a noisy flow's value: single precision, through the mean of a year's steps.
const NOISY: f64 = 2e-7;

/// In every measure and period the parts add up to the change, and that is the projection's.
#[track_caller]
fn assert_adds_up(scenario: &Scenario, trials: u64, rounding: f64) {
    let found = attributed(scenario, trials);
    let projected = run(scenario, trials);
    for (measure, projected) in found.measures.iter().zip(&projected.measures) {
        assert_eq!((&measure.id, &measure.unit), (&projected.id, &projected.unit));
        for (parts, law) in measure.periods.iter().zip(&projected.periods) {
            let of = |id: &str| part(parts, id);
            let is_part = |part: &&Part| !matches!(part.kind, PartKind::Base | PartKind::Change);
            let sum: f64 = parts.iter().filter(is_part).map(|part| part.mean.value).sum();
            let size: f64 = parts.iter().map(|part| part.mean.value.abs()).sum();
            let (base, change) = (of("base").mean.value, of("change").mean.value);
            assert!((sum - change).abs() <= rounding * size, "{}: {sum} is not {change}", measure.id);
            let value = law.mean.value;
            assert!(
                (base + change - value).abs() <= rounding * size,
                "{}: {base} + {change} is not {value}",
                measure.id
            );
            let Some(log) = of("change").log_points else { continue };
            let sum: f64 = parts.iter().filter(is_part).filter_map(|part| part.log_points).map(|it| it.value).sum();
            assert!((sum - log.value).abs() < rounding, "{}: {sum} is not {}", measure.id, log.value);
        }
    }
}

/// Everything that moves a flow, in two flows of which one has a ceiling.
const WORLD: &str = r#"
    [parameters]
    drift = { dist = "normal", mean = 0.05, sd = 0.02 }
    [[flow]]
    id = "x.a"
    from = "PAK"
    to = "KAZ"
    base_total = 50
    trend = "drift"
    [[flow]]
    id = "x.b"
    from = "PAK"
    to = "KAZ"
    base_total = { dist = "uniform", min = 20, max = 40 }
    trend = 0.1
    capacity = 60
    [[flow]]
    id = "m"
    from = "KAZ"
    to = "PAK"
    base_total = 30
    [noise]
    permanent = { sd = 0.2, pull = 0.1, gap = 0.3 }
    transitory = { sd = 0.2, persistence = 0.4, start = 0.2 }
    [[driver]]
    id = "deal"
    chance = 0.4
    start = 2023-03-15
    effect = { dist = "normal", mean = 0.2, sd = 0.1 }
    phase_in = { shape = "linear", years = 2 }
    exposure = { "x.*" = 1.0, "m" = 0.3 }
    [[driver]]
    id = "follower"
    start = { after = "deal", lag = 0.5 }
    effect = 0.1
    [[driver]]
    id = "world"
    kind = "regime"
    start = "calm"
    rates = { calm = { storm = 0.5 }, storm = { calm = 0.5 } }
    level = { storm = -0.3 }
    volatility = { storm = 1.5 }
    [[driver]]
    id = "price"
    kind = "process"
    model = { kind = "random-walk", sd = 0.1 }
    exposure = { "x.b" = 0.8 }
    [[driver]]
    id = "lost"
    kind = "shock"
    rate = 0.3
    size = -0.5
    exposure = { "x.*" = 1.0 }
    [[driver]]
    id = "ships"
    kind = "cargo"
    flow = "x.b"
    rate = { calm = 0.8, storm = 0.2 }
    size = 5
    outside_base = true
"#;

/// So many drivers more that not all coalitions can be looked at.
fn crowd() -> String {
    let driver = |n: usize| format!("[[driver]]\nid = \"extra-{n}\"\nkind = \"process\"\ngrowth = 0.0{n}\n");
    WORLD.to_owned() + &(1..=8).map(driver).collect::<String>()
}

/// The same without the noise of its flows.
fn without_noise(body: &str) -> String {
    let is_noise = |line: &&str| ["[noise]", "permanent", "transitory"].iter().any(|it| line.trim().starts_with(it));
    let rest: Vec<&str> = body.lines().filter(|line| !is_noise(line)).collect();
    assert_eq!(rest.len() + 3, body.lines().count());
    rest.join("\n")
}

#[test]
fn parts_add_up_to_the_change_in_every_measure_and_period() {
    assert_adds_up(&scenario(3, "quarter", &without_noise(WORLD)), 200, EXACT);
    assert_adds_up(&scenario(2, "half-year", &without_noise(&crowd())), 100, EXACT);
    assert_adds_up(&scenario(3, "quarter", WORLD), 200, NOISY);
    assert_adds_up(&scenario(2, "half-year", &crowd()), 100, NOISY);
}

#[test]
fn parts_add_up_where_steps_are_reported() {
    assert_adds_up(&scenario_by_step(2, "half-year", &without_noise(WORLD)), 200, EXACT);
    assert_adds_up(&scenario_by_step(2, "half-year", WORLD), 200, NOISY);
}

#[test]
fn a_driver_without_effect_is_worth_nothing_to_the_last_bit() {
    let nothing = "[[driver]]\nid = \"nothing\"\nchance = 0.5\neffect = 0\n\
                   [[driver]]\nid = \"seldom\"\nstart = 2023-02-01\n\
                   effect = { dist = \"normal\", mean = 0, sd = 0 }\nphase_in = { shape = \"exponential\", years = 2 }\n";
    for body in [WORLD.to_owned() + nothing, crowd() + nothing] {
        let found = attributed(&scenario(2, "quarter", &body), 200);
        for part in found.measures.iter().flat_map(|measure| measure.periods.iter().flatten()) {
            if part.id == "nothing" || part.id == "seldom" {
                let bits =
                    [part.mean.value, part.mean.standard_error.unwrap(), part.log_points.map_or(0.0, |it| it.value)];
                assert_eq!(bits.map(f64::abs).map(f64::to_bits), [0; 3], "{part:?}");
                assert_eq!(part.quantiles, [0.0; 3]);
            }
        }
    }
}

/// Without noise, and with drivers that depend on nothing, a coalition is a scenario: one that lacks the others.
#[test]
fn parts_are_shapley_values_of_the_scenarios_without_the_others() {
    let body = |on: [bool; 4]| {
        let trend = if on[0] { 0.08 } else { 0.0 };
        let driver = |id: &str, on: bool, keys: &str| format!("[[driver]]\nid = \"{id}\"\nenabled = {on}\n{keys}\n");
        format!(
            "[[flow]]\nid = \"x\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase_total = 50\ntrend = {trend}\ncapacity = 70\n\
             [[flow]]\nid = \"y\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase_total = 20\ntrend = {trend}\n{}{}{}",
            driver("deal", on[1], "start = 2023-05-01\neffect = 0.3\nphase_in = { shape = \"linear\", years = 1 }"),
            driver("oil", on[2], "kind = \"process\"\ngrowth = -0.2\nexposure = { x = 0.5, y = 1 }"),
            driver("ships", on[3], "kind = \"cargo\"\nflow = \"x\"\nrate = 2\nsize = 3\noutside_base = true"),
        )
    };
    const TRIALS: u64 = 50;
    let means: Vec<[f64; 2]> = (0..16)
        .map(|s: usize| {
            let scenario = scenario(2, "half-year", &body([0, 1, 2, 3].map(|player| s >> player & 1 == 1)));
            let paths = paths(&scenario, &options(TRIALS), TRIALS, unwatched()).expect("the run succeeds");
            let (measures, periods) = (scenario.measure_ids().len(), 2);
            let total = |trial: usize| paths.values[(trial * measures + at(&scenario, "total")) * periods + 1];
            let mean = |f: &dyn Fn(f64) -> f64| (0..50).map(|trial| f(total(trial))).sum::<f64>() / 50.0;
            [mean(&|value| value), mean(&f64::ln)]
        })
        .collect();
    let weight = [1.0 / 4.0, 1.0 / 12.0, 1.0 / 12.0, 1.0 / 4.0];
    let found = attributed(&scenario(2, "half-year", &body([true; 4])), TRIALS);
    let parts = parts(&found, "total");
    for (player, id) in ["trend", "deal", "oil", "ships"].into_iter().enumerate() {
        let mut expected = [0.0; 2];
        for s in (0..16_usize).filter(|s| s >> player & 1 == 0) {
            for (kind, expected) in expected.iter_mut().enumerate() {
                *expected += weight[s.count_ones() as usize] * (means[s | 1 << player][kind] - means[s][kind]);
            }
        }
        let found = part(parts, id);
        assert!((found.mean.value - expected[0]).abs() < 1e-11, "{id}: {found:?} is not {expected:?}");
        assert!((found.log_points.unwrap().value - expected[1]).abs() < 1e-12, "{id}: {found:?} is not {expected:?}");
    }
    assert_eq!(part(parts, "noise").mean.value, 0.0);
}

/// All alike, each has an equal share in whatever order they come. False alarm once in 147,000.
#[test]
fn many_drivers_are_sampled_and_equal_ones_get_equal_shares() {
    let one = |n: usize| {
        format!("[[driver]]\nid = \"d{n}\"\nkind = \"process\"\ngrowth = 0.05\nexposure = {{ x = 1, y = \"k\" }}\n")
    };
    let body = "[parameters]\nk = { dist = \"uniform\", min = -1, max = 1 }\n".to_owned()
        + &flow(10.0, "capacity = 40")
        + &flow(30.0, "").replace("\"x\"", "\"y\"")
        + &(0..14).map(one).collect::<String>();
    let found = attributed(&scenario(1, "year", &body), 400);
    let parts = parts(&found, "total");
    let change = part(parts, "change");
    for n in 0..14 {
        let found = part(parts, &format!("d{n}"));
        for (found, whole) in [(found.mean, change.mean), (found.log_points.unwrap(), change.log_points.unwrap())] {
            // The share varies with `k` as the whole does, so that error is common to both.
            let error = found.standard_error.unwrap();
            assert!((found.value - whole.value / 14.0).abs() < ALLOWED * error, "{n}: {found:?} of {whole:?}");
        }
    }
}

#[test]
fn what_may_not_happen_has_its_worth_if_it_does() {
    let found = attributed(&scenario(2, "quarter", WORLD), 500);
    let parts = parts(&found, "x.a");
    for id in ["deal", "lost"] {
        let part = part(parts, id);
        let (share, then) = (part.probability_happens.unwrap(), part.if_happens.as_ref().unwrap());
        common::equal(id, share * then.mean.value, part.mean.value);
        common::equal(id, share * then.log_points.unwrap().value, part.log_points.unwrap().value);
    }
    // 4.5 standard errors of a share of 500 trials.
    let share = part(parts, "deal").probability_happens.unwrap();
    assert!((share - 0.4).abs() < ALLOWED * (0.24_f64 / 500.0).sqrt(), "{share}");
    assert_eq!(part(parts, "follower").probability_happens, Some(share));
    assert_eq!((part(parts, "world").probability_happens, part(parts, "noise").probability_happens), (Some(1.0), None));
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let scenario = scenario(2, "quarter", WORLD);
    let total = [at(&scenario, "total")];
    let told = |threads: usize| {
        let options = RunOptions { threads, ..options(700) };
        let attribution = attribute(&scenario, &total, &options, unwatched()).expect("the run succeeds");
        let sensitivity = sensitivity(&scenario, &total, Some(2023), &options, unwatched()).expect("the run succeeds");
        format!("{attribution:?} {sensitivity:?}")
    };
    assert_eq!(told(1), told(3));
}

/// Sobol' G function with a = 0.1, 0.5, 3, 9 as a scenario: `|4x - 2|` is the greater of both signs.
fn g_function() -> Scenario {
    let factor = |n: usize, a: f64| format!("(max(4 * x{n} - 2, 2 - 4 * x{n}) + {a}) / {}", 1.0 + a);
    let product: Vec<String> = [0.1, 0.5, 3.0, 9.0].into_iter().enumerate().map(|(n, a)| factor(n, a)).collect();
    let inputs: String = (0..4).map(|n| format!("x{n} = {{ dist = \"uniform\", min = 0, max = 1 }}\n")).collect();
    let body =
        format!("[parameters]\n{inputs}{}", flow(1.0, "").replace("1.0", &format!("\"{}\"", product.join(" * "))));
    scenario(1, "year", &body)
}

/// SALib 1.6.0: `sobol.analyze` on `Y = prod((abs(4 X - 2) + a) / (1 + a))` at `X = sample.sobol.sample(problem, 2**17,
/// calc_second_order=False, seed=1)`, first order and total. The exact indices, from the variances `1/3 / (1 + a)^2` of
/// the factors, differ from these by less than 5e-5. False alarm of all sixteen comparisons: once in 9,200.
#[test]
fn the_g_function_has_its_indices_and_those_of_salib() {
    let salib = [
        (0.5510368314845093, 0.6480071874912658),
        (0.29633628487198965, 0.3870951987008508),
        (0.041674914290825774, 0.06122922069710734),
        (0.0066722395947783975, 0.009966225268661477),
    ];
    let variances = [0.1, 0.5, 3.0, 9.0].map(|a: f64| 1.0 / 3.0 / (1.0 + a).powi(2));
    let all: f64 = variances.iter().map(|v| 1.0 + v).product();
    let found = sensitive(&g_function(), 20_000);
    assert_eq!(found.inputs.len(), 4);
    for ((input, v), (first_order, total)) in found.inputs.iter().zip(variances).zip(salib) {
        let exact = (v / (all - 1.0), v * all / (1.0 + v) / (all - 1.0));
        assert!((exact.0 - first_order).abs() < 5e-5 && (exact.1 - total).abs() < 5e-5);
        close(&input.name, input.indices.first_order, exact.0);
        close(&input.name, input.indices.first_order, first_order);
        close(&input.name, input.indices.total, exact.1);
        close(&input.name, input.indices.total, total);
    }
    close("all inputs", found.epistemic.first_order, 1.0);
    assert_eq!((found.events.total.value, found.noise.total.value), (0.0, 0.0));
    // All standard errors are small enough to say something.
    assert!(found.inputs.iter().all(|it| it.indices.first_order.standard_error < 0.03));
}

/// Three sources that only add: a normal base of sd 4, cargoes at 2 a year of size 3, and lognormal noise of sd 0.2 on a
/// base of 20. False alarm of the four comparisons: once in 37,000.
#[test]
fn the_variance_of_a_sum_splits_into_that_of_its_terms() {
    let body = r#"
        flow = [
            { id = "a", from = "PAK", to = "KAZ", base = { dist = "normal", mean = 50, sd = 4, min = 10 } },
            { id = "b", from = "PAK", to = "KAZ", base = 10 },
            { id = "c", from = "PAK", to = "KAZ", base = 20, noise = { permanent = { sd = 0.2 } } },
        ]
        driver = [{ id = "ships", kind = "cargo", flow = "b", rate = 2, size = 3, outside_base = true }]
    "#;
    let found = sensitive(&scenario(1, "year", body), 20_000);
    let noise = 400.0 * (0.04_f64).exp() * (0.04_f64).exp_m1();
    let all = 16.0 + 18.0 + noise;
    close("inputs", found.epistemic.first_order, 16.0 / all);
    close("events", found.events.first_order, 18.0 / all);
    close("noise", found.noise.first_order, noise / all);
    close("the one input", found.inputs[0].indices.total, 16.0 / all);
    assert!(found.interaction().abs() < 0.1, "{}", found.interaction());
}

/// A median moves with what is added to it.
#[test]
fn the_swing_of_a_term_is_that_of_the_input() {
    let body = r#"
        [parameters]
        unused = { dist = "uniform", min = 0, max = 1 }
        [[flow]]
        id = "x"
        from = "PAK"
        to = "KAZ"
        base = { dist = "uniform", min = 100, max = 200 }
        [[flow]]
        id = "y"
        from = "PAK"
        to = "KAZ"
        base = 10
        trend = { dist = "uniform", min = -0.1, max = 0.1 }
    "#;
    let found = sensitive(&scenario(1, "year", body), 1000);
    let [unused, base, trend] = &found.inputs[..] else { panic!("{:?}", found.inputs) };
    assert_eq!((unused.swing.value, unused.indices.total.value), (0.0, 0.0));
    assert_eq!((base.name.as_str(), base.p10, base.p90), ("flow.x.base", 110.0, 190.0));
    common::equal("swing", base.swing.value, 80.0);
    assert!(base.swing.standard_error.unwrap() < 1e-9);
    assert!(trend.swing.value > 1.0 && trend.swing.value < 3.0, "{trend:?}");
}

fn tradewinds(folder: &std::path::Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tradewinds")).current_dir(folder).args(arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn every_shipped_scenario_can_be_explained() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/");
    for family in ["pakistan-kazakhstan", "tutorial"] {
        let path = format!("{shipped}{family}");
        let (status, said) = tradewinds(folder.path(), &["explain", &path, "-n", "40"]);
        assert_eq!(status, Some(0), "{said}");
        assert!(
            said.contains("What changes total of") && said.contains("Where the variance of total comes from"),
            "{said}"
        );
        let scenarios = std::fs::read_dir(folder.path().join("output").join(family)).unwrap().count();
        assert_eq!(scenarios, if family == "tutorial" { 4 } else { 8 });
    }
    let read = |name: &str| std::fs::read_to_string(folder.path().join("output/tutorial/drivers").join(name)).unwrap();
    let header = |name: &str| read(name).lines().next().unwrap().to_owned();
    assert_eq!(
        header("attribution.csv"),
        "scenario,measure,period,part,kind,unit,mean,mean_se,p05,p50,p95,log_points,log_points_se,mean_if_happens,\
         mean_if_happens_se,log_points_if_happens,probability_happens,title"
    );
    assert_eq!(
        header("sensitivity.csv"),
        "scenario,measure,period,input,kind,unit,input_p10,input_p90,median_at_p10,median_at_p90,swing,swing_se,\
         first_order,first_order_se,total,total_se"
    );
    assert_eq!(
        header("variance.csv"),
        "scenario,measure,period,unit,variance,epistemic_share,epistemic_se,events_share,events_se,noise_share,noise_se,\
         interaction_share"
    );
}

#[test]
fn what_explains_a_scenario_goes_once_that_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    let text = include_str!("../scenarios/tutorial/01-first.toml");
    let file = folder.path().join("first.toml");
    std::fs::write(&file, text).unwrap();
    let run = || tradewinds(folder.path(), &["run", "first.toml", "-n", "50", "--quiet", "--out", "results"]);
    assert_eq!(run().0, Some(0));
    let explained = ["explain", "first.toml", "-n", "50", "--quiet", "--out", "results"];
    assert_eq!(tradewinds(folder.path(), &explained).0, Some(0));
    let family = std::fs::read_dir(folder.path().join("results")).unwrap().next().unwrap().unwrap().path();
    let attribution = family.join("first/attribution.csv");
    assert_eq!(run().0, Some(0));
    assert!(attribution.is_file(), "the same scenario keeps it");
    std::fs::write(&file, text.replace("base_total = 120", "base_total = 130")).unwrap();
    let (status, said) = run();
    assert_eq!(status, Some(0), "{said}");
    assert!(!attribution.exists(), "it is of another scenario");
}

#[test]
fn what_cannot_be_explained_is_refused_with_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/tutorial/02-drivers.toml");
    let (status, said) = tradewinds(folder.path(), &["explain", scenario, "--measure", "totl"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("has no measure `totl`\n  = hint: did you mean `total`?"), "{said}");
    let (status, said) = tradewinds(folder.path(), &["explain", scenario, "--year", "1999"]);
    assert_eq!(status, Some(2), "{said}");
    assert!(said.contains("does not project 1999\n  = hint: name a year from"), "{said}");
    assert!(!folder.path().join("output").exists());
    let one = ["explain", scenario, "--measure", "exports", "--year", "2026", "-n", "50"];
    let (status, said) = tradewinds(folder.path(), &one);
    assert_eq!(status, Some(0), "{said}");
    let variance = std::fs::read_dir(folder.path().join("output/tutorial")).unwrap().next().unwrap().unwrap().path();
    let variance = std::fs::read_to_string(variance.join("variance.csv")).unwrap();
    assert_eq!(variance.lines().count(), 2, "{variance}");
}
