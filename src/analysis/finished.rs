//! A `projection.csv` that an earlier run wrote.

use std::collections::HashMap;

use super::{FIGURES, Figures};

/// The projected part of a finished projection.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// Id of its scenario.
    pub scenario: String,
    /// `nominal` or `real`.
    pub prices: String,
    /// Whose statistics the base values are; may be empty.
    pub metric: String,
    /// Labels of its periods, in order.
    pub periods: Vec<String>,
    /// Its measures in order: id, unit, and figures by period.
    pub measures: Vec<(String, String, Vec<Figures>)>,
    /// Whether its run was asked for all measures: else nothing is known of one that is not among them.
    pub has_all: bool,
}

/// Measures that every run reports unless it is asked for some only.
const ALWAYS: [&str; 3] = ["exports", "imports", "balance"];

impl Finished {
    /// Reads a `projection.csv` in any of the forms that a run writes. It is taken to have all measures if it has those
    /// that every run has; the file beside it, `run.json`, knows for certain.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn read(bytes: &[u8]) -> Result<Finished, String> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let header = bytes.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let is_european = header.contains(&b';');
        let delimiter = if is_european { b';' } else { b',' };
        let mut table = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(bytes);
        let columns = Columns::of(table.headers().map_err(|error| error.to_string())?)?;
        let mut finished = Finished {
            scenario: String::new(),
            prices: String::new(),
            metric: String::new(),
            periods: Vec::new(),
            measures: Vec::new(),
            has_all: true,
        };
        for row in table.records() {
            let row = row.map_err(|error| error.to_string())?;
            if columns.cell(&row, "status") == "projected" {
                finished.add(&columns, &row, is_european)?;
            }
        }
        finished.complete()
    }

    fn add(&mut self, columns: &Columns, row: &csv::StringRecord, is_european: bool) -> Result<(), String> {
        let cell = |name: &str| columns.cell(row, name).to_owned();
        let line = row.position().map_or(0, csv::Position::line);
        if self.measures.is_empty() {
            (self.scenario, self.prices, self.metric) = (cell("scenario"), cell("prices"), cell("metric"));
        } else if self.scenario != cell("scenario") {
            return Err(format!("line {line} is of another scenario than those before it"));
        }
        let (measure, unit, period) = (cell("measure"), cell("unit"), cell("period"));
        let mut figures = Figures::default();
        for (figure, name) in figures.iter_mut().zip(FIGURES) {
            let text = cell(name);
            let text = if is_european { text.replace(',', ".") } else { text };
            let value: Option<f64> = text.parse().ok().filter(|value: &f64| value.is_finite());
            *figure = value.ok_or_else(|| format!("`{text}` in line {line}, column `{name}`, is not a number"))?;
        }
        if self.measures.last().is_none_or(|(id, ..)| *id != measure) {
            self.measures.push((measure, unit, Vec::new()));
        }
        if self.measures.len() == 1 {
            self.periods.push(period.clone());
        }
        let [.., (id, _, laws)] = &mut self.measures[..] else { return Ok(()) };
        if self.periods.get(laws.len()) != Some(&period) {
            return Err(format!("line {line}: measure `{id}` has another row of periods than the first measure"));
        }
        laws.push(figures);
        Ok(())
    }

    fn complete(mut self) -> Result<Finished, String> {
        self.has_all = ALWAYS.iter().all(|id| self.measures.iter().any(|(own, ..)| own == id));
        match self.measures.iter().find(|(.., laws)| laws.len() != self.periods.len()) {
            Some((id, ..)) => Err(format!("measure `{id}` has another row of periods than the first measure")),
            None if self.measures.is_empty() => Err("it has no projected row".to_owned()),
            None => Ok(self),
        }
    }
}

/// Where the columns are.
struct Columns(HashMap<String, usize>);

impl Columns {
    fn of(header: &csv::StringRecord) -> Result<Columns, String> {
        let columns: HashMap<String, usize> =
            header.iter().enumerate().map(|(at, name)| (name.to_owned(), at)).collect();
        let others = ["scenario", "measure", "period", "unit", "status", "prices", "metric"];
        match others.iter().chain(&FIGURES).find(|name| !columns.contains_key(**name)) {
            Some(name) => Err(format!("it has no column `{name}`")),
            None => Ok(Columns(columns)),
        }
    }

    fn cell<'r>(&self, row: &'r csv::StringRecord, name: &str) -> &'r str {
        self.0.get(name).and_then(|&at| row.get(at)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "\
scenario,measure,period,unit,mean,p05,p10,p25,p50,p75,p90,p95,status,prices,metric
a,total,2022,USD million,1,1,1,1,1,1,1,1,base,nominal,
a,total,2023,USD million,1.5,1,2,3,4,5,6,7,projected,nominal,
";

    #[test]
    fn all_dialects_say_the_same() {
        let plain = Finished::read(PLAIN.as_bytes()).unwrap();
        assert_eq!((&plain.scenario[..], &plain.periods[..]), ("a", &["2023".to_owned()][..]));
        assert_eq!(plain.measures[0].2, [[1.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]]);
        let us = format!("\u{feff}{}", PLAIN.replace('\n', "\r\n"));
        assert_eq!(Finished::read(us.as_bytes()).unwrap(), plain);
        let eu = format!("\u{feff}{}", PLAIN.replace(',', ";").replace("1.5", "1,5").replace('\n', "\r\n"));
        assert_eq!(Finished::read(eu.as_bytes()).unwrap(), plain);
    }

    #[test]
    fn what_is_no_projection_is_refused() {
        let check = |text: &str, expected: &str| assert_eq!(Finished::read(text.as_bytes()).unwrap_err(), expected);
        check("", "it has no column `scenario`");
        check(&PLAIN.replace("p25", "q25"), "it has no column `p25`");
        check(PLAIN.split_inclusive('\n').next().unwrap(), "it has no projected row");
        check(&PLAIN.replace("1.5", "much"), "`much` in line 3, column `mean`, is not a number");
        let another = PLAIN.replace("a,total,2022", "b,total,2022").replace("base", "projected");
        check(&another, "line 3 is of another scenario than those before it");
        let gap = format!("{PLAIN}a,balance,2024,USD million,1,1,1,1,1,1,1,1,projected,nominal,\n");
        check(&gap, "line 4: measure `balance` has another row of periods than the first measure");
    }
}
