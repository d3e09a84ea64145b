//! Sobol' indices: how much of a variance an input accounts for.
//!
//! From two independent samples A and B of an outcome and one, `ab`, that has the draws of the input in question from
//! B and all others from A. First order: the share of the variance that would go if the input were known, by the
//! estimator of Saltelli et al. (2010), table 2 (b). Total: the share that would stay if all but the input were known,
//! by that of Jansen (1999). An input that changes nothing gets 0 for both. These are the estimators of SALib.

/// Indices of one input, or of a group of them taken together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Indices {
    /// First order: with sampling error it may lie a little outside [0, 1].
    pub first_order: Measured,
    /// Total: not below the first order but for sampling error.
    pub total: Measured,
}

/// A number and its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Measured {
    pub value: f64,
    pub standard_error: f64,
}

/// Groups that the trials are cut into for the standard errors.
const GROUPS: usize = 50;

/// The indices of an input. Standard errors are those of the jackknife over 50 groups of trials (Shao and Tu 1995,
/// section 2.3). All are not a number where the outcome does not vary.
///
/// ```
/// use rand::RngExt;
/// use tradewinds::{analysis::sobol::indices, draws::{Key, Stream}};
/// // The outcome is the input itself, so the sample with its draws from B is B: all the variance is its.
/// let sample = |seed: u64| -> Vec<f64> {
///     let mut stream = Stream::new(Key::new(seed, "x"), 0);
///     (0..1000).map(|_| stream.random()).collect()
/// };
/// let (a, b) = (sample(1), sample(2));
/// let found = indices(&a, &b, &b);
/// assert!((found.first_order.value - 1.0).abs() < 4.5 * found.first_order.standard_error);
/// ```
pub fn indices(a: &[f64], b: &[f64], ab: &[f64]) -> Indices {
    let groups = sums_by_group(a, b, ab);
    let all = groups.iter().fold(Sums::default(), |all, group| all.plus(group, 1.0));
    let without: Vec<(f64, f64)> = groups.iter().map(|group| all.plus(group, -1.0).indices()).collect();
    let (first_order, total) = all.indices();
    let measured = |value: f64, which: &dyn Fn(&(f64, f64)) -> f64| Measured {
        value,
        standard_error: jackknife(&without.iter().map(which).collect::<Vec<_>>()),
    };
    Indices { first_order: measured(first_order, &|it| it.0), total: measured(total, &|it| it.1) }
}

/// The bounds of a group of trials.
pub(super) fn group(trials: usize, groups: usize, group: usize) -> std::ops::Range<usize> {
    trials * group / groups..trials * (group + 1) / groups
}

fn sums_by_group(a: &[f64], b: &[f64], ab: &[f64]) -> Vec<Sums> {
    // Sums of squares about a value of the data lose no digits to its level.
    let pivot = (a.iter().sum::<f64>() + b.iter().sum::<f64>()) / (2 * a.len()) as f64;
    let groups = GROUPS.min(a.len());
    let of_group = |at: usize| {
        let range = group(a.len(), groups, at);
        let mut sums = Sums::default();
        for trial in range {
            sums.add(a[trial] - pivot, b[trial] - pivot, ab[trial] - a[trial]);
        }
        sums
    };
    (0..groups).map(of_group).collect()
}

/// Sums over trials; `a` and `b` about a pivot, `step` from a to ab.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: f64,
    values: f64,
    squares: f64,
    step: f64,
    step_squared: f64,
    step_times_b: f64,
}

impl Sums {
    fn add(&mut self, a: f64, b: f64, step: f64) {
        self.count += 1.0;
        self.values += a + b;
        self.squares += a * a + b * b;
        self.step += step;
        self.step_squared += step * step;
        self.step_times_b += step * b;
    }

    fn plus(&self, other: &Sums, sign: f64) -> Sums {
        Sums {
            count: self.count + sign * other.count,
            values: self.values + sign * other.values,
            squares: self.squares + sign * other.squares,
            step: self.step + sign * other.step,
            step_squared: self.step_squared + sign * other.step_squared,
            step_times_b: self.step_times_b + sign * other.step_times_b,
        }
    }

    /// First order and total.
    fn indices(&self) -> (f64, f64) {
        let n = self.count;
        let mean = self.values / (2.0 * n);
        let variance = self.squares / (2.0 * n) - mean * mean;
        ((self.step_times_b - mean * self.step) / n / variance, self.step_squared / (2.0 * n) / variance)
    }
}

fn jackknife(without: &[f64]) -> f64 {
    let n = without.len() as f64;
    let mean = without.iter().sum::<f64>() / n;
    ((n - 1.0) / n * without.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>()).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Key;

    const TRIALS: usize = 20_000;
    /// Standard errors allowed: a right estimate is further off once in 147,000, and the seeds are fixed.
    const ALLOWED: f64 = 4.5;

    /// The indices of each input of a function of uniforms in (0, 1).
    fn of_function<const N: usize>(f: impl Fn([f64; N]) -> f64) -> [Indices; N] {
        let keys: Vec<[Key; 2]> = (0..N).map(|it| [1, 2].map(|seed| Key::new(seed, &format!("x{it}")))).collect();
        let sample = |from_b: &dyn Fn(usize) -> bool| -> Vec<f64> {
            let at =
                |trial: usize| f(std::array::from_fn(|it| keys[it][usize::from(from_b(it))].uniform(trial as u64, 0)));
            (0..TRIALS).map(at).collect()
        };
        let (a, b) = (sample(&|_| false), sample(&|_| true));
        std::array::from_fn(|input| indices(&a, &b, &sample(&|it| it == input)))
    }

    #[track_caller]
    fn close(found: Measured, exact: f64) {
        assert!((found.value - exact).abs() <= ALLOWED * found.standard_error, "{found:?} is not {exact}");
        assert!(found.standard_error < 0.04, "{found:?}");
    }

    /// Ishigami and Homma (1990) with a = 7, b = 0.1; the indices in closed form.
    #[test]
    fn ishigami() {
        use std::f64::consts::PI;
        let (a, b) = (7.0, 0.1);
        let found = of_function(|u: [f64; 3]| {
            let [x, y, z] = u.map(|u| PI * (2.0 * u - 1.0));
            libm::sin(x) + a * libm::sin(y).powi(2) + b * z.powi(4) * libm::sin(x)
        });
        let first = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
        let second = a * a / 8.0;
        let both = b * b * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0);
        let all = first + second + both;
        let exact = [(first, first + both), (second, second), (0.0, both)];
        for (found, (first_order, total)) in found.iter().zip(exact) {
            close(found.first_order, first_order / all);
            close(found.total, total / all);
        }
    }

    /// Saltelli and Sobol' (1995): `prod (|4x - 2| + a) / (1 + a)` with a = 0, 1, 4.5, 9, 99.
    #[test]
    fn sobol_g() {
        let a = [0.0, 1.0, 4.5, 9.0, 99.0];
        let found =
            of_function(|x: [f64; 5]| x.iter().zip(a).map(|(x, a)| ((4.0 * x - 2.0).abs() + a) / (1.0 + a)).product());
        let variances = a.map(|a| 1.0 / 3.0 / (1.0 + a) / (1.0 + a));
        let all: f64 = variances.iter().map(|v| 1.0 + v).product();
        for (found, v) in found.iter().zip(variances) {
            close(found.first_order, v / (all - 1.0));
            close(found.total, v * all / (1.0 + v) / (all - 1.0));
        }
    }

    /// `first_order(A - m, AB - m, B - m)` and `total_order(..)` of SALib 1.6.0's `analyze/sobol.py`, with `m` the mean
    /// of A and B, on these numbers.
    #[test]
    fn the_estimators_are_those_of_salib() {
        let a = [1.0, 3.5, -2.0, 0.25, 7.0, 2.0];
        let b = [2.5, -1.0, 4.0, 3.0, 0.5, 1.25];
        let ab = [1.5, 3.0, -2.5, 1.0, 6.0, 4.0];
        let found = indices(&a, &b, &ab);
        assert!((found.first_order.value - 0.053350683148991544).abs() < 1e-15);
        assert!((found.total.value - 0.09856864020819776).abs() < 1e-15);
    }

    #[test]
    fn an_input_that_changes_nothing_has_no_share_to_the_last_bit() {
        let a: Vec<f64> = (0..500).map(|i| f64::from(i * 37 % 101)).collect();
        let b: Vec<f64> = (0..500).map(|i| f64::from(i * 53 % 103)).collect();
        let none = Measured { value: 0.0, standard_error: 0.0 };
        assert_eq!(indices(&a, &b, &a), Indices { first_order: none, total: none });
    }
}
