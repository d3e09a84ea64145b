//! Inputs as drawn against inputs as asked for.

use super::parallel::{try_map_in_order, update_in_order};
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
            draws.extend(rows[idx][..live].iter().map(|&value| key(value)));
        }
    }
    let mut inputs: Vec<(usize, Vec<i64>)> = group.iter().copied().zip(draws).collect();
    Ok(update_in_order(&mut inputs, |(idx, draws)| describe(scenario, &scenario.inputs[*idx], draws)))
}

/// Sorts the draws, which come as [`key`]s.
fn describe(scenario: &Scenario, input: &Input, draws: &mut [i64]) -> InputProjection {
    // Dates are held in years after t0 and reported as decimal years.
    let shift = if input.is_date { f64::from(scenario.horizon.base + 1) } else { 0.0 };
    draws.sort_unstable();
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
        drawn: summary_of_sorted(draws, shift),
        prior: None,
        law,
    }
}

/// A whole number for each value: they are in the order of [`f64::total_cmp`], and faster to sort.
fn key(value: f64) -> i64 {
    flipped_if_negative(value.to_bits() as i64)
}

fn value(key: i64) -> f64 {
    f64::from_bits(flipped_if_negative(key) as u64)
}

fn flipped_if_negative(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// A summary of values, each moved by `shift`, from their sorted keys.
///
/// A formula that nothing uses may be undefined in some trials: then nothing can be said of it.
fn summary_of_sorted(keys: &[i64], shift: f64) -> Summary {
    let sorted = || keys.iter().map(|&key| value(key));
    if sorted().any(|value| !value.is_finite()) {
        return UNDEFINED;
    }
    let n = keys.len() as f64;
    let pivot = value(keys[keys.len() / 2]);
    let mean_deviation = sorted().map(|value| value - pivot).sum::<f64>() / n;
    let mean = pivot + mean_deviation;
    let variance = sorted().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    let at = |level: f64| {
        let rank = (level * n * (1.0 - 4.0 * f64::EPSILON)).ceil().max(1.0) as usize;
        value(keys[rank - 1]) + shift
    };
    Summary {
        mean: mean + shift,
        sd: variance.sqrt(),
        p05: at(0.05),
        p10: at(0.1),
        p25: at(0.25),
        p50: at(0.5),
        p75: at(0.75),
        p90: at(0.9),
        p95: at(0.95),
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
    fn keys_are_in_the_order_in_which_the_standard_library_sorts_values() {
        let values = [2.5, -0.0, f64::NAN, 0.0, -1e-300, f64::NEG_INFINITY, 1e300, -f64::NAN, -7.0, f64::INFINITY, 2.5];
        let mut expected = values;
        expected.sort_unstable_by(f64::total_cmp);
        let mut keys = values.map(key);
        keys.sort_unstable();
        assert_eq!(keys.map(|key| value(key).to_bits()), expected.map(f64::to_bits));
    }
}
