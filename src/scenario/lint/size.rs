//! Warnings of sizes in log points: mistaken units, infinite means, growth and fans that run away.

use crate::diagnostic::Diagnostic;
use crate::quantity::Law;
use crate::scenario::draft::{Field, Kind};
use crate::scenario::{ByState, Driver, DriverKind, Quantity, Regime, Scenario, Size};

use super::Written;
use super::seen::{law, seen};

/// A factor of 2.7: larger than any single measure is known to have.
const LARGE_EFFECT: f64 = 1.0;

/// Growth by a factor of 1.6 a year.
const LARGE_GROWTH: f64 = 0.5;

/// A factor of 5 over the whole horizon.
const LARGE_RUN: f64 = 1.6;

/// An sd of 0.6 log points at the end, a factor of 7 between the quantiles at 5 % and 95 %: as much as the noise
/// of ten years gives.
const LARGE_FAN: f64 = 0.6;

pub(super) fn lint(scenario: &Scenario, written: &Written<'_>, warnings: &mut Vec<Diagnostic>) {
    for (flow, written) in scenario.flows.iter().zip(written.flows) {
        if let Some(field) = &written.trend {
            growth_in_percent(scenario, &flow.trend, field, "trend", warnings);
        }
        if let Some(field) = written.trend.as_ref().or(written.trend_percent.as_ref()) {
            fan(scenario, &flow.trend, field, "trend", warnings);
            infinite_mean(law(scenario, &flow.trend), field, "trend", warnings);
            if flow.capacity.is_none() {
                let run = seen(scenario, &flow.trend).map_or(0.0, |seen| seen.median * years(scenario));
                runs_away(run, field, "trend", "`capacity` is a ceiling", warnings);
            }
        }
    }
    for (driver, block) in scenario.drivers.iter().zip(written.drivers).filter(|(driver, _)| driver.enabled) {
        lint_driver(scenario, driver, &block.kind, warnings);
    }
}

fn lint_driver(scenario: &Scenario, driver: &Driver, written: &Kind, warnings: &mut Vec<Diagnostic>) {
    match (&driver.kind, written) {
        (DriverKind::Intervention(it), Kind::Intervention(keys)) => {
            if let Some(field) = &keys.effect {
                effect_in_percent(scenario, &it.effect, field, "effect", warnings);
            }
            if let Some(field) = keys.effect.as_ref().or(keys.effect_percent.as_ref()) {
                infinite_mean(law(scenario, &it.effect), field, "effect", warnings);
            }
        }
        (DriverKind::Regime(it), Kind::Regime(keys)) => {
            for (field, by_state) in [(&keys.level, &it.level), (&keys.growth, &it.growth)] {
                for quantity in field.iter().flat_map(|_| each(by_state)) {
                    let field = field.as_ref().expect("the iterator is empty without it");
                    effect_in_percent(scenario, quantity, field, "this", warnings);
                }
            }
            for (field, by_state) in [
                (keys.level.as_ref().or(keys.level_percent.as_ref()), &it.level),
                (keys.growth.as_ref().or(keys.growth_percent.as_ref()), &it.growth),
            ] {
                let Some(field) = field else { continue };
                each(by_state).for_each(|quantity| infinite_mean(law(scenario, quantity), field, "this", warnings));
            }
            if let Some(field) = keys.growth.as_ref().or(keys.growth_percent.as_ref()) {
                let hint = "growth in a state that hardly ends has no limit; `level` has one";
                runs_away(regime_run(scenario, it), field, "growth", hint, warnings);
            }
        }
        (DriverKind::Process(it), Kind::Process(keys)) => {
            if let Some(field) = keys.growth.as_ref().or(keys.growth_percent.as_ref()) {
                let run = it.growth.iter().filter_map(|year| seen(scenario, year)).map(|seen| seen.median).sum();
                runs_away(
                    run,
                    field,
                    "growth",
                    "`growth` by calendar year can end: `{ 2023 = 0.3, then = 0.02 }`",
                    warnings,
                );
                if let Some(year) = it.growth.first() {
                    fan(scenario, year, field, "growth", warnings);
                    infinite_mean(law(scenario, year), field, "growth", warnings);
                }
            }
        }
        (DriverKind::Shock(it), Kind::Shock(keys)) => {
            let Some(field) = keys.size.as_ref().or(keys.size_percent.as_ref()) else { return };
            match &it.size {
                Size::EachEvent(law, _) => infinite_mean(Some(law), field, "size", warnings),
                Size::EachTrial(quantity) => infinite_mean(law(scenario, quantity), field, "size", warnings),
            }
            if let (Some(field), Size::EachTrial(quantity)) = (&keys.size, &it.size) {
                effect_in_percent(scenario, quantity, field, "size", warnings);
            }
        }
        _ => {}
    }
}

fn years(scenario: &Scenario) -> f64 {
    scenario.horizon.years() as f64
}

fn each(by_state: &ByState) -> std::slice::Iter<'_, Quantity> {
    match by_state {
        ByState::Same(quantity) => std::slice::from_ref(quantity).iter(),
        ByState::Each(quantities) => quantities.iter(),
    }
}

fn effect_in_percent<T>(
    scenario: &Scenario,
    quantity: &Quantity,
    field: &Field<T>,
    key: &str,
    warnings: &mut Vec<Diagnostic>,
) {
    let Some(seen) = seen(scenario, quantity).filter(|seen| seen.median > LARGE_EFFECT || seen.median < -3.0) else {
        return;
    };
    let key = if key == "this" { String::new() } else { format!("`{key}` of ") };
    let message = format!("{key}{:.3} log points is a factor of {:.3}", seen.median, libm::exp(seen.median));
    warnings.push(
        Diagnostic::warning(field.place.clone(), message)
            .hint("if per cent are meant, use the key with `_percent` at its end"),
    );
}

fn growth_in_percent<T>(
    scenario: &Scenario,
    quantity: &Quantity,
    field: &Field<T>,
    key: &str,
    warnings: &mut Vec<Diagnostic>,
) {
    let Some(seen) = seen(scenario, quantity).filter(|seen| seen.median.abs() > LARGE_GROWTH) else { return };
    let message = format!("`{key}` of {:.3} is a factor of {:.3} every year", seen.median, libm::exp(seen.median));
    warnings.push(
        Diagnostic::warning(field.place.clone(), message).hint(format!("if per cent are meant, use `{key}_percent`")),
    );
}

fn infinite_mean<T>(law: Option<&Law>, field: &Field<T>, key: &str, warnings: &mut Vec<Diagnostic>) {
    if !law.is_some_and(Law::exp_mean_is_infinite) {
        return;
    }
    let key = if key == "this" { "a law in log points".to_string() } else { format!("this law of `{key}`") };
    let message = format!("{key} has tails so heavy that the mean of trade is infinite");
    warnings.push(
        Diagnostic::warning(field.place.clone(), message)
            .hint("truncate it: with `max = 1` no draw is more than a factor of 2.7"),
    );
}

fn fan<T>(scenario: &Scenario, quantity: &Quantity, field: &Field<T>, key: &str, warnings: &mut Vec<Diagnostic>) {
    let Some(seen) = seen(scenario, quantity) else { return };
    let at_end = seen.spread * years(scenario);
    if at_end <= LARGE_FAN {
        return;
    }
    let message =
        format!("the uncertainty of `{key}` grows to {at_end:.2} log points at the end, more than noise usually has");
    warnings.push(
        Diagnostic::warning(field.place.clone(), message).hint(format!(
            "it holds for all {} years of a path; an sd of 0.02 a year is usual",
            scenario.horizon.years()
        )),
    );
}

fn runs_away<T>(run: f64, field: &Field<T>, key: &str, hint: &str, warnings: &mut Vec<Diagnostic>) {
    if run.abs() <= LARGE_RUN {
        return;
    }
    let message = format!("`{key}` without an end comes to a factor of {:.2} over the horizon", libm::exp(run));
    warnings.push(Diagnostic::warning(field.place.clone(), message).hint(hint));
}

/// The largest growth that one stay in a state brings, or all of it if the state is held.
fn regime_run(scenario: &Scenario, regime: &Regime) -> f64 {
    let growth = |state: usize| match &regime.growth {
        ByState::Same(quantity) => seen(scenario, quantity),
        ByState::Each(quantities) => seen(scenario, &quantities[state]),
    };
    let stay = |state: usize| {
        let leaving = 1.0 - regime.step_matrix[state][state];
        let mean_stay = if leaving > 0.0 { scenario.horizon.dt() / leaving } else { f64::INFINITY };
        if regime.hold == Some(state) { years(scenario) } else { mean_stay.min(years(scenario)) }
    };
    let run = |state: usize| growth(state).map_or(0.0, |seen| seen.median * stay(state));
    (0..regime.states.len()).map(run).fold(0.0, |most, run| if run.abs() > f64::abs(most) { run } else { most })
}
