//! Numbers as decimals, without exponent in the range that trade values live in.

use std::fmt::{self, Write as _};

/// Rounded to six significant digits, trailing zeros dropped.
pub fn short(value: f64) -> Written {
    match six_digits(value.abs()) {
        Some((digits, exponent)) => of_six_digits(value < 0.0, digits, exponent),
        None => plain(format_args!("{value:.5e}")),
    }
}

/// The fewest digits that read back as the same number.
pub fn exact(value: f64) -> Written {
    plain(format_args!("{value:e}"))
}

/// A written number: tables have tens of thousands, and each would be a text of its own.
#[derive(Clone, Copy, Default)]
pub struct Written {
    bytes: [u8; 32],
    len: usize,
}

impl Written {
    /// As text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(self.as_bytes()).expect("digits are ASCII")
    }

    /// The same as bytes, all of them ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// With a comma in the place of the point.
    pub fn with_decimal_comma(mut self) -> Written {
        self.bytes.iter_mut().filter(|byte| **byte == b'.').for_each(|point| *point = b',');
        self
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    fn push_zeros(&mut self, count: usize) {
        self.push(&[b'0'; 16][..count]);
    }
}

impl fmt::Write for Written {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        self.bytes.get_mut(self.len..end).ok_or(fmt::Error)?.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// All powers of ten that are exact in double precision.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// The first six digits, rounded, as a whole number, and the exponent of the first of them; none where it takes more
/// than one operation to tell.
///
/// The number is scaled by an exact power of ten, which rounds once: less than 1e-9 of the last digit. So only what
/// lies as near as that to the middle between two whole numbers could be rounded to the wrong one.
fn six_digits(size: f64) -> Option<(u32, i32)> {
    if !(1e-16..1e22).contains(&size) {
        return None;
    }
    let binary = (size.to_bits() >> 52) as i32 - 1023;
    // 1233 / 4096 is log10(2), a little less: the exponent or the one before. Below 1 the product is a little more, but
    // no power of two in this range is so near to a power of ten that it would matter.
    let mut exponent = (binary * 1233) >> 12;
    let mut scaled = times_power_of_ten(size, 5 - exponent);
    if scaled >= 1e6 {
        exponent += 1;
        scaled = times_power_of_ten(size, 5 - exponent);
    }
    let whole = scaled as u32;
    let rest = scaled - f64::from(whole);
    if (rest - 0.5).abs() < 1e-6 {
        return None;
    }
    match whole + u32::from(rest > 0.5) {
        1_000_000 => Some((100_000, exponent + 1)),
        digits => Some((digits, exponent)),
    }
}

fn times_power_of_ten(size: f64, power: i32) -> f64 {
    let exact = POWERS[power.unsigned_abs() as usize];
    if power < 0 { size / exact } else { size * exact }
}

/// Whole eights of bytes are copied, more than there are digits: the rest is written over or cut off.
fn of_six_digits(is_negative: bool, digits: u32, exponent: i32) -> Written {
    const EIGHT: usize = 8;
    let (mut rest, mut all) = (digits, [b'0'; 2 * EIGHT]);
    for digit in all[..6].iter_mut().rev() {
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let significant = all[..6].iter().rposition(|&digit| digit != b'0').map_or(1, |last| last + 1);
    let mut out = Written::default();
    if is_negative {
        out.push(b"-");
    }
    let start = out.len;
    let mut place = |at: usize, eight: &[u8]| out.bytes[at..at + EIGHT].copy_from_slice(&eight[..EIGHT]);
    match exponent {
        0..=5 => {
            let whole = exponent as usize + 1;
            place(start, &all);
            place(start + whole + 1, &all[whole..]);
            if significant > whole {
                out.bytes[start + whole] = b'.';
                out.len = start + significant + 1;
            } else {
                out.len = start + whole;
            }
        }
        -6..0 => {
            let first = start + 1 + exponent.unsigned_abs() as usize;
            place(start, b"0.000000");
            place(first, &all);
            out.len = first + significant;
        }
        _ => place_point(&mut out, &all[..1], &all[1..significant], exponent),
    }
    out
}

/// From `-1.2300e4` to `-12300`. The exponent stays below 1e-6 and from 1e16 on.
fn plain(scientific: fmt::Arguments<'_>) -> Written {
    let mut written = Written::default();
    written.write_fmt(scientific).expect("a number has at most 17 digits");
    let (mantissa, exponent) = written.as_str().split_once('e').expect("the number is finite");
    let exponent: i32 = exponent.parse().expect("written by the standard library");
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |unsigned| ("-", unsigned));
    let (first, rest) = mantissa.split_at(1);
    let rest = rest.trim_start_matches('.').trim_end_matches('0');
    let mut out = Written::default();
    if first == "0" {
        out.push(b"0");
        return out;
    }
    out.push(sign.as_bytes());
    place_point(&mut out, first.as_bytes(), rest.as_bytes(), exponent);
    out
}

/// Writes `first.rest * 10^exponent`, where `rest` does not end with 0.
fn place_point(out: &mut Written, first: &[u8], rest: &[u8], exponent: i32) {
    match exponent {
        -6..0 => {
            out.push(b"0.");
            out.push_zeros(-exponent as usize - 1);
            out.push(first);
            out.push(rest);
        }
        0..=15 => {
            out.push(first);
            let whole = exponent as usize;
            match rest.split_at_checked(whole) {
                Some((whole, fraction)) => {
                    out.push(whole);
                    push_fraction(out, fraction);
                }
                None => {
                    out.push(rest);
                    out.push_zeros(whole - rest.len());
                }
            }
        }
        _ => {
            out.push(first);
            push_fraction(out, rest);
            write!(out, "e{exponent}").expect("there is room for an exponent");
        }
    }
}

fn push_fraction(out: &mut Written, digits: &[u8]) {
    if !digits.is_empty() {
        out.push(b".");
        out.push(digits);
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
            assert_eq!(short(value).as_str(), expected, "{value:e}");
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
            assert_eq!(exact(value).as_str(), expected, "{value:e}");
        }
    }

    /// Numbers of either sign that must be written without exponent.
    fn plain_range() -> impl Strategy<Value = f64> {
        (-5.99_f64..15.0, any::<bool>()).prop_map(|(log, negative)| {
            let size = 10_f64.powf(log);
            if negative { -size } else { size }
        })
    }

    /// Numbers of all sizes, and those in the middle between two of six digits or next to it.
    fn any_size() -> impl Strategy<Value = f64> {
        let middle =
            (100_000..1_000_000_u32, 0..22_u32, any::<bool>(), -2..=2_i64).prop_map(|(digits, power, small, ulps)| {
                let middle = f64::from(digits) + 0.5;
                let power = POWERS[power as usize];
                let value = if small { middle / power } else { middle * power };
                f64::from_bits((value.to_bits() as i64 + ulps) as u64)
            });
        let edge = (-20..24_i32, -3..=3_i64).prop_map(|(power, ulps)| {
            let value: f64 = format!("1e{power}").parse().unwrap();
            f64::from_bits((value.to_bits() as i64 + ulps) as u64)
        });
        prop_oneof![plain_range(), middle, edge, any::<f64>().prop_filter("finite", |v| v.is_finite())]
    }

    proptest! {
        #[test]
        fn short_is_within_half_a_unit_of_the_sixth_digit(value in plain_range()) {
            let text = short(value);
            let text = text.as_str();
            let back: f64 = text.parse().unwrap();
            let unit = 10_f64.powi(value.abs().log10().floor() as i32 - 5);
            // The slack is for the rounding of `back` and of `unit` themselves.
            prop_assert!((back - value).abs() <= unit * (0.5 + 1e-9), "{value:e} became {text}");
        }

        #[test]
        fn short_is_rounded_as_the_standard_library_rounds(value in any_size()) {
            let all_digits = plain(format_args!("{value:.5e}"));
            let text = short(value);
            prop_assert_eq!(text.as_str(), all_digits.as_str(), "{:e}", value);
        }

        #[test]
        fn exact_reads_back(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            let text = exact(value);
            prop_assert_eq!(text.as_str().parse::<f64>().unwrap(), value);
        }

        #[test]
        fn plain_has_no_exponent_and_no_trailing_zeros(value in plain_range()) {
            for text in [short(value), exact(value)] {
                let text = text.as_str();
                prop_assert!(!text.contains('e'), "{text}");
                prop_assert!(!text.contains('.') || !text.ends_with(['0', '.']), "{text}");
            }
        }

        #[test]
        fn nothing_is_minus_zero(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            for text in [short(value), exact(value)] {
                prop_assert_ne!(text.as_str(), "-0");
            }
        }
    }
}
