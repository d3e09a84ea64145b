//! One block of trials through all steps: structure of arrays, one lane a trial.
//!
//! The kernel reads a [`Plan`] and writes rows of values; it does no I/O, takes no locks and knows no names. A block
//! begins with what is drawn once a trial; then each step moves the regime, the other drivers, the noise and the
//! flows, in this order. At the end of each period an `Observer` is shown the rows.

mod driver;
mod events;
mod flow;
mod held;
mod inputs;
mod intervention;
mod noise;
mod ops;
mod phase;
mod process;
mod regime;

pub(crate) use driver::DriverState;
pub(crate) use events::MOST_A_STEP;
pub(crate) use inputs::{OutOfRange, evaluate_rows};
pub(crate) use noise::{Contamination, ShockRows, StudentTable};
pub(crate) use process::step_deviation;

use crate::draws::{Key, Source, Trials};
use crate::plan::{MeasureOp, Plan};
use crate::scenario::Report;
use crate::vector::Vectors;
use flow::FlowState;
use noise::NoiseState;

/// Is shown rows of values as they become known. Lane `i` of every row is the trial with number `first_trial + i` of
/// the run; lanes from `live` on are beyond the last trial.
pub(crate) trait Observer {
    /// The base year: a row a measure.
    fn base(&mut self, _view: &View<'_>) {}
    /// Period `period`, from 0, has ended: a row a measure, in the scenario's report.
    fn period(&mut self, _view: &View<'_>, _period: usize) {}
    /// Calendar year `year`, from 0, has ended: a row a measure, its total. Only if the plan needs years.
    fn year(&mut self, _view: &View<'_>, _year: usize) {}
}

/// What an observer sees.
pub(crate) struct View<'a> {
    pub first_trial: u64,
    pub live: usize,
    /// A row a measure.
    pub measures: &'a [Vec<f64>],
    /// Contribution of each driver of the plan at exposure 1.
    pub contributions: &'a [Vec<f64>],
    pub drivers: &'a [DriverState],
    pub states: &'a [i32],
    /// What was drawn once a trial, and what else the parts of a block share.
    pub scene: &'a Scene,
}

/// Why a block could not be finished.
#[derive(Clone, Debug)]
pub(crate) enum BlockError {
    OutOfRange(OutOfRange),
    Overflow {
        trial: u64,
        flow: usize,
        step: usize,
        value: f64,
    },
    /// `driver` is its index in the scenario, `mean` the expected number of its events a step.
    TooFrequent {
        trial: u64,
        driver: usize,
        mean: f64,
    },
}

impl BlockError {
    pub fn trial(&self) -> u64 {
        match self {
            BlockError::OutOfRange(it) => it.trial,
            BlockError::Overflow { trial, .. } | BlockError::TooFrequent { trial, .. } => *trial,
        }
    }
}

/// What the parts of a block share: where it is in time, and what they see of each other.
pub(crate) struct Scene {
    pub vectors: Vectors,
    /// Whose draws lane 0 has, unless some are picked.
    pub first_trial: u64,
    /// Whose draws each lane has; empty for trials one after the other.
    pub picked: Vec<u64>,
    pub lanes: usize,
    /// The current step, from 1; 0 at `t0`.
    pub step: usize,
    /// `t_{n-1}` in years after `t0`.
    pub before: f64,
    /// `t_n`.
    pub now: f64,
    pub dt: f64,
    pub steps_per_year: usize,
    /// What is drawn once a trial.
    pub rows: Vec<Vec<f64>>,
    /// The option of each choice.
    pub options: Vec<Vec<u8>>,
    /// The regime's state.
    pub states: Vec<i32>,
    /// Factor on the sds of the noise; empty where there is none.
    pub volatility: Vec<f32>,
    /// Start of each driver of the plan, infinite where it has not been struck or never happens.
    pub starts: Vec<Vec<f64>>,
}

/// Space for one block and the plan that moves it.
pub(crate) struct Kernel<'p> {
    plan: &'p Plan,
    scene: Scene,
    drivers: Vec<DriverState>,
    contributions: Vec<Vec<f64>>,
    noise: NoiseState,
    flows: Vec<FlowState>,
    /// Sums of a calendar year's values, a row a flow.
    years: Vec<Vec<f64>>,
    measures: Vec<Vec<f64>>,
}

impl<'p> Kernel<'p> {
    pub fn new(plan: &'p Plan, vectors: Vectors) -> Kernel<'p> {
        let lanes = plan.lanes;
        let row = || vec![0.0; lanes];
        let has_volatility = plan.drivers.iter().any(|driver| driver.op.has_volatility());
        Kernel {
            plan,
            scene: Scene {
                vectors,
                first_trial: 0,
                picked: Vec::new(),
                lanes,
                step: 0,
                before: 0.0,
                now: 0.0,
                dt: 1.0 / plan.steps_per_year as f64,
                steps_per_year: plan.steps_per_year,
                rows: plan.rows.iter().map(|op| if op.has_row() { row() } else { Vec::new() }).collect(),
                options: vec![vec![0; lanes]; plan.choices.len()],
                states: vec![0; lanes],
                volatility: vec![1.0; if has_volatility { lanes } else { 0 }],
                starts: vec![vec![f64::INFINITY; lanes]; plan.drivers.len()],
            },
            drivers: plan.drivers.iter().map(|driver| DriverState::new(driver, lanes)).collect(),
            contributions: vec![row(); plan.drivers.len()],
            noise: NoiseState::new(&plan.noise, lanes),
            flows: plan.flows.iter().map(|flow| FlowState::new(flow, lanes)).collect(),
            years: if plan.accumulates_years() { vec![row(); plan.flows.len()] } else { Vec::new() },
            measures: vec![row(); plan.measures.len()],
        }
    }

    /// Takes trials `first_trial ..` through all steps; the first `live` of them count.
    pub fn run(&mut self, first_trial: u64, live: usize, observer: &mut impl Observer) -> Result<(), BlockError> {
        self.scene.picked.clear();
        self.go(first_trial, live, observer)
    }

    /// Takes trials through all steps that have the draws of `picked`, and the numbers `first_trial ..` for the observer.
    pub fn run_picked(
        &mut self,
        first_trial: u64,
        picked: &[u64],
        observer: &mut impl Observer,
    ) -> Result<(), BlockError> {
        self.scene.picked.clear();
        self.scene.picked.extend_from_slice(picked);
        self.go(first_trial, picked.len(), observer)
    }

    /// Trials a block.
    pub fn lanes(&self) -> usize {
        self.scene.lanes
    }

    /// All sources of normal shocks: of the noise's parts, in the order of the plan, and of the processes.
    pub fn shocks(&mut self) -> impl Iterator<Item = &mut ShockRows> {
        let processes = self.drivers.iter_mut().filter_map(|driver| match driver {
            DriverState::Process(state) => Some(&mut state.shocks),
            _ => None,
        });
        self.noise.sources().chain(processes)
    }

    fn go(&mut self, first_trial: u64, live: usize, observer: &mut impl Observer) -> Result<(), BlockError> {
        self.begin(first_trial, live)?;
        self.show_base(live, observer);
        for step in 1..=self.plan.steps {
            self.step(step, live)?;
            self.show_step(step, live, observer);
        }
        Ok(())
    }

    fn begin(&mut self, first_trial: u64, live: usize) -> Result<(), BlockError> {
        let scene = &mut self.scene;
        (scene.first_trial, scene.step, scene.before, scene.now) = (first_trial, 0, 0.0, 0.0);
        let trials = trials(first_trial, &scene.picked);
        evaluate_rows(scene.vectors, &self.plan.rows, trials, live, &mut scene.rows).map_err(BlockError::OutOfRange)?;
        inputs::draw_choices(&self.plan.choices, scene);
        for &idx in &self.plan.order {
            self.drivers[idx].begin(&self.plan.drivers[idx], idx, scene, &mut self.contributions[idx]);
            if let Some((lane, mean)) = self.drivers[idx].too_frequent(live) {
                let driver = self.plan.drivers[idx].scenario_idx;
                return Err(BlockError::TooFrequent { trial: scene.trials().at(lane), driver, mean });
            }
        }
        self.noise.begin(&self.plan.noise, scene);
        for (flow_idx, flow) in self.flows.iter_mut().enumerate() {
            flow.begin(self.plan, flow_idx, scene, &mut self.noise);
        }
        for year in &mut self.years {
            year.fill(0.0);
        }
        Ok(())
    }

    fn step(&mut self, step: usize, live: usize) -> Result<(), BlockError> {
        let scene = &mut self.scene;
        scene.step = step;
        // Division, not accumulation: the first of a month must lie exactly on the grid.
        scene.before = (step - 1) as f64 / scene.steps_per_year as f64;
        scene.now = step as f64 / scene.steps_per_year as f64;
        for &idx in &self.plan.order {
            self.drivers[idx].step(&self.plan.drivers[idx], idx, scene, &mut self.contributions[idx]);
        }
        self.noise.step(&self.plan.noise, scene);
        for (flow_idx, flow) in self.flows.iter_mut().enumerate() {
            let value = &mut self.measures[flow_idx];
            flow.step(self.plan, flow_idx, scene, (&self.drivers, &self.contributions), &mut self.noise, value);
            if !ops::all_within_limit(scene.vectors, &value[..live]) {
                return Err(overflow(scene, flow_idx, &value[..live]));
            }
        }
        Ok(())
    }

    fn show_base(&mut self, live: usize, observer: &mut impl Observer) {
        for (row, flow) in self.measures.iter_mut().zip(&self.flows) {
            row.copy_from_slice(flow.base_year());
        }
        combine(self.plan, self.scene.vectors, &mut self.measures);
        observer.base(&self.view(live));
    }

    fn show_step(&mut self, step: usize, live: usize, observer: &mut impl Observer) {
        let m = self.plan.steps_per_year;
        let ends_year = step.is_multiple_of(m);
        for (year, value) in self.years.iter_mut().zip(&self.measures) {
            ops::add(self.scene.vectors, year, value);
        }
        if self.plan.report != Report::Year {
            if self.plan.report == Report::StepAmount {
                for value in &mut self.measures[..self.plan.flows.len()] {
                    ops::scale(self.scene.vectors, value, self.scene.dt);
                }
            }
            combine(self.plan, self.scene.vectors, &mut self.measures);
            observer.period(&self.view(live), step - 1);
        }
        if ends_year && self.plan.accumulates_years() {
            for (value, year) in self.measures.iter_mut().zip(&mut self.years) {
                ops::take_mean(self.scene.vectors, value, year, 1.0 / m as f64);
            }
            combine(self.plan, self.scene.vectors, &mut self.measures);
            let year = step / m - 1;
            if self.plan.report == Report::Year {
                observer.period(&self.view(live), year);
            }
            observer.year(&self.view(live), year);
        }
    }

    fn view(&self, live: usize) -> View<'_> {
        View {
            first_trial: self.scene.first_trial,
            live,
            measures: &self.measures,
            contributions: &self.contributions,
            drivers: &self.drivers,
            states: &self.scene.states,
            scene: &self.scene,
        }
    }
}

impl Scene {
    /// Whose draws the lanes have.
    pub fn trials(&self) -> Trials<'_> {
        trials(self.first_trial, &self.picked)
    }

    /// The draws of a key for this block.
    pub fn source(&self, key: Key) -> Source<'_> {
        Source { key, trials: self.trials() }
    }
}

fn trials(first_trial: u64, picked: &[u64]) -> Trials<'_> {
    if picked.is_empty() { Trials::From(first_trial) } else { Trials::Picked(picked) }
}

impl Plan {
    fn accumulates_years(&self) -> bool {
        self.report == Report::Year || self.needs_years
    }
}

/// Fills the rows of sums from those of the flows, which come first.
fn combine(plan: &Plan, vectors: Vectors, measures: &mut [Vec<f64>]) {
    for (idx, measure) in plan.measures.iter().enumerate().skip(plan.flows.len()) {
        let (earlier, rest) = measures.split_at_mut(idx);
        let row = &mut rest[0];
        match (&measure.op, measure.same_as) {
            (_, Some(same)) => row.copy_from_slice(&earlier[same]),
            (MeasureOp::Flow(flow), _) => row.copy_from_slice(&earlier[*flow]),
            (MeasureOp::Sum(flows), _) => {
                row.fill(0.0);
                for &flow in flows {
                    ops::add(vectors, row, &earlier[flow]);
                }
            }
            (MeasureOp::Plus(a, b), _) => ops::sum(vectors, row, &earlier[*a], &earlier[*b]),
            (MeasureOp::Minus(a, b), _) => ops::difference(vectors, row, &earlier[*a], &earlier[*b]),
        }
    }
}

fn overflow(scene: &Scene, flow: usize, values: &[f64]) -> BlockError {
    let outside = |value: &f64| value.is_nan() || value.abs() > ops::LIMIT;
    let lane = values.iter().position(outside).unwrap_or(0);
    BlockError::Overflow { trial: scene.trials().at(lane), flow, step: scene.step, value: values[lane] }
}
