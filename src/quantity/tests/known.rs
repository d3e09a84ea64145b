//! Known answers: closed forms, and values computed with mpmath 1.4 to 30 digits.

use super::super::{Family, LawSpec, inverse_normal, normal_cdf};
use super::{assert_close, law, plain};

/// Checks quantiles against `(u, value)`, to 1e-9 of the scale given.
#[track_caller]
fn check_quantiles(spec: LawSpec, scale: f64, expected: &[(f64, f64)]) {
    let law = law(spec);
    for &(u, value) in expected {
        assert_close(law.quantile(u), value, 1e-9 * scale);
    }
}

/// Checks mean and sd to 1e-9 of the larger.
#[track_caller]
fn check_moments(spec: LawSpec, mean: f64, sd: f64) {
    let law = law(spec);
    let tolerance = 1e-9 * sd.max(mean.abs());
    assert_close(law.mean().unwrap(), mean, tolerance);
    assert_close(law.sd().unwrap(), sd, tolerance);
}

fn standard_normal() -> LawSpec {
    plain(Family::Normal { mean: 0.0, sd: 1.0 })
}

fn lognormal(sigma: f64) -> LawSpec {
    plain(Family::Lognormal { median: 1.0, sigma })
}

fn student_t(dof: f64) -> LawSpec {
    plain(Family::StudentT { dof, mean: 0.0, sd: 1.0 })
}

fn beta(alpha: f64, beta: f64) -> LawSpec {
    plain(Family::Beta { alpha, beta, min: 0.0, max: 1.0 })
}

#[test]
fn normal_functions() {
    assert_close(normal_cdf(-6.0), 9.865_876_450_376_98e-10, 1e-23);
    assert_close(inverse_normal(1e-9), -5.997_807_015_007_687, 1e-14);
    assert_close(inverse_normal(0.975), 1.959_963_984_540_054, 1e-15);
    assert_eq!(inverse_normal(0.5), 0.0);
    for x in [-37.0, -8.0, -1.0, -1e-3, 0.3, 2.0, 5.0] {
        assert_close(inverse_normal(normal_cdf(x)), x, 1e-10);
    }
}

#[test]
fn quantiles_of_each_family() {
    check_quantiles(
        standard_normal(),
        1.0,
        &[(0.5, 0.0), (0.975, 1.959_963_984_540_054), (0.02, -2.053_748_910_631_823)],
    );
    let at_two_sigma = (-1.2_f64).exp();
    check_quantiles(lognormal(0.6), 1.0, &[(0.5, 1.0), (0.022_750_131_948_179_21, at_two_sigma)]);
    check_quantiles(plain(Family::Uniform { min: -1.0, max: 3.0 }), 1.0, &[(0.25, 0.0), (0.75, 2.0)]);
    let triangular = plain(Family::Triangular { min: 0.0, mode: 1.0, max: 4.0 });
    check_quantiles(triangular, 1.0, &[(0.25, 1.0), (0.0625, 0.5), (0.8125, 4.0 - 1.5)]);
    let exponential = plain(Family::Exponential { mean: 2.0, shift: 1.0 });
    check_quantiles(exponential, 1.0, &[(0.5, 1.0 + 2.0 * 2_f64.ln()), (1.0 - 1e-6, 1.0 + 12.0 * 10_f64.ln())]);
    check_quantiles(beta(2.5, 4.0), 0.1, &[(0.3, 0.274_034_246_901_000_25), (1e-6, 0.001_369_977_339_707_562_4)]);
    check_quantiles(beta(0.05, 3.0), 0.1, &[(0.999, 0.653_534_119_561_883_3)]);
    check_quantiles(beta(300.0, 200.0), 0.02, &[(0.01, 0.548_557_694_608_692_9)]);
    // A PERT law on [10, 20] with its mode at 12 is Beta(1.8, 4.2).
    let pert = plain(Family::Pert { min: 10.0, mode: 12.0, max: 20.0, shape: 4.0 });
    check_quantiles(pert, 1.0, &[(0.9, 15.453_340_504_335_818)]);
    check_quantiles(student_t(3.0), 1.0, &[(0.025, -1.837_386_231_037_08), (0.975, 1.837_386_231_037_08)]);
    check_quantiles(student_t(2.5), 1e-2, &[(1e-10, -3_920.022_941_863_088)]);
    check_quantiles(student_t(30.0), 1.0, &[(0.2, -0.824_817_535_969_533_4)]);
    check_quantiles(student_t(1e5), 1.0, &[(0.2, -0.841_616_411_706_539_2)]);
    check_quantiles(student_t(1e9), 1.0, &[(0.2, -0.841_621_233_572_914_2)]);
}

#[test]
fn descriptions_by_percentiles_and_moments() {
    let normal = plain(Family::NormalPercentiles([(5.0, 2.0), (90.0, 8.0)]));
    check_quantiles(normal, 1.0, &[(0.05, 2.0), (0.9, 8.0)]);
    let wide = plain(Family::LognormalPercentiles([(2.5, 0.5), (97.5, 8.0)]));
    check_quantiles(wide, 1.0, &[(0.025, 0.5), (0.5, 2.0), (0.975, 8.0)]);
    check_moments(plain(Family::LognormalMoments { mean: 45.0, sd: 30.0 }), 45.0, 30.0);
}

#[test]
fn moments_in_closed_form() {
    check_moments(lognormal(0.5), 0.125_f64.exp(), 0.125_f64.exp() * 0.25_f64.exp_m1().sqrt());
    check_moments(plain(Family::Uniform { min: 2.0, max: 8.0 }), 5.0, 3_f64.sqrt());
    check_moments(plain(Family::Triangular { min: 0.0, mode: 0.0, max: 6.0 }), 2.0, 2_f64.sqrt());
    check_moments(beta(2.0, 3.0), 0.4, 0.2);
    check_moments(
        plain(Family::Pert { min: 0.0, mode: 2.0, max: 6.0, shape: 4.0 }),
        14.0 / 6.0,
        (77.0_f64 / 63.0).sqrt(),
    );
    check_moments(plain(Family::Exponential { mean: 2.0, shift: 1.0 }), 3.0, 2.0);
    check_moments(student_t(2.5), 0.0, 1.0);
    let dice = Family::Discrete { values: vec![3.0, 1.0, 2.0], weights: vec![1.0, 1.0, 1.0] };
    check_moments(plain(dice), 2.0, (2.0_f64 / 3.0).sqrt());
}

#[test]
fn moments_of_truncated_laws() {
    check_moments(LawSpec { min: Some(0.0), ..standard_normal() }, 0.797_884_560_802_865_4, 0.602_810_275_265_573_7);
    check_moments(LawSpec { min: Some(10.0), ..standard_normal() }, 10.098_093_233_963, 0.097_187_333_671_145);
    let between = LawSpec { min: Some(-1.0), max: Some(0.5), ..standard_normal() };
    check_moments(between, -0.206_631_218_061_53, 0.415_660_028_252_05);
    let cut = LawSpec { min: Some(0.2), max: Some(50.0), ..lognormal(1.5) };
    check_moments(cut, 3.106_296_644_937_2, 5.195_132_115_300_7);
    check_moments(LawSpec { max: Some(3.0), ..lognormal(1.5) }, 0.887_781_298_946_7, 0.761_864_308_716_62);
    check_moments(LawSpec { min: Some(1.1), ..lognormal(0.05) }, 1.121_505_067_037_2, 0.019_687_504_978_89);
    check_moments(LawSpec { min: Some(1.0), ..student_t(2.1) }, 1.954_553_812_232_1, 4.322_014_730_382_4);
    check_moments(LawSpec { min: Some(1.0), ..student_t(5.0) }, 1.633_276_768_846_5, 0.714_219_402_430_58);
    let short = LawSpec { max: Some(1.0), ..plain(Family::Exponential { mean: 1.0, shift: 0.0 }) };
    check_moments(short, 0.418_023_293_130_67, 0.281_649_437_762_99);
}

#[test]
fn moments_with_negation_and_atom() {
    // Mean 3 and sd 2 with probability 3/4: variance 3/4 * 4 + 1/4 * 3/4 * 9.
    let spec = LawSpec { negate: true, zero: 0.25, ..plain(Family::Exponential { mean: 2.0, shift: 1.0 }) };
    check_moments(spec, -2.25, 4.6875_f64.sqrt());
}

#[test]
fn moments_beyond_the_largest_double_do_not_exist() {
    let law = law(lognormal(40.0));
    assert_eq!((law.mean(), law.sd()), (None, None));
}

#[test]
fn truncation_far_in_a_tail() {
    let upper = LawSpec { min: Some(10.0), ..standard_normal() };
    check_quantiles(upper, 0.1, &[(0.5, 10.068_411_836_081_43)]);
    let lower = LawSpec { max: Some(-10.0), ..standard_normal() };
    check_quantiles(lower, 0.1, &[(0.5, -10.068_411_836_081_43)]);
    check_quantiles(LawSpec { min: Some(10.0), ..student_t(4.0) }, 1.0, &[(0.5, 11.921_000_374_904_255)]);
    // An exponential law has no memory.
    let far = LawSpec { min: Some(300.0), ..plain(Family::Exponential { mean: 1.0, shift: 0.0 }) };
    check_quantiles(far, 1.0, &[(0.5, 300.0 + 2_f64.ln())]);
}

#[test]
fn the_atom_stands_at_its_place_among_the_values() {
    let spec = LawSpec { zero: 0.5, ..plain(Family::Uniform { min: -1.0, max: 3.0 }) };
    check_quantiles(spec, 1.0, &[(0.0625, -0.5), (0.13, 0.0), (0.62, 0.0), (0.8125, 1.5)]);
    let negative = LawSpec { zero: 0.25, negate: true, ..plain(Family::Exponential { mean: 1.0, shift: 0.0 }) };
    check_quantiles(negative, 1.0, &[(0.375, -(2_f64.ln())), (0.7501, 0.0), (0.999, 0.0)]);
    let positive = LawSpec { zero: 0.25, ..plain(Family::Exponential { mean: 1.0, shift: 0.0 }) };
    check_quantiles(positive, 1.0, &[(0.001, 0.0), (0.2499, 0.0), (0.625, 2_f64.ln())]);
}

#[test]
fn discrete_quantiles_and_modifiers() {
    let spec = plain(Family::Discrete { values: vec![5.0, -1.0, 2.0, 2.0], weights: vec![2.0, 1.0, 0.5, 0.5] });
    check_quantiles(
        spec.clone(),
        1.0,
        &[(0.1, -1.0), (0.25, -1.0), (0.2501, 2.0), (0.5, 2.0), (0.51, 5.0), (0.99, 5.0)],
    );
    assert_eq!(law(spec.clone()).support(), (-1.0, 5.0));
    // Without 5 there are -1 and 2 with a half each; negated, and with an atom of a half between them.
    let spec = LawSpec { max: Some(4.0), negate: true, zero: 0.5, ..spec };
    check_quantiles(spec, 1.0, &[(0.2, -2.0), (0.3, 0.0), (0.74, 0.0), (0.76, 1.0)]);
}

#[test]
fn constants() {
    let constants = [
        Family::Constant { value: 4.0 },
        Family::Normal { mean: 4.0, sd: 0.0 },
        Family::Lognormal { median: 4.0, sigma: 0.0 },
        Family::LognormalMoments { mean: 4.0, sd: 0.0 },
        Family::Uniform { min: 4.0, max: 4.0 },
        Family::Triangular { min: 4.0, mode: 4.0, max: 4.0 },
        Family::Pert { min: 4.0, mode: 4.0, max: 4.0, shape: 4.0 },
        Family::Beta { alpha: 2.0, beta: 3.0, min: 4.0, max: 4.0 },
        Family::Exponential { mean: 0.0, shift: 4.0 },
        Family::StudentT { dof: 3.0, mean: 4.0, sd: 0.0 },
        Family::Discrete { values: vec![4.0, 7.0], weights: vec![2.0, 0.0] },
    ];
    for family in constants {
        let law = law(LawSpec { negate: true, ..plain(family) });
        assert_eq!((law.constant(), law.mean(), law.sd()), (Some(-4.0), Some(-4.0), Some(0.0)));
        assert_eq!((law.quantile(0.3), law.support()), (-4.0, (-4.0, -4.0)));
    }
    assert_eq!(law(LawSpec { zero: 1.0, ..standard_normal() }).constant(), Some(0.0));
    assert_eq!(law(LawSpec { zero: 0.5, ..plain(Family::Constant { value: 4.0 }) }).constant(), None);
    assert_eq!(law(standard_normal()).constant(), None);
}

#[test]
fn supports() {
    let half = law(LawSpec { min: Some(0.0), negate: true, ..standard_normal() });
    assert_eq!(half.support(), (f64::NEG_INFINITY, 0.0));
    let atom = law(LawSpec { zero: 0.5, ..plain(Family::Uniform { min: 1.0, max: 2.0 }) });
    assert_eq!(atom.support(), (0.0, 2.0));
    assert_eq!(law(lognormal(1.0)).support(), (0.0, f64::INFINITY));
}

#[test]
fn ends_are_not_drawn() {
    // Probabilities at which rounding, or underflow, would yield an end.
    let wide = law(lognormal(300.0));
    assert!(wide.quantile(1e-300) > 0.0 && wide.quantile(1.0 - 1e-16).is_finite());
    let share = law(LawSpec { min: Some(0.0), max: Some(1.0), ..standard_normal() });
    assert!(share.quantile(1e-300) > 0.0 && share.quantile(1.0 - 1e-16) < 1.0);
    let flat = law(beta(1e-3, 1e-3));
    assert!(flat.quantile(0.1) > 0.0 && flat.quantile(0.9) < 1.0);
}

#[test]
fn endless_upper_tails_of_exp() {
    let exponential = |mean| plain(Family::Exponential { mean, shift: 0.0 });
    let cases = [
        (lognormal(0.1), true),
        (LawSpec { max: Some(9.0), ..lognormal(0.1) }, false),
        (LawSpec { negate: true, ..lognormal(0.1) }, false),
        (exponential(1.0), true),
        (exponential(0.99), false),
        (LawSpec { negate: true, ..exponential(5.0) }, false),
        (LawSpec { min: Some(0.0), ..student_t(5.0) }, true),
        (LawSpec { max: Some(0.0), ..student_t(5.0) }, false),
        (LawSpec { max: Some(0.0), negate: true, ..student_t(5.0) }, true),
        (LawSpec { zero: 1.0, ..student_t(5.0) }, false),
        (standard_normal(), false),
    ];
    for (spec, infinite) in cases {
        assert_eq!(law(spec.clone()).exp_mean_is_infinite(), infinite, "{spec:?}");
    }
}
