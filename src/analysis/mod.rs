//! What can be said of finished results.

mod finished;
mod unpaired;

pub use finished::Finished;
pub use unpaired::{FIGURES, Figures, Unpaired, UnpairedRow, unpaired};
