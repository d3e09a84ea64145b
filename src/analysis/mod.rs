//! What can be said of finished results, and what observed trade says.

pub mod fit;
pub mod backtest;

mod finished;
mod unpaired;

pub use finished::Finished;
pub use unpaired::{FIGURES, Figures, Unpaired, UnpairedRow, unpaired};
