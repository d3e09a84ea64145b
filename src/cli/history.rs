//! `tradewinds history`.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use tradewinds::diagnostic::{Severity, Sources, render};
use tradewinds::history::{self, History, Layout, Products, Unit, Valuation};
use tradewinds::report::{self, Dialect};

use super::args::{HistoryArgs, ProductsWord, ValuationWord};
use super::failure::Failure;
use super::glance;
use super::observed;
use super::terminal;

/// What `-` is called.
const STDIN: &str = "stdin";

/// Bytes from which on progress is shown: about a second's work.
const LONG: u64 = 100 << 20;

pub fn history(args: &HistoryArgs) -> Result<(), Failure> {
    if args.file.extension() == Some(OsStr::new("toml")) {
        return observed::show(args);
    }
    let layout = layout(args)?;
    let history = read(&args.file, &layout)?;
    if history.series.is_empty() {
        return Err(Failure::Input(format!(
            "`{}` holds no trade that was asked for\n  = hint: {}",
            args.file.display(),
            glance::left_out(&history).unwrap_or_else(|| "it has a header and no rows".to_owned())
        )));
    }
    if args.csv {
        return print(|out| report::history(&history, Dialect::Plain, out));
    }
    if args.json {
        return print(|out| report::history_summary(&history, out));
    }
    terminal::print(glance::text(&history, &name(&args.file), args.all).as_bytes())
}

/// What the arguments say of the table.
fn layout(args: &HistoryArgs) -> Result<Layout, Failure> {
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
    if args.from.is_some() || args.to.is_some() {
        layout.flows.push((args.from.clone(), args.to.clone()));
    }
    Ok(layout)
}

fn read(path: &Path, layout: &Layout) -> Result<History, Failure> {
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

fn name(path: &Path) -> String {
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

/// Prints what is written. A reader that has seen enough, such as `head`, is no failure.
fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::Failed(format!("cannot print: {error}")))
        }
        _ => Ok(()),
    }
}
