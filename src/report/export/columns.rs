//! Tables by column: Apache Parquet.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use crate::report::read::{Row, Rows, holds_text};

use super::Open;

/// Rows that are held before they are written.
const GROUP: usize = 1 << 17;

/// What a column holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Whole,
    Number,
}

impl Kind {
    fn of(column: &str) -> Kind {
        match column {
            "year" | "trial" | "by" | "in" => Kind::Whole,
            "period" => Kind::Text,
            name if holds_text(name) => Kind::Text,
            _ => Kind::Number,
        }
    }
}

/// The cells of one column that wait to be written; what is empty is null.
enum Cells {
    Text(Vec<Option<ByteArray>>),
    Whole(Vec<Option<i64>>),
    Number(Vec<Option<f64>>),
}

impl Cells {
    fn new(kind: Kind) -> Cells {
        match kind {
            Kind::Text => Cells::Text(Vec::new()),
            Kind::Whole => Cells::Whole(Vec::new()),
            Kind::Number => Cells::Number(Vec::new()),
        }
    }

    fn push(&mut self, row: &Row<'_>, column: &str) {
        let text = row.text(column);
        match self {
            Cells::Text(cells) => cells.push((!text.is_empty()).then(|| ByteArray::from(text))),
            Cells::Whole(cells) => cells.push(text.parse().ok()),
            Cells::Number(cells) => cells.push(row.number(column)),
        }
    }

    fn write(&mut self, group: &mut SerializedRowGroupWriter<'_, &mut (dyn Write + Send)>) -> Result<(), ParquetError> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        match self {
            Cells::Text(cells) => {
                let (values, there) = split(cells);
                column.typed::<ByteArrayType>().write_batch(&values, Some(&there), None)?;
            }
            Cells::Whole(cells) => {
                let (values, there) = split(cells);
                column.typed::<Int64Type>().write_batch(&values, Some(&there), None)?;
            }
            Cells::Number(cells) => {
                let (values, there) = split(cells);
                column.typed::<DoubleType>().write_batch(&values, Some(&there), None)?;
            }
        }
        column.close()
    }
}

/// Takes the cells: the values that are there, and for each cell whether it is.
fn split<T>(cells: &mut Vec<Option<T>>) -> (Vec<T>, Vec<i16>) {
    let there = cells.iter().map(|cell| i16::from(cell.is_some())).collect();
    (std::mem::take(cells).into_iter().flatten().collect(), there)
}

/// Writes the rows of tables with the same columns beneath each other.
///
/// # Errors
/// If `out` cannot be written to, a table not read, or the tables differ in their columns.
pub fn parquet(tables: &[&Open<'_>], out: &mut (dyn Write + Send)) -> io::Result<()> {
    let [first, ..] = tables else { return Ok(()) };
    let names = Rows::open(first()?).map_err(io::Error::other)?.columns().to_vec();
    let schema = schema(&names).map_err(io::Error::other)?;
    let mut file = SerializedFileWriter::new(out, schema, Arc::new(WriterProperties::builder().build()))
        .map_err(io::Error::other)?;
    let fresh = || -> Vec<Cells> { names.iter().map(|name| Cells::new(Kind::of(name))).collect() };
    let mut waiting = fresh();
    let mut held = 0;
    for open in tables {
        let mut rows = Rows::open(open()?).map_err(io::Error::other)?;
        if rows.columns() != names {
            return Err(io::Error::other("the runs have different columns: run them with one version of the program"));
        }
        while let Some(row) = rows.advance().map_err(io::Error::other)? {
            for (cells, name) in waiting.iter_mut().zip(&names) {
                cells.push(&row, name);
            }
            held += 1;
            if held == GROUP {
                flush(&mut file, &mut waiting).map_err(io::Error::other)?;
                held = 0;
            }
        }
    }
    flush(&mut file, &mut waiting).map_err(io::Error::other)?;
    file.close().map_err(io::Error::other)?;
    Ok(())
}

fn flush(file: &mut SerializedFileWriter<&mut (dyn Write + Send)>, waiting: &mut [Cells]) -> Result<(), ParquetError> {
    let mut group = file.next_row_group()?;
    for cells in waiting {
        cells.write(&mut group)?;
    }
    group.close()?;
    Ok(())
}

fn schema(names: &[String]) -> Result<TypePtr, ParquetError> {
    let fields = names.iter().map(|name| {
        let (physical, logical) = match Kind::of(name) {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Whole => (Physical::INT64, None),
            Kind::Number => (Physical::DOUBLE, None),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()?;
        Ok(Arc::new(field))
    });
    let fields = fields.collect::<Result<Vec<_>, ParquetError>>()?;
    Ok(Arc::new(Type::group_type_builder("schema").with_fields(fields).build()?))
}
