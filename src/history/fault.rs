//! Faults of a table, each with its line. A table may have millions; the first of each kind are shown and the rest are
//! counted.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, FileId, Place, Severity, Sources};

use super::text::text_of;

/// How many faults of a kind are shown.
const SHOWN: u64 = 5;

/// The longest line that is kept for showing.
const MAX_LINE: usize = 2000;

/// What is wrong with a row. Faults of one kind are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Width,
    Year,
    Number,
    Negative,
    TooLarge,
    Unit,
    Currency,
    MixedUnits,
    Conflict,
    Repeated,
    NoCountry,
    UnitSlip,
}

#[derive(Default)]
struct Count {
    rows: u64,
    last_line: u64,
    last_shown: usize,
}

/// The faults of a table so far.
pub(super) struct Faults<'a> {
    name: String,
    pub(super) separator: u8,
    sources: &'a mut Sources,
    found: Vec<Diagnostic>,
    counts: BTreeMap<Kind, Count>,
}

impl<'a> Faults<'a> {
    pub(super) fn new(name: &str, sources: &'a mut Sources) -> Faults<'a> {
        Faults { name: name.to_owned(), separator: b',', sources, found: Vec::new(), counts: BTreeMap::new() }
    }

    /// Adds what is wrong with a row, or only counts it. `cell` is where the row is at fault.
    pub(super) fn add(
        &mut self,
        (kind, severity): (Kind, Severity),
        row: &csv::ByteRecord,
        cell: Option<usize>,
        words: impl FnOnce() -> (String, Option<String>),
    ) {
        let line = row.position().map_or(0, csv::Position::line);
        if !self.is_shown(kind, line) {
            return;
        }
        let place = self.place(row, cell, line);
        let (message, hint) = words();
        let fault = match severity {
            Severity::Error => Diagnostic::error(place, message),
            Severity::Warning => Diagnostic::warning(place, message),
        };
        self.found.push(match hint {
            Some(hint) => fault.hint(hint),
            None => fault,
        });
    }

    /// Adds a warning of a line that is not at hand any more.
    pub(super) fn warn_of_line(&mut self, kind: Kind, line: u64, words: impl FnOnce() -> (String, String)) {
        if !self.is_shown(kind, line) {
            return;
        }
        let (message, hint) = words();
        let message = format!("{message} ({}:{line})", self.name);
        self.found.push(Diagnostic { severity: Severity::Warning, message, labels: Vec::new(), hints: vec![hint] });
    }

    /// Counts a fault that is about to be added, and says whether it is to be.
    fn is_shown(&mut self, kind: Kind, line: u64) -> bool {
        let count = self.counts.entry(kind).or_default();
        count.rows += 1;
        count.last_line = line;
        if count.rows <= SHOWN {
            count.last_shown = self.found.len();
        }
        count.rows <= SHOWN
    }

    /// Adds the fault of a whole table.
    pub(super) fn add_to_whole(&mut self, message: String, hint: &str) {
        let message = format!("cannot read `{}`: {message}", self.name);
        let hints = Vec::from([hint.to_owned()]);
        self.found.push(Diagnostic { severity: Severity::Error, message, labels: Vec::new(), hints });
    }

    /// All of them; what was only counted is said with the last of its kind.
    pub(super) fn finish(self) -> Vec<Diagnostic> {
        let mut found = self.found;
        for count in self.counts.values().filter(|count| count.rows > SHOWN) {
            let more = count.rows - SHOWN;
            found[count.last_shown]
                .hints
                .push(format!("{more} more of this kind, the last in line {}", count.last_line));
        }
        found
    }

    /// The row as a text of its own, and the cell in it.
    fn place(&mut self, row: &csv::ByteRecord, cell: Option<usize>, line: u64) -> Place {
        let mut text = String::new();
        let mut span = 0..0;
        for (at, bytes) in row.iter().enumerate() {
            if at > 0 {
                text.push(self.separator as char);
            }
            let start = text.len();
            text += &quoted(&text_of(bytes), self.separator);
            if cell == Some(at) {
                span = start..text.len();
            }
            if text.len() > MAX_LINE && cell.is_none_or(|cell| cell <= at) {
                break;
            }
        }
        let file: FileId = self.sources.add_from(self.name.clone(), text, line as usize);
        Place { file, span }
    }
}

fn quoted(text: &str, separator: u8) -> String {
    let text = text.replace(['\n', '\r'], " ");
    match text.contains(separator as char) || text.contains('"') {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text,
    }
}
