//! What was typed about a simulation, understood.

use std::path::PathBuf;

use tradewinds::report::Dialect;
use tradewinds::simulate::RunOptions;

use super::args::{CommonArgs, Locale};
use super::memory;

/// How to simulate, and where to write.
pub struct Settings {
    pub options: RunOptions,
    pub dialect: Dialect,
    pub out: PathBuf,
    pub quiet: bool,
}

impl Settings {
    /// What the arguments mean. Growth is left to whoever knows of it.
    pub fn new(args: &CommonArgs) -> Settings {
        Settings {
            options: RunOptions {
                trials: args.trials,
                seed: args.seed,
                threads: args.threads,
                memory_limit: memory::available(),
                ..RunOptions::default()
            },
            dialect: match args.excel {
                None => Dialect::Plain,
                Some(Locale::Us) => Dialect::Excel,
                Some(Locale::Eu) => Dialect::ExcelEu,
            },
            out: args.out.clone(),
            quiet: args.quiet,
        }
    }
}
