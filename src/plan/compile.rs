//! From a checked scenario to a plan.

use super::*;
use crate::scenario::Source as InputSource;
use crate::scenario::{
    Base, ByState, Cargo, DriverKind, End, InputId, Intervention, MeasureRef, PhaseIn, Process, ProcessModel, Quantity,
    Regime, Scenario, Shock, Size, Start, TransitoryStart, Use,
};

/// Trials a block for scenarios with few flows.
const MOST_LANES: usize = 1024;
/// Flow rows of a block hold about this many values, so that they stay in the cache.
const FLOW_VALUES_A_BLOCK: usize = 1 << 16;

impl Plan {
    /// Compiles a scenario for a seed. `needs_years`: calendar-year totals are wanted for all measures whatever the
    /// scenario reports.
    pub fn compile(scenario: &Scenario, seed: u64, needs_years: bool) -> Plan {
        Plan::compile_with(scenario, seed, needs_years, &[]).0
    }

    /// The same, with quantities that no flow or driver uses.
    pub(crate) fn compile_with(
        scenario: &Scenario,
        seed: u64,
        needs_years: bool,
        quantities: &[&Quantity],
    ) -> (Plan, Vec<Operand>) {
        let mut rows = Rows::new(scenario, seed);
        let present = present_drivers(scenario);
        let drivers: Vec<DriverPlan> =
            present.iter().map(|&idx| Drivers { scenario, seed, present: &present }.compile(idx, &mut rows)).collect();
        let flows = compile_flows(scenario, &present, &drivers, &mut rows);
        let measures = compile_measures(scenario, &flows);
        let operands = quantities.iter().map(|quantity| rows.operand(quantity)).collect();
        let plan = Plan {
            lanes: lanes(flows.len()),
            steps: scenario.horizon.steps(),
            steps_per_year: scenario.horizon.steps_per_year,
            report: scenario.horizon.report,
            needs_years: needs_years || !scenario.targets.is_empty(),
            rows: rows.finish(),
            choices: scenario.choices.iter().map(|choice| compile_choice(choice, seed)).collect(),
            order: order(&drivers),
            noise: compile_noise(scenario, seed, &flows),
            drivers,
            flows,
            measures,
            reported: scenario.reported(),
            quasi: None,
        };
        (plan, operands)
    }

    /// The rows that some inputs need, each at the index of its input.
    pub(crate) fn compile_inputs(scenario: &Scenario, seed: u64, inputs: &[InputId]) -> Vec<RowOp> {
        let mut rows = Rows::new(scenario, seed);
        for &input in inputs {
            rows.need(input);
        }
        rows.finish()
    }
}

/// A power of two that depends on the number of flows alone: a driver more must not move another flow's sums.
fn lanes(flows: usize) -> usize {
    let most = (FLOW_VALUES_A_BLOCK / flows.max(1)).max(64);
    let power_of_two = 1 << most.ilog2();
    power_of_two.min(MOST_LANES)
}

/// The scenario's uses of its inputs, given rows as they are met.
struct Rows<'s> {
    scenario: &'s Scenario,
    seed: u64,
    ops: Vec<RowOp>,
    needed: Vec<bool>,
}

impl<'s> Rows<'s> {
    fn new(scenario: &'s Scenario, seed: u64) -> Self {
        let inputs = scenario.inputs.len();
        Rows { scenario, seed, ops: vec![RowOp::Unused; inputs], needed: vec![false; inputs] }
    }

    fn need(&mut self, input: InputId) {
        if std::mem::replace(&mut self.needed[input], true) {
            return;
        }
        let input_source = &self.scenario.inputs[input];
        self.ops[input] = match &input_source.source {
            InputSource::Law(law) => RowOp::Draw { key: Key::new(self.seed, &input_source.identity), law: law.clone() },
            InputSource::Formula(formula) => {
                self.need_all(formula);
                RowOp::Formula(formula.clone())
            }
        };
    }

    fn need_all(&mut self, formula: &Expr) {
        match formula {
            Expr::Constant(_) => {}
            Expr::Input(input) => self.need(*input),
            Expr::Unary(_, a) => self.need_all(a),
            Expr::Binary(_, a, b) => {
                self.need_all(a);
                self.need_all(b);
            }
        }
    }

    fn operand(&mut self, quantity: &Quantity) -> Operand {
        match quantity {
            Quantity::Constant(value) => Operand::Constant(*value),
            Quantity::Drawn(used) => Operand::Row(self.row(used)),
        }
    }

    fn row(&mut self, used: &Use) -> usize {
        self.need(used.input);
        let row = match used.convert {
            Convert::AsIs => used.input,
            convert => {
                self.ops.push(RowOp::Convert { input: used.input, convert });
                self.ops.len() - 1
            }
        };
        if let Some(range) = used.range {
            let (place, written) = (used.place.clone(), used.written.clone());
            self.ops.push(RowOp::Check { row, range, place, written });
        }
        row
    }

    fn by_state(&mut self, by_state: &ByState) -> StateOperand {
        match by_state {
            ByState::Same(quantity) => StateOperand::Same(self.operand(quantity)),
            ByState::Each(quantities) => {
                StateOperand::Each(quantities.iter().map(|quantity| self.operand(quantity)).collect())
            }
        }
    }

    fn finish(self) -> Vec<RowOp> {
        self.ops
    }
}

/// Scenario indices of the drivers that have a place in the plan.
fn present_drivers(scenario: &Scenario) -> Vec<usize> {
    let moves_states = |idx: usize| scenario.regime == Some(idx);
    let present = scenario.drivers.iter().enumerate().filter(|(idx, driver)| driver.enabled || moves_states(*idx));
    present.map(|(idx, _)| idx).collect()
}

struct Drivers<'s> {
    scenario: &'s Scenario,
    seed: u64,
    present: &'s [usize],
}

impl Drivers<'_> {
    fn compile(&self, idx: usize, rows: &mut Rows) -> DriverPlan {
        let driver = &self.scenario.drivers[idx];
        let key = |part: &str| Key::new(self.seed, &format!("driver.{}.{part}", driver.id));
        let op = match &driver.kind {
            DriverKind::Intervention(it) => DriverOp::Intervention(Box::new(self.intervention(it, key, rows))),
            DriverKind::Regime(it) => DriverOp::Regime(Box::new(regime(it, driver.enabled, key, rows))),
            DriverKind::Process(it) => DriverOp::Process(process(it, key, rows)),
            DriverKind::Shock(Shock { rate, size, recovery_years }) => DriverOp::Shock(ShockOp {
                events: events(rate, size, key, rows),
                recovery_years: recovery_years.as_ref().map(|years| rows.operand(years)),
            }),
            DriverKind::Cargo(Cargo { rate, size, .. }) => {
                DriverOp::Cargo(CargoOp { events: events(rate, size, key, rows) })
            }
        };
        DriverPlan { scenario_idx: idx, when: driver.when.clone(), op }
    }

    fn intervention(&self, it: &Intervention, key: impl Fn(&str) -> Key, rows: &mut Rows) -> InterventionOp {
        InterventionOp {
            happens_key: key("happens"),
            chance: rows.operand(&it.chance),
            start: self.start(&it.start, key("start.event"), rows),
            effect: rows.operand(&it.effect),
            already_counted: rows.operand(&it.already_counted),
            phase_in: phase_in(&it.phase_in, rows),
            end: match &it.ends {
                None => EndOp::When(StartOp::Never),
                Some(End::When(when)) => EndOp::When(self.start(when, key("ends.event"), rows)),
                Some(End::Lasts(years)) => EndOp::Lasts(rows.operand(years)),
            },
            interruption: it.interruption.as_ref().map(|it| InterruptionOp {
                key: key("interruption"),
                off_rate: rows.by_state(&it.off_rate),
                on_rate: rows.by_state(&it.on_rate),
            }),
            fade_years: rows.operand(&it.fade_years),
            recover_years: rows.operand(&it.recover_years),
            strength: rows.by_state(&it.strength),
        }
    }

    fn start(&self, start: &Start, key: Key, rows: &mut Rows) -> StartOp {
        match start {
            Start::At(date) => StartOp::At(rows.operand(date)),
            Start::After { driver, lag } => match self.present.iter().position(|present| present == driver) {
                Some(driver) => StartOp::After { driver, lag: rows.operand(lag) },
                None => StartOp::Never,
            },
            Start::Hazard { rate, from } => {
                StartOp::Hazard { key, rate: rows.by_state(rate), from: rows.operand(from) }
            }
        }
    }
}

fn phase_in(phase_in: &PhaseIn, rows: &mut Rows) -> PhaseOp {
    match phase_in {
        PhaseIn::Immediate => PhaseOp::Immediate,
        PhaseIn::Linear { years } => PhaseOp::Linear { years: rows.operand(years) },
        PhaseIn::Exponential { years } => PhaseOp::Exponential { years: rows.operand(years) },
        PhaseIn::Logistic { midpoint, width } => {
            PhaseOp::Logistic { midpoint: rows.operand(midpoint), width: rows.operand(width) }
        }
        PhaseIn::Pulse { years } => PhaseOp::Pulse { years: rows.operand(years) },
        PhaseIn::Steps(steps) => PhaseOp::Steps(steps.clone()),
    }
}

fn regime(regime: &Regime, enabled: bool, key: impl Fn(&str) -> Key, rows: &mut Rows) -> RegimeOp {
    let volatility = rows.by_state(&regime.volatility);
    let is_one = |operand: &Operand| *operand == Operand::Constant(1.0);
    let steady = match &volatility {
        StateOperand::Same(operand) => is_one(operand),
        StateOperand::Each(operands) => operands.iter().all(is_one),
    };
    RegimeOp {
        start_key: key("start"),
        state_key: key("state"),
        start_cumulative: cumulative(&regime.start),
        thresholds: regime.step_matrix.iter().flat_map(|row| thresholds(row)).collect(),
        states: regime.states.len(),
        hold: regime.hold,
        contributes: enabled,
        growth: rows.by_state(&regime.growth),
        level: rows.by_state(&regime.level),
        fall_years: rows.operand(&regime.fall_years),
        recover_years: rows.operand(&regime.recover_years),
        volatility: (enabled && !steady).then_some(volatility),
    }
}

fn cumulative(probabilities: &[f64]) -> Vec<f64> {
    let sums = probabilities.iter().scan(0.0, |sum, p| {
        *sum += p;
        Some(*sum)
    });
    sums.collect()
}

/// A 31-bit draw `u` exceeds the threshold of cumulative probability c with probability `1 - c`, to 2^-32: never
/// for c = 1, always for c = 0. There is none after the last state that can be reached, so rounding of the sum
/// never leads into a state of probability 0.
fn thresholds(row: &[f64]) -> Vec<i32> {
    const RANGE: f64 = 2_147_483_648.0;
    let last = row.iter().rposition(|&p| p > 0.0).unwrap_or(0);
    let cumulative = cumulative(row);
    let threshold = |state: usize| match state >= last {
        true => i32::MAX,
        false => ((cumulative[state] * RANGE).round() - 1.0) as i32,
    };
    (0..row.len() - 1).map(threshold).collect()
}

fn process(process: &Process, key: impl Fn(&str) -> Key, rows: &mut Rows) -> ProcessOp {
    ProcessOp {
        key: key("walk"),
        model: match &process.model {
            ProcessModel::Still => ProcessModelOp::Still,
            ProcessModel::RandomWalk { sd } => ProcessModelOp::RandomWalk { sd: rows.operand(sd) },
            ProcessModel::MeanReverting { speed, sd } => {
                ProcessModelOp::MeanReverting { speed: rows.operand(speed), sd: rows.operand(sd) }
            }
        },
        growth: process.growth.iter().map(|growth| rows.operand(growth)).collect(),
        growth_error: rows.operand(&process.growth_error),
    }
}

fn events(rate: &ByState, size: &Size, key: impl Fn(&str) -> Key, rows: &mut Rows) -> EventsOp {
    EventsOp {
        count_key: key("events"),
        size_key: key("size"),
        rate: rows.by_state(rate),
        size: match size {
            Size::EachEvent(law, convert) => SizeOp::EachEvent { law: law.clone(), convert: *convert },
            Size::EachTrial(quantity) => SizeOp::EachTrial(rows.operand(quantity)),
        },
    }
}

fn compile_choice(choice: &crate::scenario::Choice, seed: u64) -> ChoicePlan {
    let probabilities: Vec<f64> = choice.options.iter().map(|(_, probability)| *probability).collect();
    ChoicePlan { key: Key::new(seed, &format!("choice.{}", choice.id)), cumulative: cumulative(&probabilities) }
}

/// The regime first, then each driver after the one it follows.
fn order(drivers: &[DriverPlan]) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::with_capacity(drivers.len());
    let is_regime = |driver: &DriverPlan| matches!(driver.op, DriverOp::Regime(_));
    order.extend(drivers.iter().position(is_regime));
    for idx in 0..drivers.len() {
        place_after_what_it_follows(idx, drivers, &mut order);
    }
    order
}

fn place_after_what_it_follows(idx: usize, drivers: &[DriverPlan], order: &mut Vec<usize>) {
    if order.contains(&idx) {
        return;
    }
    if let DriverOp::Intervention(it) = &drivers[idx].op {
        for start in [Some(&it.start), it.end.when()].into_iter().flatten() {
            if let StartOp::After { driver, .. } = start {
                place_after_what_it_follows(*driver, drivers, order);
            }
        }
    }
    order.push(idx);
}

fn compile_flows(scenario: &Scenario, present: &[usize], drivers: &[DriverPlan], rows: &mut Rows) -> Vec<FlowPlan> {
    let flows = scenario.flows.iter().enumerate();
    flows
        .map(|(flow_idx, flow)| {
            let mut exposures = Vec::new();
            let mut cargoes = Vec::new();
            for (driver_idx, &scenario_idx) in present.iter().enumerate() {
                let driver = &scenario.drivers[scenario_idx];
                match &driver.kind {
                    DriverKind::Cargo(cargo) if cargo.flow == flow_idx => cargoes.push(driver_idx),
                    DriverKind::Cargo(_) => {}
                    _ if !contributes(&drivers[driver_idx]) => {}
                    _ => exposures.push((driver_idx, rows.operand(&driver.exposure[flow_idx]))),
                }
            }
            exposures.retain(|(_, exposure)| *exposure != Operand::Constant(0.0));
            FlowPlan {
                base: match &flow.base {
                    Base::Rate(rate) => BaseOp::Rate(rows.operand(rate)),
                    Base::Total(total) => BaseOp::Total(rows.operand(total)),
                },
                trend: rows.operand(&flow.trend),
                capacity: flow.capacity.as_ref().map(|capacity| rows.operand(capacity)),
                exposures,
                cargoes,
                permanent: permanent(&flow.noise, rows),
                transitory: transitory(&flow.noise, rows),
            }
        })
        .collect()
}

fn contributes(driver: &DriverPlan) -> bool {
    !matches!(&driver.op, DriverOp::Regime(regime) if !regime.contributes)
}

fn permanent(noise: &crate::scenario::FlowNoise, rows: &mut Rows) -> Option<PermanentOp> {
    const NONE: Operand = Operand::Constant(0.0);
    let sd = rows.operand(&noise.permanent_sd);
    let pull = rows.operand(&noise.pull);
    let gap = rows.operand(&noise.gap);
    let is_pulled = pull != NONE && gap != NONE;
    (sd != NONE || is_pulled).then_some(PermanentOp { sd, pull, gap })
}

fn transitory(noise: &crate::scenario::FlowNoise, rows: &mut Rows) -> Option<TransitoryOp> {
    const NONE: Operand = Operand::Constant(0.0);
    let sd = rows.operand(&noise.transitory_sd);
    let persistence = rows.operand(&noise.persistence);
    let start = match &noise.start {
        TransitoryStart::At(level) => StartLevelOp::At(rows.operand(level)),
        TransitoryStart::Stationary if sd == NONE => StartLevelOp::At(NONE),
        TransitoryStart::Stationary => StartLevelOp::Stationary,
    };
    let starts_off = !matches!(start, StartLevelOp::At(NONE));
    (sd != NONE || starts_off).then_some(TransitoryOp { sd, persistence, start })
}

fn compile_noise(scenario: &Scenario, seed: u64, flows: &[FlowPlan]) -> NoisePlan {
    let moving = |sd: Operand| sd != Operand::Constant(0.0);
    let has = |test: &dyn Fn(&FlowPlan) -> bool| flows.iter().map(test).collect::<Vec<bool>>();
    let permanent = has(&|flow| flow.permanent.is_some_and(|part| moving(part.sd)));
    let transitory = has(&|flow| flow.transitory.is_some_and(|part| moving(part.sd)));
    let start = has(&|flow| flow.transitory.is_some_and(|part| matches!(part.start, StartLevelOp::Stationary)));
    NoisePlan {
        permanent: correlate::part(scenario, seed, "permanent", &permanent, true),
        transitory: correlate::part(scenario, seed, "transitory", &transitory, true),
        start: correlate::part(scenario, seed, "start", &start, false),
    }
}

fn compile_measures(scenario: &Scenario, flows: &[FlowPlan]) -> Vec<MeasurePlan> {
    let exports: Vec<usize> = (0..flows.len()).filter(|&flow| scenario.flows[flow].is_export).collect();
    let imports: Vec<usize> = (0..flows.len()).filter(|&flow| !scenario.flows[flow].is_export).collect();
    let first_sum = flows.len();
    let mut ops: Vec<MeasureOp> = (0..flows.len()).map(MeasureOp::Flow).collect();
    ops.push(MeasureOp::Sum(exports.clone()));
    ops.push(MeasureOp::Sum(imports.clone()));
    ops.push(MeasureOp::Plus(first_sum, first_sum + 1));
    ops.push(MeasureOp::Minus(first_sum, first_sum + 1));
    ops.extend(scenario.measures.iter().map(|measure| MeasureOp::Sum(measure.flows.clone())));

    // The flows of a measure, each with its sign, tell which measures are the same.
    let signed = |op: &MeasureOp| -> Vec<(usize, bool)> {
        let mut signed: Vec<(usize, bool)> = match op {
            MeasureOp::Flow(flow) => vec![(*flow, true)],
            MeasureOp::Sum(flows) => flows.iter().map(|&flow| (flow, true)).collect(),
            MeasureOp::Plus(..) => (0..flows.len()).map(|flow| (flow, true)).collect(),
            MeasureOp::Minus(..) => (0..flows.len()).map(|flow| (flow, scenario.flows[flow].is_export)).collect(),
        };
        signed.sort_unstable();
        signed
    };
    let all_signed: Vec<Vec<(usize, bool)>> = ops.iter().map(signed).collect();
    let plans = ops.into_iter().enumerate().map(|(idx, op)| MeasurePlan {
        op,
        has_atoms: !all_signed[idx].iter().any(|&(flow, _)| flows[flow].is_noisy()),
        same_as: (0..idx).find(|&earlier| all_signed[earlier] == all_signed[idx]),
    });
    plans.collect()
}

impl EndOp {
    /// The date, following or hazard, if it is one of these.
    pub(crate) fn when(&self) -> Option<&StartOp> {
        match self {
            EndOp::When(start) => Some(start),
            EndOp::Lasts(_) => None,
        }
    }
}

/// The place of a measure among all: flows, exports, imports, total, balance, own measures.
pub(crate) fn measure_idx(flows: usize, measure: MeasureRef) -> usize {
    match measure {
        MeasureRef::Flow(flow) => flow,
        MeasureRef::Exports => flows,
        MeasureRef::Imports => flows + 1,
        MeasureRef::Total => flows + 2,
        MeasureRef::Balance => flows + 3,
        MeasureRef::Own(own) => flows + 4 + own,
    }
}
