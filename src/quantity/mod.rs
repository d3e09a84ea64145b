//! Laws of uncertain numbers: their inverses, moments and supports.

/// A law with its modifiers, ready to be drawn from.
#[derive(Clone, Debug)]
pub struct Law {
    spec: LawSpec,
}

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

impl Law {
    /// Checks a specification and prepares its inverse.
    ///
    /// # Errors
    /// If the parameters do not describe a law.
    pub fn new(spec: LawSpec) -> Result<Law, LawError> {
        Ok(Law { spec })
    }

    /// The value at probability `u` in (0, 1): the smallest x with `P(X <= x) >= u`.
    pub fn quantile(&self, u: f64) -> f64 {
        let _ = &self.spec;
        u
    }

    /// Replaces uniforms in (0, 1) by draws; the same values as [`Law::quantile`], faster.
    pub fn fill(&self, uniforms: &mut [f64]) {
        for u in uniforms {
            *u = self.quantile(*u);
        }
    }

    /// The mean, if there is one.
    pub fn mean(&self) -> Option<f64> {
        None
    }

    /// The standard deviation, if there is one.
    pub fn sd(&self) -> Option<f64> {
        None
    }

    /// The smallest closed interval that holds all draws.
    pub fn support(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    /// The one value it takes, if there is but one.
    pub fn constant(&self) -> Option<f64> {
        None
    }

    /// Whether the mean of `exp(X)` is infinite.
    pub fn exp_mean_is_infinite(&self) -> bool {
        false
    }
}

/// Stand-in until the laws are merged.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}
