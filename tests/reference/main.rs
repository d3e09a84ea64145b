//! The engine against a second, scalar writing of its model.

mod model;
mod text;
mod worlds;

use proptest::prelude::*;

use model::World;
use worlds::Dice;

/// The engine's path of a world is the reference's.
#[track_caller]
fn agree(world: &World) {
    let text = world.text();
    let reference = world.values();
    let engine = text::simulated(&text, 1, reference[0].len()).remove(0);
    let shape = |values: &[Vec<f64>]| values.iter().map(Vec::len).collect::<Vec<usize>>();
    assert_eq!(shape(&engine), shape(&reference), "{text}");
    for period in 0..reference[0].len() {
        // A balance is compared at the size of what it is the difference of.
        let total = reference[model::FLOWS.len() + 2][period];
        for (measure, row) in reference.iter().enumerate() {
            let (found, due) = (engine[measure][period], row[period]);
            let size = if measure == model::FLOWS.len() + 3 { total } else { due };
            let is_near = (found - due).abs() <= 1e-9 * size;
            assert!(is_near, "measure {measure}, period {period}: {found} instead of {due}\n{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        rng_seed: prop::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn worlds_without_chance_take_the_path_of_the_reference(numbers in prop::collection::vec(0.0..1.0, 240)) {
        agree(&Dice { numbers: &numbers, used: 0 }.world());
    }
}

/// One flow of 100 in half-years, reported step by step, and these drivers.
fn one_flow(keys: &str, more: &str) -> String {
    format!(
        "pair = {{ reporter = \"PAK\", partner = \"KAZ\" }}\nvalue = {{ unit = \"USD\" }}\n\
         horizon = {{ base = 2022, end = 2027, step = \"half-year\", report = \"step\" }}\n\
         flow = [{{ id = \"goods\", from = \"PAK\", to = \"KAZ\", base = 100, {keys} }}]\n{more}"
    )
}

const STEPS: usize = 10;
const DT: f64 = 0.5;
const TRIALS: u64 = 200;

/// By trial, the flow's values step by step.
fn goods(text: &str) -> Vec<Vec<f64>> {
    text::simulated(text, TRIALS, STEPS).into_iter().map(|mut trial| trial.swap_remove(0)).collect()
}

/// By trial, what all drivers and the noise add up to.
fn log_points(text: &str) -> Vec<Vec<f64>> {
    goods(text).into_iter().map(|path| path.iter().map(|value| (value / 100.0).ln()).collect()).collect()
}

/// The engine moves noise in single precision.
const SINGLE: f64 = 5e-6;
const DOUBLE: f64 = 1e-9;

/// Every number of the first is the second's times a factor, as near as said.
#[track_caller]
fn times(first: &[Vec<f64>], second: &[Vec<f64>], factor: f64, near: f64) {
    let mut moves = false;
    for (first, second) in first.iter().flatten().zip(second.iter().flatten()) {
        assert!((first - factor * second).abs() < near, "{first} is not {factor} times {second}");
        moves |= first.abs() > 0.01;
    }
    assert!(moves, "nothing moves");
}

#[test]
fn steep_logistics_take_hold_wherever_their_midpoint_is() {
    for (midpoint, width) in [(2.2, 0.001), (40.0, 0.01), (-1.0, 0.01), (-8.0, 0.01), (0.0, 1e-6), (300.0, 50.0)] {
        for start in [-3, 0, 1, 6, 7] {
            let phase = format!("{{ shape = \"logistic\", midpoint = {midpoint:?}, width = {width:?} }}");
            let text = one_flow(
                "",
                &format!("driver = [{{ id = \"a\", start = {:?}, effect = 0.5, phase_in = {phase} }}]", {
                    2023.0 + f64::from(start) / 4.0
                }),
            );
            let phase = model::Phase::Logistic { midpoint, width };
            let before = phase.at(-f64::from(start) / 4.0);
            for (n, found) in log_points(&text)[0].iter().enumerate() {
                let due = 0.5 * (phase.at((n + 1) as f64 * DT - f64::from(start) / 4.0) - before);
                assert!((found - due).abs() < 1e-9, "{found} instead of {due}, step {n}\n{text}");
            }
        }
    }
}

#[test]
fn shocks_are_whole_numbers_of_their_size_and_fade() {
    let shock = |size: f64| {
        format!("driver = [{{ id = \"a\", kind = \"shock\", rate = 0.8, size = {size:?}, recovery_years = 1.5 }}]")
    };
    let paths = log_points(&one_flow("", &shock(0.1)));
    times(&log_points(&one_flow("", &shock(0.2))), &paths, 2.0, DOUBLE);
    let (mut events, left) = (0.0, (-DT / 1.5_f64).exp());
    for path in &paths {
        let mut before = 0.0;
        for now in path {
            let struck = (now - before * left) / 0.1;
            assert!((struck - struck.round()).abs() < 1e-7 && struck > -0.5, "{struck} events");
            (before, events) = (*now, events + struck.round());
        }
    }
    // 200 trials of 5 years expect 800; 5 standard errors are 141, which chance passes once in 2 million seeds.
    assert!((events - 800.0_f64).abs() < 141.0, "{events} events");
}

#[test]
fn cargoes_add_their_size_over_the_step() {
    let cargo = |size: u32| {
        format!("driver = [{{ id = \"a\", kind = \"cargo\", flow = \"goods\", rate = 0.8, size = {size} }}]")
    };
    let added = |size: u32| -> Vec<Vec<f64>> {
        let paths = goods(&one_flow("capacity = 150, trend = 0.0", &cargo(size)));
        paths.into_iter().map(|path| path.into_iter().map(|value| value - 100.0).collect()).collect()
    };
    let once = added(40);
    times(&added(80), &once, 2.0, DOUBLE);
    for value in once.iter().flatten() {
        let cargoes = value * DT / 40.0;
        assert!((cargoes - cargoes.round()).abs() < 1e-9 && cargoes > -0.5, "{cargoes} cargoes");
    }
}

#[test]
fn effects_and_exposures_scale_what_comes_at_random() {
    let driver = |effect: f64, exposure: f64| {
        format!(
            "driver = [{{ id = \"a\", start = {{ hazard = 0.3, from = 2023.3 }}, ends = {{ hazard = 0.2 }}, effect = {effect:?}, \
             interruption = {{ off_rate = 0.5, on_rate = 0.7 }}, fade_years = 1, recover_years = 0.4, \
             exposure = {{ goods = {exposure:?} }} }}]"
        )
    };
    let once = log_points(&one_flow("", &driver(0.3, 1.0)));
    times(&log_points(&one_flow("", &driver(0.6, 1.0))), &once, 2.0, DOUBLE);
    times(&log_points(&one_flow("", &driver(0.3, -1.5))), &once, -1.5, DOUBLE);
    assert!(once.iter().flatten().all(|value| (-1e-12..0.3 + 1e-12).contains(value)));
}

#[test]
fn a_random_start_lies_in_the_step_that_it_first_acts_in_and_another_follows_it() {
    // Linear over ages that are never reached: the contribution tells the start.
    let linear = "phase_in = { shape = \"linear\", years = 100 }, effect = 10";
    let first = format!("{{ id = \"a\", start = {{ hazard = 0.4, from = 2023.3 }}, {linear}, exposure = EXPOSURE }}");
    let second = format!("{{ id = \"b\", start = {{ after = \"a\", lag = 0.8 }}, {linear} }}");
    let starts = |text: &str| -> Vec<f64> {
        let start_of = |path: &Vec<f64>| {
            let mut start = f64::INFINITY;
            for (n, value) in path.iter().enumerate() {
                let now = (n + 1) as f64 * DT;
                if start.is_finite() {
                    assert!((now - value * 10.0 - start).abs() < 1e-9, "the start moves: {path:?}");
                } else if *value != 0.0 {
                    start = now - value * 10.0;
                    assert!(start > now - DT - 1e-9 && start <= now, "{start} is not in the step to {now}");
                }
            }
            start
        };
        log_points(text).iter().map(start_of).collect()
    };
    let leaders = starts(&one_flow("", &format!("driver = [{}]", first.replace("EXPOSURE", "{ goods = 1 }"))));
    let followers =
        starts(&one_flow("", &format!("driver = [{second}, {}]", first.replace("EXPOSURE", "{ goods = 0 }"))));
    let mut late = 0;
    for (leader, follower) in leaders.iter().zip(followers) {
        assert!(*leader >= 0.3 - 1e-9);
        // One whose leader starts late follows beyond the horizon.
        if leader + 0.8 < STEPS as f64 * DT {
            assert!((follower - leader - 0.8).abs() < 1e-9, "{follower} follows {leader}");
        } else {
            assert_eq!(follower, f64::INFINITY);
            late += 1;
        }
    }
    assert!((1..TRIALS).contains(&late));
}

#[test]
fn volatility_and_sds_scale_noise_but_not_where_it_starts() {
    let regime = |factor: f64| {
        format!(
            "driver = [{{ id = \"w\", kind = \"regime\", start = \"calm\", rates = {{ calm = {{ calmer = 0.1 }} }}, \
             volatility = {{ calm = {factor:?}, calmer = {factor:?} }} }}]"
        )
    };
    let noise = |sd: f64| {
        format!(
            "noise = {{ permanent = {{ sd = {sd:?}, pull = 0.3 }}, transitory = {{ sd = {sd:?}, half_life = 0.7 }} }}"
        )
    };
    let once = log_points(&one_flow(&noise(0.1), ""));
    times(&log_points(&one_flow(&noise(0.25), "")), &once, 2.5, SINGLE);
    times(&log_points(&one_flow(&noise(0.1), &regime(2.5))), &once, 2.5, SINGLE);

    // Without moves all that is left is what the base year had, and it is given back whatever the state.
    let stationary = "noise = { transitory = { sd = 0.2, persistence = 0.5, start = \"stationary\" } }";
    let still = log_points(&one_flow(stationary, &regime(0.0)));
    let given_back: Vec<Vec<f64>> = still
        .iter()
        .map(|path| {
            let start = path[0] / (0.5_f64.powf(DT) - 1.0);
            (1..=STEPS).map(|n| start * (0.5_f64.powf(n as f64 * DT) - 1.0)).collect()
        })
        .collect();
    times(&still, &given_back, 1.0, SINGLE);
}

#[test]
fn what_cannot_happen_leaves_the_path_as_it_was() {
    let path = |driver: &str| {
        let choice = "choice = [{ id = \"deal\", options = { done = 1, failed = 0 } }]\n";
        goods(&one_flow("trend = 0.03", &format!("{choice}driver = [{driver}]")))
    };
    let (without, with) = (path(""), path("{ id = \"a\", effect = 0.5, chance = 1, when = { deal = \"done\" } }"));
    times(&with, &without, 0.5_f64.exp(), DOUBLE);
    for driver in [
        "{ id = \"a\", effect = 0.5, chance = 0 }",
        "{ id = \"a\", effect = 0.5, enabled = false }",
        "{ id = \"a\", effect = 0.5, already_counted = 1 }",
        "{ id = \"a\", effect = 0.5, start = 2020 }",
        "{ id = \"a\", effect = 0.5, start = 2021, ends = 2022, fade_years = 0 }",
        "{ id = \"a\", effect = 0.5, start = { hazard = 0 } }",
        "{ id = \"a\", effect = 0.5, when = { deal = \"failed\" } }",
        "{ id = \"a\", effect = 0.5, start = { after = \"b\", lag = 0 } }, { id = \"b\", effect = 0, chance = 0 }",
        "{ id = \"a\", effect = 0.5, start = { after = \"b\", lag = 0 } }, { id = \"b\", effect = 9, enabled = false }",
        "{ id = \"a\", kind = \"shock\", rate = 0, size = 1 }",
        "{ id = \"a\", kind = \"shock\", rate = 9, size = 1, when = { deal = \"failed\" } }",
        "{ id = \"a\", kind = \"process\", growth = 0.5, when = { deal = \"failed\" } }",
        "{ id = \"a\", kind = \"cargo\", flow = \"goods\", rate = 9, size = 1, when = { deal = \"failed\" } }",
    ] {
        assert_eq!(path(driver), without, "{driver}");
    }
}
