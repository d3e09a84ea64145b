//! Scenarios beside each other, trial by trial on the same draws.
//!
//! A block of trials runs through the base, whose values are kept, and then through each other scenario, whose values
//! are set against them. Only what they differ by is gathered.

use std::fmt;

use super::blocks::{Blocks, Worker, explain};
use super::finish::FEWEST_FOR_AN_ERROR;
use super::series::{Merged, Series};
use super::{RunError, RunOptions, Watch, periods};
use crate::kernel::{Kernel, Observer, View};
use crate::plan::Plan;
use crate::projection::{Comparison, Difference, Estimate, HeldBy, MeasureComparison, Ratio};
use crate::scenario::{Report, Scenario};
use crate::stats::{Kind, Moments, Tally, Tree};
use crate::vector::Vectors;

/// Why there is no comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum CompareError {
    /// Two scenarios do not count the same thing in the same periods.
    Different {
        /// What differs, such as `unit`.
        what: &'static str,
        /// Id of the base and what it has.
        base: (String, String),
        /// Id of the other scenario and what it has.
        other: (String, String),
    },
    /// The run failed, in this scenario if it was one.
    Run {
        /// Its index: 0 for the base, then the others in order.
        scenario: Option<usize>,
        /// Why.
        error: RunError,
    },
}

impl From<RunError> for CompareError {
    fn from(error: RunError) -> Self {
        CompareError::Run { scenario: None, error }
    }
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompareError::Different { what, base, other } => write!(
                f,
                "`{}` cannot be compared with `{}`: its {what} is `{}`, that of `{}` is `{}`",
                other.0, base.0, other.1, base.0, base.1
            ),
            CompareError::Run { error, .. } => error.fmt(f),
        }
    }
}

impl std::error::Error for CompareError {}

/// Compares scenarios with a base, all simulated on the same draws.
///
/// # Errors
/// See [`CompareError`].
pub fn compare(
    base: &Scenario,
    others: &[&Scenario],
    options: &RunOptions,
    watch: Watch<'_>,
) -> Result<Vec<Comparison>, CompareError> {
    for other in others {
        refuse_if_different(base, other)?;
    }
    let all: Vec<&Scenario> = std::iter::once(base).chain(others.iter().copied()).collect();
    refuse_if_too_large(&all, options)?;
    let plans = plans(&all, options.seed);
    let lanes = plans[0].lanes;
    let pairings: Vec<Pairing> =
        (1..all.len()).map(|other| Pairing::new((base, all[other]), (&plans[0], &plans[other]))).collect();
    let mut workers = Vec::new();
    let done: Result<(), CompareError> = Blocks { lanes, options, watch, weight: all.len() as u64 }.fold(
        0..options.trials.div_ceil(lanes as u64),
        &mut workers,
        &|| Beside::new(&plans[0], &pairings, options.vectors),
        &|| {
            let mut kernels: Vec<Kernel<'_>> = plans.iter().map(|plan| Kernel::new(plan, options.vectors)).collect();
            let (all, plans) = (&all, &plans);
            move |first_trial: u64, live: usize, beside: &mut Beside<'_>| {
                for (idx, kernel) in kernels.iter_mut().enumerate() {
                    beside.now = idx;
                    kernel.run(first_trial, live, beside).map_err(|error| CompareError::Run {
                        scenario: Some(idx),
                        error: explain(all[idx], &plans[idx], error),
                    })?;
                }
                Ok(())
            }
        },
    );
    done?;
    let found = pairings.iter().enumerate();
    Ok(found.map(|(idx, pairing)| finish((base, others[idx]), pairing, options, &workers, idx)).collect())
}

/// Plans whose blocks are as long as those of the longest list of flows allow, so that they end together.
fn plans(scenarios: &[&Scenario], seed: u64) -> Vec<Plan> {
    let mut plans: Vec<Plan> = scenarios.iter().map(|scenario| Plan::compile(scenario, seed, false)).collect();
    let least = plans.iter().map(|plan| plan.lanes).min().unwrap_or(1);
    for plan in &mut plans {
        plan.lanes = least;
    }
    plans
}

fn refuse_if_different(base: &Scenario, other: &Scenario) -> Result<(), CompareError> {
    let report = |scenario: &Scenario| match scenario.horizon.report {
        Report::Year => "years",
        Report::StepAnnualised => "steps as yearly rates",
        Report::StepAmount => "steps as amounts",
    };
    let years = |scenario: &Scenario| format!("{} to {}", scenario.horizon.base, scenario.horizon.end);
    let facts = |scenario: &Scenario| {
        [
            ("unit", scenario.unit.clone()),
            ("prices", scenario.prices.as_str().to_owned()),
            ("horizon", years(scenario)),
            ("step", scenario.horizon.step().to_owned()),
            ("report", report(scenario).to_owned()),
        ]
    };
    match facts(base).into_iter().zip(facts(other)).find(|(base, other)| base != other) {
        None => Ok(()),
        Some(((what, of_base), (_, of_other))) => {
            Err(CompareError::Different { what, base: (base.id.clone(), of_base), other: (other.id.clone(), of_other) })
        }
    }
}

fn refuse_if_too_large(scenarios: &[&Scenario], options: &RunOptions) -> Result<(), CompareError> {
    const A_HISTOGRAM: u64 = 12 << 10;
    let threads = if options.threads == 0 { rayon::current_num_threads() } else { options.threads } as u64;
    let periods = periods::count(&scenarios[0].horizon) as u64;
    let of_base = scenarios[0].reported().len();
    let measures: u64 = scenarios.iter().skip(1).map(|scenario| scenario.reported().len().max(of_base) as u64).sum();
    let needed = threads.saturating_mul(measures.saturating_mul(periods)).saturating_mul(2 * A_HISTOGRAM);
    if needed <= options.memory_limit {
        return Ok(());
    }
    Err(CompareError::from(RunError::TooLarge {
        needed,
        limit: options.memory_limit,
        because: format!(
            "{measures} measures over {periods} periods; compare fewer scenarios at a time or some measures only, report \
             years instead of steps, or use fewer threads"
        ),
    }))
}

/// The measures that two scenarios have between them and that are reported of either.
struct Pairing {
    pairs: Vec<Pair>,
    periods: usize,
    lanes: usize,
}

struct Pair {
    id: String,
    base: Option<usize>,
    other: Option<usize>,
    kind: Kind,
}

impl Pairing {
    fn new((base, other): (&Scenario, &Scenario), (base_plan, other_plan): (&Plan, &Plan)) -> Pairing {
        let (ids_of_base, ids_of_other) = (base.measure_ids(), other.measure_ids());
        let place = |ids: &[String], id: &String| ids.iter().position(|it| it == id);
        let (of_base, of_other) = (base.reported_ids(), other.reported_ids());
        let only_of_other = of_other.iter().filter(|id| !of_base.contains(id));
        let pair = |id: &String| {
            let (base, other) = (place(&ids_of_base, id), place(&ids_of_other, id));
            let atoms = |plan: &Plan, at: Option<usize>| at.is_none_or(|at| plan.measures[at].has_atoms);
            let has_atoms = atoms(base_plan, base) || atoms(other_plan, other);
            Pair { id: id.clone(), base, other, kind: if has_atoms { Kind::Atoms } else { Kind::Smooth } }
        };
        Pairing {
            pairs: of_base.iter().chain(only_of_other).map(pair).collect(),
            periods: periods::count(&base.horizon),
            lanes: base_plan.lanes,
        }
    }
}

/// What a worker holds: the base's values of the current block, and what has been gathered of each other scenario.
struct Beside<'p> {
    /// Index of the scenario that runs now, 0 for the base.
    now: usize,
    /// Row of measure `m` in period `p` at `p * measures + m`; empty if no pair has it.
    base: Vec<Vec<f64>>,
    measures: usize,
    others: Vec<Gathered<'p>>,
}

/// The quantities that a pair has in a period.
const KINDS: usize = 3;
/// The difference.
const DIFFERENCE: usize = 0;
/// The ratio less 1 where the ratio is at least a half: near 1 what matters is how far from it.
const ABOVE_ONE: usize = 1;
/// The ratio where it is below a half.
const SMALL_RATIO: usize = 2;

/// What is gathered of one scenario and the base, period by period and pair by pair.
struct Gathered<'p> {
    pairing: &'p Pairing,
    vectors: Vectors,
    /// [`KINDS`] a pair.
    series: Series,
    /// Moments of the base's values and of the scenario's in turn, of the current block and of all.
    leaf: Vec<Moments>,
    tree: Tree<Vec<Moments>>,
    /// Whether a trial's base value is not above 0.
    no_ratio: Vec<bool>,
    higher: Vec<u64>,
    lower: Vec<u64>,
    absent: Vec<f64>,
    difference: Vec<f64>,
    above_one: Vec<f64>,
    small_ratio: Vec<f64>,
}

impl<'p> Beside<'p> {
    fn new(base: &Plan, pairings: &'p [Pairing], vectors: Vectors) -> Beside<'p> {
        let periods = pairings.first().map_or(0, |pairing| pairing.periods);
        let measures = base.measures.len();
        let is_read = |measure: usize| pairings.iter().flat_map(|it| &it.pairs).any(|pair| pair.base == Some(measure));
        let row = |measure: usize| vec![0.0; if is_read(measure) { base.lanes } else { 0 }];
        let rows: Vec<Vec<f64>> = (0..measures).map(row).collect();
        Beside {
            now: 0,
            base: (0..periods).flat_map(|_| rows.iter().cloned()).collect(),
            measures,
            others: pairings.iter().map(|pairing| Gathered::new(pairing, vectors)).collect(),
        }
    }
}

impl Observer for Beside<'_> {
    fn period(&mut self, view: &View<'_>, period: usize) {
        let rows = period * self.measures..(period + 1) * self.measures;
        match self.now {
            0 => {
                let rows = self.base[rows].iter_mut().zip(view.measures);
                for (kept, row) in rows.filter(|(kept, _)| !kept.is_empty()) {
                    kept.copy_from_slice(row);
                }
            }
            other => self.others[other - 1].push(view, period, &self.base[rows]),
        }
    }
}

impl Worker for Beside<'_> {
    fn end_block(&mut self, block: u64) {
        for other in &mut self.others {
            other.series.end_block(block);
            let next = vec![Moments::default(); other.leaf.len()];
            other.tree.push(block, std::mem::replace(&mut other.leaf, next));
        }
    }

    fn rest(&mut self) {
        for other in &mut self.others {
            other.series.settle();
        }
    }
}

impl<'p> Gathered<'p> {
    fn new(pairing: &'p Pairing, vectors: Vectors) -> Gathered<'p> {
        let (lanes, cells) = (pairing.lanes, pairing.periods * pairing.pairs.len());
        let of_period = || pairing.pairs.iter().flat_map(|pair| [pair.kind; KINDS]);
        let row = || vec![0.0; lanes];
        Gathered {
            pairing,
            vectors,
            series: Series::new((0..pairing.periods).flat_map(|_| of_period()), lanes, vectors),
            leaf: vec![Moments::default(); 2 * cells],
            tree: Tree::default(),
            no_ratio: vec![false; cells],
            higher: vec![0; cells],
            lower: vec![0; cells],
            absent: row(),
            difference: row(),
            above_one: row(),
            small_ratio: row(),
        }
    }

    fn push(&mut self, view: &View<'_>, period: usize, base_rows: &[Vec<f64>]) {
        let pairing = self.pairing;
        for (at, pair) in pairing.pairs.iter().enumerate() {
            let cell = period * pairing.pairs.len() + at;
            let base = &pair.base.map_or(&self.absent, |row| &base_rows[row])[..view.live];
            let other = &pair.other.map_or(&self.absent, |row| &view.measures[row])[..view.live];
            self.leaf[2 * cell] = Moments::of(self.vectors, base);
            self.leaf[2 * cell + 1] = Moments::of(self.vectors, other);
            let difference = &mut self.difference[..view.live];
            let (mut higher, mut lower) = (0, 0);
            for ((difference, base), other) in difference.iter_mut().zip(base).zip(other) {
                *difference = other - base;
                higher += u64::from(other > base);
                lower += u64::from(other < base);
            }
            self.higher[cell] += higher;
            self.lower[cell] += lower;
            self.series.push(cell * KINDS + DIFFERENCE, difference);
            self.no_ratio[cell] |= base.iter().any(|&base| base <= 0.0);
            if self.no_ratio[cell] {
                continue;
            }
            let (mut above, mut small) = (0, 0);
            for ((difference, base), other) in difference.iter().zip(base).zip(other) {
                let is_small = *other < 0.5 * base;
                self.above_one[above] = difference / base;
                self.small_ratio[small] = other / base;
                above += usize::from(!is_small);
                small += usize::from(is_small);
            }
            self.series.push(cell * KINDS + ABOVE_ONE, &self.above_one[..above]);
            self.series.push(cell * KINDS + SMALL_RATIO, &self.small_ratio[..small]);
        }
    }
}

fn finish(
    (base, other): (&Scenario, &Scenario),
    pairing: &Pairing,
    options: &RunOptions,
    workers: &[Beside<'_>],
    idx: usize,
) -> Comparison {
    let found = Found::new(workers.iter().map(|worker| &worker.others[idx]).collect());
    let measure = |(at, pair): (usize, &Pair)| MeasureComparison {
        id: pair.id.clone(),
        unit: base.unit_of_values(),
        held_by: match (pair.base, pair.other) {
            (Some(_), Some(_)) => HeldBy::Both,
            (_, None) => HeldBy::BaseOnly,
            (None, _) => HeldBy::ScenarioOnly,
        },
        periods: (0..pairing.periods).map(|period| found.difference(period * pairing.pairs.len() + at)).collect(),
    };
    Comparison {
        base: base.id.clone(),
        scenario: other.id.clone(),
        trials: options.trials,
        seed: options.seed,
        periods: periods::all(&base.horizon),
        measures: pairing.pairs.iter().enumerate().map(measure).collect(),
    }
}

/// What all workers gathered of one scenario.
struct Found<'a> {
    workers: Vec<&'a Gathered<'a>>,
    series: Merged<'a>,
    /// Of the base's values and of the scenario's in turn.
    values: Vec<Moments>,
}

impl<'a> Found<'a> {
    fn new(workers: Vec<&'a Gathered<'a>>) -> Found<'a> {
        let mut tree = Tree::default();
        for worker in &workers {
            tree.absorb(worker.tree.clone());
        }
        let series = Merged::new(workers.iter().map(|worker| &worker.series));
        Found { series, values: tree.finish().unwrap_or_default(), workers }
    }

    fn difference(&self, cell: usize) -> Difference {
        let (moments, tally) = self.series.of(cell * KINDS + DIFFERENCE);
        let n = moments.count as f64;
        let error_of_mean = |variance: f64| (moments.count >= FEWEST_FOR_AN_ERROR).then(|| (variance / n).sqrt());
        let apart = self.values[2 * cell].variance() + self.values[2 * cell + 1].variance();
        let at = |level: f64| tally.quantile(level).0;
        let share = |count: fn(&'a Gathered<'a>) -> &'a Vec<u64>| {
            self.workers.iter().map(|worker| count(worker)[cell]).sum::<u64>() as f64 / n
        };
        Difference {
            mean: Estimate { value: moments.mean, standard_error: error_of_mean(moments.variance()) },
            unpaired_error: error_of_mean(apart),
            p05: at(0.05),
            p25: at(0.25),
            p50: at(0.5),
            p75: at(0.75),
            p95: at(0.95),
            ratio: self.ratio(cell),
            probability_higher: share(|worker| &worker.higher),
            probability_lower: share(|worker| &worker.lower),
        }
    }

    fn ratio(&self, cell: usize) -> Option<Ratio> {
        if self.workers.iter().any(|worker| worker.no_ratio[cell]) {
            return None;
        }
        let small = self.series.tally(cell * KINDS + SMALL_RATIO);
        let above_one = self.series.tally(cell * KINDS + ABOVE_ONE);
        let at = |level: f64| ratio_at(level, &small, &above_one);
        Some(Ratio { p05: at(0.05), p50: at(0.5), p95: at(0.95) })
    }
}

/// A quantile of the values of `small` and of those of `above_one` raised by 1, which are all greater.
fn ratio_at(level: f64, small: &Tally, above_one: &Tally) -> f64 {
    let rank = Tally::rank(level, small.count() + above_one.count());
    match rank.checked_sub(small.count()) {
        None | Some(0) => small.value_at_rank(rank).0,
        Some(rank) => 1.0 + above_one.value_at_rank(rank).0,
    }
}
