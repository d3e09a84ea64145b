//! Warnings of the grid and the base year.

use crate::diagnostic::Diagnostic;
use crate::scenario::{Report, Scenario, TransitoryStart};

use super::Written;
use super::seen::is_constant;

/// World goods trade fell in 2020 and rose by 9.7 % in 2021 (WTO): not a year to start from unawares.
const DEPRESSED_YEAR: i32 = 2020;

pub(super) fn lint(scenario: &Scenario, written: &Written<'_>, warnings: &mut Vec<Diagnostic>) {
    let Some(table) = written.top.horizon.as_ref().map(|field| &field.value) else { return };
    if let Some(step) = table.step.as_ref()
        && scenario.horizon.steps_per_year == 1
        && scenario.horizon.report == Report::Year
    {
        warnings.push(
            Diagnostic::warning(step.place.clone(), "with `step = \"year\"` a year's total is the rate at its end")
                .hint("with `step = \"quarter\"` it is the mean of four rates"),
        );
    }
    let knows = |start: &TransitoryStart| !matches!(start, TransitoryStart::At(at) if is_constant(at, 0.0));
    let is_told = scenario.flows.iter().any(|flow| knows(&flow.noise.start) || !is_constant(&flow.noise.pull, 0.0));
    if let Some(base) = table.base.as_ref()
        && scenario.horizon.base == DEPRESSED_YEAR
        && !is_told
    {
        warnings.push(
            Diagnostic::warning(base.place.clone(), "trade in 2020 was depressed, and nothing says that it comes back")
                .hint(
                    "take another base year, or say how far it was below its path: `transitory = { start = -0.1, .. }`",
                ),
        );
    }
}
