//! The scenarios that come with the project: nothing is said against them, and they say what their pages say.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use tradewinds::diagnostic::{Sources, render};
use tradewinds::projection::{Distribution, Projection};
use tradewinds::scenario::{Scenario, load};
use tradewinds::simulate::{RunOptions, Watch, run};

const FAMILY: &str = "scenarios/pakistan-kazakhstan";

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// The scenario of a file about which nothing is said.
fn sound(file: &Path) -> Scenario {
    let mut sources = Sources::default();
    let loaded = load(file, &|path| fs::read(path), &mut sources);
    let said = render(&loaded.diagnostics, &sources, false);
    assert!(said.is_empty(), "{said}");
    loaded.scenario.unwrap()
}

/// A run with seed 1 of 20,000 trials.
fn project(scenario: &Scenario) -> Projection {
    let options = RunOptions { trials: 20_000, ..RunOptions::default() };
    run(scenario, &options, Watch { progress: &|_| (), stop: &AtomicBool::new(false) }).unwrap()
}

fn of_family(id: &str) -> Projection {
    project(&sound(&Path::new(env!("CARGO_MANIFEST_DIR")).join(FAMILY).join(format!("{id}.toml"))))
}

fn total(projection: &Projection, year: i32) -> &Distribution {
    let measure = projection.measures.iter().find(|measure| measure.id == "total").unwrap();
    let period = projection.periods.iter().position(|period| period.year == year).unwrap();
    &measure.periods[period]
}

#[test]
fn all_are_sound_point_to_the_schema_and_run() {
    let all = [files(FAMILY), files("scenarios/tutorial")].concat();
    assert_eq!(all.len(), 12);
    for file in all {
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.starts_with("#:schema ../scenario.schema.json\n"), "{}", file.display());
        let projection = project(&sound(&file));
        let last = projection.periods.last().unwrap().year;
        assert!(total(&projection, last).mean.value > 0.0, "{}", file.display());
    }
}

/// Where economists would expect ln(total / 163) at 5 and 95 %: the page beside the scenarios gives the bands and how
/// near their edges the baseline lies. The standard error of these quantiles is .01 at 20,000 trials, and the nearest
/// edge is .007 away: a band counts as kept within 4 standard errors.
#[test]
fn the_baseline_lies_in_the_sanity_bands() {
    let baseline = of_family("baseline");
    let bands = [(2023, [-1.1, -0.5], [0.55, 0.9]), (2027, [-2.0, -1.1], [1.1, 1.6]), (2032, [-2.2, -1.3], [1.5, 2.3])];
    for (year, low, high) in bands {
        let law = total(&baseline, year);
        for (level, band) in [(0.05, low), (0.95, high)] {
            let at = (law.quantile(level) / 163.0).ln();
            assert!(band[0] - 0.04 <= at && at <= band[1] + 0.04, "{year}, {level}: {at}");
        }
    }
}

/// The same draws lie behind all of them, so the order holds far beyond the noise of either.
#[test]
fn the_variants_move_the_median_the_way_they_say() {
    let median = |id: &str| total(&of_family(id), 2032).quantile(0.5);
    let baseline = median("baseline");
    assert!(median("no-flights") < baseline);
    assert!(median("no-mou") < baseline);
    assert!(median("instability") < 0.9 * baseline);
    assert!(median("afghan-peace") > 1.05 * baseline);
    assert!(median("connectivity") > median("afghan-peace"));
}
