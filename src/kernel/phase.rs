//! How an intervention takes hold with its age.

use super::Scene;
use super::held::Held;
use crate::plan::PhaseOp;
use crate::vector::math::exp64;
use crate::vector::vectorised;

/// Beyond this many widths the exponential of a logistic could overflow on its way.
const STEEPEST: f64 = 600.0;

/// The phase-in of a block. Exponentials are carried from step to step by a factor, so that a step costs a
/// multiplication; each lane's is set when it starts.
#[derive(Default)]
pub(crate) struct PhaseState {
    /// Years, or the midpoint of a logistic.
    first: Held,
    /// The width of a logistic.
    width: Held,
    /// The exponential at `t_n`.
    power: Vec<f64>,
    /// Its factor a step.
    factor: Held,
    /// The inverse of a logistic's exponential at its start: times the exponential now, it is `e^(-age/width)`.
    inverse_at_start: Held,
    /// Whether a logistic is too steep to be carried.
    is_steep: bool,
}

/// Rows of one that is on from its start to its end, and what it scales.
#[derive(Clone, Copy)]
pub(crate) struct Spell<'a> {
    pub starts: &'a [f64],
    pub ends: &'a [f64],
    /// At full share.
    pub effect: &'a [f64],
    /// What the base value holds already.
    pub at_t0: &'a [f64],
}

/// An exponential of this many time constants is lost beside 1.
const SPENT: f64 = 40.0;

impl PhaseState {
    pub fn begin(&mut self, op: &PhaseOp, scene: &Scene) {
        let dt = scene.dt;
        self.power.resize(scene.lanes, 0.0);
        match op {
            PhaseOp::Immediate | PhaseOp::Steps(_) => {}
            PhaseOp::Linear { years } => self.first.set(scene, *years, |years| 1.0 / years),
            PhaseOp::Exponential { years } | PhaseOp::Pulse { years } => {
                self.first.set(scene, *years, |years| years);
                self.factor.set(scene, *years, |years| exp64(-dt / years));
                // 1 before the start makes `1 - power` 0 there; a pulse is 0 by itself.
                let before = if matches!(op, PhaseOp::Pulse { .. }) { 0.0 } else { 1.0 };
                self.power.fill(before);
            }
            PhaseOp::Logistic { midpoint, width } => {
                self.first.set(scene, *midpoint, |midpoint| midpoint);
                self.width.set(scene, *width, |width| width);
                self.factor.set(scene, *width, |width| exp64(-dt / width));
                self.inverse_at_start
                    .set_from_two(scene, *midpoint, *width, |midpoint, width| exp64(-midpoint / width));
                self.is_steep = self.first.row.iter().zip(&self.width.row).any(|(m, w)| (m / w).abs() > STEEPEST);
                self.power.fill(1.0);
            }
        }
    }

    /// A lane starts at `start`, now or earlier: its exponential at `now` is set.
    pub fn enter(&mut self, op: &PhaseOp, lane: usize, start: f64, now: f64) {
        let age = now - start;
        match op {
            PhaseOp::Exponential { .. } | PhaseOp::Pulse { .. } => {
                self.power[lane] = exp64(-age / self.first.row[lane]);
            }
            PhaseOp::Logistic { .. } => {
                self.power[lane] = exp64((self.first.row[lane] - age) / self.width.row[lane]);
            }
            PhaseOp::Immediate | PhaseOp::Linear { .. } | PhaseOp::Steps(_) => {}
        }
    }

    /// Moves the exponentials of the lanes that had started before this step.
    pub fn advance(&mut self, op: &PhaseOp, scene: &Scene, starts: &[f64]) {
        if matches!(op, PhaseOp::Exponential { .. } | PhaseOp::Pulse { .. } | PhaseOp::Logistic { .. }) {
            carry(scene.vectors, &mut self.power, &self.factor.row, starts, scene.before);
        }
    }

    /// Moves over the step and fills the contribution of a spell: [`PhaseState::advance`] and [`PhaseState::fill`],
    /// in one pass for the common shapes. `share` is scratch.
    pub fn contribute(&mut self, op: &PhaseOp, scene: &Scene, spell: Spell<'_>, share: &mut [f64], out: &mut [f64]) {
        let Scene { vectors, before, now, .. } = *scene;
        match op {
            PhaseOp::Linear { .. } => linear_spell(vectors, out, spell, &self.first.row, now),
            PhaseOp::Logistic { .. } if !self.is_steep => {
                let inverse = &self.inverse_at_start.row;
                logistic_spell(vectors, out, spell, &mut self.power, &self.factor.row, inverse, (before, now));
            }
            _ => {
                self.advance(op, scene, spell.starts);
                self.fill(op, scene, spell.starts, share);
                shared_spell(vectors, out, spell, share, now);
            }
        }
    }

    /// The longest time, over lanes, from a start to the last change of the share; infinite if there is none.
    pub fn longest(&self, op: &PhaseOp) -> f64 {
        let greatest = |row: &[f64]| row.iter().fold(0.0_f64, |greatest, value| greatest.max(*value));
        match op {
            PhaseOp::Immediate => 0.0,
            PhaseOp::Steps(steps) => steps.last().map_or(0.0, |(age, _)| *age),
            PhaseOp::Linear { .. } => 1.0 / self.first.row.iter().fold(f64::INFINITY, |least, value| least.min(*value)),
            PhaseOp::Exponential { .. } => SPENT * greatest(&self.first.row),
            PhaseOp::Logistic { .. } => greatest(&self.first.row) + SPENT * greatest(&self.width.row),
            PhaseOp::Pulse { .. } => f64::INFINITY,
        }
    }

    /// The share in force now, a row; 0 up to the start itself.
    pub fn fill(&self, op: &PhaseOp, scene: &Scene, starts: &[f64], out: &mut [f64]) {
        let now = scene.now;
        match op {
            PhaseOp::Immediate => immediate(scene.vectors, out, starts, now),
            PhaseOp::Linear { .. } => linear(scene.vectors, out, starts, &self.first.row, now),
            PhaseOp::Exponential { .. } => exponential(scene.vectors, out, &self.power),
            PhaseOp::Pulse { .. } => pulse(scene.vectors, out, starts, &self.power, now),
            PhaseOp::Logistic { .. } if self.is_steep => {
                for (lane, out) in out.iter_mut().enumerate() {
                    *out = self.share(op, lane, now - starts[lane]);
                }
            }
            PhaseOp::Logistic { .. } => {
                carried_logistic(scene.vectors, out, starts, &self.power, &self.inverse_at_start.row, now);
            }
            PhaseOp::Steps(steps) => {
                for (out, start) in out.iter_mut().zip(starts) {
                    *out = stepped(steps, now - start);
                }
            }
        }
    }

    /// The share at an age, of one lane alone.
    pub fn share(&self, op: &PhaseOp, lane: usize, age: f64) -> f64 {
        if age <= 0.0 {
            return 0.0;
        }
        match op {
            PhaseOp::Immediate => 1.0,
            PhaseOp::Linear { .. } => (age * self.first.row[lane]).min(1.0),
            PhaseOp::Exponential { .. } => 1.0 - exp64(-age / self.first.row[lane]),
            PhaseOp::Pulse { .. } => exp64(-age / self.first.row[lane]),
            PhaseOp::Logistic { .. } => {
                let (midpoint, width) = (self.first.row[lane], self.width.row[lane]);
                (1.0 - exp64(-age / width)) / (1.0 + exp64((midpoint - age) / width))
            }
            PhaseOp::Steps(steps) => stepped(steps, age),
        }
    }
}

/// The share of the last age that is below the driver's age, or 0.
fn stepped(steps: &[(f64, f64)], age: f64) -> f64 {
    steps.iter().rev().find(|(from, _)| *from < age).map_or(0.0, |(_, share)| *share)
}

/// An exponential a step later, if its lane had started before the step.
#[inline(always)]
fn carried(power: f64, factor: f64, start: f64, before: f64) -> f64 {
    if start <= before { power * factor } else { power }
}

#[inline(always)]
fn linear_share(start: f64, inverse_years: f64, now: f64) -> f64 {
    let share = (now - start) * inverse_years;
    let share = if share > 0.0 { share } else { 0.0 };
    if share < 1.0 { share } else { 1.0 }
}

/// `(g(age) - g(0)) / (1 - g(0))`, written so that nothing cancels where `g(0)` is nearly 1.
#[inline(always)]
fn logistic_share(start: f64, power: f64, inverse_at_start: f64, now: f64) -> f64 {
    let share = (1.0 - power * inverse_at_start) / (1.0 + power);
    if now > start { share } else { 0.0 }
}

impl Spell<'_> {
    /// The contribution in one lane.
    #[inline(always)]
    fn contribution(&self, lane: usize, share: f64, now: f64) -> f64 {
        let on = if (now >= self.starts[lane]) & (now < self.ends[lane]) { 1.0 } else { 0.0 };
        self.effect[lane] * share * on - self.at_t0[lane]
    }

    /// The same with all rows as long as `lanes`, which spares the loops their checks.
    #[inline(always)]
    fn cut(self, lanes: usize) -> Self {
        Spell {
            starts: &self.starts[..lanes],
            ends: &self.ends[..lanes],
            effect: &self.effect[..lanes],
            at_t0: &self.at_t0[..lanes],
        }
    }
}

vectorised! {
    fn linear_spell(out: &mut [f64], spell: Spell<'_>, inverse_years: &[f64], now: f64) {
        let spell = spell.cut(out.len());
        for (lane, (out, inverse)) in out.iter_mut().zip(inverse_years).enumerate() {
            *out = spell.contribution(lane, linear_share(spell.starts[lane], *inverse, now), now);
        }
    }
}

vectorised! {
    fn logistic_spell(
        out: &mut [f64],
        spell: Spell<'_>,
        power: &mut [f64],
        factor: &[f64],
        inverse_at_start: &[f64],
        times: (f64, f64),
    ) {
        let (before, now) = times;
        let spell = spell.cut(out.len());
        let rows = out.iter_mut().zip(power).zip(factor.iter().zip(inverse_at_start));
        for (lane, ((out, power), (factor, inverse))) in rows.enumerate() {
            let start = spell.starts[lane];
            *power = carried(*power, *factor, start, before);
            *out = spell.contribution(lane, logistic_share(start, *power, *inverse, now), now);
        }
    }
}

vectorised! {
    fn shared_spell(out: &mut [f64], spell: Spell<'_>, share: &[f64], now: f64) {
        let spell = spell.cut(out.len());
        for (lane, (out, share)) in out.iter_mut().zip(share).enumerate() {
            *out = spell.contribution(lane, *share, now);
        }
    }
}

vectorised! {
    fn carry(power: &mut [f64], factor: &[f64], starts: &[f64], before: f64) {
        for ((power, factor), start) in power.iter_mut().zip(factor).zip(starts) {
            *power = carried(*power, *factor, *start, before);
        }
    }
}

vectorised! {
    fn immediate(out: &mut [f64], starts: &[f64], now: f64) {
        for (out, start) in out.iter_mut().zip(starts) {
            *out = if now > *start { 1.0 } else { 0.0 };
        }
    }
}

vectorised! {
    fn linear(out: &mut [f64], starts: &[f64], inverse_years: &[f64], now: f64) {
        for ((out, start), inverse) in out.iter_mut().zip(starts).zip(inverse_years) {
            *out = linear_share(*start, *inverse, now);
        }
    }
}

vectorised! {
    fn exponential(out: &mut [f64], power: &[f64]) {
        for (out, power) in out.iter_mut().zip(power) {
            *out = 1.0 - power;
        }
    }
}

vectorised! {
    fn pulse(out: &mut [f64], starts: &[f64], power: &[f64], now: f64) {
        for ((out, start), power) in out.iter_mut().zip(starts).zip(power) {
            *out = if now > *start { *power } else { 0.0 };
        }
    }
}

vectorised! {
    fn carried_logistic(out: &mut [f64], starts: &[f64], power: &[f64], inverse_at_start: &[f64], now: f64) {
        for (((out, start), power), inverse) in out.iter_mut().zip(starts).zip(power).zip(inverse_at_start) {
            *out = logistic_share(*start, *power, *inverse, now);
        }
    }
}
