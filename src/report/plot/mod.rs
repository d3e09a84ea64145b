//! Fan charts as pictures for a paper, without a browser.
//!
//! [`fan`] picks what a chart shows from finished files, [`svg`] draws it and [`png`] makes dots of that. The font lies
//! in `font/`, so no font of the machine has a part in the picture. Letters become outlines: they look the same to any
//! reader of the file.

mod table;
mod data;
mod axis;
mod draw;
mod render;

pub use data::{Finished, fan};
pub use render::{png, svg};

/// A fan chart: quantiles over time.
#[derive(Clone, Debug, PartialEq)]
pub struct FanChart {
    /// The line at its top.
    pub title: String,
    /// A smaller line under it.
    pub subtitle: String,
    /// What values are counted in.
    pub unit: String,
    /// The line at its bottom: where the figures come from.
    pub source: String,
    /// Periods in order, at least two, all with the same levels.
    pub points: Vec<Point>,
    /// What was observed, reporter by reporter.
    pub observed: Vec<Observed>,
}

/// What one reporter states.
#[derive(Clone, Debug, PartialEq)]
pub struct Observed {
    /// Whose figures they are; empty if nobody says.
    pub reporter: String,
    /// Calendar years in order, and their values in the unit of the chart.
    pub values: Vec<(i32, f64)>,
}

/// The quantiles of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Its place in decimal years.
    pub at: f64,
    /// Whether it is the base year, or was projected.
    pub is_base: bool,
    /// Value by level, levels ascending between 0 and 1.
    pub quantiles: Vec<(f64, f64)>,
}

impl Point {
    /// The value at a level; between two known levels on the straight line through them.
    pub fn quantile(&self, level: f64) -> f64 {
        let known = &self.quantiles;
        let above = known.iter().position(|&(at, _)| at >= level - 1e-9).unwrap_or(known.len() - 1);
        let (high, value) = known[above];
        if above == 0 || high <= level + 1e-9 {
            return value;
        }
        let (low, below) = known[above - 1];
        below + (value - below) * (level - low) / (high - low)
    }
}

#[cfg(test)]
mod tests;
