//! CSV as this program writes it.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::number::{self, Written};
use crate::simulate::map_in_order;

/// For whom CSV is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// UTF-8, comma, decimal point, LF.
    #[default]
    Plain,
    /// The same with a byte-order mark and CRLF, which a spreadsheet program reads without asking.
    Excel,
    /// As `Excel`, with semicolon and decimal comma, for the locales that write numbers so.
    ExcelEu,
}

impl Dialect {
    fn byte_order_mark(self) -> &'static [u8] {
        match self {
            Dialect::Plain => b"",
            Dialect::Excel | Dialect::ExcelEu => b"\xef\xbb\xbf",
        }
    }

    fn delimiter(self) -> u8 {
        match self {
            Dialect::Plain | Dialect::Excel => b',',
            Dialect::ExcelEu => b';',
        }
    }

    fn line_end(self) -> &'static [u8] {
        match self {
            Dialect::Plain => b"\n",
            Dialect::Excel | Dialect::ExcelEu => b"\r\n",
        }
    }

    fn terminator(self) -> csv::Terminator {
        match self {
            Dialect::Plain => csv::Terminator::Any(b'\n'),
            Dialect::Excel | Dialect::ExcelEu => csv::Terminator::CRLF,
        }
    }

    /// Six significant digits.
    pub(super) fn short(self, value: f64) -> Number {
        Number { value: Some(value), write: number::short, dialect: self }
    }

    /// All digits that matter.
    pub(super) fn exact(self, value: f64) -> Number {
        Number { value: Some(value), write: number::exact, dialect: self }
    }

    /// Six significant digits, or an empty cell.
    pub(super) fn short_or_empty(self, value: Option<f64>) -> Number {
        Number { value, ..self.short(0.0) }
    }

    /// All digits that matter, or an empty cell.
    pub(super) fn exact_or_empty(self, value: Option<f64>) -> Number {
        Number { value, ..self.exact(0.0) }
    }
}

/// A cell with a number, or an empty one. What is not finite does not apply and is empty too.
#[derive(Clone, Copy)]
pub(super) struct Number {
    value: Option<f64>,
    write: fn(f64) -> Written,
    dialect: Dialect,
}

impl Default for Number {
    fn default() -> Self {
        Dialect::Plain.short_or_empty(None)
    }
}

impl Number {
    fn text(&self) -> Written {
        let text = self.value.filter(|v| v.is_finite()).map(self.write).unwrap_or_default();
        match self.dialect {
            Dialect::Plain | Dialect::Excel => text,
            Dialect::ExcelEu => text.with_decimal_comma(),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.text().as_bytes())
    }
}

/// A cell with text. Spreadsheets evaluate what looks like a formula, quoted or not (CWE-1236), so such text gets
/// a leading `'`.
#[derive(Clone, Copy, Default)]
pub(super) struct Text<'a>(pub &'a str);

impl<'a> Text<'a> {
    /// Text, or an empty cell.
    pub fn or_empty(text: &'a Option<String>) -> Text<'a> {
        Text(text.as_deref().unwrap_or_default())
    }
}

/// Whether a text gets a guard, as it starts like a formula.
pub(super) fn is_guarded(text: &str) -> bool {
    matches!(text.as_bytes().first(), Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r'))
}

/// A text with its guard, if it gets one.
pub(super) fn guarded(text: &str) -> Cow<'_, str> {
    match is_guarded(text) {
        true => Cow::Owned(format!("'{text}")),
        false => Cow::Borrowed(text),
    }
}

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&guarded(self.0))
    }
}

/// Writes a header row, named after the fields of `R`, and the rows.
pub(super) fn write_rows<R: Serialize + Default>(
    dialect: Dialect,
    out: &mut dyn Write,
    rows: impl IntoIterator<Item = R>,
) -> io::Result<()> {
    write_header::<R>(dialect, out)?;
    write_lines(dialect, out, rows)
}

/// Groups made ready together: some tens of MiB at most, however long the table, and enough for all cores.
const GROUPS_AT_ONCE: usize = 256;

/// [`write_rows`] for a long table whose rows come in groups. Those of several groups are made ready on all cores.
pub(super) fn write_groups<G: Sync, R: Serialize + Default, I: IntoIterator<Item = R>>(
    dialect: Dialect,
    out: &mut dyn Write,
    groups: impl IntoIterator<Item = G>,
    rows: impl Fn(&G) -> I + Sync + Send,
) -> io::Result<()> {
    write_header::<R>(dialect, out)?;
    write_in_turn(out, groups, |group| {
        let mut lines = Vec::new();
        write_lines(dialect, &mut lines, rows(group)).map(|()| lines)
    })
}

/// [`write_groups`] for groups whose rows differ in the numbers of their last cells alone. A row with those left empty
/// is written once a group.
pub(super) fn write_groups_of_numbers<
    G: Sync,
    R: Serialize + Default,
    I: IntoIterator<Item = [Number; N]>,
    const N: usize,
>(
    dialect: Dialect,
    out: &mut dyn Write,
    groups: impl IntoIterator<Item = G>,
    row: impl Fn(&G) -> R + Sync + Send,
    numbers: impl Fn(&G) -> I + Sync + Send,
) -> io::Result<()> {
    write_header::<R>(dialect, out)?;
    write_in_turn(out, groups, |group| {
        let mut beginning = Vec::new();
        write_lines(dialect, &mut beginning, [row(group)])?;
        let end = [vec![dialect.delimiter(); N], dialect.line_end().to_vec()].concat();
        debug_assert!(beginning.ends_with(&end), "its last cells are empty, and are not its only ones");
        beginning.truncate(beginning.len() + 1 - end.len());
        let mut lines = Vec::new();
        for cells in numbers(group) {
            lines.extend_from_slice(&beginning);
            for (at, cell) in cells.iter().enumerate() {
                lines.extend((at > 0).then(|| dialect.delimiter()));
                lines.extend_from_slice(cell.text().as_bytes());
            }
            lines.extend_from_slice(dialect.line_end());
        }
        Ok(lines)
    })
}

/// Writes the lines of groups one after the other, those of several made ready together.
fn write_in_turn<G: Sync>(
    out: &mut dyn Write,
    groups: impl IntoIterator<Item = G>,
    lines: impl Fn(&G) -> io::Result<Vec<u8>> + Sync + Send,
) -> io::Result<()> {
    let mut groups = groups.into_iter();
    loop {
        let at_once: Vec<G> = groups.by_ref().take(GROUPS_AT_ONCE).collect();
        if at_once.is_empty() {
            return Ok(());
        }
        for lines in map_in_order(&at_once, &lines) {
            out.write_all(&lines?)?;
        }
    }
}

/// The names of the fields. A table without rows has its header too, so they cannot come from a row.
fn write_header<R: Serialize + Default>(dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let mut sample = Vec::new();
    let mut table = writer(dialect, true).from_writer(&mut sample);
    table.serialize(R::default())?;
    drop(table);
    let end = sample.iter().position(|&byte| byte == b'\n').map_or(sample.len(), |at| at + 1);
    out.write_all(dialect.byte_order_mark())?;
    out.write_all(&sample[..end])
}

fn write_lines<R: Serialize>(
    dialect: Dialect,
    out: &mut dyn Write,
    rows: impl IntoIterator<Item = R>,
) -> io::Result<()> {
    let mut table = writer(dialect, false).from_writer(out);
    for row in rows {
        table.serialize(row)?;
    }
    table.flush()
}

fn writer(dialect: Dialect, has_headers: bool) -> csv::WriterBuilder {
    let mut builder = csv::WriterBuilder::new();
    builder.has_headers(has_headers).delimiter(dialect.delimiter()).terminator(dialect.terminator());
    builder
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Serialize)]
    struct Row<'a> {
        name: Text<'a>,
        value: Number,
        share: Number,
    }

    fn written(dialect: Dialect, rows: &[(&str, Option<f64>, f64)]) -> String {
        let mut bytes = Vec::new();
        let rows = rows.iter().map(|&(name, value, share)| Row {
            name: Text(name),
            value: dialect.short_or_empty(value),
            share: dialect.exact(share),
        });
        write_rows(dialect, &mut bytes, rows).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_table_without_rows_has_its_header() {
        assert_eq!(written(Dialect::Plain, &[]), "name,value,share\n");
    }

    #[test]
    fn groups_are_written_one_after_the_other() {
        let row = |value: usize| Row { value: Dialect::Plain.exact(value as f64), ..Row::default() };
        let (mut grouped, mut plain) = (Vec::new(), Vec::new());
        let groups = (0..3 * GROUPS_AT_ONCE + 1).map(|group| 3 * group..3 * group + 3);
        write_groups(Dialect::Excel, &mut grouped, groups.clone(), |group| group.clone().map(row)).unwrap();
        write_rows(Dialect::Excel, &mut plain, groups.flatten().map(row)).unwrap();
        assert_eq!(grouped, plain);
    }

    #[test]
    fn groups_of_numbers_are_written_as_rows_are() {
        for dialect in [Dialect::Plain, Dialect::Excel, Dialect::ExcelEu] {
            let numbers = |group: usize| [[Some(0.5), Some(-1.25)], [None, Some(f64::NAN)], [Some(group as f64), None]];
            let cells = |group: usize| numbers(group).map(|cells| cells.map(|it| dialect.short_or_empty(it)));
            let name = |group: usize| ["plain", "one, two; \"three\"", "=1+1", ""][group];
            let (mut grouped, mut plain) = (Vec::new(), Vec::new());
            let row = |&group: &usize| Row { name: Text(name(group)), ..Row::default() };
            write_groups_of_numbers(dialect, &mut grouped, 0..4, row, |&group| cells(group)).unwrap();
            let rows = (0..4)
                .flat_map(|group| cells(group).map(|[value, share]| Row { name: Text(name(group)), value, share }));
            write_rows(dialect, &mut plain, rows).unwrap();
            assert_eq!(String::from_utf8(grouped).unwrap(), String::from_utf8(plain).unwrap());
        }
    }

    #[test]
    fn what_does_not_apply_is_an_empty_cell() {
        let rows = [("a", None, 0.1 + 0.2), ("b", Some(f64::INFINITY), -0.0)];
        assert_eq!(written(Dialect::Plain, &rows), "name,value,share\na,,0.30000000000000004\nb,,0\n");
    }

    #[test]
    fn spreadsheet_dialects() {
        let rows = [("one, two; three", Some(-1234.5), 0.5)];
        assert_eq!(written(Dialect::Excel, &rows), "\u{feff}name,value,share\r\n\"one, two; three\",-1234.5,0.5\r\n");
        assert_eq!(written(Dialect::ExcelEu, &rows), "\u{feff}name;value;share\r\n\"one, two; three\";-1234,5;0,5\r\n");
    }

    #[test]
    fn text_that_looks_like_a_formula_is_guarded_and_numbers_are_not() {
        for start in ["=", "+", "-", "@", "\t"] {
            let name = format!("{start}1+1");
            assert_eq!(
                written(Dialect::Plain, &[(&name, Some(-1.0), -2.0)]),
                format!("name,value,share\n'{start}1+1,-1,-2\n")
            );
        }
        assert_eq!(written(Dialect::Plain, &[("\rx", None, 1.0)]), "name,value,share\n\"'\rx\",,1\n");
        assert_eq!(written(Dialect::Plain, &[("a=b", None, 1.0)]), "name,value,share\na=b,,1\n");
    }
}
