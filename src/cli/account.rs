//! What `explain` says at its end: a waterfall, the inputs that matter most, and where the variance comes from.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use tradewinds::analysis::sobol::Measured;
use tradewinds::analysis::{CellSensitivity, InputSensitivity, Sensitivity};
use tradewinds::projection::{Attribution, MeasureAttribution, Part, PartKind, Period};

use super::summary::{aligned, decimals, number, row, shown_periods};

/// What was found, and what of it is to be told.
pub struct Account<'a> {
    pub attribution: &'a Attribution,
    pub sensitivity: &'a Sensitivity,
    /// The year that is told of; the last one if there is none.
    pub year: Option<i32>,
    /// Ids of the measures.
    pub measures: &'a [String],
}

/// So many inputs are shown.
const INPUTS: usize = 10;
/// Letters of the longest bar.
const BAR: usize = 36;

/// The whole account.
pub fn told(account: &Account<'_>, folder: &Path, took: Duration) -> String {
    let found = account.attribution;
    let in_year = |at: &usize| account.year.is_none_or(|year| found.periods[*at].year == year);
    let period = (0..found.periods.len()).rev().find(in_year).expect("the year is projected");
    let mut text = String::new();
    for id in account.measures {
        let measure = found.measures.iter().find(|it| it.id == *id).expect("it was attributed");
        text += &waterfall(found, measure, period);
        let cell =
            account.sensitivity.cells.iter().find(|cell| cell.measure == *id && cell.period == found.periods[period]);
        if let Some(cell) = cell {
            text += &tornado(cell);
            text += &split(account, id);
        }
    }
    let _ = write!(
        text,
        "All measures and periods: attribution.csv, sensitivity.csv and variance.csv in\n  {}\n{} trials, seed {}, {:.1} s\n",
        folder.display(),
        number(found.trials as f64, 0),
        found.seed,
        took.as_secs_f64()
    );
    text
}

/// From the base year's value part by part to the value, drivers in the order of their size.
fn waterfall(found: &Attribution, measure: &MeasureAttribution, period: usize) -> String {
    let parts = by_size(&measure.periods[period]);
    let label = &found.periods[period].label;
    let mut text = format!(
        "What changes {} of `{}` from {} to {label}, in {}: means\n\n",
        measure.id, found.scenario, found.base_period.label, measure.unit
    );
    let drivers = parts.iter().filter(|part| part.kind == PartKind::Driver).map(|part| part.mean.value.abs());
    let decimals = decimals(drivers.fold(0.0, f64::max));
    let mut rows = vec![row(["", "change", "+-", "log points", "in", "worth then", ""], std::iter::empty::<String>())];
    let axis = Axis::of(&parts);
    let mut before = 0.0;
    for part in &parts {
        let after = if part.kind == PartKind::Change { before } else { before + part.mean.value };
        rows.push(line(part, (&found.base_period.label, label), decimals, &axis, (before, after)));
        before = after;
    }
    text += &with_bars(&rows);
    text += &if_happens_note(&parts);
    text += "\n";
    text
}

fn by_size(parts: &[Part]) -> Vec<&Part> {
    let rank = |part: &&Part| match part.kind {
        PartKind::Base => 0,
        PartKind::Trend => 1,
        PartKind::Driver => 2,
        PartKind::Noise => 3,
        PartKind::Change => 4,
    };
    let mut parts: Vec<&Part> = parts.iter().collect();
    parts.sort_by(|a, b| rank(a).cmp(&rank(b)).then(b.mean.value.abs().total_cmp(&a.mean.value.abs())));
    parts
}

fn line(part: &Part, years: (&str, &str), decimals: usize, axis: &Axis, ends: (f64, f64)) -> Vec<String> {
    let signed =
        |value: f64| if value > 0.0 { format!("+{}", number(value, decimals)) } else { number(value, decimals) };
    let name = match part.kind {
        PartKind::Base => years.0.to_owned(),
        PartKind::Change => years.1.to_owned(),
        PartKind::Driver => part.title.clone().unwrap_or_else(|| part.id.clone()),
        PartKind::Trend | PartKind::Noise => part.kind.name().to_owned(),
    };
    let is_level = matches!(part.kind, PartKind::Base | PartKind::Change);
    let value = if is_level { number(ends.1, decimals) } else { signed(part.mean.value) };
    let error = part.mean.standard_error.map_or_else(String::new, |error| number(error, decimals));
    let logs = part.log_points.map_or_else(String::new, |it| format!("{:+.3}", it.value));
    let (share, then) = match (&part.if_happens, part.probability_happens) {
        (Some(it), Some(share)) => (per_cent(share), signed(it.mean.value)),
        _ => Default::default(),
    };
    let bar = if is_level { axis.mark(ends.1) } else { axis.bar(ends.0, ends.1) };
    row([&name, &value, &error, &logs, &share, &then, &bar], std::iter::empty::<String>())
}

fn if_happens_note(parts: &[&Part]) -> String {
    match parts.iter().any(|part| part.if_happens.is_some()) {
        true => "\n`in`: trials in which it has happened by then; `worth then`: its mean in those trials\n".to_owned(),
        false => String::new(),
    }
}

/// Where bars lie.
struct Axis {
    low: f64,
    high: f64,
}

impl Axis {
    /// Holds all levels that the running sum takes.
    fn of(parts: &[&Part]) -> Axis {
        let mut sum = 0.0;
        let mut levels = Vec::new();
        for part in parts.iter().filter(|part| part.kind != PartKind::Change) {
            sum += part.mean.value;
            levels.push(sum);
        }
        Axis::over(levels.into_iter())
    }

    fn over(levels: impl Iterator<Item = f64> + Clone) -> Axis {
        Axis { low: levels.clone().fold(f64::INFINITY, f64::min), high: levels.fold(f64::NEG_INFINITY, f64::max) }
    }

    fn column(&self, level: f64) -> usize {
        let width = self.high - self.low;
        if width > 0.0 { ((level - self.low) / width * (BAR - 1) as f64).round() as usize } else { 0 }
    }

    fn mark(&self, level: f64) -> String {
        format!("{}|", " ".repeat(self.column(level)))
    }

    /// From one level to another: `+` up, `-` down; nothing where they are the same.
    fn bar(&self, from: f64, to: f64) -> String {
        if from == to {
            return String::new();
        }
        let letter = if to > from { "+" } else { "-" };
        let (low, high) = (self.column(from.min(to)), self.column(from.max(to)));
        format!("{}{}", " ".repeat(low), letter.repeat((high - low).max(1)))
    }
}

/// The last column at its left edge.
fn with_bars(rows: &[Vec<String>]) -> String {
    let mut rows = rows.to_vec();
    for row in &mut rows {
        let last = row.last_mut().expect("a row has a cell");
        *last = format!("{last:<BAR$}");
    }
    aligned(&rows, 1)
}

/// The inputs that swing the median most.
fn tornado(cell: &CellSensitivity) -> String {
    let mut inputs: Vec<&InputSensitivity> = cell.inputs.iter().filter(|input| input.swing.value != 0.0).collect();
    inputs.sort_by(|a, b| b.swing.value.abs().total_cmp(&a.swing.value.abs()));
    let moving = inputs.len();
    inputs.truncate(INPUTS);
    let (measure, label) = (&cell.measure, &cell.period.label);
    let [first, ..] = inputs[..] else {
        return format!("No uncertain input moves the median of {measure} in {label}\n\n");
    };
    let axis = Axis::over(inputs.iter().flat_map(|input| [input.median_at_p10, input.median_at_p90]));
    let decimals = decimals(first.median_at_p90.abs().max(first.median_at_p10.abs()));
    let mut rows = vec![row(
        ["", "p10", "p90", "median", "median", "swing", "+-", "first", "total", ""],
        std::iter::empty::<String>(),
    )];
    for input in inputs {
        let share = |it: &Measured| format!("{:.0} %", 100.0 * it.value.max(0.0));
        let error = input.swing.standard_error.map_or_else(String::new, |error| number(error, decimals));
        rows.push(row(
            [&input.name, &short(input.p10), &short(input.p90), &number(input.median_at_p10, decimals)],
            [
                number(input.median_at_p90, decimals),
                format!("{}{}", if input.swing.value > 0.0 { "+" } else { "" }, number(input.swing.value, decimals)),
                error,
                share(&input.indices.first_order),
                share(&input.indices.total),
                axis.bar(input.median_at_p10, input.median_at_p90),
            ],
        ));
    }
    format!(
        "Which inputs move the median of {measure} in {label} most, {} of {moving}: from an input's p10 to its p90, in {}\n\
         `first`, `total`: share of the variance (Sobol' indices)\n\n{}\n",
        moving.min(INPUTS),
        cell.unit,
        with_bars(&rows)
    )
}

/// An input's value: years as such, others with three digits.
fn short(value: f64) -> String {
    number(value, decimals(value)).replace(',', "")
}

/// Where the variance comes from, by period.
fn split(account: &Account<'_>, measure: &str) -> String {
    let cells: Vec<&CellSensitivity> = account.sensitivity.cells.iter().filter(|it| it.measure == measure).collect();
    let periods: Vec<Period> = cells.iter().map(|cell| cell.period.clone()).collect();
    let shown: Vec<&CellSensitivity> = shown_periods(&periods, account.year).into_iter().map(|at| cells[at]).collect();
    if shown.iter().all(|cell| cell.variance == 0.0) {
        return format!("{measure} does not vary\n\n");
    }
    let mut rows = vec![row([""], shown.iter().map(|cell| cell.period.label.clone()))];
    let share = |it: &Measured| match it.value.is_finite() {
        true => format!("{:.0} % +- {:.0}", 100.0 * it.value, 100.0 * it.standard_error),
        false => String::new(),
    };
    let interaction = |cell: &&CellSensitivity| match cell.interaction() {
        value if value.is_finite() => format!("{:.0} %     ", 100.0 * value),
        _ => String::new(),
    };
    let all = || shown.iter();
    rows.push(row(["inputs that are not known (epistemic)"], all().map(|it| share(&it.epistemic.first_order))));
    rows.push(row(["events: what drivers do by chance"], all().map(|it| share(&it.events.first_order))));
    rows.push(row(["noise"], all().map(|it| share(&it.noise.first_order))));
    rows.push(row(["their interaction"], all().map(interaction)));
    format!("Where the variance of {measure} comes from\n\n{}\n", aligned(&rows, 1))
}

fn per_cent(share: f64) -> String {
    match 100.0 * share {
        rare if rare > 0.0 && rare < 0.5 => "< 1 %".to_owned(),
        sure if sure < 100.0 && sure > 99.5 => "> 99 %".to_owned(),
        other => format!("{other:.0} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_go_from_one_level_to_the_next() {
        let axis = Axis::over([100.0, 135.0, 110.0].into_iter());
        assert_eq!(axis.mark(100.0), "|");
        assert_eq!(axis.bar(100.0, 135.0), "+".repeat(35));
        assert_eq!(axis.bar(135.0, 110.0), format!("{}{}", " ".repeat(10), "-".repeat(25)));
        // What is too small for a letter still has one, and nothing has none.
        assert_eq!(axis.bar(110.0, 110.1), format!("{}+", " ".repeat(10)));
        assert_eq!(axis.bar(110.0, 110.0), "");
        assert_eq!(Axis::over([5.0].into_iter()).mark(5.0), "|");
    }

    #[test]
    fn inputs_show_three_digits_and_years_as_such() {
        assert_eq!([2023.456, 0.0563, -12.34].map(short), ["2023", "0.0563", "-12.3"]);
    }
}
