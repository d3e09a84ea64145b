//! `exp`, `ln`, `sin` and `cos` with the same bits on every machine, written so that loops over them vectorise.
//!
//! The double-precision `exp` is a Taylor series on half a binade, its error below 2 units in the last place. The
//! polynomials of the single-precision functions are the shortest that do: of all with as many terms the one of least
//! maximum error on the range it is used on (Remez 1934), its coefficients rounded to single precision from the lowest
//! on, the rest fitted anew after each.
//!
//! A vector loop is as fast as the processor finds work that waits for nothing. So the polynomial of
//! [`minus_twice_ln_of_31_bits`] is summed in pairs, and pairs of pairs (Estrin 1960): Horner's rule, by which the
//! others go, is one chain in which each operation waits for the last.

use super::Fused;

/// `2^x` in single precision, relative error below 1e-7. Saturates beyond -126 and 127.
///
/// To base 2, since taking a whole number off `x` is then exact and needs no product. By Horner's rule, which errs
/// least: the loop that this is for is compiled for several vectors a turn, so there is always work that waits for
/// nothing.
#[inline(always)]
pub fn exp2_32<F: Fused>(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23: adding it rounds to a whole number in the low bits
    let x = if x < -126.0 { -126.0 } else { x };
    let x = if x > 127.0 { 127.0 } else { x };
    let shifted = x + ROUND;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let r = x - (shifted - ROUND);
    let p = 1.532_803_9e-4;
    let p = F::mul_add(p, r, 1.339_100_8e-3);
    let p = F::mul_add(p, r, 9.618_503e-3);
    let p = F::mul_add(p, r, 5.550_359_6e-2);
    let p = F::mul_add(p, r, 2.402_264_8e-1);
    let p = F::mul_add(p, r, 6.931_472e-1);
    let y = F::mul_add(p, r, 1.0);
    f32::from_bits(y.to_bits().wrapping_add(exponent << 23))
}

/// `e^x` in double precision, relative error below 5e-16. Saturates beyond -700 and 700.
#[inline(always)]
pub fn exp64(x: f64) -> f64 {
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1; // the low 21 bits are zero: products with it are exact
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    let x = if x < -700.0 { -700.0 } else { x };
    let x = if x > 700.0 { 700.0 } else { x };
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let whole = shifted - ROUND;
    let r = (x - whole * LN2_HIGH) - whole * LN2_LOW;
    let p = 1.0 / 6_227_020_800.0;
    let p = p * r + 1.0 / 479_001_600.0;
    let p = p * r + 1.0 / 39_916_800.0;
    let p = p * r + 1.0 / 3_628_800.0;
    let p = p * r + 1.0 / 362_880.0;
    let p = p * r + 1.0 / 40_320.0;
    let p = p * r + 1.0 / 5_040.0;
    let p = p * r + 1.0 / 720.0;
    let p = p * r + 1.0 / 120.0;
    let p = p * r + 1.0 / 24.0;
    let p = p * r + 1.0 / 6.0;
    let p = p * r + 0.5;
    let y = p * (r * r) + r + 1.0;
    f64::from_bits(y.to_bits().wrapping_add(exponent << 52))
}

/// `-2 ln(x / 2^31)` in single precision for `x` from 1/2 to 2^31, error below 2e-7 near 2^31 and 1e-7 of the value
/// elsewhere.
///
/// Both factors cost nothing here: one is in the coefficients, the other in the exponent.
#[inline(always)]
pub fn minus_twice_ln_of_31_bits<F: Fused>(x: f32) -> f32 {
    const SQRT_HALF_BITS: i32 = 0x3f35_04f3;
    const MANTISSA: i32 = (1 << 23) - 1;
    const MINUS_TWICE: i32 = (1 << 23) | (1 << 31); // times 2: the exponent one more; times -1: the sign
    const TWICE_LN2_HIGH: f32 = 2.0 * 0.693_359_4; // of few bits: products with it are exact
    const TWICE_LN2_LOW: f32 = 2.0 * -2.121_944_4e-4;
    let bits = x.to_bits() as i32 - (SQRT_HALF_BITS + (31 << 23));
    let e = (bits >> 23) as f32;
    // x / 2^31 = 2^e m with m from sqrt(1/2) to sqrt(2); f = -2 (m - 1).
    let f = f32::from_bits(((bits & MANTISSA) + SQRT_HALF_BITS + MINUS_TWICE) as u32) + 2.0;
    // (-2 ln m - f) / f^2
    let z = f * f;
    let pair = |a: f32, b: f32| F::mul_add(b, f, a);
    let low = F::mul_add(pair(3.125_715e-2, 1.247_284_4e-2), z, pair(0.249_999_58, 8.333_549e-2));
    let high = F::mul_add(pair(1.147_042_7e-3, 3.571_968_7e-4), z, pair(5.157_222e-3, 2.330_230_3e-3));
    let p = F::mul_add(high, z * z, low);
    F::mul_add(e, -TWICE_LN2_HIGH, F::mul_add(p, z, F::mul_add(e, -TWICE_LN2_LOW, f)))
}

/// `1 / x` in double precision for finite `x` from 1 on, relative error below 1e-13. Exact at 1, and 0 beyond single
/// precision.
///
/// Vectors divide doubles slowly: a step of Newton's method takes a quotient of singles as far.
#[inline(always)]
pub fn reciprocal64(x: f64) -> f64 {
    let near = f64::from(1.0 / x as f32);
    near * (2.0 - x * near)
}

/// `ln x` in double precision for positive normal `x`, absolute error below 3e-16 near 1 and relative elsewhere.
///
/// The series of the inverse hyperbolic tangent on half an octave either side of 1.
#[inline(always)]
pub fn ln64(x: f64) -> f64 {
    const SQRT_HALF_BITS: i64 = 0x3fe6_a09e_667f_3bcd;
    const LN2_HIGH: f64 = 6.931_471_803_691_238e-1; // the low 21 bits are zero: products with it are exact
    const LN2_LOW: f64 = 1.908_214_929_270_587_7e-10;
    const ROUND: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52: vectors lack a conversion of whole numbers
    let bits = x.to_bits() as i64;
    let exponent = (bits - SQRT_HALF_BITS) & !((1 << 52) - 1);
    let m = f64::from_bits((bits - exponent) as u64);
    let e = f64::from_bits(ROUND.to_bits().wrapping_add((exponent as u64) >> 52 & 0xfff)) - ROUND;
    let e = if e > 2047.0 { e - 4096.0 } else { e };
    let f = (m - 1.0) / (m + 1.0);
    let z = f * f;
    let p = 1.0 / 21.0;
    let p = p * z + 1.0 / 19.0;
    let p = p * z + 1.0 / 17.0;
    let p = p * z + 1.0 / 15.0;
    let p = p * z + 1.0 / 13.0;
    let p = p * z + 1.0 / 11.0;
    let p = p * z + 1.0 / 9.0;
    let p = p * z + 1.0 / 7.0;
    let p = p * z + 1.0 / 5.0;
    let p = p * z + 1.0 / 3.0;
    let tail = 2.0 * f * z * p + e * LN2_LOW;
    e * LN2_HIGH + (2.0 * f + tail)
}

/// Sine and cosine of `turn / 2^32` of a full turn, absolute error below 2e-7.
#[inline(always)]
pub fn sincos_turn32<F: Fused>(turn: u32) -> (f32, f32) {
    const RADIANS: f32 = std::f32::consts::TAU / 4_294_967_296.0;
    const SIGN: u32 = 1 << 31;
    // The upper two bits of `quarter` count quarters from an eighth of a turn before 0. What is left of `turn` is from
    // -1/8 to 1/8 of a turn: its lower 30 bits, moved up for the sign.
    let quarter = turn.wrapping_add(1 << 29);
    let r = (turn << 2) as i32 as f32 * (RADIANS / 4.0);
    let z = r * r;
    let p = F::mul_add(z, -1.949_613_7e-4, 8.331_983e-3);
    let sin = F::mul_add(r * z, F::mul_add(z, p, -0.166_666_51), r);
    let p = F::mul_add(z, -1.359_822_3e-3, 4.165_633_4e-2);
    let cos = F::mul_add(z, F::mul_add(z, p, -0.499_998_96), 1.0);
    let (s, c) = if quarter & (1 << 30) != 0 { (cos, sin) } else { (sin, cos) };
    let sin_sign = quarter & SIGN;
    let cos_sign = quarter.wrapping_add(1 << 30) & SIGN;
    (f32::from_bits(s.to_bits() ^ sin_sign), f32::from_bits(c.to_bits() ^ cos_sign))
}

#[cfg(test)]
mod tests {
    use super::super::Emulation;
    use super::*;

    /// Largest error of `f` against `exact` over a grid, relative to the larger of `|exact|` and `floor`.
    fn worst(from: f64, to: f64, floor: f64, f: impl Fn(f64) -> f64, exact: impl Fn(f64) -> f64) -> f64 {
        (0..=100_000)
            .map(|i| from + (to - from) * f64::from(i) / 1e5)
            .map(|x| ((f(x) - exact(x)) / exact(x).abs().max(floor)).abs())
            .fold(0.0, f64::max)
    }

    #[test]
    fn errors_are_as_stated() {
        for (least, greatest) in [(-126.0, 127.0), (-1.0, 1.0)] {
            let exact = |x| libm::exp2(f64::from(x as f32));
            let exp2_error = worst(least, greatest, 0.0, |x| f64::from(exp2_32::<Emulation>(x as f32)), exact);
            assert!(exp2_error < 1e-7, "{exp2_error:e}");
        }
        let exp64_error = worst(-699.0, 699.0, 0.0, exp64, libm::exp);
        assert!(exp64_error < 5e-16, "{exp64_error:e}");
        let reciprocal = |x: f64| reciprocal64(x.exp2());
        let reciprocal_error = worst(0.0, 127.9, 0.0, reciprocal, |x| 1.0 / x.exp2());
        assert!(reciprocal_error < 1e-13, "{reciprocal_error:e}");
        assert_eq!([1.0, 1e39, f64::MAX].map(reciprocal64), [1.0, 0.0, 0.0]);
        let range = 2_147_483_648.0;
        for (least, greatest) in [(0.5, 1e3), (1e3, 1e6), (1e6, range), (0.5 * range, range)] {
            let ln = |x: f64| f64::from(minus_twice_ln_of_31_bits::<Emulation>(x as f32));
            let ln_error = worst(least, greatest, 2.0, ln, |x| -2.0 * libm::log(f64::from(x as f32) / range));
            assert!(ln_error < 1e-7, "{ln_error:e}");
        }
        let near_one = worst(0.7, 1.4, 1.0, ln64, libm::log);
        assert!(near_one < 3e-16, "{near_one:e}");
        for exponent in -300..300 {
            let scale = 10_f64.powi(exponent);
            let error = worst(scale, 10.0 * scale, 1.0, ln64, libm::log);
            assert!(error < 5e-16, "{exponent} {error:e}");
        }
        let angle = |turn: f64| turn / 4_294_967_296.0 * std::f64::consts::TAU;
        let worst_of_turns = |f: fn(u32) -> f32, exact: fn(f64) -> f64| {
            worst(0.0, 4e9, 1.0, |t| f64::from(f(t as u32)), |t| exact(angle(f64::from(t as u32))))
        };
        let sin_error = worst_of_turns(|turn| sincos_turn32::<Emulation>(turn).0, libm::sin);
        let cos_error = worst_of_turns(|turn| sincos_turn32::<Emulation>(turn).1, libm::cos);
        assert!(sin_error.max(cos_error) < 2e-7, "{sin_error:e} {cos_error:e}");
    }

    #[test]
    fn exponentials_saturate_and_are_exact_at_zero() {
        assert_eq!((exp2_32::<Emulation>(0.0), exp64(0.0), ln64(1.0)), (1.0, 1.0, 0.0));
        assert_eq!((exp64(1e9), exp2_32::<Emulation>(1e9)), (exp64(700.0), f32::from_bits(254 << 23)));
        assert_eq!((exp64(-1e9), exp2_32::<Emulation>(-1e9)), (exp64(-700.0), f32::MIN_POSITIVE));
    }
}
