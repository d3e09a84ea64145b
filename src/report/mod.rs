//! Rows and writers; no statistic is computed here.
//!
//! Each writer is a function from a [`Report`] to the bytes of one file. A file's columns are the fields of its
//! row in `record`, in their order; they are a contract with whoever reads the files.

use std::io::{self, Write};

use crate::projection::Projection;
use crate::scenario::Scenario;

mod number;
mod table;
mod record;
mod file;
mod comparison;
mod backtest;
mod fitted;
mod conditioned;
mod explain;
mod history;
mod run_record;
mod read;
mod finished;
pub mod export;
#[cfg(feature = "xlsx")]
mod workbook;
pub mod html;
#[cfg(feature = "plot")]
pub mod plot;

pub use backtest::{backtest, pit};
pub use comparison::{comparison, unpaired};
pub use conditioned::{learned, observations};
pub use explain::{attribution, sensitivity, variance};
pub use file::{distribution, drivers, first_passage, growth, inputs, projection, quantiles, targets, trials};
pub use finished::{FinishedRun, RunHead};
pub use fitted::{Fitted, FittedFlow, fitted, working};
pub use history::{history, history_summary, observed};
pub use read::{Row, Rows, Table};
pub use run_record::{Digest, Precision, RunRecord, run_record};
pub use table::Dialect;
#[cfg(feature = "xlsx")]
pub use workbook::{Book, Shortened, workbook};

/// What is written, and how.
#[derive(Clone, Copy, Debug)]
pub struct Report<'a> {
    /// What the scenario says about itself.
    pub about: &'a About,
    /// What its run found.
    pub projection: &'a Projection,
    /// How CSV is written.
    pub dialect: Dialect,
}

/// Writes one file of a [`Report`].
pub type Writer = fn(&Report<'_>, &mut dyn Write) -> io::Result<()>;

/// The files that every run writes, by name.
pub const FILES: [(&str, Writer); 7] = [
    ("projection.csv", projection),
    ("quantiles.csv", quantiles),
    ("distribution.csv", distribution),
    ("targets.csv", targets),
    ("first_passage.csv", first_passage),
    ("drivers.csv", drivers),
    ("inputs.csv", inputs),
];

/// What a scenario says about itself, carried into its outputs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its id.
    pub scenario: String,
    /// Its title.
    pub title: String,
    /// Free text.
    pub notes: Option<String>,
    /// The information date, ISO 8601.
    pub as_of: Option<String>,
    /// What values are counted in.
    pub unit: String,
    /// `nominal` or `real`.
    pub prices: &'static str,
    /// Whose statistics the base values are.
    pub metric: Option<String>,
    /// The length of a step: `year`, `half-year`, `quarter` or `month`.
    pub step: &'static str,
}

impl About {
    /// What this scenario says.
    pub fn of(scenario: &Scenario) -> About {
        About {
            scenario: scenario.id().to_owned(),
            title: scenario.title().to_owned(),
            notes: scenario.notes().map(str::to_owned),
            as_of: scenario.as_of().map(str::to_owned),
            unit: scenario.unit().to_owned(),
            prices: scenario.prices().as_str(),
            metric: scenario.metric().map(str::to_owned),
            step: scenario.horizon().step(),
        }
    }
}
