//! Quantities as written: numbers, dates, formulas and laws, and tables of them.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::node::{Entry, Node, Table, Value};

use super::table::list;
use super::value::{Named, Read, Spanned, expected, found, read_tag};

/// A number, a date, a formula over parameters, or a law.
#[derive(Clone, Debug)]
pub(crate) struct Quantity {
    pub(crate) kind: QuantityKind,
    pub(crate) place: Place,
}

/// What a quantity was written as.
#[derive(Clone, Debug)]
pub(crate) enum QuantityKind {
    Number(f64),
    Date(Date),
    /// Also the plain name of a parameter.
    Formula(String),
    Law(Law),
}

/// A day of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i32,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

/// A law with the keys that its family has.
#[derive(Clone, Debug)]
pub(crate) struct Law {
    pub(crate) family: &'static FamilyKeys,
    pub(crate) keys: Vec<LawKey>,
    pub(crate) negate: bool,
    /// Whether each flow has a draw of its own: where that was written.
    pub(crate) per_flow: Option<Place>,
    pub(crate) place: Place,
    /// As the author might have written it.
    pub(crate) written: String,
}

/// A key of a law and its value.
#[derive(Clone, Debug)]
pub(crate) struct LawKey {
    pub(crate) name: String,
    pub(crate) key: Place,
    pub(crate) place: Place,
    pub(crate) values: Vec<LawNumber>,
}

/// A number of a law.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LawNumber {
    Number(f64),
    Date(Date),
}

/// The keys of one family of laws.
#[derive(Debug)]
pub(crate) struct FamilyKeys {
    pub(crate) dist: &'static str,
    /// Ways to describe it; one of them is to be given in full.
    pub(crate) ways: &'static [&'static [&'static str]],
    pub(crate) optional: &'static [&'static str],
    /// Whether two percentiles may describe it.
    pub(crate) percentiles: bool,
    /// Keys that stand on the axis of the values, so that they are dates in the law of a date.
    pub(crate) locations: &'static [&'static str],
    /// Whether it can be the law of a date.
    pub(crate) dates: bool,
    /// Whether `min` and `max` are its own, rather than a truncation.
    pub(crate) bounded: bool,
}

/// All families.
pub(crate) const FAMILIES: [FamilyKeys; 10] = [
    family("normal", &[&["mean", "sd"]], &[], &["mean"]).percentiles(),
    family("lognormal", &[&["median", "sigma"], &["mean", "sd"]], &[], &[]).percentiles().numbers_only(),
    family("uniform", &[&["min", "max"]], &[], &[]).bounded(),
    family("triangular", &[&["min", "mode", "max"]], &[], &["mode"]).bounded(),
    family("pert", &[&["min", "mode", "max"]], &["shape"], &["mode"]).bounded(),
    family("beta", &[&["alpha", "beta"]], &["min", "max"], &[]).bounded(),
    family("exponential", &[&["mean"]], &["shift"], &["shift"]),
    family("student-t", &[&["dof", "mean", "sd"]], &[], &["mean"]),
    family("discrete", &[&["values", "weights"]], &[], &["values"]),
    family("constant", &[&["value"]], &[], &["value"]),
];

const fn family(
    dist: &'static str,
    ways: &'static [&'static [&'static str]],
    optional: &'static [&'static str],
    locations: &'static [&'static str],
) -> FamilyKeys {
    FamilyKeys { dist, ways, optional, locations, percentiles: false, dates: true, bounded: false }
}

impl FamilyKeys {
    const fn percentiles(mut self) -> FamilyKeys {
        self.percentiles = true;
        self
    }

    const fn numbers_only(mut self) -> FamilyKeys {
        self.dates = false;
        self
    }

    const fn bounded(mut self) -> FamilyKeys {
        self.bounded = true;
        self
    }

    /// All keys but the percentiles, modifiers included.
    fn keys(&self) -> Vec<&'static str> {
        let mut keys: Vec<&str> = self.ways.concat();
        keys.extend(self.optional);
        if !self.bounded {
            keys.extend(["min", "max"]);
        }
        keys.extend(["negate", "zero", "per"]);
        keys
    }

    /// `mean` and `sd`, or `median` and `sigma`, or two percentiles.
    fn ways_in_words(&self) -> String {
        let mut ways: Vec<String> = self.ways.iter().map(|way| list(way)).collect();
        if self.percentiles {
            ways.push("two percentiles such as `p5` and `p95`".to_string());
        }
        ways.join(", or ")
    }

    /// Whether a key's values stand on the axis of the law's own values.
    pub(crate) fn is_location(&self, key: &str) -> bool {
        matches!(key, "min" | "max") || self.locations.contains(&key) || percentile_level(key).is_some()
    }
}

/// The level of a percentile key, in per cent: `p5`, `p97_5`.
pub(crate) fn percentile_level(key: &str) -> Option<f64> {
    let digits = key.strip_prefix('p')?;
    let is_level = digits.split('_').count() <= 2
        && digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    if !is_level {
        return None;
    }
    digits.replace('_', ".").parse().ok()
}

impl Read for Quantity {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<Quantity> {
        let kind = match &node.value {
            Value::Integer(x) => QuantityKind::Number(*x as f64),
            Value::Float(x) if x.is_finite() => QuantityKind::Number(*x),
            Value::Text(text) => match date_in_text(text) {
                Some(date) => QuantityKind::Date(date),
                None => QuantityKind::Formula(text.clone()),
            },
            Value::Date { year, month, day } => QuantityKind::Date(Date { year: *year, month: *month, day: *day }),
            Value::Table(table) => QuantityKind::Law(read_law(key, node, table, faults)?),
            _ => {
                faults.push(expected(key, "a number, a parameter or formula in quotes, or a law,", node));
                return None;
            }
        };
        Some(Quantity { kind, place: node.place.clone() })
    }
}

/// `2023-07`, the first of that month. Months that do not exist are found when the date is used.
pub(crate) fn date_in_text(text: &str) -> Option<Date> {
    let (year, month) = text.split_once('-')?;
    let digits = |part: &str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) {
        return None;
    }
    Some(Date { year: year.parse().ok()?, month: month.parse().ok()?, day: 1 })
}

fn read_law(key: &str, node: &Node, table: &Table, faults: &mut Vec<Diagnostic>) -> Option<Law> {
    if table.get("dist").is_none() {
        faults.push(no_law(key, node, table));
        return None;
    }
    let names = FAMILIES.map(|family| family.dist);
    let dist = read_tag(key, "dist", &names, node, faults)?;
    let family = FAMILIES.iter().find(|family| family.dist == dist)?;
    let before = faults.len();
    let keys = table.entries.iter().filter_map(|entry| read_law_key(family, entry, faults)).collect();
    let negate = table.get("negate").is_some_and(|entry| entry.node.value == Value::Boolean(true));
    let per_flow = table.get("per").map(|entry| entry.node.place.clone());
    if faults.len() == before {
        check_ways(family, node, table, faults);
    }
    let law = Law { family, keys, negate, per_flow, place: node.place.clone(), written: written(node) };
    (faults.len() == before).then_some(law)
}

/// A table that is no law may be a dotted id without quotes.
fn no_law(key: &str, node: &Node, table: &Table) -> Diagnostic {
    let fault = Diagnostic::error(node.place.clone(), format!("`{key}` is a table without `dist`, so it is no law"));
    let is_key_of_law = |key: &str| FAMILIES.iter().any(|family| family.keys().contains(&key));
    match table.entries.first() {
        Some(entry) if !is_key_of_law(&entry.key) && percentile_level(&entry.key).is_none() => {
            fault.hint(format!("an id with a dot needs quotes as a key: `\"{key}.{}\" = ..`", entry.key))
        }
        _ => fault.hint("a law is a table such as `{ dist = \"normal\", mean = 0.05, sd = 0.02 }`"),
    }
}

fn read_law_key(family: &FamilyKeys, entry: &Entry, faults: &mut Vec<Diagnostic>) -> Option<LawKey> {
    let key = entry.key.as_str();
    match key {
        "dist" => return None,
        "negate" => {
            bool::read(key, &entry.node, faults);
            return None;
        }
        "per" => {
            super::value::read_word(key, &["flow"], &entry.node, faults);
            return None;
        }
        _ => {}
    }
    let is_percentile = family.percentiles && percentile_level(key).is_some();
    if !is_percentile && !family.keys().contains(&key) {
        faults.push(unknown_law_key(family, entry));
        return None;
    }
    let values = match key {
        "values" | "weights" => Vec::<Spanned<LawNumber>>::read(key, &entry.node, faults)?,
        _ => vec![Spanned::<LawNumber>::read(key, &entry.node, faults)?],
    };
    let date = values.iter().find(|value| matches!(value.value, LawNumber::Date(_)));
    if let Some(date) = date.filter(|_| !family.is_location(key)) {
        faults.push(Diagnostic::error(date.place.clone(), format!("`{key}` takes a number, not a date")));
        return None;
    }
    let values = values.into_iter().map(|value| value.value).collect();
    Some(LawKey { name: entry.key.clone(), key: entry.key_place.clone(), place: entry.node.place.clone(), values })
}

fn unknown_law_key(family: &FamilyKeys, entry: &Entry) -> Diagnostic {
    let what = format!("a {} law", family.dist);
    let keys = family.keys();
    let fault = super::table::unknown_key(entry, &what, &keys);
    match percentile_level(&entry.key) {
        Some(_) => fault.hint("percentiles describe normal and lognormal laws only"),
        None => fault,
    }
}

/// One way to describe the law is to be given in full and no other in part.
fn check_ways(family: &FamilyKeys, node: &Node, table: &Table, faults: &mut Vec<Diagnostic>) {
    let percentiles: Vec<&Entry> =
        table.entries.iter().filter(|e| family.percentiles && percentile_level(&e.key).is_some()).collect();
    let has = |key: &&str| table.get(key).is_some();
    let given: Vec<&[&str]> = family.ways.iter().copied().filter(|way| way.iter().all(has)).collect();
    let stray = |way: &[&str]| family.ways.concat().into_iter().any(|key| has(&key) && !way.contains(&key));
    let is_whole = match (percentiles.len(), given.as_slice()) {
        (2, []) => !stray(&[]),
        (0, [way]) => !stray(way),
        _ => false,
    };
    if !is_whole {
        faults.push(Diagnostic::error(
            node.place.clone(),
            format!("a {} law takes {}", family.dist, family.ways_in_words()),
        ));
    }
}

impl Read for LawNumber {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<LawNumber> {
        match &node.value {
            Value::Integer(x) => Some(LawNumber::Number(*x as f64)),
            Value::Float(x) if x.is_finite() => Some(LawNumber::Number(*x)),
            Value::Date { year, month, day } => Some(LawNumber::Date(Date { year: *year, month: *month, day: *day })),
            Value::Text(text) if date_in_text(text).is_some() => date_in_text(text).map(LawNumber::Date),
            other => {
                let fault = expected(key, "a number", node);
                let message = format!("`{key}` of a law takes a number, not {}", found(other));
                let fault = Diagnostic { message, ..fault };
                faults.push(match other {
                    Value::Text(_) => fault.hint(
                        "the keys of a law are numbers; name the law in `[parameters]` and use a formula over it",
                    ),
                    _ => fault,
                });
                None
            }
        }
    }
}

/// A value as an author might write it on one line.
pub(crate) fn written(node: &Node) -> String {
    match &node.value {
        Value::Table(table) => {
            let entries: Vec<String> =
                table.entries.iter().map(|entry| format!("{} = {}", entry.key, written(&entry.node))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", ")),
        Value::Text(text) => format!("\"{text}\""),
        Value::Integer(x) => x.to_string(),
        Value::Float(x) => x.to_string(),
        Value::Boolean(x) => x.to_string(),
        Value::Date { year, month, day } => format!("{year:04}-{month:02}-{day:02}"),
    }
}

/// One quantity, or one for each regime state.
#[derive(Clone, Debug)]
pub(crate) enum ByState {
    Same(Quantity),
    Each(Named<Quantity>),
}

impl Read for ByState {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<ByState> {
        match &node.value {
            Value::Table(table) if table.get("dist").is_none() => Read::read(key, node, faults).map(ByState::Each),
            _ => Read::read(key, node, faults).map(ByState::Same),
        }
    }
}

/// One quantity, or one for each calendar year.
#[derive(Clone, Debug)]
pub(crate) enum ByYear {
    Same(Quantity),
    Each(Named<Quantity>),
}

impl Read for ByYear {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<ByYear> {
        Some(match ByState::read(key, node, faults)? {
            ByState::Same(quantity) => ByYear::Same(quantity),
            ByState::Each(years) => ByYear::Each(years),
        })
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A number, a date, the name of a parameter or a formula over parameters in quotes, or a law.",
            "anyOf": [{ "type": "number" }, { "type": "string" }, generator.subschema_for::<Law>()],
        })
    }
}

impl JsonSchema for Law {
    fn schema_name() -> Cow<'static, str> {
        "Law".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let families: Vec<Json> = FAMILIES.iter().map(family_schema).collect();
        json_schema!({ "description": "A law: drawn once a trial, by the inverse of its law.", "oneOf": families })
    }
}

fn family_schema(family: &FamilyKeys) -> Json {
    let number = json!({ "type": ["number", "string"] });
    let mut properties = Map::from_iter([("dist".to_string(), json!({ "const": family.dist }))]);
    for key in family.keys() {
        let (kind, doc) = match key {
            "negate" => (json!({ "type": "boolean" }), "Turns the sign, after truncation."),
            "zero" => (number.clone(), "With this probability the draw is exactly 0."),
            "per" => (json!({ "const": "flow" }), "Each flow has a draw of its own."),
            "values" | "weights" => (json!({ "type": "array", "items": number }), law_key_doc(key)),
            _ => (number.clone(), law_key_doc(key)),
        };
        let mut kind = kind;
        kind["description"] = Json::from(doc);
        properties.insert(key.to_string(), kind);
    }
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "required": ["dist"],
        "additionalProperties": false,
    });
    if family.percentiles {
        schema["patternProperties"] = json!({
            "^p[0-9]+(_[0-9]+)?$": { "type": ["number", "string"], "description": "A percentile: `p5`, `p97_5`." },
        });
    }
    schema
}

fn law_key_doc(key: &str) -> &'static str {
    match key {
        "mean" => "The mean, before truncation.",
        "sd" => "The standard deviation, before truncation; for a date, in years.",
        "median" => "The median.",
        "sigma" => "The standard deviation of the logarithm.",
        "min" => "The lower end; where the family has none of its own, the law is conditioned on being above it.",
        "max" => "The upper end; where the family has none of its own, the law is conditioned on being below it.",
        "mode" => "The most likely value.",
        "shape" => "The weight of the mode; default 4.",
        "alpha" | "beta" => "A parameter of the beta law, above 0.",
        "shift" => "The lower end of an exponential law; default 0, for a date the end of the base year.",
        "dof" => "Degrees of freedom, above 2.",
        "values" => "The values it can take.",
        "weights" => "How likely each value is; scaled to sum to 1.",
        _ => "The value.",
    }
}

fn table_of_quantities(generator: &mut SchemaGenerator, doc: &str) -> Schema {
    let quantity = generator.subschema_for::<Quantity>();
    let table = generator.subschema_for::<Named<Quantity>>();
    json_schema!({ "description": doc, "anyOf": [quantity, table] })
}

impl JsonSchema for ByState {
    fn schema_name() -> Cow<'static, str> {
        "ByState".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        table_of_quantities(generator, "A quantity, or a table from regime states to quantities.")
    }
}

impl JsonSchema for ByYear {
    fn schema_name() -> Cow<'static, str> {
        "ByYear".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        table_of_quantities(generator, "A quantity, or a table from calendar years, and `then`, to quantities.")
    }
}
