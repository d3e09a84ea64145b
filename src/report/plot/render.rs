//! Letters to outlines, and a drawing to dots.

use std::sync::{Arc, LazyLock};

use plotters::style::{FontStyle, register_font};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree, WriteOptions, fontdb};

use super::FanChart;
use super::draw::{self, DOTS, SIZE};

/// The font's name.
pub const FAMILY: &str = "Open Sans";

const REGULAR: &[u8] = include_bytes!("font/OpenSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("font/OpenSans-Semibold.ttf");

/// The chart as SVG.
pub fn svg(chart: &FanChart) -> String {
    let tree = tree(chart);
    let precision = WriteOptions { coordinates_precision: 1, transforms_precision: 4, ..WriteOptions::default() };
    let drawing = tree.to_string(&precision);
    // Dots are fine so that places are exact; the picture says its size in points, and what it is to those who cannot
    // see it.
    let (_, body) = drawing.split_once('>').expect("it begins with a tag");
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" viewBox=\"0 0 {} {}\" role=\"img\">\n    \
         <title>{}</title>{body}",
        SIZE.0,
        SIZE.1,
        SIZE.0 * DOTS,
        SIZE.1 * DOTS,
        escaped(&format!("{}: {}", chart.title, chart.subtitle)),
    )
}

/// The chart as PNG, `scale` dots a point: 3 make one of 2,160 by 1,350.
pub fn png(chart: &FanChart, scale: f32) -> Vec<u8> {
    let size = |points: u32| (points as f32 * scale).round() as u32;
    let mut dots = Pixmap::new(size(SIZE.0), size(SIZE.1)).expect("it has a size");
    let factor = scale / DOTS as f32;
    resvg::render(&tree(chart), Transform::from_scale(factor, factor), &mut dots.as_mut());
    dots.encode_png().expect("memory takes it")
}

fn tree(chart: &FanChart) -> Tree {
    LazyLock::force(&REGISTERED);
    let options = Options { fontdb: Arc::clone(&FONTS), ..Options::default() };
    Tree::from_str(&draw::marks(chart), &options).expect("the drawing is sound")
}

static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    Arc::new(fonts)
});

/// The drawing needs to know how long words are.
static REGISTERED: LazyLock<()> = LazyLock::new(|| {
    for (style, bytes) in [(FontStyle::Normal, REGULAR), (FontStyle::Bold, BOLD)] {
        assert!(register_font(FAMILY, style, bytes).is_ok(), "the font is sound");
    }
});

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
