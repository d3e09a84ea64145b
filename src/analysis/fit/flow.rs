//! What the panel and its own observations say of one flow.

use super::estimate::Estimate;
use super::mixture::{Mixture, Part};
use super::panel::Stretch;
use super::pool::Pooled;
use super::population::{Cell, Population};

/// The estimates for one flow. Noise is that of annual totals, for a flow of the size at the end of the stretch.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowFit {
    /// Index of the stretch.
    pub stretch: usize,
    /// First and last year.
    pub years: (i32, i32),
    /// Last value, million USD.
    pub last: f64,
    /// Log points a year, common growth included.
    pub trend: Estimate,
    /// Standard deviation of permanent noise, log points per root-year.
    pub permanent: Estimate,
    /// Standard deviation of transitory noise, log points.
    pub transitory: Estimate,
    /// Autocorrelation of transitory noise after a year.
    pub persistence: Estimate,
    /// Speed of the permanent part's return, a year.
    pub pull: Estimate,
    /// Where the transitory part stands at the end, log points.
    pub start: Estimate,
    /// How far above today the permanent part is pulled to, log points; 0 as far as there is no pull.
    pub gap: Estimate,
}

/// Points within a cell along one of its sides: a cell stands for all laws that are nearer to it than to others.
const POINTS: usize = 5;

/// Where a point lies between the lower and the upper end of a side.
fn shares() -> impl Iterator<Item = f64> {
    (0..POINTS).map(|at| (at as f64 + 0.5) / POINTS as f64)
}

/// The estimates for a stretch that has begun.
pub fn fit_flow(pooled: &Pooled, panel: &[Stretch], stretch: usize, until: i32) -> FlowFit {
    let weights = pooled.posterior(stretch);
    let logs = panel[stretch].until(until);
    let population = &pooled.population;
    let size = population.size_factor(logs[logs.len() - 1]);
    let cells: Vec<(&Cell, f64)> = population.cells.iter().zip(weights.iter().copied()).collect();
    FlowFit {
        stretch,
        years: (panel[stretch].first, panel[stretch].first + logs.len() as i32 - 1),
        last: libm::exp(logs[logs.len() - 1]),
        trend: trend(pooled, stretch, &weights),
        permanent: spread(&cells, |cell| permanents(cell, size, population.scale_step)),
        transitory: spread(&cells, |cell| transitories(cell, size, population.scale_step)),
        persistence: spread(&cells, |cell| side(cell.persistence, &population.persistences(), 0.75)),
        pull: spread(&cells, |cell| side(cell.pull, &population.pulls(), 0.3)),
        start: of_state(pooled, stretch, &weights, 1),
        gap: gap(pooled, stretch, &weights),
    }
}

/// The points of all cells, each with its share of the cell's probability.
fn spread(cells: &[(&Cell, f64)], points: impl Fn(&Cell) -> Vec<f64>) -> Estimate {
    let mut found = Vec::new();
    for (cell, weight) in cells.iter().filter(|(_, weight)| *weight > 1e-6) {
        let values = points(cell);
        let each = weight / values.len() as f64;
        found.extend(values.into_iter().map(|value| (value, each)));
    }
    let total: f64 = found.iter().map(|(_, weight)| weight).sum();
    found.iter_mut().for_each(|(_, weight)| *weight /= total);
    Estimate::of_points(found)
}

/// The laws within a cell: factors on its scale, and ratios of transitory to permanent noise.
fn within(cell: &Cell, step: f64) -> Vec<(f64, f64)> {
    let (low, high) = Population::ratio_bounds(cell.transitory / cell.permanent);
    let total = (cell.permanent * cell.permanent + cell.transitory * cell.transitory).sqrt();
    let scales = shares().map(|share| total * libm::pow(step, share - 0.5));
    scales.flat_map(|scale| shares().map(move |share| (scale, low + share * (high - low)))).collect()
}

fn permanents(cell: &Cell, size: f64, step: f64) -> Vec<f64> {
    within(cell, step).into_iter().map(|(scale, ratio)| size * scale / (1.0 + ratio * ratio).sqrt()).collect()
}

fn transitories(cell: &Cell, size: f64, step: f64) -> Vec<f64> {
    within(cell, step).into_iter().map(|(scale, ratio)| size * scale * ratio / (1.0 + ratio * ratio).sqrt()).collect()
}

/// Points between the middles towards the neighbouring values; the largest stands for all up to `most`.
fn side(value: f64, all: &[f64], most: f64) -> Vec<f64> {
    let at = all.iter().position(|it| *it == value).unwrap_or(0);
    let low = if at == 0 { value } else { 0.5 * (all[at - 1] + value) };
    let high = all.get(at + 1).map_or(if all.len() == 1 { value } else { most }, |next| 0.5 * (value + next));
    shares().map(|share| low + share * (high - low)).collect()
}

/// The law of one part of the state at the end.
fn of_state(pooled: &Pooled, stretch: usize, weights: &[f64], part: usize) -> Estimate {
    let parts = pooled.filtered[stretch].iter().zip(weights).map(|(filtered, weight)| Part {
        weight: *weight,
        mean: filtered.state.mean[part],
        sd: filtered.state.covariance[part][part].max(1e-12).sqrt(),
    });
    Estimate::of_law(&Mixture::new(parts.collect()))
}

fn trend(pooled: &Pooled, stretch: usize, weights: &[f64]) -> Estimate {
    let common = pooled.growth.mean_se * pooled.growth.mean_se;
    let parts = pooled.filtered[stretch].iter().zip(weights).map(|(filtered, weight)| Part {
        weight: *weight,
        mean: pooled.growth.mean + filtered.state.mean[2],
        sd: (filtered.state.covariance[2][2].max(0.0) + common).sqrt(),
    });
    Estimate::of_law(&Mixture::new(parts.collect()))
}

fn gap(pooled: &Pooled, stretch: usize, weights: &[f64]) -> Estimate {
    let laws = pooled.filtered[stretch].iter().zip(&pooled.population.cells).zip(weights);
    let parts = laws.map(|((filtered, cell), weight)| {
        let state = &filtered.state;
        // Without a pull there is nowhere to be pulled to.
        let (mean, variance) = if cell.pull > 0.0 {
            let reach = 1.0 / (1.0 - libm::exp(-cell.pull));
            let of = |i: usize, j: usize| state.covariance[i][j];
            let variance = of(0, 0) + reach * reach * of(2, 2) - 2.0 * reach * of(0, 2);
            (filtered.anchor + reach * state.mean[2] - state.mean[0], variance)
        } else {
            (0.0, 0.0)
        };
        Part { weight: *weight, mean, sd: variance.max(1e-12).sqrt() }
    });
    Estimate::of_law(&Mixture::new(parts.collect()))
}
