//! Random worlds without chance in them.

use crate::model::{
    BASE_YEAR, Base, Date, End, Exposure, Flow, Intervention, Memory, Phase, Process, Regime, Report, Start, World,
};

/// Numbers in [0, 1) to build a world from; when they are used up it starts again.
pub struct Dice<'a> {
    pub numbers: &'a [f64],
    pub used: usize,
}

impl Dice<'_> {
    fn unit(&mut self) -> f64 {
        self.used += 1;
        self.numbers[(self.used - 1) % self.numbers.len()]
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }

    fn often(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// Zero in a third of all cases.
    fn years(&mut self, high: f64) -> f64 {
        if self.often(1.0 / 3.0) { 0.0 } else { self.between(0.01, high) }
    }

    fn date(&mut self) -> Date {
        match self.below(3) {
            0 => Date::Month(self.below(80) as i32 - 30),
            1 => Date::Day(12 * (self.below(6) as i32 - 2), 1 + self.below(31) as u32, 31),
            _ => Date::Year(f64::from(BASE_YEAR + 1) + self.between(-3.0, 5.0)),
        }
    }

    fn exposure(&mut self) -> Exposure {
        let patterns = ["*", "exports.*", "exports.a", "exports.a.*", "imports.*", "imports.b.*", "goods"];
        let mut pairs: Vec<(&'static str, f64)> = Vec::new();
        if self.often(0.8) {
            for pattern in patterns {
                if self.often(0.5) {
                    pairs.push((pattern, self.between(-1.0, 1.5)));
                }
            }
        }
        Exposure(pairs)
    }

    fn phase(&mut self) -> Phase {
        let years = 10.0_f64.powf(self.between(-2.0, 1.0));
        match self.below(6) {
            0 => Phase::Immediate,
            1 => Phase::Linear(years),
            2 => Phase::Exponential(years),
            3 => Phase::Logistic { midpoint: self.between(-1.0, 5.0), width: years },
            4 => Phase::Pulse(years),
            _ => Phase::Steps(vec![(0.0, 0.3), (self.between(0.1, 1.0), 0.8), (self.between(1.0, 4.0), 0.6)]),
        }
    }

    fn intervention(&mut self, earlier: usize, has_regime: bool) -> Intervention {
        let start = match earlier {
            1.. if self.often(0.3) => Start::After(self.below(earlier), self.between(0.0, 2.0)),
            _ => Start::At(self.date()),
        };
        let end = match start {
            _ if self.often(0.4) => End::Lasts(self.between(0.02, 4.0)),
            // So that the end is after the start.
            Start::At(Date::Month(months)) if self.often(0.7) => {
                End::At(Date::Month(months + 1 + self.below(40) as i32))
            }
            Start::At(Date::Year(year)) if self.often(0.7) => End::At(Date::Year(year + self.between(0.01, 3.0))),
            Start::After(other, lag) if self.often(0.7) => End::After(other, lag + self.between(0.1, 2.0)),
            _ => End::Never,
        };
        Intervention {
            start,
            end,
            effect: self.between(-0.5, 0.5),
            phase: self.phase(),
            fade: self.years(3.0),
            recover: self.years(3.0),
            strength: [self.between(0.0, 1.5), self.between(0.0, 1.5), self.between(0.0, 1.5)],
            off_in: if has_regime && self.often(0.5) { Some(self.below(3)) } else { None },
            already_counted: self.unit(),
            exposure: self.exposure(),
        }
    }

    fn regime(&mut self) -> Regime {
        Regime {
            enabled: self.often(0.8),
            start: self.below(3),
            hold: if self.often(0.2) { Some(self.below(3)) } else { None },
            next: [self.below(3), self.below(3), self.below(3)],
            growth: [self.between(-0.1, 0.1), self.between(-0.1, 0.1), self.between(-0.1, 0.1)],
            level: [self.between(-0.5, 0.5), self.between(-0.5, 0.5), self.between(-0.5, 0.5)],
            fall: self.years(3.0),
            recover: self.years(3.0),
            exposure: self.exposure(),
        }
    }

    fn flow(&mut self) -> Flow {
        let size = self.between(0.1, 100.0);
        Flow {
            base: if self.often(0.5) { Base::Rate(size) } else { Base::Total(size) },
            trend: self.between(-0.1, 0.1),
            capacity: if self.often(0.5) { Some(size * self.between(0.5, 4.0)) } else { None },
            pull: self.years(1.0),
            gap: self.between(-1.0, 1.0),
            memory: match self.below(3) {
                0 => Memory::HalfLife(self.between(0.05, 5.0)),
                1 => Memory::Persistence(0.0),
                _ => Memory::Persistence(self.between(0.0, 0.99)),
            },
            start: self.between(-0.5, 0.5),
        }
    }

    fn process(&mut self) -> Process {
        let years = self.below(4);
        Process {
            growth: (0..years).map(|_| self.between(-0.1, 0.1)).collect(),
            then: self.between(-0.1, 0.1),
            exposure: self.exposure(),
        }
    }

    pub fn world(&mut self) -> World {
        let regime = if self.often(0.7) { Some(self.regime()) } else { None };
        let interventions = (0..4).map(|at| self.intervention(at, regime.is_some())).collect();
        World {
            years: 1 + self.below(5),
            steps_per_year: [1, 2, 4, 12][self.below(4)],
            report: [Report::Year, Report::Step, Report::Amount][self.below(3)],
            flows: (0..6).map(|_| self.flow()).collect(),
            regime,
            interventions,
            processes: vec![self.process()],
        }
    }
}
