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
/// use tradewinds::analysis::sobol::indices;
/// // The outcome is the input itself, so the sample with its draws from B is B: all the variance is its.
/// let a: Vec<f64> = (0..1000).map(|i| f64::from(i * 7919 % 1000)).collect();
/// let b: Vec<f64> = (0..1000).map(|i| f64::from(i * 104729 % 1000 / 2 * 2)).collect();
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
