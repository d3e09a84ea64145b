//! Something that may happen, starts, takes hold, may be interrupted and may end.

use super::Scene;
use super::held::{Held, HeldByState};
use super::lane::{Lanes, Real};
use super::phase::{Active, Bounded, Open, PhaseState, Spell};
use super::regime::{decay, relaxed};
use super::words::{Side, Thresholds, Words, lanes_flagged};
use crate::draws::{Key, uniform_of, uniforms};
use crate::plan::{EndOp, InterruptionOp, InterventionOp, Operand, StartOp, StateOperand};
use crate::vector::math::exp64;
use crate::vector::{Vectors, vectorised};

pub(crate) struct InterventionState {
    happens: Vec<bool>,
    /// `effect * (1 - already_counted)`; 0 where it does not happen or ends before it starts.
    effect: Vec<f64>,
    /// `D(0)`.
    at_t0: Vec<f64>,
    end: Vec<f64>,
    phase: PhaseState,
    share: Vec<f64>,
    start_hazard: Hazard,
    end_hazard: Hazard,
    lag: Held,
    end_lag: Held,
    activity: Activity,
    /// Lanes that start in this step.
    starting: Vec<u32>,
    flags: Vec<u8>,
    /// Whether the start of any lane is before `t0`: else `at_t0` is 0.
    has_past: bool,
    /// Whether each lane is on now, as 1 or 0; where the activity is plain only at `t0`.
    on: Vec<f64>,
    is_plain: bool,
    /// The latest of all starts, infinite where that cannot be told beforehand.
    last_start: f64,
    /// From when on no lane changes any more, infinite where that cannot be told beforehand.
    settles_at: f64,
}

/// In years: what rounding may do to a time.
const SLACK: f64 = 1e-6;

impl InterventionState {
    pub fn new(lanes: usize) -> InterventionState {
        let row = || vec![0.0; lanes];
        InterventionState {
            happens: vec![false; lanes],
            effect: row(),
            at_t0: row(),
            end: vec![f64::INFINITY; lanes],
            phase: PhaseState::default(),
            share: row(),
            start_hazard: Hazard::default(),
            end_hazard: Hazard::default(),
            lag: Held::default(),
            end_lag: Held::default(),
            activity: Activity::default(),
            starting: Vec::new(),
            flags: Vec::new(),
            has_past: false,
            on: row(),
            is_plain: false,
            last_start: f64::INFINITY,
            settles_at: f64::INFINITY,
        }
    }

    pub fn begin(&mut self, op: &InterventionOp, when: &[(usize, usize)], idx: usize, scene: &mut Scene) {
        self.is_plain = op.is_plain();
        self.draw_whether_it_happens(op, when, scene);
        let mut starts = std::mem::take(&mut scene.starts[idx]);
        self.begin_time(&op.start, scene, &mut starts, Which::Start);
        self.begin_end(&op.end, scene, &starts);
        self.phase.begin(&op.phase_in, scene);
        if !self.is_plain {
            self.activity.begin(op, scene);
            self.on.fill(0.0);
        }
        drop_what_never_is(scene.vectors, &mut self.effect, &mut self.end, &starts, &self.happens);
        self.enter_what_has_started(op, scene, &starts);
        let is_known = matches!(op.start, StartOp::At(_) | StartOp::Never);
        self.last_start = if is_known { latest(scene.vectors, &starts) } else { f64::INFINITY };
        self.settles_at = self.settling_time(op, scene);
        scene.starts[idx] = starts;
    }

    /// `share` serves as scratch.
    fn draw_whether_it_happens(&mut self, op: &InterventionOp, when: &[(usize, usize)], scene: &Scene) {
        if op.chance == Operand::Constant(1.0) {
            self.happens.fill(true);
        } else {
            let source = scene.source(op.happens_key);
            uniforms(scene.vectors, scene.quasi.as_deref(), source, &mut self.share);
            match op.chance {
                Operand::Constant(chance) => are_below(scene.vectors, &mut self.happens, &self.share, chance),
                Operand::Row(row) => are_below(scene.vectors, &mut self.happens, &self.share, &scene.rows[row][..]),
            }
        }
        if !when.is_empty() {
            for (lane, happens) in self.happens.iter_mut().enumerate() {
                *happens &= scene.conditions_hold(when, lane);
            }
        }
        scene.fill(op.effect, &mut self.effect);
        if op.already_counted != Operand::Constant(0.0) {
            for (lane, effect) in self.effect.iter_mut().enumerate() {
                *effect *= 1.0 - scene.value(op.already_counted, lane);
            }
        }
    }

    fn begin_time(&mut self, start: &StartOp, scene: &Scene, times: &mut [f64], which: Which) {
        match start {
            StartOp::At(Operand::Constant(date)) => dates(scene.vectors, times, *date, &self.happens),
            StartOp::At(Operand::Row(row)) => dates(scene.vectors, times, &scene.rows[*row][..], &self.happens),
            StartOp::After { driver, lag } => {
                let held = if which == Which::Start { &mut self.lag } else { &mut self.end_lag };
                held.set(scene, *lag, |lag| lag);
                for (lag, happens) in held.change(scene).iter_mut().zip(&self.happens) {
                    *lag = if *happens { *lag } else { f64::INFINITY };
                }
                times.fill(f64::INFINITY);
                follow(scene.vectors, times, &scene.starts[*driver], held.row());
            }
            StartOp::Hazard { rate, from, .. } => {
                times.fill(f64::INFINITY);
                let hazard = if which == Which::Start { &mut self.start_hazard } else { &mut self.end_hazard };
                hazard.begin(scene, rate, *from, &self.happens);
            }
            StartOp::Never => times.fill(f64::INFINITY),
        }
    }

    fn begin_end(&mut self, end: &EndOp, scene: &Scene, starts: &[f64]) {
        let mut ends = std::mem::take(&mut self.end);
        match end {
            EndOp::When(when) => self.begin_time(when, scene, &mut ends, Which::End),
            EndOp::Lasts(years) => {
                self.end_lag.set(scene, *years, |years| years);
                for ((end, start), years) in ends.iter_mut().zip(starts).zip(self.end_lag.row()) {
                    *end = start + years;
                }
            }
        }
        self.end = ends;
    }

    /// When the last lane takes its last value, as far as that is known at `t0`.
    fn settling_time(&self, op: &InterventionOp, scene: &Scene) -> f64 {
        let last_end = match &op.end {
            EndOp::When(StartOp::Never) => f64::NEG_INFINITY,
            EndOp::When(StartOp::At(_)) | EndOp::Lasts(_) => latest(scene.vectors, &self.end),
            EndOp::When(StartOp::After { .. } | StartOp::Hazard { .. }) => f64::INFINITY,
        };
        if !self.is_plain || self.last_start == f64::INFINITY || last_end == f64::INFINITY {
            return f64::INFINITY;
        }
        match self.phase.longest(&op.phase_in, scene.vectors) {
            f64::INFINITY => f64::INFINITY,
            longest => (self.last_start + longest).max(last_end) + SLACK,
        }
    }

    /// Whether the contribution is that of the step before, in all lanes and from now on.
    pub fn has_settled(&self, scene: &Scene) -> bool {
        scene.step > 1 && scene.before >= self.settles_at
    }

    /// How many of the first `live` lanes are on now.
    pub fn count_active(&self, vectors: Vectors, starts: &[f64], now: f64, live: usize) -> u64 {
        let count = match self.is_plain {
            true => count_within(vectors, &starts[..live], &self.end[..live], now),
            false => count_on(vectors, &self.on[..live]),
        };
        u64::from(count)
    }

    /// Whether it is not one of those that never happen or end before they start.
    pub fn takes_place(&self, lane: usize) -> bool {
        self.end[lane] != f64::NEG_INFINITY
    }

    /// Lanes that start at `t0` or before: the base value holds what it had done by then.
    fn enter_what_has_started(&mut self, op: &InterventionOp, scene: &Scene, starts: &[f64]) {
        if self.has_past {
            self.at_t0.fill(0.0);
        }
        self.flags.resize(scene.lanes, 0);
        self.has_past = flag_within(scene.vectors, &mut self.flags, starts, f64::NEG_INFINITY, 0.0_f64.next_down());
        // What starts at `t0` itself has done nothing yet.
        let is_new = self.is_plain && !self.has_past && !PhaseState::is_carried(&op.phase_in);
        if is_new || !flag_within(scene.vectors, &mut self.flags, starts, f64::NEG_INFINITY, 0.0) {
            return;
        }
        lanes_flagged(scene.vectors, &mut self.starting, &self.flags);
        self.phase.enter(&op.phase_in, scene, &self.starting, starts, 0.0);
        for &lane in &self.starting {
            let lane = lane as usize;
            let end = self.end[lane];
            self.on[lane] = if end > 0.0 { 1.0 } else { 0.0 };
            let level = if self.is_plain { self.on[lane] } else { self.activity.enter_at_t0(scene, lane, end) };
            // Not even the sign of a zero stays for a later block.
            if starts[lane] < 0.0 {
                self.at_t0[lane] = self.effect[lane] * self.phase.share(&op.phase_in, lane, -starts[lane]) * level;
            }
        }
    }

    /// Whether it had started before this step wherever it happens, never ends, and had done nothing at `t0`.
    fn is_open(&self, op: &InterventionOp, scene: &Scene) -> bool {
        let has_started = matches!(op.start, StartOp::At(_)) && scene.before >= self.last_start;
        has_started && !self.has_past && matches!(op.end, EndOp::When(StartOp::Never))
    }

    pub fn step<R: Real>(&mut self, op: &InterventionOp, idx: usize, scene: &mut Scene, contribution: &mut [R]) {
        if self.has_settled(scene) {
            return;
        }
        let mut starts = std::mem::take(&mut scene.starts[idx]);
        self.move_times(op, scene, &mut starts);
        if !self.is_plain {
            self.activity.advance(op, scene, &mut self.on, &starts, &self.end);
        }
        self.enter_what_starts(op, scene, &starts);
        if op.effect == Operand::Constant(0.0) {
            // The row of the contribution is 0 from the beginning, and the phase tells nothing else.
            scene.starts[idx] = starts;
            return;
        }
        self.contribute(op, scene, &starts, contribution);
        scene.starts[idx] = starts;
    }

    fn contribute<R: Real>(&mut self, op: &InterventionOp, scene: &Scene, starts: &[f64], out: &mut [R]) {
        let start = match op.start {
            StartOp::At(Operand::Constant(date)) => Some(date),
            _ => None,
        };
        let is_open = self.is_open(op, scene);
        let InterventionState { phase, effect, end, at_t0, share, activity, .. } = self;
        let (phase_in, when, activity) = (&op.phase_in, (starts, start), &activity.level[..]);
        match (self.is_plain, self.has_past) {
            (true, _) if is_open => phase.contribute(phase_in, scene, when, Spell { times: Open, effect }, share, out),
            (true, _) => {
                let times = Bounded { starts, ends: end, at_t0 };
                phase.contribute(phase_in, scene, when, Spell { times, effect }, share, out);
            }
            (false, true) => {
                let times = Active { starts, activity, at_t0: &at_t0[..] };
                phase.contribute(phase_in, scene, when, Spell { times, effect }, share, out);
            }
            (false, false) => {
                let times = Active { starts, activity, at_t0: 0.0 };
                phase.contribute(phase_in, scene, when, Spell { times, effect }, share, out);
            }
        }
    }

    fn enter_what_starts(&mut self, op: &InterventionOp, scene: &Scene, starts: &[f64]) {
        let (before, now) = (scene.before, scene.now);
        // But for activity and exponentials, nothing is set at the start: shares are read off the age.
        let sets_nothing = self.is_plain && !PhaseState::is_carried(&op.phase_in);
        if before >= self.last_start || sets_nothing {
            return;
        }
        self.flags.resize(scene.lanes, 0);
        if !flag_within(scene.vectors, &mut self.flags, starts, before, now) {
            return;
        }
        lanes_flagged(scene.vectors, &mut self.starting, &self.flags);
        self.phase.enter(&op.phase_in, scene, &self.starting, starts, now);
        if !self.is_plain {
            for &lane in &self.starting {
                let lane = lane as usize;
                self.activity.enter(op, scene, &mut self.on, lane, starts[lane], self.end[lane]);
            }
        }
    }

    /// Random times that fall into this step, and those that follow them.
    fn move_times(&mut self, op: &InterventionOp, scene: &Scene, starts: &mut [f64]) {
        let mut moved = move_time(&op.start, &mut self.start_hazard, &self.lag, scene, starts);
        match &op.end {
            EndOp::When(when) => {
                moved |= move_time(when, &mut self.end_hazard, &self.end_lag, scene, &mut self.end);
            }
            EndOp::Lasts(_) if moved => _ = follow(scene.vectors, &mut self.end, starts, self.end_lag.row()),
            EndOp::Lasts(_) => {}
        }
        // What has no end cannot end first.
        if moved && !matches!(op.end, EndOp::When(StartOp::Never)) {
            drop_what_ends_first(scene.vectors, &mut self.effect, &mut self.end, starts, scene.before);
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Start,
    End,
}

/// Strikes or follows what was struck; tells whether any time may have changed.
fn move_time(start: &StartOp, hazard: &mut Hazard, lag: &Held, scene: &Scene, times: &mut [f64]) -> bool {
    match start {
        StartOp::Hazard { key, .. } => hazard.strike(scene, *key, times),
        StartOp::After { driver, .. } => follow(scene.vectors, times, &scene.starts[*driver], lag.row()),
        StartOp::At(_) | StartOp::Never => false,
    }
}

/// A time that comes at a rate a year.
#[derive(Default)]
struct Hazard {
    rate: HeldByState,
    /// Probability in a whole step.
    in_a_step: HeldByState,
    thresholds: Thresholds,
    /// Not before this; infinite where it must not strike.
    from: Vec<f64>,
    words: Words,
    struck: Vec<u32>,
}

impl Hazard {
    fn begin(&mut self, scene: &Scene, rate: &StateOperand, from: Operand, happens: &[bool]) {
        let dt = scene.dt;
        self.rate.set(scene, rate, |rate| rate);
        self.in_a_step.set(scene, rate, |rate| -libm::expm1(-rate * dt));
        self.thresholds.set(&self.in_a_step);
        self.from.clear();
        let from = |lane: usize| if happens[lane] { scene.value(from, lane).max(0.0) } else { f64::INFINITY };
        self.from.extend((0..scene.lanes).map(from));
    }

    /// Draws the time exactly inside the step where it strikes.
    fn strike(&mut self, scene: &Scene, key: Key, times: &mut [f64]) -> bool {
        let words = self.words.of_step(scene, key);
        self.thresholds.sort_out(scene, words, Side::Below, &mut self.struck);
        let mut any = false;
        for &lane in &self.struck {
            let lane = lane as usize;
            if times[lane] != f64::INFINITY || self.from[lane] >= scene.now {
                continue;
            }
            let rate = self.rate.at(scene.states[lane], lane);
            let time = self.from[lane].max(scene.before) - libm::log1p(-uniform_of(words[lane])) / rate;
            // In the step in which it becomes possible, only the part after counts.
            if time <= scene.now {
                times[lane] = time;
                any = true;
            }
        }
        any
    }
}

/// On or off, and what that lets through: activity falls and rises with time constants.
#[derive(Default)]
struct Activity {
    strength: HeldByState,
    fade_years: Held,
    recover_years: Held,
    fall: Held,
    rise: Held,
    /// Rates of switching, and probabilities over a whole step.
    off_rate: HeldByState,
    on_rate: HeldByState,
    goes_off: HeldByState,
    comes_on: HeldByState,
    words: Words,
    level: Vec<f64>,
    scratch: [Vec<f64>; 2],
}

impl Activity {
    fn begin(&mut self, op: &InterventionOp, scene: &Scene) {
        let dt = scene.dt;
        self.strength.set(scene, &op.strength, |strength| strength);
        self.fade_years.set(scene, op.fade_years, |years| years);
        self.recover_years.set(scene, op.recover_years, |years| years);
        self.fall.set(scene, op.fade_years, |years| decay(dt, years));
        self.rise.set(scene, op.recover_years, |years| decay(dt, years));
        if let Some(InterruptionOp { off_rate, on_rate, .. }) = &op.interruption {
            self.off_rate.set(scene, off_rate, |rate| rate);
            self.on_rate.set(scene, on_rate, |rate| rate);
            self.goes_off.set_from_two(scene, off_rate, on_rate, |off, on| switches(off, on, dt));
            self.comes_on.set_from_two(scene, on_rate, off_rate, |on, off| switches(on, off, dt));
        }
        self.level.clear();
        self.level.resize(scene.lanes, 0.0);
    }

    /// At `t0`, for one lane that had started: the level then.
    fn enter_at_t0(&mut self, scene: &Scene, lane: usize, end: f64) -> f64 {
        let left = if end > 0.0 { 1.0 } else { decay(-end, self.fade_years.row()[lane]) };
        self.level[lane] = self.strength.at(scene.states[lane], lane) * left;
        self.level[lane]
    }

    /// Over the whole step, for lanes that had started before it.
    fn advance(&mut self, op: &InterventionOp, scene: &Scene, on: &mut [f64], starts: &[f64], ends: &[f64]) {
        if let Some(interruption) = &op.interruption {
            let words = self.words.of_step(scene, interruption.key);
            match (self.goes_off.looked_up(scene), self.comes_on.looked_up(scene)) {
                (Some(goes_off), Some(comes_on)) => {
                    switch(scene.vectors, on, words, (goes_off, comes_on), starts, scene.before);
                }
                _ => {
                    let [first, second] = &mut self.scratch;
                    let probabilities = (self.goes_off.current(scene, first), self.comes_on.current(scene, second));
                    switch(scene.vectors, on, words, probabilities, starts, scene.before);
                }
            }
        }
        let level = &mut self.level;
        match (self.rise.same(), self.fall.same(), self.strength.looked_up(scene)) {
            // The ends of what never ends need not be read.
            (Some(rise), Some(fall), Some(strength)) if matches!(op.end, EndOp::When(StartOp::Never)) => {
                follow_target(scene.vectors, level, on, f64::INFINITY, scene.now, strength, (rise, fall));
            }
            _ => {
                let strength = self.strength.current(scene, &mut self.scratch[0]);
                let kept = (self.rise.row(), self.fall.row());
                follow_target(scene.vectors, level, on, ends, scene.now, strength, kept);
            }
        }
    }

    /// In the step of the start, for one lane: full strength at once, then what the rest of the step brings.
    fn enter(&mut self, op: &InterventionOp, scene: &Scene, on: &mut [f64], lane: usize, start: f64, end: f64) {
        let rest = scene.now - start;
        let state = scene.states[lane];
        let stays_on = op.interruption.is_none() || {
            let (off, back) = (self.off_rate.at(state, lane), self.on_rate.at(state, lane));
            uniform_of(self.words.current(scene)[lane]) >= switches(off, back, rest)
        };
        on[lane] = if stays_on && end > scene.now { 1.0 } else { 0.0 };
        let full = self.strength.at(state, lane);
        let target = on[lane] * full;
        let years = if target > full { self.recover_years.row()[lane] } else { self.fade_years.row()[lane] };
        self.level[lane] = if target == full { full } else { target + (full - target) * decay(rest, years) };
    }
}

/// Probability that a two-state chain which leaves its state at rate `leave` and returns at rate `back` is in the
/// other state after a time.
fn switches(leave: f64, back: f64, time: f64) -> f64 {
    let both = leave + back;
    if both == 0.0 { 0.0 } else { leave / both * (1.0 - exp64(-both * time)) }
}

vectorised! {
    /// How many have started by now and not ended.
    fn count_within(starts: &[f64], ends: &[f64], now: f64) -> u32 {
        starts.iter().zip(ends).map(|(start, end)| u32::from((now >= *start) & (now < *end))).sum()
    }
}

vectorised! {
    /// How many are on.
    fn count_on(on: &[f64]) -> u32 {
        on.iter().map(|on| u32::from(*on > 0.5)).sum()
    }
}

vectorised! {
    /// Flags the starts after `before` and up to `now`; tells whether there is any.
    fn flag_within(flags: &mut [u8], starts: &[f64], before: f64, now: f64) -> bool {
        let mut any = 0;
        for (flag, start) in flags.iter_mut().zip(starts) {
            *flag = u8::from((*start > before) & (*start <= now));
            any |= *flag;
        }
        any != 0
    }
}

vectorised! {
    /// The latest of the times that are finite. Compared as whole numbers, of which vectors find the greatest.
    fn latest(times: &[f64]) -> f64 {
        let mut latest = in_order(f64::NEG_INFINITY.to_bits() as i64);
        for time in times {
            let time = if *time < f64::INFINITY { *time } else { f64::NEG_INFINITY };
            latest = in_order(time.to_bits() as i64).max(latest);
        }
        f64::from_bits(in_order(latest) as u64)
    }
}

/// The bits of numbers as whole numbers of the same order, and back.
#[inline(always)]
fn in_order(bits: i64) -> i64 {
    bits ^ ((bits >> 63) as u64 >> 1) as i64
}

vectorised! {
    /// `out = uniforms < chances`.
    fn are_below<L: Lanes>(out: &mut [bool], uniforms: &[f64], chances: L) {
        let chances = chances.cut(out.len());
        for (lane, (out, uniform)) in out.iter_mut().zip(uniforms).enumerate() {
            *out = *uniform < chances.at(lane);
        }
    }
}

vectorised! {
    /// The date of each lane in which it happens.
    fn dates<L: Lanes>(times: &mut [f64], dates: L, happens: &[bool]) {
        let dates = dates.cut(times.len());
        for (lane, (time, happens)) in times.iter_mut().zip(happens).enumerate() {
            *time = if *happens { dates.at(lane) } else { f64::INFINITY };
        }
    }
}

vectorised! {
    /// What does not happen, or ends before it starts, has no effect at all.
    fn drop_what_never_is(effect: &mut [f64], ends: &mut [f64], starts: &[f64], happens: &[bool]) {
        for (((effect, end), start), happens) in effect.iter_mut().zip(ends).zip(starts).zip(happens) {
            let never_is = !*happens | ((start.abs() < f64::INFINITY) & (*end <= *start));
            *effect = if never_is { 0.0 } else { *effect };
            *end = if never_is { f64::NEG_INFINITY } else { *end };
        }
    }
}

vectorised! {
    /// Times not known yet come a lag after what they follow, once that is known. Tells whether any is known now.
    fn follow(times: &mut [f64], leaders: &[f64], lags: &[f64]) -> bool {
        let mut any = false;
        for ((time, leader), lag) in times.iter_mut().zip(leaders).zip(lags) {
            let follows = (*time == f64::INFINITY) & (leader + lag < f64::INFINITY);
            *time = if follows { leader + lag } else { *time };
            any |= follows;
        }
        any
    }
}

vectorised! {
    /// What ends before it starts has no effect at all; what had begun before this step is not undone by an end that
    /// comes now.
    fn drop_what_ends_first(effect: &mut [f64], ends: &mut [f64], starts: &[f64], before: f64) {
        for ((effect, end), start) in effect.iter_mut().zip(ends).zip(starts) {
            let ends_first = (*start > before) & (*start < f64::INFINITY) & (*end <= *start);
            *effect = if ends_first { 0.0 } else { *effect };
            *end = if ends_first { f64::NEG_INFINITY } else { *end };
        }
    }
}

vectorised! {
    /// Lanes that had started switch where their uniform says so.
    fn switch<L: Lanes>(
        on: &mut [f64],
        words: &[u32],
        probabilities: (L, L),
        starts: &[f64],
        before: f64,
    ) {
        let (goes_off, comes_on) = (probabilities.0.cut(on.len()), probabilities.1.cut(on.len()));
        for (lane, ((on, word), start)) in on.iter_mut().zip(words).zip(starts).enumerate() {
            // Both are looked up: a choice between numbers is made without a branch.
            let (goes_off, comes_on) = (goes_off.at(lane), comes_on.at(lane));
            let probability = if *on > 0.5 { goes_off } else { comes_on };
            let switches = (uniform_of(*word) < probability) & (*start <= before);
            *on = if switches { 1.0 - *on } else { *on };
        }
    }
}

vectorised! {
    /// What has ended is off for good; the rest aims at its strength. The level moves to there, and keeps a share of
    /// its distance from below and from above.
    fn follow_target<L: Lanes, S: Lanes>(
        level: &mut [f64],
        on: &mut [f64],
        ends: L,
        now: f64,
        strength: S,
        kept: (L, L),
    ) {
        let lanes = level.len();
        let (ends, strength) = (ends.cut(lanes), strength.cut(lanes));
        let (rise, fall) = (kept.0.cut(lanes), kept.1.cut(lanes));
        for (lane, (level, on)) in level.iter_mut().zip(on).enumerate() {
            *on = if now < ends.at(lane) { *on } else { 0.0 };
            *level = relaxed(*level, *on * strength.at(lane), rise.at(lane), fall.at(lane));
        }
    }
}
