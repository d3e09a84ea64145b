//! The continuous families, with their parameters resolved and before any modifier.

use super::level::Level;
use super::logit_beta::{LogitBeta, Point};
use super::normal;
use super::table::Jet;

/// A continuous family with its parameters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Continuous {
    Normal { mean: f64, sd: f64 },
    Lognormal { median: f64, sigma: f64 },
    Uniform { min: f64, max: f64 },
    Triangular { min: f64, mode: f64, max: f64 },
    Beta { logit: LogitBeta, alpha: f64, beta: f64, min: f64, max: f64 },
    Exponential { mean: f64, shift: f64 },
    StudentT { logit: LogitBeta, dof: f64, mean: f64, sd: f64 },
}

/// The value of the uniform law at a level.
#[inline(always)]
pub(super) fn uniform(Level { below, above }: Level, min: f64, max: f64) -> f64 {
    let (from_min, from_max) = (min + (max - min) * below, max - (max - min) * above);
    if below <= above { from_min } else { from_max }
}

/// The value of the triangular law at a level.
#[inline(always)]
pub(super) fn triangular(Level { below, above }: Level, min: f64, mode: f64, max: f64) -> f64 {
    let width = max - min;
    let is_left = below * width <= mode - min;
    // One root for both sides: which one it is, no processor foresees.
    let area = if is_left { below * width * (mode - min) } else { above * width * (max - mode) };
    let root = area.sqrt();
    if is_left { min + root } else { max - root }
}

impl Continuous {
    /// The beta law with parameters `alpha` and `beta` on `[min, max]`.
    pub fn beta(alpha: f64, beta: f64, min: f64, max: f64) -> Continuous {
        Continuous::Beta { logit: LogitBeta::new(alpha, beta), alpha, beta, min, max }
    }

    /// Student's t, scaled to the mean and sd. From 1e12 degrees of freedom on it is the normal law to within
    /// rounding, so that more are taken as that many.
    pub fn student_t(dof: f64, mean: f64, sd: f64) -> Continuous {
        let dof = dof.min(1e12);
        Continuous::StudentT { logit: LogitBeta::new(0.5 * dof, 0.5 * dof), dof, mean, sd }
    }

    /// The value at a level.
    #[inline]
    pub fn quantile(&self, level: Level) -> f64 {
        let Level { below, above } = level;
        match *self {
            Continuous::Normal { mean, sd } => mean + sd * normal::quantile(level),
            Continuous::Lognormal { median, sigma } => median * libm::exp(sigma * normal::quantile(level)),
            Continuous::Uniform { min, max } => uniform(level, min, max),
            Continuous::Triangular { min, mode, max } => triangular(level, min, mode, max),
            Continuous::Exponential { mean, shift } => {
                let log = if below <= above { libm::log1p(-below) } else { libm::log(above) };
                shift - mean * log
            }
            Continuous::Beta { logit, .. } | Continuous::StudentT { logit, .. } => {
                self.at(&logit, logit.quantile(level))
            }
        }
    }

    /// The level of a value.
    pub fn level(&self, x: f64) -> Level {
        let (min, max) = self.bounds();
        if x <= min {
            return Level::BOTTOM;
        }
        if x >= max {
            return Level::TOP;
        }
        match *self {
            Continuous::Normal { mean, sd } => normal::level((x - mean) / sd),
            Continuous::Lognormal { .. } => normal::level(self.standard(x)),
            Continuous::Uniform { min, max } => {
                Level { below: (x - min) / (max - min), above: (max - x) / (max - min) }
            }
            Continuous::Triangular { min, mode, max } => {
                if x <= mode {
                    Level::from_below((x - min) / (max - min) * ((x - min) / (mode - min)))
                } else {
                    Level::from_above((max - x) / (max - min) * ((max - x) / (max - mode)))
                }
            }
            Continuous::Beta { logit, alpha, beta, min, max } => {
                logit.level(libm::log((x - min) / (max - x) * (beta / alpha)))
            }
            Continuous::Exponential { mean, shift } => {
                let fall = -(x - shift) / mean;
                Level { below: -libm::expm1(fall), above: libm::exp(fall) }
            }
            Continuous::StudentT { logit, dof, mean, sd } => {
                logit.level(2.0 * libm::asinh((x - mean) / (sd * student_scale(dof) * dof.sqrt())))
            }
        }
    }

    /// The smallest closed interval that holds the law. Its ends are drawn with probability 0.
    pub fn bounds(&self) -> (f64, f64) {
        match *self {
            Continuous::Normal { .. } | Continuous::StudentT { .. } => (f64::NEG_INFINITY, f64::INFINITY),
            Continuous::Lognormal { .. } => (0.0, f64::INFINITY),
            Continuous::Exponential { shift, .. } => (shift, f64::INFINITY),
            Continuous::Uniform { min, max }
            | Continuous::Triangular { min, max, .. }
            | Continuous::Beta { min, max, .. } => (min, max),
        }
    }

    /// Mean and standard deviation; infinite where they overflow.
    pub fn moments(&self) -> (f64, f64) {
        match *self {
            Continuous::Normal { mean, sd } | Continuous::StudentT { mean, sd, .. } => (mean, sd),
            Continuous::Lognormal { median, sigma } => {
                let square = sigma * sigma;
                let mean = median * libm::exp(0.5 * square);
                (mean, mean * libm::expm1(square).sqrt())
            }
            Continuous::Uniform { min, max } => (min + 0.5 * (max - min), (max - min) / 12_f64.sqrt()),
            Continuous::Triangular { min, mode, max } => {
                let (left, right) = (mode - min, max - mode);
                let variance = (left * left + left * right + right * right) / 18.0;
                (mode + (right - left) / 3.0, variance.sqrt())
            }
            Continuous::Beta { alpha, beta, min, max, .. } => {
                let n = alpha + beta;
                let variance = (alpha / n) * (beta / n) / (n + 1.0);
                (min + (max - min) * (alpha / n), (max - min) * variance.sqrt())
            }
            Continuous::Exponential { mean, shift } => (shift + mean, mean),
        }
    }

    /// The engine of the families whose inverse has no closed form.
    pub fn logit(&self) -> Option<&LogitBeta> {
        match self {
            Continuous::Beta { logit, .. } | Continuous::StudentT { logit, .. } => Some(logit),
            _ => None,
        }
    }

    /// Whether the inverse is so cheap that a table would not be cheaper.
    pub fn is_quick(&self) -> bool {
        matches!(self, Continuous::Uniform { .. } | Continuous::Triangular { .. })
    }

    /// The value at a level and its derivatives by `p / unit`, where `p` is the probability below; for the families
    /// without an engine that are not quick.
    pub fn jet(&self, level: Level, unit: f64) -> Jet {
        let value = self.quantile(level);
        let z = normal::quantile(level);
        let step = unit / normal::density(z);
        let (first, second) = match *self {
            Continuous::Lognormal { sigma, .. } => (sigma * value, sigma * value * (z + sigma)),
            Continuous::Exponential { mean, .. } => {
                let step = unit / level.above;
                return Jet { value, first: mean * step, second: mean * step * step };
            }
            _ => {
                let sd = self.moments().1;
                (sd, sd * z)
            }
        };
        Jet { value, first: first * step, second: second * step * step }
    }

    /// The same at a point of the engine, for the families that have one.
    pub fn jet_at(&self, logit: &LogitBeta, point: Point, unit: f64) -> Jet {
        let Point { v, density, slope } = point;
        let step = unit / density;
        let (first, second) = match *self {
            Continuous::StudentT { dof, sd, .. } => {
                let scale = sd * student_scale(dof) * dof.sqrt();
                (0.5 * scale * libm::cosh(0.5 * v), 0.25 * scale * libm::sinh(0.5 * v))
            }
            _ => {
                let (x, rest) = (logit.x(v), logit.one_minus_x(v));
                let (min, max) = self.bounds();
                let first = (max - min) * x * rest;
                (first, first * (rest - x))
            }
        };
        Jet { value: self.at(logit, v), first: first * step, second: (second - first * slope) * step * step }
    }

    /// `x` in units of the standard normal that a lognormal law is made from.
    pub fn standard(&self, x: f64) -> f64 {
        match *self {
            Continuous::Lognormal { median, sigma } => libm::log(x / median) / sigma,
            _ => x,
        }
    }

    /// The value that belongs to the engine's `v`.
    fn at(&self, logit: &LogitBeta, v: f64) -> f64 {
        match *self {
            Continuous::StudentT { dof, mean, sd, .. } => {
                mean + sd * student_scale(dof) * dof.sqrt() * libm::sinh(0.5 * v)
            }
            _ => {
                let (min, max) = self.bounds();
                let x = logit.x(v);
                if x <= 0.5 { min + (max - min) * x } else { max - (max - min) * logit.one_minus_x(v) }
            }
        }
    }
}

/// The scale at which Student's t has unit variance: its variance is `dof / (dof - 2)`.
fn student_scale(dof: f64) -> f64 {
    ((dof - 2.0) / dof).sqrt()
}
