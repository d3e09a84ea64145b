//! From calendar dates to years after `t0`, the end of the base year.

/// Days of a month.
pub(crate) fn days_in_month(year: i32, month: u8) -> u8 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years after `t0` of a date: whole months count exactly, so the first of a month lies on the grid.
pub(crate) fn time_of_date(base: i32, year: i32, month: u8, day: u8) -> f64 {
    let months = f64::from((year - base - 1) * 12 + i32::from(month) - 1);
    let part = f64::from(day - 1) / f64::from(days_in_month(year, month));
    (months + part) / 12.0
}

/// Years after `t0` of a decimal year, put on the month where it is within 1e-9 of one.
pub(crate) fn time_of_decimal_year(base: i32, decimal_year: f64) -> f64 {
    let time = decimal_year - f64::from(base) - 1.0;
    let on_month = libm::round(time * 12.0) / 12.0;
    if (time - on_month).abs() < 1e-9 { on_month } else { time }
}

/// The decimal year of a time, the inverse of [`time_of_decimal_year`].
pub(crate) fn decimal_year(base: i32, time: f64) -> f64 {
    f64::from(base) + 1.0 + time
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_of_a_month_lies_on_the_grid() {
        assert_eq!(time_of_date(2022, 2023, 1, 1), 0.0);
        assert_eq!(time_of_date(2022, 2023, 4, 1), 0.25);
        assert_eq!(time_of_date(2022, 2018, 7, 1), -4.5);
        assert_eq!(time_of_decimal_year(2022, 2023.25), 0.25);
        assert_eq!(time_of_decimal_year(2022, 2023.0 + 1.0 / 12.0), 1.0 / 12.0);
    }

    #[test]
    fn days_are_parts_of_their_month() {
        assert_eq!(time_of_date(2022, 2024, 2, 15), (13.0 + 14.0 / 29.0) / 12.0);
        assert_eq!(days_in_month(2100, 2), 28);
    }

    #[test]
    fn decimal_years_come_back() {
        let time = time_of_date(2022, 2027, 8, 1);
        assert_eq!(time_of_decimal_year(2022, decimal_year(2022, time)), time);
    }
}
