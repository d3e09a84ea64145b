//! The engine against a second, scalar writing of its model.

mod model;
mod text;
mod worlds;

use proptest::prelude::*;

use model::World;
use worlds::Dice;

/// The engine's path of a world is the reference's.
#[track_caller]
fn agree(world: &World) {
    let text = world.text();
    let reference = world.values();
    let engine = text::simulated(&text, 1, reference[0].len()).remove(0);
    let shape = |values: &[Vec<f64>]| values.iter().map(Vec::len).collect::<Vec<usize>>();
    assert_eq!(shape(&engine), shape(&reference), "{text}");
    for period in 0..reference[0].len() {
        // A balance is compared at the size of what it is the difference of.
        let total = reference[model::FLOWS.len() + 2][period];
        for (measure, row) in reference.iter().enumerate() {
            let (found, due) = (engine[measure][period], row[period]);
            let size = if measure == model::FLOWS.len() + 3 { total } else { due };
            let is_near = (found - due).abs() <= 1e-9 * size;
            assert!(is_near, "measure {measure}, period {period}: {found} instead of {due}\n{text}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        rng_seed: prop::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn worlds_without_chance_take_the_path_of_the_reference(numbers in prop::collection::vec(0.0..1.0, 240)) {
        agree(&Dice { numbers: &numbers, used: 0 }.world());
    }
}
