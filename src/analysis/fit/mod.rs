//! What observed trade says of trend and noise.
//!
//! The model is the engine's, a year a step: the logarithm of a flow is a permanent part, which grows with all flows
//! of the panel and by a trend of its own and takes permanent shocks, and a transitory part, which fades. Shocks are
//! contaminated normal. How strong the noise is differs from flow to flow about a law of their size.

mod panel;
mod observed;
mod population;
mod growth;
mod kalman;
mod filter;
mod mirror;
mod pool;
mod mixture;
mod forecast;
mod estimate;
mod flow;
mod shape;
mod shared;

pub use estimate::Estimate;
pub use filter::{Filtered, State, filter};
pub use flow::{FlowFit, MirrorFit, fit_flow};
pub use growth::Growth;
pub use kalman::Gaussian;
pub use mixture::{Mixture, Part};
pub use observed::Observed;
pub use panel::{Stretch, stretches};
pub use pool::{Pooled, pool};
pub use population::{Cell, GrowthPrior, Population, REFERENCE};
pub use shape::{Shape, fit_shape};
pub use shared::{Correlation, ReporterFit, correlations, reporters};
