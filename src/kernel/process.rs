//! An outside quantity that grows and wanders.

use super::Scene;
use super::held::Held;
use super::lane::Real;
use super::noise::ShockRows;
use crate::plan::{Operand, ProcessModelOp, ProcessOp};
use crate::vector::math::exp64;
use crate::vector::vectorised;

pub(crate) struct ProcessState {
    /// Integral of growth.
    grown: Vec<f64>,
    /// The random part `N`.
    wander: Vec<f64>,
    growth_a_step: Held,
    error_a_step: Held,
    /// Of a step.
    pub sd: Held,
    /// Over a step.
    pub decay: Held,
    pub shocks: ShockRows,
    /// Whether each trial has it at all.
    pub happens: Vec<f64>,
}

impl ProcessState {
    pub fn new(lanes: usize) -> ProcessState {
        ProcessState {
            grown: vec![0.0; lanes],
            wander: vec![0.0; lanes],
            growth_a_step: Held::default(),
            error_a_step: Held::default(),
            sd: Held::default(),
            decay: Held::default(),
            shocks: ShockRows::default(),
            happens: vec![1.0; lanes],
        }
    }

    pub fn begin(&mut self, op: &ProcessOp, when: &[(usize, usize)], scene: &Scene) {
        let dt = scene.dt;
        self.grown.fill(0.0);
        self.wander.fill(0.0);
        self.error_a_step.set(scene, op.growth_error, |error| error * dt);
        match op.model {
            ProcessModelOp::Still => {}
            ProcessModelOp::RandomWalk { sd } => {
                self.sd.set(scene, sd, |sd| sd * dt.sqrt());
                self.decay.set(scene, Operand::Constant(1.0), |decay| decay);
            }
            ProcessModelOp::MeanReverting { speed, sd } => {
                self.sd.set_from_two(scene, sd, speed, |sd, speed| sd * step_deviation(speed, dt));
                self.decay.set(scene, speed, |speed| exp64(-speed * dt));
            }
        }
        for (lane, happens) in self.happens.iter_mut().enumerate() {
            *happens = if scene.conditions_hold(when, lane) { 1.0 } else { 0.0 };
        }
    }

    /// Whether a trial has it at all.
    pub fn is_there(&self, lane: usize) -> bool {
        self.happens[lane] > 0.0
    }

    pub fn step<R: Real>(&mut self, op: &ProcessOp, scene: &Scene, contribution: &mut [R]) {
        if (scene.step - 1).is_multiple_of(scene.steps_per_year) {
            let dt = scene.dt;
            let year = (scene.step - 1) / scene.steps_per_year;
            self.growth_a_step.set(scene, op.growth[year], |growth| growth * dt);
            super::ops::add(scene.vectors, self.growth_a_step.change(scene), self.error_a_step.row());
        }
        let (grown, growth) = (&mut self.grown[..], self.growth_a_step.row());
        match op.model {
            ProcessModelOp::Still => grow(scene.vectors, contribution, grown, growth, &self.happens),
            ProcessModelOp::RandomWalk { .. } | ProcessModelOp::MeanReverting { .. } => {
                super::ops::add(scene.vectors, grown, growth);
                let shocks = self.shocks.normals_of_step(scene, op.key);
                let (moves, parts) = ((self.decay.row(), self.sd.row()), (&*grown, &self.happens[..]));
                wander(scene.vectors, contribution, &mut self.wander, moves, shocks, parts);
            }
        }
    }
}

/// `sqrt((1 - e^(-2 k dt)) / (2 k))`: the sd of an Ornstein-Uhlenbeck step for a unit sd a root-year; `sqrt(dt)` for
/// `k = 0` (Gillespie 1996, equation 1.9).
pub(crate) fn step_deviation(k: f64, dt: f64) -> f64 {
    if k == 0.0 { dt.sqrt() } else { (-libm::expm1(-2.0 * k * dt) / (2.0 * k)).sqrt() }
}

vectorised! {
    /// Grows, and contributes that where it is there.
    fn grow<R: Real>(out: &mut [R], grown: &mut [f64], growth: &[f64], happens: &[f64]) {
        for (((out, grown), growth), happens) in out.iter_mut().zip(grown).zip(growth).zip(happens) {
            *grown += growth;
            *out = R::of(*grown * happens);
        }
    }
}

vectorised! {
    /// Wanders by a shock, with the decay and sd of a step, and contributes that and what has grown where it is there.
    fn wander<R: Real>(
        out: &mut [R],
        wander: &mut [f64],
        moves: (&[f64], &[f64]),
        shocks: &[u32],
        parts: (&[f64], &[f64]),
    ) {
        let ((decay, sd), (grown, happens)) = (moves, parts);
        let rows = out.iter_mut().zip(wander).zip(decay.iter().zip(sd).zip(shocks)).zip(grown.iter().zip(happens));
        for (((out, n), ((decay, sd), shock)), (grown, happens)) in rows {
            *n = decay * *n + sd * f64::from(f32::from_bits(*shock));
            *out = R::of((grown + *n) * happens);
        }
    }
}
