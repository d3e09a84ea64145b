//! Random numbers that depend on the seed, on the identity of what is drawn, on the trial and on the position
//! within the path, and on nothing else.
//!
//! A counter-based generator (Philox4x32-7; Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
//! 1, 2, 3", SC11) turns (key, trial, position) into 128 random bits. The key is a digest of the seed and the
//! identity. So any draw of any trial can be made alone, in any order, on any thread.

mod philox;
mod rows;
mod sobol;
mod stream;

use sha2::{Digest, Sha256};

pub use rows::{STEPS_A_CALL, Source, Trials, normals};
pub(crate) use rows::{UNIFORM_RANGE, uniform_of, uniforms_31_bits, uniforms_by_trial, uniforms_of_trials};
pub use sobol::Sampling;
pub(crate) use sobol::{Part, Quasi, uniforms};
pub use stream::Stream;

/// What all draws of one thing are keyed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key(pub(crate) [u32; 2]);

impl Key {
    /// The key of an identity under a seed: the first 64 bits of SHA-256 over both.
    pub fn new(seed: u64, identity: &str) -> Key {
        let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(identity).finalize();
        let word = |at: usize| u32::from_le_bytes([digest[at], digest[at + 1], digest[at + 2], digest[at + 3]]);
        Key([word(0), word(4)])
    }

    /// The uniform in (0, 1) of one trial at one position: the number that [`uniforms_by_trial`] and events
    /// draw, alone.
    pub(crate) fn uniform(self, trial: u64, position: u64) -> f64 {
        philox::to_unit(philox::words(self, trial, position))
    }
}
