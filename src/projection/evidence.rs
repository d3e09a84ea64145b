//! What conditioning on observed history learned.

use super::{Estimate, Paths, Projection, Summary};

/// A projection whose trials are weighted by how well their past fits what was observed.
#[derive(Clone, Debug)]
pub struct Conditioned {
    /// The posterior. Its `trials` are those drawn; its standard errors are those of as many as they are worth.
    pub projection: Projection,
    /// How it came about.
    pub evidence: Evidence,
    /// Joint paths of trials spread evenly over those gathered, if they were asked for.
    pub paths: Option<Paths>,
}

/// How much the observations said, and how well the trials could follow them.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Observations that were used.
    pub used: usize,
    /// Observations that were not: zeros, and years that are not simulated.
    pub unused: usize,
    /// `(sum w)^2 / sum w^2` of the trials' weights (Kish 1965).
    pub effective_sample_size: f64,
    /// Independent trials that the gathered ones are worth: below the effective sample size, as each came a whole
    /// number of times. Standard errors are those of so many.
    pub worth: f64,
    /// What log weights were multiplied by: 1 unless they were tempered.
    pub exponent: f64,
    /// Effective sample size without tempering.
    pub untempered_sample_size: f64,
    /// Log of the density of the logs of all used observations under the scenario, inputs and paths integrated out.
    pub log_marginal_likelihood: Estimate,
    /// Each used observation and what the trials make of it.
    pub fits: Vec<Fit>,
}

/// An observation, and what its reporter would have said in the trials, his error included.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The flow or measure that was observed.
    pub series: String,
    /// Whose statistics it is from; empty if unknown.
    pub reporter: String,
    /// Calendar year.
    pub year: i32,
    /// What was reported.
    pub observed: f64,
    /// What would have been, before anything is learned: of the first [`DETAIL_TRIALS`](super::DETAIL_TRIALS) trials.
    pub prior: Summary,
    /// Share of those below what was observed. Near 0 or 1 the priors hardly reach the observation.
    pub prior_below: f64,
    /// What would be, had the same years to be reported again.
    pub posterior: Summary,
}
