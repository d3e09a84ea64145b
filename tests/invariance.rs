//! What the numbers must not depend on: threads, vectors, shards, the number of trials, and what else is in the file.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};

use common::{measure, unwatched};
use tradewinds::projection::{Distribution, Projection};
use tradewinds::report::{About, Dialect, FILES, Report, Writer, growth, trials};
use tradewinds::scenario::{Scenario, Statement, from_text};
use tradewinds::simulate::{self, Origin, Partial, PartialError, RunOptions, Shard, Simulation, Watch};
use tradewinds::vector::Vectors;

const HEAD: &str = r#"
id = "all"
pair = { reporter = "PAK", partner = "KAZ" }
value = { unit = "USD million" }
horizon = { base = 2022, end = 2026, step = "quarter" }

[parameters]
drift = { dist = "normal", mean = 0.02, sd = 0.02 }
slow = { dist = "uniform", min = 0.2, max = 0.8 }

[noise]
permanent = { sd = 0.3, pull = 0.04, gap = 0.5 }
transitory = { sd = 0.3, persistence = 0.45, start = "stationary" }
shape = { kind = "contaminated", share = 0.04, ratio = 4 }
correlation = { default = 0.1, groups = [{ flows = "exports.*", rho = 0.7 }] }

[[target]]
id = "goal"
measure = "total"
at_least = 300
by = 2026
"#;

const FLOWS: [&str; 3] = [
    "[[flow]]\nid = \"exports.a\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase_total = 80\ntrend = \"drift\"\n",
    "[[flow]]\nid = \"exports.b\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase_total = 60\ncapacity = 400\n",
    "[[flow]]\nid = \"imports.c\"\nfrom = \"KAZ\"\nto = \"PAK\"\nbase_total = { dist = \"lognormal\", median = 20, sigma = 0.1 }\n",
];

const DRIVERS: [&str; 5] = [
    r#"
[[driver]]
id = "world"
kind = "regime"
start = "tense"
rates = { calm = { tense = 0.2 }, tense = { calm = 0.2, war = 0.2 }, war = { tense = 0.3 } }
level = { calm = 0.08, war = -0.25 }
fall_years = 0.3
recover_years = 3
volatility = { war = 1.4 }
"#,
    r#"
[[driver]]
id = "flights"
chance = 0.9
start = { dist = "triangular", min = 2023-04-15, mode = 2023-06-15, max = 2024-04-01 }
effect = { dist = "lognormal", median = 0.05, sigma = 0.6, max = 0.5, zero = 0.25 }
phase_in = { shape = "exponential", years = 1.5 }
interruption = { off_rate = { calm = 0.2, tense = 0.35, war = 0.8 }, on_rate = 0.5 }
fade_years = 2
exposure = { "exports.*" = 1, "imports.*" = 0.2 }
"#,
    r#"
[[driver]]
id = "oil"
kind = "process"
model = { kind = "mean-reverting", speed = 0.3, sd = 0.33 }
growth_error = 0.02
exposure = { "imports.*" = 0.8 }
"#,
    r#"
[[driver]]
id = "loss"
kind = "shock"
rate = 0.5
size = { dist = "exponential", mean = 0.3, negate = true }
recovery_years = 3
"#,
    r#"
[[driver]]
id = "cargoes"
kind = "cargo"
flow = "imports.c"
rate = { calm = 0.4, tense = 0.3, war = 0.1 }
size = { dist = "lognormal", median = 45, sigma = 0.8 }
"#,
];

fn scenario_of(flows: &[&str], drivers: &[&str]) -> Scenario {
    let text = format!("{HEAD}\n{}\n{}", flows.join("\n"), drivers.join("\n"));
    from_text(&text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn everything() -> Scenario {
    scenario_of(&FLOWS, &DRIVERS)
}

/// Not a multiple of a block, so that the last one is partly empty.
const TRIALS: u64 = 10_037;

fn options() -> RunOptions {
    RunOptions { trials: TRIALS, seed: 7, threads: 2, growth: true, ..RunOptions::default() }
}

fn run(scenario: &Scenario, options: &RunOptions) -> Projection {
    simulate::run(scenario, options, unwatched()).expect("the run succeeds")
}

/// Names and bytes of all files of a run.
fn tables(scenario: &Scenario, projection: &Projection) -> Vec<(&'static str, Vec<u8>)> {
    let about = About::of(scenario);
    let report = Report { about: &about, projection, dialect: Dialect::default() };
    let written = FILES.into_iter().chain([("growth.csv", growth as Writer)]).map(|(name, write)| {
        let mut bytes = Vec::new();
        write(&report, &mut bytes).expect("memory can be written");
        (name, bytes)
    });
    written.collect()
}

/// All files of a run, one after the other.
fn files(scenario: &Scenario, projection: &Projection) -> Vec<u8> {
    tables(scenario, projection)
        .into_iter()
        .flat_map(|(name, bytes)| [name.as_bytes().to_vec(), bytes].concat())
        .collect()
}

#[test]
fn the_bytes_depend_neither_on_threads_nor_on_vectors() {
    let scenario = everything();
    let with = |threads: usize, vectors: Vectors| {
        let options = RunOptions { threads, vectors, ..options() };
        let projection = run(&scenario, &options);
        let mut bytes = files(&scenario, &projection);
        let paths = simulate::paths(&scenario, &options, 300, unwatched()).expect("the run succeeds");
        let about = About::of(&scenario);
        let report = Report { about: &about, projection: &projection, dialect: Dialect::default() };
        trials(&report, &paths, &mut bytes).expect("memory can be written");
        bytes
    };
    let one = with(1, Vectors::widest());
    assert!(one == with(2, Vectors::widest()), "2 threads");
    assert!(one == with(7, Vectors::widest()), "7 threads");
    assert!(one == with(2, Vectors::baseline()), "baseline vectors");
    let other_seed = files(&scenario, &run(&scenario, &RunOptions { seed: 8, ..options() }));
    assert!(!one.starts_with(&other_seed), "the seed matters");
}

#[test]
fn a_trial_is_the_same_in_a_run_of_any_length() {
    let scenario = everything();
    let first = |trials: u64, n: u64| {
        let options = RunOptions { trials, ..options() };
        simulate::paths(&scenario, &options, n, unwatched()).expect("the run succeeds")
    };
    let (short, long) = (first(1_000, 1_000), first(100_000, 1_000));
    assert_eq!(short.trials, 1_000);
    assert!(short.values == long.values);
    let longer = first(100_000, 3_000);
    assert!(longer.values.starts_with(&short.values));
}

/// Every number of a law, as bits.
fn bits(law: &Distribution) -> Vec<u64> {
    let estimates = [law.mean, law.sd].into_iter().chain(law.quantiles.iter().copied());
    let numbers = estimates.flat_map(|it| [it.value, it.standard_error.unwrap_or(-1.0)]);
    numbers.chain(law.bins.iter().flat_map(|bin| [bin.low, bin.high, bin.probability])).map(f64::to_bits).collect()
}

fn laws(projection: &Projection, id: &str) -> Vec<Vec<u64>> {
    let measure = measure(projection, id);
    std::iter::once(&measure.base).chain(&measure.periods).map(bits).collect()
}

#[test]
fn a_driver_of_one_flow_leaves_the_others_alone() {
    let without = run(&everything(), &options());
    for new in [
        "id = \"new\"\neffect = 0.2\nchance = 0.5\nexposure = { \"exports.b\" = 1 }",
        "id = \"new\"\nkind = \"process\"\nmodel = { kind = \"random-walk\", sd = 0.2 }\nexposure = { \"exports.b\" = 1 }",
        "id = \"new\"\nkind = \"shock\"\nrate = 1\nsize = 0.1\nexposure = { \"exports.b\" = 1 }",
        "id = \"new\"\nkind = \"cargo\"\nflow = \"exports.b\"\nrate = 1\nsize = 5",
    ] {
        let new = format!("[[driver]]\n{new}\n");
        // In front, so that every other driver moves by one place.
        let drivers: Vec<&str> = std::iter::once(new.as_str()).chain(DRIVERS).collect();
        let with = run(&scenario_of(&FLOWS, &drivers), &options());
        for id in ["exports.a", "imports.c", "imports"] {
            assert!(laws(&with, id) == laws(&without, id), "{id} with {new}");
        }
        assert!(laws(&with, "exports.b") != laws(&without, "exports.b"), "{new}");
    }
}

/// A plain intervention takes one pass a step, and none once it has settled; one with an interruption that never comes
/// is computed in every step to the end.
#[test]
fn an_interruption_that_never_comes_changes_no_bit() {
    let scenario = |keys: &str| {
        let text = format!(
            "id = \"one\"\npair = {{ reporter = \"PAK\", partner = \"KAZ\" }}\nvalue = {{ unit = \"USD million\" }}\n\
             horizon = {{ base = 2022, end = 2042, step = \"quarter\" }}\n\
             [[flow]]\nid = \"exports.a\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase = 80\n\
             [[driver]]\nid = \"plain\"\neffect = {{ dist = \"normal\", mean = 3, sd = 1 }}\n{keys}\n"
        );
        from_text(&text).unwrap_or_else(|faults| panic!("{faults}"))
    };
    let uncertain = "{ dist = \"triangular\", min = 2023-04-15, mode = 2023-06-15, max = 2024-04-01 }";
    let spells = [
        "start = 2015-01-01".to_owned(),
        format!("chance = 0.7\nstart = {uncertain}"),
        format!("start = {uncertain}\nlasts = {{ dist = \"uniform\", min = 0.1, max = 12 }}"),
        "start = 2010-01-01\nends = { dist = \"uniform\", min = 2022.5, max = 2035 }".to_owned(),
        "start = { hazard = 0.2 }\nends = 2039-01-01".to_owned(),
    ];
    let shapes = [
        "shape = \"immediate\"",
        "shape = \"linear\", years = 3",
        "shape = \"exponential\", years = 0.2",
        "shape = \"logistic\", midpoint = 0.5, width = 0.1",
        "shape = \"pulse\", years = 1",
        "shape = \"steps\", years = [0, 2, 4], share = [0.2, 0.6, 1]",
    ];
    for (spell, shape) in spells.iter().flat_map(|spell| shapes.map(|shape| (spell, shape))) {
        let keys = format!("{spell}\nphase_in = {{ {shape} }}");
        let plain = run(&scenario(&keys), &options());
        let other = run(&scenario(&format!("{keys}\ninterruption = {{ off_rate = 0, on_rate = 0 }}")), &options());
        assert!(laws(&plain, "exports.a") == laws(&other, "exports.a"), "{keys}");
        assert_eq!(plain.drivers[0].active, other.drivers[0].active, "{keys}");
    }
}

#[test]
fn a_flow_more_leaves_the_others_alone() {
    let new = "[[flow]]\nid = \"exports.aa\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase_total = 5\n";
    let without = run(&everything(), &options());
    let with = run(&scenario_of(&[new, FLOWS[0], FLOWS[1], FLOWS[2]], &DRIVERS), &options());
    for id in ["exports.a", "exports.b", "imports.c"] {
        assert!(laws(&with, id) == laws(&without, id), "{id}");
    }
    assert!(laws(&with, "exports") != laws(&without, "exports"));
}

/// Flows that close the same gap and give back the same head start compute that once, the first of them for all. Here
/// are such flows, and some that differ from them by one thing: its name, and its keys under `noise`.
const STARTED: [(&str, &str); 16] = [
    ("quiet", "permanent = { sd = 0 }, transitory = { sd = 0, start = 0.3 }"),
    ("one", "transitory = { start = 0.3 }"),
    ("same", "permanent = { sd = 0.1 }, transitory = { start = 0.3 }"),
    ("half", "transitory = { start = 0.15 }"),
    ("uncertain", "transitory = { start = \"slow\" }"),
    ("as-uncertain", "transitory = { start = \"slow\" }"),
    ("gap", "permanent = { gap = 0.2 }, transitory = { start = 0.3 }"),
    ("pull", "permanent = { pull = 0.3 }, transitory = { start = 0.3 }"),
    ("loose", "permanent = { pull = 0 }, transitory = { start = 0.3 }"),
    ("lasting", "transitory = { start = 0.3, persistence = 0.7 }"),
    ("slow", "transitory = { start = 0.3, persistence = \"slow\" }"),
    ("as-slow", "transitory = { start = 0.3, persistence = \"slow\" }"),
    ("stationary", "permanent = { gap = 0.5 }"),
    ("level", "transitory = { start = 0 }"),
    ("drawn.one", "transitory = { start = 0.3 }"),
    ("drawn.other", "transitory = { start = 0.3 }"),
];

#[test]
fn flows_that_start_off_alike_are_what_each_is_alone() {
    let flow = |(name, noise): (&str, &str)| {
        let ends = "from = \"PAK\"\nto = \"KAZ\"\nbase = 20";
        format!("[[flow]]\nid = \"exports.{name}\"\n{ends}\nnoise = {{ {noise} }}\n")
    };
    let felt = "[[driver]]\nid = \"felt\"\neffect = 0.4\nphase_in = { shape = \"linear\", years = 3 }\n\
                exposure = { \"exports.drawn.*\" = { dist = \"uniform\", min = 0, max = 1 } }\n";
    // Drivers that every flow feels alike.
    let [world, _, _, loss, _] = DRIVERS;
    let alone = STARTED.map(|started| {
        let drivers = [world, loss, felt];
        let drivers = if started.0.starts_with("drawn") { &drivers[..] } else { &drivers[..2] };
        laws(&run(&scenario_of(&[&flow(started)], drivers), &options()), &format!("exports.{}", started.0))
    });
    let mut order = STARTED;
    for turn in 0..3 {
        let mut flows: Vec<String> = order.iter().copied().map(flow).collect();
        // What all flows begin with is added up once: with another trend that is nothing at all.
        flows.extend(FLOWS[..turn].iter().copied().map(str::to_owned));
        let flows: Vec<&str> = flows.iter().map(String::as_str).collect();
        let together = run(&scenario_of(&flows, &[world, loss, felt]), &options());
        for ((name, _), alone) in STARTED.iter().zip(&alone) {
            assert!(&laws(&together, &format!("exports.{name}")) == alone, "{name}, turn {turn}");
        }
        order.reverse();
        order.rotate_left(5 * turn);
    }
}

/// Every figure of every measure is the same but for rounding: sums over flows and drivers are taken in another order,
/// those of a noisy flow in single precision.
fn assert_near(one: &Projection, other: &Projection, what: &str) {
    for id in ["exports.a", "exports.b", "imports.c", "exports", "imports", "total", "balance"] {
        let (one, other) = (measure(one, id), measure(other, id));
        for (one, other) in one.periods.iter().zip(&other.periods) {
            let numbers = |law: &Distribution| {
                [law.mean.value, law.sd.value, law.quantile(0.05), law.quantile(0.5), law.quantile(0.95)]
            };
            for (one, other) in numbers(one).into_iter().zip(numbers(other)) {
                assert!((one - other).abs() <= 1e-7 * one.abs().max(1.0), "{what}, {id}: {one} and {other}");
            }
        }
    }
    let probability = |run: &Projection| run.targets[0].probability;
    assert_eq!(probability(one), probability(other), "{what}");
}

#[test]
fn the_order_of_flows_and_drivers_does_not_matter() {
    let one = run(&everything(), &options());
    let [a, b, c] = FLOWS;
    for flows in [[c, b, a], [b, c, a]] {
        assert_near(&one, &run(&scenario_of(&flows, &DRIVERS), &options()), "flows");
    }
    let mut drivers = DRIVERS;
    drivers.reverse();
    assert_near(&one, &run(&scenario_of(&FLOWS, &drivers), &options()), "drivers");
    drivers.rotate_left(2);
    assert_near(&one, &run(&scenario_of(&[c, a, b], &drivers), &options()), "both");
}

fn origin() -> Origin {
    Origin {
        family: "family".into(),
        id: "all".into(),
        resolved: "id = \"all\"".into(),
        observed: Vec::new(),
        sources: vec![("all.toml".into(), "00".into())],
        version: "1".into(),
    }
}

fn bytes_of(simulation: &Simulation<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    simulation.write_partial(origin(), &mut bytes).expect("memory takes all bytes");
    bytes
}

/// The bytes of a part of a run.
fn part(scenario: &Scenario, number: u64, count: u64) -> Vec<u8> {
    let mut simulation = Simulation::new(scenario, &options(), Shard { number, count }).expect("it fits");
    simulation.advance(u64::MAX, unwatched()).expect("the run succeeds");
    bytes_of(&simulation)
}

/// The parts of a run, through their bytes.
fn parts(scenario: &Scenario, count: u64) -> Vec<Partial> {
    let part = |number: u64| Partial::from_bytes(&part(scenario, number, count)).expect("its own bytes");
    (1..=count).map(part).collect()
}

fn merged(scenario: &Scenario, parts: Vec<Partial>) -> Result<Simulation<'_>, PartialError> {
    Simulation::merge(scenario, &options(), parts).expect("it fits")
}

#[test]
fn merged_shards_are_the_whole_run() {
    let scenario = everything();
    let whole = files(&scenario, &run(&scenario, &options()));
    for count in [1, 3, 7] {
        let mut parts = parts(&scenario, count);
        for turn in 0..3 {
            let all = merged(&scenario, parts.clone()).map_err(|error| error.to_string()).expect("they are a whole");
            assert_eq!(all.remaining(), 0);
            let bytes = files(&scenario, &all.finish().expect("it is done"));
            assert!(bytes == whole, "{count} shards, order {turn}");
            parts.reverse();
            parts.rotate_left(turn % count as usize);
        }
    }
}

/// A run that is stopped again and again, each time saved as bytes.
fn resumed(scenario: &Scenario) -> Projection {
    let mut simulation = Simulation::new(scenario, &options(), Shard::WHOLE).expect("it fits");
    let mut rounds = 0;
    while simulation.remaining() > 0 {
        simulation.advance(3_000, unwatched()).expect("the run succeeds");
        let partial = Partial::from_bytes(&bytes_of(&simulation)).expect("its own bytes");
        simulation = Simulation::resume(scenario, &options(), partial).expect("it fits");
        rounds += 1;
    }
    assert!(rounds > 2, "{rounds} rounds");
    simulation.finish().expect("it is done")
}

#[test]
fn a_run_that_was_stopped_goes_on_as_if_it_had_not_been() {
    let scenario = everything();
    let whole = files(&scenario, &run(&scenario, &options()));
    assert!(files(&scenario, &resumed(&scenario)) == whole);
}

#[test]
fn where_a_run_pauses_changes_no_byte() {
    let scenario = everything();
    let mut simulation = Simulation::new(&scenario, &options(), Shard::WHOLE).expect("it fits");
    let mut rounds = 0;
    while simulation.remaining() > 0 {
        let (pause, before) = (AtomicBool::new(false), simulation.done());
        let progress = |_| pause.store(true, Ordering::Relaxed);
        let watch = Watch { progress: &progress, ..unwatched() };
        simulation.advance_until(&pause, u64::MAX, watch).expect("the run succeeds");
        assert!(simulation.done() > before);
        rounds += 1;
    }
    assert!(rounds > 2, "{rounds} rounds");
    let paused = files(&scenario, &simulation.finish().expect("it is done"));
    assert!(paused == files(&scenario, &run(&scenario, &options())));
}

/// A part knows what it is of; a scenario that is told otherwise meanwhile, or was not told, takes nothing from it.
#[test]
fn a_part_keeps_its_measures() {
    let (all, mut some) = (everything(), everything());
    let ids = all.measure_ids();
    some.report_only(&[ids[ids.len() - 1].clone(), ids[0].clone()]).expect("it has them");
    assert_eq!(some.reported_ids().len(), 3);
    for (own, other) in [(&all, &some), (&some, &all)] {
        let whole = files(own, &run(own, &options()));
        let merged = merged(other, parts(own, 3)).map_err(|error| error.to_string()).expect("they are a whole");
        assert!(files(own, &merged.finish().expect("it is done")) == whole);
        let part = Partial::from_bytes(&part(own, 1, 1)).expect("its own bytes");
        assert_eq!(part.head.measures, own.reported_ids());
        let resumed = Simulation::resume(other, &options(), part).expect("it fits");
        assert!(files(own, &resumed.finish().expect("it is done")) == whole);
    }
    some.report_only(&ids).expect("it has them");
    assert!(some.reports_all());
}

/// A base year that no draw goes into is put together once, and its trials are counted without a look at them. A
/// formula that gives the same number in every trial is not known to do so.
#[test]
fn a_base_that_is_a_row_of_one_number_changes_no_byte() {
    let (out, home) = ("from = \"PAK\"\nto = \"KAZ\"", "from = \"KAZ\"\nto = \"PAK\"");
    let quiet = format!("{out}\nnoise = {{ permanent = {{ sd = 0 }}, transitory = {{ sd = 0 }} }}");
    let capped = format!("{out}\ncapacity = 400\ntrend = 0.03");
    let flows = [
        ("exports.a", out, "base", "80.3"),
        ("exports.b", &capped, "base_total", "60.1"),
        ("exports.quiet", &quiet, "base", "1e-12"),
        ("imports.c", home, "base_total", "140.5"),
    ];
    // Zeros are counted apart from all other numbers: so is the base year's balance here.
    let balanced =
        [("exports.a", out, "base", "80"), ("exports.b", out, "base", "60"), ("imports.c", home, "base", "140")];
    for flows in [&flows[..], &balanced] {
        let written = |is_row: &dyn Fn(usize) -> bool| {
            let blocks = flows.iter().enumerate().map(|(idx, (id, keys, base_key, base))| {
                let base = if is_row(idx) { format!("\"{base} + 0 * slow\"") } else { (*base).to_owned() };
                format!("[[flow]]\nid = \"{id}\"\n{keys}\n{base_key} = {base}\n")
            });
            let blocks: Vec<String> = blocks.collect();
            scenario_of(&blocks.iter().map(String::as_str).collect::<Vec<_>>(), &DRIVERS)
        };
        let fixed = written(&|_| false);
        let expected = (tables(&fixed, &run(&fixed, &options())), part(&fixed, 1, 1));
        for (rows, scenario) in
            [("none", written(&|_| false)), ("one", written(&|idx| idx == 1)), ("all", written(&|_| true))]
        {
            // No file tells how many trials have the one number.
            assert!(part(&scenario, 1, 1) == expected.1, "what is saved, with {rows} of the bases a row");
            let whole = run(&scenario, &options());
            let merged = merged(&scenario, parts(&scenario, 3)).map_err(|error| error.to_string()).expect("a whole");
            let merged = merged.finish().expect("it is done");
            for (way, projection) in [("whole", whole), ("merged", merged), ("resumed", resumed(&scenario))] {
                for ((name, found), (_, expected)) in tables(&scenario, &projection).iter().zip(&expected.0) {
                    // Each formula is an input more.
                    let is_same = *name == "inputs.csv" || found == expected;
                    assert!(is_same, "{name} of the run that is {way}, with {rows} of the bases a row");
                }
            }
        }
    }
}

#[test]
fn parts_that_are_no_whole_are_refused() {
    let scenario = everything();
    let thirds = parts(&scenario, 3);
    let refused = |parts: Vec<Partial>| merged(&scenario, parts).err().expect("it is refused");

    let twice = vec![thirds[2].clone(), thirds[0].clone(), thirds[1].clone(), thirds[0].clone()];
    assert_eq!(refused(twice), PartialError::Overlap(1, 3));
    let mut mixed = parts(&scenario, 7);
    mixed.push(thirds[0].clone());
    assert!(matches!(refused(mixed), PartialError::Overlap(_, 7)));

    let PartialError::Missing(ranges) = refused(vec![thirds[0].clone(), thirds[2].clone()]) else {
        panic!("the middle is missing")
    };
    let [(first, last)] = ranges[..] else { panic!("{ranges:?}") };
    assert!(1 < first && first < last && last < TRIALS, "{ranges:?}");
    let PartialError::Missing(end) = refused(vec![thirds[1].clone(), thirds[0].clone()]) else {
        panic!("the end is missing")
    };
    assert_eq!(end, [(last + 1, TRIALS)]);
    assert!(matches!(refused(Vec::new()), PartialError::Missing(_)));

    let mut stopped = Simulation::new(&scenario, &options(), Shard::WHOLE).expect("it fits");
    stopped.advance(1, unwatched()).expect("the run succeeds");
    assert_eq!(refused(vec![stopped.partial(origin())]), PartialError::Unfinished(0));
}

#[test]
fn what_is_written_is_what_was_found() {
    let scenario = everything();
    let mut simulation = Simulation::new(&scenario, &options(), Shard::WHOLE).expect("it fits");
    simulation.advance(5_000, unwatched()).expect("the run succeeds");
    let back = Partial::from_bytes(&bytes_of(&simulation)).expect("its own bytes");
    assert!(format!("{back:?}") == format!("{:?}", simulation.partial(origin())));
}

#[test]
fn damaged_bytes_are_refused() {
    let bytes = part(&everything(), 1, 1);
    for at in [30, 50, 80, bytes.len() / 2, bytes.len() - 1] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        let error = Partial::from_bytes(&damaged).expect_err("a bit is wrong");
        assert!(matches!(error, PartialError::Damaged), "{at}: {error}");
    }
    for length in [27, 40, 70, bytes.len() - 1] {
        let error = Partial::from_bytes(&bytes[..length]).expect_err("it is cut off");
        assert!(matches!(error, PartialError::Damaged), "{length}: {error}");
    }
    assert!(matches!(Partial::from_bytes(b"scenario,measure\n"), Err(PartialError::NotAPartial)));
    assert!(matches!(Partial::from_bytes(b""), Err(PartialError::NotAPartial)));
}

#[test]
fn parts_of_other_runs_are_strangers() {
    let scenario = everything();
    let ours = &parts(&scenario, 1)[0];
    assert_eq!(ours.belongs_with(ours), Ok(()));
    let with = |options: RunOptions, origin: Origin| {
        Simulation::new(&scenario, &options, Shard::WHOLE).expect("it fits").partial(origin)
    };
    let observed = Statement { name: "total".into(), reporter: String::new(), totals: vec![(2020, 1.5)] };
    for other in [
        with(RunOptions { seed: 8, ..options() }, origin()),
        with(RunOptions { trials: TRIALS + 1, ..options() }, origin()),
        with(RunOptions { growth: false, ..options() }, origin()),
        with(options(), Origin { version: "2".into(), ..origin() }),
        with(options(), Origin { id: "other".into(), ..origin() }),
        with(options(), Origin { resolved: String::new(), ..origin() }),
        with(options(), Origin { observed: vec![observed], ..origin() }),
    ] {
        assert!(matches!(ours.belongs_with(&other), Err(PartialError::Stranger(_))));
    }
}
