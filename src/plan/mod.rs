//! A scenario as dense tables and operations: no names, no options left open.
//!
//! [`Plan::compile`] cannot fail: a checked scenario compiles. Times are years after `t0`; a step is the stretch
//! that ends at grid point `t_n = n / steps_per_year`.

mod compile;
mod correlate;
mod quasi;
mod replica;

pub(crate) use compile::measure_idx;

use std::sync::Arc;

use crate::draws::{Key, Quasi};
use crate::quantity::Law;
use crate::scenario::{Convert, Expr, Range, Report, Shape};

/// Everything the kernel needs to take a block of trials through all steps.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Trials a block; a power of two.
    pub lanes: usize,
    /// Grid points after `t0`.
    pub steps: usize,
    /// 1, 2, 4 or 12.
    pub steps_per_year: usize,
    pub(crate) report: Report,
    /// Whether calendar-year totals are needed though steps are reported.
    pub(crate) needs_years: bool,
    /// Rows of values that are drawn or computed once a trial: first one an input, then one a conversion.
    pub(crate) rows: Vec<RowOp>,
    pub(crate) choices: Vec<ChoicePlan>,
    /// In the file's order, disabled ones left out (but a disabled regime still moves its states).
    pub(crate) drivers: Vec<DriverPlan>,
    /// The order in which drivers move within a step: the regime first, followers after what they follow.
    pub(crate) order: Vec<usize>,
    pub(crate) noise: NoisePlan,
    pub(crate) flows: Vec<FlowPlan>,
    pub(crate) measures: Vec<MeasurePlan>,
    /// The measures that results are made of, in ascending order.
    pub(crate) reported: Vec<usize>,
    /// Points in place of random draws, if they are wanted.
    pub(crate) quasi: Option<Arc<Quasi>>,
}

/// A value for each trial: one for all, or a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Operand {
    Constant(f64),
    /// Index into [`Plan::rows`].
    Row(usize),
}

/// One operand, or one a state.
#[derive(Clone, Debug)]
pub(crate) enum StateOperand {
    Same(Operand),
    Each(Vec<Operand>),
}

/// How a row comes about.
#[derive(Clone, Debug)]
pub(crate) enum RowOp {
    /// Not needed by anything that is simulated.
    Unused,
    Draw {
        key: Key,
        law: Law,
    },
    /// Inputs in the formula are rows of the same index.
    Formula(Expr),
    Convert {
        input: usize,
        convert: Convert,
    },
    /// No new row: checks one. The place and the formula as written are carried along for the message.
    Check {
        row: usize,
        range: Range,
        place: String,
        written: String,
    },
}

/// A choice and the cumulative probabilities of its options.
#[derive(Clone, Debug)]
pub(crate) struct ChoicePlan {
    pub key: Key,
    pub cumulative: Vec<f64>,
}

/// A driver. Its contribution row is at exposure 1.
#[derive(Clone, Debug)]
pub(crate) struct DriverPlan {
    /// Index in the scenario.
    pub scenario_idx: usize,
    /// (choice, option): all must hold, else it does not happen.
    pub when: Vec<(usize, usize)>,
    pub op: DriverOp,
}

impl DriverPlan {
    /// Whether its contribution is always 0, as that of a signature which only starts the clock of what follows it.
    pub fn is_mute(&self) -> bool {
        matches!(&self.op, DriverOp::Intervention(op) if op.effect == Operand::Constant(0.0))
    }
}

#[derive(Clone, Debug)]
pub(crate) enum DriverOp {
    Intervention(Box<InterventionOp>),
    Regime(Box<RegimeOp>),
    Process(ProcessOp),
    Shock(ShockOp),
    Cargo(CargoOp),
}

#[derive(Clone, Debug)]
pub(crate) struct InterventionOp {
    pub happens_key: Key,
    pub chance: Operand,
    pub start: StartOp,
    pub effect: Operand,
    pub already_counted: Operand,
    pub phase_in: PhaseOp,
    pub end: EndOp,
    pub interruption: Option<InterruptionOp>,
    pub fade_years: Operand,
    pub recover_years: Operand,
    pub strength: StateOperand,
}

impl InterventionOp {
    /// Whether its activity is simply 1 from start to end.
    pub fn is_plain(&self) -> bool {
        let full = matches!(self.strength, StateOperand::Same(Operand::Constant(1.0)));
        full && self.interruption.is_none() && self.fade_years == Operand::Constant(0.0)
    }
}

#[derive(Clone, Debug)]
pub(crate) enum StartOp {
    At(Operand),
    /// Index into [`Plan::drivers`].
    After {
        driver: usize,
        lag: Operand,
    },
    Hazard {
        key: Key,
        rate: StateOperand,
        from: Operand,
    },
    /// What it follows is not there.
    Never,
}

#[derive(Clone, Debug)]
pub(crate) enum EndOp {
    When(StartOp),
    Lasts(Operand),
}

#[derive(Clone, Debug)]
pub(crate) struct InterruptionOp {
    pub key: Key,
    pub off_rate: StateOperand,
    pub on_rate: StateOperand,
}

#[derive(Clone, Debug)]
pub(crate) enum PhaseOp {
    Immediate,
    Linear { years: Operand },
    Exponential { years: Operand },
    Logistic { midpoint: Operand, width: Operand },
    Pulse { years: Operand },
    Steps(Vec<(f64, f64)>),
}

#[derive(Clone, Debug)]
pub(crate) struct RegimeOp {
    pub start_key: Key,
    pub state_key: Key,
    pub start_cumulative: Vec<f64>,
    /// `thresholds[from * (states - 1) + j]`: the next state is the number of these that a 31-bit draw exceeds.
    pub thresholds: Vec<i32>,
    pub states: usize,
    pub hold: Option<usize>,
    /// False for a disabled one: it moves the states, nothing else.
    pub contributes: bool,
    pub growth: StateOperand,
    pub level: StateOperand,
    pub fall_years: Operand,
    pub recover_years: Operand,
    /// None where it is 1 in all states.
    pub volatility: Option<StateOperand>,
}

#[derive(Clone, Debug)]
pub(crate) struct ProcessOp {
    pub key: Key,
    pub model: ProcessModelOp,
    /// One a projected year.
    pub growth: Vec<Operand>,
    pub growth_error: Operand,
}

#[derive(Clone, Debug)]
pub(crate) enum ProcessModelOp {
    Still,
    RandomWalk { sd: Operand },
    MeanReverting { speed: Operand, sd: Operand },
}

#[derive(Clone, Debug)]
pub(crate) struct ShockOp {
    pub events: EventsOp,
    pub recovery_years: Option<Operand>,
}

#[derive(Clone, Debug)]
pub(crate) struct CargoOp {
    pub events: EventsOp,
}

#[derive(Clone, Debug)]
pub(crate) struct EventsOp {
    pub count_key: Key,
    pub size_key: Key,
    pub rate: StateOperand,
    pub size: SizeOp,
}

#[derive(Clone, Debug)]
pub(crate) enum SizeOp {
    EachEvent { law: Law, convert: Convert },
    EachTrial(Operand),
}

/// Shared factors of the shocks and how flows load on them.
#[derive(Clone, Debug)]
pub(crate) struct NoisePlan {
    pub permanent: PartPlan,
    pub transitory: PartPlan,
    /// Normal draws at `t0`, for stationary starts.
    pub start: PartPlan,
}

/// The sources of one part's shocks and their mixing.
#[derive(Clone, Debug)]
pub(crate) struct PartPlan {
    /// Independent shocks, drawn and shaped.
    pub sources: Vec<ShockSource>,
    /// By flow: (source, load), summed in this order. Empty for a flow without this part.
    pub loads: Vec<Vec<(usize, f32)>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ShockSource {
    pub key: Key,
    /// Of the uniforms that a contaminated shape needs besides.
    pub shape_key: Key,
    pub shape: Shape,
}

#[derive(Clone, Debug)]
pub(crate) struct FlowPlan {
    pub base: BaseOp,
    pub trend: Operand,
    pub capacity: Option<Operand>,
    /// (driver, exposure), those that are surely 0 left out, in the file's order.
    pub exposures: Vec<(usize, Operand)>,
    /// Drivers whose cargoes add to this flow.
    pub cargoes: Vec<usize>,
    pub permanent: Option<PermanentOp>,
    pub transitory: Option<TransitoryOp>,
}

impl FlowPlan {
    /// Whether its paths have shocks of their own, and so its law no atoms.
    pub fn is_noisy(&self) -> bool {
        self.permanent.as_ref().is_some_and(|part| part.sd != Operand::Constant(0.0))
            || self.transitory.as_ref().is_some_and(|part| part.sd != Operand::Constant(0.0))
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum BaseOp {
    Rate(Operand),
    Total(Operand),
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct PermanentOp {
    pub sd: Operand,
    pub pull: Operand,
    pub gap: Operand,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct TransitoryOp {
    pub sd: Operand,
    pub persistence: Operand,
    pub start: StartLevelOp,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum StartLevelOp {
    At(Operand),
    Stationary,
}

/// How a measure's row is made.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum MeasureOp {
    Flow(usize),
    Sum(Vec<usize>),
    /// Sum of two other measures.
    Plus(usize, usize),
    /// Difference of two other measures.
    Minus(usize, usize),
}

#[derive(Clone, Debug)]
pub(crate) struct MeasurePlan {
    pub op: MeasureOp,
    /// Whether its law may have atoms.
    pub has_atoms: bool,
    /// The measure whose values are always the same, for example `exports` of a scenario with one export.
    pub same_as: Option<usize>,
}
