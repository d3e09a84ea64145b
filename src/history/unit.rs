//! What values are counted in.

use std::fmt;

/// Currencies that a name of a column or a unit may hold. Only these, or `value_oil` would be counted in `OIL`.
const CURRENCIES: [&str; 17] = [
    "USD", "EUR", "GBP", "JPY", "CNY", "INR", "PKR", "KZT", "RUB", "CHF", "CAD", "AUD", "TRY", "BRL", "KRW", "UZS",
    "MXN",
];

/// Ways to write the US dollar, longest first.
const DOLLARS: [&str; 7] = ["us dollars", "us dollar", "usdollars", "usdollar", "us$", "dollars", "$"];

/// A multiple of a currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// How many millions one of it is: 0.001 for a thousand.
    pub in_millions: f64,
    currency: usize,
}

impl Unit {
    /// A million US dollars.
    pub const MILLION: Unit = Unit { in_millions: 1.0, currency: 0 };
    /// A thousand US dollars.
    pub const THOUSAND: Unit = Unit { in_millions: 1e-3, currency: 0 };
    /// A US dollar.
    pub const ONE: Unit = Unit { in_millions: 1e-6, currency: 0 };

    /// The unit that some words mean, such as `USD million`, `US$ thousand`, `kUSD`, `EUR bn` or `usd`.
    ///
    /// # Examples
    /// ```
    /// use tradewinds::history::Unit;
    /// assert_eq!(Unit::named("USD million"), Some(Unit::MILLION));
    /// assert_eq!(Unit::named("US$ Thousand"), Some(Unit::THOUSAND));
    /// assert_eq!(Unit::named("million EUR").unwrap().currency(), "EUR");
    /// assert_eq!(Unit::named("tonnes"), None);
    /// ```
    pub fn named(words: &str) -> Option<Unit> {
        let mut words = words.trim().to_lowercase();
        for dollar in DOLLARS {
            words = words.replace(dollar, "usd");
        }
        let word: String = words.chars().filter(|letter| letter.is_alphanumeric()).collect();
        CURRENCIES.iter().enumerate().find_map(|(currency, code)| {
            let scale = match word.split_once(code.to_lowercase().as_str())? {
                (scale, "") | ("", scale) => scale,
                _ => return None,
            };
            Some(Unit { in_millions: scaled(scale)?, currency })
        })
    }

    /// So many of it in millions. Divides by a whole number where it can, which keeps short decimals short.
    pub fn to_millions(self, amount: f64) -> f64 {
        if self.in_millions < 1.0 { amount / (1.0 / self.in_millions).round() } else { amount * self.in_millions }
    }

    /// The same currency in another multiple, as `UNIT_MULT` (a power of ten) or `SCALE` (a word) of SDMX say it.
    pub(super) fn times(self, scale: &str) -> Option<Unit> {
        let scale = scale.trim().to_lowercase();
        let factor = match scale.parse::<i32>() {
            Ok(power) if (0..=12).contains(&power) => 10_f64.powi(power),
            Ok(_) => return None,
            Err(_) => scaled(&scale)? * 1e6,
        };
        Some(Unit { in_millions: self.in_millions * factor, ..self })
    }

    /// Its currency, ISO 4217.
    pub fn currency(self) -> &'static str {
        CURRENCIES[self.currency]
    }
}

/// How many millions a word of scale is.
fn scaled(scale: &str) -> Option<f64> {
    Some(match scale {
        "" | "units" | "unit" | "ones" | "one" => 1e-6,
        "k" | "1000" | "000" | "thousand" | "thousands" | "th" | "tsd" => 1e-3,
        "m" | "mn" | "mil" | "mio" | "mill" | "million" | "millions" | "1000000" => 1.0,
        "b" | "bn" | "billion" | "billions" => 1e3,
        _ => return None,
    })
}

impl fmt::Display for Unit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = [(1e-6, ""), (1e-3, "thousand "), (1.0, "million "), (1e3, "billion ")];
        match scale.iter().find(|(in_millions, _)| *in_millions == self.in_millions) {
            Some((_, word)) => write!(out, "{word}{}", self.currency()),
            None => write!(out, "{} million {}", self.in_millions, self.currency()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_as_tables_write_them() {
        let cases = [
            ("musd", "million USD"),
            ("usd", "USD"),
            ("US$", "USD"),
            ("1000 USD", "thousand USD"),
            ("kUSD", "thousand USD"),
            ("US$ Thousand", "thousand USD"),
            ("US$ Mil", "million USD"),
            ("USD billion", "billion USD"),
            ("million EUR", "million EUR"),
            ("US Dollars", "USD"),
        ];
        for (words, expected) in cases {
            assert_eq!(Unit::named(words).map(|unit| unit.to_string()).as_deref(), Some(expected), "{words}");
        }
        for words in ["", "million", "value", "kg", "usd per eur"] {
            assert_eq!(Unit::named(words), None, "{words}");
        }
    }

    #[test]
    fn short_decimals_stay_short() {
        assert_eq!(Unit::THOUSAND.to_millions(12843.884), 12.843884);
        assert_eq!(Unit::ONE.to_millions(987480.0), 0.98748);
        assert_eq!(Unit::named("USD billion").unwrap().to_millions(1.5), 1500.0);
    }

    #[test]
    fn multipliers_are_powers_or_words() {
        for (scale, expected) in [("6", "million USD"), ("Millions", "million USD"), ("0", "USD"), ("Units", "USD")] {
            assert_eq!(Unit::ONE.times(scale).unwrap().to_string(), expected, "{scale}");
        }
        assert_eq!(Unit::ONE.times("many"), None);
        assert_eq!(Unit::ONE.times("-3"), None);
    }
}
