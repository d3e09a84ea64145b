//! Whether the draws are as good as independent ones: in every order in which a run takes them, along a path, from
//! trial to trial, from identity to identity and from seed to seed.
//!
//! Each figure is compared with its law under independence at 4.5 standard errors: a false alarm in 7 of a million, so
//! in 4 of ten thousand for the sixty figures of this file. The seeds are fixed. Longer batteries run outside of the
//! tests, see `docs/generator.md`.

use rand::Rng;
use tradewinds::draws::{Key, STEPS_A_CALL, Source, Stream, Trials, normals};
use tradewinds::vector::Vectors;

/// In standard errors.
const ALLOWED: f64 = 4.5;
const CALLS: usize = 1 << 16;
const WORDS: usize = 4 * CALLS;

#[track_caller]
fn check(what: &str, order: &str, z: f64) {
    assert!(z.abs() < ALLOWED, "{what}, {order}: {z:.2} standard errors");
}

fn identity(number: usize) -> Key {
    Key::new(1, &format!("flow.{number}.permanent"))
}

fn call(key: Key, trial: usize) -> [u32; 4] {
    let mut stream = Stream::new(key, trial as u64);
    std::array::from_fn(|_| stream.next_u32())
}

/// The same number of words in each of the orders.
fn orders() -> [(&'static str, Vec<u32>); 4] {
    let mut path = Stream::new(identity(0), 0);
    let identities: Vec<Key> = (0..256).map(identity).collect();
    [
        ("positions", (0..WORDS).map(|_| path.next_u32()).collect()),
        ("trials", (0..CALLS).flat_map(|trial| call(identity(0), trial)).collect()),
        ("identities", (0..CALLS).flat_map(|at| call(identities[at % 256], at / 256)).collect()),
        ("seeds", (0..CALLS).flat_map(|seed| call(Key::new(seed as u64, "flow.0.permanent"), 0)).collect()),
    ]
}

fn uniform(word: u32) -> f64 {
    (f64::from(word) + 0.5) / 4_294_967_296.0
}

/// The frequency and runs tests of NIST SP 800-22, sections 2.1 and 2.3.
#[test]
fn bits_are_balanced_and_change_as_often_as_they_stay() {
    for (order, words) in orders() {
        let bits = 32.0 * WORDS as f64;
        let ones: u32 = words.iter().map(|word| word.count_ones()).sum();
        check("ones", order, (2.0 * f64::from(ones) - bits) / bits.sqrt());
        let within: u32 = words.iter().map(|word| ((word ^ (word >> 1)) & 0x7fff_ffff).count_ones()).sum();
        let between: u32 = words.windows(2).map(|pair| (pair[0] >> 31) ^ (pair[1] & 1)).sum();
        check("changes", order, (2.0 * f64::from(within + between) - (bits - 1.0)) / (bits - 1.0).sqrt());
    }
}

/// Pearson's statistic over cells, as a normal deviate: with many cells it is close to one.
fn chi_square(cells: usize, places: impl Iterator<Item = usize>) -> f64 {
    let mut counts = vec![0_u32; cells];
    places.for_each(|place| counts[place] += 1);
    let expected = f64::from(counts.iter().sum::<u32>()) / cells as f64;
    let sum: f64 = counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
    let freedom = (cells - 1) as f64;
    (sum - freedom) / (2.0 * freedom).sqrt()
}

#[test]
fn uniforms_and_pairs_of_them_fill_their_cells_evenly() {
    for (order, words) in orders() {
        let cell = |word: u32| (word >> 24) as usize;
        check("uniforms", order, chi_square(1 << 12, words.iter().map(|word| (word >> 20) as usize)));
        check("low bits", order, chi_square(1 << 12, words.iter().map(|word| (word & 0xfff) as usize)));
        let pairs = words.chunks(2).map(|pair| cell(pair[0]) >> 2 << 6 | cell(pair[1]) >> 2);
        check("pairs", order, chi_square(1 << 12, pairs));
    }
}

/// Correlation at lags: 1 to 3 within a call, 4 and 8 between neighbouring calls, 1,024 between rows of identities.
#[test]
fn draws_do_not_depend_on_those_before() {
    for (order, words) in orders() {
        let centred: Vec<f64> = words.iter().map(|&word| uniform(word) - 0.5).collect();
        for lag in [1, 2, 3, 4, 8, 1024] {
            let pairs = centred.iter().zip(&centred[lag..]);
            let sum: f64 = pairs.map(|(a, b)| 12.0 * a * b).sum();
            check(&format!("lag {lag}"), order, sum / ((WORDS - lag) as f64).sqrt());
        }
    }
}

/// Marsaglia's birthday spacings: of 4,096 birthdays in a year of 2^32 days, the spacings that occur twice are Poisson
/// with mean n^3 / (4 d) = 4.
#[test]
fn birthdays_are_spaced_as_by_chance() {
    const BIRTHDAYS: usize = 4096;
    for (order, words) in orders() {
        let repeated: usize = words.chunks_exact(BIRTHDAYS).map(repeated_spacings).sum();
        let expected = 4.0 * (WORDS / BIRTHDAYS) as f64;
        check("repeated spacings", order, (repeated as f64 - expected) / expected.sqrt());
    }
}

fn repeated_spacings(birthdays: &[u32]) -> usize {
    let mut sorted = birthdays.to_vec();
    sorted.sort_unstable();
    let mut spacings: Vec<u32> = sorted.windows(2).map(|pair| pair[1] - pair[0]).collect();
    spacings.sort_unstable();
    spacings.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

/// Rows of normals for the first steps of many trials.
fn rows_of_normals() -> [Vec<f64>; STEPS_A_CALL] {
    let mut rows: [Vec<u32>; STEPS_A_CALL] = std::array::from_fn(|_| vec![0; CALLS]);
    let source = Source { key: identity(0), trials: Trials::From(0) };
    normals(Vectors::widest(), source, 0, rows.each_mut().map(|row| &mut row[..]));
    rows.map(|row| row.into_iter().map(|bits| f64::from(f32::from_bits(bits))).collect())
}

fn cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / std::f64::consts::SQRT_2)
}

/// Kolmogorov's distance: `sqrt(n) D` is above 2.5 in 7 of a million samples, as often as 4.5 standard errors.
#[test]
fn normals_are_normal_throughout() {
    let mut all = rows_of_normals().concat();
    all.sort_by(f64::total_cmp);
    let n = all.len() as f64;
    let distance = |(at, &z): (usize, &f64)| (cdf(z) - at as f64 / n).abs().max((cdf(z) - (at + 1) as f64 / n).abs());
    let largest = all.iter().enumerate().map(distance).fold(0.0, f64::max);
    assert!(largest * n.sqrt() < 2.5, "{largest}");
}

#[test]
fn normals_have_their_moments_and_their_tails() {
    let all = rows_of_normals().concat();
    let n = all.len() as f64;
    // Variances of z^k: 1, 2, 15, 96.
    for (power, mean, variance) in [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)] {
        let sum: f64 = all.iter().map(|z| z.powi(power) - mean).sum();
        check(&format!("moment {power}"), "normals", sum / (n * variance).sqrt());
    }
    for edge in [2.0, 3.0, 4.0] {
        for side in [-1.0, 1.0] {
            let beyond = all.iter().filter(|&&z| side * z > edge).count() as f64;
            let expected = n * cdf(-edge);
            check(&format!("beyond {}", side * edge), "normals", (beyond - expected) / expected.sqrt());
        }
    }
}

/// Both of a pair come from one radius: neither they nor their squares may go together.
#[test]
fn normals_of_different_steps_are_independent() {
    let rows = rows_of_normals();
    let n = CALLS as f64;
    for (a, b) in [(0, 1), (2, 3), (0, 2), (1, 3), (0, 3)] {
        let products = || rows[a].iter().zip(&rows[b]);
        let linear: f64 = products().map(|(x, y)| x * y).sum();
        check("product", &format!("steps {a} and {b}"), linear / n.sqrt());
        let squares: f64 = products().map(|(x, y)| (x * x - 1.0) * (y * y - 1.0)).sum();
        check("product of squares", &format!("steps {a} and {b}"), squares / (4.0 * n).sqrt());
    }
}
