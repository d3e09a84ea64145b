//! Scenario files of one call: found, loaded, checked.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use tradewinds::diagnostic::{self, Diagnostic, Severity, Sources, nearest};
use tradewinds::report::Digest;
use tradewinds::scenario::{self, ObservedSeries, Resolved, Scenario};
use tradewinds::simulate::{self, RunOptions};

use super::failure::Failure;
use super::folder::sha256;
use super::terminal;

/// The most bytes of a scenario file.
const LARGEST: u64 = 64 << 20;

/// The most bytes of a table of observed trade that a scenario names. Larger ones are to be cut to the scenario's pair.
const LARGEST_TABLE: u64 = 1 << 30;

/// All scenario files of one call and their faults.
#[derive(Default)]
pub struct Batch {
    /// Texts of the files.
    pub sources: Sources,
    /// Those that could be put together.
    pub members: Vec<Member>,
    diagnostics: Vec<Diagnostic>,
    /// SHA-256 by path of what was read, a byte-order mark included, which a text in `sources` lacks.
    digests: HashMap<String, String>,
}

/// One scenario file.
pub struct Member {
    /// As the user named it, or its folder.
    pub path: PathBuf,
    /// The name of the folder it lies in.
    pub family: OsString,
    /// What it means, unless it has faults.
    pub scenario: Option<Scenario>,
    /// What it says, overlays put together.
    pub resolved: Resolved,
}

/// What `-` is called where a file's name is due.
const STDIN: &str = "stdin";

/// Loads all scenarios that the user named.
pub fn load(inputs: &[PathBuf]) -> Batch {
    let mut batch = Batch::default();
    let mut seen = HashSet::new();
    for path in inputs.iter().flat_map(|input| batch.files(input)).collect::<Vec<_>>() {
        if seen.insert(fs::canonicalize(&path).unwrap_or_else(|_| path.clone())) {
            batch.add(path);
        }
    }
    batch.refuse_shared_folders();
    batch
}

impl Batch {
    /// Reads the tables of observed trade that scenarios name. What is in them of each scenario without faults, in
    /// order; their own faults are noted.
    pub fn read_histories(&mut self) -> Vec<Vec<ObservedSeries>> {
        let mut found = Vec::new();
        for scenario in self.members.iter().filter_map(|member| member.scenario.as_ref()) {
            let observed = scenario::observe(scenario, &read_table, &mut self.sources);
            self.diagnostics.extend(observed.diagnostics);
            found.push(observed.series);
        }
        found
    }

    /// Has results made of these measures and the total alone; of all if none is named.
    pub fn report_only(&mut self, measures: &[String]) {
        let mut faults = Vec::new();
        for Member { scenario, path, .. } in self.members.iter_mut().filter(|_| !measures.is_empty()) {
            let Some(scenario) = scenario else { continue };
            if let Err(id) = scenario.report_only(measures) {
                faults.push(unknown_measure(&id, &scenario.measure_ids(), path));
            }
        }
        for (message, hint) in faults {
            self.refuse(message, &hint);
        }
    }

    /// The same where it is enough that one of the scenarios has a measure.
    pub fn report_only_where_held(&mut self, measures: &[String]) {
        if measures.is_empty() {
            return;
        }
        let scenarios = || self.members.iter().filter_map(|member| member.scenario.as_ref());
        let held: BTreeSet<String> = scenarios().flat_map(Scenario::measure_ids).collect();
        // Else one that is not there may have it.
        let are_sound = self.diagnostics.iter().all(|fault| fault.severity != Severity::Error);
        for id in measures.iter().filter(|id| are_sound && !held.contains(*id)).collect::<Vec<_>>() {
            let (message, hint) = unknown_to_all(id, held.iter().map(String::as_str));
            self.refuse(message, &hint);
        }
        for scenario in self.members.iter_mut().filter_map(|member| member.scenario.as_mut()) {
            let all = scenario.measure_ids();
            let own: Vec<String> = measures.iter().filter(|id| all.contains(id)).cloned().collect();
            scenario.report_only(&own).expect("it has them");
        }
    }

    /// Shows all faults at once and gives the scenarios if none is an error and each fits in memory when it is run so.
    pub fn accept(&self, options: &RunOptions) -> Result<Vec<(&Member, &Scenario)>, Failure> {
        let shown = self.without_repeats();
        terminal::note(&diagnostic::render(&shown, &self.sources, terminal::color()));
        match shown.iter().filter(|fault| fault.severity == Severity::Error).count() {
            0 => self.those_that_fit(options),
            1 => Err(Failure::Input("1 fault found, nothing was done".to_owned())),
            n => Err(Failure::Input(format!("{n} faults found, nothing was done"))),
        }
    }

    fn those_that_fit(&self, options: &RunOptions) -> Result<Vec<(&Member, &Scenario)>, Failure> {
        let sound = self.members.iter().filter_map(|member| Some((member, member.scenario.as_ref()?)));
        let fitting = sound.map(|(member, scenario)| match simulate::refuse_if_too_large(scenario, options) {
            Ok(()) => Ok((member, scenario)),
            Err(error) => Err(Failure::Input(format!("`{}`: {error}", member.path.display()))),
        });
        fitting.collect()
    }

    /// The files that a scenario came from, the named one first.
    pub fn digests(&self, member: &Member) -> Vec<Digest> {
        let path = |&id| self.sources.file(id).path.clone();
        let digest = |file: String| Digest { sha256: self.digests[&file].clone(), file };
        member.resolved.files.iter().map(path).map(digest).collect()
    }

    /// The files that an argument means.
    fn files(&mut self, input: &Path) -> Vec<PathBuf> {
        if !input.is_dir() {
            return vec![input.to_owned()];
        }
        match scenario_files(input) {
            Ok(files) if files.is_empty() => {
                let message = format!("folder `{}` holds no scenario", input.display());
                self.refuse(message, "a scenario is a file *.toml whose name does not start with `_` or `.`");
                Vec::new()
            }
            Ok(files) => files,
            Err(error) => {
                self.refuse(format!("cannot list folder `{}`: {error}", input.display()), "check the path");
                Vec::new()
            }
        }
    }

    fn add(&mut self, path: PathBuf) {
        let name = if path == Path::new("-") { Path::new(STDIN) } else { &path };
        let digests = RefCell::new(&mut self.digests);
        let read_and_note = |file: &Path| {
            let bytes = read(file, &path)?;
            digests.borrow_mut().insert(file.display().to_string(), sha256(&bytes));
            Ok(bytes)
        };
        let loaded = scenario::load(name, &read_and_note, &mut self.sources);
        self.diagnostics.extend(loaded.diagnostics);
        if let Some(resolved) = loaded.resolved {
            self.members.push(Member { family: family(name), scenario: loaded.scenario, resolved, path });
        }
    }

    /// Each scenario has an output folder to itself, on file systems that ignore case too.
    fn refuse_shared_folders(&mut self) {
        let mut first_of: HashMap<(String, String), &Path> = HashMap::new();
        let mut faults = Vec::new();
        for member in &self.members {
            let Some(scenario) = &member.scenario else { continue };
            let path = member.path.display();
            if scenario.id().eq_ignore_ascii_case("compare") {
                faults.push((
                    format!("`{}` cannot be the id of a scenario (`{path}`)", scenario.id()),
                    "comparisons are written under that name; give it another `id`",
                ));
            }
            let key = (member.family.to_string_lossy().to_lowercase(), scenario.id().to_ascii_lowercase());
            match first_of.get(&key) {
                Some(first) => faults.push((
                    format!("`{}` and `{path}` would write to the same folder, `{}/{}`", first.display(), key.0, key.1),
                    "give one of them another `id`, or run them one by one with different --out",
                )),
                None => {
                    first_of.insert(key, &member.path);
                }
            }
        }
        for (message, hint) in faults {
            self.refuse(message, hint);
        }
    }

    fn refuse(&mut self, message: String, hint: &str) {
        self.diagnostics.push(Diagnostic {
            severity: Severity::Error,
            message,
            labels: Vec::new(),
            hints: vec![hint.to_owned()],
        });
    }

    /// Overlays share their base file, and so its faults.
    fn without_repeats(&self) -> Vec<Diagnostic> {
        let mut seen = HashSet::new();
        self.diagnostics.iter().filter(|fault| seen.insert(self.identity(fault))).cloned().collect()
    }

    /// What makes two faults the same: files are known by path, as each load numbers them anew.
    fn identity(&self, fault: &Diagnostic) -> String {
        let places = fault.labels.iter().map(|(place, words)| {
            let file = self.sources.file(place.file);
            (&file.path, file.first_line, &place.span, words)
        });
        format!("{:?}", (fault.severity, &fault.message, places.collect::<Vec<_>>(), &fault.hints))
    }
}

/// That a scenario lacks a measure that was asked for, and what helps.
pub fn unknown_measure(id: &str, ids: &[String], path: &Path) -> (String, String) {
    let hint = match nearest(id, ids.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("it has {}", ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")),
    };
    (format!("`{}` has no measure `{id}`", path.display()), hint)
}

/// The same of all that are compared.
pub fn unknown_to_all<'a>(id: &str, ids: impl Iterator<Item = &'a str>) -> (String, String) {
    let hint = match nearest(id, ids) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "--measure names a flow, exports, imports, total, balance, or an own measure of a scenario".to_owned(),
    };
    (format!("none of those compared has a measure `{id}`"), hint)
}

/// A folder's own scenario files, in name order.
fn scenario_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if is_scenario(&path) && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Files with a leading `_` are parts that others extend.
fn is_scenario(path: &Path) -> bool {
    let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"_") || is_dot(name));
    path.extension() == Some(OsStr::new("toml")) && !hidden
}

fn is_dot(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

fn read(file: &Path, asked_for: &Path) -> io::Result<Vec<u8>> {
    if asked_for == Path::new("-") && file == Path::new(STDIN) {
        return read_scenario(io::stdin().lock());
    }
    read_scenario(fs::File::open(file)?)
}

/// The bytes of a file that is not larger than a scenario may be.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    read_scenario(fs::File::open(path)?)
}

/// The bytes of a table of observed trade.
pub fn read_table(path: &Path) -> io::Result<Vec<u8>> {
    read_up_to(LARGEST_TABLE, fs::File::open(path)?)
}

fn read_scenario(source: impl Read) -> io::Result<Vec<u8>> {
    read_up_to(LARGEST, source)
}

/// All that a source gives, if that is no more than so many bytes: some sources never end.
fn read_up_to(largest: u64, source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(largest + 1).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > largest {
        true => Err(io::Error::other(format!("it is larger than {} MiB", largest >> 20))),
        false => Ok(bytes),
    }
}

/// The name of the folder that a file lies in, as the path spells it.
fn family(file: &Path) -> OsString {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = spelt_out(absolute.parent().unwrap_or(&absolute));
    folder.file_name().unwrap_or(OsStr::new("scenarios")).to_owned()
}

/// Without `..`.
fn spelt_out(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_is_the_name_of_the_folder() {
        for (file, expected) in [
            ("/data/pak-kaz/base.toml", "pak-kaz"),
            ("/data/x/../pak-kaz/base.toml", "pak-kaz"),
            ("/data/pak-kaz/x/../base.toml", "pak-kaz"),
            ("/base.toml", "scenarios"),
        ] {
            assert_eq!(family(Path::new(file)), expected, "{file}");
        }
        let here = std::env::current_dir().unwrap();
        assert_eq!(family(Path::new("base.toml")), here.file_name().unwrap());
        assert_eq!(family(Path::new("../base.toml")), here.parent().unwrap().file_name().unwrap());
    }

    #[test]
    fn parts_and_hidden_files_are_no_scenarios() {
        assert!(is_scenario(Path::new("a/base.toml")));
        for other in ["a/_common.toml", "a/.base.toml", "a/base.txt", "a/toml"] {
            assert!(!is_scenario(Path::new(other)), "{other}");
        }
    }
}
