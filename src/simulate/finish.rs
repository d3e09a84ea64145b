//! From what the workers gathered to a projection.

use super::collect::{Collector, distinct, stands_for};
use super::growth::KINDS;
use super::parallel::map_in_order;
use super::series::Merged;
use super::{RunOptions, periods};
use crate::plan::{Plan, measure_idx};
use crate::projection::{
    Bin, DETAIL_TRIALS, Distribution, DriverProjection, Estimate, FirstReached, Growth, InputProjection, LEVELS,
    MeasureProjection, Projection, Summary, TargetProjection,
};
use crate::scenario::{Direction, Driver, DriverKind, MeasureRef, Scenario};
use crate::stats::{Edges, Moments, Tally};
use crate::vector::Vectors;

/// Standard errors are not given below this many trials.
pub(super) const FEWEST_FOR_AN_ERROR: u64 = 100;

/// Puts everything together. Standard errors are those of `worth` independent trials.
pub(super) fn projection(
    scenario: &Scenario,
    plan: &Plan,
    options: &RunOptions,
    workers: &[&Collector],
    inputs: Vec<InputProjection>,
    worth: f64,
) -> Projection {
    Projection {
        trials: options.trials,
        seed: options.seed,
        sampling: options.sampling,
        periods: periods::all(&scenario.horizon),
        base_period: periods::base(&scenario.horizon),
        targets: targets(scenario, options.trials, workers, worth),
        drivers: drivers(scenario, plan, options, workers),
        measures: measures(scenario, plan, workers, worth),
        inputs,
    }
}

/// `of(idx, row)` of each index and row, the rows of an index together: on all cores, one at a time on each.
fn each_of<R: Send>(
    indices: impl Iterator<Item = usize> + Clone,
    rows: usize,
    of: impl Fn(usize, usize) -> R + Sync + Send,
) -> Vec<Vec<R>> {
    let cells: Vec<(usize, usize)> = indices.clone().flat_map(|idx| (0..rows).map(move |row| (idx, row))).collect();
    let mut found = map_in_order(&cells, |&(idx, row)| of(idx, row)).into_iter();
    indices.map(|_| found.by_ref().take(rows).collect()).collect()
}

pub(super) fn measures(scenario: &Scenario, plan: &Plan, workers: &[&Collector], worth: f64) -> Vec<MeasureProjection> {
    let distinct = distinct(plan);
    let growth = growth(scenario, &distinct, workers);
    let merged = Merged::new(workers.iter().map(|worker| &worker.measures));
    let (edges, vectors) = (edges(), merged.vectors());
    let mut laws = each_of(0..distinct.len(), 1 + periods::count(&scenario.horizon), |at, period| {
        distribution(vectors, merged.of(period * distinct.len() + at), &edges, worth)
    });
    let place = |&measure: &usize| {
        let at = distinct.binary_search(&stands_for(plan, measure));
        (measure, at.expect("what stands for a reported measure is distinct"))
    };
    let places: Vec<(usize, usize)> = plan.reported.iter().map(place).collect();
    let mut last_use = vec![0; distinct.len()];
    for &(measure, at) in &places {
        last_use[at] = measure;
    }
    places
        .into_iter()
        .map(|(measure, at)| {
            let is_last = last_use[at] == measure;
            let mut laws = if is_last { std::mem::take(&mut laws[at]) } else { laws[at].clone() };
            let periods = laws.split_off(1);
            let base = laws.swap_remove(0);
            let growth = growth.get(at).cloned().unwrap_or_default();
            describe(scenario, measure, base, periods, growth)
        })
        .collect()
}

/// The law of the total in the last period alone.
pub(super) fn last_total(scenario: &Scenario, plan: &Plan, workers: &[&Collector]) -> Distribution {
    let total = measure_idx(scenario.flows.len(), MeasureRef::Total);
    let distinct = distinct(plan);
    let at = distinct.binary_search(&stands_for(plan, total)).expect("the total is always reported");
    let merged = Merged::new(workers.iter().map(|worker| &worker.measures));
    let law = merged.of(periods::count(&scenario.horizon) * distinct.len() + at);
    let worth = law.0.count as f64;
    distribution(merged.vectors(), law, &edges(), worth)
}

fn describe(
    scenario: &Scenario,
    measure: usize,
    base: Distribution,
    periods: Vec<Distribution>,
    growth: Vec<Growth>,
) -> MeasureProjection {
    let flows = scenario.flows.len();
    let sides = |is_export: bool| match &scenario.partners[..] {
        [partner] if is_export => (Some(scenario.reporter.clone()), Some(partner.clone())),
        [partner] => (Some(partner.clone()), Some(scenario.reporter.clone())),
        _ => (None, None),
    };
    let (id, title, (from, to), product) = match measure {
        flow if flow < flows => {
            let flow = &scenario.flows[flow];
            let sides = (Some(flow.from.clone()), Some(flow.to.clone()));
            (flow.id.clone(), flow.title.clone(), sides, flow.product.clone())
        }
        at if at == flows => ("exports".into(), None, sides(true), None),
        at if at == flows + 1 => ("imports".into(), None, sides(false), None),
        at if at == flows + 2 => ("total".into(), None, (None, None), None),
        at if at == flows + 3 => ("balance".into(), None, (None, None), None),
        own => {
            let own = &scenario.measures[own - flows - 4];
            (own.id.clone(), own.title.clone(), (None, None), None)
        }
    };
    MeasureProjection { id, title, from, to, product, unit: scenario.unit_of_values(), base, periods, growth }
}

fn distribution(vectors: Vectors, (moments, tally): (Moments, Tally), edges: &Edges, worth: f64) -> Distribution {
    let n = worth;
    let variance = moments.variance();
    let sd = variance.sqrt();
    let with_error = moments.count >= FEWEST_FOR_AN_ERROR;
    let estimate = |value: f64, error: &dyn Fn() -> f64| Estimate { value, standard_error: with_error.then(error) };
    // Var(s^2) = (mu4 - sigma^4) / n to first order, and s = sqrt(s^2).
    let sd_error = || {
        let excess = (tally.fourth_moment(vectors, moments.mean) - variance * variance).max(0.0);
        if sd == 0.0 { 0.0 } else { (excess / n).sqrt() / (2.0 * sd) }
    };
    let quantile = |level: &f64| {
        let (value, error) = tally.quantile_and_error(*level, worth);
        estimate(value, &|| error)
    };
    Distribution {
        mean: estimate(moments.mean, &|| sd / n.sqrt()),
        sd: estimate(sd, &sd_error),
        quantiles: LEVELS.iter().map(quantile).collect(),
        bins: bins(&tally, edges),
    }
}

/// The edges of the cells of `distribution.csv`: 0 and `+-10^(k/20)` from 1e-9, below which values count as 0, to
/// 1e24, above any sum of flows.
fn edges() -> Edges {
    let positive = (-180..=480).map(|k| libm::exp10(f64::from(k) / 20.0));
    let mirrored: Vec<f64> = positive.clone().map(|edge| -edge).rev().collect();
    Edges::new(mirrored.into_iter().chain([0.0]).chain(positive).collect())
}

fn bins(tally: &Tally, edges: &Edges) -> Vec<Bin> {
    let occupied = tally.coarse(edges);
    let (Some(&(first, _)), Some(&(last, _))) = (occupied.first(), occupied.last()) else { return Vec::new() };
    let mut probabilities = vec![0.0; last - first + 1];
    for (cell, probability) in occupied {
        probabilities[cell - first] = probability;
    }
    let bin = |(cell, probability)| {
        let (low, high) = edges.cell(cell);
        Bin { low, high, probability }
    };
    (first..=last).zip(probabilities).map(bin).collect()
}

pub(super) fn summary((moments, tally): (Moments, Tally)) -> Summary {
    let at = |level: f64| tally.quantile(level).0;
    Summary {
        mean: moments.mean,
        sd: moments.variance().sqrt(),
        p05: at(0.05),
        p10: at(0.1),
        p25: at(0.25),
        p50: at(0.5),
        p75: at(0.75),
        p90: at(0.9),
        p95: at(0.95),
    }
}

/// Growth of each distinct measure; empty if it was not asked for.
fn growth(scenario: &Scenario, distinct: &[usize], workers: &[&Collector]) -> Vec<Vec<Growth>> {
    let undefined: Vec<bool> =
        workers.iter().filter_map(|worker| worker.growth.as_ref()).fold(Vec::new(), |mut all: Vec<bool>, worker| {
            all.resize(worker.undefined.len(), false);
            all.iter_mut().zip(&worker.undefined).for_each(|(all, one)| *all |= one);
            all
        });
    if undefined.is_empty() {
        return Vec::new();
    }
    let growths = workers.iter().filter_map(|worker| worker.growth.as_ref());
    let merged = Merged::new(growths.map(|growth| &growth.series));
    let rate = |series: usize| (!undefined[series]).then(|| summary(merged.of(series)));
    let of_year = |at: usize, year: usize| {
        let first = (year * distinct.len() + at) * KINDS;
        Growth {
            year: scenario.horizon.base + 1 + year as i32,
            yearly: rate(first),
            since_base: rate(first + 1),
            cumulative: summary(merged.of(first + 2)),
        }
    };
    each_of(0..distinct.len(), scenario.horizon.years(), of_year)
}

pub(super) fn targets(scenario: &Scenario, trials: u64, workers: &[&Collector], worth: f64) -> Vec<TargetProjection> {
    let n = trials as f64;
    let targets = scenario.targets.iter().enumerate();
    targets
        .map(|(idx, target)| {
            let years = target.first_year..=target.last_year;
            let mut first_reached = vec![0; years.clone().count()];
            for worker in workers {
                let counts = worker.targets().nth(idx).unwrap_or_default();
                first_reached.iter_mut().zip(counts).for_each(|(all, one)| *all += one);
            }
            let share = |count: u64| share(count as f64 / n, trials, worth);
            let reached = first_reached.iter().sum();
            let is_one_year = target.is_in;
            TargetProjection {
                id: target.id.clone(),
                title: target.title.clone(),
                measure: measure_id(scenario, target.measure),
                threshold: target.threshold,
                direction: match target.direction {
                    Direction::AtLeast => "at_least",
                    Direction::AtMost => "at_most",
                },
                by: (!is_one_year).then_some(target.last_year),
                within: is_one_year.then_some(target.last_year),
                probability: share(reached),
                first_reached: years
                    .zip(first_reached)
                    .scan(0, |so_far, (year, count)| {
                        *so_far += count;
                        Some(FirstReached { year, probability: share(count), by_then: share(*so_far) })
                    })
                    .collect(),
            }
        })
        .collect()
}

/// A probability and its standard error, by as many trials as these are worth.
fn share(p: f64, trials: u64, worth: f64) -> Estimate {
    Estimate { value: p, standard_error: (trials >= FEWEST_FOR_AN_ERROR).then(|| (p * (1.0 - p) / worth).sqrt()) }
}

fn measure_id(scenario: &Scenario, measure: MeasureRef) -> String {
    match measure {
        MeasureRef::Flow(flow) => scenario.flows[flow].id.clone(),
        MeasureRef::Exports => "exports".into(),
        MeasureRef::Imports => "imports".into(),
        MeasureRef::Total => "total".into(),
        MeasureRef::Balance => "balance".into(),
        MeasureRef::Own(own) => scenario.measures[own].id.clone(),
    }
}

fn drivers(scenario: &Scenario, plan: &Plan, options: &RunOptions, workers: &[&Collector]) -> Vec<DriverProjection> {
    let trials = options.trials.min(DETAIL_TRIALS) as f64;
    let sum = |get: &dyn Fn(&Collector) -> &Vec<u64>| {
        let mut all = vec![0; workers.first().map_or(0, |worker| get(worker).len())];
        for worker in workers.iter() {
            all.iter_mut().zip(get(worker)).for_each(|(all, one)| *all += one);
        }
        all
    };
    let active = sum(&|worker| &worker.details.active);
    let states = sum(&|worker| &worker.details.states);
    let merged = Merged::new(workers.iter().map(|worker| &worker.details.series));
    let period_count = periods::count(&scenario.horizon);
    let count = plan.drivers.len();
    let driver = |idx: usize| &scenario.drivers[plan.drivers[idx].scenario_idx];
    let enabled = (0..count).filter(|&idx| driver(idx).enabled);
    let contributions = each_of(enabled.clone(), period_count, |idx, period| summary(merged.of(period * count + idx)));
    enabled
        .zip(contributions)
        .map(|(idx, contribution)| {
            let driver = driver(idx);
            let series = |period: usize| period * count + idx;
            let share = |hits: u64| hits as f64 / trials;
            let has_activity = !matches!(driver.kind, DriverKind::Process(_) | DriverKind::Regime(_));
            let active_periods = if has_activity { period_count } else { 0 };
            DriverProjection {
                id: driver.id.clone(),
                title: driver.title.clone(),
                kind: driver.kind.name(),
                unit: match driver.kind {
                    DriverKind::Cargo(_) => scenario.unit.clone(),
                    _ => "log points".into(),
                },
                contribution,
                active: (0..active_periods).map(|period| share(active[series(period)])).collect(),
                states: state_shares(driver, period_count, |at| share(states[at])),
            }
        })
        .collect()
}

fn state_shares(driver: &Driver, periods: usize, share: impl Fn(usize) -> f64) -> Vec<(String, Vec<f64>)> {
    let DriverKind::Regime(regime) = &driver.kind else { return Vec::new() };
    let count = regime.states.len();
    let states = regime.states.iter().enumerate();
    states.map(|(state, name)| (name.clone(), (0..periods).map(|at| share(at * count + state)).collect())).collect()
}

impl DriverKind {
    /// Its name in the format.
    pub fn name(&self) -> &'static str {
        match self {
            DriverKind::Intervention(_) => "intervention",
            DriverKind::Regime(_) => "regime",
            DriverKind::Process(_) => "process",
            DriverKind::Shock(_) => "shock",
            DriverKind::Cargo(_) => "cargo",
        }
    }
}
