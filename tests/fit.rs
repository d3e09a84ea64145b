//! `fit` and `backtest` as programs: what they write, and what they say of tables that they cannot use.

mod program;

use std::fmt::Write as _;
use std::fs;

use program::{Csv, family, tradewinds};

/// A table of flows with years of trade by a recurrence that looks like noise.
fn table(header: &str, flows: &[&str], years: std::ops::Range<i32>) -> String {
    let mut text = format!("{header}\n");
    for (at, flow) in flows.iter().enumerate() {
        let (mut state, mut log) = (at as u64 + 1, 3.0);
        for year in years.clone() {
            state = (state * 48_271) % 2_147_483_647;
            log += 0.8 * (state as f64 / 2_147_483_647.0 - 0.45);
            writeln!(text, "{flow},{year},{:.4}", f64::exp(log)).unwrap();
        }
    }
    text
}

#[test]
fn what_is_fitted_lies_on_a_scenario_about_which_nothing_is_said() {
    let folder = family(&[]);
    let trade = table("from,to,reporter,year,value", &["PAK,KAZ,PAK", "PAK,KAZ,KAZ", "KAZ,PAK,PAK"], 1998..2023);
    fs::write(folder.path().join("trade.csv"), trade).unwrap();
    let command = "fit trade.csv --pair pak,kaz --extends pak-kaz/base.toml --counted link,link --quiet --out pak-kaz/fitted.toml";
    tradewinds(folder.path(), command, 0);
    let text = fs::read_to_string(folder.path().join("pak-kaz/fitted.toml")).unwrap();
    for part in [
        &format!("# Made by tradewinds {}\n", command.replace(" --quiet", "")),
        "extends = \"base.toml\"",
        "# PAK to KAZ (PAK with mirror KAZ), 1998 to 2022, last",
        "bias of the mirror",
        "id    = \"imports.wheat\"",
        "id      = \"link\"\nenabled = false",
    ] {
        assert!(text.contains(part), "no {part} in\n{text}");
    }
    let said = tradewinds(folder.path(), "check pak-kaz/fitted.toml", 0);
    assert!(said.contains("no faults") && !said.contains("warning"), "{said}");
    tradewinds(folder.path(), "run pak-kaz/fitted.toml --trials 200 --quiet", 0);
    tradewinds(folder.path(), command, 0);
    assert_eq!(text, fs::read_to_string(folder.path().join("pak-kaz/fitted.toml")).unwrap(), "the same bytes again");
}

/// The base year is 2022: what comes later changes nothing.
#[test]
fn nothing_after_the_base_year_is_seen() {
    let folder = family(&[]);
    let fitted = |trade: String| {
        fs::write(folder.path().join("trade.csv"), trade).unwrap();
        tradewinds(folder.path(), "fit trade.csv --extends pak-kaz/base.toml --quiet", 0);
        fs::read_to_string(folder.path().join("pak-kaz/fitted.toml")).unwrap()
    };
    let known = table("from,to,year,value", &["PAK,KAZ"], 2003..2023);
    let later = known.clone() + "PAK,KAZ,2023,999\nPAK,KAZ,2024,9999\n";
    assert_eq!(fitted(known), fitted(later));
}

#[test]
fn a_series_given_twice_counts_once() {
    let folder = family(&[]);
    fs::write(folder.path().join("trade.csv"), table("from,to,year,value", &["PAK,KAZ", "KAZ,PAK"], 2003..2023))
        .unwrap();
    let fitted = |more: &str| {
        tradewinds(folder.path(), &format!("fit trade.csv {more} --quiet --out fitted.toml"), 0);
        let text = fs::read_to_string(folder.path().join("fitted.toml")).unwrap();
        text.lines()
            .filter(|line| !line.starts_with("# Made by") && !line.starts_with("# Fitted to"))
            .collect::<String>()
    };
    assert_eq!(fitted(""), fitted("--panel trade.csv"));
}

#[test]
fn what_cannot_be_fitted_is_said_with_its_cure() {
    let folder = family(&[]);
    fs::write(folder.path().join("trade.csv"), "from,to,year,value\nPAK,KAZ,2020,1\nPAK,KAZ,2021,2\n").unwrap();
    fs::write(folder.path().join("other.csv"), "from,to,year,value\nNOR,VNM,2020,1\n").unwrap();
    for (arguments, parts) in [
        ("fit trade.csv --pair PAK,NOR", ["no flow of the table is wanted", "`tradewinds history FILE` shows"]),
        ("fit trade.csv --pair PAK", ["two countries make a pair", "--pair PAK,KAZ"]),
        (
            "fit trade.csv --out trade.csv",
            ["`trade.csv` is read, and would be written over", "another file with --out"],
        ),
        (
            "fit trade.csv --extends pak-kaz/base.toml --out pak-kaz/base.toml",
            ["`pak-kaz/base.toml` is read, and would be written over", "another file with --out"],
        ),
        (
            "fit trade.csv --extends pak-kaz/base.toml --out fitted.toml",
            ["does not lie beside `pak-kaz/base.toml`", "--out pak-kaz/fitted.toml"],
        ),
        ("fit other.csv --extends pak-kaz/base.toml", ["no flow of the scenario goes between", "need `from` and `to`"]),
        (
            "fit trade.csv --extends pak-kaz/base.toml --counted flights",
            ["the scenario has no driver `flights`", "it has link, road"],
        ),
        ("fit none.csv", ["cannot read `none.csv`", "No such file"]),
    ] {
        let said = tradewinds(folder.path(), arguments, 2);
        assert!(parts.iter().all(|part| said.contains(part)), "{arguments}: {said}");
    }
}

#[test]
fn a_backtest_scores_other_forecasts_beside_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let flows = ["A,B", "B,A", "A,C", "C,A"];
    let text = table("exporter,importer,t,v", &flows, 2000..2018);
    fs::write(folder.path().join("panel.csv"), &text).unwrap();
    let mut rival = "model,from,to,origin,horizon,mean,sd\n".to_owned();
    for line in text.lines().skip(1) {
        let [from, to, year, value] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        // What came is what is forecast one year ahead: 2012 expects 2013.
        let origin = year.parse::<i32>().unwrap() - 1;
        writeln!(rival, "oracle,{from},{to},{origin},1,{:.6},0.01", value.parse::<f64>().unwrap().ln()).unwrap();
    }
    fs::write(folder.path().join("rival.csv"), rival).unwrap();
    let columns = "--columns from=exporter,to=importer,year=t,value=v";
    let command = format!("backtest panel.csv {columns} --horizons 3,1 --benchmark rival.csv --out found --quiet");
    tradewinds(folder.path(), &command, 0);
    let found = Csv::read(folder.path().join("found/backtest.csv"));
    let expected = "model,horizon,size_class,series,n,crps,crps_se,difference,difference_se,cover50,cover80,cover90,log_score,cover90_se";
    assert_eq!(found.header.join(","), expected);
    let row = |model: &str, horizon: &str| {
        found
            .rows
            .iter()
            .find(|it| it[0] == model && it[1] == horizon && it[2] == "all")
            .unwrap_or_else(|| panic!("{model}"))
    };
    // Origins 2011 to 2016, four flows.
    assert_eq!((row("tradewinds", "1")[3].as_str(), row("tradewinds", "1")[4].as_str()), ("4", "24"));
    let oracle = row("oracle", "1");
    assert!(oracle[5].parse::<f64>().unwrap() < 0.01 && oracle[7].parse::<f64>().unwrap() < -0.05, "{oracle:?}");
    assert!(!found.rows.iter().any(|it| it[0] == "oracle" && it[1] == "3"), "it was not asked for three years");
    let pit = Csv::read(folder.path().join("found/pit.csv"));
    assert_eq!(pit.header.join(","), "model,horizon,bin_low,bin_high,share,n");
}

#[test]
fn what_cannot_be_backtested_is_said_with_its_cure() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("short.csv"), table("from,to,year,value", &["A,B"], 2000..2010)).unwrap();
    fs::write(folder.path().join("panel.csv"), table("from,to,year,value", &["A,B"], 2000..2016)).unwrap();
    fs::write(folder.path().join("rival.csv"), "model,from,to,origin,horizon,mean,sd\nets,A,C,2012,1,0,1\n").unwrap();
    for (arguments, parts) in [
        ("backtest short.csv", ["its longest stretch without a gap or zero is 10 years", "at least 14 years"]),
        ("backtest panel.csv --horizons 9", ["no outcome lies 9 years after", "choose shorter --horizons"]),
        (
            "backtest panel.csv --benchmark rival.csv",
            ["line 2: the panel has no flow from `A` to `C`", "history PANEL.csv --csv"],
        ),
        ("backtest panel.csv --unit cows", ["`cows` is no unit", "USD million"]),
    ] {
        let said = tradewinds(folder.path(), arguments, 2);
        assert!(parts.iter().all(|part| said.contains(part)), "{arguments}: {said}");
    }
}
