//! What sets each scenario apart from its base, in the total of one period.

use crate::report::read::{Row, Table};

use super::names::Names;

/// One scenario against its base.
pub struct Worth<'a> {
    pub scenario: &'a str,
    pub title: &'a str,
    pub base: &'a str,
    pub unit: &'a str,
    row: Row<'a>,
}

impl<'a> Worth<'a> {
    /// A column of the difference, 0 where it is empty.
    pub fn figure(&self, column: &str) -> f64 {
        self.row.number(column).unwrap_or(0.0)
    }

    /// Its simulation error; none below 100 trials.
    pub fn error(&self) -> Option<f64> {
        self.row.number("difference_se")
    }

    /// 5 %, median and 95 % of the difference.
    pub fn band(&self) -> [f64; 3] {
        ["difference_p05", "difference_p50", "difference_p95"].map(|column| self.figure(column))
    }
}

/// Every scenario that was compared, in the table's order.
pub fn worths<'a>(comparison: &'a Table, names: &'a Names, period: &str) -> Vec<Worth<'a>> {
    let rows = comparison.rows().filter(|row| row.text("measure") == "total" && row.text("period") == period);
    rows.map(|row| {
        let scenario = row.text("scenario");
        Worth { scenario, title: names.scenario(scenario), base: row.text("base"), unit: row.text("unit"), row }
    })
    .collect()
}
