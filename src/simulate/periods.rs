//! Calendar time of the output.

use crate::projection::Period;
use crate::scenario::{Horizon, Report};

/// How many periods are reported.
pub(super) fn count(horizon: &Horizon) -> usize {
    if horizon.report == Report::Year { horizon.years() } else { horizon.steps() }
}

/// The reported periods in order.
pub(crate) fn all(horizon: &Horizon) -> Vec<Period> {
    let a_year = if horizon.report == Report::Year { 1 } else { horizon.steps_per_year };
    let of_year = |year: i32| (0..a_year).map(move |part| period(year, part, a_year));
    (horizon.base + 1..=horizon.end).flat_map(of_year).collect()
}

/// The base year.
pub(super) fn base(horizon: &Horizon) -> Period {
    period(horizon.base, 0, 1)
}

fn period(year: i32, part: usize, parts: usize) -> Period {
    let months = 12 / parts;
    let (first, last) = (part * months + 1, (part + 1) * months);
    let label = match parts {
        1 => format!("{year}"),
        2 => format!("{year}-H{}", part + 1),
        4 => format!("{year}-Q{}", part + 1),
        _ => format!("{year}-{first:02}"),
    };
    let last_day = days_in_month(year, last);
    Period { label, year, start: format!("{year}-{first:02}-01"), end: format!("{year}-{last:02}-{last_day:02}") }
}

fn days_in_month(year: i32, month: usize) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(report: Report, steps_per_year: usize) -> Vec<String> {
        let horizon = Horizon { base: 2022, end: 2024, steps_per_year, report };
        all(&horizon).into_iter().map(|it| format!("{} {} {}", it.label, it.start, it.end)).collect()
    }

    #[test]
    fn periods_are_named_by_their_length() {
        assert_eq!(labels(Report::Year, 4), ["2023 2023-01-01 2023-12-31", "2024 2024-01-01 2024-12-31"]);
        assert_eq!(labels(Report::StepAmount, 1), labels(Report::Year, 12));
        assert_eq!(labels(Report::StepAmount, 2)[1], "2023-H2 2023-07-01 2023-12-31");
        assert_eq!(labels(Report::StepAnnualised, 4)[4], "2024-Q1 2024-01-01 2024-03-31");
        assert_eq!(labels(Report::StepAnnualised, 12)[13], "2024-02 2024-02-01 2024-02-29");
    }
}
