//! What a comparison says at its end: how the total differs, in a table and in sentences.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use tradewinds::analysis::{FIGURES, Unpaired};
use tradewinds::projection::{Comparison, Difference, HeldBy, MeasureComparison};

use super::summary::{aligned, decimals, number, row, shown_periods};

/// A comparison and how its scenario is called.
pub struct Face<'a> {
    found: &'a Comparison,
    title: &'a str,
}

impl<'a> Face<'a> {
    pub fn new(found: &'a Comparison, title: &'a str) -> Face<'a> {
        Face { found, title }
    }

    fn total(&self) -> &'a MeasureComparison {
        self.found.measures.iter().find(|measure| measure.id == "total").expect("every scenario has a total")
    }

    /// As many as show three digits of the wider end of the band.
    fn decimals(&self, at: usize) -> usize {
        let it = &self.total().periods[at];
        decimals(it.p05.abs().max(it.p95.abs()))
    }
}

/// The whole summary. The sentences are about `deadline`, the last year of a target, or else about the last period.
pub fn summary(faces: &[Face<'_>], deadline: Option<i32>, file: &Path, took: Duration) -> String {
    let [first, ..] = faces else { return String::new() };
    let periods = &first.found.periods;
    let shown = shown_periods(periods, deadline);
    let judged = shown.iter().copied().find(|&at| Some(periods[at].year) == deadline).or(shown.last().copied());
    let judged = judged.expect("a horizon has a period");
    let total = first.total();
    let mut text = format!("Difference of total from `{}`, in {}\n\n", first.found.base, total.unit);
    let mut rows = vec![row(["", ""], shown.iter().map(|&at| periods[at].label.clone()))];
    for face in faces {
        let decimals = face.decimals(judged);
        let cells = |cell: &dyn Fn(&Difference) -> String| -> Vec<String> {
            shown.iter().map(|&at| cell(&face.total().periods[at])).collect()
        };
        rows.push(row([&face.found.scenario, "median"], cells(&|it| signed(it.p50, decimals))));
        let band = |it: &Difference| format!("{} .. {}", signed(it.p05, decimals), signed(it.p95, decimals));
        rows.push(row(["", "90 % band"], cells(&band)));
        rows.push(row(["", "lower in"], cells(&|it| per_cent(it.probability_lower))));
        rows.push(row(["", "higher in"], cells(&|it| per_cent(it.probability_higher))));
    }
    text += &aligned(&rows, 2);
    text += "\n";
    for face in faces {
        let label = &periods[judged].label;
        text += &sentence(face, label, &face.total().periods[judged], face.decimals(judged));
    }
    let note =
        |face: &Face<'_>| gain(face, &periods[judged].label, &face.total().periods[judged]) + &one_sided(face.found);
    let notes: String = faces.iter().map(note).collect();
    if !notes.is_empty() {
        text += &format!("\n{notes}");
    }
    let (trials, pairs) =
        (number(first.found.trials as f64, 0), if first.found.trials == 1 { "pair" } else { "pairs" });
    let _ = write!(
        text,
        "\nAll measures and years: {}\n{trials} {pairs} of trials, seed {}, {:.1} s\n",
        file.display(),
        first.found.seed,
        took.as_secs_f64()
    );
    text
}

/// Such as "Without direct flights (`no-flights`): total in 2030 is 3.1 lower in the median (90 %: 0.0 to 11.2); lower
/// in 78 % of trials".
fn sentence(face: &Face<'_>, period: &str, it: &Difference, decimals: usize) -> String {
    let id = &face.found.scenario;
    let name = if face.title == id { format!("`{id}`") } else { format!("{} (`{id}`)", face.title) };
    if it.probability_higher == 0.0 && it.probability_lower == 0.0 {
        return format!("{name}: total in {period} is the same in every trial\n");
    }
    let size = |value: f64| number(value.abs(), decimals);
    let is_zero = |value: f64| signed(value, decimals) == signed(0.0, decimals);
    let median = match it.p50 {
        value if is_zero(value) => "the same in the median".to_owned(),
        value => format!("{} {} in the median", size(value), direction(value)),
    };
    // The band is told in the median's direction where all of it lies there.
    let band = match (it.p05, it.p95) {
        (low, high) if (low < 0.0 && high <= 0.0) && !is_zero(it.p50) => format!("{} to {}", size(high), size(low)),
        (low, high) if (low >= 0.0 && high > 0.0) && !is_zero(it.p50) => format!("{} to {}", size(low), size(high)),
        (low, high) => format!("{} to {}", told(low, decimals), told(high, decimals)),
    };
    let mut text = format!("{name}: total in {period} is {median} (90 %: {band}); ");
    let (lower, higher) = (per_cent(it.probability_lower), per_cent(it.probability_higher));
    let _ = match it.probability_lower >= it.probability_higher {
        true if it.probability_higher == 0.0 => writeln!(text, "lower in {lower} of trials"),
        true => writeln!(text, "lower in {lower} of trials, higher in {higher}"),
        false if it.probability_lower == 0.0 => writeln!(text, "higher in {higher} of trials"),
        false => writeln!(text, "higher in {higher} of trials, lower in {lower}"),
    };
    text
}

fn direction(value: f64) -> &'static str {
    if value < 0.0 { "lower" } else { "higher" }
}

fn told(value: f64, decimals: usize) -> String {
    match signed(value, decimals) == signed(0.0, decimals) {
        true => number(0.0, decimals),
        false => format!("{} {}", number(value.abs(), decimals), direction(value)),
    }
}

/// Without a minus before nothing.
fn signed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    match text.strip_prefix('-') {
        Some(rest) if !rest.contains(|digit: char| ('1'..='9').contains(&digit)) => rest.to_owned(),
        _ => text,
    }
}

fn per_cent(share: f64) -> String {
    match 100.0 * share {
        rare if rare > 0.0 && rare < 0.5 => "< 1 %".to_owned(),
        sure if sure < 100.0 && sure > 99.5 => "> 99 %".to_owned(),
        other => format!("{other:.0} %"),
    }
}

/// What pairing is worth: the ratio of the variances is how many times as many trials it stands for.
fn gain(face: &Face<'_>, period: &str, it: &Difference) -> String {
    let (Some(paired), Some(apart)) = (it.mean.standard_error, it.unpaired_error) else { return String::new() };
    let id = &face.found.scenario;
    if paired == 0.0 {
        return format!("note: `{id}`: the mean difference in {period} has no simulation error\n");
    }
    let (times, trials) = (apart / paired, (apart / paired).powi(2));
    format!(
        "note: `{id}`: the mean difference of total in {period} is {} with a standard error of {}; unpaired runs of as \
         many trials would have one of {}, {} times that: pairing is worth {} times as many trials\n",
        three_digits(it.mean.value),
        three_digits(paired),
        three_digits(apart),
        three_digits(times),
        three_digits(trials)
    )
}

fn three_digits(value: f64) -> String {
    signed(value, decimals(value))
}

fn one_sided(found: &Comparison) -> String {
    let with = |held_by: HeldBy| {
        let measures = found.measures.iter().filter(move |measure| measure.held_by == held_by);
        measures.map(|measure| format!("`{}`", measure.id)).collect::<Vec<_>>()
    };
    absent(&with(HeldBy::BaseOnly), &found.base, &found.scenario)
        + &absent(&with(HeldBy::ScenarioOnly), &found.scenario, &found.base)
}

fn absent(measures: &[String], in_this: &str, not_in: &str) -> String {
    match measures {
        [] => String::new(),
        [one] => format!("note: {one} is in `{in_this}` only and counts as 0 in `{not_in}`\n"),
        all => format!("note: {} are in `{in_this}` only and count as 0 in `{not_in}`\n", all.join(", ")),
    }
}

/// A warning that two do not count by the same statistics.
pub fn different_metric(base: (&str, &str), other: (&str, &str)) -> String {
    let name = |metric: &str| if metric.is_empty() { "none".to_owned() } else { format!("`{metric}`") };
    format!(
        "warning: `{}` and `{}` have different metrics, {} and {}\n  = hint: a difference between statistics is no \
         effect of a driver\n",
        base.0,
        other.0,
        name(base.1),
        name(other.1)
    )
}

/// What is said of two finished projections, given with the paths of their files.
pub fn of_finished(found: &Unpaired, files: (&str, &str)) -> String {
    let totals: Vec<_> = found.rows.iter().filter(|row| row.measure == "total").collect();
    let mut text = String::new();
    if let Some(last) = totals.last() {
        let decimals = decimals(last.differences.iter().fold(0.0, |most, it| it.abs().max(most)));
        let _ = write!(text, "Total of `{}` less that of `{}`, in {}\n\n", files.1, files.0, last.unit);
        let mut rows = vec![row([""], FIGURES.map(str::to_owned))];
        for total in &totals {
            rows.push(row([&total.period], total.differences.map(|it| signed(it, decimals))));
        }
        text += &aligned(&rows, 1);
        text += "\n";
    }
    let with = |held_by: HeldBy| {
        let mut names: Vec<String> =
            found.rows.iter().filter(|row| row.held_by == held_by).map(|row| format!("`{}`", row.measure)).collect();
        names.dedup();
        names
    };
    text += &absent(&with(HeldBy::BaseOnly), files.0, files.1);
    text += &absent(&with(HeldBy::ScenarioOnly), files.1, files.0);
    if !found.left_out.is_empty() {
        let names = found.left_out.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        let _ = writeln!(text, "note: {names} left out: one of the runs had `--measure` and does not report them");
    }
    text += "note: this is unpaired: a difference of percentiles is not a percentile of the difference, and has the \
             simulation errors of both runs; compare the scenario files to pair them trial by trial\n";
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use tradewinds::projection::{Estimate, Period};

    fn difference(p05: f64, p50: f64, p95: f64, lower: f64, higher: f64) -> Difference {
        Difference {
            mean: Estimate { value: p50, standard_error: Some(0.02) },
            unpaired_error: Some(0.8),
            p05,
            p25: p50,
            p50,
            p75: p50,
            p95,
            ratio: None,
            probability_higher: higher,
            probability_lower: lower,
        }
    }

    fn comparison(difference: Difference, held_by: HeldBy) -> Comparison {
        let measure = |id: &str, held_by| MeasureComparison {
            id: id.into(),
            unit: "USD million".into(),
            held_by,
            periods: vec![difference.clone()],
        };
        Comparison {
            base: "base".into(),
            scenario: "without".into(),
            trials: 1000,
            seed: 1,
            periods: vec![Period { label: "2030".into(), year: 2030, start: String::new(), end: String::new() }],
            measures: vec![measure("exports.fish", held_by), measure("total", HeldBy::Both)],
        }
    }

    fn said(difference: Difference) -> String {
        let found = comparison(difference.clone(), HeldBy::Both);
        sentence(&Face::new(&found, "Without flights"), "2030", &difference, 1)
    }

    #[test]
    fn sentences() {
        let cases = [
            (
                difference(-11.2, -3.1, 0.0, 0.78, 0.0),
                "3.1 lower in the median (90 %: 0.0 to 11.2); lower in 78 % of trials",
            ),
            (
                difference(1.0, 3.0, 9.0, 0.0, 1.0),
                "3.0 higher in the median (90 %: 1.0 to 9.0); higher in 100 % of trials",
            ),
            (
                difference(-2.0, 1.0, 4.0, 0.3, 0.7),
                "1.0 higher in the median (90 %: 2.0 lower to 4.0 higher); higher in 70 % of trials, lower in 30 %",
            ),
            (
                difference(-5.0, -0.01, 0.0, 0.4, 0.0),
                "the same in the median (90 %: 5.0 lower to 0.0); lower in 40 % of trials",
            ),
            (difference(0.0, 0.0, 0.0, 0.0, 0.0), "the same in every trial"),
        ];
        for (difference, expected) in cases {
            assert_eq!(said(difference), format!("Without flights (`without`): total in 2030 is {expected}\n"));
        }
    }

    #[test]
    fn the_whole_summary() {
        let found = comparison(difference(-11.2, -3.1, 0.0, 0.78, 0.0), HeldBy::ScenarioOnly);
        let faces = [Face::new(&found, "Without flights")];
        assert_eq!(
            summary(&faces, None, Path::new("output/compare.csv"), Duration::from_millis(1440)),
            "\
Difference of total from `base`, in USD million

                              2030
  without  median             -3.1
           90 % band  -11.2 .. 0.0
           lower in           78 %
           higher in           0 %

Without flights (`without`): total in 2030 is 3.1 lower in the median (90 %: 0.0 to 11.2); lower in 78 % of trials

note: `without`: the mean difference of total in 2030 is -3.10 with a standard error of 0.0200; unpaired runs of as many \
trials would have one of 0.800, 40.0 times that: pairing is worth 1,600 times as many trials
note: `exports.fish` is in `without` only and counts as 0 in `base`

All measures and years: output/compare.csv
1,000 pairs of trials, seed 1, 1.4 s
"
        );
    }

    #[test]
    fn nothing_has_no_sign() {
        assert_eq!([-0.04, -0.06, 0.0].map(|value| signed(value, 1)), ["0.0", "-0.1", "0.0"]);
        assert_eq!([0.0, 0.001, 0.5, 0.999, 1.0].map(per_cent), ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]);
    }
}
