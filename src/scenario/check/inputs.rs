//! Quantities: from what was written to constants and inputs.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::quantity::Law;
use crate::scenario::draft::{self, QuantityKind};
use crate::scenario::formula::{Ast, AstKind, parse_formula, place_in_text};
use crate::scenario::{Convert, Expr, Input, InputId, Quantity, Range, Source, Use};

use super::interval::{self, Interval};
use super::laws::{self, Axis, CALENDAR};
use crate::scenario::range::{self, contains, convert, convert_range, in_words};

/// Where a quantity stands and what may stand there.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// The path an author knows it by: `driver.x.effect_percent`.
    pub(super) name: String,
    /// What its draw is keyed by: `driver.x.effect`.
    pub(super) identity: String,
    /// Name and identity of the draw of one flow, where `per = "flow"` makes sense.
    pub(super) of_flow: Option<(String, String)>,
    /// The key, for messages.
    pub(super) key: String,
    /// What values may be written.
    pub(super) range: Range,
    pub(super) convert: Convert,
}

/// What the name of a parameter stands for.
#[derive(Clone, Debug)]
enum Known {
    Constant(f64),
    Input(InputId),
    /// There was a fault, which has been told.
    Faulty,
}

/// All inputs so far. Each is made once and stands after those it is computed from.
pub(super) struct Inputs {
    pub(super) base: i32,
    parameters: HashMap<String, Known>,
    list: Vec<Input>,
    values: Vec<Interval>,
    laws: laws::SharedLaws,
    /// Quantities by name: what is written once is drawn once.
    made: HashMap<String, Quantity>,
    /// While set, quantities are checked but make no inputs: they belong to something that takes no part.
    pub(super) is_muted: bool,
}

/// Stands for a quantity whose fault has been told, or that takes no part.
const PLACEHOLDER: Quantity = Quantity::Constant(0.0);

impl Inputs {
    pub(super) fn new(base: i32) -> Inputs {
        Inputs {
            base,
            parameters: HashMap::new(),
            list: Vec::new(),
            values: Vec::new(),
            laws: laws::SharedLaws::default(),
            made: HashMap::new(),
            is_muted: false,
        }
    }

    pub(super) fn into_list(self) -> Vec<Input> {
        self.list
    }

    /// The law of an input, if it is drawn.
    pub(super) fn law(&self, id: InputId) -> Option<&Law> {
        match &self.list[id].source {
            Source::Law(law) => Some(law),
            Source::Formula(_) => None,
        }
    }

    /// The values a quantity can take in the engine's unit, where that is easily seen.
    pub(super) fn values_of(&self, quantity: &Quantity) -> Option<Interval> {
        match quantity {
            Quantity::Constant(x) => Some(Interval::point(*x)),
            Quantity::Drawn(used) if used.convert == Convert::AsIs => Some(self.values[used.input]),
            Quantity::Drawn(_) => None,
        }
    }

    /// Adds an input.
    pub(super) fn add(&mut self, input: Input, values: Interval) -> InputId {
        self.list.push(input);
        self.values.push(values);
        self.list.len() - 1
    }

    /// A quantity for use at a site. Faults are told, and something stands in.
    pub(super) fn quantity(
        &mut self,
        written: &draft::Quantity,
        site: &Site,
        faults: &mut Vec<Diagnostic>,
    ) -> Quantity {
        let name = match &written.kind {
            QuantityKind::Law(law) if law.per_flow.is_some() => {
                site.of_flow.as_ref().map_or(&site.name, |(name, _)| name)
            }
            _ => &site.name,
        };
        let name = if self.is_muted { format!("muted {name}") } else { name.clone() };
        if let Some(made) = self.made.get(&name) {
            return made.clone();
        }
        let quantity = self.make(written, site, faults).unwrap_or(PLACEHOLDER);
        self.made.insert(name, quantity.clone());
        quantity
    }

    fn make(&mut self, written: &draft::Quantity, site: &Site, faults: &mut Vec<Diagnostic>) -> Option<Quantity> {
        match &written.kind {
            QuantityKind::Number(x) => self.constant(*x, &written.place, site, faults),
            QuantityKind::Date(date) if site.is_date() => {
                laws::time(*date, self.base, &written.place, faults).map(Quantity::Constant)
            }
            QuantityKind::Date(_) => {
                let message = format!("`{}` takes a number, not a date", site.key);
                let hint = "a text such as \"2023-07\" is a date wherever it stands";
                faults.push(Diagnostic::error(written.place.clone(), message).hint(hint));
                None
            }
            QuantityKind::Formula(text) => self.formula(text, &written.place, site, faults),
            QuantityKind::Law(law) => self.law_in_place(law, site, faults),
        }
    }

    fn constant(&self, x: f64, place: &Place, site: &Site, faults: &mut Vec<Diagnostic>) -> Option<Quantity> {
        if site.is_date() {
            return laws::time_of_number(x, self.base, place, faults).map(Quantity::Constant);
        }
        if contains(&site.range, x) {
            return Some(Quantity::Constant(convert(site.convert, x)));
        }
        let message = format!("`{}` must be {}, not {x}", site.key, in_words(&site.range));
        faults.push(Diagnostic::error(place.clone(), message));
        None
    }

    fn law_in_place(&mut self, written: &draft::Law, site: &Site, faults: &mut Vec<Diagnostic>) -> Option<Quantity> {
        let (name, identity) = match (&written.per_flow, &site.of_flow) {
            (None, _) => (&site.name, &site.identity),
            (Some(_), Some((name, identity))) => (name, identity),
            (Some(place), None) => {
                faults.push(no_per_flow(&site.key, place));
                return None;
            }
        };
        let (law, values) = self.checked_law(written, site, faults)?;
        if let Some(x) = law.constant() {
            return Some(Quantity::Constant(convert(site.convert, x)));
        }
        if self.is_muted {
            return Some(PLACEHOLDER);
        }
        let is_date = site.is_date();
        let input = Input {
            name: name.clone(),
            identity: identity.clone(),
            written: written.written.clone(),
            source: Source::Law(law),
            is_date,
        };
        let input = self.add(input, values);
        // The law of a date is already in years after t0, and the law has been found to stay in range.
        let convert = if is_date { Convert::AsIs } else { site.convert };
        let (place, written) = (name.clone(), written.written.clone());
        Some(Quantity::Drawn(Use { input, convert, range: None, place, written }))
    }

    /// A law that stays within the range of its site.
    pub(super) fn checked_law(
        &mut self,
        written: &draft::Law,
        site: &Site,
        faults: &mut Vec<Diagnostic>,
    ) -> Option<(Law, Interval)> {
        let is_date = site.is_date();
        let axis = if is_date { Axis::Time } else { Axis::Number };
        let (law, values) = laws::law(written, axis, self.base, &mut self.laws, faults)?;
        let fault = if is_date { self.date_fault(&law, written) } else { range_fault(written, &law, &values, site) };
        match fault {
            None => Some((law, values)),
            Some(fault) => {
                faults.push(fault);
                None
            }
        }
    }

    /// Tails beyond the calendar are tolerated where hardly a trial gets there.
    fn date_fault(&self, law: &Law, written: &draft::Law) -> Option<Diagnostic> {
        let calendar = self.calendar();
        if law.quantile(1e-6) >= calendar.min && law.quantile(1.0 - 1e-6) < calendar.max {
            return None;
        }
        let message = format!("this law puts dates outside {} to {}", CALENDAR.0, CALENDAR.1);
        Some(Diagnostic::error(written.place.clone(), message).hint("truncate it with `min` and `max`"))
    }

    /// The calendar in years after `t0`.
    fn calendar(&self) -> Range {
        let time = |year: i32| f64::from(year - self.base - 1);
        Range { min: time(CALENDAR.0), max: time(CALENDAR.1 + 1), above_min: false, below_max: true }
    }

    fn formula(&mut self, text: &str, place: &Place, site: &Site, faults: &mut Vec<Diagnostic>) -> Option<Quantity> {
        let ast = parse(text, place, faults)?;
        let expr = self.lower(&ast, text, place, faults)?;
        if let Expr::Constant(x) = expr {
            return self.constant(x, place, site, faults);
        }
        let values = interval::of_expr(&expr, &self.values);
        let is_date = site.is_date();
        let years =
            Range { min: f64::from(CALENDAR.0), max: f64::from(CALENDAR.1 + 1), above_min: false, below_max: true };
        let written_range = if is_date { years } else { site.range };
        if values.is_outside(&written_range) {
            let words = if is_date { "a year from 1900 to 2200".to_string() } else { in_words(&site.range) };
            let message = format!("`{}` must be {words}, and `{text}` never is", site.key);
            faults.push(Diagnostic::error(place.clone(), message));
            return None;
        }
        if self.is_muted {
            return Some(PLACEHOLDER);
        }
        // Any finite number will do there, and a flow that is not finite stops the run anyway.
        let may_leave = written_range != range::ANY && !values.is_within(&written_range);
        let range = may_leave.then(|| if is_date { self.calendar() } else { convert_range(site.convert, &site.range) });
        let input = match expr {
            Expr::Input(id) => {
                if may_leave && !is_date && self.law(id).is_some() {
                    faults.push(may_leave_range(site, text, place));
                }
                id
            }
            expr => {
                let (name, identity) = (site.name.clone(), site.identity.clone());
                let written = text.to_string();
                self.add(Input { name, identity, written, source: Source::Formula(expr), is_date: false }, values)
            }
        };
        Some(Quantity::Drawn(Use {
            input,
            convert: site.convert,
            range,
            place: site.name.clone(),
            written: text.to_string(),
        }))
    }

    /// A formula with its names looked up and its constant parts computed.
    fn lower(&self, ast: &Ast, text: &str, place: &Place, faults: &mut Vec<Diagnostic>) -> Option<Expr> {
        let expr = match &ast.kind {
            AstKind::Number(x) => Expr::Constant(*x),
            AstKind::Name(name) => match self.parameters.get(name) {
                Some(Known::Constant(x)) => Expr::Constant(*x),
                Some(Known::Input(id)) => Expr::Input(*id),
                Some(Known::Faulty) => return None,
                None => {
                    let place = place_in_text(place, text, ast.span.clone());
                    faults.push(self.unknown_parameter(name, place));
                    return None;
                }
            },
            AstKind::Unary(operation, inner) => match self.lower(inner, text, place, faults)? {
                Expr::Constant(x) => Expr::Constant(interval::unary(*operation, x)),
                inner => Expr::Unary(*operation, Box::new(inner)),
            },
            AstKind::Binary(operation, left, right) => {
                // Both sides, so that faults of both are told.
                let (left, right) = (self.lower(left, text, place, faults), self.lower(right, text, place, faults));
                match (left?, right?) {
                    (Expr::Constant(x), Expr::Constant(y)) => Expr::Constant(interval::binary(*operation, x, y)),
                    (left, right) => Expr::Binary(*operation, Box::new(left), Box::new(right)),
                }
            }
        };
        if matches!(expr, Expr::Constant(x) if !x.is_finite()) {
            let place = place_in_text(place, text, ast.span.clone());
            faults.push(Diagnostic::error(place, format!("`{}` is not a finite number", &text[ast.span.clone()])));
            return None;
        }
        Some(expr)
    }

    fn unknown_parameter(&self, name: &str, place: Place) -> Diagnostic {
        let fault = Diagnostic::error(place, format!("there is no parameter `{name}`"));
        let mut known: Vec<&str> = self.parameters.keys().map(String::as_str).collect();
        known.sort_unstable();
        let fault = fault.did_you_mean(name, known.iter().copied());
        if known.is_empty() { fault.hint("parameters are declared in `[parameters]`") } else { fault }
    }

    /// Declares a parameter; those it uses have been declared.
    pub(super) fn declare(&mut self, name: &str, written: &draft::Quantity, faults: &mut Vec<Diagnostic>) {
        let known = self.parameter(name, written, faults).unwrap_or(Known::Faulty);
        self.parameters.insert(name.to_string(), known);
    }

    /// Declares a parameter whose fault has been told.
    pub(super) fn declare_faulty(&mut self, name: &str) {
        self.parameters.insert(name.to_string(), Known::Faulty);
    }

    fn parameter(&mut self, name: &str, written: &draft::Quantity, faults: &mut Vec<Diagnostic>) -> Option<Known> {
        let path = format!("parameters.{name}");
        let (source, text, values) = match &written.kind {
            QuantityKind::Number(x) => return Some(Known::Constant(*x)),
            QuantityKind::Date(date) => {
                let time = laws::time(*date, self.base, &written.place, faults)?;
                return Some(Known::Constant(crate::scenario::dates::decimal_year(self.base, time)));
            }
            QuantityKind::Formula(text) => {
                let ast = parse(text, &written.place, faults)?;
                match self.lower(&ast, text, &written.place, faults)? {
                    Expr::Constant(x) => return Some(Known::Constant(x)),
                    expr => {
                        let values = interval::of_expr(&expr, &self.values);
                        (Source::Formula(expr), text.clone(), values)
                    }
                }
            }
            QuantityKind::Law(law) => {
                if let Some(place) = &law.per_flow {
                    faults.push(no_per_flow("a parameter", place));
                    return None;
                }
                let (drawn, values) = laws::law(law, axis_of(law), self.base, &mut self.laws, faults)?;
                if let Some(x) = drawn.constant() {
                    return Some(Known::Constant(x));
                }
                (Source::Law(drawn), law.written.clone(), values)
            }
        };
        let input = Input { name: path.clone(), identity: path, written: text, source, is_date: false };
        Some(Known::Input(self.add(input, values)))
    }
}

/// A law with a date in it is a law of decimal years.
fn axis_of(law: &draft::Law) -> Axis {
    let is_date = |key: &draft::LawKey| key.values.iter().any(|value| matches!(value, draft::LawNumber::Date(_)));
    if law.keys.iter().any(is_date) { Axis::DecimalYear } else { Axis::Number }
}

/// A formula's tree, or its fault.
pub(super) fn parse(text: &str, place: &Place, faults: &mut Vec<Diagnostic>) -> Option<Ast> {
    match parse_formula(text) {
        Ok(ast) => Some(ast),
        Err(error) => {
            let fault = Diagnostic::error(place_in_text(place, text, error.span), error.message);
            faults.push(match error.hint {
                Some(hint) => fault.hint(hint),
                None => fault,
            });
            None
        }
    }
}

fn no_per_flow(key: &str, place: &Place) -> Diagnostic {
    let key = if key.contains(' ') { key.to_string() } else { format!("`{key}`") };
    Diagnostic::error(
        place.clone(),
        format!("{key} has one draw for all flows, so `per = \"flow\"` makes no sense here"),
    )
    .hint("it belongs into laws of flows, of `[noise]` and of `exposure`")
}

fn may_leave_range(site: &Site, name: &str, place: &Place) -> Diagnostic {
    let message = format!("`{}` must be {}, and `{name}` can leave that", site.key, in_words(&site.range));
    Diagnostic::warning(place.clone(), message)
        .hint(format!("a run stops when it does; truncate the law of `{name}` in `[parameters]` with `min` or `max`"))
}

/// The fault of a law that can leave its range, with the way to truncate it.
fn range_fault(written: &draft::Law, law: &Law, values: &Interval, site: &Site) -> Option<Diagnostic> {
    let (above, below) = (values.stays_above(&site.range), values.stays_below(&site.range));
    let way = match (above, below) {
        (true, true) => return None,
        (false, true) => "lower",
        (true, false) => "higher",
        (false, false) => "lower and higher",
    };
    let message = format!("`{}` must be {}, and this law can be {way}", site.key, in_words(&site.range));
    let fault = Diagnostic::error(written.place.clone(), message);
    Some(fault.hint(truncation(written, law, site, !above, !below)))
}

fn truncation(written: &draft::Law, law: &Law, site: &Site, too_low: bool, too_high: bool) -> String {
    let family = written.family;
    if family.dist == "discrete" || law.constant().is_some() {
        return format!("all values must be {}", in_words(&site.range));
    }
    let has_zero = written.keys.iter().any(|key| key.name == "zero");
    if has_zero && !contains(&site.range, 0.0) {
        return format!("`zero` makes some draws exactly 0, which `{}` cannot be", site.key);
    }
    let lowest = if site.convert == Convert::LogOnePlusPercent { -99.0 } else { site.range.min };
    let ends = [(too_low, "min", lowest), (too_high, "max", site.range.max)];
    let turned = |key| if key == "min" { "max" } else { "min" };
    let keys: Vec<String> = ends
        .iter()
        .filter(|(is_needed, ..)| *is_needed)
        .map(|(_, key, end)| match written.negate {
            true => format!("`{} = {}`", turned(*key), -end + 0.0),
            false => format!("`{key} = {end}`"),
        })
        .collect();
    let verb = if family.bounded { "set" } else { "truncate it: add" };
    let note = if written.negate { ", which comes before `negate`" } else { "" };
    format!("{verb} {}{note}", keys.join(" and "))
}
