//! Numbers as decimals, without exponent in the range that trade values live in.

/// Rounded to six significant digits, trailing zeros dropped.
pub fn short(value: f64) -> String {
    plain(&format!("{value:.5e}"))
}

/// The fewest digits that read back as the same number.
pub fn exact(value: f64) -> String {
    plain(&format!("{value:e}"))
}

/// From `-1.2300e4` to `-12300`. The exponent stays below 1e-6 and from 1e16 on.
fn plain(scientific: &str) -> String {
    let (mantissa, exponent) = scientific.split_once('e').expect("the number is finite");
    let exponent: i32 = exponent.parse().expect("written by the standard library");
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |unsigned| ("-", unsigned));
    let digits = mantissa.replace('.', "");
    match digits.trim_end_matches('0') {
        "" => "0".to_owned(),
        digits => format!("{sign}{}", place_point(digits, exponent)),
    }
}

/// Puts the decimal point into `digits`, the first of which counts `10^exponent`.
fn place_point(digits: &str, exponent: i32) -> String {
    match exponent {
        -6..0 => format!("0.{}{digits}", "0".repeat(-exponent as usize - 1)),
        0..=15 => {
            let whole = exponent as usize + 1;
            match digits.split_at_checked(whole) {
                None | Some((_, "")) => format!("{digits:0<whole$}"),
                Some((whole, fraction)) => format!("{whole}.{fraction}"),
            }
        }
        _ => match digits.split_at(1) {
            (first, "") => format!("{first}e{exponent}"),
            (first, rest) => format!("{first}.{rest}e{exponent}"),
        },
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
