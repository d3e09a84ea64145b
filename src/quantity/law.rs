//! A law with its modifiers, ready to be drawn from.

use std::sync::Arc;

use super::discrete::Discrete;
use super::family::{self, Resolved, fault};
use super::modified::Modified;
use super::{LawError, LawSpec};
use crate::vector::Vectors;

/// A law with its modifiers, ready to be drawn from.
///
/// A clone shares what was prepared.
///
/// ```
/// use tradewinds::quantity::{Family, Law, LawSpec};
///
/// let family = Family::Normal { mean: 0.02, sd: 0.02 };
/// let law = Law::new(LawSpec { family, min: Some(0.0), max: None, negate: false, zero: 0.25 }).unwrap();
/// assert_eq!(law.support(), (0.0, f64::INFINITY));
/// assert_eq!(law.quantile(0.2), 0.0);
/// assert!(law.quantile(0.9) > 0.02);
/// ```
#[derive(Clone, Debug)]
pub struct Law {
    kind: Arc<Kind>,
}

#[derive(Debug)]
enum Kind {
    Discrete(Discrete),
    Continuous(Modified),
}

impl Law {
    /// Checks a specification and prepares its inverse.
    ///
    /// # Errors
    /// If the parameters do not describe a law: one is out of its range or not finite, the interval of truncation
    /// has probability 0 (or less than 1e-300), or a law with bounds of its own is to be truncated.
    pub fn new(spec: LawSpec) -> Result<Law, LawError> {
        let resolved = family::resolve(&spec.family)?;
        check_modifiers(&spec)?;
        let kind = match resolved {
            Resolved::Points(points) => discrete(points, &spec).map(Kind::Discrete),
            // Nothing is left of the law, but it had to be one.
            Resolved::Continuous(_) if spec.zero == 1.0 => Discrete::new([(0.0, 1.0)]).map(Kind::Discrete),
            Resolved::Continuous(law) => {
                Modified::new(law, spec.min, spec.max, spec.negate, spec.zero).map(Kind::Continuous)
            }
        };
        match kind {
            Some(kind) => Ok(Law { kind: Arc::new(kind) }),
            None => improbable(&spec),
        }
    }

    /// The value at probability `u` in (0, 1): the smallest x with `P(X <= x) >= u`.
    ///
    /// The same bits on every machine. It never falls as `u` rises, but for the last digits. Uniform, triangular and
    /// discrete laws are exact to rounding. The others are tabulated, with errors below 1e-9 of the interquartile range
    /// (beta and PERT: of the sd) or, where that is more, of the distance from the median; and they are exact to about
    /// 1e-12 beyond the table, that is in the outer 1/8192 of either tail. A continuous law never yields an end of its
    /// interval, be it 0 or a bound of the truncation.
    #[inline]
    pub fn quantile(&self, u: f64) -> f64 {
        match &*self.kind {
            Kind::Discrete(law) => law.quantile(u),
            Kind::Continuous(law) => law.quantile(u),
        }
    }

    /// Replaces uniforms in (0, 1) by draws; the same values as [`Law::quantile`] with any vectors, faster.
    pub fn fill(&self, vectors: Vectors, uniforms: &mut [f64]) {
        match &*self.kind {
            Kind::Discrete(law) => uniforms.iter_mut().for_each(|u| *u = law.quantile(*u)),
            Kind::Continuous(law) => law.fill(vectors, uniforms),
        }
    }

    /// The mean, if there is one that is not beyond the largest double.
    ///
    /// In closed form, or by quadrature for most truncated laws, with a relative error of 1e-9 or less of the larger
    /// of mean and sd. It is worked out at each call.
    pub fn mean(&self) -> Option<f64> {
        Some(self.moments().0).filter(|mean| mean.is_finite())
    }

    /// The standard deviation, if there is one; as for [`Law::mean`].
    pub fn sd(&self) -> Option<f64> {
        Some(self.moments().1).filter(|sd| sd.is_finite())
    }

    /// The smallest closed interval that holds all draws.
    ///
    /// An end of a continuous law itself is never drawn, unless it is 0 and has an atom: an exponential law yields
    /// values above 0 only, although its support begins there.
    pub fn support(&self) -> (f64, f64) {
        match &*self.kind {
            Kind::Discrete(law) => law.support(),
            Kind::Continuous(law) => law.support(),
        }
    }

    /// The one value it takes, if there is but one.
    pub fn constant(&self) -> Option<f64> {
        match &*self.kind {
            Kind::Discrete(law) => Some(law.support()).filter(|(low, high)| low == high).map(|(low, _)| low),
            Kind::Continuous(_) => None,
        }
    }

    /// Whether the mean of `exp(X)` is infinite.
    ///
    /// So it is for a lognormal law and for Student's t, unless they are bounded above, and for an exponential law
    /// with mean 1 or more.
    pub fn exp_mean_is_infinite(&self) -> bool {
        match &*self.kind {
            Kind::Discrete(_) => false,
            Kind::Continuous(law) => law.exp_mean_is_infinite(),
        }
    }

    fn moments(&self) -> (f64, f64) {
        match &*self.kind {
            Kind::Discrete(law) => law.moments(),
            Kind::Continuous(law) => law.moments(),
        }
    }
}

fn check_modifiers(spec: &LawSpec) -> Result<(), LawError> {
    for (key, bound) in [("min", spec.min), ("max", spec.max)] {
        if bound.is_some() && family::has_own_bounds(&spec.family) {
            return fault(key, "cannot truncate a law that has bounds of its own; change those".into());
        }
        bound.map_or(Ok(0.0), |bound| family::finite(key, bound))?;
    }
    if let (Some(min), Some(max)) = (spec.min, spec.max) {
        family::span(min, max)?;
    }
    if !(0.0..=1.0).contains(&spec.zero) {
        return fault("zero", format!("is a probability and must be between 0 and 1, but is {}", spec.zero));
    }
    Ok(())
}

/// A discrete law with all its modifiers is a discrete law. None if nothing is left by the truncation.
fn discrete(points: Vec<(f64, f64)>, spec: &LawSpec) -> Option<Discrete> {
    let (min, max) = (spec.min.unwrap_or(f64::NEG_INFINITY), spec.max.unwrap_or(f64::INFINITY));
    let kept: Vec<(f64, f64)> = points.into_iter().filter(|&(value, _)| min <= value && value <= max).collect();
    let total: f64 = kept.iter().map(|&(_, weight)| weight).sum();
    if total == 0.0 {
        return None;
    }
    let sign = if spec.negate { -1.0 } else { 1.0 };
    // Adding 0 turns -0, which prints as such, into 0.
    let rest = kept.into_iter().map(|(value, weight)| (sign * value + 0.0, (1.0 - spec.zero) * (weight / total)));
    Discrete::new(rest.chain([(0.0, spec.zero)]))
}

/// Says that the truncation leaves nothing, at a key that is there.
fn improbable(spec: &LawSpec) -> Result<Law, LawError> {
    let (key, interval) = match (spec.min, spec.max) {
        (Some(min), Some(max)) => ("min", format!("from {min} to {max}")),
        (Some(min), None) => ("min", format!("from {min} up")),
        (None, Some(max)) => ("max", format!("up to {max}")),
        // Parameters so extreme that the law is nowhere.
        (None, None) => ("dist", "of all numbers".into()),
    };
    fault(key, format!("the law has no probability in the interval {interval}; widen it or move the law"))
}
