//! Warnings of when drivers act, and of states that are never met.

use crate::diagnostic::Diagnostic;
use crate::scenario::draft::{self, Kind};
use crate::scenario::{
    Base, ByState, Cargo, Driver, DriverKind, Intervention, PhaseIn, Quantity, Regime, Scenario, Size, Start,
};

use super::Written;
use super::seen::{law, seen};

/// Cargoes worth more than this share of their flow's base a year may well be in it already.
const LARGE_CARGOES: f64 = 0.1;

/// A matrix of one step with so small a chance of staying was probably meant for a year.
const LOW_STAY: f64 = 0.8;

pub(super) fn lint(scenario: &Scenario, written: &Written<'_>, warnings: &mut Vec<Diagnostic>) {
    for (driver, block) in scenario.drivers.iter().zip(written.drivers).filter(|(driver, _)| driver.enabled) {
        match (&driver.kind, &block.kind) {
            (DriverKind::Intervention(it), Kind::Intervention(keys)) => {
                announced_date(driver, it, keys, warnings);
                started_before(it, keys, warnings);
            }
            (DriverKind::Regime(it), Kind::Regime(keys)) => {
                yearly_transition(scenario, it, keys, warnings);
                unreached_states(it, keys, warnings);
            }
            (DriverKind::Cargo(it), Kind::Cargo(keys)) => cargo_in_base(scenario, it, keys, warnings),
            _ => {}
        }
    }
}

/// Customs figures hold the cargoes of their year: a base taken from them and cargoes on top count some twice.
fn cargo_in_base(scenario: &Scenario, it: &Cargo, keys: &draft::Cargo, warnings: &mut Vec<Diagnostic>) {
    let Some(flow) = keys.flow.as_ref().filter(|_| keys.outside_base.is_none()) else { return };
    let (Base::Rate(base) | Base::Total(base)) = &scenario.flows[it.flow].base;
    let (Some(a_year), Some(base)) = (value_a_year(scenario, it), seen(scenario, base)) else { return };
    if a_year <= LARGE_CARGOES * base.median {
        return;
    }
    let id = &scenario.flows[it.flow].id;
    let message =
        format!("cargoes of about {a_year:.0} a year come on top of the base of `{id}`, which may hold some already");
    warnings.push(
        Diagnostic::warning(flow.place.clone(), message)
            .hint("take the cargoes of the base year out of `base` or `base_total`")
            .hint("if they are not in it, `outside_base = true` in this driver says so"),
    );
}

/// Rate times mean size, in the state with the most; nothing where a formula hides it.
fn value_a_year(scenario: &Scenario, it: &Cargo) -> Option<f64> {
    let rates = match &it.rate {
        ByState::Same(rate) => std::slice::from_ref(rate),
        ByState::Each(rates) => rates,
    };
    let rate = rates.iter().filter_map(|rate| seen(scenario, rate)).map(|rate| rate.median).reduce(f64::max)?;
    let size = match &it.size {
        Size::EachEvent(law, _) => law.mean()?,
        Size::EachTrial(Quantity::Constant(size)) => *size,
        Size::EachTrial(size) => law(scenario, size)?.mean()?,
    };
    Some(rate * size)
}

/// A date that was announced is not yet a fact.
fn announced_date(driver: &Driver, it: &Intervention, keys: &draft::Intervention, warnings: &mut Vec<Diagnostic>) {
    let Some(start) = &keys.start else { return };
    let is_certain = matches!(&it.start, Start::At(Quantity::Constant(time)) if *time > 0.0);
    if !is_certain || keys.chance.is_some() || !driver.when.is_empty() {
        return;
    }
    warnings.push(
        Diagnostic::warning(start.place.clone(), "a date to come is taken as certain")
            .hint("dates slip: give a law, `{ dist = \"triangular\", min = .., mode = .., max = .. }`, or a `chance` that it happens")
            .hint("in a what-if, `chance = 1` says that this is meant"),
    );
}

/// What began before `t0` is partly in the past, and may be in the trend as well.
fn started_before(it: &Intervention, keys: &draft::Intervention, warnings: &mut Vec<Diagnostic>) {
    let (Some(start), Start::At(Quantity::Constant(time))) = (&keys.start, &it.start) else { return };
    if *time >= 0.0 {
        return;
    }
    let never_changes = it.ends.is_none() && it.interruption.is_none() && matches!(it.strength, ByState::Same(_));
    if matches!(it.phase_in, PhaseIn::Immediate) && never_changes {
        warnings.push(
            Diagnostic::warning(
                start.place.clone(),
                "this driver moves nothing: all of its effect is in the base value",
            )
            .hint("what it does after the base year takes a `phase_in` that is not over, an end or an `interruption`"),
        );
    } else if keys.already_counted.is_none() {
        warnings.push(
            Diagnostic::warning(
                start.place.clone(),
                "this driver began before the base year's end, so `trend` may hold its effect too",
            )
            .hint("`already_counted` is the share of what is left that the trend holds; 0 says none"),
        );
    }
}

fn yearly_transition(scenario: &Scenario, it: &Regime, keys: &draft::Regime, warnings: &mut Vec<Diagnostic>) {
    let Some(field) = &keys.transition else { return };
    let lowest = (0..it.states.len()).map(|state| it.step_matrix[state][state]).fold(1.0, f64::min);
    if scenario.horizon.steps_per_year == 1 || lowest > LOW_STAY {
        return;
    }
    let message = format!(
        "`transition` is of one {}, and a state stays with probability {lowest} only: is it a year's matrix?",
        scenario.horizon.step()
    );
    warnings
        .push(Diagnostic::warning(field.place.clone(), message).hint("`rates`, a year, mean the same for every step"));
}

fn unreached_states(it: &Regime, keys: &draft::Regime, warnings: &mut Vec<Diagnostic>) {
    if it.hold.is_some() {
        return;
    }
    let mut is_reached: Vec<bool> = it.start.iter().map(|p| *p > 0.0).collect();
    for _ in 0..it.states.len() {
        for from in 0..it.states.len() {
            if is_reached[from] {
                (0..it.states.len()).filter(|to| it.step_matrix[from][*to] > 0.0).for_each(|to| is_reached[to] = true);
            }
        }
    }
    let Some(rows) = keys.rates.as_ref().or(keys.transition.as_ref()) else { return };
    for state in (0..it.states.len()).filter(|state| !is_reached[*state]) {
        let message = format!("no path from `start` leads to the state `{}`", it.states[state]);
        let row = rows.value.0.iter().find(|row| row.name == it.states[state]);
        let place = row.map_or(&rows.place, |row| &row.key);
        warnings.push(Diagnostic::warning(place.clone(), message).hint("give a state that is met a rate to it"));
    }
}
