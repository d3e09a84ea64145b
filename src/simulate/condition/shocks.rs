//! The normal shocks of the past: where each stands, and what is drawn.

use super::linear::{Lanes, WIDTH};
use crate::draws::{Key, STEPS_A_CALL, Source, Trials, normals, uniforms_31_bits};
use crate::kernel::{Contamination, Kernel, StudentTable};
use crate::plan::{DriverOp, Plan};
use crate::scenario::Shape;
use crate::vector::Vectors;

/// Rows of bits, one a step.
type Rows = Vec<Vec<u32>>;

/// All sources of the past's shocks, in the kernel's order: permanent, transitory, starts, processes.
pub(super) struct Shocks {
    sources: Vec<OneSource>,
    /// First source of each kind.
    firsts: [usize; 4],
    vectors: Vectors,
}

struct OneSource {
    key: Key,
    shape_key: Key,
    shape: Shape,
    /// Standard normals as bits of `f32`.
    normals: Rows,
    /// By how much a shock moves with its normal; empty where that is 1.
    factors: Vec<Vec<f32>>,
    /// Of Student-t shocks.
    student: Option<StudentTable>,
}

impl Shocks {
    pub fn new(plan: &Plan, vectors: Vectors) -> Shocks {
        let noise = &plan.noise;
        let mut shocks = Shocks { sources: Vec::new(), firsts: [0; 4], vectors };
        for (kind, (part, steps)) in
            [(&noise.permanent, plan.steps), (&noise.transitory, plan.steps), (&noise.start, 1)].into_iter().enumerate()
        {
            shocks.firsts[kind] = shocks.sources.len();
            for source in &part.sources {
                shocks.add(source.key, source.shape_key, source.shape, steps, plan.lanes);
            }
        }
        shocks.firsts[3] = shocks.sources.len();
        for driver in &plan.drivers {
            if let DriverOp::Process(process) = &driver.op {
                shocks.add(process.key, process.key, Shape::Normal, plan.steps, plan.lanes);
            }
        }
        shocks
    }

    fn add(&mut self, key: Key, shape_key: Key, shape: Shape, steps: usize, lanes: usize) {
        let factors = vec![vec![1.0; lanes]; if shape == Shape::Normal { 0 } else { steps }];
        let student = match shape {
            Shape::StudentT { dof, clip } => Some(StudentTable::new(dof, clip)),
            Shape::Normal | Shape::Contaminated { .. } => None,
        };
        let normals = vec![vec![0; lanes]; steps];
        self.sources.push(OneSource { key, shape_key, shape, normals, factors, student });
    }

    /// How many shocks there are up to a step: the starts, then all of the first step, and so on.
    pub fn up_to(&self, step: usize) -> usize {
        let starts = self.processes() - self.starts();
        starts + step * (self.sources.len() - starts)
    }

    /// The sources of each place's shock, in the order of places, and its step.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let starts = self.starts()..self.processes();
        let moving: Vec<usize> = (0..self.sources.len()).filter(|source| !starts.contains(source)).collect();
        let steps = moving.first().map_or(0, |source| self.sources[*source].normals.len());
        let of_steps = (0..steps).flat_map(move |step| moving.clone().into_iter().map(move |source| (source, step)));
        starts.map(|source| (source, 0)).chain(of_steps)
    }

    pub fn permanent(&self) -> usize {
        self.firsts[0]
    }

    pub fn transitory(&self) -> usize {
        self.firsts[1]
    }

    pub fn starts(&self) -> usize {
        self.firsts[2]
    }

    pub fn processes(&self) -> usize {
        self.firsts[3]
    }

    /// Place of a source's shock in a step among all.
    pub fn place(&self, source: usize, step: usize) -> usize {
        let (first, end) = (self.starts(), self.processes());
        match source {
            start if (first..end).contains(&start) => start - first,
            later if later >= end => self.up_to(step) + later - (end - first),
            earlier => self.up_to(step) + earlier,
        }
    }

    /// By how much the shock moves with its normal.
    pub fn factor(&self, source: usize, step: usize, first: usize) -> Lanes {
        let mut lanes = [1.0; WIDTH];
        if let Some(row) = self.sources[source].factors.get(step) {
            lanes.iter_mut().zip(&row[first..]).for_each(|(lane, factor)| *lane = f64::from(*factor));
        }
        lanes
    }

    /// Draws them all, for these trials.
    pub fn draw(&mut self, trials: Trials<'_>) {
        for source in &mut self.sources {
            by_call(&mut source.normals, |call, rows| {
                normals(self.vectors, Source { key: source.key, trials }, call, rows);
            });
        }
    }

    /// Finds which of them are wild.
    pub fn draw_factors(&mut self, trials: Trials<'_>) {
        for source in &mut self.sources {
            let Shape::Contaminated { share, ratio } = source.shape else { continue };
            let Contamination { threshold, usual, wild } = Contamination::new(share, ratio);
            let lanes = source.normals.first().map_or(0, Vec::len);
            let mut uniforms = vec![vec![0; lanes]; source.factors.len()];
            by_call(&mut uniforms, |call, rows| {
                uniforms_31_bits(self.vectors, Source { key: source.shape_key, trials }, call, rows);
            });
            for (factors, uniforms) in source.factors.iter_mut().zip(&uniforms) {
                let of = |uniform: &u32| if *uniform < threshold { wild } else { usual };
                factors.iter_mut().zip(uniforms).for_each(|(factor, uniform)| *factor = of(uniform));
            }
        }
    }

    /// Sets them all to 0.
    pub fn clear(&mut self) {
        for row in self.sources.iter_mut().flat_map(|source| &mut source.normals) {
            row.fill(0);
        }
    }

    /// The normals of some lanes, in the order of places.
    pub fn lanes(&self, first: usize) -> Vec<Lanes> {
        let of_place = |(source, step): (usize, usize)| {
            let mut lanes = [0.0; WIDTH];
            let bits = self.sources[source].normals[step][first..].iter();
            lanes.iter_mut().zip(bits).for_each(|(lane, bits)| *lane = f64::from(f32::from_bits(*bits)));
            lanes
        };
        self.places().map(of_place).collect()
    }

    /// Replaces the normals of some lanes.
    pub fn set_lanes(&mut self, first: usize, z: &[Lanes]) {
        for ((source, step), lanes) in self.places().zip(z) {
            let row = &mut self.sources[source].normals[step];
            row[first..].iter_mut().zip(lanes).for_each(|(bits, lane)| *bits = (*lane as f32).to_bits());
        }
    }

    /// Has a kernel take them in place of its own draws, in its lanes from `first` on.
    pub fn give(&self, kernel: &mut Kernel<'_>, first: usize) {
        let lanes = kernel.lanes();
        for (taken, source) in kernel.shocks().zip(&self.sources) {
            taken.given.resize(source.normals.len(), Vec::new());
            for (row, normals) in taken.given.iter_mut().zip(&source.normals) {
                row.resize(lanes, 0);
                row[first..first + normals.len()].copy_from_slice(normals);
            }
        }
    }

    /// How steep a Student-t shock is at its normal as it stands.
    pub fn note_slopes(&mut self) {
        for source in &mut self.sources {
            let Some(table) = &source.student else { continue };
            for (factors, normals) in source.factors.iter_mut().zip(&source.normals) {
                let slopes = normals.iter().map(|bits| table.slope(f32::from_bits(*bits)));
                factors.iter_mut().zip(slopes).for_each(|(factor, slope)| *factor = slope);
            }
        }
    }
}

/// Fills rows that are drawn four at a time.
fn by_call(rows: &mut Rows, mut draw: impl FnMut(u64, [&mut [u32]; STEPS_A_CALL])) {
    let lanes = rows.first().map_or(0, Vec::len);
    let mut spare = vec![vec![0; lanes]; STEPS_A_CALL];
    for (call, chunk) in rows.chunks_mut(STEPS_A_CALL).enumerate() {
        let mut out = chunk.iter_mut().chain(&mut spare).map(Vec::as_mut_slice);
        draw(call as u64, std::array::from_fn(|_| out.next().unwrap_or_default()));
    }
}
