//! Tables with a fixed set of keys: their declaration, reader and JSON Schema.

use schemars::Schema;
use serde_json::{Map, Value as Json, json};

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::node::{Entry, Node, Table, Value};

use super::value::{Read, expected};

/// The value of a key that was given.
#[derive(Clone, Debug)]
pub(crate) struct Field<T> {
    pub(crate) value: T,
    /// Where the key stands.
    pub(crate) key: Place,
    /// Where the value stands.
    pub(crate) place: Place,
    /// Whether it comes from `[defaults]`, for all blocks that lack it.
    pub(crate) shared: bool,
}

/// An entry as handed to a reader.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) shared: bool,
}

/// A table with a fixed set of keys.
pub(crate) trait Keys: Sized {
    /// What it is, with an article: `a flow`.
    const WHAT: &'static str;
    /// All keys in the order of the format's description.
    const KEYS: &'static [&'static str];
    /// Sets of keys of which one must be given.
    const REQUIRED: &'static [&'static [&'static str]];
    /// Keys that say the same thing in two ways.
    const RIVALS: &'static [[&'static str; 2]];
    /// Reads the fields; says nothing of keys that are unknown, missing or rivals.
    fn read_keys(place: &Place, given: &[Given<'_>], faults: &mut Vec<Diagnostic>) -> Self;
}

/// Declares a table of the format.
///
/// The doc comments become the descriptions that editors show, so they speak to the author of a scenario.
macro_rules! table {
    ($(#[doc = $doc:literal])+ $name:ident, $what:literal, required $required:expr, rivals $rivals:expr, {
        $($(#[doc = $key_doc:literal])+ $key:ident: $type:ty,)*
    }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        // Some keys are there for the reader of the file, or to choose the table's kind.
        #[allow(dead_code)]
        pub(crate) struct $name {
            /// Where the whole table stands.
            pub(crate) place: $crate::diagnostic::Place,
            $($(#[doc = $key_doc])+ pub(crate) $key: Option<$crate::scenario::draft::Field<$type>>,)*
        }

        impl $crate::scenario::draft::Keys for $name {
            const WHAT: &'static str = $what;
            const KEYS: &'static [&'static str] = &[$($crate::scenario::draft::key_name(stringify!($key))),*];
            const REQUIRED: &'static [&'static [&'static str]] = &$required;
            const RIVALS: &'static [[&'static str; 2]] = &$rivals;

            fn read_keys(
                place: &$crate::diagnostic::Place,
                given: &[$crate::scenario::draft::Given<'_>],
                faults: &mut Vec<$crate::diagnostic::Diagnostic>,
            ) -> Self {
                Self {
                    place: place.clone(),
                    $($key: $crate::scenario::draft::read_field(
                        $crate::scenario::draft::key_name(stringify!($key)), given, faults,
                    ),)*
                }
            }
        }

        impl $crate::scenario::draft::Read for $name {
            fn read(
                key: &str,
                node: &$crate::scenario::node::Node,
                faults: &mut Vec<$crate::diagnostic::Diagnostic>,
            ) -> Option<Self> {
                $crate::scenario::draft::read_table(key, node, faults)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::scenario::draft::table_schema(concat!($($doc),+), vec![$((
                    $crate::scenario::draft::key_name(stringify!($key)),
                    concat!($($key_doc),+),
                    generator.subschema_for::<$type>(),
                )),*])
            }
        }
    };
}

/// The key that a field is named after: `in` cannot be a plain Rust name.
pub(crate) const fn key_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', key @ ..] => match std::str::from_utf8(key) {
            Ok(key) => key,
            Err(_) => field,
        },
        _ => field,
    }
}

/// Reads a table, with faults of keys as well as of values.
pub(crate) fn read_table<T: Keys>(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<T> {
    let table = as_table(key, &format!("{}, a table,", T::WHAT), node, faults)?;
    let given = own_entries(table);
    check_unknown::<T>(&given, faults);
    check_rivals(T::RIVALS, &given, faults);
    check_required(T::WHAT, T::REQUIRED, &node.place, &given, faults);
    Some(T::read_keys(&node.place, &given, faults))
}

/// The table of a node, or a fault.
pub(crate) fn as_table<'a>(key: &str, wanted: &str, node: &'a Node, faults: &mut Vec<Diagnostic>) -> Option<&'a Table> {
    match &node.value {
        Value::Table(table) => Some(table),
        _ => {
            faults.push(expected(key, wanted, node));
            None
        }
    }
}

/// The entries of a table without defaults.
pub(crate) fn own_entries(table: &Table) -> Vec<Given<'_>> {
    table.entries.iter().map(|entry| Given { entry, shared: false }).collect()
}

/// The entries of a block, and those of its defaults whose key and rivals it lacks.
pub(crate) fn with_defaults<'a>(block: &'a Table, defaults: &'a Table, rivals: &[[&str; 2]]) -> Vec<Given<'a>> {
    let is_taken = |key: &str| {
        let rival = |pair: &&[&str; 2]| pair.contains(&key) && pair.iter().any(|k| block.get(k).is_some());
        block.get(key).is_some() || rivals.iter().any(|pair| rival(&pair))
    };
    let mut given = own_entries(block);
    let missing = defaults.entries.iter().filter(|entry| !is_taken(&entry.key));
    given.extend(missing.map(|entry| Given { entry, shared: true }));
    given
}

/// Faults for keys that the table does not have.
pub(crate) fn check_unknown<T: Keys>(given: &[Given<'_>], faults: &mut Vec<Diagnostic>) {
    for Given { entry, .. } in given.iter().filter(|given| !T::KEYS.contains(&given.entry.key.as_str())) {
        faults.push(unknown_key(entry, T::WHAT, T::KEYS));
    }
}

/// The fault of one unknown key.
pub(crate) fn unknown_key(entry: &Entry, what: &str, keys: &[&str]) -> Diagnostic {
    Diagnostic::error(entry.key_place.clone(), format!("unknown key `{}` in {what}", entry.key))
        .did_you_mean(&entry.key, keys.iter().copied())
        .hint(format!("the keys of {what} are {}", list(keys)))
}

/// Faults for keys that say the same thing twice.
pub(crate) fn check_rivals(rivals: &[[&str; 2]], given: &[Given<'_>], faults: &mut Vec<Diagnostic>) {
    for [one, other] in rivals {
        if let (Some(one), Some(other)) = (find(given, one), find(given, other)) {
            let (first, second) =
                if one.key_place.span.start < other.key_place.span.start { (one, other) } else { (other, one) };
            faults.push(
                Diagnostic::error(
                    second.key_place.clone(),
                    format!("`{}` and `{}` say the same thing twice", first.key, second.key),
                )
                .label(first.key_place.clone(), "the other one")
                .hint("keep one of them"),
            );
        }
    }
}

/// Faults for keys that are missing.
pub(crate) fn check_required(
    what: &str,
    required: &[&[&str]],
    place: &Place,
    given: &[Given<'_>],
    faults: &mut Vec<Diagnostic>,
) {
    let missing = required.iter().filter(|keys| !keys.iter().any(|key| find(given, key).is_some()));
    for keys in missing {
        let names: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        faults.push(Diagnostic::error(place.clone(), format!("{what} needs {}", names.join(" or "))));
    }
}

/// The value of a key, if it is there and can be read.
pub(crate) fn read_field<T: Read>(key: &str, given: &[Given<'_>], faults: &mut Vec<Diagnostic>) -> Option<Field<T>> {
    let Given { entry, shared } = *given.iter().find(|given| given.entry.key == key)?;
    let value = T::read(key, &entry.node, faults)?;
    Some(Field { value, key: entry.key_place.clone(), place: entry.node.place.clone(), shared })
}

fn find<'a>(given: &[Given<'a>], key: &str) -> Option<&'a Entry> {
    given.iter().find(|given| given.entry.key == key).map(|given| given.entry)
}

/// Names in backticks with commas between them.
pub(crate) fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The schema of a table. No key is required, since the file of an overlay is only a part of a scenario.
pub(crate) fn table_schema(doc: &str, keys: Vec<(&str, &str, Schema)>) -> Schema {
    let mut properties = Map::new();
    for (key, doc, mut schema) in keys {
        schema.insert("description".to_string(), Json::from(doc.trim()));
        properties.insert(key.to_string(), schema.to_value());
    }
    properties.insert(
        "unset".to_string(),
        json!({
            "description": "In an overlay: inherited keys of this table that are taken away first.",
            "type": "array",
            "items": { "type": "string" },
        }),
    );
    schemars::json_schema!({
        "description": doc.trim(),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}
