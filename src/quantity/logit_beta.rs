//! The logit of a beta variable: one engine for the beta, PERT and Student-t laws.
//!
//! If `X` is Beta(a, b) then `Y = ln(X / (1 - X))` has the density `x^a (1-x)^b / B(a, b)` with `x = 1 / (1 + e^-y)`.
//! It is smooth and log-concave for every `a, b > 0`, without the poles that the beta density has at its ends. The
//! log of its distribution function is then concave too, so that Newton's method on it cannot fail.
//!
//! Student's t comes from the symmetric case: with `a = b = dof / 2`, `T = sqrt(dof) * sinh(Y / 2)` (M. C. Jones and
//! M. J. Faddy, "A skew extension of the t-distribution, with applications", Journal of the Royal Statistical Society
//! B 65 (2003), 159-174).

use std::f64::consts::PI;

use super::gauss;
use super::level::Level;
use super::normal;

/// The law of `V = ln(X / (1-X)) - ln(a / b)` with `X` from Beta(a, b): the logit, measured from its mode.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogitBeta {
    a: f64,
    b: f64,
    /// `a + b`, and the shares of `a` and `b` in it.
    n: f64,
    share_a: f64,
    share_b: f64,
    /// The log of the density at the mode.
    ln_peak: f64,
}

/// A value of `V` with what is known there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub v: f64,
    pub density: f64,
    /// Derivative of the log of the density.
    pub slope: f64,
}

impl LogitBeta {
    /// For `a, b > 0`; made for 1e-3 to 1e12.
    pub fn new(a: f64, b: f64) -> LogitBeta {
        let n = a + b;
        // x^a (1-x)^b / B(a, b) at x = a/n by Stirling's formula; the errors of the formula are all that is left
        // when the large terms have cancelled.
        let ln_peak =
            0.5 * libm::log(a / (2.0 * PI) * (b / n)) + stirling_error(n) - stirling_error(a) - stirling_error(b);
        LogitBeta { a, b, n, share_a: a / n, share_b: b / n, ln_peak }
    }

    /// The value at a level.
    pub fn quantile(&self, level: Level) -> f64 {
        self.point(level, None).v
    }

    /// The point at a level, found the quicker the better the guess. Without one the search starts from an
    /// approximation.
    pub fn point(&self, level: Level, guess: Option<f64>) -> Point {
        if level.below <= level.above {
            return self.point_below(level.below, guess);
        }
        let mirrored = self.mirrored().point_below(level.above, guess.map(|v| -v));
        Point { v: -mirrored.v, density: mirrored.density, slope: -mirrored.slope }
    }

    /// The value where the probability below has changed by the small `change`, by the Taylor series of the inverse.
    pub fn ahead(&self, point: Point, change: f64) -> f64 {
        let Point { v, density, slope } = point;
        let step = change / density;
        let third = (self.curvature(v) + 2.0 * slope * slope) / 6.0;
        v + step * (1.0 - step * (0.5 * slope - step * third))
    }

    /// The level of a value.
    pub fn level(&self, v: f64) -> Level {
        if self.is_lower(v) {
            Level::from_below(self.density(v) / self.rate(v))
        } else {
            let mirror = self.mirrored();
            Level::from_above(mirror.density(-v) / mirror.rate(-v))
        }
    }

    /// `X` at `v`, to full relative accuracy near 0.
    pub fn x(&self, v: f64) -> f64 {
        if v <= 0.0 {
            let odds = self.a * libm::exp(v);
            odds / (self.b + odds)
        } else {
            self.a / (self.a + self.b * libm::exp(-v))
        }
    }

    /// `1 - X` at `v`, to full relative accuracy near 0.
    pub fn one_minus_x(&self, v: f64) -> f64 {
        self.mirrored().x(-v)
    }

    /// The curvature of the log of the density, turned positive.
    fn curvature(&self, v: f64) -> f64 {
        self.n * self.x(v) * self.one_minus_x(v)
    }

    /// The law of `-V`.
    fn mirrored(&self) -> LogitBeta {
        LogitBeta { a: self.b, b: self.a, share_a: self.share_b, share_b: self.share_a, ..*self }
    }

    fn density(&self, v: f64) -> f64 {
        libm::exp(self.ln_peak + self.fall(v))
    }

    /// Log of the density less its log at the mode: `a v - n ln(share_b + share_a e^v)`.
    fn fall(&self, v: f64) -> f64 {
        if self.share_a > 0.5 {
            return self.mirrored().fall(-v);
        }
        let growth = libm::expm1(v);
        if self.n > 100.0 && v.abs() < 0.3 {
            // Near the mode the linear terms cancel; what is left is computed without them.
            return -self.a * expm1_less_linear(v, growth) - self.n * log1p_less_linear(self.share_a * growth);
        }
        if v > 700.0 {
            return -self.b * v - self.n * libm::log(self.share_a);
        }
        self.a * v - self.n * libm::log1p(self.share_a * growth)
    }

    /// Derivative of the log of the density, `a - n x`, to full relative accuracy near the mode.
    fn slope(&self, v: f64) -> f64 {
        if v > 0.0 {
            return -self.mirrored().slope(-v);
        }
        -self.b * self.share_a * libm::expm1(v) / (self.share_b + self.share_a * libm::exp(v))
    }

    /// Whether `v` is not far above the mean: there the continued fraction converges, elsewhere its mirror image does.
    fn is_lower(&self, v: f64) -> bool {
        self.x(v) * (self.n + 2.0) < self.a + 1.0
    }

    /// The log of the probability below `v`, and its derivative.
    fn ln_below(&self, v: f64) -> (f64, f64) {
        if self.is_lower(v) {
            let rate = self.rate(v);
            return (self.ln_peak + self.fall(v) - libm::log(rate), rate);
        }
        let density = self.density(v);
        let above = density / self.mirrored().rate(-v);
        (libm::log1p(-above), density / (1.0 - above))
    }

    /// The density at `v` over the probability below it, for `v` not far above the mean.
    fn rate(&self, v: f64) -> f64 {
        if self.a.min(self.b) < MANY { self.fraction(v) } else { 1.0 / self.relative_tail(v) }
    }

    /// `x^a (1-x)^b / B(a, b) / I_x(a, b)` by the continued fraction of A. R. DiDonato and A. H. Morris, "Algorithm
    /// 708: Significant Digit Computation of the Incomplete Beta Function Ratios", ACM Transactions on Mathematical
    /// Software 18 (1992), 360-373, equation 9; evaluated as W. J. Lentz does (Applied Optics 15 (1976), 668-671).
    fn fraction(&self, v: f64) -> f64 {
        let (a, b, x) = (self.a, self.b, self.x(v));
        let slope = self.slope(v);
        let term = |m: f64| {
            m + m * (b - m) * x / (a + 2.0 * m - 1.0) + (a + m) * (slope + 1.0 + m * (2.0 - x)) / (a + 2.0 * m + 1.0)
        };
        let mut value = a * (slope + 1.0) / (a + 1.0);
        let (mut c, mut d) = (value, 0.0);
        for m in 1..MAX_TERMS {
            let m = f64::from(m);
            let span = a + 2.0 * m - 1.0;
            let over = m * ((a + m - 1.0) / span) * ((a + b + m - 1.0) / span) * (b - m) * x * x;
            let under = term(m);
            d = 1.0 / (under + over * d);
            c = under + over / c;
            let factor = c * d;
            value *= factor;
            if (factor - 1.0).abs() <= f64::EPSILON {
                break;
            }
        }
        value
    }

    /// The probability below `v` over the density at `v` by quadrature, for laws near the normal.
    fn relative_tail(&self, v: f64) -> f64 {
        let here = self.fall(v);
        let slope = self.slope(v).max(0.0);
        // Where the density has fallen by e^-38 were its log a parabola; its log is concave, so it falls on.
        let mut reach = 76.0 / (slope + (slope * slope + 76.0 * self.curvature(v)).sqrt());
        while here - self.fall(v - reach) < 36.0 {
            reach *= 1.25;
        }
        gauss::nodes(0.0, reach).map(|(r, weight)| weight * libm::exp(self.fall(v - r) - here)).sum()
    }

    /// Solves `ln F(v) = ln p` by Halley's method. As `ln F` is concave, a Newton step from the left of the root
    /// stays left of it, and one from the right ends left of it: it always gets there.
    fn point_below(&self, p: f64, guess: Option<f64>) -> Point {
        let goal = libm::log(p);
        let mut v = guess.unwrap_or_else(|| self.approximation(p));
        for _ in 0..MAX_STEPS {
            let (ln_below, rate) = self.ln_below(v);
            let gap = goal - ln_below;
            let newton = gap / rate;
            let bend = 1.0 + 0.5 * newton * (self.slope(v) - rate);
            let next = v + if bend > 0.5 { newton / bend } else { newton };
            let done = gap.abs() < CLOSE || next == v;
            v = next;
            if done {
                break;
            }
        }
        Point { v, density: self.density(v), slope: self.slope(v) }
    }

    /// A start for the search: M. Abramowitz and I. A. Stegun, Handbook of Mathematical Functions, 26.5.22, and
    /// where that does not hold, the first term of the lower tail, which lies left of the root.
    fn approximation(&self, p: f64) -> f64 {
        let tail = (libm::log(p) + libm::log(self.a) - self.ln_peak + self.n * libm::log(self.share_b)) / self.a;
        if self.a.min(self.b) <= 1.0 {
            return tail;
        }
        let z = normal::quantile(Level::from_below(p));
        let (ra, rb) = (1.0 / (2.0 * self.a - 1.0), 1.0 / (2.0 * self.b - 1.0));
        let lambda = (z * z - 3.0) / 6.0;
        let h = 2.0 / (ra + rb);
        let w = z * (h + lambda).max(0.0).sqrt() / h + (rb - ra) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
        (2.0 * w).max(tail)
    }
}

/// From here on, for both parameters, the density is near enough to the normal for quadrature in one panel.
const MANY: f64 = 2000.0;
/// Bounds that are never met by the parameters this is made for.
const MAX_TERMS: u32 = 100_000;
const MAX_STEPS: u32 = 200;
/// A Halley step from an error of this size in `ln F` leaves one near its cube.
const CLOSE: f64 = 1e-5;

/// `ln Γ(x)` less Stirling's formula `(x - 1/2) ln x - x + ln(2 pi)/2`: C. Loader, "Fast and Accurate Computation of
/// Binomial Probabilities" (2000), section 2; the series is DLMF 5.11.1.
fn stirling_error(x: f64) -> f64 {
    const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_7;
    if x < 16.0 {
        return libm::lgamma(x) - (x - 0.5) * libm::log(x) + x - HALF_LN_TWO_PI;
    }
    let r = 1.0 / (x * x);
    (1.0 / 12.0
        - r * (1.0 / 360.0 - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * (691.0 / 360_360.0))))))
        / x
}

/// `e^v - 1 - v`, given `e^v - 1`; without cancellation for small `v`, by its Taylor series.
fn expm1_less_linear(v: f64, expm1: f64) -> f64 {
    /// `2 / k!` for `k` from 2.
    const TERMS: [f64; 12] = {
        let mut terms = [1.0; 12];
        let mut k = 1;
        while k < 12 {
            terms[k] = terms[k - 1] / (k + 2) as f64;
            k += 1;
        }
        terms
    };
    if v.abs() > 0.3 { expm1 - v } else { 0.5 * v * v * polynomial(v, &TERMS) }
}

/// `ln(1 + t) - t` without cancellation for small `t`: with `r = t / (2 + t)`, `ln(1 + t) = 2 artanh(r)` and
/// `t = 2r / (1 - r)`.
fn log1p_less_linear(t: f64) -> f64 {
    /// `1 / (2k + 3)` for `k` from 0.
    const TERMS: [f64; 8] = [1.0 / 3.0, 0.2, 1.0 / 7.0, 1.0 / 9.0, 1.0 / 11.0, 1.0 / 13.0, 1.0 / 15.0, 1.0 / 17.0];
    let r = t / (2.0 + t);
    let square = r * r;
    r * (2.0 * square * polynomial(square, &TERMS) - t)
}

/// The polynomial with these coefficients, by rising power.
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMETERS: [f64; 10] = [1e-3, 0.05, 0.5, 1.0, 3.5, 30.0, 1999.0, 2001.0, 1e6, 1e12];

    #[test]
    fn the_search_arrives_for_all_parameters_and_levels() {
        for (a, b) in PARAMETERS.into_iter().flat_map(|a| PARAMETERS.map(|b| (a, b))) {
            let law = LogitBeta::new(a, b);
            for p in [1e-300, 1e-30, 1e-9, 1e-3, 0.1, 0.45] {
                // As far as `v` resolves the level: its last digit is worth `rate * v` of it.
                let v = law.quantile(Level::from_below(p));
                let blur = 8.0 * f64::EPSILON * (1.0 + law.ln_below(v).1 * v.abs());
                let error = (libm::log(p) - law.ln_below(v).0).abs();
                assert!(error < 1e-11 + blur, "a = {a}, b = {b}, p = {p}: {error:e}");
            }
        }
    }

    #[test]
    fn symmetric_laws_have_their_median_at_zero() {
        for a in PARAMETERS {
            let median = LogitBeta::new(a, a).quantile(Level::from_below(0.5));
            assert!(median.abs() < 1e-12 * (1.0 + 1.0 / a), "{a}: {median:e}");
        }
    }

    #[test]
    fn both_methods_for_the_tail_agree() {
        let law = LogitBeta::new(2500.0, 4000.0);
        for v in [-0.3, -0.1, -0.01, 0.0] {
            assert!((law.relative_tail(v) * law.fraction(v) - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn differences_without_cancellation() {
        // Taylor series to the last digit: v^2/2 + v^3/6 + .. and -t^2/2 + t^3/3 - ..
        let v: f64 = 1e-4;
        let exact = v * v * (0.5 + v * (1.0 / 6.0 + v * (1.0 / 24.0 + v / 120.0)));
        assert!((expm1_less_linear(v, libm::expm1(v)) / exact - 1.0).abs() < 4.0 * f64::EPSILON);
        let exact = v * v * (-0.5 + v * (1.0 / 3.0 - v * (0.25 - v * 0.2)));
        assert!((log1p_less_linear(v) / exact - 1.0).abs() < 4.0 * f64::EPSILON);
        // 15.999.. and 16 are on the two sides of the switch to the series.
        let below = 16.0_f64.next_down();
        assert!((stirling_error(below) - stirling_error(16.0)).abs() < 1e-13);
    }
}
