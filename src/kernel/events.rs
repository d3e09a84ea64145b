//! Events that strike at random: shocks to the level of flows, and cargoes of value.

use super::Scene;
use super::held::{Held, HeldByState};
use super::lane::Real;
use super::words::{Side, Thresholds, Words};
use crate::draws::{Key, uniform_of, uniforms_of_trials};
use crate::plan::{CargoOp, EventsOp, ShockOp, SizeOp};
use crate::vector::math::exp64;
use crate::vector::vectorised;

/// A mean count above this is drawn in pieces, each through its own uniform: `e^-mean` must not vanish.
const MEAN_OF_A_PIECE: f64 = 500.0;

/// More events a step than this are refused: each is drawn alone, and a run would seem to hang.
pub(crate) const MOST_A_STEP: f64 = 1000.0;

/// The events of each step.
#[derive(Default)]
struct Events {
    mean_a_step: HeldByState,
    /// Probability of none in a step.
    none: HeldByState,
    thresholds: Thresholds,
    /// Probability of at most one in a step, or 0 where that is not worth telling.
    at_most_one: HeldByState,
    once: Thresholds,
    size: Held,
    words: Words,
    /// Lanes with at least one event in this step, their trials and the summed sizes of their events.
    struck: Vec<u32>,
    trials: Vec<u64>,
    sizes: Vec<f64>,
}

impl Events {
    fn begin(&mut self, op: &EventsOp, scene: &Scene) {
        let dt = scene.dt;
        self.mean_a_step.set(scene, &op.rate, |rate| rate * dt);
        self.none.set(scene, &op.rate, |rate| none_of(rate * dt));
        self.thresholds.set(&self.none);
        self.at_most_one.set(scene, &op.rate, |rate| at_most_one_of(rate * dt));
        self.once.set(&self.at_most_one);
        self.struck.clear();
        if let SizeOp::EachTrial(size) = op.size {
            self.size.set(scene, size, |size| size);
        }
    }

    /// The first of the `live` lanes with more events than can be drawn, and their mean number a step.
    fn too_frequent(&self, live: usize) -> Option<(usize, f64)> {
        let is_too_many = |mean: &f64| mean.is_nan() || *mean > MOST_A_STEP;
        if let Some(constants) = self.mean_a_step.constants() {
            return constants.into_iter().find(is_too_many).map(|mean| (0, mean));
        }
        let means = self.mean_a_step.rows();
        means
            .filter_map(|row| {
                let lane = row[..live].iter().position(is_too_many)?;
                Some((lane, row[lane]))
            })
            .min_by_key(|(lane, _)| *lane)
    }

    /// Draws which lanes are struck in this step, and how hard.
    fn strike(&mut self, op: &EventsOp, scene: &Scene, happens: &[bool]) {
        let words = self.words.of_step(scene, op.count_key);
        self.thresholds.sort_out(scene, words, Side::NotBelow, &mut self.struck);
        if !happens.is_empty() {
            self.struck.retain(|lane| happens[*lane as usize]);
        }
        self.trials.clear();
        self.trials.extend(self.struck.iter().map(|lane| scene.trials().at(*lane as usize)));
        self.sizes.clear();
        self.sizes.resize(self.struck.len(), 0.0);
        match &op.size {
            SizeOp::EachTrial(_) => {
                for place in 0..self.struck.len() {
                    self.sizes[place] =
                        self.count(op, scene, place) as f64 * self.size.row()[self.struck[place] as usize];
                }
            }
            SizeOp::EachEvent { law, convert } => {
                // Nearly all that are struck are struck once.
                uniforms_of_trials(scene.vectors, op.size_key, &self.trials, position(scene.step, 0), &mut self.sizes);
                law.fill(scene.vectors, &mut self.sizes);
                for place in 0..self.struck.len() {
                    let trial = self.trials[place];
                    let further = |event| law.quantile(op.size_key.uniform(trial, position(scene.step, event)));
                    let first = convert.apply(self.sizes[place]);
                    let count = self.count(op, scene, place);
                    self.sizes[place] = (1..count).fold(first, |sum, event| sum + convert.apply(further(event)));
                }
            }
        }
    }

    /// How many events there are in the lane that is struck at a place. Nearly always there is one: that needs no more
    /// than a look at the word.
    #[inline]
    fn count(&self, op: &EventsOp, scene: &Scene, place: usize) -> u64 {
        let lane = self.struck[place] as usize;
        let word = self.words.current(scene)[lane];
        if self.once.is_below(word, scene.states[lane], lane) {
            return 1;
        }
        self.count_many(op, scene, place)
    }

    #[inline(never)]
    fn count_many(&self, op: &EventsOp, scene: &Scene, place: usize) -> u64 {
        let lane = self.struck[place] as usize;
        let state = scene.states[lane];
        // A trial that expects more is refused; a lane beyond the last trial may expect any number.
        let mean = (self.mean_a_step.at(state, lane).min(MOST_A_STEP), self.none.at(state, lane));
        count(op.count_key, self.trials[place], scene.step, mean, uniform_of(self.words.current(scene)[lane]))
    }

    /// Lanes with events in this step and their summed sizes.
    fn struck(&self) -> impl Iterator<Item = (usize, f64)> {
        self.struck.iter().zip(&self.sizes).map(|(lane, size)| (*lane as usize, *size))
    }
}

/// A place of its own for each event of each step.
fn position(step: usize, event: u64) -> u64 {
    (step as u64) << 32 | event
}

/// The probability of no event where this many are expected, or in a piece of them.
fn none_of(mean: f64) -> f64 {
    exp64(-mean.min(MEAN_OF_A_PIECE))
}

/// The probability of at most one event, as [`poisson`] adds it up; 0 where events are drawn in pieces.
fn at_most_one_of(mean: f64) -> f64 {
    if mean > MEAN_OF_A_PIECE {
        return 0.0;
    }
    let none = none_of(mean);
    none + none * mean
}

/// How many events there are when a Poisson law of this mean, with this probability of none, is drawn by inversion.
fn count(key: Key, trial: u64, step: usize, (mean, none): (f64, f64), uniform: f64) -> u64 {
    let mut count = poisson(mean.min(MEAN_OF_A_PIECE), none, uniform);
    let mut left = mean - MEAN_OF_A_PIECE;
    let mut piece = 0;
    while left > 0.0 {
        count += poisson(left.min(MEAN_OF_A_PIECE), none_of(left), key.uniform(trial, position(step, piece)));
        left -= MEAN_OF_A_PIECE;
        piece += 1;
    }
    count
}

/// The smallest k with `P(count <= k) > uniform`.
fn poisson(mean: f64, none: f64, uniform: f64) -> u64 {
    let mut probability = none;
    let mut cumulative = probability;
    let mut k = 0;
    // By rounding, the sum can stay below a uniform next to 1: beyond the mean it ends where terms no longer count.
    while uniform >= cumulative && (probability > f64::EPSILON / 4.0 || (k as f64) < mean) {
        k += 1;
        // Nearly always there is one: that is not worth a division.
        probability *= if k == 1 { mean } else { mean / k as f64 };
        cumulative += probability;
    }
    k
}

/// Which trials have a driver at all; nothing if all have.
fn fill_happens(happens: &mut Vec<bool>, when: &[(usize, usize)], scene: &Scene) {
    happens.clear();
    if !when.is_empty() {
        happens.extend((0..scene.lanes).map(|lane| scene.conditions_hold(when, lane)));
    }
}

pub(crate) struct ShockState {
    events: Events,
    happens: Vec<bool>,
    /// The factor a step of what earlier events did.
    kept: Held,
    /// What earlier events left.
    left: Vec<f64>,
    /// Steps with at least one event so far, counted; the observer compares.
    pub struck: Vec<u32>,
}

impl ShockState {
    pub fn too_frequent(&self, live: usize) -> Option<(usize, f64)> {
        self.events.too_frequent(live)
    }

    pub fn new(lanes: usize) -> ShockState {
        ShockState {
            events: Events::default(),
            happens: Vec::new(),
            kept: Held::default(),
            left: vec![0.0; lanes],
            struck: vec![0; lanes],
        }
    }

    pub fn begin(&mut self, op: &ShockOp, when: &[(usize, usize)], scene: &Scene) {
        self.events.begin(&op.events, scene);
        fill_happens(&mut self.happens, when, scene);
        let dt = scene.dt;
        if let Some(years) = op.recovery_years {
            self.kept.set(scene, years, |years| exp64(-dt / years));
        }
        self.struck.fill(0);
        self.left.fill(0.0);
    }

    /// The contribution is what earlier events left there and those of this step: what lasts for good changes in the
    /// lanes that are struck alone.
    pub fn step<R: Real>(&mut self, op: &ShockOp, scene: &Scene, contribution: &mut [R]) {
        if op.recovery_years.is_some() {
            fade(scene.vectors, contribution, &mut self.left, self.kept.row());
        }
        self.events.strike(&op.events, scene, &self.happens);
        for (lane, size) in self.events.struck() {
            self.left[lane] += size;
            contribution[lane] = R::of(self.left[lane]);
            self.struck[lane] += 1;
        }
    }
}

vectorised! {
    /// `left *= kept`, which is contributed.
    fn fade<R: Real>(out: &mut [R], left: &mut [f64], kept: &[f64]) {
        for ((out, left), kept) in out.iter_mut().zip(left).zip(kept) {
            *left *= kept;
            *out = R::of(*left);
        }
    }
}

pub(crate) struct CargoState {
    events: Events,
    happens: Vec<bool>,
    /// Value of all cargoes so far.
    pub delivered: Vec<f64>,
    /// See [`ShockState::struck`].
    pub struck: Vec<u32>,
}

impl CargoState {
    pub fn too_frequent(&self, live: usize) -> Option<(usize, f64)> {
        self.events.too_frequent(live)
    }

    pub fn new(lanes: usize) -> CargoState {
        CargoState {
            events: Events::default(),
            happens: Vec::new(),
            delivered: vec![0.0; lanes],
            struck: vec![0; lanes],
        }
    }

    pub fn begin(&mut self, op: &CargoOp, when: &[(usize, usize)], scene: &Scene) {
        self.events.begin(&op.events, scene);
        fill_happens(&mut self.happens, when, scene);
        self.delivered.fill(0.0);
        self.struck.fill(0);
    }

    /// The contribution is the value of this step's cargoes.
    pub fn step<R: Real>(&mut self, op: &CargoOp, scene: &Scene, contribution: &mut [R]) {
        for &lane in &self.events.struck {
            contribution[lane as usize] = R::ZERO;
        }
        self.events.strike(&op.events, scene, &self.happens);
        for (lane, size) in self.events.struck() {
            contribution[lane] = R::of(size);
            self.delivered[lane] += size;
            self.struck[lane] += 1;
        }
    }

    /// Lanes with cargoes in this step, and their value.
    pub fn cargoes(&self) -> impl Iterator<Item = (usize, f64)> {
        self.events.struck()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_inverts_its_cumulative_probabilities() {
        // P(0) = .7408, P(<= 1) = .9631, P(<= 2) = .9964 for a mean of 0.3.
        let counts = [0.74, 0.75, 0.963, 0.964, 0.996, 0.997].map(|uniform| poisson(0.3, none_of(0.3), uniform));
        assert_eq!(counts, [0, 1, 1, 2, 2, 3]);
        assert!(poisson(500.0, none_of(500.0), 1.0 - f64::EPSILON) < 800);
        assert!((495..=505).contains(&poisson(500.0, none_of(500.0), 0.5)));
    }

    #[test]
    fn at_most_one_event_is_what_counting_says() {
        for mean in [0.0, 1e-9, 0.015, 0.125, 0.9, 3.0, 40.0, 499.0] {
            let bound = at_most_one_of(mean);
            for uniform in [bound.next_down(), bound, bound.next_up()].into_iter().filter(|it| *it < 1.0) {
                assert_eq!(poisson(mean, none_of(mean), uniform) <= 1, uniform < bound, "{uniform} at {mean}");
            }
        }
    }

    #[test]
    fn a_large_mean_is_drawn_in_pieces() {
        let key = Key::new(1, "test");
        let counts: Vec<f64> = (0..2000)
            .map(|trial| count(key, trial, 1, (1200.0, none_of(1200.0)), key.uniform(trial, 9)) as f64)
            .collect();
        let mean = counts.iter().sum::<f64>() / 2000.0;
        // The sd of the mean is sqrt(1200 / 2000) = 0.77; 4.5 of them have a false-alarm rate of 7e-6.
        assert!((mean - 1200.0).abs() < 4.5 * 0.7746, "{mean}");
    }
}
