//! Shocks and cargoes: events that strike at random.

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::draft::{self, Field, QuantityKind};
use crate::scenario::{ByState, Cargo, Quantity, Shock, Size};

use super::context::{Context, Owner, twin};
use super::inputs::Site;
use crate::scenario::range::{self, convert};

/// A shock as it is meant.
pub(super) fn check_shock(context: &mut Context, keys: &draft::Shock, owner: &Owner) -> Shock {
    let size = match twin(&keys.size, &keys.size_percent) {
        None => Size::EachTrial(Quantity::Constant(0.0)),
        Some((field, is_percent)) => size(context, field, &owner.log_site(field.shared, "size", is_percent)),
    };
    Shock {
        rate: rate(context, &keys.rate, owner),
        size,
        recovery_years: keys
            .recovery_years
            .as_ref()
            .map(|field| context.quantity(&field.value, &owner.site(field.shared, "recovery_years", range::POSITIVE))),
    }
}

/// A cargo as it is meant.
pub(super) fn check_cargo(context: &mut Context, keys: &draft::Cargo, owner: &Owner) -> Cargo {
    let size = match &keys.size {
        None => Size::EachTrial(Quantity::Constant(1.0)),
        Some(field) => size(context, field, &owner.site(field.shared, "size", range::POSITIVE)),
    };
    Cargo {
        flow: keys.flow.as_ref().and_then(|id| flow(context, &id.value, &id.place)).unwrap_or(0),
        rate: rate(context, &keys.rate, owner),
        size,
    }
}

fn rate(context: &mut Context, field: &Option<Field<draft::ByState>>, owner: &Owner) -> ByState {
    context.optional_by_state(field, owner, "rate", range::NOT_NEGATIVE, 0.0)
}

fn flow(context: &mut Context, id: &str, place: &Place) -> Option<usize> {
    let found = context.flows.get(id);
    if found.is_none() {
        let fault = Diagnostic::error(place.clone(), format!("there is no flow `{id}`"));
        context.faults.push(match id.ends_with('*') {
            true => fault.hint("cargoes go to one flow, not to a pattern"),
            false => context.flows.with_nearest(fault, id),
        });
    }
    found
}

/// A law written in place is drawn for each event; anything else keeps its draw of the trial.
fn size(context: &mut Context, field: &Field<draft::Quantity>, site: &Site) -> Size {
    let QuantityKind::Law(law) = &field.value.kind else {
        return Size::EachTrial(context.quantity(&field.value, site));
    };
    if let Some(place) = &law.per_flow {
        context.error(place, "the size of an event is one draw for all flows, so `per = \"flow\"` makes no sense here");
    }
    match context.inputs.checked_law(law, site, &mut context.faults) {
        None => Size::EachTrial(Quantity::Constant(1.0)),
        Some((law, _)) => match law.constant() {
            Some(x) => Size::EachTrial(Quantity::Constant(convert(site.convert, x))),
            None => Size::EachEvent(law, site.convert),
        },
    }
}
