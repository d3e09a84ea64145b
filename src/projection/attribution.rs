//! What a change since the base year is made of.

use super::{Estimate, Period};

/// The change of each measure since the base year, part by part.
#[derive(Clone, Debug)]
pub struct Attribution {
    /// Id of the scenario.
    pub scenario: String,
    /// Number of trials behind every figure.
    pub trials: u64,
    /// The seed of all draws.
    pub seed: u64,
    /// The base year.
    pub base_period: Period,
    /// The periods in order, the base year not included.
    pub periods: Vec<Period>,
    /// In the scenario's order.
    pub measures: Vec<MeasureAttribution>,
}

/// One measure through time.
#[derive(Clone, Debug)]
pub struct MeasureAttribution {
    /// Its id.
    pub id: String,
    /// Unit of its values.
    pub unit: String,
    /// One list for each period: the base year's value, the trend, the drivers in the file's order, the noise, the
    /// change.
    pub periods: Vec<Vec<Part>>,
}

/// One part of a change, or the whole.
#[derive(Clone, Debug)]
pub struct Part {
    /// A driver's id, or the name of its kind.
    pub id: String,
    /// A driver's title, where the author gave one.
    pub title: Option<String>,
    /// What it is.
    pub kind: PartKind,
    /// Its mean, in the measure's unit.
    pub mean: Estimate,
    /// Its quantiles over trials at 5, 50 and 95 %.
    pub quantiles: [f64; 3],
    /// Its mean in log points; absent for the base year's value and for a measure that may be 0 or less.
    pub log_points: Option<Estimate>,
    /// Share of trials in which a driver has happened by the end of the period; absent for what is no driver.
    pub probability_happens: Option<f64>,
    /// Over those trials only, where they are some and not all.
    pub if_happens: Option<IfHappens>,
}

/// What a driver is worth in the trials in which it has happened.
#[derive(Clone, Debug)]
pub struct IfHappens {
    /// Its mean, in the measure's unit.
    pub mean: Estimate,
    /// Its mean in log points; absent as in [`Part::log_points`].
    pub log_points: Option<Estimate>,
}

/// What a part of a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PartKind {
    Base,
    Trend,
    Driver,
    Noise,
    Change,
}

impl PartKind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            PartKind::Base => "base",
            PartKind::Trend => "trend",
            PartKind::Driver => "driver",
            PartKind::Noise => "noise",
            PartKind::Change => "change",
        }
    }
}
