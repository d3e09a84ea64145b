//! Estimates with their uncertainty.

use super::mixture::Mixture;

/// What is known of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Its mean given all that was observed.
    pub mean: f64,
    /// Its standard deviation.
    pub se: f64,
    /// 5 % quantile.
    pub low: f64,
    /// 95 % quantile.
    pub high: f64,
}

impl Estimate {
    /// Of a law.
    pub fn of_law(law: &Mixture) -> Estimate {
        Estimate { mean: law.mean(), se: law.sd(), low: law.quantile(0.05), high: law.quantile(0.95) }
    }

    /// Of values with weights that sum to 1. There is at least one.
    pub fn of_points(mut points: Vec<(f64, f64)>) -> Estimate {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mean: f64 = points.iter().map(|(value, weight)| value * weight).sum();
        let variance: f64 = points.iter().map(|(value, weight)| weight * (value - mean) * (value - mean)).sum();
        let quantile = |probability: f64| {
            let mut sum = 0.0;
            let at = points.iter().position(|(_, weight)| {
                sum += weight;
                sum >= probability
            });
            points[at.unwrap_or(points.len() - 1)].0
        };
        Estimate { mean, se: variance.sqrt(), low: quantile(0.05), high: quantile(0.95) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_by_hand() {
        let found = Estimate::of_points(vec![(3.0, 0.5), (1.0, 0.5)]);
        assert_eq!(found, Estimate { mean: 2.0, se: 1.0, low: 1.0, high: 3.0 });
    }
}
