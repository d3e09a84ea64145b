//! The games of one trial in one period: what each player is worth in each measure.

use super::game::{self, MOST_EXACT, Quadrature, Weights};
use super::players::{FlowParts, Players};
use crate::vector::Vectors;

/// Pairs of orders that are sampled where there are too many coalitions to look at all.
const SAMPLED_PAIRS: usize = 8;

/// A measure as flows and signs.
pub(super) struct Sum {
    pub flows: Vec<(usize, f64)>,
    /// Whether it is above 0 in every coalition, so that it has a logarithm.
    pub has_log: bool,
}

/// Solves the games of one trial after the other.
pub(super) struct Solver {
    players: Players,
    /// Grid points a period.
    points: usize,
    /// From the sum over a period's grid points to the value.
    scale: f64,
    vectors: Vectors,
    weights: Weights,
    /// One a flow.
    rules: Vec<Quadrature>,
    orders: Vec<Vec<usize>>,
    /// Worth of each player in each flow: row `flow`.
    of_flow: Vec<Vec<f64>>,
    /// Worth of each player in each measure, in its unit and in logs: the answer.
    pub worth: Vec<Vec<f64>>,
    pub logs: Vec<Vec<f64>>,
    moving: Vec<usize>,
    tables: Vec<Vec<f64>>,
    table: Vec<f64>,
    found: Vec<f64>,
    buffer: Vec<f64>,
}

impl Solver {
    pub fn new(
        players: Players,
        flows: &[FlowParts],
        measures: usize,
        points: (usize, f64),
        vectors: Vectors,
    ) -> Solver {
        let rows = |count: usize| vec![vec![0.0; players.count()]; count];
        Solver {
            players,
            points: points.0,
            scale: points.1,
            vectors,
            weights: Weights::new(),
            rules: flows.iter().map(|flow| Quadrature::for_players(flow.players.len())).collect(),
            orders: Vec::new(),
            of_flow: rows(flows.len()),
            worth: rows(measures),
            logs: rows(measures),
            moving: Vec::new(),
            tables: vec![Vec::new(); flows.len()],
            table: vec![0.0; 1 << MOST_EXACT],
            found: vec![0.0; MOST_EXACT],
            buffer: Vec::new(),
        }
    }

    /// Draws the orders of a trial, the same in all its periods.
    pub fn begin_trial(&mut self, key: crate::draws::Key, trial: u64) {
        game::fill_orders(&mut self.orders, key, trial, self.players.count(), SAMPLED_PAIRS);
    }

    /// Fills `worth` and `logs` for one lane.
    pub fn solve(&mut self, flows: &[FlowParts], measures: &[Sum], lane: usize) {
        for rows in [&mut self.of_flow, &mut self.logs, &mut self.worth] {
            rows.iter_mut().for_each(|row| row.fill(0.0));
        }
        self.find_what_moves(flows, lane);
        self.solve_products(flows, lane);
        if self.moving.len() <= MOST_EXACT {
            self.solve_by_tables(flows, measures, lane);
        } else {
            self.solve_by_orders(flows, measures, lane);
        }
        for (worth, measure) in self.worth.iter_mut().zip(measures) {
            for &(flow, sign) in &measure.flows {
                for (out, value) in worth.iter_mut().zip(&self.of_flow[flow]) {
                    *out += sign * value;
                }
            }
        }
    }

    /// Players that are not neutral: a neutral one is worth nothing and doubles the coalitions.
    fn find_what_moves(&mut self, flows: &[FlowParts], lane: usize) {
        self.buffer.clear();
        self.buffer.resize(self.players.count(), 0.0);
        for flow in flows {
            for point in 0..self.points {
                for (&player, factor) in flow.players.iter().zip(flow.factors_at(point, lane)) {
                    self.buffer[player] += f64::from(u8::from(factor != 1.0));
                }
                for (&player, amount) in flow.cargoes.iter().zip(flow.amounts_at(point, lane)) {
                    self.buffer[player] += f64::from(u8::from(amount != 0.0));
                }
            }
        }
        self.moving.clear();
        self.moving.extend((0..self.players.count()).filter(|&player| self.buffer[player] > 0.0));
    }

    /// The worth in flows without a ceiling, and of cargoes, which only add.
    fn solve_products(&mut self, flows: &[FlowParts], lane: usize) {
        for ((flow, out), rule) in flows.iter().zip(&mut self.of_flow).zip(&self.rules) {
            for point in 0..self.points {
                for (&player, amount) in flow.cargoes.iter().zip(flow.amounts_at(point, lane)) {
                    out[player] += self.scale * amount;
                }
                if flow.has_ceiling() {
                    continue;
                }
                self.buffer.clear();
                self.buffer.extend(flow.factors_at(point, lane));
                let scale = self.scale * flow.start[lane];
                self.found.resize(self.buffer.len().max(MOST_EXACT), 0.0);
                let found = &mut self.found[..self.buffer.len()];
                found.fill(0.0);
                game::of_product(rule, &self.buffer, scale, found);
                for (&player, value) in flow.players.iter().zip(found) {
                    out[player] += *value;
                }
            }
        }
    }

    /// Looks at every coalition of what moves.
    fn solve_by_tables(&mut self, flows: &[FlowParts], measures: &[Sum], lane: usize) {
        for (flow, parts) in flows.iter().enumerate() {
            self.fill_table(flow, parts, lane);
            if parts.has_ceiling() {
                // Cargoes come on top of a ceiling and are counted already.
                game::of_table(self.vectors, &self.weights, &self.tables[flow], &mut self.found);
                for (at, &player) in self.moving.iter().enumerate().filter(|(_, it)| !parts.cargoes.contains(it)) {
                    self.of_flow[flow][player] = self.found[at];
                }
            }
        }
        for (measure, logs) in measures.iter().zip(&mut self.logs).filter(|(measure, _)| measure.has_log) {
            let table = &mut self.table[..1 << self.moving.len()];
            table.fill(0.0);
            for &(flow, _) in &measure.flows {
                game::add_table(self.vectors, table, &self.tables[flow], 1.0);
            }
            game::take_logs(self.vectors, table);
            game::of_table(self.vectors, &self.weights, table, &mut self.found);
            for (&player, value) in self.moving.iter().zip(&self.found) {
                logs[player] = *value;
            }
        }
    }

    /// The value of a flow in each coalition.
    fn fill_table(&mut self, flow: usize, parts: &FlowParts, lane: usize) {
        let coalitions = 1 << self.moving.len();
        let sum = &mut self.tables[flow];
        sum.clear();
        sum.resize(coalitions, 0.0);
        let table = &mut self.table[..coalitions];
        for point in 0..self.points {
            spread(&parts.players, parts.factors_at(point, lane), 1.0, &self.moving, &mut self.buffer);
            game::fill_products(self.vectors, table, parts.start[lane], &self.buffer);
            if let Some(ceiling) = parts.ceiling(lane) {
                // The trend comes first of those that move. Where it does not, both are the same.
                game::cap_table(self.vectors, table, ceiling.bends, ceiling.inverse_square);
            }
            game::add_table(self.vectors, sum, table, self.scale);
            if !parts.cargoes.is_empty() {
                spread(&parts.cargoes, parts.amounts_at(point, lane), 0.0, &self.moving, &mut self.buffer);
                game::fill_sums(self.vectors, table, &self.buffer);
                game::add_table(self.vectors, sum, table, self.scale);
            }
        }
    }

    /// Lets the players come in each of the sampled orders (Castro, Gomez and Tejada 2009).
    fn solve_by_orders(&mut self, flows: &[FlowParts], measures: &[Sum], lane: usize) {
        let orders = std::mem::take(&mut self.orders);
        let share = 1.0 / orders.len() as f64;
        for order in &orders {
            let mut walk = Walk::new(self.points, self.scale, flows, lane);
            let mut logs_before: Vec<f64> = measures.iter().map(|it| walk.log(it)).collect();
            for &player in order.iter().filter(|player| self.moving.contains(player)) {
                let changed = walk.admit(player, flows, lane);
                for &(flow, gain) in changed {
                    if flows[flow].has_ceiling() && !flows[flow].cargoes.contains(&player) {
                        self.of_flow[flow][player] += share * gain;
                    }
                }
                for ((measure, logs), before) in measures.iter().zip(&mut self.logs).zip(&mut logs_before) {
                    let now = walk.log(measure);
                    logs[player] += share * (now - *before);
                    *before = now;
                }
            }
        }
        self.orders = orders;
    }
}

/// The values of some players at the places of those that move, `neutral` for the others.
fn spread(players: &[usize], values: impl Iterator<Item = f64>, neutral: f64, moving: &[usize], out: &mut Vec<f64>) {
    out.clear();
    out.resize(moving.len(), neutral);
    for (player, value) in players.iter().zip(values) {
        if let Ok(place) = moving.binary_search(player) {
            out[place] = value;
        }
    }
}

/// Flows while players come one after the other.
struct Walk {
    points: usize,
    scale: f64,
    /// The level under the ceiling: flow by flow, point by point.
    levels: Vec<f64>,
    cargoes: Vec<f64>,
    values: Vec<f64>,
    has_trend: bool,
    changed: Vec<(usize, f64)>,
}

impl Walk {
    fn new(points: usize, scale: f64, flows: &[FlowParts], lane: usize) -> Walk {
        let mut walk = Walk {
            points,
            scale,
            levels: flows.iter().flat_map(|flow| std::iter::repeat_n(flow.start[lane], points)).collect(),
            cargoes: vec![0.0; flows.len()],
            values: vec![0.0; flows.len()],
            has_trend: false,
            changed: Vec::new(),
        };
        for (idx, flow) in flows.iter().enumerate() {
            walk.values[idx] = walk.value(idx, flow, lane);
        }
        walk
    }

    /// Lets a player in; gives the flows that it may have changed and by how much.
    fn admit(&mut self, player: usize, flows: &[FlowParts], lane: usize) -> &[(usize, f64)] {
        self.has_trend |= player == Players::TREND;
        self.changed.clear();
        for (idx, flow) in flows.iter().enumerate() {
            let place = flow.players.iter().position(|&it| it == player);
            let cargo = flow.cargoes.iter().position(|&it| it == player);
            for point in 0..self.points {
                if let Some(factor) = place.and_then(|place| flow.factors_at(point, lane).nth(place)) {
                    self.levels[idx * self.points + point] *= factor;
                }
                if let Some(amount) = cargo.and_then(|place| flow.amounts_at(point, lane).nth(place)) {
                    self.cargoes[idx] += amount;
                }
            }
            if place.or(cargo).is_some() {
                let now = self.value(idx, flow, lane);
                self.changed.push((idx, now - self.values[idx]));
                self.values[idx] = now;
            }
        }
        &self.changed
    }

    fn value(&self, idx: usize, flow: &FlowParts, lane: usize) -> f64 {
        let levels = &self.levels[idx * self.points..(idx + 1) * self.points];
        let sum: f64 = levels
            .iter()
            .map(|level| flow.ceiling(lane).map_or(*level, |ceiling| ceiling.cap(*level, self.has_trend)))
            .sum();
        self.scale * (sum + self.cargoes[idx])
    }

    fn log(&self, measure: &Sum) -> f64 {
        if !measure.has_log {
            return 0.0;
        }
        libm::log(measure.flows.iter().map(|&(flow, _)| self.values[flow]).sum())
    }
}
