//! Results as a workbook: one scenario, or a family with what sets its scenarios apart.
//!
//! Every figure on its sheets is a cell of the CSV files. What the charts are drawn from is laid open on a sheet of
//! its own.

use std::io::{self, Write};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::finished::FinishedRun;
use super::read::Table;

mod style;
mod names;
mod grid;
mod sheet;
mod outline;
mod readme;
mod fan;
mod worth;
mod parts;
mod summary;

use grid::Grid;
use names::Names;
use style::Styles;

/// On every sheet, as tables are copied out of their context.
const CAVEAT: &str = "Percentiles do not add up: the p95 of a sum is not the sum of the p95s. The edge of a band is \
                      not a path: no single future runs along it.";

/// What a workbook is made of.
#[derive(Clone, Copy, Debug)]
pub struct Book<'a> {
    /// What it is about: the title of a scenario or the name of a family.
    pub name: &'a str,
    /// At least one; of several, in the order of their sheets' rows.
    pub runs: &'a [FinishedRun],
    /// A `comparison.csv` of scenarios of this family.
    pub comparison: Option<&'a Table>,
}

/// A sheet that cannot hold its table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortened {
    /// Its name.
    pub sheet: &'static str,
    /// Rows of the table.
    pub rows: usize,
    /// Those that are on the sheet: the first ones.
    pub kept: usize,
}

/// Writes the workbook. The same results give the same bytes. Gives the sheets that do not hold all of their table.
///
/// # Errors
/// If `out` cannot be written to.
pub fn workbook(book: &Book<'_>, out: &mut dyn Write) -> io::Result<Vec<Shortened>> {
    let (bytes, shortened) = assemble(book).map_err(io::Error::other)?;
    out.write_all(&bytes)?;
    Ok(shortened)
}

fn assemble(book: &Book<'_>) -> Result<(Vec<u8>, Vec<Shortened>), XlsxError> {
    let styles = Styles::new();
    let names = Names::of(book.runs);
    let grids: Vec<Grid<'_>> = grid::all(book, &names);
    let mut fans = fan::Data::new(&styles)?;
    let summary = summary::sheet(book, &names, &styles, &mut fans)?;
    let mut file = Workbook::new();
    file.set_properties(&properties(book)?);
    file.push_worksheet(readme::sheet(book, &grids, &styles)?);
    file.push_worksheet(summary);
    let mut shortened = Vec::new();
    for grid in &grids {
        let (sheet, left_out) = sheet::sheet(grid, book.name, sheet::ROWS, &styles)?;
        file.push_worksheet(sheet);
        shortened.extend(left_out);
    }
    file.push_worksheet(fans.finish()?);
    Ok((file.save_to_buffer()?, shortened))
}

/// The date of a workbook is that of its information: the day it was written would give every copy other bytes.
fn properties(book: &Book<'_>) -> Result<DocProperties, XlsxError> {
    let latest = book.runs.iter().filter_map(|run| run.head.as_of.as_deref()).max();
    let date = latest.and_then(|day| ExcelDateTime::parse_from_str(day).ok());
    let date = date.map_or_else(|| ExcelDateTime::from_ymd(2000, 1, 1), Ok)?;
    Ok(DocProperties::new()
        .set_title(book.name)
        .set_subject("A projection of trade by Monte Carlo")
        .set_author(concat!("tradewinds ", env!("CARGO_PKG_VERSION")))
        .set_creation_datetime(&date))
}
