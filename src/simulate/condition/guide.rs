//! Paths that are led by what was observed, and how much each of them counts.
//!
//! A trial's shocks `z` are standard normal. Those that hardly move the observed totals are left as drawn. Of the
//! others, `n` coordinates `a` for `n` observations, the law given the observations is nearly normal, as the log totals
//! `t` are nearly `c + G a`: drawn `a` and reporters' errors `e` become `a + G' S^-1 (y - c - G a - e)` with
//! `S = G G' + R`, which has the law of `a` given `y` where `t` is linear (Matheron's rule). The trial's weight, the
//! density of its path under the model over that under this proposal, times the likelihood (Durbin and Koopman 1997),
//! makes up for the rest exactly: `N(y; c, S) N(y; t(a), R) / N(y; c + G a, R)`. The rest is small, because `c` and `G`
//! are the tangent near the most likely `a` of this very trial. They may depend on all that is drawn but `a` and `e`.

use super::linear::{Lanes, Response, WIDTH, gram, lanes_of, rows_times, transposed_times};
use super::past::{Observation, Recorder};
use super::shocks::Shocks;
use super::solve::{Cholesky, log_standard_normal};
use crate::draws::{Key, STEPS_A_CALL, Source, Trials, normals};
use crate::kernel::{BlockError, Kernel};
use crate::plan::Plan;
use crate::vector::Vectors;

/// How often the tangent is taken at the most likely point that the last one led to.
const TANGENTS: usize = 2;
/// A tangent is not taken further out than this.
const FURTHEST: f64 = 6.0;

/// Simulates the past of a few trials at a time.
pub(super) struct Guide<'p> {
    plan: &'p Plan,
    observations: &'p [Observation],
    /// The totals that are observed, in the order of time: those that two reporters state once.
    totals: Vec<Observation>,
    /// Which of them each observation is of.
    total_of: Vec<usize>,
    kernel: Kernel<'p>,
    past: Recorder<'p>,
    shocks: Shocks,
    /// Whether the shocks are led; otherwise they are as drawn.
    leads: bool,
    /// Of reporters' errors in the rule above, and in replicas.
    keys: [Key; 2],
    /// Standard normals, a row an observation.
    errors: Vec<Vec<u32>>,
    vectors: Vectors,
}

/// Where some lanes begin.
struct Start {
    basis: Vec<Vec<Lanes>>,
    point: Vec<Lanes>,
}

/// What is fixed of some lanes while their tangents are taken.
struct Frame {
    /// The first of the lanes.
    first: usize,
    /// Orthonormal rows: the directions of `a`.
    basis: Vec<Vec<Lanes>>,
    /// `a` as drawn.
    drawn: Vec<Lanes>,
    /// The shocks without `a`.
    rest: Vec<Lanes>,
    /// Where the tangent is taken.
    point: Vec<Lanes>,
}

/// The observations as a linear function of `a`.
struct Tangent {
    /// `y - c`.
    ahead: Vec<Lanes>,
    /// `G`, row by row.
    slope: Vec<Vec<Lanes>>,
    /// sds of `R`.
    error: Vec<Lanes>,
    covariance: Cholesky,
}

/// What the tangent says of the observations.
#[derive(Clone, Copy)]
struct Said {
    /// Log of `N(y; c, S)`.
    density: Lanes,
    /// Log of `N(y; c + G a, R)`.
    likelihood: Lanes,
}

impl<'p> Guide<'p> {
    /// `plan` ends with the past and has as many lanes as trials are simulated at a time.
    pub fn new(
        plan: &'p Plan,
        observations: &'p [Observation],
        (seed, vectors): (u64, Vectors),
        leads: bool,
    ) -> Guide<'p> {
        let (totals, total_of) = distinct_totals(observations);
        Guide {
            totals,
            total_of,
            kernel: Kernel::new(plan, vectors),
            past: Recorder::new(plan, observations),
            shocks: Shocks::new(plan, vectors),
            leads,
            keys: ["condition.error", "condition.replica"].map(|identity| Key::new(seed, identity)),
            errors: vec![vec![0; plan.lanes]; observations.len().next_multiple_of(STEPS_A_CALL)],
            plan,
            observations,
            vectors,
        }
    }

    /// The log weight of each of these trials.
    pub fn log_weights(&mut self, trials: Trials<'_>, live: usize) -> Result<Vec<f64>, BlockError> {
        let mut all = Vec::with_capacity(live);
        self.by_part(trials, live, |guide, trials, live, _| {
            let said = guide.lead(trials, live)?;
            guide.follow(trials, live)?;
            all.extend((0..live).map(|lane| guide.log_weight(lane, &said)));
            Ok(())
        })?;
        Ok(all)
    }

    /// What reporters would say of these trials, a row an observation.
    pub fn replicas(&mut self, trials: Trials<'_>, live: usize) -> Result<Vec<Vec<f64>>, BlockError> {
        let mut rows = vec![Vec::with_capacity(live); self.observations.len()];
        self.by_part(trials, live, |guide, trials, live, _| {
            guide.lead(trials, live)?;
            guide.follow(trials, live)?;
            guide.draw_errors(guide.keys[1], trials);
            for (idx, row) in rows.iter_mut().enumerate() {
                row.extend((0..live).map(|lane| guide.replica(idx, lane)));
            }
            Ok(())
        })?;
        Ok(rows)
    }

    /// Has a kernel take the led shocks of these trials in its next run.
    pub fn give(&mut self, kernel: &mut Kernel<'_>, trials: Trials<'_>, live: usize) -> Result<(), BlockError> {
        if !self.leads {
            return Ok(());
        }
        self.by_part(trials, live, |guide, trials, live, first| {
            guide.lead(trials, live)?;
            guide.shocks.give(kernel, first);
            Ok(())
        })
    }

    /// As many trials at a time as there are lanes; `each` is told its first lane among all.
    fn by_part(
        &mut self,
        trials: Trials<'_>,
        live: usize,
        mut each: impl FnMut(&mut Self, Trials<'_>, usize, usize) -> Result<(), BlockError>,
    ) -> Result<(), BlockError> {
        let lanes = self.plan.lanes;
        for first in (0..live).step_by(lanes) {
            let part = lanes.min(live - first);
            let trials = match trials {
                Trials::From(trial) => Trials::From(trial + first as u64),
                Trials::Picked(picked) => Trials::Picked(&picked[first..first + part]),
            };
            each(self, trials, part, first)?;
        }
        Ok(())
    }

    /// Leads the shocks of as many trials as there are lanes.
    fn lead(&mut self, trials: Trials<'_>, live: usize) -> Result<Vec<Said>, BlockError> {
        if !self.leads {
            return Ok(Vec::new());
        }
        self.shocks.draw_factors(trials);
        self.shocks.clear();
        self.follow(trials, live)?;
        let starts: Vec<Start> = (0..live).step_by(WIDTH).map(|first| self.start(first)).collect();
        self.shocks.draw(trials);
        self.draw_errors(self.keys[0], trials);
        let mut frames: Vec<Frame> =
            starts.into_iter().enumerate().map(|(at, it)| self.frame(at * WIDTH, it)).collect();
        for taken in 1..=TANGENTS {
            for frame in &frames {
                self.shocks.set_lanes(frame.first, &frame.shocks(self.vectors, &frame.point));
            }
            self.follow(trials, live)?;
            if taken < TANGENTS {
                for frame in &mut frames {
                    frame.point = self.tangent(frame.first, &frame.basis, &frame.point).likely_point(self.vectors);
                }
            }
        }
        Ok(frames.iter().map(|frame| self.condition(frame)).collect())
    }

    /// Runs the past with the shocks as they stand.
    fn follow(&mut self, trials: Trials<'_>, live: usize) -> Result<(), BlockError> {
        if self.leads {
            self.shocks.note_slopes();
            self.shocks.give(&mut self.kernel, 0);
        }
        match trials {
            Trials::From(first) => self.kernel.run(first, live, &mut self.past),
            Trials::Picked(picked) => self.kernel.run_picked(0, picked, &mut self.past),
        }
    }

    fn response(&self, first: usize) -> Response {
        Response::at(self.plan, &self.past, &self.totals, &self.shocks, first)
    }

    /// The directions that move the observed totals, and the likely point among them, as seen from the past without
    /// shocks.
    fn start(&self, first: usize) -> Start {
        let basis = self.response(first).orthonormal_rows(self.vectors);
        let origin = vec![[0.0; WIDTH]; basis.len()];
        let point = self.tangent(first, &basis, &origin).likely_point(self.vectors);
        Start { basis, point }
    }

    /// Parts the drawn shocks of some lanes.
    fn frame(&self, first: usize, Start { basis, point }: Start) -> Frame {
        let z = self.shocks.lanes(first);
        let drawn = rows_times(self.vectors, &basis, &z);
        let along = transposed_times(self.vectors, &basis, &drawn);
        let rest = difference(&z, &along);
        Frame { first, basis, drawn, rest, point }
    }

    /// Where the past stands, `a` being `point`.
    fn tangent(&self, first: usize, basis: &[Vec<Lanes>], point: &[Lanes]) -> Tangent {
        let of_totals = self.response(first).along(self.vectors, basis);
        let slope: Vec<Vec<Lanes>> = self.total_of.iter().map(|total| of_totals[*total].clone()).collect();
        let rows = |rows: &[Vec<f64>]| -> Vec<Lanes> { rows.iter().map(|row| lanes_of(row, first)).collect() };
        let (log_totals, bias, error) = (rows(&self.past.log_totals), rows(&self.past.bias), rows(&self.past.error));
        let center = sum(&difference(&log_totals, &rows_times(self.vectors, &slope, point)), &bias);
        let observed: Vec<Lanes> = self.observations.iter().map(|it| [it.log_value; WIDTH]).collect();
        let mut covariance = gram(self.vectors, &slope);
        for (i, error) in error.iter().enumerate() {
            (0..WIDTH).for_each(|lane| covariance[i][i][lane] += error[lane] * error[lane]);
        }
        Tangent { ahead: difference(&observed, &center), slope, error, covariance: Cholesky::of(covariance) }
    }

    /// Bends `a` to what was observed.
    fn condition(&mut self, frame: &Frame) -> Said {
        let tangent = self.tangent(frame.first, &frame.basis, &frame.point);
        let noise = self.error_lanes(frame.first, &tangent.error);
        let moved = rows_times(self.vectors, &tangent.slope, &frame.drawn);
        let missing = difference(&difference(&tangent.ahead, &moved), &noise);
        let bend = transposed_times(self.vectors, &tangent.slope, &tangent.covariance.solve(&missing));
        let bent = sum(&frame.drawn, &bend);
        self.shocks.set_lanes(frame.first, &frame.shocks(self.vectors, &bent));
        let off = difference(&tangent.ahead, &rows_times(self.vectors, &tangent.slope, &bent));
        Said {
            density: tangent.covariance.log_density(&tangent.ahead),
            likelihood: log_likelihood(&off, &tangent.error),
        }
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

    /// Of a lane whose past has been followed. What is not a number fits nothing.
    fn log_weight(&self, lane: usize, said: &[Said]) -> f64 {
        let of_lane = |said: &Said| said.density[lane % WIDTH] - said.likelihood[lane % WIDTH];
        let weight = self.log_likelihood_of(lane) + said.get(lane / WIDTH).map_or(0.0, of_lane);
        if weight.is_nan() { f64::NEG_INFINITY } else { weight }
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

    fn replica(&self, idx: usize, lane: usize) -> f64 {
        let off = self.past.error[idx][lane] * f64::from(f32::from_bits(self.errors[idx][lane]));
        libm::exp(self.past.log_totals[idx][lane] + self.past.bias[idx][lane] + off)
    }
}

impl Frame {
    /// The shocks whose coordinates are `a`.
    fn shocks(&self, vectors: Vectors, a: &[Lanes]) -> Vec<Lanes> {
        sum(&self.rest, &transposed_times(vectors, &self.basis, a))
    }
}

impl Tangent {
    /// The mean of `a` given the observations.
    fn likely_point(&self, vectors: Vectors) -> Vec<Lanes> {
        let mut point = transposed_times(vectors, &self.slope, &self.covariance.solve(&self.ahead));
        point.iter_mut().flatten().for_each(|a| *a = a.clamp(-FURTHEST, FURTHEST));
        point
    }
}

/// The totals that are observed, in the order of time, and which of them each observation is of.
fn distinct_totals(observations: &[Observation]) -> (Vec<Observation>, Vec<usize>) {
    let same = |a: &Observation, b: &Observation| (a.year, &a.flows) == (b.year, &b.flows);
    let mut totals: Vec<Observation> = observations.to_vec();
    totals.sort_by(|a, b| (a.year, &a.flows).cmp(&(b.year, &b.flows)));
    totals.dedup_by(|a, b| same(a, b));
    let total = |it: &Observation| totals.iter().position(|total| same(total, it)).expect("each is among its totals");
    let total_of = observations.iter().map(total).collect();
    (totals, total_of)
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
