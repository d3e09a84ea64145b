//! Mean and standard deviation of truncated laws.

use super::continuous::Continuous;
use super::gauss;
use super::level::Level;
use super::normal;
use super::window::Window;

/// Mean and standard deviation of `base` conditioned on `bounds`, given its quantile function after truncation. Not
/// finite where they overflow.
pub(super) fn truncated(
    base: &Continuous,
    window: &Window,
    bounds: (f64, f64),
    quantile: impl Fn(Level) -> f64,
) -> (f64, f64) {
    let tail = match *base {
        // The moments of a wide lognormal law come from far out in its tail.
        Continuous::Lognormal { .. } => match wide_lognormal(base, window, bounds) {
            Some(moments) => return moments,
            None => Tail { depth: 690.0, location: 0.0, power: 0.0 },
        },
        Continuous::StudentT { dof, mean, .. } => Tail { depth: 40.0, location: mean, power: 1.0 / dof },
        _ => Tail { depth: 40.0, location: 0.0, power: 0.0 },
    };
    let pivot = quantile(Level::from_below(0.5));
    let lower = half_moments(&tail, pivot, bounds.0.is_infinite(), |p| quantile(Level::from_below(p)));
    let upper = half_moments(&tail, pivot, bounds.1.is_infinite(), |q| quantile(Level::from_above(q)));
    let (first, second) = (lower.0 + upper.0, lower.1 + upper.1);
    (pivot + first, (second - first * first).max(0.0).sqrt())
}

/// How a law behaves where quadrature ends, at probability `e^-depth`: `|x - location|` goes as `p^-power`.
struct Tail {
    depth: f64,
    location: f64,
    power: f64,
}

/// The integrals of `x - pivot` and its square over the half of a law in which `x = quantile(p)`, `p` from 0 to 1/2:
/// over `ln p` in panels of length 8 or less, and beyond the last one in closed form.
fn half_moments(tail: &Tail, pivot: f64, endless: bool, quantile: impl Fn(f64) -> f64) -> (f64, f64) {
    let panels = (tail.depth / 8.0).ceil();
    let length = (tail.depth - std::f64::consts::LN_2) / panels;
    let end = libm::exp(-tail.depth);
    let power = if endless { tail.power } else { 0.0 };
    let reach = quantile(end) - tail.location;
    let offset = tail.location - pivot;
    let linear = reach / (1.0 - power);
    let mut first = end * (linear + offset);
    let mut second = end * (reach * reach / (1.0 - 2.0 * power) + 2.0 * linear * offset + offset * offset);
    for panel in 0..panels as u32 {
        let from = -tail.depth + length * f64::from(panel);
        for (ln_p, weight) in gauss::nodes(from, from + length) {
            let p = libm::exp(ln_p);
            let x = quantile(p) - pivot;
            first += weight * p * x;
            second += weight * p * x * x;
        }
    }
    (first, second)
}

/// Moments of a truncated lognormal law in closed form, where the sd is not small against the mean, so that the
/// difference of the second moment and the squared mean keeps its digits. With `Z` standard normal,
/// `E[e^(k sigma Z); z1 < Z < z2] = e^(k^2 sigma^2 / 2) P(z1 < Z + k sigma < z2)`.
fn wide_lognormal(base: &Continuous, window: &Window, bounds: (f64, f64)) -> Option<(f64, f64)> {
    let Continuous::Lognormal { median, sigma } = *base else { return None };
    let (from, to) = (base.standard(bounds.0), base.standard(bounds.1));
    let moment = |k: f64| {
        let mass = normal::level(from - k * sigma).mass_to(normal::level(to - k * sigma));
        let share = mass / window.mass;
        (share > 1e-290).then(|| libm::exp(0.5 * k * k * sigma * sigma + libm::log(share)))
    };
    let (first, second) = (moment(1.0)?, moment(2.0)?);
    // Scaled by the mean: the square overflows long before the sd does.
    let relative = second / first / first - 1.0;
    (relative > 1e-3 || !relative.is_finite()).then(|| (median * first, median * first * relative.sqrt()))
}
