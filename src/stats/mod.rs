//! Accumulators that can be merged: moments, and a histogram from which quantiles are read.
//!
//! Values stream in a block of trials at a time and are not kept, so memory does not grow with the number of
//! trials. What is merged does not depend on how the blocks were spread over threads: counts are whole numbers,
//! and sums are added along a tree whose shape depends on the number of blocks alone.

mod bin;
mod histogram;
mod histograms;
mod moments;
mod octave;
mod octave_sum;
mod shared;
mod store;
mod survey;
mod tally;
mod tray;
mod tree;
mod window;

pub use histogram::Kind;
pub use histograms::Histograms;
pub use moments::Moments;
pub use survey::{Signs, Survey, Value};
pub use tally::{Edges, Tally};
pub use tree::{Merge, Tree};
