//! All blocks of trials on all cores, merged so that the bytes do not depend on the split.

mod attribute;
mod blocks;
mod collect;
mod compare;
mod condition;
mod details;
mod finish;
mod growth;
mod inputs;
mod partial;
mod parallel;
mod paths;
pub(crate) mod periods;
mod replicas;
mod replications;
mod series;

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

pub use crate::draws::Sampling;
use crate::plan::Plan;
use crate::projection::{DETAIL_TRIALS, Distribution, Paths, Projection};
use crate::scenario::{self, Scenario};
use crate::vector::Vectors;
pub use attribute::attribute;
pub use compare::{CompareError, compare};
pub use condition::{ConditionError, Conditioning, condition};
pub use parallel::{map_in_order, on_threads};
pub use partial::{Head, Origin, Partial, PartialError};

pub(crate) use replicas::{Cells, Replicas, Sample};

use blocks::{Blocks, Stretch};
use collect::Collector;

/// How much to simulate.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Number of trials, at least 1; [`Sampling::whole`] says how many are run.
    pub trials: u64,
    /// How they are drawn.
    pub sampling: Sampling,
    /// The seed of all draws; 0 is a seed like any other.
    pub seed: u64,
    /// Number of threads; 0 for one per core.
    pub threads: usize,
    /// Whether growth rates and cumulative amounts are wanted.
    pub growth: bool,
    /// Bytes that may be used; a run that would need more is refused.
    pub memory_limit: u64,
    /// Which vector instructions to use. The results do not depend on it.
    pub vectors: Vectors,
}

impl Default for RunOptions {
    /// 100,000 trials with seed 1 on all cores.
    fn default() -> Self {
        RunOptions {
            trials: 100_000,
            sampling: Sampling::Random,
            seed: 1,
            threads: 0,
            growth: false,
            memory_limit: u64::MAX,
            vectors: Vectors::widest(),
        }
    }
}

/// How a run is watched and stopped from outside.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Called from any thread with the number of trials just finished.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Set to stop the run soon.
    pub stop: &'a AtomicBool,
}

/// Why a run ended without an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum RunError {
    /// It was told to stop.
    Stopped,
    /// The system gives no more threads.
    Threads(String),
    /// A formula left its range.
    OutOfRange {
        /// Number of the trial, from 1.
        trial: u64,
        /// The place in the scenario.
        place: String,
        /// The formula as written there.
        written: String,
        /// The value it took.
        value: f64,
        /// The range, in words.
        range: String,
    },
    /// A flow grew beyond 1e15 or is not a number.
    Overflow {
        /// Number of the trial, from 1.
        trial: u64,
        /// The flow's id.
        flow: String,
        /// The end of the step in which it happened, as a decimal year.
        time: f64,
        /// The value it took.
        value: f64,
    },
    /// The events of a shock or cargo come too often to be drawn one by one.
    TooFrequent {
        /// Number of the trial, from 1.
        trial: u64,
        /// The driver's id.
        driver: String,
        /// Its rate in that trial.
        a_year: f64,
        /// The highest rate that is drawn.
        most: f64,
    },
    /// The scenario does not fit in memory.
    TooLarge {
        /// Bytes needed, at least.
        needed: u64,
        /// Bytes there are.
        limit: u64,
        /// What makes it so large, in words.
        because: String,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Stopped => write!(f, "stopped before it was finished"),
            RunError::Threads(why) => write!(f, "threads cannot be started: {why}; ask for fewer with `--threads`"),
            RunError::OutOfRange { trial, place, written, value, range } => write!(
                f,
                "`{place}` is {value} in trial {trial}, but must be {range}: it is `{written}` there; \
                 truncate the laws it depends on, or bound it with `min(..)` or `max(..)`"
            ),
            RunError::Overflow { trial, flow, time, value } => write!(
                f,
                "flow `{flow}` is {value:e} at {time:.2} in trial {trial}; values beyond 1e15 stop a run: \
                 look for an effect in per cent where log points are due, a drift without bounds, or give the flow a `capacity`"
            ),
            RunError::TooFrequent { trial, driver, a_year, most } => write!(
                f,
                "`driver.{driver}.rate` is {a_year:e} a year in trial {trial}, and at most {most} events a year are drawn: \
                 lower the rate, truncate its law with `max`, or use `[noise]` for what comes all the time"
            ),
            RunError::TooLarge { needed, limit, because } => write!(
                f,
                "this run would need at least {} of memory, and {} may be used: {because}",
                gibibytes(*needed),
                gibibytes(*limit)
            ),
        }
    }
}

impl std::error::Error for RunError {}

fn gibibytes(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / (1_u64 << 30) as f64)
}

/// Simulates a scenario.
///
/// # Errors
/// See [`RunError`].
pub fn run(scenario: &Scenario, options: &RunOptions, watch: Watch<'_>) -> Result<Projection, RunError> {
    let mut simulation = Simulation::new(scenario, options, Shard::WHOLE)?;
    simulation.advance(u64::MAX, watch)?;
    simulation.finish()
}

/// One of several equal parts of a run's trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// From 1 to `count`.
    pub number: u64,
    /// How many parts there are, at least 1.
    pub count: u64,
}

impl Shard {
    /// The whole run.
    pub const WHOLE: Shard = Shard { number: 1, count: 1 };
}

/// A run that is moved on piece by piece, and can be saved in between.
pub struct Simulation<'s> {
    scenario: &'s Scenario,
    options: RunOptions,
    plan: Plan,
    /// First block of the shard and the one after its last.
    shard: (u64, u64),
    /// Blocks that are still to be run.
    blocks: Range<u64>,
    /// What has been gathered by randomisation, one piece a worker; the first may hold what was loaded.
    sets: Vec<Vec<Collector>>,
    /// The threads that simulate, from the first stretch on.
    pool: Option<rayon::ThreadPool>,
}

impl<'s> Simulation<'s> {
    /// A simulation of the trials of one shard, none of them run yet.
    ///
    /// # Errors
    /// [`RunError::TooLarge`].
    pub fn new(scenario: &'s Scenario, options: &RunOptions, shard: Shard) -> Result<Simulation<'s>, RunError> {
        refuse_if_too_large(scenario, options)?;
        let options = &RunOptions { trials: options.sampling.whole(options.trials), ..*options };
        let plan = compile(scenario, options, options.growth);
        let blocks = options.trials.div_ceil(plan.lanes as u64);
        let cut = |number: u64| (u128::from(blocks) * u128::from(number) / u128::from(shard.count)) as u64;
        let shard = (cut(shard.number - 1), cut(shard.number));
        let (options, blocks) = (*options, shard.0..shard.1);
        let sets = (0..options.sampling.replications()).map(|_| Vec::new()).collect();
        Ok(Simulation { scenario, options, plan, shard, blocks, sets, pool: None })
    }

    /// Trials that are still to be run.
    pub fn remaining(&self) -> u64 {
        let lanes = self.plan.lanes as u64;
        (self.blocks.end * lanes).min(self.options.trials).saturating_sub(self.blocks.start * lanes)
    }

    /// Trials a block: they are run by whole blocks.
    pub fn block(&self) -> u64 {
        self.plan.lanes as u64
    }

    /// Trials of the shard that have been run.
    pub fn done(&self) -> u64 {
        let lanes = self.plan.lanes as u64;
        (self.blocks.start * lanes).min(self.options.trials) - (self.shard.0 * lanes).min(self.options.trials)
    }

    /// Takes the trials run so far for the whole run: from now on it is a run of that many, byte for byte. Only for a
    /// run that is not one of several shards.
    pub fn truncate_to_done(&mut self) {
        self.options.trials = self.done();
        self.shard.1 = self.blocks.start;
        self.blocks.end = self.blocks.start;
    }

    /// The law of the total in the last period, of the trials run so far: at least one.
    pub fn last_total(&self) -> Distribution {
        finish::last_total(self.scenario, &self.plan, &self.collectors())
    }

    /// All that has been gathered.
    fn collectors(&self) -> Vec<&Collector> {
        self.sets.iter().flatten().collect()
    }

    /// Runs about the next `trials` trials, at least one block, or all that remain. After an error the simulation
    /// cannot go on.
    ///
    /// # Errors
    /// See [`RunError`].
    pub fn advance(&mut self, trials: u64, watch: Watch<'_>) -> Result<(), RunError> {
        self.advance_stretch(None, trials, watch)
    }

    /// The same up to a pause, if that is set before it is done: then no more blocks are begun, in this call. To be of
    /// use, it must not be set before one has been run. Where a run pauses changes no result.
    ///
    /// # Errors
    /// See [`RunError`].
    pub fn advance_until(&mut self, pause: &AtomicBool, trials: u64, watch: Watch<'_>) -> Result<(), RunError> {
        self.advance_stretch(Some(pause), trials, watch)
    }

    fn advance_stretch(&mut self, pause: Option<&AtomicBool>, trials: u64, watch: Watch<'_>) -> Result<(), RunError> {
        if self.blocks.is_empty() {
            return Ok(());
        }
        let blocks = trials.div_ceil(self.plan.lanes as u64).clamp(1, self.blocks.end - self.blocks.start);
        let goal = self.blocks.start + blocks;
        let (plan, options, scenario) = (&self.plan, &self.options, self.scenario);
        let pool = match &mut self.pool {
            Some(pool) => pool,
            none => none.insert(parallel::pool_for(options.threads, self.blocks.end - self.blocks.start)?),
        };
        let stretch = Stretch { pool, lead: DETAIL_TRIALS / plan.lanes as u64, pause };
        let a_set = options.trials.div_ceil(plan.lanes as u64).div_ceil(options.sampling.replications());
        let is_paused = || pause.is_some_and(|pause| pause.load(Ordering::Relaxed));
        while self.blocks.start < goal && !is_paused() {
            let set = self.blocks.start / a_set;
            let end_of_set = (set + 1) * a_set;
            let workers = &mut self.sets[set as usize];
            self.blocks.start = Blocks { lanes: plan.lanes, options, watch, weight: 1 }.fold_stretch(
                &stretch,
                self.blocks.start..goal.min(end_of_set),
                workers,
                &|| Collector::new(scenario, plan, options),
                &|| blocks::engine(plan, scenario, options),
            )?;
            if let [first, others @ ..] = &mut workers[..] {
                others.iter_mut().for_each(|other| first.take_sums(other));
            }
            // No more trials of this set will come.
            if self.blocks.start == end_of_set.min(self.blocks.end) {
                workers.iter_mut().for_each(Collector::complete);
            }
        }
        Ok(())
    }

    /// The answer, once nothing remains.
    ///
    /// # Errors
    /// [`RunError::OutOfRange`] if an input that nothing uses leaves its range; [`RunError::Threads`].
    pub fn finish(&self) -> Result<Projection, RunError> {
        parallel::on_threads(self.options.threads, || self.projection())?
    }

    fn projection(&self) -> Result<Projection, RunError> {
        let Simulation { scenario, options, plan, .. } = self;
        let whose = inputs::Whose { quasi: plan.quasi.as_deref(), ..inputs::Whose::default() };
        let worth = options.trials as f64;
        let (inputs, mut projection) = parallel::both(
            || inputs::as_drawn(scenario, options, whose),
            || finish::projection(scenario, plan, options, &self.collectors(), Vec::new(), worth),
        );
        projection.inputs = inputs?;
        if options.sampling != Sampling::Random {
            replications::judge(&mut projection, scenario, plan, &self.sets);
        }
        Ok(projection)
    }
}

/// The plan of a run.
fn compile(scenario: &Scenario, options: &RunOptions, needs_years: bool) -> Plan {
    let mut plan = Plan::compile(scenario, options.seed, needs_years);
    if options.sampling == Sampling::Sobol {
        plan.draw_from_sobol_points(options.seed, options.trials / options.sampling.replications());
    }
    plan
}

/// The joint paths of trials 1 to `n` of the run that `options` describe.
///
/// # Errors
/// See [`RunError`].
pub fn paths(scenario: &Scenario, options: &RunOptions, n: u64, watch: Watch<'_>) -> Result<Paths, RunError> {
    let options = &RunOptions { trials: options.sampling.whole(options.trials), ..*options };
    let plan = compile(scenario, options, false);
    let n = n.min(options.trials);
    let short = RunOptions { trials: n, ..*options };
    let mut recorders = Vec::new();
    let blocks = 0..n.div_ceil(plan.lanes as u64);
    let run = Blocks { lanes: plan.lanes, options: &short, watch, weight: 1 };
    let engine = || blocks::engine(&plan, scenario, &short);
    run.fold(blocks, &mut recorders, &|| paths::Recorder::new(&plan), &engine)?;
    Ok(paths::join(&plan, n, recorders))
}

/// Bytes that a run needs at least.
pub fn memory_needed(scenario: &Scenario, options: &RunOptions) -> u64 {
    let threads = if options.threads == 0 { rayon::current_num_threads() } else { options.threads } as u64;
    threads * options.sampling.replications() * collect::bytes_a_worker(scenario, options)
}

/// Whether a scenario fits in the memory that may be used, as far as can be told before it runs.
///
/// # Errors
/// [`RunError::TooLarge`].
pub fn refuse_if_too_large(scenario: &Scenario, options: &RunOptions) -> Result<(), RunError> {
    let needed = memory_needed(scenario, options);
    if needed <= options.memory_limit {
        return Ok(());
    }
    let (flows, periods) = (scenario.flows.len(), periods::count(&scenario.horizon));
    Err(RunError::TooLarge {
        needed,
        limit: options.memory_limit,
        because: format!(
            "{flows} flows over {periods} periods; report years instead of steps, shorten the horizon, use fewer threads, \
             or make results of some measures only, with `run --measure`"
        ),
    })
}

/// A range in words: `at least 0`, `above 0`, `in [0, 1]`.
pub(crate) fn range_in_words(range: &scenario::Range) -> String {
    let scenario::Range { min, max, above_min, below_max } = *range;
    match (min.is_finite(), max.is_finite()) {
        (true, false) if above_min => format!("above {min}"),
        (true, false) => format!("at least {min}"),
        (false, true) if below_max => format!("below {max}"),
        (false, true) => format!("at most {max}"),
        (false, false) => "a finite number".into(),
        (true, true) => {
            let (open, close) = (if above_min { '(' } else { '[' }, if below_max { ')' } else { ']' });
            format!("in {open}{min}, {max}{close}")
        }
    }
}
