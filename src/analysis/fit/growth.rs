//! The growth that all flows of a panel share.

use super::panel::Stretch;
use super::population::{GrowthPrior, Population};

/// Common growth by year, as far as a panel shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Growth {
    first: i32,
    years: Vec<f64>,
    /// Expected growth of a year to come, log points.
    pub mean: f64,
    /// Standard deviation of the growth of a single year to come.
    pub sd: f64,
    /// Standard error of `mean`.
    pub mean_se: f64,
}

/// The typical change of a flow of 30 million USD, for weights; see [`Population`].
const TYPICAL_CHANGE: f64 = 0.487;

/// Efficiency lost by limiting what single flows can do to the estimate.
const VARIANCE_OF_HUBER: f64 = 1.7;

impl Growth {
    /// From what was known at the end of a year.
    pub fn until(panel: &[Stretch], year: i32, population: &Population) -> Growth {
        let prior = population.growth;
        let first = panel.iter().map(|it| it.first).min().unwrap_or(year).min(year);
        let mut changes: Vec<Vec<(f64, f64)>> = vec![Vec::new(); (year - first + 1) as usize];
        for stretch in panel {
            for (at, pair) in stretch.until(year).windows(2).enumerate() {
                let sd = TYPICAL_CHANGE * population.size_factor(pair[0]);
                changes[(stretch.first - first) as usize + at + 1].push((pair[1] - pair[0], sd));
            }
        }
        let (mut years, mut information) = (Vec::new(), Vec::new());
        for of_year in &changes {
            let (growth, weight) = of_one_year(of_year, prior);
            years.push(growth);
            information.push(weight);
        }
        let known = prior.years + information.iter().sum::<f64>();
        let sum: f64 = years.iter().zip(&information).map(|(growth, weight)| growth * weight).sum();
        let mean = (prior.mean * prior.years + sum) / known;
        let square = |(growth, weight): (&f64, &f64)| weight * (growth - mean) * (growth - mean);
        let squares: f64 = years.iter().zip(&information).map(square).sum();
        let sd = ((prior.sd * prior.sd * prior.years + squares) / known).sqrt();
        Growth { first, years, mean, sd, mean_se: sd / known.sqrt() }
    }

    /// Growth from the year before to this one.
    pub fn in_year(&self, year: i32) -> f64 {
        usize::try_from(year - self.first).ok().and_then(|at| self.years.get(at)).copied().unwrap_or(self.mean)
    }

    /// Variance of the growth over the next years, the mean's own uncertainty included.
    pub fn variance_over(&self, years: f64) -> f64 {
        years * self.sd * self.sd + years * years * self.mean_se * self.mean_se
    }
}

/// Growth of a year, pulled towards the prior by what the changes do not tell, and the share that they do tell.
fn of_one_year(changes: &[(f64, f64)], prior: GrowthPrior) -> (f64, f64) {
    if changes.is_empty() {
        return (prior.mean, 0.0);
    }
    let found = location(changes);
    let precision: f64 = changes.iter().map(|(_, sd)| 1.0 / (sd * sd)).sum();
    let variance = VARIANCE_OF_HUBER / precision;
    let weight = prior.sd * prior.sd / (prior.sd * prior.sd + variance);
    (prior.mean + weight * (found - prior.mean), weight)
}

/// Huber's estimate of location, each change in units of its own standard deviation. P. J. Huber, "Robust Estimation
/// of a Location Parameter", Annals of Mathematical Statistics 35 (1964), with the bend at one standard deviation.
fn location(changes: &[(f64, f64)]) -> f64 {
    let mut centre = median(changes.iter().map(|(change, _)| *change).collect());
    for _ in 0..15 {
        let (mut sum, mut weights) = (0.0, 0.0);
        for (change, sd) in changes {
            let z = ((change - centre) / sd).abs();
            let weight = 1.0 / (sd * sd * z.max(1.0));
            sum += weight * change;
            weights += weight;
        }
        centre = sum / weights;
    }
    centre
}

/// The middle value, or the mean of the two in the middle.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { 0.5 * (values[half - 1] + values[half]) }
}
