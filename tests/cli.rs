//! The built program: exit status, stdout, stderr and what lies on the disk afterwards.

use std::fs;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// What the program did.
struct Ran {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Ran {
    /// The program ended so and said this on stderr.
    #[track_caller]
    fn ended(&self, status: i32, on_stderr: &[&str]) -> &Self {
        assert_eq!(self.status, Some(status), "stderr: {}", self.stderr);
        for words in on_stderr {
            assert!(self.stderr.contains(words), "`{words}` is not in: {}", self.stderr);
        }
        self
    }
}

fn program(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradewinds"));
    command.current_dir(folder).args(arguments.split_whitespace()).env_remove("NO_COLOR");
    command
}

/// Runs the program in a folder.
fn tradewinds(folder: &Path, arguments: &str) -> Ran {
    let output = program(folder, arguments).output().unwrap();
    Ran {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn empty_folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn help_teaches_by_example() {
    let folder = empty_folder();
    for subcommand in ["run", "check", "new", "completions", "man"] {
        let ran = tradewinds(folder.path(), &format!("{subcommand} --help"));
        ran.ended(0, &[]);
        assert!(ran.stdout.contains(&format!("Examples:\n  tradewinds {subcommand}")), "{}", ran.stdout);
    }
    let version = tradewinds(folder.path(), "--version");
    assert_eq!(version.ended(0, &[]).stdout, format!("tradewinds {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn bad_usage_ends_with_2_and_names_the_cure() {
    let folder = empty_folder();
    tradewinds(folder.path(), "run").ended(2, &["<FILE-OR-FOLDER>..."]);
    tradewinds(folder.path(), "run x.toml --trials many").ended(2, &["such as 100000, 100_000, 1e6, 10k or 2M"]);
    tradewinds(folder.path(), "run x.toml --trials 10 --paths 11").ended(2, &["raise --trials or lower --paths"]);
    tradewinds(folder.path(), "run x.toml --excel=fr").ended(2, &["us", "eu"]);
    tradewinds(folder.path(), "man nothing").ended(2, &["no subcommand `nothing`"]);
}

#[test]
fn new_writes_once_and_names_the_next_command() {
    let folder = empty_folder();
    let ran = tradewinds(folder.path(), "new first --dir a/b");
    assert_eq!(ran.ended(0, &["next: tradewinds run a/b/first.toml\n"]).stdout, "");
    let file = folder.path().join("a/b/first.toml");
    assert!(fs::read_to_string(&file).unwrap().contains("[[flow]]"));

    fs::write(&file, "mine").unwrap();
    tradewinds(folder.path(), "new first.toml --dir a/b").ended(1, &["is there already"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

#[test]
fn new_refuses_names_that_are_no_ids() {
    let folder = empty_folder();
    for name in ["a/b", ".hidden", "é", "Compare"] {
        tradewinds(folder.path(), &format!("new {name}")).ended(2, &[name, "--dir"]);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn completions_and_manual_come_from_the_same_definitions() {
    let folder = empty_folder();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = tradewinds(folder.path(), &format!("completions {shell}"));
        assert!(ran.ended(0, &[]).stdout.contains("growth"), "{shell}");
    }
    assert!(tradewinds(folder.path(), "man").ended(0, &[]).stdout.contains("tradewinds\\-run(1)"));
    assert!(tradewinds(folder.path(), "man run").ended(0, &[]).stdout.contains("\\-\\-growth"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let folder = empty_folder();
    let mut child =
        program(folder.path(), "completions zsh").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(stderr, "");
}
