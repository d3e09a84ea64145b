//! How an intervention takes hold with its age.

use super::Scene;
use super::held::Held;
use super::lane::{Lanes, Real};
use crate::plan::PhaseOp;
use crate::vector::math::{exp64, reciprocal64};
use crate::vector::{Vectors, vectorised};

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
    /// Exponentials of lanes that start.
    entering: Vec<f64>,
}

/// What a contribution is made of besides the share in force: when it is on, and the size.
#[derive(Clone, Copy)]
pub(crate) struct Spell<'a, T> {
    pub times: T,
    /// At full share; 0 where it never is.
    pub effect: &'a [f64],
}

/// How far it is on in each lane, and what is taken off.
pub(crate) trait Times: Copy {
    fn cut(self, lanes: usize) -> Self;
    /// When it starts in a lane.
    fn start(self, lane: usize) -> f64;
    /// Whether it had started in a lane before a step.
    #[inline(always)]
    fn had_started(self, lane: usize, before: f64) -> bool {
        self.start(lane) <= before
    }
    /// Whether it has started after the step.
    #[inline(always)]
    fn has_started(self, lane: usize, now: f64) -> bool {
        now > self.start(lane)
    }
    /// How far it is on: from its start, and to its end.
    fn activity(self, lane: usize, now: f64) -> f64;
    /// What the base value holds already.
    fn at_t0(self, lane: usize) -> f64;
}

/// It starts and ends in each lane when it does.
#[derive(Clone, Copy)]
pub(crate) struct Bounded<'a> {
    pub starts: &'a [f64],
    pub ends: &'a [f64],
    pub at_t0: &'a [f64],
}

/// It starts when it does, and is on as far as its activity says.
#[derive(Clone, Copy)]
pub(crate) struct Active<'a, L> {
    pub starts: &'a [f64],
    pub activity: &'a [f64],
    pub at_t0: L,
}

/// It had started before this step in all lanes in which it ever is, after `t0`, and never ends.
#[derive(Clone, Copy)]
pub(crate) struct Open;

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
                self.is_steep = match (self.first.same(), self.width.same()) {
                    (Some(midpoint), Some(width)) => is_steep(midpoint, width),
                    _ => any_is_steep(scene.vectors, self.first.row(), self.width.row()),
                };
                // Where it never starts, the share is a number.
                self.power.fill(0.0);
            }
        }
    }

    /// Whether an exponential is carried from step to step.
    pub fn is_carried(op: &PhaseOp) -> bool {
        matches!(op, PhaseOp::Exponential { .. } | PhaseOp::Pulse { .. } | PhaseOp::Logistic { .. })
    }

    /// Lanes start, now or earlier: their exponentials at `now` are set.
    pub fn enter(&mut self, op: &PhaseOp, scene: &Scene, lanes: &[u32], starts: &[f64], now: f64) {
        let PhaseState { first, width, power, entering, .. } = self;
        let (first, width) = (first.row(), width.row());
        let lanes = lanes.iter().map(|lane| *lane as usize);
        entering.clear();
        match op {
            PhaseOp::Exponential { .. } | PhaseOp::Pulse { .. } => {
                entering.extend(lanes.clone().map(|lane| -(now - starts[lane]) / first[lane]));
            }
            PhaseOp::Logistic { .. } => {
                entering.extend(lanes.clone().map(|lane| (first[lane] - (now - starts[lane])) / width[lane]));
            }
            PhaseOp::Immediate | PhaseOp::Linear { .. } | PhaseOp::Steps(_) => return,
        }
        exponentials(scene.vectors, entering);
        for (lane, entering) in lanes.zip(entering) {
            power[lane] = *entering;
        }
    }

    /// Moves the exponentials of the lanes that had started before this step.
    fn advance(&mut self, op: &PhaseOp, scene: &Scene, starts: &[f64]) {
        if PhaseState::is_carried(op) {
            carry(scene.vectors, &mut self.power, self.factor.row(), starts, scene.before);
        }
    }

    /// Moves over the step and fills the contribution of a spell: [`PhaseState::advance`] and [`PhaseState::fill`],
    /// in one pass for the common shapes. `start` is that of all lanes in which it ever starts, where that is known;
    /// `share` is scratch.
    pub fn contribute<T: Times, R: Real>(
        &mut self,
        op: &PhaseOp,
        scene: &Scene,
        (starts, start): (&[f64], Option<f64>),
        spell: Spell<'_, T>,
        share: &mut [f64],
        out: &mut [R],
    ) {
        let Scene { vectors, before, now, .. } = *scene;
        if let Some(share) = start.and_then(|start| self.same_share(op, start, now)) {
            return shared_spell(vectors, out, spell, share, now);
        }
        match op {
            PhaseOp::Linear { .. } => linear_spell(vectors, out, spell, (starts, self.first.row()), now),
            PhaseOp::Exponential { .. } => match self.factor.same() {
                Some(factor) => exponential_spell(vectors, out, spell, &mut self.power, factor, (before, now)),
                None => exponential_spell(vectors, out, spell, &mut self.power, self.factor.row(), (before, now)),
            },
            PhaseOp::Logistic { .. } if !self.is_steep => match (self.factor.same(), self.inverse_at_start.same()) {
                (Some(factor), Some(inverse)) => {
                    logistic_spell(vectors, out, spell, &mut self.power, (factor, inverse), (before, now));
                }
                _ => {
                    let rows = (self.factor.row(), self.inverse_at_start.row());
                    logistic_spell(vectors, out, spell, &mut self.power, rows, (before, now));
                }
            },
            _ => {
                self.advance(op, scene, starts);
                self.fill(op, scene, starts, share);
                shared_spell(vectors, out, spell, &*share, now);
            }
        }
    }

    /// The share that is in force in all lanes that start at `start`, for shapes that are not carried.
    fn same_share(&self, op: &PhaseOp, start: f64, now: f64) -> Option<f64> {
        match op {
            PhaseOp::Immediate => Some(if now > start { 1.0 } else { 0.0 }),
            PhaseOp::Linear { .. } => Some(linear_share(start, self.first.same()?, now)),
            PhaseOp::Steps(steps) => Some(stepped(steps, now - start)),
            PhaseOp::Exponential { .. } | PhaseOp::Logistic { .. } | PhaseOp::Pulse { .. } => None,
        }
    }

    /// The longest time, over lanes, from a start to the last change of the share; infinite if there is none.
    pub fn longest(&self, op: &PhaseOp, vectors: Vectors) -> f64 {
        match op {
            PhaseOp::Immediate => 0.0,
            PhaseOp::Steps(steps) => steps.last().map_or(0.0, |(age, _)| *age),
            PhaseOp::Linear { .. } => 1.0 / self.first.least(vectors),
            PhaseOp::Exponential { .. } => SPENT * self.first.greatest(vectors),
            PhaseOp::Logistic { .. } => self.first.greatest(vectors) + SPENT * self.width.greatest(vectors),
            PhaseOp::Pulse { .. } => f64::INFINITY,
        }
    }

    /// The share in force now, a row; 0 up to the start itself. For shapes without a loop of their own.
    fn fill(&self, op: &PhaseOp, scene: &Scene, starts: &[f64], out: &mut [f64]) {
        let now = scene.now;
        match op {
            PhaseOp::Immediate => immediate(scene.vectors, out, starts, now),
            PhaseOp::Pulse { .. } => pulse(scene.vectors, out, starts, &self.power, now),
            _ => {
                for (lane, out) in out.iter_mut().enumerate() {
                    *out = self.share(op, lane, now - starts[lane]);
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
            PhaseOp::Linear { .. } => (age * self.first.row()[lane]).min(1.0),
            PhaseOp::Exponential { .. } => 1.0 - exp64(-age / self.first.row()[lane]),
            PhaseOp::Pulse { .. } => exp64(-age / self.first.row()[lane]),
            PhaseOp::Logistic { .. } => {
                let (midpoint, width) = (self.first.row()[lane], self.width.row()[lane]);
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

/// Whether the exponential of a logistic could overflow on its way.
#[inline(always)]
fn is_steep(midpoint: f64, width: f64) -> bool {
    (midpoint / width).abs() > STEEPEST
}

/// An exponential a step later, if its lane had started before the step.
#[inline(always)]
fn carried(power: f64, factor: f64, had_started: bool) -> f64 {
    if had_started { power * factor } else { power }
}

#[inline(always)]
fn linear_share(start: f64, inverse_years: f64, now: f64) -> f64 {
    let share = (now - start) * inverse_years;
    let share = if share > 0.0 { share } else { 0.0 };
    if share < 1.0 { share } else { 1.0 }
}

/// `(g(age) - g(0)) / (1 - g(0))`, written so that nothing cancels where `g(0)` is nearly 1.
#[inline(always)]
fn logistic_share(power: f64, inverse_at_start: f64, has_started: bool) -> f64 {
    let share = (1.0 - power * inverse_at_start) * reciprocal64(1.0 + power);
    if has_started { share } else { 0.0 }
}

impl Times for Bounded<'_> {
    #[inline(always)]
    fn cut(self, lanes: usize) -> Self {
        Bounded { starts: &self.starts[..lanes], ends: &self.ends[..lanes], at_t0: &self.at_t0[..lanes] }
    }

    #[inline(always)]
    fn start(self, lane: usize) -> f64 {
        self.starts[lane]
    }

    #[inline(always)]
    fn activity(self, lane: usize, now: f64) -> f64 {
        if (now >= self.starts[lane]) & (now < self.ends[lane]) { 1.0 } else { 0.0 }
    }

    #[inline(always)]
    fn at_t0(self, lane: usize) -> f64 {
        self.at_t0[lane]
    }
}

impl<L: Lanes> Times for Active<'_, L> {
    #[inline(always)]
    fn cut(self, lanes: usize) -> Self {
        let Active { starts, activity, at_t0 } = self;
        Active { starts: &starts[..lanes], activity: &activity[..lanes], at_t0: at_t0.cut(lanes) }
    }

    #[inline(always)]
    fn start(self, lane: usize) -> f64 {
        self.starts[lane]
    }

    #[inline(always)]
    fn activity(self, lane: usize, _now: f64) -> f64 {
        self.activity[lane]
    }

    #[inline(always)]
    fn at_t0(self, lane: usize) -> f64 {
        self.at_t0.at(lane)
    }
}

/// Where it never is, the effect of 0 makes up for what is said here.
impl Times for Open {
    #[inline(always)]
    fn cut(self, _lanes: usize) -> Self {
        Open
    }

    #[inline(always)]
    fn start(self, _lane: usize) -> f64 {
        f64::NEG_INFINITY
    }

    // Said outright, so that loops compare nothing.
    #[inline(always)]
    fn had_started(self, _lane: usize, _before: f64) -> bool {
        true
    }

    #[inline(always)]
    fn has_started(self, _lane: usize, _now: f64) -> bool {
        true
    }

    #[inline(always)]
    fn activity(self, _lane: usize, _now: f64) -> f64 {
        1.0
    }

    #[inline(always)]
    fn at_t0(self, _lane: usize) -> f64 {
        0.0
    }
}

impl<T: Times> Spell<'_, T> {
    /// The contribution in one lane.
    #[inline(always)]
    fn contribution<R: Real>(&self, lane: usize, share: f64, now: f64) -> R {
        R::of(self.effect[lane] * share * self.times.activity(lane, now) - self.times.at_t0(lane))
    }

    /// The same with all rows as long as `lanes`, which spares the loops their checks.
    #[inline(always)]
    fn cut(self, lanes: usize) -> Self {
        Spell { times: self.times.cut(lanes), effect: &self.effect[..lanes] }
    }
}

vectorised! {
    /// In place: `e^x`.
    fn exponentials(row: &mut [f64]) {
        for x in row {
            *x = exp64(*x);
        }
    }
}

vectorised! {
    fn any_is_steep(midpoints: &[f64], widths: &[f64]) -> bool {
        midpoints.iter().zip(widths).fold(false, |any, (midpoint, width)| any | is_steep(*midpoint, *width))
    }
}

vectorised! {
    fn linear_spell<T: Times, R: Real>(out: &mut [R], spell: Spell<'_, T>, rows: (&[f64], &[f64]), now: f64) {
        let spell = spell.cut(out.len());
        let (starts, inverse_years) = rows;
        for (lane, (out, (start, inverse))) in out.iter_mut().zip(starts.iter().zip(inverse_years)).enumerate() {
            *out = spell.contribution(lane, linear_share(*start, *inverse, now), now);
        }
    }
}

vectorised! {
    fn exponential_spell<T: Times, R: Real, L: Lanes>(
        out: &mut [R],
        spell: Spell<'_, T>,
        power: &mut [f64],
        factor: L,
        times: (f64, f64),
    ) {
        let (spell, factor) = (spell.cut(out.len()), factor.cut(out.len()));
        let (before, now) = times;
        for (lane, (out, power)) in out.iter_mut().zip(power).enumerate() {
            *power = carried(*power, factor.at(lane), spell.times.had_started(lane, before));
            *out = spell.contribution(lane, 1.0 - *power, now);
        }
    }
}

vectorised! {
    /// `of_lanes` are the factor a step of the exponential, and its inverse at the start.
    fn logistic_spell<T: Times, R: Real, L: Lanes>(
        out: &mut [R],
        spell: Spell<'_, T>,
        power: &mut [f64],
        of_lanes: (L, L),
        times: (f64, f64),
    ) {
        let lanes = out.len();
        let (spell, (factor, inverse)) = (spell.cut(lanes), (of_lanes.0.cut(lanes), of_lanes.1.cut(lanes)));
        let (before, now) = times;
        for (lane, (out, power)) in out.iter_mut().zip(power).enumerate() {
            *power = carried(*power, factor.at(lane), spell.times.had_started(lane, before));
            let share = logistic_share(*power, inverse.at(lane), spell.times.has_started(lane, now));
            *out = spell.contribution(lane, share, now);
        }
    }
}

vectorised! {
    fn shared_spell<T: Times, R: Real, L: Lanes>(out: &mut [R], spell: Spell<'_, T>, share: L, now: f64) {
        let (spell, share) = (spell.cut(out.len()), share.cut(out.len()));
        for (lane, out) in out.iter_mut().enumerate() {
            *out = spell.contribution(lane, share.at(lane), now);
        }
    }
}

vectorised! {
    fn carry(power: &mut [f64], factor: &[f64], starts: &[f64], before: f64) {
        for ((power, factor), start) in power.iter_mut().zip(factor).zip(starts) {
            *power = carried(*power, *factor, *start <= before);
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
    fn pulse(out: &mut [f64], starts: &[f64], power: &[f64], now: f64) {
        for ((out, start), power) in out.iter_mut().zip(starts).zip(power) {
            *out = if now > *start { *power } else { 0.0 };
        }
    }
}
