//! A history at a glance: what `tradewinds history` says.

use std::collections::BTreeSet;

use tradewinds::history::{About, History, LeftOut, Mirror, Series, Summary};

use super::summary::{aligned, decimals, number, row};

/// How many series, and how many mirrors, are shown unless all are asked for.
const SHOWN: usize = 20;

/// The whole text.
pub fn text(history: &History, file: &str, all: bool) -> String {
    let mut text = head(history, file);
    text += "\n";
    text += &series_table(history, all);
    let mirrors = history.mirrors();
    if !mirrors.is_empty() {
        text += "\nThe same flow as two reporters state it, years in which both are above 0\n\n";
        text += &mirrors_table(history, mirrors, all);
    }
    text
}

/// What became of rows that are no observations, in a line.
pub fn left_out(history: &History) -> Option<String> {
    let part = |(why, rows): &(LeftOut, u64)| format!("{} {}", why.in_words(), number(*rows as f64, 0));
    let parts: Vec<String> = history.about.left_out.iter().map(part).collect();
    (!parts.is_empty()).then(|| format!("left out: {}", parts.join("; ")))
}

fn head(history: &History, file: &str) -> String {
    let About { form, rows, units, currency, products, empty_cells, .. } = &history.about;
    let flows: BTreeSet<(&str, &str)> = history.series.iter().map(|it| (it.from.as_str(), it.to.as_str())).collect();
    let mut text = format!(
        "{file}: {}, {}, {} series of {}\n",
        form.name(),
        counted(*rows, "row"),
        number(history.series.len() as f64, 0),
        counted(flows.len() as u64, "flow")
    );
    let units: Vec<String> = units.iter().map(ToString::to_string).collect();
    text += &match &units[..] {
        [only] if *only == format!("million {currency}") => format!("  values in {only}\n"),
        _ => format!("  values in million {currency}, converted from {}\n", units.join(" and ")),
    };
    if *products > 0 {
        let are = if history.series.iter().any(|it| !it.product.is_empty()) { "apart" } else { "summed" };
        text += &format!("  {}, {are}\n", counted(*products as u64, "product"));
    }
    if *empty_cells > 0 {
        text += &format!("  {}, taken for gaps and not for zeros\n", counted(*empty_cells, "empty cell"));
    }
    if let Some(line) = left_out(history) {
        text += &format!("  {line}\n");
    }
    text
}

/// `1 row`, `2 rows`.
fn counted(n: u64, what: &str) -> String {
    format!("{} {what}{}", number(n as f64, 0), if n == 1 { "" } else { "s" })
}

fn series_table(history: &History, all: bool) -> String {
    let mut shown: Vec<(&Series, Summary)> = history.series.iter().map(|it| (it, it.summary())).collect();
    let total = shown.len();
    if !all && total > SHOWN {
        shown.sort_by(|one, other| other.1.last_value.total_cmp(&one.1.last_value));
        shown.truncate(SHOWN);
    }
    let mut rows = vec![row(
        ["from", "to", "product", "reporter", "", "years"],
        ["values", "gaps", "zeros", "last", "growth", "sd of log changes"].map(str::to_owned),
    )];
    for (series, it) in &shown {
        let years = format!("{}-{}", it.first, it.last);
        rows.push(row(
            [&series.from, &series.to, &series.product, &series.reporter, series.valuation.name(), &years],
            [
                it.observations.to_string(),
                it.gaps.to_string(),
                it.zeros.to_string(),
                number(it.last_value, decimals(it.last_value)),
                it.growth.map_or_else(String::new, |growth| format!("{:.1} %", 100.0 * growth.exp_m1())),
                it.log_change_sd.map_or_else(String::new, |sd| format!("{sd:.2}")),
            ],
        ));
    }
    aligned(&without_empty_columns(rows), 6) + &rest(total, shown.len(), "series, the largest")
}

fn mirrors_table(history: &History, mut mirrors: Vec<Mirror>, all: bool) -> String {
    let total = mirrors.len();
    if !all && total > SHOWN {
        mirrors.sort_by_key(|it| std::cmp::Reverse(it.years));
        mirrors.truncate(SHOWN);
    }
    let mut rows = vec![row(
        ["from", "to", "product", "reporter", "against"],
        ["years", "median ratio", "log ratio", "its sd"].map(str::to_owned),
    )];
    for it in &mirrors {
        let (one, other) = (&history.series[it.one], &history.series[it.other]);
        rows.push(row(
            [&one.from, &one.to, &one.product, &named(other), &named(one)],
            [
                it.years.to_string(),
                format!("{:.2}", it.log_ratio.exp()),
                format!("{:+.2}", it.log_ratio),
                it.log_ratio_sd.map_or_else(String::new, |sd| format!("{sd:.2}")),
            ],
        ));
    }
    aligned(&without_empty_columns(rows), 5) + &rest(total, mirrors.len(), "pairs, those with most years")
}

fn named(series: &Series) -> String {
    let reporter = if series.reporter.is_empty() { "?" } else { &series.reporter };
    format!("{reporter} {}", series.valuation.name()).trim_end().to_owned()
}

fn rest(total: usize, shown: usize, what: &str) -> String {
    match total > shown {
        true => format!("  {shown} of {} {what}; --all shows all\n", number(total as f64, 0)),
        false => String::new(),
    }
}

/// A column that no row has anything in is blanked out, its head too.
pub fn without_empty_columns(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    for column in 0..rows[0].len() {
        if rows[1..].iter().all(|row| row[column].is_empty()) {
            rows[0][column].clear();
        }
    }
    rows
}
