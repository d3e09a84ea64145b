//! From a law's keys to a law, on the axis of numbers or of dates.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::quantity::{Family, Law, LawError, LawSpec};
use crate::scenario::dates::{days_in_month, decimal_year, time_of_date, time_of_decimal_year};
use crate::scenario::draft::{self, Date, LawKey, LawNumber, percentile_level};

use super::interval::Interval;

/// What the values of a law are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Axis {
    /// Plain numbers.
    Number,
    /// Dates, in years after `t0`.
    Time,
    /// Dates, as decimal years.
    DecimalYear,
}

/// The first and last years of the calendar that scenarios may speak of.
pub(super) const CALENDAR: (i32, i32) = (1900, 2200);

/// A date as years after `t0`, if it is one of the calendar.
pub(super) fn time(date: Date, base: i32, place: &Place, faults: &mut Vec<Diagnostic>) -> Option<f64> {
    let problem = if !(CALENDAR.0..=CALENDAR.1).contains(&date.year) {
        format!("the year {} is outside {} to {}", date.year, CALENDAR.0, CALENDAR.1)
    } else if !(1..=12).contains(&date.month) {
        format!("there is no month {}", date.month)
    } else if !(1..=days_in_month(date.year, date.month)).contains(&date.day) {
        format!("there is no day {} in that month", date.day)
    } else {
        return Some(time_of_date(base, date.year, date.month, date.day));
    };
    faults.push(Diagnostic::error(place.clone(), problem));
    None
}

/// A decimal year as years after `t0`, if it is one of the calendar.
pub(super) fn time_of_number(year: f64, base: i32, place: &Place, faults: &mut Vec<Diagnostic>) -> Option<f64> {
    if year >= f64::from(CALENDAR.0) && year < f64::from(CALENDAR.1 + 1) {
        return Some(time_of_decimal_year(base, year));
    }
    let message = format!("as a date, {year} is a year outside {} to {}", CALENDAR.0, CALENDAR.1);
    faults.push(Diagnostic::error(place.clone(), message).hint("a date is 2023-07-01, \"2023-07\" or 2023.5"));
    None
}

/// Laws by their specifications as text. Those that are alike share the table that they are drawn from: it is made
/// once, and is in the cache when the next of them is drawn.
#[derive(Default)]
pub(super) struct SharedLaws(HashMap<String, Law>);

impl SharedLaws {
    fn law(&mut self, spec: &LawSpec) -> Result<Law, LawError> {
        let text = format!("{spec:?}");
        if let Some(law) = self.0.get(&text) {
            return Ok(law.clone());
        }
        let law = Law::new(spec.clone())?;
        self.0.insert(text, law.clone());
        Ok(law)
    }
}

/// A law and the values it can take.
pub(super) fn law(
    written: &draft::Law,
    axis: Axis,
    base: i32,
    shared: &mut SharedLaws,
    faults: &mut Vec<Diagnostic>,
) -> Option<(Law, Interval)> {
    let before = faults.len();
    let reader = LawReader { law: written, axis, base };
    let keys: Vec<(&LawKey, Vec<f64>)> =
        written.keys.iter().filter_map(|key| Some((key, reader.numbers(key, faults)?))).collect();
    reader.check_axis(faults);
    if faults.len() > before {
        return None;
    }
    let spec = reader.spec(&keys, faults)?;
    match shared.law(&spec) {
        Ok(law) => {
            let values = values_of(&law, &spec);
            Some((law, values))
        }
        Err(error) => {
            // In the author's terms: decimal years, not years after t0.
            let as_written = reader.spec_in_decimal_years().and_then(|spec| Law::new(spec).err());
            faults.push(reader.fault(as_written.unwrap_or(error)));
            None
        }
    }
}

/// An end of a continuous law is approached but not taken; that of an atom is taken.
fn values_of(law: &Law, spec: &LawSpec) -> Interval {
    let (low, high) = law.support();
    let has_atoms =
        law.constant().is_some() || matches!(spec.family, Family::Discrete { .. } | Family::Constant { .. });
    let is_open = |end: f64| end.is_infinite() || !(has_atoms || (spec.zero > 0.0 && end == 0.0));
    Interval { low, high, low_is_open: is_open(low), high_is_open: is_open(high) }
}

struct LawReader<'a> {
    law: &'a draft::Law,
    axis: Axis,
    base: i32,
}

impl LawReader<'_> {
    /// The numbers of a key on the law's axis.
    fn numbers(&self, key: &LawKey, faults: &mut Vec<Diagnostic>) -> Option<Vec<f64>> {
        key.values.iter().map(|value| self.number(key, *value, faults)).collect()
    }

    fn number(&self, key: &LawKey, value: LawNumber, faults: &mut Vec<Diagnostic>) -> Option<f64> {
        let is_location = self.law.family.is_location(&key.name);
        match (value, self.axis) {
            (LawNumber::Number(x), Axis::Number) => Some(x),
            (LawNumber::Number(x), _) if !is_location => Some(x),
            (LawNumber::Number(x), axis) => {
                let time = time_of_number(x, self.base, &key.place, faults)?;
                Some(if axis == Axis::Time { time } else { x })
            }
            (LawNumber::Date(_), Axis::Number) => {
                let message = format!("`{}` takes a number here, not a date", key.name);
                faults.push(Diagnostic::error(key.place.clone(), message));
                None
            }
            (LawNumber::Date(date), axis) => {
                let time = time(date, self.base, &key.place, faults)?;
                Some(if axis == Axis::Time { time } else { decimal_year(self.base, time) })
            }
        }
    }

    /// What a law of dates cannot have.
    fn check_axis(&self, faults: &mut Vec<Diagnostic>) {
        if self.axis == Axis::Number {
            return;
        }
        let family = self.law.family.dist;
        if !self.law.family.dates {
            let message = format!("a {family} law cannot be the law of a date");
            faults.push(
                Diagnostic::error(self.law.place.clone(), message)
                    .hint("for a delay with a long tail, take an exponential law with `shift`, or a lognormal `lag`"),
            );
        }
        if family == "beta" && !(self.has("min") && self.has("max")) {
            let message = "a beta law of a date needs `min` and `max`";
            faults.push(Diagnostic::error(self.law.place.clone(), message));
        }
        if let Some(zero) = self.key("zero") {
            faults.push(
                Diagnostic::error(zero.key.clone(), "`zero` makes no sense in the law of a date")
                    .hint("`chance` says how likely it is that something happens at all"),
            );
        }
        if self.law.negate {
            faults.push(Diagnostic::error(self.law.place.clone(), "`negate` makes no sense in the law of a date"));
        }
    }

    fn key(&self, name: &str) -> Option<&LawKey> {
        self.law.keys.iter().find(|key| key.name == name)
    }

    fn has(&self, name: &str) -> bool {
        self.key(name).is_some()
    }

    fn spec(&self, keys: &[(&LawKey, Vec<f64>)], faults: &mut Vec<Diagnostic>) -> Option<LawSpec> {
        let all = |name: &str| keys.iter().find(|(key, _)| key.name == name).map(|(_, values)| values.clone());
        let one = |name: &str| all(name).map(|values| values[0]);
        let (min, max) = if self.law.family.bounded { (None, None) } else { (one("min"), one("max")) };
        let family = match self.percentiles(keys, faults)? {
            Some(percentiles) if self.law.family.dist == "normal" => Family::NormalPercentiles(percentiles),
            Some(percentiles) => Family::LognormalPercentiles(percentiles),
            None => self.family(&one, &all)?,
        };
        Some(LawSpec { family, min, max, negate: self.law.negate, zero: one("zero").unwrap_or(0.0) })
    }

    fn family(&self, one: &dyn Fn(&str) -> Option<f64>, all: &dyn Fn(&str) -> Option<Vec<f64>>) -> Option<Family> {
        let shift = match self.axis {
            Axis::Number | Axis::Time => 0.0,
            Axis::DecimalYear => decimal_year(self.base, 0.0),
        };
        Some(match self.law.family.dist {
            "normal" => Family::Normal { mean: one("mean")?, sd: one("sd")? },
            "lognormal" if self.has("median") => Family::Lognormal { median: one("median")?, sigma: one("sigma")? },
            "lognormal" => Family::LognormalMoments { mean: one("mean")?, sd: one("sd")? },
            "uniform" => Family::Uniform { min: one("min")?, max: one("max")? },
            "triangular" => Family::Triangular { min: one("min")?, mode: one("mode")?, max: one("max")? },
            "pert" => Family::Pert {
                min: one("min")?,
                mode: one("mode")?,
                max: one("max")?,
                shape: one("shape").unwrap_or(4.0),
            },
            "beta" => Family::Beta {
                alpha: one("alpha")?,
                beta: one("beta")?,
                min: one("min").unwrap_or(0.0),
                max: one("max").unwrap_or(1.0),
            },
            "exponential" => Family::Exponential { mean: one("mean")?, shift: one("shift").unwrap_or(shift) },
            "student-t" => Family::StudentT { dof: one("dof")?, mean: one("mean")?, sd: one("sd")? },
            "discrete" => Family::Discrete { values: all("values")?, weights: all("weights")? },
            _ => Family::Constant { value: one("value")? },
        })
    }

    /// The two percentiles, lower level first, if the law is described so. `None` outside if they are at fault.
    #[allow(clippy::option_option)]
    fn percentiles(
        &self,
        keys: &[(&LawKey, Vec<f64>)],
        faults: &mut Vec<Diagnostic>,
    ) -> Option<Option<crate::quantity::Percentiles>> {
        let mut found: Vec<(f64, f64)> = Vec::new();
        for (key, values) in keys {
            let Some(level) = percentile_level(&key.name) else { continue };
            if !(level > 0.0 && level < 100.0) || found.iter().any(|(other, _)| *other == level) {
                let message = format!("`{}` is no percentile between `p0` and `p100`, or is given twice", key.name);
                faults.push(Diagnostic::error(key.key.clone(), message));
                return None;
            }
            found.push((level, values[0]));
        }
        found.sort_by(|a, b| a.0.total_cmp(&b.0));
        Some(<[(f64, f64); 2]>::try_from(found).ok())
    }

    /// The same law on the axis that a date's law was written on.
    fn spec_in_decimal_years(&self) -> Option<LawSpec> {
        if self.axis != Axis::Time {
            return None;
        }
        let reader = LawReader { law: self.law, axis: Axis::DecimalYear, base: self.base };
        let mut faults = Vec::new();
        let keys: Vec<(&LawKey, Vec<f64>)> =
            self.law.keys.iter().filter_map(|key| Some((key, reader.numbers(key, &mut faults)?))).collect();
        reader.spec(&keys, &mut faults)
    }

    fn fault(&self, error: LawError) -> Diagnostic {
        match self.key(error.key) {
            Some(key) if error.problem.starts_with("the law") => Diagnostic::error(key.place.clone(), error.problem),
            Some(key) => Diagnostic::error(key.place.clone(), format!("`{}` {}", error.key, error.problem)),
            None => Diagnostic::error(self.law.place.clone(), error.problem),
        }
    }
}
