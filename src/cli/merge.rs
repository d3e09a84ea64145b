//! `tradewinds merge`.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::time::Instant;

use tradewinds::report::Digest;
use tradewinds::scenario::{self, Scenario};
use tradewinds::simulate::{self, Head, Partial, PartialError, RunError, RunOptions, Simulation, Watch};

use super::args::MergeArgs;
use super::failure::Failure;
use super::folder::{self, Folder};
use super::interrupt;
use super::memory;
use super::publish::{self, Published, Results};
use super::summary::summary;
use super::terminal;
use super::workbook;

/// The most bytes of a part.
const LARGEST: u64 = 4 << 30;

/// The parts of one scenario's run. What they hold stays on the disk until its turn comes.
struct Group {
    files: Vec<PathBuf>,
    digests: Vec<String>,
    outlines: Vec<Partial>,
}

/// A group that is whole, with a place for its results.
struct Job {
    group: Group,
    scenario: Scenario,
    folder: Folder,
}

pub fn merge(args: &MergeArgs) -> Result<(), Failure> {
    let started = Instant::now();
    if args.xlsx {
        workbook::refuse_if_left_out()?;
    }
    let groups = read_all(&args.parts)?;
    let jobs = groups.into_iter().map(|group| job(args, group)).collect::<Result<Vec<Job>, Failure>>()?;
    interrupt::listen()?;
    let mut outcomes = Vec::new();
    for job in &jobs {
        outcomes.push(merge_one(args, job)?.outcome);
    }
    if !args.quiet {
        let Head { trials, seed, .. } = jobs[0].group.outlines[0].head;
        terminal::note(&summary(
            &outcomes,
            Some(false),
            &RunOptions { trials, seed, ..RunOptions::default() },
            started.elapsed(),
        ));
    }
    Ok(())
}

/// Reads each part once, to see that it is sound and belongs to the others of its scenario.
fn read_all(parts: &[PathBuf]) -> Result<Vec<Group>, Failure> {
    let mut groups: Vec<Group> = Vec::new();
    let mut seen = HashSet::new();
    for file in parts {
        if !seen.insert(fs::canonicalize(file).unwrap_or_else(|_| file.clone())) {
            return Err(refused(file, "it is named twice"));
        }
        let (part, digest) = read(file)?;
        let part = part.into_outline();
        let same = |group: &&mut Group| {
            let first = &group.outlines[0].head.origin;
            (&first.family, &first.id) == (&part.head.origin.family, &part.head.origin.id)
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.add(file, part, digest)?,
            None => groups.push(Group { files: vec![file.clone()], digests: vec![digest], outlines: vec![part] }),
        }
    }
    Ok(groups)
}

impl Group {
    fn add(&mut self, file: &Path, part: Partial, digest: String) -> Result<(), Failure> {
        part.belongs_with(&self.outlines[0]).map_err(|error| {
            Failure::Input(format!(
                "`{}` does not belong with `{}`: {error}\n  = hint: merge the parts of one run at a time",
                file.display(),
                self.files[0].display()
            ))
        })?;
        self.files.push(file.to_owned());
        self.digests.push(digest);
        self.outlines.push(part);
        Ok(())
    }

    /// Whether it holds all trials once.
    fn check(&self) -> Result<(), Failure> {
        let file = |at: usize| self.files[at].display();
        let origin = &self.outlines[0].head.origin;
        let name = format!("{}/{}", origin.family, origin.id);
        Partial::make_a_whole(&self.outlines).map_err(|error| {
            Failure::Input(match &error {
                PartialError::Overlap(a, b) => {
                    format!("`{}` and `{}` hold the same trials\n  = hint: leave one out", file(*a), file(*b))
                }
                PartialError::Unfinished(at) => format!(
                    "`{}` was saved before its run was done\n  = hint: finish that run with --resume, and merge what it writes",
                    file(*at)
                ),
                PartialError::Missing(_) => {
                    let files: Vec<String> = self.files.iter().map(|file| format!("`{}`", file.display())).collect();
                    let files = files.join(", ");
                    format!("parts of `{name}` are missing: {error}, only {files} were given\n  = hint: name all parts")
                }
                other => format!("`{name}`: {other}"),
            })
        })
    }
}

fn job(args: &MergeArgs, group: Group) -> Result<Job, Failure> {
    group.check()?;
    let (first, file) = (&group.outlines[0], &group.files[0]);
    let mut parts = Path::new(&first.head.origin.family).components();
    if !matches!((parts.next(), parts.next()), (Some(Component::Normal(_)), None)) {
        return Err(refused(file, "its family is no name of a folder"));
    }
    let mut scenario = scenario::from_text(&first.head.origin.resolved)
        .map_err(|faults| refused(file, &format!("the scenario in it has faults\n{faults}")))?;
    if scenario.id() != first.head.origin.id {
        return Err(refused(file, "the scenario in it has another id"));
    }
    let unknown = |id: String| refused(file, &format!("the scenario in it has no measure `{id}`"));
    scenario.report_only(&first.head.measures).map_err(unknown)?;
    if let Some(paths) = args.paths.filter(|&paths| paths > first.head.trials) {
        return Err(Failure::Input(format!(
            "--paths {paths} asks for more trials than the {} of the run\n  = hint: lower --paths",
            first.head.trials
        )));
    }
    let folder = Folder::prepare(args.out.join(&first.head.origin.family).join(scenario.id()))?;
    Ok(Job { group, scenario, folder })
}

fn merge_one(args: &MergeArgs, job: &Job) -> Result<Published, Failure> {
    let started = Instant::now();
    let Job { group, scenario, folder } = job;
    let first = &group.outlines[0];
    let failed = |error| match error {
        RunError::Stopped => Failure::Interrupted,
        error => Failure::Failed(format!("scenario `{}`: {error}", scenario.id())),
    };
    let options = first.options(&RunOptions { threads: 1, memory_limit: memory::available(), ..RunOptions::default() });
    let mut simulation = Simulation::of_parts(scenario, &options, first).map_err(failed)?;
    for (file, known) in group.files.iter().zip(&group.digests) {
        let (part, digest) = read(file)?;
        if digest != *known {
            return Err(refused(file, "it changed while it was read"));
        }
        simulation.absorb(part);
        interrupt::check()?;
    }
    let projection = simulation.finish().map_err(failed)?;
    drop(simulation);
    let watch = Watch { progress: &|_| (), stop: &interrupt::STOP };
    let paths = args.paths.map(|n| simulate::paths(scenario, &options, n, watch)).transpose().map_err(failed)?;
    let digest = |file: &str, sha256: &str| Digest { file: file.to_owned(), sha256: sha256.to_owned() };
    let files = group.files.iter().map(|file| file.display().to_string());
    let results = Results {
        family: &first.head.origin.family,
        scenario,
        projection: &projection,
        paths: paths.as_ref(),
        growth: first.head.growth,
        xlsx: args.xlsx,
        dialect: publish::dialect(args.excel),
        precision: None,
        evidence: None,
        observed: &first.head.origin.observed,
        explained: None,
        threads: options.threads,
        started,
        resolved: &first.head.origin.resolved,
        sources: first.head.origin.sources.iter().map(|(file, sha256)| digest(file, sha256)).collect(),
        parts: files.zip(&group.digests).map(|(file, sha256)| digest(&file, sha256)).collect(),
    };
    publish::publish(&results, folder)
}

/// A part and the SHA-256 of its file.
fn read(file: &Path) -> Result<(Partial, String), Failure> {
    let bytes = read_bytes(file).map_err(|error| refused(file, &error.to_string()))?;
    let part = Partial::from_bytes(&bytes).map_err(|error| refused(file, &error.to_string()))?;
    let own = env!("CARGO_PKG_VERSION");
    if part.head.origin.version != own {
        let version = &part.head.origin.version;
        return Err(refused(file, &format!("it is of version {version}, and this is {own}: merge it with that")));
    }
    Ok((part, folder::sha256(&bytes)))
}

/// All bytes of a file, if it begins as a part does and ends in reasonable time.
fn read_bytes(file: &Path) -> io::Result<Vec<u8>> {
    let mut source = File::open(file)?;
    let mut bytes = Vec::new();
    source.by_ref().take(Partial::MAGIC.len() as u64).read_to_end(&mut bytes)?;
    if bytes == Partial::MAGIC {
        source.take(LARGEST).read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

fn refused(file: &Path, why: &str) -> Failure {
    Failure::Input(format!("cannot merge `{}`: {why}", file.display()))
}
