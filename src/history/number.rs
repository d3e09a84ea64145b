//! Cells of value.

/// What a cell of value says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell {
    /// Nothing: a gap.
    Missing,
    /// A number.
    Number(f64),
    /// Something else.
    Unreadable,
}

/// What tables write for "not available".
const MISSING: [&str; 12] = ["", ".", "..", "...", "-", ":", "NA", "N/A", "n/a", "NaN", "nan", "null"];

/// Reads a cell. Where cells are not separated by commas, a comma is the decimal mark; where they are, it can only
/// stand between groups of three digits.
pub(super) fn parse(text: &str, decimal_comma: bool) -> Cell {
    if let Ok(value) = text.parse::<f64>()
        && value.is_finite()
    {
        return Cell::Number(value);
    }
    if MISSING.contains(&text) {
        return Cell::Missing;
    }
    let plain = match decimal_comma {
        true if text.matches(',').count() <= 1 => ungrouped(text, '.', ',').map(|text| text.replace(',', ".")),
        _ => ungrouped(text, ',', '.'),
    };
    match plain.and_then(|plain| plain.parse::<f64>().ok()) {
        Some(value) if value.is_finite() => Cell::Number(value),
        _ => Cell::Unreadable,
    }
}

/// The text without the marks and blanks between groups of three digits; none if other groups are marked.
fn ungrouped(text: &str, mark: char, point: char) -> Option<String> {
    let (whole, fraction) = match text.split_once(point) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let is_mark = |letter: char| letter == mark || matches!(letter, ' ' | '\u{a0}' | '\u{202f}' | '\'');
    let groups: Vec<&str> = whole.split(is_mark).collect();
    let is_right = groups[1..].iter().all(|group| group.len() == 3) && !groups[0].is_empty();
    is_right.then(|| match fraction {
        Some(fraction) => format!("{}{point}{fraction}", groups.concat()),
        None => groups.concat(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_are_numbers_and_gaps_are_not() {
        for text in ["0", "0.0", "-0", "0e5"] {
            assert_eq!(parse(text, false), Cell::Number(0.0), "{text}");
        }
        for text in ["", "..", ":", "NA", "NaN", "-"] {
            assert_eq!(parse(text, false), Cell::Missing, "{text}");
        }
    }

    #[test]
    fn numbers_as_tables_write_them() {
        let cases = [
            ("1234.5", false, 1234.5),
            ("1.2345E3", false, 1234.5),
            ("1,234.5", false, 1234.5),
            ("1,234,567", false, 1_234_567.0),
            ("-5", false, -5.0),
            ("1234,5", true, 1234.5),
            ("1.234,5", true, 1234.5),
            ("1 234,5", true, 1234.5),
            ("1,234,567.5", true, 1_234_567.5),
        ];
        for (text, decimal_comma, expected) in cases {
            assert_eq!(parse(text, decimal_comma), Cell::Number(expected), "{text}");
        }
        for text in ["abc", "12,34", "1,23.4", "inf", "1e999", ",123", "12 kg"] {
            assert_eq!(parse(text, false), Cell::Unreadable, "{text}");
        }
    }
}
