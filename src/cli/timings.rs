//! What a bench measured: figures of repeated runs, as a table and as a record.

use std::fmt::Write as _;

use serde::Serialize;

use super::machine::Machine;
use super::summary::number;

/// A bench: fields with units in their names, for records.
#[derive(Clone, Debug, Serialize)]
pub struct Bench {
    pub program: &'static str,
    pub version: &'static str,
    pub scenario: String,
    /// SHA-256 of the scenario as one file.
    pub resolved_sha256: String,
    pub machine: Machine,
    pub seed: u64,
    pub trials: u64,
    pub flows: usize,
    pub steps: usize,
    pub rounds: u32,
    pub runs: Vec<Timing>,
}

/// The runs on one number of threads.
#[derive(Clone, Debug, Serialize)]
pub struct Timing {
    pub threads: usize,
    /// Median over rounds of the whole run.
    pub seconds: f64,
    pub fastest_seconds: f64,
    pub slowest_seconds: f64,
    pub trials_per_second: f64,
    pub flow_steps_per_second: f64,
    /// A core's time: the run's time with as many cores as threads.
    pub ns_per_flow_step_per_core: f64,
    /// Against the first number of threads.
    pub speed_up: f64,
    /// Median parts of the whole: trials, then merging and quantiles, on all threads; bytes of all tables on one.
    pub simulate_seconds: f64,
    pub merge_seconds: f64,
    pub tables_seconds: f64,
    /// Of the process, when it had run on this many threads and fewer.
    pub peak_memory_bytes: Option<u64>,
}

/// The parts of one run, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Lap {
    pub simulate: f64,
    pub merge: f64,
    pub tables: f64,
}

impl Lap {
    fn whole(&self) -> f64 {
        self.simulate + self.merge + self.tables
    }
}

impl Timing {
    /// Of laps on some threads; `flow_steps` a trial.
    pub fn new(threads: usize, laps: &[Lap], trials: u64, flow_steps: usize, peak: Option<u64>) -> Timing {
        let all = |part: fn(&Lap) -> f64| sorted(laps.iter().map(part).collect());
        let whole = all(Lap::whole);
        let seconds = median(&whole);
        let work = trials as f64 * flow_steps as f64;
        Timing {
            threads,
            seconds,
            fastest_seconds: whole[0],
            slowest_seconds: whole[whole.len() - 1],
            trials_per_second: trials as f64 / seconds,
            flow_steps_per_second: work / seconds,
            ns_per_flow_step_per_core: 1e9 * seconds * threads as f64 / work,
            speed_up: 1.0,
            simulate_seconds: median(&all(|lap| lap.simulate)),
            merge_seconds: median(&all(|lap| lap.merge)),
            tables_seconds: median(&all(|lap| lap.tables)),
            peak_memory_bytes: peak,
        }
    }
}

impl Bench {
    /// For people.
    pub fn table(&self) -> String {
        let Bench { scenario, machine, trials, flows, steps, rounds, .. } = self;
        let (processor, cores) = (machine.processor.as_deref().unwrap_or("unknown processor"), machine.cores);
        let mut text = format!(
            "{scenario}: {} trials of {flows} flows over {steps} steps, the median of {rounds} rounds\n\
             {processor}, {cores} cores, {} vectors, {} {}{}\n\n",
            number(*trials as f64, 0),
            machine.vectors,
            machine.architecture,
            machine.system,
            machine.load.map_or(String::new(), |load| format!(", load before {load:.1}")),
        );
        text += "threads  seconds  fastest  slowest   trials/s  flow-steps/s  ns/flow-step/core  speed-up  peak MB\n";
        for run in &self.runs {
            let megabytes = run.peak_memory_bytes.map_or("-".to_owned(), |bytes| format!("{:.0}", bytes as f64 / 1e6));
            let _ = writeln!(
                text,
                "{:>7} {:>8.3} {:>8.3} {:>8.3} {:>10} {:>13} {:>18.3} {:>9.2} {:>8}",
                run.threads,
                run.seconds,
                run.fastest_seconds,
                run.slowest_seconds,
                number(run.trials_per_second, 0),
                short(run.flow_steps_per_second),
                run.ns_per_flow_step_per_core,
                run.speed_up,
                megabytes,
            );
        }
        text += "\nthreads  simulate     merge    tables   (seconds; the last is on one thread)\n";
        for run in &self.runs {
            let Timing { threads, simulate_seconds, merge_seconds, tables_seconds, .. } = run;
            let _ = writeln!(text, "{threads:>7} {simulate_seconds:>9.3} {merge_seconds:>9.4} {tables_seconds:>9.4}");
        }
        text
    }
}

/// Three digits and a unit: `1.23 G`.
fn short(value: f64) -> String {
    let (unit, name) =
        [(1e9, "G"), (1e6, "M"), (1e3, "k")].into_iter().find(|(unit, _)| value >= *unit).unwrap_or((1.0, ""));
    format!("{:.2} {name}", value / unit)
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// Of sorted values, at least one.
fn median(values: &[f64]) -> f64 {
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_median_run() {
        let laps = [4.0, 1.0, 2.0].map(|simulate| Lap { simulate, merge: 0.5, tables: 0.5 });
        let timing = Timing::new(2, &laps, 1_000_000, 100, Some(1));
        assert_eq!((timing.fastest_seconds, timing.seconds, timing.slowest_seconds), (2.0, 3.0, 5.0));
        assert_eq!((timing.simulate_seconds, timing.merge_seconds, timing.tables_seconds), (2.0, 0.5, 0.5));
        assert_eq!(timing.ns_per_flow_step_per_core, 60.0);
        assert_eq!(timing.flow_steps_per_second, 1e8 / 3.0);
        assert_eq!(median(&[1.0, 2.0]), 1.5);
    }

    #[test]
    fn large_numbers_are_short() {
        assert_eq!((short(1.234e9), short(5.6e6), short(7.0)), ("1.23 G".into(), "5.60 M".into(), "7.00 ".into()));
    }
}
