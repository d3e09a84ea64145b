//! What can be said of finished results, and of many runs of a scenario.

mod finished;
mod sensitivity;
pub mod sobol;
mod unpaired;

pub use finished::Finished;
pub use sensitivity::{CellSensitivity, InputSensitivity, Sensitivity, samples, sensitivity};
pub use unpaired::{FIGURES, Figures, Unpaired, UnpairedRow, unpaired};
