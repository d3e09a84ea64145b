//! What is measured, by time in `stages.rs` and by instructions in `instructions.rs`: a name, how many items one go
//! handles, and what it does.

use std::hint::black_box;
use std::sync::atomic::AtomicBool;

use rand::Rng;
use tradewinds::draws::{Key, STEPS_A_CALL, Source, Stream, Trials, normals};
use tradewinds::plan::Plan;
use tradewinds::projection::Projection;
use tradewinds::quantity::{Family, Law, LawSpec};
use tradewinds::report::{About, Dialect, FILES, Report};
use tradewinds::scenario::{Scenario, from_text};
use tradewinds::simulate::{RunOptions, Shard, Simulation, Watch, run};
use tradewinds::stats::{Histograms, Kind, Moments};
use tradewinds::vector::math::{exp2_32, exp64};
use tradewinds::vector::{Emulation, Vectors};

/// Values in a row of trials.
const ROW: usize = 1024;

/// One stage: each go does `items` of what is counted. Nothing is prepared until `make` is called.
pub struct Stage {
    pub name: &'static str,
    pub items: u64,
    pub make: Box<dyn Fn() -> Box<dyn FnMut()>>,
}

/// All stages, on one thread and with the vectors they are to use.
pub fn all(vectors: Vectors) -> Vec<Stage> {
    let mut all = on_rows(vectors);
    // Items are files.
    all.push(stage("tables", FILES.len() as u64, write_tables));
    all.push(stage("check and compile", 1, || || drop(black_box(Plan::compile(&reference(), black_box(1), false)))));
    all.extend(KINDS.iter().map(|(name, blocks)| one_flow(name, blocks, vectors)));
    all.push(stage("reference workload", 160 * TRIALS, move || stretches(reference(), vectors)));
    all.push(stage("merge and quantiles", 1, move || {
        let mut simulation = begun(reference(), vectors);
        simulation.advance(TRIALS, UNWATCHED).unwrap();
        move || drop(black_box(simulation.finish().unwrap()))
    }));
    all
}

static STOP: AtomicBool = AtomicBool::new(false);
const UNWATCHED: Watch<'static> = Watch { progress: &|_| (), stop: &STOP };

/// A run without an end on one thread.
fn begun(scenario: Scenario, vectors: Vectors) -> Simulation<'static> {
    // A stage lives as long as its process.
    let scenario: &'static Scenario = Box::leak(Box::new(scenario));
    let options = RunOptions { trials: 1 << 40, threads: 1, vectors, ..RunOptions::default() };
    Simulation::new(scenario, &options, Shard::WHOLE).unwrap()
}

/// Goes on with a run by so many trials each time: nothing of beginning and end is in it.
fn stretches(scenario: Scenario, vectors: Vectors) -> impl FnMut() {
    let mut simulation = begun(scenario, vectors);
    move || simulation.advance(TRIALS, UNWATCHED).unwrap()
}

fn stage<Go: FnMut() + 'static>(name: &'static str, items: u64, make: impl Fn() -> Go + 'static) -> Stage {
    Stage { name, items, make: Box::new(move || Box::new(make())) }
}

/// What works on a row of trials; items are values.
fn on_rows(vectors: Vectors) -> Vec<Stage> {
    let row = ROW as u64;
    vec![
        stage("words, one by one", row, || {
            let mut stream = Stream::new(Key::new(1, "bench"), 0);
            move || _ = black_box((0..ROW).fold(0, |sum, _| sum ^ stream.next_u32()))
        }),
        stage("normals", row * STEPS_A_CALL as u64, move || {
            let source = Source { key: Key::new(1, "bench"), trials: Trials::From(0) };
            let mut rows: [Vec<u32>; STEPS_A_CALL] = std::array::from_fn(|_| vec![0; ROW]);
            let mut call = 0;
            move || {
                call += 1;
                normals(vectors, source, call, black_box(&mut rows).each_mut().map(|row| &mut row[..]));
            }
        }),
        stage("exp, single, emulated", row, || {
            let mut values = vec![0.1_f32; ROW];
            move || black_box(&mut values).iter_mut().for_each(|x| *x = exp2_32::<Emulation>(*x) - 1.0)
        }),
        stage("exp, double, baseline vectors", row, || {
            let mut values = vec![0.1_f64; ROW];
            move || black_box(&mut values).iter_mut().for_each(|x| *x = exp64(*x) - 1.0)
        }),
        stage("draws of a lognormal", row, || {
            let law = lognormal();
            move || drop(black_box(draws(&law)))
        }),
        stage("moments", row, move || {
            let values = draws(&lognormal());
            move || _ = black_box(Moments::of(vectors, black_box(&values)))
        }),
        stage("histogram, smooth", row, move || histogram(Kind::Smooth, vectors)),
        stage("histogram, atoms", row, move || histogram(Kind::Atoms, vectors)),
    ]
}

fn histogram(kind: Kind, vectors: Vectors) -> impl FnMut() {
    let values = draws(&lognormal());
    let mut histogram = Histograms::new(vectors, [(kind, 8 * ROW)].into_iter());
    move || _ = black_box(histogram.push(0, black_box(&values)))
}

fn write_tables() -> impl FnMut() {
    let scenario = reference();
    let projection = project(&scenario, 2048, 1, Vectors::widest());
    let about = About::of(&scenario);
    move || {
        let report = Report { about: &about, projection: &projection, dialect: Dialect::Plain };
        for (_, write) in FILES {
            let mut bytes = Vec::new();
            write(&report, &mut bytes).unwrap();
            black_box(bytes);
        }
    }
}

pub fn reference() -> Scenario {
    from_text(include_str!("reference.toml")).unwrap()
}

pub fn project(scenario: &Scenario, trials: u64, threads: usize, vectors: Vectors) -> Projection {
    let options = RunOptions { trials, threads, vectors, ..RunOptions::default() };
    run(scenario, &options, UNWATCHED).unwrap()
}

/// Draws of a law in place of uniforms.
fn draws(law: &Law) -> Vec<f64> {
    let mut values: Vec<f64> = (0..ROW).map(|i| (i as f64 * 0.618_033_988_75).fract().max(1e-9)).collect();
    law.fill(Vectors::widest(), &mut values);
    values
}

fn lognormal() -> Law {
    let family = Family::Lognormal { median: 100.0, sigma: 0.7 };
    Law::new(LawSpec { family, min: None, max: None, negate: false, zero: 0.0 }).unwrap()
}

/// Trials a go of a run.
const TRIALS: u64 = 4096;
const STEPS: u64 = 120;

/// One flow over ten years of months, years reported, and what else is in the file. Items are flow-steps; what a kind of
/// driver costs is the difference to the bare flow.
const KINDS: [(&str, &str); 11] = [
    ("bare flow", ""),
    ("flow with a permanent part", "[noise]\npermanent = { sd = 0.2 }"),
    ("flow with a pulled permanent part", "[noise]\npermanent = { sd = 0.2, pull = 0.1 }"),
    ("flow with a transitory part", "[noise]\ntransitory = { sd = 0.2, persistence = 0.5 }"),
    ("flow with student-t shocks", "[noise]\npermanent = { sd = 0.2 }\nshape = { kind = \"student-t\", dof = 5 }"),
    (
        "intervention",
        "[[driver]]\nid = \"a\"\nchance = 0.5\neffect = 0.1\nphase_in = { shape = \"logistic\", midpoint = 1, width = 0.3 }",
    ),
    (
        "intervention with interruptions",
        "[[driver]]\nid = \"a\"\nstart = { hazard = 0.5 }\neffect = 0.1\nphase_in = { shape = \"exponential\", years = 2 }\n\
         interruption = { off_rate = 0.2, on_rate = 0.8 }\nfade_years = 1",
    ),
    (
        "regime",
        "[[driver]]\nid = \"a\"\nkind = \"regime\"\nstart = \"calm\"\nlevel = { tense = -0.2 }\nrecover_years = 2\n\
         rates = { calm = { tense = 0.2 }, tense = { calm = 0.4 } }",
    ),
    (
        "process",
        "[[driver]]\nid = \"a\"\nkind = \"process\"\ngrowth = 0.01\nmodel = { kind = \"mean-reverting\", speed = 0.5, sd = 0.05 }",
    ),
    ("shock", "[[driver]]\nid = \"a\"\nkind = \"shock\"\nrate = 0.3\nsize = -0.1\nrecovery_years = 1"),
    ("cargo", "[[driver]]\nid = \"a\"\nkind = \"cargo\"\nrate = 2\nsize = 1\nflow = \"exports.a\""),
];

fn one_flow(name: &'static str, blocks: &'static str, vectors: Vectors) -> Stage {
    const HEAD: &str = "[pair]\nreporter = \"AAA\"\npartner = \"BBB\"\n[value]\nunit = \"USD million\"\n\
                        [horizon]\nbase = 2022\nend = 2032\nstep = \"month\"\n\
                        [[flow]]\nid = \"exports.a\"\nfrom = \"AAA\"\nto = \"BBB\"\nbase_total = 100\n";
    stage(name, STEPS * TRIALS, move || {
        let scenario = from_text(&format!("{HEAD}{blocks}\n")).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        stretches(scenario, vectors)
    })
}

/// So many flows with a permanent part over years of months, years reported.
#[allow(dead_code)] // Each bench has its own copy of this file, and one has no use for it.
pub fn many_flows(flows: usize, years: usize) -> Scenario {
    let mut text = format!(
        "pair = {{ reporter = \"AAA\", partner = \"BBB\" }}\nvalue = {{ unit = \"USD million\" }}\n\
         horizon = {{ base = 2022, end = {}, step = \"month\" }}\n[noise]\npermanent = {{ sd = 0.2 }}\n\
         correlation = {{ default = 0.3 }}\n",
        2022 + years
    );
    for flow in 0..flows {
        text += &format!("[[flow]]\nid = \"exports.p{flow}\"\nfrom = \"AAA\"\nto = \"BBB\"\nbase_total = 100\n");
    }
    from_text(&text).unwrap_or_else(|faults| panic!("{faults}"))
}
