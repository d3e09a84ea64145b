//! `run.json`: all that is needed to make the outputs again and to know them when they are seen.

use std::io::{self, Write};

use serde::Serialize;

use super::About;
use super::conditioned::ConditioningFields;
use crate::draws::Sampling;
use crate::projection::Evidence;

/// A file or text and its SHA-256.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Digest {
    /// Its name.
    pub file: String,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// Largest relative standard error of the median, `p05` and `p95` of the total in the last period.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Precision {
    /// As asked for.
    pub asked: f64,
    /// As reached; absent if it has no bound.
    pub reached: Option<f64>,
}

/// How a run was made.
#[derive(Clone, Debug)]
pub struct RunRecord<'a> {
    /// What the scenario says about itself.
    pub about: &'a About,
    /// The seed of all draws.
    pub seed: u64,
    /// Number of trials.
    pub trials: u64,
    /// How they were drawn.
    pub sampling: Sampling,
    /// Ids of the measures that results are made of, if not of all.
    pub measures: Option<Vec<String>>,
    /// The relative standard error that the run was to reach, and the one it reached, if it was to.
    pub precision: Option<Precision>,
    /// How the trials were weighted, for a conditioned run.
    pub evidence: Option<&'a Evidence>,
    /// Number of threads that simulated.
    pub threads: usize,
    /// Time from the start of the simulation to the last file.
    pub wall_seconds: f64,
    /// The scenario as one self-contained file, overlays put together.
    pub resolved: &'a str,
    /// SHA-256 of `resolved`.
    pub resolved_sha256: String,
    /// The files that the scenario came from, the named one first.
    pub sources: Vec<Digest>,
    /// The partial results that were merged; empty for a run in one piece.
    pub parts: Vec<Digest>,
    /// The files that the run wrote, this one not included.
    pub outputs: Vec<Digest>,
}

/// The fields of the file, in order.
#[derive(Serialize)]
struct Fields<'a> {
    program: &'a str,
    version: &'a str,
    scenario: &'a str,
    title: &'a str,
    notes: Option<&'a str>,
    as_of: Option<&'a str>,
    unit: &'a str,
    prices: &'a str,
    metric: Option<&'a str>,
    step: &'a str,
    seed: u64,
    trials: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    measures: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    precision: Option<Precision>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effective_sample_size: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conditioning: Option<ConditioningFields>,
    sampling: &'a str,
    /// Independent randomisations that the trials are made of.
    #[serde(skip_serializing_if = "Option::is_none")]
    replications: Option<u64>,
    threads: usize,
    wall_seconds: f64,
    sources: &'a [Digest],
    #[serde(skip_serializing_if = "<[Digest]>::is_empty")]
    parts: &'a [Digest],
    outputs: &'a [Digest],
    resolved_sha256: &'a str,
    resolved: &'a str,
}

/// Writes `run.json`.
///
/// # Errors
/// If `out` cannot be written to.
pub fn run_record(record: &RunRecord<'_>, out: &mut dyn Write) -> io::Result<()> {
    let about = record.about;
    let fields = Fields {
        program: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        scenario: &about.scenario,
        title: &about.title,
        notes: about.notes.as_deref(),
        as_of: about.as_of.as_deref(),
        unit: &about.unit,
        prices: about.prices,
        metric: about.metric.as_deref(),
        step: about.step,
        seed: record.seed,
        trials: record.trials,
        measures: record.measures.as_deref(),
        precision: record.precision,
        effective_sample_size: record.evidence.map(|evidence| evidence.effective_sample_size),
        conditioning: record.evidence.map(ConditioningFields::of),
        sampling: record.sampling.name(),
        replications: (record.sampling != Sampling::Random).then(|| record.sampling.replications()),
        threads: record.threads,
        wall_seconds: record.wall_seconds,
        sources: &record.sources,
        parts: &record.parts,
        outputs: &record.outputs,
        resolved_sha256: &record.resolved_sha256,
        resolved: record.resolved,
    };
    serde_json::to_writer_pretty(&mut *out, &fields)?;
    out.write_all(b"\n")
}
