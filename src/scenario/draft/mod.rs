//! What an author wrote, typed but possibly wrong.
//!
//! Each table of the format is declared once, by `table!`. The declaration yields the struct, its reader, which
//! collects every fault, and its JSON Schema with the keys' descriptions.

#[macro_use]
mod table;
#[macro_use]
mod value;
mod quantity;
mod top;
mod noise;
mod history;
mod driver;
mod intervention;
mod blocks;

pub(crate) use blocks::*;
pub(crate) use driver::*;
pub(crate) use history::{History, Reporter, Selection, ValuationWord};
pub(crate) use intervention::*;
pub(crate) use noise::*;
pub(crate) use quantity::*;
pub(crate) use table::*;
pub(crate) use top::*;
pub(crate) use value::*;
