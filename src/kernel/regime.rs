//! States of the world: a Markov chain that moves first in each step, and what each state does.

use super::Scene;
use super::held::{Held, HeldByState};
use super::inputs::below;
use super::lane::{FEW_STATES, Lanes, Real, of_state};
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

    pub fn step<R: Real>(&mut self, op: &RegimeOp, scene: &mut Scene, contribution: &mut [R]) {
        self.draw_words(op, scene);
        if self.step_at_once(op, scene, contribution) {
            return;
        }
        self.move_states(op, scene);
        if !op.contributes {
            return;
        }
        if self.has_levels {
            if !matches!(op.growth, StateOperand::Same(Operand::Constant(0.0))) {
                self.growth_a_step.add_current(scene, &mut self.grown, &mut self.scratch);
            }
            let kept = (self.recover.row(), self.fall.row());
            let RegimeState { level, level_target, grown, level_at_t0, scratch, .. } = self;
            match level_target.looked_up_in_rows(scene) {
                Some(target) => relax(scene.vectors, contribution, level, target, kept, grown, level_at_t0),
                None => {
                    let target = level_target.current(scene, scratch);
                    relax(scene.vectors, contribution, level, target, kept, grown, level_at_t0);
                }
            }
        } else {
            self.growth_a_step.add_current(scene, &mut self.grown, &mut self.scratch);
            super::ops::copy(scene.vectors, contribution, &self.grown);
        }
        if op.volatility.is_some() {
            let Scene { vectors, states, volatility, .. } = scene;
            self.volatility.narrow_current(*vectors, states, volatility);
        }
    }

    /// The words of four steps are drawn at once.
    fn draw_words(&mut self, op: &RegimeOp, scene: &Scene) {
        if op.hold.is_none() && (scene.step - 1).is_multiple_of(STEPS_A_CALL) {
            let source = scene.source(op.state_key);
            let call = ((scene.step - 1) / STEPS_A_CALL) as u64;
            uniforms_31_bits(scene.vectors, source, call, self.words.each_mut().map(Vec::as_mut_slice));
        }
    }

    /// The whole step in one pass, for the common case: three states that move, differ in growth and volatility alone,
    /// and do so by the same numbers in all trials.
    fn step_at_once<R: Real>(&mut self, op: &RegimeOp, scene: &mut Scene, contribution: &mut [R]) -> bool {
        let (Some(growth), Some(factors)) = (self.growth_a_step.constants(), self.volatility.constants()) else {
            return false;
        };
        let Some(thresholds) = op.thresholds_of_three().filter(|_| !self.has_levels && op.volatility.is_some()) else {
            return false;
        };
        let draws = &self.words[(scene.step - 1) % STEPS_A_CALL];
        let Scene { vectors, states, volatility, .. } = scene;
        let looked_up = (growth, factors.map(|it| it as f32));
        step_three(*vectors, states, draws, thresholds, looked_up, &mut self.grown, contribution, volatility);
        true
    }

    fn move_states(&mut self, op: &RegimeOp, scene: &mut Scene) {
        if let Some(state) = op.hold {
            scene.states.fill(state as i32);
            return;
        }
        let draws = &self.words[(scene.step - 1) % STEPS_A_CALL];
        if let Some(thresholds) = op.thresholds_of_three() {
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

impl RegimeOp {
    /// The thresholds of each state, where there are three that move.
    fn thresholds_of_three(&self) -> Option<[i32; 6]> {
        let thresholds = <[i32; 6]>::try_from(&self.thresholds[..]).ok()?;
        (self.states == 3 && self.hold.is_none()).then_some(thresholds)
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
        for (state, draw) in states.iter_mut().zip(draws) {
            *state = next_of_three(*state, *draw, thresholds);
        }
    }
}

vectorised! {
    /// Moves three states and looks up what each lets grow, and its factor on the noise.
    fn step_three<R: Real>(
        states: &mut [i32],
        draws: &[u32],
        thresholds: [i32; 6],
        looked_up: ([f64; FEW_STATES], [f32; FEW_STATES]),
        grown: &mut [f64],
        out: &mut [R],
        volatility: &mut [f32],
    ) {
        let (growth, factors) = looked_up;
        let rows = states.iter_mut().zip(draws).zip(grown).zip(out.iter_mut().zip(volatility));
        for (((state, draw), grown), (out, factor)) in rows {
            *state = next_of_three(*state, *draw, thresholds);
            *grown += of_state(*state, growth);
            *out = R::of(*grown);
            *factor = of_state(*state, factors);
        }
    }
}

#[inline(always)]
fn next_of_three(state: i32, draw: u32, [a, b, c, d, e, f]: [i32; 6]) -> i32 {
    let draw = draw as i32;
    let first = if state == 0 {
        a
    } else if state == 1 {
        c
    } else {
        e
    };
    let second = if state == 0 {
        b
    } else if state == 1 {
        d
    } else {
        f
    };
    i32::from(draw > first) + i32::from(draw > second)
}

vectorised! {
    /// The level moves to `target`; the contribution is the growth so far and what the level is above that at `t0`.
    fn relax<R: Real, T: Lanes>(
        out: &mut [R],
        level: &mut [f64],
        target: T,
        kept: (&[f64], &[f64]),
        grown: &[f64],
        level_at_t0: &[f64],
    ) {
        let (target, (rise, fall)) = (target.cut(out.len()), kept);
        let rows = out.iter_mut().zip(level).zip(rise.iter().zip(fall)).zip(grown.iter().zip(level_at_t0));
        for (lane, (((out, level), (rise, fall)), (grown, level_at_t0))) in rows.enumerate() {
            *level = relaxed(*level, target.at(lane), *rise, *fall);
            *out = R::of(grown + (*level - level_at_t0));
        }
    }
}

/// A level that moves to a target, keeping the share `rise` of its distance from below and `fall` from above.
#[inline(always)]
pub(super) fn relaxed(level: f64, target: f64, rise: f64, fall: f64) -> f64 {
    let kept = if target > level { rise } else { fall };
    target + (level - target) * kept
}
