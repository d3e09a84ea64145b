//! The small tables of the top level: names, pair, value, horizon.

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::draft::{self, Field, QuantityKind};
use crate::scenario::{Horizon, Prices, Report};

use super::context::Context;
use super::flows::Pair;
use super::laws::{self, CALENDAR};

/// Id and title.
pub(super) struct Names {
    pub(super) id: String,
    pub(super) title: String,
}

/// What values are counted in.
pub(super) struct ValueLabels {
    pub(super) unit: String,
    pub(super) prices: Prices,
    pub(super) metric: Option<String>,
}

/// The scenario's id, by default the file's stem, and its title, by default the id.
pub(super) fn names(context: &mut Context, top: &draft::Top, file_stem: &str) -> Names {
    let id = match &top.id {
        Some(field) => {
            context.check_id(&field.value, &field.place);
            field.value.clone()
        }
        None => {
            // The name of a file may be no id; then the author has to give one.
            if !super::context::is_id(file_stem) {
                let place = Place { file: top.place.file, span: 0..0 };
                let message = format!("the file's name `{file_stem}` cannot be an id");
                context.faults.push(Diagnostic::error(place, message).hint("give the scenario an `id`"));
            }
            file_stem.to_string()
        }
    };
    let title = top.title.as_ref().map_or(id.clone(), |field| field.value.clone());
    Names { id, title }
}

/// The grid of time.
pub(super) fn horizon(table: &draft::HorizonTable, faults: &mut Vec<Diagnostic>) -> Option<Horizon> {
    let base = year(table.base.as_ref()?, "base", faults);
    let end = year(table.end.as_ref()?, "end", faults);
    let (base, end) = (base?, end?);
    if end <= base {
        let end = table.end.as_ref()?;
        faults.push(
            Diagnostic::error(end.place.clone(), "`end` must be after `base`")
                .hint("`base` is the last observed year, `end` the last projected one"),
        );
        return None;
    }
    let report = table.report.as_ref().map_or(draft::ReportWord::Year, |field| field.value);
    if let Some(amounts) = table.amounts.as_ref().filter(|_| report == draft::ReportWord::Year) {
        let fault = Diagnostic::error(amounts.key.clone(), "`amounts` belongs to `report = \"step\"`");
        faults.push(fault.hint("a calendar year's total is an amount"));
    }
    let amounts = table.amounts.as_ref().map_or(draft::AmountsWord::Annualised, |field| field.value);
    Some(Horizon {
        base,
        end,
        steps_per_year: match table.step.as_ref()?.value {
            draft::StepWord::Year => 1,
            draft::StepWord::HalfYear => 2,
            draft::StepWord::Quarter => 4,
            draft::StepWord::Month => 12,
        },
        report: match (report, amounts) {
            (draft::ReportWord::Year, _) => Report::Year,
            (draft::ReportWord::Step, draft::AmountsWord::Annualised) => Report::StepAnnualised,
            (draft::ReportWord::Step, draft::AmountsWord::Period) => Report::StepAmount,
        },
    })
}

fn year(field: &Field<i64>, key: &str, faults: &mut Vec<Diagnostic>) -> Option<i32> {
    let (first, last) = (i64::from(CALENDAR.0), i64::from(CALENDAR.1));
    if (first..=last).contains(&field.value) {
        return i32::try_from(field.value).ok();
    }
    let message = format!("`{key}` must be a year from {first} to {last}, not {}", field.value);
    faults.push(Diagnostic::error(field.place.clone(), message));
    None
}

/// Reporter and partners, all different.
pub(super) fn pair(context: &mut Context, table: &draft::Pair) -> Pair {
    let reporter = table.reporter.as_ref().map(|field| field.value.clone()).unwrap_or_default();
    if let Some(field) = table.reporter.as_ref().filter(|field| field.value.is_empty()) {
        context.error(&field.place, "`reporter` is empty");
    }
    let mut partners: Vec<String> = Vec::new();
    for partner in table.partner.as_ref().map_or(&[][..], |field| &field.value.0) {
        if partner.value.is_empty() {
            context.error(&partner.place, "`partner` is empty");
        } else if partner.value == reporter {
            context.error(&partner.place, format!("`{reporter}` is the reporter and cannot be a partner too"));
        } else if partners.contains(&partner.value) {
            context.error(&partner.place, format!("the partner `{}` is named twice", partner.value));
        }
        partners.push(partner.value.clone());
    }
    if let Some(field) = table.partner.as_ref().filter(|field| field.value.0.is_empty()) {
        context.error(&field.place, "there must be at least one partner");
    }
    Pair { reporter, partners }
}

/// What values are counted in.
pub(super) fn value(top: &draft::Top) -> ValueLabels {
    let table = top.value.as_ref().map(|field| &field.value);
    let prices = table.and_then(|table| table.prices.as_ref()).map(|field| field.value);
    ValueLabels {
        unit: table.and_then(|table| table.unit.as_ref()).map(|field| field.value.clone()).unwrap_or_default(),
        prices: match prices {
            Some(draft::PricesWord::Real) => Prices::Real,
            _ => Prices::Nominal,
        },
        metric: table.and_then(|table| table.metric.as_ref()).map(|field| field.value.clone()),
    }
}

/// The information date as written.
pub(super) fn information_date(context: &mut Context, written: &draft::Quantity) -> Option<String> {
    let QuantityKind::Date(date) = &written.kind else {
        let fault = Diagnostic::error(written.place.clone(), "`as_of` takes a date");
        context.faults.push(fault.hint("a date is written 2023-03-01 or \"2023-03\""));
        return None;
    };
    laws::time(*date, context.horizon.base, &written.place, &mut context.faults)?;
    Some(format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
}
