//! Counts of values in bins of equal relative width.
//!
//! A bin is an interval of the floating-point numbers with the same sign, exponent and first ten bits of the
//! mantissa: 1,024 bins an octave, each at most 0.098 % wide. So the bin of a value is a shift of its bits, and
//! any value read from its bin is within 0.098 % of it. Magnitudes below 1e-9 count as 0.

use super::survey::{Deviations, SIGN, Survey, Value};
use super::window::{MOST_TAKEN, OCTAVE, Side, Sides, Window, lower_bound, magnitude};
use super::{Merge, Moments, fetch};
use crate::vector::Vectors;

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
/// Values wait, smooth ones as the places of their bins, until there are many of them: one histogram among hundreds is
/// not in the cache, and counting thousands of values at once brings it there once.
#[derive(Clone, Debug)]
pub struct Histogram {
    kind: Kind,
    zeros: u64,
    counts: Window,
    waiting: Waiting,
    /// Values that wait where there may be atoms.
    atoms: Vec<f64>,
    /// How many may wait, as far as they have one sign.
    room: usize,
    /// How many may wait.
    most_waiting: usize,
}

/// Places of values: see [`Survey`].
#[derive(Clone, Debug)]
struct Waiting {
    /// The first `count` of them in use.
    places: Vec<u16>,
    count: usize,
    /// The bin before the first that has a place.
    before: u32,
    /// Least and greatest bin of those that wait, or were counted meanwhile, zero aside.
    span: (u32, u32),
    /// Whether any counts as zero, and on which sides the others lie.
    has_zero: bool,
    sides: Sides,
}

/// Counts that the next [`Histogram::settle`] of a histogram changes: in two pieces, of the lower and the upper ones,
/// or of negative and of positive values.
pub type Awaiting<'a> = [&'a [u16]; 2];

/// So many bins below the greatest value hold all that wait but for one in hundreds, where values have either sign.
const BULK: u32 = 12 * OCTAVE;

/// So many times more may wait where values have either sign: they spread over more bins, and each is to be fetched for
/// as many values.
const MORE_OF_EITHER_SIGN: usize = 4;

/// Bins left free above the values from which the places were chosen.
const HEADROOM: u32 = 8 * OCTAVE;

impl Histogram {
    /// An empty histogram in which up to `room` values may wait to be counted, or more of either sign. It counts to
    /// 2^31 in a bin.
    pub fn new(kind: Kind, room: usize) -> Histogram {
        let room = room.min(MOST_TAKEN);
        let (counts, waiting) = (Window::default(), Waiting::new());
        Histogram { kind, zeros: 0, counts, waiting, atoms: Vec::new(), room, most_waiting: room }
    }

    /// Adds values, at least one, and gives their moments, which the same pass finds. They are counted by the next
    /// [`Histogram::settle`] at the latest.
    pub fn push<V: Value>(&mut self, vectors: Vectors, values: &[V]) -> Moments {
        let mut moments = Moments::default();
        for values in values.chunks(MOST_TAKEN) {
            let deviations = match self.kind {
                Kind::Smooth => self.push_smooth(vectors, values),
                Kind::Atoms => self.push_atoms(vectors, values),
            };
            moments.merge(&Moments::from_deviations(values.len(), values[0].double(), deviations));
        }
        moments
    }

    fn push_smooth<V: Value>(&mut self, vectors: Vectors, values: &[V]) -> Deviations {
        if !self.has_room_for(values.len()) {
            self.settle(vectors, NOTHING_SOON);
        }
        let survey = self.waiting.survey(vectors, values, self.most_waiting);
        if self.waiting.admit(&survey, values.len()) {
            return survey.deviations;
        }
        self.settle(vectors, NOTHING_SOON);
        self.waiting.move_to(&survey);
        let survey = self.waiting.survey(vectors, values, self.most_waiting);
        if !self.waiting.admit(&survey, values.len()) {
            self.count_one_by_one(vectors, values);
        }
        survey.deviations
    }

    fn push_atoms<V: Value>(&mut self, vectors: Vectors, values: &[V]) -> Deviations {
        let survey = self.waiting.survey(vectors, values, values.len());
        let first = values[0].double();
        let is_one = values.iter().all(|value| value.double() == first);
        let comes = if is_one { 0 } else { values.len() };
        if self.atoms.len() + comes > self.room {
            self.settle_atoms(vectors);
        }
        self.waiting.note(&survey);
        if is_one && magnitude(first.single()) == 0 {
            self.zeros += values.len() as u64;
        } else if is_one {
            self.remember(vectors, &[first], values.len() as u16);
        } else {
            self.atoms.extend(values.iter().map(|value| value.double()));
        }
        survey.deviations
    }

    /// Remembers the values that wait.
    fn settle_atoms(&mut self, vectors: Vectors) {
        let mut atoms = std::mem::take(&mut self.atoms);
        if self.waiting.has_zero {
            self.zeros += drop_zeros(&mut atoms);
        }
        self.remember(vectors, &atoms, 1);
        atoms.clear();
        self.atoms = atoms;
        self.waiting.forget();
    }

    /// Counts values that may be atoms and come so many times each. They are in the span of those that wait, and none
    /// counts as zero.
    fn remember(&mut self, vectors: Vectors, values: &[f64], times: u16) {
        let Waiting { span: (least, greatest), sides, .. } = self.waiting;
        if values.is_empty() {
            return;
        }
        self.counts.make_room(vectors, least..=greatest, sides, values.len() * usize::from(times));
        let mut atoms = self.counts.atoms();
        for &value in values {
            atoms.remember(side(value), magnitude(value.single()), value, times);
        }
    }

    /// For values that are too far from each other to have places.
    #[cold]
    fn count_one_by_one<V: Value>(&mut self, vectors: Vectors, values: &[V]) {
        for value in values {
            let bin = magnitude(value.single());
            if bin == 0 {
                self.zeros += 1;
                continue;
            }
            let side = side(*value);
            self.counts.make_room(vectors, bin..=bin, [side == Side::Positive, side == Side::Negative], 1);
            self.counts.add(side, bin, 1);
        }
    }

    /// Whether so many smooth values can wait; others make room for themselves.
    pub fn has_room_for(&self, values: usize) -> bool {
        self.kind == Kind::Atoms || self.waiting.count + values <= self.most_waiting
    }

    /// Counts what waits. Meanwhile the processor may fetch what will be needed `soon`, if that is known.
    pub fn settle(&mut self, vectors: Vectors, soon: Awaiting<'_>) {
        if self.kind == Kind::Atoms {
            return self.settle_atoms(vectors);
        }
        let waiting = &mut self.waiting;
        if waiting.has_zero {
            self.zeros += waiting.drop_zeros();
        }
        if waiting.sides != NEITHER {
            let places = &waiting.places[..waiting.count];
            self.counts.make_room(vectors, waiting.span.0..=waiting.span.1, waiting.sides, places.len());
            self.counts.count(places, waiting.before, waiting.sides, soon);
            if waiting.sides == BOTH {
                self.most_waiting = MOST_TAKEN.min(self.room * MORE_OF_EITHER_SIGN);
            }
        }
        waiting.forget();
    }

    /// What the next [`Histogram::settle`] changes, for one that is told of it `soon`.
    pub fn awaiting(&self) -> Awaiting<'_> {
        let Waiting { span: (least, greatest), sides, .. } = self.waiting;
        let of = |side, least: u32| self.counts.counts_of(side, least..=greatest);
        match sides {
            [true, true] => {
                [Side::Positive, Side::Negative].map(|side| of(side, least.max(greatest.saturating_sub(BULK))))
            }
            [true, false] => halves(of(Side::Positive, least)),
            [false, true] => halves(of(Side::Negative, least)),
            NEITHER => NOTHING_SOON,
        }
    }

    /// Tells the processor that so many values are about to be added: it may fetch the place where they will wait.
    pub fn announce(&self, values: usize) {
        if self.kind == Kind::Smooth {
            fetch(&self.waiting.places, self.waiting.count..self.waiting.count + values);
        }
    }

    /// Counts what waits and frees its space.
    pub fn settle_for_good(&mut self, vectors: Vectors) {
        self.settle(vectors, NOTHING_SOON);
        self.waiting.places = Vec::new();
        self.atoms = Vec::new();
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        *self = Histogram::new(self.kind, self.room);
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

/// Takes out what counts as zero, and tells how many there were.
fn drop_zeros(values: &mut Vec<f64>) -> u64 {
    let kept = keep(values, |value| magnitude(value.single()) != 0);
    let dropped = values.len() - kept;
    values.truncate(kept);
    dropped as u64
}

/// Moves those to the front that are to stay, and tells how many there are. Each is written where the next one that
/// stays goes: there is no branch that had to be foreseen.
fn keep<T: Copy>(all: &mut [T], stays: impl Fn(T) -> bool) -> usize {
    let mut kept = 0;
    for at in 0..all.len() {
        let one = all[at];
        all[kept] = one;
        kept += usize::from(stays(one));
    }
    kept
}

/// By the sign of a value, which it has even if it is not a number.
#[inline(always)]
fn side<V: Value>(value: V) -> Side {
    if value.single().is_sign_negative() { Side::Negative } else { Side::Positive }
}

impl Waiting {
    fn new() -> Waiting {
        Waiting { places: Vec::new(), count: 0, before: 0, span: NOTHING, has_zero: false, sides: NEITHER }
    }

    /// Looks at values and writes their places behind those that wait; they do not wait themselves yet.
    fn survey<V: Value>(&mut self, vectors: Vectors, values: &[V], room: usize) -> Survey {
        let end = self.count + values.len();
        if self.places.len() < end {
            self.places.resize(end.max(room), 0);
        }
        V::survey(vectors, values, self.before as i32, &mut self.places[self.count..end])
    }

    /// Lets values wait that have just been looked at, if all of them have a place.
    fn admit(&mut self, survey: &Survey, count: usize) -> bool {
        let is_zero = survey.greatest == 0;
        if !is_zero && (survey.least <= self.before || survey.greatest - self.before >= SIGN as u32) {
            return false;
        }
        self.note(survey);
        self.count += count;
        true
    }

    /// Takes values that have been looked at into account.
    fn note(&mut self, survey: &Survey) {
        if survey.greatest > 0 {
            self.span = (self.span.0.min(survey.least), self.span.1.max(survey.greatest));
        }
        self.has_zero |= survey.has_zero;
        self.sides = [self.sides[0] || survey.sides[0], self.sides[1] || survey.sides[1]];
    }

    /// Gives places to the bins round those seen. Nothing waits.
    fn move_to(&mut self, survey: &Survey) {
        self.before = (survey.greatest + HEADROOM).saturating_sub(SIGN as u32);
    }

    /// Takes zeros out of those that wait, and tells how many there were.
    fn drop_zeros(&mut self) -> u64 {
        let kept = keep(&mut self.places[..self.count], |place| usize::from(place) % SIGN != 0);
        (std::mem::replace(&mut self.count, kept) - kept) as u64
    }

    fn forget(&mut self) {
        (self.count, self.span, self.has_zero, self.sides) = (0, NOTHING, false, NEITHER);
    }
}

fn halves(counts: &[u16]) -> Awaiting<'_> {
    let (lower, upper) = counts.split_at(counts.len() / 2);
    [lower, upper]
}

/// Of one whose next counts are not known.
pub const NOTHING_SOON: Awaiting<'_> = [&[], &[]];

/// Nothing but zeros.
const NEITHER: Sides = [false, false];
const BOTH: Sides = [true, true];

/// The span of no bins.
const NOTHING: (u32, u32) = (u32::MAX, 0);
