//! Layouts of other tools, set against the CSV files that they come from.

mod program;

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use program::{Csv, family, tradewinds};
use tempfile::TempDir;

/// Results of a family of two, with paths of three trials.
fn results(options: &str) -> TempDir {
    let folder = family(&["no-link"]);
    tradewinds(folder.path(), &format!("run pak-kaz --trials 500 {options}"), 0);
    folder
}

fn exported(folder: &Path, file: &str) -> Csv {
    Csv::read(folder.join("output/pak-kaz/export").join(file))
}

fn source(folder: &Path, scenario: &str, file: &str) -> Csv {
    Csv::read(folder.join("output/pak-kaz").join(scenario).join(file))
}

/// A cell of the only row in which these columns say so.
fn cell<'c>(table: &'c Csv, conditions: &[(&str, &str)], column: &str) -> &'c str {
    let fits = |row: &&Vec<String>| conditions.iter().all(|(name, text)| row[table.column(name)] == *text);
    let rows: Vec<&Vec<String>> = table.rows.iter().filter(fits).collect();
    assert_eq!(rows.len(), 1, "{conditions:?}");
    &rows[0][table.column(column)]
}

#[test]
fn iamc_wide_and_long_have_the_columns_and_digits() {
    let folder = results("");
    tradewinds(folder.path(), "export output/pak-kaz --format iamc --model tw1", 0);
    let wide = exported(folder.path(), "iamc.csv");
    assert_eq!(wide.header, ["Model", "Scenario", "Region", "Variable", "Unit", "2022", "2023", "2024", "2025"]);
    let projection = source(folder.path(), "no-link", "projection.csv");
    let cases = [
        ("exports.flowers", "PAK>KAZ", "Trade|Exports|0603"),
        ("exports.other", "PAK>KAZ", "Trade|Exports|exports.other"),
        ("imports.wheat", "KAZ>PAK", "Trade|Imports|-Wheat"),
        ("exports", "PAK>KAZ", "Trade|Exports"),
        ("imports", "KAZ>PAK", "Trade|Imports"),
        ("total", "PAK-KAZ", "Trade|Total"),
        ("balance", "PAK-KAZ", "Trade|Balance"),
    ];
    for (measure, region, variable) in cases {
        for (column, suffix) in [("mean", ""), ("p05", "|5.0th Percentile"), ("p50", "|50.0th Percentile")] {
            for year in ["2022", "2025"] {
                let expected = cell(&projection, &[("measure", measure), ("period", year)], column);
                let at = [("Scenario", "no-link"), ("Region", region), ("Variable", &format!("{variable}{suffix}"))];
                assert_eq!(cell(&wide, &at, year), expected, "{measure} {column} {year}");
            }
        }
    }
    assert!(wide.rows.iter().all(|row| row[0] == "tw1" && row.iter().all(|cell| !cell.is_empty())));
    assert_eq!(wide.rows.len(), 2 * 7 * 11, "scenarios, measures, statistics");

    let long = exported(folder.path(), "iamc-long.csv");
    assert_eq!(long.header, ["model", "scenario", "region", "variable", "unit", "year", "value"]);
    assert_eq!(long.rows.len(), 4 * wide.rows.len());
    let series: HashSet<_> = long.select(&["scenario", "region", "variable", "year"]).into_iter().collect();
    assert_eq!(series.len(), long.rows.len(), "no series is there twice");
}

#[test]
fn iamc_of_steps_has_a_column_for_the_part_of_the_year() {
    let folder = family(&["alone"]);
    tradewinds(folder.path(), "run pak-kaz/alone.toml --trials 100", 0);
    tradewinds(folder.path(), "export output/pak-kaz/alone --format iamc", 0);
    let long = Csv::read(folder.path().join("output/pak-kaz/alone/export/iamc-long.csv"));
    assert_eq!(long.header[5..], ["subannual", "year", "value"]);
    let projection = source(folder.path(), "alone", "projection.csv");
    let expected = cell(&projection, &[("measure", "total"), ("period", "2024-Q3")], "mean");
    let at = [("variable", "Trade|Total"), ("subannual", "Q3"), ("year", "2024")];
    assert_eq!(cell(&long, &at, "value"), expected);
}

#[test]
fn hub_output_has_every_quantile_and_joint_samples() {
    let folder = results("--paths 3");
    fs::write(folder.path().join("seen.csv"), "year,measure,value\n2023,total,151.5\n").unwrap();
    tradewinds(folder.path(), "export output/pak-kaz --format hub --team moc --observed seen.csv", 0);
    let output = exported(folder.path(), "model-output/moc-tradewinds/2023-03-01-moc-tradewinds.csv");
    let header = [
        "origin_date",
        "scenario_id",
        "location",
        "target",
        "horizon",
        "target_date",
        "output_type",
        "output_type_id",
        "value",
    ];
    assert_eq!(output.header, header);
    let quantiles = source(folder.path(), "base", "quantiles.csv");
    for level in ["0.01", "0.5", "0.975"] {
        let at = [("measure", "total"), ("period", "2024"), ("statistic", "quantile"), ("level", level)];
        let expected = cell(&quantiles, &at, "value");
        let place = [("scenario_id", "base"), ("target", "total"), ("target_date", "2024-12-31"), ("horizon", "2")];
        let of =
            |kind, id| [&place[..], &[("output_type", kind), ("output_type_id", id), ("location", "PAK-KAZ")]].concat();
        assert_eq!(cell(&output, &of("quantile", level), "value"), expected);
        if level == "0.5" {
            assert_eq!(cell(&output, &of("median", "NA"), "value"), expected);
        }
    }
    let trials = source(folder.path(), "no-link", "trials.csv");
    let expected = cell(&trials, &[("trial", "3"), ("measure", "balance"), ("period", "2025")], "value");
    let at = [("scenario_id", "no-link"), ("target", "balance"), ("horizon", "3"), ("output_type", "sample")];
    assert_eq!(cell(&output, &[&at[..], &[("output_type_id", "3")]].concat(), "value"), expected);
    // Two scenarios, seven measures, three years: mean, median, 23 quantiles, three samples.
    assert_eq!(output.rows.len(), 2 * 7 * 3 * (2 + 23 + 3));

    let seen = exported(folder.path(), "target-data/time-series.csv");
    assert_eq!(seen.header, ["target_date", "location", "target", "observation"]);
    assert_eq!(seen.rows, [["2023-12-31", "PAK-KAZ", "total", "151.5"]]);
}

#[test]
fn un_variants_are_the_quantiles() {
    let folder = results("");
    tradewinds(folder.path(), "export output/pak-kaz --format un --country-name Pakistan --country-code 586", 0);
    let table = exported(folder.path(), "un/base/total.csv");
    assert_eq!(table.header, ["country_name", "country_code", "variant", "2023", "2024", "2025"]);
    let variants: Vec<&str> = table.rows.iter().map(|row| &row[2][..]).collect();
    assert_eq!(variants, ["median", "lower 80", "upper 80", "lower 95", "upper 95", "mean"]);
    assert!(table.rows.iter().all(|row| row[..2] == ["Pakistan", "586"]));
    let quantiles = source(folder.path(), "base", "quantiles.csv");
    for (variant, statistic, level) in
        [("lower 95", "quantile", "0.025"), ("upper 80", "quantile", "0.9"), ("mean", "mean", "")]
    {
        let at = [("measure", "total"), ("period", "2025"), ("statistic", statistic), ("level", level)];
        assert_eq!(cell(&table, &[("variant", variant)], "2025"), cell(&quantiles, &at, "value"), "{variant}");
    }
    tradewinds(folder.path(), "export output/pak-kaz/base --format un", 0);
    let own = Csv::read(folder.path().join("output/pak-kaz/base/export/un/base/balance.csv"));
    assert!(own.rows.iter().all(|row| row[..2] == ["PAK", ""]));
}

#[test]
fn scoringutils_has_quantiles_and_samples_with_observations() {
    let folder = results("--paths 3");
    fs::write(folder.path().join("seen.csv"), "period,measure,value\n2023,total,151.5\n").unwrap();
    let export = "export output/pak-kaz --format scoringutils --observed seen.csv";
    tradewinds(folder.path(), export, 0);
    let unit = ["model", "scenario", "measure", "period", "target_date", "horizon", "unit", "observed", "predicted"];
    let quantiles = exported(folder.path(), "scoringutils-quantile.csv");
    assert_eq!(quantiles.header, [&unit[..], &["quantile_level"]].concat());
    let found = source(folder.path(), "base", "quantiles.csv");
    let at = [("measure", "total"), ("period", "2023"), ("statistic", "quantile"), ("level", "0.05")];
    let place = [("scenario", "base"), ("measure", "total"), ("period", "2023"), ("quantile_level", "0.05")];
    assert_eq!(cell(&quantiles, &place, "predicted"), cell(&found, &at, "value"));
    assert_eq!(cell(&quantiles, &place, "observed"), "151.5");
    let unseen = [("scenario", "base"), ("measure", "total"), ("period", "2024"), ("quantile_level", "0.05")];
    assert_eq!(cell(&quantiles, &unseen, "observed"), "NA");

    let samples = exported(folder.path(), "scoringutils-sample.csv");
    assert_eq!(samples.header, [&unit[..], &["sample_id"]].concat());
    assert_eq!(samples.rows.len(), 2 * 7 * 3 * 3);

    // Without trials, no samples; and none that are left from before.
    tradewinds(folder.path(), "run pak-kaz --trials 500", 0);
    tradewinds(folder.path(), export, 0);
    assert!(!folder.path().join("output/pak-kaz/export/scoringutils-sample.csv").exists());
}

#[test]
fn results_in_any_dialect_export_the_same() {
    let folder = results("--paths 2");
    let export = || {
        tradewinds(folder.path(), "export output/pak-kaz --format hub", 0);
        fs::read(folder.path().join("output/pak-kaz/export/model-output/own-tradewinds/2023-03-01-own-tradewinds.csv"))
            .unwrap()
    };
    let plain = export();
    tradewinds(folder.path(), "run pak-kaz --trials 500 --paths 2 --excel=eu", 0);
    assert!(export() == plain);
}

#[test]
fn what_cannot_be_exported_is_named_with_its_cure() {
    let folder = results("");
    let says = |arguments: &str, words: &[&str]| {
        let said = tradewinds(folder.path(), arguments, 2);
        assert!(words.iter().all(|it| said.contains(it)), "{arguments}: {said}");
    };
    says("export pak-kaz --format iamc", &["holds no results", "name a folder that `run` wrote"]);
    says("export nowhere --format iamc", &["cannot list folder `nowhere`"]);
    says("export output/pak-kaz --format csv", &["iamc, hub, un, scoringutils, parquet, xlsx"]);
    says("export output/pak-kaz --format hub --team a-b", &["letters, digits and `_` are needed"]);
    fs::write(folder.path().join("seen.csv"), "year,value\n2023,1\n").unwrap();
    says("export output/pak-kaz --format hub --observed seen.csv", &["no column `measure`", "it needs the columns"]);
    fs::remove_file(folder.path().join("output/pak-kaz/base/quantiles.csv")).unwrap();
    says(
        "export output/pak-kaz --format iamc",
        &["pak-kaz/base`: it has no `quantiles.csv`", "run the scenario again"],
    );
    if cfg!(not(feature = "parquet")) {
        says("export output/pak-kaz --format parquet", &["built without Parquet", "--features parquet"]);
    }
    assert!(!folder.path().join("output/pak-kaz/export").exists(), "nothing is written");
}

#[test]
#[cfg(feature = "parquet")]
fn parquet_has_a_file_for_each_table() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let family = family(&["no-link"]);
    let folder = family.path();
    let trade = "from,to,year,value,reporter\nPAK,KAZ,2020,80,PAK\nPAK,KAZ,2021,90,PAK\n";
    fs::write(folder.join("pak-kaz/trade.csv"), trade).unwrap();
    let text = "extends = \"base.toml\"\nhistory = { file = \"trade.csv\", flows = { exports = {} } }\n";
    fs::write(folder.join("pak-kaz/more.toml"), text).unwrap();
    tradewinds(folder, "run pak-kaz --trials 500 --paths 3 --growth --explain --quiet", 0);
    tradewinds(folder, "export output/pak-kaz --format parquet", 0);
    let names = fs::read_dir(folder.join("output/pak-kaz/more")).unwrap().map(|it| it.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let tables: Vec<String> = names.filter_map(|name| name.strip_suffix(".csv").map(str::to_owned)).collect();
    assert_eq!(tables.len(), 13, "{tables:?}");
    for table in tables {
        let path = folder.join(format!("output/pak-kaz/export/{table}.parquet"));
        let file = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
        let mut rows = file.get_row_iter(None).unwrap().map(Result::unwrap);
        for scenario in ["base", "more", "no-link"].iter().filter(|it| table != "history" || **it == "more") {
            let csv = source(folder, scenario, &format!("{table}.csv"));
            for row in &csv.rows {
                let shown = rows.next().unwrap();
                assert_eq!(shown.len(), row.len(), "{table}");
                for ((name, field), text) in shown.get_column_iter().zip(row) {
                    match field {
                        Field::Null => assert_eq!(text, "", "{table} {name}"),
                        Field::Str(shown) => assert!(shown == text || format!("'{shown}") == *text, "{table} {name}"),
                        Field::Long(value) => assert_eq!(value.to_string(), *text, "{table} {name}"),
                        Field::Double(value) => assert_eq!(*value, text.parse::<f64>().unwrap(), "{table} {name}"),
                        other => panic!("{table} {name}: {other:?}"),
                    }
                }
            }
        }
        assert!(rows.next().is_none(), "{table}");
    }
    // A table that is there no more takes its file with it.
    tradewinds(folder, "run pak-kaz --trials 500 --growth --quiet", 0);
    tradewinds(folder, "export output/pak-kaz --format parquet", 0);
    let exists = |table: &str| folder.join(format!("output/pak-kaz/export/{table}.parquet")).exists();
    assert!(exists("growth") && !exists("trials"));
}
