//! The overlay that `fit` writes.

use std::io::{self, Write};

use crate::analysis::fit::{Correlation, Estimate, FlowFit, ReporterFit, Shape};

/// A flow's estimates, and the flows of a scenario that take them.
#[derive(Clone, Debug)]
pub struct FittedFlow<'a> {
    /// From, to and reporter of the series, for comments.
    pub series: String,
    /// What was estimated.
    pub fit: &'a FlowFit,
    /// Ids of the flows of the scenario.
    pub ids: Vec<&'a str>,
}

/// What goes into an overlay.
#[derive(Clone, Debug)]
pub struct Fitted<'a> {
    /// Files that were learnt from.
    pub sources: &'a [String],
    /// The last year that was looked at.
    pub until: i32,
    /// Number of gap-free stretches in the panel.
    pub stretches: usize,
    /// Mean and standard error of common growth, log points a year; standard deviation of a year's.
    pub growth: (f64, f64, f64),
    /// Share and ratio of wild shocks.
    pub shape: Shape,
    /// The flows.
    pub flows: &'a [FittedFlow<'a>],
    /// Between the two directions of a pair, and between any two flows.
    pub correlations: [Option<Correlation>; 2],
    /// Reporters against their mirrors.
    pub reporters: &'a [ReporterFit],
    /// The scenario that is laid over, as the overlay is to name it.
    pub extends: Option<&'a str>,
    /// Steps a year of that scenario.
    pub steps: u32,
}

/// The factor on the standard deviation of a random walk that was estimated from annual totals, for an engine of `m`
/// steps a year: a total is a mean over the year, and changes of means move less. H. Working, "Note on the
/// Correlation of First Differences of Averages in a Random Chain", Econometrica 28 (1960).
///
/// ```
/// assert!((tradewinds::report::working(4) - 1.0 / 0.6875f64.sqrt()).abs() < 1e-12);
/// ```
pub fn working(m: u32) -> f64 {
    let m2 = f64::from(m) * f64::from(m);
    1.0 / ((2.0 * m2 + 1.0) / (3.0 * m2)).sqrt()
}

/// Writes the overlay.
///
/// # Errors
/// If `out` cannot be written to.
pub fn fitted(it: &Fitted<'_>, out: &mut dyn Write) -> io::Result<()> {
    head(it, out)?;
    for flow in it.flows {
        let factor = working(it.steps);
        writeln!(
            out,
            "\n# {}, {} to {}, last {:.4} million USD",
            flow.series, flow.fit.years.0, flow.fit.years.1, flow.fit.last
        )?;
        noted(out, "trend", &flow.fit.trend)?;
        noted(out, "permanent noise of annual totals", &flow.fit.permanent)?;
        noted(out, "transitory noise", &flow.fit.transitory)?;
        noted(out, "persistence", &flow.fit.persistence)?;
        noted(out, "pull", &flow.fit.pull)?;
        noted(out, "start", &flow.fit.start)?;
        noted(out, "gap", &flow.fit.gap)?;
        for id in &flow.ids {
            block(out, id, flow.fit, factor, it.growth.2)?;
        }
    }
    Ok(())
}

fn head(it: &Fitted<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Fitted to {} up to {}: {} gap-free stretches.", it.sources.join(", "), it.until, it.stretches)?;
    writeln!(
        out,
        "# Each estimate: mean, standard error, 5 and 95 % quantile; log points, a year where it is a rate."
    )?;
    let (mean, se, sd) = it.growth;
    writeln!(
        out,
        "# Common growth {mean:.4} (se {se:.4}); sd of a single year's {sd:.4}, part of permanent noise below."
    )?;
    let factor = working(it.steps);
    writeln!(
        out,
        "# Permanent noise is raised by {factor:.4}, from annual totals to {} steps a year (Working 1960).",
        it.steps
    )?;
    for (what, found) in ["the two directions of a pair", "any two flows"].iter().zip(it.correlations) {
        if let Some(Correlation { value, se, n }) = found {
            writeln!(out, "# Correlation of yearly changes of {what}: {value:.3} (se {se:.3}, {n} products).")?;
        }
    }
    for one in it.reporters {
        writeln!(
            out,
            "# Reporter {}: bias against mirrors {:+.3} (se {:.3}), error {:.3} (se {:.3}), {} years.",
            one.reporter, one.bias.mean, one.bias.se, one.error.mean, one.error.se, one.n
        )?;
    }
    if let Some(base) = it.extends {
        writeln!(
            out,
            "\nextends = {base:?}\ntitle   = \"Trend and noise as fitted to observed trade up to {}\"",
            it.until
        )?;
    }
    let (share, ratio) = (it.shape.share, it.shape.ratio);
    writeln!(out, "\n[noise]\n# share: se {:.4}; ratio: se {:.3}", share.se, ratio.se)?;
    writeln!(out, "shape = {{ kind = \"contaminated\", share = {:.4}, ratio = {:.3} }}", share.mean, ratio.mean)?;
    if let (None, Some(pair)) = (it.extends, it.correlations[0]) {
        writeln!(out, "correlation = {{ default = {:.3} }}", pair.value.clamp(-0.9, 0.9))?;
    }
    Ok(())
}

fn noted(out: &mut dyn Write, what: &str, it: &Estimate) -> io::Result<()> {
    writeln!(out, "#   {what}: {:.4} (se {:.4}; {:.4} to {:.4})", it.mean, it.se, it.low, it.high)
}

/// A flow's keys. Standard deviations are lognormal laws by their quantiles; the common growth of a year is noise to
/// a single flow.
fn block(out: &mut dyn Write, id: &str, fit: &FlowFit, factor: f64, common: f64) -> io::Result<()> {
    let with_common = |own: f64| factor * (own * own + common * common).sqrt();
    let (low, high) = (with_common(fit.permanent.low), with_common(fit.permanent.high));
    writeln!(out, "[[flow]]\nid    = {id:?}")?;
    writeln!(out, "trend = {{ dist = \"normal\", mean = {:.4}, sd = {:.4} }}", fit.trend.mean, fit.trend.se)?;
    writeln!(out, "[flow.noise]")?;
    writeln!(
        out,
        "permanent  = {{ sd = {{ dist = \"lognormal\", p5 = {low:.4}, p95 = {:.4} }}, pull = {:.4}, gap = {{ dist = \
         \"normal\", mean = {:.4}, sd = {:.4} }} }}",
        high.max(low + 0.001),
        fit.pull.mean,
        fit.gap.mean,
        fit.gap.se
    )?;
    writeln!(
        out,
        "transitory = {{ sd = {:.4}, persistence = {:.4}, start = {{ dist = \"normal\", mean = {:.4}, sd = {:.4} }} }}",
        fit.transitory.mean, fit.persistence.mean, fit.start.mean, fit.start.se
    )
}
