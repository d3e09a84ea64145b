//! A sheet with one table.

use rust_xlsxwriter::{Format, Table, TableColumn, TableStyle, Worksheet, XlsxError};

use super::Shortened;
use super::grid::{Cell, Column, Grid, Kind, Line, lines_above};
use super::style::Styles;

/// What a sheet holds in any of the programs that open it.
pub const ROWS: usize = 1 << 20;
/// The row of the header; above it stands what the table is.
pub const HEADER: u32 = 3;

/// The sheet, and how much of the table is not on it, if it is longer than `rows` allow.
pub fn sheet(
    grid: &Grid<'_>,
    book: &str,
    rows: usize,
    styles: &Styles,
) -> Result<(Worksheet, Option<Shortened>), XlsxError> {
    let kept = grid.rows.len().min(rows - 1 - HEADER as usize);
    let mut sheet = Worksheet::new();
    sheet.set_name(grid.name)?;
    write_lines_above(&mut sheet, grid, book, kept, styles)?;
    for (at, line) in grid.rows[..kept].iter().enumerate() {
        write_line(&mut sheet, HEADER + 1 + at as u32, line, &grid.columns, styles)?;
    }
    add_table(&mut sheet, grid, kept, styles)?;
    for (at, column) in grid.columns.iter().enumerate() {
        sheet.set_column_width(at as u16, width(grid, at, column))?;
    }
    sheet.set_freeze_panes(HEADER + 1, grid.frozen as u16)?;
    set_page(&mut sheet)?;
    sheet.set_repeat_rows(HEADER, HEADER)?;
    sheet.set_print_area(0, 0, HEADER + kept.max(1) as u32, grid.printed as u16 - 1)?;
    let shortened = Shortened { sheet: grid.name, rows: grid.rows.len(), kept };
    Ok((sheet, (kept < grid.rows.len()).then_some(shortened)))
}

/// Landscape A4, as wide as the paper, with its name and number on each page.
pub fn set_page(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    const A4: u8 = 9;
    sheet.set_landscape().set_paper_size(A4).set_print_fit_to_pages(1, 0);
    sheet.set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3);
    sheet.set_footer("&L&A&C&F&R&P / &N");
    Ok(())
}

fn write_lines_above(
    sheet: &mut Worksheet,
    grid: &Grid<'_>,
    book: &str,
    kept: usize,
    styles: &Styles,
) -> Result<(), XlsxError> {
    let [title, mut about, caveat] = lines_above(grid, book);
    if kept < grid.rows.len() {
        about = format!(
            "The first {kept} of {} rows: a sheet holds no more. {} has all. {about}",
            grid.rows.len(),
            grid.file
        );
    }
    sheet.write_with_format(0, 0, title, &styles.heading)?;
    sheet.write(1, 0, about)?;
    sheet.write_with_format(2, 0, caveat, &styles.note)?;
    Ok(())
}

fn write_line(
    sheet: &mut Worksheet,
    row: u32,
    line: &Line<'_>,
    columns: &[Column],
    styles: &Styles,
) -> Result<(), XlsxError> {
    for (at, (cell, column)) in line.cells.iter().zip(columns).enumerate() {
        match *cell {
            Cell::Empty => continue,
            Cell::Text(text) => sheet.write_string_with_format(row, at as u16, text, &styles.text)?,
            Cell::Number(value) => {
                sheet.write_number_with_format(row, at as u16, value, format(column.kind, line, styles))?
            }
        };
    }
    Ok(())
}

fn format<'s>(kind: Kind, line: &Line<'_>, styles: &'s Styles) -> &'s Format {
    match kind {
        Kind::Text => &styles.text,
        Kind::Whole => &styles.whole,
        Kind::Share => &styles.share,
        Kind::FineShare => &styles.share_error,
        Kind::Value => styles.grouped(line.decimals),
        Kind::Input => styles.plain(line.decimals),
        Kind::Own => &styles.own,
        Kind::Difference => styles.signed(line.decimals),
        Kind::Error => styles.grouped(line.error_decimals),
        Kind::Ratio => styles.grouped(3),
        Kind::LogPoints => styles.signed(4),
        Kind::LogPointsError => styles.grouped(5),
    }
}

/// A named table has at least one row below its header, if need be an empty one.
fn add_table(sheet: &mut Worksheet, grid: &Grid<'_>, kept: usize, styles: &Styles) -> Result<(), XlsxError> {
    let columns: Vec<TableColumn> = grid
        .columns
        .iter()
        .map(|column| {
            let is_left = matches!(column.kind, Kind::Text | Kind::Whole);
            let format = if is_left { &styles.header } else { &styles.header_right };
            TableColumn::new().set_header(&column.name).set_header_format(format)
        })
        .collect();
    let table =
        Table::new().set_name(grid.table).set_columns(&columns).set_style(TableStyle::Light1).set_alt_text(grid.about);
    let last = HEADER + kept.max(1) as u32;
    sheet.add_table(HEADER, 0, last, grid.columns.len() as u16 - 1, &table)?;
    Ok(())
}

/// In characters. The first rows stand for all: there may be a million.
fn width(grid: &Grid<'_>, at: usize, column: &Column) -> f64 {
    const LOOKED_AT: usize = 2000;
    // The button of the filter takes three.
    let header = column.name.chars().count() + 3;
    let rows = grid.rows.iter().take(LOOKED_AT);
    let (widest, most) = match column.kind {
        Kind::Text => (rows.map(|line| text_width(line.cells[at])).max().unwrap_or(0) + 1, 34),
        _ => (9, 20),
    };
    widest.max(header).min(most.max(header)) as f64
}

fn text_width(cell: Cell<'_>) -> usize {
    match cell {
        Cell::Text(text) => text.chars().count(),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(rows: usize) -> Grid<'static> {
        let line = |at: usize| Line { cells: vec![Cell::Number(at as f64)], decimals: 0, error_decimals: 0 };
        Grid {
            name: "Projection",
            table: "Projection",
            about: "About.",
            file: "projection.csv",
            columns: vec![Column { name: "mean".into(), kind: Kind::Value }],
            rows: (0..rows).map(line).collect(),
            frozen: 1,
            printed: 1,
        }
    }

    #[test]
    fn a_table_that_is_too_long_is_cut_and_that_is_told() {
        let shortened = |rows: usize| sheet(&grid(rows), "book", 10, &Styles::new()).unwrap().1;
        assert_eq!(shortened(6), None);
        assert_eq!(shortened(7), Some(Shortened { sheet: "Projection", rows: 7, kept: 6 }));
        assert_eq!(shortened(0), None);
    }
}
