//! Laws of uncertain numbers: their inverses, moments and supports.
//!
//! A [`LawSpec`] says what an author wrote, [`Law::new`] checks it. Every draw takes one uniform through the inverse
//! of the law with all its modifiers, so that a draw keeps its percentile when the law is changed. All functions are
//! computed by the `libm` crate or in plain arithmetic, so that they have the same bits on every machine.

mod law;
mod family;
mod modified;
mod window;
mod moments;
mod continuous;
mod discrete;
mod table;
mod logit_beta;
mod normal;
mod gauss;
mod level;
#[cfg(test)]
mod tests;

pub use law::Law;
pub use normal::{inverse_normal, normal_cdf};

/// A law as asked for. Parameters and percentiles describe the family; then come truncation, negation and
/// the atom at zero, in that order.
#[derive(Clone, Debug, PartialEq)]
pub struct LawSpec {
    /// The family with its parameters.
    pub family: Family,
    /// Truncation from below, for families without bounds of their own.
    pub min: Option<f64>,
    /// Truncation from above, likewise.
    pub max: Option<f64>,
    /// Whether the sign is turned.
    pub negate: bool,
    /// Probability that the draw is exactly 0.
    pub zero: f64,
}

/// Two percentiles of a law: (level in per cent, value), increasing in both.
pub type Percentiles = [(f64, f64); 2];

/// Families of laws and how they may be described.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Family {
    Constant {
        value: f64,
    },
    Normal {
        mean: f64,
        sd: f64,
    },
    NormalPercentiles(Percentiles),
    /// `sigma` is the sd of the log.
    Lognormal {
        median: f64,
        sigma: f64,
    },
    /// Mean and sd of the value itself.
    LognormalMoments {
        mean: f64,
        sd: f64,
    },
    LognormalPercentiles(Percentiles),
    Uniform {
        min: f64,
        max: f64,
    },
    Triangular {
        min: f64,
        mode: f64,
        max: f64,
    },
    Pert {
        min: f64,
        mode: f64,
        max: f64,
        shape: f64,
    },
    Beta {
        alpha: f64,
        beta: f64,
        min: f64,
        max: f64,
    },
    Exponential {
        mean: f64,
        shift: f64,
    },
    /// `sd` is that of the untruncated law; `dof > 2`.
    StudentT {
        dof: f64,
        mean: f64,
        sd: f64,
    },
    Discrete {
        values: Vec<f64>,
        weights: Vec<f64>,
    },
}

/// Why a law cannot be. `key` names the key at fault, `problem` says what is wrong and what would be right, in
/// lower case without a full stop.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct LawError {
    pub key: &'static str,
    pub problem: String,
}
