//! Tables of results read back, in any of the forms that a run writes them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};

use csv::{ReaderBuilder, StringRecord};

use super::table::is_guarded;

/// What stands in a column, and where it is.
#[derive(Clone, Debug, Default)]
struct Columns {
    names: Vec<String>,
    at: HashMap<String, usize>,
    has_decimal_commas: bool,
}

/// A table that is read row by row, however long it is.
pub struct Rows<R: Read> {
    source: csv::Reader<BufReader<R>>,
    columns: Columns,
    record: StringRecord,
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// What is wrong with the table, in words.
    pub fn open(source: R) -> Result<Self, String> {
        let mut source = BufReader::with_capacity(1 << 16, source);
        let start = source.fill_buf().map_err(|error| error.to_string())?;
        if start.starts_with(b"\xef\xbb\xbf") {
            source.consume(3);
        }
        let start = source.fill_buf().map_err(|error| error.to_string())?;
        let header = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let has_decimal_commas = header.contains(&b';');
        let delimiter = if has_decimal_commas { b';' } else { b',' };
        let mut source = ReaderBuilder::new().delimiter(delimiter).from_reader(source);
        let names: Vec<String> =
            source.headers().map_err(|error| error.to_string())?.iter().map(str::to_owned).collect();
        let at = names.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect();
        Ok(Rows { source, columns: Columns { names, at, has_decimal_commas }, record: StringRecord::new() })
    }

    /// Names of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns.names
    }

    /// The next row.
    ///
    /// # Errors
    /// What is wrong with the table, in words.
    pub fn advance(&mut self) -> Result<Option<Row<'_>>, String> {
        match self.source.read_record(&mut self.record) {
            Ok(true) => Ok(Some(Row { columns: &self.columns, record: &self.record })),
            Ok(false) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A whole table.
#[derive(Clone, Debug, Default)]
pub struct Table {
    columns: Columns,
    records: Vec<StringRecord>,
}

impl Table {
    /// Reads all rows.
    ///
    /// # Errors
    /// What is wrong with the table, in words.
    pub fn read(source: impl Read) -> Result<Table, String> {
        let mut rows = Rows::open(source)?;
        let mut records = Vec::new();
        while let Some(row) = rows.advance()? {
            records.push(row.record.clone());
        }
        Ok(Table { columns: rows.columns, records })
    }

    /// Names of the columns, in order.
    pub fn columns(&self) -> &[String] {
        &self.columns.names
    }

    /// All rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        self.records.iter().map(|record| Row { columns: &self.columns, record })
    }
}

/// One row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'t> {
    columns: &'t Columns,
    record: &'t StringRecord,
}

impl<'t> Row<'t> {
    /// A cell as text, without the guard against formulas; empty if the table has no such column.
    pub fn text(&self, column: &str) -> &'t str {
        let cell = self.columns.at.get(column).and_then(|&at| self.record.get(at)).unwrap_or_default();
        match cell.strip_prefix('\'') {
            Some(text) if is_guarded(text) => text,
            _ => cell,
        }
    }

    /// A cell as a number, if it holds one.
    pub fn number(&self, column: &str) -> Option<f64> {
        let value: f64 = self.decimal(column).parse().ok()?;
        value.is_finite().then_some(value)
    }

    /// A cell with a number as it is written, with a decimal point.
    pub fn decimal(&self, column: &str) -> Cow<'t, str> {
        match self.columns.has_decimal_commas {
            true => Cow::Owned(self.text(column).replace(',', ".")),
            false => Cow::Borrowed(self.text(column)),
        }
    }

    /// A cell as a year, if it holds a whole number.
    pub fn year(&self, column: &str) -> Option<i32> {
        self.text(column).parse().ok()
    }
}

/// Columns of results that hold text, also where it looks like a number, as the product `0603` does. All others but
/// `period` hold numbers.
#[cfg(any(feature = "xlsx", feature = "parquet"))]
pub(super) fn holds_text(column: &str) -> bool {
    const TEXT: [&str; 24] = [
        "scenario",
        "base",
        "measure",
        "from",
        "to",
        "product",
        "unit",
        "status",
        "title",
        "period_start",
        "period_end",
        "prices",
        "metric",
        "as_of",
        "statistic",
        "target",
        "direction",
        "driver",
        "kind",
        "state",
        "input",
        "requested",
        "part",
        "reporter",
    ];
    TEXT.contains(&column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_dialects_read_the_same() {
        let plain = "measure,p50,product\nx,-1.5,'=1+1\ny,,'tis\n";
        let us = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
        let eu = format!("\u{feff}{}", plain.replace(',', ";").replace("1.5", "1,5").replace('\n', "\r\n"));
        for text in [plain, &us, &eu] {
            let table = Table::read(text.as_bytes()).unwrap();
            assert_eq!(table.columns(), ["measure", "p50", "product"], "{text}");
            let cells: Vec<_> =
                table.rows().map(|it| (it.text("measure"), it.number("p50"), it.text("product"))).collect();
            assert_eq!(cells, [("x", Some(-1.5), "=1+1"), ("y", None, "'tis")], "{text}");
        }
        let table = Table::read(plain.as_bytes()).unwrap();
        assert_eq!(table.rows().next().unwrap().text("no such column"), "");
    }

    #[test]
    fn a_damaged_table_is_refused() {
        assert!(Table::read("a,b\n1\n".as_bytes()).unwrap_err().contains("record"));
    }
}
