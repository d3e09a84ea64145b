//! Arguments and subcommands: the only place that opens files, prints or exits.

pub mod args;
pub mod run;
pub mod compare;
pub mod check;
pub mod schema;
pub mod new;
pub mod manual;

mod failure;
mod terminal;
mod batch;
mod folder;
mod interrupt;
mod memory;
mod progress;
mod settings;
mod summary;
mod contrast;
mod finished;
