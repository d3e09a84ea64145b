//! Loops over one row in single precision, each a line of the model.

use super::ops::LIMIT;
use crate::vector::math::exp2_32;
use crate::vector::{Fused, Vectors, vectorised};

vectorised! {
    /// `a += b`.
    pub(crate) fn add(a: &mut [f32], b: &[f32]) {
        for (a, b) in a.iter_mut().zip(b) {
            *a += b;
        }
    }
}

vectorised! {
    /// `out = a + b`.
    pub(crate) fn sum(out: &mut [f32], a: &[f32], b: &[f32]) {
        for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
            *out = a + b;
        }
    }
}

vectorised! {
    /// `out = a - b`.
    pub(crate) fn difference(out: &mut [f32], a: &[f32], b: &[f32]) {
        for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
            *out = a - b;
        }
    }
}

vectorised! {
    /// `out = a + x * k`.
    pub(crate) fn plus_scaled[F](out: &mut [f32], a: f32, x: &[f32], k: f32) {
        for (out, x) in out.iter_mut().zip(x) {
            *out = F::mul_add(*x, k, a);
        }
    }
}

vectorised! {
    /// `out += x * k`.
    pub(crate) fn add_scaled[F](out: &mut [f32], x: &[f32], k: f32) {
        for (out, x) in out.iter_mut().zip(x) {
            *out = F::mul_add(*x, k, *out);
        }
    }
}

vectorised! {
    /// `a *= k`.
    pub(crate) fn scale(a: &mut [f32], k: f32) {
        for a in a {
            *a *= k;
        }
    }
}

vectorised! {
    /// `out = sum * k` and `sum = 0`: closes a year.
    pub(crate) fn take_mean(out: &mut [f32], sum: &mut [f32], k: f32) {
        for (out, sum) in out.iter_mut().zip(sum) {
            *out = *sum * k;
            *sum = 0.0;
        }
    }
}

vectorised! {
    /// `out = wide`, rounded.
    pub(crate) fn narrow(out: &mut [f32], wide: &[f64]) {
        for (out, wide) in out.iter_mut().zip(wide) {
            *out = *wide as f32;
        }
    }
}

vectorised! {
    /// `out = k * x + l * y`, rounded.
    pub(crate) fn narrow_sum(out: &mut [f32], terms: [(&[f64], f64); 2]) {
        let [(x, k), (y, l)] = terms;
        for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
            *out = (x * k + y * l) as f32;
        }
    }
}

vectorised! {
    /// `out = row`.
    pub(crate) fn widen(out: &mut [f64], row: &[f32]) {
        for (out, value) in out.iter_mut().zip(row) {
            *out = f64::from(*value);
        }
    }
}

vectorised! {
    /// `out += row * k`, with `out` in double precision.
    pub(crate) fn add_to_wide(out: &mut [f64], row: &[f32], k: f64) {
        for (out, value) in out.iter_mut().zip(row) {
            *out += f64::from(*value) * k;
        }
    }
}

vectorised! {
    /// Whether no value is beyond the limit or not a number.
    pub(crate) fn all_within_limit(values: &[f32]) -> bool {
        let mut greatest = 0;
        for value in values {
            greatest = magnitude(*value).max(greatest);
        }
        greatest <= magnitude(LIMIT as f32)
    }
}

/// Grows with the absolute value; that of what is not a number is above all others.
#[inline(always)]
fn magnitude(value: f32) -> i32 {
    (value.to_bits() & 0x7fff_ffff) as i32
}

vectorised! {
    /// One step of a random walk or a mean-reverting process: `p = decay * p + sd * volatility * e` with the shock
    /// `e = k * z + l * y`, from the bits of normals.
    pub(crate) fn move_part[F](
        p: &mut [f32],
        decay: &[f32],
        sd: &[f32],
        volatility: &[f32],
        shock: [(&[u32], f32); 2],
    ) {
        let [(z, k), (y, l)] = shock;
        let rows = p.iter_mut().zip(decay).zip(sd.iter().zip(volatility)).zip(z.iter().zip(y));
        for (((p, decay), (sd, volatility)), (z, y)) in rows {
            let e = F::mul_add(k, f32::from_bits(*z), l * f32::from_bits(*y));
            *p = F::mul_add(sd * volatility, e, decay * *p);
        }
    }
}

vectorised! {
    /// The same where decay and sd are those of all trials.
    pub(crate) fn move_steady_part[F](p: &mut [f32], decay: f32, sd: f32, volatility: &[f32], shock: [(&[u32], f32); 2]) {
        let [(z, k), (y, l)] = shock;
        for ((p, volatility), (z, y)) in p.iter_mut().zip(volatility).zip(z.iter().zip(y)) {
            let e = F::mul_add(k, f32::from_bits(*z), l * f32::from_bits(*y));
            *p = F::mul_add(sd * volatility, e, decay * *p);
        }
    }
}

/// A row and its factor.
type Term<'a> = (&'a [f32], f32);

/// The factor of a natural logarithm that is to be a term of [`Terms`]: it costs nothing there, and a power of 2 is
/// less work than one of e.
pub(crate) fn to_base_2(k: f64) -> f32 {
    (k * std::f64::consts::LOG2_E) as f32
}

/// So many terms are added up in one pass.
const MOST_TERMS: usize = 6;

/// A sum of rows that becomes the exponent of a flow, to base 2. Terms are added one after the other, so that one which
/// is 0 everywhere changes no bit.
pub(crate) struct Terms<'a> {
    /// The first term.
    level: &'a [f32],
    terms: [Term<'a>; MOST_TERMS],
    count: usize,
    /// Holds the sum so far, once there have been too many for one pass.
    spill: &'a mut [f32],
    has_spilled: bool,
}

impl<'a> Terms<'a> {
    pub fn new(level: &'a [f32], spill: &'a mut [f32]) -> Terms<'a> {
        Terms { level, terms: [(level, 0.0); MOST_TERMS], count: 0, spill, has_spilled: false }
    }

    pub fn add(&mut self, vectors: Vectors, row: &'a [f32], k: f32) {
        if self.count == MOST_TERMS {
            match std::mem::replace(&mut self.has_spilled, true) {
                false => sum_terms(vectors, self.spill, self.level, self.terms),
                true => add_terms(vectors, self.spill, self.terms),
            }
            self.count = 0;
        }
        self.terms[self.count] = (row, k);
        self.count += 1;
    }

    /// `value = base * 2^sum`, below its top; whether all of it is within the limit.
    pub fn value<T: Top>(self, vectors: Vectors, value: &mut [f32], base: &[f32], top: T) -> bool {
        let level = if self.has_spilled { self.spill } else { self.level };
        value_of_terms(vectors, value, (base, level), &self.terms[..self.count], top)
    }
}

/// What keeps values down. Taken in the pass that makes them: its divisions wait, and a power has enough to do
/// meanwhile.
pub(crate) trait Top: Copy {
    /// The same for the first lanes alone: rows as long as the others spare a loop its checks.
    fn cut(self, lanes: usize) -> Self;
    fn below(self, lane: usize, value: f32) -> f32;
}

#[derive(Clone, Copy)]
pub(crate) struct NoCeiling;

/// `(c * W^-2 + K^-2)^(-1/2)`.
#[derive(Clone, Copy)]
pub(crate) struct SoftCeiling<'a> {
    pub c: &'a [f32],
    pub inverse_square: &'a [f32],
}

impl Top for NoCeiling {
    #[inline(always)]
    fn cut(self, _lanes: usize) -> Self {
        NoCeiling
    }

    #[inline(always)]
    fn below(self, _lane: usize, value: f32) -> f32 {
        value
    }
}

impl Top for SoftCeiling<'_> {
    #[inline(always)]
    fn cut(self, lanes: usize) -> Self {
        SoftCeiling { c: &self.c[..lanes], inverse_square: &self.inverse_square[..lanes] }
    }

    #[inline(always)]
    fn below(self, lane: usize, value: f32) -> f32 {
        1.0 / (self.c[lane] / (value * value) + self.inverse_square[lane]).sqrt()
    }
}

vectorised! {
    /// `out = level + k * row + ..`, term after term.
    fn sum_terms[F](out: &mut [f32], level: &[f32], terms: [Term<'_>; MOST_TERMS]) {
        let n = out.len();
        let (level, terms) = (&level[..n], terms.map(|(row, k)| (&row[..n], k)));
        for lane in 0..n {
            let mut sum = level[lane];
            for (row, k) in &terms {
                sum = F::mul_add(*k, row[lane], sum);
            }
            out[lane] = sum;
        }
    }
}

vectorised! {
    /// `out += k * row` for each term in turn.
    fn add_terms[F](out: &mut [f32], terms: [Term<'_>; MOST_TERMS]) {
        let n = out.len();
        let terms = terms.map(|(row, k)| (&row[..n], k));
        for lane in 0..n {
            let mut sum = out[lane];
            for (row, k) in &terms {
                sum = F::mul_add(*k, row[lane], sum);
            }
            out[lane] = sum;
        }
    }
}

/// Base and level of a flow, a row each.
type Rows<'a> = (&'a [f32], &'a [f32]);

/// `value = base * 2^(level + terms)`, below its top, with a loop for each number of terms.
fn value_of_terms<T: Top>(vectors: Vectors, value: &mut [f32], rows: Rows<'_>, terms: &[Term<'_>], top: T) -> bool {
    match *terms {
        [] => value_0(vectors, value, rows, [], top),
        [a] => value_1(vectors, value, rows, [a], top),
        [a, b] => value_2(vectors, value, rows, [a, b], top),
        [a, b, c] => value_3(vectors, value, rows, [a, b, c], top),
        [a, b, c, d] => value_4(vectors, value, rows, [a, b, c, d], top),
        [a, b, c, d, e] => value_5(vectors, value, rows, [a, b, c, d, e], top),
        [a, b, c, d, e, f, ..] => value_6(vectors, value, rows, [a, b, c, d, e, f], top),
    }
}

/// A loop with a fixed number of terms.
macro_rules! value_of {
    ($($name:ident: $count:literal),*) => {$(
        vectorised! {
            fn $name[F]<T: Top>(value: &mut [f32], rows: Rows<'_>, terms: [Term<'_>; $count], top: T) -> bool {
                value_of_some::<F, $count, T>(value, rows, terms, top)
            }
        }
    )*};
}
value_of!(value_0: 0, value_1: 1, value_2: 2, value_3: 3, value_4: 4, value_5: 5, value_6: 6);

#[inline(always)]
fn value_of_some<F: Fused, const N: usize, T: Top>(
    value: &mut [f32],
    (base, level): Rows<'_>,
    terms: [Term<'_>; N],
    top: T,
) -> bool {
    let n = value.len();
    let (base, level, terms) = (&base[..n], &level[..n], terms.map(|(row, k)| (&row[..n], k)));
    let top = top.cut(n);
    let mut greatest = 0;
    for lane in 0..n {
        let mut sum = level[lane];
        for (row, k) in &terms {
            sum = F::mul_add(*k, row[lane], sum);
        }
        value[lane] = top.below(lane, base[lane] * exp2_32::<F>(sum));
        greatest = magnitude(value[lane]).max(greatest);
    }
    greatest <= magnitude(LIMIT as f32)
}
