//! Paths that are led by what was observed, and how much each of them counts.
//!
//! Were the log of each observed total linear in the shocks, `y = c + H z + e`, then `z + H' S^-1 (y - c - H z - e)` with
//! `S = H H' + R` would have exactly the law of the shocks given the observations, for `z` and `e` drawn from theirs
//! (Matheron's rule; Doucet 2010). The past is nearly so. The shocks are led by its tangent, and a trial's weight,
//! the density of its path under the model over that under the proposal times the likelihood (Durbin and Koopman 1997),
//! makes up for the rest exactly: `N(y; c, S) * N(y; truth, R) / N(y; c + H z, R)`. All that is drawn besides, such as
//! inputs, states and events, is left as drawn, so `c`, `H` and `R` may depend on it.

use super::linear::{Lanes, Response, WIDTH, lanes_of};
use super::past::{Observation, Recorder};
use super::shocks::Shocks;
use super::solve::{Cholesky, log_standard_normal};
use crate::draws::{Key, STEPS_A_CALL, Source, Trials, normals};
use crate::kernel::{BlockError, Kernel};
use crate::plan::Plan;
use crate::vector::Vectors;

/// How often the tangent is taken anew where the last one led. The second one stands near the most likely path.
const TANGENTS: usize = 2;
/// The tangent is not taken further out than this.
const FURTHEST: f64 = 6.0;

/// Simulates the past of blocks of trials.
pub(super) struct Guide<'p> {
    plan: &'p Plan,
    observations: &'p [Observation],
    kernel: Kernel<'p>,
    past: Recorder<'p>,
    shocks: Shocks,
    /// Whether the shocks are led; otherwise they are as drawn.
    leads: bool,
    /// Standard normals, a row an observation: what reporters are off by in the rule above.
    error_key: Key,
    /// The same, of what they are off by in replicas.
    replica_key: Key,
    errors: Vec<Vec<u32>>,
    vectors: Vectors,
}

/// A normal approximation of the observations' law in one trial.
struct Approximation {
    response: Response,
    /// `c`, reporters' bias included.
    center: Vec<Lanes>,
    /// sds of `R`.
    error: Vec<Lanes>,
    covariance: Cholesky,
}

impl<'p> Guide<'p> {
    /// `plan` ends with the past.
    pub fn new(
        plan: &'p Plan,
        observations: &'p [Observation],
        (seed, vectors): (u64, Vectors),
        leads: bool,
    ) -> Guide<'p> {
        Guide {
            kernel: Kernel::new(plan, vectors),
            past: Recorder::new(plan, observations),
            shocks: Shocks::new(plan, vectors),
            leads,
            error_key: Key::new(seed, "condition.error"),
            replica_key: Key::new(seed, "condition.replica"),
            errors: vec![vec![0; plan.lanes]; observations.len().next_multiple_of(STEPS_A_CALL)],
            plan,
            observations,
            vectors,
        }
    }

    /// Leads the shocks of these trials. Afterwards [`Guide::give`] hands them on.
    pub fn lead(&mut self, trials: Trials<'_>, live: usize) -> Result<Vec<Approximated>, BlockError> {
        if !self.leads {
            return Ok(Vec::new());
        }
        self.shocks.draw_factors(trials);
        self.shocks.clear();
        for _ in 1..TANGENTS {
            self.follow(trials, live)?;
            for first in (0..live).step_by(WIDTH) {
                let tangent = self.approximation(first);
                let ahead = difference(&self.log_values(), &tangent.center);
                let mut likely = tangent.response.transposed_times(&tangent.covariance.solve(&ahead));
                likely.iter_mut().flatten().for_each(|z| *z = z.clamp(-FURTHEST, FURTHEST));
                self.shocks.set_lanes(first, &likely);
            }
        }
        self.follow(trials, live)?;
        let tangents: Vec<Approximation> = (0..live).step_by(WIDTH).map(|first| self.approximation(first)).collect();
        self.shocks.draw(trials);
        self.draw_errors(self.error_key, trials);
        Ok(tangents.iter().enumerate().map(|(at, tangent)| self.condition(at * WIDTH, tangent)).collect())
    }

    /// Runs the past with the shocks as they stand.
    fn follow(&mut self, trials: Trials<'_>, live: usize) -> Result<(), BlockError> {
        if self.leads {
            self.shocks.give(&mut self.kernel);
        }
        match trials {
            Trials::From(first) => self.kernel.run(first, live, &mut self.past),
            Trials::Picked(picked) => self.kernel.run_picked(0, picked, &mut self.past),
        }
    }

    /// The tangent where the past stands.
    fn approximation(&self, first: usize) -> Approximation {
        let response = Response::at(self.plan, &self.past, self.observations, &self.shocks, first);
        let moved = response.times(&self.shocks.lanes(first));
        let rows = |rows: &[Vec<f64>]| -> Vec<Lanes> { rows.iter().map(|row| lanes_of(row, first)).collect() };
        let (log_totals, bias, error) = (rows(&self.past.log_totals), rows(&self.past.bias), rows(&self.past.error));
        let center = sum(&difference(&log_totals, &moved), &bias);
        let mut covariance = response.gram();
        for (i, error) in error.iter().enumerate() {
            (0..WIDTH).for_each(|lane| covariance[i][i][lane] += error[lane] * error[lane]);
        }
        Approximation { response, center, error, covariance: Cholesky::of(covariance) }
    }

    /// Bends the drawn shocks of some lanes to what was observed.
    fn condition(&mut self, first: usize, tangent: &Approximation) -> Approximated {
        let drawn = self.shocks.lanes(first);
        let observed = self.log_values();
        let ahead = difference(&observed, &tangent.center);
        let (moved, noise) = (tangent.response.times(&drawn), self.error_lanes(first, &tangent.error));
        let missing = difference(&difference(&ahead, &moved), &noise);
        let bend = tangent.response.transposed_times(&tangent.covariance.solve(&missing));
        self.shocks.set_lanes(first, &sum(&drawn, &bend));
        let led = tangent.response.times(&self.shocks.lanes(first));
        let off = difference(&ahead, &led);
        Approximated {
            log_density: tangent.covariance.log_density(&ahead),
            log_likelihood: log_likelihood(&off, &tangent.error),
        }
    }

    fn log_values(&self) -> Vec<Lanes> {
        self.observations.iter().map(|observation| [observation.log_value; WIDTH]).collect()
    }

    fn draw_errors(&mut self, key: Key, trials: Trials<'_>) {
        let source = Source { key, trials };
        for (call, rows) in self.errors.as_chunks_mut::<STEPS_A_CALL>().0.iter_mut().enumerate() {
            normals(self.vectors, source, call as u64, rows.each_mut().map(Vec::as_mut_slice));
        }
    }

    fn error_lanes(&self, first: usize, sds: &[Lanes]) -> Vec<Lanes> {
        let scaled = |(row, sd): (&Vec<u32>, &Lanes)| {
            let mut lanes = *sd;
            let bits = row[first..].iter();
            lanes.iter_mut().zip(bits).for_each(|(lane, bits)| *lane *= f64::from(f32::from_bits(*bits)));
            lanes
        };
        self.errors.iter().zip(sds).map(scaled).collect()
    }

    /// Has a kernel take the led shocks.
    pub fn give(&self, kernel: &mut Kernel<'_>) {
        if self.leads {
            self.shocks.give(kernel);
        }
    }

    /// The log weight of each of these trials.
    pub fn log_weights(&mut self, trials: Trials<'_>, live: usize) -> Result<Vec<f64>, BlockError> {
        let approximated = self.lead(trials, live)?;
        self.follow(trials, live)?;
        let weights = (0..live).map(|lane| {
            let likelihood = self.log_likelihood_of(lane);
            let correction = approximated.get(lane / WIDTH).map_or(0.0, |it| {
                it.log_density[lane % WIDTH] - it.log_likelihood[lane % WIDTH]
            });
            let weight = likelihood + correction;
            if weight.is_nan() { f64::NEG_INFINITY } else { weight }
        });
        Ok(weights.collect())
    }

    /// What reporters would say of these trials, a row an observation.
    pub fn replicas(&mut self, trials: Trials<'_>, live: usize) -> Result<Vec<Vec<f64>>, BlockError> {
        self.lead(trials, live)?;
        self.follow(trials, live)?;
        self.draw_errors(self.replica_key, trials);
        let replica = |idx: usize, lane: usize| {
            let off = self.past.error[idx][lane] * f64::from(f32::from_bits(self.errors[idx][lane]));
            libm::exp(self.past.log_totals[idx][lane] + self.past.bias[idx][lane] + off)
        };
        Ok((0..self.observations.len()).map(|idx| (0..live).map(|lane| replica(idx, lane)).collect()).collect())
    }

    /// Of the observations, given the path of a lane.
    fn log_likelihood_of(&self, lane: usize) -> f64 {
        let each = self.observations.iter().enumerate().map(|(idx, observation)| {
            let error = self.past.error[idx][lane];
            let off = observation.log_value - self.past.bias[idx][lane] - self.past.log_totals[idx][lane];
            log_standard_normal(off / error) - libm::log(error)
        });
        each.sum()
    }
}

/// What the approximation says of some lanes.
pub(super) struct Approximated {
    /// Of the observations.
    log_density: Lanes,
    /// Of the observations, given the led shocks.
    log_likelihood: Lanes,
}

fn log_likelihood(off: &[Lanes], error: &[Lanes]) -> Lanes {
    let mut log = [0.0; WIDTH];
    for (off, error) in off.iter().zip(error) {
        for lane in 0..WIDTH {
            log[lane] += log_standard_normal(off[lane] / error[lane]) - libm::log(error[lane]);
        }
    }
    log
}

fn sum(a: &[Lanes], b: &[Lanes]) -> Vec<Lanes> {
    a.iter().zip(b).map(|(a, b)| std::array::from_fn(|lane| a[lane] + b[lane])).collect()
}

fn difference(a: &[Lanes], b: &[Lanes]) -> Vec<Lanes> {
    a.iter().zip(b).map(|(a, b)| std::array::from_fn(|lane| a[lane] - b[lane])).collect()
}
