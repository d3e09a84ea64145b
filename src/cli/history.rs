//! `tradewinds history`.

use std::ffi::OsStr;
use std::io::{self, BufWriter, Write};

use tradewinds::report::{self, Dialect};

use super::args::HistoryArgs;
use super::failure::Failure;
use super::glance;
use super::observed;
use super::table;
use super::terminal;

pub fn history(args: &HistoryArgs) -> Result<(), Failure> {
    if args.file.extension() == Some(OsStr::new("toml")) {
        return observed::show(args);
    }
    let mut layout = table::layout(&args.table)?;
    if args.from.is_some() || args.to.is_some() {
        layout.flows.push((args.from.clone(), args.to.clone()));
    }
    let history = table::read(&args.file, &layout)?;
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
    terminal::print(glance::text(&history, &table::name(&args.file), args.all).as_bytes())
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
