//! From the path of a scenario file to its meaning.

use std::io;
use std::path::{Component, Path, PathBuf};

use super::node::{Node, Value};
use super::overlay::{self, NewBlock};
use super::parse::{decode, parse};
use super::{Resolved, Scenario, check};
use crate::diagnostic::{Diagnostic, FileId, Place, Severity, Sources, render};

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
    let Chain { mut links, mut faults, is_whole, .. } = chain;
    if !is_whole {
        return Loaded { scenario: None, resolved: None, diagnostics: faults };
    }
    let home = path.parent().unwrap_or(Path::new(""));
    links.iter_mut().for_each(|link| link.relocate_history(home));
    let files = links.iter().map(|link| link.file).collect();
    let mut new_blocks = Vec::new();
    let root = put_together(links, &mut faults, &mut new_blocks);
    let default_id = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let scenario = check::check(&root, &default_id, &mut faults);
    overlay::hint_at_new_blocks(&mut faults, &new_blocks, &root);
    let is_right = faults.iter().all(|fault| fault.severity != Severity::Error);
    let mut scenario = scenario.filter(|_| is_right);
    if let Some(history) = scenario.as_mut().and_then(|scenario| scenario.history.as_mut()) {
        history.path = home.join(&history.file);
    }
    Loaded { scenario, resolved: Some(Resolved { files, root, default_id }), diagnostics: faults }
}

/// The scenario that one text is, for those who have no files. It cannot extend another, and its id is by default
/// `scenario`.
///
/// # Errors
/// All diagnostics as text, if one of them is an error.
///
/// # Examples
/// ```
/// let scenario = tradewinds::scenario::from_text(
///     r#"
///     pair = { reporter = "PAK", partner = "KAZ" }
///     value = { unit = "USD million" }
///     horizon = { base = 2022, end = 2032, step = "quarter" }
///     flow = [{ id = "exports.all", from = "PAK", to = "KAZ", base_total = 150 }]
///     "#,
/// )
/// .unwrap();
/// assert_eq!(scenario.horizon().steps(), 40);
/// ```
pub fn from_text(text: &str) -> Result<Scenario, String> {
    let mut sources = Sources::default();
    let name = Path::new("scenario.toml");
    let read = |path: &Path| match path == name {
        true => Ok(text.as_bytes().to_vec()),
        false => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    let loaded = load(name, &read, &mut sources);
    loaded.scenario.ok_or_else(|| render(&loaded.diagnostics, &sources, false))
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

impl Link {
    /// The table of `[history]` is named relative to its file; put together, it is relative to the named file.
    fn relocate_history(&mut self, home: &Path) {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        let folder = folder.strip_prefix(home).unwrap_or(folder);
        let Value::Table(root) = &mut self.root.value else { return };
        let Some(history) = root.entries.iter_mut().find(|entry| entry.key == "history") else { return };
        let Value::Table(table) = &mut history.node.value else { return };
        for entry in table.entries.iter_mut().filter(|entry| entry.key == "file") {
            if let Value::Text(file) = &mut entry.node.value {
                *file = folder.join(&*file).display().to_string();
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Loads the first of some files, which are all there are.
    fn loaded(files: &[(&str, &[u8])]) -> (Loaded, Sources) {
        let read = |path: &Path| match files.iter().find(|(name, _)| Path::new(name) == path) {
            Some((_, bytes)) => Ok(bytes.to_vec()),
            None if path.ends_with("locked") => {
                Err(io::Error::new(io::ErrorKind::PermissionDenied, "permission denied"))
            }
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        let mut sources = Sources::default();
        let loaded = load(Path::new(files[0].0), &read, &mut sources);
        (loaded, sources)
    }

    /// Checks the first message, and for each of its labels the file and the marked text.
    fn check_fault(files: &[(&str, &[u8])], message: &str, marked: &[(&str, &str)]) {
        let (loaded, sources) = loaded(files);
        assert!(loaded.scenario.is_none());
        let fault = &loaded.diagnostics[0];
        assert_eq!(fault.message, message);
        let labels = fault.labels.iter().map(|(place, _)| {
            let file = sources.file(place.file);
            (file.path.as_str(), &file.text[place.span.clone()])
        });
        assert_eq!(labels.collect::<Vec<_>>(), marked);
    }

    #[test]
    fn a_chain_is_put_together_from_its_folders() {
        let (loaded, sources) = loaded(&[
            ("family/high.toml", b"extends = \"base.toml\"\n[noise]\na = 1\n"),
            ("family/base.toml", b"\xEF\xBB\xBFextends = '../common.toml'\r\ntitle = 'T'\r\n[noise]\r\nb = 2\r\n"),
            ("family/../common.toml", b"notes = 'n'\n[noise]\na = 3\nc = 4\n"),
        ]);
        let resolved = loaded.resolved.unwrap();
        assert_eq!(resolved.files, [0, 1, 2]);
        let expected = "id = \"high\"  # the file's name\n\
                        notes = \"n\"  # family/../common.toml:1\n\n\
                        [noise]\n\
                        a = 1  # family/high.toml:3\n\
                        c = 4  # family/../common.toml:4\n\
                        b = 2  # family/base.toml:4\n";
        assert_eq!(resolved.explain(&sources), expected);
    }

    #[test]
    fn a_missing_file_is_named_where_it_is_extended() {
        check_fault(
            &[("a/b.toml", b"extends = 'no.toml'")],
            "there is no file `a/no.toml`",
            &[("a/b.toml", "'no.toml'")],
        );
        check_fault(
            &[("a.toml", b"extends = 'locked'")],
            "cannot read `locked`: permission denied",
            &[("a.toml", "'locked'")],
        );
        check_fault(
            &[("a.toml", b"extends = 3")],
            "`extends` is the path of a scenario file, a text",
            &[("a.toml", "3")],
        );
    }

    #[test]
    fn the_named_file_may_be_missing() {
        let read = |_: &Path| Err(io::Error::from(io::ErrorKind::NotFound));
        let loaded = load(Path::new("gone.toml"), &read, &mut Sources::default());
        assert_eq!(loaded.diagnostics[0].message, "there is no file `gone.toml`");
        assert!(loaded.resolved.is_none());
    }

    #[test]
    fn a_circle_is_shown() {
        check_fault(
            &[("a.toml", b"extends = './a.toml'")],
            "`extends` goes round in a circle: `a.toml` -> `./a.toml`",
            &[("a.toml", "'./a.toml'")],
        );
        check_fault(
            &[
                ("x/a.toml", b"extends = 'b.toml'"),
                ("x/b.toml", b"extends = '../y/c.toml'"),
                ("x/../y/c.toml", b"extends = '../x/b.toml'"),
            ],
            "`extends` goes round in a circle: `x/b.toml` -> `x/../y/c.toml` -> `x/../y/../x/b.toml`",
            &[("x/../y/c.toml", "'../x/b.toml'"), ("x/b.toml", "'../y/c.toml'")],
        );
    }

    #[test]
    fn a_chain_through_a_link_to_its_own_folder_ends() {
        let read = |_: &Path| Ok(b"extends = 'link/a.toml'".to_vec());
        let loaded = load(Path::new("a.toml"), &read, &mut Sources::default());
        assert_eq!(loaded.diagnostics[0].message, "more than 64 files extend one another");
    }

    #[test]
    fn syntax_errors_of_all_files_are_told() {
        let (loaded, _) = loaded(&[("a.toml", b"extends = 'b.toml'\nx = tense\n"), ("b.toml", b"y = \n")]);
        let faults: Vec<(usize, &str)> =
            loaded.diagnostics.iter().map(|fault| (fault.labels[0].0.file, fault.message.as_str())).collect();
        assert_eq!(faults, [(0, "text must be quoted"), (1, "missing value")]);
        assert!(loaded.resolved.is_none());
    }

    #[test]
    fn what_is_not_utf8_is_marked() {
        check_fault(&[("a.toml", b"a = '\xE9'")], "this file is not UTF-8 text", &[("a.toml", "\u{FFFD}")]);
    }

    #[test]
    fn faults_of_overlays_do_not_hide_the_resolved_scenario() {
        let (loaded, _) = loaded(&[("a.toml", b"unset = ['notes']\n")]);
        assert_eq!(loaded.diagnostics[0].message, "`unset` names `notes`, which is not inherited here");
        assert_eq!(loaded.resolved.unwrap().to_toml(), "id = \"a\"\n");
    }
}
