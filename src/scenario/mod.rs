//! What a scenario file means, once every fault has been found.
//!
//! A [`Scenario`] can only be made by [`load`], so its holder need not check anything again: names have
//! become indices, dates have become years after `t0` (the end of the base year), laws are valid and every
//! quantity that can be shown to stay in its range has been.

pub mod node;

mod access;
mod dates;
mod range;
mod formula;
mod parse;
mod overlay;
mod observed;
mod resolved;
mod draft;
mod schema;
mod lint;
mod check;
mod load;

pub use load::{Loaded, from_text, load};
pub use observed::{HistorySpec, Observed, ObservedSeries, Statement, observe};
pub(crate) use observed::{Observable, Reporter};
pub use resolved::Resolved;
pub use schema::schema;

use crate::quantity::Law;

/// A checked scenario: flows, drivers and noise with names resolved to indices.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub(crate) id: String,
    pub(crate) title: String,
    /// The information date as written, ISO 8601.
    pub(crate) as_of: Option<String>,
    pub(crate) notes: Option<String>,
    pub(crate) reporter: String,
    pub(crate) partners: Vec<String>,
    pub(crate) unit: String,
    pub(crate) prices: Prices,
    pub(crate) metric: Option<String>,
    pub(crate) horizon: Horizon,
    /// Everything that is drawn or computed once a trial, each after what it depends on.
    pub(crate) inputs: Vec<Input>,
    pub(crate) flows: Vec<Flow>,
    /// The shape of shocks that flows share; a flow's own may differ.
    pub(crate) noise_shape: Shape,
    pub(crate) correlation: Correlation,
    /// The driver whose states drive the others: the enabled regime driver, or else the only one.
    pub(crate) regime: Option<usize>,
    /// In the file's order, disabled ones included.
    pub(crate) drivers: Vec<Driver>,
    pub(crate) choices: Vec<Choice>,
    /// `[[measure]]` blocks only; flows, exports, imports, total and balance are always there.
    pub(crate) measures: Vec<Measure>,
    pub(crate) targets: Vec<Target>,
    pub(crate) history: Option<HistorySpec>,
    /// The measures that results are made of, in ascending order, if not of all: see [`Scenario::report_only`].
    pub(crate) only: Option<Vec<usize>>,
}

/// Whether values are in the money of their year or of a base year. A label: nothing is deflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prices {
    /// Money of each year.
    Nominal,
    /// Money of one year.
    Real,
}

/// The grid of time: `steps_per_year * years` points `t_n = n / steps_per_year`, n from 1.
#[derive(Clone, Debug)]
pub struct Horizon {
    /// The last observed calendar year; `t0` is its end.
    pub(crate) base: i32,
    /// The last projected calendar year.
    pub(crate) end: i32,
    /// 1, 2, 4 or 12.
    pub(crate) steps_per_year: usize,
    pub(crate) report: Report,
}

/// What a period of the output is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// Calendar-year totals.
    Year,
    /// The annualised rate at each step.
    StepAnnualised,
    /// Each step's own amount, the rate times the length of the step.
    StepAmount,
}

impl Horizon {
    /// Projected calendar years.
    pub fn years(&self) -> usize {
        (self.end - self.base) as usize
    }
    /// Steps from `t0` to the end.
    pub fn steps(&self) -> usize {
        self.years() * self.steps_per_year
    }
    /// The length of a step in years.
    pub fn dt(&self) -> f64 {
        1.0 / self.steps_per_year as f64
    }
}

/// Index of an [`Input`] in the order in which a scenario evaluates them.
pub type InputId = usize;

/// One thing that is drawn, or computed from drawn things, once a trial.
#[derive(Clone, Debug)]
pub struct Input {
    /// The path an author knows it by: `parameters.drift`, `driver.direct-flights.effect`.
    pub(crate) name: String,
    /// What its draw is keyed by. Differs from the name where twins share a draw (`effect`, `effect_percent`).
    pub(crate) identity: String,
    /// The law or formula as written.
    pub(crate) written: String,
    pub(crate) source: Source,
    /// True for a date written in place, held in years after `t0`: it is reported as a decimal year.
    pub(crate) is_date: bool,
}

/// Where an input's value comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// Drawn: one uniform through the inverse of the law.
    Law(Law),
    /// Computed from inputs that stand earlier in the scenario.
    Formula(Expr),
}

/// A formula over inputs. `Min` and `Max` are folded from two or more arguments.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A number.
    Constant(f64),
    /// The value of an input in this trial.
    Input(InputId),
    /// A function of one value.
    Unary(Unary, Box<Expr>),
    /// A function of two values.
    Binary(Binary, Box<Expr>, Box<Expr>),
}

/// Functions of one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unary {
    Negate,
    Exp,
    Ln,
    Sqrt,
}

/// Functions of two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Min,
    Max,
}

/// A value that holds for a whole path: fixed, or an input's draw put to use.
#[derive(Clone, Debug)]
pub enum Quantity {
    /// The same in all trials, already converted and in range.
    Constant(f64),
    /// An input's value, converted for this use.
    Drawn(Use),
}

/// How one place in the file uses an input.
#[derive(Clone, Debug)]
pub struct Use {
    pub(crate) input: InputId,
    pub(crate) convert: Convert,
    /// To be checked on every draw, after conversion; `None` where it cannot be left.
    pub(crate) range: Option<Range>,
    /// The place in the file, for the message when a draw is out of range: `driver.x.chance`.
    pub(crate) place: String,
    /// The formula or name as written there.
    pub(crate) written: String,
}

/// From an input's value to the engine's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Convert {
    /// As it is.
    AsIs,
    /// `ln(1 + x/100)`: a per-cent twin.
    LogOnePlusPercent,
    /// `x/100`: the per-cent twin of an sd.
    Hundredth,
    /// Decimal year to years after `t0`: `x - base - 1`, put on the month where it is within 1e-9 of one.
    DecimalYear {
        /// The base year.
        base: i32,
    },
    /// A half-life in years to the autocorrelation after one year: `0.5^(1/x)`.
    HalfLife,
}

/// An interval with open or closed ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Lower end.
    pub min: f64,
    /// Upper end.
    pub max: f64,
    /// Whether the lower end itself is out of range.
    pub above_min: bool,
    /// Whether the upper end itself is out of range.
    pub below_max: bool,
}

/// One quantity, or one for each regime state.
#[derive(Clone, Debug)]
pub enum ByState {
    /// The same in every state.
    Same(Quantity),
    /// One for each state, in the regime's order; states not named are filled in.
    Each(Vec<Quantity>),
}

/// One product in one direction.
#[derive(Clone, Debug)]
pub struct Flow {
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) from: String,
    pub(crate) to: String,
    /// From the reporter (an export) or to it.
    pub(crate) is_export: bool,
    pub(crate) product: Option<String>,
    pub(crate) base: Base,
    /// Log growth a year.
    pub(crate) trend: Quantity,
    /// Soft ceiling.
    pub(crate) capacity: Option<Quantity>,
    pub(crate) noise: FlowNoise,
}

/// What the base value of a flow counts.
#[derive(Clone, Debug)]
pub enum Base {
    /// The annualised rate at `t0`.
    Rate(Quantity),
    /// The base calendar year's total.
    Total(Quantity),
}

/// The noise of one flow, `[noise]` and the flow's own keys put together.
#[derive(Clone, Debug)]
pub struct FlowNoise {
    /// Of the permanent part, per square root of a year.
    pub(crate) permanent_sd: Quantity,
    /// Rate of return to the gap, a year; 0 for a random walk.
    pub(crate) pull: Quantity,
    /// Log points above today that the permanent part is pulled to.
    pub(crate) gap: Quantity,
    /// Stationary sd of the transitory part.
    pub(crate) transitory_sd: Quantity,
    /// Its autocorrelation after one year.
    pub(crate) persistence: Quantity,
    pub(crate) start: TransitoryStart,
    pub(crate) shape: Shape,
}

/// The transitory part at `t0`.
#[derive(Clone, Debug)]
pub enum TransitoryStart {
    /// Log points above the flow's own path.
    At(Quantity),
    /// A normal draw of the stationary sd, correlated like the shocks.
    Stationary,
}

/// The law of one shock, of unit variance (the clipped t a little below).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Standard normal.
    Normal,
    /// A share of the shocks has `ratio` times the sd.
    Contaminated {
        /// In [0, 1].
        share: f64,
        /// Above 0.
        ratio: f64,
    },
    /// Student's t, scaled to unit variance, then clipped.
    StudentT {
        /// Degrees of freedom, above 2.
        dof: f64,
        /// In sds.
        clip: f64,
    },
}

/// Correlation of shocks between flows, for both parts alike.
#[derive(Clone, Debug)]
pub enum Correlation {
    /// None at all.
    Independent,
    /// `e_f = common*z + group_load*z_group + own*z_f`: a common factor and disjoint groups.
    Factors {
        /// `sqrt(default)`.
        common: f64,
        /// Name (as written, the identity of its factor) and load `sqrt(rho - default)` of each group.
        groups: Vec<(String, f64)>,
        /// The group of each flow, by index into `groups`.
        group_of: Vec<Option<usize>>,
        /// Load of each flow's own draw: `sqrt(1 - rho)`.
        own: Vec<f64>,
    },
    /// `e = L z`, flows in the order of their ids.
    Cholesky {
        /// Flow indices sorted by id.
        order: Vec<usize>,
        /// Row `i` holds `L[i][0..=i]`.
        lower: Vec<Vec<f64>>,
    },
}

/// Something that moves flows.
#[derive(Clone, Debug)]
pub struct Driver {
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) enabled: bool,
    /// All must hold: (choice, option).
    pub(crate) when: Vec<(usize, usize)>,
    /// How strongly each flow feels it, by flow index. Empty for a cargo.
    pub(crate) exposure: Vec<Quantity>,
    pub(crate) kind: DriverKind,
}

/// What kind of thing a driver is.
#[derive(Clone, Debug)]
// A scenario has few drivers, so their size does not matter.
#[allow(missing_docs, clippy::large_enum_variant)]
pub enum DriverKind {
    Intervention(Intervention),
    Regime(Regime),
    Process(Process),
    Shock(Shock),
    Cargo(Cargo),
}

/// Something that may happen, takes hold, and may lapse.
#[derive(Clone, Debug)]
pub struct Intervention {
    pub(crate) chance: Quantity,
    pub(crate) start: Start,
    /// Log points at full strength.
    pub(crate) effect: Quantity,
    pub(crate) phase_in: PhaseIn,
    pub(crate) ends: Option<End>,
    pub(crate) interruption: Option<Interruption>,
    pub(crate) fade_years: Quantity,
    pub(crate) recover_years: Quantity,
    /// Factor on its activity.
    pub(crate) strength: ByState,
    /// Share already inside the trend.
    pub(crate) already_counted: Quantity,
}

/// When an intervention starts. Times are years after `t0`.
#[derive(Clone, Debug)]
pub enum Start {
    /// At a date.
    At(Quantity),
    /// Some years after another intervention's start.
    After {
        /// Index of the other driver, an intervention.
        driver: usize,
        /// Years.
        lag: Quantity,
    },
    /// At a random time.
    Hazard {
        /// Per year.
        rate: ByState,
        /// Not before this.
        from: Quantity,
    },
}

/// When an intervention ends for good.
#[derive(Clone, Debug)]
pub enum End {
    /// At a date, after another start, or by hazard.
    When(Start),
    /// Years after the start.
    Lasts(Quantity),
}

/// How an intervention takes hold with its age. All in years.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum PhaseIn {
    Immediate,
    Linear {
        years: Quantity,
    },
    Exponential {
        years: Quantity,
    },
    Logistic {
        midpoint: Quantity,
        width: Quantity,
    },
    Pulse {
        years: Quantity,
    },
    /// (age, share) in increasing age: the share of the last age that is below the driver's age.
    Steps(Vec<(f64, f64)>),
}

/// Rates a year at which an intervention goes off and on again.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Interruption {
    pub(crate) off_rate: ByState,
    pub(crate) on_rate: ByState,
}

/// States of the world.
#[derive(Clone, Debug)]
pub struct Regime {
    pub(crate) states: Vec<String>,
    /// Probabilities of the states at `t0`.
    pub(crate) start: Vec<f64>,
    /// One step of this horizon: row = from, column = to; rows sum to 1.
    pub(crate) step_matrix: Vec<Vec<f64>>,
    /// The state forced from the first step on.
    pub(crate) hold: Option<usize>,
    pub(crate) growth: ByState,
    pub(crate) level: ByState,
    pub(crate) fall_years: Quantity,
    pub(crate) recover_years: Quantity,
    pub(crate) volatility: ByState,
}

/// An outside quantity that wanders.
#[derive(Clone, Debug)]
pub struct Process {
    pub(crate) model: ProcessModel,
    /// Log growth of each projected year, the growth error of the trial not included.
    pub(crate) growth: Vec<Quantity>,
    /// Added to every year's growth: the trial's own draw, not its sd.
    pub(crate) growth_error: Quantity,
}

/// How a process wanders about its growth.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub enum ProcessModel {
    Still,
    RandomWalk { sd: Quantity },
    MeanReverting { speed: Quantity, sd: Quantity },
}

/// Events that strike at random.
#[derive(Clone, Debug)]
pub struct Shock {
    /// Per year.
    pub(crate) rate: ByState,
    /// Log points.
    pub(crate) size: Size,
    /// Time constant; without it the effect stays.
    pub(crate) recovery_years: Option<Quantity>,
}

/// Lumps of value on one flow.
#[derive(Clone, Debug)]
pub struct Cargo {
    pub(crate) flow: usize,
    /// Per year.
    pub(crate) rate: ByState,
    /// In the value unit.
    pub(crate) size: Size,
}

/// The size of events.
#[derive(Clone, Debug)]
pub enum Size {
    /// A law written in place: drawn anew for each event, then converted.
    EachEvent(Law, Convert),
    /// A parameter or formula: the trial's draw for all its events.
    EachTrial(Quantity),
}

/// Futures that exclude each other.
#[derive(Clone, Debug)]
pub struct Choice {
    pub(crate) id: String,
    pub(crate) options: Vec<(String, f64)>,
}

/// A sum of flows.
#[derive(Clone, Debug)]
pub struct Measure {
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    /// Flow indices, each once.
    pub(crate) flows: Vec<usize>,
}

/// A value to be reached.
#[derive(Clone, Debug)]
pub struct Target {
    pub(crate) id: String,
    pub(crate) title: Option<String>,
    pub(crate) measure: MeasureRef,
    pub(crate) threshold: f64,
    pub(crate) direction: Direction,
    /// Whether it is to be reached in one year (`in`), not by one (`by`).
    pub(crate) is_in: bool,
    /// Calendar years in which it counts; a single one for `in`.
    pub(crate) first_year: i32,
    /// See `first_year`.
    pub(crate) last_year: i32,
}

/// Reached from below or from above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Direction {
    AtLeast,
    AtMost,
}

/// Any measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum MeasureRef {
    Flow(usize),
    Exports,
    Imports,
    Total,
    Balance,
    Own(usize),
}
