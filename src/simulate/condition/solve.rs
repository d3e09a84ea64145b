//! Systems of normal equations, a few lanes at a time.

use super::linear::{Lanes, WIDTH};

/// The Cholesky factor of a positive definite matrix of each lane.
pub(super) struct Cholesky {
    /// Rows of the lower triangle.
    lower: Vec<Vec<Lanes>>,
}

impl Cholesky {
    /// Of the matrix with this lower triangle.
    pub fn of(mut a: Vec<Vec<Lanes>>) -> Cholesky {
        for i in 0..a.len() {
            for j in 0..=i {
                let (earlier, current) = a.split_at_mut(i);
                let own = &mut current[0];
                let mut sum = own[j];
                for k in 0..j {
                    let other = if j == i { own[k] } else { earlier[j][k] };
                    (0..WIDTH).for_each(|lane| sum[lane] -= own[k][lane] * other[lane]);
                }
                for lane in 0..WIDTH {
                    own[j][lane] = if j == i { sum[lane].sqrt() } else { sum[lane] / earlier[j][j][lane] };
                }
            }
        }
        Cholesky { lower: a }
    }

    /// `L^-1 b`.
    pub fn forward(&self, b: &[Lanes]) -> Vec<Lanes> {
        let mut x: Vec<Lanes> = b.to_vec();
        for i in 0..x.len() {
            let (earlier, own) = x.split_at_mut(i);
            for (l, x) in self.lower[i].iter().zip(earlier.iter()) {
                (0..WIDTH).for_each(|lane| own[0][lane] -= l[lane] * x[lane]);
            }
            (0..WIDTH).for_each(|lane| own[0][lane] /= self.lower[i][i][lane]);
        }
        x
    }

    /// `(L L')^-1 b`.
    pub fn solve(&self, b: &[Lanes]) -> Vec<Lanes> {
        let mut x = self.forward(b);
        for i in (0..x.len()).rev() {
            for k in i + 1..x.len() {
                let later = x[k];
                (0..WIDTH).for_each(|lane| x[i][lane] -= self.lower[k][i][lane] * later[lane]);
            }
            (0..WIDTH).for_each(|lane| x[i][lane] /= self.lower[i][i][lane]);
        }
        x
    }

    /// Log density of a normal vector with mean 0 and this matrix as its covariance.
    pub fn log_density(&self, x: &[Lanes]) -> Lanes {
        let whitened = self.forward(x);
        let mut log = [0.0; WIDTH];
        for (i, w) in whitened.iter().enumerate() {
            for lane in 0..WIDTH {
                log[lane] += log_standard_normal(w[lane]) - libm::log(self.lower[i][i][lane]);
            }
        }
        log
    }
}

/// Log density of a standard normal.
pub(super) fn log_standard_normal(z: f64) -> f64 {
    const HALF_LOG_TWO_PI: f64 = 0.918_938_533_204_672_7;
    -0.5 * z * z - HALF_LOG_TWO_PI
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(value: f64) -> Lanes {
        [value; WIDTH]
    }

    #[test]
    fn a_known_system() {
        // [[4, 2], [2, 3]]: determinant 8, inverse [[3, -2], [-2, 4]] / 8.
        let factor = Cholesky::of(vec![vec![same(4.0)], vec![same(2.0), same(3.0)]]);
        let x = factor.solve(&[same(1.0), same(2.0)]);
        assert!((x[0][3] + 0.125).abs() < 1e-15 && (x[1][7] - 0.75).abs() < 1e-15, "{x:?}");
        let quadratic = 1.0 * -0.125 + 2.0 * 0.75;
        let expected = -0.5 * quadratic - 0.5 * 8.0_f64.ln() - (2.0 * std::f64::consts::PI).ln();
        assert!((factor.log_density(&[same(1.0), same(2.0)])[0] - expected).abs() < 1e-14);
    }
}
