//! `exp`, `ln`, `sin` and `cos` with the same bits on every machine, written so that loops over them vectorise.
//!
//! The polynomials of the single-precision functions are those of Cephes (Moshier 1989, `expf.c`, `logf.c`,
//! `sinf.c`); the double-precision `exp` is a Taylor series on half a binade, its error below 2 units in the last place.

/// `e^x` in single precision, relative error below 1e-7. Saturates beyond -87 and 88.
#[inline(always)]
pub fn exp32(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23: adding it rounds to a whole number in the low bits
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let exponent = shifted.to_bits().wrapping_sub(ROUND.to_bits());
    let whole = shifted - ROUND;
    let r = x - whole * LN2_HIGH - whole * LN2_LOW;
    let p = 1.987_569_1e-4;
    let p = p * r + 1.398_199_9e-3;
    let p = p * r + 8.333_452e-3;
    let p = p * r + 4.166_579_6e-2;
    let p = p * r + 1.666_666_5e-1;
    let p = p * r + 0.5;
    let y = p * (r * r) + r + 1.0;
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

/// `ln x` in single precision for positive normal `x`, absolute error below 1e-7 near 1 and relative elsewhere.
#[inline(always)]
pub fn ln32(x: f32) -> f32 {
    const SQRT_HALF_BITS: i32 = 0x3f35_04f3;
    let bits = x.to_bits() as i32;
    let exponent = (bits - SQRT_HALF_BITS) >> 23;
    let f = f32::from_bits((bits - (exponent << 23)) as u32) - 1.0;
    let e = exponent as f32;
    let p = 7.037_683_6e-2;
    let p = p * f - 1.151_461e-1;
    let p = p * f + 1.167_699_9e-1;
    let p = p * f - 1.242_014_1e-1;
    let p = p * f + 1.424_932_3e-1;
    let p = p * f - 1.666_805_8e-1;
    let p = p * f + 2.000_071_5e-1;
    let p = p * f - 2.499_999_4e-1;
    let p = p * f + 0.333_333_3;
    let z = f * f;
    let tail = p * f * z - e * 2.121_944_4e-4 - 0.5 * z;
    f + tail + e * 0.693_359_4
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

/// Sine and cosine of `turn / 2^32` of a full turn, absolute error below 1e-7.
#[inline(always)]
pub fn sincos_turn32(turn: u32) -> (f32, f32) {
    const RADIANS: f32 = std::f32::consts::TAU / 4_294_967_296.0;
    let turn = turn as i32;
    let quarter = turn.wrapping_add(1 << 29) >> 30;
    let r = turn.wrapping_sub(quarter << 30) as f32 * RADIANS;
    let z = r * r;
    let sin = r + r * z * (-1.666_665_5e-1 + z * (8.332_161e-3 - z * 1.951_529_6e-4));
    let cos = 1.0 - 0.5 * z + z * z * (4.166_664_6e-2 + z * (-1.388_731_6e-3 + z * 2.443_315_7e-5));
    let (s, c) = if quarter & 1 != 0 { (cos, sin) } else { (sin, cos) };
    let sin_sign = ((quarter & 2) << 30) as u32;
    let cos_sign = ((quarter.wrapping_add(1) & 2) << 30) as u32;
    (f32::from_bits(s.to_bits() ^ sin_sign), f32::from_bits(c.to_bits() ^ cos_sign))
}

#[cfg(test)]
mod tests {
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
        let exp32_error = worst(-86.9, 87.9, 0.0, |x| f64::from(exp32(x as f32)), |x| libm::exp(f64::from(x as f32)));
        assert!(exp32_error < 1e-7, "{exp32_error:e}");
        let exp64_error = worst(-699.0, 699.0, 0.0, exp64, libm::exp);
        assert!(exp64_error < 5e-16, "{exp64_error:e}");
        let ln_error = worst(1e-9, 2.0, 1.0, |x| f64::from(ln32(x as f32)), |x| libm::log(f64::from(x as f32)));
        assert!(ln_error < 1e-7, "{ln_error:e}");
        let near_one = worst(0.7, 1.4, 1.0, ln64, libm::log);
        assert!(near_one < 3e-16, "{near_one:e}");
        for exponent in -300..300 {
            let scale = 10_f64.powi(exponent);
            let error = worst(scale, 10.0 * scale, 1.0, ln64, libm::log);
            assert!(error < 5e-16, "{exponent} {error:e}");
        }
        let angle = |turn: f64| turn / 4_294_967_296.0 * std::f64::consts::TAU;
        let sin_error =
            worst(0.0, 4e9, 1.0, |t| f64::from(sincos_turn32(t as u32).0), |t| libm::sin(angle(f64::from(t as u32))));
        let cos_error =
            worst(0.0, 4e9, 1.0, |t| f64::from(sincos_turn32(t as u32).1), |t| libm::cos(angle(f64::from(t as u32))));
        assert!(sin_error.max(cos_error) < 2e-7, "{sin_error:e} {cos_error:e}");
    }

    #[test]
    fn exponentials_saturate_and_are_exact_at_zero() {
        assert_eq!((exp32(0.0), exp64(0.0), ln64(1.0)), (1.0, 1.0, 0.0));
        assert_eq!((exp64(1e9), exp32(1e9)), (exp64(700.0), exp32(88.0)));
        assert_eq!((exp64(-1e9), exp32(-1e9)), (exp64(-700.0), exp32(-87.0)));
    }
}
