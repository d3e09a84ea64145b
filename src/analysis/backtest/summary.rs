//! Scores by model, horizon and size of flow.

use super::rival::Rival;
use super::score::{Score, Scored};
use super::{BENCHMARKS, Backtest, OWN, Options};
use crate::analysis::fit::Stretch;

/// A range of the last known value, million USD: from `least` on and below `below`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    /// What it is called.
    pub name: &'static str,
    /// The least value.
    pub least: f64,
    /// Values from here on belong to the next range.
    pub below: f64,
}

const fn size(name: &'static str, least: f64, below: f64) -> Size {
    Size { name, least, below }
}

/// All flows, then ranges of size.
pub const SIZES: [Size; 9] = [
    size("all", 0.0, f64::INFINITY),
    size("below 0.3", 0.0, 0.3),
    size("0.3 to 1", 0.3, 1.0),
    size("1 to 3", 1.0, 3.0),
    size("3 to 10", 3.0, 10.0),
    size("10 to 30", 10.0, 30.0),
    size("30 to 100", 30.0, 100.0),
    size("100 to 1000", 100.0, 1000.0),
    size("from 1000", 1000.0, f64::INFINITY),
];

/// Scores of a model at a horizon for flows of a size.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Name of the model.
    pub model: String,
    /// Years ahead.
    pub horizon: u32,
    /// Name of the range of sizes.
    pub size: &'static str,
    /// Number of flows.
    pub series: usize,
    /// Number of forecasts.
    pub n: usize,
    /// Mean continuous ranked probability score, log points.
    pub crps: Mean,
    /// Mean over the same cases of the model's score less this program's, log points; above 0 where it does worse.
    pub difference: Mean,
    /// Shares of outcomes in the central 50, 80 and 90 % intervals.
    pub covered: [f64; 3],
    /// Standard error of the last of them, clustered by pair.
    pub covered90_se: Option<f64>,
    /// Mean of minus the logarithm of the density.
    pub log_score: f64,
}

/// A mean with its standard error, clustered by pair of countries; none with fewer than two pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Its standard error.
    pub se: Option<f64>,
}

/// A part of the unit interval and how often forecasts found their outcome in it.
#[derive(Clone, Debug, PartialEq)]
pub struct PitBin {
    /// Name of the model.
    pub model: String,
    /// Years ahead.
    pub horizon: u32,
    /// From this probability on.
    pub low: f64,
    /// To this one.
    pub high: f64,
    /// Share of the outcomes.
    pub share: f64,
    /// Number of outcomes, all bins together.
    pub n: usize,
}

/// Number of bins of the histogram of probabilities.
const BINS: usize = 20;

/// A model by its place among the scores.
struct Model {
    index: usize,
    name: String,
}

fn models(rivals: &[Rival]) -> Vec<Model> {
    let benchmarks = BENCHMARKS.iter().map(|(name, _)| *name);
    let names = std::iter::once(OWN).chain(benchmarks).chain(rivals.iter().map(|it| it.name.as_str()));
    names.enumerate().map(|(index, name)| Model { index, name: name.to_owned() }).collect()
}

pub(super) fn summarise(panel: &[Stretch], options: &Options, rivals: &[Rival], scored: &[Scored]) -> Backtest {
    let (mut rows, mut pit) = (Vec::new(), Vec::new());
    for model in models(rivals) {
        for &horizon in &options.horizons {
            let is_scored = |it: &&Scored| it.case.horizon == horizon && it.scores[model.index].is_some();
            let at_horizon: Vec<&Scored> = scored.iter().filter(is_scored).collect();
            pit.extend(histogram(&model, horizon, &at_horizon));
            for size in SIZES {
                let (least, below) = (libm::log(size.least), libm::log(size.below));
                let inside = |it: &&&Scored| it.case.last >= least && it.case.last < below;
                let cases: Vec<&Scored> = at_horizon.iter().filter(inside).copied().collect();
                if !cases.is_empty() {
                    rows.push(row(panel, &model, horizon, size.name, &cases));
                }
            }
        }
    }
    let mut origins: Vec<i32> = scored.iter().map(|it| it.case.origin).collect();
    origins.sort_unstable();
    origins.dedup();
    Backtest { rows, pit, series: flows(scored.iter()), origins: origins.len(), unscored: unscored(panel, options) }
}

fn flows<'a>(cases: impl Iterator<Item = &'a Scored>) -> usize {
    let mut stretches: Vec<usize> = cases.map(|it| it.case.stretch).collect();
    stretches.sort_unstable();
    stretches.dedup();
    stretches.len()
}

fn row(panel: &[Stretch], model: &Model, horizon: u32, size: &'static str, cases: &[&Scored]) -> Row {
    let clustered = |value: &dyn Fn(Score, Score) -> f64| {
        let of_case = |it: &&Scored| {
            let [own, its] = [0, model.index].map(|index| it.scores[index].expect("only scored cases are summed up"));
            (panel[it.case.stretch].pair, value(own, its))
        };
        mean(&cases.iter().map(of_case).collect::<Vec<_>>())
    };
    let share = |probability: f64| clustered(&|_, its| f64::from(u8::from(its.covered(probability))));
    let covered = [0.5, 0.8, 0.9].map(share);
    Row {
        model: model.name.clone(),
        horizon,
        size,
        series: flows(cases.iter().copied()),
        n: cases.len(),
        crps: clustered(&|_, its| its.crps),
        difference: clustered(&|own, its| its.crps - own.crps),
        covered: covered.map(|it| it.value),
        covered90_se: covered[2].se,
        log_score: clustered(&|_, its| its.log_score).value,
    }
}

/// A mean over values that are alike within a cluster. C. Cameron and D. Miller, "A Practitioner's Guide to
/// Cluster-Robust Inference", Journal of Human Resources 50 (2015), equation (11) for a mean.
fn mean(values: &[(usize, f64)]) -> Mean {
    let n = values.len() as f64;
    let value = values.iter().map(|(_, value)| value).sum::<f64>() / n;
    let mut sorted: Vec<(usize, f64)> = values.iter().map(|(cluster, it)| (*cluster, it - value)).collect();
    sorted.sort_by_key(|(cluster, _)| *cluster);
    let sums: Vec<f64> = sorted.chunk_by(|a, b| a.0 == b.0).map(|it| it.iter().map(|(_, away)| away).sum()).collect();
    let clusters = sums.len() as f64;
    let squares: f64 = sums.iter().map(|sum| sum * sum).sum();
    let se = (sums.len() > 1).then(|| (squares * clusters / (clusters - 1.0)).sqrt() / n);
    Mean { value, se }
}

fn histogram(model: &Model, horizon: u32, cases: &[&Scored]) -> Vec<PitBin> {
    let mut counts = [0usize; BINS];
    for score in cases.iter().filter_map(|it| it.scores[model.index]) {
        counts[((score.pit * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    let n = cases.len();
    let bin = |(at, count): (usize, &usize)| PitBin {
        model: model.name.clone(),
        horizon,
        low: at as f64 / BINS as f64,
        high: (at + 1) as f64 / BINS as f64,
        share: *count as f64 / n as f64,
        n,
    };
    if n == 0 { Vec::new() } else { counts.iter().enumerate().map(bin).collect() }
}

/// Outcomes that the panel's years would hold and that are zero or missing, after origins that count.
fn unscored(panel: &[Stretch], options: &Options) -> u64 {
    let Some(end) = panel.iter().map(Stretch::last).max() else { return 0 };
    let scored = |it: &&Stretch| it.logs.len() >= options.least_years && it.last() < end;
    let missing = |it: &Stretch| {
        let first = it.first + options.least_known as i32 - 1;
        let lost = |horizon: &u32| {
            let ahead = *horizon as i32;
            (first..=it.last()).filter(|origin| (it.last() + 1..=end).contains(&(origin + ahead))).count() as u64
        };
        options.horizons.iter().map(lost).sum::<u64>()
    };
    panel.iter().filter(scored).map(missing).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clusters_of_like_values_count_once() {
        let alike = mean(&[(0, 1.0), (0, 1.0), (1, 3.0), (1, 3.0)]);
        let apart = mean(&[(0, 1.0), (1, 3.0)]);
        assert_eq!(alike, apart);
        assert_eq!(apart, Mean { value: 2.0, se: Some(1.0) });
        assert_eq!(mean(&[(7, 2.0)]), Mean { value: 2.0, se: None });
    }
}
