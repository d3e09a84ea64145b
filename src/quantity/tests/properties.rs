//! What holds for every law.

use proptest::prelude::*;

use super::super::{Family, Law, LawSpec};
use super::{law, plain};
use crate::vector::Vectors;

/// Families with tails thin enough for moments to be found from a few thousand quantiles.
fn families() -> impl Strategy<Value = Family> {
    let place = -10.0..10.0_f64;
    let width = 0.01..10.0_f64;
    let share = 0.0..=1.0_f64;
    prop_oneof![
        (place.clone(), width.clone()).prop_map(|(mean, sd)| Family::Normal { mean, sd }),
        (width.clone(), 0.01..0.6_f64).prop_map(|(median, sigma)| Family::Lognormal { median, sigma }),
        (place.clone(), width.clone()).prop_map(|(min, width)| Family::Uniform { min, max: min + width }),
        (place.clone(), width.clone(), share.clone()).prop_map(|(min, width, share)| Family::Triangular {
            min,
            mode: min + share * width,
            max: min + width,
        }),
        (place.clone(), width.clone(), share, 0.1..5e3_f64).prop_map(|(min, width, share, shape)| Family::Pert {
            min,
            mode: min + share * width,
            max: min + width,
            shape,
        }),
        (-2.0..6.0_f64, -2.0..6.0_f64, place.clone(), width.clone()).prop_map(|(a, b, min, width)| Family::Beta {
            alpha: 10_f64.powf(a),
            beta: 10_f64.powf(b),
            min,
            max: min + width,
        }),
        (width.clone(), place.clone()).prop_map(|(mean, shift)| Family::Exponential { mean, shift }),
        (0.8..9.0_f64, place.clone(), width).prop_map(|(dof, mean, sd)| Family::StudentT {
            dof: 10_f64.powf(dof),
            mean,
            sd,
        }),
        prop::collection::vec((place, 0.1..1.0_f64), 1..40).prop_map(|points| {
            let (values, weights) = points.into_iter().unzip();
            Family::Discrete { values, weights }
        }),
    ]
}

/// A family with modifiers; the truncation is between two of its quantiles, so that it can be.
fn specs() -> impl Strategy<Value = LawSpec> {
    let ends = (prop::option::of(0.001..0.45_f64), prop::option::of(0.55..0.999_f64));
    // Whole steps of what moments are taken over: an atom between two of them, far from the rest, is not seen there.
    let zero = prop_oneof![Just(0.0), (1..STEPS * 9 / 10).prop_map(|steps| f64::from(steps) / f64::from(STEPS))];
    (families(), ends, any::<bool>(), zero).prop_map(|(family, (low, high), negate, zero)| {
        let whole = law(plain(family.clone()));
        let bounded = matches!(
            family,
            Family::Uniform { .. } | Family::Triangular { .. } | Family::Pert { .. } | Family::Beta { .. }
        );
        let end = |level: Option<f64>| level.filter(|_| !bounded).map(|level| whole.quantile(level));
        LawSpec { min: end(low), max: end(high), family, negate, zero }
    })
}

/// Steps of [`moments_of_quantiles`].
const STEPS: u32 = 4096;

/// Mean and sd from quantiles in the middle of equal steps.
fn moments_of_quantiles(law: &Law) -> (f64, f64) {
    let mut draws: Vec<f64> = (0..STEPS).map(|i| (f64::from(i) + 0.5) / f64::from(STEPS)).collect();
    law.fill(Vectors::widest(), &mut draws);
    let mean = draws.iter().sum::<f64>() / f64::from(STEPS);
    let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / f64::from(STEPS);
    (mean, variance.sqrt())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn draws_rise_and_stay_in_the_support(spec in specs(), mut levels in prop::collection::vec(1e-12..1.0_f64, 64)) {
        let law = law(spec);
        let (low, high) = law.support();
        levels.extend([1e-300, 1e-12, 0.5, 1.0 - 1e-12]);
        levels.sort_by(f64::total_cmp);
        let slack = 1e-12 * law.sd().unwrap() + 1e-14 * law.mean().unwrap().abs();
        let mut last = low;
        for u in levels {
            let x = law.quantile(u);
            prop_assert!(low <= x && x <= high, "{} at {} outside {:?}", x, u, (low, high));
            prop_assert!(x >= last - slack, "{} after {} at {}", x, last, u);
            last = x;
        }
    }

    #[test]
    fn fill_is_quantile(spec in specs(), levels in prop::collection::vec(0.0..1.0_f64, 1..200)) {
        let law = law(spec);
        for vectors in [Vectors::widest(), Vectors::baseline()] {
            let mut draws = levels.clone();
            law.fill(vectors, &mut draws);
            for (u, x) in levels.iter().zip(draws) {
                prop_assert_eq!(law.quantile(*u).to_bits(), x.to_bits());
            }
        }
    }

    #[test]
    fn moments_are_those_of_the_quantiles(spec in specs()) {
        let law = law(spec);
        let (mean, sd) = (law.mean().unwrap(), law.sd().unwrap());
        let (near_mean, near_sd) = moments_of_quantiles(&law);
        prop_assert!((mean - near_mean).abs() <= 5e-3 * sd + 1e-12, "mean {} is not near {}", mean, near_mean);
        prop_assert!((sd - near_sd).abs() <= 5e-2 * sd + 1e-12, "sd {} is not near {}", sd, near_sd);
    }

    #[test]
    fn negation_mirrors(spec in specs(), u in 1e-9..1.0_f64) {
        // A level whose complement is exact, and no atom of a discrete law at its very edge.
        let u = (u * 1048576.0).floor() / 1048576.0 + f64::EPSILON;
        let mirrored = LawSpec { negate: !spec.negate, ..spec.clone() };
        prop_assert_eq!(law(mirrored).quantile(u), -law(spec).quantile(1.0 - u));
    }

    #[test]
    fn the_atom_has_its_mass(spec in specs()) {
        let zero = spec.zero;
        let law = law(spec);
        let n = 2000;
        let zeros = (0..n).filter(|&i| law.quantile((f64::from(i) + 0.5) / f64::from(n)) == 0.0).count();
        prop_assert!((zeros as f64 / f64::from(n) - zero).abs() <= 1.5 / f64::from(n));
    }
}
