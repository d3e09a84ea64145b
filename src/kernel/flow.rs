//! A flow's path: trend, drivers and noise in logs, then the value.

use super::driver::DriverState;
use super::held::Held;
use super::lane::Lanes;
use super::noise::{NoiseState, Shock};
use super::process::step_deviation;
use super::{Blank, Scene, ops, ops32};
use crate::plan::{BaseOp, FlowPlan, Operand, PermanentOp, Plan, StartLevelOp, TransitoryOp};
use crate::vector::math::exp64;
use crate::vector::vectorised;

pub(crate) struct FlowState {
    /// Annualised rate at `t0`.
    base: Held,
    /// What the base year's row of the output holds.
    base_year: Held,
    trend: Held,
    /// Log of the value over the base, but for the noise.
    log_level: Vec<f64>,
    ceiling: Option<Ceiling>,
    gap: Option<Closing>,
    head_start: Option<Closing>,
    permanent: Option<Part>,
    transitory: Option<Part>,
}

/// `V = (c * W^-2 + K^-2)^(-1/2)`.
struct Ceiling {
    c: Held,
    inverse_square: Held,
}

/// A distance that closes exponentially: `level * (1 - remaining)` has been closed.
#[derive(Default)]
struct Closing {
    level: Held,
    remaining: Remaining,
}

/// What remains of a distance, and its factor a step.
enum Remaining {
    Same { share: f64, decay: f64 },
    Each { shares: Vec<f64>, decay: Held },
}

/// Single-precision state of one part of the noise, with mean 0.
struct Part {
    value: Vec<f32>,
    pace: Pace,
}

/// Sd and decay of a step; a random walk's decay is 1.
enum Pace {
    Same { sd: f32, decay: f32 },
    Each { sd: Vec<f32>, decay: Vec<f32> },
}

/// The steps of the base year, the last of which ends at `t0`, grew to there with the trend.
#[derive(Default)]
pub(crate) struct Past {
    trend: Option<Operand>,
    /// Their sum with this trend for a level of 1 at `t0`: the same for all flows that share it.
    sum: Vec<f64>,
}

impl Past {
    /// A new block begins: trends have other values.
    pub fn forget(&mut self) {
        self.trend = None;
    }

    fn sum(&mut self, trend: Operand, values: &[f64], scene: &Scene) -> &[f64] {
        if self.trend.replace(trend) != Some(trend) {
            self.sum.clear();
            self.sum.resize(scene.lanes, 1.0);
            let m = scene.steps_per_year;
            for j in 1..m {
                ops::add_exp(scene.vectors, &mut self.sum, values, -(j as f64 / m as f64));
            }
        }
        &self.sum
    }
}

impl FlowState {
    pub fn new(plan: &FlowPlan, lanes: usize) -> FlowState {
        let nothing = Operand::Constant(0.0);
        FlowState {
            base: Held::default(),
            base_year: Held::default(),
            trend: Held::default(),
            log_level: vec![0.0; lanes],
            ceiling: plan.capacity.map(|_| Ceiling { c: Held::default(), inverse_square: Held::default() }),
            gap: plan.gap().map(|_| Closing::default()),
            head_start: plan.head_start().map(|_| Closing::default()),
            permanent: plan.permanent.filter(|part| part.sd != nothing).map(|_| Part::new(lanes)),
            transitory: plan.transitory.filter(|part| part.sd != nothing).map(|_| Part::new(lanes)),
        }
    }

    pub fn begin(&mut self, plan: &Plan, flow_idx: usize, scene: &Scene, noise: &mut NoiseState, past: &mut Past) {
        let flow = &plan.flows[flow_idx];
        self.trend.set(scene, flow.trend, |trend| trend);
        self.set_base(flow, scene, past);
        if let (Some(ceiling), Some(capacity)) = (&mut self.ceiling, flow.capacity) {
            ceiling.set(&self.base, capacity, scene);
        }
        if let Some(op) = flow.permanent {
            self.begin_permanent(op, scene);
        }
        if let Some(op) = flow.transitory {
            if let (Some(head_start), StartLevelOp::At(level)) = (&mut self.head_start, op.start) {
                head_start.level.set(scene, level, |level| -level);
            }
            if let (Some(head_start), StartLevelOp::Stationary) = (&mut self.head_start, op.start) {
                let draws = noise.start(&plan.noise.start.loads[flow_idx], scene);
                head_start.level.set(scene, op.sd, |sd| -sd);
                for (level, draw) in head_start.level.change(scene).iter_mut().zip(draws) {
                    *level *= f64::from(f32::from_bits(*draw));
                }
            }
            self.begin_transitory(op, scene);
        }
    }

    fn set_base(&mut self, flow: &FlowPlan, scene: &Scene, past: &mut Past) {
        match flow.base {
            BaseOp::Rate(rate) => {
                self.base.set(scene, rate, |rate| rate);
                self.base_year.set(scene, rate, |rate| rate);
            }
            BaseOp::Total(total) => {
                self.base_year.set(scene, total, |total| total);
                let (past, steps) = (past.sum(flow.trend, self.trend.row(), scene), scene.steps_per_year as f64);
                ops::over_mean(scene.vectors, self.base.change(scene), self.base_year.row(), past, steps);
            }
        }
    }

    fn begin_permanent(&mut self, op: PermanentOp, scene: &Scene) {
        let dt = scene.dt;
        if let Some(gap) = &mut self.gap {
            gap.level.set(scene, op.gap, |gap| gap);
            gap.remaining.begin(scene, op.pull, |pull| exp64(-pull * dt));
        }
        if let Some(part) = &mut self.permanent {
            part.set(scene, op.sd, op.pull, |sd, pull| (sd * step_deviation(pull, dt), exp64(-pull * dt)));
        }
    }

    fn begin_transitory(&mut self, op: TransitoryOp, scene: &Scene) {
        let dt = scene.dt;
        if let Some(head_start) = &mut self.head_start {
            head_start.remaining.begin(scene, op.persistence, |persistence| libm::pow(persistence, dt));
        }
        if let Some(part) = &mut self.transitory {
            part.set(scene, op.sd, op.persistence, |sd, persistence| {
                let f = libm::pow(persistence, dt);
                (sd * (1.0 - f * f).sqrt(), f)
            });
        }
    }

    /// The base year's total, or the rate at `t0` where only that is known.
    pub fn base_year(&self) -> &[f64] {
        self.base_year.row()
    }

    /// Annualised rate at `t0`.
    pub fn rate_at_t0(&self) -> &[f64] {
        self.base.row()
    }

    /// Log growth a year.
    pub fn trend(&self) -> &[f64] {
        self.trend.row()
    }

    /// `c` and `K^-2` of `V = (c * W^-2 + K^-2)^(-1/2)`.
    pub fn ceiling(&self) -> Option<(&[f64], &[f64])> {
        self.ceiling.as_ref().map(|ceiling| (ceiling.c.row(), ceiling.inverse_square.row()))
    }

    /// The permanent and the transitory part as they are now.
    pub fn noise(&self) -> impl Iterator<Item = &[f32]> {
        [&self.permanent, &self.transitory].into_iter().flatten().map(|part| &part.value[..])
    }

    /// Moves both parts of the noise over the step that ends now.
    pub fn move_noise(&mut self, plan: &Plan, idx: usize, scene: &Scene, noise: &mut NoiseState, blank: &Blank) {
        if let Some(part) = &mut self.permanent {
            part.step(scene, noise.permanent(&plan.noise.permanent.loads[idx], scene, blank), blank);
        }
        if let Some(part) = &mut self.transitory {
            part.step(scene, noise.transitory(&plan.noise.transitory.loads[idx], scene, blank), blank);
        }
    }

    /// Over the step that ends now: fills the annualised value of a flow without noise.
    pub fn step(
        &mut self,
        plan: &Plan,
        flow_idx: usize,
        scene: &Scene,
        (drivers, contributions): (&[DriverState], &[Vec<f64>]),
        value: &mut [f64],
    ) {
        let flow = &plan.flows[flow_idx];
        self.sum_log_level(flow, scene, contributions);
        ops::exact_value(scene.vectors, value, &self.log_level, self.base.row());
        if let Some(ceiling) = &self.ceiling {
            ops::cap(scene.vectors, value, ceiling.c.row(), ceiling.inverse_square.row());
        }
        for &idx in &flow.cargoes {
            if let DriverState::Cargo(cargo) = &drivers[idx] {
                for (lane, amount) in cargo.cargoes() {
                    value[lane] += amount * scene.steps_per_year as f64;
                }
            }
        }
    }

    fn sum_log_level(&mut self, flow: &FlowPlan, scene: &Scene, contributions: &[Vec<f64>]) {
        let level = &mut self.log_level;
        ops::scaled(scene.vectors, level, self.trend.row(), scene.now);
        for &(driver, exposure) in &flow.exposures {
            match exposure {
                Operand::Constant(1.0) => ops::add(scene.vectors, level, &contributions[driver]),
                Operand::Constant(k) => ops::add_scaled(scene.vectors, level, &contributions[driver], k),
                Operand::Row(row) => {
                    ops::add_product(scene.vectors, level, &contributions[driver], &scene.rows[row]);
                }
            }
        }
        self.close_gaps(scene);
    }

    fn close_gaps(&mut self, scene: &Scene) {
        for closing in [&mut self.gap, &mut self.head_start].into_iter().flatten() {
            closing.step(scene, &mut self.log_level);
        }
    }

    /// Whether a flow's level has parts that are not a row times a constant.
    pub fn has_extras(&self, plan: &FlowPlan) -> bool {
        self.gap.is_some() || self.head_start.is_some() || plan.has_drawn_exposure()
    }

    /// Fills the sum of these parts over the step that ends now.
    pub fn extras(&mut self, flow: &FlowPlan, scene: &Scene, contributions: &[Vec<f64>], out: &mut [f32]) {
        let is_same = |closing: &Option<Closing>| closing.as_ref().is_none_or(Closing::is_same);
        if !flow.has_drawn_exposure() && is_same(&self.gap) && is_same(&self.head_start) {
            self.fill_closed(scene, out);
            return;
        }
        self.log_level.fill(0.0);
        for &(driver, exposure) in &flow.exposures {
            if let Operand::Row(row) = exposure {
                ops::add_product(scene.vectors, &mut self.log_level, &contributions[driver], &scene.rows[row]);
            }
        }
        self.close_gaps(scene);
        ops32::narrow(scene.vectors, out, &self.log_level);
    }

    /// Moves gap and head start over the step, where what remains of them is the same in all lanes, and fills the sum
    /// of what has been closed.
    fn fill_closed(&mut self, scene: &Scene, out: &mut [f32]) {
        let closings = [&mut self.gap, &mut self.head_start];
        let [gap, head_start] = closings.map(|closing| closing.as_mut().and_then(Closing::step_same));
        match (gap, head_start) {
            (Some(gap), Some(head_start)) => ops32::narrow_sum(scene.vectors, out, [gap, head_start]),
            (Some(only), None) | (None, Some(only)) => {
                ops32::narrow_sum(scene.vectors, out, [only, (only.0, 0.0)]);
            }
            (None, None) => out.fill(0.0),
        }
    }
}

impl FlowPlan {
    /// Its permanent part, if that closes a gap.
    fn gap(&self) -> Option<PermanentOp> {
        let nothing = Operand::Constant(0.0);
        self.permanent.filter(|part| part.gap != nothing && part.pull != nothing)
    }

    /// Its transitory part, if that does not start at 0.
    fn head_start(&self) -> Option<TransitoryOp> {
        let nothing = Operand::Constant(0.0);
        self.transitory.filter(|part| !matches!(part.start, StartLevelOp::At(level) if level == nothing))
    }

    fn has_drawn_exposure(&self) -> bool {
        self.exposures.iter().any(|(_, exposure)| matches!(exposure, Operand::Row(_)))
    }

    /// Whether [`FlowState::extras`] are those of another noisy flow in every trial.
    pub fn has_extras_of(&self, other: &FlowPlan) -> bool {
        let gap = |flow: &FlowPlan| flow.gap().map(|part| (part.gap, part.pull));
        let head_start = |flow: &FlowPlan| match flow.head_start().map(|part| (part.start, part.persistence)) {
            None => Some(None),
            Some((StartLevelOp::At(level), persistence)) => Some(Some((level, persistence))),
            // Each flow has draws of its own.
            Some((StartLevelOp::Stationary, _)) => None,
        };
        let is_drawn = self.has_drawn_exposure() || other.has_drawn_exposure();
        let same_start = head_start(self).is_some_and(|start| head_start(other) == Some(start));
        other.is_noisy() && !is_drawn && gap(self) == gap(other) && same_start
    }
}

impl Ceiling {
    /// A capacity below 1.01 of the base counts as that.
    fn set(&mut self, base: &Held, capacity: Operand, scene: &Scene) {
        let (base, c, inverse_square) = (base.row(), self.c.change(scene), self.inverse_square.change(scene));
        match capacity {
            Operand::Constant(capacity) => ceiling(scene.vectors, c, inverse_square, base, capacity),
            Operand::Row(row) => ceiling(scene.vectors, c, inverse_square, base, &scene.rows[row][..]),
        }
    }
}

vectorised! {
    fn ceiling<L: Lanes>(c: &mut [f64], inverse_square: &mut [f64], base: &[f64], capacity: L) {
        let capacity = capacity.cut(c.len());
        for (lane, ((c, inverse_square), base)) in c.iter_mut().zip(inverse_square).zip(base).enumerate() {
            let capacity = capacity.at(lane).max(1.01 * base);
            *c = 1.0 - (base / capacity) * (base / capacity);
            *inverse_square = 1.0 / (capacity * capacity);
        }
    }
}

impl Closing {
    /// Over a step: adds what has been closed.
    fn step(&mut self, scene: &Scene, out: &mut [f64]) {
        match &mut self.remaining {
            Remaining::Same { share, decay } => {
                *share *= *decay;
                ops::add_scaled(scene.vectors, out, self.level.row(), 1.0 - *share);
            }
            Remaining::Each { shares, decay } => {
                ops::close_gap(scene.vectors, out, self.level.row(), shares, decay.row());
            }
        }
    }

    fn is_same(&self) -> bool {
        matches!(self.remaining, Remaining::Same { .. })
    }

    /// Over a step: the level and how much of it has been closed, if that is the same in all lanes.
    fn step_same(&mut self) -> Option<(&[f64], f64)> {
        let Remaining::Same { share, decay } = &mut self.remaining else { return None };
        *share *= *decay;
        Some((self.level.row(), 1.0 - *share))
    }
}

impl Default for Remaining {
    fn default() -> Remaining {
        Remaining::Same { share: 1.0, decay: 1.0 }
    }
}

impl Remaining {
    fn begin(&mut self, scene: &Scene, operand: Operand, decay_of: impl Fn(f64) -> f64) {
        match (operand, &mut *self) {
            (Operand::Constant(value), _) => *self = Remaining::Same { share: 1.0, decay: decay_of(value) },
            (Operand::Row(_), Remaining::Each { shares, decay }) => {
                shares.fill(1.0);
                decay.set(scene, operand, decay_of);
            }
            (Operand::Row(_), Remaining::Same { .. }) => {
                let mut decay = Held::default();
                decay.set(scene, operand, decay_of);
                *self = Remaining::Each { shares: vec![1.0; scene.lanes], decay };
            }
        }
    }
}

impl Part {
    fn new(lanes: usize) -> Part {
        Part { value: vec![0.0; lanes], pace: Pace::Same { sd: 0.0, decay: 1.0 } }
    }

    /// The sd and decay of a step from two operands.
    fn set(&mut self, scene: &Scene, a: Operand, b: Operand, f: impl Fn(f64, f64) -> (f64, f64)) {
        self.value.fill(0.0);
        if let (Operand::Constant(a), Operand::Constant(b)) = (a, b) {
            let (sd, decay) = f(a, b);
            self.pace = Pace::Same { sd: sd as f32, decay: decay as f32 };
            return;
        }
        let (sds, decays) = self.pace.rows(scene.lanes);
        for lane in 0..scene.lanes {
            let (sd, decay) = f(scene.value(a, lane), scene.value(b, lane));
            (sds[lane], decays[lane]) = (sd as f32, decay as f32);
        }
    }

    fn step(&mut self, scene: &Scene, shock: Shock<'_>, blank: &Blank) {
        let volatility = if scene.volatility.is_empty() { &blank.ones } else { &scene.volatility };
        match &self.pace {
            Pace::Same { sd, decay } => {
                ops32::move_steady_part(scene.vectors, &mut self.value, *decay, *sd, volatility, shock);
            }
            Pace::Each { sd, decay } => {
                ops32::move_part(scene.vectors, &mut self.value, decay, sd, volatility, shock);
            }
        }
    }
}

impl Pace {
    /// Rows for values that differ by trial.
    fn rows(&mut self, lanes: usize) -> (&mut [f32], &mut [f32]) {
        if let Pace::Same { .. } = self {
            *self = Pace::Each { sd: vec![0.0; lanes], decay: vec![0.0; lanes] };
        }
        let Pace::Each { sd, decay } = self else { unreachable!("it has just been made so") };
        (sd, decay)
    }
}
