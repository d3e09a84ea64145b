//! Uniform draws of a step as 31-bit words, and which of them reach a probability.

use super::Scene;
use super::held::HeldByState;
use super::lane::{FEW_STATES, of_state};
use crate::draws::{Key, STEPS_A_CALL, UNIFORM_RANGE, uniforms_31_bits};
use crate::vector::vectorised;

/// Words of the current four steps, which are drawn at once.
#[derive(Default)]
pub(crate) struct Words {
    rows: [Vec<u32>; STEPS_A_CALL],
}

impl Words {
    /// Those of the scene's step. To be called in each step.
    pub fn of_step(&mut self, scene: &Scene, key: Key) -> &[u32] {
        let within_call = (scene.step - 1) % STEPS_A_CALL;
        if within_call == 0 {
            for row in &mut self.rows {
                row.resize(scene.lanes, 0);
            }
            let call = ((scene.step - 1) / STEPS_A_CALL) as u64;
            uniforms_31_bits(scene.vectors, scene.source(key), call, self.rows.each_mut().map(Vec::as_mut_slice));
        }
        &self.rows[within_call]
    }

    /// Those that [`Words::of_step`] gave last.
    pub fn current(&self, scene: &Scene) -> &[u32] {
        &self.rows[(scene.step - 1) % STEPS_A_CALL]
    }
}

/// A probability for each state as the greatest word whose uniform is below it: whole numbers are compared quicker.
#[derive(Default)]
pub(crate) struct Thresholds {
    rows: Vec<Vec<i32>>,
    /// One a state, where they are the same in all trials.
    constants: Option<[i32; FEW_STATES]>,
    flags: Vec<u8>,
}

impl Thresholds {
    pub fn set(&mut self, probabilities: &HeldByState) {
        self.constants = probabilities.constants().map(|constants| constants.map(threshold));
        if self.constants.is_some() {
            return;
        }
        self.rows.resize_with(probabilities.rows().count(), Vec::new);
        for (row, probabilities) in self.rows.iter_mut().zip(probabilities.rows()) {
            row.clear();
            row.extend(probabilities.iter().map(|probability| threshold(*probability)));
        }
    }

    /// Whether the uniform of one lane is below the probability in its state.
    #[inline]
    pub fn is_below(&self, word: u32, state: i32, lane: usize) -> bool {
        let threshold = match (self.constants, &self.rows[..]) {
            (Some(constants), _) => constants[(state as usize).min(FEW_STATES - 1)],
            (None, [row]) => row[lane],
            (None, rows) => rows[state as usize][lane],
        };
        word as i32 <= threshold
    }

    /// The lanes whose uniform is below the probability in their state, or those where it is not.
    pub fn sort_out(&mut self, scene: &Scene, words: &[u32], side: Side, lanes: &mut Vec<u32>) {
        self.flags.resize(scene.lanes, 0);
        let (flags, turn) = (&mut self.flags[..], u8::from(side == Side::Below));
        match (self.constants, &self.rows[..]) {
            (Some(constants), _) => exceed_constants(scene.vectors, flags, words, &scene.states, constants, turn),
            (None, [row]) => exceed(scene.vectors, flags, words, row, turn),
            (None, rows) => {
                for (lane, (flag, word)) in flags.iter_mut().zip(words).enumerate() {
                    *flag = u8::from(*word as i32 > rows[scene.states[lane] as usize][lane]) ^ turn;
                }
            }
        }
        lanes_flagged(scene.vectors, lanes, flags);
    }
}

/// Where a uniform is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Below,
    NotBelow,
}

/// Of a probability: the greatest word `w` with `(w + 1/2) / 2^31` below it. Exact, as nothing is rounded on the way.
/// Lanes beyond the last trial may hold any number.
fn threshold(probability: f64) -> i32 {
    let least_not_below = (probability * UNIFORM_RANGE - 0.5).ceil().max(0.0);
    if least_not_below < UNIFORM_RANGE { least_not_below as i32 - 1 } else { i32::MAX }
}

vectorised! {
    /// Lanes whose flag is 1 and not 0. How many there are among 64 no processor foresees, so eight are always taken,
    /// which mostly is all there are, and those beyond the last flagged are dropped.
    pub(super) fn lanes_flagged(lanes: &mut Vec<u32>, flags: &[u8]) {
        let (chunks, []) = flags.as_chunks::<64>() else { unreachable!("there are 64 lanes, or twice as many, or ..") };
        lanes.clear();
        for (first, chunk) in (0..).step_by(64).zip(chunks) {
            let mut left = chunk.as_chunks::<8>().0.iter().rev().fold(0, |bits, eight| bits << 8 | eight_bits(*eight));
            let flagged = lanes.len() + left.count_ones() as usize;
            lanes.extend_from_slice(&next_eight(first, &mut left));
            while left != 0 {
                lanes.extend_from_slice(&next_eight(first, &mut left));
            }
            lanes.truncate(flagged);
        }
    }
}

/// The places of the lowest eight bits, which are taken out; of any place where there are not so many.
#[inline(always)]
fn next_eight(first: u32, left: &mut u64) -> [u32; 8] {
    const HIGHEST: u64 = 1 << 63;
    std::array::from_fn(|_| {
        // With a bit that is surely there, zeros are counted by one instruction.
        let place = (*left | HIGHEST).trailing_zeros();
        *left &= left.wrapping_sub(1);
        first + place
    })
}

/// The flags as bits. The product has the `i`-th at `8 i + 7 j` for `j` from 1 to 8, all places different, of which one
/// is in the highest byte: `56 + i`.
#[inline(always)]
fn eight_bits(flags: [u8; 8]) -> u64 {
    u64::from_le_bytes(flags).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

vectorised! {
    /// Flags words above their threshold, or those that are not for a `turn` of 1.
    fn exceed(flags: &mut [u8], words: &[u32], thresholds: &[i32], turn: u8) {
        for ((flag, word), threshold) in flags.iter_mut().zip(words).zip(thresholds) {
            *flag = u8::from(*word as i32 > *threshold) ^ turn;
        }
    }
}

vectorised! {
    /// The same with a threshold a state.
    fn exceed_constants(flags: &mut [u8], words: &[u32], states: &[i32], thresholds: [i32; FEW_STATES], turn: u8) {
        for ((flag, word), state) in flags.iter_mut().zip(words).zip(states) {
            *flag = u8::from(*word as i32 > of_state(*state, thresholds)) ^ turn;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::uniform_of;
    use crate::plan::{Operand, StateOperand};
    use crate::vector::Vectors;

    #[test]
    fn thresholds_part_words_as_their_uniforms_are() {
        let probabilities =
            [f64::NAN, -2.0, 0.0, 1e-12, 0.25, 0.3, uniform_of(7), uniform_of(7).next_up(), 1.0 - 1e-12, 1.0, 2.0];
        for probability in probabilities {
            let threshold = threshold(probability);
            for word in
                [0, 6, 7, 8, 1 << 29, (1 << 29) - 1, 644_245_094, 644_245_095, i32::MAX as u32 - 1, i32::MAX as u32]
            {
                assert_eq!(word as i32 <= threshold, uniform_of(word) < probability, "{word} at {probability}");
            }
        }
    }

    /// Lanes of three states, in no order that repeats with a vector, with rows of numbers.
    fn scene(states: usize, rows: Vec<Vec<f64>>) -> Scene {
        const LANES: usize = 192;
        Scene {
            vectors: Vectors::widest(),
            first_trial: 0,
            picked: Vec::new(),
            lanes: LANES,
            step: 1,
            before: 0.0,
            now: 0.25,
            dt: 0.25,
            steps_per_year: 4,
            rows,
            options: Vec::new(),
            states: (0..LANES).map(|lane| (lane * lane / 7 % states) as i32).collect(),
            volatility: Vec::new(),
            starts: Vec::new(),
            quasi: None,
        }
    }

    /// Words for all lanes: the least and the greatest one, those about the threshold of each lane and of each state,
    /// and random ones.
    fn words(scene: &Scene, probability: impl Fn(i32, usize) -> f64, states: usize) -> Vec<Vec<u32>> {
        let near = |threshold: i32, by: i64| (i64::from(threshold) + by).clamp(0, i64::from(i32::MAX)) as u32;
        let about = |state: &dyn Fn(usize) -> i32, by: i64| -> Vec<u32> {
            (0..scene.lanes).map(|lane| near(threshold(probability(state(lane), lane)), by)).collect()
        };
        let mut all = vec![vec![0; scene.lanes], vec![i32::MAX as u32; scene.lanes]];
        for by in -1..=2 {
            all.push(about(&|lane| scene.states[lane], by));
            all.extend((0..states).map(|state| about(&|_| state as i32, by)));
        }
        let mut drawn = Words::default();
        drawn.of_step(scene, Key::new(1, "words"));
        all.extend(drawn.rows);
        all
    }

    /// All lanes at once, compared by vectors, must be told apart as one lane alone and as the uniforms themselves are.
    #[test]
    fn one_lane_is_below_where_all_lanes_are_sorted_so() {
        let row = |first: usize| {
            let edges = [0.0, 1.0, 0.5, 0.3, uniform_of(7), uniform_of(7).next_up(), 1e-12, 1.0 - 1e-12, f64::NAN, 2.0];
            (0..192).map(|lane| edges[(lane + first) % edges.len()]).collect::<Vec<f64>>()
        };
        let rows = [row(0), row(3), row(4), row(8), row(9)];
        let [a, b, c, d, e] = [0.3, 0.0, 0.7, 1.0, 0.45].map(Operand::Constant);
        let [v, w, x, y, z] = [0, 1, 2, 3, 4].map(Operand::Row);
        for operand in [
            StateOperand::Same(a),
            StateOperand::Same(v),
            StateOperand::Each(vec![a, b]),
            StateOperand::Each(vec![a, b, c]),
            StateOperand::Each(vec![a, b, c, d]),
            StateOperand::Each(vec![a, b, c, d, e]),
            StateOperand::Each(vec![v, w]),
            StateOperand::Each(vec![a, w, x]),
            StateOperand::Each(vec![v, w, x, d, z]),
            StateOperand::Each(vec![v, w, x, y, e]),
        ] {
            let (states, of_state) = match &operand {
                StateOperand::Same(same) => (3, vec![*same; 3]),
                StateOperand::Each(each) => (each.len(), each.clone()),
            };
            let scene = scene(states, rows.to_vec());
            let mut probabilities = HeldByState::default();
            probabilities.set(&scene, &operand, |probability| probability);
            let mut thresholds = Thresholds::default();
            thresholds.set(&probabilities);
            let probability = |state: i32, lane: usize| scene.value(of_state[state as usize], lane);
            for words in words(&scene, probability, states) {
                let mut sides = [Side::Below, Side::NotBelow].map(|side| (side, Vec::new()));
                for (side, lanes) in &mut sides {
                    thresholds.sort_out(&scene, &words, *side, lanes);
                }
                for (lane, (&word, &state)) in words.iter().zip(&scene.states).enumerate() {
                    let is_below = thresholds.is_below(word, state, lane);
                    assert_eq!(
                        is_below,
                        uniform_of(word) < probability(state, lane),
                        "{word} in {state} of {operand:?}"
                    );
                    for (side, lanes) in &sides {
                        let is_on_it = is_below == (*side == Side::Below);
                        assert_eq!(lanes.contains(&(lane as u32)), is_on_it, "{word} in {state} of {operand:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn flagged_lanes_come_in_order() {
        let mut flags = [0; 128];
        let mut lanes = Vec::new();
        lanes_flagged(Vectors::widest(), &mut lanes, &flags);
        assert!(lanes.is_empty());
        for flagged in
            [&[0, 7, 8, 63, 64, 127][..], &(0..128).collect::<Vec<_>>(), &(0..128).step_by(3).collect::<Vec<_>>()]
        {
            flags.fill(0);
            flagged.iter().for_each(|&lane| flags[lane as usize] = 1);
            lanes_flagged(Vectors::widest(), &mut lanes, &flags);
            assert_eq!(lanes, flagged);
        }
    }
}
