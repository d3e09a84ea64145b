//! What is said about faulty files, whole: `tests/bad` holds files with one fault each, `tests/warned` files that run
//! but are warned of, `tests/good` files that nothing is said about. The message stands on top of each as a comment.
//! `UPDATE=1` rewrites the comments.

use std::fs;
use std::path::{Path, PathBuf};

use tradewinds::diagnostic::{Sources, render};
use tradewinds::scenario::load;

#[test]
fn faults_are_told() {
    check_folder("bad", |is_right, said| !is_right && said.contains("error"));
}

#[test]
fn warnings_are_told() {
    check_folder("warned", |is_right, said| is_right && said.contains("warning"));
}

#[test]
fn nothing_is_said_of_good_files() {
    check_folder("good", |is_right, said| is_right && said.is_empty());
}

/// Compares what is said about each file of a folder to the comment on its top.
fn check_folder(folder: &str, is_as_wanted: impl Fn(bool, &str) -> bool) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let files = scenario_files(&folder);
    assert!(!files.is_empty(), "no files in {}", folder.display());
    let mut wrong = Vec::new();
    for file in files {
        if std::env::var_os("UPDATE").is_some() {
            update(&folder, &file);
        }
        let (is_right, said) = said_about(&folder, &file);
        assert!(is_as_wanted(is_right, &said), "{}: {said}", file.display());
        let text = fs::read_to_string(folder.join(&file)).unwrap();
        if !said.is_empty() && wanted_of(&text).0 != as_comment(&said) {
            wrong.push(format!("{}:\n{said}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "not what the comments on top say:\n\n{}", wrong.join("\n"));
}

fn scenario_files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| PathBuf::from(entry.unwrap().file_name()));
    let mut files: Vec<PathBuf> = entries.filter(|file| file.extension().is_some_and(|ext| ext == "toml")).collect();
    files.sort();
    files
}

fn said_about(folder: &Path, file: &Path) -> (bool, String) {
    let mut sources = Sources::default();
    let loaded = load(file, &|path| fs::read(folder.join(path)), &mut sources);
    (loaded.scenario.is_some(), render(&loaded.diagnostics, &sources, false))
}

/// A longer comment moves the lines that it speaks of, so once may not be enough.
fn update(folder: &Path, file: &Path) {
    for _ in 0..3 {
        let said = said_about(folder, file).1;
        if said.is_empty() {
            return;
        }
        let text = fs::read_to_string(folder.join(file)).unwrap();
        fs::write(folder.join(file), as_comment(&said) + wanted_of(&text).1).unwrap();
    }
}

fn as_comment(said: &str) -> String {
    said.lines().map(|line| format!("# {line}").trim_end().to_string() + "\n").collect()
}

/// The comment on top of a text, and the rest.
fn wanted_of(text: &str) -> (String, &str) {
    let length = text.lines().take_while(|line| line.starts_with('#')).map(|line| line.len() + 1).sum::<usize>();
    let (comment, rest) = text.split_at(length.min(text.len()));
    (comment.to_string(), rest)
}
