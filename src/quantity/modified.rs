//! A continuous law with truncation, negation and the atom at zero.

use super::continuous::{Continuous, triangular, uniform};
use super::level::Level;
use super::logit_beta::{LogitBeta, Point};
use super::moments;
use super::table::{Spot, Table};
use super::window::Window;
use crate::vector::{Vectors, vectorised};

/// A continuous law with its modifiers.
#[derive(Clone, Debug)]
pub(super) struct Modified {
    base: Continuous,
    window: Option<Window>,
    /// The quantile function after truncation, where computing it takes longer than looking it up.
    table: Option<Table>,
    /// The interval after truncation.
    min: f64,
    max: f64,
    /// The numbers next to its ends, inside.
    ends: (f64, f64),
    negate: bool,
    atom: Option<Atom>,
}

/// The atom at zero and what is left on its two sides.
#[derive(Clone, Copy, Debug)]
struct Atom {
    mass: f64,
    /// The probability of draws below zero, and above.
    below: f64,
    above: f64,
}

impl Modified {
    /// Truncates `base` to `[min, max]`, turns the sign if asked to and puts the probability `zero < 1` at 0. None if
    /// the interval has probability 0.
    pub fn new(base: Continuous, min: Option<f64>, max: Option<f64>, negate: bool, zero: f64) -> Option<Modified> {
        let bounds = base.bounds();
        let (min, max) = (bounds.0.max(min.unwrap_or(bounds.0)), bounds.1.min(max.unwrap_or(bounds.1)));
        let window = if (min, max) == bounds { None } else { Some(Window::new(base.level(min), base.level(max))?) };
        let ends = (min.next_up(), max.next_down());
        let mut law = Modified { base, window, table: None, min, max, ends, negate, atom: None };
        law.table = law.tabulated();
        law.atom = (zero > 0.0).then(|| law.atom(zero));
        Some(law)
    }

    /// The value at probability `u`.
    #[inline]
    pub fn quantile(&self, u: f64) -> f64 {
        let level = self.asked(u);
        let tabulated = self.table.as_ref().map(|table| table.at(Table::spot(level)));
        self.given(u, tabulated.filter(|value| !value.is_nan()).unwrap_or_else(|| self.computed(level)))
    }

    /// Replaces uniforms by draws. Tables of many laws are not in the cache together: the cells of some draws are
    /// announced while those before them are read.
    pub fn fill(&self, vectors: Vectors, uniforms: &mut [f64]) {
        let Some(table) = &self.table else {
            return self.fill_quickly(vectors, uniforms);
        };
        let spots = &mut [Spots::default(), Spots::default()];
        let [now, next] = spots;
        let (mut now, mut next) = (now, next);
        now.find(vectors, self, table, uniforms);
        let mut rest = uniforms;
        while !rest.is_empty() {
            let (uniforms, later) = rest.split_at_mut(rest.len().min(AT_ONCE));
            next.find(vectors, self, table, later);
            self.fill_at(vectors, table, now, uniforms);
            std::mem::swap(&mut now, &mut next);
            rest = later;
        }
    }

    /// The same for a few, whose spots have been found. Their places become draws on the way.
    fn fill_at(&self, vectors: Vectors, table: &Table, spots: &mut Spots, uniforms: &mut [f64]) {
        let (cells, draws) = (&spots.cells[..uniforms.len()], &mut spots.places[..uniforms.len()]);
        for (cell, draw) in cells.iter().zip(&mut *draws) {
            *draw = table.at(Spot { cell: *cell as usize, place: *draw });
        }
        if give(vectors, self, uniforms, draws) {
            for (u, draw) in uniforms.iter().zip(&mut *draws).filter(|(_, draw)| draw.is_nan()) {
                *draw = self.given(*u, self.computed(self.asked(*u)));
            }
        }
        uniforms.copy_from_slice(draws);
    }

    /// The same for laws without a table.
    fn fill_quickly(&self, vectors: Vectors, uniforms: &mut [f64]) {
        match self.base {
            Continuous::Uniform { min, max } => fill_uniform(vectors, self, uniforms, (min, max)),
            Continuous::Triangular { min, mode, max } => fill_triangular(vectors, self, uniforms, (min, mode, max)),
            _ => uniforms.iter_mut().for_each(|u| *u = self.quantile(*u)),
        }
    }

    fn is_unmodified(&self) -> bool {
        self.window.is_none() && self.atom.is_none() && !self.negate
    }

    /// The level of the truncated law that is asked for at probability `u`. Any will do at the atom: which side a draw
    /// is on is a toss that no processor foresees, so that looking up a value in vain is quicker than not to.
    #[inline(always)]
    fn asked(&self, u: f64) -> Level {
        let level = match self.atom {
            None => Level::from_below(u),
            Some(atom) => {
                let (rest, above) = (1.0 - atom.mass, 1.0 - u);
                let (is_below, is_above) = (u <= atom.below, above < atom.above);
                let upper = if is_above { (rest - above, above) } else { (0.25 * rest, 0.75 * rest) };
                let (below, above) = if is_below { (u, rest - u) } else { upper };
                Level { below: below / rest, above: above / rest }
            }
        };
        if self.negate { level.mirrored() } else { level }
    }

    /// The draw at probability `u` from the value of the law there.
    #[inline(always)]
    fn given(&self, u: f64, value: f64) -> f64 {
        let value = self.inside(value);
        let value = if self.negate { -value } else { value };
        let Some(atom) = self.atom else { return value };
        let (is_below, is_above) = (u <= atom.below, 1.0 - u < atom.above);
        // The bounds mend the last digit, so that no draw lands on the wrong side of the atom.
        let value = if is_below & (value > 0.0) | is_above & (value < 0.0) { 0.0 } else { value };
        if is_below | is_above { value } else { 0.0 }
    }

    /// The smallest closed interval that holds the draws.
    pub fn support(&self) -> (f64, f64) {
        let (low, high) = self.signed_bounds();
        if self.atom.is_some() { (low.min(0.0), high.max(0.0)) } else { (low, high) }
    }

    /// Mean and standard deviation; not finite where they overflow.
    pub fn moments(&self) -> (f64, f64) {
        let (mean, sd) = match &self.window {
            None => self.base.moments(),
            Some(window) => moments::truncated(&self.base, window, (self.min, self.max), |level| self.truncated(level)),
        };
        let mean = if self.negate { -mean } else { mean };
        let zero = self.atom.map_or(0.0, |atom| atom.mass);
        let spread = if zero > 0.0 { zero.sqrt() * mean } else { 0.0 };
        ((1.0 - zero) * mean, (1.0 - zero).sqrt() * libm::hypot(sd, spread))
    }

    /// Whether the mean of `exp(X)` is infinite: the upper tail is endless and no thinner than that of an exponential
    /// law with mean 1.
    pub fn exp_mean_is_infinite(&self) -> bool {
        if self.signed_bounds().1 < f64::INFINITY {
            return false;
        }
        match self.base {
            Continuous::Lognormal { .. } | Continuous::StudentT { .. } => true,
            Continuous::Exponential { mean, .. } => mean >= 1.0,
            _ => false,
        }
    }

    fn signed_bounds(&self) -> (f64, f64) {
        if self.negate { (-self.max, -self.min) } else { (self.min, self.max) }
    }

    /// The value after truncation.
    fn truncated(&self, level: Level) -> f64 {
        let tabulated = self.table.as_ref().map(|table| table.at(Table::spot(level)));
        self.inside(tabulated.filter(|value| !value.is_nan()).unwrap_or_else(|| self.computed(level)))
    }

    /// The same before rounding is mended, and without the table. Not inlined: it would push the common way out of the
    /// registers.
    #[inline(never)]
    fn computed(&self, level: Level) -> f64 {
        self.base.quantile(self.outward(level))
    }

    /// The nearest value strictly between the ends: rounding must not make a draw what has probability 0. What is not a
    /// number stays so.
    #[inline(always)]
    fn inside(&self, value: f64) -> f64 {
        let (least, greatest) = self.ends;
        let not_above = if value > greatest { greatest } else { value };
        if value < least { least } else { not_above }
    }

    #[inline(always)]
    fn outward(&self, level: Level) -> Level {
        self.window.map_or(level, |window| window.outward(level))
    }

    fn atom(&self, zero: f64) -> Atom {
        let base = self.base.level(0.0_f64.clamp(self.min, self.max));
        let level = self.window.map_or(base, |window| window.inward(base));
        let level = if self.negate { level.mirrored() } else { level };
        Atom { mass: zero, below: (1.0 - zero) * level.below, above: (1.0 - zero) * level.above }
    }

    /// The table for the families that need one.
    fn tabulated(&self) -> Option<Table> {
        if self.base.is_quick() {
            return None;
        }
        let unit = self.window.map_or(1.0, |window| window.mass);
        let scale = self.scale();
        let Some(logit) = self.base.logit() else {
            return Some(Table::new(scale, |level| self.base.jet(self.outward(level), unit)));
        };
        let mut walk = Walk { logit, last: None };
        Some(Table::new(scale, |level| self.base.jet_at(logit, walk.to(self.outward(level)), unit)))
    }

    /// The distance that errors are measured against.
    fn scale(&self) -> f64 {
        match self.base {
            Continuous::Beta { .. } => self.base.moments().1,
            _ => self.truncated(Level::from_above(0.25)) - self.truncated(Level::from_below(0.25)),
        }
    }
}

/// So many draws are looked up together.
const AT_ONCE: usize = 64;

/// Where draws are to be looked up.
struct Spots {
    cells: [u64; AT_ONCE],
    places: [f64; AT_ONCE],
}

impl Default for Spots {
    fn default() -> Spots {
        Spots { cells: [0; AT_ONCE], places: [0.0; AT_ONCE] }
    }
}

impl Spots {
    /// Those of the first draws, whose cells are announced.
    fn find(&mut self, vectors: Vectors, law: &Modified, table: &Table, uniforms: &[f64]) {
        let uniforms = &uniforms[..uniforms.len().min(AT_ONCE)];
        let cells = &mut self.cells[..uniforms.len()];
        find_spots(vectors, law, uniforms, cells, &mut self.places[..uniforms.len()]);
        cells.iter().for_each(|cell| table.announce(*cell as usize));
    }
}

/// Replaces uniforms by draws, given the quantile function of the law without its modifiers. A law that has none has a
/// loop of its own: vectors would work out what they do to it all the same, from whatever stands in their place.
#[inline(always)]
fn fill_with(law: &Modified, uniforms: &mut [f64], quantile: impl Fn(Level) -> f64) {
    if law.is_unmodified() {
        uniforms.iter_mut().for_each(|u| *u = law.inside(quantile(Level::from_below(*u))));
    } else {
        uniforms.iter_mut().for_each(|u| *u = law.given(*u, quantile(law.outward(law.asked(*u)))));
    }
}

vectorised! {
    fn fill_uniform(law: &Modified, uniforms: &mut [f64], bounds: (f64, f64)) {
        fill_with(law, uniforms, |level| uniform(level, bounds.0, bounds.1));
    }
}

vectorised! {
    fn fill_triangular(law: &Modified, uniforms: &mut [f64], corners: (f64, f64, f64)) {
        fill_with(law, uniforms, |level| triangular(level, corners.0, corners.1, corners.2));
    }
}

vectorised! {
    /// Where draws are to be looked up: the cell of each, and its place there.
    fn find_spots(law: &Modified, uniforms: &[f64], cells: &mut [u64], places: &mut [f64]) {
        for (u, (cell, place)) in uniforms.iter().zip(cells.iter_mut().zip(places)) {
            let spot = Table::spot(law.asked(*u));
            (*cell, *place) = (spot.cell as u64, spot.place);
        }
    }
}

vectorised! {
    /// The draws from what was looked up. Tells whether any is not a number, as it was not in the table.
    fn give(law: &Modified, uniforms: &[f64], draws: &mut [f64]) -> bool {
        let mut any = false;
        for (u, draw) in uniforms.iter().zip(draws) {
            *draw = law.given(*u, *draw);
            any |= draw.is_nan();
        }
        any
    }
}

/// Finds neighbouring points of a law, each from the one before.
struct Walk<'a> {
    logit: &'a LogitBeta,
    last: Option<(Level, Point)>,
}

impl Walk<'_> {
    fn to(&mut self, level: Level) -> Point {
        let guess = self.last.and_then(|(from, point)| {
            let change = from.mass_to(level);
            (change.abs() < 0.1 * level.below.min(level.above)).then(|| self.logit.ahead(point, change))
        });
        let point = self.logit.point(level, guess);
        self.last = Some((level, point));
        point
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: [Continuous; 4] = [
        Continuous::Normal { mean: 2.0, sd: 3.0 },
        Continuous::Lognormal { median: 0.05, sigma: 0.6 },
        Continuous::Lognormal { median: 45.0, sigma: 1.5 },
        Continuous::Exponential { mean: 1.0, shift: -4.0 },
    ];

    fn engined() -> Vec<Continuous> {
        let betas = [(1.0, 5.0), (2.0, 3.0), (0.5, 0.5), (5.0, 1e6), (1900.0, 2500.0), (1e6, 1e6), (1e12, 1e12)];
        let dofs = [2.05, 3.0, 30.0, 1e5, 1e9];
        let betas = betas.map(|(alpha, beta)| Continuous::beta(alpha, beta, 0.0, 1.0));
        betas.into_iter().chain(dofs.map(|dof| Continuous::student_t(dof, 2.0, 3.0))).collect()
    }

    /// Levels within the table, off its nodes.
    fn levels() -> impl Iterator<Item = Level> {
        (0..2750)
            .map(|i| 0.5 * libm::exp(-0.003 * f64::from(i)))
            .flat_map(|p| [Level::from_below(p), Level::from_above(p)])
    }

    /// The greatest difference between table and inverse, in units of the scale or the distance from the median.
    fn table_error(law: &Modified) -> f64 {
        let (scale, median) = (law.scale(), law.truncated(Level::from_below(0.5)));
        let error = |level| {
            let exact = law.inside(law.base.quantile(law.outward(level)));
            (law.truncated(level) - exact).abs() / scale.max((exact - median).abs())
        };
        levels().map(error).fold(0.0, f64::max)
    }

    #[test]
    fn usual_laws_are_tabulated_nearly_all_over_and_closely() {
        for base in USUAL.into_iter().chain(engined()) {
            let law = Modified::new(base, None, None, false, 0.0).unwrap();
            let table = law.table.as_ref().unwrap();
            // The level 1/2 itself is the one that no cell begins with on the side above.
            let missing = levels().filter(|level| level.below != 0.5 && table.at(Table::spot(*level)).is_nan()).count();
            assert!(missing < 55, "{base:?}: {missing} of 5500");
            assert!(table_error(&law) < 1e-9, "{base:?}: {:e}", table_error(&law));
        }
    }

    #[test]
    fn nasty_laws_are_computed_where_the_table_is_not_close() {
        for (alpha, beta) in [(0.1, 0.1), (1e-3, 1.0), (1e-3, 1e6), (0.02, 30.0), (1e6, 0.05)] {
            let law = Modified::new(Continuous::beta(alpha, beta, 0.0, 1.0), None, None, false, 0.0).unwrap();
            assert!(table_error(&law) < 1e-9, "{alpha} {beta}: {:e}", table_error(&law));
        }
        for base in [Continuous::student_t(2.5, 0.0, 1.0), Continuous::Lognormal { median: 1.0, sigma: 8.0 }] {
            for (min, max) in [(Some(3.0), None), (Some(0.5), Some(0.6)), (Some(1.0), Some(4e3))] {
                let law = Modified::new(base, min, max, false, 0.0).unwrap();
                assert!(table_error(&law) < 1e-9, "{base:?} {min:?} {max:?}: {:e}", table_error(&law));
            }
        }
    }

    #[test]
    fn the_level_of_a_quantile_is_the_level() {
        let bounded = [
            Continuous::Uniform { min: 0.0, max: 4.0 },
            Continuous::Triangular { min: 0.0, mode: 0.0, max: 4.0 },
            Continuous::Triangular { min: 0.0, mode: 1.0, max: 4.0 },
        ];
        for base in USUAL.into_iter().chain(engined()).chain(bounded) {
            // Further out the ends of a bounded law are too far from 0 for doubles to tell levels apart.
            for p in [1e-4, 1e-2, 0.1, 0.4, 0.5] {
                let below = base.level(base.quantile(Level::from_below(p))).below;
                let above = base.level(base.quantile(Level::from_above(p))).above;
                assert!((below / p - 1.0).abs() < 1e-6, "{base:?} at {p}: {below}");
                assert!((above / p - 1.0).abs() < 1e-6, "{base:?} at {p} above: {above}");
            }
        }
        for base in USUAL.into_iter().take(1).chain(engined().into_iter().skip(7)) {
            for p in [1e-200, 1e-50, 1e-12, 0.3] {
                let below = base.level(base.quantile(Level::from_below(p))).below;
                let above = base.level(base.quantile(Level::from_above(p))).above;
                assert!(
                    (below / p - 1.0).abs().max((above / p - 1.0).abs()) < 1e-9,
                    "{base:?} at {p}: {below}, {above}"
                );
            }
        }
    }
}
