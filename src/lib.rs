//! Projects the trade between two countries by Monte Carlo: scenario files in, distributions out.
//!
//! A run is one line of functions: [`scenario::load`] turns files into a checked scenario, [`simulate::run`]
//! turns that into a [`projection::Projection`], and `report` turns that into bytes.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
// A lane index runs through several rows at once.
#![allow(clippy::needless_range_loop)]

// In reading order: a module imports only from those above it.
pub mod diagnostic;
pub mod vector;
pub mod draws;
pub mod stats;
pub mod quantity;
pub mod history;
pub mod scenario;
pub mod plan;
pub mod kernel;
pub mod projection;
pub mod simulate;
pub mod analysis;
pub mod report;
