//! What the drivers do, for the first trials.

use super::periods;
use super::series::Series;
use crate::kernel::{DriverState, View};
use crate::plan::{CargoOp, DriverOp, DriverPlan, Operand, Plan, ProcessModelOp, ShockOp, SizeOp, StateOperand};
use crate::scenario::Scenario;
use crate::stats::Kind;
use crate::vector::{Vectors, vectorised};

/// What a worker gathers of the drivers.
pub(super) struct Details {
    drivers: usize,
    /// Contributions: period by period, driver by driver of the plan.
    pub series: Series,
    /// Trials in which a driver is active: period by period, driver by driver.
    pub active: Vec<u64>,
    /// Trials in each state: period by period, state by state.
    pub states: Vec<u64>,
    state_count: usize,
    /// Events and deliveries up to the last period, by driver; empty for kinds without.
    struck: Vec<Vec<u32>>,
    delivered: Vec<Vec<f64>>,
    scratch: Vec<f64>,
    vectors: Vectors,
}

impl Details {
    pub fn new(scenario: &Scenario, plan: &Plan, vectors: Vectors) -> Details {
        let (drivers, periods) = (plan.drivers.len(), periods::count(&scenario.horizon));
        let state_count = plan.drivers.iter().map(|driver| match &driver.op {
            DriverOp::Regime(regime) => regime.states,
            _ => 0,
        });
        let state_count = state_count.max().unwrap_or(0);
        Details {
            drivers,
            series: Series::new((0..periods).flat_map(|_| plan.drivers.iter().map(kind)), plan.lanes, vectors),
            active: vec![0; periods * drivers],
            states: vec![0; periods * state_count],
            state_count,
            struck: vec![vec![0; plan.lanes]; drivers],
            delivered: vec![vec![0.0; plan.lanes]; drivers],
            scratch: vec![0.0; plan.lanes],
            vectors,
        }
    }

    pub fn begin(&mut self) {
        for row in &mut self.struck {
            row.fill(0);
        }
        for row in &mut self.delivered {
            row.fill(0.0);
        }
    }

    pub fn period(&mut self, view: &View<'_>, period: usize) {
        for (idx, driver) in view.drivers.iter().enumerate() {
            let series = period * self.drivers + idx;
            self.active[series] += match driver {
                DriverState::Intervention(state) => {
                    state.count_active(self.vectors, &view.scene.starts[idx], view.scene.now, view.live)
                }
                DriverState::Shock(state) => newly_struck(&mut self.struck[idx], &state.struck[..view.live]),
                DriverState::Cargo(state) => newly_struck(&mut self.struck[idx], &state.struck[..view.live]),
                DriverState::Regime(_) | DriverState::Process(_) => 0,
            };
            if let DriverState::Cargo(state) = driver {
                let before = &mut self.delivered[idx];
                for ((out, before), now) in self.scratch.iter_mut().zip(before).zip(&state.delivered) {
                    *out = now - *before;
                    *before = *now;
                }
                self.series.push(series, &self.scratch[..view.live]);
            } else {
                self.series.push(series, &view.contributions[idx][..view.live]);
            }
        }
        let counts = &mut self.states[period * self.state_count..][..self.state_count];
        for (state, count) in counts.iter_mut().enumerate() {
            *count += u64::from(count_in_state(self.vectors, &view.states[..view.live], state as i32));
        }
    }
}

vectorised! {
    /// States are few: a pass for each is faster than a counter for each, which waits for itself.
    fn count_in_state(states: &[i32], state: i32) -> u32 {
        states.iter().map(|it| u32::from(*it == state)).sum()
    }
}

/// A contribution has atoms but at 0 where nothing in it is drawn from a law: then it takes few values.
fn kind(driver: &DriverPlan) -> Kind {
    let drawn = match &driver.op {
        DriverOp::Intervention(op) => matches!(op.effect, Operand::Row(_)),
        DriverOp::Regime(op) => has_row(&op.growth) || has_row(&op.level),
        DriverOp::Process(op) => {
            let still = matches!(op.model, ProcessModelOp::Still);
            let grows = op.growth.iter().chain([&op.growth_error]).any(|growth| matches!(growth, Operand::Row(_)));
            !still || grows
        }
        DriverOp::Shock(ShockOp { events, .. }) | DriverOp::Cargo(CargoOp { events }) => match &events.size {
            SizeOp::EachEvent { law, .. } => law.constant().is_none(),
            SizeOp::EachTrial(size) => matches!(size, Operand::Row(_)),
        },
    };
    if drawn { Kind::Smooth } else { Kind::Atoms }
}

fn has_row(operand: &StateOperand) -> bool {
    match operand {
        StateOperand::Same(operand) => matches!(operand, Operand::Row(_)),
        StateOperand::Each(operands) => operands.iter().any(|operand| matches!(operand, Operand::Row(_))),
    }
}

/// Lanes struck since the last period.
fn newly_struck(before: &mut [u32], now: &[u32]) -> u64 {
    let mut count = 0;
    for (before, now) in before.iter_mut().zip(now) {
        count += u64::from(now > before);
        *before = *now;
    }
    count
}
