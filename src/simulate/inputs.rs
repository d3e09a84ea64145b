//! Inputs as drawn against inputs as asked for.

use super::parallel::{map_in_order, try_map_in_order};
use super::{RunError, RunOptions, range_in_words};
use crate::draws::{Quasi, Trials};
use crate::kernel::{OutOfRange, evaluate_rows};
use crate::plan::Plan;
use crate::projection::{DETAIL_TRIALS, InputProjection, LawFigures, Summary};
use crate::scenario::{Input, Scenario, Source};

/// Inputs evaluated together: enough to share what they depend on, few enough to hold all their draws.
const GROUP: usize = 4;
const LANES: usize = 1024;

/// Whose inputs are told: of trials one after the other, or of those picked.
#[derive(Clone, Copy, Default)]
pub(super) struct Whose<'a> {
    pub picked: Option<&'a [u64]>,
    /// Points in place of random draws.
    pub quasi: Option<&'a Quasi>,
}

/// All uncertain inputs of the first trials.
pub(super) fn as_drawn(
    scenario: &Scenario,
    options: &RunOptions,
    whose: Whose<'_>,
) -> Result<Vec<InputProjection>, RunError> {
    let uncertain: Vec<usize> = (0..scenario.inputs.len()).filter(|&idx| is_uncertain(&scenario.inputs[idx])).collect();
    let groups: Vec<&[usize]> = uncertain.chunks(GROUP).collect();
    let groups = try_map_in_order(&groups, |group| group_as_drawn(scenario, options, whose, group));
    let groups = groups.map_err(|it| RunError::OutOfRange {
        trial: it.trial + 1,
        place: it.place,
        written: it.written,
        value: it.value,
        range: range_in_words(&it.range),
    })?;
    Ok(groups.into_iter().flatten().collect())
}

fn is_uncertain(input: &Input) -> bool {
    match &input.source {
        Source::Law(law) => law.constant().is_none(),
        Source::Formula(_) => true,
    }
}

fn group_as_drawn(
    scenario: &Scenario,
    options: &RunOptions,
    whose: Whose<'_>,
    group: &[usize],
) -> Result<Vec<InputProjection>, OutOfRange> {
    let ops = Plan::compile_inputs(scenario, options.seed, group);
    let trials = options.trials.min(DETAIL_TRIALS) as usize;
    let mut rows: Vec<Vec<f64>> = ops.iter().map(|op| vec![0.0; if op.has_row() { LANES } else { 0 }]).collect();
    let mut draws = vec![Vec::with_capacity(trials); group.len()];
    for first in (0..trials).step_by(LANES) {
        let live = LANES.min(trials - first);
        let consecutive = Trials::From(first as u64);
        let trials = whose.picked.map_or(consecutive, |picked| Trials::Picked(&picked[first..first + live]));
        evaluate_rows(options.vectors, whose.quasi, &ops, trials, live, &mut rows)?;
        for (draws, &idx) in draws.iter_mut().zip(group) {
            draws.extend_from_slice(&rows[idx][..live]);
        }
    }
    let inputs: Vec<(usize, Vec<f64>)> = group.iter().copied().zip(draws).collect();
    Ok(map_in_order(&inputs, |(idx, draws)| describe(scenario, &scenario.inputs[*idx], draws)))
}

fn describe(scenario: &Scenario, input: &Input, draws: &[f64]) -> InputProjection {
    // Dates are held in years after t0 and reported as decimal years.
    let shift = if input.is_date { f64::from(scenario.horizon.base + 1) } else { 0.0 };
    let law = match &input.source {
        Source::Formula(_) => None,
        Source::Law(law) => Some(LawFigures {
            mean: law.mean().map(|mean| mean + shift),
            sd: law.sd(),
            p05: law.quantile(0.05) + shift,
            p50: law.quantile(0.5) + shift,
            p95: law.quantile(0.95) + shift,
        }),
    };
    InputProjection {
        name: input.name.clone(),
        requested: input.written.clone(),
        drawn: summary_of(&mut draws.to_vec(), shift),
        prior: None,
        law,
    }
}

/// A summary of values, each moved by `shift`. They are put in another order.
///
/// A formula that nothing uses may be undefined in some trials: then nothing can be said of it.
fn summary_of(values: &mut [f64], shift: f64) -> Summary {
    if values.iter().any(|value| !value.is_finite()) {
        return UNDEFINED;
    }
    let n = values.len() as f64;
    let pivot = values[0];
    let mean = pivot + values.iter().map(|value| value - pivot).sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    let place = |level: f64| (level * n * (1.0 - 4.0 * f64::EPSILON)).ceil().max(1.0) as usize - 1;
    let [p05, p10, p25, p50, p75, p90, p95] = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95].map(place);
    // The middle first: then each of the others is looked for among those on its side.
    let mut pick = |from: usize, to: usize, place: usize| {
        *values[from..to].select_nth_unstable_by(place - from, f64::total_cmp).1 + shift
    };
    let end = n as usize;
    let at_p50 = pick(0, end, p50);
    let at_p25 = pick(0, p50 + 1, p25);
    let at_p10 = pick(0, p25 + 1, p10);
    Summary {
        mean: mean + shift,
        sd: variance.sqrt(),
        p05: pick(0, p10 + 1, p05),
        p10: at_p10,
        p25: at_p25,
        p50: at_p50,
        p75: pick(p50, end, p75),
        p90: pick(p75, end, p90),
        p95: pick(p90, end, p95),
    }
}

const UNDEFINED: Summary = Summary {
    mean: f64::NAN,
    sd: f64::NAN,
    p05: f64::NAN,
    p10: f64::NAN,
    p25: f64::NAN,
    p50: f64::NAN,
    p75: f64::NAN,
    p90: f64::NAN,
    p95: f64::NAN,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        for n in [1, 2, 7, 100, 1001] {
            let values: Vec<f64> = (0..n).map(|i| f64::from(i * 7919 % 1009 % 50) - 20.0).collect();
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let found = summary_of(&mut values.clone(), 1000.0);
            let at = |percent: usize| sorted[(percent * sorted.len()).div_ceil(100) - 1] + 1000.0;
            let quantiles = [found.p05, found.p10, found.p25, found.p50, found.p75, found.p90, found.p95];
            assert_eq!(quantiles, [5, 10, 25, 50, 75, 90, 95].map(at), "{n} values");
        }
    }

    #[test]
    fn values_that_are_not_finite_tell_nothing() {
        assert!(summary_of(&mut [1.0, f64::NAN, 2.0], 0.0).mean.is_nan());
    }
}
