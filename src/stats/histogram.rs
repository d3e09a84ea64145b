//! Counts of values in bins of equal relative width.
//!
//! A bin is an interval of the floating-point numbers with the same sign, exponent and first ten bits of the
//! mantissa: 1,024 bins an octave, each at most 0.098 % wide. So the bin of a value is a shift of its bits, and
//! any value read from its bin is within 0.098 % of it. Magnitudes below 1e-9 count as 0.

use super::bin::{OCTAVE, SIGN, Side, Sides, lower_bound, magnitude};
use super::survey::{Deviations, Signs, Survey, Value};
use super::tray::Tray;
use super::window::{MOST_TAKEN, Window};
use super::{Merge, Moments};
use crate::vector::{LINE, Vectors, fetch, fetch_line};

/// Whether a law may have atoms, values that have a probability of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It has none but at 0: only counts are kept.
    Smooth,
    /// It may: each bin remembers its value as long as there is but one.
    Atoms,
}

/// Counts of one number's values. Its memory grows with the spread of the values, not with their number.
///
/// Values wait as the places of their bins until there are many of them: one histogram among hundreds is not in the
/// cache, and counting thousands of values at once brings it there once.
#[derive(Clone, Debug)]
pub struct Histogram {
    waiting: Waiting,
    /// The values that wait, where there may be atoms.
    atoms: Vec<f64>,
    zeros: u64,
    counts: Window,
    /// How many may wait, as far as they have one sign.
    room: usize,
}

/// Places of values: see [`Survey`]. On a line of memory of its own, which is all that most rows need of a histogram.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Waiting {
    kind: Kind,
    /// How many may wait.
    most: usize,
    /// The first `count` of them in use.
    places: Vec<u16>,
    count: usize,
    /// The bin before the first that has a place.
    before: u32,
    /// Least and greatest bin of those that wait, zero aside.
    span: (u32, u32),
    /// Whether any counts as zero, and on which sides the others lie.
    has_zero: bool,
    sides: Sides,
    /// What rows to come are like, judging from those before.
    expected: Signs,
}

/// So many times more may wait where values have either sign: they spread over more bins, and all of those are gone
/// through each time.
const MORE_OF_EITHER_SIGN: usize = 4;

/// Places that a processor can wait for at once, without standing still: 16 lines of them.
const ON_THEIR_WAY: usize = 16 * LINE / size_of::<u16>();

/// Bins left free above the values from which the places were chosen.
const HEADROOM: u32 = 8 * OCTAVE;

impl Histogram {
    /// An empty histogram in which up to `room` values may wait to be counted, or more of either sign. It counts to
    /// 2^31 in a bin.
    pub fn new(kind: Kind, room: usize) -> Histogram {
        let room = room.min(MOST_TAKEN);
        let (counts, waiting) = (Window::default(), Waiting::new(kind, room));
        Histogram { waiting, atoms: Vec::new(), zeros: 0, counts, room }
    }

    /// Adds values, at least one, and gives their moments, which the same pass finds. They are counted by the next
    /// [`Histogram::settle`] at the latest.
    pub fn push<V: Value>(&mut self, tray: &mut Tray, values: &[V]) -> Moments {
        let mut moments = Moments::default();
        for values in values.chunks(MOST_TAKEN) {
            let deviations = self.push_some(tray, values);
            moments.merge(&Moments::from_deviations(values.len(), values[0].double(), deviations));
        }
        moments
    }

    fn push_some<V: Value>(&mut self, tray: &mut Tray, values: &[V]) -> Deviations {
        if self.waiting.kind == Kind::Atoms && are_alike(values) {
            self.count_at_once(tray.vectors, &values[..1], values.len() as u16);
            return Deviations::default();
        }
        if self.waiting.count + values.len() > self.waiting.most {
            self.settle(tray);
        }
        let mut survey = self.waiting.survey(tray.vectors, values);
        if !self.waiting.has_places_for(&survey) {
            self.settle(tray);
            self.waiting.move_to(&survey);
            if !self.waiting.has_places_for(&survey) {
                self.count_at_once(tray.vectors, values, 1);
                return survey.deviations;
            }
            survey = self.waiting.survey(tray.vectors, values);
        }
        self.waiting.admit(&survey, values.len());
        if self.waiting.kind == Kind::Atoms {
            self.atoms.extend(values.iter().map(|value| value.double()));
        }
        survey.deviations
    }

    /// Counts values that come so many times each, past those that wait.
    fn count_at_once<V: Value>(&mut self, vectors: Vectors, values: &[V], times: u16) {
        let bins = || values.iter().map(|value| (magnitude(value.single()), side(*value))).filter(|(bin, _)| *bin > 0);
        if let (Some((least, _)), Some((greatest, _))) = (bins().min_by_key(|it| it.0), bins().max_by_key(|it| it.0)) {
            let sides = Side::ALL.map(|side| bins().any(|it| it.1 == side));
            self.counts.make_room(vectors, least..=greatest, sides, values.len() * usize::from(times));
        }
        for &value in values {
            let bin = magnitude(value.single());
            if bin == 0 {
                self.zeros += u64::from(times);
                continue;
            }
            self.counts.add(side(value), bin, times);
            if self.waiting.kind == Kind::Atoms {
                self.counts.learn(side(value), bin, value.double());
            }
        }
    }

    /// Counts what waits.
    pub fn settle(&mut self, tray: &mut Tray) {
        let Waiting { before, span: (least, greatest), sides, .. } = self.waiting;
        let places = &self.waiting.places[..self.waiting.count];
        if sides == NEITHER {
            self.zeros += places.len() as u64;
        } else {
            self.counts.make_room(tray.vectors, least..=greatest, sides, places.len());
            tray.count(places, &self.counts, least..=greatest);
            if self.waiting.has_zero {
                self.zeros += tray.take_zeros();
            }
            for side in Side::ALL.into_iter().filter(|side| sides[*side as usize]) {
                tray.move_counts(side, least - before..=greatest - before, least, &mut self.counts);
            }
            if self.waiting.kind == Kind::Atoms {
                self.counts.learn_all(places, before, &self.atoms);
            }
        }
        if sides == BOTH && self.waiting.kind == Kind::Smooth {
            self.waiting.most = MOST_TAKEN.min(self.room * MORE_OF_EITHER_SIGN);
        }
        self.waiting.forget();
        self.atoms.clear();
    }

    /// Tells the processor that values are to be added soon.
    pub fn announce_early(&self) {
        fetch_line(std::slice::from_ref(&self.waiting), 0);
    }

    /// Tells the processor that so many values are about to be added: it may fetch the place where they will wait, or
    /// the beginning of it.
    pub fn announce(&self, values: usize) {
        fetch(&self.waiting.places, self.waiting.count..self.waiting.count + values.min(ON_THEIR_WAY));
    }

    /// Counts what waits and frees its space.
    pub fn settle_for_good(&mut self, tray: &mut Tray) {
        self.settle(tray);
        self.waiting.places = Vec::new();
        self.atoms = Vec::new();
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        *self = Histogram::new(self.waiting.kind, self.room);
    }

    /// The counts of all values but zeros, and the number of those.
    pub(super) fn parts(&self) -> (&Window, u64) {
        (&self.counts, self.zeros)
    }

    /// The bounds of a bin's magnitudes.
    pub fn magnitudes(index: i32) -> (f64, f64) {
        let bin = index.unsigned_abs();
        if bin == 0 { (0.0, 0.0) } else { (lower_bound(bin), lower_bound(bin + 1)) }
    }

    /// The index of the bin that holds a value.
    pub fn bin_of(value: f64) -> i32 {
        let bin = magnitude(value as f32) as i32;
        if value < 0.0 { -bin } else { bin }
    }
}

/// Whether there is but one value, and a finite one.
fn are_alike<V: Value>(values: &[V]) -> bool {
    let first = values[0].double();
    first.is_finite() && values.iter().all(|value| value.double() == first)
}

/// By the sign of a value, which it has even if it is not a number.
fn side<V: Value>(value: V) -> Side {
    if value.single().is_sign_negative() { Side::Negative } else { Side::Positive }
}

impl Waiting {
    fn new(kind: Kind, most: usize) -> Waiting {
        Waiting {
            kind,
            most,
            places: Vec::new(),
            count: 0,
            before: 0,
            span: NOTHING,
            has_zero: false,
            sides: NEITHER,
            expected: Signs::Positive,
        }
    }

    /// Looks at values and writes their places behind those that wait; they do not wait themselves yet.
    fn survey<V: Value>(&mut self, vectors: Vectors, values: &[V]) -> Survey {
        let end = self.count + values.len();
        if self.places.len() < end {
            self.places.resize(end.max(self.most), 0);
        }
        V::survey(vectors, values, self.before as i32, self.expected, &mut self.places[self.count..end])
    }

    /// Whether all values that have just been looked at have a place.
    fn has_places_for(&self, survey: &Survey) -> bool {
        survey.greatest == 0 || (survey.least > self.before && survey.greatest - self.before < SIGN as u32)
    }

    /// Lets values wait that have just been looked at and have a place.
    fn admit(&mut self, survey: &Survey, count: usize) {
        if survey.greatest > 0 {
            self.span = (self.span.0.min(survey.least), self.span.1.max(survey.greatest));
        }
        self.has_zero |= survey.has_zero;
        self.sides = [self.sides[0] || survey.sides[0], self.sides[1] || survey.sides[1]];
        if self.sides[Side::Negative as usize] {
            self.expected = Signs::Either;
        }
        self.count += count;
    }

    /// Gives places to the bins round those seen. Nothing waits.
    fn move_to(&mut self, survey: &Survey) {
        self.before = (survey.greatest + HEADROOM).saturating_sub(SIGN as u32);
    }

    fn forget(&mut self) {
        (self.count, self.span, self.has_zero, self.sides) = (0, NOTHING, false, NEITHER);
    }
}

const _: () = assert!(size_of::<Waiting>() == LINE, "it is fetched as one line");

/// Nothing but zeros.
const NEITHER: Sides = [false, false];
const BOTH: Sides = [true, true];

/// The span of no bins.
const NOTHING: (u32, u32) = (u32::MAX, 0);
