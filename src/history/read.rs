//! From bytes to series.

use std::collections::HashMap;
use std::fmt;
use std::io;

use super::header::{Columns, Source};
use super::layout::{Layout, Role};
use super::unit::Unit;
use super::{History, Observation, Series, Valuation};

/// Why a table cannot be read: the faults, each with its line.
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
    let layout = layout.unwrap_or_default();
    let mut table = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let header = table.byte_headers().map_err(|error| Unreadable(error.to_string()))?.clone();
    let columns = Columns::find(&layout, &header).map_err(Unreadable)?;
    let mut gathered = Gathered { layout, columns, index: HashMap::new(), series: Vec::new() };
    let mut row = csv::ByteRecord::new();
    while table.read_byte_record(&mut row).map_err(|error| Unreadable(error.to_string()))? {
        gathered.add(&row).map_err(|fault| {
            let line = row.position().map_or(0, csv::Position::line);
            Unreadable(format!("line {line}: {fault}"))
        })?;
    }
    gathered.finish()
}

type Key = (String, String, String, String, Valuation);

struct Gathered {
    layout: Layout,
    columns: Columns,
    index: HashMap<Key, usize>,
    series: Vec<Series>,
}

impl Gathered {
    fn add(&mut self, row: &csv::ByteRecord) -> Result<(), String> {
        if self.text(row, Role::Aggregate).is_some_and(|it| !matches!(it.as_str(), "" | "0" | "false" | "False")) {
            return Ok(());
        }
        let year = self.text(row, Role::Year).ok_or("there is no column `year`")?;
        let year: i32 = year.parse().map_err(|_| format!("`{year}` is not a year"))?;
        let reporter = self.text(row, Role::Reporter).unwrap_or_default();
        match (self.text(row, Role::From), self.text(row, Role::To)) {
            (Some(from), Some(to)) => self.observe(row, (from, to, reporter), Role::Value, year),
            _ => {
                let partner = self.text(row, Role::Partner).ok_or("there are no columns `from` and `to`")?;
                let imports = (partner.clone(), reporter.clone(), reporter.clone());
                self.observe(row, imports, Role::Imports, year)?;
                self.observe(row, (reporter.clone(), partner, reporter), Role::Exports, year)
            }
        }
    }

    fn observe(
        &mut self,
        row: &csv::ByteRecord,
        (from, to, reporter): (String, String, String),
        role: Role,
        year: i32,
    ) -> Result<(), String> {
        let text = self.text(row, role).ok_or_else(|| format!("there is no column `{}`", role.name()))?;
        if text.is_empty() {
            return Ok(());
        }
        let value: f64 = text.parse().map_err(|_| format!("`{text}` is not a number"))?;
        if !(value >= 0.0 && value.is_finite()) {
            return Err(format!("`{text}` cannot be a value of trade"));
        }
        let unit = self.layout.unit.or(self.columns.unit(role)).unwrap_or(Unit::MILLION);
        let product = self.text(row, Role::Product).unwrap_or_default();
        let line = row.position().map_or(0, csv::Position::line) as usize;
        let observation = Observation { year, value: value * unit.in_millions, line };
        let key = (from, to, product, reporter, Valuation::Unstated);
        let at = *self.index.entry(key).or_insert_with_key(|(from, to, product, reporter, valuation)| {
            self.series.push(Series {
                from: from.clone(),
                to: to.clone(),
                product: product.clone(),
                reporter: reporter.clone(),
                valuation: *valuation,
                observations: Vec::new(),
            });
            self.series.len() - 1
        });
        self.series[at].observations.push(observation);
        Ok(())
    }

    fn text(&self, row: &csv::ByteRecord, role: Role) -> Option<String> {
        Some(match self.columns.get(role)? {
            Source::Fixed(text) => text.clone(),
            Source::Cell(at) => String::from_utf8_lossy(row.get(*at).unwrap_or_default()).trim().to_owned(),
        })
    }

    fn finish(self) -> Result<History, Unreadable> {
        let mut series = self.series;
        for one in &mut series {
            one.observations.sort_by_key(|observation| (observation.year, observation.line));
            if let Some(pair) = one.observations.windows(2).find(|pair| pair[0].year == pair[1].year) {
                return Err(Unreadable(format!(
                    "line {}: `{}` to `{}` in {} is already in line {}",
                    pair[1].line, one.from, one.to, pair[1].year, pair[0].line
                )));
            }
        }
        series.sort_by(|a, b| key(a).cmp(&key(b)));
        Ok(History { series })
    }
}

fn key(series: &Series) -> (&str, &str, &str, &str, Valuation) {
    (&series.from, &series.to, &series.product, &series.reporter, series.valuation)
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
        assert_eq!(found, [("Chad", "USA", 1.0), ("USA", "Chad", 2.0)]);
    }

    #[test]
    fn the_table_of_the_us_census_is_read_as_it_is() {
        let text = include_str!("../../tests/data/us-trade-1985-2022.csv");
        let history = read(text.as_bytes(), None).unwrap();
        assert!(history.series.len() > 400);
    }
}
