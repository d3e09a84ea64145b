//! Count, mean and sum of squared deviations.

use super::Merge;
use super::survey::{Deviations, deviations};
use crate::vector::{Vectors, vectorised};

/// Count, mean and sum of squared deviations from the mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    /// How many values.
    pub count: u64,
    /// Their mean.
    pub mean: f64,
    /// Sum of squared deviations from the mean.
    pub squares: f64,
}

impl Moments {
    /// Of the values of one block.
    ///
    /// ```
    /// use tradewinds::{stats::Moments, vector::Vectors};
    /// let moments = Moments::of(Vectors::widest(), &[1.0, 2.0, 6.0]);
    /// assert_eq!((moments.mean, moments.variance()), (3.0, 14.0 / 3.0));
    /// ```
    pub fn of(vectors: Vectors, values: &[f64]) -> Moments {
        let Some(&pivot) = values.first() else { return Moments::default() };
        Moments::from_deviations(values.len(), pivot, deviations_of(vectors, values))
    }

    /// From the sums of the deviations from a pivot and of their squares.
    pub(super) fn from_deviations(count: usize, pivot: f64, [sum, squares]: Deviations) -> Moments {
        let n = count as f64;
        Moments { count: count as u64, mean: pivot + sum / n, squares: (squares - sum * sum / n).max(0.0) }
    }

    /// Variance with divisor n.
    pub fn variance(&self) -> f64 {
        self.squares / self.count as f64
    }
}

impl Merge for Moments {
    /// Chan, Golub and LeVeque (1979), equation 2.1.
    fn merge(&mut self, later: &Moments) {
        if self.count == 0 {
            *self = *later;
            return;
        }
        let (n, m) = (self.count as f64, later.count as f64);
        let difference = later.mean - self.mean;
        self.count += later.count;
        self.mean += difference * (m / (n + m));
        self.squares += later.squares + difference * difference * (n * m / (n + m));
    }
}

vectorised! {
    fn deviations_of(values: &[f64]) -> Deviations {
        deviations(values)
    }
}
