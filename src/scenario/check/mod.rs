//! From what was written to what it means: names become indices, dates years, quantities constants and inputs.
//!
//! All faults are told at once. Where something is at fault a stand-in is put in its place, so that the rest can be
//! looked at; a scenario with an error is not handed out.

mod interval;
mod laws;
mod inputs;
mod flow_index;
mod context;
mod parameters;
mod noise;
mod flows;
mod correlation;
mod matrix;
mod regime;
mod process;
mod events;
mod intervention;
mod drivers;
mod measures;
mod history;
mod top;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use super::draft::{self, Block, Field, Kind};
use super::node::Node;
use super::{Correlation, Flow, Scenario, lint};
use crate::diagnostic::{Diagnostic, Place, Severity};

use context::Context;

/// Checks a scenario whose overlays have been put together. `file_stem` is its id if it names none.
pub(crate) fn check(root: &Node, file_stem: &str, faults: &mut Vec<Diagnostic>) -> Option<Scenario> {
    let mut found = Vec::new();
    let scenario = check_root(root, file_stem, &mut found);
    let is_right = found.iter().all(|fault| fault.severity != Severity::Error);
    faults.extend(once_each(found));
    scenario.filter(|_| is_right)
}

fn check_root(root: &Node, file_stem: &str, faults: &mut Vec<Diagnostic>) -> Option<Scenario> {
    let top: draft::Top = draft::read_table("scenario", root, faults)?;
    let horizon = top.horizon.as_ref().and_then(|field| top::horizon(&field.value, faults))?;
    let defaults = top.defaults.as_ref().map(|field| &field.value);
    let flow_defaults = defaults.and_then(|defaults| defaults.flow.as_ref()).map(|field| &field.value.node);
    let driver_defaults = defaults.and_then(|defaults| defaults.driver.as_ref()).map(|field| &field.value.node);
    let flows = draft::read_flows(blocks(&top.flow), flow_defaults, faults);
    let blocks = draft::read_drivers(blocks(&top.driver), driver_defaults, faults);
    let mut context = Context::new(horizon, &flows, std::mem::take(faults));
    find_states(&mut context, &blocks);
    if let Some(parameters) = &top.parameters {
        parameters::declare(&mut context, &parameters.value);
    }
    let scenario = put_together(&mut context, &top, file_stem, &flows, &blocks);
    *faults = std::mem::take(&mut context.faults);
    let scenario = Scenario { inputs: context.inputs.into_list(), ..scenario };
    if faults.iter().all(|fault| fault.severity != Severity::Error) {
        faults.extend(lint::lint(&scenario, &lint::Written { top: &top, flows: &flows, drivers: &blocks }));
    }
    Some(scenario)
}

/// The blocks of a list that may be missing.
fn blocks<T>(field: &Option<Field<Vec<T>>>) -> &[T] {
    field.as_ref().map_or(&[], |field| &field.value)
}

fn find_states(context: &mut Context, blocks: &[Block]) {
    let regime = regime::find(blocks, &mut context.faults).map(|driver| &blocks[driver].kind);
    let has_regime = blocks.iter().any(|block| matches!(block.kind, Kind::Regime(_)));
    let states = match regime {
        Some(Kind::Regime(keys)) => regime::states(keys, &mut context.faults),
        _ => Vec::new(),
    };
    context.states_are_faulty = has_regime && states.is_empty();
    context.states = Some(states).filter(|states| !states.is_empty());
}

fn put_together(
    context: &mut Context,
    top: &draft::Top,
    file_stem: &str,
    written_flows: &[draft::Flow],
    blocks: &[Block],
) -> Scenario {
    let pair = top.pair.as_ref().map(|field| top::pair(context, &field.value));
    let noise = top.noise.as_ref().map(|field| &field.value);
    noise::check_unused(context, noise);
    let flows: Vec<Flow> = written_flows.iter().map(|flow| flows::check(context, flow, noise, pair.as_ref())).collect();
    let choices = measures::choices(context, self::blocks(&top.choice));
    let correlation = noise.and_then(|noise| noise.correlation.as_ref());
    let correlation = correlation.map_or(Correlation::Independent, |field| correlation::check(context, &field.value));
    let drivers = drivers::check(context, blocks);
    let measures = measures::measures(context, self::blocks(&top.measure), written_flows);
    let targets = measures::targets(context, self::blocks(&top.target), &measures);
    let names = top::names(context, top, file_stem);
    let value = top::value(top);
    let history = top.history.as_ref().and_then(|field| {
        let known = history::Known { flows: &flows, measures: &measures, unit: &value.unit };
        history::check(context, &field.value, &known)
    });
    Scenario {
        id: names.id,
        title: names.title,
        as_of: top.as_of.as_ref().and_then(|field| top::information_date(context, &field.value)),
        notes: top.notes.as_ref().map(|field| field.value.clone()),
        reporter: pair.as_ref().map(|pair| pair.reporter.clone()).unwrap_or_default(),
        partners: pair.map(|pair| pair.partners).unwrap_or_default(),
        unit: value.unit,
        prices: value.prices,
        metric: value.metric,
        horizon: context.horizon.clone(),
        inputs: Vec::new(),
        flows,
        noise_shape: noise::common_shape(context, noise),
        correlation,
        regime: regime::find(blocks, &mut Vec::new()),
        drivers,
        choices,
        measures,
        targets,
        history,
        only: None,
    }
}

/// Faults in what many blocks share are told once.
fn once_each(faults: Vec<Diagnostic>) -> impl Iterator<Item = Diagnostic> {
    let mut told: HashSet<(String, Option<(usize, usize)>)> = HashSet::new();
    faults.into_iter().filter(move |fault| {
        let start = |(place, _): &(Place, String)| (place.file, place.span.start);
        told.insert((fault.message.clone(), fault.labels.first().map(start)))
    })
}
