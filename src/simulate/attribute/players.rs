//! What each player does to each flow: a factor at each grid point, or an amount.
//!
//! Without its ceiling and its cargoes a flow is a product: the base year's total, times a factor for the trend, one
//! for each driver and one for the noise. The last is what the path has beyond the others, so that the product of all
//! is the path.

use crate::kernel::StepView;
use crate::plan::{FlowPlan, Operand, Plan};
use crate::vector::math::exp64;

/// The trend, then the drivers of the plan in their order, then the noise.
#[derive(Clone, Copy)]
pub(super) struct Players {
    drivers: usize,
}

impl Players {
    pub const TREND: usize = 0;

    pub fn of(plan: &Plan) -> Players {
        Players { drivers: plan.drivers.len() }
    }

    pub fn driver(plan_idx: usize) -> usize {
        plan_idx + 1
    }

    pub fn noise(self) -> usize {
        self.drivers + 1
    }

    pub fn count(self) -> usize {
        self.drivers + 2
    }
}

/// A flow over the grid points of one period.
pub(super) struct FlowParts {
    /// The players that have a factor: the trend, the drivers it is exposed to, the noise.
    pub players: Vec<usize>,
    /// The players whose cargoes it takes.
    pub cargoes: Vec<usize>,
    /// The factor of player `p` at point `s` of the period, a lane a trial: row `s * players + p`.
    factors: Vec<Vec<f64>>,
    /// The annualised cargoes of player `c` at point `s`: row `s * cargoes + c`.
    amounts: Vec<Vec<f64>>,
    /// The base year's total.
    pub start: Vec<f64>,
    /// The rate at `t0`: where a ceiling bends the path.
    rate_at_t0: Vec<f64>,
    /// Capacity to the power of -2.
    inverse_square: Option<Vec<f64>>,
    is_noisy: bool,
}

/// The soft ceiling of one trial: `(c * W^-2 + K^-2)^(-1/2)` for a level `W`.
pub(super) struct Ceiling {
    /// `c` without the trend and with it: without, the flow would have begun at the base year's total and not at a rate
    /// beyond, and the path is bent to meet the ceiling's at its beginning.
    pub bends: [f64; 2],
    /// `K^-2`.
    pub inverse_square: f64,
}

impl Ceiling {
    /// The level under the ceiling.
    pub fn cap(&self, level: f64, with_trend: bool) -> f64 {
        1.0 / (self.bends[usize::from(with_trend)] / (level * level) + self.inverse_square).sqrt()
    }
}

impl FlowParts {
    pub fn new(flow: &FlowPlan, players: Players, points: usize, lanes: usize) -> FlowParts {
        let exposed = flow.exposures.iter().map(|&(driver, _)| Players::driver(driver));
        let players: Vec<usize> =
            std::iter::once(Players::TREND).chain(exposed).chain(std::iter::once(players.noise())).collect();
        let cargoes: Vec<usize> = flow.cargoes.iter().map(|&driver| Players::driver(driver)).collect();
        let row = || vec![0.0; lanes];
        FlowParts {
            factors: vec![row(); points * players.len()],
            amounts: vec![row(); points * cargoes.len()],
            start: row(),
            rate_at_t0: row(),
            inverse_square: flow.capacity.map(|_| row()),
            is_noisy: flow.permanent.is_some() || flow.transitory.is_some(),
            players,
            cargoes,
        }
    }

    /// Takes in flow `idx` at point `point` of the period.
    pub fn take(&mut self, plan: &Plan, idx: usize, view: &StepView<'_>, point: usize) {
        let state = &view.flows[idx];
        self.start[..view.live].copy_from_slice(&state.base_year()[..view.live]);
        self.rate_at_t0[..view.live].copy_from_slice(&state.rate_at_t0()[..view.live]);
        if let (Some(own), Some((_, theirs))) = (&mut self.inverse_square, state.ceiling()) {
            own[..view.live].copy_from_slice(&theirs[..view.live]);
        }
        self.take_trend(view, idx, point);
        self.take_drivers(&plan.flows[idx], view, point);
        self.take_cargoes(plan, idx, view, point);
        self.take_noise(view, idx, point);
    }

    /// The trend has run since the middle of the base year, whose total is the start.
    fn take_trend(&mut self, view: &StepView<'_>, idx: usize, point: usize) {
        let row = &mut self.factors[point * self.players.len()][..view.live];
        for (lane, (out, trend)) in row.iter_mut().zip(view.flows[idx].trend()).enumerate() {
            *out = exp64(trend * view.now) * (self.rate_at_t0[lane] / self.start[lane]);
        }
    }

    fn take_drivers(&mut self, flow: &FlowPlan, view: &StepView<'_>, point: usize) {
        let first = point * self.players.len() + 1;
        for (&(driver, exposure), row) in flow.exposures.iter().zip(&mut self.factors[first..]) {
            let rows = row[..view.live].iter_mut().zip(&view.contributions[driver]);
            match exposure {
                Operand::Constant(k) => rows.for_each(|(out, c)| *out = exp64(c * k)),
                Operand::Row(k) => rows.zip(&view.rows[k]).for_each(|((out, c), k)| *out = exp64(c * k)),
            }
        }
    }

    fn take_cargoes(&mut self, plan: &Plan, idx: usize, view: &StepView<'_>, point: usize) {
        let a_year = plan.steps_per_year as f64;
        let first = point * self.cargoes.len();
        for (&driver, row) in plan.flows[idx].cargoes.iter().zip(&mut self.amounts[first..]) {
            for (out, amount) in row[..view.live].iter_mut().zip(&view.contributions[driver]) {
                *out = amount * a_year;
            }
        }
    }

    /// What is left once all other factors are taken out of the path.
    fn take_noise(&mut self, view: &StepView<'_>, idx: usize, point: usize) {
        let noise = (point + 1) * self.players.len() - 1;
        if !self.is_noisy {
            self.factors[noise][..view.live].fill(1.0);
            return;
        }
        for lane in 0..view.live {
            let others: f64 = self.factors_at(point, lane).take(self.players.len() - 1).product();
            let cargoes: f64 = self.amounts_at(point, lane).sum();
            let level = self.uncapped(view.values[idx][lane] - cargoes, lane);
            self.factors[noise][lane] = level / (self.start[lane] * others);
        }
    }

    /// The factors of [`FlowParts::players`] at a point.
    pub fn factors_at(&self, point: usize, lane: usize) -> impl Iterator<Item = f64> {
        let first = point * self.players.len();
        self.factors[first..first + self.players.len()].iter().map(move |row| row[lane])
    }

    /// The annualised amounts of [`FlowParts::cargoes`] at a point.
    pub fn amounts_at(&self, point: usize, lane: usize) -> impl Iterator<Item = f64> {
        let first = point * self.cargoes.len();
        self.amounts[first..first + self.cargoes.len()].iter().map(move |row| row[lane])
    }

    /// Whether a ceiling bends its path, so that it is no product.
    pub fn has_ceiling(&self) -> bool {
        self.inverse_square.is_some()
    }

    /// The ceiling that bends its path, if it has one.
    pub fn ceiling(&self, lane: usize) -> Option<Ceiling> {
        let inverse_square = self.inverse_square.as_ref()?[lane];
        let bend = |meets: f64| 1.0 - meets * meets * inverse_square;
        Some(Ceiling { bends: [bend(self.start[lane]), bend(self.rate_at_t0[lane])], inverse_square })
    }

    /// The level whose capped one is `value`. At the ceiling itself rounding leaves nothing to go by, and any level far
    /// above it will do.
    fn uncapped(&self, value: f64, lane: usize) -> f64 {
        let Some(Ceiling { bends: [_, bend], inverse_square }) = self.ceiling(lane) else { return value };
        let room = (1.0 / (value * value) - inverse_square).max(1e-15 * inverse_square);
        (bend / room).sqrt()
    }
}
