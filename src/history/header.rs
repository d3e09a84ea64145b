//! What the names of columns say.

use super::layout::{Column, Layout, Role};
use super::unit::Unit;

/// Where a role's text comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// The cell of a column, by index.
    Cell(usize),
    /// The same text in every row.
    Fixed(String),
}

/// The columns of a table, found.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    sources: Vec<(Role, Source, Option<Unit>)>,
}

impl Columns {
    pub(super) fn find(layout: &Layout, header: &csv::ByteRecord) -> Result<Columns, String> {
        let names: Vec<String> = header.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
        let mut columns = Columns::default();
        for (role, column) in &layout.columns {
            let source = match column {
                Column::Fixed(text) => Source::Fixed(text.clone()),
                Column::Named(name) => Source::Cell(
                    names.iter().position(|it| it == name).ok_or_else(|| format!("there is no column `{name}`"))?,
                ),
            };
            let unit = match &source {
                Source::Cell(at) => unit_in(&names[*at]),
                Source::Fixed(_) => None,
            };
            columns.sources.push((*role, source, unit));
        }
        for (at, name) in names.iter().enumerate() {
            if let Some(guess) = guess(name)
                && columns.get(guess.role).is_none()
            {
                columns.sources.push((guess.role, Source::Cell(at), guess.unit));
                if let Some(reporter) = guess.reporter
                    && columns.get(Role::Reporter).is_none()
                {
                    columns.sources.push((Role::Reporter, Source::Fixed(reporter), None));
                }
            }
        }
        Ok(columns)
    }

    pub(super) fn get(&self, role: Role) -> Option<&Source> {
        self.sources.iter().find(|(it, ..)| *it == role).map(|(_, source, _)| source)
    }

    pub(super) fn unit(&self, role: Role) -> Option<Unit> {
        self.sources.iter().find(|(it, ..)| *it == role).and_then(|(.., unit)| *unit)
    }
}

struct Guess {
    role: Role,
    unit: Option<Unit>,
    reporter: Option<String>,
}

/// What a column of this name holds, if its name says so.
fn guess(name: &str) -> Option<Guess> {
    let lower = name.to_lowercase();
    let words = words(&lower);
    let (words, unit) = split_unit(&words);
    let plain = |role| Some(Guess { role, unit, reporter: None });
    match words {
        ["from" | "exporter" | "origin"] => plain(Role::From),
        ["to" | "importer" | "destination"] => plain(Role::To),
        ["year"] => plain(Role::Year),
        ["value" | "trade"] | ["trade", "value"] => plain(Role::Value),
        ["product"] => plain(Role::Product),
        ["reporter"] => plain(Role::Reporter),
        ["partner"] => plain(Role::Partner),
        ["is", "aggregate"] => plain(Role::Aggregate),
        ["imports"] => plain(Role::Imports),
        ["exports"] => plain(Role::Exports),
        ["us", "imports"] => Some(Guess { role: Role::Imports, unit, reporter: Some("USA".to_owned()) }),
        ["us", "exports"] => Some(Guess { role: Role::Exports, unit, reporter: Some("USA".to_owned()) }),
        _ => None,
    }
}

/// The unit at the end of a column's name.
fn unit_in(name: &str) -> Option<Unit> {
    split_unit(&words(&name.to_lowercase())).1
}

fn words(lower: &str) -> Vec<&str> {
    lower.split(|letter: char| !letter.is_alphanumeric() && letter != '$').collect()
}

/// Takes a unit off the end of a name.
fn split_unit<'a, 'b>(words: &'a [&'b str]) -> (&'a [&'b str], Option<Unit>) {
    for at in 1..words.len() {
        if let Some(unit) = Unit::named(&words[at..].join(" ")) {
            return (&words[..at], Some(unit));
        }
    }
    (words, None)
}
