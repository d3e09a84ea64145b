//! Truncation: a continuous law conditioned on an interval.

use super::level::Level;

/// The levels of the ends of the interval in the law before truncation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    lower: Level,
    upper: Level,
    /// The probability of the interval.
    pub mass: f64,
}

/// A probability below this has too few digits left to be conditioned on.
const LEAST_MASS: f64 = 1e-300;

impl Window {
    /// The window between two levels, if its probability is above zero.
    pub fn new(lower: Level, upper: Level) -> Option<Window> {
        let mass = lower.mass_to(upper);
        (mass >= LEAST_MASS).then_some(Window { lower, upper, mass })
    }

    /// From a level of the truncated law to the level of the same value in the law before truncation.
    #[inline(always)]
    pub fn outward(&self, level: Level) -> Level {
        Level { below: self.lower.below + level.below * self.mass, above: self.upper.above + level.above * self.mass }
    }

    /// The other way, for values within the window.
    pub fn inward(&self, level: Level) -> Level {
        Level { below: self.lower.mass_to(level) / self.mass, above: level.mass_to(self.upper) / self.mass }
    }
}
