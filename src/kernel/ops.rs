//! Loops over one row, each a line of the model.

use super::lane::Real;
use crate::vector::math::exp64;
use crate::vector::vectorised;

/// A flow's value beyond this stops the run.
pub(crate) const LIMIT: f64 = 1e15;

vectorised! {
    /// `a += b`.
    pub(crate) fn add(a: &mut [f64], b: &[f64]) {
        for (a, b) in a.iter_mut().zip(b) {
            *a += b;
        }
    }
}

vectorised! {
    /// `out = a`, in the precision that is read.
    pub(crate) fn copy<R: Real>(out: &mut [R], a: &[f64]) {
        for (out, a) in out.iter_mut().zip(a) {
            *out = R::of(*a);
        }
    }
}

vectorised! {
    /// `a *= k`.
    pub(crate) fn scale(a: &mut [f64], k: f64) {
        for a in a {
            *a *= k;
        }
    }
}

vectorised! {
    /// `out = sum * k` and `sum = 0`: closes a year.
    pub(crate) fn take_mean(out: &mut [f64], sum: &mut [f64], k: f64) {
        for (out, sum) in out.iter_mut().zip(sum) {
            *out = *sum * k;
            *sum = 0.0;
        }
    }
}

vectorised! {
    /// `out = a * k`.
    pub(crate) fn scaled(out: &mut [f64], a: &[f64], k: f64) {
        for (out, a) in out.iter_mut().zip(a) {
            *out = a * k;
        }
    }
}

vectorised! {
    /// `out += x * k`.
    pub(crate) fn add_scaled(out: &mut [f64], x: &[f64], k: f64) {
        for (out, x) in out.iter_mut().zip(x) {
            *out += x * k;
        }
    }
}

vectorised! {
    /// `out += x * y`.
    pub(crate) fn add_product(out: &mut [f64], x: &[f64], y: &[f64]) {
        for ((out, x), y) in out.iter_mut().zip(x).zip(y) {
            *out += x * y;
        }
    }
}

vectorised! {
    /// `out += e^(x * k)`.
    pub(crate) fn add_exp(out: &mut [f64], x: &[f64], k: f64) {
        for (out, x) in out.iter_mut().zip(x) {
            *out += exp64(x * k);
        }
    }
}

vectorised! {
    /// `out = a / (sum / n)`: the level with the mean `a` over `n` steps, where `sum` is theirs for a level of 1.
    pub(crate) fn over_mean(out: &mut [f64], a: &[f64], sum: &[f64], n: f64) {
        for ((out, a), sum) in out.iter_mut().zip(a).zip(sum) {
            *out = a / (*sum / n);
        }
    }
}

vectorised! {
    /// `value = base * e^x`.
    pub(crate) fn exact_value(value: &mut [f64], x: &[f64], base: &[f64]) {
        for ((value, x), base) in value.iter_mut().zip(x).zip(base) {
            *value = base * exp64(*x);
        }
    }
}

vectorised! {
    /// The soft ceiling: `(c * W^-2 + K^-2)^(-1/2)`, which is K where the square of W is beyond all numbers.
    pub(crate) fn cap(value: &mut [f64], c: &[f64], inverse_square: &[f64]) {
        for ((value, c), inverse_square) in value.iter_mut().zip(c).zip(inverse_square) {
            *value = 1.0 / (c / (*value * *value) + inverse_square).sqrt();
        }
    }
}

vectorised! {
    /// Whether no value is beyond the limit or not a number.
    pub(crate) fn all_within_limit(values: &[f64]) -> bool {
        let mut within = true;
        for value in values {
            within &= value.abs() <= LIMIT;
        }
        within
    }
}

vectorised! {
    /// `out += level * (1 - remaining)` and `remaining *= decay`: what is given back of a gap or head start.
    pub(crate) fn close_gap(out: &mut [f64], level: &[f64], remaining: &mut [f64], decay: &[f64]) {
        for (((out, level), remaining), decay) in out.iter_mut().zip(level).zip(remaining).zip(decay) {
            *remaining *= decay;
            *out += level * (1.0 - *remaining);
        }
    }
}
