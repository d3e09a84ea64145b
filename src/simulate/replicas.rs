//! A scenario's values under draws that are partly replaced by those of an independent replica.
//!
//! The trials of the run itself are matrix A of Saltelli et al. (2010), those of a replica under another seed are B; A
//! with the draws of some inputs from B is their `A_B`. Whatever is not replaced keeps its draws to the last bit.

use super::blocks::{Blocks, Worker, explain};
use super::{RunError, RunOptions, Watch, periods};
use crate::draws::Key;
use crate::kernel::{Kernel, Observer, View};
use crate::plan::Plan;
use crate::scenario::{InputId, Scenario};

/// Trials a block at most: as few as leave all cores something to do.
const MOST_LANES: usize = 256;

/// Which measures in which periods.
pub(crate) struct Cells {
    /// Measure and period, both from 0.
    pub cells: Vec<(usize, usize)>,
}

/// The values of each cell, trial by trial.
pub(crate) type Sample = Vec<Vec<f64>>;

/// A scenario and its replica.
pub(crate) struct Replicas<'s> {
    scenario: &'s Scenario,
    options: RunOptions,
    cells: Cells,
    /// The scenario as a run draws it.
    pub a: Plan,
    /// The same under another seed.
    pub b: Plan,
}

impl<'s> Replicas<'s> {
    /// # Errors
    /// [`RunError::TooLarge`].
    pub fn new(scenario: &'s Scenario, options: &RunOptions, cells: Cells) -> Result<Replicas<'s>, RunError> {
        refuse_if_too_large(&cells, options)?;
        let plan = |seed: u64| {
            let mut plan = Plan::compile(scenario, seed, false);
            plan.lanes = plan.lanes.min(MOST_LANES);
            plan
        };
        let (a, b) = (plan(options.seed), plan(seed_of_replica(options.seed)));
        Ok(Replicas { scenario, options: *options, cells, a, b })
    }

    /// The inputs that are drawn and used.
    pub fn draws(&self, input: InputId) -> bool {
        self.a.draws(input)
    }

    /// Simulates plans beside each other and gives the values of each.
    ///
    /// # Errors
    /// See [`RunError`].
    pub fn sample(&self, plans: &[Plan], watch: Watch<'_>) -> Result<Vec<Sample>, RunError> {
        let (options, scenario) = (&self.options, self.scenario);
        let lanes = self.a.lanes;
        let mut workers = Vec::new();
        Blocks { lanes, options, watch, weight: plans.len() as u64 }.fold(
            0..options.trials.div_ceil(lanes as u64),
            &mut workers,
            &|| Recorder { cells: &self.cells, now: 0, blocks: Vec::new(), plans: plans.len() },
            &|| {
                let mut kernels: Vec<Kernel<'_>> = plans.iter().map(|it| Kernel::new(it, options.vectors)).collect();
                move |first_trial: u64, live: usize, recorder: &mut Recorder<'_>| {
                    recorder.begin(first_trial, live);
                    for (idx, kernel) in kernels.iter_mut().enumerate() {
                        recorder.now = idx;
                        let done = kernel.run(first_trial, live, recorder);
                        done.map_err(|error| explain(scenario, &plans[idx], error))?;
                    }
                    Ok::<(), RunError>(())
                }
            },
        )?;
        Ok(join(workers, plans.len(), self.cells.cells.len(), options.trials))
    }
}

/// A seed of its own for the replica, so that no run that a user asks for is the same.
fn seed_of_replica(seed: u64) -> u64 {
    let Key([high, low]) = Key::new(seed, "explain.replica");
    u64::from(high) << 32 | u64::from(low)
}

/// A and B stay, and five more are held at a time.
fn refuse_if_too_large(cells: &Cells, options: &RunOptions) -> Result<(), RunError> {
    const HELD: u64 = 7;
    let count = cells.cells.len() as u64;
    let needed = count.saturating_mul(options.trials).saturating_mul(HELD * size_of::<f64>() as u64);
    if needed <= options.memory_limit {
        return Ok(());
    }
    Err(RunError::TooLarge {
        needed,
        limit: options.memory_limit,
        because: format!(
            "{} trials of {count} measures and periods are held; name a measure with `--measure` and a year with `--year`, \
             or ask for fewer trials",
            options.trials
        ),
    })
}

/// Keeps what it is shown of the cells.
struct Recorder<'c> {
    cells: &'c Cells,
    /// Index of the plan that runs.
    now: usize,
    plans: usize,
    /// First trial of each block and its values: plan by plan, cell by cell.
    blocks: Vec<(u64, Vec<Vec<f64>>)>,
}

impl Recorder<'_> {
    fn begin(&mut self, first_trial: u64, live: usize) {
        self.blocks.push((first_trial, vec![vec![0.0; live]; self.plans * self.cells.cells.len()]));
    }
}

impl Observer for Recorder<'_> {
    fn period(&mut self, view: &View<'_>, period: usize) {
        let count = self.cells.cells.len();
        let Some((_, rows)) = self.blocks.last_mut() else { return };
        for (row, &(measure, _)) in
            rows[self.now * count..].iter_mut().zip(&self.cells.cells).filter(|it| it.1.1 == period)
        {
            row.copy_from_slice(&view.measures[measure][..view.live]);
        }
    }
}

impl Worker for Recorder<'_> {
    fn end_block(&mut self, _block: u64) {}

    fn rest(&mut self) {}
}

/// All values in the order of trials.
fn join(recorders: Vec<Recorder<'_>>, plans: usize, cells: usize, trials: u64) -> Vec<Sample> {
    let mut blocks: Vec<_> = recorders.into_iter().flat_map(|recorder| recorder.blocks).collect();
    blocks.sort_by_key(|(first_trial, _)| *first_trial);
    let mut samples: Vec<Sample> = vec![vec![Vec::with_capacity(trials as usize); cells]; plans];
    for (_, rows) in blocks {
        for (row, out) in rows.into_iter().zip(samples.iter_mut().flatten()) {
            out.extend(row);
        }
    }
    samples
}

impl Cells {
    /// All reported periods of some measures, or only those of one year.
    pub fn new(scenario: &Scenario, measures: &[usize], year: Option<i32>) -> Cells {
        let periods = periods::all(&scenario.horizon);
        let wanted: Vec<usize> =
            (0..periods.len()).filter(|&at| year.is_none_or(|year| periods[at].year == year)).collect();
        let of_measure = |&measure: &usize| wanted.iter().map(move |&period| (measure, period));
        Cells { cells: measures.iter().flat_map(of_measure).collect() }
    }
}
