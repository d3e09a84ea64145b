//! What reporters would have said, had the trials been so: figures to set against those observed.

use super::past::Observation;
use crate::projection::{Fit, Summary};
use crate::scenario::ObservedSeries;
use crate::simulate::blocks::Worker;
use crate::simulate::finish::summary;
use crate::simulate::series::{Merged, Series};
use crate::stats::Kind;
use crate::vector::Vectors;

/// Gathers replicas of every observation.
pub(super) struct Replicas {
    /// One an observation.
    series: Series,
    observed: Vec<f64>,
    /// Replicas below the observation.
    below: Vec<u64>,
    count: u64,
}

impl Replicas {
    pub fn new(observations: &[Observation], lanes: usize, vectors: Vectors) -> Replicas {
        Replicas {
            series: Series::new(observations.iter().map(|_| Kind::Smooth), lanes, vectors),
            observed: observations.iter().map(|it| libm::exp(it.log_value)).collect(),
            below: vec![0; observations.len()],
            count: 0,
        }
    }

    /// Adds those of a block, a row an observation.
    pub fn push(&mut self, rows: &[Vec<f64>]) {
        self.count += rows.first().map_or(0, |row| row.len() as u64);
        for (idx, row) in rows.iter().enumerate() {
            self.series.push(idx, row);
            self.below[idx] += row.iter().filter(|value| **value < self.observed[idx]).count() as u64;
        }
    }
}

impl Worker for Replicas {
    fn end_block(&mut self, block: u64) {
        self.series.end_block(block);
    }

    fn rest(&mut self) {
        self.series.settle();
    }
}

/// The law of each observation's replicas, and the share of them below it.
pub(super) fn laws(workers: &[Replicas], observations: usize) -> Vec<(Summary, f64)> {
    let merged = Merged::new(workers.iter().map(|worker| &worker.series));
    let count: u64 = workers.iter().map(|worker| worker.count).sum();
    let below = |idx: usize| workers.iter().map(|worker| worker.below[idx]).sum::<u64>() as f64 / count as f64;
    (0..observations).map(|idx| (summary(merged.of(idx)), below(idx))).collect()
}

/// Prior and posterior beside each observation.
pub(super) fn fits(
    observations: &[Observation],
    observed: &[ObservedSeries],
    prior: &[(Summary, f64)],
    posterior: &[(Summary, f64)],
) -> Vec<Fit> {
    let each = observations.iter().zip(prior).zip(posterior);
    each.map(|((observation, prior), posterior)| Fit {
        series: observed[observation.series].name.clone(),
        reporter: observed[observation.series].reporter.clone(),
        year: observation.calendar_year,
        observed: libm::exp(observation.log_value),
        prior: prior.0,
        prior_below: prior.1,
        posterior: posterior.0,
    })
    .collect()
}
