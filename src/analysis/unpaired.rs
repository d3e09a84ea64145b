//! Two finished projections, column by column.

use super::Finished;
use crate::projection::HeldBy;

/// The columns that are compared.
pub const FIGURES: [&str; 8] = ["mean", "p05", "p10", "p25", "p50", "p75", "p90", "p95"];

/// A value for each of [`FIGURES`].
pub type Figures = [f64; FIGURES.len()];

/// How two projections differ. The trials behind them are not known, so this is no law of a difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Unpaired {
    /// Id of the scenario of the first.
    pub base: String,
    /// Id of the scenario of the second.
    pub scenario: String,
    /// Measures of the first in its order, then those of the second only; each period by period.
    pub rows: Vec<UnpairedRow>,
    /// Measures of one that the other was not asked for: nothing is known of them there.
    pub left_out: Vec<String>,
}

/// One measure in one period.
#[derive(Clone, Debug, PartialEq)]
pub struct UnpairedRow {
    /// Id of the measure.
    pub measure: String,
    /// Label of the period.
    pub period: String,
    /// Unit of the values.
    pub unit: String,
    /// Who has the measure; a projection that does not counts as 0.
    pub held_by: HeldBy,
    /// The second less the first.
    pub differences: Figures,
}

/// Compares two finished projections.
///
/// # Errors
/// If they do not count the same thing in the same periods: what differs, in words.
pub fn unpaired(base: &Finished, other: &Finished) -> Result<Unpaired, String> {
    let differs = |what: &str, a: &str, b: &str| Err(format!("its {what} is `{b}`, and that of the base `{a}`"));
    if base.prices != other.prices {
        return differs("`prices`", &base.prices, &other.prices);
    }
    if base.periods != other.periods {
        let span = |it: &Finished| match &it.periods[..] {
            [first, .., last] => format!("{first} to {last}"),
            periods => periods.concat(),
        };
        return Err(format!("its periods are `{}`, and those of the base `{}`", span(other), span(base)));
    }
    let none: Vec<Figures> = vec![Figures::default(); base.periods.len()];
    let find = |it: &'_ Finished, id: &str| it.measures.iter().position(|(own, ..)| own == id);
    let only_in_other = other.measures.iter().filter(|(id, ..)| find(base, id).is_none());
    let (mut rows, mut left_out) = (Vec::new(), Vec::new());
    for (id, unit, _) in base.measures.iter().chain(only_in_other) {
        let (a, b) = (find(base, id), find(other, id));
        if (a.is_none() && !base.has_all) || (b.is_none() && !other.has_all) {
            left_out.push(id.clone());
            continue;
        }
        let held_by = match (a, b) {
            (Some(_), None) => HeldBy::BaseOnly,
            (None, _) => HeldBy::ScenarioOnly,
            (Some(a), Some(b)) if base.measures[a].1 != other.measures[b].1 => {
                return differs("unit", &base.measures[a].1, &other.measures[b].1);
            }
            (Some(_), Some(_)) => HeldBy::Both,
        };
        let laws = |it: Option<&'_ (String, String, Vec<Figures>)>| it.map_or(none.clone(), |(.., laws)| laws.clone());
        let (a, b) = (laws(a.map(|at| &base.measures[at])), laws(b.map(|at| &other.measures[at])));
        for ((period, a), b) in base.periods.iter().zip(a).zip(b) {
            rows.push(UnpairedRow {
                measure: id.clone(),
                period: period.clone(),
                unit: unit.clone(),
                held_by,
                differences: std::array::from_fn(|at| b[at] - a[at]),
            });
        }
    }
    Ok(Unpaired { base: base.scenario.clone(), scenario: other.scenario.clone(), rows, left_out })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(measures: &[(&str, f64)]) -> Finished {
        Finished {
            scenario: "a".into(),
            prices: "real".into(),
            metric: String::new(),
            periods: vec!["2023".into()],
            measures: measures.iter().map(|(id, mean)| ((*id).into(), "USD".into(), vec![[*mean; 8]])).collect(),
            has_all: true,
        }
    }

    fn rows(found: &Unpaired) -> Vec<(&str, HeldBy, f64)> {
        found.rows.iter().map(|row| (&row.measure[..], row.held_by, row.differences[0])).collect()
    }

    #[test]
    fn what_only_one_has_counts_as_zero() {
        let found = unpaired(&finished(&[("x", 5.0), ("y", 1.0)]), &finished(&[("y", 3.0), ("z", 7.0)])).unwrap();
        let expected = [("x", HeldBy::BaseOnly, -5.0), ("y", HeldBy::Both, 2.0), ("z", HeldBy::ScenarioOnly, 7.0)];
        assert_eq!(rows(&found), expected);
        assert!(found.left_out.is_empty());
    }

    #[test]
    fn what_one_was_not_asked_for_is_left_out() {
        let all = finished(&[("x", 5.0), ("y", 1.0)]);
        let some = Finished { has_all: false, ..finished(&[("y", 3.0), ("z", 7.0)]) };
        let found = unpaired(&all, &some).unwrap();
        assert_eq!(rows(&found), [("y", HeldBy::Both, 2.0), ("z", HeldBy::ScenarioOnly, 7.0)]);
        assert_eq!(found.left_out, ["x"]);
        let found = unpaired(&some, &all).unwrap();
        assert_eq!(rows(&found), [("y", HeldBy::Both, -2.0), ("z", HeldBy::BaseOnly, -7.0)]);
        assert_eq!(found.left_out, ["x"]);
    }

    #[test]
    fn what_counts_something_else_is_refused() {
        let base = finished(&[("x", 1.0)]);
        let prices = Finished { prices: "nominal".into(), ..base.clone() };
        assert_eq!(unpaired(&base, &prices).unwrap_err(), "its `prices` is `nominal`, and that of the base `real`");
        let periods = Finished { periods: vec!["2024".into()], ..base.clone() };
        assert_eq!(unpaired(&base, &periods).unwrap_err(), "its periods are `2024`, and those of the base `2023`");
        let mut unit = base.clone();
        unit.measures[0].1 = "EUR".into();
        assert_eq!(unpaired(&base, &unit).unwrap_err(), "its unit is `EUR`, and that of the base `USD`");
    }
}
