//! The built program: exit status, stdout, stderr and what lies on the disk afterwards.

use std::fs;
use std::io::{Read, Write};
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
    for subcommand in [
        "run",
        "merge",
        "compare",
        "explain",
        "check",
        "schema",
        "new",
        "completions",
        "man",
        "condition",
        "export",
        "report",
        "plot",
        "bench",
    ] {
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
    tradewinds(folder.path(), "run x.toml --sampling sobol --precision 0.2%").ended(2, &["leave out one of them"]);
    tradewinds(folder.path(), "run x.toml --sampling sobol --trials 17k --paths 33k")
        .ended(2, &["than the 32768 of the run"]);
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
fn schema_prints_what_lies_beside_the_scenarios() {
    let file = fs::read_to_string("scenarios/scenario.schema.json").unwrap();
    assert_eq!(tradewinds(Path::new("."), "schema").ended(0, &[]).stdout, file);
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

/// A scenario of two flows; `more` stands at its end.
fn scenario(more: &str) -> String {
    format!(
        r#"
pair = {{ reporter = "PAK", partner = "KAZ" }}
value = {{ unit = "USD million" }}
horizon = {{ base = 2022, end = 2024, step = "quarter" }}
noise = {{ permanent = {{ sd = 0.2 }} }}
flow = [
    {{ id = "exports.all", from = "PAK", to = "KAZ", base_total = 100 }},
    {{ id = "imports.all", from = "KAZ", to = "PAK", base_total = 50 }},
]
target = [{{ id = "more", measure = "total", at_least = 150, by = 2024 }}]
{more}
"#
    )
}

/// A folder `pak-kaz` with these files.
fn family(files: &[(&str, &str)]) -> TempDir {
    let folder = empty_folder();
    fs::create_dir(folder.path().join("pak-kaz")).unwrap();
    for (name, text) in files {
        fs::write(folder.path().join("pak-kaz").join(name), text).unwrap();
    }
    folder
}

/// Names of what lies in a folder, hidden files included, sorted.
fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const ALWAYS: [&str; 8] = [
    "distribution.csv",
    "drivers.csv",
    "first_passage.csv",
    "inputs.csv",
    "projection.csv",
    "quantiles.csv",
    "run.json",
    "targets.csv",
];

#[test]
fn the_scenario_that_new_writes_is_sound_and_runs() {
    let folder = empty_folder();
    tradewinds(folder.path(), "new first --dir sketches").ended(0, &[]);
    let checked = tradewinds(folder.path(), "check sketches");
    assert_eq!(checked.ended(0, &[]).stderr, "1 scenario, no faults\n");
    tradewinds(folder.path(), "run sketches/first.toml --trials 200").ended(0, &["quarter-billion"]);
    assert_eq!(listing(&folder.path().join("output/sketches/first")), ALWAYS);
}

#[test]
fn a_folder_means_its_own_scenarios() {
    let folder = family(&[
        ("b.toml", &scenario("")),
        ("a.toml", r#"extends = "_common.toml""#),
        ("_common.toml", &scenario("")),
        (".c.toml", "broken"),
        ("d.txt", "broken"),
    ]);
    let ran = tradewinds(folder.path(), "run pak-kaz --trials 1k --out results");
    ran.ended(0, &["pak-kaz: total in USD million", "total at least 150 by 2024", "1,000 trials, seed 1"]);
    assert_eq!(ran.stdout, "");
    assert_eq!(listing(&folder.path().join("results/pak-kaz")), ["a", "b"]);
    for id in ["a", "b"] {
        assert_eq!(listing(&folder.path().join("results/pak-kaz").join(id)), ALWAYS);
    }
    assert!(ran.stderr.find("pak-kaz/a").unwrap() < ran.stderr.find("pak-kaz/b").unwrap());
}

#[test]
fn run_json_knows_the_files_by_their_digests() {
    let folder = family(&[("a.toml", &format!("\u{feff}{}", scenario("")))]);
    let ran = tradewinds(folder.path(), "run pak-kaz/a.toml --trials 200 --growth --paths 3 --seed 0 --quiet");
    assert_eq!(ran.ended(0, &[]).stderr, "");
    let output = folder.path().join("output/pak-kaz/a");
    let run: serde_json::Value = serde_json::from_slice(&fs::read(output.join("run.json")).unwrap()).unwrap();
    assert_eq!((&run["seed"], &run["trials"]), (&0.into(), &200.into()));
    assert_eq!(run["resolved_sha256"], sha256(run["resolved"].as_str().unwrap().as_bytes()));

    let outputs = run["outputs"].as_array().unwrap();
    let mut names: Vec<&str> = outputs.iter().map(|output| output["file"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!([&names[..], &["run.json"]].concat().len(), listing(&output).len());
    for file in outputs {
        let bytes = fs::read(output.join(file["file"].as_str().unwrap())).unwrap();
        assert_eq!(file["sha256"], sha256(&bytes), "{file}");
    }
    let source = fs::read(folder.path().join("pak-kaz/a.toml")).unwrap();
    assert_eq!(run["sources"], serde_json::json!([{ "file": "pak-kaz/a.toml", "sha256": sha256(&source) }]));
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_resolved_scenario_runs_to_the_same_bytes() {
    let folder = family(&[
        ("_base.toml", &scenario("")),
        ("a.toml", "extends = \"_base.toml\"\nflow = [{ id = \"exports.all\", trend = 0.1 }]"),
    ]);
    tradewinds(folder.path(), "run pak-kaz/a.toml --trials 200 --out one --threads 1").ended(0, &[]);
    let run = fs::read(folder.path().join("one/pak-kaz/a/run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_slice(&run).unwrap();
    fs::write(folder.path().join("pak-kaz/a.toml"), run["resolved"].as_str().unwrap()).unwrap();
    tradewinds(folder.path(), "run pak-kaz/a.toml --trials 200 --out two --threads 2").ended(0, &[]);
    for name in ALWAYS.into_iter().filter(|&name| name != "run.json") {
        let bytes = |out: &str| fs::read(folder.path().join(out).join("pak-kaz/a").join(name)).unwrap();
        assert!(bytes("one") == bytes("two"), "{name}");
    }
}

#[test]
fn a_run_replaces_all_that_an_earlier_one_left() {
    let folder = family(&[("a.toml", &scenario(""))]);
    let output = folder.path().join("output/pak-kaz/a");
    tradewinds(folder.path(), "run pak-kaz --trials 200 --growth --paths 3").ended(0, &[]);
    assert_eq!(listing(&output).len(), ALWAYS.len() + 2);
    let trials = fs::read_to_string(output.join("trials.csv")).unwrap();
    assert_eq!(trials.lines().count(), 1 + 3 * 6 * 2);

    fs::write(output.join("mine.txt"), "").unwrap();
    tradewinds(folder.path(), "run pak-kaz --trials 200 --excel=eu").ended(0, &[]);
    assert_eq!(listing(&output).len(), ALWAYS.len() + 1);
    let targets = fs::read_to_string(output.join("targets.csv")).unwrap();
    assert!(targets.starts_with("\u{feff}scenario;target;") && targets.contains(";USD million;0,"), "{targets}");
}

#[test]
fn all_faults_of_all_files_come_at_once_and_nothing_is_written() {
    let folder = family(&[
        ("a.toml", &scenario("notes = 1")),
        ("b.toml", &scenario("").replace("exports.all", "exports all")),
        ("c.toml", &scenario("")),
    ]);
    for command in ["run", "check"] {
        let ran = tradewinds(folder.path(), &format!("{command} pak-kaz missing.toml"));
        ran.ended(2, &["a.toml", "b.toml", "missing.toml", "faults found, nothing was done"]);
        assert_eq!(listing(folder.path()), ["pak-kaz"]);
    }
}

#[test]
fn two_scenarios_do_not_share_a_folder() {
    let folder = family(&[("a.toml", &scenario("")), ("b.toml", &format!("id = \"A\"\n{}", scenario("")))]);
    tradewinds(folder.path(), "run pak-kaz").ended(2, &["pak-kaz/a.toml", "pak-kaz/b.toml", "same folder"]);
    tradewinds(folder.path(), "run pak-kaz/a.toml ./pak-kaz/a.toml --trials 100").ended(0, &[]);

    let folder = family(&[("compare.toml", &scenario(""))]);
    tradewinds(folder.path(), "run pak-kaz").ended(2, &["`compare` cannot be the id of a scenario"]);
}

#[test]
fn a_warning_about_a_shared_file_comes_once_and_does_not_stop() {
    let folder = family(&[
        ("_base.toml", &scenario("").replace("quarter", "year")),
        ("a.toml", r#"extends = "_base.toml""#),
        ("b.toml", r#"extends = "_base.toml""#),
    ]);
    let ran = tradewinds(folder.path(), "check pak-kaz");
    ran.ended(0, &["2 scenarios, no faults"]);
    assert_eq!(ran.stderr.matches("warning:").count(), 1, "{}", ran.stderr);
}

#[test]
fn check_explains_where_each_key_comes_from_and_reads_standard_input() {
    let folder = family(&[
        ("_base.toml", &scenario("")),
        ("a.toml", "extends = \"_base.toml\"\nflow = [{ id = \"exports.all\", trend = 0.125 }]"),
    ]);
    let ran = tradewinds(folder.path(), "check --explain pak-kaz/a.toml");
    let trend = ran.ended(0, &[]).stdout.lines().find(|line| line.contains("0.125")).unwrap();
    assert!(trend.contains("a.toml:2"), "{trend}");

    let mut child = program(folder.path(), "check -").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(scenario("colour = 1").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("`colour`"));
}

#[test]
fn an_output_folder_that_takes_no_files_is_found_before_the_simulation() {
    let folder = family(&[("a.toml", &scenario(""))]);
    fs::write(folder.path().join("output"), "a file").unwrap();
    // So many trials would take days.
    tradewinds(folder.path(), "run pak-kaz --trials 1e12").ended(1, &["`output/pak-kaz/a`", "--out"]);
}

#[test]
fn a_formula_out_of_range_ends_the_run_with_1() {
    let folder = family(&[(
        "a.toml",
        &scenario(
            r#"
[parameters]
wild = { dist = "normal", mean = 0, sd = 1 }
[[driver]]
id = "risky"
chance = "wild + 0.5"
effect = 0.1
"#,
        ),
    )]);
    let ran = tradewinds(folder.path(), "run pak-kaz --trials 1k");
    ran.ended(1, &["pak-kaz/a.toml", "wild + 0.5", "trial"]);
    assert_eq!(listing(&folder.path().join("output/pak-kaz/a")), [""; 0]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_half_written_file() {
    let folder = family(&[("a.toml", &scenario(""))]);
    let output = folder.path().join("output/pak-kaz/a");
    let mut child = program(folder.path(), "run pak-kaz --trials 1e12").stderr(Stdio::piped()).spawn().unwrap();
    while !output.exists() {
        assert!(child.try_wait().unwrap().is_none(), "it ended by itself");
        std::thread::yield_now();
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(130));
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "error: interrupted\n");
    assert_eq!(listing(&output), [""; 0]);
}

#[cfg(unix)]
#[test]
fn results_are_as_open_as_other_new_files() {
    use std::os::unix::fs::PermissionsExt;
    let folder = family(&[("a.toml", &scenario(""))]);
    tradewinds(folder.path(), "run pak-kaz --trials 100").ended(0, &[]);
    let mode = |path: &str| fs::metadata(folder.path().join(path)).unwrap().permissions().mode();
    fs::write(folder.path().join("new"), "").unwrap();
    assert_eq!(mode("output/pak-kaz/a/projection.csv"), mode("new"));
}

#[cfg(unix)]
#[test]
fn a_file_without_end_is_refused() {
    let folder = family(&[]);
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("endless.toml")).unwrap();
    tradewinds(folder.path(), "check endless.toml").ended(2, &["cannot read `endless.toml`: it is larger than 64 MiB"]);
}

#[test]
fn threads_beyond_reason_are_refused() {
    let folder = family(&[("a.toml", &scenario(""))]);
    for threads in ["1025", "-1", "two"] {
        let ran = tradewinds(folder.path(), &format!("run pak-kaz --trials 100 --threads={threads}"));
        ran.ended(2, &["--threads", "a whole number from 0 to 1024 is needed"]);
    }
    tradewinds(folder.path(), "run pak-kaz --trials 100 --threads 3").ended(0, &[]);
}

#[test]
fn events_that_come_all_the_time_end_the_run_with_1() {
    let shock = "[[driver]]\nid = \"strikes\"\nkind = \"shock\"\nrate = 1e300\nsize = 0.01\n";
    let folder = family(&[("busy.toml", &scenario(shock))]);
    let ran = tradewinds(folder.path(), "run pak-kaz/busy.toml --trials 10");
    ran.ended(1, &["`driver.strikes.rate` is 1e300 a year in trial 1", "lower the rate"]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_cannot_fit_in_memory_is_refused_with_the_figure() {
    let flow = |i: u32| format!("[[flow]]\nid = \"exports.f{i}\"\nfrom = \"AAA\"\nto = \"BBB\"\nbase = 1\n");
    let flows: String = (0..40_000).map(flow).collect();
    let head = "[pair]\nreporter = \"AAA\"\npartner = \"BBB\"\n[value]\nunit = \"t\"\n\
                [horizon]\nbase = 2022\nend = 2200\nstep = \"month\"\nreport = \"step\"\n";
    let folder = family(&[("vast.toml", &format!("{head}{flows}"))]);
    for command in ["check pak-kaz/vast.toml", "run pak-kaz/vast.toml --trials 1 --threads 1"] {
        let ran = tradewinds(folder.path(), command);
        ran.ended(2, &["`pak-kaz/vast.toml`", "would need at least 488.9 GiB", "report years instead of steps"]);
    }
    assert_eq!(listing(folder.path()), ["pak-kaz"]);
}

/// The lesson on history, with its table.
fn lesson() -> TempDir {
    let read = |name: &str| fs::read_to_string(Path::new("scenarios/tutorial").join(name)).unwrap();
    family(&[("history.toml", &read("04-history.toml")), ("04-history.csv", &read("04-history.csv"))])
}

#[test]
fn a_run_leaves_what_was_observed_and_takes_away_what_no_longer_is() {
    let folder = lesson();
    tradewinds(folder.path(), "run pak-kaz/history.toml --trials 200").ended(0, &[]);
    let written = folder.path().join("output/pak-kaz/history/history.csv");
    let text = fs::read_to_string(&written).unwrap();
    assert!(
        text.starts_with("scenario,measure,reporter,period,unit,observed\nhistory,exports.fish,NOR,2015,"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 1 + 18);

    let table = folder.path().join("pak-kaz/04-history.csv");
    fs::write(&table, "from,to,year,value\nNOR,VNM,2015,much\n").unwrap();
    tradewinds(folder.path(), "run pak-kaz/history.toml --trials 200").ended(2, &["`much`", "04-history.csv"]);

    let scenario = folder.path().join("pak-kaz/history.toml");
    let text = fs::read_to_string(&scenario).unwrap();
    let is_of_history =
        |line: &str| ["[history]", "file ", "flows ", "reporters "].iter().any(|it| line.starts_with(it));
    let without: Vec<&str> = text.lines().filter(|line| !is_of_history(line)).collect();
    fs::write(&scenario, without.join("\n")).unwrap();
    tradewinds(folder.path(), "run pak-kaz/history.toml --trials 200").ended(0, &[]);
    assert!(!written.exists(), "it would be of another scenario");
}

#[test]
fn the_years_of_first_reaching_a_target_add_up_to_its_probability() {
    let folder = lesson();
    tradewinds(folder.path(), "run pak-kaz/history.toml --trials 2k").ended(0, &[]);
    let results = folder.path().join("output/pak-kaz/history");
    let rows = |name: &str| -> Vec<Vec<String>> {
        let text = fs::read_to_string(results.join(name)).unwrap();
        text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let number = |text: &str| text.parse::<f64>().unwrap();
    let (passages, targets) = (rows("first_passage.csv"), rows("targets.csv"));
    let years: Vec<&str> = passages.iter().map(|row| &row[2][..]).collect();
    assert_eq!((years.len(), years[0], years[15]), (16, "2015", "2030"));
    let mut so_far = 0.0;
    for row in &passages {
        so_far += number(&row[3]);
        assert!((number(&row[5]) - so_far).abs() < 1e-9, "{row:?}");
    }
    assert!(so_far > 0.1, "the target is reached now and then");
    assert_eq!(passages[15][5..7], targets[0][8..10]);
}

#[test]
fn condition_writes_what_was_learned_beside_the_run() {
    let folder = lesson();
    let ran = tradewinds(folder.path(), "condition pak-kaz/history.toml --trials 8k --paths 3 --growth");
    ran.ended(0, &["18 observations", "median after", "Results, `projection.csv` first:"]);
    let results = folder.path().join("output/pak-kaz/history/condition");
    let first_line = |name: &str| fs::read_to_string(results.join(name)).unwrap().lines().next().unwrap().to_owned();
    assert!(first_line("inputs.csv").ends_with(",requested_p95,prior_mean,prior_sd,prior_p05,prior_p50,prior_p95"));
    assert!(first_line("observations.csv").starts_with("scenario,series,reporter,period,unit,observed,prior_p05"));
    assert!(results.join("trials.csv").is_file() && results.join("growth.csv").is_file());
    let record: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(results.join("run.json")).unwrap()).unwrap();
    assert!(record["effective_sample_size"].as_f64().unwrap() >= 400.0);
    assert_eq!(record["conditioning"]["observations_used"], 18);
    assert_eq!(record["conditioning"]["tempering_exponent"], 1.0);
}

#[test]
fn condition_refuses_what_it_cannot_learn_from() {
    let folder = lesson();
    tradewinds(folder.path(), "new plain --dir pak-kaz");
    let ran = tradewinds(folder.path(), "condition pak-kaz/plain.toml");
    ran.ended(2, &["has no observed history to learn from", "[history]"]);

    let late = fs::read_to_string(folder.path().join("pak-kaz/history.toml")).unwrap();
    fs::write(
        folder.path().join("pak-kaz/late.toml"),
        late.replace("id    = \"history\"\n", "").replace("2014\n", "2025\n"),
    )
    .unwrap();
    tradewinds(folder.path(), "condition pak-kaz/late.toml").ended(2, &["set `horizon.base` before the history"]);
}

#[test]
fn condition_refuses_to_go_on_with_few_trials_unless_it_may_temper() {
    let folder = lesson();
    let refused = tradewinds(folder.path(), "condition pak-kaz/history.toml --trials 500");
    refused.ended(1, &["of 500 trials count, and 400 are needed", "raise --trials to", "--temper"]);
    let results = folder.path().join("output/pak-kaz/history/condition");
    assert!(!results.join("projection.csv").exists());

    tradewinds(folder.path(), "condition pak-kaz/history.toml --trials 500 --temper").ended(0, &["is TEMPERED"]);
    assert!(fs::read_to_string(results.join("run.json")).unwrap().contains("\"notes\": \"Tempered: "));
}
