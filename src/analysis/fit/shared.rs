//! Correlation between flows, and reporters against their mirrors.

use std::collections::BTreeMap;

use super::estimate::Estimate;
use super::panel::Stretch;
use crate::history::{History, Observation, Series};

/// Correlation of the yearly changes of two flows, with a standard error from leaving out years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Correlation {
    /// The correlation.
    pub value: f64,
    /// Its standard error, by the jackknife over years.
    pub se: f64,
    /// Number of products it comes from.
    pub n: usize,
}

/// A change that is further out than this many standard deviations counts as this far.
const LIMIT: f64 = 3.0;

/// Changes of a flow by year, less their mean, in units of their standard deviation.
fn standardised(stretch: &Stretch, until: i32) -> Vec<(i32, f64)> {
    let changes: Vec<f64> = stretch.until(until).windows(2).map(|pair| pair[1] - pair[0]).collect();
    let n = changes.len() as f64;
    if n < 5.0 {
        return Vec::new();
    }
    let mean = changes.iter().sum::<f64>() / n;
    let sd = (changes.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / n).sqrt();
    if sd == 0.0 {
        return Vec::new();
    }
    let score = |(at, it): (usize, &f64)| (stretch.first + at as i32 + 1, ((it - mean) / sd).clamp(-LIMIT, LIMIT));
    changes.iter().enumerate().map(score).collect()
}

/// A year's sum of products of changes and their number.
#[derive(Clone, Copy, Default)]
struct Year {
    products: f64,
    pairs: f64,
}

/// Correlation between the two directions of a pair of countries, and between any two flows.
pub fn correlations(panel: &[Stretch], until: i32) -> [Option<Correlation>; 2] {
    let Some(first) = panel.iter().map(|it| it.first).min() else { return [None; 2] };
    let scores: Vec<Vec<(i32, f64)>> = panel.iter().map(|it| standardised(it, until)).collect();
    let years = (until - first + 1).max(0) as usize;
    [correlation(&of_directions(panel, &scores, first, years)), correlation(&of_any(&scores, first, years))]
}

/// Products of the flows of a pair with each other.
fn of_directions(panel: &[Stretch], scores: &[Vec<(i32, f64)>], first: i32, years: usize) -> Vec<Year> {
    let mut pairs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, stretch) in panel.iter().enumerate() {
        pairs.entry(stretch.pair).or_default().push(index);
    }
    let mut found = vec![Year::default(); years];
    for flows in pairs.values() {
        for (at, &index) in flows.iter().enumerate() {
            for &other in flows[..at].iter().filter(|other| panel[**other].series != panel[index].series) {
                for (year, score) in &scores[index] {
                    if let Some((_, reverse)) = scores[other].iter().find(|(it, _)| it == year) {
                        let at = &mut found[(year - first) as usize];
                        at.products += score * reverse;
                        at.pairs += 1.0;
                    }
                }
            }
        }
    }
    found
}

/// Products of all flows with each other, from the sum of a year's changes and that of their squares.
fn of_any(scores: &[Vec<(i32, f64)>], first: i32, years: usize) -> Vec<Year> {
    let mut sums = vec![(0.0, 0.0, 0.0); years];
    for (year, score) in scores.iter().flatten() {
        let sum = &mut sums[(year - first) as usize];
        *sum = (sum.0 + score, sum.1 + score * score, sum.2 + 1.0);
    }
    sums.into_iter().map(|(sum, squares, n)| Year { products: sum * sum - squares, pairs: n * n - n }).collect()
}

fn correlation(years: &[Year]) -> Option<Correlation> {
    let seen: Vec<&Year> = years.iter().filter(|it| it.pairs > 0.0).collect();
    let (products, pairs) = seen.iter().fold((0.0, 0.0), |(a, b), it| (a + it.products, b + it.pairs));
    if seen.len() < 3 {
        return None;
    }
    let value = products / pairs;
    let n = seen.len() as f64;
    let without = |it: &&Year| (products - it.products) / (pairs - it.pairs) - value;
    let squares: f64 = seen.iter().map(without).map(|it| it * it).sum();
    Some(Correlation { value, se: ((n - 1.0) / n * squares).sqrt(), n: pairs as usize })
}

/// How a reporter's statistics differ from those of its partners.
#[derive(Clone, Debug, PartialEq)]
pub struct ReporterFit {
    /// The reporter.
    pub reporter: String,
    /// Mean of the logarithm of its value over the mirror's.
    pub bias: Estimate,
    /// Standard deviation of the error of a year, log points: that of the logarithm of the ratio, halved in variance,
    /// since nothing tells which of the two errs.
    pub error: Estimate,
    /// Years in which both reported.
    pub n: usize,
}

/// Compares each reporter with its mirrors: all other series of the same flow and product.
pub fn reporters(history: &History, until: i32) -> Vec<ReporterFit> {
    let mut flows: BTreeMap<(&str, &str, &str), Vec<&Series>> = BTreeMap::new();
    for it in history.series.iter().filter(|it| !it.reporter.is_empty()) {
        flows.entry((&it.from, &it.to, &it.product)).or_default().push(it);
    }
    let mut ratios: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for of_flow in flows.values() {
        for a in of_flow {
            for b in of_flow.iter().filter(|b| b.reporter != a.reporter) {
                ratios.entry(&a.reporter).or_default().extend(against(a, b, until));
            }
        }
    }
    ratios.into_iter().filter(|(_, it)| it.len() >= 3).map(|(name, it)| reporter(name, &it)).collect()
}

/// Logarithms of a reporter's values over those of a mirror, for the years that both state.
fn against(a: &Series, b: &Series, until: i32) -> Vec<f64> {
    let known = a.observations.iter().filter(|it| it.value > 0.0 && it.year <= until);
    let ratio = |seen: &Observation| {
        let mirror = b.observations.iter().find(|it| it.year == seen.year && it.value > 0.0)?;
        Some(libm::log(seen.value / mirror.value))
    };
    known.filter_map(ratio).collect()
}

fn reporter(name: &str, ratios: &[f64]) -> ReporterFit {
    let n = ratios.len() as f64;
    let mean = ratios.iter().sum::<f64>() / n;
    let sd = (ratios.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (n - 1.0)).sqrt();
    let error = sd / std::f64::consts::SQRT_2;
    ReporterFit {
        reporter: name.to_owned(),
        bias: normal(mean, sd / n.sqrt()),
        error: normal(error, error / (2.0 * (n - 1.0)).sqrt()),
        n: ratios.len(),
    }
}

fn normal(mean: f64, se: f64) -> Estimate {
    const Z: f64 = 1.644_853_626_951_472_2;
    Estimate { mean, se, low: mean - Z * se, high: mean + Z * se }
}
