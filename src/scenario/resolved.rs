//! A scenario put together, as text again.

use std::collections::HashMap;

use toml_writer::{TomlKeyBuilder, TomlStringBuilder};

use super::node::{Entry, Node, Table, Value};
use super::overlay::is_whole;
use crate::diagnostic::{FileId, Place, Sources};

/// How many tables a dotted key opens before the rest is written inline. The format itself needs four.
const MAX_DOTS: usize = 6;

/// No comment stands further right for the sake of its neighbours, in characters.
const MAX_COMMENT_COLUMN: usize = 72;

/// The scenario as written, overlays put together.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The files it came from, the named one first.
    pub files: Vec<FileId>,
    /// What they say together.
    pub(crate) root: Node,
    /// The id if none is written: the stem of the named file.
    pub(crate) default_id: String,
}

impl Resolved {
    /// One self-contained scenario file with the same meaning, in TOML: blocks and sections in the order of the files,
    /// everything that merges key by key with a line for each key.
    pub fn to_toml(&self) -> String {
        let lines = self.lines();
        lines.iter().map(|line| format!("{}\n", line.text)).collect()
    }

    /// The resolved scenario, each key with the file and line that set it as a comment.
    pub fn explain(&self, sources: &Sources) -> String {
        let lines = self.lines();
        let line_starts: HashMap<FileId, Vec<usize>> =
            self.files.iter().map(|&file| (file, line_starts(&sources.file(file).text))).collect();
        let comment = |set_by: &SetBy| match set_by {
            SetBy::FileName => "the file's name".to_string(),
            SetBy::Key(place) => {
                let line = line_starts[&place.file].partition_point(|start| *start <= place.span.start);
                // A comment may hold no control characters, a path may.
                format!("{}:{line}", sources.file(place.file).path.replace(char::is_control, "?"))
            }
        };
        let mut text = String::new();
        for section in lines.split_inclusive(|line| line.text.is_empty()) {
            let column = comment_column(section);
            for line in section {
                text += &match &line.set_by {
                    Some(set_by) => format!("{:column$}  # {}\n", line.text, comment(set_by)),
                    None => format!("{}\n", line.text),
                };
            }
        }
        text
    }

    fn lines(&self) -> Vec<Line> {
        let Value::Table(root) = &self.root.value else { return Vec::new() };
        let mut lines = Vec::new();
        if root.get("id").is_none() {
            let text = format!("id = {}", quoted(&self.default_id));
            lines.push(Line { text, set_by: Some(SetBy::FileName) });
        }
        let (sections, keys): (Vec<&Entry>, Vec<&Entry>) = root.entries.iter().partition(|entry| is_section(entry));
        let (names, others): (Vec<&Entry>, Vec<&Entry>) =
            keys.into_iter().partition(|entry| entry.key == "id" || entry.key == "title");
        names.into_iter().chain(others).for_each(|entry| write_entry("", entry, 0, &mut lines));
        sections.into_iter().for_each(|entry| write_section(entry, &mut lines));
        lines
    }
}

/// A line of the text. One without any ends a section.
struct Line {
    text: String,
    set_by: Option<SetBy>,
}

/// Who set a key.
enum SetBy {
    Key(Place),
    FileName,
}

/// Whether a top-level key has a header.
fn is_section(entry: &Entry) -> bool {
    match &entry.node.value {
        Value::Table(_) => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(|item| matches!(item.value, Value::Table(_))),
        _ => false,
    }
}

fn write_section(entry: &Entry, lines: &mut Vec<Line>) {
    let key = key(&entry.key);
    match &entry.node.value {
        Value::Table(table) => write_table(format!("[{key}]"), table, lines),
        Value::Array(items) => {
            for item in items {
                if let Value::Table(table) = &item.value {
                    write_table(format!("[[{key}]]"), table, lines);
                }
            }
        }
        _ => {}
    }
}

fn write_table(header: String, table: &Table, lines: &mut Vec<Line>) {
    if !lines.is_empty() {
        lines.push(Line { text: String::new(), set_by: None });
    }
    lines.push(Line { text: header, set_by: None });
    table.entries.iter().for_each(|entry| write_entry("", entry, 0, lines));
}

/// One line for a value, or one for each key of a table that merges key by key.
fn write_entry(prefix: &str, entry: &Entry, n_dots: usize, lines: &mut Vec<Line>) {
    let path = format!("{prefix}{}", key(&entry.key));
    match &entry.node.value {
        Value::Table(table) if !table.entries.is_empty() && !is_whole(&entry.key, table) && n_dots < MAX_DOTS => {
            let prefix = format!("{path}.");
            table.entries.iter().for_each(|entry| write_entry(&prefix, entry, n_dots + 1, lines));
        }
        value => {
            let text = format!("{path} = {}", inline(value));
            lines.push(Line { text, set_by: Some(SetBy::Key(entry.key_place.clone())) });
        }
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::Table(table) if table.entries.is_empty() => "{}".to_string(),
        Value::Table(table) => {
            let entries =
                table.entries.iter().map(|entry| format!("{} = {}", key(&entry.key), inline(&entry.node.value)));
            format!("{{ {} }}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| inline(&item.value)).collect::<Vec<_>>().join(", "))
        }
        Value::Text(text) => quoted(text),
        Value::Integer(integer) => integer.to_string(),
        Value::Float(float) if float.is_nan() => "nan".to_string(),
        // The shortest digits that give the same number, with a point or an exponent.
        Value::Float(float) => format!("{float:?}"),
        Value::Boolean(truth) => truth.to_string(),
        Value::Date { year, month, day } => format!("{year:04}-{month:02}-{day:02}"),
    }
}

fn quoted(text: &str) -> String {
    use toml_writer::ToTomlValue as _;
    TomlStringBuilder::new(text).as_basic().to_toml_value()
}

fn key(key: &str) -> String {
    use toml_writer::ToTomlKey as _;
    let builder = TomlKeyBuilder::new(key);
    builder.as_unquoted().unwrap_or_else(|| builder.as_basic()).to_toml_key()
}

fn comment_column(section: &[Line]) -> usize {
    let lengths = section.iter().filter(|line| line.set_by.is_some()).map(|line| line.text.chars().count());
    lengths.filter(|length| *length <= MAX_COMMENT_COLUMN).max().unwrap_or(0)
}

/// The byte at which each line starts.
fn line_starts(text: &str) -> Vec<usize> {
    let after_breaks = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(after_breaks).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::overlay::overlay;
    use crate::scenario::parse::parse;

    fn parsed(file: usize, text: &str) -> Node {
        let mut faults = Vec::new();
        let root = parse(file, text, &mut faults).root;
        assert_eq!(faults, [], "{text}");
        root
    }

    fn resolved(root: Node) -> Resolved {
        Resolved { files: vec![0], root, default_id: "stem".to_string() }
    }

    const SCENARIO: &str = r#"
[noise]
permanent = { sd = 0.30, pull = { dist = "normal", mean = 1e-9, sd = 1e300 } }
correlation = { default = 0.1, groups = [{ flows = "exports.*", rho = 0.7 }] }
[[driver]]
id = "x"
start = 2023-04-15
phase_in = { shape = "linear", years = 2 }
when = {}
[driver.exposure]
"exports.*" = -0.0
imports = 1
[[flow]]
id = "é\n\u0001"
empty = []
"#;

    #[test]
    fn what_merges_has_lines_and_what_does_not_is_inline() {
        let text = resolved(parsed(0, &format!("notes = 'n'\nid = 'i'\n{SCENARIO}"))).to_toml();
        let expected = r#"id = "i"
notes = "n"

[noise]
permanent.sd = 0.3
permanent.pull = { dist = "normal", mean = 1e-9, sd = 1e300 }
correlation = { default = 0.1, groups = [{ flows = "exports.*", rho = 0.7 }] }

[[driver]]
id = "x"
start = 2023-04-15
phase_in = { shape = "linear", years = 2 }
when = {}
exposure."exports.*" = -0.0
exposure.imports = 1

[[flow]]
id = "é\n\u0001"
empty = []
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn a_scenario_named_by_its_file_gets_that_name() {
        assert_eq!(resolved(parsed(0, "")).to_toml(), "id = \"stem\"\n");
    }

    #[test]
    fn every_key_is_explained() {
        let base = "title = 'T'\n[noise]\npermanent = { sd = 1,\n  pull = 2 }\n[[flow]]\nid = 'a'\nbase = 1\n";
        let over = "id = 'o'\n\n[[flow]]\nid = 'a'\nbase_total = \"12345678901234567890123456789012345678901234567890123456789012345678901234567890\"\ntrend = 0.5\n";
        let mut sources = Sources::default();
        sources.add("dir/over.toml".to_string(), over.to_string());
        sources.add("dir/base.toml".to_string(), base.to_string());
        let root = overlay(parsed(1, base), parsed(0, over), &mut Vec::new(), &mut Vec::new());
        let resolved = Resolved { files: vec![0, 1], root, default_id: "stem".to_string() };
        let expected = r#"id = "o"  # dir/over.toml:1

[noise]
permanent.sd = 1    # dir/base.toml:3
permanent.pull = 2  # dir/base.toml:4

[[flow]]
id = "a"     # dir/base.toml:6
base_total = "12345678901234567890123456789012345678901234567890123456789012345678901234567890"  # dir/over.toml:5
trend = 0.5  # dir/over.toml:6
"#;
        let explained = resolved.explain(&sources);
        assert_eq!(explained, expected);
        assert_eq!(parsed(0, &explained).without_places(), parsed(0, &resolved.to_toml()).without_places());
    }

    #[test]
    fn a_name_from_the_file_name_is_explained_as_such() {
        let mut sources = Sources::default();
        sources.add("stem.toml".to_string(), String::new());
        assert_eq!(resolved(parsed(0, "")).explain(&sources), "id = \"stem\"  # the file's name\n");
    }

    fn a_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<i64>().prop_map(Value::Integer),
            any::<f64>().prop_filter("nan equals nothing", |x| !x.is_nan()).prop_map(Value::Float),
            any::<bool>().prop_map(Value::Boolean),
            "\\PC{0,8}|[\\x00-\\x7f\"\\\\']{0,8}".prop_map(Value::Text),
            (0..=9999i32, 1..=12u8, 1..=28u8).prop_map(|(year, month, day)| Value::Date { year, month, day }),
        ];
        leaf.prop_recursive(9, 40, 4, |inner| {
            let node = inner.prop_map(|value| Node { value, place: place() });
            prop_oneof![
                proptest::collection::vec(node.clone(), 0..4).prop_map(Value::Array),
                a_table(node).prop_map(Value::Table),
            ]
        })
    }

    fn a_table(node: impl Strategy<Value = Node>) -> impl Strategy<Value = Table> {
        let key = "[a-c]|dist|start|exposure|when|[a-c]\\.[*]|\\PC{0,3}|[\\x00-\\x7f]{0,2}";
        proptest::collection::btree_map(key, node, 0..4).prop_map(|entries| Table {
            entries: entries.into_iter().map(|(key, node)| Entry { key, key_place: place(), node }).collect(),
        })
    }

    fn place() -> Place {
        Place { file: 0, span: 0..0 }
    }

    proptest! {
        /// Only the order of top-level keys may change: those without header come first.
        #[test]
        fn the_text_says_the_same(
            table in a_table(a_value().prop_map(|value| Node { value, place: place() }))
        ) {
            let mut table = table;
            let id = Node { value: Value::Text("i".to_string()), place: place() };
            table.entries.retain(|entry| entry.key != "id");
            table.entries.push(Entry { key: "id".to_string(), key_place: place(), node: id });
            let root = Node { value: Value::Table(table), place: place() };
            let again = parsed(0, &resolved(root.clone()).to_toml()).without_places();
            prop_assert_eq!(again.with_sorted_keys(), root.with_sorted_keys());
        }

        #[test]
        fn the_text_of_the_text_is_the_text(
            table in a_table(a_value().prop_map(|value| Node { value, place: place() }))
        ) {
            let text = resolved(Node { value: Value::Table(table), place: place() }).to_toml();
            prop_assert_eq!(resolved(parsed(0, &text)).to_toml(), text);
        }
    }
}
