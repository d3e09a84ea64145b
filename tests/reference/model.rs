//! The model of docs/format.md for one trial without chance, in plain scalar arithmetic.

/// The base year of every scenario here.
pub const BASE_YEAR: i32 = 2022;

/// Flows of every scenario here; the first four leave the reporter.
pub const FLOWS: [&str; 6] = ["exports.a", "exports.a.deep", "exports.b", "goods", "imports.a", "imports.b.c"];

/// Names of a regime's states.
pub const STATES: [&str; 3] = ["calm", "tense", "broken"];

#[derive(Clone, Debug)]
pub struct World {
    pub years: usize,
    pub steps_per_year: usize,
    pub report: Report,
    pub flows: Vec<Flow>,
    pub regime: Option<Regime>,
    pub interventions: Vec<Intervention>,
    pub processes: Vec<Process>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Report {
    Year,
    Step,
    Amount,
}

#[derive(Clone, Debug)]
pub struct Flow {
    pub base: Base,
    pub trend: f64,
    pub capacity: Option<f64>,
    pub pull: f64,
    pub gap: f64,
    pub memory: Memory,
    pub start: f64,
}

#[derive(Clone, Copy, Debug)]
pub enum Base {
    Rate(f64),
    Total(f64),
}

#[derive(Clone, Copy, Debug)]
pub enum Memory {
    Persistence(f64),
    HalfLife(f64),
}

/// By a pattern; the longest that matches a flow wins. None at all: 1 for every flow.
#[derive(Clone, Debug, Default)]
pub struct Exposure(pub Vec<(&'static str, f64)>);

#[derive(Clone, Debug)]
pub struct Regime {
    pub enabled: bool,
    pub start: usize,
    pub hold: Option<usize>,
    /// The state that surely follows each state.
    pub next: [usize; 3],
    pub growth: [f64; 3],
    pub level: [f64; 3],
    pub fall: f64,
    pub recover: f64,
    pub exposure: Exposure,
}

#[derive(Clone, Debug)]
pub struct Intervention {
    pub start: Start,
    pub end: End,
    pub effect: f64,
    pub phase: Phase,
    pub fade: f64,
    pub recover: f64,
    /// By state; the first alone where there is no regime.
    pub strength: [f64; 3],
    /// The state in which it is surely off, others being those in which it is surely on.
    pub off_in: Option<usize>,
    pub already_counted: f64,
    pub exposure: Exposure,
}

#[derive(Clone, Copy, Debug)]
pub enum Start {
    At(Date),
    /// Of an intervention before it in the list.
    After(usize, f64),
}

#[derive(Clone, Copy, Debug)]
pub enum End {
    Never,
    At(Date),
    Lasts(f64),
    /// After the start of an intervention before it in the list.
    After(usize, f64),
}

#[derive(Clone, Copy, Debug)]
pub enum Date {
    /// The first of a month, counted from the month after the base year.
    Month(i32),
    /// A day of such a month, and how many it has.
    Day(i32, u32, u32),
    /// A decimal year.
    Year(f64),
}

#[derive(Clone, Debug)]
pub enum Phase {
    Immediate,
    Linear(f64),
    Exponential(f64),
    Logistic { midpoint: f64, width: f64 },
    Pulse(f64),
    Steps(Vec<(f64, f64)>),
}

#[derive(Clone, Debug)]
pub struct Process {
    pub growth: Vec<f64>,
    pub then: f64,
    pub exposure: Exposure,
}

impl Date {
    pub fn time(self) -> f64 {
        match self {
            Date::Month(months) => f64::from(months) / 12.0,
            Date::Day(months, day, days) => (f64::from(months) + f64::from(day - 1) / f64::from(days)) / 12.0,
            Date::Year(year) => year - f64::from(BASE_YEAR) - 1.0,
        }
    }
}

impl Phase {
    pub fn at(&self, age: f64) -> f64 {
        if age <= 0.0 {
            return 0.0;
        }
        match self {
            Phase::Immediate => 1.0,
            Phase::Linear(years) => (age / years).min(1.0),
            Phase::Exponential(years) => 1.0 - (-age / years).exp(),
            Phase::Logistic { midpoint, width } => {
                // 1 - (1 - g(age)) / (1 - g(0)), which far from the midpoint is more than 0 / 0.
                let minus_ln = |a: f64| {
                    let x = (a - midpoint) / width;
                    x.max(0.0) + (-x.abs()).exp().ln_1p()
                };
                1.0 - (minus_ln(0.0) - minus_ln(age)).exp()
            }
            Phase::Pulse(years) => (-age / years).exp(),
            Phase::Steps(steps) => steps.iter().rev().find(|(year, _)| *year < age).map_or(0.0, |(_, share)| *share),
        }
    }
}

impl Exposure {
    fn of(&self, flow: &str) -> f64 {
        let matches = |pattern: &str| match pattern.strip_suffix('*') {
            Some(lead) => flow.starts_with(lead),
            None => pattern == flow,
        };
        let length = |pattern: &str| if pattern == flow { usize::MAX } else { pattern.len() };
        if self.0.is_empty() {
            return 1.0;
        }
        let found = self.0.iter().filter(|(pattern, _)| matches(pattern)).max_by_key(|(pattern, _)| length(pattern));
        found.map_or(0.0, |(_, exposure)| *exposure)
    }
}

fn relax(value: f64, target: f64, span: f64, fall: f64, rise: f64) -> f64 {
    let years = if target < value { fall } else { rise };
    if years == 0.0 { target } else { target + (value - target) * (-span / years).exp() }
}

impl Regime {
    fn states(&self, steps: usize) -> Vec<usize> {
        let mut states = vec![self.start];
        for n in 0..steps {
            states.push(self.hold.unwrap_or(self.next[states[n]]));
        }
        states
    }

    fn contribution(&self, states: &[usize], dt: f64) -> Vec<f64> {
        let (mut sum, mut level) = (0.0, self.level[states[0]]);
        let step = |&state: &usize| {
            sum += self.growth[state] * dt;
            level = relax(level, self.level[state], dt, self.fall, self.recover);
            sum + level - self.level[states[0]]
        };
        states[1..].iter().map(step).collect()
    }
}

impl Intervention {
    fn contribution(&self, start: f64, end: f64, grid: &[f64], states: &[usize]) -> Vec<f64> {
        if end <= start {
            return vec![0.0; grid.len() - 1];
        }
        let ended_before = if end > 0.0 {
            1.0
        } else if self.fade > 0.0 {
            (end / self.fade).exp()
        } else {
            0.0
        };
        let mut activity = if start <= 0.0 { self.strength[states[0]] * ended_before } else { 0.0 };
        let at_t0 = self.effect * self.phase.at(-start) * activity;
        let mut contributions = Vec::new();
        for n in 1..grid.len() {
            let (before, now, state) = (grid[n - 1], grid[n], states[n]);
            if start > before && start <= now {
                activity = self.strength[state];
            }
            if start <= now {
                let span = now - start.max(before);
                let is_interrupted = span > 0.0 && self.off_in == Some(state);
                let target = if now < end && !is_interrupted { self.strength[state] } else { 0.0 };
                activity = relax(activity, target, span, self.fade, self.recover);
            }
            let now = self.effect * self.phase.at(now - start) * activity;
            contributions.push((1.0 - self.already_counted) * (now - at_t0));
        }
        contributions
    }
}

impl Process {
    fn contribution(&self, steps: usize, steps_per_year: usize) -> Vec<f64> {
        let growth = |n: usize| *self.growth.get(n / steps_per_year).unwrap_or(&self.then);
        (1..=steps).map(|n| (0..n).map(growth).sum::<f64>() / steps_per_year as f64).collect()
    }
}

impl Flow {
    fn rate(&self, t: f64, steps_per_year: usize, drivers: f64) -> f64 {
        let earlier = |j: usize| (-self.trend * j as f64 / steps_per_year as f64).exp();
        let base = match self.base {
            Base::Rate(rate) => rate,
            Base::Total(total) => total / ((0..steps_per_year).map(earlier).sum::<f64>() / steps_per_year as f64),
        };
        let permanent = if self.pull > 0.0 { self.gap * (1.0 - (-self.pull * t).exp()) } else { 0.0 };
        let left = match self.memory {
            Memory::Persistence(persistence) => persistence.powf(t),
            Memory::HalfLife(years) => 0.5_f64.powf(t / years),
        };
        let transitory = self.start * left - self.start;
        let free = (base.ln() + self.trend * t + drivers + permanent + transitory).exp();
        let Some(capacity) = self.capacity else { return free };
        let ceiling = capacity.max(1.01 * base);
        let c = 1.0 - (base / ceiling).powi(2);
        (c * free.powi(-2) + ceiling.powi(-2)).powf(-0.5)
    }
}

impl World {
    pub fn steps(&self) -> usize {
        self.years * self.steps_per_year
    }

    /// Start and end of each intervention.
    fn lives(&self) -> Vec<(f64, f64)> {
        let mut lives: Vec<(f64, f64)> = Vec::new();
        for it in &self.interventions {
            let start = match it.start {
                Start::At(date) => date.time(),
                Start::After(other, lag) => lives[other].0 + lag,
            };
            let end = match it.end {
                End::Never => f64::INFINITY,
                End::At(date) => date.time(),
                End::Lasts(years) => start + years,
                End::After(other, lag) => lives[other].0 + lag,
            };
            lives.push((start, end));
        }
        lives
    }

    /// Each driver's contribution at exposure 1 at the end of each step.
    fn drivers(&self) -> Vec<(&Exposure, Vec<f64>)> {
        let steps = self.steps();
        let grid: Vec<f64> = (0..=steps).map(|n| n as f64 / self.steps_per_year as f64).collect();
        let states = self.regime.as_ref().map_or(vec![0; steps + 1], |regime| regime.states(steps));
        let mut drivers = Vec::new();
        for (it, (start, end)) in self.interventions.iter().zip(self.lives()) {
            drivers.push((&it.exposure, it.contribution(start, end, &grid, &states)));
        }
        for it in self.regime.iter().filter(|regime| regime.enabled) {
            drivers.push((&it.exposure, it.contribution(&states, 1.0 / self.steps_per_year as f64)));
        }
        for it in &self.processes {
            drivers.push((&it.exposure, it.contribution(steps, self.steps_per_year)));
        }
        drivers
    }

    /// Values as reported: flows, exports, imports, total, balance, and the measure `mixed`; each period by period.
    pub fn values(&self) -> Vec<Vec<f64>> {
        let drivers = self.drivers();
        let m = self.steps_per_year;
        let mut values = Vec::new();
        for (flow, id) in self.flows.iter().zip(FLOWS) {
            let rate = |n: usize| {
                let sum = drivers.iter().map(|(exposure, path)| exposure.of(id) * path[n]).sum();
                flow.rate((n + 1) as f64 / m as f64, m, sum)
            };
            let rates: Vec<f64> = (0..self.steps()).map(rate).collect();
            values.push(match self.report {
                Report::Year => rates.chunks(m).map(|year| year.iter().sum::<f64>() / m as f64).collect(),
                Report::Step => rates,
                Report::Amount => rates.iter().map(|rate| rate / m as f64).collect(),
            });
        }
        let sum = |flows: &[usize]| -> Vec<f64> {
            (0..values[0].len()).map(|period| flows.iter().map(|flow| values[*flow][period]).sum()).collect()
        };
        let (exports, imports, mixed) = (sum(&[0, 1, 2, 3]), sum(&[4, 5]), sum(&[1, 4, 5]));
        let total = exports.iter().zip(&imports).map(|(out, back)| out + back).collect();
        let balance = exports.iter().zip(&imports).map(|(out, back)| out - back).collect();
        values.extend([exports, imports, total, balance, mixed]);
        values
    }
}
