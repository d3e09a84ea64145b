//! Text to a tree of what was written.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeFloat, DeInteger, DeTable, DeValue};
use toml::value::Datetime;
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::node::{Entry, Node, Table, Value};
use crate::diagnostic::{Diagnostic, FileId, Place};

/// How deep tables and arrays may nest. The format itself needs six; whoever walks a tree does so recursively.
const MAX_DEPTH: usize = 64;

/// How many parts a dotted key may have, for the same reason: each makes a table.
const MAX_KEY_PARTS: usize = 16;

/// How many syntax errors of a file are told. What follows the first few is mostly their consequence.
const MAX_SYNTAX_ERRORS: usize = 20;

/// What could be understood of a file.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The top-level table; its place is the start of the file.
    pub(crate) root: Node,
    /// Whether nothing is missing from it. If not, what it says should not be judged further.
    pub(crate) is_whole: bool,
}

/// The bytes of a file as text, without a byte-order mark; and the byte at which they stop being UTF-8, if they do.
/// From there on the text is a guess.
pub(crate) fn decode(bytes: Vec<u8>) -> (String, Option<usize>) {
    let mut bytes = bytes;
    if bytes.starts_with(b"\xEF\xBB\xBF") {
        bytes.drain(..3);
    }
    match String::from_utf8(bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let invalid_at = error.utf8_error().valid_up_to();
            (String::from_utf8_lossy(error.as_bytes()).into_owned(), Some(invalid_at))
        }
    }
}

/// Parses a file, as much of it as has the form of TOML. Every fault is added to `faults`.
pub(crate) fn parse(file: FileId, text: &str, faults: &mut Vec<Diagnostic>) -> Parsed {
    let mut reader = Reader { file, faults, is_whole: true, unreadable: Vec::new() };
    let root_place = reader.place(0..0);
    if let Some(span) = overlong_key(text) {
        let message = format!("this key has more than {MAX_KEY_PARTS} parts");
        reader.lose::<Value>(span, message);
        return Parsed { root: Node { value: Value::Table(Table::default()), place: root_place }, is_whole: false };
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let value = reader.table(table.get_ref(), 0);
    let root = Node { value, place: root_place };
    let is_whole = reader.is_whole && errors.is_empty();
    reader.report_unreadable(&errors);
    report_syntax(file, text, &errors, &root, faults);
    Parsed { root, is_whole }
}

/// The place of the first dotted key that has too many parts. It is looked for before parsing, which would make a
/// table for each part.
fn overlong_key(text: &str) -> Option<Range<usize>> {
    let mut parts = 1;
    let mut start = None;
    for token in Source::new(text).lex() {
        match token.kind() {
            TokenKind::Dot => parts += 1,
            TokenKind::Atom | TokenKind::BasicString | TokenKind::LiteralString => {
                start.get_or_insert(token.span().start());
            }
            TokenKind::Whitespace => continue,
            _ => (parts, start) = (1, None),
        }
        if parts > MAX_KEY_PARTS {
            return Some(start.unwrap_or(token.span().start())..token.span().end());
        }
    }
    None
}

fn report_syntax(file: FileId, text: &str, errors: &[toml::de::Error], root: &Node, faults: &mut Vec<Diagnostic>) {
    let mut told: Vec<Diagnostic> = Vec::new();
    let mut more = errors.len();
    for error in errors {
        if told.len() == MAX_SYNTAX_ERRORS {
            break;
        }
        let fault = syntax_fault(file, text, error, root);
        if told.last() != Some(&fault) {
            told.push(fault);
        }
        more -= 1;
    }
    if let Some(last) = told.last_mut().filter(|_| more > 0) {
        last.hints.push(format!("{more} more syntax errors in this file are not shown"));
    }
    faults.append(&mut told);
}

/// The parser's message, put as an author would understand it where it is misleading.
fn syntax_fault(file: FileId, text: &str, error: &toml::de::Error, root: &Node) -> Diagnostic {
    let span = error.span().unwrap_or(0..0);
    let place = Place { file, span: span.start.min(text.len())..span.end.min(text.len()) };
    let written = text.get(place.span.clone()).unwrap_or_default();
    match error.message() {
        "duplicate key" => duplicate_key(written, place, root),
        message if message.starts_with("cannot recurse further") => {
            Diagnostic::error(place, format!("this is nested more than {MAX_DEPTH} deep"))
        }
        message if message.starts_with("invalid boolean") || message.starts_with("string values must be quoted") => {
            if written.is_empty() {
                Diagnostic::error(place, "missing value")
            } else {
                unquoted(written, place)
            }
        }
        message if message.starts_with("invalid date, expected `-`") => Diagnostic::error(place, message)
            .hint("write the whole date, as in `2023-07-01`, or quote the month, as in `\"2023-07\"`"),
        message if message.starts_with("invalid unquoted key") => {
            Diagnostic::error(place, message).hint("quote keys with other letters")
        }
        message => Diagnostic::error(place, message),
    }
}

fn unquoted(written: &str, place: Place) -> Diagnostic {
    let fault = Diagnostic::error(place, "text must be quoted");
    let is_word = written.len() < 80 && !written.contains(|c: char| c.is_control() || c == '"');
    if is_word { fault.hint(format!("write `\"{written}\"`")) } else { fault }
}

/// The parser tells the second place only; the first is labelled where there is but one key of that name before.
fn duplicate_key(written: &str, place: Place, root: &Node) -> Diagnostic {
    let key = written.trim_matches(['"', '\'']);
    let mut earlier = Vec::new();
    places_of_key(root, key, &mut earlier);
    earlier.retain(|other| other.span.start < place.span.start);
    let fault = Diagnostic::error(place, format!("key `{key}` is set twice in one table"));
    match earlier.as_slice() {
        [first] => fault.label(first.clone(), "first here"),
        _ => fault,
    }
}

fn places_of_key(node: &Node, key: &str, places: &mut Vec<Place>) {
    match &node.value {
        Value::Table(table) => {
            for entry in &table.entries {
                if entry.key == key {
                    places.push(entry.key_place.clone());
                }
                places_of_key(&entry.node, key, places);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| places_of_key(item, key, places)),
        _ => {}
    }
}

/// Turns the parser's tree into ours.
struct Reader<'a> {
    file: FileId,
    faults: &'a mut Vec<Diagnostic>,
    is_whole: bool,
    /// Numbers that are none; the parser may have said so.
    unreadable: Vec<Range<usize>>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>, depth: usize) -> Value {
        let mut keys: Vec<_> = table.iter().collect();
        keys.sort_by_key(|(key, _)| key.span().start);
        let entries = keys.into_iter().filter_map(|(key, value)| {
            Some(Entry {
                key: key.get_ref().to_string(),
                key_place: self.place(key.span()),
                node: self.node(value, depth + 1)?,
            })
        });
        Value::Table(Table { entries: entries.collect() })
    }

    fn array(&mut self, array: &DeArray<'_>, depth: usize) -> Value {
        Value::Array(array.iter().filter_map(|item| self.node(item, depth + 1)).collect())
    }

    fn node(&mut self, value: &Spanned<DeValue<'_>>, depth: usize) -> Option<Node> {
        let span = value.span();
        let place = self.place(span.clone());
        let value = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Boolean(truth) => Value::Boolean(*truth),
            DeValue::Integer(integer) => self.integer(integer, span)?,
            DeValue::Float(float) => self.float(float, span)?,
            DeValue::Datetime(datetime) => self.date(datetime, span)?,
            DeValue::Array(_) | DeValue::Table(_) if depth > MAX_DEPTH => {
                return self.lose(span, format!("this is nested more than {MAX_DEPTH} deep"));
            }
            DeValue::Array(array) => self.array(array, depth),
            DeValue::Table(table) => self.table(table, depth),
        };
        Some(Node { value, place })
    }

    fn integer(&mut self, integer: &DeInteger<'_>, span: Range<usize>) -> Option<Value> {
        use std::num::IntErrorKind::{NegOverflow, PosOverflow};
        match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(value) => Some(Value::Integer(value)),
            Err(error) if matches!(error.kind(), PosOverflow | NegOverflow) => {
                let fault = Diagnostic::error(self.place(span), "this whole number is too large");
                self.faults.push(fault.hint("write it with a point or an exponent, as in `1e20`"));
                self.lose_silently()
            }
            Err(_) => self.lose_number(span),
        }
    }

    fn float(&mut self, float: &DeFloat<'_>, span: Range<usize>) -> Option<Value> {
        match float.as_str().parse::<f64>() {
            Ok(value) if value.is_infinite() && !float.as_str().contains("inf") => {
                self.lose(span, "this number is too large".to_string())
            }
            Ok(value) => Some(Value::Float(value)),
            Err(_) => self.lose_number(span),
        }
    }

    /// A date with a time of day is a fault, but a date all the same.
    fn date(&mut self, datetime: &Datetime, span: Range<usize>) -> Option<Value> {
        let fault = Diagnostic::error(self.place(span), "a time of day has no meaning here");
        match datetime.date {
            Some(date) => {
                if datetime.time.is_some() {
                    self.faults.push(fault.hint(format!("write the date alone, `{date}`")));
                }
                Some(Value::Date { year: date.year.into(), month: date.month, day: date.day })
            }
            None if datetime.time.is_some() => {
                self.faults.push(fault.hint("write a date, such as `2023-03-01`"));
                self.lose_silently()
            }
            None => self.lose_silently(),
        }
    }

    fn lose<T>(&mut self, span: Range<usize>, message: String) -> Option<T> {
        self.faults.push(Diagnostic::error(self.place(span), message));
        self.lose_silently()
    }

    fn lose_number<T>(&mut self, span: Range<usize>) -> Option<T> {
        self.unreadable.push(span);
        self.lose_silently()
    }

    fn report_unreadable(&mut self, errors: &[toml::de::Error]) {
        for span in std::mem::take(&mut self.unreadable) {
            let is_told =
                errors.iter().filter_map(|error| error.span()).any(|e| span.start <= e.start && e.end <= span.end);
            if !is_told {
                self.lose::<Value>(span, "invalid number".to_string());
            }
        }
    }

    /// What the parser has put in place of a value it could not read; it has said why.
    fn lose_silently<T>(&mut self) -> Option<T> {
        self.is_whole = false;
        None
    }

    fn place(&self, span: Range<usize>) -> Place {
        Place { file: self.file, span }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> (Parsed, Vec<Diagnostic>) {
        let mut faults = Vec::new();
        let parsed = parse(0, text, &mut faults);
        (parsed, faults)
    }

    /// Checks the message, the marked text and the hint of the first fault.
    fn check_fault(text: &str, message: &str, marked: &str, hint: &str) {
        let (_, faults) = parsed(text);
        let first = faults.first().unwrap_or_else(|| panic!("no fault in {text:?}"));
        assert_eq!(first.message, message, "{text:?}");
        assert_eq!(&text[first.labels[0].0.span.clone()], marked, "{text:?}");
        assert_eq!(first.hints.first().map_or("", String::as_str), hint, "{text:?}");
    }

    fn get<'a>(node: &'a Node, path: &[&str]) -> &'a Entry {
        let Value::Table(table) = &node.value else { panic!("no table before {path:?}") };
        let entry = table.get(path[0]).unwrap_or_else(|| panic!("no {path:?}"));
        if path.len() == 1 { entry } else { get(&entry.node, &path[1..]) }
    }

    #[test]
    fn keys_and_values_have_their_places_in_the_order_written() {
        let text = "zeta = 1\r\nalpha = \"x\" # why\n[noise]\npermanent = { sd = 0.5, pull = 1e-1 }\n";
        let (Parsed { root, is_whole }, faults) = parsed(text);
        assert!(is_whole && faults.is_empty());
        let Value::Table(table) = &root.value else { panic!() };
        assert_eq!(table.entries.iter().map(|e| e.key.as_str()).collect::<Vec<_>>(), ["zeta", "alpha", "noise"]);
        for (path, key, value) in [
            (&["zeta"][..], "zeta", "1"),
            (&["alpha"], "alpha", "\"x\""),
            (&["noise"], "noise", "[noise]"),
            (&["noise", "permanent"], "permanent", "{ sd = 0.5, pull = 1e-1 }"),
            (&["noise", "permanent", "pull"], "pull", "1e-1"),
        ] {
            let entry = get(&root, path);
            assert_eq!(&text[entry.key_place.span.clone()], key);
            assert_eq!(&text[entry.node.place.span.clone()], value);
        }
    }

    #[test]
    fn all_kinds_of_values_are_read() {
        let (Parsed { root, .. }, faults) =
            parsed("i = 0x1F\nf = -2.5\nn = nan\nb = true\nd = 2024-02-29\nt = '''a\nb'''\na = [1, 'x']\n");
        assert_eq!(faults, []);
        let value = |key| get(&root, &[key]).node.value.clone();
        assert_eq!(value("i"), Value::Integer(31));
        assert_eq!(value("f"), Value::Float(-2.5));
        assert!(matches!(value("n"), Value::Float(x) if x.is_nan()));
        assert_eq!(value("b"), Value::Boolean(true));
        assert_eq!(value("d"), Value::Date { year: 2024, month: 2, day: 29 });
        assert_eq!(value("t"), Value::Text("a\nb".to_string()));
        assert!(matches!(value("a"), Value::Array(items) if items.len() == 2));
    }

    #[test]
    fn a_table_made_by_a_dotted_key_is_known_as_such() {
        let (Parsed { root, .. }, _) =
            parsed("[exposure]\nexports.pharma = 1\n\"imports.energy\" = 2\nlaw = { x = 1 }\n");
        assert!(get(&root, &["exposure", "exports"]).is_implied());
        assert!(!get(&root, &["exposure", "imports.energy"]).is_implied());
        assert!(!get(&root, &["exposure", "law"]).is_implied());
        assert!(!get(&root, &["exposure"]).is_implied());
    }

    #[test]
    fn blocks_may_be_written_inline_and_lose_nothing() {
        let (inline, _) = parsed("flow = [{ id = 'a' }, { id = 'a' }, { x = 1 }, 7]\n");
        let Value::Array(items) = &get(&inline.root, &["flow"]).node.value else { panic!() };
        assert_eq!(items.len(), 4);
        let (headed, _) = parsed("[[flow]]\nid = 'a'\n[[flow]]\nid = 'a'\n");
        let Value::Array(items) = &get(&headed.root, &["flow"]).node.value else { panic!() };
        assert_eq!(items[1].place.span, 18..26);
    }

    #[test]
    fn faults_have_place_and_cure() {
        check_fault("a = 1\na = 2\n", "key `a` is set twice in one table", "a", "");
        check_fault("a = tense\n", "text must be quoted", "tense", "write `\"tense\"`");
        check_fault("a = \nb = 1", "missing value", "", "");
        check_fault("a = 1__0", "`_` may only go between digits, expected nothing", "_", "");
        check_fault("a = 1e999", "this number is too large", "1e999", "");
        check_fault("d = 2023-02-30", "invalid date, expected day between 01 and 28", "2023-02-30", "");
        check_fault(
            "\u{0} = 1",
            "invalid unquoted key, expected letters, numbers, `-`, `_`",
            "\u{0}",
            "quote keys with other letters",
        );
        check_fault(
            "a = 99999999999999999999",
            "this whole number is too large",
            "99999999999999999999",
            "write it with a point or an exponent, as in `1e20`",
        );
        check_fault(
            "d = 2023-07",
            "invalid date, expected `-` (MM-DD)",
            "2023-07",
            "write the whole date, as in `2023-07-01`, or quote the month, as in `\"2023-07\"`",
        );
        check_fault(
            "d = 2023-01-01T07:00:00Z",
            "a time of day has no meaning here",
            "2023-01-01T07:00:00Z",
            "write the date alone, `2023-01-01`",
        );
        check_fault(
            "d = 07:00:00",
            "a time of day has no meaning here",
            "07:00:00",
            "write a date, such as `2023-03-01`",
        );
    }

    #[test]
    fn a_key_set_twice_shows_both_places() {
        let (_, faults) = parsed("x = { id = 1, id = 2 }");
        assert_eq!(faults[0].labels[1], (Place { file: 0, span: 6..8 }, "first here".to_string()));
    }

    #[test]
    fn several_faults_are_told_at_once_but_not_hundreds() {
        let (parsed_two, faults) = parsed("a = tense\nb = 1\nc = 1__0\n");
        assert!(!parsed_two.is_whole);
        assert_eq!(faults.len(), 2);
        let (_, faults) = parsed(&"= 1\n".repeat(300));
        assert_eq!(faults.len(), MAX_SYNTAX_ERRORS);
        assert!(
            faults.last().unwrap().hints.last().unwrap().ends_with("more syntax errors in this file are not shown")
        );
    }

    #[test]
    fn deep_nesting_is_refused_before_the_stack_is_at_risk() {
        let deep = |n: usize| format!("a = {}{}", "[".repeat(n), "]".repeat(n));
        assert!(parsed(&deep(60)).1.is_empty());
        for text in [deep(70), deep(100), deep(200_000), format!("a = {}", "{a=".repeat(200_000))] {
            let (parsed, faults) = parsed(&text);
            assert!(!parsed.is_whole);
            assert!(faults.iter().any(|fault| fault.message == "this is nested more than 64 deep"));
        }
        for text in [format!("a{} = 1", ".a".repeat(200_000)), format!("[a{}]", " . \"a\"".repeat(200_000))] {
            let (parsed, faults) = parsed(&text);
            assert!(!parsed.is_whole);
            assert_eq!(faults[0].message, "this key has more than 16 parts");
        }
    }

    #[test]
    fn dots_in_texts_and_numbers_are_no_key() {
        let dots = ".".repeat(99);
        let text = format!("# a{dots}\na = [{}1.5]\nb = \"a{dots}\"\n", "1.5, ".repeat(99));
        assert_eq!(parsed(&text).1, []);
    }

    #[test]
    fn bytes_become_text_without_mark() {
        assert_eq!(decode(b"\xEF\xBB\xBFa = 1".to_vec()), ("a = 1".to_string(), None));
        assert_eq!(decode(b"".to_vec()), (String::new(), None));
        assert_eq!(decode(b"ab\xFFc".to_vec()), ("ab\u{FFFD}c".to_string(), Some(2)));
        let (Parsed { root, is_whole }, faults) = parsed("");
        assert!(is_whole && faults.is_empty());
        assert_eq!(root.value, Value::Table(Table::default()));
    }

    const VALID: &str = "id = \"x\"\r\nas_of = 2023-03-01\n[pair]\nreporter = 'PAK'\n[[flow]]\nid = \"a.b\"\nbase = 6e1\n\
        noise.permanent = { sd = 0.4, pull = 1_0 }\n[[driver]]\n[driver.exposure]\n\"a.*\" = -1.5\nx.y = [[1, 2], \"\\u00e9\"]\n";

    proptest! {
        #[test]
        fn any_bytes_are_parsed_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let (text, _) = decode(bytes);
            let (parsed, faults) = parsed(&text);
            prop_assert!(parsed.is_whole || !faults.is_empty());
        }

        #[test]
        fn a_mutated_file_is_parsed_or_refused(
            changes in proptest::collection::vec((0..VALID.len(), any::<u8>(), 0..3), 1..6)
        ) {
            let mut bytes = VALID.as_bytes().to_vec();
            for (at, byte, change) in changes {
                let at = at.min(bytes.len() - 1);
                match change {
                    0 => bytes[at] = byte,
                    1 => bytes.insert(at, byte),
                    _ => drop(bytes.remove(at)),
                }
            }
            let (text, _) = decode(bytes);
            let (parsed, faults) = parsed(&text);
            prop_assert!(parsed.is_whole || !faults.is_empty());
            for (place, _) in faults.iter().flat_map(|fault| &fault.labels) {
                prop_assert!(place.span.start <= place.span.end && place.span.end <= text.len());
            }
        }
    }
}
