//! A block comes out the same whether the contributions of its drivers are read or not, and whatever was run before it.
//!
//! Where nobody reads them, a driver that only noisy flows feel by constants goes a shorter way: it writes its
//! contribution in single precision. That must be the contribution in double precision, rounded.

use super::*;
use crate::scenario::from_text;

const HEAD: &str = r#"
pair = { reporter = "PAK", partner = "KAZ" }
value = { unit = "USD million" }
horizon = { base = 2022, end = 2028, step = "quarter", report = "step" }

[parameters]
jump = { dist = "normal", mean = -0.1, sd = 0.1 }
felt = { dist = "uniform", min = -0.5, max = 1 }
drift = { dist = "normal", mean = 0.02, sd = 0.02 }
years = { dist = "uniform", min = 0.3, max = 2 }
short = { dist = "uniform", min = 0.02, max = 0.05 }
chance = { dist = "uniform", min = 0.3, max = 1 }

[noise]
permanent = { sd = 0.2 }
transitory = { sd = 0.1, persistence = 0.5, start = "stationary" }
correlation = { default = 0.1, groups = [{ flows = "exports.*", rho = 0.5 }] }

[[choice]]
id = "deal"
options = { none = 0.4, wide = 0.6 }

[[flow]]
id = "exports.a"
from = "PAK"
to = "KAZ"
base = 80

[[flow]]
id = "exports.b"
from = "PAK"
to = "KAZ"
base_total = { dist = "uniform", min = 50, max = 70 }
trend = "drift"
capacity = 400
noise = { permanent = { pull = "years", gap = 0.3 }, transitory = { start = 0.2 } }
"#;

/// What makes a driver needed in double precision: a flow without noise, and one whose exposure is drawn.
const EXACT_FLOWS: &str = r#"
[[flow]]
id = "exports.quiet"
from = "PAK"
to = "KAZ"
base = 30
noise = { permanent = { sd = 0 }, transitory = { sd = 0 } }

[[flow]]
id = "exports.drawn"
from = "PAK"
to = "KAZ"
base = 40
"#;

/// Which flows feel a driver: noisy ones by constants, and with them those that need it in double precision.
const EXPOSURES: [&str; 3] = [
    r#""exports.a" = 1, "exports.b" = -0.5"#,
    r#""exports.a" = 1, "exports.b" = -0.5, "exports.quiet" = 0.3"#,
    r#""exports.a" = 1, "exports.b" = -0.5, "exports.drawn" = "felt""#,
];

/// How many flows stand in [`HEAD`].
const NOISY_FLOWS: usize = 2;

/// Drivers by what is in their blocks, the `turn`-th of which has the `turn`-th exposure.
fn blocks_of(drivers: &[String], exposures: &[&str]) -> String {
    let block = |(turn, keys): (usize, &String)| match keys.contains("kind = \"cargo\"") {
        true => format!("[[driver]]\n{keys}\n"),
        false => format!("[[driver]]\n{keys}\nexposure = {{ {} }}\n", exposures[turn % exposures.len()]),
    };
    drivers.iter().enumerate().map(block).collect()
}

fn plan_of(text: &str) -> Plan {
    let scenario = from_text(text).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    // Fewer than usual, on which nothing depends: that takes less time.
    Plan { lanes: 256, ..Plan::compile(&scenario, 1, false) }
}

/// A row that an observer has seen, or that the kernel has at the end: what it is, in which period, and its number.
type Place = (&'static str, usize, usize);

/// Keeps all rows of a block, as bits.
struct Recorder<const SINGLES: bool> {
    reads_contributions: bool,
    rows: Vec<(Place, Vec<u64>)>,
}

impl<const SINGLES: bool> Recorder<SINGLES> {
    fn keep<T: Copy + Into<f64>>(&mut self, place: Place, row: &[T]) {
        self.rows.push((place, row.iter().map(|&value| value.into().to_bits()).collect()));
    }
}

impl<const SINGLES: bool> Observer for Recorder<SINGLES> {
    const READS_SINGLES: bool = SINGLES;

    fn reads_contributions(&self, _first_trial: u64) -> bool {
        self.reads_contributions
    }

    fn base(&mut self, view: &View<'_>) {
        for (idx, row) in view.measures.iter().enumerate() {
            self.keep(("measure of the base year", 0, idx), &row[..view.live]);
        }
    }

    fn period(&mut self, view: &View<'_>, period: usize) {
        for (idx, (double, single)) in view.measures.iter().zip(view.singles).enumerate() {
            match SINGLES && !single.is_empty() {
                true => self.keep(("measure", period, idx), &single[..view.live]),
                false => self.keep(("measure", period, idx), &double[..view.live]),
            }
        }
        self.keep(("states", period, 0), &view.states[..view.live]);
        for (idx, (driver, starts)) in view.drivers.iter().zip(&view.scene.starts).enumerate() {
            self.keep(("starts", period, idx), &starts[..view.live]);
            match driver {
                DriverState::Intervention(state) => {
                    let active = state.count_active(view.scene.vectors, starts, view.scene.now, view.live);
                    self.keep(("active", period, idx), &[active as f64]);
                }
                DriverState::Shock(state) => self.keep(("struck", period, idx), &state.struck[..view.live]),
                DriverState::Cargo(state) => {
                    self.keep(("struck", period, idx), &state.struck[..view.live]);
                    self.keep(("delivered", period, idx), &state.delivered[..view.live]);
                }
                DriverState::Regime(_) | DriverState::Process(_) => {}
            }
        }
        if self.reads_contributions {
            for (idx, contribution) in view.contributions.iter().enumerate() {
                self.keep(("contribution", period, idx), &contribution[..view.live]);
            }
        }
    }
}

/// What is seen of a block, and the contributions in single precision at its end.
fn seen<const SINGLES: bool>(
    kernel: &mut Kernel<'_>,
    (first, live): (u64, usize),
    reads: bool,
) -> Vec<(Place, Vec<u64>)> {
    let mut recorder = Recorder::<SINGLES> { reads_contributions: reads, rows: Vec::new() };
    kernel.run(first, live, &mut recorder).expect("nothing leaves its range");
    for (idx, (single, double)) in kernel.singles.contributions.iter().zip(&kernel.contributions).enumerate() {
        if !single.is_empty() {
            recorder.keep(("rounded contribution", 0, idx), &single[..live]);
            let is_rounded = |(single, double): (&f32, &f64)| single.to_bits() == (*double as f32).to_bits();
            assert!(!reads || single.iter().zip(double).take(live).all(is_rounded), "contribution {idx}");
        }
    }
    recorder.rows
}

/// Fails where a block of a kernel in use is not what it is on a kernel of its own with a reader.
fn assert_alike<const SINGLES: bool>(what: &str, plan: &Plan) -> Vec<(Place, Vec<u64>)> {
    let lanes = plan.lanes as u64;
    // One is partly empty, and the first comes again.
    let blocks = [(0, plan.lanes), (lanes, plan.lanes), (2 * lanes, 100), (0, plan.lanes)];
    let kernel = || Kernel::new(plan, Vectors::widest());
    let alone = blocks.map(|block| seen::<SINGLES>(&mut kernel(), block, true));
    for readers in [[false; 4], [true; 4], [true, false, true, false], [false, true, true, false]] {
        let mut kernel = kernel();
        for ((block, reads), expected) in blocks.into_iter().zip(readers).zip(&alone) {
            let found = seen::<SINGLES>(&mut kernel, block, reads);
            let expected = expected.iter().filter(|((what, ..), _)| reads || *what != "contribution");
            assert_eq!(found.len(), expected.clone().count(), "{what}");
            for ((place, found), (expected_place, expected)) in found.iter().zip(expected) {
                assert_eq!(place, expected_place, "{what}");
                assert!(found == expected, "{what}: {place:?} of {block:?} among readers {readers:?}");
            }
        }
    }
    alone.into_iter().next().expect("a block")
}

/// The flows of [`HEAD`] under drivers that all go the shorter way, and under the same of which some may not.
fn check(what: &str, drivers: &[String]) {
    let short = plan_of(&format!("{HEAD}{}", blocks_of(drivers, &EXPOSURES[..1])));
    let of_one_more =
        "[[driver]]\nid = \"felt-by-no-noisy-flow\"\neffect = 0.2\nexposure = { \"exports.quiet\" = 1 }\n";
    let mixed = plan_of(&format!("{HEAD}{EXACT_FLOWS}{}{of_one_more}", blocks_of(drivers, &EXPOSURES)));
    let is_short = |plan: &Plan| (0..drivers.len()).map(|driver| !plan.needs_exactly(driver)).collect::<Vec<bool>>();
    assert!(is_short(&short).into_iter().all(|is_short| is_short), "{what}");

    let double = assert_alike::<false>(what, &short);
    let single = assert_alike::<true>(what, &short);
    let among_others = [assert_alike::<false>(what, &mixed), assert_alike::<true>(what, &mixed)];
    // Sums differ, as they are of other flows or in another precision.
    let flows = |rows: Vec<(Place, Vec<u64>)>| -> Vec<(Place, Vec<u64>)> {
        rows.into_iter().filter(|((what, _, idx), _)| what.starts_with("measure") && *idx < NOISY_FLOWS).collect()
    };
    let double = flows(double);
    assert_eq!(double.len(), NOISY_FLOWS * (1 + short.steps));
    for others in among_others.into_iter().chain([single]) {
        assert!(flows(others) == double, "{what}");
    }
}

fn drivers_of(blocks: &[&str]) -> Vec<String> {
    blocks.iter().enumerate().map(|(idx, keys)| format!("id = \"d{idx}\"\n{keys}")).collect()
}

/// States that other drivers depend on.
const STATES: &str = r#"kind = "regime"
start = "tense"
rates = { calm = { tense = 0.4 }, tense = { calm = 0.4, war = 0.4 }, war = { tense = 0.6 } }
growth = { calm = 0.02, war = -0.05 }
volatility = { war = 1.4 }"#;

#[test]
fn shocks_and_cargoes_are_the_same_without_a_reader() {
    let size = r#"size = { dist = "exponential", mean = 0.3, negate = true }"#;
    let shock = |keys: &str| format!("kind = \"shock\"\n{keys}");
    let cargo = |flow: &str, keys: &str| format!("kind = \"cargo\"\nflow = \"exports.{flow}\"\n{keys}");
    let events = [
        shock(&format!("rate = 0.8\n{size}")),
        shock(&format!("rate = 0.8\n{size}\nrecovery_years = 1.5")),
        // Most lanes are not struck at all: what is left there is what was there.
        shock("rate = 0.01\nsize = \"jump\""),
        shock("rate = { calm = 0.1, tense = 1, war = 6 }\nsize = \"jump\"\nrecovery_years = \"years\""),
        shock(&format!("rate = \"years\"\n{size}\nwhen = {{ deal = \"wide\" }}")),
        cargo("a", "rate = 0.7\nsize = { dist = \"lognormal\", median = 10, sigma = 0.8 }"),
        cargo("b", "rate = { calm = 0.4, tense = 0.3, war = 0.1 }\nsize = \"years\"\nwhen = { deal = \"none\" }"),
    ];
    let mut blocks: Vec<&str> = events.iter().map(String::as_str).collect();
    check("shocks first", &drivers_of(&[&blocks[..], &[STATES]].concat()));
    blocks.reverse();
    check("cargoes first", &drivers_of(&[&[STATES], &blocks[..]].concat()));
}

#[test]
fn regimes_are_the_same_without_a_reader() {
    let three = r#"start = { calm = 0.3, tense = 0.5, war = 0.2 }
rates = { calm = { tense = 0.4 }, tense = { calm = 0.4, war = 0.4 }, war = { tense = 0.6 } }"#;
    let two = "start = \"calm\"\nrates = { calm = { war = 0.5 }, war = { calm = 0.7 } }";
    let five = r#"start = "a"
rates = { a = { b = 1 }, b = { c = 1, a = 0.5 }, c = { d = 1 }, d = { e = 1, a = 0.2 }, e = { a = 1 } }"#;
    let years = "fall_years = 0.3\nrecover_years = 2";
    let uncertain = r#"{ dist = "normal", mean = -0.2, sd = 0.1 }"#;
    for keys in [
        format!("{three}\ngrowth = {{ calm = 0.03, war = -0.1 }}\nvolatility = {{ war = 1.4 }}"),
        format!("{three}\nvolatility = {{ calm = 0.8, war = 1.4 }}"),
        format!("{three}\ngrowth = {{ calm = 0.03, war = {uncertain} }}"),
        format!("{three}\nlevel = {{ calm = 0.08, war = -0.25 }}\n{years}\nvolatility = {{ war = 1.4 }}"),
        format!("{three}\nlevel = {{ calm = 0.08, war = {uncertain} }}\ngrowth = {{ calm = 0.01 }}\n{years}"),
        format!("{three}\nlevel = {{ calm = 0.08, war = -0.25 }}\nrecover_years = \"years\"\nhold = \"war\""),
        format!("{three}\nlevel = {{ calm = 0.08 }}\ngrowth = 0.01\nvolatility = {{ war = 2 }}\nenabled = false"),
        format!("{two}\ngrowth = {uncertain}"),
        format!("{two}\nlevel = {{ war = {uncertain} }}\n{years}"),
        format!("{five}\nlevel = {{ b = 0.1, c = -0.1, e = 0.3 }}\ngrowth = {{ d = 0.02 }}\n{years}"),
        format!("{five}\ngrowth = {{ b = 0.1, c = {uncertain}, e = 0.3 }}\nvolatility = {{ a = 0.5, e = 2 }}"),
    ] {
        check(&keys, &drivers_of(&[&format!("kind = \"regime\"\n{keys}")]));
    }
}

/// Spells of each kind, with and without an end: those that never stop moving, those that settle soon, and those whose
/// times only come in the course of a path.
const SPELLS: [&str; 19] = [
    "start = 2023-01-01",
    "start = 2023-05-01\nchance = 0.7",
    "start = { dist = \"triangular\", min = 2023.2, mode = 2023.5, max = 2024.7 }\nchance = \"chance\"",
    "start = 2019-06-01\nalready_counted = 0.3",
    "start = { dist = \"uniform\", min = 2021.5, max = 2024 }\nchance = 0.8",
    "start = { after = \"lead\", lag = { dist = \"uniform\", min = 0, max = 1.5 } }",
    "start = { hazard = 0.6 }\nwhen = { deal = \"wide\" }",
    "start = 2023-02-15\nends = 2025-01-01",
    "start = 2020-01-01\nends = { dist = \"uniform\", min = 2021.5, max = 2026 }",
    "start = { dist = \"uniform\", min = 2022, max = 2024 }\nlasts = { dist = \"uniform\", min = 0.1, max = 3 }",
    "start = { hazard = { calm = 0.1, tense = 0.5, war = 2 }, from = 2023.6 }\nlasts = 1",
    "start = { hazard = 0.5 }\nends = { hazard = { calm = 0.5, war = 1 } }",
    "start = 2024-01-01\nends = { after = \"lead\", lag = 1 }\nchance = 0.9",
    "interruption = { off_rate = 0.8, on_rate = 1.5 }",
    "start = 2020-01-01\ninterruption = { off_rate = 0.8, on_rate = 1.5 }\nfade_years = 0.5\nrecover_years = \"years\"",
    "start = 2023-08-01\ninterruption = { off_rate = { calm = 0.1, war = 3 }, on_rate = 1 }\nends = 2026-03-01",
    "start = { hazard = 0.7 }\nlasts = 2\nfade_years = \"years\"\nchance = 0.9",
    "start = 2023-03-01\nstrength = { war = 0.2, tense = 0.9 }\nfade_years = 0.3\nrecover_years = 0.6",
    "start = { after = \"lead\" }\ninterruption = { off_rate = 1, on_rate = { calm = 2 } }\nwhen = { deal = \"none\" }",
];

#[test]
fn interventions_are_the_same_without_a_reader() {
    let effect = r#"effect = { dist = "normal", mean = 0.2, sd = 0.2, zero = 0.1 }"#;
    for shape in [
        r#"shape = "immediate""#,
        r#"shape = "linear", years = 1.2"#,
        r#"shape = "linear", years = "years""#,
        r#"shape = "exponential", years = 0.04"#,
        r#"shape = "exponential", years = "years""#,
        r#"shape = "logistic", midpoint = 0.4, width = 0.03"#,
        r#"shape = "logistic", midpoint = "years", width = "short""#,
        r#"shape = "logistic", midpoint = 1, width = 0.001"#,
        r#"shape = "pulse", years = 0.8"#,
        r#"shape = "pulse", years = "years""#,
        r#"shape = "steps", years = [0, 0.5, 1], share = [0.2, 0.6, 1]"#,
    ] {
        let blocks: Vec<String> =
            SPELLS.map(|spell| format!("{spell}\n{effect}\nphase_in = {{ {shape} }}")).into_iter().collect();
        let blocks: Vec<&str> = blocks.iter().map(String::as_str).collect();
        let mut drivers = drivers_of(&[&[STATES], &blocks[..]].concat());
        // It moves no flow, and only starts what follows it.
        drivers.push("id = \"lead\"\nstart = { hazard = 0.6 }\neffect = 0".to_owned());
        check(shape, &drivers);
    }
}

#[test]
fn processes_are_the_same_without_a_reader() {
    let process = |keys: &str| format!("kind = \"process\"\n{keys}");
    let blocks = [
        process("growth = 0.02"),
        process("growth = { 2023 = 0.01, 2024 = \"jump\", then = 0.02 }\nwhen = { deal = \"wide\" }"),
        process("growth_error = 0.02\nmodel = { kind = \"random-walk\", sd = 0.2 }"),
        process("growth = 0.01\nmodel = { kind = \"mean-reverting\", speed = 0.3, sd = 0.33 }"),
        process("model = { kind = \"mean-reverting\", speed = \"years\", sd = \"short\" }"),
        process("model = { kind = \"random-walk\", sd = \"short\" }\nwhen = { deal = \"none\" }"),
    ];
    check("processes", &drivers_of(&blocks.each_ref().map(String::as_str)));
}
