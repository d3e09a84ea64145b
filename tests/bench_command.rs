//! `tradewinds bench` from outside: what it prints, and that it writes nothing. No time is looked at.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn bench(folder: &Path, arguments: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradewinds"));
    command.current_dir(folder).arg("bench").args(arguments.split_whitespace()).output().unwrap()
}

/// A folder with `a.toml`: 4 flows over 40 steps.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.toml"), include_str!("../benches/reference.toml")).unwrap();
    folder
}

#[test]
fn a_record_holds_every_figure_and_nothing_is_written() {
    let folder = folder();
    let output = bench(folder.path(), "a.toml --trials 2k --rounds 2 --threads 2,1 --vectors baseline --json");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let record: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(record["scenario"], "a");
    assert_eq!((&record["trials"], &record["flows"], &record["steps"]), (&2000.into(), &4.into(), &40.into()));
    assert_eq!(record["machine"]["vectors"], "baseline");
    assert_eq!(record["resolved_sha256"].as_str().unwrap().len(), 64);
    let runs = record["runs"].as_array().unwrap();
    assert_eq!(runs.iter().map(|run| run["threads"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2]);
    for run in runs {
        let figure = |name: &str| run[name].as_f64().unwrap();
        assert!(figure("fastest_seconds") <= figure("seconds") && figure("seconds") <= figure("slowest_seconds"));
        let flow_steps = figure("trials_per_second") * 160.0;
        assert!((flow_steps / figure("flow_steps_per_second") - 1.0).abs() < 1e-9);
        let ns = 1e9 * figure("threads") / flow_steps;
        assert!((ns / figure("ns_per_flow_step_per_core") - 1.0).abs() < 1e-9);
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "files were written");
}

#[test]
fn a_table_names_the_machine_and_the_columns() {
    let folder = folder();
    let output = bench(folder.path(), "a.toml --trials 1k --rounds 1 --threads 1");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    for words in ["a: 1,000 trials of 4 flows over 40 steps", " cores, ", " vectors, ", "ns/flow-step/core", "peak MB"]
    {
        assert!(text.contains(words), "`{words}` is not in: {text}");
    }
}

#[test]
fn one_sound_scenario_is_needed() {
    let folder = folder();
    fs::copy(folder.path().join("a.toml"), folder.path().join("b.toml")).unwrap();
    for (arguments, words) in [
        (".", "name the one to be measured"),
        ("missing.toml", "missing.toml"),
        ("a.toml --threads 0", "at least one thread"),
        ("a.toml --rounds 0", "--rounds"),
    ] {
        let output = bench(folder.path(), arguments);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments}: {stderr}");
        assert!(stderr.contains(words), "`{words}` is not in: {stderr}");
    }
}
