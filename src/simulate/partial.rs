//! What a part of a run found, as bytes: for shards on other machines, and for going on after a stop.
//!
//! A file begins with a magic line, the version of this layout and the SHA-256 of the rest, which is the record
//! below in `postcard`'s encoding. Counts and nodes of the tree of sums are kept as they are, so that merged parts
//! give the same bytes as one whole run.

use std::collections::HashSet;
use std::fmt;
use std::io::{self, BufWriter, Write};

use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use super::collect::Collector;
use super::details::Details;
use super::growth::GrowthCollector;
use super::series::{Merged, Series};
use super::{RunError, RunOptions, Sampling, Shard, Simulation};
use crate::scenario::{Scenario, Statement};
use crate::stats::{Moments, Tally};

/// Of the layout, and of the draws and sums behind it: to be raised with either.
const LAYOUT: u32 = 5;

/// What a part of a run found so far.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Partial {
    /// Which part of which run it is.
    pub head: Head,
    /// By randomisation, none for one that no trial was run of.
    sets: Vec<Option<Found>>,
}

/// A partial result as it is written: its sets are made while they are. Held as a whole, their counts would take
/// several times the memory of the run.
#[derive(Serialize)]
struct Written<'a> {
    head: Head,
    sets: Vec<Option<Found<WrittenSeries<'a>>>>,
}

/// Which part of which run it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Head {
    /// Whose result it is: as the writer gave it.
    pub origin: Origin,
    /// Trials of the whole run.
    pub trials: u64,
    /// Seed of the whole run.
    pub seed: u64,
    /// How trials are drawn.
    pub sampling: Sampling,
    /// Whether growth rates are gathered.
    pub growth: bool,
    /// Ids of the measures that results are made of: see [`Scenario::report_only`].
    pub measures: Vec<String>,
    /// Blocks of the whole run, and those of the shard: from the first that has been run to the end.
    shard: (u64, u64),
    /// The first block of the shard that has not been run.
    next_block: u64,
    blocks: u64,
    /// Trials a block.
    lanes: u64,
}

/// What was found in the trials of one randomisation.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Found<S = SeriesRecord> {
    measures: S,
    rates: Option<(S, Vec<bool>)>,
    drivers: DetailsRecord<S>,
    targets: Vec<Vec<u64>>,
}

/// The scenario behind a partial result, so that it can be finished without its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// Folder of the results below the output folder.
    pub family: String,
    /// The scenario's id.
    pub id: String,
    /// The resolved scenario, TOML.
    pub resolved: String,
    /// What its `[history]` observes.
    pub observed: Vec<Statement>,
    /// The files it came from, each with its SHA-256.
    pub sources: Vec<(String, String)>,
    /// Version of the program that drew the trials.
    pub version: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct SeriesRecord {
    /// (level, index, moments of each series) of the nodes of the tree.
    nodes: Vec<(u32, u64, Vec<MomentsRecord>)>,
    tallies: Vec<TallyRecord>,
}

/// A [`SeriesRecord`] whose tallies are merged one by one.
#[derive(Serialize)]
struct WrittenSeries<'a> {
    nodes: Vec<(u32, u64, Vec<MomentsRecord>)>,
    tallies: WrittenTallies<'a>,
}

struct WrittenTallies<'a>(Merged<'a>);

/// Count, mean and sum of squares.
type MomentsRecord = (u64, f64, f64);

/// Bins as the gap to the one before, so that most take two or three bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct TallyRecord {
    bins: Vec<(i32, u64)>,
    /// The one value of each bin or NaN; empty if no bin has one.
    values: Vec<f64>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct DetailsRecord<S = SeriesRecord> {
    series: S,
    active: Vec<u64>,
    states: Vec<u64>,
}

/// Why bytes are no partial result, or why results do not belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartialError {
    /// The bytes do not begin as a partial result does.
    NotAPartial,
    /// Written by a version whose results cannot be merged with this one's.
    OtherLayout(u32),
    /// The checksum does not fit: the file is damaged or cut off.
    Damaged,
    /// Made of another scenario, seed, number of trials or options: in words.
    Stranger(String),
    /// Two parts hold the same trials: their places in the list.
    Overlap(usize, usize),
    /// Trials that no part holds, from 1.
    Missing(Vec<(u64, u64)>),
    /// The part at this place was saved before its shard was done.
    Unfinished(usize),
}

impl fmt::Display for PartialError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PartialError::NotAPartial => write!(f, "this is not a partial result of tradewinds"),
            PartialError::OtherLayout(layout) => {
                write!(
                    f,
                    "this partial result has layout {layout}, and this version reads layout {LAYOUT}: run it again"
                )
            }
            PartialError::Damaged => write!(f, "this partial result is damaged or cut off: run it again"),
            PartialError::Stranger(what) => write!(f, "{what}"),
            PartialError::Overlap(a, b) => write!(f, "parts {} and {} hold the same trials", a + 1, b + 1),
            PartialError::Missing(ranges) => {
                let ranges: Vec<String> = ranges.iter().map(|(first, last)| format!("{first} to {last}")).collect();
                write!(f, "no part holds trials {}", ranges.join(", "))
            }
            PartialError::Unfinished(part) => write!(f, "part {} was stopped before it was done: resume it", part + 1),
        }
    }
}

impl std::error::Error for PartialError {}

impl Partial {
    /// How the bytes of each begin.
    pub const MAGIC: &[u8] = b"tradewinds partial result\n";

    /// From the bytes of a file.
    ///
    /// # Errors
    /// If the bytes are not those that [`Simulation::write_partial`] of this version wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Partial, PartialError> {
        let rest = bytes.strip_prefix(Self::MAGIC).ok_or(PartialError::NotAPartial)?;
        let (layout, rest) = rest.split_first_chunk::<4>().ok_or(PartialError::Damaged)?;
        match u32::from_le_bytes(*layout) {
            LAYOUT => {}
            other => return Err(PartialError::OtherLayout(other)),
        }
        let (digest, payload) = rest.split_first_chunk::<32>().ok_or(PartialError::Damaged)?;
        if Sha256::digest(payload)[..] != digest[..] {
            return Err(PartialError::Damaged);
        }
        postcard::from_bytes(payload).map_err(|_| PartialError::Damaged)
    }

    /// The options of its run: its own, and of those given what changes no result.
    pub fn options(&self, others: &RunOptions) -> RunOptions {
        let Head { trials, seed, sampling, growth, .. } = self.head;
        RunOptions { trials, seed, sampling, growth, ..*others }
    }

    /// Whether all trials of its shard have been run.
    pub fn is_done(&self) -> bool {
        self.head.next_block == self.head.shard.1
    }

    /// Whether two are parts of the same run.
    ///
    /// # Errors
    /// [`PartialError::Stranger`] with what differs.
    pub fn belongs_with(&self, other: &Partial) -> Result<(), PartialError> {
        let differs = |what: &str| Err(PartialError::Stranger(what.into()));
        let (own, its) = (&self.head, &other.head);
        match () {
            () if own.origin.version != its.origin.version => differs("it was drawn by another version"),
            () if own.origin.id != its.origin.id => differs("it is of another scenario"),
            () if own.origin.resolved != its.origin.resolved => differs("its scenario differs"),
            () if own.origin.observed != its.origin.observed => differs("the trade observed in its [history] differs"),
            () if own.seed != its.seed => differs("it has another seed"),
            () if own.sampling != its.sampling => differs("it was run with another `--sampling`"),
            () if own.trials != its.trials => differs("it is of a run with another number of trials"),
            () if own.blocks != its.blocks || own.lanes != its.lanes => differs("it was cut into other blocks"),
            () if own.growth != its.growth => differs("it was run with another `--growth`"),
            () if own.measures != its.measures => differs("it was run with another `--measure`"),
            () => Ok(()),
        }
    }

    /// The same without what was found: enough to see whether it belongs with others.
    pub fn into_outline(self) -> Partial {
        Partial { head: self.head, sets: Vec::new() }
    }

    /// Whether parts that belong together hold each trial of their run exactly once. Outlines will do.
    ///
    /// # Errors
    /// [`PartialError::Unfinished`], [`PartialError::Overlap`] or [`PartialError::Missing`].
    pub fn make_a_whole(parts: &[Partial]) -> Result<(), PartialError> {
        check_cover(parts)
    }
}

impl<'a, S: From<Merged<'a>>> Found<S> {
    fn of(scenario: &Scenario, all: &'a [Collector]) -> Found<S> {
        let rates = |get: fn(&Collector) -> Option<&GrowthCollector>| {
            let undefined = sum_rows(all.iter().filter_map(get).map(|it| &it.undefined), |a: bool, b| a | b)?;
            Some((Merged::new(all.iter().filter_map(get).map(|it| &it.series)).into(), undefined))
        };
        let details = |get: fn(&Details) -> &Vec<u64>| {
            sum_rows(all.iter().map(|it| get(&it.details)), |a: u64, b| a + b).unwrap_or_default()
        };
        let target = |idx: usize| {
            let counts = all.iter().filter_map(|it| it.targets().nth(idx)).map(<[u64]>::to_vec);
            counts.reduce(|a, b| a.iter().zip(&b).map(|(a, b)| a + b).collect()).unwrap_or_default()
        };
        Found {
            measures: Merged::new(all.iter().map(|it| &it.measures)).into(),
            rates: rates(|it| it.growth.as_ref()),
            drivers: DetailsRecord {
                series: Merged::new(all.iter().map(|it| &it.details.series)).into(),
                active: details(|it| &it.active),
                states: details(|it| &it.states),
            },
            targets: (0..scenario.targets.len()).map(target).collect(),
        }
    }
}

impl Found {
    fn add_to(self, collector: &mut Collector) {
        collector.measures.load(self.measures);
        if let (Some(growth), Some((series, undefined))) = (&mut collector.growth, self.rates) {
            growth.series.load(series);
            growth.undefined.iter_mut().zip(undefined).for_each(|(all, one)| *all |= one);
        }
        collector.details.series.load(self.drivers.series);
        add(&mut collector.details.active, &self.drivers.active);
        add(&mut collector.details.states, &self.drivers.states);
        collector.add_targets(&self.targets);
    }
}

impl<'s> Simulation<'s> {
    /// What has been found so far.
    pub fn partial(&self, origin: Origin) -> Partial {
        Partial { head: self.head(origin), sets: self.found() }
    }

    fn head(&self, origin: Origin) -> Head {
        Head {
            origin,
            trials: self.options.trials,
            seed: self.options.seed,
            sampling: self.options.sampling,
            growth: self.options.growth,
            measures: self.reported_ids(),
            shard: self.shard,
            next_block: self.blocks.start,
            blocks: self.options.trials.div_ceil(self.plan.lanes as u64),
            lanes: self.plan.lanes as u64,
        }
    }

    fn found<'a, S: From<Merged<'a>>>(&'a self) -> Vec<Option<Found<S>>> {
        self.sets.iter().map(|set| (!set.is_empty()).then(|| Found::of(self.scenario, set))).collect()
    }

    /// Writes what has been found so far: the bytes that [`Partial::from_bytes`] reads.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_partial(&self, origin: Origin, out: &mut dyn Write) -> io::Result<()> {
        let written = Written { head: self.head(origin), sets: self.found() };
        let mut digest = Digesting(Sha256::new());
        encode(&written, &mut digest)?;
        out.write_all(Partial::MAGIC)?;
        out.write_all(&LAYOUT.to_le_bytes())?;
        out.write_all(&digest.0.finalize())?;
        encode(&written, out)
    }

    fn reported_ids(&self) -> Vec<String> {
        let ids = self.scenario.measure_ids();
        self.plan.reported.iter().map(|&measure| ids[measure].clone()).collect()
    }

    /// The run that a part belongs to, with nothing in it: its results are made of the measures that the part has.
    fn like(scenario: &'s Scenario, options: &RunOptions, part: &Partial) -> Result<Simulation<'s>, RunError> {
        let mut simulation = Simulation::new(scenario, &part.options(options), Shard::WHOLE)?;
        let reported: HashSet<&String> = part.head.measures.iter().collect();
        let ids = scenario.measure_ids();
        simulation.plan.reported = (0..ids.len()).filter(|&measure| reported.contains(&ids[measure])).collect();
        Ok(simulation)
    }

    /// Goes on from a partial result of the same scenario and options. Its measures are reported, whatever
    /// [`Scenario::report_only`] says.
    ///
    /// # Errors
    /// [`RunError::TooLarge`]. The caller has compared the origins; see [`Partial::belongs_with`].
    pub fn resume(scenario: &'s Scenario, options: &RunOptions, partial: Partial) -> Result<Simulation<'s>, RunError> {
        let mut simulation = Simulation::like(scenario, options, &partial)?;
        simulation.shard = partial.head.shard;
        simulation.blocks = partial.head.next_block..partial.head.shard.1;
        simulation.absorb(partial);
        Ok(simulation)
    }

    /// The same run as it was saved. The caller has compared them; see [`Partial::belongs_with`].
    ///
    /// # Errors
    /// [`RunError::TooLarge`].
    pub fn resumed(&self, options: &RunOptions, partial: Partial) -> Result<Simulation<'s>, RunError> {
        Simulation::resume(self.scenario, options, partial)
    }

    /// The whole run that a part belongs to, with nothing in it. It is complete when all its parts have been given to
    /// [`Simulation::absorb`], in any order; see [`Partial::make_a_whole`]. The part's measures are reported.
    ///
    /// # Errors
    /// [`RunError::TooLarge`].
    pub fn of_parts(scenario: &'s Scenario, options: &RunOptions, part: &Partial) -> Result<Simulation<'s>, RunError> {
        let mut simulation = Simulation::like(scenario, options, part)?;
        simulation.blocks.start = simulation.blocks.end;
        Ok(simulation)
    }

    /// Adds what a part found. The parts are not kept, so that any number of them takes the memory of one.
    pub fn absorb(&mut self, part: Partial) {
        for (set, found) in self.sets.iter_mut().zip(part.sets) {
            let Some(found) = found else { continue };
            if set.is_empty() {
                set.push(Collector::new(self.scenario, &self.plan, &self.options));
            }
            found.add_to(&mut set[0]);
        }
    }

    /// The whole run from its parts, in any order. They must all belong together; see [`Partial::belongs_with`].
    ///
    /// # Errors
    /// A [`PartialError`] if they overlap or do not make up a whole; a [`RunError`] if it does not fit in memory.
    pub fn merge(
        scenario: &'s Scenario,
        options: &RunOptions,
        parts: Vec<Partial>,
    ) -> Result<Result<Simulation<'s>, PartialError>, RunError> {
        if let Err(error) = check_cover(&parts) {
            return Ok(Err(error));
        }
        let mut simulation = Simulation::of_parts(scenario, options, &parts[0])?;
        for part in parts {
            simulation.absorb(part);
        }
        Ok(Ok(simulation))
    }
}

/// Whether parts hold each block of their run exactly once.
fn check_cover(parts: &[Partial]) -> Result<(), PartialError> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&part| parts[part].head.shard);
    if let Some(part) = parts.iter().position(|part| !part.is_done()) {
        return Err(PartialError::Unfinished(part));
    }
    let Some(&first) = order.first() else { return Err(PartialError::Missing(Vec::new())) };
    let lanes = parts[first].head.lanes;
    let trials = |from: u64, to: u64| (from * lanes + 1, (to * lanes).min(parts[first].head.trials));
    let mut missing = Vec::new();
    let mut covered = 0;
    for pair in order.windows(2) {
        if parts[pair[1]].head.shard.0 < parts[pair[0]].head.shard.1 {
            return Err(PartialError::Overlap(pair[0].min(pair[1]), pair[0].max(pair[1])));
        }
    }
    for &part in &order {
        let (start, end) = parts[part].head.shard;
        if start > covered {
            missing.push(trials(covered, start));
        }
        covered = covered.max(end);
    }
    if covered < parts[first].head.blocks {
        missing.push(trials(covered, parts[first].head.blocks));
    }
    if missing.is_empty() { Ok(()) } else { Err(PartialError::Missing(missing)) }
}

fn add(all: &mut [u64], one: &[u64]) {
    all.iter_mut().zip(one).for_each(|(all, one)| *all += one);
}

fn sum_rows<'a, T: Copy + 'a>(rows: impl Iterator<Item = &'a Vec<T>>, add: impl Fn(T, T) -> T) -> Option<Vec<T>> {
    rows.cloned().reduce(|mut all, one| {
        all.iter_mut().zip(one).for_each(|(all, one)| *all = add(*all, one));
        all
    })
}

/// Writes a record.
fn encode(record: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut out = Remembering { out: BufWriter::new(out), failure: None };
    let encoded = postcard::to_io(record, &mut out).map(|_| ()).map_err(io::Error::other);
    match out.failure {
        Some(failure) => Err(failure),
        None => encoded.and_then(|()| out.out.flush()),
    }
}

/// A writer that remembers why it failed, which `postcard` does not.
struct Remembering<'a> {
    out: BufWriter<&'a mut dyn Write>,
    failure: Option<io::Error>,
}

impl Remembering<'_> {
    /// Keeps a failure and gives another of its kind. What was merely interrupted is tried again and is none.
    fn remember(&mut self, failure: io::Error) -> io::Error {
        let kind = failure.kind();
        if kind != io::ErrorKind::Interrupted {
            self.failure = Some(failure);
        }
        kind.into()
    }
}

impl Write for Remembering<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes);
        written.map_err(|failure| self.remember(failure))
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.out.flush();
        flushed.map_err(|failure| self.remember(failure))
    }
}

/// A writer that keeps nothing but the digest.
struct Digesting(Sha256);

impl Write for Digesting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn nodes(merged: &Merged<'_>) -> Vec<(u32, u64, Vec<MomentsRecord>)> {
    let node = |(level, index, moments): (u32, u64, &Vec<Moments>)| {
        (level, index, moments.iter().map(|it| (it.count, it.mean, it.squares)).collect())
    };
    merged.tree().nodes().map(node).collect()
}

impl WrittenTallies<'_> {
    fn records(&self) -> impl ExactSizeIterator<Item = TallyRecord> {
        (0..self.0.series()).map(|series| TallyRecord::of(&self.0.tally(series)))
    }
}

impl Serialize for WrittenTallies<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.records())
    }
}

impl<'a> From<Merged<'a>> for WrittenSeries<'a> {
    fn from(merged: Merged<'a>) -> Self {
        WrittenSeries { nodes: nodes(&merged), tallies: WrittenTallies(merged) }
    }
}

impl From<Merged<'_>> for SeriesRecord {
    fn from(merged: Merged<'_>) -> Self {
        SeriesRecord { nodes: nodes(&merged), tallies: WrittenTallies(merged).records().collect() }
    }
}

impl TallyRecord {
    fn of(tally: &Tally) -> TallyRecord {
        let mut before = 0;
        let bin = |(index, count, _): (i32, u64, f64)| (index - std::mem::replace(&mut before, index), count);
        let bins = tally.bins().map(bin).collect();
        let has_atoms = tally.bins().any(|(_, _, value)| !value.is_nan());
        let values = tally.bins().filter(|_| has_atoms).map(|(_, _, value)| value).collect();
        TallyRecord { bins, values }
    }

    fn tally(self) -> Tally {
        let mut index = 0;
        let bins = self.bins.into_iter().enumerate().map(|(at, (gap, count))| {
            index += gap;
            (index, count, self.values.get(at).copied().unwrap_or(f64::NAN))
        });
        Tally::from_bins(bins)
    }
}

impl Series {
    fn load(&mut self, record: SeriesRecord) {
        for (level, index, moments) in record.nodes {
            let moments = moments.into_iter().map(|(count, mean, squares)| Moments { count, mean, squares });
            self.insert(level, index, moments.collect());
        }
        self.add_tallies(record.tallies.into_iter().map(TallyRecord::tally).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a few bytes and is full from then on; as a buffer, only when it is flushed.
    struct Full;

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Err(io::Error::new(io::ErrorKind::StorageFull, "no space left"))
        }
    }

    #[test]
    fn a_full_disk_is_told_as_such() {
        let error = encode(&[1, 2, 3], &mut Full).expect_err("nothing can be flushed");
        assert_eq!(error.to_string(), "no space left");
    }
}
