//! The overlay that `fit` writes.

use std::io::{self, Write};

use crate::analysis::fit::{Correlation, Estimate, FlowFit, ReporterFit, Shape};

/// A flow's estimates, and the flows of a scenario that take them.
#[derive(Clone, Debug)]
pub struct FittedFlow<'a> {
    /// From, to and reporters of the series, for comments.
    pub series: String,
    /// What was estimated.
    pub fit: &'a FlowFit,
    /// Ids of the flows of the scenario.
    pub ids: Vec<&'a str>,
}

/// What goes into an overlay.
#[derive(Clone, Debug)]
pub struct Fitted<'a> {
    /// The command that made it, for the head of the file.
    pub command: &'a str,
    /// The line by which editors find the schema, as the scenario below has it; empty for none.
    pub schema: &'a str,
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
    /// Ids of its drivers that the observed noise holds already.
    pub counted: &'a [String],
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
/// Without a scenario to lie on it states the estimates as parameters. With one, the flows take them: those of one
/// direction share its parameters, each drawn once a trial.
///
/// # Errors
/// If `out` cannot be written to.
pub fn fitted(it: &Fitted<'_>, out: &mut dyn Write) -> io::Result<()> {
    head(it, out)?;
    reporters(it, out)?;
    over(it, out)?;
    noise(it, out)?;
    write!(out, "\n[parameters]")?;
    for (at, flow) in it.flows.iter().enumerate() {
        parameters(it, at, flow, out)?;
    }
    for (at, flow) in it.flows.iter().enumerate() {
        for id in &flow.ids {
            block(at, id, out)?;
        }
    }
    for id in it.counted {
        writeln!(out, "\n# The observed noise holds what it does.\n[[driver]]\nid      = {id:?}\nenabled = false")?;
    }
    Ok(())
}

fn head(it: &Fitted<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Fitted { command, schema, sources, until, stretches, growth: (mean, se, sd), .. } = it;
    if !schema.is_empty() {
        writeln!(out, "{schema}\n#")?;
    }
    writeln!(out, "# Made by {command}\n#")?;
    writeln!(out, "# Fitted to {} up to {until}: {stretches} gap-free stretches.", sources.join(", "))?;
    writeln!(
        out,
        "# An estimate is: mean (standard error; 5 and 95 % quantile), in log points, a year where it is a rate."
    )?;
    writeln!(
        out,
        "# Common growth {mean:.4} (se {se:.4}). That of a single year has an sd of {sd:.4}: part of permanent noise."
    )?;
    let factor = working(it.steps);
    writeln!(
        out,
        "# Permanent noise of annual totals is raised by {factor:.4} for {} steps a year (Working 1960).",
        it.steps
    )?;
    for (what, found) in ["the two directions of a pair", "any two flows"].iter().zip(it.correlations) {
        if let Some(Correlation { value, se, n }) = found {
            writeln!(out, "# Correlation of yearly changes of {what}: {value:.3} (se {se:.3}, {n} pairs of changes).")?;
        }
    }
    Ok(())
}

fn over(it: &Fitted<'_>, out: &mut dyn Write) -> io::Result<()> {
    let Some(base) = it.extends else { return Ok(()) };
    let until = it.until;
    writeln!(out, "# Flows of one direction share its estimates, though each of them may be noisier than their sum.")?;
    writeln!(out, "\nextends = {base:?}\ntitle   = \"Trend and noise as fitted to observed trade up to {until}\"")
}

fn reporters(it: &Fitted<'_>, out: &mut dyn Write) -> io::Result<()> {
    for one in it.reporters {
        let ReporterFit { reporter, bias, error, n } = one;
        writeln!(
            out,
            "# Reporter {reporter} against all others: bias {:+.3} (se {:.3}), error {:.3} (se {:.3}), {n} years.",
            bias.mean, bias.se, error.mean, error.se
        )?;
    }
    Ok(())
}

fn noise(it: &Fitted<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (share, ratio) = (it.shape.share, it.shape.ratio);
    writeln!(out, "\n[noise]\n# share {}; ratio {}", in_words(&share), in_words(&ratio))?;
    writeln!(out, "shape = {{ kind = \"contaminated\", share = {:.4}, ratio = {:.3} }}", share.mean, ratio.mean)?;
    if let (None, Some(pair)) = (it.extends, it.correlations[0]) {
        writeln!(out, "correlation = {{ default = {:.3} }}", pair.value.clamp(-0.9, 0.9))?;
    }
    Ok(())
}

fn in_words(it: &Estimate) -> String {
    let [mean, se, low, high] = [it.mean, it.se, it.low, it.high].map(rounded);
    format!("{mean:.4} (se {se:.4}; {low:.4} to {high:.4})")
}

/// To four digits, without a sign on zero.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4 + 0.0
}

/// What the parameters of a flow begin with.
fn prefix(at: usize) -> String {
    format!("fitted_{}", at + 1)
}

/// A flow's estimates as laws. The common growth of a year is noise to a single flow.
fn parameters(it: &Fitted<'_>, at: usize, flow: &FittedFlow<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (fit, of) = (flow.fit, prefix(at));
    let (factor, common) = (working(it.steps), it.growth.2);
    let with_common = |own: f64| factor * (own * own + common * common).sqrt();
    writeln!(out, "\n# {}, {} to {}, last {:.4} million USD", flow.series, fit.years.0, fit.years.1, fit.last)?;
    if let Some(mirror) = &fit.mirror {
        writeln!(out, "#   bias of the mirror {}", in_words(&mirror.bias))?;
        writeln!(out, "#   error of the reporter {}", in_words(&mirror.own_error))?;
        writeln!(out, "#   error of the mirror {}", in_words(&mirror.mirror_error))?;
    }
    let mut law = |name: &str, it: &Estimate, law: String| writeln!(out, "# {}\n{of}_{name} = {law}", in_words(it));
    law("trend", &fit.trend, normal(&fit.trend))?;
    law("permanent", &fit.permanent, between(with_common(fit.permanent.low), with_common(fit.permanent.high)))?;
    law("transitory", &fit.transitory, between(fit.transitory.low, fit.transitory.high))?;
    law("persistence", &fit.persistence, beta(&fit.persistence))?;
    law("pull", &fit.pull, format!("{{ dist = \"exponential\", mean = {:.4} }}", fit.pull.mean))?;
    law("start", &fit.start, normal(&fit.start))?;
    law("gap", &fit.gap, normal(&fit.gap))
}

fn normal(it: &Estimate) -> String {
    format!("{{ dist = \"normal\", mean = {:.4}, sd = {:.4} }}", rounded(it.mean), it.se)
}

/// A lognormal law by its quantiles.
fn between(low: f64, high: f64) -> String {
    let low = low.max(0.001);
    format!("{{ dist = \"lognormal\", p5 = {low:.4}, p95 = {:.4} }}", high.max(1.02 * low + 0.001))
}

/// The beta law with this mean and standard deviation.
fn beta(it: &Estimate) -> String {
    let mean = it.mean.clamp(0.001, 0.999);
    let variance = (it.se * it.se).clamp(1e-6, 0.99 * mean * (1.0 - mean));
    let sum = mean * (1.0 - mean) / variance - 1.0;
    format!("{{ dist = \"beta\", alpha = {:.4}, beta = {:.4} }}", mean * sum, (1.0 - mean) * sum)
}

/// A flow's keys.
fn block(at: usize, id: &str, out: &mut dyn Write) -> io::Result<()> {
    let of = prefix(at);
    writeln!(out, "\n[[flow]]\nid    = {id:?}\ntrend = \"{of}_trend\"\n[flow.noise]")?;
    writeln!(out, "permanent  = {{ sd = \"{of}_permanent\", pull = \"{of}_pull\", gap = \"{of}_gap\" }}")?;
    writeln!(
        out,
        "transitory = {{ sd = \"{of}_transitory\", persistence = \"{of}_persistence\", start = \"{of}_start\" }}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beta_law_has_the_moments_asked_for() {
        let found = beta(&Estimate { mean: 0.25, se: 0.1, low: 0.0, high: 0.0 });
        // alpha + beta = .25 * .75 / .01 - 1 = 17.75.
        assert_eq!(found, "{ dist = \"beta\", alpha = 4.4375, beta = 13.3125 }");
    }
}
