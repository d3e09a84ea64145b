//! The sheet to look at first: main figures and charts.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::fan::{Data, HEIGHT, WIDTH};
use super::names::Names;
use super::outline::{self, Track};
use super::sheet::set_page;
use super::style::{Styles, decimals};
use super::worth::{Worth, worths};
use super::{Book, CAVEAT};
use crate::report::read::Row;

/// Widths of the columns, in characters: ids, titles, figures.
const WIDTHS: [f64; 3] = [20.0, 46.0, 10.0];
/// The most fan charts on the sheet.
const FANS: usize = 24;
/// Rows of the default height that a chart covers, and one more.
const ROWS_OF_A_CHART: u32 = HEIGHT / 20 + 2;
/// Where the second of two charts in a row begins.
const SECOND_CHART: u32 = WIDTH + 15;

struct Page<'a, 's> {
    sheet: Worksheet,
    row: u32,
    styles: &'s Styles,
    book: &'a Book<'a>,
    names: &'a Names,
    tracks: Vec<Track<'a>>,
    deadline: Option<i32>,
}

pub fn sheet<'a>(
    book: &'a Book<'a>,
    names: &'a Names,
    styles: &Styles,
    fans: &mut Data<'_>,
) -> Result<Worksheet, XlsxError> {
    let tracks = outline::tracks(book, names);
    let mut page =
        Page { sheet: Worksheet::new(), row: 0, styles, book, names, tracks, deadline: outline::deadline(book) };
    page.begin()?;
    page.levels()?;
    page.differences(fans)?;
    page.targets()?;
    page.charts(fans)?;
    set_page(&mut page.sheet)?;
    Ok(page.sheet)
}

impl<'a> Page<'a, '_> {
    fn begin(&mut self) -> Result<(), XlsxError> {
        self.sheet.set_name("Summary")?;
        self.sheet.set_active(true);
        self.sheet.set_screen_gridlines(false);
        self.sheet.set_column_width(0, WIDTHS[0])?;
        self.sheet.set_column_width(1, WIDTHS[1])?;
        self.sheet.set_column_range_width(2, 24, WIDTHS[2])?;
        self.sheet.write_with_format(0, 0, self.book.name, &self.styles.title)?;
        self.sheet.write_with_format(1, 0, CAVEAT, &self.styles.note)?;
        self.row = 3;
        Ok(())
    }

    fn heading(&mut self, text: &str, note: &str) -> Result<(), XlsxError> {
        self.sheet.write_with_format(self.row, 0, text, &self.styles.heading)?;
        self.sheet.write_with_format(self.row + 1, 0, note, &self.styles.note)?;
        self.row += 2;
        Ok(())
    }

    fn is_family(&self) -> bool {
        self.book.runs.len() > 1
    }

    /// Median and band of each measure or scenario in some years.
    fn levels(&mut self) -> Result<(), XlsxError> {
        let Some(first) = self.tracks.first() else { return Ok(()) };
        let periods = outline::shown_periods(first, self.deadline);
        let (what, unit) = if self.is_family() { ("Total trade", first.unit) } else { ("Trade", first.unit) };
        self.heading(
            &format!("{what}, in {unit}"),
            "median: half of the trials lie below. p05 and p95: nine trials in ten lie between, the 90 % band.",
        )?;
        self.level_header(&periods)?;
        for at in 0..self.tracks.len() {
            let track = &self.tracks[at];
            let format = self.styles.grouped(decimals(track.most("p50"), 3));
            self.sheet.write_string(self.row, 0, track.id)?;
            self.sheet.write_string(self.row, 1, track.title)?;
            for (group, period) in periods.iter().enumerate() {
                let Some(row) = track.at(period) else { continue };
                for (column, value) in level(&row) {
                    self.sheet.write_number_with_format(self.row, 2 + 3 * group as u16 + column, value, format)?;
                }
            }
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    fn level_header(&mut self, periods: &[&str]) -> Result<(), XlsxError> {
        let (over, header, right) = (&self.styles.over, &self.styles.header, &self.styles.header_right);
        let names = if self.is_family() { ["scenario", "title"] } else { ["measure", "title"] };
        for (column, name) in names.into_iter().enumerate() {
            self.sheet.write_with_format(self.row, column as u16, "", header)?;
            self.sheet.write_with_format(self.row + 1, column as u16, name, header)?;
        }
        for (group, period) in periods.iter().enumerate() {
            let at = 2 + 3 * group as u16;
            self.sheet.merge_range(self.row, at, self.row, at + 2, period, over)?;
            for (column, name) in ["median", "p05", "p95"].into_iter().enumerate() {
                self.sheet.write_with_format(self.row + 1, at + column as u16, name, right)?;
            }
        }
        self.row += 2;
        Ok(())
    }

    /// What sets scenarios apart, if they were compared.
    fn differences(&mut self, fans: &mut Data<'_>) -> Result<(), XlsxError> {
        let Some(comparison) = self.book.comparison else { return Ok(()) };
        let period = self.tracks.first().and_then(|track| outline::judged_period(track, self.deadline));
        let Some(period) = period else { return Ok(()) };
        let found = worths(comparison, self.names, period);
        let Some(first) = found.first() else { return Ok(()) };
        let title = format!("Total trade in {period}: difference from {}", first.base);
        self.heading(&format!("{title}, in {}", first.unit), &reading(first, period))?;
        let header = ["mean", "standard error", "median", "p05", "p95", "lower in", "higher in"];
        self.header(["scenario", "title"], header)?;
        for worth in &found {
            self.difference(worth)?;
        }
        self.row += 1;
        let chart = fans.differences(&found, &title)?;
        self.insert(&[chart])
    }

    fn difference(&mut self, worth: &Worth<'_>) -> Result<(), XlsxError> {
        let [low, median, high] = worth.band();
        let mean = worth.figure("difference_mean");
        let digits = decimals(low.abs().max(high.abs()), 3);
        let format = self.styles.signed(digits);
        self.sheet.write_string(self.row, 0, worth.scenario)?;
        self.sheet.write_string(self.row, 1, worth.title)?;
        for (column, value) in [(2, mean), (4, median), (5, low), (6, high)] {
            self.sheet.write_number_with_format(self.row, column, value, format)?;
        }
        if let Some(error) = worth.error() {
            self.sheet.write_number_with_format(self.row, 3, error, self.styles.grouped(decimals(error, 2)))?;
        }
        for (column, share) in [(7, "probability_lower"), (8, "probability_higher")] {
            self.sheet.write_number_with_format(self.row, column, worth.figure(share), &self.styles.share)?;
        }
        self.row += 1;
        Ok(())
    }

    fn header<const N: usize>(&mut self, ids: [&str; 2], figures: [&str; N]) -> Result<(), XlsxError> {
        for (at, name) in ids.into_iter().enumerate() {
            self.sheet.write_with_format(self.row, at as u16, name, &self.styles.header)?;
        }
        for (at, name) in figures.into_iter().enumerate() {
            self.sheet.write_with_format(self.row, 2 + at as u16, name, &self.styles.header_right)?;
        }
        self.row += 1;
        Ok(())
    }

    /// The odds of each target, scenario by scenario.
    fn targets(&mut self) -> Result<(), XlsxError> {
        let runs = self.book.runs;
        let mut done: Vec<(&str, String)> = Vec::new();
        for target in runs.iter().flat_map(|run| run.targets.rows()) {
            let key = (target.text("target"), condition(&target));
            if done.contains(&key) {
                continue;
            }
            let title = if target.text("title").is_empty() { key.0 } else { target.text("title") };
            self.heading(&format!("Probability: {title}"), &format!("{}: {} ({})", key.0, key.1, target.text("unit")))?;
            self.header(["scenario", "title"], ["probability", "standard error"])?;
            for run in runs {
                for row in run.targets.rows().filter(|row| (row.text("target"), condition(row)) == key) {
                    self.target(&row)?;
                }
            }
            self.row += 1;
            done.push(key);
        }
        Ok(())
    }

    fn target(&mut self, row: &Row<'_>) -> Result<(), XlsxError> {
        let scenario = row.text("scenario");
        self.sheet.write_string(self.row, 0, scenario)?;
        self.sheet.write_string(self.row, 1, self.names.scenario(scenario))?;
        let formats = [("probability", &self.styles.share), ("standard_error", &self.styles.share_error)];
        for (at, (column, format)) in formats.into_iter().enumerate() {
            if let Some(value) = row.number(column) {
                self.sheet.write_number_with_format(self.row, 2 + at as u16, value, format)?;
            }
        }
        self.row += 1;
        Ok(())
    }

    fn charts(&mut self, fans: &mut Data<'_>) -> Result<(), XlsxError> {
        let tracks = &self.tracks[..self.tracks.len().min(FANS)];
        let mut charts = Vec::new();
        if self.is_family() {
            charts.push(fans.medians(tracks, "Total trade: median by scenario")?);
        }
        // Scenarios side by side have one scale, or the eye would compare the wrong things.
        let most = tracks.iter().map(|track| track.most("p95")).fold(0.0, f64::max);
        let most = self.is_family().then(|| round_up(most));
        for track in tracks {
            let title = if self.is_family() { format!("Total trade, {}", track.id) } else { track.title.to_owned() };
            charts.push(fans.fan(track, &title, most)?);
        }
        self.heading("Fan charts", "The darker, the likelier: bands of 50, 80 and 90 % about the median.")?;
        self.insert(&charts)
    }

    /// Two in a row.
    fn insert(&mut self, charts: &[rust_xlsxwriter::Chart]) -> Result<(), XlsxError> {
        for (at, chart) in charts.iter().enumerate() {
            let is_second = at % 2 == 1;
            let offset = if is_second { SECOND_CHART } else { 0 };
            self.sheet.insert_chart_with_offset(self.row, 0, chart, offset, 0)?;
            if is_second || at + 1 == charts.len() {
                self.row += ROWS_OF_A_CHART;
            }
        }
        Ok(())
    }
}

/// Columns of a group and what stands in them. A base value that is not uncertain has no band.
fn level(row: &Row<'_>) -> Vec<(u16, f64)> {
    let [median, low, high] = ["p50", "p05", "p95"].map(|column| row.number(column).unwrap_or(0.0));
    match low == high {
        true => vec![(0, median)],
        false => vec![(0, median), (1, low), (2, high)],
    }
}

/// A row put into words, so that nobody takes a sign the wrong way round.
fn reading(worth: &Worth<'_>, period: &str) -> String {
    let mean = worth.figure("difference_mean");
    let direction = if mean < 0.0 { "lower" } else { "higher" };
    format!(
        "Trial by trial on the same draws. Read: in {period}, total trade under `{}` is {:.*} {} {direction} on average \
         than under `{}`; that is what sets the two apart.",
        worth.scenario,
        decimals(mean, 3),
        mean.abs(),
        worth.unit,
        worth.base
    )
}

/// Such as `total at least 1000 by 2030`.
fn condition(target: &Row<'_>) -> String {
    let direction = target.text("direction").replace('_', " ");
    let when = match (target.text("by"), target.text("in")) {
        ("", "") => String::new(),
        ("", year) => format!(" in {year}"),
        (year, _) => format!(" by {year}"),
    };
    format!("{} {direction} {}{when}", target.text("measure"), target.text("threshold"))
}

/// The next round number: the top of an axis.
fn round_up(value: f64) -> f64 {
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
