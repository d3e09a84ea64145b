//! A CSV file of this program, in any of its dialects.

use std::collections::HashMap;

/// Rows as texts, found by the names of their columns.
pub struct Table {
    columns: HashMap<String, usize>,
    rows: Vec<csv::StringRecord>,
    is_european: bool,
}

impl Table {
    /// Reads a file that has at least these columns.
    pub fn read(text: &str, needed: &[&str]) -> Result<Table, String> {
        let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
        let is_european = plain.lines().next().is_some_and(|header| header.contains(';'));
        let delimiter = if is_european { b';' } else { b',' };
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(plain.as_bytes());
        let header = reader.headers().map_err(|error| error.to_string())?;
        let columns: HashMap<String, usize> =
            header.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
        if let Some(missing) = needed.iter().find(|name| !columns.contains_key(**name)) {
            return Err(format!("it has no column `{missing}`"));
        }
        let rows = reader.records().collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        Ok(Table { columns, rows, is_european })
    }

    /// Its rows in order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|cells| Row { table: self, cells })
    }
}

/// A row of a [`Table`].
#[derive(Clone, Copy)]
pub struct Row<'a> {
    table: &'a Table,
    cells: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    /// The text of a cell, empty if there is no such column.
    pub fn text(&self, column: &str) -> &'a str {
        self.table.columns.get(column).and_then(|&at| self.cells.get(at)).unwrap_or_default()
    }

    /// The number in a cell.
    pub fn number(&self, column: &str) -> Result<f64, String> {
        let text = self.text(column);
        let plain = if self.table.is_european { text.replace(',', ".") } else { text.to_owned() };
        let value = plain.parse().ok().filter(|value: &f64| value.is_finite());
        value.ok_or_else(|| {
            let line = self.cells.position().map_or(0, csv::Position::line);
            format!("`{text}` in line {line}, column `{column}`, is not a number")
        })
    }
}
