//! Drivers of all kinds: what they have in common.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::scenario::draft::{self, Block, Kind};
use crate::scenario::{Driver, DriverKind, Quantity};

use super::context::{Context, Owner};
use super::flow_index::longest_match;
use super::{events, intervention, process, regime};
use crate::scenario::range;

/// No scenario has more exposures, flows times drivers, than this.
const MAX_EXPOSURES: usize = 4_000_000;

/// All drivers in the file's order.
pub(super) fn check(context: &mut Context, blocks: &[Block]) -> Vec<Driver> {
    if let Some(last) = blocks.last().filter(|_| blocks.len() * context.flows.len() > MAX_EXPOSURES) {
        let message = format!(
            "{} drivers on {} flows are more than {MAX_EXPOSURES} exposures",
            blocks.len(),
            context.flows.len()
        );
        context.error(&last.place, message);
        return Vec::new();
    }
    let index: HashMap<&str, usize> =
        blocks.iter().enumerate().map(|(driver, block)| (block.id.value.as_str(), driver)).collect();
    let drivers = blocks
        .iter()
        .map(|block| {
            // What takes no part is checked but draws nothing.
            context.inputs.is_muted = !block.is_enabled;
            let driver = check_block(context, block, blocks, &index);
            context.inputs.is_muted = false;
            driver
        })
        .collect();
    intervention::check_chains(context, blocks, &index);
    drivers
}

fn check_block(context: &mut Context, block: &Block, blocks: &[Block], index: &HashMap<&str, usize>) -> Driver {
    context.check_id(&block.id.value, &block.id.place);
    let owner = Owner::driver(&block.id.value);
    let kind = match &block.kind {
        Kind::Intervention(keys) => DriverKind::Intervention(intervention::check(context, keys, &owner, blocks, index)),
        Kind::Regime(keys) => DriverKind::Regime(regime::check(context, keys, &owner)),
        Kind::Process(keys) => DriverKind::Process(process::check(context, keys, &owner)),
        Kind::Shock(keys) => DriverKind::Shock(events::check_shock(context, keys, &owner)),
        Kind::Cargo(keys) => DriverKind::Cargo(events::check_cargo(context, keys, &owner)),
    };
    Driver {
        id: block.id.value.clone(),
        title: block.title.clone(),
        enabled: block.is_enabled,
        when: when(context, block),
        exposure: if matches!(block.kind, Kind::Cargo(_)) { Vec::new() } else { exposure(context, block, &owner) },
        kind,
    }
}

fn when(context: &mut Context, block: &Block) -> Vec<(usize, usize)> {
    let entries = block.when.as_ref().map_or(&[][..], |field| &field.value.0);
    let mut conditions = Vec::new();
    for entry in entries {
        let Some(choice) = context.choices.iter().position(|(id, _)| *id == entry.name) else {
            let known = context.choices.iter().map(|(id, _)| id.as_str());
            let fault = Diagnostic::error(entry.key.clone(), format!("there is no choice `{}`", entry.name));
            let fault = fault.did_you_mean(&entry.name, known);
            context.faults.push(fault);
            continue;
        };
        let options = &context.choices[choice].1;
        match options.iter().position(|option| *option == entry.value.value) {
            Some(option) => conditions.push((choice, option)),
            None => {
                let known: Vec<&str> = options.iter().map(String::as_str).collect();
                let message = format!("the choice `{}` has no option `{}`", entry.name, entry.value.value);
                let fault = Diagnostic::error(entry.value.place.clone(), message)
                    .did_you_mean(&entry.value.value, known.iter().copied())
                    .hint(format!("its options are {}", draft::list(&known)));
                context.faults.push(fault);
            }
        }
    }
    conditions
}

/// The exposure of each flow: 1 without a table, else that of the longest pattern that matches, or 0.
fn exposure(context: &mut Context, block: &Block, owner: &Owner) -> Vec<Quantity> {
    let n_flows = context.flows.len();
    let Some(field) = &block.exposure else { return vec![Quantity::Constant(1.0); n_flows] };
    let mut patterns = HashMap::new();
    for entry in &field.value.0 {
        context.flows.check_pattern(&entry.name, &entry.key, &mut context.faults);
        patterns.insert(entry.name.as_str(), entry);
    }
    let site = owner.site(field.shared, "exposure", range::ANY);
    (0..n_flows)
        .map(|flow| {
            let id = context.flows.ids[flow].clone();
            let Some(entry) = longest_match(&patterns, &id) else { return Quantity::Constant(0.0) };
            let of_flow = format!("{}.exposure.{id}", owner.own);
            let mut site = site.at(&entry.name);
            site.of_flow = Some((of_flow.clone(), of_flow));
            context.quantity(&entry.value, &site)
        })
        .collect()
}
