//! A quantile function as a table of polynomials.
//!
//! The half below the median is tabulated by the probability below, the half above by the probability above. Each
//! half is cut into octaves (from 1/4 to 1/2, from 1/8 to 1/4, ..) and each octave into equal cells, so that the cell
//! is read off the leading bits of the probability and power-like tails are met with the same relative accuracy
//! everywhere. In a cell stands the quintic that has the value and the first two derivatives of the quantile function
//! at both ends (Hermite interpolation; in inversion: W. Hörmann and J. Leydold, "Continuous random variate generation
//! by fast numerical inversion", ACM Transactions on Modeling and Computer Simulation 13 (2003), 347-362).
//!
//! Each cell is tested when it is made. One that is not accurate, or could fall, holds no polynomial and the caller
//! computes exactly there, as it does in the tails beyond the last octave.

use super::level::Level;
use crate::vector::fetch_line;

/// A function of the level and its first two derivatives by the probability below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Jet {
    pub value: f64,
    pub first: f64,
    pub second: f64,
}

/// A table of a quantile function.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// By rising probability below, then by rising probability above: one row, so that no branch tells the halves
    /// apart. Last comes a cell without a polynomial, for levels beyond the table.
    cells: Box<[Cell]>,
}

/// Where a level lies in a table: a cell and the place in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub cell: usize,
    pub place: f64,
}

/// A polynomial in the place within the cell, from 0 to 1, by rising power, and the values at its two ends. One cache
/// line long.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Cell {
    coefficients: [f64; 6],
    least: f64,
    greatest: f64,
}

/// Probability lost to the exact, slow way: 2^-OCTAVES.
const OCTAVES: u64 = 12;
/// Cells in an octave: 2^CELL_BITS.
const CELL_BITS: u32 = 4;
const CELLS: u64 = OCTAVES << CELL_BITS;
/// Bits of a double that tell the place within the cell.
const PLACE_BITS: u32 = 52 - CELL_BITS;
/// The leading bits of the least tabulated probability, 2^-(OCTAVES + 1).
const FIRST: u64 = (1022 - OCTAVES) << CELL_BITS;
/// Greatest error of a cell, as a share of the law's scale or, in its tails, of the distance from the median.
const TOLERANCE: f64 = 5e-10;

impl Table {
    /// Tabulates a quantile function whose errors are to be small against `scale` or the distance from the median. It
    /// is asked for levels from the median outwards, to one side and then to the other.
    pub fn new(scale: f64, mut jet: impl FnMut(Level) -> Jet) -> Table {
        let lower = half(scale, |p| jet(Level::from_below(p)));
        let upper = half(scale, |q| {
            let Jet { value, first, second } = jet(Level::from_above(q));
            Jet { value, first: -first, second }
        });
        Table { cells: [lower, upper, vec![NO_CELL]].concat().into() }
    }

    /// Where a level lies.
    #[inline(always)]
    pub fn spot(level: Level) -> Spot {
        let is_lower = level.below < 0.5;
        let p = if is_lower { level.below } else { level.above };
        let half = if is_lower { 0 } else { CELLS };
        let bits = p.to_bits();
        let within = (bits >> PLACE_BITS).wrapping_sub(FIRST);
        let cell = if within < CELLS { half + within } else { 2 * CELLS };
        Spot { cell: cell as usize, place: f64::from_bits(ONE | ((bits << CELL_BITS) & FRACTION)) - 1.0 }
    }

    /// Tells the processor that a cell will be read soon.
    #[inline(always)]
    pub fn announce(&self, cell: usize) {
        fetch_line(&self.cells, cell);
    }

    /// The value there; not a number where it is not tabulated.
    #[inline(always)]
    pub fn at(&self, spot: Spot) -> f64 {
        self.cells[spot.cell].at(spot.place)
    }
}

/// A cell without a polynomial.
const NO_CELL: Cell = Cell { coefficients: [f64::NAN; 6], least: f64::NEG_INFINITY, greatest: f64::INFINITY };

/// The exponent bits of 1, and the fraction bits of any double.
const ONE: u64 = 0x3ff0_0000_0000_0000;
const FRACTION: u64 = 0x000f_ffff_ffff_ffff;

/// The cells of one half, by rising probability.
fn half(scale: f64, mut jet: impl FnMut(f64) -> Jet) -> Vec<Cell> {
    let mut right = jet(0.5);
    let median = right.value;
    let mut cells: Vec<Cell> = (0..CELLS)
        .rev()
        .map(|i| {
            let start = edge(i);
            let width = edge(i + 1) - start;
            let middle = jet(start + 0.5 * width);
            let left = jet(start);
            let scale = scale.max((middle.value - median).abs());
            let cell = Cell::new(scale, left.by(width), middle.value, right.by(width));
            right = left;
            cell
        })
        .collect();
    cells.reverse();
    cells
}

/// The probability at which a cell begins.
fn edge(i: u64) -> f64 {
    f64::from_bits((FIRST + i) << PLACE_BITS)
}

impl Jet {
    /// The same with derivatives by a variable that changes by 1 when the probability changes by `width`.
    fn by(self, width: f64) -> Jet {
        Jet { value: self.value, first: self.first * width, second: self.second * width * width }
    }
}

impl Cell {
    fn new(scale: f64, left: Jet, middle: f64, right: Jet) -> Cell {
        let (least, greatest) = (left.value.min(right.value), left.value.max(right.value));
        let rise = right.value - left.value;
        if rise.abs() <= TOLERANCE * scale {
            return Cell { coefficients: [left.value, rise, 0.0, 0.0, 0.0, 0.0], least, greatest };
        }
        let cell = Cell { coefficients: hermite(left, right), least, greatest };
        let close = (cell.at(0.5) - middle).abs() <= TOLERANCE * scale;
        if close && is_monotone(left, right) { cell } else { Cell { coefficients: [f64::NAN; 6], least, greatest } }
    }

    #[inline(always)]
    fn at(&self, t: f64) -> f64 {
        let c = &self.coefficients;
        let value = ((((c[5] * t + c[4]) * t + c[3]) * t + c[2]) * t + c[1]) * t + c[0];
        // Not `clamp`: a cell without a polynomial must stay without a value.
        if value < self.least {
            self.least
        } else if value > self.greatest {
            self.greatest
        } else {
            value
        }
    }
}

/// The quintic on [0, 1] with these values and derivatives at its ends.
fn hermite(left: Jet, right: Jet) -> [f64; 6] {
    let rise = right.value - left.value;
    let (d0, d1, s0, s1) = (left.first, right.first, left.second, right.second);
    [
        left.value,
        d0,
        0.5 * s0,
        10.0 * rise - 6.0 * d0 - 4.0 * d1 - 1.5 * s0 + 0.5 * s1,
        -15.0 * rise + 8.0 * d0 + 7.0 * d1 + 1.5 * s0 - s1,
        6.0 * rise - 3.0 * (d0 + d1) - 0.5 * (s0 - s1),
    ]
}

/// Whether that quintic surely has no turning point: its Bernstein coefficients, less the first, are in order.
fn is_monotone(left: Jet, right: Jet) -> bool {
    let rise = right.value - left.value;
    let bernstein = [
        0.0,
        left.first / 5.0,
        0.4 * left.first + left.second / 20.0,
        rise - 0.4 * right.first + right.second / 20.0,
        rise - right.first / 5.0,
        rise,
    ];
    bernstein.windows(2).all(|pair| (pair[1] - pair[0]) * rise >= 0.0)
}
