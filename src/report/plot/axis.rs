//! Round numbers for axes.

/// Multiples of 1, 2 or 5 times a power of ten that span `low` to `high` in at most `most` steps.
pub fn ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let span = if high > low { high - low } else { 1.0 };
    let mut unit = 10_f64.powi((span / most as f64).log10().floor() as i32);
    let step = loop {
        let factors = [1.0, 2.0, 5.0].map(|factor| factor * unit);
        if let Some(&step) = factors.iter().find(|&&step| (high / step).ceil() - (low / step).floor() <= most as f64) {
            break step;
        }
        unit *= 10.0;
    };
    let (first, last) = ((low / step).floor() as i64, (high / step).ceil().max((low / step).floor() + 1.0) as i64);
    (first..=last).map(|count| count as f64 * step).collect()
}

/// Whole years from `first` to `last`, at most about `most` of them.
pub fn years(first: f64, last: f64, most: usize) -> Vec<f64> {
    let steps = [1, 2, 5, 10, 20, 50];
    let step = steps.into_iter().find(|step| (last - first) / *step as f64 <= most as f64).unwrap_or(100);
    let from = (first / step as f64).ceil() as i64;
    let to = (last / step as f64).floor() as i64;
    (from..=to).map(|count| (count * step) as f64).collect()
}

/// 1,000 and 0.25: with separators, without zeros at the end.
pub fn label(value: f64) -> String {
    // The ticks are multiples of a step, and such a product may be off in its last digit.
    let rounded = format!("{:.9}", value.abs());
    let plain = rounded.trim_end_matches('0').trim_end_matches('.');
    let (whole, fraction) = plain.split_once('.').map_or((plain, None), |(whole, rest)| (whole, Some(rest)));
    let start = |at: usize| at > 0 && (whole.len() - at).is_multiple_of(3);
    let mut text = String::new();
    if value < 0.0 && plain != "0" {
        text.push('\u{2212}');
    }
    for (at, digit) in whole.chars().enumerate() {
        if start(at) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}
