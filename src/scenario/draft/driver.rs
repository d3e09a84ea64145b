//! Drivers: what moves flows, one table for each kind.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::diagnostic::Diagnostic;
use crate::scenario::node::{Node, Value};

use super::{
    ByState, ByYear, Effect, Interruption, Keys, Moment, Named, PhaseIn, Quantity, Read, Spanned, expected, read_word,
};

/// A block of any kind; only its schema is ever asked for, since a block is read as the kind it names.
#[derive(Clone, Debug)]
pub(crate) enum Driver {}

impl JsonSchema for Driver {
    fn schema_name() -> Cow<'static, str> {
        "Driver".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // Not `oneOf`: the block of an overlay need not repeat its kind.
        json_schema!({
            "description": "Something that moves flows; its `kind` says which keys it has.",
            "anyOf": [
                kind_schema::<Intervention>(generator, "intervention"),
                kind_schema::<Regime>(generator, "regime"),
                kind_schema::<Process>(generator, "process"),
                kind_schema::<Shock>(generator, "shock"),
                kind_schema::<Cargo>(generator, "cargo"),
            ],
        })
    }
}

/// `[defaults.driver]`: the keys of all kinds; only its schema is ever asked for.
#[derive(Clone, Debug)]
pub(crate) enum DriverDefaults {}

impl JsonSchema for DriverDefaults {
    fn schema_name() -> Cow<'static, str> {
        "DriverDefaults".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        for kind in [
            Intervention::json_schema(generator),
            Regime::json_schema(generator),
            Process::json_schema(generator),
            Shock::json_schema(generator),
            Cargo::json_schema(generator),
        ] {
            let own = kind.get("properties").and_then(|own| own.as_object().cloned()).unwrap_or_default();
            for (key, schema) in own {
                add_alternative(&mut properties, key, schema);
            }
        }
        properties.remove("id");
        json_schema!({
            "description": "Keys for drivers that lack them.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

/// A key of several kinds takes what any of them takes.
fn add_alternative(
    properties: &mut serde_json::Map<String, serde_json::Value>,
    key: String,
    schema: serde_json::Value,
) {
    match properties.get_mut(&key) {
        None => {
            properties.insert(key, schema);
        }
        Some(known) if *known == schema => {}
        Some(known) => {
            let doc = known["description"].clone();
            *known = serde_json::json!({ "description": doc, "anyOf": [known.take(), schema] });
        }
    }
}

fn kind_schema<T: JsonSchema>(generator: &mut SchemaGenerator, kind: &str) -> Schema {
    let mut schema = T::json_schema(generator);
    if let Some(property) = schema.pointer_mut("/properties/kind").and_then(|property| property.as_object_mut()) {
        property.remove("type");
        property.insert("const".to_string(), kind.into());
    }
    schema
}

/// The kinds of drivers, each with its keys.
pub(crate) const KINDS: [(&str, &[&str]); 5] = [
    ("intervention", Intervention::KEYS),
    ("regime", Regime::KEYS),
    ("process", Process::KEYS),
    ("shock", Shock::KEYS),
    ("cargo", Cargo::KEYS),
];

/// The kind that a block names, if it is a good one.
pub(crate) fn read_kind(node: &Node, faults: &mut Vec<Diagnostic>) -> Option<&'static str> {
    read_word("kind", &KINDS.map(|(kind, _)| kind), node, faults)
}

/// Declares the table of one kind of driver.
macro_rules! driver {
    ($(#[doc = $doc:literal])+ $name:ident, $what:literal, required $required:expr, rivals $rivals:expr, { $($keys:tt)* }) => {
        table! {
            $(#[doc = $doc])+
            $name, $what, required $required, rivals $rivals, {
                /// The driver's id.
                id: String,
                /// What kind of driver it is; default "intervention".
                kind: String,
                /// A title in words.
                title: String,
                /// Whether it takes part; default true. A disabled driver is still checked.
                enabled: bool,
                $($keys)*
            }
        }
    };
}

driver! {
    /// Something that starts, takes hold, and may lapse.
    Intervention, "an intervention", required [&["id"], &["effect", "effect_percent"]],
    rivals [["effect", "effect_percent"], ["ends", "lasts"]], {
        /// Choices and the option that each must take for this driver to happen.
        when: Named<Spanned<String>>,
        /// How strongly each flow feels it: a table from flow ids and patterns to quantities; without it, every flow 1.
        exposure: Named<Quantity>,
        /// The probability that it happens at all; default 1.
        chance: Quantity,
        /// When it starts: a date, `{ after = .., lag = .. }` or `{ hazard = .., from = .. }`; default the end of the base year.
        start: Moment,
        /// Log points at full strength: 0.05 is about 5 %.
        effect: Quantity,
        /// Per cent at full strength.
        effect_percent: Quantity,
        /// How it takes hold; default at once.
        phase_in: PhaseIn,
        /// From when it is off for good: as `start`.
        ends: Moment,
        /// Years after the start when it ends, instead of `ends`; above or equal to 0.
        lasts: Quantity,
        /// Rates a year at which it goes off and on again.
        interruption: Interruption,
        /// Years, the time constant with which its activity falls; default 0, at once.
        fade_years: Quantity,
        /// Years, the time constant with which its activity rises again; default 0, at once.
        recover_years: Quantity,
        /// Factor on its activity, by state; states not named have 1.
        strength: ByState,
        /// The share of it that is already inside the trend, in [0, 1]; default 0.
        already_counted: Quantity,
    }
}

driver! {
    /// States of the world that follow each other at random.
    Regime, "a regime", required [&["id"], &["start"], &["rates", "transition"]],
    rivals [["rates", "transition"], ["growth", "growth_percent"], ["level", "level_percent"]], {
        /// How strongly each flow feels it: a table from flow ids and patterns to quantities; without it, every flow 1.
        exposure: Named<Quantity>,
        /// The state at the end of the base year, or probabilities of the states.
        start: StartState,
        /// Intensities a year between states: a table from states to tables from states to numbers.
        rates: Named<Named<f64>>,
        /// Probabilities of one step of the horizon, instead of `rates`; each row sums to 1.
        transition: Named<Named<f64>>,
        /// A state that is forced from the first step on: a what-if.
        hold: String,
        /// Log points a year, by state.
        growth: ByState,
        /// Per cent a year, by state.
        growth_percent: ByState,
        /// Log points, by state.
        level: ByState,
        /// Per cent, by state.
        level_percent: ByState,
        /// Years, the time constant with which the level moves down; default 0, at once.
        fall_years: Quantity,
        /// Years, the time constant with which the level moves up; default 0, at once.
        recover_years: Quantity,
        /// Factor on the noise of every flow, by state; states not named have 1.
        volatility: ByState,
    }
}

driver! {
    /// An outside quantity that wanders, such as a price.
    Process, "a process", required [&["id"]],
    rivals [["growth", "growth_percent"], ["growth_error", "growth_error_percent"]], {
        /// Choices and the option that each must take for this driver to happen.
        when: Named<Spanned<String>>,
        /// Elasticities: a table from flow ids and patterns to quantities; without it, every flow 1.
        exposure: Named<Quantity>,
        /// How it wanders; without it, only its growth moves it.
        model: Model,
        /// Log points a year, or a table from calendar years, and `then`, to quantities.
        growth: ByYear,
        /// Per cent a year, or a table from calendar years, and `then`, to quantities.
        growth_percent: ByYear,
        /// Standard deviation of one normal draw a trial that is added to every year's growth, in log points.
        growth_error: Quantity,
        /// The same in per cent.
        growth_error_percent: Quantity,
    }
}

driver! {
    /// Events that strike at random.
    Shock, "a shock", required [&["id"], &["rate"], &["size", "size_percent"]], rivals [["size", "size_percent"]], {
        /// Choices and the option that each must take for this driver to happen.
        when: Named<Spanned<String>>,
        /// How strongly each flow feels it: a table from flow ids and patterns to quantities; without it, every flow 1.
        exposure: Named<Quantity>,
        /// Events a year, by state.
        rate: ByState,
        /// Log points; a law written here is drawn anew for each event.
        size: Effect,
        /// Per cent; a law written here is drawn anew for each event.
        size_percent: Effect,
        /// Years, the time constant with which an event's effect passes, above 0; without it, it stays.
        recovery_years: Quantity,
    }
}

driver! {
    /// Lumps of value on one flow.
    Cargo, "a cargo", required [&["id"], &["flow"], &["rate"], &["size"]], rivals [], {
        /// Choices and the option that each must take for this driver to happen.
        when: Named<Spanned<String>>,
        /// The flow that the cargoes belong to; its base value is without them.
        flow: String,
        /// Cargoes a year, by state.
        rate: ByState,
        /// Value of one cargo in the value unit, above 0; a law written here is drawn anew for each cargo.
        size: Effect,
        /// Whether the base value is known to be without cargoes; true says that it was looked at.
        outside_base: bool,
    }
}

/// A state, or probabilities of the states.
#[derive(Clone, Debug)]
pub(crate) enum StartState {
    One(String),
    Probabilities(Named<f64>),
}

impl Read for StartState {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<StartState> {
        match &node.value {
            Value::Text(text) => Some(StartState::One(text.clone())),
            Value::Table(_) => Read::read(key, node, faults).map(StartState::Probabilities),
            _ => {
                faults.push(expected(key, "a state or a table from states to probabilities,", node));
                None
            }
        }
    }
}

impl JsonSchema for StartState {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "StartState".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let probabilities = generator.subschema_for::<Named<f64>>();
        json_schema!({ "anyOf": [{ "type": "string" }, probabilities] })
    }
}

tagged! {
    /// How a process wanders about its growth.
    Model by "kind" {
        RandomWalk = "random-walk",
        MeanReverting = "mean-reverting",
    }
}

table! {
    /// A random walk.
    RandomWalk, "a random-walk `model`", required [&["sd"]], rivals [], {
        /// A random walk.
        kind: String,
        /// Standard deviation per square root of a year.
        sd: Quantity,
    }
}

table! {
    /// A walk that returns to its growth path.
    MeanReverting, "a mean-reverting `model`", required [&["speed"], &["sd"]], rivals [], {
        /// An Ornstein-Uhlenbeck process around 0.
        kind: String,
        /// Rate a year at which it returns.
        speed: Quantity,
        /// Standard deviation per square root of a year.
        sd: Quantity,
    }
}
