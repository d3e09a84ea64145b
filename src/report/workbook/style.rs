//! How cells look.

use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

pub const DARK: Color = Color::RGB(0x1F3A5F);
pub const PALE: Color = Color::RGB(0xE8EEF5);
pub const GREY: Color = Color::RGB(0x595959);

/// The most decimals that a cell shows.
const DECIMALS: usize = 7;

/// The formats of a workbook, made once.
pub struct Styles {
    pub title: Format,
    pub heading: Format,
    pub note: Format,
    pub wrapped: Format,
    pub label: Format,
    pub header: Format,
    pub header_right: Format,
    pub over: Format,
    pub text: Format,
    /// A number with all its digits.
    pub own: Format,
    pub whole: Format,
    pub share: Format,
    pub share_error: Format,
    pub link: Format,
    grouped: Vec<Format>,
    plain: Vec<Format>,
    signed: Vec<Format>,
}

impl Styles {
    pub fn new() -> Styles {
        let header = Format::new()
            .set_bold()
            .set_font_color(Color::White)
            .set_background_color(DARK)
            .set_align(FormatAlign::VerticalCenter)
            .set_border_bottom(FormatBorder::Thin);
        let decimals = |start: &str| (0..DECIMALS).map(|n| number(start, n)).collect::<Vec<_>>();
        Styles {
            title: Format::new().set_bold().set_font_size(16).set_font_color(DARK),
            heading: Format::new().set_bold().set_font_size(12).set_font_color(DARK),
            note: Format::new().set_italic().set_font_color(GREY),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            label: Format::new().set_bold().set_align(FormatAlign::Top),
            header_right: header.clone().set_align(FormatAlign::Right).set_text_wrap(),
            over: header.clone().set_align(FormatAlign::Center).set_border(FormatBorder::Thin),
            header: header.set_text_wrap(),
            // Set in a little, or a title that is cut off would run into the text before it.
            text: Format::new().set_indent(1),
            own: Format::new(),
            // Years are labels: at the right they would run into the text of the next column.
            whole: Format::new().set_num_format("0").set_align(FormatAlign::Left).set_indent(1),
            share: Format::new().set_num_format("0.0%"),
            share_error: Format::new().set_num_format("0.00%"),
            link: Format::new().set_hyperlink().set_align(FormatAlign::Top),
            grouped: decimals("#,##0"),
            plain: decimals("0"),
            signed: (0..DECIMALS).map(signed).collect(),
        }
    }

    /// With thousands set apart.
    pub fn grouped(&self, decimals: usize) -> &Format {
        &self.grouped[decimals.min(DECIMALS - 1)]
    }

    /// Without, as years have it.
    pub fn plain(&self, decimals: usize) -> &Format {
        &self.plain[decimals.min(DECIMALS - 1)]
    }

    /// With a plus before what is above nothing: a difference.
    pub fn signed(&self, decimals: usize) -> &Format {
        &self.signed[decimals.min(DECIMALS - 1)]
    }
}

fn pattern(start: &str, decimals: usize) -> String {
    match decimals {
        0 => start.to_owned(),
        n => format!("{start}.{}", "0".repeat(n)),
    }
}

fn number(start: &str, decimals: usize) -> Format {
    Format::new().set_num_format(pattern(start, decimals))
}

fn signed(decimals: usize) -> Format {
    let digits = pattern("#,##0", decimals);
    Format::new().set_num_format(format!("+{digits};-{digits};{digits}"))
}

/// As many decimals as show `digits` significant digits of a number like this one.
pub fn decimals(like: f64, digits: i32) -> usize {
    match like.abs() {
        0.0 => 2,
        size => (digits - 1 - libm::floor(libm::log10(size)) as i32).clamp(0, DECIMALS as i32 - 1) as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_shown() {
        let shown = [0.0, 0.01234, 0.5, 1.0, 12.0, 163.0, 1000.0, 2e6].map(|value| decimals(value, 4));
        assert_eq!(shown, [2, 5, 4, 3, 2, 1, 0, 0]);
    }
}
