//! The first sheet: what this is, and how to read it.

use rust_xlsxwriter::{Url, Worksheet, XlsxError};

use super::grid::Grid;
use super::sheet::set_page;
use super::style::Styles;
use super::{Book, CAVEAT};
use crate::report::RunHead;

const SHEET: &str = "Read me";

/// How to read a band, for whoever has never seen one.
const READING: [&str; 4] = [
    "Each scenario was simulated many times over (trials). In each trial everything uncertain is drawn anew, and trade \
     takes another path. What is shown is how the trials spread.",
    "p50, the median, is the value that half of the trials do not exceed; p05 is the one that 5 % do not exceed. Nine \
     trials in ten lie between p05 and p95: the 90 % band.",
    CAVEAT,
    "A standard error tells how far a figure would move with another seed. It is not the uncertainty of the \
     projection: that is the band.",
];

/// The sheet under construction and the row that comes next.
struct Page<'s> {
    sheet: Worksheet,
    row: u32,
    styles: &'s Styles,
}

pub fn sheet(book: &Book<'_>, grids: &[Grid<'_>], styles: &Styles) -> Result<Worksheet, XlsxError> {
    let mut page = Page { sheet: Worksheet::new(), row: 0, styles };
    page.sheet.set_name(SHEET)?;
    page.sheet.set_column_width(0, 20)?;
    page.sheet.set_column_width(1, 110)?;
    page.sheet.set_screen_gridlines(false);
    page.sheet.write_with_format(0, 0, book.name, &styles.title)?;
    page.row = 2;
    if let [run] = book.runs {
        page.scenario(&run.head)?;
    } else {
        page.family(book)?;
    }
    page.heading("How to read it")?;
    for text in READING {
        page.item("", text)?;
    }
    page.heading("Sheets")?;
    page.link("Summary", "The main figures and fan charts.")?;
    for grid in grids {
        page.link(grid.name, &format!("{} Table {}, from {}.", grid.about, grid.table, grid.file))?;
    }
    page.link("Chart data", "What the charts are drawn from: the bands as widths on top of each other.")?;
    page.heading("For pivots and programs")?;
    page.item(
        "",
        "The header of each table is in row 4; its columns and values are those of the CSV file of the same name, \
         with a title beside each id. In pandas: read_excel(file, sheet_name=\"Projection\", header=3).",
    )?;
    set_page(&mut page.sheet)?;
    Ok(page.sheet)
}

impl Page<'_> {
    fn heading(&mut self, text: &str) -> Result<(), XlsxError> {
        self.row += 1;
        self.sheet.write_with_format(self.row, 0, text, &self.styles.heading)?;
        self.row += 1;
        Ok(())
    }

    fn item(&mut self, label: &str, text: &str) -> Result<(), XlsxError> {
        if !label.is_empty() {
            self.sheet.write_string_with_format(self.row, 0, label, &self.styles.label)?;
        }
        self.sheet.write_string_with_format(self.row, 1, text, &self.styles.wrapped)?;
        self.fit(text)
    }

    /// Not every program fits the height of a row to its text.
    fn fit(&mut self, text: &str) -> Result<(), XlsxError> {
        const LETTERS: usize = 120;
        const HEIGHT: f64 = 15.0;
        let lines: usize = text.lines().map(|line| line.chars().count().div_ceil(LETTERS).max(1)).sum();
        self.sheet.set_row_height(self.row, HEIGHT * lines.max(1) as f64)?;
        self.row += 1;
        Ok(())
    }

    fn link(&mut self, sheet: &str, text: &str) -> Result<(), XlsxError> {
        let url = Url::new(format!("internal:'{sheet}'!A1")).set_text(sheet);
        self.sheet.write_url_with_format(self.row, 0, url, &self.styles.link)?;
        self.item("", text)
    }

    fn scenario(&mut self, head: &RunHead) -> Result<(), XlsxError> {
        self.item("Scenario", &head.scenario)?;
        self.labels(head)?;
        if let Some(notes) = &head.notes {
            self.item("Notes", notes)?;
        }
        self.provenance(head)
    }

    /// Scenario by scenario, as each has its own metric.
    fn family(&mut self, book: &Book<'_>) -> Result<(), XlsxError> {
        let [first, ..] = book.runs else { return Ok(()) };
        self.item("A family of", &format!("{} scenarios", book.runs.len()))?;
        self.labels(&first.head)?;
        let shared = shared_notes(book);
        if let Some(notes) = shared {
            self.item("Notes", notes)?;
        }
        self.provenance(&first.head)?;
        self.heading("Scenarios")?;
        for run in book.runs {
            let head = &run.head;
            let mut text = head.title.clone() + &differing(head, &first.head);
            if let Some(notes) = head.notes.as_deref().filter(|notes| shared != Some(notes)) {
                text += &format!("\n{notes}");
            }
            self.item(&head.scenario, &text)?;
        }
        Ok(())
    }

    fn labels(&mut self, head: &RunHead) -> Result<(), XlsxError> {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "not stated".to_owned());
        self.item("Metric", &or_none(&head.metric))?;
        self.item("Values", &format!("{}, {} prices", head.unit, head.prices))?;
        self.item("Information as of", &or_none(&head.as_of))
    }

    fn provenance(&mut self, head: &RunHead) -> Result<(), XlsxError> {
        self.item("Trials", &head.trials.to_string())?;
        self.item("Seed", &head.seed.to_string())?;
        self.item("Made by", &format!("tradewinds {}, step: {}", head.version, head.step))
    }
}

/// The notes of more than one scenario, if there are such: overlays have those of what they extend.
fn shared_notes<'a>(book: &Book<'a>) -> Option<&'a str> {
    let mut all = book.runs.iter().filter_map(|run| run.head.notes.as_deref());
    let owners = |notes: &str| book.runs.iter().filter(|run| run.head.notes.as_deref() == Some(notes)).count();
    all.find(|notes| owners(notes) > 1)
}

/// The labels that a scenario does not share with another, a line each.
fn differing(head: &RunHead, from: &RunHead) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or_else(|| "not stated".to_owned());
    let labels = |it: &RunHead| {
        [
            ("metric", text(&it.metric)),
            ("values", format!("{}, {} prices", it.unit, it.prices)),
            ("information as of", text(&it.as_of)),
            ("trials", it.trials.to_string()),
            ("seed", it.seed.to_string()),
            ("step", it.step.clone()),
        ]
    };
    let pairs = labels(head).into_iter().zip(labels(from));
    pairs.filter(|(own, other)| own != other).map(|((name, own), _)| format!("\nother {name}: {own}")).collect()
}
