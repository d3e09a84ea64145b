//! Sampled laws as oracle: Kolmogorov-Smirnov tests of independent samplers against our inverses, with a fixed seed
//! and a false-alarm rate of 1e-6 each.

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Beta, Distribution, Exp, LogNormal, Normal, Pert, StudentT, Triangular};

use super::super::{Family, Law};
use super::{law, plain};

const SAMPLES: usize = 4000;

/// The probability at which the law's quantile function passes `x`, by bisection.
fn probability(law: &Law, x: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..50 {
        let middle = 0.5 * (low + high);
        *(if law.quantile(middle) < x { &mut low } else { &mut high }) = middle;
    }
    low
}

#[track_caller]
fn check(family: Family, sampler: impl Distribution<f64>) {
    let law = law(plain(family));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    let mut levels: Vec<f64> = sampler.sample_iter(&mut rng).take(SAMPLES).map(|x| probability(&law, x)).collect();
    levels.sort_by(f64::total_cmp);
    let n = SAMPLES as f64;
    let distance = levels
        .iter()
        .enumerate()
        .map(|(i, level)| (level - i as f64 / n).max((i as f64 + 1.0) / n - level))
        .fold(0.0, f64::max);
    // The asymptotic law of the distance: P(D > d) = 2 exp(-2 n d^2).
    let critical = (2e6_f64.ln() / (2.0 * n)).sqrt();
    assert!(distance < critical, "{distance} is not below {critical}");
}

#[test]
fn samplers_agree() {
    check(Family::Normal { mean: 2.0, sd: 3.0 }, Normal::new(2.0, 3.0).unwrap());
    let lognormal = LogNormal::new(2_f64.ln(), 0.7).unwrap();
    check(Family::Lognormal { median: 2.0, sigma: 0.7 }, lognormal);
    check(Family::Triangular { min: 1.0, mode: 2.0, max: 5.0 }, Triangular::new(1.0, 5.0, 2.0).unwrap());
    let pert = Pert::new(1.0, 5.0).with_shape(6.0).with_mode(2.0).unwrap();
    check(Family::Pert { min: 1.0, mode: 2.0, max: 5.0, shape: 6.0 }, pert);
    for (alpha, beta) in [(0.5, 0.5), (0.2, 3.0), (2.0, 5.0), (400.0, 900.0), (1e5, 30.0)] {
        check(Family::Beta { alpha, beta, min: 0.0, max: 1.0 }, Beta::new(alpha, beta).unwrap());
    }
    check(Family::Exponential { mean: 2.0, shift: 0.0 }, Exp::new(0.5).unwrap());
    for dof in [2.5_f64, 5.0, 40.0, 1e4] {
        let sd = (dof / (dof - 2.0)).sqrt();
        check(Family::StudentT { dof, mean: 0.0, sd }, StudentT::new(dof).unwrap());
    }
}
