//! The writers against a projection made by hand, the whole text compared.

use tradewinds::projection::{
    Bin, Distribution, DriverProjection, Estimate, FirstReached, Growth, InputProjection, LEVELS, LawFigures,
    MeasureProjection, Paths, Period, Projection, Summary, TargetProjection,
};
use tradewinds::report::{self, About, Dialect, Digest, Precision, Report, RunRecord, Writer};

fn about() -> About {
    About {
        scenario: "baseline".into(),
        title: "As seen in March".into(),
        notes: None,
        as_of: Some("2023-03-01".into()),
        unit: "USD million".into(),
        prices: "nominal",
        metric: Some("customs, Pakistan".into()),
        step: "year",
    }
}

fn year(year: i32) -> Period {
    Period { label: year.to_string(), year, start: format!("{year}-01-01"), end: format!("{year}-12-31") }
}

fn estimate(value: f64, standard_error: Option<f64>) -> Estimate {
    Estimate { value, standard_error }
}

/// A law whose quantile at level q is `median + 10 * (q - 0.5)`.
fn law(median: f64) -> Distribution {
    let quantiles = LEVELS.iter().map(|level| estimate(median + 10.0 * (level - 0.5), Some(0.25))).collect();
    let bins = vec![Bin { low: 0.0, high: 1.0, probability: 0.25 }, Bin { low: 1.0, high: 1.12202, probability: 0.75 }];
    Distribution { mean: estimate(median + 1.0 / 3.0, Some(0.1)), sd: estimate(2.5, None), quantiles, bins }
}

fn point(value: f64) -> Distribution {
    let all = estimate(value, Some(0.0));
    Distribution { mean: all, sd: estimate(0.0, Some(0.0)), quantiles: vec![all; LEVELS.len()], bins: Vec::new() }
}

fn summary(p50: f64) -> Summary {
    Summary {
        mean: p50 + 0.5,
        sd: 1.0,
        p05: p50 - 3.0,
        p10: p50 - 2.0,
        p25: p50 - 1.0,
        p50,
        p75: p50 + 1.0,
        p90: p50 + 2.0,
        p95: p50 + 3.0,
    }
}

fn measure(id: &str, base: f64, medians: [f64; 2]) -> MeasureProjection {
    MeasureProjection {
        id: id.into(),
        title: None,
        from: None,
        to: None,
        product: None,
        unit: "USD million".into(),
        base: point(base),
        periods: medians.map(law).to_vec(),
        growth: Vec::new(),
    }
}

fn projection() -> Projection {
    let textiles = MeasureProjection {
        title: Some("=Cloth".into()),
        from: Some("PAK".into()),
        to: Some("KAZ".into()),
        product: Some("Textiles".into()),
        growth: vec![Growth { year: 2023, yearly: Some(summary(4.0)), since_base: None, cumulative: summary(64.0) }],
        ..measure("exports.textiles", 60.0, [64.0, 70.0])
    };
    let driver = |id: &str, kind: &'static str, unit: &str| DriverProjection {
        id: id.into(),
        title: None,
        kind,
        unit: unit.into(),
        contribution: vec![summary(0.0), summary(1.0)],
        active: Vec::new(),
        states: Vec::new(),
    };
    let flights = DriverProjection { active: vec![0.5, 0.9], ..driver("flights", "intervention", "log points") };
    let states = vec![("calm".into(), vec![0.75, 0.6]), ("tense".into(), vec![0.25, 0.4])];
    let stability = DriverProjection { states, ..driver("stability", "regime", "log points") };
    Projection {
        trials: 1000,
        sampling: tradewinds::simulate::Sampling::Random,
        seed: 7,
        periods: vec![year(2023), year(2024)],
        base_period: year(2022),
        measures: vec![textiles, measure("balance", -5.0, [-4.0, 0.0])],
        targets: vec![
            TargetProjection {
                id: "goal".into(),
                title: Some("The goal".into()),
                measure: "total".into(),
                threshold: 1000.0,
                direction: "at_least",
                by: Some(2024),
                within: None,
                probability: estimate(0.123456789, Some(0.0104)),
                first_reached: vec![
                    FirstReached {
                        year: 2023,
                        probability: estimate(0.1, Some(0.00948)),
                        by_then: estimate(0.1, Some(0.00948)),
                    },
                    FirstReached {
                        year: 2024,
                        probability: estimate(0.023456789, None),
                        by_then: estimate(0.123456789, Some(0.0104)),
                    },
                ],
            },
            TargetProjection {
                id: "floor".into(),
                title: None,
                measure: "balance".into(),
                threshold: -2.5,
                direction: "at_most",
                by: None,
                within: Some(2023),
                probability: estimate(0.0, None),
                first_reached: Vec::new(),
            },
        ],
        drivers: vec![flights, stability, driver("oil", "process", "log points")],
        inputs: vec![
            InputProjection {
                name: "parameters.drift".into(),
                requested: r#"{ dist = "normal", mean = 0.02, sd = 0.02 }"#.into(),
                drawn: summary(2.0),
                prior: None,
                law: Some(LawFigures { mean: Some(2.5), sd: None, p05: -1.0, p50: 2.0, p95: 5.0 }),
            },
            InputProjection {
                name: "driver.flights.effect".into(),
                requested: "-0.5 * drift".into(),
                drawn: summary(-1.0),
                prior: None,
                law: None,
            },
        ],
    }
}

fn written_as(dialect: Dialect, projection: &Projection, write: Writer) -> String {
    let mut bytes = Vec::new();
    write(&Report { about: &about(), projection, dialect }, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

fn check(write: Writer, expected: &str) {
    assert_eq!(written_as(Dialect::Plain, &projection(), write), expected);
}

#[test]
fn projection_csv() {
    check(
        report::projection,
        "\
scenario,measure,from,to,product,period,unit,mean,sd,p01,p05,p10,p25,p50,p75,p90,p95,p99,status,title,year,\
period_start,period_end,prices,metric,as_of
baseline,exports.textiles,PAK,KAZ,Textiles,2022,USD million,60,0,60,60,60,60,60,60,60,60,60,base,'=Cloth,2022,\
2022-01-01,2022-12-31,nominal,\"customs, Pakistan\",2023-03-01
baseline,exports.textiles,PAK,KAZ,Textiles,2023,USD million,64.3333,2.5,59.1,59.5,60,61.5,64,66.5,68,68.5,68.9,\
projected,'=Cloth,2023,2023-01-01,2023-12-31,nominal,\"customs, Pakistan\",2023-03-01
baseline,exports.textiles,PAK,KAZ,Textiles,2024,USD million,70.3333,2.5,65.1,65.5,66,67.5,70,72.5,74,74.5,74.9,\
projected,'=Cloth,2024,2024-01-01,2024-12-31,nominal,\"customs, Pakistan\",2023-03-01
baseline,balance,,,,2022,USD million,-5,0,-5,-5,-5,-5,-5,-5,-5,-5,-5,base,,2022,\
2022-01-01,2022-12-31,nominal,\"customs, Pakistan\",2023-03-01
baseline,balance,,,,2023,USD million,-3.66667,2.5,-8.9,-8.5,-8,-6.5,-4,-1.5,0,0.5,0.9,\
projected,,2023,2023-01-01,2023-12-31,nominal,\"customs, Pakistan\",2023-03-01
baseline,balance,,,,2024,USD million,0.333333,2.5,-4.9,-4.5,-4,-2.5,0,2.5,4,4.5,4.9,\
projected,,2024,2024-01-01,2024-12-31,nominal,\"customs, Pakistan\",2023-03-01
",
    );
}

#[test]
fn quantiles_csv_has_every_level_and_all_digits() {
    let text = written_as(Dialect::Plain, &projection(), report::quantiles);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 1 + 2 * 2 * (2 + LEVELS.len()));
    assert_eq!(
        lines[..5],
        [
            "scenario,measure,period,unit,statistic,level,value,standard_error",
            "baseline,exports.textiles,2023,USD million,mean,,64.33333333333333,0.1",
            "baseline,exports.textiles,2023,USD million,sd,,2.5,",
            "baseline,exports.textiles,2023,USD million,quantile,0.01,59.1,0.25",
            "baseline,exports.textiles,2023,USD million,quantile,0.025,59.25,0.25",
        ]
    );
    let written: Vec<&str> = lines[3..26].iter().map(|line| line.split(',').nth(5).unwrap()).collect();
    assert_eq!(written.join(" "), LEVELS.map(|level| level.to_string()).join(" "));
}

#[test]
fn distribution_csv() {
    let mut projection = projection();
    projection.measures.truncate(1);
    assert_eq!(
        written_as(Dialect::Plain, &projection, report::distribution),
        "\
scenario,measure,period,unit,bin_low,bin_high,probability
baseline,exports.textiles,2023,USD million,0,1,0.25
baseline,exports.textiles,2023,USD million,1,1.12202,0.75
baseline,exports.textiles,2024,USD million,0,1,0.25
baseline,exports.textiles,2024,USD million,1,1.12202,0.75
"
    );
}

#[test]
fn targets_csv() {
    check(
        report::targets,
        "\
scenario,target,measure,threshold,direction,by,in,unit,probability,standard_error,title
baseline,goal,total,1000,at_least,2024,,USD million,0.123457,0.0104,The goal
baseline,floor,balance,-2.5,at_most,,2023,USD million,0,,
",
    );
}

#[test]
fn first_passage_csv() {
    check(
        report::first_passage,
        "\
scenario,target,period,probability,standard_error,probability_by_then,by_then_standard_error,title
baseline,goal,2023,0.1,0.00948,0.1,0.00948,The goal
baseline,goal,2024,0.0234568,,0.123457,0.0104,The goal
",
    );
}

#[test]
fn drivers_csv_repeats_a_regime_for_each_state() {
    check(
        report::drivers,
        "\
scenario,driver,kind,state,period,probability_active,mean,p05,p50,p95,unit,title
baseline,flights,intervention,,2023,0.5,0.5,-3,0,3,log points,
baseline,flights,intervention,,2024,0.9,1.5,-2,1,4,log points,
baseline,stability,regime,calm,2023,0.75,0.5,-3,0,3,log points,
baseline,stability,regime,calm,2024,0.6,1.5,-2,1,4,log points,
baseline,stability,regime,tense,2023,0.25,0.5,-3,0,3,log points,
baseline,stability,regime,tense,2024,0.4,1.5,-2,1,4,log points,
baseline,oil,process,,2023,,0.5,-3,0,3,log points,
baseline,oil,process,,2024,,1.5,-2,1,4,log points,
",
    );
}

#[test]
fn inputs_csv_leaves_out_what_a_formula_lacks() {
    check(
        report::inputs,
        "\
scenario,input,requested,mean,sd,p05,p50,p95,requested_mean,requested_sd,requested_p05,requested_p50,requested_p95
baseline,parameters.drift,\"{ dist = \"\"normal\"\", mean = 0.02, sd = 0.02 }\",2.5,1,-1,2,5,2.5,,-1,2,5
baseline,driver.flights.effect,'-0.5 * drift,-0.5,1,-4,-1,2,,,,,
",
    );
}

#[test]
fn growth_csv_keeps_the_row_of_a_rate_that_does_not_apply() {
    check(
        report::growth,
        "\
scenario,measure,period,kind,unit,mean,p05,p10,p25,p50,p75,p90,p95
baseline,exports.textiles,2023,yearly,per cent a year,4.5,1,2,3,4,5,6,7
baseline,exports.textiles,2023,since_base,per cent a year,,,,,,,,
baseline,exports.textiles,2023,cumulative,USD million,64.5,61,62,63,64,65,66,67
",
    );
}

#[test]
fn trials_csv() {
    let paths = Paths { trials: 2, values: vec![0.1 + 0.2, 2.0, -3.0, 4.0, 5.0, 6.0, 7.0, 8.0] };
    let mut bytes = Vec::new();
    let (about, projection) = (about(), projection());
    let report = Report { about: &about, projection: &projection, dialect: Dialect::Plain };
    report::trials(&report, &paths, &mut bytes).unwrap();
    assert_eq!(
        String::from_utf8(bytes).unwrap(),
        "\
scenario,trial,measure,period,unit,value
baseline,1,exports.textiles,2023,USD million,0.30000000000000004
baseline,1,exports.textiles,2024,USD million,2
baseline,1,balance,2023,USD million,-3
baseline,1,balance,2024,USD million,4
baseline,2,exports.textiles,2023,USD million,5
baseline,2,exports.textiles,2024,USD million,6
baseline,2,balance,2023,USD million,7
baseline,2,balance,2024,USD million,8
"
    );
}

#[test]
fn a_file_without_rows_still_has_its_columns() {
    let empty = Projection {
        measures: Vec::new(),
        targets: Vec::new(),
        drivers: Vec::new(),
        inputs: Vec::new(),
        ..projection()
    };
    for (name, write) in report::FILES {
        let text = written_as(Dialect::Plain, &empty, write);
        assert!(text.starts_with("scenario,") && text.ends_with('\n') && text.lines().count() == 1, "{name}: {text}");
    }
}

#[test]
fn a_european_spreadsheet_gets_decimal_commas_in_every_number() {
    assert_eq!(
        written_as(Dialect::ExcelEu, &projection(), report::targets),
        "\u{feff}scenario;target;measure;threshold;direction;by;in;unit;probability;standard_error;title\r\n\
         baseline;goal;total;1000;at_least;2024;;USD million;0,123457;0,0104;The goal\r\n\
         baseline;floor;balance;-2,5;at_most;;2023;USD million;0;;\r\n"
    );
    let quantiles = written_as(Dialect::ExcelEu, &projection(), report::quantiles);
    assert!(!quantiles.contains("0.") && quantiles.contains(";0,01;59,1;0,25\r\n"));
}

#[test]
fn run_json_holds_the_whole_run() {
    let digest = |file: &str, sha256: &str| Digest { file: file.into(), sha256: sha256.into() };
    let record = RunRecord {
        about: &about(),
        seed: 7,
        trials: 1000,
        sampling: tradewinds::simulate::Sampling::Random,
        measures: None,
        precision: Some(Precision { asked: 0.002, reached: Some(0.0015) }),
        evidence: None,
        threads: 2,
        wall_seconds: 0.25,
        resolved: "id = \"baseline\"\n",
        resolved_sha256: "ab".into(),
        sources: vec![digest("baseline.toml", "cd")],
        parts: vec![digest("part-1-of-1.twpart", "01")],
        outputs: vec![digest("projection.csv", "ef")],
    };
    let mut bytes = Vec::new();
    report::run_record(&record, &mut bytes).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let expected = serde_json::json!({
        "program": "tradewinds",
        "version": env!("CARGO_PKG_VERSION"),
        "scenario": "baseline",
        "title": "As seen in March",
        "notes": null,
        "as_of": "2023-03-01",
        "unit": "USD million",
        "prices": "nominal",
        "metric": "customs, Pakistan",
        "step": "year",
        "seed": 7,
        "trials": 1000,
        "precision": { "asked": 0.002, "reached": 0.0015 },
        "sampling": "random",
        "threads": 2,
        "wall_seconds": 0.25,
        "sources": [{ "file": "baseline.toml", "sha256": "cd" }],
        "parts": [{ "file": "part-1-of-1.twpart", "sha256": "01" }],
        "outputs": [{ "file": "projection.csv", "sha256": "ef" }],
        "resolved_sha256": "ab",
        "resolved": "id = \"baseline\"\n",
    });
    assert_eq!(json, expected);
}
