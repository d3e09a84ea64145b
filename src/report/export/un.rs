//! The layout of the United Nations' probabilistic projections, as bayesPop writes them: a row a variant, a column a
//! year.

use std::collections::HashMap;
use std::io::{self, Write};

use super::place::Pair;
use super::{Cell, Exported, Sheet, periods};

/// The variants, and the quantile that each is; the mean has none.
const VARIANTS: [(&str, &str); 6] = [
    ("median", "0.5"),
    ("lower 80", "0.1"),
    ("upper 80", "0.9"),
    ("lower 95", "0.025"),
    ("upper 95", "0.975"),
    ("mean", ""),
];

/// `country_name,country_code,variant` and a column for each projected period of one measure. The country is the
/// reporter: by its id and without a code, unless `country` says otherwise.
///
/// # Errors
/// If `out` cannot be written to.
pub fn un_wide(
    exported: &Exported<'_>,
    measure: &str,
    country: (Option<&str>, Option<u32>),
    out: &mut dyn Write,
) -> io::Result<()> {
    let run = exported.run;
    let labels: Vec<&str> = periods(run).into_iter().map(|(label, _)| label).collect();
    let mut values: HashMap<(String, &str), String> = HashMap::new();
    for row in exported.quantiles.rows().filter(|row| row.text("measure") == measure) {
        if row.text("statistic") != "sd" {
            values.insert((row.decimal("level").into_owned(), row.text("period")), row.decimal("value").into_owned());
        }
    }
    let mut header = vec!["country_name", "country_code", "variant"];
    header.extend(&labels);
    let mut sheet = Sheet::new(out, &header)?;
    let reporter = Pair::of(run).reporter;
    let code = country.1.map(|code| code.to_string()).unwrap_or_default();
    for (variant, level) in VARIANTS {
        let names = [Cell::Text(country.0.unwrap_or(&reporter)), Cell::Number(&code), Cell::Text(variant)];
        let cells = labels.iter().map(|label| values.get(&(level.to_owned(), *label)).map_or("", String::as_str));
        sheet.row(names.into_iter().chain(cells.map(Cell::Number)))?;
    }
    sheet.finish()
}
