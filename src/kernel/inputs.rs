//! What is drawn or computed once a trial.

use super::Scene;
use crate::draws::{Quasi, Source, Trials, uniforms};
use crate::plan::{ChoicePlan, RowOp};
use crate::scenario::{Binary, Convert, Expr, Range, Unary};
use crate::vector::{Vectors, vectorised};

/// A quantity that left its range.
#[derive(Clone, Debug)]
pub(crate) struct OutOfRange {
    /// From 0.
    pub trial: u64,
    pub place: String,
    pub written: String,
    pub value: f64,
    pub range: Range,
}

impl RowOp {
    /// Whether it makes a row.
    pub fn has_row(&self) -> bool {
        !matches!(self, RowOp::Unused | RowOp::Check { .. })
    }
}

/// Fills the rows of the trials in order; checks look at the first `live` lanes.
pub(crate) fn evaluate_rows(
    vectors: Vectors,
    quasi: Option<&Quasi>,
    ops: &[RowOp],
    trials: Trials<'_>,
    live: usize,
    rows: &mut [Vec<f64>],
) -> Result<(), OutOfRange> {
    let mut spare = Vec::new();
    for (idx, op) in ops.iter().enumerate() {
        let (earlier, rest) = rows.split_at_mut(idx);
        let row = &mut rest[0];
        match op {
            RowOp::Unused => {}
            RowOp::Draw { key, law } => {
                uniforms(vectors, quasi, Source { key: *key, trials }, row);
                law.fill(vectors, row);
            }
            RowOp::Formula(formula) => {
                fill(formula, earlier, row, &mut spare);
            }
            RowOp::Convert { input, convert } => {
                let (convert, values) = (*convert, &earlier[*input][..]);
                match convert {
                    Convert::AsIs => row.copy_from_slice(values),
                    Convert::DecimalYear { base } => to_times(vectors, row, values, base),
                    _ => row.iter_mut().zip(values).for_each(|(out, value)| *out = convert.apply(*value)),
                }
            }
            RowOp::Check { row, range, place, written } => {
                if let Some(lane) = earlier[*row][..live].iter().position(|&value| !range.contains(value)) {
                    let (place, written) = (place.clone(), written.clone());
                    let value = earlier[*row][lane];
                    return Err(OutOfRange { trial: trials.at(lane), place, written, value, range: *range });
                }
            }
        }
    }
    Ok(())
}

/// The values of a formula, part by part, each over the whole row. `spare` holds rows for brackets.
fn fill(formula: &Expr, inputs: &[Vec<f64>], out: &mut [f64], spare: &mut Vec<Vec<f64>>) {
    match formula {
        Expr::Constant(value) => out.fill(*value),
        Expr::Input(idx) => out.copy_from_slice(&inputs[*idx]),
        Expr::Unary(function, a) => {
            fill(a, inputs, out, spare);
            unary(*function, out);
        }
        Expr::Binary(function, a, b) => {
            fill(a, inputs, out, spare);
            if let Expr::Input(idx) = **b {
                binary(*function, out, &inputs[idx]);
                return;
            }
            let mut right = spare.pop().unwrap_or_default();
            right.resize(out.len(), 0.0);
            fill(b, inputs, &mut right, spare);
            binary(*function, out, &right);
            spare.push(right);
        }
    }
}

/// `row = f(row)`.
fn unary(function: Unary, row: &mut [f64]) {
    match function {
        Unary::Negate => row.iter_mut().for_each(|a| *a = -*a),
        Unary::Exp => row.iter_mut().for_each(|a| *a = libm::exp(*a)),
        Unary::Ln => row.iter_mut().for_each(|a| *a = libm::log(*a)),
        Unary::Sqrt => row.iter_mut().for_each(|a| *a = a.sqrt()),
    }
}

/// `row = f(row, right)`.
fn binary(function: Binary, row: &mut [f64], right: &[f64]) {
    let pairs = row.iter_mut().zip(right);
    match function {
        Binary::Add => pairs.for_each(|(a, b)| *a += b),
        Binary::Subtract => pairs.for_each(|(a, b)| *a -= b),
        Binary::Multiply => pairs.for_each(|(a, b)| *a *= b),
        Binary::Divide => pairs.for_each(|(a, b)| *a /= b),
        Binary::Min => pairs.for_each(|(a, b)| *a = if b < a { *b } else { *a }),
        Binary::Max => pairs.for_each(|(a, b)| *a = if b > a { *b } else { *a }),
    }
}

impl Range {
    /// Whether a value is in it. Infinities and not-a-number are in none.
    pub fn contains(&self, value: f64) -> bool {
        let above = if self.above_min { value > self.min } else { value >= self.min };
        let below = if self.below_max { value < self.max } else { value <= self.max };
        value.is_finite() && above && below
    }
}

/// Which option of each choice holds in each trial.
pub(crate) fn draw_choices(choices: &[ChoicePlan], scene: &mut Scene) {
    let mut drawn = vec![0.0; if choices.is_empty() { 0 } else { scene.lanes }];
    for (idx, choice) in choices.iter().enumerate() {
        uniforms(scene.vectors, scene.quasi.as_deref(), scene.source(choice.key), &mut drawn);
        for (option, &uniform) in scene.options[idx].iter_mut().zip(&drawn) {
            *option = below(&choice.cumulative, uniform) as u8;
        }
    }
}

/// The first index whose cumulative probability is above a uniform.
pub(crate) fn below(cumulative: &[f64], uniform: f64) -> usize {
    let last = cumulative.len() - 1;
    cumulative.iter().position(|&c| uniform < c).unwrap_or(last)
}

impl Convert {
    /// From an input's value to the engine's unit.
    pub(crate) fn apply(self, value: f64) -> f64 {
        match self {
            Convert::AsIs => value,
            Convert::LogOnePlusPercent => libm::log1p(value / 100.0),
            Convert::Hundredth => value / 100.0,
            Convert::DecimalYear { base } => to_time(value, base),
            Convert::HalfLife => libm::exp2(-1.0 / value),
        }
    }
}

vectorised! {
    fn to_times(out: &mut [f64], dates: &[f64], base: i32) {
        for (out, date) in out.iter_mut().zip(dates) {
            *out = to_time(*date, base);
        }
    }
}

/// A date as years after `t0`.
#[inline(always)]
fn to_time(date: f64, base: i32) -> f64 {
    on_the_month(date - f64::from(base) - 1.0)
}

/// Puts a time on the first of a month where rounding alone keeps it from there.
#[inline(always)]
fn on_the_month(years: f64) -> f64 {
    let months = (years * 12.0).round();
    if (years * 12.0 - months).abs() < 1e-8 { months / 12.0 } else { years }
}
