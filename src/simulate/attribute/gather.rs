//! What a worker gathers of the games' values.

use super::players::{FlowParts, Players};
use super::points;
use super::trial::{Solver, Sum};
use crate::draws::Key;
use crate::kernel::{Observer, StepView, View};
use crate::plan::Plan;
use crate::scenario::{Report, Scenario};
use crate::simulate::blocks::Worker;
use crate::simulate::series::{Merged, Series};
use crate::simulate::{RunOptions, periods};
use crate::stats::{Kind, Merge, Moments, Tree};
use crate::vector::Vectors;

/// Watches the drivers' blocks and solves the games of each trial.
pub(super) struct Gatherer<'p> {
    plan: &'p Plan,
    /// Indices of the measures in the plan.
    measures: &'p [usize],
    sums: &'p [Sum],
    players: Players,
    flows: Vec<FlowParts>,
    solver: Solver,
    orders_key: Key,
    points: usize,
    /// Grid points of the current period so far.
    point: usize,
    /// From the base year's value to that of a period's length.
    base_scale: f64,
    base: Vec<Vec<f64>>,
    /// Worth by measure and player, a lane a trial; the last player stands for the whole change.
    worth: Vec<Vec<f64>>,
    logs: Vec<Vec<f64>>,
    happened: Vec<Vec<bool>>,
    scratch: Vec<f64>,
    vectors: Vectors,
    /// Base values by measure, then the worth by period, measure and player.
    series: Series,
    leaf: Leaf,
    tree: Tree<Leaf>,
    /// Trials in which a driver has happened, by period and driver.
    count: Vec<u64>,
}

/// What is gathered beside the series.
#[derive(Clone, Default)]
struct Leaf {
    /// Logs by period, measure and player.
    logs: Vec<Moments>,
    /// Worth and log where the driver has happened: by period, measure and driver.
    if_happens: Vec<(Moments, Moments)>,
}

impl Leaf {
    fn new(periods: usize, measures: usize, players: Players, drivers: usize) -> Leaf {
        let cells = periods * measures;
        Leaf {
            logs: vec![Moments::default(); cells * (players.count() + 1)],
            if_happens: vec![Default::default(); cells * drivers],
        }
    }
}

impl Merge for Leaf {
    fn merge(&mut self, later: &Leaf) {
        self.logs.merge(&later.logs);
        for (own, other) in self.if_happens.iter_mut().zip(&later.if_happens) {
            merge_some(&mut own.0, &other.0);
            merge_some(&mut own.1, &other.1);
        }
    }
}

/// Either may be of no trials at all.
fn merge_some(own: &mut Moments, later: &Moments) {
    match (own.count, later.count) {
        (_, 0) => {}
        (0, _) => *own = *later,
        _ => own.merge(later),
    }
}

impl<'p> Gatherer<'p> {
    pub fn new(
        scenario: &Scenario,
        plan: &'p Plan,
        measures: &'p [usize],
        sums: &'p [Sum],
        options: &RunOptions,
    ) -> Gatherer<'p> {
        let players = Players::of(plan);
        let periods = periods::count(&scenario.horizon);
        let points = points(scenario);
        let flow = |flow| FlowParts::new(flow, players, points.0, plan.lanes);
        let flows: Vec<FlowParts> = plan.flows.iter().map(flow).collect();
        let parts = players.count() + 1;
        let series = measures.len() * (1 + periods * parts);
        let row = || vec![0.0; plan.lanes];
        Gatherer {
            plan,
            measures,
            sums,
            players,
            solver: Solver::new(players, &flows, measures.len(), points, options.vectors),
            flows,
            orders_key: Key::new(options.seed, "explain.orders"),
            points: points.0,
            point: 0,
            base_scale: if scenario.horizon.report == Report::StepAmount { scenario.horizon.dt() } else { 1.0 },
            base: vec![row(); measures.len()],
            worth: vec![row(); measures.len() * parts],
            logs: vec![row(); measures.len() * parts],
            happened: vec![vec![false; plan.lanes]; plan.drivers.len()],
            scratch: Vec::with_capacity(plan.lanes),
            vectors: options.vectors,
            series: Series::new((0..series).map(|_| Kind::Atoms), plan.lanes, options.vectors),
            leaf: Leaf::new(periods, measures.len(), players, plan.drivers.len()),
            tree: Tree::default(),
            count: vec![0; periods * plan.drivers.len()],
        }
    }

    fn parts(&self) -> usize {
        self.players.count() + 1
    }

    fn solve(&mut self, view: &View<'_>) {
        let parts = self.parts();
        for lane in 0..view.live {
            self.solver.begin_trial(self.orders_key, view.first_trial + lane as u64);
            self.solver.solve(&self.flows, self.sums, lane);
            for (at, &measure) in self.measures.iter().enumerate() {
                let row = at * parts;
                for player in 0..self.players.count() {
                    self.worth[row + player][lane] = self.solver.worth[at][player];
                    self.logs[row + player][lane] = self.solver.logs[at][player];
                }
                let (value, base) = (view.measures[measure][lane], self.base[at][lane]);
                self.worth[row + self.players.count()][lane] = value - base;
                let log = if self.sums[at].has_log { libm::log(value / base) } else { 0.0 };
                self.logs[row + self.players.count()][lane] = log;
            }
        }
    }

    fn push(&mut self, period: usize, live: usize) {
        let (measures, parts, drivers) = (self.measures.len(), self.parts(), self.plan.drivers.len());
        for (row, (worth, logs)) in self.worth.iter().zip(&self.logs).enumerate() {
            let cell = period * measures * parts + row;
            self.series.push(measures + cell, &worth[..live]);
            self.leaf.logs[cell] = Moments::of(self.vectors, &logs[..live]);
        }
        for driver in 0..drivers {
            let happened = &self.happened[driver][..live];
            self.count[period * drivers + driver] += happened.iter().filter(|it| **it).count() as u64;
            for at in 0..measures {
                let row = at * parts + Players::driver(driver);
                let cell = (period * measures + at) * drivers + driver;
                let some = |row: &[f64], scratch: &mut Vec<f64>| {
                    scratch.clear();
                    scratch.extend(row.iter().zip(happened).filter(|(_, it)| **it).map(|(value, _)| value));
                    Moments::of(self.vectors, scratch)
                };
                let worth = some(&self.worth[row], &mut self.scratch);
                self.leaf.if_happens[cell] = (worth, some(&self.logs[row], &mut self.scratch));
            }
        }
    }
}

impl Observer for Gatherer<'_> {
    const READS_STEPS: bool = true;

    fn base(&mut self, view: &View<'_>) {
        self.point = 0;
        for (at, (row, &measure)) in self.base.iter_mut().zip(self.measures).enumerate() {
            for (out, value) in row.iter_mut().zip(&view.measures[measure]) {
                *out = value * self.base_scale;
            }
            self.series.push(at, &row[..view.live]);
        }
    }

    fn step(&mut self, view: &StepView<'_>) {
        self.point %= self.points;
        for (idx, flow) in self.flows.iter_mut().enumerate() {
            flow.take(self.plan, idx, view, self.point);
        }
        self.point += 1;
        if self.point < self.points {
            return;
        }
        for (idx, (row, driver)) in self.happened.iter_mut().zip(view.drivers).enumerate() {
            for (lane, out) in row[..view.live].iter_mut().enumerate() {
                *out = driver.has_happened(lane, view.starts[idx][lane], view.now);
            }
        }
    }

    fn period(&mut self, view: &View<'_>, period: usize) {
        self.solve(view);
        self.push(period, view.live);
    }
}

impl Worker for Gatherer<'_> {
    fn end_block(&mut self, block: u64) {
        self.series.end_block(block);
        let leaf = self.leaf.clone();
        self.tree.push(block, leaf);
    }

    fn rest(&mut self) {
        self.series.settle();
    }
}

/// What all workers gathered.
pub(super) struct Found<'a> {
    series: Merged<'a>,
    rest: Leaf,
    count: Vec<u64>,
    measures: usize,
    players: Players,
    drivers: usize,
}

impl<'a> Found<'a> {
    pub fn new(workers: &'a [Gatherer<'a>]) -> Found<'a> {
        let first = workers.first().expect("a run has a worker");
        let mut tree = Tree::default();
        let mut count = vec![0; first.count.len()];
        for worker in workers {
            tree.absorb(worker.tree.clone());
            count.iter_mut().zip(&worker.count).for_each(|(all, one)| *all += one);
        }
        Found {
            series: Merged::new(workers.iter().map(|worker| &worker.series)),
            rest: tree.finish().unwrap_or_default(),
            count,
            measures: first.measures.len(),
            players: first.players,
            drivers: first.plan.drivers.len(),
        }
    }

    /// The base year's value.
    pub fn base(&self, measure: usize) -> (Moments, [f64; 3]) {
        self.described(measure)
    }

    /// The worth of a player, or of all of them.
    pub fn worth(&self, period: usize, measure: usize, player: usize) -> (Moments, [f64; 3]) {
        self.described(self.measures + self.cell(period, measure, player))
    }

    /// The same in logs.
    pub fn log(&self, period: usize, measure: usize, player: usize) -> Moments {
        self.rest.logs[self.cell(period, measure, player)]
    }

    /// Worth and log of a driver where it has happened.
    pub fn if_happens(&self, period: usize, measure: usize, driver: usize) -> (Moments, Moments) {
        self.rest.if_happens[(period * self.measures + measure) * self.drivers + driver]
    }

    /// The share of trials in which a driver has happened.
    pub fn happened(&self, period: usize, driver: usize) -> f64 {
        self.count[period * self.drivers + driver] as f64 / self.series.count() as f64
    }

    fn cell(&self, period: usize, measure: usize, player: usize) -> usize {
        (period * self.measures + measure) * (self.players.count() + 1) + player
    }

    fn described(&self, series: usize) -> (Moments, [f64; 3]) {
        let (moments, tally) = self.series.of(series);
        (moments, [0.05, 0.5, 0.95].map(|level| tally.quantile(level).0))
    }
}
