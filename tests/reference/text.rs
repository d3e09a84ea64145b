//! Scenario files of the reference's worlds, and what the engine makes of them.

use std::fmt::Write;
use std::sync::atomic::AtomicBool;

use tradewinds::scenario;
use tradewinds::simulate::{self, RunOptions, Watch};

use crate::model::{
    BASE_YEAR, Base, Date, End, Exposure, FLOWS, Intervention, Memory, Phase, Regime, Report, STATES, Start, World,
};

/// Values of a scenario by trial, measure and period, which are so many.
pub fn simulated(text: &str, trials: u64, periods: usize) -> Vec<Vec<Vec<f64>>> {
    let scenario = scenario::from_text(text).unwrap_or_else(|faults| panic!("{faults}\n{text}"));
    let options = RunOptions { trials, threads: 1, ..RunOptions::default() };
    let watch = Watch { progress: &|_| (), stop: &AtomicBool::new(false) };
    let paths = simulate::paths(&scenario, &options, trials, watch).unwrap_or_else(|why| panic!("{why}\n{text}"));
    let rows: Vec<Vec<f64>> = paths.values.chunks(periods).map(<[f64]>::to_vec).collect();
    rows.chunks(rows.len() / trials as usize).map(<[Vec<f64>]>::to_vec).collect()
}

impl World {
    pub fn text(&self) -> String {
        let step = match self.steps_per_year {
            1 => "year",
            2 => "half-year",
            4 => "quarter",
            _ => "month",
        };
        let report = match self.report {
            Report::Year => "",
            Report::Step => ", report = \"step\"",
            Report::Amount => ", report = \"step\", amounts = \"period\"",
        };
        let mut text = format!(
            "pair = {{ reporter = \"PAK\", partner = [\"KAZ\", \"UZB\"] }}\nvalue = {{ unit = \"USD\" }}\n\
             horizon = {{ base = {BASE_YEAR}, end = {}, step = \"{step}\"{report} }}\n",
            BASE_YEAR + self.years as i32
        );
        for (at, (flow, id)) in self.flows.iter().zip(FLOWS).enumerate() {
            let partner = ["KAZ", "UZB"][at % 2];
            let (from, to) = if at < 4 { ("PAK", partner) } else { (partner, "PAK") };
            let base = match flow.base {
                Base::Rate(rate) => format!("base = {rate:?}"),
                Base::Total(total) => format!("base_total = {total:?}"),
            };
            let capacity = flow.capacity.map_or(String::new(), |k| format!("capacity = {k:?}\n"));
            let memory = match flow.memory {
                Memory::Persistence(persistence) => format!("persistence = {persistence:?}"),
                Memory::HalfLife(years) => format!("half_life = {years:?}"),
            };
            let noise = format!(
                "{{ permanent = {{ pull = {:?}, gap = {:?} }}, transitory = {{ {memory}, start = {:?} }} }}",
                flow.pull, flow.gap, flow.start
            );
            let _ = write!(
                text,
                "[[flow]]\nid = \"{id}\"\nfrom = \"{from}\"\nto = \"{to}\"\n{base}\ntrend = {:?}\n{capacity}noise = {noise}\n",
                flow.trend
            );
        }
        text += "[[measure]]\nid = \"mixed\"\nflows = [\"imports.*\", \"exports.a.*\", \"imports.a\"]\n";
        for (at, it) in self.interventions.iter().enumerate() {
            text += &intervention(at, it, self.regime.is_some());
        }
        self.regime.iter().for_each(|it| text += &regime(it));
        for (at, it) in self.processes.iter().enumerate() {
            let years: String =
                it.growth.iter().zip(BASE_YEAR + 1..).map(|(growth, year)| format!("{year} = {growth:?}, ")).collect();
            let _ = write!(text, "[[driver]]\nid = \"p{at}\"\nkind = \"process\"\n");
            let _ = write!(text, "growth = {{ {years}then = {:?} }}\n{}", it.then, exposure(&it.exposure));
        }
        text
    }
}

fn exposure(it: &Exposure) -> String {
    let pairs: Vec<String> = it.0.iter().map(|(pattern, value)| format!("\"{pattern}\" = {value:?}")).collect();
    if pairs.is_empty() { String::new() } else { format!("exposure = {{ {} }}\n", pairs.join(", ")) }
}

fn date(it: Date) -> String {
    let month = |months: i32| format!("{}-{:02}", BASE_YEAR + 1 + months.div_euclid(12), months.rem_euclid(12) + 1);
    match it {
        Date::Month(months) => format!("\"{}\"", month(months)),
        Date::Day(months, day, _) => format!("{}-{day:02}", month(months)),
        Date::Year(year) => format!("{year:?}"),
    }
}

fn by_state(values: &[f64; 3]) -> String {
    let pairs: Vec<String> = STATES.iter().zip(values).map(|(state, value)| format!("{state} = {value:?}")).collect();
    format!("{{ {} }}", pairs.join(", "))
}

fn intervention(at: usize, it: &Intervention, has_regime: bool) -> String {
    let start = match it.start {
        Start::At(at) => date(at),
        Start::After(other, lag) => format!("{{ after = \"i{other}\", lag = {lag:?} }}"),
    };
    let end = match it.end {
        End::Never => String::new(),
        End::At(at) => format!("ends = {}\n", date(at)),
        End::Lasts(years) => format!("lasts = {years:?}\n"),
        End::After(other, lag) => format!("ends = {{ after = \"i{other}\", lag = {lag:?} }}\n"),
    };
    let phase = match &it.phase {
        Phase::Immediate => "shape = \"immediate\"".into(),
        Phase::Linear(years) => format!("shape = \"linear\", years = {years:?}"),
        Phase::Exponential(years) => format!("shape = \"exponential\", years = {years:?}"),
        Phase::Logistic { midpoint, width } => {
            format!("shape = \"logistic\", midpoint = {midpoint:?}, width = {width:?}")
        }
        Phase::Pulse(years) => format!("shape = \"pulse\", years = {years:?}"),
        Phase::Steps(steps) => {
            let (years, shares): (Vec<f64>, Vec<f64>) = steps.iter().copied().unzip();
            format!("shape = \"steps\", years = {years:?}, share = {shares:?}")
        }
    };
    let strength = if has_regime { by_state(&it.strength) } else { format!("{:?}", it.strength[0]) };
    let interruption = it.off_in.map_or(String::new(), |off| {
        let rates = |is_off: bool| by_state(&[0, 1, 2].map(|state| if (state == off) == is_off { SURE } else { 0.0 }));
        format!("interruption = {{ off_rate = {}, on_rate = {} }}\n", rates(true), rates(false))
    });
    format!(
        "[[driver]]\nid = \"i{at}\"\nstart = {start}\n{end}effect = {:?}\nphase_in = {{ {phase} }}\nfade_years = {:?}\n\
         recover_years = {:?}\nstrength = {strength}\n{interruption}already_counted = {:?}\n{}",
        it.effect,
        it.fade,
        it.recover,
        it.already_counted,
        exposure(&it.exposure)
    )
}

/// A rate at which what can happen in a step does.
const SURE: f64 = 1e9;

fn regime(it: &Regime) -> String {
    let rows: Vec<String> =
        STATES.iter().zip(it.next).map(|(state, next)| format!("{state} = {{ {} = 1 }}", STATES[next])).collect();
    let hold = it.hold.map_or(String::new(), |state| format!("hold = \"{}\"\n", STATES[state]));
    format!(
        "[[driver]]\nid = \"world\"\nkind = \"regime\"\nenabled = {}\nstart = \"{}\"\n{hold}transition = {{ {} }}\n\
         growth = {}\nlevel = {}\nfall_years = {:?}\nrecover_years = {:?}\n{}",
        it.enabled,
        STATES[it.start],
        rows.join(", "),
        by_state(&it.growth),
        by_state(&it.level),
        it.fall,
        it.recover,
        exposure(&it.exposure)
    )
}
