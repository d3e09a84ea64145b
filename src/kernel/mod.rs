//! One block of trials through all steps: structure of arrays, one lane a trial.
//!
//! The kernel reads a [`Plan`] and writes rows of values; it does no I/O, takes no locks and knows no names. A block
//! begins with what is drawn once a trial; then each step moves the regime, the other drivers, the noise and the
//! flows, in this order. At the end of each period an `Observer` is shown the rows.

mod bridge;
mod driver;
mod events;
mod flow;
mod held;
mod inputs;
mod intervention;
mod lane;
mod noise;
mod ops;
mod ops32;
mod phase;
mod process;
mod regime;
mod single;
mod words;
#[cfg(test)]
mod tests;

pub(crate) use driver::DriverState;
pub(crate) use events::MOST_A_STEP;
pub(crate) use flow::FlowState;
pub(crate) use inputs::{OutOfRange, evaluate_rows};
pub(crate) use noise::{Contamination, ShockRows, StudentTable};
pub(crate) use process::step_deviation;

use std::sync::Arc;

use crate::draws::{Key, Quasi, Source, Trials};
use crate::plan::{BaseOp, FlowPlan, MeasureOp, Operand, Plan};
use crate::scenario::Report;
use crate::vector::Vectors;
use flow::Past;
use noise::NoiseState;
use single::Singles;

/// Is shown rows of values as they become known. Lane `i` of every row is the trial with number `first_trial + i` of
/// the run; lanes from `live` on are beyond the last trial.
pub(crate) trait Observer {
    /// Whether [`Observer::period`] reads measures in single precision where they come in it: then their rows in
    /// double precision are not filled for it.
    const READS_SINGLES: bool = false;
    /// Whether [`Observer::step`] is to be called.
    const READS_STEPS: bool = false;

    /// Whether the contributions of drivers are read in the block that begins with a trial: else they are not filled
    /// where single precision will do.
    fn reads_contributions(&self, _first_trial: u64) -> bool {
        Self::READS_STEPS
    }

    /// Whether [`Observer::year`] reads a measure, if the plan needs years: for one that reads singles, rows in double
    /// precision are filled for those alone.
    fn reads_year_of(&self, _measure: usize) -> bool {
        true
    }

    /// The base year: a row a measure.
    fn base(&mut self, _view: &View<'_>) {}
    /// A grid point has been reached: what its values are made of. Only for one that reads steps.
    fn step(&mut self, _view: &StepView<'_>) {}
    /// Period `period`, from 0, has ended: a row a measure, in the scenario's report.
    fn period(&mut self, _view: &View<'_>, _period: usize) {}
    /// Calendar year `year`, from 0, has ended: a row a measure, its total. For one that reads singles only rows of
    /// what [`Observer::reads_year_of`] names are filled, and only if the plan needs years.
    fn year(&mut self, _view: &View<'_>, _year: usize) {}
}

/// What an observer sees.
pub(crate) struct View<'a> {
    pub first_trial: u64,
    pub live: usize,
    /// A row a measure.
    pub measures: &'a [Vec<f64>],
    /// Whether each of these rows holds one number, and the same in every block.
    pub is_fixed: bool,
    /// For one that reads singles: measures that come in single precision, a row a measure; empty for the rest.
    pub singles: &'a [Vec<f32>],
    /// Contribution of each driver of the plan at exposure 1, for one that reads them.
    pub contributions: &'a [Vec<f64>],
    pub drivers: &'a [DriverState],
    pub states: &'a [i32],
    /// What was drawn once a trial, and what else the parts of a block share.
    pub scene: &'a Scene,
}

/// What an observer sees of one grid point.
pub(crate) struct StepView<'a> {
    /// In years after `t0`.
    pub now: f64,
    pub live: usize,
    /// Annualised value of each flow.
    pub values: &'a [Vec<f64>],
    pub flows: &'a [FlowState],
    /// What is drawn once a trial.
    pub rows: &'a [Vec<f64>],
    /// Contribution of each driver of the plan at exposure 1; a cargo's is its amount.
    pub contributions: &'a [Vec<f64>],
    pub drivers: &'a [DriverState],
    /// Start of each driver of the plan, infinite as long as it has none.
    pub starts: &'a [Vec<f64>],
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
    /// Points in place of random draws.
    pub quasi: Option<Arc<Quasi>>,
}

/// Rows that stand in for what a flow does not have.
pub(crate) struct Blank {
    pub zeros: Vec<u32>,
    pub ones: Vec<f32>,
}

impl Blank {
    fn new(lanes: usize) -> Blank {
        Blank { zeros: vec![0; lanes], ones: vec![1.0; lanes] }
    }
}

/// Space for one block and the plan that moves it.
pub(crate) struct Kernel<'p> {
    plan: &'p Plan,
    scene: Scene,
    drivers: Vec<DriverState>,
    contributions: Vec<Vec<f64>>,
    /// Whether each driver's contribution is needed in double precision by a flow.
    are_exact: Vec<bool>,
    /// Whether all are needed so by the observer of this block.
    are_shown: bool,
    noise: NoiseState,
    flows: Vec<FlowState>,
    past: Past,
    /// Sums of a calendar year's values, a row a flow.
    years: Vec<Vec<f64>>,
    measures: Vec<Vec<f64>>,
    /// Measures whose years this observer reads, and those that they are made of.
    read_by_year: Vec<bool>,
    /// Measures of the base year, where no draw goes into them; none before the first block.
    fixed_base: Vec<Vec<f64>>,
    /// Noisy flows and their sums, in the place of their rows in `years` and mostly of those in `measures`.
    singles: Singles,
    blank: Blank,
}

impl<'p> Kernel<'p> {
    pub fn new(plan: &'p Plan, vectors: Vectors) -> Kernel<'p> {
        let lanes = plan.lanes;
        let row = || vec![0.0; lanes];
        let has_volatility = plan.drivers.iter().any(|driver| driver.op.has_volatility());
        let flows: Vec<FlowState> = plan.flows.iter().map(|flow| FlowState::new(flow, lanes)).collect();
        let exact_year =
            |flow: &FlowPlan| if plan.accumulates_years() && !flow.is_noisy() { row() } else { Vec::new() };
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
                quasi: plan.quasi.clone(),
            },
            drivers: plan.drivers.iter().map(|driver| DriverState::new(driver, lanes)).collect(),
            contributions: vec![row(); plan.drivers.len()],
            are_exact: (0..plan.drivers.len()).map(|driver| plan.needs_exactly(driver)).collect(),
            are_shown: true,
            noise: NoiseState::new(&plan.noise, lanes),
            singles: Singles::new(plan, &flows),
            flows,
            past: Past::default(),
            years: plan.flows.iter().map(exact_year).collect(),
            measures: vec![row(); plan.measures.len()],
            read_by_year: Vec::new(),
            fixed_base: Vec::new(),
            blank: Blank::new(lanes),
        }
    }

    /// Takes trials `first_trial ..` through all steps; the first `live` of them count.
    pub fn run(&mut self, first_trial: u64, live: usize, observer: &mut impl Observer) -> Result<(), BlockError> {
        self.scene.picked.clear();
        self.go(first_trial, live, observer)
    }

    /// Takes trials through all steps that have the draws of `picked`, and the numbers `first_trial ..` for the
    /// observer.
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

    fn go<O: Observer>(&mut self, first_trial: u64, live: usize, observer: &mut O) -> Result<(), BlockError> {
        self.are_shown = observer.reads_contributions(first_trial);
        self.read_by_year = self.plan.with_parts(|measure| self.plan.needs_years && observer.reads_year_of(measure));
        self.begin(first_trial, live)?;
        self.show_base(live, observer);
        for step in 1..=self.plan.steps {
            self.step(step, live)?;
            if O::READS_STEPS {
                self.singles.widen(self.scene.vectors, &mut self.measures, |_| true);
                observer.step(&self.step_view(live));
            }
            self.show_step(step, live, observer);
        }
        Ok(())
    }

    fn begin(&mut self, first_trial: u64, live: usize) -> Result<(), BlockError> {
        let scene = &mut self.scene;
        (scene.first_trial, scene.step, scene.before, scene.now) = (first_trial, 0, 0.0, 0.0);
        let (trials, quasi) = (trials(first_trial, &scene.picked), scene.quasi.as_deref());
        evaluate_rows(scene.vectors, quasi, &self.plan.rows, trials, live, &mut scene.rows)
            .map_err(BlockError::OutOfRange)?;
        inputs::draw_choices(&self.plan.choices, scene);
        for &idx in &self.plan.order {
            self.drivers[idx].begin(&self.plan.drivers[idx], idx, scene);
            if let Some((lane, mean)) = self.drivers[idx].too_frequent(live) {
                let driver = self.plan.drivers[idx].scenario_idx;
                return Err(BlockError::TooFrequent { trial: scene.trials().at(lane), driver, mean });
            }
        }
        for (idx, row) in self.contributions.iter_mut().enumerate() {
            let single = &mut self.singles.contributions[idx];
            if self.are_shown || self.are_exact[idx] || single.is_empty() {
                row.fill(0.0);
            }
            single.fill(0.0);
        }
        self.noise.begin(&self.plan.noise, scene);
        self.past.forget();
        for (flow_idx, flow) in self.flows.iter_mut().enumerate() {
            flow.begin(self.plan, flow_idx, scene, &mut self.noise, &mut self.past);
        }
        for year in &mut self.years {
            year.fill(0.0);
        }
        self.singles.begin(&self.flows, scene.vectors);
        Ok(())
    }

    fn step(&mut self, step: usize, live: usize) -> Result<(), BlockError> {
        let scene = &mut self.scene;
        scene.step = step;
        // Division, not accumulation: the first of a month must lie exactly on the grid.
        scene.before = (step - 1) as f64 / scene.steps_per_year as f64;
        scene.now = step as f64 / scene.steps_per_year as f64;
        for &idx in &self.plan.order {
            let (driver, plan) = (&mut self.drivers[idx], &self.plan.drivers[idx]);
            let (double, single) = (&mut self.contributions[idx], &mut self.singles.contributions[idx]);
            if !self.are_shown && !self.are_exact[idx] && !single.is_empty() {
                driver.step(plan, idx, scene, single);
                continue;
            }
            driver.step(plan, idx, scene, double);
            if !driver.has_settled(scene) {
                ops32::narrow(scene.vectors, single, double);
            }
        }
        self.noise.step(&self.plan.noise, scene);
        let drivers = (&self.drivers[..], &self.contributions[..]);
        self.singles.begin_step(scene);
        for (idx, flow) in self.flows.iter_mut().enumerate() {
            let noise = (&mut self.noise, &self.blank);
            match self.singles.step((self.plan, idx), scene, drivers, noise, flow, live) {
                Some(true) => {}
                Some(false) => return Err(overflow(scene, idx, &self.singles.values[idx][..live])),
                None => {
                    let value = &mut self.measures[idx];
                    flow.step(self.plan, idx, scene, drivers, value);
                    if !ops::all_within_limit(scene.vectors, &value[..live]) {
                        return Err(overflow(scene, idx, &value[..live]));
                    }
                }
            }
        }
        Ok(())
    }

    /// A base year that no draw goes into is the same in every block, and put together once.
    fn show_base(&mut self, live: usize, observer: &mut impl Observer) {
        if self.fixed_base.is_empty() {
            for (row, flow) in self.measures.iter_mut().zip(&self.flows) {
                row.copy_from_slice(flow.base_year());
            }
            combine(self.plan, self.scene.vectors, &mut self.measures, &[], |_| true);
            if self.plan.has_fixed_base() {
                self.fixed_base.clone_from(&self.measures);
            }
        }
        match &self.fixed_base[..] {
            [] => observer.base(&self.view(live)),
            rows => observer.base(&View { measures: rows, is_fixed: true, ..self.view(live) }),
        }
    }

    fn show_step<O: Observer>(&mut self, step: usize, live: usize, observer: &mut O) {
        let m = self.plan.steps_per_year;
        let by_year = self.plan.report == Report::Year;
        self.add_to_years();
        if !by_year {
            if self.plan.report == Report::StepAmount {
                self.take_amounts();
            }
            self.combine::<O>(false);
            observer.period(&self.view(live), step - 1);
        }
        if step.is_multiple_of(m) && self.plan.accumulates_years() {
            self.take_years();
            self.combine::<O>(true);
            let year = step / m - 1;
            if by_year {
                observer.period(&self.view(live), year);
            }
            observer.year(&self.view(live), year);
        }
    }

    fn add_to_years(&mut self) {
        self.singles.add_to_years(self.scene.vectors);
        for (year, value) in self.years.iter_mut().zip(&self.measures) {
            ops::add(self.scene.vectors, year, value);
        }
    }

    /// Replaces annualised values by amounts of a step.
    fn take_amounts(&mut self) {
        self.singles.take_amounts(&self.scene);
        for (value, flow) in self.measures.iter_mut().zip(&self.plan.flows) {
            if !flow.is_noisy() {
                ops::scale(self.scene.vectors, value, self.scene.dt);
            }
        }
    }

    /// Replaces the flows by their means over the year that ends now.
    fn take_years(&mut self) {
        self.singles.take_years(&self.scene);
        for (value, year) in self.measures.iter_mut().zip(&mut self.years) {
            if !year.is_empty() {
                ops::take_mean(self.scene.vectors, value, year, 1.0 / self.plan.steps_per_year as f64);
            }
        }
    }

    /// Fills the sums from the flows: in double precision all rows, or for an observer of singles what it reads of a
    /// year and what has no row in single precision.
    fn combine<O: Observer>(&mut self, is_year: bool) {
        let Kernel { plan, scene, singles, measures, read_by_year, .. } = self;
        let is_read = |measure: usize| !O::READS_SINGLES || is_year && read_by_year[measure];
        if O::READS_SINGLES {
            singles.combine(plan, scene.vectors);
        }
        singles.widen(scene.vectors, measures, is_read);
        let flows = &singles.values[..plan.flows.len()];
        combine(plan, scene.vectors, measures, flows, |measure| is_read(measure) || singles.is_wide(measure));
    }

    fn step_view(&self, live: usize) -> StepView<'_> {
        StepView {
            now: self.scene.now,
            live,
            values: &self.measures[..self.flows.len()],
            flows: &self.flows,
            rows: &self.scene.rows,
            contributions: &self.contributions,
            drivers: &self.drivers,
            starts: &self.scene.starts,
        }
    }

    fn view(&self, live: usize) -> View<'_> {
        View {
            first_trial: self.scene.first_trial,
            live,
            measures: &self.measures,
            is_fixed: false,
            singles: &self.singles.values,
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
    /// Whether values are added up over calendar years.
    fn accumulates_years(&self) -> bool {
        self.report == Report::Year || self.needs_years
    }

    /// Whether a driver's contribution goes into any flow in double precision: a flow without noise, or one whose
    /// exposure differs by trial.
    fn needs_exactly(&self, driver: usize) -> bool {
        let needs = |flow: &FlowPlan| {
            let mut own = flow.exposures.iter().filter(|(idx, _)| *idx == driver);
            own.any(|(_, exposure)| !flow.is_noisy() || matches!(exposure, Operand::Row(_)))
        };
        self.flows.iter().any(needs)
    }

    /// Which measures are wanted, or go into one that is. Flows are added up from their own rows, whatever those hold.
    fn with_parts(&self, is_wanted: impl Fn(usize) -> bool) -> Vec<bool> {
        let mut wanted: Vec<bool> = (0..self.measures.len()).map(is_wanted).collect();
        for (idx, measure) in self.measures.iter().enumerate().rev() {
            match (&measure.op, measure.same_as) {
                _ if !wanted[idx] => {}
                (_, Some(same)) => wanted[same] = true,
                (MeasureOp::Plus(a, b) | MeasureOp::Minus(a, b), _) => (wanted[*a], wanted[*b]) = (true, true),
                (MeasureOp::Flow(_) | MeasureOp::Sum(_), _) => {}
            }
        }
        wanted
    }

    /// Whether no draw goes into the base year.
    fn has_fixed_base(&self) -> bool {
        let is_fixed = |flow: &FlowPlan| {
            matches!(flow.base, BaseOp::Rate(Operand::Constant(_)) | BaseOp::Total(Operand::Constant(_)))
        };
        self.flows.iter().all(is_fixed)
    }
}

/// Fills the rows of sums that are wanted from those of the flows, which come first. A flow with a row among `singles`
/// is read from there.
fn combine(
    plan: &Plan,
    vectors: Vectors,
    measures: &mut [Vec<f64>],
    singles: &[Vec<f32>],
    is_wanted: impl Fn(usize) -> bool,
) {
    let single = |measure: usize| singles.get(measure).filter(|row| !row.is_empty());
    let sums = plan.measures.iter().enumerate().skip(plan.flows.len());
    for (idx, measure) in sums.filter(|(idx, _)| is_wanted(*idx)) {
        let (earlier, rest) = measures.split_at_mut(idx);
        let row = &mut rest[0];
        row.fill(0.0);
        let mut add = |measure: usize, k: f64| match single(measure) {
            Some(term) => ops32::add_to_wide(vectors, row, term, k),
            None => ops::add_scaled(vectors, row, &earlier[measure], k),
        };
        match (&measure.op, measure.same_as) {
            (_, Some(same)) => add(same, 1.0),
            (MeasureOp::Flow(flow), _) => add(*flow, 1.0),
            (MeasureOp::Sum(flows), _) => flows.iter().for_each(|flow| add(*flow, 1.0)),
            (MeasureOp::Plus(a, b), _) => {
                add(*a, 1.0);
                add(*b, 1.0);
            }
            (MeasureOp::Minus(a, b), _) => {
                add(*a, 1.0);
                add(*b, -1.0);
            }
        }
    }
}

fn overflow<T: Copy + Into<f64>>(scene: &Scene, flow: usize, values: &[T]) -> BlockError {
    let outside = |&value: &T| {
        let value: f64 = value.into();
        value.is_nan() || value.abs() > ops::LIMIT
    };
    let lane = values.iter().position(outside).unwrap_or(0);
    BlockError::Overflow { trial: scene.trials().at(lane), flow, step: scene.step, value: values[lane].into() }
}
