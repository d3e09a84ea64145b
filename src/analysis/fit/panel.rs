//! A history as gap-free stretches of logarithms.

use crate::history::{History, Series};

/// Consecutive years in which one flow was above zero.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Index of the series in its history.
    pub series: usize,
    /// Two flows between the same two countries have the same number.
    pub pair: usize,
    /// First year.
    pub first: i32,
    /// Natural logarithm of million USD, a year each.
    pub logs: Vec<f64>,
}

impl Stretch {
    /// Last year.
    pub fn last(&self) -> i32 {
        self.first + self.logs.len() as i32 - 1
    }

    /// The part up to a year; nothing if it begins later.
    pub fn until(&self, year: i32) -> &[f64] {
        let years = (year + 1 - self.first).clamp(0, self.logs.len() as i32);
        &self.logs[..years as usize]
    }

    /// The observation of a year.
    pub fn at(&self, year: i32) -> Option<f64> {
        usize::try_from(year - self.first).ok().and_then(|at| self.logs.get(at)).copied()
    }
}

/// All stretches of a history. Flows of a country to itself are no trade and are left out.
///
/// A zero or a missing year ends a stretch: a logarithm cannot say what a zero is worth.
pub fn stretches(history: &History) -> Vec<Stretch> {
    let mut found = Vec::new();
    let mut pairs = std::collections::HashMap::new();
    for (index, series) in history.series.iter().enumerate().filter(|(_, it)| it.from != it.to) {
        let next = pairs.len();
        let pair = *pairs.entry(ends(series)).or_insert(next);
        let mut current: Option<Stretch> = None;
        for seen in &series.observations {
            let goes_on = current.as_ref().is_some_and(|it| it.last() + 1 == seen.year && seen.value > 0.0);
            if !goes_on {
                found.extend(current.take());
            }
            if seen.value > 0.0 {
                let log = libm::log(seen.value);
                current
                    .get_or_insert_with(|| Stretch { series: index, pair, first: seen.year, logs: Vec::new() })
                    .logs
                    .push(log);
            }
        }
        found.extend(current);
    }
    found
}

/// The two countries, in one order for both directions.
fn ends(series: &Series) -> (&str, &str) {
    let (from, to) = (series.from.as_str(), series.to.as_str());
    if from <= to { (from, to) } else { (to, from) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zeros_and_gaps_end_a_stretch_and_directions_share_a_pair() {
        let table =
            "from,to,year,value\nA,B,2000,1\nA,B,2001,0\nA,B,2002,2\nA,B,2003,3\nA,B,2005,4\nB,A,2000,1\nA,A,2000,9\n";
        let history = crate::history::read(table.as_bytes(), None).unwrap();
        let found: Vec<(i32, usize, usize)> =
            stretches(&history).iter().map(|it| (it.first, it.logs.len(), it.pair)).collect();
        assert_eq!(found, [(2000, 1, 0), (2002, 2, 0), (2005, 1, 0), (2000, 1, 0)]);
    }
}
