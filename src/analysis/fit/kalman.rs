//! The Kalman filter, one observation at a time.
//!
//! Durbin and Koopman, "Time Series Analysis by State Space Methods", 2nd edition (2012), sections 4.3 and 6.4.

/// A state of `N` numbers, known up to a normal law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gaussian<const N: usize> {
    /// Expected state.
    pub mean: [f64; N],
    /// Its covariance.
    pub covariance: [[f64; N]; N],
}

/// Logarithm of the square root of a full turn.
const LN_SQRT_TAU: f64 = 0.918_938_533_204_672_8;

impl<const N: usize> Gaussian<N> {
    /// The state a step later: `transition` times the state, plus `drift`. Noise is added by [`Gaussian::spread`].
    pub fn predict(&mut self, transition: &[[f64; N]; N], drift: &[f64; N]) {
        let mut half = [[0.0; N]; N];
        let mut mean = *drift;
        for i in 0..N {
            for j in 0..N {
                mean[i] += transition[i][j] * self.mean[j];
                for k in 0..N {
                    half[i][j] += transition[i][k] * self.covariance[k][j];
                }
            }
        }
        self.mean = mean;
        for i in 0..N {
            for j in 0..N {
                self.covariance[i][j] = (0..N).map(|k| half[i][k] * transition[j][k]).sum();
            }
        }
    }

    /// Adds independent noise of this variance to one part of the state.
    pub fn spread(&mut self, part: usize, variance: f64) {
        self.covariance[part][part] += variance;
    }

    /// Learns from the observation `value` of `weights` times the state with an error of variance `noise`. Gives the
    /// logarithm of the density that the observation had.
    pub fn observe(&mut self, weights: &[f64; N], value: f64, noise: f64) -> f64 {
        let mut gain = [0.0; N];
        let mut expected = 0.0;
        let mut variance = noise;
        for i in 0..N {
            gain[i] = (0..N).map(|j| self.covariance[i][j] * weights[j]).sum();
            expected += weights[i] * self.mean[i];
        }
        for i in 0..N {
            variance += weights[i] * gain[i];
        }
        let surprise = value - expected;
        for i in 0..N {
            self.mean[i] += gain[i] / variance * surprise;
            for j in 0..N {
                self.covariance[i][j] -= gain[i] * gain[j] / variance;
            }
        }
        -0.5 * (surprise * surprise / variance + libm::log(variance)) - LN_SQRT_TAU
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two reporters with errors .10 and .20 and biases 0 and -.8 watch a local level (.30) with an AR(1) (.33,
    /// .45). The expected figures were found from the dense normal law of the observations as well.
    #[test]
    fn two_reporters_of_one_flow() {
        let ln = libm::log;
        let mut state = Gaussian { mean: [ln(100.0), 0.0], covariance: [[0.25, 0.0], [0.0, 0.33 * 0.33]] };
        let seen = [[Some(103.0), None], [Some(197.0), Some(95.0)], [Some(163.0), Some(73.5)], [None, Some(52.5)]];
        let mut likelihood = 0.0;
        for (year, values) in seen.iter().enumerate() {
            if year > 0 {
                state.predict(&[[1.0, 0.0], [0.0, 0.45]], &[0.0; 2]);
                state.spread(0, 0.30 * 0.30);
                state.spread(1, 0.33 * 0.33 * (1.0 - 0.45 * 0.45));
            }
            for (value, (bias, error)) in values.iter().zip([(0.0, 0.10), (-0.8, 0.20)]) {
                if let Some(value) = value {
                    likelihood += state.observe(&[1.0, 1.0], ln(*value) - bias, error * error);
                }
            }
        }
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        close(likelihood, -1.0501348827);
        close(state.mean[0], 4.8522568833);
        close(state.mean[1], -0.0441066157);
        close(state.covariance[0][0], 0.0960870327);
        close(state.covariance[0][1], -0.0736015059);
        close(state.covariance[1][1], 0.0846210613);
    }
}
