//! Events that strike at random: shocks to the level of flows, and cargoes of value.

use super::Scene;
use super::held::{Held, HeldByState};
use crate::draws::{Key, STEPS_A_CALL, uniforms_31_bits, uniforms_by_step};
use crate::plan::{CargoOp, EventsOp, ShockOp, SizeOp};
use crate::vector::math::exp64;

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
    size: Held,
    words: [Vec<u32>; STEPS_A_CALL],
    uniforms: Vec<f64>,
}

impl Events {
    fn begin(&mut self, op: &EventsOp, scene: &Scene) {
        let dt = scene.dt;
        self.mean_a_step.set(scene, &op.rate, |rate| rate * dt);
        self.none.set(scene, &op.rate, |rate| exp64(-(rate * dt).min(MEAN_OF_A_PIECE)));
        if let SizeOp::EachTrial(size) = op.size {
            self.size.set(scene, size, |size| size);
        }
    }

    /// The first of the `live` lanes with more events than can be drawn, and their mean number a step.
    fn too_frequent(&self, live: usize) -> Option<(usize, f64)> {
        let means = self.mean_a_step.rows();
        means
            .filter_map(|row| {
                let lane = row[..live].iter().position(|mean| mean.is_nan() || *mean > MOST_A_STEP)?;
                Some((lane, row[lane]))
            })
            .min_by_key(|(lane, _)| *lane)
    }

    /// Calls `each` with the lane and the summed sizes where there is at least one event.
    fn strike(&mut self, op: &EventsOp, scene: &Scene, happens: &[bool], mut each: impl FnMut(usize, f64)) {
        let within_call = (scene.step - 1) % STEPS_A_CALL;
        if within_call == 0 {
            for row in &mut self.words {
                row.resize(scene.lanes, 0);
            }
            let source = scene.source(op.count_key);
            let call = ((scene.step - 1) / STEPS_A_CALL) as u64;
            uniforms_31_bits(scene.vectors, source, call, self.words.each_mut().map(Vec::as_mut_slice));
        }
        self.uniforms.resize(scene.lanes, 0.0);
        uniforms_by_step(scene.vectors, &self.words[within_call], &mut self.uniforms);
        for lane in 0..scene.lanes {
            let state = scene.states[lane];
            if self.uniforms[lane] >= self.none.at(state, lane) && happens[lane] {
                let trial = scene.trials().at(lane);
                let mean = self.mean_a_step.at(state, lane);
                let count = count(op.count_key, trial, scene.step, mean, self.uniforms[lane]);
                each(lane, self.total_size(op, trial, scene.step, count, lane));
            }
        }
    }

    fn total_size(&self, op: &EventsOp, trial: u64, step: usize, count: u64, lane: usize) -> f64 {
        match &op.size {
            SizeOp::EachTrial(_) => count as f64 * self.size.row[lane],
            SizeOp::EachEvent { law, convert } => {
                let size = |event| convert.apply(law.quantile(op.size_key.uniform(trial, position(step, event))));
                (0..count).map(size).sum()
            }
        }
    }
}

/// A place of its own for each event of each step.
fn position(step: usize, event: u64) -> u64 {
    (step as u64) << 32 | event
}

/// How many events there are when a Poisson law of this mean is drawn by inversion.
fn count(key: Key, trial: u64, step: usize, mean: f64, uniform: f64) -> u64 {
    let mut count = poisson(mean.min(MEAN_OF_A_PIECE), uniform);
    let mut left = mean - MEAN_OF_A_PIECE;
    let mut piece = 0;
    while left > 0.0 {
        count += poisson(left.min(MEAN_OF_A_PIECE), key.uniform(trial, position(step, piece)));
        left -= MEAN_OF_A_PIECE;
        piece += 1;
    }
    count
}

/// The smallest k with `P(count <= k) > uniform`.
fn poisson(mean: f64, uniform: f64) -> u64 {
    let mut probability = exp64(-mean);
    let mut cumulative = probability;
    let mut k = 0;
    // By rounding, the sum can stay below a uniform next to 1: beyond the mean it ends where terms no longer count.
    while uniform >= cumulative && (probability > f64::EPSILON / 4.0 || (k as f64) < mean) {
        k += 1;
        probability *= mean / k as f64;
        cumulative += probability;
    }
    k
}

/// Which trials have a driver at all.
fn fill_happens(happens: &mut [bool], when: &[(usize, usize)], scene: &Scene) {
    for (lane, happens) in happens.iter_mut().enumerate() {
        *happens = scene.conditions_hold(when, lane);
    }
}

pub(crate) struct ShockState {
    events: Events,
    happens: Vec<bool>,
    /// The factor a step of what earlier events did.
    kept: Held,
    level: Vec<f64>,
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
            happens: vec![true; lanes],
            kept: Held::default(),
            level: vec![0.0; lanes],
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
        self.level.fill(0.0);
        self.struck.fill(0);
    }

    pub fn step(&mut self, op: &ShockOp, scene: &Scene, contribution: &mut [f64]) {
        if op.recovery_years.is_some() {
            for (level, kept) in self.level.iter_mut().zip(&self.kept.row) {
                *level *= kept;
            }
        }
        let (level, struck) = (&mut self.level, &mut self.struck);
        self.events.strike(&op.events, scene, &self.happens, |lane, size| {
            level[lane] += size;
            struck[lane] += 1;
        });
        contribution.copy_from_slice(&self.level);
    }
}

pub(crate) struct CargoState {
    events: Events,
    happens: Vec<bool>,
    /// Value of this step's cargoes.
    pub amount: Vec<f64>,
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
            happens: vec![true; lanes],
            amount: vec![0.0; lanes],
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

    pub fn step(&mut self, op: &CargoOp, scene: &Scene, contribution: &mut [f64]) {
        self.amount.fill(0.0);
        let (amount, delivered, struck) = (&mut self.amount, &mut self.delivered, &mut self.struck);
        self.events.strike(&op.events, scene, &self.happens, |lane, size| {
            amount[lane] = size;
            delivered[lane] += size;
            struck[lane] += 1;
        });
        contribution.copy_from_slice(&self.amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_inverts_its_cumulative_probabilities() {
        // P(0) = .7408, P(<= 1) = .9631, P(<= 2) = .9964 for a mean of 0.3.
        let counts = [0.74, 0.75, 0.963, 0.964, 0.996, 0.997].map(|uniform| poisson(0.3, uniform));
        assert_eq!(counts, [0, 1, 1, 2, 2, 3]);
        assert!(poisson(500.0, 1.0 - f64::EPSILON) < 800);
        assert!((495..=505).contains(&poisson(500.0, 0.5)));
    }

    #[test]
    fn a_large_mean_is_drawn_in_pieces() {
        let key = Key::new(1, "test");
        let counts: Vec<f64> =
            (0..2000).map(|trial| count(key, trial, 1, 1200.0, key.uniform(trial, 9)) as f64).collect();
        let mean = counts.iter().sum::<f64>() / 2000.0;
        // The sd of the mean is sqrt(1200 / 2000) = 0.77; 4.5 of them have a false-alarm rate of 7e-6.
        assert!((mean - 1200.0).abs() < 4.5 * 0.7746, "{mean}");
    }
}
