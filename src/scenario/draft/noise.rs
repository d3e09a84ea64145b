//! `[noise]` and the noise of single flows.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::diagnostic::Diagnostic;
use crate::scenario::node::{Node, Value};

use super::{Quantity, Read, Texts};

table! {
    /// Noise of the flows.
    Noise, "`[noise]`", required [], rivals [], {
        /// The part that stays: a random walk, or one that is pulled to a gap.
        permanent: Permanent,
        /// The part that passes: an autoregression.
        transitory: Transitory,
        /// The law of a single shock; default normal.
        shape: Shape,
        /// Correlation of shocks between flows, for both parts.
        correlation: CorrelationTable,
    }
}

table! {
    /// Noise of one flow: replaces single keys of `[noise]`.
    FlowNoise, "the noise of a flow", required [], rivals [], {
        /// The part that stays.
        permanent: Permanent,
        /// The part that passes.
        transitory: Transitory,
        /// The law of a single shock.
        shape: Shape,
    }
}

table! {
    /// The part of the noise that stays.
    Permanent, "`permanent`", required [], rivals [["gap", "gap_percent"]], {
        /// Standard deviation per square root of a year, in log points; default 0.
        sd: Quantity,
        /// Rate a year of return to the gap; default 0, a random walk.
        pull: Quantity,
        /// Log points above today to which it is pulled; default 0.
        gap: Quantity,
        /// Per cent above today to which it is pulled; default 0.
        gap_percent: Quantity,
    }
}

table! {
    /// The part of the noise that passes.
    Transitory, "`transitory`", required [], rivals [["persistence", "half_life"]], {
        /// Stationary standard deviation in log points; default 0.
        sd: Quantity,
        /// Autocorrelation after one year, in [0, 1); default 0.
        persistence: Quantity,
        /// Years after which half of it has passed.
        half_life: Quantity,
        /// Log points by which the base value is above the flow's own path (default 0), or "stationary".
        start: TransitoryStart,
    }
}

/// The transitory part at the end of the base year.
#[derive(Clone, Debug)]
pub(crate) enum TransitoryStart {
    Stationary,
    At(Quantity),
}

impl Read for TransitoryStart {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<TransitoryStart> {
        match &node.value {
            Value::Text(text) if text == "stationary" => Some(TransitoryStart::Stationary),
            _ => Read::read(key, node, faults).map(TransitoryStart::At),
        }
    }
}

impl JsonSchema for TransitoryStart {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TransitoryStart".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let quantity = generator.subschema_for::<Quantity>();
        json_schema!({ "anyOf": [{ "const": "stationary" }, quantity] })
    }
}

tagged! {
    /// The law of a single shock, scaled to unit variance.
    Shape by "kind" {
        Gaussian = "normal",
        Contaminated = "contaminated",
        Student = "student-t",
    }
}

table! {
    /// Normal shocks.
    Gaussian, "a normal `shape`", required [], rivals [], {
        /// Standard normal.
        kind: String,
    }
}

table! {
    /// Normal shocks, some of which are much larger.
    Contaminated, "a contaminated `shape`", required [&["share"], &["ratio"]], rivals [], {
        /// Normal, but a share of the shocks has `ratio` times the standard deviation.
        kind: String,
        /// The share of large shocks, in [0, 1].
        share: f64,
        /// How many times larger they are, above 0.
        ratio: f64,
    }
}

table! {
    /// Shocks with heavy tails.
    Student, "a student-t `shape`", required [&["dof"]], rivals [], {
        /// Student's t, clipped so that means are finite.
        kind: String,
        /// Degrees of freedom, above 2.
        dof: f64,
        /// Clipped at this many standard deviations; default 6.
        clip: f64,
    }
}

table! {
    /// Correlation of shocks between flows.
    CorrelationTable, "`correlation`", required [], rivals [], {
        /// Of two flows that no group holds both, in (-1, 1); default 0.
        default: f64,
        /// Groups of flows; the narrowest that holds both of a pair counts.
        groups: Vec<Group>,
    }
}

table! {
    /// Flows that move together.
    Group, "a group", required [&["flows"], &["rho"]], rivals [], {
        /// A pattern such as "exports.*", a flow id, or a list of them.
        flows: Texts,
        /// The correlation of any two of them, in (-1, 1).
        rho: f64,
    }
}
