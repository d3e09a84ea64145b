//! Processes: outside quantities that wander.

use crate::diagnostic::Diagnostic;
use crate::quantity::{Family, Law, LawSpec};
use crate::scenario::draft::{self, ByYear, Field, Named};
use crate::scenario::{Binary, Convert, Expr, Input, Process, ProcessModel, Quantity, Source, Unary, Use};

use super::context::{Context, Owner, twin};
use super::inputs::{Inputs, Site};
use super::interval::Interval;
use crate::scenario::range;

/// A process as it is meant.
pub(super) fn check(context: &mut Context, keys: &draft::Process, owner: &Owner) -> Process {
    Process {
        model: model(context, keys, owner),
        growth: growth(context, keys, owner),
        growth_error: growth_error(context, keys, owner),
    }
}

fn model(context: &mut Context, keys: &draft::Process, owner: &Owner) -> ProcessModel {
    let Some(field) = &keys.model else { return ProcessModel::Still };
    let mut quantity = |given: &Option<Field<draft::Quantity>>, key: &str| match given {
        None => Quantity::Constant(0.0),
        Some(given) => {
            let site = owner.site(field.shared, &format!("model.{key}"), range::NOT_NEGATIVE);
            context.quantity(&given.value, &site)
        }
    };
    match &field.value {
        draft::Model::RandomWalk(table) => ProcessModel::RandomWalk { sd: quantity(&table.sd, "sd") },
        draft::Model::MeanReverting(table) => {
            ProcessModel::MeanReverting { speed: quantity(&table.speed, "speed"), sd: quantity(&table.sd, "sd") }
        }
    }
}

/// The growth of each projected year.
fn growth(context: &mut Context, keys: &draft::Process, owner: &Owner) -> Vec<Quantity> {
    let n_years = context.horizon.years();
    let Some((field, is_percent)) = twin(&keys.growth, &keys.growth_percent) else {
        return vec![Quantity::Constant(0.0); n_years];
    };
    let site = owner.log_site(field.shared, "growth", is_percent);
    let by_year = match &field.value {
        ByYear::Same(quantity) => return vec![context.quantity(quantity, &site); n_years],
        ByYear::Each(by_year) => by_year,
    };
    check_years(context, by_year, &site);
    let value = |year: i32| {
        let named = |key: &str| by_year.0.iter().find(|entry| entry.name == key);
        named(&year.to_string()).or(named("then"))
    };
    let first = context.horizon.base + 1;
    let years = first..=context.horizon.end;
    if let Some(year) = years.clone().find(|year| value(*year).is_none()) {
        let message = format!("`{}` has no value for {year}", site.key);
        let fault = Diagnostic::error(field.place.clone(), message);
        context.faults.push(fault.hint("`then` gives the value of all years that are not named"));
    }
    let growth = |year| value(year).map(|entry| context.quantity(&entry.value, &site.at(&entry.name)));
    years.map(growth).map(|growth| growth.unwrap_or(Quantity::Constant(0.0))).collect()
}

/// Keys must be years or `then`; values of years that are not projected are checked too.
fn check_years(context: &mut Context, by_year: &Named<draft::Quantity>, site: &Site) {
    let was_muted = std::mem::replace(&mut context.inputs.is_muted, true);
    for entry in &by_year.0 {
        let is_year = entry.name.len() == 4 && entry.name.bytes().all(|b| b.is_ascii_digit());
        if !is_year && entry.name != "then" {
            let message = format!("`{}` takes calendar years and `then` as keys, not `{}`", site.key, entry.name);
            context.error(&entry.key, message);
        }
        context.quantity(&entry.value, &site.at(&entry.name));
    }
    context.inputs.is_muted = was_muted;
}

/// The trial's draw of the error: a standard normal times the sd.
fn growth_error(context: &mut Context, keys: &draft::Process, owner: &Owner) -> Quantity {
    let Some((field, is_percent)) = twin(&keys.growth_error, &keys.growth_error_percent) else {
        return Quantity::Constant(0.0);
    };
    let key = if is_percent { "growth_error_percent" } else { "growth_error" };
    let mut site = owner.site(field.shared, key, range::NOT_NEGATIVE);
    if is_percent {
        site.convert = Convert::Hundredth;
        site.identity = owner.site(field.shared, "growth_error", range::NOT_NEGATIVE).identity;
    }
    let sd = context.quantity(&field.value, &site);
    // The error is the driver's own even where its size is a default for all.
    let draw = format!("{}.growth_error.draw", owner.own);
    match sd {
        Quantity::Constant(0.0) => Quantity::Constant(0.0),
        _ if context.inputs.is_muted => Quantity::Constant(0.0),
        Quantity::Constant(sd) => {
            let name = format!("{}.{key}", owner.own);
            used(normal(&mut context.inputs, name, draw, sd), None)
        }
        Quantity::Drawn(sd) => {
            let standard = normal(&mut context.inputs, draw.clone(), draw, 1.0);
            let name = format!("{}.{key}.error", owner.own);
            let written = format!("normal with sd {}", sd.written);
            let source = Source::Formula(scaled(&sd, standard));
            let range = sd.range.map(|_| range::ANY);
            let input = Input { name: name.clone(), identity: name, written, source, is_date: false };
            let values = Interval::closed(f64::NEG_INFINITY, f64::INFINITY);
            let input = context.inputs.add(input, values);
            used(input, range.map(|range| (range, sd)))
        }
    }
}

fn normal(inputs: &mut Inputs, name: String, identity: String, sd: f64) -> usize {
    let spec = LawSpec { family: Family::Normal { mean: 0.0, sd }, min: None, max: None, negate: false, zero: 0.0 };
    let law = Law::new(spec).expect("a finite sd above 0 makes a normal law");
    let written = format!("normal with mean 0 and sd {sd}");
    let values = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY, low_is_open: true, high_is_open: true };
    inputs.add(Input { name, identity, written, source: Source::Law(law), is_date: false }, values)
}

/// `sd * standard`. Where the sd might be negative it goes through a square root, so that such a draw is not a
/// number and stops the run.
fn scaled(sd: &Use, standard: usize) -> Expr {
    let boxed = |expr| Box::new(expr);
    let mut size = Expr::Input(sd.input);
    if sd.convert == Convert::Hundredth {
        size = Expr::Binary(Binary::Divide, boxed(size), boxed(Expr::Constant(100.0)));
    }
    if sd.range.is_some() {
        let root = Expr::Unary(Unary::Sqrt, boxed(size));
        size = Expr::Binary(Binary::Multiply, boxed(root.clone()), boxed(root));
    }
    Expr::Binary(Binary::Multiply, boxed(size), boxed(Expr::Input(standard)))
}

fn used(input: usize, checked: Option<(crate::scenario::Range, Use)>) -> Quantity {
    let (range, place, written) = match checked {
        None => (None, String::new(), String::new()),
        Some((range, sd)) => (Some(range), sd.place, sd.written),
    };
    Quantity::Drawn(Use { input, convert: Convert::AsIs, range, place, written })
}
