//! How forecasts would have done: fitted at each origin to what was known then, scored against what came.

use crate::analysis::fit::{Mixture, Population, Stretch};

mod benchmarks;
mod calibration;
mod origins;
mod rival;
mod score;
mod summary;

pub use benchmarks::{BENCHMARKS, Benchmark};
pub use calibration::Calibration;
pub use origins::{Case, Forecast, at_origin};
pub use rival::{Rival, rivals};
pub use score::{Score, Scored};
pub use summary::{Mean, PitBin, Row, SIZES, Size};

/// What is backtested.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Years ahead, rising.
    pub horizons: Vec<u32>,
    /// Stretches shorter than this are learnt from and not scored.
    pub least_years: usize,
    /// Observations that must lie behind an origin for it to be scored.
    pub least_known: usize,
    /// What is believed before the panel is seen.
    pub prior: Population,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            horizons: vec![1, 3, 5, 10],
            least_years: 14,
            least_known: 12,
            prior: Population::new(&[0.0], &[0.0, 0.1]),
        }
    }
}

/// What a backtest found.
#[derive(Clone, Debug, PartialEq)]
pub struct Backtest {
    /// A row for each model, horizon and size of flow.
    pub rows: Vec<Row>,
    /// How often the outcome fell into each part of the forecast.
    pub pit: Vec<PitBin>,
    /// Stretches that were scored.
    pub series: usize,
    /// Years at whose end forecasts were made and scored.
    pub origins: usize,
    /// Outcomes that could not be scored: the flow was zero or not observed in that year, though the panel goes on.
    pub unscored: u64,
}

/// The name of this program among the models.
pub const OWN: &str = "tradewinds";

/// Backtests a panel, beside what others forecast of it. `progress` is told of each origin that is done, of how many;
/// where it gives `false`, all ends and nothing is found.
pub fn backtest(
    panel: &[Stretch],
    options: &Options,
    rivals: &[Rival],
    progress: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Option<Backtest> {
    let calibrated = forecasts(panel, options, progress)?;
    let scored = score::score(panel, &calibrated, rivals);
    Some(summary::summarise(panel, options, rivals, &scored))
}

/// The forecasts that a backtest scores, in the order of their origins; see [`backtest`] for `progress`.
pub fn forecasts(
    panel: &[Stretch],
    options: &Options,
    progress: &(dyn Fn(usize, usize) -> bool + Sync),
) -> Option<Vec<(Case, Mixture)>> {
    let years = origins::years(panel, options);
    let mut forecasts = Vec::new();
    for (done, year) in years.iter().enumerate() {
        if !progress(done, years.len()) {
            return None;
        }
        forecasts.extend(at_origin(panel, *year, options));
    }
    Some(calibration::calibrate(forecasts, options))
}
