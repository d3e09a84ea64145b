//! The sheet to look at first: main figures and charts.

use rust_xlsxwriter::{Chart, Worksheet, XlsxError};

use super::fan::{Data, HEADER_HEIGHT, HEIGHT, WIDTH, round_up};
use super::names::Names;
use super::outline::{self, Track};
use super::parts::{Parts, parts};
use super::sheet::set_page;
use super::style::{Styles, decimals};
use super::worth::{Worth, worths};
use super::{Book, CAVEAT};
use crate::report::read::Row;

/// Widths of the columns, in characters: ids, titles, the first figure, the others.
const WIDTHS: [f64; 4] = [26.0, 58.0, 12.0, 9.0];
/// The most fan charts on the sheet.
const FANS: usize = 24;
/// A row of the default height, in pixels.
const ROW: u32 = 20;
/// Rows that a chart covers, and one more.
const ROWS_OF_A_CHART: u32 = HEIGHT.div_ceil(ROW) + 1;
/// Pixels above a chart, or its frame would be drawn on the page before.
const ABOVE_A_CHART: u32 = 8;
/// What a page has room for, width and height, in pixels at full size.
const PAPER: [f64; 2] = [1045.0, 680.0];
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
    /// Rows of charts that a page has room for.
    rows_of_a_page: usize,
    /// Rows that begin a page.
    breaks: Vec<u32>,
}

pub fn sheet<'a>(
    book: &'a Book<'a>,
    names: &'a Names,
    styles: &Styles,
    fans: &mut Data<'_>,
) -> Result<Worksheet, XlsxError> {
    let tracks = outline::tracks(book, names);
    let deadline = outline::deadline(book);
    let groups = tracks.first().map_or(1, |track| outline::shown_periods(track, deadline).len());
    let mut page = Page {
        sheet: Worksheet::new(),
        row: 0,
        styles,
        book,
        names,
        tracks,
        deadline,
        rows_of_a_page: rows_of_a_page(groups),
        breaks: Vec::new(),
    };
    page.begin()?;
    page.levels()?;
    page.differences(fans)?;
    page.targets()?;
    page.parts()?;
    page.charts(fans)?;
    set_page(&mut page.sheet)?;
    page.sheet.set_page_breaks(&page.breaks)?;
    Ok(page.sheet)
}

/// On a page that is as wide as the sheet.
fn rows_of_a_page(groups: usize) -> usize {
    let [ids, titles, first, other] = WIDTHS.map(|letters| 7.0 * letters + 5.0);
    let charts = f64::from(SECOND_CHART + WIDTH);
    let width = charts.max(ids + titles + first + other * 3.0 * groups.saturating_sub(1) as f64);
    let height = PAPER[1] / PAPER[0] * width - f64::from(2 * ROW);
    ((height / f64::from(ROWS_OF_A_CHART * ROW)) as usize).max(1)
}

impl<'a> Page<'a, '_> {
    fn begin(&mut self) -> Result<(), XlsxError> {
        self.sheet.set_name("Summary")?;
        self.sheet.set_active(true);
        self.sheet.set_screen_gridlines(false);
        self.sheet.set_column_width(0, WIDTHS[0])?;
        self.sheet.set_column_width(1, WIDTHS[1])?;
        self.sheet.set_column_width(2, WIDTHS[2])?;
        self.sheet.set_column_range_width(3, 24, WIDTHS[3])?;
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
            "median: half of the trials lie below. p05 and p95: nine trials in ten lie between, the 90 % band. The first \
             year is the base.",
        )?;
        self.level_header(&periods)?;
        for at in 0..self.tracks.len() {
            let track = &self.tracks[at];
            let format = self.styles.grouped(decimals(track.most("p50"), 3));
            self.sheet.write_string(self.row, 0, track.id)?;
            self.sheet.write_string(self.row, 1, track.title)?;
            for (group, period) in periods.iter().enumerate() {
                let Some(row) = track.at(period) else { continue };
                for (column, name) in group_columns(group).zip(FIGURES) {
                    if let Some(value) = row.number(name) {
                        self.sheet.write_number_with_format(self.row, column, value, format)?;
                    }
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
            let columns = group_columns(group);
            match columns.clone().count() {
                1 => self.sheet.write_with_format(self.row, columns.start, *period, over)?,
                _ => self.sheet.merge_range(self.row, columns.start, self.row, columns.end - 1, period, over)?,
            };
            for (column, name) in columns.zip(["median", "p05", "p95"]) {
                self.sheet.write_with_format(self.row + 1, column, name, right)?;
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
        let header = ["mean", "standard error", "median", "p05", "p95", "trials lower", "trials higher"];
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
        self.sheet.set_row_height(self.row, HEADER_HEIGHT)?;
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

    /// What each driver is worth, if that was asked.
    fn parts(&mut self) -> Result<(), XlsxError> {
        let period = self.tracks.first().and_then(|track| outline::judged_period(track, self.deadline));
        let Some(Parts { run, unit, rows }) = period.and_then(|period| parts(self.book, period)) else {
            return Ok(());
        };
        let (scenario, period) = (&run.head.scenario, period.unwrap_or_default());
        self.breaks.push(self.row);
        self.heading(
            &format!("What each part adds to the mean of total trade in {period}, {scenario}, in {unit}"),
            "Shapley values: they add up to the change since the base year. What may not happen has its probability, and \
             what it is worth then.",
        )?;
        let header = ["mean", "standard error", "p05", "p95", "happens in", "worth then", "standard error"];
        self.header(["part", "title"], header)?;
        let largest =
            rows.iter().filter_map(|row| row.number("mean")).fold(0.0, |most: f64, mean| most.max(mean.abs()));
        let format = self.styles.signed(decimals(largest, 4));
        for row in &rows {
            self.sheet.write_string(self.row, 0, row.text("part"))?;
            self.sheet.write_string(self.row, 1, self.names.title(row, "part").unwrap_or_default())?;
            for (column, name) in [(2, "mean"), (4, "p05"), (5, "p95"), (7, "mean_if_happens")] {
                if let Some(value) = row.number(name) {
                    self.sheet.write_number_with_format(self.row, column, value, format)?;
                }
            }
            for (column, name) in [(3, "mean_se"), (8, "mean_if_happens_se")] {
                if let Some(error) = row.number(name) {
                    self.sheet.write_number_with_format(
                        self.row,
                        column,
                        error,
                        self.styles.grouped(decimals(error, 2)),
                    )?;
                }
            }
            if let Some(share) = row.number("probability_happens").filter(|share| *share < 1.0) {
                self.sheet.write_number_with_format(self.row, 6, share, &self.styles.share)?;
            }
            self.row += 1;
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
        self.breaks.push(self.row);
        self.heading("Fan charts", "The darker, the likelier: bands of 50, 80 and 90 % about the median.")?;
        self.insert(&charts)
    }

    /// Two in a row, and no more rows on a page than it has room for.
    fn insert(&mut self, charts: &[Chart]) -> Result<(), XlsxError> {
        for (at, pair) in charts.chunks(2).enumerate() {
            if at > 0 && at % self.rows_of_a_page == 0 {
                self.breaks.push(self.row);
            }
            for (chart, offset) in pair.iter().zip([0, SECOND_CHART]) {
                self.sheet.insert_chart_with_offset(self.row, 0, chart, offset, ABOVE_A_CHART)?;
            }
            self.row += ROWS_OF_A_CHART;
        }
        Ok(())
    }
}

/// The columns of the figures of a period, of which the base year is the first and has its median only.
const FIGURES: [&str; 3] = ["p50", "p05", "p95"];

/// Where they are.
fn group_columns(group: usize) -> std::ops::Range<u16> {
    match group as u16 {
        0 => 2..3,
        group => 3 * group..3 * group + 3,
    }
}

/// A row put into words, so that nobody takes a sign the wrong way round.
fn reading(worth: &Worth<'_>, period: &str) -> String {
    let mean = worth.figure("difference_mean");
    let direction = if mean < 0.0 { "lower" } else { "higher" };
    format!(
        "Trial by trial on the same draws. Read: in {period}, total trade under `{}` is {:.*} {} {direction} on average \
         than under `{}`. What a scenario leaves out is worth the difference, with its sign turned.",
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
