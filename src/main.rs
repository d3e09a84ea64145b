//! The program: reads scenario files, runs them, writes their projections.
#![forbid(unsafe_code)]

mod cli;

use std::process::ExitCode;

use clap::Parser;

use cli::args::{Args, Command};

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Run(args) => cli::run::run(&args),
        Command::Merge(args) => cli::merge::merge(&args),
        Command::Compare(args) => cli::compare::compare(&args),
        Command::Condition(args) => cli::condition::condition(&args),
        Command::Report(args) => cli::report::report(&args),
        Command::Plot(args) => cli::plot::plot(&args),
        Command::Check(args) => cli::check::check(&args),
        Command::Schema => cli::schema::schema(),
        Command::New(args) => cli::new::new(&args),
        Command::Completions { shell } => cli::manual::completions(shell),
        Command::Fit(args) => cli::fit::fit(&args),
        Command::Backtest(args) => cli::backtest::backtest(&args),
        Command::History(args) => cli::history::history(&args),
        Command::Explain(args) => cli::explain::explain(&args),
        Command::Man { command } => cli::manual::man(command.as_deref()),
        Command::Bench(args) => cli::bench::bench(&args),
        Command::Export(args) => cli::export::export(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
