//! What any forecast must beat.

use crate::analysis::fit::Mixture;

/// A way to forecast: from the known logarithms of a flow and the years ahead to a law.
pub type Benchmark = fn(&[f64], u32) -> Mixture;

/// The benchmarks, by name.
pub const BENCHMARKS: [(&str, Benchmark); 3] = [("no-change", no_change), ("drift", drift), ("theta", theta)];

/// No forecast is narrower than this: a flow that never moved would have a law of width 0.
const LEAST_SD: f64 = 1e-4;

/// The last value, with the flow's own yearly changes as errors: their standard deviation times the square root of
/// the years ahead.
pub fn no_change(logs: &[f64], years: u32) -> Mixture {
    let (_, sd) = changes(logs);
    Mixture::normal(logs[logs.len() - 1], sd * f64::from(years).sqrt())
}

/// A random walk with the flow's own mean growth. R. J. Hyndman and G. Athanasopoulos, "Forecasting: Principles and
/// Practice", 3rd edition (2021), section 5.5.
pub fn drift(logs: &[f64], years: u32) -> Mixture {
    let (mean, sd) = changes(logs);
    let h = f64::from(years);
    let estimated = logs.len() as f64 - 1.0;
    Mixture::normal(logs[logs.len() - 1] + mean * h, sd * (h * (1.0 + h / estimated)).sqrt())
}

/// Mean and standard deviation of yearly changes.
fn changes(logs: &[f64]) -> (f64, f64) {
    let n = logs.len() as f64 - 1.0;
    let mean = (logs[logs.len() - 1] - logs[0]) / n;
    let square = |pair: &[f64]| (pair[1] - pair[0] - mean) * (pair[1] - pair[0] - mean);
    let variance = logs.windows(2).map(square).sum::<f64>() / (n - 1.0);
    (mean, variance.sqrt().max(LEAST_SD))
}

/// The Theta method: simple exponential smoothing with half the slope of the flow's own line in time as drift. R. J.
/// Hyndman and B. Billah, "Unmasking the Theta method", International Journal of Forecasting 19 (2003).
pub fn theta(logs: &[f64], years: u32) -> Mixture {
    let slope = 0.5 * slope(logs);
    // The smoothing that forecasts the known years best; errors hardly differ between steps of a fiftieth.
    let candidates = (1..=50).map(|step| f64::from(step) / 50.0).map(|alpha| (alpha, smooth(logs, alpha, slope)));
    let (alpha, (level, errors)) = candidates.min_by(|a, b| a.1.1.total_cmp(&b.1.1)).expect("there are candidates");
    let sd = (errors / (logs.len() as f64 - 2.0)).sqrt().max(LEAST_SD);
    let h = f64::from(years);
    Mixture::normal(level + slope * h, sd * (1.0 + (h - 1.0) * alpha * alpha).sqrt())
}

/// Slope of the line through a flow's logarithms, by least squares.
fn slope(logs: &[f64]) -> f64 {
    let middle = (logs.len() as f64 - 1.0) / 2.0;
    let (mut products, mut squares) = (0.0, 0.0);
    for (at, log) in logs.iter().enumerate() {
        let time = at as f64 - middle;
        products += time * log;
        squares += time * time;
    }
    products / squares
}

/// The level after smoothing, and the sum of squared errors on the way.
fn smooth(logs: &[f64], alpha: f64, drift: f64) -> (f64, f64) {
    let mut level = logs[0];
    let mut errors = 0.0;
    for log in &logs[1..] {
        let error = log - level - drift;
        errors += error * error;
        level += drift + alpha * error;
    }
    (level, errors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn benchmarks_by_hand() {
        let logs = [0.0, 1.0, 1.0, 3.0];
        // Changes 1, 0, 2: mean 1, standard deviation 1.
        assert_eq!(no_change(&logs, 4), Mixture::normal(3.0, 2.0));
        assert_eq!(drift(&logs, 3), Mixture::normal(6.0, 6f64.sqrt()));
        // A line is continued with half its slope from where smoothing has followed it to.
        let line: Vec<f64> = (0..12).map(|year| 0.2 * f64::from(year)).collect();
        let ahead = theta(&line, 2);
        assert!((ahead.mean() - (line[11] + 0.2)).abs() < 1e-9, "{ahead:?}");
    }
}
