//! Laws of finitely many values.

/// A law of finitely many values, constants included.
#[derive(Clone, Debug)]
pub(super) struct Discrete {
    /// Rising, each with a probability above zero.
    values: Box<[f64]>,
    probabilities: Box<[f64]>,
    /// The probability of a value or a smaller one; 1 for the last.
    cumulative: Box<[f64]>,
    /// Where the search for `u` begins: entry `k` of `n` is the first value whose cumulative probability is at least
    /// `k / n`.
    guide: Box<[u32]>,
}

impl Discrete {
    /// The law of weighted values in any order; weights need not sum to 1. None if no weight is above zero.
    pub fn new(weighted: impl IntoIterator<Item = (f64, f64)>) -> Option<Discrete> {
        let mut points: Vec<(f64, f64)> = weighted.into_iter().filter(|&(_, weight)| weight > 0.0).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        points.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            kept.1 += if same { next.1 } else { 0.0 };
            same
        });
        let total: f64 = points.iter().map(|&(_, weight)| weight).sum();
        let values: Box<[f64]> = points.iter().map(|&(value, _)| value).collect();
        let probabilities: Box<[f64]> = points.iter().map(|&(_, weight)| weight / total).collect();
        let cumulative = cumulative(&points, total)?;
        let guide = guide(&cumulative);
        Some(Discrete { values, probabilities, cumulative, guide })
    }

    /// The smallest value whose cumulative probability is at least `u`; by a guide table (H.-C. Chen and Y. Asau, "On
    /// generating random variates from an empirical distribution", AIIE Transactions 6 (1974), 163-166).
    #[inline]
    pub fn quantile(&self, u: f64) -> f64 {
        let last = self.values.len() - 1;
        let start = ((u * self.guide.len() as f64) as usize).min(last);
        let mut i = self.guide[start] as usize;
        while i < last && self.cumulative[i] < u {
            i += 1;
        }
        self.values[i]
    }

    pub fn support(&self) -> (f64, f64) {
        (self.values[0], self.values[self.values.len() - 1])
    }

    /// Mean and standard deviation; infinite where they overflow.
    pub fn moments(&self) -> (f64, f64) {
        let origin = self.values[0];
        let mean_beyond = self.expect(|x| x - origin);
        let variance = self.expect(|x| (x - origin - mean_beyond) * (x - origin - mean_beyond));
        (origin + mean_beyond, variance.sqrt())
    }

    fn expect(&self, f: impl Fn(f64) -> f64) -> f64 {
        self.values.iter().zip(&self.probabilities).map(|(&value, probability)| probability * f(value)).sum()
    }
}

/// Cumulative probabilities, if there are any.
fn cumulative(points: &[(f64, f64)], total: f64) -> Option<Box<[f64]>> {
    let mut sum = 0.0;
    let mut cumulative: Box<[f64]> = points
        .iter()
        .map(|&(_, weight)| {
            sum += weight;
            sum / total
        })
        .collect();
    // The last one is certain, whatever rounding says.
    *cumulative.last_mut()? = 1.0;
    Some(cumulative)
}

fn guide(cumulative: &[f64]) -> Box<[u32]> {
    let n = cumulative.len();
    let mut i = 0;
    (0..n)
        .map(|k| {
            while cumulative[i] < k as f64 / n as f64 {
                i += 1;
            }
            i as u32
        })
        .collect()
}
