//! Flows that all have shocks of their own, in single precision.
//!
//! Where each flow is noisy, digits beyond the seventh are far inside the Monte Carlo error, and rows of half the size
//! take half the time. What the flows have in common is added up once for all of them. Drivers, and what is set once
//! a trial, stay in double precision.

use super::driver::DriverState;
use super::flow::FlowState;
use super::noise::NoiseState;
use super::{Scene, ops, ops32};
use crate::plan::{FlowPlan, Operand, Plan};
use crate::vector::Vectors;

/// Rows of a block whose flows are all noisy.
pub(super) struct Singles {
    shared: Shared,
    /// The shared part of the log level.
    shared_level: Vec<f32>,
    /// Contributions of the drivers that are not shared.
    own: Vec<Vec<f32>>,
    flows: Vec<SingleFlow>,
    /// A row a measure.
    pub measures: Vec<Vec<f32>>,
    /// Sums of a calendar year's values, a row a flow.
    years: Vec<Vec<f32>>,
    spill: Vec<f32>,
}

/// What is the same for all flows.
struct Shared {
    trend: Option<Operand>,
    /// (driver, exposure)
    drivers: Vec<(usize, f64)>,
    /// Drivers that are not: they need rows in single precision.
    own: Vec<usize>,
    /// Their sum.
    level: Vec<f64>,
}

/// Rows that stand in for what a flow does not have.
pub(super) struct Blank {
    pub zeros: Vec<u32>,
    pub ones: Vec<f32>,
}

impl Blank {
    pub fn new(lanes: usize) -> Blank {
        Blank { zeros: vec![0; lanes], ones: vec![1.0; lanes] }
    }
}

struct SingleFlow {
    base: Vec<f32>,
    /// Where it is not shared.
    trend: Vec<f32>,
    /// What is not a row times a constant.
    extras: Option<Vec<f32>>,
    /// `c` and `K^-2` of a ceiling.
    ceiling: Option<(Vec<f32>, Vec<f32>)>,
    /// (driver, exposure) where the exposure is a constant and the driver not shared.
    exposures: Vec<(usize, f32)>,
}

impl Singles {
    /// Space for the plan, if all its flows are noisy.
    pub fn new(plan: &Plan, flows: &[FlowState]) -> Option<Singles> {
        if plan.flows.is_empty() || !plan.flows.iter().all(FlowPlan::is_noisy) {
            return None;
        }
        let row = || vec![0.0; plan.lanes];
        let shared = Shared::of(plan);
        Some(Singles {
            shared_level: row(),
            own: (0..plan.drivers.len())
                .map(|idx| if shared.own.contains(&idx) { row() } else { Vec::new() })
                .collect(),
            flows: plan
                .flows
                .iter()
                .zip(flows)
                .map(|(plan_of_flow, flow)| SingleFlow::new(plan_of_flow, flow, &shared, plan.lanes))
                .collect(),
            measures: vec![row(); plan.measures.len()],
            years: if plan.accumulates_years() { vec![row(); plan.flows.len()] } else { Vec::new() },
            spill: row(),
            shared,
        })
    }

    pub fn begin(&mut self, flows: &[FlowState], vectors: Vectors) {
        for (single, flow) in self.flows.iter_mut().zip(flows) {
            single.begin(flow, vectors);
        }
        for year in &mut self.years {
            year.fill(0.0);
        }
    }

    /// Over the step that ends now: fills the annualised value of each flow. The index of a flow that is beyond the
    /// limit in a live lane, if there is one.
    pub fn step(
        &mut self,
        plan: &Plan,
        scene: &Scene,
        (drivers, contributions): (&[DriverState], &[Vec<f64>]),
        (noise, blank): (&mut NoiseState, &Blank),
        flows: &mut [FlowState],
        live: usize,
    ) -> Option<usize> {
        self.shared.fill(scene, contributions, &mut self.shared_level);
        for &idx in &self.shared.own {
            ops32::narrow(scene.vectors, &mut self.own[idx], &contributions[idx]);
        }
        for (idx, (flow, single)) in flows.iter_mut().zip(&mut self.flows).enumerate() {
            flow.move_noise(plan, idx, scene, noise, blank);
            if let Some(extras) = &mut single.extras {
                ops32::narrow(scene.vectors, extras, flow.extras(&plan.flows[idx], scene, contributions));
            }
            let value = &mut self.measures[idx];
            let terms = ops32::Terms::new(&self.shared_level, &mut self.spill);
            let mut within = single.fill_value(scene, terms, &self.own, flow, value);
            if let Some((c, inverse_square)) = &single.ceiling {
                ops32::cap(scene.vectors, value, c, inverse_square);
                within = false;
            }
            for &idx in &plan.flows[idx].cargoes {
                if let DriverState::Cargo(cargo) = &drivers[idx] {
                    ops32::add_wide(scene.vectors, value, &cargo.amount, scene.steps_per_year as f64);
                    within = false;
                }
            }
            if !within && !ops32::all_within_limit(scene.vectors, &value[..live]) {
                return Some(idx);
            }
        }
        None
    }

    /// Adds the flows of a step to those of its year.
    pub fn add_to_years(&mut self, vectors: Vectors) {
        for (year, value) in self.years.iter_mut().zip(&self.measures) {
            ops32::add(vectors, year, value);
        }
    }

    /// Turns annualised values into amounts of a step.
    pub fn to_amounts(&mut self, scene: &Scene) {
        for value in &mut self.measures[..self.flows.len()] {
            ops32::scale(scene.vectors, value, scene.dt as f32);
        }
    }

    /// Replaces the flows by the means over their year.
    pub fn take_years(&mut self, scene: &Scene) {
        let share = 1.0 / scene.steps_per_year as f32;
        for (value, year) in self.measures.iter_mut().zip(&mut self.years) {
            ops32::take_mean(scene.vectors, value, year, share);
        }
    }

    /// The same rows in double precision.
    pub fn widen(&self, vectors: Vectors, out: &mut [Vec<f64>]) {
        for (out, row) in out.iter_mut().zip(&self.measures) {
            ops32::widen(vectors, out, row);
        }
    }
}

impl Shared {
    fn of(plan: &Plan) -> Shared {
        let exposure = |flow: &FlowPlan, driver: usize| {
            let listed = flow.exposures.iter().find(|(idx, _)| *idx == driver);
            listed.map_or(Operand::Constant(0.0), |(_, exposure)| *exposure)
        };
        let first = &plan.flows[0];
        let common = |driver: usize| match exposure(first, driver) {
            Operand::Constant(k) if plan.flows.iter().all(|flow| exposure(flow, driver) == Operand::Constant(k)) => {
                Some((driver, k))
            }
            _ => None,
        };
        let drivers: Vec<(usize, f64)> = (0..plan.drivers.len()).filter_map(common).collect();
        let is_shared = |driver: usize| drivers.iter().any(|(idx, _)| *idx == driver);
        let has_own = |driver: &usize| !is_shared(*driver);
        Shared {
            trend: plan.flows.iter().all(|flow| flow.trend == first.trend).then_some(first.trend),
            own: (0..plan.drivers.len()).filter(has_own).collect(),
            drivers: drivers.into_iter().filter(|(_, k)| *k != 0.0).collect(),
            level: vec![0.0; plan.lanes],
        }
    }

    fn fill(&mut self, scene: &Scene, contributions: &[Vec<f64>], out: &mut [f32]) {
        let level = &mut self.level;
        match self.trend {
            Some(Operand::Row(row)) => ops::scaled(scene.vectors, level, &scene.rows[row], scene.now),
            Some(Operand::Constant(trend)) => level.fill(trend * scene.now),
            None => level.fill(0.0),
        }
        for &(driver, k) in &self.drivers {
            ops::add_scaled(scene.vectors, level, &contributions[driver], k);
        }
        ops32::narrow(scene.vectors, out, level);
    }
}

impl SingleFlow {
    fn new(plan: &FlowPlan, flow: &FlowState, shared: &Shared, lanes: usize) -> SingleFlow {
        let row = || vec![0.0; lanes];
        let constant = |&(driver, exposure): &(usize, Operand)| match exposure {
            Operand::Constant(k) if shared.own.contains(&driver) => Some((driver, k as f32)),
            _ => None,
        };
        SingleFlow {
            base: row(),
            trend: if shared.trend.is_none() { row() } else { Vec::new() },
            extras: flow.has_extras(plan).then(row),
            ceiling: plan.capacity.map(|_| (row(), row())),
            exposures: plan.exposures.iter().filter_map(constant).collect(),
        }
    }

    fn begin(&mut self, flow: &FlowState, vectors: Vectors) {
        ops32::narrow(vectors, &mut self.base, flow.rate_at_t0());
        ops32::narrow(vectors, &mut self.trend, flow.trend());
        if let (Some((c, inverse_square)), Some(ceiling)) = (&mut self.ceiling, flow.ceiling()) {
            ops32::narrow(vectors, c, ceiling.0);
            ops32::narrow(vectors, inverse_square, ceiling.1);
        }
    }

    /// Whether all lanes are within the limit.
    fn fill_value<'a>(
        &'a self,
        scene: &Scene,
        mut terms: ops32::Terms<'a>,
        own: &'a [Vec<f32>],
        flow: &'a FlowState,
        value: &mut [f32],
    ) -> bool {
        if !self.trend.is_empty() {
            terms.add(scene.vectors, &self.trend, scene.now as f32);
        }
        for &(driver, k) in &self.exposures {
            terms.add(scene.vectors, &own[driver], k);
        }
        if let Some(extras) = &self.extras {
            terms.add(scene.vectors, extras, 1.0);
        }
        for part in flow.noise() {
            terms.add(scene.vectors, part, 1.0);
        }
        terms.value(scene.vectors, value, &self.base)
    }
}
