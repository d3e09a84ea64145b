//! `a * b + c` rounded once: in the same bits with the instruction and without it, those of what is no number aside.

/// How products are added. Generic code takes this as its first parameter, and `vectorised!` chooses it.
pub trait Fused {
    /// `a * b + c` in single precision, rounded to the nearest, ties to even, once.
    fn mul_add(a: f32, b: f32, c: f32) -> f32;
}

/// With the processor's instruction. Where it has none, this is a call of a function, and slow.
#[derive(Debug)]
pub struct Instruction;

/// With a dozen other instructions.
#[derive(Debug)]
pub struct Emulation;

impl Fused for Instruction {
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        a.mul_add(b, c)
    }
}

impl Fused for Emulation {
    /// In double precision the product is exact, and the sum has more than twice the digits of the result. It would be
    /// rounded twice, which errs where the first time ends in the middle between two singles. So the first time is to
    /// odd, where there are no such middles: digits are cut off, and the last one left is set if any was lost (Boldo and
    /// Melquiond 2008). What the sum lost (Knuth's TwoSum) tells whether it was rounded up in size.
    #[inline(always)]
    fn mul_add(a: f32, b: f32, c: f32) -> f32 {
        let (product, c) = (f64::from(a) * f64::from(b), f64::from(c));
        let sum = product + c;
        let added = sum - product;
        let lost = (product - (sum - added)) + (c - added);
        // Not for what is no number, as the sum may be infinite.
        let is_inexact = u64::from(lost.abs() > 0.0);
        let is_too_great = is_inexact & (sum.to_bits() ^ lost.to_bits()) >> 63;
        f64::from_bits((sum.to_bits() - is_too_great) | is_inexact) as f32
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All singles, and more of those that make sums that are hard to round: few digits, and exponents near each other.
    fn single() -> impl Strategy<Value = f32> {
        let few_digits =
            (any::<bool>(), -30..30_i32, 0..64_u32, 0..4_u32).prop_map(|(negative, exponent, high, low)| {
                let mantissa = high << 17 | low;
                let bits = u32::from(negative) << 31 | ((127 + exponent) as u32) << 23 | mantissa;
                f32::from_bits(bits)
            });
        prop_oneof![any::<u32>().prop_map(f32::from_bits), few_digits]
    }

    fn bits(value: f32) -> u32 {
        if value.is_nan() { f32::NAN.to_bits() } else { value.to_bits() }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100_000))]
        #[test]
        fn both_ways_give_the_same_bits(a in single(), b in single(), c in single()) {
            let expected = bits(libm::fmaf(a, b, c));
            prop_assert_eq!(bits(Emulation::mul_add(a, b, c)), expected, "{:e} * {:e} + {:e}", a, b, c);
            prop_assert_eq!(bits(Instruction::mul_add(a, b, c)), expected, "{:e} * {:e} + {:e}", a, b, c);
        }

        /// The product is half a unit in the last place of `c` or hardly less, mostly by more than double precision shows
        /// beside `c`: rounded twice, the sum would be a tie.
        #[test]
        fn sums_next_to_a_middle_are_rounded_once(
            c in 1.0_f32..2.0,
            fewer in 1..12_i32,
            exponent in -60..60_i32,
            signs in 0..4_u32,
        ) {
            let (scale, little) = (2.0_f32.powi(exponent), 2.0_f32.powi(-12 - fewer));
            for (a, b) in [(1.0 + little, 1.0 - little), (1.0, 1.0)] {
                let (a, b) = (a * 2.0_f32.powi(-12), b * 2.0_f32.powi(-12) * scale);
                let a = if signs & 1 == 0 { a } else { -a };
                let c = if signs & 2 == 0 { c * scale } else { -c * scale };
                let expected = libm::fmaf(a, b, c).to_bits();
                prop_assert_eq!(Emulation::mul_add(a, b, c).to_bits(), expected, "{:e} * {:e} + {:e}", a, b, c);
            }
        }
    }

    #[test]
    fn a_sum_that_would_be_rounded_twice() {
        // 1 + 2^-24 is the middle between 1 and the next single; 2^-60 more is above it, and lost in double precision.
        let (a, b) = (2.0_f32.powi(-12) * (1.0 + 2.0_f32.powi(-18)), 2.0_f32.powi(-12) * (1.0 - 2.0_f32.powi(-18)));
        let (twice, once) = ((f64::from(a) * f64::from(b) + 1.0) as f32, Emulation::mul_add(a, b, 1.0));
        assert_eq!((twice, once), (1.0, 1.0), "below the middle");
        let c = 1.0 + f32::EPSILON;
        let (twice, once) = ((f64::from(a) * f64::from(b) + f64::from(c)) as f32, Emulation::mul_add(a, b, c));
        assert_eq!((twice, once), (1.0 + 2.0 * f32::EPSILON, c), "a tie to even, which it is not");
    }
}
