//! `[history]` in a scenario.

use std::io;
use std::path::Path;

use super::common;
use tradewinds::diagnostic::{Sources, render};
use tradewinds::scenario::{Observed, load, observe};

const HEAD: &str = r#"
pair = { reporter = "PAK", partner = "KAZ" }
value = { unit = "USD thousand" }
horizon = { base = 2022, end = 2026, step = "quarter" }
flow = [
    { id = "exports.textiles", from = "PAK", to = "KAZ", base_total = 60 },
    { id = "exports.pharma", from = "PAK", to = "KAZ", base_total = 60 },
    { id = "imports.energy", from = "KAZ", to = "PAK", base_total = 9 },
]
"#;

const TABLE: &str = "from,to,year,value,reporter,product
PAK,KAZ,2019,80,PAK,
PAK,KAZ,2021,0,PAK,
PAK,KAZ,2021,90,KAZ,
PAK,KAZ,2023,99,PAK,
KAZ,PAK,2021,3,PAK,
PAK,KAZ,2020,7,PAK,Cotton
PAK,KAZ,2020,8,PAK,Yarn
PAK,KAZ,2020,5,PAK,Drugs
PAK+KAZ,PAK+KAZ,2022,73.5,KAZ,
";

/// What a scenario with this `[history]` observes, and what is said.
fn observed(history: &str) -> (Observed, String) {
    let text = format!("{HEAD}{history}");
    let read = |path: &Path| match path.to_str() {
        Some("family/a.toml") => Ok(text.clone().into_bytes()),
        Some("family/data/trade.csv") => Ok(TABLE.as_bytes().to_vec()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    let mut sources = Sources::default();
    let loaded = load(Path::new("family/a.toml"), &read, &mut sources);
    let said = render(&loaded.diagnostics, &sources, false);
    let scenario = loaded.scenario.unwrap_or_else(|| panic!("{said}"));
    let observed = observe(&scenario, &read, &mut sources);
    let said = render(&observed.diagnostics, &sources, false);
    (observed, said)
}

fn shown(observed: &Observed) -> Vec<String> {
    let series = observed.series.iter().map(|it| {
        let years: Vec<String> = it.observations.iter().map(|it| format!("{}={}", it.year, it.value)).collect();
        format!("{} {:?} by {}: {}", it.name, it.flows, it.reporter, years.join(" "))
    });
    series.collect()
}

#[test]
fn without_flows_exports_and_imports_are_observed() {
    let (observed, said) = observed("[history]\nfile = \"data/trade.csv\"\n");
    assert_eq!(said, "");
    // In the scenario's unit; nothing after the base year; the products of 2020 are summed.
    assert_eq!(
        shown(&observed),
        [
            "exports [0, 1] by KAZ: 2021=90000",
            "exports [0, 1] by PAK: 2019=80000 2020=20000 2021=0",
            "imports [2] by PAK: 2021=3000",
        ]
    );
    assert!(observed.series.iter().all(|it| it.error.is_none()));
}

#[test]
fn flows_are_observed_as_the_scenario_says() {
    let (observed, said) = observed(
        r#"
        [history]
        file = "data/trade.csv"
        flows = { "exports.textiles" = { product = ["Cotton", "Yarn"] }, total = { from = "PAK+KAZ", to = "PAK+KAZ" }, exports = { reporter = "KAZ" } }
        reporters = { KAZ = { bias = -0.8, error = 0.2 }, "*" = { error = { dist = "uniform", min = 0.05, max = 0.15 } } }
        "#,
    );
    assert_eq!(said, "");
    assert_eq!(
        shown(&observed),
        [
            "exports.textiles [0] by PAK: 2020=15000",
            "total [0, 1, 2] by KAZ: 2022=73500",
            "exports [0, 1] by KAZ: 2021=90000"
        ]
    );
    let stated: Vec<String> = observed.series.iter().map(|it| format!("{:?} {:?}", it.bias, it.error)).collect();
    assert!(stated[0].contains("Constant(0.0)") && stated[0].contains("history.reporters.*.error"), "{stated:?}");
    assert_eq!(stated[1], "Constant(-0.8) Some(Constant(0.2))");
}

#[test]
fn a_sum_over_pairs_needs_all_of_them() {
    let (observed, _) = observed("[history]\nfile = \"data/trade.csv\"\nflows = { total = {} }\n");
    // Only in 2021 did Pakistan report both ways.
    assert_eq!(shown(&observed), ["total [0, 1, 2] by PAK: 2021=3000"]);
}

#[test]
fn what_observes_nothing_is_told() {
    let (_, said) = observed("[history]\nfile = \"data/trade.csv\"\nflows = { exports = { reporter = \"UZB\" } }\n");
    assert!(said.contains("`data/trade.csv` has no observation of `exports` up to the base year"), "{said}");
    assert!(said.contains("its reporters are KAZ, PAK"), "{said}");
    let (_, said) = observed("[history]\nfile = \"gone.csv\"\n");
    assert!(said.contains("there is no file `family/gone.csv`"), "{said}");
}

#[test]
fn a_table_in_another_currency_is_refused() {
    let (observed, said) = observed("[history]\nfile = \"data/trade.csv\"\nunit = \"EUR million\"\n");
    assert!(observed.series.is_empty());
    assert!(said.contains("error: `data/trade.csv` is in EUR and the scenario in USD"), "{said}");
}

#[test]
fn the_table_is_relative_to_the_file_that_names_it() {
    let read = |path: &Path| match path.to_str() {
        Some("a/b/over.toml") => Ok(b"extends = \"../base.toml\"\n".to_vec()),
        Some("a/b/../base.toml") => Ok(format!("{HEAD}[history]\nfile = \"data/trade.csv\"\n").into_bytes()),
        Some("a/b/../data/trade.csv") => Ok(TABLE.as_bytes().to_vec()),
        _ => Err(io::Error::from(io::ErrorKind::NotFound)),
    };
    let mut sources = Sources::default();
    let loaded = load(Path::new("a/b/over.toml"), &read, &mut sources);
    let observed = observe(&loaded.scenario.unwrap(), &read, &mut sources);
    assert_eq!(observed.series.len(), 3, "{:?}", observed.diagnostics);
    assert!(loaded.resolved.unwrap().to_toml().contains("file = \"../data/trade.csv\""));
}

#[test]
fn countries_may_be_named_in_any_way() {
    let (observed, said) = observed(
        "[history]\nfile = \"data/trade.csv\"\nflows = { imports = { from = \"398\", to = \"Pakistan\", reporter = \"PK\" } }\n",
    );
    assert_eq!((shown(&observed), said.as_str()), (vec!["imports [2] by PAK: 2021=3000".to_owned()], ""));
}

#[test]
fn reporters_add_inputs_and_move_no_draw() {
    use tradewinds::scenario::from_text;
    let noisy = HEAD.to_owned() + "[noise]\npermanent = { sd = { dist = \"uniform\", min = 0.1, max = 0.3 } }\n";
    let history = "[history]\nfile = \"gone.csv\"\nreporters = { PAK = { bias = { dist = \"normal\", mean = 0, sd = 0.1 }, error = 0.1 } }\n";
    let total = |text: &str| {
        let projection = common::run(&from_text(text).unwrap(), 64);
        (format!("{:?}", projection.measures), projection.inputs.len())
    };
    let (without, with) = (total(&noisy), total(&(noisy.clone() + history)));
    assert_eq!(without.0, with.0);
    assert_eq!(without.1 + 1, with.1);
}
