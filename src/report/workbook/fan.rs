//! Fan charts out of areas that stand on each other: the lowest is invisible, and the others are the parts of the
//! bands. The median is a line across them.

use rust_xlsxwriter::{
    Chart, ChartAxisLabelPosition, ChartErrorBars, ChartErrorBarsType, ChartFont, ChartFormat, ChartLegendPosition,
    ChartLine, ChartMarker, ChartMarkerType, ChartRange, ChartSeries, ChartSolidFill, ChartType, Color, Worksheet,
    XlsxError,
};

use super::CAVEAT;
use super::outline::Track;
use super::sheet::set_page;
use super::style::{DARK, GREY, PALE, Styles, decimals};
use super::worth::Worth;

/// The sheet that the charts are drawn from.
const SHEET: &str = "Chart data";

/// A header of two lines, in points.
pub const HEADER_HEIGHT: f64 = 30.0;

/// Size of a chart, in pixels.
pub const WIDTH: u32 = 660;
pub const HEIGHT: u32 = 320;

/// The edges of the parts of the bands, from below.
const EDGES: [&str; 6] = ["p05", "p10", "p25", "p75", "p90", "p95"];
/// Names of the parts: what is named is the band that the part belongs to.
const PARTS: [&str; 5] = ["90 % band", "80 % band", "50 % band", "80 % band, upper part", "90 % band, upper part"];
const FILLS: [Color; 5] =
    [Color::RGB(0xD6E2F0), Color::RGB(0xA9C3DF), Color::RGB(0x6C97C4), Color::RGB(0xA9C3DF), Color::RGB(0xD6E2F0)];
/// Colours that people who cannot tell red from green can tell apart (Okabe and Ito 2008).
const LINES: [u32; 8] = [0x000000, 0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9, 0x7F7F7F];

/// Blocks of numbers beneath each other, a chart each.
pub struct Data<'s> {
    sheet: Worksheet,
    row: u32,
    styles: &'s Styles,
}

impl<'s> Data<'s> {
    pub fn new(styles: &'s Styles) -> Result<Data<'s>, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(SHEET)?;
        sheet.set_column_width(0, 16)?;
        sheet.set_column_range_width(1, 16, 12)?;
        sheet.write_with_format(0, 0, SHEET, &styles.heading)?;
        sheet.write(
            1,
            0,
            "For a fan chart, areas stand on each other: `invisible` is the p05 itself, and each column after it is \
             how much higher the next percentile is.",
        )?;
        sheet.write_with_format(2, 0, CAVEAT, &styles.note)?;
        sheet.set_freeze_panes(3, 1)?;
        Ok(Data { sheet, row: 4, styles })
    }

    pub fn finish(mut self) -> Result<Worksheet, XlsxError> {
        set_page(&mut self.sheet)?;
        Ok(self.sheet)
    }

    /// The bands of one measure. Charts with the same `most` can be laid beside each other.
    pub fn fan(&mut self, track: &Track<'_>, title: &str, most: Option<f64>) -> Result<Chart, XlsxError> {
        let decimals = decimals(track.most("p95"), 4);
        let headings = std::iter::once("invisible").chain(PARTS).chain(["median"]);
        let block = self.block(title, headings, track.rows.len(), |sheet, styles, at, row| {
            let source = &track.rows[at];
            sheet.write_string(row, 0, source.text("period"))?;
            let edges = EDGES.map(|edge| source.number(edge).unwrap_or(0.0));
            let widths = edges.windows(2).map(|pair| pair[1] - pair[0]);
            let median = source.number("p50").unwrap_or(0.0);
            for (column, value) in std::iter::once(edges[0]).chain(widths).chain([median]).enumerate() {
                sheet.write_number_with_format(row, column as u16 + 1, value, styles.grouped(decimals))?;
            }
            Ok(())
        })?;
        let mut chart = Chart::new(ChartType::AreaStacked);
        block.add(&mut chart, 1).set_format(ChartFormat::new().set_no_fill().set_no_line());
        for (at, fill) in FILLS.into_iter().enumerate() {
            let fill = ChartSolidFill::new().set_color(fill).clone();
            block.add(&mut chart, at as u16 + 2).set_format(ChartFormat::new().set_solid_fill(&fill).set_no_line());
        }
        let mut median = Chart::new(ChartType::Line);
        block
            .add(&mut median, 7)
            .set_format(ChartLine::new().set_color(DARK).set_width(2.25))
            .set_marker(ChartMarker::new().set_none());
        chart.combine(&median);
        // The invisible part and the upper halves of bands that are named already.
        chart.legend().delete_entries(&[0, 4, 5]);
        dress(&mut chart, title, track.unit);
        if let Some(most) = most {
            chart.y_axis().set_max(most);
        }
        if track.least("p05") >= 0.0 {
            chart.y_axis().set_min(0);
        }
        chart.x_axis().set_position_between_ticks(false);
        chart.set_alt_text(format!("Fan chart of {title}: median and bands by year"));
        Ok(chart)
    }

    /// The medians of several scenarios over each other.
    pub fn medians(&mut self, tracks: &[Track<'_>], title: &str) -> Result<Chart, XlsxError> {
        let [first, ..] = tracks else { return Ok(Chart::new(ChartType::Line)) };
        let decimals = decimals(first.most("p50"), 4);
        let ids = tracks.iter().map(|track| track.id);
        let block = self.block(title, ids, first.rows.len(), |sheet, styles, at, row| {
            let period = first.rows[at].text("period");
            sheet.write_string(row, 0, period)?;
            for (column, track) in tracks.iter().enumerate() {
                if let Some(value) = track.at(period).and_then(|row| row.number("p50")) {
                    sheet.write_number_with_format(row, column as u16 + 1, value, styles.grouped(decimals))?;
                }
            }
            Ok(())
        })?;
        let mut chart = Chart::new(ChartType::Line);
        for at in 0..tracks.len() {
            let color = Color::RGB(LINES[at % LINES.len()]);
            block
                .add(&mut chart, at as u16 + 1)
                .set_format(ChartLine::new().set_color(color).set_width(2.0))
                .set_marker(ChartMarker::new().set_none());
        }
        dress(&mut chart, title, first.unit);
        if tracks.iter().all(|track| track.least("p50") >= 0.0) {
            chart.y_axis().set_min(0);
        }
        chart.legend().set_position(ChartLegendPosition::Right);
        chart.set_alt_text(format!("{title}: a line for each scenario"));
        Ok(chart)
    }

    /// Median differences with their 90 % bands.
    pub fn differences(&mut self, worths: &[Worth<'_>], title: &str) -> Result<Chart, XlsxError> {
        let headings = ["median difference", "up to p95", "down to p05"];
        let block = self.block(title, headings, worths.len(), |sheet, styles, at, row| {
            let worth = &worths[at];
            sheet.write_string(row, 0, worth.scenario)?;
            let [low, median, high] = worth.band();
            for (column, value) in [median, high - median, median - low].into_iter().enumerate() {
                sheet.write_number_with_format(row, column as u16 + 1, value, styles.grouped(3))?;
            }
            Ok(())
        })?;
        let bars = ChartErrorBars::new()
            .set_type(ChartErrorBarsType::Custom(block.range(2), block.range(3)))
            .set_format(ChartLine::new().set_color(Color::RGB(0x6C97C4)).set_width(3.0))
            .clone();
        let mut chart = Chart::new(ChartType::Line);
        block
            .add(&mut chart, 1)
            .set_format(ChartFormat::new().set_no_line())
            .set_marker(
                ChartMarker::new()
                    .set_type(ChartMarkerType::Diamond)
                    .set_size(9)
                    .set_format(ChartFormat::new().set_solid_fill(ChartSolidFill::new().set_color(DARK))),
            )
            .set_y_error_bars(&bars);
        dress(&mut chart, title, worths.first().map_or("", |worth| worth.unit));
        chart.legend().set_hidden();
        // Programs fit an axis to the medians and let the bars run out of it.
        let edge = |pick: fn([f64; 3]) -> f64| worths.iter().map(|worth| pick(worth.band())).fold(0.0, f64::max);
        chart.y_axis().set_min(-round_up(edge(|[low, ..]| -low))).set_max(round_up(edge(|[.., high]| high)));
        chart.set_alt_text(format!("{title}: median and 90 % band for each scenario"));
        Ok(chart)
    }

    /// Writes a block: its title, its headings behind the one of the first column, and its rows.
    fn block<'h>(
        &mut self,
        title: &str,
        headings: impl IntoIterator<Item = &'h str>,
        rows: usize,
        mut write: impl FnMut(&mut Worksheet, &Styles, usize, u32) -> Result<(), XlsxError>,
    ) -> Result<Block, XlsxError> {
        self.sheet.write_with_format(self.row, 0, title, &self.styles.label)?;
        let header = self.row + 1;
        self.sheet.write_with_format(header, 0, "", &self.styles.header)?;
        for (at, heading) in headings.into_iter().enumerate() {
            self.sheet.write_with_format(header, at as u16 + 1, heading, &self.styles.header_right)?;
        }
        self.sheet.set_row_height(header, HEADER_HEIGHT)?;
        for at in 0..rows {
            write(&mut self.sheet, self.styles, at, header + 1 + at as u32)?;
        }
        let block = Block { header, last: header + rows.max(1) as u32 };
        self.row = block.last + 3;
        Ok(block)
    }
}

/// Where a block of numbers is.
struct Block {
    header: u32,
    last: u32,
}

impl Block {
    fn range(&self, column: u16) -> ChartRange {
        ChartRange::new_from_range(SHEET, self.header + 1, column, self.last, column)
    }

    /// Adds one of its columns to a chart.
    fn add<'c>(&self, chart: &'c mut Chart, column: u16) -> &'c mut ChartSeries {
        chart
            .add_series()
            .set_name((SHEET, self.header, column))
            .set_categories(&self.range(0))
            .set_values(&self.range(column))
    }
}

/// What all charts have.
fn dress(chart: &mut Chart, title: &str, unit: &str) {
    let small = ChartFont::new().set_size(9).set_color(GREY).clone();
    chart.set_width(WIDTH).set_height(HEIGHT);
    chart.title().set_name(title).set_font(ChartFont::new().set_size(12).set_bold().set_color(DARK));
    chart
        .y_axis()
        .set_name(unit)
        .set_name_font(ChartFont::new().set_size(9).set_color(GREY).unset_bold())
        .set_font(&small)
        .set_num_format("#,##0.###;-#,##0.###;0")
        .set_major_gridlines_line(ChartLine::new().set_color(PALE));
    chart.x_axis().set_font(&small).set_label_position(ChartAxisLabelPosition::Low);
    chart.legend().set_position(ChartLegendPosition::Bottom).set_font(&small);
}

/// The next round number: the top of an axis.
pub fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let mut power = 1e-12;
    while power < 1e15 {
        for step in [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0] {
            if value <= step * power {
                return step * power;
            }
        }
        power *= 10.0;
    }
    value
}
