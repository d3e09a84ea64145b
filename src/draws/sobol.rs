//! Randomised quasi-Monte Carlo: the points of a Sobol sequence in place of independent uniforms.
//!
//! The points are scrambled as Owen proposed ("Randomly permuted (t,m,s)-nets and (t,s)-sequences", 1995), by the hash
//! of Laine and Karras in the form of Burley ("Practical hash-based Owen scrambling", Journal of Computer Graphics
//! Techniques 9, 2020). Each scrambling alone is unbiased, so the spread between several gives the standard error.
//! Whatever has no dimension is drawn as ever.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{Key, Source, Trials, philox, uniforms_by_trial};
use crate::vector::Vectors;

/// How trials are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sampling {
    /// Independent trials.
    #[default]
    Random,
    /// Inputs and the leading dimensions of the noise from a scrambled Sobol sequence. The trials are 16 randomisations
    /// of equal length, a power of two, one after the other.
    Sobol,
}

impl Sampling {
    /// Independent randomisations that the trials are made of.
    pub fn replications(self) -> u64 {
        match self {
            Sampling::Random => 1,
            Sampling::Sobol => 16,
        }
    }

    /// The number of trials that a run of at least `trials` has: a sequence is even when its length is a power of two.
    ///
    /// # Panics
    /// If that is more than [`Sampling::most_trials`].
    pub fn whole(self, trials: u64) -> u64 {
        /// Of a randomisation, so that its blocks are its own.
        const FEWEST: u64 = 1024;
        assert!(trials <= self.most_trials(), "a sequence has no more than 2^32 points");
        match self {
            Sampling::Random => trials,
            Sampling::Sobol => {
                trials.div_ceil(self.replications()).next_power_of_two().max(FEWEST) * self.replications()
            }
        }
    }

    /// The most trials of a run.
    pub fn most_trials(self) -> u64 {
        match self {
            Sampling::Random => u64::MAX,
            Sampling::Sobol => self.replications() << 32,
        }
    }

    /// Its name in `run.json`.
    pub fn name(self) -> &'static str {
        match self {
            Sampling::Random => "random",
            Sampling::Sobol => "sobol",
        }
    }
}

/// Which of a thing's draws has a dimension: 0 for what is drawn once a trial, 1 and on for the leading ones of a path.
pub(crate) type Part = u32;

/// Sobol points for what has a dimension.
#[derive(Clone, Debug)]
pub(crate) struct Quasi {
    key: Key,
    /// Points of a randomisation.
    each: u64,
    dimensions: HashMap<(Key, Part), usize>,
    /// By dimension: the first 1, 2, .. direction numbers added up (exclusive or), bits reversed.
    sums: Vec<[u32; BITS]>,
    /// Steps up to which the sums of shocks are drawn, in the order of their parts 1, 2, ..
    pub knots: Vec<usize>,
}

const BITS: usize = 32;

impl Quasi {
    /// The most dimensions there can be.
    pub const DIMENSIONS: usize = 256;

    /// Gives dimensions to draws in this order, as long as there are any; `each` points a randomisation.
    pub fn new(seed: u64, each: u64, draws: impl IntoIterator<Item = (Key, Part)>, knots: Vec<usize>) -> Quasi {
        let mut dimensions = HashMap::new();
        for draw in draws {
            let next = dimensions.len();
            if next < Self::DIMENSIONS {
                dimensions.entry(draw).or_insert(next);
            }
        }
        let sums = direction_numbers().take(dimensions.len()).map(running_sums).collect();
        Quasi { key: Key::new(seed, "sobol"), each, dimensions, sums, knots }
    }

    /// Uniforms in (0, 1) with 32 bits for trials `first_trial ..`, if this draw has a dimension.
    #[must_use]
    pub fn fill(&self, key: Key, part: Part, first_trial: u64, out: &mut [f64]) -> bool {
        let Some(&dimension) = self.dimensions.get(&(key, part)) else { return false };
        let sums = &self.sums[dimension];
        let (mut replication, mut index) = (first_trial / self.each, first_trial % self.each);
        let mut point = point(sums, index);
        let mut scramble = self.scramble(replication, dimension);
        for u in out {
            *u = (f64::from(laine_karras(point, scramble).reverse_bits()) + 0.5) * (1.0 / 4_294_967_296.0);
            index += 1;
            if index == self.each {
                (replication, index, point) = (replication + 1, 0, 0);
                scramble = self.scramble(replication, dimension);
            } else {
                // The bits in which `index` and the one before differ are its trailing zeros and the one above.
                point ^= sums[index.trailing_zeros() as usize];
            }
        }
        true
    }

    fn scramble(&self, replication: u64, dimension: usize) -> u32 {
        philox::words(self.key, replication, dimension as u64)[0] as u32
    }
}

/// One uniform in (0, 1) a trial, from a Sobol point if there is one.
pub(crate) fn uniforms(vectors: Vectors, quasi: Option<&Quasi>, source: Source<'_>, out: &mut [f64]) {
    let is_filled = match (quasi, source.trials) {
        (Some(quasi), Trials::From(first_trial)) => quasi.fill(source.key, 0, first_trial, out),
        _ => false,
    };
    if !is_filled {
        uniforms_by_trial(vectors, source, out);
    }
}

/// The point of an index, bits reversed.
fn point(sums: &[u32; BITS], index: u64) -> u32 {
    let bits = (0..BITS).filter(|bit| index >> bit & 1 == 1);
    bits.fold(0, |point, bit| point ^ sums[bit] ^ if bit > 0 { sums[bit - 1] } else { 0 })
}

/// Burley's listing 1: a bit is flipped or not depending on those below it. On reversed bits that is an Owen scramble.
fn laine_karras(mut x: u32, seed: u32) -> u32 {
    x = x.wrapping_add(seed);
    for factor in [0x6c50_b47c, 0xb82f_1e52, 0xc7af_e638, 0x8d22_f6e6] {
        x ^= x.wrapping_mul(factor);
    }
    x
}

fn running_sums(directions: [u32; BITS]) -> [u32; BITS] {
    let mut sum = 0;
    directions.map(|direction| {
        sum ^= direction.reverse_bits();
        sum
    })
}

/// The direction numbers of each dimension.
fn direction_numbers() -> impl Iterator<Item = [u32; BITS]> {
    let lines = include_str!("joe-kuo.txt").lines().filter(|line| !line.starts_with('#'));
    let first = std::array::from_fn(|bit| 1 << (31 - bit));
    std::iter::once(first).chain(lines.map(directions))
}

/// By the recurrence of Bratley and Fox (Algorithm 659, ACM Transactions on Mathematical Software 14, 1988).
fn directions(line: &str) -> [u32; BITS] {
    let mut numbers = line.split(' ').map(|number| number.parse::<u32>().expect("a table of whole numbers")).skip(1);
    let mut next = || numbers.next().expect("a degree and coefficients");
    let (degree, coefficients) = (next() as usize, next());
    let mut directions = [0; BITS];
    for (bit, start) in numbers.enumerate() {
        directions[bit] = start << (31 - bit);
    }
    for bit in degree..BITS {
        let last = directions[bit - degree];
        directions[bit] = (1..degree)
            .filter(|back| coefficients >> (degree - 1 - back) & 1 == 1)
            .fold(last ^ last >> degree, |sum, back| sum ^ directions[bit - back]);
    }
    directions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        Key::new(1, &format!("input.{number}"))
    }

    fn quasi(each: u64, dimensions: usize) -> Quasi {
        Quasi::new(7, each, (0..dimensions).map(|number| (key(number), 0)), Vec::new())
    }

    fn column(quasi: &Quasi, dimension: usize, first: u64, count: usize) -> Vec<f64> {
        let mut out = vec![0.0; count];
        assert!(quasi.fill(key(dimension), 0, first, &mut out));
        out
    }

    /// The first points of dimensions 1 to 4 in the order of the index, which the Gray code of Joe and Kuo's notes
    /// permutes.
    #[test]
    fn unscrambled_points_are_those_of_the_sequence() {
        let sums: Vec<[u32; BITS]> = direction_numbers().take(4).map(running_sums).collect();
        let points = |dimension: usize| -> Vec<f64> {
            (0..8).map(|index| f64::from(point(&sums[dimension], index).reverse_bits()) / 4_294_967_296.0).collect()
        };
        assert_eq!(points(0), [0.0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875]);
        assert_eq!(points(1), [0.0, 0.5, 0.75, 0.25, 0.625, 0.125, 0.375, 0.875]);
        assert_eq!(points(2), [0.0, 0.5, 0.75, 0.25, 0.375, 0.875, 0.625, 0.125]);
        assert_eq!(points(3), [0.0, 0.5, 0.75, 0.25, 0.125, 0.625, 0.875, 0.375]);
    }

    /// Scrambling keeps what the sequence is for: of the first 2^k points one lies in each interval of length 2^-k, in
    /// each dimension, and in each square of the first two.
    #[test]
    fn points_are_spread_evenly() {
        const POINTS: usize = 1024;
        let quasi = quasi(POINTS as u64, Quasi::DIMENSIONS);
        for first in [0, POINTS as u64, 5 * POINTS as u64] {
            for dimension in 0..Quasi::DIMENSIONS {
                let mut cells: Vec<usize> =
                    column(&quasi, dimension, first, POINTS).iter().map(|u| (u * POINTS as f64) as usize).collect();
                cells.sort_unstable();
                assert!(cells.into_iter().eq(0..POINTS), "dimension {dimension}");
            }
            let pairs = column(&quasi, 0, first, POINTS).into_iter().zip(column(&quasi, 1, first, POINTS));
            let mut cells: Vec<usize> = pairs.map(|(x, y)| (x * 32.0) as usize * 32 + (y * 32.0) as usize).collect();
            cells.sort_unstable();
            assert!(cells.into_iter().eq(0..POINTS));
        }
    }

    #[test]
    fn a_point_does_not_depend_on_the_block_it_is_drawn_in() {
        let quasi = quasi(64, 5);
        let whole = column(&quasi, 4, 0, 200);
        for first in [1, 63, 64, 100] {
            assert_eq!(column(&quasi, 4, first, 50), whole[first as usize..][..50]);
        }
        assert_ne!(whole[..64], whole[64..128], "randomisations differ");
    }

    #[test]
    fn what_has_no_dimension_is_drawn_as_ever() {
        let source = Source { key: key(300), trials: Trials::From(9) };
        let (mut drawn, mut expected) = ([0.0; 40], [0.0; 40]);
        let quasi = quasi(64, 300);
        uniforms(Vectors::widest(), Some(&quasi), source, &mut drawn);
        uniforms_by_trial(Vectors::widest(), source, &mut expected);
        assert_eq!(drawn, expected);
        uniforms(Vectors::widest(), Some(&quasi), Source { key: key(1), ..source }, &mut drawn);
        assert_ne!(drawn, expected);
    }

    #[test]
    fn trials_are_randomisations_of_a_power_of_two() {
        assert_eq!(Sampling::Random.whole(100_000), 100_000);
        assert_eq!(Sampling::Sobol.whole(1), 16 * 1024);
        assert_eq!(Sampling::Sobol.whole(100_000), 131_072);
        assert_eq!(Sampling::Sobol.whole(131_072), 131_072);
    }
}
