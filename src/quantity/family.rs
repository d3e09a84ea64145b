//! From a family as described to a law with resolved parameters, or to what is wrong with it.

use super::continuous::Continuous;
use super::normal;
use super::{Family, LawError, Percentiles};

/// A family with its parameters checked.
#[derive(Debug)]
pub(super) enum Resolved {
    /// Values and weights, at least one of which is above zero.
    Points(Vec<(f64, f64)>),
    Continuous(Continuous),
}

/// Checks the parameters of a family.
pub(super) fn resolve(family: &Family) -> Result<Resolved, LawError> {
    match *family {
        Family::Constant { value } => Ok(point(finite("value", value)?)),
        Family::Normal { mean, sd } => normal_law(mean, sd),
        Family::NormalPercentiles(percentiles) => {
            let (mean, sd) = line_through(percentiles, |value| value)?;
            normal_law(mean, sd)
        }
        Family::Lognormal { median, sigma } => lognormal(positive("median", median)?, not_negative("sigma", sigma)?),
        Family::LognormalMoments { mean, sd } => {
            let ratio = not_negative("sd", sd)? / positive("mean", mean)?;
            let sigma = libm::log1p(ratio * ratio).sqrt();
            lognormal(mean * libm::exp(-0.5 * sigma * sigma), sigma)
        }
        Family::LognormalPercentiles(percentiles) => lognormal_through(percentiles),
        Family::Uniform { min, max } => {
            span(min, max)?;
            Ok(unless_point(min, max, Continuous::Uniform { min, max }))
        }
        Family::Triangular { min, mode, max } => {
            mode_between(min, mode, max)?;
            Ok(unless_point(min, max, Continuous::Triangular { min, mode, max }))
        }
        Family::Pert { min, mode, max, shape } => pert(min, mode, max, shape),
        Family::Beta { alpha, beta, min, max } => {
            span(min, max)?;
            let (alpha, beta) = (concentration("alpha", alpha)?, concentration("beta", beta)?);
            Ok(unless_point(min, max, Continuous::beta(alpha, beta, min, max)))
        }
        Family::Exponential { mean, shift } => {
            let (mean, shift) = (not_negative("mean", mean)?, finite("shift", shift)?);
            Ok(if mean == 0.0 { point(shift) } else { Resolved::Continuous(Continuous::Exponential { mean, shift }) })
        }
        Family::StudentT { dof, mean, sd } => student_t(dof, mean, sd),
        Family::Discrete { ref values, ref weights } => discrete(values, weights),
    }
}

/// Whether `min` and `max` are parameters of the family, so that it cannot be truncated.
pub(super) fn has_own_bounds(family: &Family) -> bool {
    matches!(family, Family::Uniform { .. } | Family::Triangular { .. } | Family::Pert { .. } | Family::Beta { .. })
}

/// An error at a key.
pub(super) fn fault<T>(key: &'static str, problem: String) -> Result<T, LawError> {
    Err(LawError { key, problem })
}

/// The number, if it is one.
pub(super) fn finite(key: &'static str, value: f64) -> Result<f64, LawError> {
    if value.is_finite() { Ok(value) } else { fault(key, format!("must be a finite number, not {value}")) }
}

/// Two finite numbers in order.
pub(super) fn span(min: f64, max: f64) -> Result<(), LawError> {
    finite("min", min)?;
    finite("max", max)?;
    if min > max {
        return fault("min", format!("is above `max` ({min} > {max}); swap the two or correct one"));
    }
    if !(max - min).is_finite() {
        return fault("max", format!("is too far from `min` ({min} to {max}); the distance must be below 1e308"));
    }
    Ok(())
}

fn normal_law(mean: f64, sd: f64) -> Result<Resolved, LawError> {
    let (mean, sd) = (finite("mean", mean)?, not_negative("sd", sd)?);
    Ok(if sd == 0.0 { point(mean) } else { Resolved::Continuous(Continuous::Normal { mean, sd }) })
}

fn lognormal(median: f64, sigma: f64) -> Result<Resolved, LawError> {
    Ok(if sigma == 0.0 { point(median) } else { Resolved::Continuous(Continuous::Lognormal { median, sigma }) })
}

fn lognormal_through(percentiles: Percentiles) -> Result<Resolved, LawError> {
    for (level, value) in percentiles {
        if value <= 0.0 {
            let problem = format!("a lognormal law has values above 0 only, but its p{level} is {value}");
            return fault("percentiles", format!("{problem}; give positive percentiles or use `dist = \"normal\"`"));
        }
    }
    let (mu, sigma) = line_through(percentiles, libm::log)?;
    lognormal(libm::exp(mu), sigma)
}

/// The PERT law is a beta law whose parameters come from the mode: D. Vose, Risk Analysis (2008), "modified PERT".
fn pert(min: f64, mode: f64, max: f64, shape: f64) -> Result<Resolved, LawError> {
    mode_between(min, mode, max)?;
    let shape = concentration("shape", shape)?;
    if min == max {
        return Ok(point(min));
    }
    let (left, right) = ((mode - min) / (max - min), (max - mode) / (max - min));
    Ok(Resolved::Continuous(Continuous::beta(1.0 + shape * left, 1.0 + shape * right, min, max)))
}

fn student_t(dof: f64, mean: f64, sd: f64) -> Result<Resolved, LawError> {
    if dof <= 2.0 {
        return fault("dof", format!("must be above 2, or the law has no sd, but is {dof}"));
    }
    let dof = finite("dof", dof)?;
    let (mean, sd) = (finite("mean", mean)?, not_negative("sd", sd)?);
    Ok(if sd == 0.0 { point(mean) } else { Resolved::Continuous(Continuous::student_t(dof, mean, sd)) })
}

fn discrete(values: &[f64], weights: &[f64]) -> Result<Resolved, LawError> {
    if values.is_empty() {
        return fault("values", "is empty; give at least one value".into());
    }
    if values.len() != weights.len() {
        let problem = format!("has {} weights for {} values; give one weight for each", weights.len(), values.len());
        return fault("weights", problem);
    }
    for &value in values {
        finite("values", value)?;
    }
    for &weight in weights {
        not_negative("weights", weight)?;
    }
    let total: f64 = weights.iter().sum();
    if total == 0.0 {
        return fault("weights", "are all 0; at least one must be above 0".into());
    }
    finite("weights", total)?;
    Ok(Resolved::Points(values.iter().copied().zip(weights.iter().copied()).collect()))
}

/// Mean and sd of the normal law with these percentiles of the transformed value.
fn line_through(percentiles: Percentiles, transform: impl Fn(f64) -> f64) -> Result<(f64, f64), LawError> {
    let [(low, first), (high, second)] = percentiles;
    for (level, value) in percentiles {
        if !(level > 0.0 && level < 100.0) {
            return fault("percentiles", format!("p{level} is no percentile; its number must be between 0 and 100"));
        }
        finite("percentiles", value)?;
    }
    if low >= high {
        return fault("percentiles", format!("p{low} and p{high} must be two different levels, the lower one first"));
    }
    if first >= second {
        let problem = format!("p{high} ({second}) must be above p{low} ({first})");
        return fault("percentiles", format!("{problem}; swap the values, or write one number if it is certain"));
    }
    let (x1, x2) = (transform(first), transform(second));
    let (z1, z2) = (normal::inverse_normal(low / 100.0), normal::inverse_normal(high / 100.0));
    let sd = (x2 - x1) / (z2 - z1);
    // From the percentile nearer to the median, where rounding moves it less.
    let mean = if z1.abs() < z2.abs() { x1 - sd * z1 } else { x2 - sd * z2 };
    Ok((mean, sd))
}

fn mode_between(min: f64, mode: f64, max: f64) -> Result<(), LawError> {
    span(min, max)?;
    finite("mode", mode)?;
    if mode < min || mode > max {
        return fault("mode", format!("must be between `min` and `max`, here {min} and {max}, but is {mode}"));
    }
    Ok(())
}

fn not_negative(key: &'static str, value: f64) -> Result<f64, LawError> {
    if value < 0.0 { fault(key, format!("must be at least 0, but is {value}")) } else { finite(key, value) }
}

fn positive(key: &'static str, value: f64) -> Result<f64, LawError> {
    if value <= 0.0 { fault(key, format!("must be above 0, but is {value}")) } else { finite(key, value) }
}

/// A parameter that says how closely a law is gathered.
fn concentration(key: &'static str, value: f64) -> Result<f64, LawError> {
    const MOST: f64 = 1e12;
    if value > MOST && value.is_finite() {
        return fault(key, format!("must be at most {MOST:e}, but is {value:e}; the law is next to a constant there"));
    }
    positive(key, value)
}

fn point(value: f64) -> Resolved {
    Resolved::Points(vec![(value, 1.0)])
}

fn unless_point(min: f64, max: f64, law: Continuous) -> Resolved {
    if min == max { point(min) } else { Resolved::Continuous(law) }
}
