//! The standard normal law.

use std::f64::consts::FRAC_1_SQRT_2;

use super::level::Level;

/// The probability that a standard normal draw is at most `x`; the same bits on every machine.
///
/// Accurate to a few units in the last place where `|x|` is small and to about `x*x` of them in the lower tail. By
/// the complementary error function (NIST Digital Library of Mathematical Functions, 7.17).
///
/// ```
/// assert_eq!(tradewinds::quantity::normal_cdf(0.0), 0.5);
/// ```
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * FRAC_1_SQRT_2)
}

/// The standard normal quantile at probability `p` in (0, 1); the same bits on every machine.
///
/// Relative error about 5e-16. Minus infinity at 0, infinity at 1. M. J. Wichura, "Algorithm AS 241: The Percentage
/// Points of the Normal Distribution", Applied Statistics 37 (1988), 477-484, routine PPND16.
///
/// ```
/// let upper = tradewinds::quantity::inverse_normal(0.975);
/// assert!((upper - 1.959963984540054).abs() < 1e-14);
/// ```
pub fn inverse_normal(p: f64) -> f64 {
    quantile(Level::from_below(p))
}

/// The density of the standard normal law at `x`.
pub(super) fn density(x: f64) -> f64 {
    const PEAK: f64 = 0.398_942_280_401_432_7;
    PEAK * libm::exp(-0.5 * x * x)
}

/// The level of `x` in the standard normal law.
pub(super) fn level(x: f64) -> Level {
    Level { below: normal_cdf(x), above: normal_cdf(-x) }
}

/// The standard normal quantile, exact in both tails.
#[inline]
pub(super) fn quantile(level: Level) -> f64 {
    let centred = if level.below <= level.above { level.below - 0.5 } else { 0.5 - level.above };
    if centred.abs() <= 0.425 {
        let r = 0.180625 - centred * centred;
        return centred * ratio(r, &CENTRE);
    }
    let tail = level.below.min(level.above);
    if tail <= 0.0 {
        return if centred < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = (-libm::log(tail)).sqrt();
    let size = if r <= 5.0 { ratio(r - 1.6, &TAIL) } else { ratio(r - 5.0, &FAR_TAIL) };
    if centred < 0.0 { -size } else { size }
}

/// Numerator and denominator of a rational function, by rising power.
type Rational = ([f64; 8], [f64; 8]);

#[inline]
fn ratio(x: f64, (numerator, denominator): &Rational) -> f64 {
    polynomial(x, numerator) / polynomial(x, denominator)
}

#[inline]
fn polynomial(x: f64, c: &[f64; 8]) -> f64 {
    ((((((c[7] * x + c[6]) * x + c[5]) * x + c[4]) * x + c[3]) * x + c[2]) * x + c[1]) * x + c[0]
}

// The coefficients a, b; c, d; e, f of AS 241.
const CENTRE: Rational = (
    [
        3.387_132_872_796_366_5,
        133.141_667_891_784_38,
        1_971.590_950_306_551_3,
        13_731.693_765_509_46,
        45_921.953_931_549_87,
        67_265.770_927_008_7,
        33_430.575_583_588_13,
        2_509.080_928_730_122_7,
    ],
    [
        1.0,
        42.313_330_701_600_91,
        687.187_007_492_057_9,
        5_394.196_021_424_751,
        21_213.794_301_586_597,
        39_307.895_800_092_71,
        28_729.085_735_721_943,
        5_226.495_278_852_854,
    ],
);
const TAIL: Rational = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
);
const FAR_TAIL: Rational = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);
