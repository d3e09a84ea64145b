//! Drivers of all kinds: reading blocks as the kind they name, and what kinds have in common.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::draft::{self, Field, Given, Keys, Named, Spanned};
use crate::scenario::node::{Entry, Node, Table};
use crate::scenario::{Driver, DriverKind, Quantity};

use super::context::{Context, Owner};
use super::flow_index::longest_match;
use super::flows::{check_no_id, is_new};
use super::{events, intervention, process, range, regime};

/// No scenario has more drivers than this.
const MAX_DRIVERS: usize = 10_000;

/// No scenario has more exposures, flows times drivers, than this.
const MAX_EXPOSURES: usize = 4_000_000;

/// A driver as written, what all kinds share apart.
pub(super) struct Block {
    pub(super) id: Field<String>,
    title: Option<String>,
    pub(super) is_enabled: bool,
    when: Option<Field<Named<Spanned<String>>>>,
    exposure: Option<Field<Named<draft::Quantity>>>,
    pub(super) kind: Kind,
    place: Place,
}

/// The keys of its kind.
pub(super) enum Kind {
    Intervention(draft::Intervention),
    Regime(draft::Regime),
    Process(draft::Process),
    Shock(draft::Shock),
    Cargo(draft::Cargo),
}

/// Reads the blocks with their defaults. Those without an id of their own are left out.
pub(super) fn read(
    nodes: &[draft::Raw<draft::Driver>],
    defaults: Option<&Node>,
    faults: &mut Vec<Diagnostic>,
) -> Vec<Block> {
    let defaults = defaults.map(|node| read_defaults(node, faults)).unwrap_or_default();
    if let Some(extra) = nodes.get(MAX_DRIVERS) {
        faults.push(Diagnostic::error(extra.node.place.clone(), format!("there are more than {MAX_DRIVERS} drivers")));
    }
    let mut seen = HashMap::new();
    let blocks = nodes.iter().take(MAX_DRIVERS).filter_map(|raw| {
        let table = draft::as_table("driver", "a block,", &raw.node, faults)?;
        let block = read_block(table, &defaults, &raw.node.place, faults)?;
        is_new(&block.id, "driver", &mut seen, faults).then_some(block)
    });
    blocks.collect()
}

/// `[defaults.driver]`: each key must belong to some kind.
fn read_defaults(node: &Node, faults: &mut Vec<Diagnostic>) -> Table {
    let Some(table) = draft::as_table("driver", "a table of defaults,", node, faults) else { return Table::default() };
    check_no_id(table, faults);
    let mut all: Vec<&str> = draft::KINDS.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    for entry in table.entries.iter().filter(|entry| !all.contains(&entry.key.as_str())) {
        faults.push(draft::unknown_key(entry, "a driver", &all));
    }
    let usable = |key: &str| key != "id" && all.contains(&key);
    Table { entries: table.entries.iter().filter(|entry| usable(&entry.key)).cloned().collect() }
}

fn read_block(table: &Table, defaults: &Table, place: &Place, faults: &mut Vec<Diagnostic>) -> Option<Block> {
    let named = table.get("kind").or(defaults.get("kind"));
    let kind = match named {
        Some(entry) => draft::read_kind(&entry.node, faults)?,
        None => "intervention",
    };
    let reader = BlockReader { table, defaults, place, kind };
    /// Takes the keys that all kinds have out of one kind's table; a regime has no `when`, a cargo no `exposure`.
    macro_rules! block {
        ($kind:ident, $when:expr, $exposure:expr) => {{
            let keys: draft::$kind = reader.read(faults);
            Some(Block {
                id: keys.id.clone()?,
                title: keys.title.as_ref().map(|title| title.value.clone()),
                is_enabled: keys.enabled.as_ref().is_none_or(|enabled| enabled.value),
                when: $when(&keys),
                exposure: $exposure(&keys),
                kind: Kind::$kind(keys),
                place: place.clone(),
            })
        }};
    }
    match kind {
        "intervention" => block!(Intervention, |k: &draft::Intervention| k.when.clone(), |k: &draft::Intervention| k.exposure.clone()),
        "regime" => block!(Regime, |_: &draft::Regime| None, |k: &draft::Regime| k.exposure.clone()),
        "process" => block!(Process, |k: &draft::Process| k.when.clone(), |k: &draft::Process| k.exposure.clone()),
        "shock" => block!(Shock, |k: &draft::Shock| k.when.clone(), |k: &draft::Shock| k.exposure.clone()),
        _ => block!(Cargo, |k: &draft::Cargo| k.when.clone(), |_: &draft::Cargo| None),
    }
}

struct BlockReader<'a> {
    table: &'a Table,
    defaults: &'a Table,
    place: &'a Place,
    kind: &'static str,
}

impl BlockReader<'_> {
    fn read<T: Keys>(&self, faults: &mut Vec<Diagnostic>) -> T {
        // Defaults of other kinds are passed over.
        let defaults = self.defaults.entries.iter().filter(|entry| T::KEYS.contains(&entry.key.as_str()));
        let defaults = Table { entries: defaults.cloned().collect() };
        let given: Vec<Given<'_>> = draft::with_defaults(self.table, &defaults, T::RIVALS);
        for given in given.iter().filter(|given| !T::KEYS.contains(&given.entry.key.as_str())) {
            faults.push(self.unknown_key::<T>(given.entry));
        }
        draft::check_rivals(T::RIVALS, &given, faults);
        draft::check_required(T::WHAT, T::REQUIRED, self.place, &given, faults);
        T::read_keys(self.place, &given, faults)
    }

    /// A key may belong to another kind than the one the block has.
    fn unknown_key<T: Keys>(&self, entry: &Entry) -> Diagnostic {
        let owners: Vec<&str> =
            draft::KINDS.iter().filter(|(_, keys)| keys.contains(&entry.key.as_str())).map(|(kind, _)| *kind).collect();
        if owners.is_empty() {
            return draft::unknown_key(entry, T::WHAT, T::KEYS);
        }
        let message = format!("`{}` is a key of the kind {}, and this driver is {}", entry.key, either(&owners), T::WHAT);
        let fault = Diagnostic::error(entry.key_place.clone(), message);
        match self.table.get("kind") {
            None if self.kind == "intervention" => {
                fault.hint(format!("without `kind` a driver is an intervention; add `kind = \"{}\"`", owners[0]))
            }
            _ => fault.hint(format!("the keys of {} are {}", T::WHAT, draft::list(T::KEYS))),
        }
    }
}

fn either(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}

/// All drivers in the file's order.
pub(super) fn check(context: &mut Context, blocks: &[Block]) -> Vec<Driver> {
    if let Some(last) = blocks.last().filter(|_| blocks.len() * context.flows.len() > MAX_EXPOSURES) {
        let message = format!(
            "{} drivers on {} flows are more than {MAX_EXPOSURES} exposures",
            blocks.len(),
            context.flows.len()
        );
        context.error(&last.place, message);
        return Vec::new();
    }
    let index: HashMap<&str, usize> =
        blocks.iter().enumerate().map(|(driver, block)| (block.id.value.as_str(), driver)).collect();
    let drivers = blocks
        .iter()
        .map(|block| {
            // What takes no part is checked but draws nothing.
            context.inputs.is_muted = !block.is_enabled;
            let driver = check_block(context, block, blocks, &index);
            context.inputs.is_muted = false;
            driver
        })
        .collect();
    intervention::check_chains(context, blocks, &index);
    drivers
}

fn check_block(context: &mut Context, block: &Block, blocks: &[Block], index: &HashMap<&str, usize>) -> Driver {
    context.check_id(&block.id.value, &block.id.place);
    let owner = Owner::driver(&block.id.value);
    let kind = match &block.kind {
        Kind::Intervention(keys) => {
            DriverKind::Intervention(intervention::check(context, keys, &owner, blocks, index))
        }
        Kind::Regime(keys) => DriverKind::Regime(regime::check(context, keys, &owner)),
        Kind::Process(keys) => DriverKind::Process(process::check(context, keys, &owner)),
        Kind::Shock(keys) => DriverKind::Shock(events::check_shock(context, keys, &owner)),
        Kind::Cargo(keys) => DriverKind::Cargo(events::check_cargo(context, keys, &owner)),
    };
    Driver {
        id: block.id.value.clone(),
        title: block.title.clone(),
        enabled: block.is_enabled,
        when: when(context, block),
        exposure: if matches!(block.kind, Kind::Cargo(_)) { Vec::new() } else { exposure(context, block, &owner) },
        kind,
    }
}

fn when(context: &mut Context, block: &Block) -> Vec<(usize, usize)> {
    let entries = block.when.as_ref().map_or(&[][..], |field| &field.value.0);
    let mut conditions = Vec::new();
    for entry in entries {
        let Some(choice) = context.choices.iter().position(|(id, _)| *id == entry.name) else {
            let known = context.choices.iter().map(|(id, _)| id.as_str());
            let fault = Diagnostic::error(entry.key.clone(), format!("there is no choice `{}`", entry.name));
            let fault = fault.did_you_mean(&entry.name, known);
            context.faults.push(fault);
            continue;
        };
        let options = &context.choices[choice].1;
        match options.iter().position(|option| *option == entry.value.value) {
            Some(option) => conditions.push((choice, option)),
            None => {
                let known: Vec<&str> = options.iter().map(String::as_str).collect();
                let message = format!("the choice `{}` has no option `{}`", entry.name, entry.value.value);
                let fault = Diagnostic::error(entry.value.place.clone(), message)
                    .did_you_mean(&entry.value.value, known.iter().copied())
                    .hint(format!("its options are {}", draft::list(&known)));
                context.faults.push(fault);
            }
        }
    }
    conditions
}

/// The exposure of each flow: 1 without a table, else that of the longest pattern that matches, or 0.
fn exposure(context: &mut Context, block: &Block, owner: &Owner) -> Vec<Quantity> {
    let n_flows = context.flows.len();
    let Some(field) = &block.exposure else { return vec![Quantity::Constant(1.0); n_flows] };
    let mut patterns = HashMap::new();
    for entry in &field.value.0 {
        context.flows.check_pattern(&entry.name, &entry.key, &mut context.faults);
        patterns.insert(entry.name.as_str(), entry);
    }
    let site = owner.site(field.shared, "exposure", range::ANY);
    (0..n_flows)
        .map(|flow| {
            let id = context.flows.ids[flow].clone();
            let Some(entry) = longest_match(&patterns, &id) else { return Quantity::Constant(0.0) };
            let of_flow = format!("{}.exposure.{id}", owner.own);
            let mut site = site.at(&entry.name);
            site.of_flow = Some((of_flow.clone(), of_flow));
            context.quantity(&entry.value, &site)
        })
        .collect()
}
