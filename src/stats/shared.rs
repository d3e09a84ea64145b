//! What the histograms of one worker share.

use super::bin::BINS;
use super::store::Store;
use super::tray::Tray;
use crate::vector::Vectors;

/// Where they count, and where places that wait and counts are kept.
#[derive(Debug)]
pub(super) struct Shared {
    pub tray: Tray,
    pub places: Store,
    pub counts: Store,
}

impl Shared {
    /// For so many histograms, in which so many values wait altogether.
    pub fn new(vectors: Vectors, histograms: usize, waiting: usize) -> Shared {
        let octaves = OCTAVES * histograms;
        Shared { tray: Tray::new(vectors), places: Store::new(waiting), counts: Store::new(octaves * BINS) }
    }
}

/// A histogram has about so many.
const OCTAVES: usize = 5;
