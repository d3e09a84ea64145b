//! Cells of time.

/// A calendar year, or a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) year: i32,
    /// How many of its kind make up the year: 1, 2, 4 or 12.
    pub(super) per_year: u8,
    /// Which of them it is, from 0.
    pub(super) part: u8,
}

impl Period {
    /// `2022`, `2022-Q3`, `2022Q3`, `2022-S1`, `2022-H1`, `2022-07`, `2022M07`, `2022-M07`, `202207`, `2022-07-01`.
    pub(super) fn parse(text: &str) -> Option<Period> {
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let (year, rest) = text.split_at_checked(4)?;
        if !digits(year) {
            return None;
        }
        let year = year.parse().ok()?;
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let (per_year, number) = match rest.as_bytes() {
            [] | b".0" => return Some(Period { year, per_year: 1, part: 0 }),
            [b'A', b'1'] => (1, "1"),
            [b'Q' | b'q', _] => (4, &rest[1..]),
            [b'S' | b's' | b'H' | b'h', _] => (2, &rest[1..]),
            [b'M' | b'm', _, _] => (12, &rest[1..]),
            [_, _] => (12, rest),
            // The first day of a month stands for the month.
            [_, _, b'-', b'0', b'1'] => (12, &rest[..2]),
            _ => return None,
        };
        if !digits(number) {
            return None;
        }
        let number: u8 = number.parse().ok()?;
        (1..=per_year).contains(&number).then(|| Period { year, per_year, part: number - 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_their_parts() {
        let cases = [
            ("2022", (2022, 1, 0)),
            ("2022.0", (2022, 1, 0)),
            ("2022-Q3", (2022, 4, 2)),
            ("2022Q3", (2022, 4, 2)),
            ("2022-S2", (2022, 2, 1)),
            ("2022-07", (2022, 12, 6)),
            ("202207", (2022, 12, 6)),
            ("2022-M12", (2022, 12, 11)),
            ("2022M01", (2022, 12, 0)),
            ("2022-07-01", (2022, 12, 6)),
        ];
        for (text, (year, per_year, part)) in cases {
            assert_eq!(Period::parse(text), Some(Period { year, per_year, part }), "{text}");
        }
        for text in
            ["", "22", "2022-13", "2022-Q5", "2022-Q0", "x022", "2022-0x", "2022-07-15", "20220701", "é022", "+022"]
        {
            assert_eq!(Period::parse(text), None, "{text}");
        }
    }
}
