//! What can be said of finished results.

mod finished;
mod sensitivity;
pub mod sobol;
mod unpaired;

pub use finished::Finished;
pub use sensitivity::{CellSensitivity, InputSensitivity, Sensitivity, samples, sensitivity};
pub use unpaired::{FIGURES, Figures, Unpaired, UnpairedRow, unpaired};
