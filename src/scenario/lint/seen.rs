//! What can be seen of a quantity without a simulation.

use crate::quantity::Law;
use crate::scenario::range::convert;
use crate::scenario::{Quantity, Scenario, Source};

/// The middle of a quantity in the engine's unit, and how far it spreads.
pub(super) struct Seen {
    pub(super) median: f64,
    /// Half the distance of the quantiles at 16 % and 84 %: the sd of a normal law.
    pub(super) spread: f64,
}

/// What is seen of a constant or a law; nothing of a formula.
pub(super) fn seen(scenario: &Scenario, quantity: &Quantity) -> Option<Seen> {
    match quantity {
        Quantity::Constant(x) => Some(Seen { median: *x, spread: 0.0 }),
        Quantity::Drawn(used) => {
            let law = law(scenario, quantity)?;
            let at = |level: f64| convert(used.convert, law.quantile(level));
            Some(Seen { median: at(0.5), spread: 0.5 * (at(0.84) - at(0.16)) })
        }
    }
}

/// The law of a quantity that is one, in place or by the name of a parameter.
pub(super) fn law<'a>(scenario: &'a Scenario, quantity: &Quantity) -> Option<&'a Law> {
    match quantity {
        Quantity::Constant(_) => None,
        Quantity::Drawn(used) => match &scenario.inputs[used.input].source {
            Source::Law(law) => Some(law),
            Source::Formula(_) => None,
        },
    }
}

/// Whether a quantity is this constant.
pub(super) fn is_constant(quantity: &Quantity, x: f64) -> bool {
    matches!(quantity, Quantity::Constant(constant) if *constant == x)
}
