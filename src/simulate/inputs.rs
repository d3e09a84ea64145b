//! Inputs as drawn against inputs as asked for.

use super::parallel::{try_map_in_order, update_in_order};
use super::{RunError, RunOptions, range_in_words};
use crate::draws::{Quasi, Trials};
use crate::kernel::{OutOfRange, evaluate_rows};
use crate::plan::Plan;
use crate::projection::{DETAIL_TRIALS, InputProjection, LawFigures, Summary};
use crate::scenario::{Input, Scenario, Source};
use crate::stats::Tally;

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

/// Changes the order of the draws, which come as [`key`]s.
fn describe(scenario: &Scenario, input: &Input, draws: &mut [i64]) -> InputProjection {
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
        drawn: summary_of(draws, shift),
        prior: None,
        law,
    }
}

/// A whole number for each value: they are in the order of [`f64::total_cmp`], and faster to put in order.
fn key(value: f64) -> i64 {
    flipped_if_negative(value.to_bits() as i64)
}

fn value(key: i64) -> f64 {
    f64::from_bits(flipped_if_negative(key) as u64)
}

fn flipped_if_negative(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

/// A summary of values, each moved by `shift`, from their keys, whose order it changes.
///
/// A formula that nothing uses may be undefined in some trials: then nothing can be said of it.
fn summary_of(keys: &mut [i64], shift: f64) -> Summary {
    let values = || keys.iter().map(|&key| value(key));
    if values().any(|value| !value.is_finite()) {
        return UNDEFINED;
    }
    let n = keys.len() as f64;
    let pivot = value(keys[0]);
    let mean = pivot + values().map(|value| value - pivot).sum::<f64>() / n;
    let variance = values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n;
    let [p05, p10, p25, p50, p75, p90, p95] = quantiles(keys, [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]);
    Summary {
        mean: mean + shift,
        sd: variance.sqrt(),
        p05: p05 + shift,
        p10: p10 + shift,
        p25: p25 + shift,
        p50: p50 + shift,
        p75: p75 + shift,
        p90: p90 + shift,
        p95: p95 + shift,
    }
}

/// The quantiles of values at increasing levels, from their keys, whose order it changes.
fn quantiles<const N: usize>(keys: &mut [i64], levels: [f64; N]) -> [f64; N] {
    let ranks = levels.map(|level| Tally::rank(level, keys.len() as u64) as usize - 1);
    let mut found = [0; N];
    select(keys, 0, &ranks, &mut found);
    found.map(value)
}

/// Finds the keys with some ranks in increasing order, counted from `first`: the middle one first, as it parts all
/// others in two.
fn select(keys: &mut [i64], first: usize, ranks: &[usize], found: &mut [i64]) {
    let Some(&middle) = ranks.get(ranks.len() / 2) else { return };
    let (lower, key, upper) = keys.select_nth_unstable(middle - first);
    let below = ranks.partition_point(|&rank| rank < middle);
    let not_above = ranks.partition_point(|&rank| rank <= middle);
    found[below..not_above].fill(*key);
    select(lower, first, &ranks[..below], &mut found[..below]);
    select(upper, middle + 1, &ranks[not_above..], &mut found[not_above..]);
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

    #[test]
    fn quantiles_are_those_of_the_sorted_values() {
        let levels = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95];
        for n in [1, 2, 3, 7, 20, 100, 1001] {
            // Some of them twice.
            let values: Vec<f64> = (0..n).map(|i| f64::from(i * 7919 % n / 2 * 2) - 20.0).collect();
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let expected = levels.map(|level| sorted[Tally::rank(level, values.len() as u64) as usize - 1]);
            let mut keys: Vec<i64> = values.iter().map(|&value| key(value)).collect();
            assert_eq!(quantiles(&mut keys, levels), expected, "{n}");
        }
    }
}
