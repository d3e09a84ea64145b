//! Shocks to the flows: independent draws, shaped, then mixed.

use super::bridge::Bridge;
use super::{Blank, Scene};
use crate::draws::{Key, STEPS_A_CALL, normals, uniforms_31_bits};
use crate::plan::{NoisePlan, PartPlan, ShockSource};
use crate::quantity::{Family, Law, LawSpec, normal_cdf};
use crate::scenario::Shape;
use crate::vector::vectorised;

/// Rows of four steps, which are drawn at once.
type FourRows = [Vec<u32>; STEPS_A_CALL];

/// The shocks of one source: four steps are drawn at once.
#[derive(Clone, Debug, Default)]
pub(crate) struct ShockRows {
    /// Normals to be taken in place of those drawn, as bits of `f32`: a row for each of the first steps.
    pub given: Vec<Vec<u32>>,
    rows: FourRows,
    student: Option<StudentTable>,
    /// Of a source with dimensions of a Sobol sequence.
    bridge: Option<Bridge>,
}

impl ShockRows {
    /// The normal shocks of the scene's step, as bits of `f32`.
    pub fn normals_of_step(&mut self, scene: &Scene, key: Key) -> &[u32] {
        let source = ShockSource { key, shape_key: key, shape: Shape::Normal };
        self.of_step(scene, &source, &mut FourRows::default())
    }

    /// The shaped shocks of the scene's step, as bits of `f32`.
    fn of_step(&mut self, scene: &Scene, source: &ShockSource, uniforms: &mut FourRows) -> &[u32] {
        let within_call = (scene.step - 1) % STEPS_A_CALL;
        if within_call == 0 {
            self.draw(scene, source, uniforms, ((scene.step - 1) / STEPS_A_CALL) as u64);
        }
        &self.rows[within_call]
    }

    /// `uniforms` is scratch.
    fn draw(&mut self, scene: &Scene, source: &ShockSource, uniforms: &mut FourRows, call: u64) {
        let ShockSource { key, shape_key, shape } = *source;
        resize(&mut self.rows, scene.lanes);
        let first_step = call as usize * STEPS_A_CALL;
        if self.given.len() < first_step + STEPS_A_CALL {
            normals(scene.vectors, scene.source(key), call, self.rows.each_mut().map(Vec::as_mut_slice));
        }
        if let Some(bridge) = &mut self.bridge {
            bridge.bend(scene.vectors, first_step + 1, &mut self.rows);
        }
        for (row, given) in self.rows.iter_mut().zip(self.given.iter().skip(first_step)) {
            row.copy_from_slice(given);
        }
        match shape {
            Shape::Normal => {}
            Shape::Contaminated { share, ratio } => {
                resize(uniforms, scene.lanes);
                let source = scene.source(shape_key);
                uniforms_31_bits(scene.vectors, source, call, uniforms.each_mut().map(Vec::as_mut_slice));
                let Contamination { threshold, usual, wild } = Contamination::new(share, ratio);
                for (row, uniforms) in self.rows.iter_mut().zip(uniforms) {
                    contaminate(scene.vectors, row, uniforms, threshold, usual, wild);
                }
            }
            Shape::StudentT { dof, clip } => {
                let table = self.student.get_or_insert_with(|| StudentTable::new(dof, clip));
                for row in &mut self.rows {
                    table.shape(row);
                }
            }
        }
    }
}

fn resize(rows: &mut FourRows, lanes: usize) {
    for row in rows {
        row.resize(lanes, 0);
    }
}

/// Factors on normals of which a share is wild.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Contamination {
    /// A shock is wild if its uniform on [0, 2^31) is below this.
    pub threshold: u32,
    pub usual: f32,
    pub wild: f32,
}

impl Contamination {
    pub fn new(share: f64, ratio: f64) -> Contamination {
        let usual = 1.0 / (1.0 - share + share * ratio * ratio).sqrt();
        let threshold = (share * 2_147_483_648.0) as u32;
        Contamination { threshold, usual: usual as f32, wild: (usual * ratio) as f32 }
    }
}

vectorised! {
    fn contaminate(shocks: &mut [u32], uniforms: &[u32], threshold: u32, usual: f32, wild: f32) {
        for (shock, uniform) in shocks.iter_mut().zip(uniforms) {
            let factor = if (*uniform as i32) < threshold as i32 { wild } else { usual };
            *shock = (f32::from_bits(*shock) * factor).to_bits();
        }
    }
}

/// A Student-t shock as a function of the normal with the same percentile, so that a changed shape keeps it. Linear
/// between points that are close enough for an error below 1e-5.
#[derive(Clone, Debug)]
pub(crate) struct StudentTable {
    values: Vec<f32>,
}

impl StudentTable {
    /// Normal draws stay within this.
    const REACH: f64 = 6.75;
    const POINTS_A_UNIT: f64 = 256.0;

    pub fn new(dof: f64, clip: f64) -> StudentTable {
        let unit_variance = Family::StudentT { dof, mean: 0.0, sd: 1.0 };
        let law = Law::new(LawSpec { family: unit_variance, min: None, max: None, negate: false, zero: 0.0 });
        let law = law.expect("the degrees of freedom were checked");
        let points = (2.0 * Self::REACH * Self::POINTS_A_UNIT) as usize;
        let normal = |point: usize| point as f64 / Self::POINTS_A_UNIT - Self::REACH;
        // The upper half mirrors the lower: percentiles next to 1 would lose their digits.
        let value = |point: usize| match normal(point) {
            z if z < 0.0 => law.quantile(normal_cdf(z)).max(-clip),
            z if z > 0.0 => -law.quantile(normal_cdf(-z)).max(-clip),
            _ => 0.0,
        };
        StudentTable { values: (0..=points).map(|point| value(point) as f32).collect() }
    }

    /// How steep it is at a normal.
    pub fn slope(&self, normal: f32) -> f32 {
        let position =
            (normal.clamp(-Self::REACH as f32, Self::REACH as f32) + Self::REACH as f32) * Self::POINTS_A_UNIT as f32;
        let point = (position as usize).min(self.values.len() - 2);
        (self.values[point + 1] - self.values[point]) * Self::POINTS_A_UNIT as f32
    }

    fn shape(&self, shocks: &mut [u32]) {
        for shock in shocks {
            let position = (f32::from_bits(*shock) + Self::REACH as f32) * Self::POINTS_A_UNIT as f32;
            let point = (position as usize).min(self.values.len() - 2);
            let (low, high) = (self.values[point], self.values[point + 1]);
            *shock = (low + (high - low) * (position - point as f32)).to_bits();
        }
    }
}

/// The sources of one part.
struct PartState {
    sources: Vec<ShockRows>,
    /// Flows of one group find here what the one before has mixed.
    mixed: Mixed,
}

impl PartState {
    fn new(plan: &PartPlan, lanes: usize) -> PartState {
        PartState { sources: vec![ShockRows::default(); plan.sources.len()], mixed: Mixed::new(lanes) }
    }
}

/// The parts of a block.
pub(crate) struct NoiseState {
    permanent: PartState,
    transitory: PartState,
    start: PartState,
    /// Of the source that is drawn now: one for all, so that it stays in the cache.
    uniforms: FourRows,
}

impl NoiseState {
    pub fn new(plan: &NoisePlan, lanes: usize) -> NoiseState {
        NoiseState {
            permanent: PartState::new(&plan.permanent, lanes),
            transitory: PartState::new(&plan.transitory, lanes),
            start: PartState::new(&plan.start, lanes),
            uniforms: FourRows::default(),
        }
    }

    /// All sources: of the permanent part, of the transitory one, of the starts.
    pub fn sources(&mut self) -> impl Iterator<Item = &mut ShockRows> {
        let NoiseState { permanent, transitory, start, .. } = self;
        [permanent, transitory, start].into_iter().flat_map(|part| &mut part.sources)
    }

    /// Draws what stationary starts need, and the knots of bridges.
    pub fn begin(&mut self, plan: &NoisePlan, scene: &Scene) {
        self.forget_mixed();
        if let Some(quasi) = &scene.quasi {
            for (rows, source) in self.permanent.sources.iter_mut().zip(&plan.permanent.sources) {
                rows.bridge = Bridge::over(quasi, source.key, scene);
            }
        }
        for (rows, source) in self.start.sources.iter_mut().zip(&plan.start.sources) {
            rows.draw(scene, source, &mut self.uniforms, 0);
        }
    }

    /// Draws the shocks of a step.
    pub fn step(&mut self, plan: &NoisePlan, scene: &Scene) {
        self.forget_mixed();
        for (part, plan) in [(&mut self.permanent, &plan.permanent), (&mut self.transitory, &plan.transitory)] {
            for (rows, source) in part.sources.iter_mut().zip(&plan.sources) {
                rows.of_step(scene, source, &mut self.uniforms);
            }
        }
    }

    /// All sources have other shocks from now on.
    fn forget_mixed(&mut self) {
        for part in [&mut self.permanent, &mut self.transitory, &mut self.start] {
            part.mixed.forget();
        }
    }

    /// A flow's correlated permanent shock in this step.
    pub fn permanent<'a>(&'a mut self, loads: &[(usize, f32)], scene: &Scene, blank: &'a Blank) -> Shock<'a> {
        pair(&mut self.permanent, loads, scene, blank)
    }

    /// A flow's correlated transitory shock in this step.
    pub fn transitory<'a>(&'a mut self, loads: &[(usize, f32)], scene: &Scene, blank: &'a Blank) -> Shock<'a> {
        pair(&mut self.transitory, loads, scene, blank)
    }

    /// A flow's correlated normal draw at `t0`, as bits.
    pub fn start(&mut self, loads: &[(usize, f32)], scene: &Scene) -> &[u32] {
        self.start.mixed.of(&self.start.sources, loads, 0, scene)
    }
}

/// A shock as a sum of two rows with their loads, in bits of `f32`.
pub(crate) type Shock<'a> = [(&'a [u32], f32); 2];

/// The shock of this step as a pair of rows: the sources themselves where there are no more than two.
fn pair<'a>(part: &'a mut PartState, loads: &[(usize, f32)], scene: &Scene, blank: &'a Blank) -> Shock<'a> {
    let PartState { sources, mixed } = part;
    let within_call = (scene.step - 1) % STEPS_A_CALL;
    let row = |source: usize| &sources[source].rows[within_call][..];
    match *loads {
        [(a, k), (b, l)] => [(row(a), k), (row(b), l)],
        [(a, k)] => [(row(a), k), (&blank.zeros, 0.0)],
        [ref rest @ .., (last, k)] => [(mixed.of(sources, rest, within_call, scene), 1.0), (row(last), k)],
        [] => [(&blank.zeros, 0.0); 2],
    }
}

/// A sum of sources, with the loads that are in it.
struct Mixed {
    row: Vec<u32>,
    /// None as long as nothing has been mixed in this step.
    loads: Vec<(usize, f32)>,
}

impl Mixed {
    fn new(lanes: usize) -> Mixed {
        Mixed { row: vec![0; lanes], loads: Vec::new() }
    }

    /// The sources have other shocks from now on.
    fn forget(&mut self) {
        self.loads.clear();
    }

    /// The sum with these loads: mixed anew unless it is there.
    fn of(&mut self, sources: &[ShockRows], loads: &[(usize, f32)], within_call: usize, scene: &Scene) -> &[u32] {
        if loads.is_empty() || self.loads != loads {
            mix(&mut self.row, sources, loads, within_call, scene);
            self.loads.clear();
            self.loads.extend_from_slice(loads);
        }
        &self.row
    }
}

/// `sum of load * shock` over a flow's sources.
fn mix(out: &mut [u32], sources: &[ShockRows], loads: &[(usize, f32)], within_call: usize, scene: &Scene) {
    let row = |source: usize| &sources[source].rows[within_call][..];
    let rest = match *loads {
        [(a, k), (b, l), ref rest @ ..] => {
            load_two(scene.vectors, out, [(row(a), k), (row(b), l)]);
            rest
        }
        _ => {
            out.fill(0);
            loads
        }
    };
    for &(source, load) in rest {
        load_more(scene.vectors, out, row(source), load);
    }
}

vectorised! {
    /// `out = k * z + l * y`, all in bits.
    fn load_two[F](out: &mut [u32], shock: Shock<'_>) {
        let [(z, k), (y, l)] = shock;
        for ((out, z), y) in out.iter_mut().zip(z).zip(y) {
            *out = F::mul_add(k, f32::from_bits(*z), l * f32::from_bits(*y)).to_bits();
        }
    }
}

vectorised! {
    /// `out += k * z`, all in bits.
    fn load_more[F](out: &mut [u32], z: &[u32], k: f32) {
        for (out, z) in out.iter_mut().zip(z) {
            *out = F::mul_add(k, f32::from_bits(*z), f32::from_bits(*out)).to_bits();
        }
    }
}
