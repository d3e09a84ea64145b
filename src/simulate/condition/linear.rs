//! The past as a linear function of its shocks, a few lanes at a time.

use super::past::{Observation, PartRows, Recorder};
use super::shocks::Shocks;
use crate::plan::Plan;
use crate::vector::{Vectors, vectorised};

/// Lanes worked on together.
pub(super) const WIDTH: usize = 16;

/// One number in each of them.
pub(super) type Lanes = [f64; WIDTH];

const ZERO: Lanes = [0.0; WIDTH];

/// `WIDTH` numbers of a row from a lane on; what the row lacks is 0.
pub(super) fn lanes_of(row: &[f64], first: usize) -> Lanes {
    let mut lanes = ZERO;
    lanes.iter_mut().zip(row.iter().skip(first)).for_each(|(lane, value)| *lane = *value);
    lanes
}

/// How much each log total moves with each shock: the tangent where the recorder stands.
pub(super) struct Response {
    /// Total by total, shock by shock, up to the last that moves it. The totals are in the order of time, so that no
    /// row is shorter than one before it.
    rows: Vec<Vec<Lanes>>,
}

impl Response {
    pub fn at(plan: &Plan, past: &Recorder<'_>, totals: &[Observation], shocks: &Shocks, first: usize) -> Response {
        let tangent = Tangent { plan, past, shocks, first };
        Response { rows: totals.iter().map(|total| tangent.of(total)).collect() }
    }

    /// An orthonormal basis of the rows, one for each of them; 0 for a row that lies in the span of those before it
    /// (modified Gram and Schmidt).
    pub fn orthonormal_rows(self, vectors: Vectors) -> Vec<Vec<Lanes>> {
        // Of the length of a row, what may be left by rounding alone.
        const NOTHING: f64 = 1e-6;
        let mut basis: Vec<Vec<Lanes>> = Vec::with_capacity(self.rows.len());
        for mut row in self.rows {
            let before = dot(vectors, &row, &row);
            for earlier in &basis {
                let along = dot(vectors, &row, earlier);
                add_scaled(vectors, &mut row, earlier, along.map(|along| -along));
            }
            let after = dot(vectors, &row, &row);
            let mut scale = ZERO;
            for lane in 0..WIDTH {
                let is_new = after[lane] > NOTHING * NOTHING * before[lane];
                scale[lane] = if is_new { 1.0 / after[lane].sqrt() } else { 0.0 };
            }
            row.iter_mut().for_each(|x| (0..WIDTH).for_each(|lane| x[lane] *= scale[lane]));
            basis.push(row);
        }
        basis
    }

    /// `H B'`: how much each total moves along each direction.
    pub fn along(&self, vectors: Vectors, basis: &[Vec<Lanes>]) -> Vec<Vec<Lanes>> {
        self.rows.iter().map(|row| basis.iter().map(|direction| dot(vectors, row, direction)).collect()).collect()
    }
}

/// `M x`.
pub(super) fn rows_times(vectors: Vectors, rows: &[Vec<Lanes>], x: &[Lanes]) -> Vec<Lanes> {
    rows.iter().map(|row| dot(vectors, row, x)).collect()
}

/// `M' x`, of as many numbers as the longest row has.
pub(super) fn transposed_times(vectors: Vectors, rows: &[Vec<Lanes>], x: &[Lanes]) -> Vec<Lanes> {
    let mut sum = vec![ZERO; rows.iter().map(Vec::len).max().unwrap_or(0)];
    for (row, x) in rows.iter().zip(x) {
        add_scaled(vectors, &mut sum, row, *x);
    }
    sum
}

/// The lower triangle of `M M'`, row by row.
pub(super) fn gram(vectors: Vectors, rows: &[Vec<Lanes>]) -> Vec<Vec<Lanes>> {
    let each = rows.iter().enumerate();
    each.map(|(i, row)| rows[..=i].iter().map(|other| dot(vectors, row, other)).collect()).collect()
}

vectorised! {
    /// `row += scale * other`, as far as both go.
    fn add_scaled(row: &mut [Lanes], other: &[Lanes], scale: Lanes) {
        for (x, y) in row.iter_mut().zip(other) {
            for lane in 0..WIDTH {
                x[lane] += scale[lane] * y[lane];
            }
        }
    }
}

vectorised! {
    /// As far as both go: what a row lacks is 0.
    fn dot(a: &[Lanes], b: &[Lanes]) -> Lanes {
        let mut sum = [0.0; WIDTH];
        for (a, b) in a.iter().zip(b) {
            for lane in 0..WIDTH {
                sum[lane] += a[lane] * b[lane];
            }
        }
        sum
    }
}

/// What a tangent is taken of.
struct Tangent<'a> {
    plan: &'a Plan,
    past: &'a Recorder<'a>,
    shocks: &'a Shocks,
    first: usize,
}

impl Tangent<'_> {
    /// Derivatives of one log total, from its last step back: a shock acts on its own step and, as far as
    /// it is kept, on those after it.
    fn of(&self, observation: &Observation) -> Vec<Lanes> {
        let Some(year) = observation.year else { return Vec::new() };
        let m = self.plan.steps_per_year;
        let steps = year * m..(year + 1) * m;
        let mut row = vec![ZERO; self.shocks.up_to(steps.end)];
        let mut total = ZERO;
        for &flow in &observation.flows {
            for step in steps.clone() {
                let value = self.value(flow, step);
                (0..WIDTH).for_each(|lane| total[lane] += value[lane]);
            }
        }
        for &flow in &observation.flows {
            let shares: Vec<Lanes> = steps.clone().map(|step| self.share(flow, step, &total)).collect();
            self.add_flow(flow, steps.start, &shares, &mut row);
        }
        row
    }

    fn value(&self, flow: usize, step: usize) -> Lanes {
        lanes_of(&self.past.values[flow * self.plan.steps + step], self.first)
    }

    /// By how much the log total moves with the log level of one flow in one step: its share of the total, less what a
    /// ceiling takes.
    fn share(&self, flow: usize, step: usize, total: &Lanes) -> Lanes {
        let value = self.value(flow, step);
        let ceiling = self.past.flows[flow].ceiling.as_ref().map(|row| lanes_of(row, self.first));
        let mut share = ZERO;
        for lane in 0..WIDTH {
            let below_ceiling = ceiling.map_or(1.0, |k| (1.0 - value[lane] * value[lane] * k[lane]).max(0.0));
            let share_of_total = value[lane] / total[lane];
            share[lane] = if share_of_total.is_finite() { share_of_total * below_ceiling } else { 0.0 };
        }
        share
    }

    fn add_flow(&self, flow: usize, first_step: usize, shares: &[Lanes], row: &mut [Lanes]) {
        let (rows, noise) = (&self.past.flows[flow], &self.plan.noise);
        if let Some(part) = &rows.permanent {
            let volatile = !self.past.volatility.is_empty();
            self.back(part, first_step, shares, volatile, |step, moved| {
                self.add_shock(self.shocks.permanent(), &noise.permanent.loads[flow], step, moved, row);
            });
        }
        if let Some(part) = &rows.transitory {
            let volatile = !self.past.volatility.is_empty();
            self.back(part, first_step, shares, volatile, |step, moved| {
                self.add_shock(self.shocks.transitory(), &noise.transitory.loads[flow], step, moved, row);
            });
            if let Some(sd) = &rows.start_sd {
                let moved = self.given_back(sd, &part.decay, first_step, shares);
                self.add_shock(self.shocks.starts(), &noise.start.loads[flow], 0, &moved, row);
            }
        }
        for (process, exposure) in &rows.exposures {
            let part = &self.past.processes[*process];
            if part.sd.is_empty() {
                continue;
            }
            let exposure = lanes_of(exposure, self.first);
            let mut felt = shares.to_vec();
            felt.iter_mut().for_each(|share| (0..WIDTH).for_each(|lane| share[lane] *= exposure[lane]));
            let source = self.shocks.processes() + process;
            self.back(part, first_step, &felt, false, |step, moved| {
                self.add_shock(source, &[(0, 1.0)], step, moved, row);
            });
        }
    }

    /// Calls `each` with every step up to the observation's last and what a unit shock in it moves the log total by.
    fn back(
        &self,
        part: &PartRows,
        first_step: usize,
        shares: &[Lanes],
        volatile: bool,
        mut each: impl FnMut(usize, &Lanes),
    ) {
        let (sd, decay) = (lanes_of(&part.sd, self.first), lanes_of(&part.decay, self.first));
        let mut kept = ZERO;
        for step in (0..first_step + shares.len()).rev() {
            if step >= first_step {
                let share = &shares[step - first_step];
                (0..WIDTH).for_each(|lane| kept[lane] += share[lane]);
            }
            let mut moved = ZERO;
            (0..WIDTH).for_each(|lane| moved[lane] = kept[lane] * sd[lane]);
            if volatile {
                let factors = &self.past.volatility[step][self.first..];
                moved.iter_mut().zip(factors).for_each(|(moved, factor)| *moved *= f64::from(*factor));
            }
            each(step, &moved);
            (0..WIDTH).for_each(|lane| kept[lane] *= decay[lane]);
        }
    }

    /// What a unit of the draw at `t0` moves the log total by: the part of it that has been given back by then.
    fn given_back(&self, sd: &[f64], decay: &[f64], first_step: usize, shares: &[Lanes]) -> Lanes {
        let (sd, decay) = (lanes_of(sd, self.first), lanes_of(decay, self.first));
        let mut moved = ZERO;
        for lane in 0..WIDTH {
            let remaining = |step: usize| libm::pow(decay[lane], (first_step + step + 1) as f64);
            let given_back: f64 = (0..shares.len()).map(|step| shares[step][lane] * (1.0 - remaining(step))).sum();
            moved[lane] = -sd[lane] * given_back;
        }
        moved
    }

    fn add_shock(&self, first_source: usize, loads: &[(usize, f32)], step: usize, moved: &Lanes, row: &mut [Lanes]) {
        for &(source, load) in loads {
            let source = first_source + source;
            let factor = self.shocks.factor(source, step, self.first);
            let shock = &mut row[self.shocks.place(source, step)];
            for lane in 0..WIDTH {
                shock[lane] += f64::from(load) * factor[lane] * moved[lane];
            }
        }
    }
}
