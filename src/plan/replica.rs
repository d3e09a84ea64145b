//! A plan that takes some of its draws from another one of the same scenario.
//!
//! Every draw has a key of its own, so a plan compiled under another seed is an independent replica, and any part of
//! the draws can be taken from it while the rest stay: the matrices A, B and A_B of Saltelli et al. (2010).

use super::{Plan, RowOp};
use crate::scenario::{Expr, InputId};

impl Plan {
    /// With the draws of one input from another plan.
    pub(crate) fn with_input_of(&self, other: &Plan, input: InputId) -> Plan {
        let mut plan = self.clone();
        plan.rows[input] = other.rows[input].clone();
        plan
    }

    /// With the draws of all inputs from another plan.
    pub(crate) fn with_inputs_of(&self, other: &Plan) -> Plan {
        Plan { rows: other.rows.clone(), ..self.clone() }
    }

    /// With all that drivers do by chance from another plan: whether and when they happen, states, walks, events,
    /// and the choices.
    pub(crate) fn with_events_of(&self, other: &Plan) -> Plan {
        Plan { drivers: other.drivers.clone(), choices: other.choices.clone(), ..self.clone() }
    }

    /// With the shocks to the flows from another plan.
    pub(crate) fn with_noise_of(&self, other: &Plan) -> Plan {
        Plan { noise: other.noise.clone(), ..self.clone() }
    }

    /// With one input at the same value in all trials.
    pub(crate) fn with_input_at(&self, input: InputId, value: f64) -> Plan {
        let mut plan = self.clone();
        plan.rows[input] = RowOp::Formula(Expr::Constant(value));
        plan
    }

    /// Whether an input is drawn and something uses it.
    pub(crate) fn draws(&self, input: InputId) -> bool {
        matches!(self.rows[input], RowOp::Draw { .. })
    }
}
