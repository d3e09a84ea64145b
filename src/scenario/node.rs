//! What was written, with the place of every key and value.

use crate::diagnostic::Place;

/// A value of a TOML file and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// The file and bytes it came from.
    pub place: Place,
}

/// The kinds of TOML values.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Value {
    Table(Table),
    Array(Vec<Node>),
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    /// A local date. Times of day are a fault found when parsing.
    Date {
        year: i32,
        month: u8,
        day: u8,
    },
}

/// Keys in the order written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The entries; keys are unique.
    pub entries: Vec<Entry>,
}

/// One key and its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key, unquoted.
    pub key: String,
    /// Where the key itself stands.
    pub key_place: Place,
    /// Its value.
    pub node: Node,
}

impl Table {
    /// The entry of a key.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Entry {
    /// Whether this is a table without header or braces of its own: one that a dotted key such as
    /// `exports.pharma = 1` makes, or a longer header.
    pub fn is_implied(&self) -> bool {
        self.node.place == self.key_place
    }
}

#[cfg(test)]
impl Node {
    /// The same with all places alike, to compare what two files say.
    pub(crate) fn without_places(&self) -> Node {
        let place = Place { file: 0, span: 0..0 };
        let value = match &self.value {
            Value::Table(table) => {
                let entries = table.entries.iter().map(|entry| Entry {
                    key: entry.key.clone(),
                    key_place: place.clone(),
                    node: entry.node.without_places(),
                });
                Value::Table(Table { entries: entries.collect() })
            }
            Value::Array(items) => Value::Array(items.iter().map(Node::without_places).collect()),
            other => other.clone(),
        };
        Node { value, place }
    }

    /// The same with the keys of every table sorted, to compare where their order says nothing.
    pub(crate) fn with_sorted_keys(mut self) -> Node {
        match &mut self.value {
            Value::Table(table) => {
                table.entries.sort_by(|a, b| a.key.cmp(&b.key));
                for entry in &mut table.entries {
                    entry.node = entry.node.clone().with_sorted_keys();
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| *item = item.clone().with_sorted_keys()),
            _ => {}
        }
        self
    }
}
