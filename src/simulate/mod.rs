//! All blocks of trials on all cores, merged so that the bytes do not depend on the split.

use std::fmt;
use std::sync::atomic::AtomicBool;

use crate::projection::{Paths, Projection};
use crate::scenario::Scenario;

/// How much to simulate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// Number of trials, at least 1.
    pub trials: u64,
    /// The seed of all draws; 0 is a seed like any other.
    pub seed: u64,
    /// Number of threads; 0 for one per core.
    pub threads: usize,
    /// Whether growth rates and cumulative amounts are wanted.
    pub growth: bool,
}

impl Default for RunOptions {
    fn default() -> Self {
        RunOptions { trials: 100_000, seed: 1, threads: 0, growth: false }
    }
}

/// How a run is watched and stopped from outside.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Called from any thread with the number of trials just finished.
    pub progress: &'a (dyn Fn(u64) + Sync),
    /// Set to stop the run soon.
    pub stop: &'a AtomicBool,
}

/// Why a run ended without an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum RunError {
    /// It was told to stop.
    Stopped,
    /// A formula left its range.
    OutOfRange {
        /// Number of the trial, from 1.
        trial: u64,
        /// The place in the scenario.
        place: String,
        /// The formula as written there.
        written: String,
        /// The value it took.
        value: f64,
        /// The range, in words.
        range: String,
    },
    /// A flow grew beyond 1e15 or is not a number.
    Overflow {
        /// Number of the trial, from 1.
        trial: u64,
        /// The flow's id.
        flow: String,
        /// The period in which it happened.
        period: String,
        /// The value it took.
        value: f64,
    },
    /// The scenario does not fit in memory.
    TooLarge {
        /// Bytes needed, about.
        needed: u64,
        /// Bytes there are.
        limit: u64,
        /// What makes it so large, in words.
        because: String,
    },
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for RunError {}

/// Simulates a scenario.
///
/// # Errors
/// See [`RunError`].
pub fn run(scenario: &Scenario, options: &RunOptions, watch: Watch<'_>) -> Result<Projection, RunError> {
    let _ = (scenario, options, watch);
    Err(RunError::Stopped)
}

/// The joint paths of trials 1 to `n` of the run that `options` describe.
///
/// # Errors
/// See [`RunError`].
pub fn paths(scenario: &Scenario, options: &RunOptions, n: u64, watch: Watch<'_>) -> Result<Paths, RunError> {
    let _ = (scenario, options, n, watch);
    Err(RunError::Stopped)
}

/// Bytes that a run needs at most, about.
pub fn memory_needed(scenario: &Scenario, options: &RunOptions) -> u64 {
    let _ = (scenario, options);
    0
}
