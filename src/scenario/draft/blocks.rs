//! Blocks of flows and drivers, read with what they take from `[defaults]`.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::node::{Entry, Node, Table};

use super::{
    Cargo, Driver, Field, Flow, Given, Intervention, KINDS, Keys, Named, Process, Quantity, Raw, Regime, Shock,
    Spanned, as_table, check_required, check_rivals, check_unknown, list, own_entries, read_kind, unknown_key,
    with_defaults,
};

/// No scenario has more flows than this.
const MAX_FLOWS: usize = 100_000;

/// No scenario has more drivers than this.
const MAX_DRIVERS: usize = 10_000;

/// Reads the blocks with their defaults. Those without an id of their own are left out.
pub(crate) fn read_flows(blocks: &[Raw<Flow>], defaults: Option<&Node>, faults: &mut Vec<Diagnostic>) -> Vec<Flow> {
    let defaults = defaults.map(|node| read_flow_defaults(node, faults)).unwrap_or_default();
    if let Some(extra) = blocks.get(MAX_FLOWS) {
        faults.push(Diagnostic::error(extra.node.place.clone(), format!("there are more than {MAX_FLOWS} flows")));
    }
    let mut seen: HashMap<String, Place> = HashMap::new();
    let mut flows = Vec::new();
    for block in blocks.iter().take(MAX_FLOWS) {
        let Some(table) = as_table("flow", "a block,", &block.node, faults) else { continue };
        let given = with_defaults(table, &defaults, Flow::RIVALS);
        check_unknown::<Flow>(&given, faults);
        check_rivals(Flow::RIVALS, &given, faults);
        check_required(Flow::WHAT, Flow::REQUIRED, &block.node.place, &given, faults);
        let flow = Flow::read_keys(&block.node.place, &given, faults);
        if flow.id.as_ref().is_some_and(|id| is_new(id, "flow", &mut seen, faults)) {
            flows.push(flow);
        }
    }
    flows
}

/// Whether an id is the first of its kind; a second one is a fault.
pub(crate) fn is_new(
    id: &Field<String>,
    what: &str,
    seen: &mut HashMap<String, Place>,
    faults: &mut Vec<Diagnostic>,
) -> bool {
    match seen.insert(id.value.clone(), id.place.clone()) {
        None => true,
        Some(first) => {
            let message = format!("there are two {what}s with the id `{}`", id.value);
            faults.push(Diagnostic::error(id.place.clone(), message).label(first, "the first one"));
            false
        }
    }
}

/// `[defaults.flow]`: its faults are told even if no flow takes anything from it.
fn read_flow_defaults(node: &Node, faults: &mut Vec<Diagnostic>) -> Table {
    let Some(table) = as_table("flow", "a table of defaults,", node, faults) else { return Table::default() };
    let given = own_entries(table);
    check_unknown::<Flow>(&given, faults);
    check_rivals(Flow::RIVALS, &given, faults);
    Flow::read_keys(&node.place, &given, faults);
    check_no_id(table, faults);
    let usable = |key: &str| key != "id" && Flow::KEYS.contains(&key);
    Table { entries: table.entries.iter().filter(|entry| usable(&entry.key)).cloned().collect() }
}

/// An id belongs to one block.
pub(crate) fn check_no_id(table: &Table, faults: &mut Vec<Diagnostic>) {
    if let Some(id) = table.get("id") {
        faults.push(Diagnostic::error(id.key_place.clone(), "an `id` belongs to one block and cannot be a default"));
    }
}

/// A driver as written, what all kinds share apart.
pub(crate) struct Block {
    pub(crate) id: Field<String>,
    pub(crate) title: Option<String>,
    pub(crate) is_enabled: bool,
    pub(crate) when: Option<Field<Named<Spanned<String>>>>,
    pub(crate) exposure: Option<Field<Named<Quantity>>>,
    pub(crate) kind: Kind,
    pub(crate) place: Place,
}

/// The keys of its kind.
pub(crate) enum Kind {
    Intervention(Box<Intervention>),
    Regime(Box<Regime>),
    Process(Box<Process>),
    Shock(Box<Shock>),
    Cargo(Box<Cargo>),
}

/// Reads the blocks with their defaults. Those without an id of their own are left out.
pub(crate) fn read_drivers(nodes: &[Raw<Driver>], defaults: Option<&Node>, faults: &mut Vec<Diagnostic>) -> Vec<Block> {
    let defaults = defaults.map(|node| read_driver_defaults(node, faults)).unwrap_or_default();
    if let Some(extra) = nodes.get(MAX_DRIVERS) {
        faults.push(Diagnostic::error(extra.node.place.clone(), format!("there are more than {MAX_DRIVERS} drivers")));
    }
    let mut seen = HashMap::new();
    let blocks = nodes.iter().take(MAX_DRIVERS).filter_map(|raw| {
        let table = as_table("driver", "a block,", &raw.node, faults)?;
        let block = read_block(table, &defaults, &raw.node.place, faults)?;
        is_new(&block.id, "driver", &mut seen, faults).then_some(block)
    });
    blocks.collect()
}

/// `[defaults.driver]`: each key must belong to some kind.
fn read_driver_defaults(node: &Node, faults: &mut Vec<Diagnostic>) -> Table {
    let Some(table) = as_table("driver", "a table of defaults,", node, faults) else { return Table::default() };
    check_no_id(table, faults);
    let mut all: Vec<&str> = KINDS.iter().flat_map(|(_, keys)| keys.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    for entry in table.entries.iter().filter(|entry| !all.contains(&entry.key.as_str())) {
        faults.push(unknown_key(entry, "a driver", &all));
    }
    let usable = |key: &str| key != "id" && all.contains(&key);
    Table { entries: table.entries.iter().filter(|entry| usable(&entry.key)).cloned().collect() }
}

fn read_block(table: &Table, defaults: &Table, place: &Place, faults: &mut Vec<Diagnostic>) -> Option<Block> {
    let named = table.get("kind").or(defaults.get("kind"));
    let kind = match named {
        Some(entry) => read_kind(&entry.node, faults)?,
        None => "intervention",
    };
    let reader = BlockReader { table, defaults, place, kind };
    /// Takes the keys that all kinds have out of one kind's table; a regime has no `when`, a cargo no `exposure`.
    macro_rules! block {
        ($kind:ident, $when:expr, $exposure:expr) => {{
            let keys: $kind = reader.read(faults);
            Some(Block {
                id: keys.id.clone()?,
                title: keys.title.as_ref().map(|title| title.value.clone()),
                is_enabled: keys.enabled.as_ref().is_none_or(|enabled| enabled.value),
                when: $when(&keys),
                exposure: $exposure(&keys),
                kind: Kind::$kind(Box::new(keys)),
                place: place.clone(),
            })
        }};
    }
    match kind {
        "intervention" => {
            block!(Intervention, |k: &Intervention| k.when.clone(), |k: &Intervention| k.exposure.clone())
        }
        "regime" => block!(Regime, |_: &Regime| None, |k: &Regime| k.exposure.clone()),
        "process" => block!(Process, |k: &Process| k.when.clone(), |k: &Process| k.exposure.clone()),
        "shock" => block!(Shock, |k: &Shock| k.when.clone(), |k: &Shock| k.exposure.clone()),
        _ => block!(Cargo, |k: &Cargo| k.when.clone(), |_: &Cargo| None),
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
        let given: Vec<Given<'_>> = with_defaults(self.table, &defaults, T::RIVALS);
        for given in given.iter().filter(|given| !T::KEYS.contains(&given.entry.key.as_str())) {
            faults.push(self.unknown_key::<T>(given.entry));
        }
        check_rivals(T::RIVALS, &given, faults);
        check_required(T::WHAT, T::REQUIRED, self.place, &given, faults);
        T::read_keys(self.place, &given, faults)
    }

    /// A key may belong to another kind than the one the block has.
    fn unknown_key<T: Keys>(&self, entry: &Entry) -> Diagnostic {
        let owners: Vec<&str> =
            KINDS.iter().filter(|(_, keys)| keys.contains(&entry.key.as_str())).map(|(kind, _)| *kind).collect();
        if owners.is_empty() {
            return unknown_key(entry, T::WHAT, T::KEYS);
        }
        let message =
            format!("`{}` is a key of the kind {}, and this driver is {}", entry.key, either(&owners), T::WHAT);
        let fault = Diagnostic::error(entry.key_place.clone(), message);
        match self.table.get("kind") {
            None if self.kind == "intervention" => {
                fault.hint(format!("without `kind` a driver is an intervention; add `kind = \"{}\"`", owners[0]))
            }
            _ => fault.hint(format!("the keys of {} are {}", T::WHAT, list(T::KEYS))),
        }
    }
}

fn either(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
}
