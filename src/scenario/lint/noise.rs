//! Warnings of noise: what has no effect, and what diversifies risk away.

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::{Correlation, Scenario};

use super::Written;
use super::seen::is_constant;

/// From so many flows a direction on, independent noise is mostly averaged out of their sum.
const MANY_FLOWS: usize = 8;

/// Below this mean correlation the noise of many flows averages out. Products of one country pair share reporters,
/// routes and demand; 0.7 within a direction is usual.
const LOW_CORRELATION: f64 = 0.1;

/// Correlations are averaged over at most so many flows of a direction.
const SAMPLED_FLOWS: usize = 100;

pub(super) fn lint(scenario: &Scenario, written: &Written<'_>, warnings: &mut Vec<Diagnostic>) {
    gap_without_pull(scenario, written, warnings);
    for is_export in [true, false] {
        diversified(scenario, written, is_export, warnings);
    }
}

fn gap_without_pull(scenario: &Scenario, written: &Written<'_>, warnings: &mut Vec<Diagnostic>) {
    let common = written.top.noise.as_ref().and_then(|noise| noise.value.permanent.as_ref());
    for (flow, written) in scenario.flows.iter().zip(written.flows) {
        if !is_constant(&flow.noise.pull, 0.0) || is_constant(&flow.noise.gap, 0.0) {
            continue;
        }
        let own = written.noise.as_ref().and_then(|noise| noise.value.permanent.as_ref());
        let key = [own, common].into_iter().flatten().find_map(|part| {
            let gap = part.value.gap.as_ref().or(part.value.gap_percent.as_ref())?;
            Some(gap.key.clone())
        });
        if let Some(key) = key {
            warnings.push(
                Diagnostic::warning(key, "a `gap` without `pull` has no effect")
                    .hint("`pull` is the rate a year at which the gap closes: 0.04 is slow, 0.5 is fast"),
            );
        }
    }
}

fn diversified(scenario: &Scenario, written: &Written<'_>, is_export: bool, warnings: &mut Vec<Diagnostic>) {
    let has_noise = |flow: usize| {
        let noise = &scenario.flows[flow].noise;
        !is_constant(&noise.permanent_sd, 0.0) || !is_constant(&noise.transitory_sd, 0.0)
    };
    let in_direction = (0..scenario.flows.len()).filter(|flow| scenario.flows[*flow].is_export == is_export);
    let flows: Vec<usize> = in_direction.filter(|flow| has_noise(*flow)).collect();
    if flows.len() < MANY_FLOWS || mean_correlation(&scenario.correlation, &flows) >= LOW_CORRELATION {
        return;
    }
    let Some(noise) = &written.top.noise else { return };
    let place: &Place = noise.value.correlation.as_ref().map_or(&noise.key, |correlation| &correlation.key);
    let direction = if is_export { "exports" } else { "imports" };
    let message = format!(
        "{} {direction} with noise that is hardly correlated: most of the risk of their sum averages out",
        flows.len()
    );
    warnings.push(Diagnostic::warning(place.clone(), message).hint(
        "flows of one pair share routes, reporters and demand: `correlation = { groups = [{ flows = .., rho = 0.7 }] }`",
    ));
}

fn mean_correlation(correlation: &Correlation, flows: &[usize]) -> f64 {
    let flows = &flows[..flows.len().min(SAMPLED_FLOWS)];
    let pairs = flows.iter().enumerate().flat_map(|(i, one)| flows[..i].iter().map(move |other| (*one, *other)));
    let (sum, count) =
        pairs.fold((0.0, 0), |(sum, count), (one, other)| (sum + pair_correlation(correlation, one, other), count + 1));
    sum / f64::from(count.max(1))
}

fn pair_correlation(correlation: &Correlation, one: usize, other: usize) -> f64 {
    match correlation {
        Correlation::Independent => 0.0,
        Correlation::Factors { common, groups, group_of, .. } => {
            let shared = group_of[one].filter(|group| group_of[other] == Some(*group));
            common * common + shared.map_or(0.0, |group| groups[group].1 * groups[group].1)
        }
        Correlation::Cholesky { order, lower } => {
            let row = |flow: usize| order.iter().position(|at| *at == flow).map_or(&[][..], |at| &lower[at]);
            row(one).iter().zip(row(other)).map(|(a, b)| a * b).sum()
        }
    }
}
