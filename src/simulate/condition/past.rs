//! The simulated past: how it is run, and what is kept of it.

use crate::history;
use crate::kernel::{DriverState, Observer, View};
use crate::plan::{DriverOp, FlowPlan, Operand, PermanentOp, Plan, StartLevelOp, TransitoryOp};
use crate::scenario::{Horizon, ObservedSeries, Report};
use crate::vector::math::exp64;

/// A year's total that somebody reported.
#[derive(Clone, Debug)]
pub(super) struct Observation {
    /// Index of its series.
    pub series: usize,
    /// Flows that it counts.
    pub flows: Vec<usize>,
    /// Calendar year.
    pub calendar_year: i32,
    /// Index of the year, or none for the base year.
    pub year: Option<usize>,
    /// Log of the value.
    pub log_value: f64,
    /// Log points that the reporter is above the truth, and the sd of what he is off by besides.
    pub bias: Operand,
    /// See `bias`.
    pub error: Operand,
}

/// The observations that can be used: those of a positive value, in years that are simulated.
pub(super) fn usable(observed: &[ObservedSeries], terms: &[(Operand, Operand)], horizon: &Horizon) -> Vec<Observation> {
    let simulated = |year: i32| (horizon.base..=horizon.end).contains(&year);
    let of_series = |(series, (it, &(bias, error))): (usize, (&ObservedSeries, &(Operand, Operand)))| {
        let usable = it.observations.iter().filter(|it| simulated(it.year) && it.value > 0.0);
        let observation = |one: &history::Observation| Observation {
            series,
            flows: it.flows.clone(),
            calendar_year: one.year,
            year: (one.year > horizon.base).then(|| (one.year - horizon.base - 1) as usize),
            log_value: libm::log(one.value),
            bias,
            error,
        };
        usable.map(observation).collect::<Vec<_>>()
    };
    observed.iter().zip(terms).enumerate().flat_map(of_series).collect()
}

/// Trials whose past is simulated together: few, because a tangent is held for each.
const LANES: usize = 64;

/// The plan up to the last observation, its steps reported.
pub(super) fn cut(plan: &Plan, observations: &[Observation]) -> Plan {
    let years = observations.iter().filter_map(|it| it.year).max().map_or(0, |year| year + 1);
    Plan {
        lanes: LANES.min(plan.lanes),
        steps: years * plan.steps_per_year,
        report: Report::StepAnnualised,
        needs_years: true,
        ..plan.clone()
    }
}

/// A part of a flow's noise in a step: what a shock moves it by, and what is kept of it over a step.
#[derive(Default)]
pub(super) struct PartRows {
    pub sd: Vec<f64>,
    pub decay: Vec<f64>,
}

/// What a flow's path does with the shocks.
#[derive(Default)]
pub(super) struct FlowRows {
    pub permanent: Option<PartRows>,
    pub transitory: Option<PartRows>,
    /// Sd of the transitory part at `t0`, where that is drawn.
    pub start_sd: Option<Vec<f64>>,
    /// `K^-2` of a soft ceiling.
    pub ceiling: Option<Vec<f64>>,
    /// (index among the processes, exposure).
    pub exposures: Vec<(usize, Vec<f64>)>,
}

/// Keeps what a block's past was, lane by lane.
pub(super) struct Recorder<'a> {
    plan: &'a Plan,
    observations: &'a [Observation],
    pub flows: Vec<FlowRows>,
    /// Of each process, zero in trials that do not have it.
    pub processes: Vec<PartRows>,
    /// Value of flow `f` at the end of step `n`, from 0, at `f * steps + n`.
    pub values: Vec<Vec<f64>>,
    /// Factor on the sds of the noise in each step; empty where there is none.
    pub volatility: Vec<Vec<f32>>,
    /// Log of each observation's true total.
    pub log_totals: Vec<Vec<f64>>,
    pub bias: Vec<Vec<f64>>,
    pub error: Vec<Vec<f64>>,
}

impl<'a> Recorder<'a> {
    pub fn new(plan: &'a Plan, observations: &'a [Observation]) -> Recorder<'a> {
        let rows = |count: usize| vec![vec![0.0; plan.lanes]; count];
        let has_volatility = plan.drivers.iter().any(|driver| driver.op.has_volatility());
        let processes = plan.drivers.iter().filter(|driver| matches!(driver.op, DriverOp::Process(_))).count();
        Recorder {
            flows: plan.flows.iter().map(|_| FlowRows::default()).collect(),
            processes: (0..processes).map(|_| PartRows::default()).collect(),
            values: rows(plan.flows.len() * plan.steps),
            volatility: if has_volatility { vec![vec![1.0; plan.lanes]; plan.steps] } else { Vec::new() },
            log_totals: rows(observations.len()),
            bias: rows(observations.len()),
            error: rows(observations.len()),
            plan,
            observations,
        }
    }

    fn note_totals(&mut self, view: &View<'_>, year: Option<usize>) {
        for (observation, row) in self.observations.iter().zip(&mut self.log_totals) {
            if observation.year == year {
                row.fill(0.0);
                for &flow in &observation.flows {
                    row.iter_mut().zip(&view.measures[flow]).for_each(|(sum, value)| *sum += value);
                }
                row.iter_mut().for_each(|sum| *sum = libm::log(*sum));
            }
        }
    }

    fn note_processes(&mut self, view: &View<'_>) {
        let states = view.drivers.iter().filter_map(|driver| match driver {
            DriverState::Process(state) => Some(state),
            _ => None,
        });
        for (rows, state) in self.processes.iter_mut().zip(states) {
            // A process that stands still has no rows.
            rows.decay = state.decay.row().to_vec();
            rows.sd = state.sd.row().iter().zip(state.happens.row()).map(|(sd, happens)| sd * happens).collect();
        }
    }
}

impl Observer for Recorder<'_> {
    fn base(&mut self, view: &View<'_>) {
        self.note_totals(view, None);
        self.note_processes(view);
        for (rows, flow) in self.flows.iter_mut().zip(&self.plan.flows) {
            *rows = FlowRows::of(flow, self.plan, view);
        }
        for (idx, observation) in self.observations.iter().enumerate() {
            self.bias[idx] = row(view, observation.bias, |bias| bias);
            self.error[idx] = row(view, observation.error, |error| error);
        }
    }

    fn period(&mut self, view: &View<'_>, period: usize) {
        for flow in 0..self.flows.len() {
            self.values[flow * self.plan.steps + period].copy_from_slice(&view.measures[flow]);
        }
        if let Some(row) = self.volatility.get_mut(period) {
            row.copy_from_slice(&view.scene.volatility);
        }
    }

    fn year(&mut self, view: &View<'_>, year: usize) {
        self.note_totals(view, Some(year));
    }
}

impl FlowRows {
    fn of(flow: &FlowPlan, plan: &Plan, view: &View<'_>) -> FlowRows {
        let stationary = |part: &TransitoryOp| matches!(part.start, StartLevelOp::Stationary);
        FlowRows {
            permanent: flow.permanent.map(|part| permanent(&part, view)),
            transitory: flow.transitory.map(|part| transitory(&part, view)),
            start_sd: flow.transitory.filter(stationary).map(|part| row(view, part.sd, |sd| sd)),
            // The least that a capacity counts as depends on the base, which does not matter for a tangent.
            ceiling: flow.capacity.map(|capacity| row(view, capacity, |capacity| 1.0 / (capacity * capacity))),
            exposures: exposures(flow, plan, view),
        }
    }
}

fn permanent(part: &PermanentOp, view: &View<'_>) -> PartRows {
    let dt = view.scene.dt;
    let of_lane = |lane: usize| (view.scene.value(part.sd, lane), view.scene.value(part.pull, lane));
    let lanes = (0..view.scene.lanes).map(of_lane);
    PartRows {
        sd: lanes.clone().map(|(sd, pull)| sd * crate::kernel::step_deviation(pull, dt)).collect(),
        decay: lanes.map(|(_, pull)| exp64(-pull * dt)).collect(),
    }
}

fn transitory(part: &TransitoryOp, view: &View<'_>) -> PartRows {
    let decay = row(view, part.persistence, |persistence| libm::pow(persistence, view.scene.dt));
    let sd = row(view, part.sd, |sd| sd);
    let step = |(sd, decay): (&f64, &f64)| sd * (1.0 - decay * decay).sqrt();
    PartRows { sd: sd.iter().zip(&decay).map(step).collect(), decay }
}

fn exposures(flow: &FlowPlan, plan: &Plan, view: &View<'_>) -> Vec<(usize, Vec<f64>)> {
    let is_process = |driver: usize| matches!(plan.drivers[driver].op, DriverOp::Process(_));
    let place = |driver: usize| (0..driver).filter(|&earlier| is_process(earlier)).count();
    let of_processes = flow.exposures.iter().filter(|(driver, _)| is_process(*driver));
    of_processes.map(|&(driver, exposure)| (place(driver), row(view, exposure, |exposure| exposure))).collect()
}

/// An operand of all lanes after a function.
fn row(view: &View<'_>, operand: Operand, f: impl Fn(f64) -> f64) -> Vec<f64> {
    (0..view.scene.lanes).map(|lane| f(view.scene.value(operand, lane))).collect()
}
