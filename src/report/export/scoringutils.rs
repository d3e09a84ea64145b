//! The layout of the R package scoringutils (Bosse et al. 2022).

use std::io::{self, Write};

use super::{Cell, Exported, Observed, Sheet, each_trial, horizons};

/// What tells one forecast from another, behind the model.
const UNIT: [&str; 7] = ["model", "scenario", "measure", "period", "target_date", "horizon", "unit"];

fn header(last: &'static str) -> Vec<&'static str> {
    UNIT.into_iter().chain(["observed", "predicted", last]).collect()
}

/// A row for each quantile: `..,observed,predicted,quantile_level`. `observed` is `NA` where nothing was.
///
/// # Errors
/// If `out` cannot be written to.
pub fn scoringutils_quantiles(
    runs: &[Exported<'_>],
    model: &str,
    observed: &Observed,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut sheet = Sheet::new(out, &header("quantile_level"))?;
    for exported in runs {
        let mut row_of = Rows::of(exported, model, observed, &mut sheet);
        for row in exported.quantiles.rows().filter(|row| row.text("statistic") == "quantile") {
            row_of.write(
                row.text("measure"),
                row.text("period"),
                row.text("unit"),
                [&row.decimal("value"), &row.decimal("level")],
            )?;
        }
    }
    sheet.finish()
}

/// A row for each trial: `..,observed,predicted,sample_id`. Runs without a `trials.csv` have none.
///
/// # Errors
/// If `out` cannot be written to, or a `trials.csv` not read.
pub fn scoringutils_samples(
    runs: &[Exported<'_>],
    model: &str,
    observed: &Observed,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut sheet = Sheet::new(out, &header("sample_id"))?;
    for exported in runs {
        let mut row_of = Rows::of(exported, model, observed, &mut sheet);
        each_trial(exported, &mut |row| {
            row_of.write(
                row.text("measure"),
                row.text("period"),
                row.text("unit"),
                [&row.decimal("value"), row.text("trial")],
            )
        })?;
    }
    sheet.finish()
}

/// Writes the rows of one run.
struct Rows<'r, 's, 'w> {
    exported: &'r Exported<'r>,
    model: &'r str,
    observed: &'r Observed,
    horizons: std::collections::HashMap<&'r str, (String, &'r str)>,
    sheet: &'s mut Sheet<'w>,
}

impl<'r, 's, 'w> Rows<'r, 's, 'w> {
    fn of(exported: &'r Exported<'r>, model: &'r str, observed: &'r Observed, sheet: &'s mut Sheet<'w>) -> Self {
        Rows { exported, model, observed, horizons: horizons(exported.run), sheet }
    }

    fn write(&mut self, measure: &str, period: &str, unit: &str, last: [&str; 2]) -> io::Result<()> {
        let Some((horizon, end)) = self.horizons.get(period) else { return Ok(()) };
        let names = [self.model, &self.exported.run.head.scenario, measure, period, end, horizon, unit];
        let observed = self.observed.get(period, measure).unwrap_or("NA");
        let numbers = [observed, last[0], last[1]];
        self.sheet.row(names.map(Cell::Text).into_iter().chain(numbers.map(Cell::Number)))
    }
}
