//! Mixtures of normal laws: what is expected of the logarithm of a flow.

use crate::quantity::normal_cdf;
use crate::vector::math::exp64;

/// A part of a mixture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// Its probability.
    pub weight: f64,
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation, above 0.
    pub sd: f64,
}

/// A mixture of normal laws whose weights sum to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    parts: Vec<Part>,
}

/// The density of the standard normal law at 0.
const PEAK: f64 = 0.398_942_280_401_432_7;

impl Mixture {
    /// Of parts whose weights are scaled to sum to 1. At least one part has a weight above 0.
    pub fn new(mut parts: Vec<Part>) -> Mixture {
        let total: f64 = parts.iter().map(|part| part.weight).sum();
        parts.iter_mut().for_each(|part| part.weight /= total);
        Mixture { parts }
    }

    /// One normal law.
    pub fn normal(mean: f64, sd: f64) -> Mixture {
        Mixture { parts: vec![Part { weight: 1.0, mean, sd }] }
    }

    /// The parts.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Expected value.
    pub fn mean(&self) -> f64 {
        self.parts.iter().map(|part| part.weight * part.mean).sum()
    }

    /// Standard deviation.
    pub fn sd(&self) -> f64 {
        let mean = self.mean();
        let square = |part: &Part| part.weight * (part.sd * part.sd + (part.mean - mean) * (part.mean - mean));
        self.parts.iter().map(square).sum::<f64>().sqrt()
    }

    /// The probability of at most `x`.
    pub fn cdf(&self, x: f64) -> f64 {
        self.parts.iter().map(|part| part.weight * normal_cdf((x - part.mean) / part.sd)).sum()
    }

    /// The density at `x`.
    pub fn density(&self, x: f64) -> f64 {
        let at = |part: &Part| {
            let z = (x - part.mean) / part.sd;
            part.weight * PEAK * exp64(-0.5 * z * z) / part.sd
        };
        self.parts.iter().map(at).sum()
    }

    /// The value that is not exceeded with a probability in (0, 1), to about 1e-9 standard deviations: Newton's
    /// method within a bracket that halves where it would leave it.
    pub fn quantile(&self, probability: f64) -> f64 {
        let (mean, sd) = (self.mean(), self.sd());
        let (mut low, mut high) = (mean - 40.0 * sd, mean + 40.0 * sd);
        let mut x = mean;
        for _ in 0..80 {
            let excess = self.cdf(x) - probability;
            if excess > 0.0 {
                high = x
            } else {
                low = x
            }
            let step = excess / self.density(x);
            // Before the bracket is asked: a step that rounds to nothing stays on its edge and must not leave it.
            if step.abs() < 1e-9 * sd || high - low < 1e-9 * sd {
                return x - step.clamp(-1e-9 * sd, 1e-9 * sd);
            }
            let newton = x - step;
            x = if newton > low && newton < high { newton } else { 0.5 * (low + high) };
        }
        x
    }

    /// All distances from `centre` times `factor`.
    pub fn stretched(&self, centre: f64, factor: f64) -> Mixture {
        let stretch = |part: &Part| Part {
            mean: centre + factor * (part.mean - centre),
            sd: factor * part.sd,
            weight: part.weight,
        };
        Mixture { parts: self.parts.iter().map(stretch).collect() }
    }

    /// The continuous ranked probability score of the observation `x`: the integral of the squared distance between
    /// the distribution function and the step at `x`, in the unit of `x`. Grimit, Gneiting, Berrocal and Johnson,
    /// "The continuous ranked probability score for circular variables and its application to mesoscale forecast
    /// ensemble verification", Quarterly Journal of the Royal Meteorological Society 132 (2006), equation (5).
    ///
    /// ```
    /// use tradewinds::analysis::fit::Mixture;
    /// assert!((Mixture::normal(0.0, 1.0).crps(0.7) - 0.4215691701).abs() < 1e-9);
    /// ```
    pub fn crps(&self, x: f64) -> f64 {
        let mut score = 0.0;
        for (at, a) in self.parts.iter().enumerate() {
            score += a.weight * distance(x - a.mean, a.sd);
            score -= 0.5 * a.weight * a.weight * distance(0.0, a.sd * std::f64::consts::SQRT_2);
            for b in &self.parts[..at] {
                score -= a.weight * b.weight * distance(a.mean - b.mean, (a.sd * a.sd + b.sd * b.sd).sqrt());
            }
        }
        score
    }
}

/// The mean of |X| for X normal with this mean and standard deviation.
fn distance(mean: f64, sd: f64) -> f64 {
    let z = mean / sd;
    mean * (2.0 * normal_cdf(z) - 1.0) + 2.0 * sd * PEAK * exp64(-0.5 * z * z)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skewed() -> Mixture {
        let part = |weight, mean, sd| Part { weight, mean, sd };
        Mixture::new(vec![part(3.0, 0.1, 0.3), part(1.0, -0.8, 1.2), part(0.5, 1.5, 0.1)])
    }

    #[test]
    fn the_score_is_the_integral_that_defines_it() {
        let law = skewed();
        for x in [-2.0, 0.2, 1.4] {
            let step = 1e-4;
            let numeric: f64 = (0..200_000)
                .map(|i| -10.0 + step * (f64::from(i) + 0.5))
                .map(|at| (law.cdf(at) - f64::from(u8::from(at >= x))).powi(2) * step)
                .sum();
            assert!((law.crps(x) - numeric).abs() < 1e-6, "{x}: {} {numeric}", law.crps(x));
        }
    }

    #[test]
    fn quantiles_invert_the_distribution_function() {
        let law = skewed();
        for probability in [1e-6, 0.05, 0.5, 0.8, 0.95, 1.0 - 1e-6] {
            assert!((law.cdf(law.quantile(probability)) - probability).abs() < 1e-8, "{probability}");
        }
        let wide = law.stretched(0.3, 2.0);
        assert!((wide.quantile(0.9) - (0.3 + 2.0 * (law.quantile(0.9) - 0.3))).abs() < 1e-6);
    }
}
