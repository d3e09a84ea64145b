//! Numbers as decimals, without exponent in the range that trade values live in.

use std::fmt::{self, Write as _};

/// Rounded to six significant digits, trailing zeros dropped.
pub fn short(value: f64) -> String {
    plain(format_args!("{value:.5e}"))
}

/// The fewest digits that read back as the same number.
pub fn exact(value: f64) -> String {
    plain(format_args!("{value:e}"))
}

/// A number as the standard library writes it: tables have tens of thousands, and each would be a text of its own.
#[derive(Default)]
struct Scientific {
    bytes: [u8; 32],
    len: usize,
}

impl fmt::Write for Scientific {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// From `-1.2300e4` to `-12300`. The exponent stays below 1e-6 and from 1e16 on.
fn plain(scientific: fmt::Arguments<'_>) -> String {
    let mut written = Scientific::default();
    written.write_fmt(scientific).expect("a number has at most 17 digits");
    let written = std::str::from_utf8(&written.bytes[..written.len]).expect("digits are ASCII");
    let (mantissa, exponent) = written.split_once('e').expect("the number is finite");
    let exponent: i32 = exponent.parse().expect("written by the standard library");
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |unsigned| ("-", unsigned));
    let (first, rest) = mantissa.split_at(1);
    let rest = rest.trim_start_matches('.').trim_end_matches('0');
    if first == "0" {
        return "0".to_owned();
    }
    let mut out = String::with_capacity(28);
    out.push_str(sign);
    place_point(&mut out, first, rest, exponent);
    out
}

/// Writes `first.rest * 10^exponent`, where `rest` does not end with 0.
fn place_point(out: &mut String, first: &str, rest: &str, exponent: i32) {
    let zeros = |out: &mut String, count: usize| out.extend(std::iter::repeat_n('0', count));
    match exponent {
        -6..0 => {
            out.push_str("0.");
            zeros(out, -exponent as usize - 1);
            out.push_str(first);
            out.push_str(rest);
        }
        0..=15 => {
            out.push_str(first);
            let whole = exponent as usize;
            match rest.split_at_checked(whole) {
                Some((whole, fraction)) => {
                    out.push_str(whole);
                    push_fraction(out, fraction);
                }
                None => {
                    out.push_str(rest);
                    zeros(out, whole - rest.len());
                }
            }
        }
        _ => {
            out.push_str(first);
            push_fraction(out, rest);
            write!(out, "e{exponent}").expect("a string takes all");
        }
    }
}

fn push_fraction(out: &mut String, digits: &str) {
    if !digits.is_empty() {
        out.push('.');
        out.push_str(digits);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn six_significant_digits_without_trailing_zeros() {
        let cases = [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-2.5, "-2.5"),
            (1234.5678, "1234.57"),
            (123456.7, "123457"),
            (1234567.0, "1234570"),
            (999999.5, "1000000"),
            (0.1 + 0.2, "0.3"),
            (1e-6, "0.000001"),
            (-1.234567e-6, "-0.00000123457"),
            (9.9999999e-7, "0.000001"),
            (9.99999e-7, "9.99999e-7"),
            (1e15, "1000000000000000"),
            (1.5e16, "1.5e16"),
            (1e-300, "1e-300"),
        ];
        for (value, expected) in cases {
            assert_eq!(short(value), expected, "{value:e}");
        }
    }

    #[test]
    fn all_digits_that_matter() {
        let cases = [
            (-0.0, "0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1234567.0, "1234567"),
            (1.0 / 3.0, "0.3333333333333333"),
            (1e15, "1000000000000000"),
        ];
        for (value, expected) in cases {
            assert_eq!(exact(value), expected, "{value:e}");
        }
    }

    /// Numbers of either sign that must be written without exponent.
    fn plain_range() -> impl Strategy<Value = f64> {
        (-5.99_f64..15.0, any::<bool>()).prop_map(|(log, negative)| {
            let size = 10_f64.powf(log);
            if negative { -size } else { size }
        })
    }

    proptest! {
        #[test]
        fn short_is_within_half_a_unit_of_the_sixth_digit(value in plain_range()) {
            let text = short(value);
            let back: f64 = text.parse().unwrap();
            let unit = 10_f64.powi(value.abs().log10().floor() as i32 - 5);
            // The slack is for the rounding of `back` and of `unit` themselves.
            prop_assert!((back - value).abs() <= unit * (0.5 + 1e-9), "{value:e} became {text}");
        }

        #[test]
        fn exact_reads_back(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            prop_assert_eq!(exact(value).parse::<f64>().unwrap(), value);
        }

        #[test]
        fn plain_has_no_exponent_and_no_trailing_zeros(value in plain_range()) {
            for text in [short(value), exact(value)] {
                prop_assert!(!text.contains('e'), "{text}");
                prop_assert!(!text.contains('.') || !text.ends_with(['0', '.']), "{text}");
            }
        }

        #[test]
        fn nothing_is_minus_zero(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            prop_assert_ne!(short(value), "-0");
            prop_assert_ne!(exact(value), "-0");
        }
    }
}
