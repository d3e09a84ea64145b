//! `[history]`: what observes which flows, and how well.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::history::{self, Layout, Unit, Valuation};
use crate::scenario::draft::{self, Field, NamedEntry, Texts};
use crate::scenario::{Flow, HistorySpec, Measure, MeasureRef, Observable, Reporter};

use super::context::Context;
use super::inputs::Site;
use super::measures;
use crate::scenario::{Convert, Quantity, Range, range};

/// What the rest of the scenario is.
pub(super) struct Known<'a> {
    pub(super) flows: &'a [Flow],
    pub(super) measures: &'a [Measure],
    pub(super) unit: &'a str,
}

pub(super) fn check(context: &mut Context, table: &draft::History, known: &Known<'_>) -> Option<HistorySpec> {
    let layout = layout(context, table);
    let observables = match &table.flows {
        Some(field) => field.value.0.iter().filter_map(|entry| observable(context, entry, known)).collect(),
        None => by_partner(known.flows),
    };
    let reporters = table.reporters.iter().flat_map(|field| &field.value.0);
    let reporters = reporters.map(|entry| reporter(context, entry)).collect();
    let file = table.file.as_ref()?;
    let Some(unit) = Unit::named(known.unit) else {
        let message = format!("values in `{}` cannot be compared with a table of trade", known.unit);
        let fault = Diagnostic::error(file.key.clone(), message);
        context.faults.push(fault.hint("`[history]` needs a `value.unit` such as \"USD million\""));
        return None;
    };
    Some(HistorySpec {
        file: file.value.clone(),
        path: file.value.clone().into(),
        place: file.place.clone(),
        layout,
        unit,
        observables,
        reporters,
    })
}

fn layout(context: &mut Context, table: &draft::History) -> Layout {
    let mut layout = Layout::default();
    for entry in table.columns.iter().flat_map(|field| &field.value.0) {
        if let Err(error) = layout.set(&entry.name, &entry.value) {
            context.error(&entry.key, error.0);
        }
    }
    if let Some(field) = &table.unit {
        layout.unit = Unit::named(&field.value);
        if layout.unit.is_none() {
            let fault = Diagnostic::error(field.place.clone(), format!("`{}` is no unit that is known", field.value));
            context.faults.push(fault.hint("a unit is a multiple of a currency, such as \"USD million\" or \"EUR\""));
        }
    }
    layout.valuation = table.valuation.as_ref().map(|field| match field.value {
        draft::ValuationWord::Fob => Valuation::Fob,
        draft::ValuationWord::Cif => Valuation::Cif,
    });
    layout
}

/// What one entry of `flows` observes and by which series.
fn observable(context: &mut Context, entry: &NamedEntry<draft::Selection>, known: &Known<'_>) -> Option<Observable> {
    let flows = observed_flows(context, &entry.name, &entry.key, known)?;
    if flows.is_empty() {
        context.error(&entry.key, format!("there are no flows in `{}` that could be observed", entry.name));
        return None;
    }
    let texts = |field: &Option<Field<Texts>>| -> Vec<String> {
        field.iter().flat_map(|field| &field.value.0).map(|text| text.value.clone()).collect()
    };
    let (from, to) = (texts(&entry.value.from), texts(&entry.value.to));
    let pairs = match (&from[..], &to[..]) {
        ([], []) => pairs_of(&flows, known.flows),
        ([], to) => product(&distinct(flows.iter().map(|flow| &known.flows[*flow].from)), to),
        (from, []) => product(from, &distinct(flows.iter().map(|flow| &known.flows[*flow].to))),
        (from, to) => product(from, to),
    };
    let pairs = distinct(pairs.into_iter().map(|(from, to)| (history::country(&from), history::country(&to))));
    let reporters = texts(&entry.value.reporter).iter().map(|name| history::country(name)).collect();
    let products = texts(&entry.value.product);
    Some(Observable { name: entry.name.clone(), place: Some(entry.key.clone()), flows, pairs, products, reporters })
}

/// The flows whose sum a key of `flows` is.
fn observed_flows(context: &mut Context, name: &str, place: &Place, known: &Known<'_>) -> Option<Vec<usize>> {
    if name.ends_with('*') {
        context.flows.check_pattern(name, place, &mut context.faults);
        let mut flows = context.flows.matching(name);
        flows.sort_unstable();
        return Some(flows).filter(|flows| !flows.is_empty());
    }
    let own: HashMap<&str, usize> = known.measures.iter().enumerate().map(|(at, own)| (own.id.as_str(), at)).collect();
    let all = 0..known.flows.len();
    Some(match measures::measure(context, name, place, &own)? {
        MeasureRef::Flow(flow) => vec![flow],
        MeasureRef::Exports => all.filter(|flow| known.flows[*flow].is_export).collect(),
        MeasureRef::Imports => all.filter(|flow| !known.flows[*flow].is_export).collect(),
        MeasureRef::Total => all.collect(),
        MeasureRef::Own(own) => known.measures[own].flows.clone(),
        MeasureRef::Balance => {
            let fault = Diagnostic::error(place.clone(), "`balance` cannot be observed: it is no sum of flows");
            context.faults.push(fault.hint("let `exports` and `imports` be observed"));
            return None;
        }
    })
}

/// Exports to and imports from each partner, as far as the scenario has flows of them.
fn by_partner(flows: &[Flow]) -> Vec<Observable> {
    let pairs = pairs_of(&(0..flows.len()).collect::<Vec<_>>(), flows);
    let n_exports = pairs.iter().filter(|pair| flows.iter().any(|flow| flow.is_export && is_of(flow, pair))).count();
    let is_single = n_exports <= 1 && pairs.len() - n_exports <= 1;
    let observable = |pair: (String, String)| {
        let summed: Vec<usize> = (0..flows.len()).filter(|flow| is_of(&flows[*flow], &pair)).collect();
        let direction = if flows[summed[0]].is_export { "exports" } else { "imports" };
        let name = if is_single { direction.to_owned() } else { format!("{direction} {} to {}", pair.0, pair.1) };
        let pairs = vec![(history::country(&pair.0), history::country(&pair.1))];
        Observable { name, place: None, flows: summed, pairs, products: Vec::new(), reporters: Vec::new() }
    };
    pairs.into_iter().map(observable).collect()
}

fn is_of(flow: &Flow, pair: &(String, String)) -> bool {
    (&flow.from, &flow.to) == (&pair.0, &pair.1)
}

/// Between whom some flows go, each pair once.
fn pairs_of(flows: &[usize], all: &[Flow]) -> Vec<(String, String)> {
    distinct(flows.iter().map(|flow| (all[*flow].from.clone(), all[*flow].to.clone())))
}

fn product(from: &[String], to: &[String]) -> Vec<(String, String)> {
    from.iter().flat_map(|from| to.iter().map(move |to| (from.clone(), to.clone()))).collect()
}

fn distinct<T: Clone + PartialEq>(items: impl Iterator<Item = impl std::borrow::Borrow<T>>) -> Vec<T> {
    let mut found: Vec<T> = Vec::new();
    for item in items {
        if !found.contains(item.borrow()) {
            found.push(item.borrow().clone());
        }
    }
    found
}

fn reporter(context: &mut Context, entry: &NamedEntry<draft::Reporter>) -> Reporter {
    let quantity = |context: &mut Context, field: &Option<Field<draft::Quantity>>, key: &str, range: Range| {
        let name = format!("history.reporters.{}.{key}", entry.name);
        let site =
            Site { identity: name.clone(), name, of_flow: None, key: key.to_owned(), range, convert: Convert::AsIs };
        field.as_ref().map(|field| context.quantity(&field.value, &site))
    };
    Reporter {
        name: history::country(&entry.name),
        bias: quantity(context, &entry.value.bias, "bias", range::ANY).unwrap_or(Quantity::Constant(0.0)),
        error: quantity(context, &entry.value.error, "error", range::NOT_NEGATIVE),
    }
}
