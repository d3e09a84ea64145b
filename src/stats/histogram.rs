//! Counts of values in bins of equal relative width.
//!
//! A bin is an interval of the floating-point numbers with the same sign, exponent and first ten bits of the
//! mantissa: 1,024 bins an octave, each at most 0.098 % wide. So the bin of a value is a shift of its bits, and
//! any value read from its bin is within 0.098 % of it. Magnitudes below 1e-9 count as 0.

use super::survey::{Deviations, SIGN, Survey, Value};
use super::window::{MOST_TAKEN, OCTAVE, Window, lower_bound, magnitude};
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
    negative: Window,
    zeros: u64,
    positive: Window,
    waiting: Waiting,
    /// Values that wait where there may be atoms.
    atoms: Vec<f64>,
    /// How many may wait.
    room: usize,
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
    /// Whether all are known to be positive, and none counts as zero.
    is_plain: bool,
    /// Whether any that does not count as zero is positive, or negative.
    has_positive: bool,
    has_negative: bool,
}

/// Space that histograms share while they count values of any sign.
#[derive(Clone, Debug)]
pub struct Scratch {
    /// A count a place, all 0 between uses.
    counts: Box<[u16; 2 * SIGN]>,
    /// Places of values that are far nearer to zero than others.
    near_zero: Vec<u16>,
}

impl Default for Scratch {
    fn default() -> Self {
        let counts = vec![0; 2 * SIGN].try_into().expect("the length is right");
        Scratch { counts, near_zero: Vec::new() }
    }
}

/// So many bins below the greatest are moved at once where values have either sign: differences lie there but for one in
/// hundreds.
const BULK: u32 = 10 * OCTAVE;
/// From so many values nearer to zero on, their bins are moved at once too.
const FEW: usize = 512;

/// Bins left free above the values from which the places were chosen.
const HEADROOM: u32 = 8 * OCTAVE;

impl Histogram {
    /// An empty histogram in which up to `room` values may wait to be counted. It counts to 2^31 in a bin.
    pub fn new(kind: Kind, room: usize) -> Histogram {
        let (negative, positive) = (Window::default(), Window::default());
        let room = room.min(MOST_TAKEN);
        Histogram { kind, negative, zeros: 0, positive, waiting: Waiting::new(), atoms: Vec::new(), room }
    }

    /// Adds values, at least one, and gives their moments, which the same pass finds. They are counted by the next
    /// [`Histogram::settle`] at the latest.
    pub fn push<V: Value>(&mut self, vectors: Vectors, values: &[V], scratch: &mut Scratch) -> Moments {
        let mut moments = Moments::default();
        for values in values.chunks(MOST_TAKEN) {
            let deviations = match self.kind {
                Kind::Smooth => self.push_smooth(vectors, values, scratch),
                Kind::Atoms => self.push_atoms(vectors, values),
            };
            moments.merge(&Moments::from_deviations(values.len(), values[0].double(), deviations));
        }
        moments
    }

    fn push_smooth<V: Value>(&mut self, vectors: Vectors, values: &[V], scratch: &mut Scratch) -> Deviations {
        if !self.has_room_for(values.len()) {
            self.settle(vectors, scratch, &[]);
        }
        let survey = self.waiting.survey(vectors, values, self.room);
        if self.waiting.admit(&survey, values.len()) {
            return survey.deviations;
        }
        self.settle(vectors, scratch, &[]);
        self.waiting.move_to(&survey);
        let survey = self.waiting.survey(vectors, values, self.room);
        if !self.waiting.admit(&survey, values.len()) {
            self.count_one_by_one(vectors, values);
        }
        survey.deviations
    }

    fn push_atoms<V: Value>(&mut self, vectors: Vectors, values: &[V]) -> Deviations {
        let survey = self.waiting.survey(vectors, values, values.len());
        let first = values[0].double();
        let is_one = values.iter().all(|value| value.double() == first);
        let comes = if is_one { 1 } else { values.len() };
        if self.atoms.len() + comes > self.room {
            self.settle_atoms(vectors);
        }
        self.waiting.note(&survey);
        if is_one {
            self.remember(vectors, &[first], values.len() as u16);
        } else {
            self.atoms.extend(values.iter().map(|value| value.double()));
        }
        survey.deviations
    }

    /// Remembers the values that wait.
    fn settle_atoms(&mut self, vectors: Vectors) {
        let mut atoms = std::mem::take(&mut self.atoms);
        self.remember(vectors, &atoms, 1);
        atoms.clear();
        self.atoms = atoms;
        self.waiting.forget();
    }

    /// Counts values that may be atoms and come so many times each. They are in the span of those that wait.
    fn remember(&mut self, vectors: Vectors, values: &[f64], times: u16) {
        let Waiting { span: (least, greatest), has_positive, has_negative, .. } = self.waiting;
        let most = values.len() * usize::from(times);
        if has_positive {
            self.positive.make_room(vectors, least..=greatest, most);
        }
        if has_negative {
            self.negative.make_room(vectors, least..=greatest, most);
        }
        let (mut positive, mut negative) = (self.positive.atoms(), self.negative.atoms());
        for &value in values {
            match magnitude(value.single()) {
                0 => self.zeros += u64::from(times),
                bin if is_negative(value) => negative.remember(bin, value, times),
                bin => positive.remember(bin, value, times),
            }
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
            let window = if is_negative(*value) { &mut self.negative } else { &mut self.positive };
            window.make_room(vectors, bin..=bin, 1);
            window.add(bin, 1);
        }
    }

    /// Whether so many smooth values can wait; others make room for themselves.
    pub fn has_room_for(&self, values: usize) -> bool {
        self.kind == Kind::Atoms || self.waiting.count + values <= self.room
    }

    /// Counts what waits. Meanwhile the processor may fetch what will be needed `soon`, if that is known.
    pub fn settle(&mut self, vectors: Vectors, scratch: &mut Scratch, soon: &[u16]) {
        if self.kind == Kind::Atoms {
            return self.settle_atoms(vectors);
        }
        let waiting = &mut self.waiting;
        let (least, greatest) = waiting.span;
        if waiting.is_plain && least <= greatest {
            self.positive.make_room(vectors, least..=greatest, waiting.count);
            self.positive.count(&waiting.places[..waiting.count], waiting.before, soon);
        } else {
            self.settle_any(vectors, scratch);
        }
        self.waiting.forget();
    }

    /// The same for values of any sign: first by place, then all bins at once. Only the few values that are far nearer to
    /// zero than others move one by one: there are more bins there than values.
    fn settle_any(&mut self, vectors: Vectors, Scratch { counts, near_zero }: &mut Scratch) {
        let waiting = &self.waiting;
        let (least, greatest) = waiting.span;
        let bulk = least.max(greatest.saturating_sub(BULK));
        let nearest = if greatest == 0 { 1 } else { (bulk - waiting.before) as u16 };
        near_zero.clear();
        for &place in &waiting.places[..waiting.count] {
            counts[usize::from(place)] += 1;
            // Less 1, so that zero is above all others.
            if (place % SIGN as u16).wrapping_sub(1) < nearest - 1 {
                near_zero.push(place);
            }
        }
        self.zeros += u64::from(std::mem::take(&mut counts[0])) + u64::from(std::mem::take(&mut counts[SIGN]));
        if greatest == 0 {
            return;
        }
        let first = if near_zero.len() < FEW { bulk } else { least };
        let at = |bin: u32| (bin - waiting.before) as usize;
        let (positive, negative) = counts.split_at_mut(SIGN);
        let sides = [
            (waiting.has_positive, &mut self.positive, positive),
            (waiting.has_negative, &mut self.negative, negative),
        ];
        for (_, window, counts) in sides.into_iter().filter(|(has_any, ..)| *has_any) {
            window.make_room(vectors, least..=greatest, waiting.count);
            window.take(vectors, first, &mut counts[at(first)..=at(greatest)]);
        }
        for &place in near_zero.iter() {
            let (window, size) = match usize::from(place) {
                place if place < SIGN => (&mut self.positive, place),
                place => (&mut self.negative, place - SIGN),
            };
            let count = std::mem::take(&mut counts[usize::from(place)]);
            window.add(size as u32 + waiting.before, count);
        }
    }

    /// The counts that the next [`Histogram::settle`] changes, for one that is told of them `soon`.
    pub fn awaiting(&self) -> &[u16] {
        let (least, greatest) = self.waiting.span;
        if self.waiting.is_plain && least <= greatest { self.positive.counts_of(least..=greatest) } else { &[] }
    }

    /// Tells the processor that so many values are about to be added: it may fetch the place where they will wait.
    pub fn announce(&self, values: usize) {
        if self.kind == Kind::Smooth {
            fetch(&self.waiting.places, self.waiting.count..self.waiting.count + values);
        }
    }

    /// Counts what waits and frees its space.
    pub fn settle_for_good(&mut self, vectors: Vectors, scratch: &mut Scratch) {
        self.settle(vectors, scratch, &[]);
        self.waiting.places = Vec::new();
        self.atoms = Vec::new();
    }

    /// Forgets all values.
    pub fn clear(&mut self) {
        *self = Histogram::new(self.kind, self.room);
    }

    /// The windows of negative and of positive values, and the number of zeros between them.
    pub(super) fn parts(&self) -> (&Window, u64, &Window) {
        (&self.negative, self.zeros, &self.positive)
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

/// The sign of a value, which it has even if it is not a number.
#[inline(always)]
fn is_negative<V: Value>(value: V) -> bool {
    value.single().is_sign_negative()
}

impl Waiting {
    fn new() -> Waiting {
        Waiting {
            places: Vec::new(),
            count: 0,
            before: 0,
            span: NOTHING,
            is_plain: true,
            has_positive: false,
            has_negative: false,
        }
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
        self.is_plain &= survey.is_plain;
        self.has_positive |= survey.has_positive;
        self.has_negative |= survey.has_negative;
    }

    /// Gives places to the bins round those seen. Nothing waits.
    fn move_to(&mut self, survey: &Survey) {
        self.before = (survey.greatest + HEADROOM).saturating_sub(SIGN as u32);
    }

    fn forget(&mut self) {
        (self.count, self.span, self.is_plain) = (0, NOTHING, true);
        (self.has_positive, self.has_negative) = (false, false);
    }
}

/// The span of no bins.
const NOTHING: (u32, u32) = (u32::MAX, 0);
