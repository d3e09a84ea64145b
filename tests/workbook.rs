//! Workbooks, read back and set against the CSV files.
#![cfg(feature = "xlsx")]

mod program;

use std::fs;
use std::path::Path;

use calamine::{Data, Range, Reader, Xlsx, open_workbook};

use program::{Csv, family, tradewinds};

/// Row of the headers, counted from 0.
const HEADER: usize = 3;

/// The sheets with tables, and the files that their cells come from.
const TABLES: [(&str, &str, &str); 6] = [
    ("Projection", "Projection", "projection.csv"),
    ("Targets", "Targets", "targets.csv"),
    ("First passage", "FirstPassage", "first_passage.csv"),
    ("Drivers", "Drivers", "drivers.csv"),
    ("Inputs", "Inputs", "inputs.csv"),
    ("Growth rates", "Growth", "growth.csv"),
];

type Book = Xlsx<std::io::BufReader<fs::File>>;

fn open(path: &Path) -> Book {
    open_workbook(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn sheet(book: &mut Book, name: &str) -> Range<Data> {
    let range = book.worksheet_range(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(range.start(), Some((0, 0)), "{name}");
    range
}

/// Texts of a row.
fn texts(row: &[Data]) -> Vec<String> {
    row.iter().map(Data::to_string).collect()
}

/// Every cell of every CSV file stands on the sheet, in the same row order, under the same name; and nothing else does
/// but titles. Gives the number of cells that were set against each other.
fn check_sheet(book: &mut Book, name: &str, files: &[Csv]) -> usize {
    let range = sheet(book, name);
    let header = texts(range.rows().nth(HEADER).unwrap());
    let mut rows = range.rows().skip(HEADER + 1);
    let mut checked = 0;
    for file in files {
        for row in &file.rows {
            let shown = rows.next().unwrap_or_else(|| panic!("{name} ends before its files"));
            for (column, text) in file.header.iter().zip(row).filter(|(column, _)| *column != "title") {
                let at = header.iter().position(|it| it == column).unwrap_or_else(|| panic!("{name}: no {column}"));
                check_cell(&shown[at], text, &format!("{name}, {column}, {row:?}"));
                checked += 1;
            }
        }
    }
    assert!(rows.next().is_none(), "{name} has more rows than its files");
    let extra = header.iter().filter(|column| !files[0].header.contains(column));
    assert!(extra.clone().all(|column| column.ends_with("_title")), "{name}: {header:?}");
    assert!(extra.count() > 0 || name == "Inputs", "{name} has no titles");
    checked
}

fn check_cell(shown: &Data, text: &str, what: &str) {
    match shown {
        Data::Empty => assert_eq!(text, "", "{what}"),
        Data::Float(value) => assert_eq!(*value, text.parse::<f64>().unwrap(), "{what}"),
        Data::Int(value) => assert_eq!(*value, text.parse::<i64>().unwrap(), "{what}"),
        // The guard against formulas is for CSV only.
        Data::String(shown) => assert!(shown == text || format!("'{shown}") == *text, "{what}: {shown}"),
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn the_workbook_of_a_scenario_has_the_cells_of_its_files() {
    let folder = family(&[]);
    tradewinds(folder.path(), "run pak-kaz/base.toml --xlsx --trials 500", 0);
    let results = folder.path().join("output/pak-kaz/base");
    let mut book = open(&results.join("base.xlsx"));
    for (name, _, file) in TABLES {
        let checked = check_sheet(&mut book, name, &[Csv::read(results.join(file))]);
        assert!(checked > 5, "{name}");
    }
    let names = book.sheet_names();
    let expected = [
        "Read me",
        "Summary",
        "Projection",
        "Targets",
        "First passage",
        "Drivers",
        "Inputs",
        "Growth rates",
        "Chart data",
    ];
    assert_eq!(names, expected);
    assert!(!folder.path().join("output/pak-kaz/pak-kaz.xlsx").exists(), "one scenario is no family");
    let record = fs::read_to_string(results.join("run.json")).unwrap();
    assert!(record.contains("\"base.xlsx\""), "{record}");
}

#[test]
fn titles_stand_beside_ids_and_texts_are_no_formulas() {
    let folder = family(&[]);
    tradewinds(folder.path(), "run pak-kaz/base.toml --xlsx --trials 100", 0);
    let mut book = open(&folder.path().join("output/pak-kaz/base/base.xlsx"));
    for name in book.sheet_names() {
        let formulas = book.worksheet_formula(&name).unwrap();
        assert!(formulas.used_cells().all(|(_, _, text)| text.is_empty()), "{name} has a formula");
    }
    let projection = sheet(&mut book, "Projection");
    let header = texts(projection.rows().nth(HEADER).unwrap());
    assert_eq!(header[..5], ["scenario", "scenario_title", "measure", "measure_title", "period"]);
    let first = projection.rows().nth(HEADER + 1).unwrap();
    let expected =
        ["base", "=1+1, the base", "exports.flowers", "0603, PAK to KAZ"].map(|text| Data::String(text.into()));
    assert_eq!(first[..4], expected);
    assert_eq!(first[4], Data::Float(2022.0));
    let product = header.iter().position(|column| column == "product").unwrap();
    assert_eq!(first[product], Data::String("0603".into()), "its leading zero is kept");
    let drivers = sheet(&mut book, "Drivers");
    assert_eq!(texts(drivers.rows().nth(HEADER + 1).unwrap())[2..4], ["link", "@link"]);
}

#[test]
fn every_sheet_says_that_percentiles_do_not_add_up() {
    let folder = family(&["no-link"]);
    tradewinds(folder.path(), "run pak-kaz --xlsx --trials 100", 0);
    for file in ["pak-kaz.xlsx", "base/base.xlsx"] {
        let mut book = open(&folder.path().join("output/pak-kaz").join(file));
        for name in book.sheet_names() {
            let range = sheet(&mut book, &name);
            let says = |words: &str| range.used_cells().any(|(_, _, cell)| cell.to_string().contains(words));
            assert!(says("Percentiles do not add up") && says("not a path"), "{file}, {name}");
        }
    }
}

#[test]
fn a_family_has_a_workbook_with_all_scenarios_and_what_sets_them_apart() {
    let folder = family(&["no-link", "metric"]);
    let said = tradewinds(folder.path(), "run pak-kaz --xlsx --trials 500", 0);
    assert!(said.contains("note: `metric` is not compared with `base`: it has another metric\n"), "{said}");
    assert!(said.contains("Workbook of the family: output/pak-kaz/pak-kaz.xlsx\n"), "{said}");
    let results = folder.path().join("output/pak-kaz");
    let mut book = open(&results.join("pak-kaz.xlsx"));
    for (name, _, file) in TABLES {
        let files: Vec<Csv> =
            ["base", "metric", "no-link"].iter().map(|id| Csv::read(results.join(id).join(file))).collect();
        check_sheet(&mut book, name, &files);
    }
    let comparison = results.join("compare/comparison.csv");
    check_sheet(&mut book, "Comparison", &[Csv::read(comparison.clone())]);

    // The same as if it had been asked for.
    let written = fs::read(&comparison).unwrap();
    tradewinds(folder.path(), "compare pak-kaz/base.toml pak-kaz/no-link.toml --trials 500", 0);
    assert_eq!(fs::read(&comparison).unwrap(), written);
    check_summary(&mut book, &Csv::read(comparison));
}

/// What the link is worth in the year of the target, and the probability of that.
fn check_summary(book: &mut Book, comparison: &Csv) {
    let summary = sheet(book, "Summary");
    let rows: Vec<&[Data]> = summary.rows().collect();
    let starts = |words: &str| {
        let at = rows.iter().position(|row| row[0].to_string().starts_with(words));
        at.unwrap_or_else(|| panic!("the summary has no `{words}`"))
    };
    let worth = starts("Total trade in 2024: difference from base");
    let shown: Vec<f64> = rows[worth + 3][2..9].iter().map(|cell| cell.to_string().parse().unwrap()).collect();
    let columns = [
        "difference_mean",
        "difference_se",
        "difference_p50",
        "difference_p05",
        "difference_p95",
        "probability_lower",
        "probability_higher",
    ];
    let total = comparison
        .rows
        .iter()
        .position(|row| row[comparison.column("measure")] == "total" && row[comparison.column("period")] == "2024");
    let expected: Vec<f64> =
        comparison.select(&columns)[total.unwrap()].iter().map(|text| text.parse().unwrap()).collect();
    assert_eq!(shown, expected);
    assert!(expected[0] < 0.0, "without the link there is less trade");
    let target = starts("Probability: -more");
    assert_eq!(rows[target + 3][0], Data::String("base".into()));
    let probability: f64 = rows[target + 3][2].to_string().parse().unwrap();
    assert!((0.0..=1.0).contains(&probability));
}

#[test]
fn scenarios_that_extend_nothing_of_the_family_stand_beside_each_other() {
    let folder = family(&["alone"]);
    let said = tradewinds(folder.path(), "run pak-kaz --xlsx --trials 100", 0);
    assert!(!said.contains("Compared with"), "{said}");
    let mut book = open(&folder.path().join("output/pak-kaz/pak-kaz.xlsx"));
    assert!(!book.sheet_names().contains(&"Comparison".to_owned()));
    let periods = sheet(&mut book, "Projection");
    let labels: Vec<String> = periods.rows().skip(HEADER + 1).map(|row| row[4].to_string()).collect();
    assert!(labels.contains(&"2022".to_owned()) && labels.contains(&"2023-Q1".to_owned()), "{labels:?}");
}

#[test]
fn the_same_results_give_the_same_bytes() {
    let folder = family(&["no-link"]);
    let files = ["pak-kaz.xlsx", "base/base.xlsx"].map(|file| folder.path().join("output/pak-kaz").join(file));
    tradewinds(folder.path(), "run pak-kaz --xlsx --trials 300 --threads 1", 0);
    let first = files.each_ref().map(|file| fs::read(file).unwrap());
    // Times of files in a ZIP archive are kept to two seconds.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    tradewinds(folder.path(), "run pak-kaz --xlsx --trials 300 --threads 2 --excel=eu", 0);
    assert!(first == files.each_ref().map(|file| fs::read(file).unwrap()), "the bytes differ");
}

#[test]
fn tables_have_names_and_their_columns() {
    let folder = family(&["no-link"]);
    tradewinds(folder.path(), "run pak-kaz --xlsx --trials 100", 0);
    let mut book = open(&folder.path().join("output/pak-kaz/pak-kaz.xlsx"));
    book.load_tables().unwrap();
    for (sheet_name, table, _) in TABLES {
        assert_eq!(book.table_names_in_sheet(sheet_name), [table]);
        let columns = book.table_by_name(table).unwrap().columns().to_vec();
        assert_eq!(columns, texts(sheet(&mut book, sheet_name).rows().nth(HEADER).unwrap()), "{table}");
    }
}

#[test]
fn a_comparison_has_a_workbook_of_its_own() {
    let folder = family(&["no-link"]);
    let command = "compare pak-kaz/base.toml pak-kaz/no-link.toml --trials 300";
    tradewinds(folder.path(), &format!("{command} --xlsx"), 0);
    let compared = folder.path().join("output/pak-kaz/compare");
    let mut book = open(&compared.join("comparison.xlsx"));
    check_sheet(&mut book, "Comparison", &[Csv::read(compared.join("comparison.csv"))]);
    tradewinds(folder.path(), "run pak-kaz --growth --trials 300", 0);
    let files: Vec<Csv> = ["base", "no-link"]
        .iter()
        .map(|id| Csv::read(folder.path().join("output/pak-kaz").join(id).join("projection.csv")))
        .collect();
    check_sheet(&mut book, "Projection", &files);

    tradewinds(folder.path(), command, 0);
    assert!(!compared.join("comparison.xlsx").exists(), "it would be of another comparison");
}

#[test]
fn a_run_without_it_leaves_no_old_workbook() {
    let folder = family(&[]);
    tradewinds(folder.path(), "run pak-kaz/base.toml --xlsx --trials 100", 0);
    tradewinds(folder.path(), "run pak-kaz/base.toml --trials 100", 0);
    assert!(!folder.path().join("output/pak-kaz/base/base.xlsx").exists());
}

#[test]
fn merged_parts_give_the_workbook_of_the_whole() {
    let folder = family(&[]);
    tradewinds(folder.path(), "run pak-kaz/base.toml --xlsx --trials 300", 0);
    let whole = fs::read(folder.path().join("output/pak-kaz/base/base.xlsx")).unwrap();
    for part in [1, 2] {
        tradewinds(
            folder.path(),
            &format!("run pak-kaz/base.toml --growth --trials 300 --shard {part}/2 --out parts"),
            0,
        );
    }
    let parts = "parts/pak-kaz/base/part-1-of-2.twpart parts/pak-kaz/base/part-2-of-2.twpart";
    tradewinds(folder.path(), &format!("merge {parts} --xlsx --out merged"), 0);
    assert!(fs::read(folder.path().join("merged/pak-kaz/base/base.xlsx")).unwrap() == whole);
}

#[test]
fn finished_results_become_a_workbook_too() {
    let folder = family(&["no-link"]);
    tradewinds(folder.path(), "run pak-kaz --xlsx --trials 300", 0);
    tradewinds(folder.path(), "export output/pak-kaz --format xlsx", 0);
    let exported = folder.path().join("output/pak-kaz/export/pak-kaz.xlsx");
    let own = fs::read(folder.path().join("output/pak-kaz/pak-kaz.xlsx")).unwrap();
    assert!(fs::read(exported).unwrap() == own);
}

#[test]
fn what_explain_found_and_what_was_observed_have_sheets_of_their_own() {
    let folder = family(&["no-link"]);
    let base = folder.path().join("pak-kaz/base.toml");
    let text = fs::read_to_string(&base).unwrap();
    let history = "[history]\nfile = \"trade.csv\"\nflows = { exports = {}, total = {} }\n";
    fs::write(&base, format!("{text}\n{history}")).unwrap();
    let trade = "from,to,year,value,reporter\nPAK,KAZ,2020,100,PAK\nKAZ,PAK,2020,20,PAK\nPAK,KAZ,2022,110,KAZ\n";
    fs::write(folder.path().join("pak-kaz/trade.csv"), trade).unwrap();
    tradewinds(folder.path(), "run pak-kaz --trials 300", 0);
    tradewinds(folder.path(), "explain pak-kaz/base.toml --trials 200", 0);
    tradewinds(folder.path(), "export output/pak-kaz --format xlsx", 0);
    let mut book = open(&folder.path().join("output/pak-kaz/export/pak-kaz.xlsx"));
    let results = folder.path().join("output/pak-kaz");
    for (name, file) in
        [("Attribution", "attribution.csv"), ("Sensitivity", "sensitivity.csv"), ("Variance", "variance.csv")]
    {
        let checked = check_sheet(&mut book, name, &[Csv::read(results.join("base").join(file))]);
        assert!(checked > 50, "{name}");
    }
    let observed = ["base", "no-link"].map(|id| Csv::read(results.join(id).join("history.csv")));
    let expected =
        [["exports", "KAZ", "2022", "110"], ["exports", "PAK", "2020", "100"], ["total", "PAK", "2020", "120"]];
    assert_eq!(observed[0].select(&["measure", "reporter", "period", "observed"]), expected);
    check_sheet(&mut book, "History", &observed);
}

#[test]
fn one_command_runs_compares_and_explains() {
    let folder = family(&["no-link"]);
    tradewinds(folder.path(), "run pak-kaz --xlsx --report --explain --trials 300", 0);
    let results = folder.path().join("output/pak-kaz");
    assert!(results.join("report.html").is_file());
    let files = [("Attribution", "attribution.csv"), ("Sensitivity", "sensitivity.csv"), ("Variance", "variance.csv")];
    let mut book = open(&results.join("pak-kaz.xlsx"));
    check_sheet(&mut book, "Comparison", &[Csv::read(results.join("compare/comparison.csv"))]);
    for (name, file) in files {
        check_sheet(&mut book, name, &["base", "no-link"].map(|id| Csv::read(results.join(id).join(file))));
    }
    let summary = sheet(&mut book, "Summary");
    let rows: Vec<&[Data]> = summary.rows().collect();
    let worth = rows.iter().position(|row| row[0].to_string().starts_with("What each part adds")).unwrap();
    assert!(rows[worth][0].to_string().ends_with("in 2024, base, in USD million"), "{}", rows[worth][0]);
    let attribution = Csv::read(results.join("base/attribution.csv"));
    let is_asked = |row: &&Vec<String>| row[1] == "total" && row[2] == "2024" && row[4] != "base";
    let found: Vec<(String, String)> =
        attribution.rows.iter().filter(is_asked).map(|row| (row[3].clone(), row[6].clone())).collect();
    let shown = rows[worth + 3..].iter().take(found.len());
    let shown: Vec<(String, String)> = shown.map(|row| (row[0].to_string(), row[2].to_string())).collect();
    assert_eq!(shown, found, "trend, the drivers by size, noise, change");
    assert_eq!(found.len(), 5);

    // What `explain` alone finds, to the byte, and among the results of the run.
    tradewinds(folder.path(), "explain pak-kaz/no-link.toml --out again", 0);
    let record = fs::read_to_string(results.join("no-link/run.json")).unwrap();
    for (_, file) in files {
        let again = fs::read(folder.path().join("again/pak-kaz/no-link").join(file)).unwrap();
        assert!(fs::read(results.join("no-link").join(file)).unwrap() == again, "{file}");
        assert!(record.contains(file), "{file} is not in {record}");
    }
}
