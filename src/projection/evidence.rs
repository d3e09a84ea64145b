//! What conditioning on observed history learned.

use super::{Estimate, Projection};

/// A projection whose trials are weighted by how well their past fits what was observed.
#[derive(Clone, Debug)]
pub struct Conditioned {
    /// The posterior. Its `trials` are those drawn; its standard errors are those of as many as they are worth.
    pub projection: Projection,
    /// How it came about.
    pub evidence: Evidence,
}

/// How much the observations said, and how well the trials could follow them.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Observations that were used.
    pub used: usize,
    /// Observations that were not: zeros, and years before the base year or after the last projected one.
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
}
