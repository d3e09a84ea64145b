//! `tradewinds history` and `tradewinds check` as programs.

use std::fs;
use std::io::Write;
use std::process::{Command, Output, Stdio};

const CENSUS: &str = "tests/data/us-trade-1985-2022.csv";

fn tradewinds(arguments: &[&str], input: &[u8]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tradewinds"))
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that has seen enough closes its end.
    let _ = program.stdin.take().unwrap().write_all(input);
    program.wait_with_output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_table_at_a_glance() {
    let input = "year,from,to,reporter,value_musd\n2018,PAK,KAZ,PAK,5\n2019,PAK,KAZ,PAK,10\n2020,PAK,KAZ,PAK,20\n2021,PAK,KAZ,PAK,40\n\
                 2023,PAK,KAZ,PAK,0\n2019,PAK,KAZ,KAZ,5\n2020,PAK,KAZ,KAZ,10\n2021,PAK,KAZ,KAZ,20\n2021,PAK,WLD,PAK,9\n";
    let output = tradewinds(&["history", "-"], input.as_bytes());
    let expected = "\
stdin: plain table, 9 rows, 2 series of 1 flow
  values in million USD
  left out: groups of countries or aggregates 1

  from  to     reporter    years      values  gaps  zeros  last   growth  sd of log changes
  PAK   KAZ    KAZ         2019-2021       3     0      0  20.0  100.0 %
  PAK   KAZ    PAK         2018-2023       5     1      1  0.00  100.0 %               0.00

The same flow as two reporters state it, years in which both are above 0

  from  to     reporter  against  years  median ratio  log ratio  its sd
  PAK   KAZ    PAK       KAZ          3          2.00      +0.69    0.00
";
    assert_eq!(text(&output.stderr), "");
    assert_eq!(text(&output.stdout), expected);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_flow_of_the_census_as_csv_reads_back() {
    let first = tradewinds(&["history", CENSUS, "--to", "PAK", "--csv"], b"");
    assert_eq!(first.status.code(), Some(0), "{}", text(&first.stderr));
    assert!(text(&first.stdout).starts_with("from,to,product,reporter,valuation,year,value,unit\nUSA,PAK,,USA,,1985,"));
    assert_eq!(text(&first.stdout).lines().count(), 1 + 38);
    let second = tradewinds(&["history", "-", "--csv"], &first.stdout);
    assert_eq!(text(&second.stdout), text(&first.stdout));
}

#[test]
fn the_summary_as_json() {
    let output = tradewinds(&["history", CENSUS, "--from", "USA", "--to", "PAK", "--json"], b"");
    let summary: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(summary["layout"], "plain table");
    assert_eq!(summary["series"][0]["observations"], 38);
    assert_eq!(summary["series"].as_array().unwrap().len(), 1);
}

#[test]
fn faults_end_with_status_2() {
    let output = tradewinds(&["history", "-"], b"from,to,year,value\nA,B,2020,-1\n");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""));
    assert!(text(&output.stderr).contains("--> stdin:2:10"), "{}", text(&output.stderr));
    let output = tradewinds(&["history", CENSUS, "--from", "Atlantis"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("holds no trade that was asked for"), "{}", text(&output.stderr));
    let output = tradewinds(&["history", CENSUS, "--columns", "form=x"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("`form` is not what a column can hold"), "{}", text(&output.stderr));
}

/// A scenario and its table in a folder of their own.
fn scenario(history: &str, table: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("a.toml");
    let text = format!(
        "pair = {{ reporter = \"PAK\", partner = \"KAZ\" }}\nvalue = {{ unit = \"USD million\" }}\n\
         horizon = {{ base = 2022, end = 2026, step = \"quarter\" }}\n\
         flow = [{{ id = \"exports.all\", from = \"PAK\", to = \"KAZ\", base_total = 60 }}]\n{history}\n"
    );
    fs::write(&scenario, text).unwrap();
    fs::write(folder.path().join("t.csv"), table).unwrap();
    let path = scenario.to_str().unwrap().to_owned();
    (folder, path)
}

const HISTORY: &str =
    "history = { file = \"t.csv\", reporters = { \"*\" = { error = { dist = \"uniform\", min = 0.1, max = 0.2 } } } }";

#[test]
fn check_tells_the_faults_of_the_table() {
    let (_folder, path) = scenario(HISTORY, "from,to,year,value\nPAK,KAZ,2020,x\nPAK,KAZ,2021,x\nPAK,KAZ,2022,5\n");
    let output = tradewinds(&["check", &path], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("t.csv:2:14") && text(&output.stderr).contains("t.csv:3:14"));
    let (_folder, path) = scenario(HISTORY, "from,to,year,value\nPAK,KAZ,2022,5\n");
    let output = tradewinds(&["check", &path], b"");
    assert_eq!(text(&output.stderr), "1 scenario, no faults\n");
}

#[test]
fn what_a_scenario_observes() {
    let (_folder, path) = scenario(HISTORY, "from,to,year,value\nPAK,KAZ,2019,4\nPAK,KAZ,2022,5\nPAK,KAZ,2023,6\n");
    let output = tradewinds(&["history", &path], b"");
    assert_eq!(text(&output.stderr), "");
    let words: Vec<&str> = text(&output.stdout).split_whitespace().collect();
    let expected = "a: observed in t.csv up to the base year, in USD million \
                    observed bias error years values gaps zeros last \
                    exports 0 { dist = \"uniform\", min = 0.1, max = 0.2 } 2019-2022 2 2 0 5.00";
    assert_eq!(words.join(" "), expected);
    let output = tradewinds(&["history", &path, "--csv"], b"");
    assert!(text(&output.stderr).contains("is a scenario, and the other options are for tables"));
    let (_folder, path) = scenario("", "");
    let output = tradewinds(&["history", &path], b"");
    assert!(text(&output.stderr).contains("has no `[history]`"), "{}", text(&output.stderr));
    assert_eq!(output.status.code(), Some(2));
}
