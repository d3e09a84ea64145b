//! `tradewinds compare`, from outside, and what the library finds against what is known.

mod common;

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{column, unwatched};
use tradewinds::projection::{Comparison, Difference, HeldBy};
use tradewinds::report::{self, Dialect};
use tradewinds::scenario::{self, Scenario, from_text};
use tradewinds::simulate::{self, CompareError, RunOptions};

const HEAD: &str = r#"
pair = { reporter = "PAK", partner = "KAZ" }
value = { unit = "USD million" }
horizon = { base = 2022, end = 2025, step = "quarter" }
noise = { permanent = { sd = 0.3 }, transitory = { sd = 0.2, persistence = 0.5, start = "stationary" } }
target = [{ id = "more", measure = "total", at_least = 200, by = 2024 }]
"#;

const FLOWS: &str = r#"
[[flow]]
id = "exports.a"
from = "PAK"
to = "KAZ"
base_total = 80
trend = { dist = "normal", mean = 0.02, sd = 0.02 }
[[flow]]
id = "imports.b"
from = "KAZ"
to = "PAK"
base_total = 30
"#;

fn driver(effect: &str) -> String {
    format!(
        "[[driver]]\nid = \"link\"\nchance = 0.6\nstart = 2023-07-01\neffect = {effect}\nexposure = {{ \"exports.*\" = 1 }}\n"
    )
}

fn text(id: &str, more: &str) -> String {
    format!("id = \"{id}\"\n{HEAD}{FLOWS}{more}")
}

fn named(id: &str, more: &str) -> Scenario {
    from_text(&text(id, more)).unwrap_or_else(|faults| panic!("{faults}"))
}

fn options(trials: u64) -> RunOptions {
    RunOptions { trials, ..RunOptions::default() }
}

fn compared(base: &Scenario, other: &Scenario, options: &RunOptions) -> Comparison {
    simulate::compare(base, &[other], options, unwatched()).expect("they can be compared").remove(0)
}

fn all(found: &Comparison) -> impl Iterator<Item = &Difference> {
    found.measures.iter().flat_map(|measure| &measure.periods)
}

fn of<'a>(found: &'a Comparison, measure: &str) -> &'a [Difference] {
    &found.measures.iter().find(|it| it.id == measure).expect("the measure exists").periods
}

/// To the last bit: a driver that does nothing, whichever way it does nothing.
#[test]
fn a_driver_without_effect_makes_no_difference() {
    let base = named("base", &driver("0"));
    let off = format!("{}enabled = false\n", driver("0.5").replace("exposure", "# exposure"));
    for other in [named("none", ""), named("off", &off), named("again", &driver("0"))] {
        for it in all(&compared(&base, &other, &options(3000))) {
            assert_eq!((it.mean.value, it.mean.standard_error), (0.0, Some(0.0)));
            assert_eq!([it.p05, it.p25, it.p50, it.p75, it.p95], [0.0; 5]);
            assert_eq!((it.probability_higher, it.probability_lower), (0.0, 0.0));
            assert!(it.ratio.is_none_or(|ratio| [ratio.p05, ratio.p50, ratio.p95] == [1.0; 3]));
        }
    }
}

/// Against the joint paths of two separate runs of the same seed, computed here.
#[test]
fn differences_are_those_of_the_paths() {
    let base = named("base", &driver("0.3"));
    let other = named("other", &driver("{ dist = \"normal\", mean = -0.2, sd = 0.3 }"));
    let options = options(4000);
    let found = compared(&base, &other, &options);
    for measure in ["exports.a", "imports.b", "total", "balance"] {
        for (period, it) in of(&found, measure).iter().enumerate() {
            let (a, b) = (column(&base, &options, measure, period), column(&other, &options, measure, period));
            let mut differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
            let mut ratios: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b / a).collect();
            let n = differences.len() as f64;
            let mean = differences.iter().sum::<f64>() / n;
            let variance = differences.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / n;
            let what = format!("{measure} {period}");
            assert!((it.mean.value - mean).abs() <= 1e-9 * variance.sqrt() + 1e-12, "{what}: {}", it.mean.value);
            let error = it.mean.standard_error.unwrap();
            assert!((error - (variance / n).sqrt()).abs() <= 1e-9 * error, "{what}");
            let share = |hit: fn(&f64) -> bool| differences.iter().filter(|d| hit(d)).count() as f64 / n;
            assert_eq!(it.probability_higher, share(|d| *d > 0.0), "{what}");
            assert_eq!(it.probability_lower, share(|d| *d < 0.0), "{what}");
            differences.sort_by(f64::total_cmp);
            ratios.sort_by(f64::total_cmp);
            let at = |sorted: &[f64], level: f64| sorted[(level * n - 1e-9).ceil() as usize - 1];
            let near = |found: f64, exact: f64| (found - exact).abs() <= 1e-3 * exact.abs() + 1e-9;
            for (found, level) in [(it.p05, 0.05), (it.p25, 0.25), (it.p50, 0.5), (it.p75, 0.75), (it.p95, 0.95)] {
                assert!(near(found, at(&differences, level)), "{what} at {level}: {found}");
            }
            match it.ratio {
                Some(ratio) => {
                    assert!(a.iter().all(|a| *a > 0.0), "{what}");
                    for (found, level) in [(ratio.p05, 0.05), (ratio.p50, 0.5), (ratio.p95, 0.95)] {
                        let exact = at(&ratios, level);
                        assert!(near(found, exact), "{what} at {level}: {found}");
                        // What counts near 1 is how far from it.
                        assert!(exact < 0.5 || near(found - 1.0, exact - 1.0), "{what} at {level}: {found}");
                    }
                }
                None => assert!(a.iter().any(|a| *a <= 0.0), "{what}"),
            }
        }
    }
    assert!(of(&found, "balance").iter().any(|it| it.ratio.is_none()));
    assert!(of(&found, "total").iter().all(|it| it.ratio.is_some()));
}

/// A certain effect of `ln 2` from before the first year on doubles an export in every trial.
#[test]
fn a_known_ratio_is_found() {
    let double = "[[driver]]\nid = \"link\"\nstart = 2023-01-01\neffect = 0.6931471805599453\nexposure = { \"exports.*\" = 1 }\n";
    let found = compared(&named("base", ""), &named("double", double), &options(1000));
    for it in of(&found, "exports.a") {
        let ratio = it.ratio.unwrap();
        for value in [ratio.p05, ratio.p50, ratio.p95] {
            assert!((value - 2.0).abs() < 1e-3, "{value}");
        }
        assert_eq!(it.probability_higher, 1.0);
    }
    let halved = compared(&named("double", double), &named("base", ""), &options(1000));
    for it in of(&halved, "exports.a") {
        assert!((it.ratio.unwrap().p50 - 0.5).abs() < 5e-4);
    }
}

fn bytes(found: &[Comparison]) -> Vec<u8> {
    let mut bytes = Vec::new();
    report::comparison(found, Dialect::Plain, &mut bytes).unwrap();
    bytes
}

/// Nor on what else is compared, even if that has so many flows that blocks get shorter.
#[test]
fn bytes_do_not_depend_on_threads() {
    let many: String = (0..150)
        .map(|i| format!("[[flow]]\nid = \"exports.n{i}\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase_total = 1\n"))
        .collect();
    let (base, other) = (named("base", ""), named("other", &driver("0.3")));
    let many = named("many", &many);
    let run = |threads: usize| {
        let options = RunOptions { threads, ..options(5000) };
        bytes(&simulate::compare(&base, &[&other, &many], &options, unwatched()).unwrap())
    };
    let one = run(1);
    assert_eq!(one, run(2));
    assert_eq!(one, run(7));
    let alone = String::from_utf8(bytes(&[compared(&base, &other, &options(5000))])).unwrap();
    let cell = |line: &str, at: usize| line.split(',').nth(at).unwrap().to_owned();
    for (a, b) in alone.lines().zip(String::from_utf8(one).unwrap().lines()) {
        // Sums of longer blocks round elsewhere; counts do not.
        assert_eq!([9, 15, 16].map(|at| cell(a, at)), [9, 15, 16].map(|at| cell(b, at)));
    }
}

/// However small it is beside the rest, with noise or without: what both have in common cancels to the last digit.
#[test]
fn a_tiny_flow_more_makes_every_total_higher() {
    for noise in ["", "noise = { permanent = { sd = 0 }, transitory = { sd = 0 } }\n"] {
        let flow = "[[flow]]\nid = \"exports.c\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase_total = 1e-6\n";
        let found = compared(&named("base", ""), &named("other", &format!("{flow}{noise}")), &options(500));
        for measure in ["exports", "total", "balance"] {
            for difference in of(&found, measure) {
                assert_eq!(difference.probability_higher, 1.0, "{measure} {noise}");
            }
        }
    }
}

#[test]
fn what_one_scenario_lacks_counts_as_zero() {
    let base = named("base", "");
    let other = named("other", "[[flow]]\nid = \"exports.c\"\nfrom = \"PAK\"\nto = \"KAZ\"\nbase_total = 10\n");
    let options = options(500);
    let found = compared(&base, &other, &options);
    let added = found.measures.last().unwrap();
    assert_eq!((&added.id[..], added.held_by), ("exports.c", HeldBy::ScenarioOnly));
    let values = column(&other, &options, "exports.c", 0);
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert!((added.periods[0].mean.value - mean).abs() < 1e-9 * mean);
    assert_eq!((added.periods[0].probability_higher, added.periods[0].ratio), (1.0, None));
    assert!((of(&found, "total")[0].mean.value - mean).abs() < 1e-9 * mean);

    let back = compared(&other, &base, &options);
    let lost = back.measures.iter().find(|it| it.id == "exports.c").unwrap();
    let ratio = lost.periods[0].ratio.unwrap();
    assert_eq!((lost.held_by, ratio.p05, ratio.p95), (HeldBy::BaseOnly, 0.0, 0.0));
    assert_eq!(lost.periods[0].probability_lower, 1.0);
}

/// A measure that both have is compared if one reports it, whichever.
#[test]
fn what_one_scenario_does_not_report_is_no_zero() {
    let [base, other] = ["0.3", "-0.2"].map(|effect| named("it", &driver(effect)));
    let limited = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        scenario.report_only(&["imports.b".to_owned()]).unwrap();
        scenario
    };
    let options = options(1000);
    let whole = compared(&base, &other, &options);
    let ids = |found: &Comparison| found.measures.iter().map(|it| it.id.clone()).collect::<HashSet<_>>();
    for (base, other) in [(limited(&base), other.clone()), (base.clone(), limited(&other))] {
        let found = compared(&base, &other, &options);
        assert_eq!(ids(&found), ids(&whole));
        let means = |periods: &[Difference]| periods.iter().map(|it| it.mean.value.to_bits()).collect::<Vec<_>>();
        for it in &found.measures {
            assert_eq!((it.held_by, means(&it.periods)), (HeldBy::Both, means(of(&whole, &it.id))), "{}", it.id);
        }
    }
    let found = compared(&limited(&base), &limited(&other), &options);
    assert_eq!(ids(&found), ["imports.b", "total"].map(str::to_owned).into());
}

#[test]
fn what_counts_something_else_is_refused() {
    let base = named("base", "");
    for (from, to, what) in [
        ("USD million", "EUR million", "unit"),
        ("value = {", "value = { prices = \"real\",", "prices"),
        ("end = 2025", "end = 2026", "horizon"),
        ("base = 2022", "base = 2021", "horizon"),
        ("\"quarter\"", "\"month\"", "step"),
        ("\"quarter\"", "\"quarter\", report = \"step\"", "report"),
    ] {
        let other = from_text(&text("other", "").replacen(from, to, 1)).unwrap_or_else(|faults| panic!("{faults}"));
        let error = simulate::compare(&base, &[&other], &options(100), unwatched()).unwrap_err();
        let CompareError::Different { what: found, .. } = &error else { panic!("{error}") };
        assert_eq!(*found, what);
        assert!(error.to_string().contains("`other` cannot be compared with `base`"), "{error}");
    }
}

fn flagship(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/pakistan-kazakhstan").join(name);
    let mut sources = tradewinds::diagnostic::Sources::default();
    scenario::load(&path, &|file: &Path| fs::read(file), &mut sources).scenario.expect("it has no fault")
}

/// The seed is fixed. The true ratio is about 50 in every year, and a ratio of sds over 20,000 trials is off by a few
/// per cent, so that 10 is far beyond any chance.
#[test]
fn pairing_shrinks_the_error_at_least_tenfold() {
    let found = compared(&flagship("baseline.toml"), &flagship("no-flights.toml"), &options(20_000));
    for measure in ["exports", "total"] {
        for it in of(&found, measure) {
            let (paired, apart) = (it.mean.standard_error.unwrap(), it.unpaired_error.unwrap());
            assert!(apart >= 10.0 * paired, "{measure}: {apart} and {paired}");
            assert_eq!(it.probability_higher, 0.0);
        }
    }
}

// From outside.

/// A folder with these files, and what the program does in it.
struct Place(tempfile::TempDir);

struct Ran {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

impl Place {
    fn new(files: &[(&str, String)]) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        for (name, text) in files {
            fs::create_dir_all(place.path(name).parent().unwrap()).unwrap();
            fs::write(place.path(name), text).unwrap();
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &str) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tradewinds"));
        let output = command.current_dir(self.0.path()).args(arguments.split_whitespace()).output().unwrap();
        Ran {
            status: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    #[track_caller]
    fn ended(&self, status: i32, on_stderr: &[&str]) -> &Ran {
        assert_eq!(self.status, Some(status), "{}", self.stderr);
        for words in on_stderr {
            assert!(self.stderr.contains(words), "`{words}` is not in: {}", self.stderr);
        }
        self
    }
}

fn family() -> Place {
    let variant = |title: &str, more: &str| format!("extends = \"base.toml\"\ntitle = \"{title}\"\n{more}");
    Place::new(&[
        ("fam/base.toml", text("base", &driver("0.4")).replace("id = \"base\"\n", "")),
        ("fam/without.toml", variant("Without the link", "driver = [{ id = \"link\", enabled = false }]")),
        ("fam/twin.toml", variant("The same again", "")),
    ])
}

const COLUMNS: &str = "base,scenario,measure,period,unit,difference_mean,difference_se,difference_p05,difference_p25,\
                       difference_p50,difference_p75,difference_p95,ratio_p05,ratio_p50,ratio_p95,\
                       probability_higher,probability_lower";

#[test]
fn a_family_against_its_base() {
    let place = family();
    let ran = place.run("compare fam/base.toml fam --trials 1k --threads 2");
    ran.ended(
        0,
        &[
            "Difference of total from `base`, in USD million",
            "Without the link (`without`): total in 2024 is ",
            " lower in the median (90 %: ",
            "The same again (`twin`): total in 2024 is the same in every trial",
            "pairing is worth",
            "1,000 pairs of trials, seed 1",
        ],
    );
    assert_eq!(ran.stdout, "");
    let written = fs::read_to_string(place.path("output/fam/compare/comparison.csv")).unwrap();
    let mut lines = written.lines();
    assert_eq!(lines.next(), Some(COLUMNS));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    // Two scenarios, two flows and four sums, three years.
    assert_eq!(rows.len(), 2 * 6 * 3);
    for row in rows.iter().filter(|row| row[1] == "twin" && row[2] != "balance") {
        assert_eq!(row[5..], ["0", "0", "0", "0", "0", "0", "0", "1", "1", "1", "0", "0"]);
    }
    let share = rows.iter().find(|row| row[1] == "without" && row[2] == "total").unwrap()[16].parse::<f64>().unwrap();
    // The link comes in 60 % of trials; 4.5 standard errors of 1,000 of them.
    assert!((share - 0.6).abs() < 4.5 * (0.24_f64 / 1000.0).sqrt(), "{share}");

    place.run("compare fam/base.toml fam --trials 1k --threads 1 --out again --quiet").ended(0, &[]);
    assert_eq!(fs::read_to_string(place.path("again/fam/compare/comparison.csv")).unwrap(), written);
    place.run("compare fam/base.toml fam/without.toml --trials 200 --excel=eu --quiet").ended(0, &[]);
    let european = fs::read_to_string(place.path("output/fam/compare/comparison.csv")).unwrap();
    assert!(european.starts_with(&format!("\u{feff}{}\r\n", COLUMNS.replace(',', ";"))));
}

#[test]
fn quiet_says_nothing_and_another_seed_is_another_answer() {
    let place = family();
    let quiet = place.run("compare fam/base.toml fam/without.toml --trials 200 --quiet --out one");
    assert_eq!(quiet.ended(0, &[]).stderr, "");
    place.run("compare fam/base.toml fam/without.toml --trials 200 --quiet --out two --seed 2").ended(0, &[]);
    let read = |out: &str| fs::read(place.path(&format!("{out}/fam/compare/comparison.csv"))).unwrap();
    assert_ne!(read("one"), read("two"));
}

#[test]
fn bad_input_is_named() {
    let place = family();
    fs::write(place.path("fam/_euro.toml"), text("euro", "").replace("USD", "EUR")).unwrap();
    let metric = text("metric", "").replace("value = {", "value = { metric = \"customs\",");
    fs::write(place.path("fam/_metric.toml"), metric).unwrap();
    place.run("compare fam/base.toml").ended(2, &["<OTHER>"]);
    place.run("compare fam fam/base.toml").ended(2, &["the base is one scenario, and `fam` is a folder"]);
    place.run("compare fam/base.toml fam/base.toml").ended(2, &["nothing to compare the base with"]);
    place.run("compare fam/base.toml fam/none.toml").ended(2, &["none.toml"]);
    place.run("compare fam/base.toml x.csv").ended(2, &["a finished projection and a scenario"]);
    let euro = ["`euro` cannot be compared with `base`: its unit is `EUR million`", "fam/_euro.toml", "fam/base.toml"];
    place.run("compare fam/base.toml fam/_euro.toml").ended(2, &euro);
    assert!(!place.path("output/fam/compare/comparison.csv").exists());
    let warned = ["warning: `fam/base.toml` and `fam/_metric.toml` have different metrics", "`customs`"];
    place.run("compare fam/base.toml fam/_metric.toml --trials 100").ended(0, &warned);
}

#[test]
fn an_error_in_a_run_names_its_scenario() {
    let place = family();
    let explosive =
        "[[driver]]\nid = \"boom\"\nstart = 2023-02-01\neffect = { dist = \"normal\", mean = 100, sd = 1 }\n";
    fs::write(place.path("fam/boom.toml"), text("boom", explosive)).unwrap();
    let ran = place.run("compare fam/base.toml fam/boom.toml --trials 100");
    ran.ended(1, &["scenario `boom` (`fam/boom.toml`)", "in trial 1"]);
    assert!(!place.path("output/fam/compare/comparison.csv").exists());
}

#[test]
fn finished_projections_are_compared_by_column() {
    let place = family();
    place.run("run fam --trials 500 --quiet").ended(0, &[]);
    let files = "output/fam/base/projection.csv output/fam/without/projection.csv";
    let ran = place.run(&format!("compare {files}"));
    ran.ended(0, &["this is unpaired", "Total of `output/fam/without/projection.csv` less that of"]);
    let cells = |name: &str| -> HashMap<String, Vec<String>> {
        let text = fs::read_to_string(place.path(name)).unwrap();
        let rows = text.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
        rows.map(|row| (format!("{} {}", row[1], row[5]), row)).collect()
    };
    let (base, without) = (cells("output/fam/base/projection.csv"), cells("output/fam/without/projection.csv"));
    let rows: Vec<Vec<&str>> = ran.stdout.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(
        rows[0][..7],
        ["base", "scenario", "measure", "period", "unit", "difference_of_mean", "difference_of_p05"]
    );
    assert_eq!(rows.len(), 1 + 6 * 3);
    for row in &rows[1..] {
        let key = format!("{} {}", row[2], row[3]);
        let number = |text: &str| text.parse::<f64>().unwrap();
        // mean, p05, p50, p95 and their places in either file.
        for (here, there) in [(5, 7), (6, 10), (9, 13), (12, 16)] {
            let exact = number(&without[&key][there]) - number(&base[&key][there]);
            assert!((number(row[here]) - exact).abs() <= 1e-4 * exact.abs() + 1e-9, "{row:?}");
        }
    }
    assert_eq!(place.run(&format!("compare {files} --quiet")).stderr, "");
    place.run("compare output/fam/base/projection.csv output/fam/base/targets.csv").ended(2, &["is not a projection"]);
}
