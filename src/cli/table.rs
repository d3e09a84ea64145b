//! Tables of observed trade.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use tradewinds::diagnostic::{Severity, Sources, render};
use tradewinds::history::{self, History, Layout, Products, Unit, Valuation};

use super::args::{ProductsWord, TableArgs, ValuationWord};
use super::failure::Failure;
use super::terminal;

/// What `-` is called.
const STDIN: &str = "stdin";

/// Bytes from which on progress is shown: about a second's work.
const LONG: u64 = 100 << 20;

/// What the arguments say of the table.
pub fn layout(args: &TableArgs) -> Result<Layout, Failure> {
    let columns = args.columns.as_deref().unwrap_or_default();
    let mut layout: Layout = columns.parse().map_err(|error| Failure::Input(format!("--columns: {error}")))?;
    if let Some(words) = &args.unit {
        layout.unit = Some(Unit::named(words).ok_or_else(|| {
            Failure::Input(format!(
                "--unit: `{words}` is no unit that is known\n  = hint: a multiple of a currency, such as \"USD million\", \
                 \"thousand USD\" or \"EUR\""
            ))
        })?);
    }
    layout.valuation = args.valuation.map(|word| match word {
        ValuationWord::Fob => Valuation::Fob,
        ValuationWord::Cif => Valuation::Cif,
    });
    layout.products = match args.products {
        ProductsWord::Sum => Products::Sum,
        ProductsWord::Each => Products::Each,
    };
    layout.groups = args.groups;
    Ok(layout)
}

/// Reads a table; its faults are told.
pub fn read(path: &Path, layout: &Layout) -> Result<History, Failure> {
    let mut sources = Sources::default();
    let name = name(path);
    let reading = if path == Path::new("-") {
        history::read_named(&name, io::stdin().lock(), layout, &mut sources)
    } else {
        let cannot = |error: io::Error| Failure::Input(format!("cannot read `{}`: {error}", path.display()));
        let file = File::open(path).map_err(cannot)?;
        let length = file.metadata().map_err(cannot)?.len();
        history::read_named(&name, with_progress(file, length), layout, &mut sources)
    };
    terminal::note(&render(&reading.diagnostics, &sources, terminal::color()));
    match reading.diagnostics.iter().filter(|fault| fault.severity == Severity::Error).count() {
        0 => Ok(reading.history),
        _ => Err(Failure::Input(format!("`{}` cannot be taken as it is", path.display()))),
    }
}

/// What a table is called.
pub fn name(path: &Path) -> String {
    if path == Path::new("-") { STDIN.to_owned() } else { path.display().to_string() }
}

/// Shows how much of a long file is read, if stderr is a terminal.
fn with_progress(file: File, length: u64) -> Box<dyn Read> {
    if length < LONG {
        return Box::new(file);
    }
    let style = ProgressStyle::with_template("{bar:40} {percent:>3} %  {bytes} of {total_bytes}, {eta} left")
        .expect("the template is sound")
        .progress_chars("=> ");
    let bar = ProgressBar::new(length).with_style(style).with_finish(indicatif::ProgressFinish::AndClear);
    Box::new(bar.wrap_read(file))
}
