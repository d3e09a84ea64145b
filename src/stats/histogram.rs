//! Counts of values in bins of equal relative width.
//!
//! A bin is an interval of the floating-point numbers with the same sign, exponent and first ten bits of the
//! mantissa: 1,024 bins an octave, each at most 0.098 % wide. So the bin of a value is a shift of its bits, and
//! any value read from its bin is within 0.098 % of it. Magnitudes below 1e-9 count as 0.

use super::bin::{SIGN, Side, Sides, magnitude};
use super::shared::Shared;
use super::store::{Lot, PART, Store};
use super::survey::{Deviations, Signs, Survey, Value};
use super::window::{MOST_TAKEN, Window};
use super::{Merge, Moments};
use crate::vector::{LINE, fetch, fetch_line};

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
#[derive(Debug)]
pub(super) struct Histogram {
    waiting: Waiting,
    /// The values that wait, where there may be atoms.
    atoms: Vec<f64>,
    zeros: u64,
    counts: Window,
    /// How many may wait, as far as they have one sign.
    room: usize,
}

/// Places of values: see [`Survey`]. On a line of memory of its own, which is all that most rows need of a histogram.
#[derive(Debug)]
#[repr(align(64))]
struct Waiting {
    kind: Kind,
    /// How many may wait.
    most: usize,
    /// Room for them, the first `count` of them in use.
    places: Option<Lot>,
    count: usize,
    /// Least and greatest bin of those that wait, zero aside: so near to each other that no two bins have one place.
    span: (u32, u32),
    /// How many count as zero, with either sign, and on which sides the others lie.
    zeros: [u32; 2],
    sides: Sides,
    /// What rows to come are like, judging from those before.
    expected: Signs,
}

/// So many times more may wait where values have either sign: they spread over more bins, and all of those are gone
/// through each time.
const MORE_OF_EITHER_SIGN: usize = 4;

/// Places that a processor can wait for at once, without standing still: 16 lines of them.
const ON_THEIR_WAY: usize = 16 * LINE / size_of::<u16>();

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
    pub fn push<V: Value>(&mut self, shared: &mut Shared, values: &[V]) -> Moments {
        let mut moments = Moments::default();
        for values in values.chunks(MOST_TAKEN) {
            let deviations = self.push_some(shared, values);
            moments.merge(&Moments::from_deviations(values.len(), values[0].double(), deviations));
        }
        moments
    }

    fn push_some<V: Value>(&mut self, shared: &mut Shared, values: &[V]) -> Deviations {
        if self.waiting.kind == Kind::Atoms && are_alike(values) {
            self.count_at_once(shared, &values[..1], values.len() as u16);
            return Deviations::default();
        }
        if self.waiting.count + values.len() > self.waiting.most {
            self.settle(shared);
        }
        let mut survey = self.waiting.survey(shared, values);
        if !self.waiting.can_take(&survey) {
            self.settle(shared);
            if !self.waiting.can_take(&survey) {
                self.count_at_once(shared, values, 1);
                return survey.deviations;
            }
            survey = self.waiting.survey(shared, values);
        }
        self.waiting.admit(&survey, values.len());
        if self.waiting.kind == Kind::Atoms {
            self.atoms.extend(values.iter().map(|value| value.double()));
        }
        survey.deviations
    }

    /// Counts values that come so many times each, past those that wait.
    fn count_at_once<V: Value>(&mut self, shared: &mut Shared, values: &[V], times: u16) {
        let Shared { tray, counts, .. } = shared;
        let bins = || values.iter().map(|value| (magnitude(value.single()), side(*value))).filter(|(bin, _)| *bin > 0);
        if let (Some((least, _)), Some((greatest, _))) = (bins().min_by_key(|it| it.0), bins().max_by_key(|it| it.0)) {
            let sides = Side::ALL.map(|side| bins().any(|it| it.1 == side));
            let values = values.len() * usize::from(times);
            self.counts.make_room(counts, tray.vectors, least..=greatest, sides, values);
        }
        for &value in values {
            let bin = magnitude(value.single());
            if bin == 0 {
                self.zeros += u64::from(times);
                continue;
            }
            self.counts.add(counts, side(value), bin, times);
            if self.waiting.kind == Kind::Atoms {
                self.counts.learn(side(value), bin, value.double());
            }
        }
    }

    /// Counts what waits.
    pub fn settle(&mut self, shared: &mut Shared) {
        let Waiting { span: (least, greatest), zeros, sides, .. } = self.waiting;
        let Shared { tray, places, counts } = shared;
        let places = self.waiting.places(places);
        if sides == NEITHER {
            self.zeros += places.len() as u64;
        } else {
            let bins = || least..=greatest;
            self.counts.make_room(counts, tray.vectors, bins(), sides, places.len());
            tray.count(places, counts, &self.counts, bins());
            self.zeros += tray.take_zeros(zeros);
            for side in Side::ALL.into_iter().filter(|side| sides[*side as usize]) {
                self.counts.take(counts, tray.vectors, side, bins(), tray.counts_of(side));
            }
            if self.waiting.kind == Kind::Atoms {
                self.counts.learn_all(places, least, &self.atoms);
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
    pub fn announce(&self, shared: &Shared, values: usize) {
        if let Some(places) = self.waiting.places {
            let soon = self.waiting.count..self.waiting.count + values.min(ON_THEIR_WAY);
            fetch(shared.places.lot(places), soon);
        }
    }

    /// Forgets where values wait, when that is freed.
    pub fn free_places(&mut self) {
        debug_assert_eq!(self.waiting.count, 0);
        self.waiting.places = None;
        self.atoms = Vec::new();
    }

    /// Forgets all values, when the space of their counts is freed.
    pub fn clear(&mut self) {
        *self = Histogram::new(self.waiting.kind, self.room);
    }

    /// How many values may wait.
    pub fn room(&self) -> usize {
        self.room
    }

    /// The counts of all values but zeros, and the number of those.
    pub fn parts(&self) -> (&Window, u64) {
        (&self.counts, self.zeros)
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
            places: None,
            count: 0,
            span: NOTHING,
            zeros: [0; 2],
            sides: NEITHER,
            expected: Signs::Positive,
        }
    }

    /// Looks at values and writes their places behind those that wait; they do not wait themselves yet.
    fn survey<V: Value>(&mut self, shared: &mut Shared, values: &[V]) -> Survey {
        let end = self.count + values.len();
        let places = match self.places {
            Some(lot) if lot.len() >= end => lot,
            _ => self.make_places(&mut shared.places, end),
        };
        let places = &mut shared.places.lot_mut(places)[self.count..end];
        V::survey(shared.tray.vectors, values, self.expected, places)
    }

    /// Makes room for so many places at least. What had been taken before stays taken.
    #[cold]
    fn make_places(&mut self, store: &mut Store, count: usize) -> Lot {
        let waiting = self.places(store).to_vec();
        let lot = store.take(count.max(self.most));
        store.lot_mut(lot)[..waiting.len()].copy_from_slice(&waiting);
        *self.places.insert(lot)
    }

    /// Those in use.
    fn places<'a>(&self, store: &'a Store) -> &'a [u16] {
        self.places.map_or(&[], |places| &store.lot(places)[..self.count])
    }

    /// Whether values that have just been looked at can wait with those that do.
    fn can_take(&self, survey: &Survey) -> bool {
        let (least, greatest) = self.span_with(survey);
        greatest < least.saturating_add(SIGN as u32)
    }

    /// Lets values wait that have just been looked at and can.
    fn admit(&mut self, survey: &Survey, count: usize) {
        self.span = self.span_with(survey);
        self.zeros = [self.zeros[0] + survey.zeros[0], self.zeros[1] + survey.zeros[1]];
        self.sides = [self.sides[0] || survey.sides[0], self.sides[1] || survey.sides[1]];
        if self.sides[Side::Negative as usize] {
            self.expected = Signs::Either;
        }
        self.count += count;
    }

    /// The span of those that wait and of values that have just been looked at.
    fn span_with(&self, survey: &Survey) -> (u32, u32) {
        if survey.greatest == 0 {
            return self.span;
        }
        (self.span.0.min(survey.least), self.span.1.max(survey.greatest))
    }

    fn forget(&mut self) {
        (self.count, self.span, self.zeros, self.sides) = (0, NOTHING, [0; 2], NEITHER);
    }
}

const _: () = assert!(size_of::<Waiting>() == LINE, "it is fetched as one line");
const _: () = assert!(MOST_TAKEN <= PART, "all that may wait is one lot");

/// Nothing but zeros.
const NEITHER: Sides = [false, false];
const BOTH: Sides = [true, true];

/// The span of no bins.
const NOTHING: (u32, u32) = (u32::MAX, 0);
