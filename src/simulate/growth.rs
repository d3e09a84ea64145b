//! Rates of growth and cumulative amounts, from paths.

use super::collect::distinct;
use super::series::Series;
use crate::kernel::View;
use crate::plan::Plan;
use crate::scenario::Scenario;
use crate::stats::Kind;
use crate::vector::Vectors;

/// Kinds of series a measure and year has.
pub(super) const KINDS: usize = 3;

/// What a worker gathers of growth.
pub(super) struct GrowthCollector {
    distinct: Vec<usize>,
    /// Year by year, measure by measure: on the year before, a year since the base year, sum since then.
    pub series: Series,
    /// Whether a rate was undefined in some trial, by series.
    pub undefined: Vec<bool>,
    base: Vec<Vec<f64>>,
    previous: Vec<Vec<f64>>,
    sum: Vec<Vec<f64>>,
    scratch: Vec<f64>,
}

impl GrowthCollector {
    pub fn new(scenario: &Scenario, plan: &Plan, vectors: Vectors) -> GrowthCollector {
        let distinct = distinct(plan);
        let series = scenario.horizon.years() * distinct.len() * KINDS;
        let rows = vec![vec![0.0; plan.lanes]; distinct.len()];
        GrowthCollector {
            series: Series::new((0..series).map(|_| Kind::Atoms), plan.lanes, vectors),
            undefined: vec![false; series],
            base: rows.clone(),
            previous: rows.clone(),
            sum: rows,
            scratch: vec![0.0; plan.lanes],
            distinct,
        }
    }

    pub fn base(&mut self, view: &View<'_>) {
        for (at, &measure) in self.distinct.iter().enumerate() {
            self.base[at].copy_from_slice(&view.measures[measure]);
            self.previous[at].copy_from_slice(&view.measures[measure]);
            self.sum[at].fill(0.0);
        }
    }

    pub fn year(&mut self, view: &View<'_>, year: usize) {
        for at in 0..self.distinct.len() {
            let values = &view.measures[self.distinct[at]][..view.live];
            let first = (year * self.distinct.len() + at) * KINDS;
            self.rates(view.live, first, values, Since::LastYear(at));
            self.rates(view.live, first + 1, values, Since::BaseYear(at, year + 1));
            for (sum, value) in self.sum[at].iter_mut().zip(values) {
                *sum += value;
            }
            self.series.push(first + 2, &self.sum[at][..view.live]);
            self.previous[at][..view.live].copy_from_slice(values);
        }
    }

    fn rates(&mut self, live: usize, series: usize, values: &[f64], since: Since) {
        let (earlier, years) = match since {
            Since::LastYear(at) => (&self.previous[at], 1),
            Since::BaseYear(at, years) => (&self.base[at], years),
        };
        let rate = |value: f64, earlier: f64| match years {
            1 => 100.0 * (value / earlier - 1.0),
            _ => 100.0 * libm::expm1(libm::log(value / earlier) / years as f64),
        };
        let out = &mut self.scratch[..live];
        for ((out, value), earlier) in out.iter_mut().zip(values).zip(earlier) {
            let defined = *earlier > 0.0 && (years == 1 || *value > 0.0);
            self.undefined[series] |= !defined;
            *out = if defined { rate(*value, *earlier) } else { 0.0 };
        }
        self.series.push(series, out);
    }
}

/// What a rate compares with: (index of the measure, years).
enum Since {
    LastYear(usize),
    BaseYear(usize, usize),
}
