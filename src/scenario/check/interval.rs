//! What values a quantity can take: intervals, and whether they stay in a range.

use crate::scenario::{Binary, Expr, Range, Unary};

/// The values something can take. An open end is approached but not taken.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Interval {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) low_is_open: bool,
    pub(super) high_is_open: bool,
}

/// Anything, not-a-number included.
const ANYTHING: Interval =
    Interval { low: f64::NEG_INFINITY, high: f64::INFINITY, low_is_open: false, high_is_open: false };

impl Interval {
    /// Both ends taken.
    pub(super) fn closed(low: f64, high: f64) -> Interval {
        if low.is_nan() || high.is_nan() {
            return ANYTHING;
        }
        Interval { low, high, low_is_open: false, high_is_open: false }
    }

    pub(super) fn point(value: f64) -> Interval {
        Interval::closed(value, value)
    }

    /// Whether it holds nothing below the range.
    pub(super) fn stays_above(&self, range: &Range) -> bool {
        self.low > range.min || (self.low == range.min && (self.low_is_open || !range.above_min))
    }

    /// Whether it holds nothing above the range.
    pub(super) fn stays_below(&self, range: &Range) -> bool {
        self.high < range.max || (self.high == range.max && (self.high_is_open || !range.below_max))
    }

    /// Whether it holds nothing out of the range.
    pub(super) fn is_within(&self, range: &Range) -> bool {
        self.stays_above(range) && self.stays_below(range)
    }

    /// Whether it holds nothing but what is out of the range.
    pub(super) fn is_outside(&self, range: &Range) -> bool {
        self.high < range.min || self.low > range.max
    }
}

/// The value of an operation.
pub(super) fn unary(operation: Unary, x: f64) -> f64 {
    match operation {
        Unary::Negate => -x,
        Unary::Exp => libm::exp(x),
        Unary::Ln => libm::log(x),
        Unary::Sqrt => libm::sqrt(x),
    }
}

/// The value of an operation.
pub(super) fn binary(operation: Binary, x: f64, y: f64) -> f64 {
    match operation {
        Binary::Add => x + y,
        Binary::Subtract => x - y,
        Binary::Multiply => x * y,
        Binary::Divide => x / y,
        Binary::Min => x.min(y),
        Binary::Max => x.max(y),
    }
}

/// The values of a formula, perhaps with some that it cannot take, since an input named twice is taken for two.
pub(super) fn of_expr(expr: &Expr, inputs: &[Interval]) -> Interval {
    match expr {
        Expr::Constant(x) => Interval::point(*x),
        Expr::Input(id) => inputs[*id],
        Expr::Unary(operation, inner) => of_unary(*operation, of_expr(inner, inputs)),
        Expr::Binary(operation, left, right) => of_binary(*operation, of_expr(left, inputs), of_expr(right, inputs)),
    }
}

fn of_unary(operation: Unary, x: Interval) -> Interval {
    match operation {
        Unary::Negate => Interval::closed(-x.high, -x.low),
        Unary::Ln | Unary::Sqrt if x.low < 0.0 => ANYTHING,
        Unary::Exp | Unary::Ln | Unary::Sqrt => Interval::closed(unary(operation, x.low), unary(operation, x.high)),
    }
}

fn of_binary(operation: Binary, x: Interval, y: Interval) -> Interval {
    match operation {
        Binary::Add => Interval::closed(x.low + y.low, x.high + y.high),
        Binary::Subtract => Interval::closed(x.low - y.high, x.high - y.low),
        Binary::Min => Interval::closed(x.low.min(y.low), x.high.min(y.high)),
        Binary::Max => Interval::closed(x.low.max(y.low), x.high.max(y.high)),
        Binary::Divide if y.low <= 0.0 && y.high >= 0.0 => ANYTHING,
        Binary::Multiply | Binary::Divide => of_corners(operation, x, y),
    }
}

fn of_corners(operation: Binary, x: Interval, y: Interval) -> Interval {
    let corners = [(x.low, y.low), (x.low, y.high), (x.high, y.low), (x.high, y.high)];
    let values = corners.map(|(x, y)| binary(operation, x, y));
    if values.iter().any(|value| value.is_nan()) {
        return ANYTHING;
    }
    Interval::closed(
        values.iter().copied().fold(f64::INFINITY, f64::min),
        values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn boxed(x: f64) -> Box<Expr> {
        Box::new(Expr::Constant(x))
    }

    #[test]
    fn bounds_of_formulas() {
        let inputs = [Interval::closed(-1.0, 2.0), Interval::closed(0.5, 4.0)];
        let product = Expr::Binary(Binary::Multiply, Box::new(Expr::Input(0)), Box::new(Expr::Input(1)));
        assert_eq!(of_expr(&product, &inputs), Interval::closed(-4.0, 8.0));
        let bounded = Expr::Binary(Binary::Max, Box::new(product), boxed(0.0));
        assert_eq!(of_expr(&bounded, &inputs), Interval::closed(0.0, 8.0));
        let root = Expr::Unary(Unary::Sqrt, Box::new(Expr::Input(0)));
        assert_eq!(of_expr(&root, &inputs), ANYTHING);
        let ratio = Expr::Binary(Binary::Divide, Box::new(Expr::Input(1)), Box::new(Expr::Input(0)));
        assert_eq!(of_expr(&ratio, &inputs), ANYTHING);
    }

    #[test]
    fn open_ends_are_in_range() {
        let above_zero = Range { min: 0.0, max: f64::INFINITY, above_min: true, below_max: true };
        let lognormal = Interval { low: 0.0, high: f64::INFINITY, low_is_open: true, high_is_open: true };
        assert!(lognormal.is_within(&above_zero));
        assert!(!Interval::closed(0.0, 1.0).is_within(&above_zero));
        assert!(Interval::closed(-2.0, -1.0).is_outside(&above_zero));
    }
}
