//! Warnings: what can be run, and is probably not what the author wants to say.
//!
//! Each says how to mend it. A warning that a sane file cannot get rid of does not belong here.

mod seen;
mod horizon;
mod noise;
mod size;
mod drivers;

use super::Scenario;
use super::draft::{Block, Flow, Top};
use crate::diagnostic::Diagnostic;

/// The scenario as written; flows and drivers stand in the order of the checked ones.
pub(super) struct Written<'a> {
    pub(super) top: &'a Top,
    pub(super) flows: &'a [Flow],
    pub(super) drivers: &'a [Block],
}

/// All warnings for a scenario without errors.
pub(super) fn lint(scenario: &Scenario, written: &Written<'_>) -> Vec<Diagnostic> {
    let mut warnings = Vec::new();
    horizon::lint(scenario, written, &mut warnings);
    noise::lint(scenario, written, &mut warnings);
    size::lint(scenario, written, &mut warnings);
    drivers::lint(scenario, written, &mut warnings);
    warnings
}
