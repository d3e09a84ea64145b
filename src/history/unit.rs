//! What values are counted in.

/// A multiple of the US dollar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Million USD that one of it is.
    pub in_millions: f64,
}

impl Unit {
    /// A million US dollars, which histories are kept in.
    pub const MILLION: Unit = Unit { in_millions: 1.0 };

    /// The unit that some words mean, such as `USD million`, `US$ thousand`, `kUSD` or `usd`.
    ///
    /// # Examples
    /// ```
    /// use tradewinds::history::Unit;
    /// assert_eq!(Unit::named("USD million"), Some(Unit::MILLION));
    /// assert_eq!(Unit::named("US$ Thousand"), Some(Unit { in_millions: 1e-3 }));
    /// assert_eq!(Unit::named("tonnes"), None);
    /// ```
    pub fn named(words: &str) -> Option<Unit> {
        let word: String = words.to_lowercase().replace("us$", "usd").replace('$', "usd");
        let word: String = word.chars().filter(|letter| letter.is_alphanumeric()).collect();
        let scale = match word.split_once("usd")? {
            (scale, "") | ("", scale) => scale,
            _ => return None,
        };
        let in_millions = match scale {
            "" => 1e-6,
            "k" | "1000" | "000" | "thousand" | "thousands" | "th" => 1e-3,
            "m" | "mn" | "mio" | "million" | "millions" => 1.0,
            "b" | "bn" | "billion" | "billions" => 1e3,
            _ => return None,
        };
        Some(Unit { in_millions })
    }
}
