//! Arguments and subcommands: the only place that opens files, prints or exits.

pub mod args;
pub mod run;
pub mod merge;
pub mod compare;
pub mod condition;
pub mod check;
pub mod history;
pub mod schema;
pub mod new;
pub mod manual;
pub mod backtest;
pub mod fit;

mod failure;
mod terminal;
mod batch;
mod folder;
mod checkpoint;
mod drive;
mod interrupt;
mod memory;
mod progress;
mod publish;
mod settings;
mod summary;
mod contrast;
mod learning;
mod finished;
mod table;
mod glance;
mod observed;
