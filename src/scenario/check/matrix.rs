//! The matrix of one step of a chain, from its rates.

/// `expm(Q dt)` for a matrix of rates: a row for each state, entries off the diagonal 0 or more, the diagonal
/// ignored. Rows of the result sum to 1 and no entry is negative.
///
/// Uniformisation with squaring: with `r` the largest rate of leaving, `Q = r (P - 1)` for a stochastic `P`, so
/// that `expm(Q h) = sum of Poisson(r h; k) P^k`, a sum of positive terms. `h` is halved until `r h <= 1/2` and the
/// result squared as often. (Jensen 1953; Moler & Van Loan 2003, method 3.)
pub(super) fn step_matrix(rates: &[Vec<f64>], dt: f64) -> Vec<Vec<f64>> {
    let n = rates.len();
    let leaving = |i: usize| (0..n).filter(|j| *j != i).map(|j| rates[i][j]).sum::<f64>();
    let fastest = (0..n).map(leaving).fold(0.0, f64::max);
    if fastest == 0.0 {
        return identity(n);
    }
    let jump = |i: usize, j: usize| if i == j { 1.0 - leaving(i) / fastest } else { rates[i][j] / fastest };
    let jumps: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| jump(i, j).max(0.0)).collect()).collect();
    let mut intensity = fastest * dt;
    let mut squarings = 0;
    while intensity > 0.5 {
        intensity /= 2.0;
        squarings += 1;
    }
    let mut matrix = poisson_mixture(&jumps, intensity);
    for _ in 0..squarings {
        matrix = product(&matrix, &matrix);
        normalise(&mut matrix);
    }
    matrix
}

/// Makes rows sum to 1, the largest entry taking up what rounding leaves.
pub(super) fn normalise(matrix: &mut [Vec<f64>]) {
    for row in matrix {
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|entry| *entry /= sum);
        let largest = (0..row.len()).max_by(|a, b| row[*a].total_cmp(&row[*b])).unwrap_or(0);
        let others: f64 = (0..row.len()).filter(|i| *i != largest).map(|i| row[i]).sum();
        row[largest] = 1.0 - others;
    }
}

fn identity(n: usize) -> Vec<Vec<f64>> {
    (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { 0.0 }).collect()).collect()
}

/// The sum of `Poisson(intensity; k) P^k`, for an intensity of at most 1/2.
fn poisson_mixture(jumps: &[Vec<f64>], intensity: f64) -> Vec<Vec<f64>> {
    /// `0.5^20 / 20!` is below 1e-24.
    const TERMS: usize = 20;
    let mut term = identity(jumps.len());
    let mut sum = term.clone();
    for k in 1..TERMS {
        term = product(&term, jumps);
        term.iter_mut().flatten().for_each(|entry| *entry *= intensity / k as f64);
        for (total, entry) in sum.iter_mut().flatten().zip(term.iter().flatten()) {
            *total += entry;
        }
    }
    // The factor exp(-intensity) is what makes rows sum to 1.
    normalise(&mut sum);
    sum
}

fn product(a: &[Vec<f64>], b: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = a.len();
    let entry = |i: usize, j: usize| (0..n).map(|k| a[i][k] * b[k][j]).sum();
    (0..n).map(|i| (0..n).map(|j| entry(i, j)).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_near(found: f64, wanted: f64, tolerance: f64) {
        assert!((found - wanted).abs() < tolerance, "{found} is not {wanted}");
    }

    #[test]
    fn two_states_have_a_closed_form() {
        let (up, down, dt) = (0.4, 1.1, 0.25);
        let matrix = step_matrix(&[vec![0.0, up], vec![down, 0.0]], dt);
        let decay = libm::exp(-(up + down) * dt);
        assert_near(matrix[0][1], up / (up + down) * (1.0 - decay), 1e-15);
        assert_near(matrix[1][0], down / (up + down) * (1.0 - decay), 1e-15);
    }

    #[test]
    fn the_flagships_quarter() {
        // expm(Q/4), row "tense", computed independently.
        let rates = [vec![0.0, 0.12, 0.01], vec![0.12, 0.0, 0.18], vec![0.02, 0.28, 0.0]];
        let matrix = step_matrix(&rates, 0.25);
        for (found, wanted) in matrix[1].iter().zip([0.0285572213, 0.9296306593, 0.0418121194]) {
            assert_near(*found, wanted, 1e-10);
        }
    }

    #[test]
    fn rows_sum_to_one_at_any_speed() {
        for scale in [1e-12, 1.0, 1e3, 1e9, 1e300] {
            let rates = [vec![0.0, 3.0 * scale, scale], vec![0.5 * scale, 0.0, 0.0], vec![0.0, 0.0, 0.0]];
            for row in step_matrix(&rates, 0.5) {
                assert_near(row.iter().sum(), 1.0, 1e-15);
                assert!(row.iter().all(|entry| *entry >= 0.0));
            }
        }
    }
}
