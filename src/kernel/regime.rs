//! States of the world: a Markov chain that moves first in each step, and what each state does.

use super::Scene;
use super::held::{Held, HeldByState};
use super::inputs::below;
use crate::draws::{STEPS_A_CALL, uniforms_31_bits, uniforms_by_trial};
use crate::plan::{Operand, RegimeOp, StateOperand};
use crate::vector::vectorised;

pub(crate) struct RegimeState {
    /// Words of the current four steps.
    words: [Vec<u32>; STEPS_A_CALL],
    next: Vec<i32>,
    growth_a_step: HeldByState,
    level_target: HeldByState,
    volatility: HeldByState,
    fall: Held,
    recover: Held,
    /// Whether states differ in their level.
    has_levels: bool,
    /// Sum of growth so far.
    grown: Vec<f64>,
    level: Vec<f64>,
    level_at_t0: Vec<f64>,
    scratch: Vec<f64>,
}

impl RegimeState {
    pub fn new(lanes: usize) -> RegimeState {
        let row = || vec![0.0; lanes];
        RegimeState {
            words: std::array::from_fn(|_| vec![0; lanes]),
            next: vec![0; lanes],
            growth_a_step: HeldByState::default(),
            level_target: HeldByState::default(),
            volatility: HeldByState::default(),
            fall: Held::default(),
            recover: Held::default(),
            has_levels: false,
            grown: row(),
            level: row(),
            level_at_t0: row(),
            scratch: Vec::new(),
        }
    }

    pub fn begin(&mut self, op: &RegimeOp, scene: &mut Scene) {
        self.draw_start(op, scene);
        if !op.contributes {
            return;
        }
        let dt = scene.dt;
        self.growth_a_step.set(scene, &op.growth, |growth| growth * dt);
        self.level_target.set(scene, &op.level, |level| level);
        self.fall.set(scene, op.fall_years, |years| decay(dt, years));
        self.recover.set(scene, op.recover_years, |years| decay(dt, years));
        if let Some(volatility) = &op.volatility {
            self.volatility.set(scene, volatility, |factor| factor);
        }
        self.has_levels = !matches!(op.level, StateOperand::Same(_));
        self.grown.fill(0.0);
        self.level.copy_from_slice(self.level_target.current(scene, &mut self.scratch));
        self.level_at_t0.copy_from_slice(&self.level);
    }

    fn draw_start(&mut self, op: &RegimeOp, scene: &mut Scene) {
        self.scratch.resize(scene.lanes, 0.0);
        let source = scene.source(op.start_key);
        uniforms_by_trial(scene.vectors, source, &mut self.scratch);
        for (state, uniform) in scene.states.iter_mut().zip(&self.scratch) {
            *state = below(&op.start_cumulative, *uniform) as i32;
        }
    }

    pub fn step(&mut self, op: &RegimeOp, scene: &mut Scene, contribution: &mut [f64]) {
        self.move_states(op, scene);
        if !op.contributes {
            return;
        }
        if self.has_levels {
            if !matches!(op.growth, StateOperand::Same(Operand::Constant(0.0))) {
                self.growth_a_step.add_current(scene, &mut self.grown, &mut self.scratch);
            }
            let target = self.level_target.current(scene, &mut self.scratch);
            let kept = (&self.recover.row[..], &self.fall.row[..]);
            let (grown, level_at_t0) = (&self.grown, &self.level_at_t0);
            relax(scene.vectors, contribution, &mut self.level, target, kept, grown, level_at_t0);
        } else {
            self.growth_a_step.add_current(scene, contribution, &mut self.scratch);
        }
        if op.volatility.is_some() {
            let Scene { vectors, states, volatility, .. } = scene;
            self.volatility.narrow_current(*vectors, states, volatility);
        }
    }

    fn move_states(&mut self, op: &RegimeOp, scene: &mut Scene) {
        if let Some(state) = op.hold {
            scene.states.fill(state as i32);
            return;
        }
        let within_call = (scene.step - 1) % STEPS_A_CALL;
        if within_call == 0 {
            let source = scene.source(op.state_key);
            let call = ((scene.step - 1) / STEPS_A_CALL) as u64;
            uniforms_31_bits(scene.vectors, source, call, self.words.each_mut().map(Vec::as_mut_slice));
        }
        let draws = &self.words[within_call];
        if let Ok(thresholds) = <[i32; 6]>::try_from(&op.thresholds[..])
            && op.states == 3
        {
            move_three(scene.vectors, &mut scene.states, draws, thresholds);
            return;
        }
        self.next.fill(0);
        for (at, &threshold) in op.thresholds.iter().enumerate() {
            let from = (at / (op.states - 1)) as i32;
            count_exceeded(scene.vectors, &mut self.next, &scene.states, from, draws, threshold);
        }
        std::mem::swap(&mut self.next, &mut scene.states);
    }
}

/// The factor of a distance to a target over a time, with a time constant in years; 0 for none.
pub(super) fn decay(time: f64, years: f64) -> f64 {
    if years == 0.0 { 0.0 } else { libm::exp(-time / years) }
}

vectorised! {
    /// `next += 1` in the lanes that come from a state and whose draw exceeds its threshold.
    fn count_exceeded(next: &mut [i32], states: &[i32], from: i32, draws: &[u32], threshold: i32) {
        for ((next, state), draw) in next.iter_mut().zip(states).zip(draws) {
            *next += i32::from((*state == from) & (*draw as i32 > threshold));
        }
    }
}

vectorised! {
    /// The same for three states, the thresholds of each after those of the one before.
    fn move_three(states: &mut [i32], draws: &[u32], thresholds: [i32; 6]) {
        let [a, b, c, d, e, f] = thresholds;
        for (state, draw) in states.iter_mut().zip(draws) {
            let draw = *draw as i32;
            let first = if *state == 0 { a } else if *state == 1 { c } else { e };
            let second = if *state == 0 { b } else if *state == 1 { d } else { f };
            *state = i32::from(draw > first) + i32::from(draw > second);
        }
    }
}

vectorised! {
    /// The level moves to `target`; the contribution is the growth so far and what the level is above that at `t0`.
    fn relax(
        out: &mut [f64],
        level: &mut [f64],
        target: &[f64],
        kept: (&[f64], &[f64]),
        grown: &[f64],
        level_at_t0: &[f64],
    ) {
        let (rise, fall) = kept;
        let rows = out.iter_mut().zip(level).zip(target.iter().zip(rise).zip(fall)).zip(grown.iter().zip(level_at_t0));
        for (((out, level), ((target, rise), fall)), (grown, level_at_t0)) in rows {
            *level = relaxed(*level, *target, *rise, *fall);
            *out = grown + (*level - level_at_t0);
        }
    }
}

/// A level that moves to a target, keeping the share `rise` of its distance from below and `fall` from above.
#[inline(always)]
pub(super) fn relaxed(level: f64, target: f64, rise: f64, fall: f64) -> f64 {
    let kept = if target > level { rise } else { fall };
    target + (level - target) * kept
}
