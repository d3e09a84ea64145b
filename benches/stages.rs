//! What each stage costs, with its throughput: `cargo bench`. See the README beside this file.

use std::sync::atomic::AtomicBool;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use rand::Rng;
use tradewinds::draws::{Key, Stream};
use tradewinds::plan::Plan;
use tradewinds::projection::Projection;
use tradewinds::quantity::{Family, Law, LawSpec};
use tradewinds::report::{self, About, Dialect, Report};
use tradewinds::scenario::{Scenario, from_text};
use tradewinds::simulate::{RunOptions, Watch, run};
use tradewinds::stats::{Histogram, Kind, Moments, Scratch};
use tradewinds::vector::Vectors;

const BLOCK: usize = 1024;

fn main() {
    divan::main();
}

fn reference() -> Scenario {
    from_text(include_str!("reference.toml")).unwrap()
}

fn project(trials: u64, threads: usize) -> Projection {
    let options = RunOptions { trials, threads, ..RunOptions::default() };
    run(&reference(), &options, Watch { progress: &|_| (), stop: &AtomicBool::new(false) }).unwrap()
}

/// Draws of a law in place of uniforms.
fn draws(law: &Law) -> Vec<f64> {
    let mut values: Vec<f64> = (0..BLOCK).map(|i| (i as f64 * 0.618_033_988_75).fract().max(1e-9)).collect();
    law.fill(&mut values);
    values
}

fn lognormal() -> Law {
    let family = Family::Lognormal { median: 100.0, sigma: 0.7 };
    Law::new(LawSpec { family, min: None, max: None, negate: false, zero: 0.0 }).unwrap()
}

#[divan::bench]
fn generator_words(bencher: Bencher) {
    let mut stream = Stream::new(Key::new(1, "bench"), 0);
    bencher.counter(ItemsCount::new(BLOCK)).bench_local(|| (0..BLOCK).fold(0, |sum, _| sum ^ stream.next_u32()));
}

#[divan::bench]
fn draws_of_a_lognormal(bencher: Bencher) {
    let law = lognormal();
    bencher.counter(ItemsCount::new(BLOCK)).bench_local(|| draws(black_box(&law)));
}

#[divan::bench]
fn moments(bencher: Bencher) {
    let values = draws(&lognormal());
    bencher.counter(ItemsCount::new(BLOCK)).bench_local(|| Moments::of(Vectors::widest(), black_box(&values)));
}

#[divan::bench(args = [Kind::Smooth, Kind::Atoms])]
fn histogram(bencher: Bencher, kind: Kind) {
    let values = draws(&lognormal());
    let (mut histogram, mut scratch) = (Histogram::new(kind, 8 * BLOCK), Scratch::default());
    bencher
        .counter(ItemsCount::new(BLOCK))
        .bench_local(|| histogram.push(Vectors::widest(), black_box(&values), &mut scratch));
}

#[divan::bench]
fn check_and_compile(bencher: Bencher) {
    bencher.bench_local(|| Plan::compile(&reference(), black_box(1), false));
}

/// A flow-step is one flow at one step of one trial: 160 a trial here. `0` threads are one a core.
#[divan::bench(args = [1, 0], sample_count = 5)]
fn whole_run_in_flow_steps(bencher: Bencher, threads: usize) {
    const TRIALS: u64 = 200_000;
    bencher.counter(ItemsCount::new(TRIALS * 160)).bench_local(|| project(TRIALS, threads));
}

/// Items are rows.
#[divan::bench]
fn read_history(bencher: Bencher) {
    let table = include_str!("../tests/data/us-trade-1985-2022.csv");
    let rows = table.lines().count() - 1;
    bencher.counter(ItemsCount::new(rows)).bench_local(|| tradewinds::history::read(black_box(table.as_bytes()), None));
}

#[divan::bench]
fn write_projection_csv(bencher: Bencher) {
    let (scenario, projection) = (reference(), project(10_000, 0));
    let about = About::of(&scenario);
    let report = Report { about: &about, projection: &projection, dialect: Dialect::Plain };
    bencher.bench_local(|| {
        let mut bytes = Vec::new();
        report::projection(&report, &mut bytes).unwrap();
        bytes
    });
}
