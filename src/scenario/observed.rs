//! `[history]`: from what it says to observations.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Quantity, Scenario};
use crate::diagnostic::{Diagnostic, Place, Severity, Sources};
use crate::history::{self, History, Layout, Observation, Products, Series, Unit};

/// What a scenario says of observed trade.
#[derive(Clone, Debug)]
pub struct HistorySpec {
    /// The table as written.
    pub(crate) file: String,
    /// Where the reader of files finds it.
    pub(crate) path: PathBuf,
    /// Where it is named.
    pub(crate) place: Place,
    pub(crate) layout: Layout,
    /// That of the scenario's values.
    pub(crate) unit: Unit,
    pub(crate) observables: Vec<Observable>,
    pub(crate) reporters: Vec<Reporter>,
}

/// Flows whose sum is observed, and by which series of the table.
#[derive(Clone, Debug)]
pub(crate) struct Observable {
    /// The key of `flows`, or what stands for it.
    pub(crate) name: String,
    /// Where it is written.
    pub(crate) place: Option<Place>,
    /// Flow indices in the file's order.
    pub(crate) flows: Vec<usize>,
    /// From and to of the series that are summed.
    pub(crate) pairs: Vec<(String, String)>,
    /// Products that are summed; all if there are none.
    pub(crate) products: Vec<String>,
    /// Reporters that are taken; all if there are none.
    pub(crate) reporters: Vec<String>,
}

/// How far a reporter's statistics are from the truth.
#[derive(Clone, Debug)]
pub(crate) struct Reporter {
    /// `*` for those not named.
    pub(crate) name: String,
    pub(crate) bias: Quantity,
    pub(crate) error: Option<Quantity>,
}

/// Observed trade of a scenario.
#[derive(Debug)]
pub struct Observed {
    /// In the order of `flows`, then of reporters.
    pub series: Vec<ObservedSeries>,
    /// Faults of the table and of what it was asked for.
    pub diagnostics: Vec<Diagnostic>,
}

/// Annual totals of a sum of flows, as one reporter states them.
#[derive(Clone, Debug)]
pub struct ObservedSeries {
    /// The flow or measure that is observed, as the scenario names it.
    pub name: String,
    /// The flows whose sum it is, by index.
    pub flows: Vec<usize>,
    /// Whose statistics they are; empty if the table does not say.
    pub reporter: String,
    /// Log points by which the reporter states too much: `ln observed = ln true + bias + error * e`, `e` standard
    /// normal.
    pub bias: Quantity,
    /// Standard deviation of the reporter's error in log points; none if the scenario does not say.
    pub error: Option<Quantity>,
    /// Calendar-year totals in the scenario's `value.unit`, in the order of years, none that was not known: see
    /// [`observe`]. Zeros are kept; a year without observation is a gap.
    pub observations: Vec<Observation>,
}

/// What one reporter states of a flow or measure: as much of an [`ObservedSeries`] as is shown beside a projection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// The flow or measure, as the scenario names it.
    pub name: String,
    /// Whose statistics they are; empty if the table does not say.
    pub reporter: String,
    /// Calendar years with their totals in the scenario's `value.unit`.
    pub totals: Vec<(i32, f64)>,
}

impl ObservedSeries {
    /// What it states.
    pub fn statement(&self) -> Statement {
        let totals = self.observations.iter().map(|it| (it.year, it.value)).collect();
        Statement { name: self.name.clone(), reporter: self.reporter.clone(), totals }
    }
}

impl HistorySpec {
    /// The table as the scenario names it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Names of what is observed: flows and measures.
    pub fn observed(&self) -> impl Iterator<Item = &str> {
        self.observables.iter().map(|it| it.name.as_str())
    }

    /// The layout that the table is read by, where `products` are kept or summed.
    fn layout(&self, products: Products) -> Layout {
        let is_asked = |it: &&Observable| it.products.is_empty() == (products == Products::Sum);
        let pairs = self.observables.iter().filter(is_asked).flat_map(|it| &it.pairs);
        let mut flows: Vec<_> = pairs.map(|(from, to)| (Some(from.clone()), Some(to.clone()))).collect();
        flows.sort();
        flows.dedup();
        // What is asked for by name is no group that slipped in.
        Layout { products, flows, groups: true, ..self.layout.clone() }
    }
}

/// Reads the observed trade of a scenario that has `[history]`; one without has no series. `read` fetches the bytes of
/// a file, as for [`load`](super::load). Lines with faults are added to `sources`.
///
/// Years after the base year are not used, unless they ended before the year of `as_of`: the scenario is to be judged
/// by what was known.
pub fn observe(scenario: &Scenario, read: &dyn Fn(&Path) -> io::Result<Vec<u8>>, sources: &mut Sources) -> Observed {
    let mut observed = Observed { series: Vec::new(), diagnostics: Vec::new() };
    let Some(spec) = &scenario.history else { return observed };
    let bytes = match read(&spec.path) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = match error.kind() {
                io::ErrorKind::NotFound => format!("there is no file `{}`", spec.path.display()),
                _ => format!("cannot read `{}`: {error}", spec.path.display()),
            };
            observed.diagnostics.push(Diagnostic::error(spec.place.clone(), message));
            return observed;
        }
    };
    let name = spec.path.display().to_string();
    let mut read_with = |products| {
        let layout = spec.layout(products);
        if layout.flows.is_empty() {
            return History::default();
        }
        let reading = history::read_named(&name, &bytes[..], &layout, sources);
        observed.diagnostics.extend(reading.diagnostics);
        reading.history
    };
    let tables = [read_with(Products::Sum), read_with(Products::Each)];
    let of_others =
        tables.iter().find(|table| !table.series.is_empty() && table.about.currency != spec.unit.currency());
    if let Some(table) = of_others {
        observed.diagnostics.push(other_currency(spec, table.about.currency));
    }
    if observed.diagnostics.iter().any(|fault| fault.severity == Severity::Error) {
        return observed;
    }
    for observable in &spec.observables {
        let table = &tables[usize::from(!observable.products.is_empty())];
        let found = select(scenario, spec, observable, table);
        if found.is_empty() {
            observed.diagnostics.push(nothing_found(scenario, spec, observable, &tables));
        }
        observed.series.extend(found);
    }
    observed
}

/// The series that observe some flows, one for each reporter.
fn select(scenario: &Scenario, spec: &HistorySpec, observable: &Observable, table: &History) -> Vec<ObservedSeries> {
    let mut by_reporter: BTreeMap<&str, Vec<&Series>> = BTreeMap::new();
    for series in table.series.iter().filter(|series| is_asked(observable, series)) {
        by_reporter.entry(&series.reporter).or_default().push(series);
    }
    let last = last_known_year(scenario);
    let scale = 1.0 / spec.unit.in_millions;
    let sums = by_reporter.into_iter().map(|(reporter, series)| {
        let mut observations = sum(observable, &series);
        observations.retain(|it| it.year <= last);
        observations.iter_mut().for_each(|it| it.value *= scale);
        let stated = |name: &str| spec.reporters.iter().find(|it| it.name == name);
        let stated = stated(reporter).or_else(|| stated("*"));
        ObservedSeries {
            name: observable.name.clone(),
            flows: observable.flows.clone(),
            reporter: reporter.to_owned(),
            bias: stated.map_or(Quantity::Constant(0.0), |it| it.bias.clone()),
            error: stated.and_then(|it| it.error.clone()),
            observations,
        }
    });
    sums.filter(|it| !it.observations.is_empty()).collect()
}

fn is_asked(observable: &Observable, series: &Series) -> bool {
    let is_in = |list: &[String], text: &String| list.is_empty() || list.contains(text);
    observable.pairs.iter().any(|(from, to)| (from, to) == (&series.from, &series.to))
        && is_in(&observable.products, &series.product)
        && is_in(&observable.reporters, &series.reporter)
}

/// A year's sum, and between whom it goes so far.
struct Sum<'a> {
    pairs: Vec<(&'a str, &'a str)>,
    observation: Observation,
}

/// The sum over pairs in years that have all of them. Products that a year lacks were not traded: customs tables leave
/// them out.
fn sum(observable: &Observable, series: &[&Series]) -> Vec<Observation> {
    let mut years: BTreeMap<i32, Sum<'_>> = BTreeMap::new();
    for one in series {
        for it in &one.observations {
            let sum = years
                .entry(it.year)
                .or_insert_with(|| Sum { pairs: Vec::new(), observation: Observation { value: 0.0, ..*it } });
            sum.observation.value += it.value;
            let pair = (one.from.as_str(), one.to.as_str());
            if !sum.pairs.contains(&pair) {
                sum.pairs.push(pair);
            }
        }
    }
    let whole = years.into_values().filter(|sum| sum.pairs.len() == observable.pairs.len());
    whole.map(|sum| sum.observation).collect()
}

fn other_currency(spec: &HistorySpec, found: &str) -> Diagnostic {
    let message = format!("`{}` is in {found} and the scenario in {}", spec.file, spec.unit.currency());
    let hint = "nothing is converted between currencies: convert the table, or count the scenario in its currency";
    Diagnostic::error(spec.place.clone(), message).hint(hint)
}

/// The base year, or the year before that of `as_of` if it is later.
fn last_known_year(scenario: &Scenario) -> i32 {
    let year_of = |date: &String| date.get(..4)?.parse::<i32>().ok();
    let before = scenario.as_of.as_ref().and_then(year_of).map(|year| year - 1);
    before.map_or(scenario.horizon.base, |year| year.max(scenario.horizon.base))
}

fn nothing_found(
    scenario: &Scenario,
    spec: &HistorySpec,
    observable: &Observable,
    tables: &[History; 2],
) -> Diagnostic {
    let place = observable.place.clone().unwrap_or_else(|| spec.place.clone());
    let until = match last_known_year(scenario) {
        last if last == scenario.horizon.base => "the base year".to_owned(),
        last => format!("{last}, the last year before `as_of`"),
    };
    let message = format!("`{}` has no observation of `{}` up to {until}", spec.file, observable.name);
    let pairs: Vec<String> = observable.pairs.iter().map(|(from, to)| format!("`{from}` to `{to}`")).collect();
    let fault = Diagnostic::error(place, message).hint(format!("looked for {}", pairs.join(", ")));
    let mut reporters: Vec<&str> =
        tables.iter().flat_map(|table| &table.series).map(|series| series.reporter.as_str()).collect();
    reporters.sort_unstable();
    reporters.dedup();
    match observable.reporters.is_empty() || reporters.is_empty() {
        true => fault.hint(format!("`tradewinds history {}` shows what it has", spec.file)),
        false => fault.hint(format!("its reporters are {}", reporters.join(", "))),
    }
}
