//! The built program in a folder of its own, and the tables that it leaves there.
#![allow(dead_code, reason = "each test file uses its part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// A base; one without its driver; one that counts by other statistics; one that extends nothing. Texts that look like
/// formulas and a product that looks like a number are among them.
const BASE: &str = r#"
id = "base"
title = "=1+1, the base"
notes = "+ notes"
as_of = 2023-03-01
pair = { reporter = "PAK", partner = "KAZ" }
value = { unit = "USD million", metric = "customs" }
horizon = { base = 2022, end = 2025, step = "half-year" }
noise = { permanent = { sd = 0.2 } }
flow = [
    { id = "exports.flowers", from = "PAK", to = "KAZ", product = "0603", base_total = 100 },
    { id = "exports.other", from = "PAK", to = "KAZ", base_total = 1.25 },
    { id = "imports.wheat", from = "KAZ", to = "PAK", product = "-Wheat", base_total = { dist = "uniform", min = 40, max = 60 } },
]
driver = [
    { id = "link", title = "@link", chance = 0.5, start = 2023.5, effect = 0.1, exposure = { "*" = 1 } },
    { id = "road", chance = 0.5, start = 2024, effect = 0.05, exposure = { "*" = 1 } },
]
target = [{ id = "more", title = "-more", measure = "total", at_least = 150, by = 2024 }]
"#;
const OTHERS: [(&str, &str); 3] = [
    (
        "no-link",
        "extends = \"base.toml\"\ntitle = \"Without the link\"\ndriver = [{ id = \"link\", enabled = false }]\n",
    ),
    ("metric", "extends = \"base.toml\"\ntitle = \"Counted otherwise\"\nvalue = { metric = \"mirror\" }\n"),
    (
        "alone",
        "title = \"Alone\"\npair = { reporter = \"PAK\", partner = \"KAZ\" }\nvalue = { unit = \"USD million\" }\n\
               horizon = { base = 2022, end = 2025, step = \"quarter\", report = \"step\" }\n\
               flow = [{ id = \"exports.all\", from = \"PAK\", to = \"KAZ\", base_total = 10 }]\n",
    ),
];

/// A folder with the family `pak-kaz`: the base and those of the others that are named.
pub fn family(others: &[&str]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let scenarios = folder.path().join("pak-kaz");
    fs::create_dir(&scenarios).unwrap();
    fs::write(scenarios.join("base.toml"), BASE).unwrap();
    for (name, text) in OTHERS.iter().filter(|(name, _)| others.contains(name)) {
        fs::write(scenarios.join(name).with_extension("toml"), text).unwrap();
    }
    folder
}

/// Runs the program there; gives its stderr. It has to end so.
#[track_caller]
pub fn tradewinds(folder: &Path, arguments: &str, status: i32) -> String {
    outputs(folder, arguments, status).1
}

/// Runs the program there, and it has to succeed; gives its stdout.
#[track_caller]
pub fn printed(folder: &Path, arguments: &str) -> String {
    outputs(folder, arguments, 0).0
}

#[track_caller]
fn outputs(folder: &Path, arguments: &str, status: i32) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradewinds"));
    let output = command.current_dir(folder).args(arguments.split_whitespace()).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert_eq!(output.status.code(), Some(status), "{arguments}: {stderr}");
    (stdout, stderr)
}

/// A CSV file: its header and its rows.
pub struct Csv {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Csv {
    pub fn read(path: PathBuf) -> Csv {
        let mut source = csv::Reader::from_path(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let cells = |record: &csv::StringRecord| record.iter().map(str::to_owned).collect::<Vec<_>>();
        let header = cells(source.headers().unwrap());
        let rows: Vec<_> = source.records().map(|record| cells(&record.unwrap())).collect();
        assert!(!rows.is_empty(), "{} has no rows", path.display());
        Csv { header, rows }
    }

    pub fn column(&self, name: &str) -> usize {
        let at = self.header.iter().position(|column| column == name);
        at.unwrap_or_else(|| panic!("no column `{name}` in {:?}", self.header))
    }

    /// The cells of these columns, row by row.
    pub fn select(&self, columns: &[&str]) -> Vec<Vec<&str>> {
        let at: Vec<usize> = columns.iter().map(|name| self.column(name)).collect();
        self.rows.iter().map(|row| at.iter().map(|&at| &row[at][..]).collect()).collect()
    }
}
