//! The scenario's law given what was observed: trials weighted by how well their simulated past fits.
//!
//! A first pass simulates the past of every trial and weighs it. A second gathers each trial as often as its weight
//! says, over the whole horizon, with the same collectors as an ordinary run. Shocks are led to the observations, so
//! weights differ only by what was drawn besides: see [`guide`].

mod guide;
mod linear;
mod past;
mod shocks;
mod solve;
mod weights;

use std::fmt;

use super::blocks::{Blocks, Worker, explain};
use super::collect::Collector;
use super::{RunError, RunOptions, Watch, finish, inputs, refuse_if_too_large};
use crate::draws::{Key, Trials};
use crate::kernel::Kernel;
use crate::plan::{Operand, Plan};
use crate::projection::{Conditioned, Evidence, InputProjection};
use crate::scenario::Scenario;
use guide::Guide;
use past::Observation;

/// What one reporter says of the annual total of some flows.
#[derive(Clone, Debug)]
pub struct Observed {
    /// Indices of the flows, in the scenario.
    pub flows: Vec<usize>,
    /// Log points that the reporter is above the truth.
    pub bias: f64,
    /// Sd of what he is off by besides, from year to year, in log points.
    pub error: f64,
    /// Calendar year and value, in the scenario's unit. A value of 0 is not used, as it has no log.
    pub values: Vec<(i32, f64)>,
}

/// How to condition.
#[derive(Clone, Copy, Debug)]
pub struct Conditioning {
    /// The least effective sample size.
    pub wanted: f64,
    /// Whether to go on below that, with weights tempered to reach it.
    pub temper: bool,
    /// Whether shocks are led to the observations. Without that the law is the same and few trials fit.
    pub lead: bool,
}

impl Default for Conditioning {
    /// At least 400 effective trials, without tempering.
    fn default() -> Self {
        Conditioning { wanted: 400.0, temper: false, lead: true }
    }
}

/// Why a scenario could not be conditioned.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionError {
    /// No observation can be used.
    NothingObserved,
    /// A reporter's error is not above 0.
    NoError {
        /// Index of the series.
        series: usize,
    },
    /// Too few trials fit.
    TooFewFit {
        /// Effective sample size.
        effective: f64,
        /// The least that is wanted.
        wanted: f64,
        /// Of so many trials.
        trials: u64,
        /// The exponent of tempering that would reach it.
        exponent: f64,
    },
    /// The simulation failed.
    Run(RunError),
}

impl From<RunError> for ConditionError {
    fn from(error: RunError) -> Self {
        ConditionError::Run(error)
    }
}

impl fmt::Display for ConditionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConditionError::NothingObserved => write!(
                f,
                "no observation can be used: a positive value in a year from the base year to the last projected one \
                 is needed; set `horizon.base` before the history, so that its years are simulated"
            ),
            ConditionError::NoError { .. } => {
                write!(f, "a reporter's `error` must be above 0: no trial meets an observation exactly")
            }
            ConditionError::TooFewFit { effective, wanted, trials, exponent } => write!(
                f,
                "only {effective:.0} of {trials} trials count, and {wanted:.0} are needed: the history says much more \
                 than the priors do, or contradicts them. Raise --trials to {}, widen priors that it contradicts, raise \
                 the `error` of reporters whose figures are rough, or use --temper, which takes the observations for \
                 {:.2} of what they say",
                enough(*trials, *wanted / *effective),
                exponent
            ),
            ConditionError::Run(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConditionError {}

/// Trials, rounded up to one digit, of which `times` as many are effective.
fn enough(trials: u64, times: f64) -> String {
    let needed = trials as f64 * times * 1.2;
    if !needed.is_finite() || needed > 1e12 {
        return "far more than can be run".to_owned();
    }
    let unit = libm::pow(10.0, libm::log10(needed).floor());
    format!("{}", (needed / unit).ceil() * unit)
}

/// Conditions a scenario on what was observed. Its base year stands before the history.
///
/// # Errors
/// See [`ConditionError`].
pub fn condition(
    scenario: &Scenario,
    observed: &[Observed],
    options: &RunOptions,
    how: &Conditioning,
    watch: Watch<'_>,
) -> Result<Conditioned, ConditionError> {
    refuse_if_too_large(scenario, options)?;
    let plan = Plan::compile(scenario, options.seed, options.growth);
    let terms: Vec<(Operand, Operand)> =
        observed.iter().map(|it| (Operand::Constant(it.bias), Operand::Constant(it.error))).collect();
    if let Some(series) = observed.iter().position(|it| it.error.is_nan() || it.error <= 0.0) {
        return Err(ConditionError::NoError { series });
    }
    let observations = past::usable(observed, &terms, &scenario.horizon);
    if observations.is_empty() {
        return Err(ConditionError::NothingObserved);
    }
    let past = past::cut(&plan, &observations);
    let study = Study { scenario, plan: &plan, past: &past, observations: &observations, options, how, watch };
    let log_weights = study.weigh()?;
    let weighed = study.accept(&log_weights)?;
    let offset = Key::new(options.seed, "condition.resampling").uniform(0, 0);
    let picks = weights::picks(&log_weights, weighed.exponent, offset);
    let worth = weights::worth(&picks);
    let workers = study.gather(&picks)?;
    let inputs = learned(scenario, options, &picks)?;
    let values: usize = observed.iter().map(|it| it.values.len()).sum();
    Ok(Conditioned {
        projection: finish::projection(scenario, &plan, options, &workers, inputs, worth),
        evidence: Evidence {
            used: observations.len(),
            unused: values - observations.len(),
            effective_sample_size: weighed.effective,
            worth,
            exponent: weighed.exponent,
            untempered_sample_size: weights::plain(&log_weights).effective,
            log_marginal_likelihood: weights::log_mean(&log_weights),
        },
    })
}

/// Inputs of the picked trials, with the prior beside.
fn learned(scenario: &Scenario, options: &RunOptions, picks: &[u64]) -> Result<Vec<InputProjection>, RunError> {
    let prior = inputs::as_drawn(scenario, options, None)?;
    let mut learned = inputs::as_drawn(scenario, options, Some(picks))?;
    for (input, prior) in learned.iter_mut().zip(prior) {
        input.prior = Some(prior.drawn);
    }
    Ok(learned)
}

/// What both passes need.
struct Study<'a> {
    scenario: &'a Scenario,
    plan: &'a Plan,
    past: &'a Plan,
    observations: &'a [Observation],
    options: &'a RunOptions,
    how: &'a Conditioning,
    watch: Watch<'a>,
}

impl<'a> Study<'a> {
    fn guide(&self) -> Guide<'a> {
        let draws = (self.options.seed, self.options.vectors);
        Guide::new(self.past, self.observations, draws, self.how.lead)
    }

    fn blocks(&self) -> Blocks<'a> {
        Blocks { lanes: self.plan.lanes, options: self.options, watch: self.watch, weight: 1 }
    }

    fn all_blocks(&self) -> std::ops::Range<u64> {
        0..self.options.trials.div_ceil(self.plan.lanes as u64)
    }

    /// The log weight of every trial.
    fn weigh(&self) -> Result<Vec<f64>, RunError> {
        let mut workers: Vec<Scale> = Vec::new();
        let engine = || {
            let mut guide = self.guide();
            let (scenario, past) = (self.scenario, self.past);
            move |first: u64, live: usize, scale: &mut Scale| {
                let weights = guide.log_weights(Trials::From(first), live);
                scale.blocks.push((first, weights.map_err(|error| explain(scenario, past, error))?));
                Ok(())
            }
        };
        self.blocks().fold(self.all_blocks(), &mut workers, &Scale::default, &engine)?;
        let mut blocks: Vec<(u64, Vec<f64>)> = workers.into_iter().flat_map(|scale| scale.blocks).collect();
        blocks.sort_by_key(|(first, _)| *first);
        Ok(blocks.into_iter().flat_map(|(_, weights)| weights).collect())
    }

    fn accept(&self, log_weights: &[f64]) -> Result<weights::Weighed, ConditionError> {
        let plain = weights::plain(log_weights);
        if plain.effective >= self.how.wanted {
            return Ok(plain);
        }
        let tempered = weights::tempered(log_weights, self.how.wanted);
        if self.how.temper && tempered.effective >= self.how.wanted {
            return Ok(tempered);
        }
        Err(ConditionError::TooFewFit {
            effective: plain.effective,
            wanted: self.how.wanted,
            trials: self.options.trials,
            exponent: tempered.exponent,
        })
    }

    /// Runs the picked trials to the end of the horizon.
    fn gather(&self, picks: &[u64]) -> Result<Vec<Collector>, RunError> {
        let mut workers = Vec::new();
        let engine = || {
            let mut guide = self.guide();
            let mut kernel = Kernel::new(self.plan, self.options.vectors);
            let (scenario, plan) = (self.scenario, self.plan);
            move |first: u64, live: usize, collector: &mut Collector| {
                let picked = &picks[first as usize..first as usize + live];
                let led = guide.lead(Trials::Picked(picked), live).and_then(|_| {
                    guide.give(&mut kernel);
                    kernel.run_picked(first, picked, collector)
                });
                led.map_err(|error| explain(scenario, plan, error))
            }
        };
        let collector = || Collector::new(self.scenario, self.plan, self.options);
        self.blocks().fold(self.all_blocks(), &mut workers, &collector, &engine)?;
        Ok(workers)
    }
}

/// Keeps the log weights of blocks, by first trial.
#[derive(Default)]
struct Scale {
    blocks: Vec<(u64, Vec<f64>)>,
}

impl Worker for Scale {
    fn end_block(&mut self, _block: u64) {}

    fn rest(&mut self) {}
}
