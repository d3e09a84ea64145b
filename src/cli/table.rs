//! Tables of observed trade.

use std::fs::File;
use std::path::Path;

use tradewinds::history::{self, History};

use super::failure::Failure;

/// Reads a table whose layout is found in its header.
pub fn read(path: &Path) -> Result<History, Failure> {
    let file = File::open(path).map_err(|error| {
        Failure::Input(format!(
            "cannot open `{}`: {error}\n  = hint: name a CSV file of observed trade, with columns from,to,year,value",
            path.display()
        ))
    })?;
    history::read(file, None).map_err(|error| Failure::Input(format!("`{}`: {error}", path.display())))
}
