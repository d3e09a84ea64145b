//! Shapley values of the games that one trial is.
//!
//! Players are the things that can be on or off; a coalition is the set of those that are on. The Shapley value of a
//! player (Shapley 1953) is what it adds to the coalition before it, averaged over all orders in which the players can
//! come. The values of all players add up to that of the full coalition less that of the empty one.

use crate::draws::{Key, Stream};
use crate::vector::math::ln64;
use crate::vector::{Vectors, vectorised};
use rand::Rng;

/// The most players whose coalitions are all looked at: ten drivers, the trend and the noise.
pub(super) const MOST_EXACT: usize = 12;

/// Where and how to weigh an integral over [0, 1]: exact for polynomials of degree `2 * points - 1`.
pub(super) struct Quadrature {
    points: Vec<(f64, f64)>,
}

impl Quadrature {
    /// The rule of Gauss and Legendre that is exact for the product game of so many players, whose integrand has
    /// degree `players - 1`.
    pub fn for_players(players: usize) -> Quadrature {
        let n = players.div_ceil(2).max(1);
        let point = |at: usize| {
            let x = legendre_root(n, at);
            let (_, slope) = legendre(n, x);
            ((1.0 + x) / 2.0, 1.0 / ((1.0 - x * x) * slope * slope))
        };
        Quadrature { points: (0..n).map(point).collect() }
    }
}

/// The polynomial of degree `n` at `x` and its slope.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut now) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (before, now) = (now, ((2.0 * k - 1.0) * x * now - (k - 1.0) * before) / k);
    }
    (now, n as f64 * (x * now - before) / (x * x - 1.0))
}

/// Newton's method from the usual first guess; it converges quadratically.
fn legendre_root(n: usize, at: usize) -> f64 {
    let mut x = libm::cos(std::f64::consts::PI * (at as f64 + 0.75) / (n as f64 + 0.5));
    for _ in 0..8 {
        let (value, slope) = legendre(n, x);
        x -= value / slope;
    }
    x
}

/// Adds `scale` times the Shapley values of the game whose coalitions are worth the product of their players' factors,
/// all above 0.
///
/// The Shapley value is the integral of the slope of the multilinear extension along its diagonal (Owen 1972): for a
/// product, of `(a_k - 1)` times the product of `1 + t (a_j - 1)` over the others, a polynomial in `t`. So the rule
/// gives it without error for any number of players. A factor of 1 gives 0.
pub(super) fn of_product(rule: &Quadrature, factors: &[f64], scale: f64, out: &mut [f64]) {
    for &(t, weight) in &rule.points {
        let all: f64 = factors.iter().map(|a| 1.0 + t * (a - 1.0)).product();
        for (out, a) in out.iter_mut().zip(factors) {
            let less = a - 1.0;
            *out += scale * weight * (less * (all / (1.0 + t * less)));
        }
    }
}

vectorised! {
    /// The worth of each coalition of a product game: that of coalition `s` at index `s`, where bit `k` says whether
    /// player `k` is in it.
    pub(super) fn fill_products(table: &mut [f64], start: f64, factors: &[f64]) {
        table[0] = start;
        for (player, factor) in factors.iter().enumerate() {
            let (without, rest) = table.split_at_mut(1 << player);
            for (with, without) in rest.iter_mut().zip(without) {
                *with = *without * factor;
            }
        }
    }
}

vectorised! {
    /// The same for a game whose coalitions are worth the sum of their players.
    pub(super) fn fill_sums(table: &mut [f64], amounts: &[f64]) {
        table[0] = 0.0;
        for (player, amount) in amounts.iter().enumerate() {
            let (without, rest) = table.split_at_mut(1 << player);
            for (with, without) in rest.iter_mut().zip(without) {
                *with = *without + amount;
            }
        }
    }
}

vectorised! {
    /// Puts a table of levels under a ceiling, `(c * W^-2 + K^-2)^(-1/2)`, where `c` depends on the first player.
    pub(super) fn cap_table(table: &mut [f64], bends: [f64; 2], inverse_square: f64) {
        let mut pairs = table.chunks_exact_mut(2);
        for pair in &mut pairs {
            for (level, bend) in pair.iter_mut().zip(bends) {
                *level = 1.0 / (bend / (*level * *level) + inverse_square).sqrt();
            }
        }
        for level in pairs.into_remainder() {
            *level = 1.0 / (bends[1] / (*level * *level) + inverse_square).sqrt();
        }
    }
}

vectorised! {
    /// Adds `scale` times a table to another.
    pub(super) fn add_table(sum: &mut [f64], table: &[f64], scale: f64) {
        for (sum, value) in sum.iter_mut().zip(table) {
            *sum += scale * value;
        }
    }
}

/// The share of orders in which a coalition stands just before a player that is not in it, for each number of players
/// and each coalition.
pub(super) struct Weights {
    of_players: Vec<Vec<f64>>,
}

impl Weights {
    pub fn new() -> Weights {
        Weights { of_players: (0..=MOST_EXACT).map(weights).collect() }
    }
}

/// `s! (n - s - 1)! / n!` for a coalition of `s` out of `n`.
fn weights(players: usize) -> Vec<f64> {
    let mut of_size = vec![1.0 / players.max(1) as f64; players.max(1)];
    for size in 1..players {
        of_size[size] = of_size[size - 1] * size as f64 / (players - size) as f64;
    }
    // The full coalition stands before nobody.
    (0..1_usize << players).map(|s| of_size.get(s.count_ones() as usize).copied().unwrap_or(0.0)).collect()
}

/// Sets `out` to the Shapley values of a game given coalition by coalition. A player that changes nothing gets 0.
pub(super) fn of_table(vectors: Vectors, weights: &Weights, table: &[f64], out: &mut [f64]) {
    let players = table.len().ilog2() as usize;
    weigh(vectors, &weights.of_players[players], table, &mut out[..players]);
}

vectorised! {
    fn weigh(weights: &[f64], table: &[f64], out: &mut [f64]) {
        for (player, out) in out.iter_mut().enumerate() {
            let half = 1 << player;
            *out = 0.0;
            for (values, weights) in table.chunks_exact(2 * half).zip(weights.chunks_exact(2 * half)) {
                *out += step_up(&values[..half], &values[half..], &weights[..half]);
            }
        }
    }
}

vectorised! {
    /// Takes the logarithm of each value.
    pub(super) fn take_logs(table: &mut [f64]) {
        for value in table {
            *value = ln64(*value);
        }
    }
}

/// The weighted sum of `with - without`, in eight partial sums.
#[inline(always)]
fn step_up(without: &[f64], with: &[f64], weights: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut sums = [0.0; LANES];
    let whole = without.len() / LANES * LANES;
    for at in (0..whole).step_by(LANES) {
        for lane in 0..LANES {
            sums[lane] += weights[at + lane] * (with[at + lane] - without[at + lane]);
        }
    }
    for at in whole..without.len() {
        sums[at - whole] += weights[at] * (with[at] - without[at]);
    }
    sums.iter().sum()
}

/// Random orders of `players` players in a trial, each followed by its reverse, which takes away the part of the error
/// that is linear in the place (Mitchell,
/// Cooper, Frank and Holmes 2022, section 4.1).
pub(super) fn fill_orders(orders: &mut Vec<Vec<usize>>, key: Key, trial: u64, players: usize, pairs: usize) {
    let mut stream = Stream::new(key, trial);
    orders.clear();
    for _ in 0..pairs {
        let mut order: Vec<usize> = (0..players).collect();
        for last in (1..players).rev() {
            // A number below `last + 1`: its bias is below 1e-8.
            let place = (u64::from(stream.next_u32()) * (last as u64 + 1)) >> 32;
            order.swap(last, place as usize);
        }
        let reverse = order.iter().rev().copied().collect();
        orders.extend([order, reverse]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTORS: [f64; 5] = [1.3, 0.4, 1.0, 2.5, 0.9];

    /// By the definition: over all orders.
    fn by_orders(players: usize, worth: &dyn Fn(&[usize]) -> f64) -> Vec<f64> {
        fn visit(order: &mut Vec<usize>, players: usize, each: &mut dyn FnMut(&[usize])) {
            if order.len() == players {
                return each(order);
            }
            for next in 0..players {
                if !order.contains(&next) {
                    order.push(next);
                    visit(order, players, each);
                    order.pop();
                }
            }
        }
        let (mut sums, mut count) = (vec![0.0; players], 0.0);
        visit(&mut Vec::new(), players, &mut |order| {
            count += 1.0;
            for at in 0..players {
                sums[order[at]] += worth(&order[..=at]) - worth(&order[..at]);
            }
        });
        sums.iter().map(|sum| sum / count).collect()
    }

    fn product(players: &[usize]) -> f64 {
        players.iter().map(|&player| FACTORS[player]).product()
    }

    fn assert_close(found: &[f64], expected: &[f64]) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14, "{found} is not {expected}");
        }
    }

    #[test]
    fn a_product_game_by_quadrature_by_table_and_by_orders() {
        let expected = by_orders(5, &product);
        let mut found = vec![0.0; 5];
        of_product(&Quadrature::for_players(5), &FACTORS, 1.0, &mut found);
        assert_close(&found, &expected);
        assert_eq!(found[2], 0.0);
        let mut table = [0.0; 32];
        fill_products(Vectors::widest(), &mut table, 1.0, &FACTORS);
        let mut found = vec![7.0; 5];
        of_table(Vectors::widest(), &Weights::new(), &table, &mut found);
        assert_close(&found, &expected);
        assert_eq!(found[2], 0.0);
    }

    #[test]
    fn any_game_by_table_and_by_orders() {
        let worth = |players: &[usize]| libm::log(3.0 + product(players) + players.iter().sum::<usize>() as f64);
        let table: Vec<f64> =
            (0..32_usize).map(|s| worth(&(0..5).filter(|player| s >> player & 1 == 1).collect::<Vec<_>>())).collect();
        let mut found = vec![0.0; 5];
        of_table(Vectors::widest(), &Weights::new(), &table, &mut found);
        assert_close(&found, &by_orders(5, &worth));
    }

    #[test]
    fn quadrature_is_exact_for_many_players() {
        let factors: Vec<f64> = (0..40).map(|player| 0.8 + 0.01 * f64::from(player)).collect();
        let mut found = vec![0.0; 40];
        of_product(&Quadrature::for_players(40), &factors, 1.0, &mut found);
        let change = factors.iter().product::<f64>() - 1.0;
        assert!((found.iter().sum::<f64>() - change).abs() < 1e-13, "{found:?}");
        let twice = Quadrature::for_players(80);
        let mut finer = vec![0.0; 40];
        of_product(&twice, &factors, 1.0, &mut finer);
        assert_close(&found, &finer);
    }

    #[test]
    fn weights_of_a_players_coalitions_sum_to_one() {
        for players in 1..=MOST_EXACT {
            let sum: f64 = weights(players).iter().enumerate().filter(|(s, _)| s & 1 == 0).map(|(_, w)| w).sum();
            assert!((sum - 1.0).abs() < 1e-13, "{players}: {sum}");
        }
    }

    #[test]
    fn each_order_has_all_players_and_its_reverse() {
        let mut orders = Vec::new();
        fill_orders(&mut orders, Key::new(1, "test"), 3, 9, 4);
        assert_eq!(orders.len(), 8);
        for pair in orders.chunks(2) {
            let mut sorted = pair[0].clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..9).collect::<Vec<_>>());
            assert!(pair[0].iter().eq(pair[1].iter().rev()));
        }
        assert_ne!(orders[0], orders[2]);
    }
}
