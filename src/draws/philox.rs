//! The Philox4x32 bijection.

use super::Key;

/// Seven rounds pass all of TestU01's BigCrush (Salmon et al. 2011, table 2).
const ROUNDS: usize = 7;
const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const LOW: u64 = 0xFFFF_FFFF;

/// Four random 32-bit words for (trial, position). Held in 64 bits each: that is how they are multiplied.
#[inline(always)]
pub(super) fn words(key: Key, trial: u64, position: u64) -> [u64; 4] {
    let mut counter = [trial & LOW, trial >> 32, position & LOW, position >> 32];
    let mut key = key.0;
    for _ in 0..ROUNDS {
        let products = [MULTIPLIERS[0] * counter[0], MULTIPLIERS[1] * counter[2]];
        counter = [
            (products[1] >> 32) ^ counter[1] ^ u64::from(key[0]),
            products[1] & LOW,
            (products[0] >> 32) ^ counter[3] ^ u64::from(key[1]),
            products[0] & LOW,
        ];
        key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
    }
    counter
}

/// A uniform in (0, 1) from the first two words: the middles of 2^52 equal intervals.
#[inline(always)]
pub(super) fn to_unit(words: [u64; 4]) -> f64 {
    let bits = (words[0] << 20) ^ (words[1] >> 12);
    // 52 bits under the exponent of 1 make a number in [1, 2); no conversion is needed, which vectors lack.
    f64::from_bits((bits & ((1 << 52) - 1)) | 1.0_f64.to_bits()) - (1.0 - f64::EPSILON / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of the authors' Random123 library, `kat_vectors`, lines `philox4x32 7`.
    #[test]
    fn known_answers() {
        let all_zero = words(Key([0, 0]), 0, 0);
        assert_eq!(all_zero, [0x5f6f_b709, 0x0d89_3f64, 0x4f12_1f81, 0x4f73_0a48]);
        let all_one = words(Key([u32::MAX; 2]), u64::MAX, u64::MAX);
        assert_eq!(all_one, [0x5207_ddc2, 0x4516_5e59, 0x4d8e_e751, 0x8c52_f662]);
    }

    #[test]
    fn uniforms_stay_inside_the_open_interval() {
        let least = to_unit([0, 0, 0, 0]);
        let greatest = to_unit([LOW, LOW, 0, 0]);
        assert!(least > 0.0 && least < 1e-15, "{least:e}");
        assert!(greatest < 1.0 && greatest > 1.0 - 1e-15);
    }
}
