//! What the panel and its own observations say of one flow.

use super::estimate::Estimate;
use super::mirror::{Errors, Mirrored, mirrored};
use super::mixture::{Mixture, Part};
use super::observed::Observed;
use super::pool::Pooled;
use super::population::{Cell, Population};
use crate::simulate::map_in_order;

/// The estimates for one flow. Noise is that of annual totals, for a flow of the size of the last observation.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowFit {
    /// First and last year of observation.
    pub years: (i32, i32),
    /// Last value, million USD.
    pub last: f64,
    /// The year at whose end `start` and `gap` are.
    pub end: i32,
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
    /// What the reporter and its mirror disagree by; nothing without a mirror.
    pub mirror: Option<MirrorFit>,
}

/// Two reporters of one flow.
#[derive(Clone, Debug, PartialEq)]
pub struct MirrorFit {
    /// Mean of the logarithm of the mirror's value over the reporter's.
    pub bias: Estimate,
    /// Standard deviation of the reporter's error of a year, log points.
    pub own_error: Estimate,
    /// Standard deviation of the mirror's error of a year, log points.
    pub mirror_error: Estimate,
}

/// Errors of reporters, log points: from rounding to figures that hardly have a digit in common.
const ERRORS: [f64; 7] = [0.05, 0.10, 0.19, 0.35, 0.62, 1.10, 1.80];

/// A law of the flow: its probability, the law, the errors of the reporters, and what they make of the flow.
struct Law {
    weight: f64,
    cell: Cell,
    errors: Errors,
    found: Mirrored,
}

/// Laws less probable than this are left out.
const LEAST: f64 = 1e-6;

/// Points within a cell along one of its sides: a cell stands for all laws that are nearer to it than to others.
const POINTS: usize = 5;

/// Where a point lies between the lower and the upper end of a side.
fn shares() -> impl Iterator<Item = f64> {
    (0..POINTS).map(|at| (at as f64 + 0.5) / POINTS as f64)
}

/// The estimates for a flow that has been observed.
///
/// Every law of the population, with every pair of errors where there is a mirror, is weighted by its share in the
/// panel and by its likelihood. All errors of `ERRORS` are as probable as each other before anything is seen.
pub fn fit_flow(pooled: &Pooled<'_>, seen: &Observed) -> FlowFit {
    let laws = laws(pooled, seen);
    let (last_year, last) = seen.last().expect("a flow to fit has been observed");
    let population = &pooled.population;
    let size = population.size_factor(last);
    FlowFit {
        years: (seen.first, last_year),
        last: libm::exp(last),
        end: seen.end(),
        trend: trend(pooled, &laws),
        permanent: spread(&laws, |it| permanents(&it.cell, size, population.scale_step)),
        transitory: spread(&laws, |it| transitories(&it.cell, size, population.scale_step)),
        persistence: spread(&laws, |it| side(it.cell.persistence, &population.persistences(), 0.75)),
        pull: spread(&laws, |it| side(it.cell.pull, &population.pulls(), 0.3)),
        start: of_state(&laws, 1),
        gap: gap(&laws),
        mirror: seen.is_mirrored.then(|| MirrorFit {
            bias: of_state(&laws, 3),
            own_error: spread(&laws, |it| side(it.errors[0], &ERRORS, 2.2)),
            mirror_error: spread(&laws, |it| side(it.errors[1], &ERRORS, 2.2)),
        }),
    }
}

/// The laws that are not out of the question.
fn laws(pooled: &Pooled<'_>, seen: &Observed) -> Vec<Law> {
    let errors: Vec<Errors> = if seen.is_mirrored {
        ERRORS.iter().flat_map(|own| ERRORS.iter().map(move |its| [*own, *its])).collect()
    } else {
        vec![[0.0; 2]]
    };
    let population = &pooled.population;
    let cells: Vec<(&Cell, f64)> = population.cells.iter().zip(population.weights.iter().copied()).collect();
    let of_cell = |(cell, share): &(&Cell, f64)| {
        let through = |errors: &Errors| {
            let found = mirrored(seen, *errors, &pooled.growth, cell, population);
            Law { weight: libm::log(*share) + found.likelihood, cell: **cell, errors: *errors, found }
        };
        errors.iter().map(through).collect::<Vec<Law>>()
    };
    let mut all: Vec<Law> = map_in_order(&cells, of_cell).into_iter().flatten().collect();
    let best = all.iter().map(|it| it.weight).fold(f64::NEG_INFINITY, f64::max);
    all.iter_mut().for_each(|it| it.weight = libm::exp(it.weight - best));
    let total: f64 = all.iter().map(|it| it.weight).sum();
    all.iter_mut().for_each(|it| it.weight /= total);
    all.retain(|it| it.weight > LEAST);
    all
}

/// The points of all cells, each with its share of the cell's probability.
fn spread(laws: &[Law], points: impl Fn(&Law) -> Vec<f64>) -> Estimate {
    let mut found = Vec::new();
    for law in laws {
        let values = points(law);
        let each = law.weight / values.len() as f64;
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

/// A law of the state at the end, from the mean and variance that each law of the flow gives it.
fn mixture(laws: &[Law], part: impl Fn(&Law) -> (f64, f64)) -> Estimate {
    let parts = laws.iter().map(|law| {
        let (mean, variance) = part(law);
        Part { weight: law.weight, mean, sd: variance.max(1e-12).sqrt() }
    });
    Estimate::of_law(&Mixture::new(parts.collect()))
}

fn of_state(laws: &[Law], part: usize) -> Estimate {
    mixture(laws, |law| (law.found.state.mean[part], law.found.state.covariance[part][part]))
}

fn trend(pooled: &Pooled<'_>, laws: &[Law]) -> Estimate {
    let (common, se) = (pooled.growth.mean, pooled.growth.mean_se);
    mixture(laws, |law| (common + law.found.state.mean[2], law.found.state.covariance[2][2] + se * se))
}

fn gap(laws: &[Law]) -> Estimate {
    mixture(laws, |law| {
        // Without a pull there is nowhere to be pulled to.
        if law.cell.pull == 0.0 {
            return (0.0, 0.0);
        }
        let (reach, state) = (1.0 / (1.0 - libm::exp(-law.cell.pull)), &law.found.state);
        let of = |i: usize, j: usize| state.covariance[i][j];
        let variance = of(0, 0) + reach * reach * of(2, 2) - 2.0 * reach * of(0, 2);
        (reach * state.mean[2] - state.mean[0], variance)
    })
}
