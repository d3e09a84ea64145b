//! Readers of plain values, lists and tables with free keys.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::node::{Node, Value};

use super::table::as_table;

/// Something that can be read from a value; says why if it cannot.
pub(crate) trait Read: Sized {
    /// `key` is the key whose value `node` is, for messages.
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<Self>;
}

/// The fault of a value of the wrong type.
pub(crate) fn expected(key: &str, wanted: &str, node: &Node) -> Diagnostic {
    Diagnostic::error(node.place.clone(), format!("`{key}` takes {wanted} not {}", found(&node.value)))
}

/// A value in the author's terms.
pub(crate) fn found(value: &Value) -> String {
    match value {
        Value::Table(_) => "a table".to_string(),
        Value::Array(_) => "a list".to_string(),
        Value::Text(text) if text.chars().count() <= 40 => format!("the text `{text}`"),
        Value::Text(_) => "a text".to_string(),
        Value::Integer(x) => format!("the number {x}"),
        Value::Float(x) if !x.is_finite() => format!("`{x}`").to_lowercase(),
        Value::Float(x) => format!("the number {x}"),
        Value::Boolean(x) => format!("`{x}`"),
        Value::Date { .. } => "a date".to_string(),
    }
}

impl Read for String {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<String> {
        match &node.value {
            Value::Text(text) => Some(text.clone()),
            _ => {
                faults.push(expected(key, "a text,", node));
                None
            }
        }
    }
}

impl Read for bool {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<bool> {
        match node.value {
            Value::Boolean(value) => Some(value),
            _ => {
                faults.push(expected(key, "`true` or `false`,", node));
                None
            }
        }
    }
}

impl Read for f64 {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<f64> {
        match node.value {
            Value::Integer(value) => Some(value as f64),
            Value::Float(value) if value.is_finite() => Some(value),
            _ => {
                faults.push(expected(key, "a number,", node));
                None
            }
        }
    }
}

impl Read for i64 {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<i64> {
        match node.value {
            Value::Integer(value) => Some(value),
            _ => {
                faults.push(expected(key, "a whole number,", node));
                None
            }
        }
    }
}

/// A value with its place, for the elements of lists.
#[derive(Clone, Debug)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

impl<T: Read> Read for Spanned<T> {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<Spanned<T>> {
        Some(Spanned { value: T::read(key, node, faults)?, place: node.place.clone() })
    }
}

impl<T: JsonSchema> JsonSchema for Spanned<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

impl<T: Read> Read for Vec<T> {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<Vec<T>> {
        match &node.value {
            Value::Array(items) => Some(items.iter().filter_map(|item| T::read(key, item, faults)).collect()),
            Value::Table(_) => {
                faults.push(expected(key, "a list,", node).hint(format!("a block of a list starts with `[[{key}]]`")));
                None
            }
            _ => {
                faults.push(expected(key, "a list,", node));
                None
            }
        }
    }
}

/// One text or a list of texts.
#[derive(Clone, Debug)]
pub(crate) struct Texts(pub(crate) Vec<Spanned<String>>);

impl Read for Texts {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<Texts> {
        match &node.value {
            Value::Text(_) => Read::read(key, node, faults).map(|text| Texts(vec![text])),
            Value::Array(items) => {
                let texts: Vec<Spanned<String>> = Read::read(key, node, faults)?;
                (texts.len() == items.len()).then_some(Texts(texts))
            }
            _ => {
                faults.push(expected(key, "a text or a list of texts,", node));
                None
            }
        }
    }
}

impl JsonSchema for Texts {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Texts".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }
}

/// A table with free keys, in the order written.
#[derive(Clone, Debug)]
pub(crate) struct Named<T>(pub(crate) Vec<NamedEntry<T>>);

/// One key of a [`Named`] table.
#[derive(Clone, Debug)]
pub(crate) struct NamedEntry<T> {
    pub(crate) name: String,
    pub(crate) key: Place,
    pub(crate) place: Place,
    pub(crate) value: T,
}

impl<T: Read> Read for Named<T> {
    fn read(key: &str, node: &Node, faults: &mut Vec<Diagnostic>) -> Option<Named<T>> {
        let table = as_table(key, "a table,", node, faults)?;
        let entries = table.entries.iter().filter_map(|entry| {
            let value = T::read(&entry.key, &entry.node, faults)?;
            let (key, place) = (entry.key_place.clone(), entry.node.place.clone());
            Some(NamedEntry { name: entry.key.clone(), key, place, value })
        });
        Some(Named(entries.collect()))
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut values = json_schema!({ "type": "object" });
        values.insert("additionalProperties".to_string(), generator.subschema_for::<T>().to_value());
        // Keys of any name but this one, whose value is a list, in overlays.
        values.insert(
            "properties".to_string(),
            serde_json::json!({ "unset": { "type": "array", "items": { "type": "string" } } }),
        );
        values
    }
}

/// A part of the tree that is read later, when its defaults are known; to the schema it is a `T`.
#[derive(Clone, Debug)]
pub(crate) struct Raw<T> {
    pub(crate) node: Node,
    kind: std::marker::PhantomData<T>,
}

impl<T> Read for Raw<T> {
    fn read(_: &str, node: &Node, _: &mut Vec<Diagnostic>) -> Option<Raw<T>> {
        Some(Raw { node: node.clone(), kind: std::marker::PhantomData })
    }
}

impl<T: JsonSchema> JsonSchema for Raw<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// Declares a value that is one of a few words.
macro_rules! word {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $word_doc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[doc = $word_doc])+ $variant,)+
        }

        impl $crate::scenario::draft::Read for $name {
            fn read(
                key: &str,
                node: &$crate::scenario::node::Node,
                faults: &mut Vec<$crate::diagnostic::Diagnostic>,
            ) -> Option<$name> {
                match $crate::scenario::draft::read_word(key, &[$($word),+], node, faults)? {
                    $($word => Some($name::$variant),)+
                    _ => None,
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "description": concat!($($doc),+).trim(),
                    "oneOf": [$({ "const": $word, "description": concat!($($word_doc),+).trim() }),+],
                })
            }
        }
    };
}

/// One of a few words.
pub(crate) fn read_word(
    key: &str,
    words: &[&'static str],
    node: &Node,
    faults: &mut Vec<Diagnostic>,
) -> Option<&'static str> {
    if let Value::Text(text) = &node.value
        && let Some(word) = words.iter().find(|word| *word == text)
    {
        return Some(word);
    }
    let choices: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    let fault = expected(key, &format!("one of {},", choices.join(", ")), node);
    faults.push(match &node.value {
        Value::Text(text) => fault.did_you_mean(text, words.iter().copied()),
        _ => fault,
    });
    None
}

/// Declares a table whose other keys depend on one of its keys.
macro_rules! tagged {
    ($(#[doc = $doc:literal])+ $name:ident by $tag:literal { $($variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        // A variant may have no keys but the one that chooses it.
        #[allow(dead_code)]
        pub(crate) enum $name {
            $(#[doc = concat!("`", $word, "`")] $variant($variant),)+
        }

        impl $crate::scenario::draft::Read for $name {
            fn read(
                key: &str,
                node: &$crate::scenario::node::Node,
                faults: &mut Vec<$crate::diagnostic::Diagnostic>,
            ) -> Option<$name> {
                match $crate::scenario::draft::read_tag(key, $tag, &[$($word),+], node, faults)? {
                    $($word => $crate::scenario::draft::Read::read(key, node, faults).map($name::$variant),)+
                    _ => None,
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::scenario::draft::tagged_schema(concat!($($doc),+), $tag, vec![$((
                    $word, <$variant as schemars::JsonSchema>::json_schema(generator),
                )),+])
            }
        }
    };
}

/// The word that says what else a table has.
pub(crate) fn read_tag(
    key: &str,
    tag: &str,
    words: &[&'static str],
    node: &Node,
    faults: &mut Vec<Diagnostic>,
) -> Option<&'static str> {
    let wanted = format!("a table such as `{{ {tag} = \"{}\" }}`,", words[0]);
    let table = as_table(key, &wanted, node, faults)?;
    match table.get(tag) {
        Some(entry) => read_word(tag, words, &entry.node, faults),
        None => {
            let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
            let message = format!("`{key}` needs `{tag}`: one of {}", words.join(", "));
            faults.push(Diagnostic::error(node.place.clone(), message));
            None
        }
    }
}

/// The schema of a tagged table; such tables are replaced whole, so the tag is required.
pub(crate) fn tagged_schema(doc: &str, tag: &str, variants: Vec<(&str, Schema)>) -> Schema {
    let variants: Vec<serde_json::Value> = variants
        .into_iter()
        .map(|(word, mut schema)| {
            let doc = schema.pointer(&format!("/properties/{tag}/description")).cloned();
            let constant = serde_json::json!({ "const": word, "description": doc });
            if let Some(properties) = schema.get_mut("properties").and_then(|p| p.as_object_mut()) {
                properties.insert(tag.to_string(), constant);
                properties.remove("unset");
            }
            schema.insert("required".to_string(), serde_json::json!([tag]));
            schema.to_value()
        })
        .collect();
    json_schema!({ "description": doc.trim(), "oneOf": variants })
}
