//! The scenario's law given what was observed: trials weighted by how well their simulated past fits.
//!
//! A first pass simulates the past of every trial and weighs it. A second gathers each trial as often as its weight
//! says, over the whole horizon, with the same collectors as an ordinary run. Shocks are led to the observations, so
//! weights differ only by what was drawn besides: see [`guide`].

mod guide;
mod linear;
mod past;
mod replica;
mod shocks;
mod solve;
mod weights;

use std::fmt;
use std::ops::Range;

use super::blocks::{Blocks, Worker, explain};
use super::collect::Collector;
use super::parallel::on_threads;
use super::{RunError, RunOptions, Watch, finish, inputs, paths, refuse_if_too_large};
use crate::draws::{Key, Trials};
use crate::kernel::{Kernel, Observer};
use crate::plan::{Operand, Plan};
use crate::projection::{Conditioned, DETAIL_TRIALS, Evidence, InputProjection, Paths, Projection, Summary};
use crate::scenario::{ObservedSeries, Quantity, Scenario};
use guide::Guide;
use past::Observation;
use replica::Replicas;

/// How to condition.
#[derive(Clone, Copy, Debug)]
pub struct Conditioning {
    /// The least effective sample size.
    pub wanted: f64,
    /// Whether to go on below that, with weights tempered to reach it.
    pub temper: bool,
    /// Whether shocks are led to the observations. Without that the law is the same and few trials fit.
    pub lead: bool,
    /// Of how many trials joint paths are wanted.
    pub paths: u64,
}

impl Default for Conditioning {
    /// At least 400 effective trials, without tempering.
    fn default() -> Self {
        Conditioning { wanted: 400.0, temper: false, lead: true, paths: 0 }
    }
}

/// Why a scenario could not be conditioned.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionError {
    /// No observation can be used.
    NothingObserved,
    /// A reporter's error is not stated, or 0.
    NoError {
        /// Its series, in words.
        series: String,
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
        /// Observations that the priors hardly reach, the furthest first: series, year, value, and the 5th and 95th
        /// percentile of what the trials would have reported.
        unlikely: Vec<(String, i32, f64, f64, f64)>,
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
                "no observation can be used: a positive value in the base year or a projected one is needed; set \
                 `horizon.base` before the history, so that its years are simulated, and `as_of` after it"
            ),
            ConditionError::NoError { series } => {
                write!(
                    f,
                    "the error of {series} must be above 0, as no trial meets an observation exactly: give `error` in \
                     `history.reporters`, in log points, such as 0.1"
                )
            }
            ConditionError::TooFewFit { effective, wanted, trials, exponent, unlikely } => {
                write!(
                    f,
                    "only {effective:.1} of {trials} trials count, and {wanted} are needed: the history says far more \
                     than the priors do, or contradicts them"
                )?;
                for (series, year, value, low, high) in unlikely {
                    let [value, low, high] = [*value, *low, *high].map(to_three_digits);
                    write!(f, "\n  = note: {series} {year} is {value}; the priors expect {low} to {high}")?;
                }
                write!(
                    f,
                    "\n  = hint: {}, widen the priors that it contradicts, raise the error of reporters whose figures \
                     are rough, or use --temper, which lets the history count for {exponent:.3} of what it says",
                    more(*trials, *wanted / *effective)
                )
            }
            ConditionError::Run(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ConditionError {}

fn to_three_digits(value: f64) -> String {
    let digits = 2.0 - libm::floor(libm::log10(value.abs().max(1e-9)));
    format!("{value:.decimals$}", decimals = digits.clamp(0.0, 6.0) as usize)
}

/// Advice to run `times` as many trials, rounded up to one digit, if that can be done.
fn more(trials: u64, times: f64) -> String {
    const MOST: f64 = 1e9;
    let needed = trials as f64 * times * 1.2;
    if needed.is_nan() || needed >= MOST {
        return "more trials alone will not do".to_owned();
    }
    let unit = libm::pow(10.0, libm::floor(libm::log10(needed)));
    format!("raise --trials to {}", libm::ceil(needed / unit) * unit)
}

/// Conditions a scenario on what was observed. Its base year stands before the history. Trials are simulated twice: the
/// progress counts each two times.
///
/// # Errors
/// See [`ConditionError`].
pub fn condition(
    scenario: &Scenario,
    observed: &[ObservedSeries],
    options: &RunOptions,
    how: &Conditioning,
    watch: Watch<'_>,
) -> Result<Conditioned, ConditionError> {
    refuse_if_too_large(scenario, options)?;
    refuse_too_many(options)?;
    let (plan, terms) = compile(scenario, observed, options)?;
    let observations = past::usable(observed, &terms, &scenario.horizon);
    if observations.is_empty() {
        return Err(ConditionError::NothingObserved);
    }
    let past = past::cut(&plan, &observations);
    Study { scenario, observed, plan: &plan, past: &past, observations: &observations, options, how, watch }.find()
}

/// Weights and picks are held for all trials.
fn refuse_too_many(options: &RunOptions) -> Result<(), RunError> {
    const BYTES_A_TRIAL: u64 = 4 * size_of::<u64>() as u64;
    let needed = options.trials.saturating_mul(BYTES_A_TRIAL);
    if needed <= options.memory_limit {
        return Ok(());
    }
    let because = format!("{} trials whose weights are held; lower --trials", options.trials);
    Err(RunError::TooLarge { needed, limit: options.memory_limit, because })
}

/// The plan, and the bias and error of each series.
fn compile(
    scenario: &Scenario,
    observed: &[ObservedSeries],
    options: &RunOptions,
) -> Result<(Plan, Vec<(Operand, Operand)>), ConditionError> {
    let mut quantities = Vec::with_capacity(2 * observed.len());
    for series in observed {
        let error = series.error.as_ref().filter(|error| !matches!(error, Quantity::Constant(error) if *error <= 0.0));
        quantities.extend([&series.bias, error.ok_or_else(|| ConditionError::NoError { series: named(series) })?]);
    }
    let (plan, operands) = Plan::compile_with(scenario, options.seed, options.growth, &quantities);
    Ok((plan, operands.as_chunks().0.iter().map(|[bias, error]| (*bias, *error)).collect()))
}

/// For messages.
fn named(series: &ObservedSeries) -> String {
    match series.reporter.is_empty() {
        true => format!("`{}`", series.name),
        false => format!("`{}` by {}", series.name, series.reporter),
    }
}

/// Inputs of the picked trials, with the prior beside.
fn learned(scenario: &Scenario, options: &RunOptions, picks: &[u64]) -> Result<Vec<InputProjection>, RunError> {
    let prior = inputs::as_drawn(scenario, options, inputs::Whose::default())?;
    let mut learned = inputs::as_drawn(scenario, options, inputs::Whose { picked: Some(picks), quasi: None })?;
    for (input, prior) in learned.iter_mut().zip(prior) {
        input.prior = Some(prior.drawn);
    }
    Ok(learned)
}

/// What all passes need.
struct Study<'a> {
    scenario: &'a Scenario,
    observed: &'a [ObservedSeries],
    plan: &'a Plan,
    past: &'a Plan,
    observations: &'a [Observation],
    options: &'a RunOptions,
    how: &'a Conditioning,
    watch: Watch<'a>,
}

impl<'a> Study<'a> {
    fn find(&self) -> Result<Conditioned, ConditionError> {
        let log_weights = self.weigh()?;
        let prior = self.prior_replicas()?;
        let weighed = self.accept(&log_weights, &prior)?;
        let picks = self.pick(&log_weights, weighed.exponent);
        let workers = self.gather(&picks.trials)?;
        let posterior = self.posterior_replicas(&picks.trials)?;
        let values: usize = self.observed.iter().map(|it| it.observations.len()).sum();
        Ok(Conditioned {
            projection: on_threads(self.options.threads, || self.projection(&workers, &picks))??,
            evidence: Evidence {
                used: self.observations.len(),
                unused: values - self.observations.len(),
                effective_sample_size: weighed.effective,
                worth: picks.worth,
                exponent: weighed.exponent,
                untempered_sample_size: weights::plain(&log_weights).effective,
                log_marginal_likelihood: weights::log_mean(&log_weights),
                fits: replica::fits(self.observations, self.observed, &prior, &posterior),
            },
            paths: self.paths(&picks.trials)?,
        })
    }

    /// What the picked trials say.
    fn projection(&self, workers: &[Collector], picks: &Picks) -> Result<Projection, RunError> {
        let inputs = learned(self.scenario, self.options, &picks.trials)?;
        let workers: Vec<&Collector> = workers.iter().collect();
        Ok(finish::projection(self.scenario, self.plan, self.options, &workers, inputs, picks.worth))
    }

    /// A guide for one thread.
    fn guide(&self, lead: bool) -> Guide<'a> {
        let draws = (self.options.seed, self.options.vectors);
        Guide::new(self.past, self.observations, draws, lead)
    }

    /// All blocks of a run, and how to run them.
    fn blocks<'b>(&self, options: &'b RunOptions, watch: Watch<'b>) -> (Blocks<'b>, Range<u64>) {
        let lanes = self.plan.lanes;
        (Blocks { lanes, options, watch, weight: 1 }, 0..options.trials.div_ceil(lanes as u64))
    }

    /// The log weight of every trial.
    fn weigh(&self) -> Result<Vec<f64>, RunError> {
        let mut workers: Vec<Scale> = Vec::new();
        let engine = || {
            let mut guide = self.guide(self.how.lead);
            let (scenario, past) = (self.scenario, self.past);
            move |first: u64, live: usize, scale: &mut Scale| {
                let weights = guide.log_weights(Trials::From(first), live);
                scale.blocks.push((first, weights.map_err(|error| explain(scenario, past, error))?));
                Ok::<(), RunError>(())
            }
        };
        let (blocks, all) = self.blocks(self.options, self.watch);
        blocks.fold(all, &mut workers, &Scale::default, &engine)?;
        let mut blocks: Vec<(u64, Vec<f64>)> = workers.into_iter().flat_map(|scale| scale.blocks).collect();
        blocks.sort_by_key(|(first, _)| *first);
        Ok(blocks.into_iter().flat_map(|(_, weights)| weights).collect())
    }

    fn accept(&self, log_weights: &[f64], prior: &[(Summary, f64)]) -> Result<weights::Weighed, ConditionError> {
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
            unlikely: self.unlikely(prior),
        })
    }

    /// Up to three observations that are outside of the prior's middle 98 %.
    fn unlikely(&self, prior: &[(Summary, f64)]) -> Vec<(String, i32, f64, f64, f64)> {
        const SHOWN: usize = 3;
        let outer = |below: f64| below.min(1.0 - below);
        let mut found: Vec<(f64, &Observation, &Summary)> =
            self.observations.iter().zip(prior).map(|(it, (law, below))| (outer(*below), it, law)).collect();
        found.retain(|(outer, ..)| *outer < 0.01);
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        let named = |(_, it, law): &(f64, &Observation, &Summary)| {
            let name = named(&self.observed[it.series]);
            (name, it.calendar_year, libm::exp(it.log_value), law.p05, law.p95)
        };
        found.iter().take(SHOWN).map(named).collect()
    }

    fn pick(&self, log_weights: &[f64], exponent: f64) -> Picks {
        let offset = Key::new(self.options.seed, "condition.resampling").uniform(0, 0);
        let trials = weights::picks(log_weights, exponent, offset);
        let worth = weights::worth(&trials);
        // Some results describe the first trials only.
        let all_are_detailed = self.options.trials <= DETAIL_TRIALS;
        Picks { trials: if all_are_detailed { trials } else { weights::spread(&trials) }, worth }
    }

    /// Runs picked trials to the end of the horizon.
    fn follow<W: Worker + Observer>(
        &self,
        picks: &[u64],
        watch: Watch<'_>,
        worker: &(impl Fn() -> W + Sync),
    ) -> Result<Vec<W>, RunError> {
        let mut workers = Vec::new();
        let engine = || {
            let mut guide = self.guide(self.how.lead);
            let mut kernel = Kernel::new(self.plan, self.options.vectors);
            let (scenario, plan) = (self.scenario, self.plan);
            move |first: u64, live: usize, worker: &mut W| {
                let picked = &picks[first as usize..first as usize + live];
                let led = guide.give(&mut kernel, Trials::Picked(picked), live);
                let led = led.and_then(|()| kernel.run_picked(first, picked, worker));
                led.map_err(|error| explain(scenario, plan, error))
            }
        };
        let options = RunOptions { trials: picks.len() as u64, ..*self.options };
        let (blocks, all) = self.blocks(&options, watch);
        blocks.fold(all, &mut workers, worker, &engine)?;
        Ok(workers)
    }

    fn gather(&self, picks: &[u64]) -> Result<Vec<Collector>, RunError> {
        self.follow(picks, self.watch, &|| Collector::new(self.scenario, self.plan, self.options))
    }

    /// Whole paths of trials spread over those picked.
    fn paths(&self, picks: &[u64]) -> Result<Option<Paths>, RunError> {
        let wanted = self.how.paths.min(picks.len() as u64);
        if wanted == 0 {
            return Ok(None);
        }
        let chosen: Vec<u64> = (0..wanted).map(|at| picks[(at * picks.len() as u64 / wanted) as usize]).collect();
        let recorders = self.follow(&chosen, self.unseen(), &|| paths::Recorder::new(self.plan))?;
        Ok(Some(paths::join(self.plan, wanted, recorders)))
    }

    fn prior_replicas(&self) -> Result<Vec<(Summary, f64)>, RunError> {
        self.replicas(false, self.options.trials, |first, _| Trials::From(first))
    }

    fn posterior_replicas(&self, picks: &[u64]) -> Result<Vec<(Summary, f64)>, RunError> {
        let picked = |first: u64, live: usize| Trials::Picked(&picks[first as usize..first as usize + live]);
        self.replicas(self.how.lead, picks.len() as u64, picked)
    }

    /// Laws of replicas of the first trials.
    fn replicas<'t>(
        &self,
        lead: bool,
        trials: u64,
        of_block: impl Fn(u64, usize) -> Trials<'t> + Sync + Copy,
    ) -> Result<Vec<(Summary, f64)>, RunError> {
        let mut workers = Vec::new();
        let engine = || {
            let mut guide = self.guide(lead);
            let (scenario, past) = (self.scenario, self.past);
            move |first: u64, live: usize, replicas: &mut Replicas| {
                let rows = guide.replicas(of_block(first, live), live);
                replicas.push(&rows.map_err(|error| explain(scenario, past, error))?);
                Ok::<(), RunError>(())
            }
        };
        let options = RunOptions { trials: trials.min(DETAIL_TRIALS), ..*self.options };
        let replicas = || Replicas::new(self.observations, self.plan.lanes, self.options.vectors);
        let (blocks, all) = self.blocks(&options, self.unseen());
        blocks.fold(all, &mut workers, &replicas, &engine)?;
        Ok(replica::laws(&workers, self.observations.len()))
    }

    /// What does not count in the progress.
    fn unseen(&self) -> Watch<'a> {
        Watch { progress: &|_| (), ..self.watch }
    }
}

/// Trials in the order in which they are gathered.
struct Picks {
    trials: Vec<u64>,
    worth: f64,
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
