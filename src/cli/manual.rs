//! `tradewinds completions` and `tradewinds man`: made from the definitions of the arguments.

use clap::CommandFactory;
use clap_complete::Shell;

use super::args::Args;
use super::failure::Failure;
use super::terminal;

pub fn completions(shell: Shell) -> Result<(), Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "tradewinds", &mut text);
    terminal::print(&text)
}

pub fn man(subcommand: Option<&str>) -> Result<(), Failure> {
    let mut program = Args::command();
    program.build();
    let command = match subcommand {
        None => program,
        Some(name) => program.find_subcommand(name).cloned().ok_or_else(|| {
            Failure::Input(format!("there is no subcommand `{name}`\n  = hint: tradewinds help lists them"))
        })?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut text)
        .map_err(|error| Failure::Failed(format!("cannot make the manual page: {error}")))?;
    terminal::print(&text)
}
