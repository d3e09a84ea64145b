//! What a history has to say at a glance.

use super::{History, Observation, Series};

/// From a median absolute deviation to the sd of a normal law: the inverse of the normal quantile of 3/4. P. J. Huber,
/// *Robust Statistics*, 1981, section 5.1.
const NORMAL: f64 = 1.482_602_218_505_602;

/// A series at a glance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// First year that has an observation.
    pub first: i32,
    /// Last year that has one.
    pub last: i32,
    /// Years that have one.
    pub observations: usize,
    /// Years between the first and the last that have none.
    pub gaps: usize,
    /// Years whose value is 0.
    pub zeros: usize,
    /// The value of the last year, in the unit of the observations.
    pub last_value: f64,
    /// Log growth a year from the first positive value to the last; none if there is one only.
    pub growth: Option<f64>,
    /// Robust standard deviation of log changes from one year to the next, where both are positive: 1.4826 times their
    /// median absolute deviation. None if there are fewer than three.
    pub log_change_sd: Option<f64>,
}

/// Two reporters' views of one flow.
#[derive(Clone, Debug, PartialEq)]
pub struct Mirror {
    /// The series of the first, an index into [`History::series`].
    pub one: usize,
    /// The series of the other.
    pub other: usize,
    /// Years in which both have a positive value.
    pub years: usize,
    /// Median of `ln(other / one)` in them.
    pub log_ratio: f64,
    /// Robust standard deviation of it; none if there are fewer than three years.
    pub log_ratio_sd: Option<f64>,
}

impl Series {
    /// The series at a glance.
    pub fn summary(&self) -> Summary {
        Summary::of(&self.observations)
    }
}

impl Summary {
    /// Some observations, in the order of their years, at a glance.
    pub fn of(observations: &[Observation]) -> Summary {
        let years: Vec<(i32, f64)> = observations.iter().map(|it| (it.year, it.value)).collect();
        let (first, last) = (years.first().map_or(0, |it| it.0), years.last().map_or(0, |it| it.0));
        let positive: Vec<(i32, f64)> =
            years.iter().filter(|it| it.1 > 0.0).map(|it| (it.0, libm::log(it.1))).collect();
        let growth = match &positive[..] {
            [start, .., end] => Some((end.1 - start.1) / f64::from(end.0 - start.0)),
            _ => None,
        };
        let changes = positive.windows(2).filter(|two| two[1].0 == two[0].0 + 1).map(|two| two[1].1 - two[0].1);
        Summary {
            first,
            last,
            observations: years.len(),
            gaps: if years.is_empty() { 0 } else { (last - first) as usize + 1 - years.len() },
            zeros: years.iter().filter(|it| it.1 == 0.0).count(),
            last_value: years.last().map_or(0.0, |it| it.1),
            growth,
            log_change_sd: robust_sd(&changes.collect::<Vec<f64>>()),
        }
    }
}

impl History {
    /// Each pair of series that are the same flow by two reporters or two valuations and have a year in common.
    pub fn mirrors(&self) -> Vec<Mirror> {
        let flow = |series: &Series| (series.from.clone(), series.to.clone(), series.product.clone());
        let mut found = Vec::new();
        let mut start = 0;
        // The series of one flow stand side by side.
        for same in self.series.chunk_by(|one, other| flow(one) == flow(other)) {
            for (at, one) in same.iter().enumerate() {
                let others = same.iter().enumerate().skip(at + 1);
                found.extend(others.filter_map(|(beside, other)| mirror((start + at, one), (start + beside, other))));
            }
            start += same.len();
        }
        found
    }
}

fn mirror((at, one): (usize, &Series), (beside, other): (usize, &Series)) -> Option<Mirror> {
    let ratios: Vec<f64> = one
        .observations
        .iter()
        .filter_map(|it| {
            let found = other.observations.binary_search_by_key(&it.year, |it| it.year).ok()?;
            let ratio = other.observations[found].value / it.value;
            (ratio > 0.0 && ratio.is_finite()).then(|| libm::log(ratio))
        })
        .collect();
    let log_ratio = median(&ratios)?;
    Some(Mirror { one: at, other: beside, years: ratios.len(), log_ratio, log_ratio_sd: robust_sd(&ratios) })
}

fn robust_sd(values: &[f64]) -> Option<f64> {
    let centre = median(values)?;
    let distances: Vec<f64> = values.iter().map(|value| (value - centre).abs()).collect();
    (values.len() >= 3).then_some(NORMAL * median(&distances)?)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    match sorted.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(sorted[middle]),
        _ => Some((sorted[middle - 1] + sorted[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    #[test]
    fn gaps_zeros_growth_and_spread() {
        let text = "from,to,year,value\nA,B,2000,1\nA,B,2001,2\nA,B,2002,8\nA,B,2004,0\nA,B,2005,16\nA,B,2006,16\n";
        let summary = read(text.as_bytes(), None).unwrap().series[0].summary();
        assert_eq!((summary.first, summary.last, summary.observations), (2000, 2006, 6));
        assert_eq!((summary.gaps, summary.zeros, summary.last_value), (1, 1, 16.0));
        let two = std::f64::consts::LN_2;
        assert!((summary.growth.unwrap() - 4.0 * two / 6.0).abs() < 1e-12);
        // Changes of one year: ln 2, 2 ln 2 and 0; their median is ln 2, so is that of the distances to it.
        assert!((summary.log_change_sd.unwrap() - NORMAL * two).abs() < 1e-12);
    }

    #[test]
    fn mirrors_compare_reporters_year_by_year() {
        let text = "from,to,year,value,reporter\nA,B,2000,1,A\nA,B,2000,2,B\nA,B,2001,1,A\nA,B,2001,4,B\nA,B,2002,1,A\n\
                    A,B,2002,0,B\nA,C,2000,1,A\n";
        let history = read(text.as_bytes(), None).unwrap();
        let [mirror] = &history.mirrors()[..] else { panic!("{:?}", history.mirrors()) };
        assert_eq!((mirror.one, mirror.other, mirror.years, mirror.log_ratio_sd), (0, 1, 2, None));
        assert!((mirror.log_ratio - 1.5 * std::f64::consts::LN_2).abs() < 1e-12);
    }
}
