//! Standard errors from the spread between independent randomisations.

use super::collect::Collector;
use super::finish;
use crate::plan::Plan;
use crate::projection::{Distribution, Estimate, FirstReached, MeasureProjection, Projection, TargetProjection};
use crate::scenario::Scenario;

/// Replaces the standard error of every statistic by that of the mean of as many values as there are randomisations.
pub(super) fn judge(projection: &mut Projection, scenario: &Scenario, plan: &Plan, sets: &[Vec<Collector>]) {
    let trials = projection.trials / sets.len() as u64;
    let of_set = |set: &Vec<Collector>| {
        let workers: Vec<&Collector> = set.iter().collect();
        let mut measures = finish::measures(scenario, plan, &workers, trials as f64);
        let mut targets = finish::targets(scenario, trials, &workers, trials as f64);
        estimates(&mut measures, &mut targets).map(|estimate| estimate.value).collect()
    };
    // One after the other, as each set is finished on all cores and its laws are large.
    let values: Vec<Vec<f64>> = sets.iter().map(of_set).collect();
    let Projection { measures, targets, .. } = projection;
    for (at, estimate) in estimates(measures, targets).enumerate() {
        let of_each: Vec<f64> = values.iter().map(|values| values[at]).collect();
        estimate.standard_error = estimate.standard_error.map(|_| standard_error(&of_each));
    }
}

/// Of the mean of independent values.
fn standard_error(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
    (squares / (n * (n - 1.0))).sqrt()
}

fn of_target(target: &mut TargetProjection) -> impl Iterator<Item = &mut Estimate> {
    let TargetProjection { probability, first_reached, .. } = target;
    let of_years =
        first_reached.iter_mut().flat_map(|FirstReached { probability, by_then, .. }| [probability, by_then]);
    std::iter::once(probability).chain(of_years)
}

/// All statistics that have a standard error, in one order.
fn estimates<'a>(
    measures: &'a mut [MeasureProjection],
    targets: &'a mut [TargetProjection],
) -> impl Iterator<Item = &'a mut Estimate> {
    let laws = measures.iter_mut().flat_map(|measure| std::iter::once(&mut measure.base).chain(&mut measure.periods));
    let of_law = |law: &'a mut Distribution| [&mut law.mean, &mut law.sd].into_iter().chain(&mut law.quantiles);
    laws.flat_map(of_law).chain(targets.iter_mut().flat_map(of_target))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_is_that_of_a_mean() {
        assert_eq!(standard_error(&[1.0, 2.0, 3.0, 4.0]), (5.0_f64 / 12.0).sqrt());
        assert_eq!(standard_error(&[7.0; 16]), 0.0);
    }
}
