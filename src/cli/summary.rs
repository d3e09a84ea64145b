//! What a run says at its end: the total of each scenario, the odds of its targets, and where the results are.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tradewinds::projection::{Distribution, Period, TargetProjection};
use tradewinds::report::Report;
use tradewinds::simulate::{RunOptions, Shard};

/// What the summary needs to know of one scenario's run.
pub struct Outcome {
    scenario: String,
    group: Group,
    folder: PathBuf,
    pub trials: u64,
    /// Total of the base year and of some of the projected ones.
    totals: Vec<Band>,
    targets: Vec<Odds>,
}

/// Scenarios that can share a table.
#[derive(Clone, PartialEq)]
struct Group {
    family: String,
    unit: String,
    periods: Vec<String>,
}

struct Band {
    low: f64,
    median: f64,
    high: f64,
}

struct Odds {
    target: String,
    condition: String,
    probability: f64,
    standard_error: Option<f64>,
}

impl Outcome {
    /// Picks what the summary shows.
    pub fn new(family: &str, folder: &Path, report: &Report<'_>) -> Outcome {
        let total = report.projection.measures.iter().find(|measure| measure.id == "total");
        let total = total.expect("every projection has a total");
        let shown = shown_periods(&report.projection.periods, None);
        let labels = shown.iter().map(|&at| report.projection.periods[at].label.clone());
        let base_label = report.projection.base_period.label.clone();
        Outcome {
            scenario: report.about.scenario.clone(),
            group: Group {
                family: family.to_owned(),
                unit: total.unit.clone(),
                periods: std::iter::once(base_label).chain(labels).collect(),
            },
            folder: folder.to_owned(),
            trials: report.projection.trials,
            totals: std::iter::once(&total.base).chain(shown.iter().map(|&at| &total.periods[at])).map(band).collect(),
            targets: report.projection.targets.iter().map(odds).collect(),
        }
    }
}

/// The last period of the first, third, fifth and last year, and of another one if it is there.
pub fn shown_periods(periods: &[Period], another: Option<i32>) -> Vec<usize> {
    let first = periods.first().map_or(0, |period| period.year);
    let last = periods.len().saturating_sub(1);
    let ends_its_year = |at: &usize| *at == last || periods[*at].year != periods[*at + 1].year;
    let is_shown = |at: &usize| {
        let year = periods[*at].year;
        *at == last || [0, 2, 4].contains(&(year - first)) || another == Some(year)
    };
    (0..periods.len()).filter(ends_its_year).filter(is_shown).collect()
}

fn band(law: &Distribution) -> Band {
    Band { low: law.quantile(0.05), median: law.quantile(0.5), high: law.quantile(0.95) }
}

fn odds(target: &TargetProjection) -> Odds {
    let direction = target.direction.replace('_', " ");
    let when = match (target.by, target.within) {
        (Some(year), _) => format!(" by {year}"),
        (None, Some(year)) => format!(" in {year}"),
        (None, None) => String::new(),
    };
    Odds {
        target: target.id.clone(),
        condition: format!(
            "{} {direction} {}{when}",
            target.measure,
            number(target.threshold, written_decimals(target.threshold))
        ),
        probability: target.probability.value,
        standard_error: target.probability.standard_error,
    }
}

/// The whole summary.
///
/// `report` says whether there is a page of each family, else the reader learns how to get one; nothing is said of it
/// where no page shows the results.
pub fn summary(outcomes: &[Outcome], report: Option<bool>, options: &RunOptions, took: Duration) -> String {
    let mut text = String::new();
    for (group, members) in groups(outcomes) {
        let _ = writeln!(text, "{}: total in {}\n", group.family, group.unit);
        text += &totals_table(group, &members);
        text += "\n";
    }
    if outcomes.iter().any(|outcome| !outcome.targets.is_empty()) {
        text += &targets_table(outcomes);
        text += "\n";
    }
    text += "Results, `projection.csv` first:\n";
    for outcome in outcomes {
        let _ = writeln!(text, "  {}", outcome.folder.display());
    }
    if let Some(report) = report {
        text += &pages(outcomes, report);
    }
    let trials = outcomes.iter().map(|outcome| outcome.trials);
    let trials = match (trials.clone().min(), trials.max()) {
        (Some(least), Some(most)) if least < most => format!("{} to {}", number_of(least), number_of(most)),
        (_, most) => number_of(most.unwrap_or(options.trials)),
    };
    let _ = writeln!(text, "\n{trials} trials, seed {}, {:.1} s", options.seed, took.as_secs_f64());
    text
}

/// Where charts are, or how to get them.
fn pages(outcomes: &[Outcome], report: bool) -> String {
    let families: BTreeSet<&Path> = outcomes.iter().filter_map(|outcome| outcome.folder.parent()).collect();
    let line = |family: &Path| match report {
        true => format!("  {}\n", family.join("report.html").display()),
        false => format!("  tradewinds report {}\n", family.display()),
    };
    let heading = if report { "Charts, for a browser" } else { "For charts of them" };
    format!("\n{heading}:\n{}", families.into_iter().map(line).collect::<String>())
}

/// What a run of one shard says: where the parts are, and what to do with them.
pub fn parts_summary(parts: &[PathBuf], shard: Shard, out: &Path, options: &RunOptions, took: Duration) -> String {
    let Shard { number, count } = shard;
    let mut text = format!("Part {number} of {count}:\n");
    for part in parts {
        let _ = writeln!(text, "  {}", part.display());
    }
    let pattern = out.join(format!("*/*/part-*-of-{count}.twpart"));
    let _ = writeln!(text, "\nwhen all {count} are there: tradewinds merge {}", pattern.display());
    let trials = number_of(options.trials);
    let _ = writeln!(text, "\npart of {trials} trials, seed {}, {:.1} s", options.seed, took.as_secs_f64());
    text
}

/// Scenarios by table, both in the order they ran.
fn groups(outcomes: &[Outcome]) -> Vec<(&Group, Vec<&Outcome>)> {
    let mut groups: Vec<(&Group, Vec<&Outcome>)> = Vec::new();
    for outcome in outcomes {
        match groups.iter_mut().find(|(group, _)| **group == outcome.group) {
            Some((_, members)) => members.push(outcome),
            None => groups.push((&outcome.group, vec![outcome])),
        }
    }
    groups
}

fn totals_table(group: &Group, members: &[&Outcome]) -> String {
    let decimals = decimals(members[0].totals[0].median);
    let mut rows = vec![row(["", ""], group.periods.iter().cloned())];
    for outcome in members {
        let medians = outcome.totals.iter().map(|band| number(band.median, decimals));
        rows.push(row([&outcome.scenario, "median"], medians));
        let bands = outcome.totals.iter().map(|band| match band.low == band.high {
            true => String::new(),
            false => format!("{} .. {}", number(band.low, decimals), number(band.high, decimals)),
        });
        rows.push(row(["", "90 % band"], bands));
    }
    aligned(&rows, 2)
}

/// Scenarios with the same target stand under each other.
fn targets_table(outcomes: &[Outcome]) -> String {
    let mut rows = vec![row(["target", "condition", "scenario"], ["probability".to_owned()])];
    let mut done: Vec<(&str, &str)> = Vec::new();
    for odds in outcomes.iter().flat_map(|outcome| &outcome.targets) {
        let name = (odds.target.as_str(), odds.condition.as_str());
        if done.contains(&name) {
            continue;
        }
        done.push(name);
        let mut shown = name;
        for (scenario, odds) in with_target(outcomes, name) {
            rows.push(row([shown.0, shown.1, scenario], [probability(odds)]));
            shown = ("", "");
        }
    }
    aligned(&rows, 3)
}

fn with_target<'a>(outcomes: &'a [Outcome], name: (&'a str, &'a str)) -> impl Iterator<Item = (&'a str, &'a Odds)> {
    outcomes.iter().flat_map(move |outcome| {
        let same = outcome.targets.iter().filter(move |odds| (odds.target.as_str(), odds.condition.as_str()) == name);
        same.map(|odds| (outcome.scenario.as_str(), odds))
    })
}

fn probability(odds: &Odds) -> String {
    let percent = match 100.0 * odds.probability {
        rare if rare > 0.0 && rare < 0.05 => "< 0.1 %".to_owned(),
        sure if sure < 100.0 && sure > 99.95 => "> 99.9 %".to_owned(),
        other => format!("{other:.1} %"),
    };
    match odds.standard_error {
        Some(error) => format!("{percent} +- {:.1}", 100.0 * error),
        None => percent,
    }
}

pub fn row<const N: usize>(names: [&str; N], values: impl IntoIterator<Item = String>) -> Vec<String> {
    names.into_iter().map(str::to_owned).chain(values).collect()
}

/// Lines up columns: the first `left` of them at their left edge, the others at their right.
pub fn aligned(rows: &[Vec<String>], left: usize) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (column, (cell, &width)) in row.iter().zip(&widths).enumerate() {
            let _ = match column < left {
                true => write!(line, "  {cell:<width$}"),
                false => write!(line, "  {cell:>width$}"),
            };
        }
        text += line.trim_end();
        text += "\n";
    }
    text
}

/// As many decimals as show three digits of a number like this one.
pub fn decimals(like: f64) -> usize {
    match like.abs() {
        0.0 => 2,
        size => (2.0 - size.log10().floor()).clamp(0.0, 6.0) as usize,
    }
}

/// As many decimals as this very number has.
fn written_decimals(value: f64) -> usize {
    value.to_string().split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

fn number_of(trials: u64) -> String {
    number(trials as f64, 0)
}

/// For reading: rounded, and grouped by thousands.
pub fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, fraction) = digits.find('.').map_or((digits, ""), |point| digits.split_at(point));
    let mut grouped = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(scenario: &str, totals: [(f64, f64, f64); 3], probability: f64) -> Outcome {
        Outcome {
            scenario: scenario.into(),
            group: Group {
                family: "pak-kaz".into(),
                unit: "USD million".into(),
                periods: vec!["2022".into(), "2023".into(), "2032".into()],
            },
            folder: Path::new("output/pak-kaz").join(scenario),
            trials: 100_000,
            totals: totals.map(|(low, median, high)| Band { low, median, high }).into(),
            targets: vec![Odds {
                target: "one-billion".into(),
                condition: "total at least 1,000 by 2030".into(),
                probability,
                standard_error: Some(0.001),
            }],
        }
    }

    #[test]
    fn the_whole_summary() {
        let outcomes = [
            outcome("baseline", [(139.0, 139.0, 139.0), (64.2, 118.4, 215.0), (33.0, 210.0, 1304.0)], 0.1234),
            outcome("war", [(139.0, 139.0, 139.0), (6.0, 18.0, 95.0), (3.0, 21.0, 104.0)], 0.0),
        ];
        let options = RunOptions { trials: 100_000, ..RunOptions::default() };
        assert_eq!(
            summary(&outcomes, Some(false), &options, Duration::from_millis(1440)),
            "\
pak-kaz: total in USD million

                       2022       2023         2032
  baseline  median      139        118          210
            90 % band        64 .. 215  33 .. 1,304
  war       median      139         18           21
            90 % band          6 .. 95     3 .. 104

  target       condition                     scenario    probability
  one-billion  total at least 1,000 by 2030  baseline  12.3 % +- 0.1
                                             war        0.0 % +- 0.1

Results, `projection.csv` first:
  output/pak-kaz/baseline
  output/pak-kaz/war

For charts of them:
  tradewinds report output/pak-kaz

100,000 trials, seed 1, 1.4 s
"
        );
    }

    #[test]
    fn numbers_for_reading() {
        let cases =
            [(0.0, 0, "0"), (999.4, 0, "999"), (1234.56, 1, "1,234.6"), (-1e6, 0, "-1,000,000"), (0.123, 2, "0.12")];
        for (value, decimals, expected) in cases {
            assert_eq!(number(value, decimals), expected);
        }
        assert_eq!([139.0, 13.9, 1.39, 0.139, 0.0].map(decimals), [0, 1, 2, 3, 2]);
        assert_eq!([1000.0, 81.5, -0.25].map(written_decimals), [0, 1, 2]);
    }
}
