//! Each fault is found, at the key that the author must mend.

use super::super::{Family, Law, LawSpec};
use super::plain;

#[track_caller]
fn check(spec: LawSpec, key: &str, problem: &str) {
    let error = Law::new(spec).expect_err("a faulty law");
    assert_eq!((error.key, error.problem.as_str()), (key, problem));
}

#[test]
fn parameters_out_of_range() {
    let normal = |mean, sd| plain(Family::Normal { mean, sd });
    check(normal(0.0, -1.0), "sd", "must be at least 0, but is -1");
    check(normal(f64::NAN, 1.0), "mean", "must be a finite number, not NaN");
    check(normal(0.0, f64::INFINITY), "sd", "must be a finite number, not inf");
    check(plain(Family::Lognormal { median: 0.0, sigma: 1.0 }), "median", "must be above 0, but is 0");
    check(plain(Family::Lognormal { median: 1.0, sigma: -0.5 }), "sigma", "must be at least 0, but is -0.5");
    check(plain(Family::LognormalMoments { mean: -1.0, sd: 1.0 }), "mean", "must be above 0, but is -1");
    let beta = |alpha, beta| plain(Family::Beta { alpha, beta, min: 0.0, max: 1.0 });
    check(beta(0.0, 1.0), "alpha", "must be above 0, but is 0");
    check(beta(1.0, 1e13), "beta", "must be at most 1e12, but is 1e13; the law is next to a constant there");
    let pert = plain(Family::Pert { min: 0.0, mode: 1.0, max: 2.0, shape: 0.0 });
    check(pert, "shape", "must be above 0, but is 0");
    let student_t = plain(Family::StudentT { dof: 2.0, mean: 0.0, sd: 1.0 });
    check(student_t, "dof", "must be above 2, or the law has no sd, but is 2");
    check(plain(Family::Exponential { mean: -1.0, shift: 0.0 }), "mean", "must be at least 0, but is -1");
}

#[test]
fn bounds_out_of_order() {
    let problem = "is above `max` (3 > 2); swap the two or correct one";
    check(plain(Family::Uniform { min: 3.0, max: 2.0 }), "min", problem);
    let normal = plain(Family::Normal { mean: 0.0, sd: 1.0 });
    check(LawSpec { min: Some(3.0), max: Some(2.0), ..normal }, "min", problem);
    let triangular = plain(Family::Triangular { min: 0.0, mode: 3.0, max: 2.0 });
    check(triangular, "mode", "must be between `min` and `max`, here 0 and 2, but is 3");
}

#[test]
fn percentiles_out_of_order() {
    check(
        plain(Family::NormalPercentiles([(5.0, 8.0), (95.0, 2.0)])),
        "percentiles",
        "p95 (2) must be above p5 (8); swap the values, or write one number if it is certain",
    );
    check(
        plain(Family::NormalPercentiles([(5.0, 1.0), (100.0, 2.0)])),
        "percentiles",
        "p100 is no percentile; its number must be between 0 and 100",
    );
    check(
        plain(Family::LognormalPercentiles([(2.5, -1.0), (97.5, 2.0)])),
        "percentiles",
        "a lognormal law has values above 0 only, but its p2.5 is -1; give positive percentiles or use \
         `dist = \"normal\"`",
    );
    check(
        plain(Family::NormalPercentiles([(50.0, 1.0), (50.0, 2.0)])),
        "percentiles",
        "p50 and p50 must be two different levels, the lower one first",
    );
}

#[test]
fn discrete_laws() {
    let discrete = |values: &[f64], weights: &[f64]| {
        plain(Family::Discrete { values: values.to_vec(), weights: weights.to_vec() })
    };
    check(discrete(&[], &[]), "values", "is empty; give at least one value");
    check(discrete(&[1.0, 2.0], &[1.0]), "weights", "has 1 weights for 2 values; give one weight for each");
    check(discrete(&[1.0, 2.0], &[0.0, 0.0]), "weights", "are all 0; at least one must be above 0");
    check(discrete(&[1.0, 2.0], &[2.0, -1.0]), "weights", "must be at least 0, but is -1");
}

#[test]
fn modifiers() {
    let uniform = plain(Family::Uniform { min: 0.0, max: 1.0 });
    check(
        LawSpec { max: Some(0.5), ..uniform },
        "max",
        "cannot truncate a law that has bounds of its own; change those",
    );
    let lognormal = plain(Family::Lognormal { median: 1.0, sigma: 1.0 });
    check(
        LawSpec { max: Some(-1.0), ..lognormal.clone() },
        "max",
        "the law has no probability in the interval up to -1; widen it or move the law",
    );
    check(
        LawSpec { min: Some(2.0), max: Some(2.0), ..lognormal.clone() },
        "min",
        "the law has no probability in the interval from 2 to 2; widen it or move the law",
    );
    check(
        LawSpec { min: Some(5.0), ..plain(Family::Constant { value: 4.0 }) },
        "min",
        "the law has no probability in the interval from 5 up; widen it or move the law",
    );
    check(LawSpec { zero: 1.5, ..lognormal }, "zero", "is a probability and must be between 0 and 1, but is 1.5");
}
