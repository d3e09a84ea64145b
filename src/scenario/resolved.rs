//! A scenario put together, as text again.

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
        let mut text = String::new();
        for section in lines.split_inclusive(|line| line.text.is_empty()) {
            let column = comment_column(section);
            for line in section {
                text += &explained(line, column, sources);
                text.push('\n');
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

fn explained(line: &Line, column: usize, sources: &Sources) -> String {
    let comment = match &line.set_by {
        None => return line.text.clone(),
        Some(SetBy::FileName) => "the file's name".to_string(),
        Some(SetBy::Key(place)) => {
            let file = sources.file(place.file);
            let line = 1 + file.text[..place.span.start].matches('\n').count();
            // A comment may hold no control characters, a path may.
            format!("{}:{line}", file.path.replace(char::is_control, "?"))
        }
    };
    format!("{:column$}  # {comment}", line.text)
}
