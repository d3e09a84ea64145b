//! Bins: their numbers, the sides of zero, and what is known of the values in one.

/// Bits of an `f32` that a bin does not look at.
pub(super) const SHIFT: u32 = 13;
/// Bins an octave.
pub(super) const OCTAVE: u32 = 1 << (23 - SHIFT);
/// The same as a length.
pub(super) const BINS: usize = OCTAVE as usize;
/// Magnitudes below this count as 0.
pub(super) const LEAST: f32 = 1e-9;
/// The bit of a place that tells the sign.
pub(super) const SIGN: usize = 1 << 15;

/// Number of the bin of a magnitude: 0 for zero, and growing with it.
#[inline(always)]
pub(super) fn magnitude(single: f32) -> u32 {
    let size = single.abs();
    let bits = if size < LEAST { 0 } else { size.to_bits() };
    bits >> SHIFT
}

/// The lower bound of a bin's magnitudes.
fn lower_bound(bin: u32) -> f64 {
    f64::from(f32::from_bits(bin << SHIFT))
}

/// A bin's index: the number of its magnitude, negative for negative values, 0 for zero.
pub(super) fn index(value: f64) -> i32 {
    let bin = magnitude(value as f32) as i32;
    if value < 0.0 { -bin } else { bin }
}

/// The bounds of the magnitudes of the bin with an index.
pub(super) fn magnitudes(index: i32) -> (f64, f64) {
    let bin = index.unsigned_abs();
    if bin == 0 { (0.0, 0.0) } else { (lower_bound(bin), lower_bound(bin + 1)) }
}

/// On which side of zero a value lies; as a number, an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Positive,
    Negative,
}

impl Side {
    pub const ALL: [Side; 2] = [Side::Positive, Side::Negative];
}

/// For each side, whether there are values on it.
pub(super) type Sides = [bool; 2];

/// No value yet: zeros are in no bin.
pub(super) const NO_VALUE: f64 = 0.0;

/// What is known of values that are in a bin together: 0 while there is none, the one value as long as all are the
/// same, and then NaN.
#[inline]
pub(super) fn common(one: f64, other: f64) -> f64 {
    let met = if one == other { one } else { f64::NAN };
    let met = if other == NO_VALUE { one } else { met };
    if one == NO_VALUE { other } else { met }
}

/// The same for each bin of an octave.
pub(super) fn filled<T: Copy>(value: T) -> Box<[T; BINS]> {
    vec![value; BINS].try_into().unwrap_or_else(|_| unreachable!("the length is right"))
}
