//! From the path of a scenario file to its meaning.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::node::{Node, Value};
use super::overlay::{self, NewBlock};
use super::parse::{decode, parse};
use super::{Resolved, Scenario, check};
use crate::diagnostic::{Diagnostic, FileId, Place, Severity, Sources};

/// How long a chain of `extends` may be. Through links one folder can have endlessly many names, so a circle need not
/// come back to a path.
const MAX_CHAIN: usize = 64;

/// What came of loading one file.
#[derive(Debug)]
pub struct Loaded {
    /// Present if there was no error.
    pub scenario: Option<Scenario>,
    /// Present if the files could be parsed and put together.
    pub resolved: Option<Resolved>,
    /// Errors and warnings.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads, puts together and checks a scenario. `read` fetches the bytes of a file; it is asked for `path` and for what
/// `extends` names, joined to the folder of the file that says so. Their texts are added to `sources`.
///
/// All faults that can be told are told at once, those of every file of the chain.
pub fn load(path: &Path, read: &dyn Fn(&Path) -> io::Result<Vec<u8>>, sources: &mut Sources) -> Loaded {
    let mut chain = Chain { read, sources, links: Vec::new(), faults: Vec::new(), is_whole: true };
    chain.follow(path);
    let Chain { links, mut faults, is_whole, .. } = chain;
    if !is_whole {
        return Loaded { scenario: None, resolved: None, diagnostics: faults };
    }
    let files = links.iter().map(|link| link.file).collect();
    let mut new_blocks = Vec::new();
    let root = put_together(links, &mut faults, &mut new_blocks);
    let default_id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let scenario = check::check(&root, &default_id, &mut faults);
    overlay::hint_at_new_blocks(&mut faults, &new_blocks, &root);
    let is_right = faults.iter().all(|fault| fault.severity != Severity::Error);
    Loaded {
        scenario: scenario.filter(|_| is_right),
        resolved: Some(Resolved { files, root, default_id }),
        diagnostics: faults,
    }
}

/// Lays each file on the one it extends, the last of the chain being the lowest.
fn put_together(links: Vec<Link>, faults: &mut Vec<Diagnostic>, new_blocks: &mut Vec<NewBlock>) -> Node {
    let mut roots = links.into_iter().rev().map(|link| link.root);
    let lowest = overlay::lowest(roots.next().expect("the named file is in the chain"), faults);
    roots.fold(lowest, |base, over| overlay::overlay(base, over, faults, new_blocks))
}

/// A file of the chain.
struct Link {
    path: PathBuf,
    file: FileId,
    /// Without `extends`.
    root: Node,
    /// Where it names the next.
    extends: Option<Place>,
}

/// Files, each of which extends the next.
struct Chain<'a> {
    read: &'a dyn Fn(&Path) -> io::Result<Vec<u8>>,
    sources: &'a mut Sources,
    links: Vec<Link>,
    faults: Vec<Diagnostic>,
    /// Whether every file is there and has the form of TOML.
    is_whole: bool,
}

impl Chain<'_> {
    fn follow(&mut self, named: &Path) {
        let mut next = Some(named.to_path_buf());
        while let Some(path) = next {
            next = self.add(path);
        }
    }

    /// Adds a file, and gives the path of the one it extends.
    fn add(&mut self, path: PathBuf) -> Option<PathBuf> {
        let named_at = self.links.last().and_then(|link| link.extends.clone());
        if let Some(fault) = self.circle(&path) {
            return self.lose(fault);
        }
        let bytes = match (self.read)(&path) {
            Ok(bytes) => bytes,
            Err(error) => return self.lose(unreadable(&path, &error, named_at)),
        };
        let (text, invalid_at) = decode(bytes);
        let file = self.sources.add(path.display().to_string(), text);
        if let Some(at) = invalid_at {
            return self.lose(not_utf8(file, at));
        }
        let parsed = parse(file, &self.sources.file(file).text, &mut self.faults);
        self.is_whole &= parsed.is_whole;
        let mut root = parsed.root;
        let extends = self.take_extends(&mut root);
        let next = extends.as_ref().map(|(target, _)| path.parent().unwrap_or(Path::new("")).join(target));
        self.links.push(Link { path, file, root, extends: extends.map(|(_, place)| place) });
        next
    }

    fn take_extends(&mut self, root: &mut Node) -> Option<(String, Place)> {
        let Value::Table(table) = &mut root.value else { return None };
        let at = table.entries.iter().position(|entry| entry.key == "extends")?;
        let node = table.entries.remove(at).node;
        match node.value {
            Value::Text(target) => Some((target, node.place)),
            _ => self.lose(Diagnostic::error(node.place, "`extends` is the path of a scenario file, a text")),
        }
    }

    /// The fault of coming back to a file of the chain, or of never coming to an end.
    fn circle(&self, path: &Path) -> Option<Diagnostic> {
        let place = self.links.last()?.extends.clone()?;
        if self.links.len() == MAX_CHAIN {
            return Some(Diagnostic::error(place, format!("more than {MAX_CHAIN} files extend one another")));
        }
        let start = self.links.iter().position(|link| plain(&link.path) == plain(path))?;
        let links = &self.links[start..];
        let names = links.iter().map(|link| link.path.as_path()).chain([path]);
        let names: Vec<String> = names.map(|path| format!("`{}`", path.display())).collect();
        let fault = Diagnostic::error(place, format!("`extends` goes round in a circle: {}", names.join(" -> ")));
        let others = links[..links.len() - 1].iter().filter_map(|link| link.extends.clone());
        Some(others.fold(fault, |fault, place| fault.label(place, "part of the circle")))
    }

    fn lose<T>(&mut self, fault: Diagnostic) -> Option<T> {
        self.faults.push(fault);
        self.is_whole = false;
        None
    }
}

fn unreadable(path: &Path, error: &io::Error, named_at: Option<Place>) -> Diagnostic {
    let message = match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file `{}`", path.display()),
        _ => format!("cannot read `{}`: {error}", path.display()),
    };
    match named_at {
        Some(place) => Diagnostic::error(place, message),
        // The file that the user named has no text that a place could be in.
        None => Diagnostic { severity: Severity::Error, message, labels: Vec::new(), hints: Vec::new() },
    }
}

fn not_utf8(file: FileId, at: usize) -> Diagnostic {
    let place = Place { file, span: at..at + char::REPLACEMENT_CHARACTER.len_utf8() };
    Diagnostic::error(place, "this file is not UTF-8 text").hint("save it as UTF-8")
}

/// The path without `.` and, where that needs no look at the disk, without `..`.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(plain.components().next_back(), Some(Component::Normal(_))) => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}
