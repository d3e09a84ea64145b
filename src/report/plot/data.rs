//! What a chart shows, from the files of a finished run.

use serde_json::Value;

use super::table::{Row, Table};
use super::{FanChart, Observed, Point};

/// The files of a finished run, as text.
#[derive(Clone, Copy, Debug)]
pub struct Finished<'a> {
    /// `projection.csv`.
    pub projection: &'a str,
    /// `quantiles.csv`. Without it there are no bands but those of 50, 80 and 90 %.
    pub quantiles: Option<&'a str>,
    /// `history.csv`, if something was observed.
    pub history: Option<&'a str>,
    /// `run.json`, for the line that says where the figures come from.
    pub run: Option<&'a str>,
}

/// The percentiles of `projection.csv`.
const PUBLISHED: [(&str, f64); 9] = [
    ("p01", 0.01),
    ("p05", 0.05),
    ("p10", 0.1),
    ("p25", 0.25),
    ("p50", 0.5),
    ("p75", 0.75),
    ("p90", 0.9),
    ("p95", 0.95),
    ("p99", 0.99),
];

/// The fan chart of one measure.
///
/// # Errors
/// What is wrong with the files, or that they have no such measure, in words.
pub fn fan(files: &Finished<'_>, measure: &str) -> Result<FanChart, String> {
    let needed = ["scenario", "measure", "period", "unit", "p05", "p50", "p95", "status", "year", "period_start"];
    let projection = Table::read(files.projection, &needed).map_err(|why| format!("projection.csv: {why}"))?;
    let rows: Vec<Row<'_>> = projection.rows().filter(|row| row.text("measure") == measure).collect();
    let [first, .., last] = &rows[..] else {
        return Err(no_measure(&projection, measure));
    };
    let quantiles = files.quantiles.map(|text| {
        Table::read(text, &["measure", "period", "statistic", "level", "value"])
            .map_err(|why| format!("quantiles.csv: {why}"))
    });
    let quantiles = quantiles.transpose()?;
    let points = rows.iter().map(|row| point(row, quantiles.as_ref())).collect::<Result<Vec<Point>, String>>()?;
    let history = files.history.map(|text| {
        Table::read(text, &["measure", "reporter", "period", "observed"]).map_err(|why| format!("history.csv: {why}"))
    });
    let observed = match (history.transpose()?, is_annual(&rows)) {
        (Some(history), true) => observed(&history, measure, first_year(&points))?,
        _ => Vec::new(),
    };
    Ok(FanChart {
        title: title(first),
        subtitle: subtitle(first, files.run),
        unit: unit(last),
        source: source(first, files.run),
        points,
        observed,
    })
}

/// Whether values can stand beside annual totals: the amounts of quarters cannot, their rates a year can.
fn is_annual(rows: &[Row<'_>]) -> bool {
    let is_rate = |row: &Row<'_>| row.text("unit").ends_with(" a year");
    rows.iter().all(|row| row.text("period") == row.text("year") || is_rate(row))
}

/// The first year of which observations are drawn: no further back than the projection goes forward, or ten years.
fn first_year(points: &[Point]) -> f64 {
    let (first, last) = (points[0].at, points[points.len() - 1].at);
    first - (last - first).max(10.0)
}

fn observed(history: &Table, measure: &str, since: f64) -> Result<Vec<Observed>, String> {
    let mut found: Vec<Observed> = Vec::new();
    for row in history.rows().filter(|row| row.text("measure") == measure) {
        let (year, value) = (row.number("period")? as i32, row.number("observed")?);
        if f64::from(year) < since {
            continue;
        }
        let reporter = row.text("reporter");
        match found.iter_mut().find(|it| it.reporter == reporter) {
            Some(it) => it.values.push((year, value)),
            None => found.push(Observed { reporter: reporter.to_owned(), values: vec![(year, value)] }),
        }
    }
    Ok(found)
}

fn no_measure(projection: &Table, measure: &str) -> String {
    let mut names: Vec<&str> = projection.rows().map(|row| row.text("measure")).collect();
    names.dedup();
    match names.contains(&measure) {
        true => format!("measure `{measure}` has a single period, which makes no chart"),
        false => format!("there is no measure `{measure}`; there are {}", names.join(", ")),
    }
}

fn point(row: &Row<'_>, quantiles: Option<&Table>) -> Result<Point, String> {
    let is_base = row.text("status") == "base";
    let published = || {
        PUBLISHED.iter().map(|&(name, level)| row.number(name).map(|value| (level, value))).collect::<Result<_, _>>()
    };
    let quantiles = match quantiles.filter(|_| !is_base) {
        None => published()?,
        Some(table) => of_period(table, row)?,
    };
    Ok(Point { at: place(row)?, is_base, quantiles })
}

fn of_period(table: &Table, row: &Row<'_>) -> Result<Vec<(f64, f64)>, String> {
    let same = |name| move |it: &Row<'_>| it.text(name) == row.text(name);
    let own = table.rows().filter(same("measure")).filter(same("period"));
    let levels = own.filter(|it| it.text("statistic") == "quantile");
    let found: Vec<(f64, f64)> =
        levels.map(|it| Ok((it.number("level")?, it.number("value")?))).collect::<Result<_, String>>()?;
    match found.is_empty() {
        true => Err(format!("quantiles.csv has no row for `{}` in {}", row.text("measure"), row.text("period"))),
        false => Ok(found),
    }
}

/// A year stands at its number; a step, such as a quarter, at its middle in decimal years.
fn place(row: &Row<'_>) -> Result<f64, String> {
    let year = row.number("year")?;
    let period = row.text("period");
    let Some((_, step)) = period.split_once('-') else { return Ok(year) };
    let digits: String = step.chars().filter(char::is_ascii_digit).collect();
    let number: f64 = digits.parse().map_err(|_| format!("`{period}` is no period"))?;
    let steps = match step.chars().next() {
        Some('Q') => 4.0,
        Some('H') => 2.0,
        _ => 12.0,
    };
    Ok(year + (number - 0.5) / steps)
}

fn title(row: &Row<'_>) -> String {
    let own = row.text("title");
    if !own.is_empty() {
        return own.to_owned();
    }
    let (from, to, product) = (row.text("from"), row.text("to"), row.text("product"));
    let route = if from.is_empty() || to.is_empty() { String::new() } else { format!("{from} to {to}") };
    match (row.text("measure"), product) {
        ("total", _) => "Total trade".to_owned(),
        ("exports", _) => joined(&["Exports", &route]),
        ("imports", _) => joined(&["Imports", &route]),
        ("balance", _) => "Balance of trade".to_owned(),
        (id, "") => joined(&[id, &route]),
        (_, product) => joined(&[product, &route]),
    }
}

fn joined(words: &[&str]) -> String {
    words.iter().filter(|word| !word.is_empty()).copied().collect::<Vec<_>>().join(", ")
}

fn subtitle(row: &Row<'_>, run: Option<&str>) -> String {
    let record = run.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    match record["title"].as_str() {
        Some(title) if !title.is_empty() => title.to_owned(),
        _ => row.text("scenario").to_owned(),
    }
}

fn unit(row: &Row<'_>) -> String {
    match row.text("prices") {
        "" => row.text("unit").to_owned(),
        prices => format!("{}, {prices}", row.text("unit")),
    }
}

/// Who made it from what.
fn source(row: &Row<'_>, run: Option<&str>) -> String {
    let record = run.and_then(|text| serde_json::from_str::<Value>(text).ok()).unwrap_or_default();
    let version = record["version"].as_str().map_or("tradewinds".to_owned(), |version| format!("tradewinds {version}"));
    let as_of = row.text("as_of");
    let known = if as_of.is_empty() { String::new() } else { format!("information of {as_of}") };
    let trials = record["trials"].as_u64().map(|trials| format!("{} trials", grouped(trials)));
    let seed = record["seed"].as_u64().map(|seed| format!("seed {seed}"));
    let parts = [
        format!("{version}, scenario {}", row.text("scenario")),
        row.text("metric").to_owned(),
        known,
        trials.unwrap_or_default(),
        seed.unwrap_or_default(),
    ];
    format!("Source: {}", joined(&parts.each_ref().map(String::as_str)))
}

/// 100,000 and not 100000.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let start = |at: usize| at > 0 && (digits.len() - at).is_multiple_of(3);
    digits.chars().enumerate().flat_map(|(at, digit)| start(at).then_some(',').into_iter().chain([digit])).collect()
}
