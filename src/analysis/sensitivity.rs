//! How far each uncertain input moves an outcome, and where its variance comes from.

use super::sobol::{Indices, group, indices};
use crate::projection::{Estimate, Period};
use crate::quantity::Law;
use crate::scenario::{InputId, Scenario, Source};
use crate::simulate::{Cells, Replicas, RunError, RunOptions, Sample, Watch, periods};

/// What matters in measures and periods.
#[derive(Clone, Debug)]
pub struct Sensitivity {
    /// Id of the scenario.
    pub scenario: String,
    /// Trials in each sample.
    pub trials: u64,
    /// The seed of all draws.
    pub seed: u64,
    /// One for each measure and period, measure by measure.
    pub cells: Vec<CellSensitivity>,
}

/// What matters in one measure in one period.
#[derive(Clone, Debug)]
pub struct CellSensitivity {
    /// Id of the measure.
    pub measure: String,
    /// Unit of its values.
    pub unit: String,
    /// The period.
    pub period: Period,
    /// Variance of its values, in the unit squared.
    pub variance: f64,
    /// Each uncertain input that is drawn from a law, in the scenario's order.
    pub inputs: Vec<InputSensitivity>,
    /// Indices of all that drivers do by chance, taken together.
    pub events: Indices,
    /// Indices of the shocks to the flows, taken together.
    pub noise: Indices,
    /// Indices of all inputs taken together: the epistemic share is their first order.
    pub epistemic: Indices,
}

impl CellSensitivity {
    /// The share of the variance that none of inputs, events and noise accounts for alone.
    pub fn interaction(&self) -> f64 {
        1.0 - [self.epistemic, self.events, self.noise].iter().map(|it| it.first_order.value).sum::<f64>()
    }
}

/// What one input does.
#[derive(Clone, Debug)]
pub struct InputSensitivity {
    /// Its path, such as `driver.direct-flights.effect`.
    pub name: String,
    /// The 10 % quantile of its law; a date as a decimal year.
    pub p10: f64,
    /// The 90 % quantile.
    pub p90: f64,
    /// Median of the measure where the input is at its 10 % quantile.
    pub median_at_p10: f64,
    /// Median where it is at its 90 % quantile.
    pub median_at_p90: f64,
    /// The second median less the first. The standard error needs 100 trials.
    pub swing: Estimate,
    /// How much of the variance it accounts for.
    pub indices: Indices,
}

/// Groups of trials for the standard error of a swing.
const SWING_GROUPS: usize = 25;
/// Fewer trials say nothing of errors.
const FEWEST_FOR_AN_ERROR: usize = 100;

/// Looks at every uncertain input of a scenario: `measures` are indices in the order of [`Scenario::measure_ids`],
/// `year` leaves the periods of one year only.
///
/// Inputs, events and noise are independent of each other, so the law of an outcome given an input is its law with the
/// input held. Draws are shared between all samples: what does not depend on an input does not move with it, to the
/// last bit. Takes five samples and three more an input, of `options.trials` trials each.
///
/// # Errors
/// See [`RunError`].
pub fn sensitivity(
    scenario: &Scenario,
    measures: &[usize],
    year: Option<i32>,
    options: &RunOptions,
    watch: Watch<'_>,
) -> Result<Sensitivity, RunError> {
    let cells = Cells::new(scenario, measures, year);
    let places = cells.cells.clone();
    let replicas = Replicas::new(scenario, options, cells)?;
    let (a, b) = (&replicas.a, &replicas.b);
    let plans = [a.clone(), b.clone(), a.with_inputs_of(b), a.with_events_of(b), a.with_noise_of(b)];
    let samples = replicas.sample(&plans, watch)?;
    let [of_a, of_b, inputs, events, noise] = &samples[..] else { unreachable!("a sample a plan") };
    let periods = periods::all(&scenario.horizon);
    let ids = scenario.measure_ids();
    let mut found: Vec<CellSensitivity> = places
        .iter()
        .enumerate()
        .map(|(at, &(measure, period))| CellSensitivity {
            measure: ids[measure].clone(),
            unit: scenario.unit_of_values(),
            period: periods[period].clone(),
            variance: variance(&of_a[at], &of_b[at]),
            inputs: Vec::new(),
            events: indices(&of_a[at], &of_b[at], &events[at]),
            noise: indices(&of_a[at], &of_b[at], &noise[at]),
            epistemic: indices(&of_a[at], &of_b[at], &inputs[at]),
        })
        .collect();
    for (input, law) in uncertain(scenario) {
        let p10_and_p90 = [law.quantile(0.1), law.quantile(0.9)];
        let samples = match replicas.draws(input) {
            true => replicas.sample(
                &[
                    a.with_input_of(b, input),
                    a.with_input_at(input, p10_and_p90[0]),
                    a.with_input_at(input, p10_and_p90[1]),
                ],
                watch,
            )?,
            // Nothing uses it.
            false => vec![of_a.clone(); 3],
        };
        for (at, cell) in found.iter_mut().enumerate() {
            cell.inputs.push(of_input(scenario, input, p10_and_p90, (&of_a[at], &of_b[at]), &samples, at));
        }
    }
    Ok(Sensitivity { scenario: scenario.id().to_owned(), trials: options.trials, seed: options.seed, cells: found })
}

/// How many samples [`sensitivity`] takes.
pub fn samples(scenario: &Scenario) -> u64 {
    5 + 3 * uncertain(scenario).count() as u64
}

/// Inputs that are drawn from a law with more than one value. Formulas are no inputs of their own.
fn uncertain(scenario: &Scenario) -> impl Iterator<Item = (InputId, &Law)> {
    scenario.inputs.iter().enumerate().filter_map(|(idx, input)| match &input.source {
        Source::Law(law) if law.constant().is_none() => Some((idx, law)),
        Source::Law(_) | Source::Formula(_) => None,
    })
}

fn of_input(
    scenario: &Scenario,
    input: InputId,
    p10_and_p90: [f64; 2],
    (a, b): (&[f64], &[f64]),
    samples: &[Sample],
    cell: usize,
) -> InputSensitivity {
    let input = &scenario.inputs[input];
    // Dates are held in years after t0 and reported as decimal years.
    let shift = if input.is_date { f64::from(scenario.horizon.base + 1) } else { 0.0 };
    let [ab, low, high] = [0, 1, 2].map(|sample: usize| &samples[sample][cell][..]);
    let (at_low, at_high) = (median(low), median(high));
    InputSensitivity {
        name: input.name.clone(),
        p10: p10_and_p90[0] + shift,
        p90: p10_and_p90[1] + shift,
        median_at_p10: at_low,
        median_at_p90: at_high,
        swing: Estimate {
            value: at_high - at_low,
            standard_error: (low.len() >= FEWEST_FOR_AN_ERROR).then(|| error_of_swing(low, high)),
        },
        indices: indices(a, b, ab),
    }
}

/// The smallest value with at least half of the values at or below it.
fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    let rank = values.len().div_ceil(2);
    *values.select_nth_unstable_by(rank - 1, f64::total_cmp).1
}

/// From the swings of groups of trials.
fn error_of_swing(low: &[f64], high: &[f64]) -> f64 {
    let swings: Vec<f64> = (0..SWING_GROUPS)
        .map(|at| group(low.len(), SWING_GROUPS, at))
        .map(|range| median(&high[range.clone()]) - median(&low[range]))
        .collect();
    let n = SWING_GROUPS as f64;
    let mean = swings.iter().sum::<f64>() / n;
    (swings.iter().map(|it| (it - mean) * (it - mean)).sum::<f64>() / (n - 1.0) / n).sqrt()
}

fn variance(a: &[f64], b: &[f64]) -> f64 {
    let n = (a.len() + b.len()) as f64;
    let mean = (a.iter().sum::<f64>() + b.iter().sum::<f64>()) / n;
    a.iter().chain(b).map(|value| (value - mean) * (value - mean)).sum::<f64>() / n
}
