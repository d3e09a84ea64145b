//! Flows that have shocks, in single precision.
//!
//! Where a flow is noisy, digits beyond the seventh are far inside the Monte Carlo error, and rows of half the size
//! take half the time. A flow's value has the same bits whatever other flows there are: its terms are added in the
//! order of the file, and only what all flows begin with is added up once for all. Drivers and what is set once a trial
//! are computed in double precision, and rounded where no other is read.
//!
//! Sums of a few noisy flows come in single precision too, for observers that look at one scenario alone. Differences
//! of two scenarios are taken of sums in double precision: what both have in common must cancel to the last digit.

use super::driver::DriverState;
use super::flow::FlowState;
use super::noise::NoiseState;
use super::ops::LIMIT;
use super::ops32::{self, NoCeiling, SoftCeiling, Terms, to_base_2};
use super::{Blank, Scene};
use crate::plan::{FlowPlan, MeasureOp, Operand, Plan};
use crate::vector::Vectors;

/// A list of more flows than this is added up in double precision only: each may cost half a unit of the seventh digit.
const MOST_SUMMED: usize = 64;

/// The noisy flows of a block, and their sums.
pub(super) struct Singles {
    prefix: Prefix,
    /// Contributions of the drivers, a row each; empty for one that no noisy flow is exposed to by a constant.
    pub contributions: Vec<Vec<f32>>,
    /// Nothing for a flow without noise.
    flows: Vec<Option<SingleFlow>>,
    /// Values, a row a measure, the flows first; empty for one in double precision.
    pub values: Vec<Vec<f32>>,
    /// Whether a measure is needed in double precision by any observer: it has no row here, or goes into one without.
    is_wide: Vec<bool>,
    /// Whether it is reported, or goes into one that is.
    is_reported: Vec<bool>,
    /// Their sums over a calendar year.
    years: Vec<Vec<f32>>,
    spill: Vec<f32>,
}

/// What all noisy flows begin with.
struct Prefix {
    /// Their trend, where it is the same.
    trend: Option<Operand>,
    /// (driver, exposure to base 2) of the first drivers, as far as no flow differs.
    drivers: Vec<(usize, f32)>,
    /// How many drivers that covers, those to which no flow is exposed among them.
    covers: usize,
    /// Their sum now, to base 2.
    level: Vec<f32>,
}

struct SingleFlow {
    base: Vec<f32>,
    /// Empty where it is in the prefix.
    trend: Vec<f32>,
    /// (driver, exposure to base 2) where the exposure is a constant and not in the prefix.
    exposures: Vec<(usize, f32)>,
    extras: Extras,
    /// `c` and `K^-2` of a ceiling.
    ceiling: Option<(Vec<f32>, Vec<f32>)>,
}

/// What of a flow's level is not a row times a constant.
enum Extras {
    Nothing,
    Own(Vec<f32>),
    /// That of the first flow with the same gap and head start.
    Of(usize),
}

impl Singles {
    pub fn new(plan: &Plan, flows: &[FlowState]) -> Singles {
        let row = || vec![0.0; plan.lanes];
        let prefix = Prefix::of(plan);
        let rows = |used: bool| if used { row() } else { Vec::new() };
        let in_singles = in_singles(plan);
        let noisy = |flow: &FlowPlan| flow.is_noisy();
        let is_exposed = |driver: usize| {
            let constant =
                |(idx, exposure): &(usize, Operand)| *idx == driver && matches!(exposure, Operand::Constant(_));
            !plan.drivers[driver].is_mute()
                && plan.flows.iter().filter(|flow| flow.is_noisy()).any(|flow| flow.exposures.iter().any(constant))
        };
        Singles {
            contributions: (0..plan.drivers.len()).map(|driver| rows(is_exposed(driver))).collect(),
            flows: plan
                .flows
                .iter()
                .zip(flows)
                .enumerate()
                .map(|(idx, (plan_of_flow, flow))| {
                    plan_of_flow.is_noisy().then(|| SingleFlow::new((plan, idx), flow, &prefix))
                })
                .collect(),
            is_wide: is_wide(plan, &in_singles),
            is_reported: plan.with_parts(|measure| plan.reported.contains(&measure)),
            values: in_singles.into_iter().map(rows).collect(),
            years: plan.flows.iter().map(|flow| rows(noisy(flow) && plan.accumulates_years())).collect(),
            spill: row(),
            prefix,
        }
    }

    pub fn begin(&mut self, flows: &[FlowState], vectors: Vectors) {
        for (single, flow) in self.flows.iter_mut().zip(flows) {
            if let Some(single) = single {
                single.begin(flow, vectors);
            }
        }
        for year in &mut self.years {
            year.fill(0.0);
        }
    }

    /// What the flows share in the step that ends now. To be called before [`Singles::step`].
    pub fn begin_step(&mut self, scene: &Scene) {
        self.prefix.fill(scene, &self.contributions);
    }

    /// Over the step that ends now: fills a flow's annualised value. Tells whether it is within the limit in all live
    /// lanes; nothing for a flow without noise.
    pub fn step(
        &mut self,
        (plan, idx): (&Plan, usize),
        scene: &Scene,
        (drivers, contributions): (&[DriverState], &[Vec<f64>]),
        (noise, blank): (&mut NoiseState, &Blank),
        flow: &mut FlowState,
        live: usize,
    ) -> Option<bool> {
        let (earlier, later) = self.flows.split_at_mut(idx);
        let single = later[0].as_mut()?;
        let value = &mut self.values[idx];
        flow.move_noise(plan, idx, scene, noise, blank);
        if let Extras::Own(extras) = &mut single.extras {
            flow.extras(&plan.flows[idx], scene, contributions, extras);
        }
        let terms = Terms::new(&self.prefix.level, &mut self.spill);
        let mut is_checked = single.fill_value(scene, terms, single.extras(earlier), &self.contributions, flow, value);
        for &cargo in &plan.flows[idx].cargoes {
            if let DriverState::Cargo(cargo) = &drivers[cargo] {
                for (lane, amount) in cargo.cargoes() {
                    value[lane] += (amount * scene.steps_per_year as f64) as f32;
                    is_checked &= value[lane].abs() <= LIMIT as f32;
                }
            }
        }
        Some(is_checked || ops32::all_within_limit(scene.vectors, &value[..live]))
    }

    /// Adds the values of a step to those of its year.
    pub fn add_to_years(&mut self, vectors: Vectors) {
        for (year, value) in self.years.iter_mut().zip(&self.values) {
            ops32::add(vectors, year, value);
        }
    }

    /// Replaces annualised values by amounts of a step.
    pub fn take_amounts(&mut self, scene: &Scene) {
        for (value, _) in self.values.iter_mut().zip(&self.flows) {
            ops32::scale(scene.vectors, value, scene.dt as f32);
        }
    }

    /// Replaces values by their means over the year that ends now.
    pub fn take_years(&mut self, scene: &Scene) {
        for (value, year) in self.values.iter_mut().zip(&mut self.years) {
            ops32::take_mean(scene.vectors, value, year, 1.0 / scene.steps_per_year as f32);
        }
    }

    /// Fills the sums from the flows, as far as they are reported.
    pub fn combine(&mut self, plan: &Plan, vectors: Vectors) {
        for (idx, measure) in plan.measures.iter().enumerate().skip(plan.flows.len()) {
            let (earlier, rest) = self.values.split_at_mut(idx);
            let sum = &mut rest[0];
            match (&measure.op, measure.same_as) {
                _ if sum.is_empty() || !self.is_reported[idx] => {}
                (_, Some(same)) => sum.copy_from_slice(&earlier[same]),
                (MeasureOp::Flow(flow), _) => sum.copy_from_slice(&earlier[*flow]),
                (MeasureOp::Sum(flows), _) => sum_of(vectors, sum, earlier, flows),
                (MeasureOp::Plus(a, b), _) => ops32::sum(vectors, sum, &earlier[*a], &earlier[*b]),
                (MeasureOp::Minus(a, b), _) => ops32::difference(vectors, sum, &earlier[*a], &earlier[*b]),
            }
        }
    }

    /// Flows in double precision; rows of flows without noise are left as they are.
    pub fn widen(&self, vectors: Vectors, out: &mut [Vec<f64>], is_wanted: impl Fn(usize) -> bool) {
        for flow in (0..self.flows.len()).filter(|flow| is_wanted(*flow)) {
            ops32::widen(vectors, &mut out[flow], &self.values[flow]);
        }
    }

    /// Whether a measure is needed in double precision whoever observes.
    pub fn is_wide(&self, measure: usize) -> bool {
        self.is_wide[measure]
    }
}

/// Whether each measure comes in single precision.
fn in_singles(plan: &Plan) -> Vec<bool> {
    let mut all: Vec<bool> = Vec::with_capacity(plan.measures.len());
    for measure in &plan.measures {
        let is_single = match (&measure.op, measure.same_as) {
            (_, Some(same)) => all[same],
            (MeasureOp::Flow(flow), _) => plan.flows[*flow].is_noisy(),
            (MeasureOp::Sum(flows), _) => {
                (1..=MOST_SUMMED).contains(&flows.len()) && flows.iter().all(|flow| plan.flows[*flow].is_noisy())
            }
            (MeasureOp::Plus(a, b) | MeasureOp::Minus(a, b), _) => all[*a] && all[*b],
        };
        all.push(is_single);
    }
    all
}

/// Whether each measure has no row in single precision, or goes into one that has none.
fn is_wide(plan: &Plan, in_singles: &[bool]) -> Vec<bool> {
    let mut is_wide: Vec<bool> = in_singles.iter().map(|is_single| !is_single).collect();
    for (measure, _) in plan.measures.iter().zip(in_singles).filter(|(_, is_single)| !**is_single) {
        match (&measure.op, measure.same_as) {
            (_, Some(same)) => is_wide[same] = true,
            (MeasureOp::Plus(a, b) | MeasureOp::Minus(a, b), _) => (is_wide[*a], is_wide[*b]) = (true, true),
            (MeasureOp::Flow(_) | MeasureOp::Sum(_), _) => {}
        }
    }
    is_wide
}

fn sum_of(vectors: Vectors, out: &mut [f32], rows: &[Vec<f32>], flows: &[usize]) {
    match *flows {
        [a, b, ref rest @ ..] => {
            ops32::sum(vectors, out, &rows[a], &rows[b]);
            for flow in rest {
                ops32::add(vectors, out, &rows[*flow]);
            }
        }
        [flow] => out.copy_from_slice(&rows[flow]),
        [] => out.fill(0.0),
    }
}

impl Prefix {
    fn of(plan: &Plan) -> Prefix {
        let noisy: Vec<&FlowPlan> = plan.flows.iter().filter(|flow| flow.is_noisy()).collect();
        let trend = noisy.first().map(|flow| flow.trend);
        let trend = trend.filter(|trend| noisy.iter().all(|flow| flow.trend == *trend));
        let mut prefix = Prefix { trend, drivers: Vec::new(), covers: 0, level: vec![0.0; plan.lanes] };
        if trend.is_none() {
            return prefix;
        }
        let shared = (0..plan.drivers.len()).map_while(|driver| match plan.drivers[driver].is_mute() {
            true => Some(0.0),
            false => shared_exposure(&noisy, driver),
        });
        for (driver, exposure) in shared.enumerate() {
            prefix.covers = driver + 1;
            if exposure != 0.0 {
                prefix.drivers.push((driver, to_base_2(exposure)));
            }
        }
        prefix
    }

    fn fill(&mut self, scene: &Scene, contributions: &[Vec<f32>]) {
        let now = to_base_2(scene.now);
        let mut drivers = &self.drivers[..];
        match self.trend {
            Some(Operand::Row(row)) => {
                ops32::narrow(scene.vectors, &mut self.level, &scene.rows[row]);
                ops32::scale(scene.vectors, &mut self.level, now);
            }
            Some(Operand::Constant(trend)) => {
                let grown = trend as f32 * now;
                if let Some((&(driver, exposure), others)) = drivers.split_first() {
                    ops32::plus_scaled(scene.vectors, &mut self.level, grown, &contributions[driver], exposure);
                    drivers = others;
                } else {
                    self.level.fill(grown);
                }
            }
            None => {}
        }
        for &(driver, exposure) in drivers {
            ops32::add_scaled(scene.vectors, &mut self.level, &contributions[driver], exposure);
        }
    }
}

/// The exposure of all flows to a driver, if it is the same constant.
fn shared_exposure(flows: &[&FlowPlan], driver: usize) -> Option<f64> {
    let of_flow = |flow: &FlowPlan| {
        let listed = flow.exposures.iter().find(|(idx, _)| *idx == driver);
        match listed.map_or(Operand::Constant(0.0), |(_, exposure)| *exposure) {
            Operand::Constant(exposure) => Some(exposure),
            Operand::Row(_) => None,
        }
    };
    let first = of_flow(flows.first()?)?;
    flows.iter().all(|flow| of_flow(flow) == Some(first)).then_some(first)
}

impl SingleFlow {
    fn new((whole, idx): (&Plan, usize), flow: &FlowState, prefix: &Prefix) -> SingleFlow {
        let plan = &whole.flows[idx];
        let row = || vec![0.0; whole.lanes];
        let is_own = |driver: usize| driver >= prefix.covers && !whole.drivers[driver].is_mute();
        let own = |&(driver, exposure): &(usize, Operand)| match exposure {
            Operand::Constant(exposure) if is_own(driver) => Some((driver, to_base_2(exposure))),
            _ => None,
        };
        SingleFlow {
            base: row(),
            trend: if prefix.trend.is_none() { row() } else { Vec::new() },
            exposures: plan.exposures.iter().filter_map(own).collect(),
            extras: match (0..idx).find(|earlier| plan.has_extras_of(&whole.flows[*earlier])) {
                _ if !flow.has_extras(plan) => Extras::Nothing,
                Some(earlier) => Extras::Of(earlier),
                None => Extras::Own(row()),
            },
            ceiling: plan.capacity.map(|_| (row(), row())),
        }
    }

    fn begin(&mut self, flow: &FlowState, vectors: Vectors) {
        ops32::narrow(vectors, &mut self.base, flow.rate_at_t0());
        ops32::narrow(vectors, &mut self.trend, flow.trend());
        if let (Some((c, inverse_square)), Some(ceiling)) = (&mut self.ceiling, flow.ceiling()) {
            ops32::narrow(vectors, c, ceiling.0);
            ops32::narrow(vectors, inverse_square, ceiling.1);
        }
    }

    /// The row of its extras, which may be that of an earlier flow.
    fn extras<'a>(&'a self, earlier: &'a [Option<SingleFlow>]) -> Option<&'a [f32]> {
        match &self.extras {
            Extras::Nothing => None,
            Extras::Own(row) => Some(row),
            Extras::Of(first) => {
                let Some(SingleFlow { extras: Extras::Own(row), .. }) = &earlier[*first] else {
                    unreachable!("the first of the flows that share extras has them as its own");
                };
                Some(row)
            }
        }
    }

    /// Whether all lanes are within the limit, dead ones included.
    fn fill_value<'a>(
        &'a self,
        scene: &Scene,
        mut terms: Terms<'a>,
        extras: Option<&'a [f32]>,
        contributions: &'a [Vec<f32>],
        flow: &'a FlowState,
        value: &mut [f32],
    ) -> bool {
        if !self.trend.is_empty() {
            terms.add(scene.vectors, &self.trend, to_base_2(scene.now));
        }
        for &(driver, exposure) in &self.exposures {
            terms.add(scene.vectors, &contributions[driver], exposure);
        }
        if let Some(extras) = extras {
            terms.add(scene.vectors, extras, to_base_2(1.0));
        }
        for part in flow.noise() {
            terms.add(scene.vectors, part, to_base_2(1.0));
        }
        match &self.ceiling {
            None => terms.value(scene.vectors, value, &self.base, NoCeiling),
            Some((c, inverse_square)) => {
                terms.value(scene.vectors, value, &self.base, SoftCeiling { c, inverse_square })
            }
        }
    }
}
