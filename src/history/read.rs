//! From bytes to series.

use std::fmt;
use std::io;

use crate::diagnostic::{Diagnostic, Severity, Sources, render};

use super::about::LeftOut;
use super::fault::{Faults, Kind};
use super::gather::{Annual, Key};
use super::guard::Guarded;
use super::header::Columns;
use super::layout::{Layout, Products};
use super::row::Rows;
use super::sniff::{NoTable, sniff};
use super::text::text_of;
use super::{History, Observation, Series, Valuation};

/// How many lines may stand above the header.
const MAX_PREAMBLE: usize = 20;

/// A table that was read, and its faults.
#[derive(Debug)]
pub struct Reading {
    /// What could be read. With an error among the faults it is not the whole.
    pub history: History,
    /// Errors and warnings in the order of their kinds; of each kind the first few, each with its line.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why a table cannot be read: its faults as text, each with its line.
#[derive(Debug)]
pub struct Unreadable(pub String);

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for Unreadable {}

/// Reads a table of observed trade. What `layout` does not say is found in its header.
///
/// # Errors
/// The faults of the table, each with its line.
///
/// # Examples
/// ```
/// let table = "from,to,year,value\nPAK,KAZ,2020,59.1\nPAK,KAZ,2022,0\n";
/// let history = tradewinds::history::read(table.as_bytes(), None).unwrap();
/// let series = &history.series[0];
/// assert_eq!((series.from.as_str(), series.observations.len()), ("PAK", 2));
/// ```
pub fn read(reader: impl io::Read, layout: Option<Layout>) -> Result<History, Unreadable> {
    let mut sources = Sources::default();
    let reading = read_named("history", reader, &layout.unwrap_or_default(), &mut sources);
    let is_right = reading.diagnostics.iter().all(|fault| fault.severity != Severity::Error);
    if is_right { Ok(reading.history) } else { Err(Unreadable(render(&reading.diagnostics, &sources, false))) }
}

/// Reads a table as [`read`] does. Lines that have faults are added to `sources` under `name`.
///
/// Rows are read one after the other and not kept: memory grows with the number of series and of their years.
pub fn read_named(name: &str, reader: impl io::Read, layout: &Layout, sources: &mut Sources) -> Reading {
    let mut faults = Faults::new(name, sources);
    let sniffed = match sniff(reader) {
        Ok(sniffed) => sniffed,
        Err(NoTable::Unfit(message, cure)) => {
            faults.add_to_whole(message, cure);
            return Reading { history: History::default(), diagnostics: faults.finish() };
        }
        Err(NoTable::Io(error)) => return lost(faults, &error.to_string()),
    };
    faults.separator = sniffed.separator;
    let mut table = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(sniffed.separator)
        .buffer_capacity(1 << 16)
        .from_reader(Guarded::new(sniffed.reader));
    let columns = match find_header(&mut table, layout) {
        Ok(columns) => columns,
        Err(HeaderFault::Lost(error)) => return lost(faults, &error),
        Err(HeaderFault::Unknown(message)) => {
            faults.add_to_whole(message, HEADER_CURE);
            return Reading { history: History::default(), diagnostics: faults.finish() };
        }
    };
    let decimal_comma = sniffed.separator != b',';
    let mut rows = Rows::new(layout, columns, faults, decimal_comma);
    let mut row = csv::ByteRecord::new();
    loop {
        match table.read_byte_record(&mut row) {
            Ok(true) => {
                table.get_ref().row_ended();
                rows.add(&row);
            }
            Ok(false) => break,
            Err(error) => {
                let before = row.position().map_or(0, csv::Position::line);
                return lost(rows.faults, &format!("{error}, below line {before}"));
            }
        }
    }
    put_together(rows, layout)
}

const HEADER_CURE: &str = "name the columns, such as `--columns from=exporter,to=importer,year=t,value=trade_usd`";

fn lost(mut faults: Faults<'_>, error: &str) -> Reading {
    faults
        .add_to_whole(error.to_owned(), "look for a quotation mark that is not closed, and at the file's permissions");
    Reading { history: History::default(), diagnostics: faults.finish() }
}

enum HeaderFault {
    Lost(String),
    Unknown(String),
}

/// The first line whose columns are all that is needed. If there is none, the one with most cells is at fault.
fn find_header<R: io::Read>(table: &mut csv::Reader<R>, layout: &Layout) -> Result<Columns, HeaderFault> {
    let mut row = csv::ByteRecord::new();
    let mut widest = (0, "it has no header".to_owned());
    for _ in 0..MAX_PREAMBLE {
        if !table.read_byte_record(&mut row).map_err(|error| HeaderFault::Lost(error.to_string()))? {
            break;
        }
        let header: Vec<String> = row.iter().map(|cell| text_of(cell.trim_ascii()).into_owned()).collect();
        let fault = match Columns::find(layout, &header) {
            Ok(columns) => match columns.lacks() {
                None => return Ok(columns),
                Some(lacks) => format!("it has no column for {lacks}; its columns are {}", listed(&header)),
            },
            Err(name) => format!("it has no column `{name}`; its columns are {}", listed(&header)),
        };
        if header.len() > widest.0 {
            widest = (header.len(), fault);
        }
    }
    Err(HeaderFault::Unknown(widest.1))
}

/// Names of columns, the first of many.
fn listed(header: &[String]) -> String {
    const LISTED: usize = 30;
    let names: Vec<String> = header.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    let more = if header.len() > LISTED { ", .." } else { "" };
    format!("{}{more}", names.join(", "))
}

fn put_together(rows: Rows<'_>, layout: &Layout) -> Reading {
    let Rows { gathered, names, mut about, mut faults, .. } = rows;
    let (found, incomplete) = gathered.finish();
    if incomplete > 0 {
        about.left_out.push((LeftOut::IncompleteYears, incomplete));
    }
    let found = match layout.products {
        Products::Each => found,
        Products::Sum => coarsest(found),
    };
    about.products = names.n_products();
    let texts = names.texts();
    let mut series: Vec<Series> = found
        .into_iter()
        .filter(|(_, years)| !years.is_empty())
        .map(|(key, years)| Series {
            from: texts.countries[key.from as usize].clone(),
            to: texts.countries[key.to as usize].clone(),
            product: match layout.products {
                Products::Each => texts.products[key.product as usize].clone(),
                Products::Sum => String::new(),
            },
            reporter: texts.countries[key.reporter as usize].clone(),
            valuation: Valuation::of_number(key.valuation),
            observations: years
                .into_iter()
                .map(|it| Observation { year: it.year, value: it.amount, line: it.line as usize })
                .collect(),
        })
        .collect();
    series.sort_by(|a, b| key_of(a).cmp(&key_of(b)));
    series.iter().for_each(|series| warn_of_unit_slips(series, &mut faults));
    Reading { history: History { series, about }, diagnostics: faults.finish() }
}

/// Warns of a year that is about a thousand times both years beside it, or a thousandth: most likely it is in another
/// unit. Flows below 0.1 million vary that much by themselves.
fn warn_of_unit_slips(series: &Series, faults: &mut Faults<'_>) {
    const ABOUT_A_THOUSAND: std::ops::RangeInclusive<f64> = 500.0..=2000.0;
    const SMALLEST: f64 = 0.1;
    for years in series.observations.windows(3) {
        let [before, it, after] = years else { continue };
        let beside = [before.value, after.value];
        let is_slip = beside.iter().all(|value| ABOUT_A_THOUSAND.contains(&(it.value / value)))
            || beside.iter().all(|value| ABOUT_A_THOUSAND.contains(&(value / it.value)));
        if is_slip && beside.into_iter().chain([it.value]).all(|value| value >= SMALLEST) {
            faults.warn_of_line(Kind::UnitSlip, it.line as u64, || {
                let ratio = if it.value > before.value { "a thousand times" } else { "a thousandth of" };
                let message = format!(
                    "the value of {} to {} in {} is about {ratio} those of the years beside it",
                    series.from, series.to, it.year
                );
                (message, "it may be in another unit than the rest".to_owned())
            });
        }
    }
}

fn key_of(series: &Series) -> (&str, &str, &str, &str, Valuation) {
    (&series.from, &series.to, &series.product, &series.reporter, series.valuation)
}

/// Of the levels of detail that a flow's products were summed over, the coarsest in each year.
fn coarsest(found: Vec<(Key, Vec<Annual>)>) -> Vec<(Key, Vec<Annual>)> {
    let mut flows: Vec<(Key, Vec<Annual>)> = Vec::new();
    // Keys are in order, the levels of one flow side by side, the coarsest first.
    for (key, years) in found {
        match flows.last_mut().filter(|(last, _)| Key { product: 0, ..*last } == Key { product: 0, ..key }) {
            Some((_, coarser)) => {
                coarser.extend(years);
                // Stable: of one year, the coarser level stays in front.
                coarser.sort_by_key(|it| it.year);
                coarser.dedup_by_key(|it| it.year);
            }
            None => flows.push((key, years)),
        }
    }
    flows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_can_be_named() {
        let layout: Layout = "from=a,to=b,value=v_kusd,year=t,reporter==UN".parse().unwrap();
        let history = read("t,a,b,v_kusd\n2001,X,Y,1500\n1999,X,Y,\n2000,X,Y,0\n".as_bytes(), Some(layout)).unwrap();
        let [series] = &history.series[..] else { panic!("{history:?}") };
        assert_eq!(series.reporter, "UN");
        let values: Vec<(i32, f64, usize)> =
            series.observations.iter().map(|it| (it.year, it.value, it.line)).collect();
        assert_eq!(values, [(2000, 0.0, 4), (2001, 1.5, 2)]);
    }

    #[test]
    fn a_table_of_one_reporter_has_both_directions() {
        let text = "year,partner,us_imports_musd,us_exports_musd,is_aggregate\n1990,Chad,1,2,0\n1990,World,8,9,1\n";
        let history = read(text.as_bytes(), None).unwrap();
        let found: Vec<(&str, &str, f64)> =
            history.series.iter().map(|it| (it.from.as_str(), it.to.as_str(), it.observations[0].value)).collect();
        assert_eq!(found, [("TCD", "USA", 1.0), ("USA", "TCD", 2.0)]);
    }

    #[test]
    fn the_table_of_the_us_census_is_read_as_it_is() {
        let text = include_str!("../../tests/data/us-trade-1985-2022.csv");
        let history = read(text.as_bytes(), None).unwrap();
        // Both directions of 241 names, three of which two codes share.
        assert_eq!(history.series.len(), 2 * 244);
        assert_eq!(history.about.left_out, [(LeftOut::Groups, 481)]);
        let names: Vec<&str> = history.series.iter().map(|it| it.to.as_str()).filter(|it| it.contains('(')).collect();
        assert_eq!(names.iter().filter(|name| name.starts_with("ETH")).count(), 2, "{names:?}");
    }
}
