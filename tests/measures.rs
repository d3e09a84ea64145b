//! Results of some measures only: what is left is what it was.

mod program;

use std::fs;
use std::path::{Path, PathBuf};

use program::{Csv, family, printed, tradewinds};

/// `imports` is one flow alone, which itself is not asked for.
const SOME: &str = "--measure imports --measure exports.other";
const LEFT: [&str; 3] = ["exports.other", "imports", "total"];

fn tables(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut tables: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|it| it == "csv")).collect();
    tables.sort();
    tables
}

/// The lines of a table but for those of other measures; of one that is of no measures, all.
fn lines_left(table: &Path) -> Vec<String> {
    let text = fs::read_to_string(table).unwrap();
    let header: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let are_of_all = table.ends_with("targets.csv") || table.ends_with("history.csv");
    let is_of_measures = header.contains(&"measure") && !are_of_all;
    let column = header.iter().position(|name| *name == "measure").unwrap_or_default();
    let is_left = |line: &&str| {
        let measure = line.split(',').nth(column).unwrap();
        !is_of_measures || measure == "measure" || LEFT.contains(&measure)
    };
    text.lines().filter(is_left).map(str::to_owned).collect()
}

#[track_caller]
fn same_but_for_other_measures(whole: &Path, some: &Path) {
    let (whole, some) = (tables(whole), tables(some));
    assert_eq!(whole.len(), 9, "{whole:?}");
    assert_eq!(whole.len(), some.len());
    for (whole, some) in whole.iter().zip(&some) {
        assert_eq!(whole.file_name(), some.file_name());
        assert!(lines_left(whole) == fs::read_to_string(some).unwrap().lines().collect::<Vec<_>>(), "{some:?}");
    }
}

fn measures_of(table: PathBuf) -> Vec<String> {
    let mut measures: Vec<String> =
        Csv::read(table).select(&["measure"]).iter().map(|cells| cells[0].to_owned()).collect();
    measures.dedup();
    measures.sort();
    measures.dedup();
    measures
}

fn measures_on_record(folder: &Path) -> serde_json::Value {
    let record: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("run.json")).unwrap()).unwrap();
    record["measures"].clone()
}

#[test]
fn the_rows_of_some_measures_are_those_of_the_whole_run() {
    let family = family(&[]);
    let folder = family.path();
    let options = "run pak-kaz --trials 3k --growth --paths 4 --quiet --out";
    tradewinds(folder, &format!("{options} whole"), 0);
    tradewinds(folder, &format!("{options} some {SOME}"), 0);
    let (whole, some) = (folder.join("whole/pak-kaz/base"), folder.join("some/pak-kaz/base"));
    same_but_for_other_measures(&whole, &some);
    assert_eq!(measures_of(some.join("projection.csv")), LEFT);
    assert_eq!(measures_of(whole.join("projection.csv")).len(), 7);
    assert_eq!(measures_on_record(&some), serde_json::json!(LEFT));
    assert!(measures_on_record(&whole).is_null());
}

/// With a measure of its own, targets on measures that are left out, and trade observed of one.
fn with_more(folder: &Path) {
    let trade = "from,to,year,value,reporter\nPAK,KAZ,2020,80,PAK\nPAK,KAZ,2021,90,PAK\n";
    fs::write(folder.join("pak-kaz/trade.csv"), trade).unwrap();
    let text = "extends = \"base.toml\"\nmeasure = [{ id = \"goods\", flows = [\"exports.other\", \"imports.wheat\"] }]\n\
                target = [{ id = \"flowers\", measure = \"exports.flowers\", at_least = 90, by = 2024 }, \
                { id = \"goods\", measure = \"goods\", at_least = 40, by = 2024 }]\n\
                history = { file = \"trade.csv\", flows = { exports = {} } }\n";
    fs::write(folder.join("pak-kaz/more.toml"), text).unwrap();
}

#[test]
fn targets_and_history_are_of_all_measures_however_trials_are_drawn() {
    let family = family(&[]);
    let folder = family.path();
    with_more(folder);
    for (sampling, trials) in [("random", "3k"), ("sobol", "1k")] {
        let options = format!("run pak-kaz/more.toml --sampling {sampling} --trials {trials} --quiet --out");
        tradewinds(folder, &format!("{options} whole"), 0);
        tradewinds(folder, &format!("{options} some --measure goods,total --threads 1"), 0);
        let (whole, some) = (folder.join("whole/pak-kaz/more"), folder.join("some/pak-kaz/more"));
        for table in ["targets.csv", "first_passage.csv", "history.csv", "drivers.csv", "inputs.csv"] {
            assert!(fs::read(whole.join(table)).unwrap() == fs::read(some.join(table)).unwrap(), "{table}");
        }
        for table in ["projection.csv", "quantiles.csv", "distribution.csv"] {
            let of_two = |table: &Csv| {
                let at = table.column("measure");
                let rows = table.rows.iter().filter(|row| ["goods", "total"].contains(&&row[at][..]));
                rows.cloned().collect::<Vec<_>>()
            };
            let (whole, some) = (Csv::read(whole.join(table)), Csv::read(some.join(table)));
            assert_eq!(of_two(&whole), some.rows, "{table}");
            assert!(whole.rows.len() > 3 * some.rows.len(), "{table}");
        }
    }
}

#[test]
fn finished_files_are_compared_in_what_both_were_asked_for() {
    let family = family(&[]);
    let folder = family.path();
    for (out, measures) in [("whole", ""), ("some", "--measure exports,imports,balance,imports.wheat")] {
        tradewinds(folder, &format!("run pak-kaz --trials 200 --quiet --out {out} {measures}"), 0);
    }
    let files = "whole/pak-kaz/base/projection.csv some/pak-kaz/base/projection.csv";
    let told = tradewinds(folder, &format!("compare {files}"), 0);
    assert!(told.contains("note: `exports.flowers`, `exports.other` left out"), "{told}");
    assert!(!told.contains("count as 0"), "{told}");
}

#[test]
fn finished_files_are_compared_in_what_is_asked_for() {
    let family = family(&[]);
    let folder = family.path();
    for seed in [1, 2] {
        tradewinds(folder, &format!("run pak-kaz --trials 200 --quiet --seed {seed} --out {seed}"), 0);
    }
    let compare = |measures: &str| {
        let files = "compare 1/pak-kaz/base/projection.csv 2/pak-kaz/base/projection.csv";
        printed(folder, &format!("{files} --quiet {measures}"))
    };
    let (whole, some) = (folder.join("whole.csv"), folder.join("some.csv"));
    fs::write(&whole, compare("")).unwrap();
    fs::write(&some, compare(SOME)).unwrap();
    assert_eq!(lines_left(&whole), fs::read_to_string(&some).unwrap().lines().collect::<Vec<_>>());
    assert_eq!(measures_of(some), LEFT);
}

#[test]
fn a_comparison_is_of_the_measures_asked_for() {
    let family = family(&["no-link"]);
    let folder = family.path();
    with_more(folder);
    let table = |out: &str, others: &str, measures: &str| {
        let options = format!("compare pak-kaz/base.toml {others} --trials 2k --quiet --out {out} {measures}");
        tradewinds(folder, &options, 0);
        folder.join(out).join("pak-kaz/compare/comparison.csv")
    };
    let (whole, some) = (table("whole", "pak-kaz", ""), table("some", "pak-kaz", SOME));
    assert_eq!(lines_left(&whole), fs::read_to_string(&some).unwrap().lines().collect::<Vec<_>>());
    assert_eq!(measures_of(some), LEFT);
    // The base lacks one of these.
    let goods = table("goods", "pak-kaz/more.toml", "--measure goods --measure balance");
    assert_eq!(measures_of(goods.clone()), ["balance", "goods", "total"]);
    let whole = Csv::read(whole).rows.into_iter().filter(|row| row.contains(&"goods".to_owned())).collect::<Vec<_>>();
    let goods = Csv::read(goods).rows.into_iter().filter(|row| row.contains(&"goods".to_owned())).collect::<Vec<_>>();
    assert_eq!((whole, goods.len()), (goods.clone(), 3));
}

#[test]
fn learning_is_told_in_the_measures_asked_for() {
    let family = family(&[]);
    let folder = family.path();
    let trade = "from,to,year,value,reporter\nPAK,KAZ,2023,80,PAK\nKAZ,PAK,2023,50,PAK\n";
    fs::write(folder.join("pak-kaz/trade.csv"), trade).unwrap();
    let text = "extends = \"base.toml\"\nas_of = 2024-03-01\n\
                history = { file = \"trade.csv\", flows = { exports = {}, imports = {} }, reporters = { PAK = { error = 0.2 } } }\n";
    fs::write(folder.join("pak-kaz/learned.toml"), text).unwrap();
    let options = "condition pak-kaz/learned.toml --trials 3k --growth --paths 4 --quiet --out";
    tradewinds(folder, &format!("{options} whole"), 0);
    tradewinds(folder, &format!("{options} some {SOME}"), 0);
    let [whole, some] = ["whole", "some"].map(|out| folder.join(out).join("pak-kaz/learned/condition"));
    let names = |folder: &Path| tables(folder).iter().map(|it| it.file_name().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&whole), names(&some));
    for (whole, some) in tables(&whole).iter().zip(&tables(&some)) {
        assert!(lines_left(whole) == fs::read_to_string(some).unwrap().lines().collect::<Vec<_>>(), "{some:?}");
    }
    assert_eq!(measures_of(some.join("projection.csv")), LEFT);
    assert_eq!(measures_on_record(&some), serde_json::json!(LEFT));
}

#[test]
fn parts_of_a_run_know_their_measures() {
    let family = family(&[]);
    let folder = family.path();
    let options = "run pak-kaz --trials 5k --growth --quiet";
    tradewinds(folder, &format!("{options} --out whole --paths 4 {SOME}"), 0);
    for part in 1..=3 {
        tradewinds(folder, &format!("{options} --out parts --shard {part}/3 {SOME}"), 0);
    }
    let part = |number: u64| format!("parts/pak-kaz/base/part-{number}-of-3.twpart");
    tradewinds(folder, &format!("merge --quiet {} {} {} --paths 4 --out merged", part(3), part(1), part(2)), 0);
    let (whole, merged) = (folder.join("whole/pak-kaz/base"), folder.join("merged/pak-kaz/base"));
    same_but_for_other_measures(&whole, &merged);
    assert_eq!(measures_of(merged.join("trials.csv")), LEFT);
    assert_eq!(measures_on_record(&merged), serde_json::json!(LEFT));

    tradewinds(folder, &format!("{options} --out other --shard 2/3 --measure imports"), 0);
    let strange = "other/pak-kaz/base/part-2-of-3.twpart";
    let told = tradewinds(folder, &format!("merge {} {strange} {} --out none", part(1), part(3)), 2);
    assert!(told.contains(strange) && told.contains("another `--measure`"), "{told}");
}

#[test]
fn what_a_family_is_told_of_besides_is_of_the_same_measures() {
    let family = family(&["no-link"]);
    let folder = family.path();
    tradewinds(folder, &format!("run pak-kaz --trials 500 --report --explain --quiet --out out {SOME}"), 0);
    let out = folder.join("out/pak-kaz");
    for table in ["compare/comparison.csv", "base/attribution.csv", "no-link/projection.csv"] {
        assert_eq!(measures_of(out.join(table)), LEFT, "{table}");
    }
    assert_eq!(measures_of(out.join("base/sensitivity.csv")), LEFT, "flows are among them where they are asked for");
    assert!(out.join("report.html").exists());
    tradewinds(folder, &format!("run pak-kaz --precision 2% --quiet --out out {SOME}"), 0);
}

#[test]
fn a_measure_that_is_not_there_is_refused() {
    let family = family(&["alone"]);
    let told = tradewinds(family.path(), "run pak-kaz --measure imports.whaet --out out", 2);
    for words in [
        "`pak-kaz/alone.toml` has no measure `imports.whaet`",
        "`pak-kaz/base.toml` has no measure `imports.whaet`",
        "did you mean `imports.wheat`?",
        "2 faults found, nothing was done",
    ] {
        assert!(told.contains(words), "`{words}` is not in: {told}");
    }
    assert!(!family.path().join("out").exists());
}

#[test]
fn a_measure_that_none_of_those_compared_has_is_refused() {
    let family = family(&["no-link"]);
    let folder = family.path();
    tradewinds(folder, "run pak-kaz --trials 200 --quiet --out out", 0);
    for compared in ["pak-kaz/base.toml pak-kaz", "out/pak-kaz/base/projection.csv out/pak-kaz/no-link/projection.csv"]
    {
        let told = tradewinds(folder, &format!("compare {compared} --measure imports.whaet"), 2);
        for words in ["none of those compared has a measure `imports.whaet`", "did you mean `imports.wheat`?"] {
            assert!(told.contains(words), "`{words}` is not in: {told}");
        }
    }
}
