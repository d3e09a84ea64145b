//! The state of a driver in a block, whatever its kind.

use super::Scene;
use super::events::{CargoState, ShockState};
use super::intervention::InterventionState;
use super::lane::Real;
use super::process::ProcessState;
use super::regime::RegimeState;
use crate::plan::{DriverOp, DriverPlan};

pub(crate) enum DriverState {
    Intervention(Box<InterventionState>),
    Regime(Box<RegimeState>),
    Process(ProcessState),
    Shock(ShockState),
    Cargo(CargoState),
}

impl DriverState {
    pub fn new(plan: &DriverPlan, lanes: usize) -> DriverState {
        match &plan.op {
            DriverOp::Intervention(_) => DriverState::Intervention(Box::new(InterventionState::new(lanes))),
            DriverOp::Regime(_) => DriverState::Regime(Box::new(RegimeState::new(lanes))),
            DriverOp::Process(_) => DriverState::Process(ProcessState::new(lanes)),
            DriverOp::Shock(_) => DriverState::Shock(ShockState::new(lanes)),
            DriverOp::Cargo(_) => DriverState::Cargo(CargoState::new(lanes)),
        }
    }

    /// At `t0`, where it contributes nothing yet.
    pub fn begin(&mut self, plan: &DriverPlan, idx: usize, scene: &mut Scene) {
        match (self, &plan.op) {
            (DriverState::Intervention(state), DriverOp::Intervention(op)) => state.begin(op, &plan.when, idx, scene),
            (DriverState::Regime(state), DriverOp::Regime(op)) => state.begin(op, scene),
            (DriverState::Process(state), DriverOp::Process(op)) => state.begin(op, &plan.when, scene),
            (DriverState::Shock(state), DriverOp::Shock(op)) => state.begin(op, &plan.when, scene),
            (DriverState::Cargo(state), DriverOp::Cargo(op)) => state.begin(op, &plan.when, scene),
            _ => unreachable!("a state is made from its own plan"),
        }
    }

    /// The first of the `live` lanes in which events come too often to be drawn, and their mean number a step.
    pub fn too_frequent(&self, live: usize) -> Option<(usize, f64)> {
        match self {
            DriverState::Shock(state) => state.too_frequent(live),
            DriverState::Cargo(state) => state.too_frequent(live),
            DriverState::Intervention(_) | DriverState::Regime(_) | DriverState::Process(_) => None,
        }
    }

    /// Whether it has happened in a lane by `now`, given its start there: has started, or has struck at least once.
    pub fn has_happened(&self, lane: usize, start: f64, now: f64) -> bool {
        match self {
            DriverState::Intervention(state) => start <= now && state.takes_place(lane),
            DriverState::Shock(state) => state.struck[lane] > 0,
            DriverState::Cargo(state) => state.struck[lane] > 0,
            DriverState::Process(state) => state.is_there(lane),
            DriverState::Regime(_) => true,
        }
    }

    /// Whether the contribution is that of the step before, in all lanes.
    pub fn has_settled(&self, scene: &Scene) -> bool {
        matches!(self, DriverState::Intervention(state) if state.has_settled(scene))
    }

    /// Over the step that ends now: fills the contribution at exposure 1.
    pub fn step<R: Real>(&mut self, plan: &DriverPlan, idx: usize, scene: &mut Scene, contribution: &mut [R]) {
        match (self, &plan.op) {
            (DriverState::Intervention(state), DriverOp::Intervention(op)) => state.step(op, idx, scene, contribution),
            (DriverState::Regime(state), DriverOp::Regime(op)) => state.step(op, scene, contribution),
            (DriverState::Process(state), DriverOp::Process(op)) => state.step(op, scene, contribution),
            (DriverState::Shock(state), DriverOp::Shock(op)) => state.step(op, scene, contribution),
            (DriverState::Cargo(state), DriverOp::Cargo(op)) => state.step(op, scene, contribution),
            _ => unreachable!("a state is made from its own plan"),
        }
    }
}

impl DriverOp {
    pub fn has_volatility(&self) -> bool {
        matches!(self, DriverOp::Regime(op) if op.volatility.is_some())
    }
}

impl Scene {
    /// Whether all conditions of a driver hold in a lane.
    pub fn conditions_hold(&self, when: &[(usize, usize)], lane: usize) -> bool {
        when.iter().all(|&(choice, option)| usize::from(self.options[choice][lane]) == option)
    }
}
