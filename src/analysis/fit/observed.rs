//! One flow as its reporters state it.

use super::panel::Stretch;
use crate::history::Series;

/// The years of one flow by the reporter whose figures are wanted and, as far as there is one, by its mirror.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// First year.
    pub first: i32,
    /// Natural logarithms of million USD, by the reporter and by its mirror. A zero is no observation.
    pub years: Vec<[Option<f64>; 2]>,
    /// Whether there is a mirror: without one nothing tells errors of a reporter from transitory noise.
    pub is_mirrored: bool,
}

impl Observed {
    /// A stretch up to a year, by one reporter.
    pub fn stretch(stretch: &Stretch, until: i32) -> Observed {
        let years = stretch.until(until).iter().map(|log| [Some(*log), None]).collect();
        Observed { first: stretch.first, years, is_mirrored: false }
    }

    /// All years of a series and its mirror up to one that may lie behind the last observation. Nothing without any.
    pub fn series(own: &Series, mirror: Option<&Series>, until: i32) -> Option<Observed> {
        let mut seen: Vec<(i32, usize, f64)> = Vec::new();
        for (of, series) in std::iter::once(own).chain(mirror).enumerate() {
            let known = series.observations.iter().filter(|it| it.value > 0.0 && it.year <= until);
            seen.extend(known.map(|it| (it.year, of, libm::log(it.value))));
        }
        let first = seen.iter().map(|(year, ..)| *year).min()?;
        let mut years = vec![[None; 2]; (until - first + 1) as usize];
        for (year, of, log) in seen {
            years[(year - first) as usize][of] = Some(log);
        }
        Some(Observed { first, years, is_mirrored: mirror.is_some() })
    }

    /// The last observation of the reporter and its year, else of the mirror.
    pub fn last(&self) -> Option<(i32, f64)> {
        let of = |which: usize| {
            let at = self.years.iter().rposition(|it| it[which].is_some())?;
            Some((self.first + at as i32, self.years[at][which]?))
        };
        of(0).or_else(|| of(1))
    }

    /// The last year, observed or not.
    pub fn end(&self) -> i32 {
        self.first + self.years.len() as i32 - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reporters_lie_side_by_side_and_zeros_are_gaps() {
        let text = "from,to,year,value,reporter\nA,B,2000,1,A\nA,B,2002,0,A\nA,B,1999,1,B\nA,B,2003,1,B\n";
        let history = crate::history::read(text.as_bytes(), None).unwrap();
        let found = Observed::series(&history.series[0], Some(&history.series[1]), 2004).unwrap();
        let (no, one) = (None, Some(0.0));
        assert_eq!((found.first, found.end(), found.last()), (1999, 2004, Some((2000, 0.0))));
        assert_eq!(found.years, [[no, one], [one, no], [no, no], [no, no], [no, one], [no, no]]);
    }
}
