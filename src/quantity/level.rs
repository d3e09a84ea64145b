//! A probability together with its complement.

/// Where a value lies in a law: the probability below it and the probability above it.
///
/// The two add up to 1, but each is kept, so that neither tail loses digits: in the far upper tail `below` rounds
/// to 1 while `above` still tells values apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Level {
    pub below: f64,
    pub above: f64,
}

impl Level {
    /// Below all values, and above all.
    pub const BOTTOM: Level = Level { below: 0.0, above: 1.0 };
    pub const TOP: Level = Level { below: 1.0, above: 0.0 };

    #[inline(always)]
    pub fn from_below(below: f64) -> Level {
        Level { below, above: 1.0 - below }
    }

    #[inline]
    pub fn from_above(above: f64) -> Level {
        Level { below: 1.0 - above, above }
    }

    /// The level of the mirrored value in the mirrored law.
    #[inline(always)]
    pub fn mirrored(self) -> Level {
        Level { below: self.above, above: self.below }
    }

    /// The probability between two levels, from the tail that loses fewer digits.
    pub fn mass_to(self, upper: Level) -> f64 {
        if self.below <= self.above { upper.below - self.below } else { self.above - upper.above }
    }
}
