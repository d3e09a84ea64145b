//! `backtest.csv` and `pit.csv`.

use std::io::{self, Write};

use crate::analysis::backtest::Backtest;

use super::Dialect;
use super::record::{BacktestRow, PitRow};
use super::table::{Text, write_rows};

/// `backtest.csv`: a row for each model, horizon and size of flow.
///
/// # Errors
/// If `out` cannot be written to.
pub fn backtest(found: &Backtest, dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let rows = found.rows.iter().map(|row| {
        let [cover50, cover80, cover90] = row.covered.map(|share| dialect.short(share));
        BacktestRow {
            model: Text(&row.model),
            horizon: row.horizon,
            size_class: Text(row.size),
            series: row.series as u64,
            n: row.n as u64,
            crps: dialect.short(row.crps.value),
            crps_se: dialect.short_or_empty(row.crps.se),
            difference: dialect.short(row.difference.value),
            difference_se: dialect.short_or_empty(row.difference.se),
            cover50,
            cover80,
            cover90,
            log_score: dialect.short(row.log_score),
            cover90_se: dialect.short_or_empty(row.covered90_se),
        }
    });
    write_rows(dialect, out, rows)
}

/// `pit.csv`: a row for each model, horizon and part of the forecast.
///
/// # Errors
/// If `out` cannot be written to.
pub fn pit(found: &Backtest, dialect: Dialect, out: &mut dyn Write) -> io::Result<()> {
    let rows = found.pit.iter().map(|bin| PitRow {
        model: Text(&bin.model),
        horizon: bin.horizon,
        bin_low: dialect.short(bin.low),
        bin_high: dialect.short(bin.high),
        share: dialect.short(bin.share),
        n: bin.n as u64,
    });
    write_rows(dialect, out, rows)
}
