//! From a row to values of flows.

use crate::diagnostic::Severity::{Error, Warning};

use super::about::{About, LeftOut};
use super::fault::{Faults, Kind};
use super::gather::{Gathered, Key, Put, Value};
use super::header::{Columns, Source};
use super::layout::{Layout, Products, Role};
use super::names::{Country, Names};
use super::number::{self, Cell};
use super::period::Period;
use super::text::text_of;
use super::{Unit, Valuation};

/// Years that can be observed, as dates of scenarios.
const YEARS: std::ops::RangeInclusive<i32> = 1900..=2200;

/// Million USD above which a flow is taken for a fault of unit. All goods exported by all countries in 2022 were 24.9
/// trillion USD (WTO, *World Trade Statistical Review 2023*).
const MOST: f64 = 25e6;

/// Reads rows and gathers their values.
pub(super) struct Rows<'a> {
    layout: &'a Layout,
    columns: Columns,
    /// Cells that a row must have.
    needed: usize,
    /// The flows that are kept, by the codes that countries have here.
    asked: Vec<(Option<String>, Option<String>)>,
    decimal_comma: bool,
    pub(super) names: Names,
    pub(super) gathered: Gathered,
    pub(super) about: About,
    pub(super) faults: Faults<'a>,
}

/// One flow of a row.
#[derive(Clone, Copy, Debug)]
struct Flow {
    from: Country,
    to: Country,
    reporter: Country,
    is_export: Option<bool>,
    valuation: Option<Valuation>,
    unit: Option<Unit>,
    /// The role of the column that has its value.
    role: Role,
}

impl<'a> Rows<'a> {
    pub(super) fn new(layout: &'a Layout, columns: Columns, faults: Faults<'a>, decimal_comma: bool) -> Rows<'a> {
        let cells = Role::ALL.iter().filter_map(|(role, _)| match columns.get(*role)? {
            Source::Cell(at) if is_needed(*role) => Some(at + 1),
            _ => None,
        });
        let needed = cells.max().unwrap_or(0);
        let names = Names::new(columns.form.has_un_numbers());
        let code = |end: &Option<String>| end.as_ref().map(|text| names.code_of(text));
        let asked = layout.flows.iter().map(|(from, to)| (code(from), code(to))).collect();
        let about = About { form: columns.form, ..About::default() };
        Rows { layout, columns, needed, asked, decimal_comma, names, gathered: Gathered::default(), about, faults }
    }

    pub(super) fn add(&mut self, row: &csv::ByteRecord) {
        self.about.rows += 1;
        if is_note(row) && !self.holds_rows(row.get(0).unwrap_or_default()) {
            return self.about.leave_out(LeftOut::Notes);
        }
        if !self.has_right_width(row) {
            return;
        }
        if let Some(why) = self.part_or_aggregate(row) {
            return self.about.leave_out(why);
        }
        let flows = self.flows(row);
        for flow in flows.into_iter().flatten() {
            match self.why_not(&flow) {
                Some(why) => self.about.leave_out(why),
                None => self.add_flow(row, &flow),
            }
        }
    }

    /// Whether a cell holds lines with as many cells as the header has: those after a quotation mark that is not
    /// closed.
    fn holds_rows(&self, cell: &[u8]) -> bool {
        let n_cells = |line: &[u8]| line.iter().filter(|byte| **byte == self.faults.separator).count() + 1;
        cell.contains(&b'\n') && cell.split(|byte| *byte == b'\n').any(|line| n_cells(line) >= self.columns.width)
    }

    fn has_right_width(&mut self, row: &csv::ByteRecord) -> bool {
        let width = self.columns.width;
        let has_more = row.len() > width && row.iter().skip(width).any(|cell| !cell.trim_ascii().is_empty());
        if row.len() >= self.needed && !has_more {
            return true;
        }
        self.faults.add((Kind::Width, Error), row, None, || {
            let hint = if row.iter().any(|cell| cell.contains(&b'\n')) {
                "a quotation mark that is opened in this row may not be closed"
            } else if has_more {
                "a separator inside of a cell needs quotes around the cell"
            } else {
                "the file may have been cut off here"
            };
            (format!("this row has {} cells and the header {width}", row.len()), Some(hint.to_owned()))
        });
        false
    }

    fn part_or_aggregate(&self, row: &csv::ByteRecord) -> Option<LeftOut> {
        let is_part = |(at, whole): &(usize, &[&str])| {
            row.get(*at).is_some_and(|cell| !whole.iter().any(|text| text.as_bytes() == cell.trim_ascii()))
        };
        if self.columns.splits.iter().any(is_part) {
            return Some(LeftOut::Splits);
        }
        let mark = cell(&self.columns, row, Role::Aggregate)?;
        let is_aggregate = !matches!(mark.to_ascii_lowercase().as_slice(), b"" | b"0" | b"false" | b"no" | b"n");
        (is_aggregate && !self.layout.groups).then_some(LeftOut::Groups)
    }

    /// The flows that a row has values of.
    fn flows(&mut self, row: &csv::ByteRecord) -> [Option<Flow>; 2] {
        let columns = &self.columns;
        let from = cell(columns, row, Role::From);
        let to = cell(columns, row, Role::To);
        let reporter = cell(columns, row, Role::Reporter);
        if let (Some(from), Some(to)) = (from, to) {
            let reporter = reporter.or(columns.form.reporter().map(str::as_bytes)).unwrap_or_default();
            let (from, to) = (self.names.country(from, None), self.names.country(to, None));
            let reporter = self.names.country(reporter, None);
            let flow = Flow { from, to, reporter, is_export: None, valuation: None, unit: None, role: Role::Value };
            return [Some(flow), None];
        }
        let reporter = self.names.country(reporter.unwrap_or_default(), None);
        let partner = cell(columns, row, Role::Partner).unwrap_or_default();
        let partner = self.names.country(partner, cell(columns, row, Role::Code));
        let export = Flow {
            from: reporter,
            to: partner,
            reporter,
            is_export: Some(true),
            valuation: None,
            unit: None,
            role: Role::Exports,
        };
        let import = Flow { from: partner, to: reporter, is_export: Some(false), role: Role::Imports, ..export };
        let Some(direction) = cell(columns, row, Role::Flow) else {
            let has = |role| columns.get(role).is_some();
            return [Some(import).filter(|_| has(Role::Imports)), Some(export).filter(|_| has(Role::Exports))];
        };
        let direction = self.names.direction(direction);
        let flow = match direction.is_export {
            Some(true) => export,
            Some(false) => import,
            None => {
                self.about.leave_out(LeftOut::OtherFlows);
                return [None, None];
            }
        };
        [Some(Flow { valuation: direction.valuation, unit: direction.unit, role: Role::Value, ..flow }), None]
    }

    fn why_not(&self, flow: &Flow) -> Option<LeftOut> {
        let Flow { from, to, .. } = *flow;
        if (from.is_group || to.is_group) && !self.layout.groups {
            return Some(LeftOut::Groups);
        }
        if from.id == to.id && from.is_known {
            return Some(LeftOut::Domestic);
        }
        let is = |wanted: &Option<String>, country| wanted.as_ref().is_none_or(|it| self.names.is_called(country, it));
        let is_asked = self.asked.is_empty() || self.asked.iter().any(|(a, b)| is(a, from) && is(b, to));
        (!is_asked).then_some(LeftOut::NotAsked)
    }

    fn add_flow(&mut self, row: &csv::ByteRecord, flow: &Flow) {
        if self.names.code(flow.from).is_empty() || self.names.code(flow.to).is_empty() {
            self.faults.add((Kind::NoCountry, Error), row, None, || {
                ("this row does not say between which countries".to_owned(), None)
            });
            return;
        }
        if self.columns.periods.is_empty() {
            let Some(period) = self.period(row) else { return };
            let at = index(&self.columns, flow.role);
            self.observe(row, flow, at, period);
            return;
        }
        for column in 0..self.columns.periods.len() {
            let (at, period) = self.columns.periods[column];
            self.observe(row, flow, Some(at), period);
        }
    }

    fn period(&mut self, row: &csv::ByteRecord) -> Option<Period> {
        let text = text_of(cell(&self.columns, row, Role::Year)?);
        let period = Period::parse(&text);
        if let Some(period) = period.filter(|period| YEARS.contains(&period.year)) {
            return Some(period);
        }
        let at = index(&self.columns, Role::Year);
        self.faults.add((Kind::Year, Error), row, at, || match period {
            None => {
                let cure = "a year such as 2022, a quarter such as 2022-Q1 or a month such as 2022-01 is needed";
                (format!("`{text}` is not a year"), Some(cure.to_owned()))
            }
            Some(period) => {
                let message = format!("the year {} is not between {} and {}", period.year, YEARS.start(), YEARS.end());
                (message, None)
            }
        });
        None
    }

    /// Puts the value of a cell to its series.
    fn observe(&mut self, row: &csv::ByteRecord, flow: &Flow, at: Option<usize>, period: Period) {
        let Some((number, valuation, at)) = self.value(row, flow, at) else { return };
        let Some(unit) = self.unit(row, flow) else { return };
        // No zero is negative.
        let amount = unit.to_millions(number) + 0.0;
        if !self.is_possible(row, at, number, amount, unit) {
            return;
        }
        let product = cell(&self.columns, row, Role::Product).unwrap_or_default();
        let (product, level) = self.names.product(product);
        let is_sum = self.layout.products == Products::Sum && level > 0;
        let key = Key {
            from: flow.from.id,
            to: flow.to.id,
            reporter: flow.reporter.id,
            valuation: valuation as u8,
            product: if self.layout.products == Products::Sum { level } else { product },
        };
        let line = row.position().map_or(0, csv::Position::line);
        let summand = is_sum.then_some(product);
        let put = self.gathered.put(key, Value { period, amount, line, summand });
        self.tell_doubles(row, at, flow, put);
    }

    /// The number of a cell, how it is valued, and which cell that is. None if there is no value.
    fn value(
        &mut self,
        row: &csv::ByteRecord,
        flow: &Flow,
        at: Option<usize>,
    ) -> Option<(f64, Valuation, Option<usize>)> {
        let valued = [(Valuation::Fob, Role::FobValue), (Valuation::Cif, Role::CifValue)];
        let numbers = valued.map(|(valuation, role)| (valuation, index(&self.columns, role), self.number(row, role)));
        let wanted = self.layout.valuation;
        if let Some((valuation, at, Some(number))) = numbers.into_iter().find(|(it, ..)| Some(*it) == wanted) {
            return Some((number, valuation, at));
        }
        let text = match at {
            Some(at) => row.get(at).unwrap_or_default().trim_ascii(),
            None => cell(&self.columns, row, flow.role)?,
        };
        let number = match number::parse(&text_of(text), self.decimal_comma) {
            Cell::Number(number) => number,
            Cell::Missing => {
                self.about.empty_cells += 1;
                return None;
            }
            Cell::Unreadable => {
                let words = || (format!("`{}` is not a number", text_of(text)), None);
                self.faults.add((Kind::Number, Error), row, at, words);
                return None;
            }
        };
        let stated = cell(&self.columns, row, Role::Valuation).and_then(|text| self.names.valuation(text));
        let of_columns = numbers.iter().find(|(.., it)| *it == Some(number)).map(|(valuation, ..)| *valuation);
        let by_form = Some(self.columns.form.valuation(flow.is_export)).filter(|it| *it != Valuation::Unstated);
        let stated = stated.or(flow.valuation).or(of_columns).or(by_form);
        if wanted.is_some() && stated.is_some_and(|stated| Some(stated) != wanted) {
            self.about.leave_out(LeftOut::NotAsked);
            return None;
        }
        Some((number, stated.or(wanted).unwrap_or_default(), at))
    }

    /// The number of a role's cell, above 0. Comtrade writes 0 where it has none.
    fn number(&self, row: &csv::ByteRecord, role: Role) -> Option<f64> {
        let text = cell(&self.columns, row, role)?;
        match number::parse(&text_of(text), self.decimal_comma) {
            Cell::Number(number) if number > 0.0 => Some(number),
            _ => None,
        }
    }

    /// What a flow of this row is counted in.
    fn unit(&mut self, row: &csv::ByteRecord, flow: &Flow) -> Option<Unit> {
        let named = cell(&self.columns, row, Role::Unit).filter(|text| !text.is_empty());
        let multiplier = cell(&self.columns, row, Role::Multiplier).filter(|text| !text.is_empty());
        let unit = if self.layout.unit.is_some() {
            self.layout.unit
        } else if named.is_some() || multiplier.is_some() {
            self.names.unit(named, multiplier)
        } else {
            flow.unit.or(self.columns.unit(flow.role)).or(self.columns.form.unit())
        };
        let Some(unit) = unit else {
            let at = index(&self.columns, if named.is_some() { Role::Unit } else { Role::Multiplier });
            self.faults.add((Kind::Unit, Error), row, at, || {
                let message = match named.or(multiplier) {
                    Some(text) => format!("`{}` is not a unit of money that is known", text_of(text)),
                    None => "the table does not say what its values are counted in".to_owned(),
                };
                (message, Some("say it: `--unit \"USD million\"`, or `unit` in `[history]`".to_owned()))
            });
            return None;
        };
        self.note_unit(row, unit).then_some(unit)
    }

    /// Keeps units in mind. Another currency than the first is a fault.
    fn note_unit(&mut self, row: &csv::ByteRecord, unit: Unit) -> bool {
        let Some(first) = self.about.units.first().copied() else {
            self.about.currency = unit.currency();
            self.about.units.push(unit);
            return true;
        };
        let at = index(&self.columns, Role::Unit).or(index(&self.columns, Role::Multiplier));
        if first.currency() != unit.currency() {
            self.faults.add((Kind::Currency, Error), row, at, || {
                let message = format!("this value is in {unit} and those before in {first}");
                (message, Some("keep the rows of one currency".to_owned()))
            });
            return false;
        }
        if !self.about.units.contains(&unit) {
            self.about.units.push(unit);
            self.faults.add((Kind::MixedUnits, Warning), row, at, || {
                let message = format!("values are in {unit} here and in {first} before");
                (message, Some("each is converted; check that the table means it".to_owned()))
            });
        }
        true
    }

    fn is_possible(&mut self, row: &csv::ByteRecord, at: Option<usize>, number: f64, amount: f64, unit: Unit) -> bool {
        if amount < 0.0 {
            self.faults.add((Kind::Negative, Error), row, at, || {
                let cure =
                    "a correction belongs to the value that it corrects; leave the cell empty if that is unknown";
                (format!("the value of trade cannot be negative: {number}"), Some(cure.to_owned()))
            });
            return false;
        }
        if unit.currency() == "USD" && amount > MOST {
            self.faults.add((Kind::TooLarge, Error), row, at, || {
                let message = format!("{number} {unit} is more than all countries export together");
                (message, Some(format!("values are taken to be in {unit}; if that is wrong, say `--unit`")))
            });
            return false;
        }
        true
    }

    fn tell_doubles(&mut self, row: &csv::ByteRecord, at: Option<usize>, flow: &Flow, put: Put) {
        let flow_name = || format!("{} to {}", self.names.code(flow.from), self.names.code(flow.to));
        match put {
            Put::New => {}
            Put::Repeated(line) => self.faults.add((Kind::Repeated, Warning), row, at, || {
                let message = format!("this value of {} stands in line {line} already", flow_name());
                (message, Some("it counts once".to_owned()))
            }),
            Put::PartTwice => self.faults.add((Kind::Conflict, Error), row, at, || {
                let message = format!("this month or quarter of {} is in the table already", flow_name());
                (message, Some("keep one of them".to_owned()))
            }),
            Put::Conflict(line, amount) => self.faults.add((Kind::Conflict, Error), row, at, || {
                let message =
                    format!("line {line} has another value of {} for this period, {amount} million", flow_name());
                let cure = "keep one of them; if a column tells them apart, name it as `reporter` or `product`";
                (message, Some(cure.to_owned()))
            }),
        }
    }
}

/// Whether rows without a cell for it cannot be read.
fn is_needed(role: Role) -> bool {
    !matches!(role, Role::CifValue | Role::FobValue | Role::Aggregate | Role::Multiplier | Role::Unit | Role::Valuation)
}

/// Whether a row has text in its first cell only, as notes below tables have.
fn is_note(row: &csv::ByteRecord) -> bool {
    row.iter().skip(1).all(|cell| cell.trim_ascii().is_empty())
}

/// The text of a role in a row; none if the table has no column for it.
fn cell<'r>(columns: &'r Columns, row: &'r csv::ByteRecord, role: Role) -> Option<&'r [u8]> {
    let text = match columns.get(role)? {
        Source::Fixed(text) => text.as_bytes(),
        Source::Cell(at) => row.get(*at).unwrap_or_default().trim_ascii(),
    };
    let end = text.windows(2).position(|two| two == b": ").filter(|_| columns.has_labels);
    Some(&text[..end.unwrap_or(text.len())])
}

fn index(columns: &Columns, role: Role) -> Option<usize> {
    match columns.get(role)? {
        Source::Cell(at) => Some(*at),
        Source::Fixed(_) => None,
    }
}
