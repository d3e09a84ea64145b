//! The pages and pictures of finished results, by the built program.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine;
use flate2::read::GzDecoder;
use serde_json::Value;
use tempfile::TempDir;

fn tradewinds(folder: &Path, arguments: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradewinds"));
    let output = command.current_dir(folder).args(arguments.split_whitespace()).output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[track_caller]
fn ended(ran: (Option<i32>, String), status: i32, words: &[&str]) {
    assert_eq!(ran.0, Some(status), "{}", ran.1);
    for word in words {
        assert!(ran.1.contains(word), "`{word}` is not in: {}", ran.1);
    }
}

/// Results of the tutorial's three scenarios, few trials, with their page.
fn results(options: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/tutorial");
    let ran = tradewinds(folder.path(), &format!("run {} --trials 500 --report {options}", scenarios.display()));
    ended(ran, 0, &["output/tutorial/report.html"]);
    let family = folder.path().join("output/tutorial");
    (folder, family)
}

/// What a page holds.
fn data_of(page: &str) -> Value {
    let (_, data) = page.split_once("id=\"data\">").unwrap();
    let packed = base64::engine::general_purpose::STANDARD.decode(data.split_once('<').unwrap().0).unwrap();
    let mut text = String::new();
    GzDecoder::new(&packed[..]).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_page_holds_the_files_of_every_scenario() {
    let (_folder, family) = results("--growth");
    let data = data_of(&fs::read_to_string(family.join("report.html")).unwrap());
    let scenarios = data["scenarios"].as_array().unwrap();
    assert_eq!(scenarios.len(), 4);
    for scenario in scenarios {
        let folder = family.join(scenario["folder"].as_str().unwrap());
        for file in [
            "projection.csv",
            "quantiles.csv",
            "distribution.csv",
            "targets.csv",
            "first_passage.csv",
            "drivers.csv",
            "inputs.csv",
            "growth.csv",
            "run.json",
        ] {
            assert_eq!(scenario["files"][file], fs::read_to_string(folder.join(file)).unwrap(), "{file}");
        }
    }
}

#[test]
fn a_page_holds_what_sets_scenarios_apart_and_what_history_made_of_them() {
    let (folder, family) = results("");
    let of = |path: &str| fs::read_to_string(family.join(path)).unwrap();
    let data = data_of(&of("report.html"));
    assert_eq!(data["files"]["compare/comparison.csv"], of("compare/comparison.csv"));
    assert_eq!(data["scenarios"][2]["files"]["history.csv"], of("history/history.csv"));

    let lesson = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/tutorial/04-history.toml");
    ended(tradewinds(folder.path(), &format!("condition {} --trials 8k", lesson.display())), 0, &[]);
    for (of_what, at, members) in [("output/tutorial", 3, 5), ("output/tutorial/history", 1, 2)] {
        ended(tradewinds(folder.path(), &format!("report {of_what} --quiet")), 0, &[]);
        let data = data_of(&fs::read_to_string(folder.path().join(of_what).join("report.html")).unwrap());
        assert_eq!(data["scenarios"].as_array().unwrap().len(), members);
        let learned = &data["scenarios"][at];
        assert_eq!(learned["folder"], "condition");
        for file in ["inputs.csv", "history.csv", "observations.csv"] {
            assert_eq!(learned["files"][file], of(&format!("history/condition/{file}")), "{file}");
        }
    }
}

#[test]
fn report_writes_the_page_that_run_writes() {
    let (folder, family) = results("");
    let first = fs::read(family.join("report.html")).unwrap();
    fs::remove_file(family.join("report.html")).unwrap();
    ended(
        tradewinds(folder.path(), "report output/tutorial"),
        0,
        &["Open in a browser:\n  output/tutorial/report.html\n"],
    );
    assert_eq!(fs::read(family.join("report.html")).unwrap(), first);

    let scenario =
        fs::read_dir(&family).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    let one = scenario.strip_prefix(folder.path()).unwrap().display().to_string();
    ended(tradewinds(folder.path(), &format!("report {one} -o pages/one.html --quiet")), 0, &[]);
    let data = data_of(&fs::read_to_string(folder.path().join("pages/one.html")).unwrap());
    assert_eq!(data["scenarios"].as_array().unwrap().len(), 1);
}

#[test]
fn what_is_no_result_is_refused_with_a_cure() {
    let (folder, family) = results("");
    fs::create_dir(folder.path().join("empty")).unwrap();
    ended(tradewinds(folder.path(), "report empty"), 2, &["holds no results", "tradewinds run"]);
    ended(tradewinds(folder.path(), "report nowhere"), 2, &["cannot read `nowhere`", "check the path"]);
    ended(tradewinds(folder.path(), "report output/tutorial -o empty"), 2, &["`empty` is a folder"]);
    let scenario =
        fs::read_dir(&family).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    fs::remove_file(scenario.join("quantiles.csv")).unwrap();
    ended(tradewinds(folder.path(), "report output/tutorial"), 2, &["quantiles.csv` is missing", "tradewinds run"]);
}

#[test]
fn a_run_tells_how_to_get_charts() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/tutorial/01-first.toml");
    let ran = tradewinds(folder.path(), &format!("run {} --trials 100", scenario.display()));
    ended(ran, 0, &["For charts of them:\n  tradewinds report output/tutorial\n"]);
    assert!(!folder.path().join("output/tutorial/report.html").exists());
}

#[cfg(not(feature = "plot"))]
#[test]
fn a_program_without_pictures_says_how_to_get_them() {
    let folder = tempfile::tempdir().unwrap();
    ended(tradewinds(folder.path(), "plot output/x/y"), 2, &["--features plot", "tradewinds report"]);
}

#[cfg(feature = "plot")]
#[test]
fn a_picture_is_drawn_where_it_is_wanted() {
    let (folder, family) = results("");
    let scenario =
        fs::read_dir(&family).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_dir()).unwrap();
    let one = scenario.strip_prefix(folder.path()).unwrap().display().to_string();
    ended(tradewinds(folder.path(), &format!("plot {one}")), 0, &["fan-total.svg"]);
    let first = fs::read_to_string(scenario.join("fan-total.svg")).unwrap();
    assert!(first.contains("<title>Total trade"), "{}", &first[..300]);
    ended(
        tradewinds(folder.path(), &format!("plot {one}/projection.csv --measure exports --title Fish -o x.svg")),
        0,
        &["x.svg"],
    );
    assert!(fs::read_to_string(folder.path().join("x.svg")).unwrap().contains("<title>Fish"));
    ended(tradewinds(folder.path(), &format!("plot {one} -o x.png -q")), 0, &[]);
    assert!(fs::read(folder.path().join("x.png")).unwrap().starts_with(b"\x89PNG"));

    ended(tradewinds(folder.path(), &format!("plot {one} -o x.gif")), 2, &["end its name with .svg or .png"]);
    ended(
        tradewinds(folder.path(), &format!("plot {one} --measure fish")),
        2,
        &["there is no measure `fish`; there are"],
    );
    ended(tradewinds(folder.path(), "plot output/tutorial"), 2, &["cannot read", "the folder of one scenario"]);
}
