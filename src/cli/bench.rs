//! `tradewinds bench`.

use std::io;
use std::time::Instant;

use tradewinds::report::{About, Dialect, FILES, Report};
use tradewinds::scenario::Scenario;
use tradewinds::simulate::{RunError, RunOptions, Shard, Simulation, Watch};
use tradewinds::vector::Vectors;

use super::args::{BenchArgs, VectorChoice};
use super::batch;
use super::failure::Failure;
use super::folder;
use super::interrupt;
use super::machine::{self, Machine};
use super::memory;
use super::progress::Progress;
use super::terminal;
use super::timings::{Bench, Lap, Timing};

pub fn bench(args: &BenchArgs) -> Result<(), Failure> {
    let vectors = vectors(args.vectors)?;
    let machine = Machine::here(vectors);
    let threads = threads(&args.threads, machine.cores);
    let most = threads.iter().copied().max().unwrap_or(1);
    let options = RunOptions {
        trials: args.trials.unwrap_or(TRIAL_RUN),
        seed: args.seed,
        threads: most,
        memory_limit: memory::available(),
        vectors,
        ..RunOptions::default()
    };
    let batch = batch::load(std::slice::from_ref(&args.scenario));
    let accepted = batch.accept(&options)?;
    let [(member, scenario)] = accepted[..] else {
        return Err(Failure::Input(format!(
            "`{}` holds {} scenarios\n  = hint: name the one to be measured",
            args.scenario.display(),
            accepted.len()
        )));
    };
    interrupt::listen()?;
    let trials = match args.trials {
        Some(trials) => trials,
        None => trials_a_second(scenario, &options)?,
    };
    let options = RunOptions { trials, ..options };
    let runs = rounds(scenario, &options, &threads, args)?;
    let bench = Bench {
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        scenario: scenario.id().to_owned(),
        resolved_sha256: folder::sha256(member.resolved.to_toml().as_bytes()),
        machine,
        seed: args.seed,
        trials,
        flows: scenario.flow_count(),
        steps: scenario.horizon().steps(),
        rounds: args.rounds,
        runs,
    };
    terminal::print(shown(&bench, args.json).as_bytes())
}

fn shown(bench: &Bench, json: bool) -> String {
    match json {
        true => format!("{}\n", serde_json::to_string_pretty(bench).expect("a record of numbers and texts")),
        false => bench.table(),
    }
}

fn vectors(choice: VectorChoice) -> Result<Vectors, Failure> {
    match choice {
        VectorChoice::Widest => Ok(Vectors::widest()),
        VectorChoice::Baseline => Ok(Vectors::baseline()),
        VectorChoice::Avx2 => Vectors::avx2().ok_or_else(|| {
            Failure::Input("this machine has no AVX2\n  = hint: use --vectors baseline or widest".to_owned())
        }),
    }
}

/// Those asked for, or powers of two and one a core; in increasing order, so that the peak of memory after the first
/// run on each is that of so many.
fn threads(asked: &[usize], cores: usize) -> Vec<usize> {
    let doubling = std::iter::successors(Some(1), |n| Some(2 * n)).take_while(|&n| n < cores).chain([cores]);
    let mut threads: Vec<usize> = if asked.is_empty() { doubling.collect() } else { asked.to_vec() };
    threads.sort_unstable();
    threads.dedup();
    threads
}

/// Trials of a first run that tells how many fit in a second.
const TRIAL_RUN: u64 = 1 << 14;

/// About as many trials as one thread simulates in a second: a power of two, so that records are likely to agree on it.
fn trials_a_second(scenario: &Scenario, options: &RunOptions) -> Result<u64, Failure> {
    let once = RunOptions { threads: 1, trials: TRIAL_RUN, ..*options };
    let lap = lap(scenario, &once, quiet())?;
    let fitting = TRIAL_RUN as f64 / lap.simulate.max(1e-9);
    Ok((fitting as u64).max(1).next_power_of_two().max(TRIAL_RUN))
}

fn quiet() -> Watch<'static> {
    Watch { progress: &|_| (), stop: &interrupt::STOP }
}

/// Times each number of threads in turn, round by round: what else the machine does strikes all of them.
fn rounds(
    scenario: &Scenario,
    options: &RunOptions,
    threads: &[usize],
    args: &BenchArgs,
) -> Result<Vec<Timing>, Failure> {
    let all = options.trials.saturating_mul(threads.len() as u64).saturating_mul(args.rounds.into());
    let progress = Progress::new(all, args.quiet);
    let watch = Watch { progress: &|trials| progress.add(trials), ..quiet() };
    let mut laps = vec![Vec::new(); threads.len()];
    let mut peaks = vec![None; threads.len()];
    for round in 0..args.rounds {
        for (at, &threads) in threads.iter().enumerate() {
            laps[at].push(lap(scenario, &RunOptions { threads, ..*options }, watch)?);
            if round == 0 {
                peaks[at] = machine::peak_memory();
            }
        }
    }
    let flow_steps = scenario.flow_count() * scenario.horizon().steps();
    let timing = |at: usize| Timing::new(threads[at], &laps[at], options.trials, flow_steps, peaks[at]);
    let mut timings: Vec<Timing> = (0..threads.len()).map(timing).collect();
    let first = timings[0].seconds;
    timings.iter_mut().for_each(|timing| timing.speed_up = first / timing.seconds);
    Ok(timings)
}

/// One whole run, and the bytes of its tables, which go nowhere.
fn lap(scenario: &Scenario, options: &RunOptions, watch: Watch<'_>) -> Result<Lap, Failure> {
    let failed = |error| match error {
        RunError::Stopped => Failure::Interrupted,
        error => Failure::Failed(format!("scenario `{}`: {error}", scenario.id())),
    };
    let started = Instant::now();
    let mut simulation = Simulation::new(scenario, options, Shard::WHOLE).map_err(failed)?;
    simulation.advance(u64::MAX, watch).map_err(failed)?;
    let simulated = Instant::now();
    let projection = simulation.finish().map_err(failed)?;
    let merged = Instant::now();
    let about = About::of(scenario);
    let report = Report { about: &about, projection: &projection, dialect: Dialect::Plain };
    for (_, write) in FILES {
        write(&report, &mut io::sink()).expect("a sink takes everything");
    }
    let seconds = |from: Instant, to: Instant| (to - from).as_secs_f64();
    Ok(Lap {
        simulate: seconds(started, simulated),
        merge: seconds(simulated, merged),
        tables: seconds(merged, Instant::now()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_double_up_to_the_cores() {
        assert_eq!(threads(&[], 1), [1]);
        assert_eq!(threads(&[], 2), [1, 2]);
        assert_eq!(threads(&[], 12), [1, 2, 4, 8, 12]);
        assert_eq!(threads(&[7, 2, 7], 2), [2, 7]);
    }
}
