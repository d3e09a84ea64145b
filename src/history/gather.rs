//! Values by flow and year, as they come.

use std::collections::HashMap;

use super::period::Period;

/// How many rows of single products are kept in mind to find those that stand twice. That takes about 50 MB; in longer
/// tables further rows are not looked at for it.
const REMEMBERED: usize = 1_800_000;

/// What makes a series, as numbers of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) reporter: u32,
    pub(super) valuation: u8,
    /// A product, or the level of detail that products are summed over.
    pub(super) product: u32,
}

/// A value of one period of one series.
#[derive(Clone, Copy, Debug)]
pub(super) struct Value {
    pub(super) period: Period,
    /// In millions.
    pub(super) amount: f64,
    pub(super) line: u64,
    /// The product, where products are summed.
    pub(super) summand: Option<u32>,
}

/// What was found where a value was put.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Put {
    New,
    /// The same value was there, from this line.
    Repeated(u64),
    /// Another value was there, from this line.
    Conflict(u64, f64),
    /// The same part of a year was there. Parts are added up at once, so what it was is not known any more.
    PartTwice,
}

/// A year, or the parts of one that were seen.
#[derive(Clone, Copy, Debug)]
struct Point {
    year: i32,
    per_year: u8,
    parts: u16,
    line: u64,
    amount: f64,
}

/// A year of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Annual {
    pub(super) year: i32,
    pub(super) amount: f64,
    pub(super) line: u64,
}

/// All values so far. Grows with the number of series and years, not with the number of rows.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    index: HashMap<Key, u32>,
    points: Vec<Vec<Point>>,
    summands: HashMap<(u32, u32, i16, u8), (u32, f32)>,
}

impl Gathered {
    pub(super) fn put(&mut self, key: Key, value: Value) -> Put {
        let next = self.points.len() as u32;
        let series = *self.index.entry(key).or_insert(next);
        if series == next {
            self.points.push(Vec::new());
        }
        if let Some(found) = self.remember(series, value) {
            return found;
        }
        let points = &mut self.points[series as usize];
        let Period { year, per_year, part } = value.period;
        let wanted = (year, per_year);
        let at = match points.last() {
            // Most tables go through the years in order.
            Some(last) if (last.year, last.per_year) < wanted => Err(points.len()),
            _ => points.binary_search_by_key(&wanted, |point| (point.year, point.per_year)),
        };
        match at {
            Err(at) => {
                let point = Point { year, per_year, parts: 1 << part, line: value.line, amount: value.amount };
                points.insert(at, point);
            }
            Ok(at) => {
                let point = &mut points[at];
                if value.summand.is_none() && point.parts & (1 << part) != 0 {
                    return match (per_year, point.amount == value.amount) {
                        (1, true) => Put::Repeated(point.line),
                        (1, false) => Put::Conflict(point.line, point.amount),
                        _ => Put::PartTwice,
                    };
                }
                point.parts |= 1 << part;
                point.amount += value.amount;
            }
        }
        Put::New
    }

    /// Whether the product of a sum is there already.
    fn remember(&mut self, series: u32, value: Value) -> Option<Put> {
        let summand = value.summand?;
        let key = (series, summand, value.period.year as i16, value.period.part);
        if let Some((line, amount)) = self.summands.get(&key) {
            return Some(match *amount == value.amount as f32 {
                true => Put::Repeated(u64::from(*line)),
                false => Put::Conflict(u64::from(*line), f64::from(*amount)),
            });
        }
        if self.summands.len() < REMEMBERED {
            self.summands.insert(key, (value.line as u32, value.amount as f32));
        }
        None
    }

    /// The years of each key in order, and how many years were left out because parts of them are missing.
    pub(super) fn finish(self) -> (Vec<(Key, Vec<Annual>)>, u64) {
        let mut incomplete = 0;
        let mut found: Vec<(Key, Vec<Annual>)> = Vec::with_capacity(self.index.len());
        for (key, series) in self.index {
            found.push((key, annual(&self.points[series as usize], &mut incomplete)));
        }
        found.sort_unstable_by_key(|(key, _)| *key);
        (found, incomplete)
    }
}

/// The years of some points. A year's own value counts before the sum of its parts, and the longest parts first.
fn annual(points: &[Point], incomplete: &mut u64) -> Vec<Annual> {
    let mut years = Vec::new();
    for of_year in points.chunk_by(|one, other| one.year == other.year) {
        let whole = of_year.iter().find(|point| u32::from(point.parts.count_ones() as u8) == u32::from(point.per_year));
        match whole {
            Some(point) => years.push(Annual { year: point.year, amount: point.amount, line: point.line }),
            None => *incomplete += 1,
        }
    }
    years
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: Key = Key { from: 0, to: 1, reporter: 2, valuation: 0, product: 0 };

    fn value(period: &str, amount: f64, line: u64, summand: Option<u32>) -> Value {
        Value { period: Period::parse(period).unwrap(), amount, line, summand }
    }

    #[test]
    fn years_come_in_order_and_stand_once() {
        let mut gathered = Gathered::default();
        assert_eq!(gathered.put(KEY, value("2001", 2.0, 2, None)), Put::New);
        assert_eq!(gathered.put(KEY, value("1999", 1.0, 3, None)), Put::New);
        assert_eq!(gathered.put(KEY, value("2001", 2.0, 4, None)), Put::Repeated(2));
        assert_eq!(gathered.put(KEY, value("2001", 3.0, 5, None)), Put::Conflict(2, 2.0));
        let (found, incomplete) = gathered.finish();
        let years: Vec<(i32, f64)> = found[0].1.iter().map(|it| (it.year, it.amount)).collect();
        assert_eq!((years, incomplete), (vec![(1999, 1.0), (2001, 2.0)], 0));
    }

    #[test]
    fn products_are_summed_once_each() {
        let mut gathered = Gathered::default();
        assert_eq!(gathered.put(KEY, value("2001", 2.0, 2, Some(7))), Put::New);
        assert_eq!(gathered.put(KEY, value("2001", 3.0, 3, Some(8))), Put::New);
        assert_eq!(gathered.put(KEY, value("2001", 2.0, 4, Some(7))), Put::Repeated(2));
        assert_eq!(gathered.put(KEY, value("2001", 5.0, 5, Some(8))), Put::Conflict(3, 3.0));
        assert_eq!(gathered.finish().0[0].1[0].amount, 5.0);
    }

    #[test]
    fn a_year_needs_all_its_parts() {
        let mut gathered = Gathered::default();
        for quarter in 1..=4 {
            gathered.put(KEY, value(&format!("2001-Q{quarter}"), 1.0, quarter, None));
        }
        assert_eq!(gathered.put(KEY, value("2001-Q4", 1.0, 5, None)), Put::PartTwice);
        gathered.put(KEY, value("2002-Q1", 1.0, 9, None));
        gathered.put(KEY, value("2003-Q1", 1.0, 10, None));
        gathered.put(KEY, value("2003", 7.0, 11, None));
        let (found, incomplete) = gathered.finish();
        let years: Vec<(i32, f64)> = found[0].1.iter().map(|it| (it.year, it.amount)).collect();
        assert_eq!((years, incomplete), (vec![(2001, 4.0), (2003, 7.0)], 1));
    }
}
