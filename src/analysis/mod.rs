//! What can be said of finished results, of many runs of a scenario, and what observed trade says.

pub mod fit;
pub mod backtest;

mod finished;
mod sensitivity;
pub mod sobol;
mod unpaired;

pub use finished::Finished;
pub use sensitivity::{CellSensitivity, InputSensitivity, Sensitivity, samples, sensitivity};
pub use unpaired::{FIGURES, Figures, Unpaired, UnpairedRow, unpaired};
