//! What a change since the base year is made of: Shapley values over the trend, the drivers and the noise.
//!
//! A driver that is off keeps its draws and its states, and all that follows from them: only its contribution to the
//! flows is dropped. So the drivers of a block run once, and the coalitions differ in the flows alone.

mod game;
mod gather;
mod players;
mod trial;

use super::blocks::Blocks;
use super::finish::FEWEST_FOR_AN_ERROR;
use super::{RunError, RunOptions, Watch, blocks, periods};
use crate::plan::Plan;
use crate::projection::{Attribution, Estimate, IfHappens, MeasureAttribution, Part, PartKind};
use crate::scenario::{Driver, Report, Scenario};
use crate::stats::Moments;

use gather::{Found, Gatherer};
use players::Players;
use trial::Sum;

/// Trials a block at most: a block holds what each player does to each flow at each grid point of a period.
const MOST_LANES: usize = 64;

/// Splits the change of measures since the base year into what the trend, each driver and the noise are worth.
///
/// Per trial the parts are Shapley values (Shapley 1953) of the game whose coalitions are worth the measure's value
/// with only their players on, and of its logarithm. In the measure's unit they are exact, but for flows with a
/// capacity; there, and in log points, they are exact in trials in which at most twelve parts move, and else come from
/// sampled orders (Castro, Gomez and Tejada 2009), whose error is in the standard errors.
///
/// `measures` are indices in the order of [`Scenario::measure_ids`].
///
/// # Errors
/// See [`RunError`].
pub fn attribute(
    scenario: &Scenario,
    measures: &[usize],
    options: &RunOptions,
    watch: Watch<'_>,
) -> Result<Attribution, RunError> {
    refuse_if_too_large(scenario, measures, options)?;
    let mut plan = Plan::compile(scenario, options.seed, false);
    plan.lanes = plan.lanes.min(MOST_LANES);
    let sums: Vec<Sum> = measures.iter().map(|&measure| sum(scenario, measure)).collect();
    let mut workers = Vec::new();
    Blocks { lanes: plan.lanes, options, watch, weight: 1 }.fold(
        0..options.trials.div_ceil(plan.lanes as u64),
        &mut workers,
        &|| Gatherer::new(scenario, &plan, measures, &sums, options),
        &|| blocks::engine(&plan, scenario, options),
    )?;
    let found = Found::new(&workers);
    let ids = scenario.measure_ids();
    let measure = |(at, &measure): (usize, &usize)| MeasureAttribution {
        id: ids[measure].clone(),
        unit: scenario.unit_of_values(),
        periods: (0..periods::count(&scenario.horizon))
            .map(|period| parts(scenario, &plan, &found, (at, sums[at].has_log), period))
            .collect(),
    };
    Ok(Attribution {
        scenario: scenario.id.clone(),
        trials: options.trials,
        seed: options.seed,
        base_period: periods::base(&scenario.horizon),
        periods: periods::all(&scenario.horizon),
        measures: measures.iter().enumerate().map(measure).collect(),
    })
}

/// The flows of a measure.
fn sum(scenario: &Scenario, measure: usize) -> Sum {
    let flows = scenario.flows.len();
    let with_sign = |flow: usize| (flow, if scenario.flows[flow].is_export { 1.0 } else { -1.0 });
    let is_export = |flow: &usize| scenario.flows[*flow].is_export;
    let all = 0..flows;
    let plus = |flow: usize| (flow, 1.0);
    let flows: Vec<(usize, f64)> = match measure.checked_sub(flows) {
        None => vec![(measure, 1.0)],
        Some(0) => all.filter(is_export).map(plus).collect(),
        Some(1) => all.filter(|flow| !is_export(flow)).map(plus).collect(),
        Some(2) => all.map(plus).collect(),
        Some(3) => all.map(with_sign).collect(),
        Some(own) => scenario.measures[own - 4].flows.iter().map(|&flow| (flow, 1.0)).collect(),
    };
    let has_log = !flows.is_empty() && flows.iter().all(|(_, sign)| *sign > 0.0);
    Sum { flows, has_log }
}

fn refuse_if_too_large(scenario: &Scenario, measures: &[usize], options: &RunOptions) -> Result<(), RunError> {
    const A_HISTOGRAM: u64 = 12 << 10;
    let threads = if options.threads == 0 { rayon::current_num_threads() } else { options.threads } as u64;
    let (parts, periods) = (scenario.drivers.len() as u64 + 3, periods::count(&scenario.horizon) as u64);
    let needed = threads.saturating_mul(measures.len() as u64 * periods * parts).saturating_mul(A_HISTOGRAM);
    if needed <= options.memory_limit {
        return Ok(());
    }
    Err(RunError::TooLarge {
        needed,
        limit: options.memory_limit,
        because: format!(
            "{parts} parts of {} measures over {periods} periods; name the measures you want with `--measure`, report \
             years instead of steps, or use fewer threads",
            measures.len()
        ),
    })
}

/// The parts of one measure in one period.
fn parts(
    scenario: &Scenario,
    plan: &Plan,
    found: &Found<'_>,
    (at, has_log): (usize, bool),
    period: usize,
) -> Vec<Part> {
    let players = Players::of(plan);
    let log = |player: usize| has_log.then(|| estimate(found.log(period, at, player)));
    let plain = |kind: PartKind, part: usize| Part {
        id: kind.name().to_owned(),
        title: None,
        kind,
        log_points: log(part),
        ..described(found.worth(period, at, part))
    };
    let base = Part { id: PartKind::Base.name().to_owned(), ..described(found.base(at)) };
    let drivers = plan.drivers.iter().enumerate().filter_map(|(idx, driver)| {
        let Driver { id, title, enabled, .. } = &scenario.drivers[driver.scenario_idx];
        let player = Players::driver(idx);
        let happened = found.happened(period, idx);
        enabled.then(|| Part {
            id: id.clone(),
            title: title.clone(),
            kind: PartKind::Driver,
            log_points: log(player),
            probability_happens: Some(happened),
            if_happens: (happened > 0.0 && happened < 1.0).then(|| {
                let (worth, log) = found.if_happens(period, at, idx);
                IfHappens { mean: estimate(worth), log_points: has_log.then(|| estimate(log)) }
            }),
            ..described(found.worth(period, at, player))
        })
    });
    let drivers: Vec<Part> = drivers.collect();
    let first = [base, plain(PartKind::Trend, Players::TREND)];
    let last = [plain(PartKind::Noise, players.noise()), plain(PartKind::Change, players.count())];
    first.into_iter().chain(drivers).chain(last).collect()
}

fn described((moments, quantiles): (Moments, [f64; 3])) -> Part {
    Part {
        id: String::new(),
        title: None,
        kind: PartKind::Base,
        mean: estimate(moments),
        quantiles,
        log_points: None,
        probability_happens: None,
        if_happens: None,
    }
}

fn estimate(moments: Moments) -> Estimate {
    let error = || (moments.variance() / moments.count as f64).sqrt();
    Estimate { value: moments.mean, standard_error: (moments.count >= FEWEST_FOR_AN_ERROR).then(error) }
}

/// Grid points a period has, and what the sum over them is multiplied by.
fn points(scenario: &Scenario) -> (usize, f64) {
    let m = scenario.horizon.steps_per_year;
    match scenario.horizon.report {
        Report::Year => (m, 1.0 / m as f64),
        Report::StepAnnualised => (1, 1.0),
        Report::StepAmount => (1, scenario.horizon.dt()),
    }
}
