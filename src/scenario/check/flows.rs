//! Flows: ids, direction, base values, trends.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::draft::{self, Field, Keys};
use crate::scenario::node::{Node, Table};
use crate::scenario::{Base, Flow, Quantity};

use super::context::{Context, Owner};
use super::noise;
use super::range;

/// No scenario has more flows than this.
pub(super) const MAX_FLOWS: usize = 100_000;

/// Ids that are always there as measures.
pub(super) const AGGREGATES: [&str; 4] = ["exports", "imports", "total", "balance"];

/// Who trades with whom.
pub(super) struct Pair {
    pub(super) reporter: String,
    pub(super) partners: Vec<String>,
}

/// Reads the blocks with their defaults. Those without an id of their own are left out.
pub(super) fn read(
    blocks: &[draft::Raw<draft::Flow>],
    defaults: Option<&Node>,
    faults: &mut Vec<Diagnostic>,
) -> Vec<draft::Flow> {
    let defaults = defaults.map(|node| read_defaults(node, faults)).unwrap_or_default();
    if let Some(extra) = blocks.get(MAX_FLOWS) {
        faults.push(Diagnostic::error(extra.node.place.clone(), format!("there are more than {MAX_FLOWS} flows")));
    }
    let mut seen: HashMap<String, Place> = HashMap::new();
    let mut flows = Vec::new();
    for block in blocks.iter().take(MAX_FLOWS) {
        let Some(table) = draft::as_table("flow", "a block,", &block.node, faults) else { continue };
        let given = draft::with_defaults(table, &defaults, draft::Flow::RIVALS);
        draft::check_unknown::<draft::Flow>(&given, faults);
        draft::check_rivals(draft::Flow::RIVALS, &given, faults);
        draft::check_required(draft::Flow::WHAT, draft::Flow::REQUIRED, &block.node.place, &given, faults);
        let flow = draft::Flow::read_keys(&block.node.place, &given, faults);
        if flow.id.as_ref().is_some_and(|id| is_new(id, "flow", &mut seen, faults)) {
            flows.push(flow);
        }
    }
    flows
}

/// Whether an id is the first of its kind; a second one is a fault.
pub(super) fn is_new(
    id: &Field<String>,
    what: &str,
    seen: &mut HashMap<String, Place>,
    faults: &mut Vec<Diagnostic>,
) -> bool {
    match seen.insert(id.value.clone(), id.place.clone()) {
        None => true,
        Some(first) => {
            let message = format!("there are two {what}s with the id `{}`", id.value);
            faults.push(Diagnostic::error(id.place.clone(), message).label(first, "the first one"));
            false
        }
    }
}

/// `[defaults.flow]`: its faults are told even if no flow takes anything from it.
fn read_defaults(node: &Node, faults: &mut Vec<Diagnostic>) -> Table {
    let Some(table) = draft::as_table("flow", "a table of defaults,", node, faults) else { return Table::default() };
    let given = draft::own_entries(table);
    draft::check_unknown::<draft::Flow>(&given, faults);
    draft::check_rivals(draft::Flow::RIVALS, &given, faults);
    draft::Flow::read_keys(&node.place, &given, faults);
    check_no_id(table, faults);
    let usable = |key: &str| key != "id" && draft::Flow::KEYS.contains(&key);
    Table { entries: table.entries.iter().filter(|entry| usable(&entry.key)).cloned().collect() }
}

/// An id belongs to one block.
pub(super) fn check_no_id(table: &Table, faults: &mut Vec<Diagnostic>) {
    if let Some(id) = table.get("id") {
        faults.push(Diagnostic::error(id.key_place.clone(), "an `id` belongs to one block and cannot be a default"));
    }
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
        capacity: flow.capacity.as_ref().map(|field| {
            context.quantity(&field.value, &owner.site(field.shared, "capacity", range::POSITIVE))
        }),
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
        let message = format!("the flow goes from `{}` to `{}`, which is not between the reporter and a partner", from.value, to.value);
        let partners: Vec<&str> = pair.partners.iter().map(String::as_str).collect();
        context.faults.push(
            Diagnostic::error(wrong.place.clone(), message)
                .did_you_mean(&wrong.value, codes)
                .hint(format!("the reporter is `{}`; partners are {}", pair.reporter, draft::list(&partners))),
        );
    }
    is_export
}
