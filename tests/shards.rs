//! Runs in several parts, from outside: shards and their merging, runs taken up again, runs to a precision.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use tempfile::TempDir;

const SCENARIO: &str = r#"
[pair]
reporter = "NOR"
partner = "VNM"
[value]
unit = "USD million"
[horizon]
base = 2024
end = 2027
step = "half-year"
[[flow]]
id = "exports.fish"
from = "NOR"
to = "VNM"
base_total = 120
[[flow]]
id = "imports.shoes"
from = "VNM"
to = "NOR"
base_total = 80
[noise]
permanent = { sd = 0.2 }
[[driver]]
id = "line"
chance = 0.8
effect = { dist = "lognormal", median = 0.06, sigma = 0.5 }
[[driver]]
id = "fair"
kind = "cargo"
rate = 0.4
size = 10
flow = "exports.fish"
[[target]]
id = "two-hundred"
measure = "total"
at_least = 200
by = 2027
"#;

fn program(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradewinds"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

#[track_caller]
fn ended(output: &Output, status: i32, on_stderr: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{stderr}");
    for words in on_stderr {
        assert!(stderr.contains(words), "`{words}` is not in: {stderr}");
    }
}

#[track_caller]
fn tradewinds(folder: &Path, arguments: &str, status: i32, on_stderr: &[&str]) {
    ended(&program(folder, arguments).output().unwrap(), status, on_stderr);
}

/// A folder with `fam/a.toml` and `fam/b.toml`, the second a variant of the first that has observed trade.
fn family() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("fam")).unwrap();
    fs::write(folder.path().join("fam/a.toml"), SCENARIO).unwrap();
    let variant = "extends = \"a.toml\"\n[noise]\npermanent = { sd = 0.3 }\n[history]\nfile = \"trade.csv\"\n";
    fs::write(folder.path().join("fam/b.toml"), format!("{variant}flows = {{ exports = {{}}, total = {{}} }}\n"))
        .unwrap();
    let trade = "from,to,year,value,reporter\nNOR,VNM,2020,100,NOR\nVNM,NOR,2020,20.25,NOR\nNOR,VNM,2022,110,VNM\n";
    fs::write(folder.path().join("fam/trade.csv"), trade).unwrap();
    folder
}

/// Names and bytes of the CSV files of a folder, in name order.
fn tables(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".csv")).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), fs::read(folder.join(name)).unwrap())).collect()
}

#[track_caller]
fn same_tables(a: &Path, b: &Path) {
    let (a, b) = (tables(a), tables(b));
    let names = |tables: &[(String, Vec<u8>)]| tables.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b));
    assert!(a.len() >= 6, "{:?}", names(&a));
    for ((name, a), (_, b)) in a.iter().zip(&b) {
        assert!(a == b, "{name} differs");
    }
}

fn record(folder: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(folder.join("run.json")).unwrap()).unwrap()
}

/// Runs all parts of both scenarios into `out`.
fn run_parts(folder: &Path, count: u64, more: &str) -> Vec<PathBuf> {
    let mut parts = Vec::new();
    for number in 1..=count {
        tradewinds(folder, &format!("run fam --quiet --shard {number}/{count} --out out {more}"), 0, &[]);
        for id in ["a", "b"] {
            parts.push(Path::new("out/fam").join(id).join(format!("part-{number}-of-{count}.twpart")));
        }
    }
    parts
}

fn merge(folder: &Path, parts: &[PathBuf], more: &str) -> Output {
    program(folder, &format!("merge {more}")).args(parts).output().unwrap()
}

#[test]
fn merged_shards_are_the_whole_run() {
    let family = family();
    let folder = family.path();
    let options = "--trials 20k --seed 5 --growth";
    tradewinds(folder, &format!("run fam --quiet --out whole --paths 7 --excel=eu {options}"), 0, &[]);
    for count in [1, 3, 64] {
        let mut parts = run_parts(folder, count, options);
        parts.reverse();
        let turn = parts.len() / 3;
        parts.rotate_left(turn);
        ended(
            &merge(folder, &parts, "--out merged --paths 7 --excel=eu"),
            0,
            &["20,000 trials, seed 5", "merged/fam/b"],
        );
        for id in ["a", "b"] {
            same_tables(&folder.join("whole/fam").join(id), &folder.join("merged/fam").join(id));
            assert_eq!(folder.join("merged/fam").join(id).join("history.csv").exists(), id == "b");
            let (whole, merged) =
                (record(&folder.join("whole/fam").join(id)), record(&folder.join("merged/fam").join(id)));
            for key in ["trials", "seed", "sources", "outputs", "resolved", "resolved_sha256", "scenario"] {
                assert_eq!(whole[key], merged[key], "{key}");
            }
            assert_eq!(merged["parts"].as_array().unwrap().len() as u64, count);
            assert!(whole["parts"].is_null());
        }
    }
}

#[test]
fn a_shard_writes_its_part_and_says_how_to_go_on() {
    let family = family();
    let folder = family.path();
    let told = ["out/fam/a/part-2-of-3.twpart", "tradewinds merge out/*/*/part-*-of-3.twpart"];
    tradewinds(folder, "run fam/a.toml --trials 1k --shard 2/3 --out out", 0, &told);
    assert_eq!(fs::read_dir(folder.join("out/fam/a")).unwrap().count(), 1);
    for wrong in ["0/3", "4/3", "3", "a/b", "1/0"] {
        tradewinds(folder, &format!("run fam --shard {wrong}"), 2, &["the I-th of N parts"]);
    }
    tradewinds(folder, "run fam --shard 1/3 --paths 4", 2, &["--shard", "--paths"]);
}

#[test]
fn parts_that_make_no_whole_are_refused_by_name() {
    let family = family();
    let folder = family.path();
    let part = |number: u64| PathBuf::from(format!("out/fam/a/part-{number}-of-3.twpart"));
    run_parts(folder, 3, "--trials 3k");
    let refused = |parts: &[PathBuf], words: &[&str]| {
        ended(&merge(folder, parts, "--out merged"), 2, words);
        assert!(!folder.join("merged").exists());
    };
    refused(&[part(3), part(1)], &["fam/a", "no part holds trials", "part-1-of-3", "part-3-of-3"]);
    refused(&[part(1), part(2), part(3), "./out/fam/a/part-2-of-3.twpart".into()], &["./out/fam/a/part-2", "twice"]);

    fs::copy(folder.join(part(2)), folder.join("copy.twpart")).unwrap();
    let copy = PathBuf::from("copy.twpart");
    refused(
        &[part(1), part(2), part(3), copy.clone()],
        &["part-2-of-3.twpart` and `copy.twpart` hold the same trials"],
    );

    tradewinds(folder, "run fam/a.toml --quiet --trials 3k --seed 9 --shard 2/3 --out other", 0, &[]);
    let other = PathBuf::from("other/fam/a/part-2-of-3.twpart");
    refused(&[part(1), other, part(3)], &["`other/fam/a/part-2-of-3.twpart` does not belong with", "another seed"]);

    let bytes = fs::read(folder.join(part(2))).unwrap();
    fs::write(folder.join(&copy), &bytes[..bytes.len() - 1]).unwrap();
    refused(&[part(1), copy.clone(), part(3)], &["`copy.twpart`", "damaged or cut off"]);
    let mut layout = bytes;
    layout[b"tradewinds partial result\n".len()] = 0xfe;
    fs::write(folder.join(&copy), &layout).unwrap();
    refused(&[part(1), copy, part(3)], &["`copy.twpart`", "layout 254"]);
    refused(&[part(1), "fam/a.toml".into()], &["`fam/a.toml`", "not a partial result"]);
    refused(&[part(1), "none.twpart".into()], &["`none.twpart`"]);
}

#[derive(Clone, Copy)]
enum Signal {
    Kill,
    CtrlC,
}

/// Starts a run that saves a checkpoint all the time, and ends it once there is one.
fn stop_half_way(folder: &Path, arguments: &str, signal: Signal) -> Output {
    stop_in("a", folder, arguments, signal)
}

/// The same once there is one of this scenario.
fn stop_in(id: &str, folder: &Path, arguments: &str, signal: Signal) -> Output {
    let mut child = program(folder, arguments).stderr(Stdio::piped()).spawn().unwrap();
    let checkpoint = folder.join("out/fam").join(id).join(".checkpoint.twpart");
    while !checkpoint.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::sleep(Duration::from_millis(1));
    }
    match signal {
        Signal::Kill => child.kill().unwrap(),
        Signal::CtrlC => {
            assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
        }
    }
    child.wait_with_output().unwrap()
}

#[cfg(unix)]
#[test]
fn a_run_that_was_killed_goes_on_to_the_same_bytes() {
    let family = family();
    let folder = family.path();
    let options = "fam/a.toml --trials 1M --growth --seed 3";
    tradewinds(folder, &format!("run {options} --quiet --out whole"), 0, &[]);
    let stopped = format!("run {options} --out out --threads 1 --checkpoint-seconds 0.01");
    let results = folder.join("out/fam/a");

    let killed = stop_half_way(folder, &stopped, Signal::Kill);
    assert_eq!(killed.status.code(), None);
    assert!(tables(&results).is_empty());
    let refused = |more: &str, why: &str| {
        tradewinds(
            folder,
            &format!("run --resume --out out {more}"),
            2,
            &[why, ".checkpoint.twpart", "without --resume", "remove that file"],
        );
    };
    refused("fam/a.toml --trials 1M --growth --seed 4", "another seed");
    refused("fam/a.toml --trials 1001k --growth --seed 3", "another number of trials");
    refused("fam/a.toml --trials 1M --seed 3", "another `--growth`");
    refused("fam/a.toml --trials 1M --growth --seed 3 --measure exports", "another `--measure`");
    assert!(results.join(".checkpoint.twpart").exists());

    tradewinds(folder, &format!("run {options} --out out --resume"), 0, &["1,000,000 trials, seed 3"]);
    same_tables(&folder.join("whole/fam/a"), &results);
    assert!(!results.join(".checkpoint.twpart").exists());
    tradewinds(folder, &format!("run {options} --out out --resume"), 0, &["there is no checkpoint of `a`"]);
}

#[test]
fn a_run_to_a_precision_that_was_killed_ends_where_it_would_have() {
    let family = family();
    let folder = family.path();
    let options = "fam/a.toml --precision 0.2%";
    tradewinds(folder, &format!("run {options} --quiet --out whole"), 0, &[]);
    stop_half_way(folder, &format!("run {options} --out out --threads 1 --checkpoint-seconds 0.01"), Signal::Kill);
    tradewinds(folder, &format!("run {options} --quiet --out out --resume"), 0, &[]);
    let (whole, out) = (folder.join("whole/fam/a"), folder.join("out/fam/a"));
    same_tables(&whole, &out);
    for key in ["trials", "precision"] {
        assert_eq!(record(&whole)[key], record(&out)[key]);
    }
}

#[cfg(unix)]
#[test]
fn scenarios_that_were_complete_are_not_run_again() {
    let family = family();
    let folder = family.path();
    for (options, least) in [("run fam --trials 1M", 1_000_000), ("run fam --precision 0.12%", 186_368)] {
        fs::remove_dir_all(folder.join("out")).unwrap_or_default();
        tradewinds(folder, &format!("{options} --quiet --out whole"), 0, &[]);
        let long = format!("{options} --out out --threads 1 --checkpoint-seconds 0.01");
        let told = String::from_utf8(stop_in("b", folder, &long, Signal::CtrlC).stderr).unwrap();
        let before = told.split(" trials are saved").next().unwrap();
        assert!(before.rsplit(' ').next().unwrap().parse::<u64>().unwrap() > least, "{told}");
        let results = |id: &str| folder.join("out/fam").join(id);
        assert_eq!(
            record(&folder.join("whole/fam/a"))["trials"],
            least,
            "a look that is no power of two is made up to blocks"
        );
        assert!(!tables(&results("a")).is_empty() && tables(&results("b")).is_empty());
        let checkpoint = results("a").join(".checkpoint.twpart");
        let (status, words): (i32, &[&str]) = match least {
            1_000_000 => (0, &[]),
            _ => (2, &["was saved before its run was done"]),
        };
        // All trials are in it, as far as it is known beforehand how many those are.
        ended(&merge(folder, &[checkpoint], "--out merged"), status, words);

        let resumed = program(folder, &format!("{options} --out out --resume")).output().unwrap();
        let told = String::from_utf8(resumed.stderr).unwrap();
        assert!(resumed.status.success() && !told.contains("begins anew"), "{told}");
        for id in ["a", "b"] {
            same_tables(&folder.join("whole/fam").join(id), &results(id));
            assert_eq!(record(&folder.join("whole/fam").join(id))["trials"], record(&results(id))["trials"]);
            assert!(!results(id).join(".checkpoint.twpart").exists());
        }
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_says_how_to_go_on_and_a_new_run_need_not() {
    let family = family();
    let folder = family.path();
    let long = "run fam/a.toml --trials 1e12 --out out --checkpoint-seconds 0.01";
    let stopped = stop_half_way(folder, long, Signal::CtrlC);
    ended(&stopped, 130, &["error: interrupted\n", "trials are saved; the same command with --resume goes on"]);
    let checkpoint = folder.join("out/fam/a/.checkpoint.twpart");
    fs::write(folder.join("fam/a.toml"), SCENARIO.replace("base_total = 80", "base_total = 81")).unwrap();
    tradewinds(folder, "run fam/a.toml --trials 1e12 --out out --resume", 2, &["its scenario differs"]);
    assert!(checkpoint.exists());
    fs::write(&checkpoint, "cut off").unwrap();
    tradewinds(folder, "run fam/a.toml --trials 1e12 --out out --resume", 2, &["not a partial result"]);
    tradewinds(folder, "run fam/a.toml --trials 1k --out out", 0, &["is not used; --resume would go on from it"]);
    assert!(!checkpoint.exists());
}

#[test]
fn a_run_to_a_precision_is_a_run_of_so_many_trials() {
    let family = family();
    let folder = family.path();
    tradewinds(folder, "run fam --quiet --precision 0.5% --growth --out one --threads 1", 0, &[]);
    tradewinds(folder, "run fam --precision 0.5% --growth --out two --threads 2 --checkpoint-seconds 0.001", 0, &[]);
    for id in ["a", "b"] {
        let (one, two) = (folder.join("one/fam").join(id), folder.join("two/fam").join(id));
        same_tables(&one, &two);
        let record = record(&one);
        let (trials, precision) = (record["trials"].as_u64().unwrap(), &record["precision"]);
        assert_eq!(precision["asked"], 0.005);
        let reached = precision["reached"].as_f64().unwrap();
        assert!(0.002 < reached && reached <= 0.005, "{reached}");
        assert_eq!(largest_error(&one), reached);
        tradewinds(folder, &format!("run fam/{id}.toml --quiet --trials {trials} --growth --out whole"), 0, &[]);
        same_tables(&folder.join("whole/fam").join(id), &one);
    }
}

/// The largest relative standard error of p05, median and p95 of the total in the last period.
fn largest_error(folder: &Path) -> f64 {
    let text = fs::read_to_string(folder.join("quantiles.csv")).unwrap();
    let mut lines = text.lines().map(|line| line.split(',').collect::<Vec<_>>());
    let head = lines.next().unwrap();
    let column = |name: &str| head.iter().position(|it| *it == name).unwrap();
    let (measure, period, level) = (column("measure"), column("period"), column("level"));
    let number = |row: &[&str], name: &str| row[column(name)].parse::<f64>().unwrap();
    let rows = lines.filter(|row| row[measure] == "total" && row[period] == "2027");
    let rows = rows.filter(|row| ["0.05", "0.5", "0.95"].contains(&row[level]));
    let errors: Vec<f64> = rows.map(|row| number(&row, "standard_error") / number(&row, "value")).collect();
    assert_eq!(errors.len(), 3);
    errors.into_iter().fold(0.0, f64::max)
}

#[test]
fn a_precision_that_is_not_reached_is_told() {
    let family = family();
    let folder = family.path();
    let told = ["the error of `a` is still", "0.010 % was asked for", "raise --trials", "20,000 trials"];
    tradewinds(folder, "run fam/a.toml --precision 0.01% --trials 20k --out out", 0, &told);
    assert!(record(&folder.join("out/fam/a"))["precision"]["reached"].as_f64().unwrap() > 0.0001);
    tradewinds(folder, "run fam/a.toml --precision 1% --shard 1/2", 2, &["--precision", "--shard"]);
    tradewinds(folder, "run fam/a.toml --precision 0", 2, &["such as 0.2% or 0.002"]);
}
