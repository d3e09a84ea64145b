//! Joint paths of single trials.

use super::blocks::Worker;
use crate::kernel::{Observer, View};
use crate::plan::Plan;
use crate::projection::Paths;
use crate::scenario::Report;

/// Keeps every value of the reported measures.
pub(super) struct Recorder {
    reported: Vec<usize>,
    periods: usize,
    /// First trial of each block and its values: trial, measure, period, the last running fastest.
    blocks: Vec<(u64, Vec<f64>)>,
}

impl Recorder {
    pub fn new(plan: &Plan) -> Recorder {
        Recorder { reported: plan.reported.clone(), periods: periods(plan), blocks: Vec::new() }
    }
}

fn periods(plan: &Plan) -> usize {
    if plan.report == Report::Year { plan.steps / plan.steps_per_year } else { plan.steps }
}

impl Observer for Recorder {
    fn base(&mut self, view: &View<'_>) {
        self.blocks.push((view.first_trial, vec![0.0; view.live * self.reported.len() * self.periods]));
    }

    fn period(&mut self, view: &View<'_>, period: usize) {
        let Some((_, values)) = self.blocks.last_mut() else { return };
        for (at, &measure) in self.reported.iter().enumerate() {
            for (lane, value) in view.measures[measure][..view.live].iter().enumerate() {
                values[(lane * self.reported.len() + at) * self.periods + period] = *value;
            }
        }
    }
}

impl Worker for Recorder {
    fn end_block(&mut self, _block: u64) {}

    fn rest(&mut self) {}
}

/// All paths in the order of trials.
pub(super) fn join(plan: &Plan, trials: u64, recorders: Vec<Recorder>) -> Paths {
    let mut blocks: Vec<(u64, Vec<f64>)> = recorders.into_iter().flat_map(|recorder| recorder.blocks).collect();
    blocks.sort_by_key(|(first_trial, _)| *first_trial);
    let mut values = Vec::with_capacity(trials as usize * plan.reported.len() * periods(plan));
    for (_, block) in blocks {
        values.extend(block);
    }
    Paths { trials, values }
}
