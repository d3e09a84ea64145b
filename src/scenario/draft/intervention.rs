//! Parts of interventions: moments, phases, interruptions.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::diagnostic::Diagnostic;
use crate::scenario::node::{Node, Value};

use super::{ByState, Quantity, Read};

/// The size of events: to the reader a quantity like any other.
pub(crate) type Effect = Quantity;

/// A date, or a time that depends on another driver or on chance.
#[derive(Clone, Debug)]
pub(crate) enum Moment {
    At(Quantity),
    After(After),
    Hazard(Hazard),
}

table! {
    /// Some time after another intervention's start.
    After, "`{ after, lag }`", required [&["after"]], rivals [], {
        /// The id of the other intervention.
        after: String,
        /// Years after its start; default 0.
        lag: Quantity,
    }
}

table! {
    /// At a random time.
    Hazard, "`{ hazard, from }`", required [&["hazard"]], rivals [], {
        /// The rate a year, by state.
        hazard: ByState,
        /// Not before this date; default the end of the base year.
        from: Quantity,
    }
}

impl Read for Moment {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<Moment> {
        if let Value::Table(table) = &node.value {
            if table.get("dist").is_none() && (table.get("after").is_some() || table.get("lag").is_some()) {
                return Read::read(key, node, faults).map(Moment::After);
            }
            if table.get("dist").is_none() && (table.get("hazard").is_some() || table.get("from").is_some()) {
                return Read::read(key, node, faults).map(Moment::Hazard);
            }
            if table.get("dist").is_none() {
                let message = format!("`{key}` is neither a law nor `{{ after, lag }}` nor `{{ hazard, from }}`");
                faults.push(Diagnostic::error(node.place.clone(), message));
                return None;
            }
        }
        Read::read(key, node, faults).map(Moment::At)
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A date, its law or formula; or a time after another driver's start; or a random time.",
            "anyOf": [
                generator.subschema_for::<Quantity>(),
                generator.subschema_for::<After>(),
                generator.subschema_for::<Hazard>(),
            ],
        })
    }
}

table! {
    /// Rates at which an intervention goes off and on again.
    Interruption, "`interruption`", required [], rivals [], {
        /// Rate a year of going off, by state; default 0.
        off_rate: ByState,
        /// Rate a year of coming back, by state; default 0.
        on_rate: ByState,
    }
}

tagged! {
    /// How an intervention takes hold with its age.
    PhaseIn by "shape" {
        Immediate = "immediate",
        Linear = "linear",
        Exponential = "exponential",
        Logistic = "logistic",
        Pulse = "pulse",
        Steps = "steps",
    }
}

table! {
    /// Fully from the start.
    Immediate, "an immediate `phase_in`", required [], rivals [], {
        /// Fully from the start.
        shape: String,
    }
}

table! {
    /// In a straight line.
    Linear, "a linear `phase_in`", required [&["years"]], rivals [], {
        /// In a straight line.
        shape: String,
        /// Years until it is full, above 0.
        years: Quantity,
    }
}

table! {
    /// Quickly first, then slower.
    Exponential, "an exponential `phase_in`", required [&["years"]], rivals [], {
        /// Quickly first, then slower.
        shape: String,
        /// Years until 63 %, above 0.
        years: Quantity,
    }
}

table! {
    /// Slowly first, then quickly, then slowly again.
    Logistic, "a logistic `phase_in`", required [&["midpoint"], &["width"]], rivals [], {
        /// Slowly first, then quickly, then slowly again.
        shape: String,
        /// Years until the steepest point.
        midpoint: Quantity,
        /// Years, the scale of the rise, above 0.
        width: Quantity,
    }
}

table! {
    /// Fully at the start, then passing.
    Pulse, "a pulse `phase_in`", required [&["years"]], rivals [], {
        /// Fully at the start, then passing.
        shape: String,
        /// Years until 37 % are left, above 0.
        years: Quantity,
    }
}

table! {
    /// In steps.
    Steps, "a `phase_in` in steps", required [&["years"], &["share"]], rivals [], {
        /// In steps.
        shape: String,
        /// Ages in years at which the steps come, increasing from 0 or more.
        years: Vec<f64>,
        /// The share that is reached at each step.
        share: Vec<f64>,
    }
}
