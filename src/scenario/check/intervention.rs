//! Interventions: moments, phases, and chains of `after`.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::draft::{self, Block, Field, Kind};
use crate::scenario::{ByState, End, Interruption, Intervention, PhaseIn, Quantity, Start};

use super::context::{Context, Owner};
use super::noise::checked_number;
use super::parameters::{shortened, sorted};
use crate::scenario::range;

/// The most steps that a `phase_in` may have.
const MAX_STEPS: usize = 1000;

/// Other drivers, for `after`.
struct Others<'a> {
    blocks: &'a [Block],
    index: &'a HashMap<&'a str, usize>,
}

/// An intervention as it is meant.
pub(super) fn check(
    context: &mut Context,
    keys: &draft::Intervention,
    owner: &Owner,
    blocks: &[Block],
    index: &HashMap<&str, usize>,
) -> Intervention {
    let others = Others { blocks, index };
    let start = match &keys.start {
        None => Start::At(Quantity::Constant(0.0)),
        Some(field) => moment(context, field, "start", owner, &others),
    };
    let ends = ends(context, keys, owner, &others);
    check_end_after_start(context, keys, &start, ends.as_ref());
    Intervention {
        chance: context.optional(&keys.chance, owner, "chance", range::SHARE, 1.0),
        start,
        effect: context.log_points(&keys.effect, &keys.effect_percent, owner, "effect"),
        phase_in: keys.phase_in.as_ref().map_or(PhaseIn::Immediate, |field| phase_in(context, field, owner)),
        ends,
        interruption: keys.interruption.as_ref().map(|field| interruption(context, field, owner)),
        fade_years: context.optional(&keys.fade_years, owner, "fade_years", range::NOT_NEGATIVE, 0.0),
        recover_years: context.optional(&keys.recover_years, owner, "recover_years", range::NOT_NEGATIVE, 0.0),
        strength: context.optional_by_state(&keys.strength, owner, "strength", range::NOT_NEGATIVE, 1.0),
        already_counted: context.optional(&keys.already_counted, owner, "already_counted", range::SHARE, 0.0),
    }
}

fn ends(context: &mut Context, keys: &draft::Intervention, owner: &Owner, others: &Others<'_>) -> Option<End> {
    if let Some(field) = &keys.ends {
        if let draft::Moment::After(after) = &field.value
            && after.after.as_ref().is_some_and(|id| keys.id.as_ref().is_some_and(|own| own.value == id.value))
        {
            let fault = Diagnostic::error(field.place.clone(), "`ends` is after the driver's own start");
            context.faults.push(fault.hint("`lasts` says how many years after its start it ends"));
        }
        return Some(End::When(moment(context, field, "ends", owner, others)));
    }
    let field = keys.lasts.as_ref()?;
    Some(End::Lasts(context.quantity(&field.value, &owner.site(field.shared, "lasts", range::ANY))))
}

fn moment(context: &mut Context, field: &Field<draft::Moment>, key: &str, owner: &Owner, others: &Others<'_>) -> Start {
    match &field.value {
        draft::Moment::At(quantity) => {
            let site = owner.date_site(field.shared, key, context.horizon.base);
            Start::At(context.quantity(quantity, &site))
        }
        draft::Moment::After(table) => {
            let site = owner.site(field.shared, &format!("{key}.lag"), range::NOT_NEGATIVE);
            let lag = table.lag.as_ref().map_or(Quantity::Constant(0.0), |lag| context.quantity(&lag.value, &site));
            let driver = table.after.as_ref().and_then(|id| other(context, id, others)).unwrap_or(0);
            Start::After { driver, lag }
        }
        draft::Moment::Hazard(table) => {
            let site = owner.site(field.shared, &format!("{key}.hazard"), range::NOT_NEGATIVE);
            let rate = match &table.hazard {
                None => ByState::Same(Quantity::Constant(0.0)),
                Some(hazard) => context.by_state(&hazard.value, &hazard.place, &site, 0.0),
            };
            let site = owner.date_site(field.shared, &format!("{key}.from"), context.horizon.base);
            let from = match table.from.as_ref().map(|from| context.quantity(&from.value, &site)) {
                // Earlier than t0 counts as t0.
                Some(Quantity::Constant(time)) => Quantity::Constant(time.max(0.0)),
                Some(drawn) => drawn,
                None => Quantity::Constant(0.0),
            };
            Start::Hazard { rate, from }
        }
    }
}

/// The intervention that `after` names.
fn other(context: &mut Context, id: &Field<String>, others: &Others<'_>) -> Option<usize> {
    let Some(&driver) = others.index.get(id.value.as_str()) else {
        let known = others.blocks.iter().filter(|block| is_intervention(block)).map(|block| block.id.value.as_str());
        let fault = Diagnostic::error(id.place.clone(), format!("there is no driver `{}`", id.value));
        context.faults.push(fault.did_you_mean(&id.value, known));
        return None;
    };
    if !is_intervention(&others.blocks[driver]) {
        let message = format!("`after` takes an intervention, and `{}` is of another kind", id.value);
        context.error(&id.place, message);
        return None;
    }
    Some(driver)
}

fn is_intervention(block: &Block) -> bool {
    matches!(block.kind, Kind::Intervention(_))
}

/// If no trial can have the end after the start, the driver never does anything.
fn check_end_after_start(context: &mut Context, keys: &draft::Intervention, start: &Start, end: Option<&End>) {
    let earliest_start = match start {
        Start::At(quantity) => context.inputs.values_of(quantity).map(|values| values.low),
        Start::Hazard { .. } => Some(0.0),
        Start::After { .. } => None,
    };
    let (latest_end, field) = match end {
        Some(End::When(Start::At(quantity))) => {
            (context.inputs.values_of(quantity).map(|values| values.high), keys.ends.as_ref().map(|field| &field.place))
        }
        Some(End::Lasts(quantity)) => {
            let longest = context.inputs.values_of(quantity).map(|values| values.high);
            if longest.is_some_and(|longest| longest <= 0.0)
                && let Some(field) = &keys.lasts
            {
                context.error(&field.place, "`lasts` must be above 0: the driver would end as it starts");
            }
            return;
        }
        _ => return,
    };
    // A muted quantity stands for one that is not known.
    if context.inputs.is_muted {
        return;
    }
    if let (Some(start), Some(end), Some(place)) = (earliest_start, latest_end, field)
        && end <= start
    {
        let place = place.clone();
        context.faults.push(
            Diagnostic::error(place, "the driver ends before it can start, so it never has an effect")
                .hint("`lasts` says how many years after its start it ends"),
        );
    }
}

fn interruption(context: &mut Context, field: &Field<draft::Interruption>, owner: &Owner) -> Interruption {
    let mut rate = |rate: &Option<Field<draft::ByState>>, key: &str| {
        let site = owner.site(field.shared, &format!("interruption.{key}"), range::NOT_NEGATIVE);
        match rate {
            None => ByState::Same(Quantity::Constant(0.0)),
            Some(rate) => context.by_state(&rate.value, &rate.place, &site, 0.0),
        }
    };
    Interruption { off_rate: rate(&field.value.off_rate, "off_rate"), on_rate: rate(&field.value.on_rate, "on_rate") }
}

fn phase_in(context: &mut Context, field: &Field<draft::PhaseIn>, owner: &Owner) -> PhaseIn {
    let mut quantity = |given: &Option<Field<draft::Quantity>>, key: &str, range| match given {
        None => Quantity::Constant(1.0),
        Some(given) => context.quantity(&given.value, &owner.site(field.shared, &format!("phase_in.{key}"), range)),
    };
    match &field.value {
        draft::PhaseIn::Immediate(_) => PhaseIn::Immediate,
        draft::PhaseIn::Linear(table) => PhaseIn::Linear { years: quantity(&table.years, "years", range::POSITIVE) },
        draft::PhaseIn::Exponential(table) => {
            PhaseIn::Exponential { years: quantity(&table.years, "years", range::POSITIVE) }
        }
        draft::PhaseIn::Pulse(table) => PhaseIn::Pulse { years: quantity(&table.years, "years", range::POSITIVE) },
        draft::PhaseIn::Logistic(table) => PhaseIn::Logistic {
            midpoint: quantity(&table.midpoint, "midpoint", range::ANY),
            width: quantity(&table.width, "width", range::POSITIVE),
        },
        draft::PhaseIn::Steps(table) => PhaseIn::Steps(steps(context, table)),
    }
}

fn steps(context: &mut Context, table: &draft::Steps) -> Vec<(f64, f64)> {
    let (Some(years), Some(share)) = (&table.years, &table.share) else { return Vec::new() };
    let n = years.value.len();
    if n == 0 || n > MAX_STEPS || n != share.value.len() {
        let message = format!(
            "`years` and `share` must be lists of the same length, from 1 to {MAX_STEPS}; they have {n} and {}",
            share.value.len()
        );
        context.faults.push(Diagnostic::error(share.place.clone(), message).label(years.place.clone(), "the years"));
    }
    if !years.value.windows(2).all(|pair| pair[0] < pair[1]) {
        context.error(&years.place, "`years` must increase");
    }
    if let Some(first) = years.value.first() {
        checked_number(context, *first, &years.place, "years", &range::NOT_NEGATIVE);
    }
    years.value.iter().copied().zip(share.value.iter().copied()).collect()
}

/// Starts that wait for each other in a circle never come.
pub(super) fn check_chains(context: &mut Context, blocks: &[Block], index: &HashMap<&str, usize>) {
    let waits_for = |block: &Block| -> Option<(usize, Place)> {
        let Kind::Intervention(keys) = &block.kind else { return None };
        let field = keys.start.as_ref()?;
        let draft::Moment::After(after) = &field.value else { return None };
        let id = after.after.as_ref()?;
        Some((*index.get(id.value.as_str())?, id.place.clone()))
    };
    let waits: Vec<Option<(usize, Place)>> = blocks.iter().map(waits_for).collect();
    let uses: Vec<Vec<usize>> = waits.iter().map(|wait| wait.iter().map(|(driver, _)| *driver).collect()).collect();
    for cycle in sorted(&uses).1 {
        let names: Vec<String> =
            cycle.iter().chain(cycle.first()).map(|driver| format!("`{}`", blocks[*driver].id.value)).collect();
        let message = format!("drivers wait for each other's start in a cycle: {}", shortened(&names));
        if let Some((_, place)) = &waits[cycle[0]] {
            context.error(place, message);
        }
    }
}
