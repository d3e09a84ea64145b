//! What a worker gathers: moments and histograms of every measure in every period, and targets reached.

use super::blocks::Worker;
use super::details::Details;
use super::growth::GrowthCollector;
use super::series::Series;
use super::{RunOptions, periods};
use crate::kernel::{Observer, View};
use crate::plan::{Plan, measure_idx};
use crate::projection::DETAIL_TRIALS;
use crate::scenario::{Direction, Scenario};
use crate::stats::Kind;
use crate::vector::vectorised;

/// The observer of a run.
pub(super) struct Collector {
    /// Measures that stand for all that are reported.
    distinct: Vec<usize>,
    /// Base year first, then the periods; within each the distinct measures.
    pub measures: Series,
    targets: Vec<TargetCounter>,
    pub growth: Option<GrowthCollector>,
    pub details: Details,
    detail_blocks: u64,
    /// How far they are.
    details_are: Space,
    lanes: u64,
}

/// So many times the trials that details describe make a run long: its memory counts, and not a few milliseconds.
const LONG: u64 = 64;

/// How far details are, each with less space than the one before.
#[derive(PartialEq, PartialOrd)]
enum Space {
    Gathering,
    Counted,
    Tallied,
}

/// How often a target is first reached in each of its years.
pub(super) struct TargetCounter {
    measure: usize,
    threshold: f64,
    direction: Direction,
    /// Index of its first year and of its last.
    years: (usize, usize),
    reached: Vec<bool>,
    pub first_reached: Vec<u64>,
}

impl Collector {
    pub fn new(scenario: &Scenario, plan: &Plan, options: &RunOptions) -> Collector {
        let distinct = distinct(plan);
        let kind = |measure: &usize| if plan.measures[*measure].has_atoms { Kind::Atoms } else { Kind::Smooth };
        let base = distinct.iter().map(|_| Kind::Atoms);
        let periods = (0..periods::count(&scenario.horizon)).flat_map(|_| distinct.iter().map(kind));
        let measures = Series::new(base.chain(periods), plan.lanes, options.vectors);
        Collector {
            measures,
            distinct,
            targets: scenario.targets.iter().map(|target| TargetCounter::new(target, scenario, plan.lanes)).collect(),
            growth: options.growth.then(|| GrowthCollector::new(scenario, plan, options.vectors)),
            details: Details::new(scenario, plan, options.vectors),
            detail_blocks: DETAIL_TRIALS / plan.lanes as u64,
            details_are: Space::Gathering,
            lanes: plan.lanes as u64,
        }
    }

    /// Trials that first reach each target in each of its years.
    pub fn targets(&self) -> impl Iterator<Item = &[u64]> {
        self.targets.iter().map(|target| &target.first_reached[..])
    }

    /// Adds counts that [`Collector::targets`] gave of other trials.
    pub fn add_targets(&mut self, counts: &[Vec<u64>]) {
        for (target, counts) in self.targets.iter_mut().zip(counts) {
            target.first_reached.iter_mut().zip(counts).for_each(|(all, one)| *all += one);
        }
    }

    /// A base year that is the same in all trials is counted without a look at them.
    fn push_base(&mut self, view: &View<'_>) {
        let is_finite = |&measure: &usize| view.measures[measure][0].is_finite();
        if !view.is_fixed || !self.distinct.iter().all(is_finite) {
            return self.push_measures(view, 0);
        }
        for (series, &measure) in self.distinct.iter().enumerate() {
            self.measures.push_alike(series, view.measures[measure][0], view.live);
        }
    }

    fn push_measures(&mut self, view: &View<'_>, period: usize) {
        for (at, &measure) in self.distinct.iter().enumerate() {
            let series = period * self.distinct.len() + at;
            match view.singles.get(measure) {
                Some(row) if period > 0 && !row.is_empty() => self.measures.push(series, &row[..view.live]),
                _ => self.measures.push(series, &view.measures[measure][..view.live]),
            }
        }
    }

    /// Takes over the sums of another, which keeps its counts.
    pub fn take_sums(&mut self, other: &mut Collector) {
        self.measures.take_sums(&mut other.measures);
        self.details.series.take_sums(&mut other.details.series);
        if let (Some(growth), Some(others)) = (&mut self.growth, &mut other.growth) {
            growth.series.take_sums(&mut others.series);
        }
    }

    /// Frees the space of what waits to be counted: no more blocks come.
    pub fn complete(&mut self) {
        self.measures.settle_for_good();
        self.details.series.settle_for_good();
        if let Some(growth) = &mut self.growth {
            growth.series.settle_for_good();
        }
    }

    /// After a block that is not among those that details describe.
    fn make_details_small(&mut self, block: u64) {
        if self.details_are == Space::Gathering {
            self.details.series.settle_for_good();
            self.details_are = Space::Counted;
        }
        if self.details_are < Space::Tallied && block >= LONG * self.detail_blocks {
            self.details.series.move_counts_to_tallies();
            self.details_are = Space::Tallied;
        }
    }

    fn wants_details(&self, first_trial: u64) -> bool {
        first_trial / self.lanes < self.detail_blocks
    }
}

/// The first of the measures that are always the same as this one.
pub(super) fn stands_for(plan: &Plan, measure: usize) -> usize {
    plan.measures[measure].same_as.unwrap_or(measure)
}

/// Indices of the measures that stand for the reported ones, each once, in ascending order.
pub(super) fn distinct(plan: &Plan) -> Vec<usize> {
    let mut distinct: Vec<usize> = plan.reported.iter().map(|&measure| stands_for(plan, measure)).collect();
    distinct.sort_unstable();
    distinct.dedup();
    distinct
}

impl Observer for Collector {
    const READS_SINGLES: bool = true;

    fn reads_contributions(&self, first_trial: u64) -> bool {
        self.wants_details(first_trial)
    }

    fn reads_year_of(&self, measure: usize) -> bool {
        self.growth.is_some() || self.targets.iter().any(|target| target.measure == measure)
    }

    fn base(&mut self, view: &View<'_>) {
        self.push_base(view);
        for target in &mut self.targets {
            target.reached.fill(false);
        }
        if let Some(growth) = &mut self.growth {
            growth.base(view);
        }
        if self.wants_details(view.first_trial) {
            self.details.begin();
        }
    }

    fn period(&mut self, view: &View<'_>, period: usize) {
        self.push_measures(view, period + 1);
        if self.wants_details(view.first_trial) {
            self.details.period(view, period);
        }
    }

    fn year(&mut self, view: &View<'_>, year: usize) {
        for target in &mut self.targets {
            target.year(view, year);
        }
        if let Some(growth) = &mut self.growth {
            growth.year(view, year);
        }
    }
}

impl Worker for Collector {
    fn end_block(&mut self, block: u64) {
        self.measures.end_block(block);
        if let Some(growth) = &mut self.growth {
            growth.series.end_block(block);
        }
        if block < self.detail_blocks {
            self.details.series.end_block(block);
        } else {
            self.make_details_small(block);
        }
    }

    fn rest(&mut self) {
        self.measures.settle();
        self.details.series.settle();
        if let Some(growth) = &mut self.growth {
            growth.series.settle();
        }
    }
}

impl TargetCounter {
    fn new(target: &crate::scenario::Target, scenario: &Scenario, lanes: usize) -> TargetCounter {
        let year = |year: i32| (year - scenario.horizon.base - 1) as usize;
        TargetCounter {
            measure: measure_idx(scenario.flows.len(), target.measure),
            threshold: target.threshold,
            direction: target.direction,
            years: (year(target.first_year), year(target.last_year)),
            reached: vec![false; lanes],
            first_reached: vec![0; (target.last_year - target.first_year + 1) as usize],
        }
    }

    fn year(&mut self, view: &View<'_>, year: usize) {
        if year < self.years.0 || year > self.years.1 {
            return;
        }
        // A year is a mean of steps, which rounds: what meets a target exactly must not miss it by the last digit.
        let slack = 1e-12 * self.threshold.abs();
        let (values, reached) = (&view.measures[self.measure][..view.live], &mut self.reached[..view.live]);
        let newly = match self.direction {
            Direction::AtLeast => reach_up(view.scene.vectors, values, reached, self.threshold - slack),
            Direction::AtMost => reach_down(view.scene.vectors, values, reached, self.threshold + slack),
        };
        self.first_reached[year - self.years.0] += u64::from(newly);
    }
}

vectorised! {
    /// Marks the values that are at least so much, and counts those that had no mark.
    fn reach_up(values: &[f64], reached: &mut [bool], least: f64) -> u32 {
        values.iter().zip(reached).map(|(value, reached)| mark(reached, *value >= least)).sum()
    }
}

vectorised! {
    /// The same for values that are at most so much.
    fn reach_down(values: &[f64], reached: &mut [bool], greatest: f64) -> u32 {
        values.iter().zip(reached).map(|(value, reached)| mark(reached, *value <= greatest)).sum()
    }
}

#[inline(always)]
fn mark(reached: &mut bool, is_there: bool) -> u32 {
    let newly = is_there & !*reached;
    *reached |= is_there;
    u32::from(newly)
}

/// Bytes a worker holds at least: each histogram spans some three octaves of 2 KiB or more. What it needs in the end
/// depends on how far the values spread.
pub(super) fn bytes_a_worker(scenario: &Scenario, options: &RunOptions) -> u64 {
    const A_HISTOGRAM: u64 = 6 << 10;
    let measures = scenario.reported().len() as u64;
    let periods = periods::count(&scenario.horizon) as u64;
    let growth = if options.growth { 3 * scenario.horizon.years() as u64 } else { 0 };
    let drivers = scenario.drivers.len() as u64 * periods;
    (measures * (periods + growth) + drivers) * A_HISTOGRAM
}
