//! What each stage costs, with its throughput: `cargo bench --bench stages`. See the README beside this file.

mod workloads;

use divan::Bencher;
use divan::counter::ItemsCount;
use tradewinds::vector::Vectors;

fn main() {
    divan::main();
}

fn names() -> Vec<&'static str> {
    workloads::all(Vectors::widest()).into_iter().map(|stage| stage.name).collect()
}

#[divan::bench(args = names())]
fn stage(bencher: Bencher, name: &str) {
    let stage = workloads::all(Vectors::widest()).into_iter().find(|stage| stage.name == name);
    let stage = stage.expect("it is one of them");
    let mut go = (stage.make)();
    bencher.counter(ItemsCount::new(stage.items)).bench_local(&mut go);
}

/// Items are flow-steps: one flow at one step of one trial, 160 a trial. `0` threads are one a core.
#[divan::bench(args = [1, 0], sample_count = 5)]
fn whole_run(bencher: Bencher, threads: usize) {
    const TRIALS: u64 = 200_000;
    let scenario = workloads::reference();
    bencher
        .counter(ItemsCount::new(TRIALS * 160))
        .bench_local(|| workloads::project(&scenario, TRIALS, threads, Vectors::widest()));
}

/// Items are rows.
#[divan::bench]
fn read_history(bencher: Bencher) {
    let table = include_str!("../tests/data/us-trade-1985-2022.csv");
    let rows = table.lines().count() - 1;
    bencher
        .counter(ItemsCount::new(rows))
        .bench_local(|| tradewinds::history::read(std::hint::black_box(table.as_bytes()), None));
}

/// Cost is linear where the throughput is the same in all lines: in trials, steps (months) and flows.
mod scale {
    use super::*;

    fn measured(bencher: Bencher, flows: usize, years: usize, trials: u64) {
        let scenario = workloads::many_flows(flows, years);
        bencher
            .counter(ItemsCount::new(trials * (flows * years * 12) as u64))
            .bench_local(|| workloads::project(&scenario, trials, 1, Vectors::widest()));
    }

    #[divan::bench(args = [20_000, 80_000, 320_000], sample_count = 3)]
    fn trials(bencher: Bencher, trials: u64) {
        measured(bencher, 8, 2, trials);
    }

    #[divan::bench(args = [60, 240, 600], sample_count = 3)]
    fn steps(bencher: Bencher, steps: usize) {
        measured(bencher, 8, steps / 12, 20_000);
    }

    #[divan::bench(args = [10, 100, 1000, 4000], sample_count = 3)]
    fn flows(bencher: Bencher, flows: usize) {
        measured(bencher, flows, 2, 4096);
    }
}
