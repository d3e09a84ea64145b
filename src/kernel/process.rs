//! An outside quantity that grows and wanders.

use super::Scene;
use super::held::Held;
use super::lane::{Lanes, Real};
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
    /// Whether each trial has it at all, as 1 or 0.
    pub happens: Held,
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
            happens: Held::default(),
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
        self.happens.set(scene, Operand::Constant(1.0), |one| one);
        if !when.is_empty() {
            for (lane, happens) in self.happens.change(scene).iter_mut().enumerate() {
                *happens = if scene.conditions_hold(when, lane) { 1.0 } else { 0.0 };
            }
        }
    }

    /// Whether a trial has it at all.
    pub fn is_there(&self, lane: usize) -> bool {
        self.happens.row()[lane] > 0.0
    }

    /// Takes on the growth of a year, with its error.
    fn set_growth(&mut self, op: &ProcessOp, year: usize, scene: &Scene) {
        let dt = scene.dt;
        if let (growth @ Operand::Constant(_), error @ Operand::Constant(_)) = (op.growth[year], op.growth_error) {
            return self.growth_a_step.set_from_two(scene, growth, error, |growth, error| growth * dt + error * dt);
        }
        self.growth_a_step.set(scene, op.growth[year], |growth| growth * dt);
        super::ops::add(scene.vectors, self.growth_a_step.change(scene), self.error_a_step.row());
    }

    pub fn step<R: Real>(&mut self, op: &ProcessOp, scene: &Scene, contribution: &mut [R]) {
        if (scene.step - 1).is_multiple_of(scene.steps_per_year) {
            let year = (scene.step - 1) / scene.steps_per_year;
            self.set_growth(op, year, scene);
        }
        let (grown, growth) = (&mut self.grown[..], self.growth_a_step.row());
        if let ProcessModelOp::Still = op.model {
            return match self.happens.same() {
                Some(happens) => grow(scene.vectors, contribution, grown, growth, happens),
                None => grow(scene.vectors, contribution, grown, growth, self.happens.row()),
            };
        }
        if self.growth_a_step.same() != Some(0.0) {
            super::ops::add(scene.vectors, grown, growth);
        }
        let shocks = self.shocks.normals_of_step(scene, op.key);
        match (self.decay.same(), self.sd.same(), self.happens.same()) {
            (Some(decay), Some(sd), Some(happens)) => {
                wander(scene.vectors, contribution, &mut self.wander, (decay, sd), shocks, grown, happens);
            }
            _ => {
                let (moves, happens) = ((self.decay.row(), self.sd.row()), self.happens.row());
                wander(scene.vectors, contribution, &mut self.wander, moves, shocks, grown, happens);
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
    fn grow<R: Real, L: Lanes>(out: &mut [R], grown: &mut [f64], growth: &[f64], happens: L) {
        let happens = happens.cut(out.len());
        for (lane, ((out, grown), growth)) in out.iter_mut().zip(grown).zip(growth).enumerate() {
            *grown += growth;
            *out = R::of(*grown * happens.at(lane));
        }
    }
}

vectorised! {
    /// Wanders by a shock, with the decay and sd of a step, and contributes that and what has grown where it is there.
    fn wander<R: Real, L: Lanes>(
        out: &mut [R],
        wander: &mut [f64],
        moves: (L, L),
        shocks: &[u32],
        grown: &[f64],
        happens: L,
    ) {
        let lanes = out.len();
        let (decay, sd, happens) = (moves.0.cut(lanes), moves.1.cut(lanes), happens.cut(lanes));
        for (lane, (((out, n), shock), grown)) in out.iter_mut().zip(wander).zip(shocks).zip(grown).enumerate() {
            *n = decay.at(lane) * *n + sd.at(lane) * f64::from(f32::from_bits(*shock));
            *out = R::of((grown + *n) * happens.at(lane));
        }
    }
}
