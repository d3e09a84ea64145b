//! That `fit` finds the parameters of a simulated panel.

use tradewinds::analysis::fit::{Observed, Population, Stretch, fit_flow, pool};
use tradewinds::quantity::inverse_normal;

/// Uniform numbers by SplitMix64 (G. Steele, D. Lea and C. Flood, "Fast Splittable Pseudorandom Number Generators",
/// 2014).
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 + 1e-17
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + self.next() * (high - low)
    }

    fn normal(&mut self) -> f64 {
        inverse_normal(self.next())
    }

    /// Contaminated normal with unit variance: a share of .06 with 4 times the standard deviation.
    fn shock(&mut self) -> f64 {
        let calm = 1.0 / (1.0 - 0.06 + 0.06 * 16.0f64).sqrt();
        let scale = if self.next() < 0.06 { 4.0 * calm } else { calm };
        scale * self.normal()
    }
}

struct Truth {
    trend: f64,
    permanent: f64,
    transitory: f64,
    persistence: f64,
    pull: f64,
    start: f64,
}

const FLOWS: usize = 200;
const YEARS: usize = 30;
const GROWTH: f64 = 0.04;

/// A flow of about 30 million USD whose parameters are drawn from a population.
fn simulate(draw: &mut Uniform, of: usize, own_trend: f64) -> (Stretch, Truth) {
    let total = 0.45 * libm_exp(0.4 * draw.normal());
    let ratio = draw.between(0.3, 2.5);
    let permanent = total / (1.0 + ratio * ratio).sqrt();
    let transitory = permanent * ratio;
    let persistence = draw.between(0.0, 0.75);
    let pull = 0.3 * draw.next() * draw.next();
    let trend = own_trend * draw.normal();
    let keeps = libm_exp(-pull);
    let (mut anchor, mut u) = (3.4, transitory * draw.shock());
    let mut m = anchor - u;
    let mut logs = vec![m + u];
    anchor = logs[0];
    for _ in 1..YEARS {
        m = anchor + keeps * (m - anchor) + GROWTH + trend + permanent * draw.shock();
        anchor += GROWTH;
        u = persistence * u + transitory * (1.0 - persistence * persistence).sqrt() * draw.shock();
        logs.push(m + u);
    }
    let truth = Truth { trend: GROWTH + trend, permanent, transitory, persistence, pull, start: u };
    (Stretch { series: of, pair: of, first: 1990, logs }, truth)
}

fn libm_exp(x: f64) -> f64 {
    // Only this test's own data: what is tested does not depend on its last bit.
    x.exp()
}

/// How many of the flows of a panel have each parameter in its 90 % interval.
fn held(seed: u64) -> [usize; 6] {
    let mut draw = Uniform(seed);
    // Noise does not follow size here, so that the truth is one number a flow.
    let prior = Population { exponent: 0.0, ..Population::wide() };
    let (panel, truths): (Vec<Stretch>, Vec<Truth>) =
        (0..FLOWS).map(|of| simulate(&mut draw, of, prior.own_trend)).unzip();
    let pooled = pool(&panel, 1990 + YEARS as i32 - 1, &prior);
    let mut counts = [0; 6];
    for (at, truth) in truths.iter().enumerate() {
        let fit = fit_flow(&pooled, &Observed::stretch(&panel[at], 2100));
        let pairs = [
            (fit.trend, truth.trend),
            (fit.permanent, truth.permanent),
            (fit.transitory, truth.transitory),
            (fit.persistence, truth.persistence),
            (fit.pull, truth.pull),
            (fit.start, truth.start),
        ];
        for (count, (estimate, truth)) in counts.iter_mut().zip(pairs) {
            *count += usize::from((estimate.low..=estimate.high).contains(&truth));
        }
    }
    counts
}

/// Of the intervals of three panels of 200 flows, 85 to 95 % hold the truth, for each parameter. Intervals that hold it
/// with probability .90, of independent flows, are outside of that for one seed in 20,000: 4.1 standard errors.
#[test]
fn intervals_hold_the_truth_as_often_as_they_say() {
    let counts = [1, 2, 3].map(held);
    for (at, what) in ["trend", "permanent", "transitory", "persistence", "pull", "start"].iter().enumerate() {
        let inside: usize = counts.iter().map(|of_seed| of_seed[at]).sum();
        let share = inside as f64 / (3 * FLOWS) as f64;
        assert!((0.85..=0.95).contains(&share), "{what}: {counts:?}");
    }
}

/// What is simulated for a flow that two reporters state: its truth, and bias and errors of the reporters.
struct Reporters {
    bias: f64,
    errors: [f64; 2],
}

/// The flow as two reporters see it, each with gaps: the mirror lacks the first years, the reporter every seventh.
fn reported(draw: &mut Uniform, stretch: &Stretch) -> (Observed, Reporters) {
    let bias = 0.5 * draw.normal();
    let errors = [0, 1].map(|_| 0.07 * libm_exp(draw.next() * (1.5f64 / 0.07).ln()));
    let years = stretch.logs.iter().enumerate().map(|(at, log)| {
        let [own, mirror] = [log + errors[0] * draw.normal(), log + bias + errors[1] * draw.normal()];
        [(at % 7 != 3).then_some(own), (at >= 4).then_some(mirror)]
    });
    let seen = Observed { first: stretch.first, years: years.collect(), is_mirrored: true };
    (seen, Reporters { bias, errors })
}

/// The same of 200 flows with two reporters each, and for bias and errors of the reporters. Shares are held to 82 to 97 %:
/// 3.5 standard errors of 200 flows below and above .90, which one of nine leaves once in 250 seeds. It takes minutes, so
/// it is run by hand and prints the shares: `cargo test --release --test recovery -- --ignored --nocapture`.
#[test]
#[ignore = "takes minutes"]
fn intervals_of_two_reporters_hold_the_truth_as_often_as_they_say() {
    let mut draw = Uniform(4);
    let prior = Population { exponent: 0.0, ..Population::wide() };
    let (panel, truths): (Vec<Stretch>, Vec<Truth>) =
        (0..FLOWS).map(|of| simulate(&mut draw, of, prior.own_trend)).unzip();
    let pooled = pool(&panel, 1990 + YEARS as i32 - 1, &prior);
    let mut counts = [0; 9];
    for (stretch, truth) in panel.iter().zip(&truths) {
        let (seen, reporters) = reported(&mut draw, stretch);
        let fit = fit_flow(&pooled, &seen);
        let mirror = fit.mirror.expect("there is a mirror");
        let pairs = [
            (fit.trend, truth.trend),
            (fit.permanent, truth.permanent),
            (fit.transitory, truth.transitory),
            (fit.persistence, truth.persistence),
            (fit.pull, truth.pull),
            (fit.start, truth.start),
            (mirror.bias, reporters.bias),
            (mirror.own_error, reporters.errors[0]),
            (mirror.mirror_error, reporters.errors[1]),
        ];
        for (count, (estimate, truth)) in counts.iter_mut().zip(pairs) {
            *count += usize::from((estimate.low..=estimate.high).contains(&truth));
        }
    }
    let names =
        ["trend", "permanent", "transitory", "persistence", "pull", "start", "bias", "own error", "mirror's error"];
    for (name, count) in names.iter().zip(counts) {
        println!("{name}: {:.1} %", 100.0 * count as f64 / FLOWS as f64);
    }
    assert!(counts.iter().all(|count| (164..=194).contains(count)), "{counts:?}");
}
