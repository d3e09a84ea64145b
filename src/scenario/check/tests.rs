//! What checked scenarios hold: identities of draws, conversions, defaults, limits.

use crate::scenario::{
    ByState, Correlation, DriverKind, End, ProcessModel, Quantity, Scenario, Size, Source, Start, from_text,
};

const HEAD: &str = r#"
pair = { reporter = "PAK", partner = "KAZ" }
value = { unit = "USD million" }
horizon = { base = 2022, end = 2026, step = "quarter" }
"#;

const FLOWS: &str = r#"
[[flow]]
id = "exports.a"
from = "PAK"
to = "KAZ"
base = 10

[[flow]]
id = "imports.b"
from = "KAZ"
to = "PAK"
base = 10
"#;

fn checked(tables: &str, blocks: &str) -> Scenario {
    from_text(&format!("{HEAD}{tables}{FLOWS}{blocks}")).unwrap_or_else(|faults| panic!("{faults}"))
}

fn identities(scenario: &Scenario) -> Vec<&str> {
    scenario.inputs.iter().map(|input| input.identity.as_str()).collect()
}

fn names(scenario: &Scenario) -> Vec<&str> {
    scenario.inputs.iter().map(|input| input.name.as_str()).collect()
}

fn constant(quantity: &Quantity) -> f64 {
    match quantity {
        Quantity::Constant(x) => *x,
        Quantity::Drawn(used) => panic!("{} is drawn", used.place),
    }
}

const LAW: &str = "{ dist = \"uniform\", min = 0.1, max = 0.2 }";
const LAW_PER_FLOW: &str = "{ dist = \"uniform\", min = 0.1, max = 0.2, per = \"flow\" }";

#[test]
fn what_is_written_once_is_drawn_once() {
    let shared = checked(&format!("noise = {{ permanent = {{ sd = {LAW} }} }}"), "");
    assert_eq!(identities(&shared), ["noise.permanent.sd"]);
    let own = checked(&format!("noise = {{ permanent = {{ sd = {LAW_PER_FLOW} }} }}"), "");
    assert_eq!(identities(&own), ["flow.exports.a.noise.permanent.sd", "flow.imports.b.noise.permanent.sd"]);
    let defaults = checked(&format!("defaults = {{ flow = {{ trend = {LAW} }} }}"), "");
    assert_eq!(identities(&defaults), ["defaults.flow.trend"]);
    let own = checked(&format!("defaults = {{ flow = {{ trend = {LAW_PER_FLOW} }} }}"), "");
    assert_eq!(identities(&own), ["flow.exports.a.trend", "flow.imports.b.trend"]);
}

#[test]
fn exposures_are_shared_by_the_flows_of_a_pattern() {
    let driver = |law| format!("\n[[driver]]\nid = \"x\"\neffect = 0.1\nexposure = {{ \"*\" = {law} }}\n");
    assert_eq!(identities(&checked("", &driver(LAW))), ["driver.x.exposure.*"]);
    let own = checked("", &driver(LAW_PER_FLOW));
    assert_eq!(identities(&own), ["driver.x.exposure.exports.a", "driver.x.exposure.imports.b"]);
}

#[test]
fn twins_share_a_draw() {
    let scenario = checked("", &format!("\n[[driver]]\nid = \"x\"\neffect_percent = {LAW}\n"));
    assert_eq!(identities(&scenario), ["driver.x.effect"]);
    assert_eq!(names(&scenario), ["driver.x.effect_percent"]);
    let total = checked("", &format!("base_total = {LAW}\n").replace("base_total", "trend_percent"));
    assert_eq!(identities(&total), ["flow.imports.b.trend"]);
}

#[test]
fn disabled_drivers_draw_nothing_and_parameters_always_do() {
    let driver = format!("\n[[driver]]\nid = \"x\"\nenabled = false\neffect = {LAW}\nchance = \"p\"\n");
    let scenario = checked(&format!("parameters = {{ q = \"p / 2\", p = {LAW}, fixed = 2 }}"), &driver);
    assert_eq!(identities(&scenario), ["parameters.p", "parameters.q"]);
    assert!(!scenario.drivers[0].enabled);
}

#[test]
fn a_default_gives_way_to_a_rival() {
    let scenario = checked(
        "defaults = { driver = { lasts = 3, rate = 0.1 } }",
        "
[[driver]]\nid = \"a\"\neffect = 0.1\n
[[driver]]\nid = \"b\"\neffect = 0.1\nends = 2024-01-01\n",
    );
    let ends = |driver: usize| match &scenario.drivers[driver].kind {
        DriverKind::Intervention(it) => it.ends.clone(),
        _ => None,
    };
    assert!(matches!(ends(0), Some(End::Lasts(Quantity::Constant(3.0)))));
    assert!(matches!(ends(1), Some(End::When(Start::At(Quantity::Constant(1.0))))));
}

#[test]
fn units_are_converted_once() {
    let scenario = checked(
        "noise = { transitory = { half_life = 2 } }",
        "
[[driver]]\nid = \"a\"\neffect_percent = 5\nstart = \"2023-07\"\nchance = 1
[[driver]]\nid = \"b\"\neffect = \"ln(1.05)\"\nstart = \"2023 + 0.5\"\nchance = 1\n",
    );
    let of = |driver: usize| match &scenario.drivers[driver].kind {
        DriverKind::Intervention(it) => match &it.start {
            Start::At(start) => (constant(&it.effect), constant(start)),
            _ => panic!("a date"),
        },
        _ => panic!("an intervention"),
    };
    assert!((of(0).0 - of(1).0).abs() < 1e-15);
    assert_eq!((of(0).1, of(1).1), (0.5, 0.5));
    assert!((constant(&scenario.flows[0].noise.persistence) - 0.5f64.sqrt()).abs() < 1e-15);
}

#[test]
fn dates_in_parameters_are_decimal_years() {
    let scenario = checked(
        "parameters = { opening = { dist = \"uniform\", min = 2023-01-01, max = 2024-07-01 }, day = 2024-07-01 }",
        "\n[[driver]]\nid = \"a\"\neffect = 0.1\nstart = \"opening + 0.5\"\nends = \"day + 10\"\n",
    );
    let Source::Law(law) = &scenario.inputs[0].source else { panic!("a law") };
    assert_eq!(law.support(), (2023.0, 2024.5));
    let DriverKind::Intervention(it) = &scenario.drivers[0].kind else { panic!("an intervention") };
    assert!(matches!(&it.ends, Some(End::When(Start::At(Quantity::Constant(time)))) if *time == 11.5));
    // 2023.5 to 2025 is within the calendar, so no draw has to be looked at.
    assert!(matches!(&it.start, Start::At(Quantity::Drawn(used)) if used.range.is_none()));
}

#[test]
fn laws_of_dates_are_held_in_years_after_t0() {
    let scenario = checked(
        "",
        "
[[driver]]\nid = \"a\"\neffect = 0.1\nstart = { dist = \"exponential\", mean = 2 }
[[driver]]\nid = \"b\"\neffect = 0.1\nstart = { dist = \"uniform\", min = 2022, max = \"2024-04\" }\n",
    );
    let support = |input: usize| match &scenario.inputs[input].source {
        Source::Law(law) => law.support(),
        Source::Formula(_) => panic!("a law"),
    };
    assert_eq!(support(0), (0.0, f64::INFINITY));
    assert_eq!(support(1), (-1.0, 1.25));
    assert!(scenario.inputs.iter().all(|input| input.is_date));
}

#[test]
fn ranges_are_looked_at_only_where_they_can_be_left() {
    let range = |formula: &str| {
        let driver = format!("\n[[driver]]\nid = \"a\"\neffect = 0.1\nchance = \"{formula}\"\n");
        let scenario = checked(&format!("parameters = {{ p = {LAW} }}"), &driver);
        let DriverKind::Intervention(it) = &scenario.drivers[0].kind else { panic!("an intervention") };
        match &it.chance {
            Quantity::Drawn(used) => used.range,
            Quantity::Constant(_) => panic!("a draw"),
        }
    };
    assert_eq!(range("p"), None);
    assert_eq!(range("2 * p + 0.1"), None);
    assert!(range("2 * p - 0.3").is_some());
    assert_eq!(range("max(2 * p - 0.3, 0)"), None);
}

#[test]
fn growth_error_is_one_normal_draw() {
    let driver = |sd: &str| format!("\n[[driver]]\nid = \"oil\"\nkind = \"process\"\n{sd}\n");
    let fixed = checked("", &driver("growth_error_percent = 2"));
    assert_eq!(identities(&fixed), ["driver.oil.growth_error.draw"]);
    let Source::Law(law) = &fixed.inputs[0].source else { panic!("a law") };
    assert!((law.sd().unwrap() - 0.02).abs() < 1e-12);
    let drawn = checked("", &driver(&format!("growth_error = {LAW}")));
    assert_eq!(identities(&drawn)[..2], ["driver.oil.growth_error", "driver.oil.growth_error.draw"]);
    let DriverKind::Process(process) = &drawn.drivers[0].kind else { panic!("a process") };
    assert!(matches!(&process.growth_error, Quantity::Drawn(used) if used.input == 2));
    assert!(matches!(process.model, ProcessModel::Still));
}

#[test]
fn years_of_growth_are_drawn_once_each() {
    let scenario = checked(
        "",
        &format!(
            "\n[[driver]]\nid = \"oil\"\nkind = \"process\"\ngrowth = {{ 2023 = {LAW}, 1999 = {LAW}, then = {LAW} }}\n"
        ),
    );
    assert_eq!(identities(&scenario), ["driver.oil.growth.2023", "driver.oil.growth.then"]);
}

#[test]
fn laws_of_events_in_place_are_no_inputs() {
    let scenario = checked(
        &format!("parameters = {{ p = {LAW} }}"),
        &format!(
            "
[[driver]]\nid = \"a\"\nkind = \"shock\"\nrate = 0.1\nsize = {LAW}
[[driver]]\nid = \"b\"\nkind = \"shock\"\nrate = 0.1\nsize = \"p\"\n"
        ),
    );
    assert_eq!(identities(&scenario), ["parameters.p"]);
    let size = |driver: usize| match &scenario.drivers[driver].kind {
        DriverKind::Shock(shock) => matches!(shock.size, Size::EachEvent(..)),
        _ => panic!("a shock"),
    };
    assert_eq!((size(0), size(1)), (true, false));
}

#[test]
fn states_that_are_not_named_have_their_default() {
    let scenario = checked(
        "",
        "
[[driver]]\nid = \"world\"\nkind = \"regime\"\nenabled = false\nstart = \"calm\"\nrates = { calm = { war = 0.1 } }
[[driver]]\nid = \"a\"\neffect = 0.1\nstrength = { war = 0.5 }\n",
    );
    let DriverKind::Intervention(it) = &scenario.drivers[1].kind else { panic!("an intervention") };
    let ByState::Each(strength) = &it.strength else { panic!("by state") };
    assert_eq!(strength.iter().map(constant).collect::<Vec<_>>(), [1.0, 0.5]);
    assert_eq!(scenario.regime, Some(0));
    let DriverKind::Regime(regime) = &scenario.drivers[0].kind else { panic!("a regime") };
    assert_eq!(regime.step_matrix[1], [0.0, 1.0], "war has no row, so it is absorbing");
}

#[test]
fn correlation_takes_factors_where_it_can() {
    let of = |correlation: &str| checked(&format!("noise = {{ correlation = {correlation} }}"), "").correlation;
    assert!(matches!(of("{ default = 0 }"), Correlation::Independent));
    assert!(matches!(
        of("{ default = 0.3, groups = [{ flows = \"exports.*\", rho = 0.5 }] }"),
        Correlation::Factors { .. }
    ));
    let Correlation::Cholesky { lower, .. } = of("{ default = -0.5 }") else { panic!("dense") };
    assert!((lower[1][0] + 0.5).abs() < 1e-15 && (lower[1][1] - 0.75f64.sqrt()).abs() < 1e-15);
}

#[test]
fn large_inputs_are_taken_or_refused_soon() {
    let mut flows = String::from("flow = [\n");
    for i in 0..20_000 {
        flows += &format!("{{ id = \"f{i}\", from = \"PAK\", to = \"KAZ\", base = 1 }},\n");
    }
    flows += "]\n";
    let groups = "[noise]\ncorrelation = { default = -0.1, groups = [{ flows = \"*\", rho = 0.1 }] }\n";
    let faults = from_text(&format!("{HEAD}{flows}{groups}")).unwrap_err();
    assert!(faults.contains("at most 1000 flows"), "{faults}");
    assert_eq!(from_text(&format!("{HEAD}{flows}")).unwrap().flows.len(), 20_000);
    let mut parameters = String::from("[parameters]\np0 = 1\n");
    for i in 1..20_000 {
        parameters += &format!("p{i} = \"p{0} + p{0}\"\n", i - 1);
    }
    let faults = from_text(&format!("{HEAD}{parameters}{FLOWS}")).unwrap_err();
    assert!(faults.contains("is not a finite number"), "{faults}");
}
