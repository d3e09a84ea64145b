//! Arguments and subcommands: the only place that opens files, prints or exits.

pub mod args;
pub mod run;
pub mod merge;
pub mod compare;
pub mod condition;
pub mod explain;
pub mod report;
pub mod plot;
pub mod check;
pub mod history;
pub mod schema;
pub mod new;
pub mod manual;
pub mod export;

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
mod workbook;
mod family;
mod settings;
mod summary;
mod contrast;
mod learning;
mod account;
mod finished;
mod glance;
mod observed;
