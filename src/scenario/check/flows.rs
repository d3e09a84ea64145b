//! Flows: ids, direction, base values, trends.

use crate::diagnostic::Diagnostic;
use crate::scenario::draft::{self, Field};
use crate::scenario::{Base, Flow, Quantity};

use super::context::{Context, Owner};
use super::noise;
use crate::scenario::range;

/// Ids that are always there as measures.
pub(super) const AGGREGATES: [&str; 4] = ["exports", "imports", "total", "balance"];

/// Who trades with whom.
pub(super) struct Pair {
    pub(super) reporter: String,
    pub(super) partners: Vec<String>,
}

/// From what was written to what it means.
pub(super) fn check(
    context: &mut Context,
    flow: &draft::Flow,
    noise: Option<&draft::Noise>,
    pair: Option<&Pair>,
) -> Flow {
    let id = flow.id.as_ref().map(|id| id.value.clone()).unwrap_or_default();
    if let Some(field) = &flow.id {
        context.check_id(&id, &field.place);
        if AGGREGATES.contains(&id.as_str()) {
            let message = format!("a flow cannot have the id `{id}`, which is always there as a measure");
            context.error(&field.place, message);
        }
    }
    let owner = Owner::flow(&id);
    let is_export = pair.is_none_or(|pair| check_direction(context, flow, pair));
    let text = |field: &Option<Field<String>>| field.as_ref().map(|field| field.value.clone());
    Flow {
        title: text(&flow.title),
        from: text(&flow.from).unwrap_or_default(),
        to: text(&flow.to).unwrap_or_default(),
        is_export,
        product: text(&flow.product),
        base: base(context, flow, &owner),
        trend: context.log_points(&flow.trend, &flow.trend_percent, &owner, "trend"),
        capacity: flow
            .capacity
            .as_ref()
            .map(|field| context.quantity(&field.value, &owner.site(field.shared, "capacity", range::POSITIVE))),
        noise: noise::check(context, noise, flow.noise.as_ref(), &owner),
        id,
    }
}

fn base(context: &mut Context, flow: &draft::Flow, owner: &Owner) -> Base {
    // The twins share a draw: both are the size of the flow.
    let (field, key) = match (&flow.base_total, &flow.base) {
        (Some(total), _) => (total, "base_total"),
        (None, Some(rate)) => (rate, "base"),
        (None, None) => return Base::Rate(Quantity::Constant(1.0)),
    };
    let mut site = owner.site(field.shared, key, range::POSITIVE);
    site.identity = owner.site(field.shared, "base", range::POSITIVE).identity;
    site.of_flow = site.of_flow.map(|(name, _)| (name, format!("{}.base", owner.own)));
    let quantity = context.quantity(&field.value, &site);
    if key == "base" { Base::Rate(quantity) } else { Base::Total(quantity) }
}

/// Whether the flow goes from the reporter to a partner; a fault if it does neither that nor the reverse.
fn check_direction(context: &mut Context, flow: &draft::Flow, pair: &Pair) -> bool {
    let (Some(from), Some(to)) = (&flow.from, &flow.to) else { return true };
    let is_partner = |code: &str| pair.partners.iter().any(|partner| partner == code);
    let is_export = from.value == pair.reporter && is_partner(&to.value);
    let is_import = to.value == pair.reporter && is_partner(&from.value);
    if !is_export && !is_import {
        let codes: Vec<&str> = pair.partners.iter().chain([&pair.reporter]).map(String::as_str).collect();
        let wrong = [from, to].into_iter().find(|field| !codes.contains(&field.value.as_str())).unwrap_or(to);
        let message = format!(
            "the flow goes from `{}` to `{}`, which is not between the reporter and a partner",
            from.value, to.value
        );
        let partners: Vec<&str> = pair.partners.iter().map(String::as_str).collect();
        let fault = Diagnostic::error(wrong.place.clone(), message);
        let is_known = codes.contains(&wrong.value.as_str());
        let fault = if is_known { fault } else { fault.did_you_mean(&wrong.value, codes) };
        context.faults.push(fault.hint(format!(
            "the reporter is `{}`; partners are {}",
            pair.reporter,
            draft::list(&partners)
        )));
    }
    is_export
}
