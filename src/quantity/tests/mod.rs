//! Tests of laws through their public face.

mod faults;
mod known;
mod oracle;
mod properties;

use super::{Family, Law, LawSpec};

/// A family without modifiers.
fn plain(family: Family) -> LawSpec {
    LawSpec { family, min: None, max: None, negate: false, zero: 0.0 }
}

fn law(spec: LawSpec) -> Law {
    Law::new(spec).expect("a valid law")
}

#[track_caller]
fn assert_close(actual: f64, expected: f64, tolerance: f64) {
    let error = (actual - expected).abs();
    assert!(error <= tolerance, "{actual} is {error:e} off {expected}, tolerance {tolerance:e}");
}
