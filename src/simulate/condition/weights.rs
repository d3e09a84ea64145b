//! From log weights to how often each trial counts.

use crate::projection::Estimate;

/// What the weights of all trials amount to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Weighed {
    /// `(sum w)^2 / sum w^2` of the weights to the exponent (Kish 1965).
    pub effective: f64,
    /// What the log weights are multiplied by: 1 unless tempered.
    pub exponent: f64,
}

/// The weights as they are.
pub(super) fn plain(log_weights: &[f64]) -> Weighed {
    Weighed { effective: effective(log_weights, 1.0), exponent: 1.0 }
}

/// The largest exponent with which at least `wanted` trials are effective.
pub(super) fn tempered(log_weights: &[f64], wanted: f64) -> Weighed {
    // The effective sample falls with the exponent, from all trials of a positive weight at 0.
    let (mut low, mut high) = (0.0, 1.0);
    const HALVINGS: usize = 50;
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if effective(log_weights, middle) >= wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    Weighed { effective: effective(log_weights, low), exponent: low }
}

fn greatest(log_weights: &[f64]) -> f64 {
    log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn effective(log_weights: &[f64], exponent: f64) -> f64 {
    let greatest = greatest(log_weights);
    if greatest == f64::NEG_INFINITY {
        return 0.0;
    }
    let weights = log_weights.iter().map(|log| libm::exp((log - greatest) * exponent)).filter(|w| *w > 0.0);
    let (sum, squares) = weights.fold((0.0, 0.0), |(sum, squares), w| (sum + w, squares + w * w));
    sum * sum / squares
}

/// Log of the mean weight, with the standard error of the delta method.
pub(super) fn log_mean(log_weights: &[f64]) -> Estimate {
    let greatest = greatest(log_weights);
    let n = log_weights.len() as f64;
    let sum: f64 = log_weights.iter().map(|log| libm::exp(log - greatest)).sum();
    // sd(w) / (mean(w) sqrt(n)) = sqrt(1 / effective - 1 / n).
    let error = (1.0 / effective(log_weights, 1.0) - 1.0 / n).max(0.0).sqrt();
    Estimate { value: greatest + libm::log(sum / n), standard_error: Some(error) }
}

/// Weights in whole numbers: so their sums do not depend on any order.
const ONE: f64 = (1_u64 << 40) as f64;

/// As many trials as there are weights, each as often as its share of all weight says, in order: systematic resampling
/// (Carpenter, Clifford and Fearnhead 1999). A trial with the share s of n comes `floor(s n)` or `ceil(s n)` times.
/// `uniform` lies in [0, 1).
pub(super) fn picks(log_weights: &[f64], exponent: f64, uniform: f64) -> Vec<u64> {
    let greatest = greatest(log_weights);
    let whole = |log: f64| (libm::exp((log - greatest) * exponent) * ONE) as u64;
    let n = log_weights.len() as u128;
    let total: u128 = log_weights.iter().map(|log| u128::from(whole(*log))).sum();
    let offset = (total as f64 * uniform) as u128;
    let mut picks = Vec::with_capacity(log_weights.len());
    let (mut trial, mut up_to) = (0, 0);
    for number in 0..n {
        let place = (number * total + offset.min(total - 1)) / n;
        while up_to <= place {
            up_to += u128::from(whole(log_weights[trial]));
            trial += 1;
        }
        picks.push(trial as u64 - 1);
    }
    picks
}

/// The picks in another order, of which any first part is spread over all: by steps of a golden section, whose
/// multiples are (Weyl 1916; the three gaps of Sos 1958).
pub(super) fn spread(picks: &[u64]) -> Vec<u64> {
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let n = picks.len() as u64;
    let first = ((n as f64 * GOLDEN) as u64).max(1);
    let step = (first..).find(|step| coprime(*step, n)).unwrap_or(1);
    let place = |number: u64| (u128::from(number) * u128::from(step) % u128::from(n)) as usize;
    (0..n).map(|number| picks[place(number)]).collect()
}

fn coprime(mut a: u64, mut b: u64) -> bool {
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

/// Of how many independent trials the picked ones are worth: Kish's formula for the times that each came.
pub(super) fn worth(picks: &[u64]) -> f64 {
    let squares: f64 = picks.chunk_by(|a, b| a == b).map(|same| (same.len() as f64) * (same.len() as f64)).sum();
    (picks.len() as f64) * (picks.len() as f64) / squares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_weights_pick_each_trial_once() {
        for uniform in [0.0, 0.3, 1.0 - f64::EPSILON] {
            let picks = picks(&[-1234.5; 1000], 1.0, uniform);
            assert!(picks.iter().enumerate().all(|(at, pick)| at as u64 == *pick));
            assert_eq!(worth(&picks), 1000.0);
        }
        assert_eq!(plain(&[-1234.5; 1000]).effective, 1000.0);
    }

    #[test]
    fn a_trial_comes_as_often_as_its_share() {
        // Shares of 4: 0.4, 0, 2.4, 1.2.
        let log_weights = [1.0_f64.ln(), f64::NEG_INFINITY, 6.0_f64.ln(), 3.0_f64.ln()];
        for uniform in [0.0, 0.25, 0.5, 0.99] {
            let picks = picks(&log_weights, 1.0, uniform);
            let times = |trial: u64| picks.iter().filter(|pick| **pick == trial).count();
            assert!(times(0) <= 1 && times(1) == 0 && [2, 3].contains(&times(2)) && [1, 2].contains(&times(3)));
            assert!(picks.is_sorted() && picks.len() == 4);
        }
    }

    #[test]
    fn a_first_part_of_spread_picks_is_spread_over_all() {
        // Below a thousand or so no step is near enough to the golden section; picks are spread from 65,537 on.
        for n in [1, 2, 10, 65_537, 100_000, 1_000_000] {
            let picks: Vec<u64> = (0..n).collect();
            let mut spread = spread(&picks);
            let (part, parts) = (n as usize / 4, 8);
            let of_part = |at: u64| spread[..part].iter().filter(|pick| **pick * parts / n == at).count() as f64;
            let even = part as f64 / parts as f64;
            assert!((0..parts).all(|at| (of_part(at) - even).abs() <= 2.0 + even / 1000.0), "{n}");
            spread.sort_unstable();
            assert_eq!(spread, picks);
        }
    }

    #[test]
    fn effective_sample_and_mean() {
        let log_weights = [0.0, 3.0_f64.ln()];
        assert!((plain(&log_weights).effective - 1.6).abs() < 1e-12);
        let mean = log_mean(&log_weights);
        assert!((mean.value - 2.0_f64.ln()).abs() < 1e-12);
        // sd 1, mean 2, two trials.
        assert!((mean.standard_error.unwrap() - 0.5 / 2.0_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn tempering_keeps_as_many_as_wanted() {
        let log_weights: Vec<f64> = (0..1000).map(|i| -0.1 * f64::from(i)).collect();
        let found = tempered(&log_weights, 400.0);
        assert!((found.effective - 400.0).abs() < 1e-6 && found.exponent < 1.0, "{found:?}");
        assert!((effective(&log_weights, found.exponent) - 400.0).abs() < 1e-6);
    }

    #[test]
    fn weights_that_are_all_nothing_have_no_effective_trial() {
        assert_eq!(plain(&[f64::NEG_INFINITY; 3]).effective, 0.0);
    }
}
