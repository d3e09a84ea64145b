//! What all flows of a panel have in common.

/// How noisy a flow can be, and how its noise passes: one of the laws that flows are mixed of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// Standard deviation of the permanent noise a year, for a flow of [`REFERENCE`] million USD.
    pub permanent: f64,
    /// Standard deviation of the transitory noise, likewise.
    pub transitory: f64,
    /// Autocorrelation of the transitory noise after a year, in [0, 1).
    pub persistence: f64,
    /// Speed at which the permanent part returns to its level, a year; 0 for a random walk.
    pub pull: f64,
}

/// The value, in million USD, at which [`Cell`] states its noise.
pub const REFERENCE: f64 = 30.0;

/// Noise levels as multiples of [`TYPICAL`].
const SCALES: [f64; 9] = [0.2, 0.3, 0.45, 0.65, 0.95, 1.35, 1.95, 2.8, 4.2];

/// Typical noise of a flow of 30 million USD: 0.74 V^-0.20 is the robust standard deviation of its yearly log change
/// in 69 countries from 1986 to 2006; the full one is larger by about 1.3 among quiet flows.
const TYPICAL: f64 = 0.487;

/// Transitory as multiples of permanent noise.
const RATIOS: [f64; 5] = [0.0, 0.7, 1.5, 3.0, 6.0];

/// What a panel that says little falls back on: how common the scales and ratios are. Measured on US trade by
/// partner from 1985 to 2022 and on the manufactures of 69 countries from 1986 to 2006, which agree.
const SCALES_PRIOR: [f64; 9] = [0.01, 0.02, 0.08, 0.24, 0.35, 0.20, 0.07, 0.02, 0.01];
const RATIOS_PRIOR: [f64; 5] = [0.45, 0.20, 0.20, 0.10, 0.05];

/// The laws that flows are mixed of, how common each is before a panel is seen, and what they share.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// The laws.
    pub cells: Vec<Cell>,
    /// How common each is; sums to 1.
    pub weights: Vec<f64>,
    /// The factor between neighbouring scales of noise.
    pub scale_step: f64,
    /// Both standard deviations of a flow are proportional to `value^-exponent`. Across flows the exponent is about
    /// 0.2; as a single flow grows, its noise falls less.
    pub exponent: f64,
    /// Share of the shocks that are wild.
    pub share: f64,
    /// Standard deviation of the wild shocks over that of the others.
    pub ratio: f64,
    /// Standard deviation of a flow's own trend about the common one, log points a year.
    pub own_trend: f64,
    /// The growth that all flows share.
    pub growth: GrowthPrior,
}

/// What is known of common growth before a panel is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GrowthPrior {
    /// Expected growth, log points a year.
    pub mean: f64,
    /// Standard deviation of the growth of a year.
    pub sd: f64,
    /// How many years of observation this is worth.
    pub years: f64,
}

impl Population {
    /// Laws that differ in noise and in how much of it is transitory, with these persistences and pulls, all as
    /// common as each other.
    pub fn new(persistences: &[f64], pulls: &[f64]) -> Population {
        let scales: Vec<(f64, f64)> = SCALES.into_iter().zip(SCALES_PRIOR).collect();
        Population::of_scales(&scales, persistences, pulls)
    }

    fn of_scales(scales: &[(f64, f64)], persistences: &[f64], pulls: &[f64]) -> Population {
        let mut cells = Vec::new();
        let mut weights = Vec::new();
        for (scale, scale_prior) in scales {
            for (ratio, ratio_prior) in RATIOS.iter().zip(RATIOS_PRIOR) {
                for persistence in persistences {
                    for pull in pulls {
                        let permanent = TYPICAL * scale / (1.0 + ratio * ratio).sqrt();
                        let transitory = permanent * ratio;
                        cells.push(Cell { permanent, transitory, persistence: *persistence, pull: *pull });
                        weights.push(scale_prior * ratio_prior);
                    }
                }
            }
        }
        let total: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= total);
        let ratio = scales[1].0 / scales[0].0;
        Population { cells, weights, scale_step: ratio, ..Population::default() }
    }

    /// The grid that `fit` uses: finer, and noise may fade over years and return to a level slowly or fast.
    pub fn wide() -> Population {
        let mut scales = Vec::new();
        for (at, (scale, prior)) in SCALES.into_iter().zip(SCALES_PRIOR).enumerate() {
            scales.push((scale, prior));
            if let (Some(next), Some(next_prior)) = (SCALES.get(at + 1), SCALES_PRIOR.get(at + 1)) {
                scales.push(((scale * next).sqrt(), 0.5 * (prior + next_prior)));
            }
        }
        Population::of_scales(&scales, &[0.0, 0.3, 0.6], &[0.0, 0.05, 0.15])
    }

    /// The persistences of the laws, rising.
    pub(super) fn persistences(&self) -> Vec<f64> {
        distinct(self.cells.iter().map(|cell| cell.persistence))
    }

    /// The pulls of the laws, rising.
    pub(super) fn pulls(&self) -> Vec<f64> {
        distinct(self.cells.iter().map(|cell| cell.pull))
    }

    /// Between which ratios of transitory to permanent noise lie the laws that a cell of this ratio stands for.
    pub(super) fn ratio_bounds(ratio: f64) -> (f64, f64) {
        let at = RATIOS.iter().position(|it| (it - ratio).abs() < 1e-6).unwrap_or(0);
        let low = if at == 0 { 0.0 } else { 0.5 * (RATIOS[at - 1] + RATIOS[at]) };
        let high = RATIOS.get(at + 1).map_or(1.5 * RATIOS[at], |next| 0.5 * (RATIOS[at] + next));
        (low, high)
    }

    /// The factor on the noise of a flow whose logarithm is `level`. Below 50 thousand and above 100 billion USD
    /// there was nothing to measure the law on: it ends there.
    pub fn size_factor(&self, level: f64) -> f64 {
        let (least, most) = (libm::log(0.05), libm::log(1e5));
        libm::exp(-self.exponent * (level.clamp(least, most) - libm::log(REFERENCE)))
    }

    /// The scale of normal and of wild shocks for which both together have unit variance.
    pub(super) fn shock_variances(&self) -> [(f64, f64); 2] {
        let square = self.ratio * self.ratio;
        let calm = 1.0 / (1.0 - self.share + self.share * square);
        [(1.0 - self.share, calm), (self.share, calm * square)]
    }
}

fn distinct(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut found: Vec<f64> = values.collect();
    found.sort_by(f64::total_cmp);
    found.dedup();
    found
}

impl Default for Population {
    /// No laws yet; what all share as measured on two panels, see `docs/skill.md`.
    fn default() -> Population {
        Population {
            cells: Vec::new(),
            weights: Vec::new(),
            scale_step: 1.0,
            exponent: 0.10,
            share: 0.06,
            ratio: 4.0,
            own_trend: 0.02,
            growth: GrowthPrior { mean: 0.045, sd: 0.10, years: 20.0 },
        }
    }
}
