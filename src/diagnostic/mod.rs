//! Faults in what was written: message, place, cure.

mod excerpt;
mod nearest;
mod render;

pub use nearest::nearest;
pub use render::render;

use std::ops::Range;

/// Index of a file in [`Sources`].
pub type FileId = usize;

/// Some bytes of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which file.
    pub file: FileId,
    /// Byte range in its text.
    pub span: Range<usize>,
}

/// The texts that places point into.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// As the user named it, or as `extends` did.
    pub path: String,
    /// Its text, or a part of it.
    pub text: String,
    /// Number of the first line of the text, from 1.
    pub first_line: usize,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, path: String, text: String) -> FileId {
        self.add_from(path, text, 1)
    }

    /// Adds a part of a file that is too long to be kept, from a line on.
    pub fn add_from(&mut self, path: String, text: String, first_line: usize) -> FileId {
        self.files.push(SourceFile { path, text, first_line });
        self.files.len() - 1
    }

    /// The file with this id.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id]
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing can be run.
    Error,
    /// It can be run; the author should look.
    Warning,
}

/// One fault.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// Lower case, names in backticks, no final full stop.
    pub message: String,
    /// The main place first; each with a few words, possibly none.
    pub labels: Vec<(Place, String)>,
    /// What would be right.
    pub hints: Vec<String>,
}

impl Diagnostic {
    /// An error at a place.
    pub fn error(place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, place, message.into())
    }

    /// A warning at a place.
    pub fn warning(place: Place, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, place, message.into())
    }

    /// With one more place and a few words about it.
    pub fn label(mut self, place: Place, text: impl Into<String>) -> Diagnostic {
        self.labels.push((place, text.into()));
        self
    }

    /// With words at its main place.
    pub fn here(mut self, text: impl Into<String>) -> Diagnostic {
        self.labels[0].1 = text.into();
        self
    }

    /// With one more thing that would be right.
    pub fn hint(mut self, text: impl Into<String>) -> Diagnostic {
        self.hints.push(text.into());
        self
    }

    /// With the hint "did you mean", if a known name is near.
    pub fn did_you_mean<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Diagnostic {
        match nearest(name, known) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None => self,
        }
    }

    fn new(severity: Severity, place: Place, message: String) -> Diagnostic {
        Diagnostic { severity, message, labels: vec![(place, String::new())], hints: Vec::new() }
    }
}
