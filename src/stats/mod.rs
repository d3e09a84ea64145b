//! Accumulators that can be merged: moments, and a histogram from which quantiles are read.
//!
//! Values stream in a block of trials at a time and are not kept, so memory does not grow with the number of
//! trials. What is merged does not depend on how the blocks were spread over threads: counts are whole numbers,
//! and sums are added along a tree whose shape depends on the number of blocks alone.

mod histogram;
mod moments;
mod octave;
mod survey;
mod tally;
mod tree;
mod window;

pub use histogram::{Awaiting, Histogram, Kind, NOTHING_SOON};
pub use moments::Moments;
pub use survey::{Survey, Value};
pub use tally::{Edges, Tally};
pub use tree::{Merge, Tree};

/// Tells the processor that elements will be read or written soon: it fetches them into its caches while it goes on.
/// Nothing else changes.
#[inline]
fn fetch<T>(all: &[T], range: std::ops::Range<usize>) {
    range.step_by(LINE / size_of::<T>()).for_each(|index| fetch_line(all, index));
}

/// The same for the elements that are fetched together with one.
#[inline(always)]
fn fetch_line<T>(all: &[T], index: usize) {
    prefetch_index::prefetch_index(all, index);
}

/// Bytes that are fetched from memory at once.
const LINE: usize = 64;
