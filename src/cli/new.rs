//! `tradewinds new`.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::args::NewArgs;
use super::failure::Failure;
use super::terminal;

const TEMPLATE: &str = include_str!("new.toml");

pub fn new(args: &NewArgs) -> Result<(), Failure> {
    let id = args.name.strip_suffix(".toml").unwrap_or(&args.name);
    if !is_id(id) || id.eq_ignore_ascii_case("compare") {
        return Err(Failure::Input(format!(
            "`{id}` cannot be the id of a scenario\n  = hint: an id has letters, digits, `_`, `.` and `-`, starts \
             with a letter or digit and is not `compare`; a folder is given with --dir"
        )));
    }
    let path = args.dir.join(format!("{id}.toml"));
    write_new(&path).map_err(|error| failure(&path, &error))?;
    let path = path.strip_prefix(".").unwrap_or(&path).display();
    terminal::note(&format!("wrote {path}\nnext: tradewinds run {path}\n"));
    Ok(())
}

fn is_id(text: &str) -> bool {
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric());
    starts_well && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
}

/// Fails if the file is there.
fn write_new(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::File::create_new(path)?.write_all(TEMPLATE.as_bytes())
}

fn failure(path: &Path, error: &io::Error) -> Failure {
    let path = path.display();
    Failure::Failed(match error.kind() {
        io::ErrorKind::AlreadyExists => format!("`{path}` is there already\n  = hint: choose another name"),
        _ => format!("cannot write `{path}`: {error}\n  = hint: choose another folder with --dir"),
    })
}
