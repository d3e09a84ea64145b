//! From the path of a scenario file to its meaning.

use std::io;
use std::path::Path;

use super::Scenario;
use crate::diagnostic::{Diagnostic, FileId, Sources};

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

/// The scenario as written, overlays put together.
#[derive(Clone, Debug)]
pub struct Resolved {
    /// The files it came from, the named one first.
    pub files: Vec<FileId>,
}

impl Resolved {
    /// One self-contained scenario file with the same meaning, in TOML.
    pub fn to_toml(&self) -> String {
        String::new()
    }

    /// The resolved scenario, each key with the file and line that set it as a comment.
    pub fn explain(&self, sources: &Sources) -> String {
        let _ = sources;
        String::new()
    }
}

/// Reads, puts together and checks a scenario. `read` fetches the bytes of a file.
pub fn load(path: &Path, read: &dyn Fn(&Path) -> io::Result<Vec<u8>>, sources: &mut Sources) -> Loaded {
    let _ = (path, read, sources);
    Loaded { scenario: None, resolved: None, diagnostics: Vec::new() }
}
