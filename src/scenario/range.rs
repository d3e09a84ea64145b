//! Ranges of keys, and how a key's values are converted.

use crate::scenario::{Convert, Range};

const INFINITY: f64 = f64::INFINITY;

/// Any finite number.
pub(crate) const ANY: Range = Range { min: -INFINITY, max: INFINITY, above_min: true, below_max: true };
/// Above 0.
pub(crate) const POSITIVE: Range = Range { min: 0.0, max: INFINITY, above_min: true, below_max: true };
/// 0 or more.
pub(crate) const NOT_NEGATIVE: Range = Range { min: 0.0, max: INFINITY, above_min: false, below_max: true };
/// A probability or share.
pub(crate) const SHARE: Range = Range { min: 0.0, max: 1.0, above_min: false, below_max: false };
/// An autocorrelation.
pub(crate) const PERSISTENCE: Range = Range { min: 0.0, max: 1.0, above_min: false, below_max: true };
/// A correlation.
pub(crate) const CORRELATION: Range = Range { min: -1.0, max: 1.0, above_min: true, below_max: true };
/// Per cent of which the logarithm is taken.
pub(crate) const PERCENT: Range = Range { min: -100.0, max: INFINITY, above_min: true, below_max: true };

/// Whether a number is in a range.
pub(crate) fn contains(range: &Range, x: f64) -> bool {
    let above = if range.above_min { x > range.min } else { x >= range.min };
    let below = if range.below_max { x < range.max } else { x <= range.max };
    above && below
}

/// A range in words: `above 0`, `0 or more`, `from 0 to 1`.
pub(crate) fn in_words(range: &Range) -> String {
    match (range.min.is_finite(), range.max.is_finite(), range.above_min, range.below_max) {
        (true, false, true, _) => format!("above {}", range.min),
        (true, false, false, _) => format!("{} or more", range.min),
        (true, true, false, false) => format!("from {} to {}", range.min, range.max),
        (true, true, false, true) => format!("from {} to below {}", range.min, range.max),
        (true, true, true, _) => format!("above {} and below {}", range.min, range.max),
        _ => "finite".to_string(),
    }
}

/// A value in the engine's unit. Dates are not converted here.
pub(crate) fn convert(convert: Convert, x: f64) -> f64 {
    match convert {
        Convert::AsIs | Convert::DecimalYear { .. } => x,
        Convert::LogOnePlusPercent => libm::log1p(x / 100.0),
        Convert::Hundredth => x / 100.0,
        Convert::HalfLife => libm::exp2(-1.0 / x),
    }
}

/// A range in the engine's unit; every conversion increases.
pub(crate) fn convert_range(conversion: Convert, range: &Range) -> Range {
    let end = |x: f64| match conversion {
        Convert::HalfLife if x == 0.0 => 0.0,
        Convert::HalfLife if x == INFINITY => 1.0,
        _ => convert(conversion, x),
    };
    Range { min: end(range.min), max: end(range.max), ..*range }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(in_words(&POSITIVE), "above 0");
        assert_eq!(in_words(&SHARE), "from 0 to 1");
        assert_eq!(in_words(&PERSISTENCE), "from 0 to below 1");
        assert_eq!(in_words(&CORRELATION), "above -1 and below 1");
    }

    #[test]
    fn conversions_of_ranges() {
        let percent = convert_range(Convert::LogOnePlusPercent, &PERCENT);
        assert_eq!((percent.min, percent.max), (f64::NEG_INFINITY, f64::INFINITY));
        let half_life = convert_range(Convert::HalfLife, &POSITIVE);
        assert_eq!((half_life.min, half_life.max), (0.0, 1.0));
        assert!((convert(Convert::HalfLife, 2.0) - 0.5f64.sqrt()).abs() < 1e-15);
    }
}
