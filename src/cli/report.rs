//! `tradewinds report`: finished results as a page.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tradewinds::report::html::{self, Family, Files, Member};

use super::args::ReportArgs;
use super::condition;
use super::failure::Failure;
use super::folder::Folder;
use super::terminal;

/// The page's name, if no other is given.
pub const PAGE: &str = "report.html";

pub fn report(args: &ReportArgs) -> Result<(), Failure> {
    let default = args.folder.join(PAGE);
    let page = args.out.as_deref().unwrap_or(&default);
    write(&args.folder, page)?;
    if !args.quiet {
        terminal::note(&format!("Open in a browser:\n  {}\n", page.display()));
    }
    Ok(())
}

/// Writes the page of what lies in a folder.
pub fn write(folder: &Path, page: &Path) -> Result<(), Failure> {
    let family = read(folder)?;
    let (out, name) = Folder::of_file(page)?;
    let staged = out.stage(&name, |file| html::page(&family, file))?;
    out.publish(vec![staged], &[])
}

/// A folder of one scenario, or one of several.
fn read(folder: &Path) -> Result<Family, Failure> {
    let folders = if is_scenario(folder) { with_conditioned(folder.to_owned()) } else { scenarios(folder)? };
    if folders.is_empty() {
        return Err(Failure::Input(format!(
            "folder `{}` holds no results\n  = hint: name the folder of a family that `tradewinds run` wrote, such as \
             output/pakistan-kazakhstan",
            folder.display()
        )));
    }
    let scenarios = folders.iter().map(|folder| member(folder)).collect::<Result<_, _>>()?;
    Ok(Family { family: name(folder), scenarios, files: files(folder, &html::SHARED)? })
}

fn is_scenario(folder: &Path) -> bool {
    folder.join(html::SHOWN[0]).is_file()
}

/// Folders of scenarios in a family's folder, in name order, each before what it became by `condition`.
fn scenarios(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| unreadable(folder, &error))?;
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(folder, &error))?.path();
        found.extend(with_conditioned(path));
    }
    found.sort();
    Ok(found)
}

/// Of a folder and of what `condition` has put beside its results, those that hold results.
fn with_conditioned(folder: PathBuf) -> Vec<PathBuf> {
    let conditioned = folder.join(condition::FOLDER);
    [folder, conditioned].into_iter().filter(|path| is_scenario(path)).collect()
}

fn member(folder: &Path) -> Result<Member, Failure> {
    let files = files(folder, &html::SHOWN)?;
    let missing = html::SHOWN[..html::NEEDED].iter().find(|name| !files.0.iter().any(|(found, _)| found == *name));
    match missing {
        Some(name) => Err(Failure::Input(format!(
            "`{}` is missing\n  = hint: simulate the scenario again with `tradewinds run`",
            folder.join(name).display()
        ))),
        None => Ok(Member { folder: name(folder), files }),
    }
}

/// Those of the named files that are there.
fn files(folder: &Path, names: &[&str]) -> Result<Files, Failure> {
    let mut found = Vec::new();
    for name in names {
        let path = folder.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => found.push(((*name).to_owned(), text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => (),
            Err(error) => return Err(unreadable(&path, &error)),
        }
    }
    Ok(Files(found))
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    Failure::Input(format!("cannot read `{}`: {error}\n  = hint: check the path", path.display()))
}

/// The last part of a path, also of `.`.
fn name(folder: &Path) -> String {
    let whole = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    whole.file_name().unwrap_or(OsStr::new("results")).to_string_lossy().into_owned()
}
