//! Regime drivers: states, chain, levels.

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::draft::{self, Block, Field, Kind, Named, NamedEntry};
use crate::scenario::{ByState, Quantity, Regime};

use super::context::{Context, Owner, twin, unknown_state};
use super::matrix;
use crate::scenario::range;

/// Words that mean something else in tables by state.
const RESERVED: [&str; 5] = ["dist", "after", "hazard", "from", "then"];

/// No regime has more states than this: a chain of 64 already has 4,032 rates.
const MAX_STATES: usize = 64;

/// A rate beyond this is no rate of events that anybody could tell apart.
const MAX_RATE: f64 = 1e9;

/// How far from 1 probabilities may sum.
pub(super) const SUM_TOLERANCE: f64 = 1e-9;

/// Finds the regime driver whose states drive the others: the enabled one, or else the only one.
pub(super) fn find(blocks: &[Block], faults: &mut Vec<Diagnostic>) -> Option<usize> {
    let regimes: Vec<usize> = (0..blocks.len()).filter(|i| matches!(blocks[*i].kind, Kind::Regime(_))).collect();
    let enabled: Vec<usize> = regimes.iter().copied().filter(|i| blocks[*i].is_enabled).collect();
    if let [first, second, ..] = enabled[..] {
        let message = "there can be only one enabled regime driver";
        faults.push(
            Diagnostic::error(blocks[second].id.place.clone(), message)
                .label(blocks[first].id.place.clone(), "the first one")
                .hint("`enabled = false` takes a driver out"),
        );
    }
    enabled.first().or(regimes.first().filter(|_| regimes.len() == 1)).copied()
}

/// The states of a regime in order of first appearance, rows first.
pub(super) fn states(keys: &draft::Regime, faults: &mut Vec<Diagnostic>) -> Vec<String> {
    let Some(rows) = keys.rates.as_ref().or(keys.transition.as_ref()) else { return Vec::new() };
    let columns = rows.value.0.iter().flat_map(|row| row.value.0.iter().map(|entry| (&entry.name, &entry.key)));
    let mut states: Vec<String> = Vec::new();
    for (name, place) in rows.value.0.iter().map(|row| (&row.name, &row.key)).chain(columns) {
        if states.contains(name) {
            continue;
        }
        if states.len() == MAX_STATES {
            faults.push(Diagnostic::error(place.clone(), format!("a regime has at most {MAX_STATES} states")));
            break;
        }
        if RESERVED.contains(&name.as_str()) {
            faults.push(
                Diagnostic::error(place.clone(), format!("a state cannot be named `{name}`"))
                    .hint(format!("{} mean something else in tables by state", draft::list(&RESERVED))),
            );
        }
        states.push(name.clone());
    }
    states
}

/// A regime as it is meant.
pub(super) fn check(context: &mut Context, keys: &draft::Regime, owner: &Owner) -> Regime {
    // A second, disabled regime has states of its own.
    let states = states(keys, &mut Vec::new());
    for rows in keys.rates.iter().chain(&keys.transition) {
        rows.value.0.iter().for_each(|row| context.check_id(&row.name, &row.key));
    }
    let others = context.states.replace(states.clone());
    let regime = Regime {
        start: start(context, keys, &states),
        step_matrix: step_matrix(context, keys, &states),
        hold: keys.hold.as_ref().and_then(|hold| position(context, &hold.value, &hold.place, &states)),
        growth: log_points(context, &keys.growth, &keys.growth_percent, owner, "growth"),
        level: log_points(context, &keys.level, &keys.level_percent, owner, "level"),
        fall_years: context.optional(&keys.fall_years, owner, "fall_years", range::NOT_NEGATIVE, 0.0),
        recover_years: context.optional(&keys.recover_years, owner, "recover_years", range::NOT_NEGATIVE, 0.0),
        volatility: context.optional_by_state(&keys.volatility, owner, "volatility", range::NOT_NEGATIVE, 1.0),
        states,
    };
    context.states = others;
    regime
}

fn log_points(
    context: &mut Context,
    plain: &Option<Field<draft::ByState>>,
    percent: &Option<Field<draft::ByState>>,
    owner: &Owner,
    key: &str,
) -> ByState {
    match twin(plain, percent) {
        None => ByState::Same(Quantity::Constant(0.0)),
        Some((field, is_percent)) => {
            let site = owner.log_site(field.shared, key, is_percent);
            context.by_state(&field.value, &field.place, &site, 0.0)
        }
    }
}

fn position(context: &mut Context, name: &str, place: &Place, states: &[String]) -> Option<usize> {
    let found = states.iter().position(|state| state == name);
    if found.is_none() && !states.is_empty() {
        context.faults.push(unknown_state(name, place, states));
    }
    found
}

fn start(context: &mut Context, keys: &draft::Regime, states: &[String]) -> Vec<f64> {
    let mut start = vec![0.0; states.len()];
    let Some(field) = &keys.start else { return start };
    match &field.value {
        draft::StartState::One(state) => {
            if let Some(state) = position(context, state, &field.place, states) {
                start[state] = 1.0;
            }
        }
        draft::StartState::Probabilities(table) => {
            for entry in &table.0 {
                check_probability(context, entry, "the probability");
                if let Some(state) = position(context, &entry.name, &entry.key, states) {
                    start[state] = entry.value;
                }
            }
            check_sum(context, &table.0, "the probabilities of `start`", &field.place);
            let mut rows = [start];
            matrix::normalise(&mut rows);
            [start] = rows;
        }
    }
    start
}

fn step_matrix(context: &mut Context, keys: &draft::Regime, states: &[String]) -> Vec<Vec<f64>> {
    match (&keys.rates, &keys.transition) {
        (Some(rates), _) => {
            let rates = rates_matrix(context, &rates.value, states);
            matrix::step_matrix(&rates, context.horizon.dt())
        }
        (None, Some(transition)) => transition_matrix(context, &transition.value, states),
        (None, None) => Vec::new(),
    }
}

fn rates_matrix(context: &mut Context, rates: &Named<Named<f64>>, states: &[String]) -> Vec<Vec<f64>> {
    let mut matrix = vec![vec![0.0; states.len()]; states.len()];
    for (row, entry) in entries(rates) {
        if row.name == entry.name {
            let fault = Diagnostic::error(entry.key.clone(), format!("`{}` has a rate to itself", row.name));
            context.faults.push(fault.hint("what does not leave a state stays; leave the entry out"));
            continue;
        }
        if !(0.0..=MAX_RATE).contains(&entry.value) {
            context.error(&entry.place, format!("a rate must be from 0 to {MAX_RATE:e} a year, not {}", entry.value));
            continue;
        }
        let at = |name: &str| states.iter().position(|state| state == name);
        if let (Some(from), Some(to)) = (at(&row.name), at(&entry.name)) {
            matrix[from][to] = entry.value;
        }
    }
    matrix
}

fn transition_matrix(context: &mut Context, transition: &Named<Named<f64>>, states: &[String]) -> Vec<Vec<f64>> {
    let mut matrix = vec![vec![0.0; states.len()]; states.len()];
    let at = |name: &str| states.iter().position(|state| state == name);
    for (row, entry) in entries(transition) {
        check_probability(context, entry, "the probability");
        if let (Some(from), Some(to)) = (at(&row.name), at(&entry.name)) {
            matrix[from][to] = entry.value.clamp(0.0, 1.0);
        }
    }
    for row in &transition.0 {
        check_sum(
            context,
            &row.value.0,
            &format!("the probabilities of leaving `{}` or staying", row.name),
            &row.place,
        );
    }
    for (state, row) in matrix.iter_mut().enumerate() {
        // A state without a row is absorbing.
        if row.iter().all(|entry| *entry == 0.0) {
            row[state] = 1.0;
        }
    }
    matrix::normalise(&mut matrix);
    matrix
}

fn entries(rows: &Named<Named<f64>>) -> impl Iterator<Item = (&NamedEntry<Named<f64>>, &NamedEntry<f64>)> {
    rows.0.iter().flat_map(|row| row.value.0.iter().map(move |entry| (row, entry)))
}

/// A probability from 0 to 1.
pub(super) fn check_probability(context: &mut Context, entry: &NamedEntry<f64>, what: &str) {
    if !(0.0..=1.0).contains(&entry.value) {
        let message = format!("{what} of `{}` must be from 0 to 1, not {}", entry.name, entry.value);
        context.error(&entry.place, message);
    }
}

/// Probabilities that sum to 1.
pub(super) fn check_sum(context: &mut Context, entries: &[NamedEntry<f64>], what: &str, place: &Place) {
    let sum: f64 = entries.iter().map(|entry| entry.value).sum();
    if (sum - 1.0).abs() > SUM_TOLERANCE {
        // Twelve digits, so that 0.1 + 0.2 does not show what rounding left.
        let sum = (sum * 1e12).round() / 1e12;
        context.error(place, format!("{what} sum to {sum}, not to 1"));
    }
}
