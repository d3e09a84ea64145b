//! What was typed about a simulation, understood.

use std::path::PathBuf;

use tradewinds::report::Dialect;
use tradewinds::simulate::RunOptions;

use super::args::CommonArgs;
use super::memory;
use super::publish;

/// How to simulate, and where to write.
pub struct Settings {
    pub options: RunOptions,
    pub dialect: Dialect,
    pub out: PathBuf,
    pub quiet: bool,
}

impl Settings {
    /// What the arguments mean. Growth is left to whoever knows of it.
    pub fn new(args: &CommonArgs, trials: u64) -> Settings {
        Settings {
            options: RunOptions {
                trials,
                seed: args.seed,
                threads: args.threads,
                memory_limit: memory::available(),
                ..RunOptions::default()
            },
            dialect: publish::dialect(args.excel),
            out: args.out.clone(),
            quiet: args.quiet,
        }
    }
}
