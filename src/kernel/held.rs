//! Values that hold for a whole path, as rows.

use super::Scene;
use super::lane::{FEW_STATES, Lanes, OfState, OfStateRow, of_state};
use crate::plan::{Operand, StateOperand};
use crate::vector::{Vectors, vectorised};

/// The row of an operand after a function, made once a block.
#[derive(Clone, Debug, Default)]
pub(crate) struct Held {
    row: Vec<f64>,
    /// The number that the whole row holds, where that is known.
    same: Option<f64>,
}

impl Held {
    /// Takes on `f(operand)`.
    pub fn set(&mut self, scene: &Scene, operand: Operand, f: impl Fn(f64) -> f64) {
        match operand {
            Operand::Constant(value) => self.set_all(scene, f(value)),
            Operand::Row(row) => {
                for (out, value) in self.change(scene).iter_mut().zip(&scene.rows[row]) {
                    *out = f(*value);
                }
            }
        }
    }

    /// Takes on `f(a, b)`.
    pub fn set_from_two(&mut self, scene: &Scene, a: Operand, b: Operand, f: impl Fn(f64, f64) -> f64) {
        if let (Operand::Constant(a), Operand::Constant(b)) = (a, b) {
            return self.set_all(scene, f(a, b));
        }
        for (lane, out) in self.change(scene).iter_mut().enumerate() {
            *out = f(scene.value(a, lane), scene.value(b, lane));
        }
    }

    /// Takes on one number. A row that holds it from the block before is left as it is.
    fn set_all(&mut self, scene: &Scene, value: f64) {
        if self.same.map(f64::to_bits) != Some(value.to_bits()) {
            self.change(scene).fill(value);
            self.same = Some(value);
        }
    }

    pub fn row(&self) -> &[f64] {
        &self.row
    }

    /// The number that the whole row holds, where that is known.
    pub fn same(&self) -> Option<f64> {
        self.same
    }

    /// The row, to be written.
    pub fn change(&mut self, scene: &Scene) -> &mut [f64] {
        self.same = None;
        self.row.resize(scene.lanes, 0.0);
        &mut self.row
    }

    /// The greatest value, or 0.
    pub fn greatest(&self, vectors: Vectors) -> f64 {
        self.same.map_or_else(|| greatest(vectors, &self.row), |value| value.max(0.0))
    }

    /// The least value, where none is negative.
    pub fn least(&self, vectors: Vectors) -> f64 {
        self.same.unwrap_or_else(|| least(vectors, &self.row))
    }
}

impl Scene {
    /// Fills a row with an operand.
    pub fn fill(&self, operand: Operand, out: &mut [f64]) {
        match operand {
            Operand::Constant(value) => out.fill(value),
            Operand::Row(row) => out.copy_from_slice(&self.rows[row]),
        }
    }

    /// The value of an operand in one lane.
    #[inline]
    pub fn value(&self, operand: Operand, lane: usize) -> f64 {
        match operand {
            Operand::Constant(value) => value,
            Operand::Row(row) => self.rows[row][lane],
        }
    }
}

/// One row for all states, or one a state. No rows are made of constants that differ by state.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldByState {
    rows: Vec<Held>,
    /// The value of each state where it is the same in all trials; of the last one, repeated, beyond.
    constants: Option<[f64; FEW_STATES]>,
}

impl HeldByState {
    /// Takes on `f(operand)` in each state.
    pub fn set(&mut self, scene: &Scene, operand: &StateOperand, f: impl Fn(f64) -> f64) {
        let operands = operands(operand);
        self.constants = constants(operands.len(), |state| match operands[state] {
            Operand::Constant(value) => Some(f(value)),
            Operand::Row(_) => None,
        });
        self.make_rows(operands.len(), |state, held| held.set(scene, operands[state], &f));
    }

    /// Takes on `f(a, b)` in each state.
    pub fn set_from_two(&mut self, scene: &Scene, a: &StateOperand, b: &StateOperand, f: impl Fn(f64, f64) -> f64) {
        let (a, b) = (operands(a), operands(b));
        let count = a.len().max(b.len());
        let pair = |state: usize| (a[state.min(a.len() - 1)], b[state.min(b.len() - 1)]);
        self.constants = constants(count, |state| match pair(state) {
            (Operand::Constant(a), Operand::Constant(b)) => Some(f(a, b)),
            _ => None,
        });
        self.make_rows(count, |state, held| held.set_from_two(scene, pair(state).0, pair(state).1, &f));
    }

    fn make_rows(&mut self, states: usize, set: impl Fn(usize, &mut Held)) {
        let needed = if self.constants.is_some() && states > 1 { 0 } else { states };
        self.rows.resize_with(needed, Held::default);
        for (state, held) in self.rows.iter_mut().enumerate() {
            set(state, held);
        }
    }

    /// The value of each state where it is the same in all trials.
    pub fn constants(&self) -> Option<[f64; FEW_STATES]> {
        self.constants
    }

    /// The row of each state, where there are no constants.
    pub fn rows(&self) -> impl Iterator<Item = &[f64]> {
        self.rows.iter().map(|held| held.row())
    }

    /// What each state has in all lanes, looked up in the current ones, where there are constants.
    pub fn looked_up<'a>(&self, scene: &'a Scene) -> Option<OfState<'a>> {
        Some(OfState { states: &scene.states, constants: self.constants? })
    }

    /// The same of rows, where there are a few of them.
    pub fn looked_up_in_rows<'a>(&'a self, scene: &'a Scene) -> Option<OfStateRow<'a>> {
        let last = self.rows.len().checked_sub(1)?;
        let is_few = (1..FEW_STATES).contains(&last);
        is_few.then(|| {
            let rows = std::array::from_fn(|state| self.rows[state.min(last)].row());
            OfStateRow { states: &scene.states, rows }
        })
    }

    /// The value of one lane in a state.
    #[inline]
    pub fn at(&self, state: i32, lane: usize) -> f64 {
        if let Some(constants) = self.constants {
            return constants[(state as usize).min(FEW_STATES - 1)];
        }
        let state = if self.rows.len() == 1 { 0 } else { state as usize };
        self.rows[state].row()[lane]
    }

    /// Adds the row of the current states to another.
    pub fn add_current(&self, scene: &Scene, out: &mut [f64], scratch: &mut Vec<f64>) {
        match self.constants {
            Some(constants) if self.rows.is_empty() => add_looked_up(scene.vectors, out, &scene.states, constants),
            _ => super::ops::add(scene.vectors, out, self.current(scene, scratch)),
        }
    }

    /// The row of the current states in single precision.
    pub fn narrow_current(&self, vectors: Vectors, states: &[i32], out: &mut [f32]) {
        match self.constants {
            Some(constants) => look_up32(vectors, out, states, constants.map(|it| it as f32)),
            _ => {
                for (lane, (out, state)) in out.iter_mut().zip(states).enumerate() {
                    *out = self.at(*state, lane) as f32;
                }
            }
        }
    }

    /// The row of the current states: as it is where there is but one, else put together in `scratch`.
    pub fn current<'a>(&'a self, scene: &Scene, scratch: &'a mut Vec<f64>) -> &'a [f64] {
        if self.rows.len() == 1 {
            return self.rows[0].row();
        }
        scratch.resize(scene.lanes, 0.0);
        if let Some(constants) = self.constants {
            look_up(scene.vectors, scratch, &scene.states, constants);
            return scratch;
        }
        if let Some(looked_up) = self.looked_up_in_rows(scene) {
            pick_of_few(scene.vectors, scratch, looked_up);
            return scratch;
        }
        for (state, held) in self.rows.iter().enumerate() {
            pick(scene.vectors, scratch, &scene.states, state as i32, held.row());
        }
        scratch
    }
}

/// The values of all states, if there is one for each and they are few.
fn constants(states: usize, value: impl Fn(usize) -> Option<f64>) -> Option<[f64; FEW_STATES]> {
    if states > FEW_STATES {
        return None;
    }
    let mut constants = [0.0; FEW_STATES];
    for (state, constant) in constants.iter_mut().enumerate() {
        *constant = value(state.min(states - 1))?;
    }
    Some(constants)
}

fn operands(operand: &StateOperand) -> &[Operand] {
    match operand {
        StateOperand::Same(operand) => std::slice::from_ref(operand),
        StateOperand::Each(operands) => operands,
    }
}

vectorised! {
    /// The greatest, or 0. Compared as whole numbers, of which vectors find the greatest.
    fn greatest(values: &[f64]) -> f64 {
        let greatest = values.iter().fold(0, |greatest, value| (value.to_bits() as i64).max(greatest));
        f64::from_bits(greatest as u64)
    }
}

vectorised! {
    /// The least of numbers that are not negative.
    fn least(values: &[f64]) -> f64 {
        f64::from_bits(values.iter().fold(f64::INFINITY.to_bits(), |least, value| value.to_bits().min(least)))
    }
}

vectorised! {
    /// `out = values` in the lanes that are in a state.
    fn pick(out: &mut [f64], states: &[i32], state: i32, values: &[f64]) {
        for ((out, current), value) in out.iter_mut().zip(states).zip(values) {
            *out = if *current == state { *value } else { *out };
        }
    }
}

vectorised! {
    /// `out = rows[state]`.
    fn pick_of_few(out: &mut [f64], looked_up: OfStateRow<'_>) {
        let looked_up = looked_up.cut(out.len());
        for (lane, out) in out.iter_mut().enumerate() {
            *out = looked_up.at(lane);
        }
    }
}

vectorised! {
    /// `out = constants[state]`.
    fn look_up(out: &mut [f64], states: &[i32], constants: [f64; FEW_STATES]) {
        for (out, state) in out.iter_mut().zip(states) {
            *out = of_state(*state, constants);
        }
    }
}

vectorised! {
    /// `out += constants[state]`.
    fn add_looked_up(out: &mut [f64], states: &[i32], constants: [f64; FEW_STATES]) {
        for (out, state) in out.iter_mut().zip(states) {
            *out += of_state(*state, constants);
        }
    }
}

vectorised! {
    /// `out = constants[state]` in single precision.
    fn look_up32(out: &mut [f32], states: &[i32], constants: [f32; FEW_STATES]) {
        for (out, state) in out.iter_mut().zip(states) {
            *out = of_state(*state, constants);
        }
    }
}
