//! Count, mean and sum of squared deviations.

use super::Merge;
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
        Moments::from_deviations(values.len(), pivot, deviations(vectors, values, pivot))
    }

    /// From the sums of the deviations from a pivot and of their squares.
    pub(super) fn from_deviations(count: usize, pivot: f64, (sum, squares): (f64, f64)) -> Moments {
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
    /// Sums of `v - pivot` and of its square. Deviations from a value of the block itself lose no digits to the
    /// level, and are exactly 0 where all values are equal. Sixteen partial sums, whatever the vectors' width.
    fn deviations(values: &[f64], pivot: f64) -> (f64, f64) {
        const LANES: usize = 16;
        let mut sum = [0.0; LANES];
        let mut squares = [0.0; LANES];
        let mut chunks = values.chunks_exact(LANES);
        for chunk in &mut chunks {
            for lane in 0..LANES {
                let d = chunk[lane] - pivot;
                sum[lane] += d;
                squares[lane] += d * d;
            }
        }
        for (lane, value) in chunks.remainder().iter().enumerate() {
            let d = value - pivot;
            sum[lane] += d;
            squares[lane] += d * d;
        }
        (sum.iter().sum(), squares.iter().sum())
    }
}
