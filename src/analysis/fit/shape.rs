//! How wild the shocks of a panel are, by its likelihood.

use super::estimate::Estimate;
use super::panel::Stretch;
use super::pool::pool;
use super::population::Population;

/// The shape of the shocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shape {
    /// Share of the shocks that are wild.
    pub share: Estimate,
    /// Standard deviation of the wild shocks over that of the others.
    pub ratio: Estimate,
}

const SHARES: [f64; 6] = [0.015, 0.03, 0.06, 0.09, 0.135, 0.2];
const RATIOS: [f64; 5] = [2.5, 3.2, 4.0, 5.0, 6.3];

/// Standard deviations of the logarithms of both before a panel is seen: judgement, from the tails of yearly changes
/// by size of flow.
const PRIOR_SD: (f64, f64) = (0.5, 0.3);

/// So many stretches tell the shape to a few per cent; of a larger panel every second one is looked at, or every third.
const ENOUGH: usize = 2000;

/// The shape that makes the panel most likely, first the share at the usual ratio, then the ratio, then the share.
/// Standard errors are from the curvature of the likelihood with the prior, one parameter at a time.
///
/// `progress` is told of each step that is done, of how many; where it gives `false`, all ends and nothing is found.
pub fn fit_shape(
    panel: &[Stretch],
    until: i32,
    prior: &Population,
    progress: &dyn Fn(usize, usize) -> bool,
) -> Option<Shape> {
    let some: Vec<Stretch> = panel.iter().step_by(panel.len().div_ceil(ENOUGH).max(1)).cloned().collect();
    let done = std::cell::Cell::new(0);
    let goes_on = std::cell::Cell::new(true);
    let likelihood = |share: f64, ratio: f64| {
        goes_on.set(goes_on.get() && progress(done.replace(done.get() + 1), 2 * SHARES.len() + RATIOS.len()));
        if !goes_on.get() {
            return 0.0;
        }
        pool(&some, until, &Population { share, ratio, ..prior.clone() }).likelihood
    };
    let rough = peak(&SHARES, prior.share, PRIOR_SD.0, |share| likelihood(share, prior.ratio));
    let ratio = peak(&RATIOS, prior.ratio, PRIOR_SD.1, |ratio| likelihood(rough.mean, ratio));
    let share = peak(&SHARES, prior.share, PRIOR_SD.0, |share| likelihood(share, ratio.mean));
    goes_on.get().then_some(Shape { share, ratio })
}

/// The top of the parabola through the best of `values` and its neighbours, on a logarithmic scale.
fn peak(values: &[f64], prior: f64, prior_sd: f64, likelihood: impl Fn(f64) -> f64) -> Estimate {
    let at: Vec<(f64, f64)> = values
        .iter()
        .map(|value| {
            let away = libm::log(value / prior) / prior_sd;
            (libm::log(*value), likelihood(*value) - 0.5 * away * away)
        })
        .collect();
    let best = (0..at.len()).max_by(|a, b| at[*a].1.total_cmp(&at[*b].1)).expect("there are values");
    let middle = best.clamp(1, at.len() - 2);
    let [(x0, y0), (x1, y1), (x2, y2)] = [at[middle - 1], at[middle], at[middle + 1]];
    let (left, right) = ((y1 - y0) / (x1 - x0), (y2 - y1) / (x2 - x1));
    let curvature = ((left - right) / (0.5 * (x2 - x0))).max(1e-6);
    let top = (0.5 * (x0 + x1) + left / curvature).clamp(at[0].0, at[at.len() - 1].0);
    let sd = (1.0 / curvature.sqrt()).min(prior_sd);
    let mean = libm::exp(top);
    let end = |z: f64| libm::exp(top + z * sd);
    Estimate { mean, se: mean * sd, low: end(-1.644_853_626_951_472_2), high: end(1.644_853_626_951_472_2) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_parabola_is_found() {
        let parabola = |x: f64| -0.5 * ((libm::log(x) - libm::log(0.07)) / 0.1).powi(2);
        let found = peak(&SHARES, 0.07, 1e9, parabola);
        assert!((found.mean - 0.07).abs() < 1e-9 && (found.se - 0.007).abs() < 1e-9, "{found:?}");
    }
}
