//! One scenario file laid over another.
//!
//! Tables merge key by key and blocks such as `[[flow]]` by their `id`; what only makes sense as a whole is replaced
//! whole. Places stay those of the files that things came from, so the result knows who set what; a merged table or
//! block and its `id` keep the place in the base file.

use std::collections::HashMap;

use super::node::{Entry, Node, Table, Value};
use crate::diagnostic::{Diagnostic, Place, Severity, nearest};

/// Arrays of tables that merge by `id`.
const BLOCKS: [&str; 5] = ["flow", "driver", "measure", "target", "choice"];

/// Top-level keys that say something of one file only.
const NOT_INHERITED: [&str; 3] = ["id", "title", "extends"];

/// Keys whose tables are replaced whole.
const WHOLE: [&str; 9] =
    ["phase_in", "start", "ends", "shape", "model", "rates", "transition", "correlation", "options"];

/// Tables whose keys an author makes up, so that none of them means anything to the overlay.
const NAMING: [&str; 6] = ["parameters", "exposure", "when", "columns", "flows", "reporters"];

/// Keys whose table, if it is not a law, has states or years as keys.
const BY_STATE: [&str; 9] =
    ["strength", "growth", "growth_percent", "level", "level_percent", "volatility", "rate", "off_rate", "on_rate"];

/// Pairs of keys that say the same thing in two ways.
const RIVALS: [(&str, &str); 13] = [
    ("effect", "effect_percent"),
    ("trend", "trend_percent"),
    ("growth", "growth_percent"),
    ("growth_error", "growth_error_percent"),
    ("gap", "gap_percent"),
    ("level", "level_percent"),
    ("size", "size_percent"),
    ("base", "base_total"),
    ("ends", "lasts"),
    ("persistence", "half_life"),
    ("rates", "transition"),
    ("at_least", "at_most"),
    ("by", "in"),
];

/// A block of an overlay whose `id` the base has not.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NewBlock {
    /// The key of its array: `flow`.
    kind: String,
    id: String,
    /// Of the block itself.
    place: Place,
    /// Of the text of its `id`.
    id_place: Place,
}

/// The key that may not stand beside this one in a table of fixed keys.
pub(crate) fn rival(key: &str) -> Option<&'static str> {
    RIVALS.iter().find_map(|&(a, b)| match key {
        _ if key == a => Some(b),
        _ if key == b => Some(a),
        _ => None,
    })
}

/// Whether the table under a key is one thing, a law or another that is replaced whole.
pub(crate) fn is_whole(key: &str, table: &Table) -> bool {
    WHOLE.contains(&key) || table.get("dist").is_some() && !NAMING.contains(&key)
}

/// The file at the end of a chain, which inherits nothing: any `unset` in it is a fault.
pub(crate) fn lowest(mut root: Node, faults: &mut Vec<Diagnostic>) -> Node {
    refuse_unset(&mut root, faults);
    root
}

/// Lays `over` on `base`, a scenario that is already put together. Faults of `unset` are added to `faults`, blocks that
/// the base has not to `new_blocks`.
pub(crate) fn overlay(base: Node, over: Node, faults: &mut Vec<Diagnostic>, new_blocks: &mut Vec<NewBlock>) -> Node {
    match (base.value, over.value) {
        (Value::Table(mut inherited), Value::Table(own)) => {
            inherited.entries.retain(|entry| !NOT_INHERITED.contains(&entry.key.as_str()));
            let table = Merge { faults, new_blocks }.tables(inherited, own, Keys::TopLevel);
            Node { value: Value::Table(table), place: over.place }
        }
        (_, value) => Node { value, place: over.place },
    }
}

/// Adds to errors about a new block that it is new, since its `id` may be a slip for another in `root`.
pub(crate) fn hint_at_new_blocks(faults: &mut [Diagnostic], new_blocks: &[NewBlock], root: &Node) {
    for fault in faults.iter_mut().filter(|fault| fault.severity == Severity::Error) {
        let Some((place, _)) = fault.labels.first() else { continue };
        if let Some(block) = new_blocks.iter().find(|block| block.place == *place || block.id_place == *place) {
            fault.hints.push(new_block_hint(block, new_blocks, root));
        }
    }
}

fn new_block_hint(block: &NewBlock, new_blocks: &[NewBlock], root: &Node) -> String {
    let NewBlock { kind, id, .. } = block;
    let is_new = |place: &Place| new_blocks.iter().any(|block| block.id_place == *place);
    let blocks = match &root.value {
        Value::Table(table) => table.get(kind).map(|entry| &entry.node.value),
        _ => None,
    };
    let Some(Value::Array(blocks)) = blocks else { return String::new() };
    let base_ids = blocks.iter().filter_map(id_of).filter(|(_, place)| !is_new(place)).map(|(id, _)| id.as_str());
    match nearest(id, base_ids) {
        Some(near) => format!("the base scenario has no {kind} `{id}`; did you mean `{near}`?"),
        None => format!("the base scenario has no {kind} `{id}`, so this is a new one and must be complete"),
    }
}

/// What the keys of a table are.
#[derive(Clone, Copy, PartialEq)]
enum Keys {
    /// Those of a whole scenario.
    TopLevel,
    /// Fixed by the format.
    Fields,
    /// Names of parameters, flows, choices, states or years.
    Names,
}

impl Keys {
    /// What the keys of the table under `key` are.
    fn under(self, key: &str) -> Keys {
        let is_named = NAMING.contains(&key) || BY_STATE.contains(&key);
        if self == Keys::Names || is_named { Keys::Names } else { Keys::Fields }
    }

    /// Whether the tables under `key` are not to be merged.
    fn replaces_whole(self, key: &str, tables: [&Table; 2]) -> bool {
        self == Keys::Names || tables.iter().any(|table| is_whole(key, table))
    }
}

struct Merge<'a> {
    faults: &'a mut Vec<Diagnostic>,
    new_blocks: &'a mut Vec<NewBlock>,
}

impl Merge<'_> {
    fn tables(&mut self, mut base: Table, mut over: Table, keys: Keys) -> Table {
        self.unset(&mut base, &mut over, keys);
        if keys != Keys::Names {
            base.entries.retain(|entry| rival(&entry.key).is_none_or(|rival| over.get(rival).is_none()));
        }
        for new in over.entries {
            match base.entries.iter().position(|entry| entry.key == new.key) {
                Some(at) => {
                    let old = base.entries.remove(at);
                    base.entries.insert(at, self.entries(old, new, keys));
                }
                None => base.entries.push(self.adopted(new)),
            }
        }
        base
    }

    fn entries(&mut self, old: Entry, new: Entry, keys: Keys) -> Entry {
        let is_block = keys == Keys::TopLevel && BLOCKS.contains(&new.key.as_str());
        let Entry { key, key_place, node: Node { value: old_value, place } } = old;
        let value = match (old_value, new.node.value) {
            (Value::Array(base), Value::Array(over)) if is_block => Value::Array(self.blocks(&key, base, over)),
            (Value::Table(base), Value::Table(over)) if !keys.replaces_whole(&key, [&base, &over]) => {
                Value::Table(self.tables(base, over, keys.under(&key)))
            }
            (_, value) => return self.adopted(Entry { node: Node { value, ..new.node }, ..new }),
        };
        Entry { key, key_place, node: Node { value, place } }
    }

    fn blocks(&mut self, kind: &str, mut blocks: Vec<Node>, over: Vec<Node>) -> Vec<Node> {
        let mut index_of = HashMap::new();
        for (index, block) in blocks.iter().enumerate() {
            if let Some((id, _)) = id_of(block) {
                index_of.entry(id.clone()).or_insert(index);
            }
        }
        let mut seen: HashMap<String, Place> = HashMap::new();
        for new in over {
            let Some((id, place)) = id_of(&new).map(|(id, place)| (id.clone(), place.clone())) else {
                blocks.push(self.adopted_node(new));
                continue;
            };
            if let Some(first) = seen.get(&id) {
                let fault = Diagnostic::error(place, format!("{kind} `{id}` stands twice in one file"));
                self.faults.push(fault.label(first.clone(), "first here"));
                continue;
            }
            seen.insert(id.clone(), place.clone());
            match index_of.get(&id) {
                Some(&index) => self.block(&mut blocks[index], new),
                None => {
                    let (kind, place, id_place) = (kind.to_string(), new.place.clone(), place);
                    self.new_blocks.push(NewBlock { kind, id, place, id_place });
                    blocks.push(self.adopted_node(new));
                }
            }
        }
        blocks
    }

    fn block(&mut self, block: &mut Node, new: Node) {
        let (Value::Table(base), Value::Table(over)) = (&mut block.value, new.value) else { return };
        let id = base.get("id").cloned();
        *base = self.tables(std::mem::take(base), over, Keys::Fields);
        // Both say the same `id`; the block was made where the base says it.
        let merged = base.entries.iter_mut().find(|entry| entry.key == "id");
        if let (Some(merged), Some(id)) = (merged, id) {
            *merged = id;
        }
    }

    /// Takes out of `base` what `over` unsets, and `unset` itself out of `over`.
    fn unset(&mut self, base: &mut Table, over: &mut Table, keys: Keys) {
        let Some(names) = take_unset(over, keys == Keys::Names, self.faults) else { return };
        let inherited: Vec<String> = base.entries.iter().map(|entry| entry.key.clone()).collect();
        for (name, place) in names {
            if inherited.contains(&name) {
                base.entries.retain(|entry| entry.key != name);
            } else {
                let known = inherited.iter().map(String::as_str);
                self.faults.push(not_inherited(&name, place).did_you_mean(&name, known));
            }
        }
    }

    /// An entry that takes nothing from the base.
    fn adopted(&mut self, mut entry: Entry) -> Entry {
        refuse_unset(&mut entry.node, self.faults);
        entry
    }

    fn adopted_node(&mut self, mut node: Node) -> Node {
        refuse_unset(&mut node, self.faults);
        node
    }
}

/// The text of a block's `id` and its place.
fn id_of(block: &Node) -> Option<(&String, &Place)> {
    let Value::Table(table) = &block.value else { return None };
    match &table.get("id")?.node {
        Node { value: Value::Text(id), place } => Some((id, place)),
        _ => None,
    }
}

/// Removes `unset` from a table and gives the names it lists. Where keys are names, one that is no list is left: it may
/// be a parameter called so.
fn take_unset(table: &mut Table, is_naming: bool, faults: &mut Vec<Diagnostic>) -> Option<Vec<(String, Place)>> {
    let at = table.entries.iter().position(|entry| entry.key == "unset")?;
    let is_list = matches!(table.entries[at].node.value, Value::Array(_));
    if !is_list && is_naming {
        return None;
    }
    let entry = table.entries.remove(at);
    let Value::Array(items) = entry.node.value else {
        faults.push(unset_lists_keys(entry.node.place));
        return None;
    };
    let names = items.into_iter().filter_map(|item| match item.value {
        Value::Text(name) => Some((name, item.place)),
        _ => {
            faults.push(unset_lists_keys(item.place));
            None
        }
    });
    Some(names.collect())
}

/// Removes every `unset` where nothing is inherited; whatever it names is a fault.
fn refuse_unset(node: &mut Node, faults: &mut Vec<Diagnostic>) {
    match &mut node.value {
        Value::Table(table) => {
            for (name, place) in take_unset(table, true, faults).unwrap_or_default() {
                faults.push(not_inherited(&name, place));
            }
            table.entries.iter_mut().for_each(|entry| refuse_unset(&mut entry.node, faults));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refuse_unset(item, faults)),
        _ => {}
    }
}

fn not_inherited(name: &str, place: Place) -> Diagnostic {
    Diagnostic::error(place, format!("`unset` names `{name}`, which is not inherited here"))
}

fn unset_lists_keys(place: Place) -> Diagnostic {
    Diagnostic::error(place, "`unset` is a list of keys").hint("write `unset = [\"ends\"]`")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scenario::parse::parse;

    fn parsed(file: usize, text: &str) -> Node {
        let mut faults = Vec::new();
        let root = parse(file, text, &mut faults).root;
        assert_eq!(faults, [], "{text}");
        root
    }

    fn merged(base: &str, over: &str) -> (Node, Vec<Diagnostic>, Vec<NewBlock>) {
        let (mut faults, mut new_blocks) = (Vec::new(), Vec::new());
        let root = overlay(parsed(0, base), parsed(1, over), &mut faults, &mut new_blocks);
        (root, faults, new_blocks)
    }

    /// Checks what comes of two files against a third that says the same.
    fn check(base: &str, over: &str, expected: &str) {
        let (root, faults, _) = merged(base, over);
        assert_eq!(faults, []);
        assert_eq!(root.without_places(), parsed(0, expected).without_places());
    }

    /// Checks that one driver changed by another of its id becomes a third.
    fn check_driver(base: &str, over: &str, expected: &str) {
        let driver = |keys: &str| format!("[[driver]]\nid = 'x'\n{keys}");
        check(&driver(base), &driver(over), &driver(expected));
    }

    fn check_faults(base: &str, over: &str, expected: &[&str]) {
        let (_, faults, _) = merged(base, over);
        assert_eq!(faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn tables_merge_key_by_key_in_the_base_order() {
        check(
            "[value]\nunit = 'USD'\nprices = 'nominal'\n[noise]\npermanent = { sd = 1, pull = 2 }\n",
            "[noise]\npermanent.sd = 3\ntransitory.sd = 4\n[value]\nprices = 'real'\n",
            "[value]\nunit = 'USD'\nprices = 'real'\n[noise]\npermanent = { sd = 3, pull = 2 }\ntransitory.sd = 4\n",
        );
        check(
            "[defaults.flow]\ntrend = 1\ncapacity = 2\n",
            "[defaults]\nflow.trend = 3",
            "[defaults.flow]\ntrend = 3\ncapacity = 2",
        );
    }

    #[test]
    fn id_title_and_extends_are_not_inherited() {
        check("id = 'a'\ntitle = 't'\nextends = 'z'\nnotes = 'n'\n", "id = 'b'\n", "notes = 'n'\nid = 'b'\n");
    }

    #[test]
    fn blocks_merge_by_id_and_new_ones_follow() {
        check(
            "flow = [{ id = 'a', base = 1 }, { id = 'b', base = 2 }]\n",
            "[[flow]]\nid = 'c'\nbase = 3\n[[flow]]\nid = 'a'\ntrend = 4\n",
            "flow = [{ id = 'a', base = 1, trend = 4 }, { id = 'b', base = 2 }, { id = 'c', base = 3 }]\n",
        );
        for kind in BLOCKS {
            check(
                &format!("{kind} = [{{ id = 'a', x = 1 }}]"),
                &format!("{kind} = [{{ id = 'a', y = 1 }}]"),
                &format!("{kind} = [{{ id = 'a', x = 1, y = 1 }}]"),
            );
        }
    }

    #[test]
    fn what_has_no_id_is_kept_for_the_check() {
        check(
            "flow = [{ base = 1 }, 7]\n",
            "flow = [{ base = 2 }, 'x']\n",
            "flow = [{ base = 1 }, 7, { base = 2 }, 'x']\n",
        );
        check(
            "flow = [{ id = 'a' }, { id = 'a' }]",
            "flow = [{ id = 'a', x = 1 }]",
            "flow = [{ id = 'a', x = 1 }, { id = 'a' }]",
        );
        check("flow = [{ id = 'a' }]", "flow = { id = 'b' }", "flow = { id = 'b' }");
    }

    #[test]
    fn an_id_twice_in_an_overlay_is_a_fault_with_both_places() {
        let (_, faults, _) = merged("flow = [{ id = 'a' }]", "flow = [{ id = 'a' }, { id = 'a', x = 1 }]");
        assert_eq!(faults[0].message, "flow `a` stands twice in one file");
        assert_eq!(faults[0].labels[0].0.span, 29..32);
        assert_eq!(faults[0].labels[1].0.span, 15..18);
    }

    #[test]
    fn laws_are_replaced_whole() {
        check_driver(
            "effect = { dist = 'normal', mean = 1, sd = 1 }",
            "effect = { dist = 'normal', mean = 2 }",
            "effect = { dist = 'normal', mean = 2 }",
        );
        check_driver("level = { dist = 'constant', value = 1 }", "level = { stable = 1 }", "level = { stable = 1 }");
        check_driver(
            "level = { stable = 1, tense = { dist = 'constant', value = 1 } }",
            "level = { tense = { dist = 'uniform' } }",
            "level = { stable = 1, tense = { dist = 'uniform' } }",
        );
    }

    #[test]
    fn the_named_tables_are_replaced_whole() {
        for key in WHOLE {
            check_driver(
                &format!("{key} = {{ a = 1, b = 2 }}"),
                &format!("{key} = {{ a = 3 }}"),
                &format!("{key} = {{ a = 3 }}"),
            );
        }
    }

    #[test]
    fn other_types_replace_each_other() {
        check_driver("strength = { a = 1 }", "strength = 2", "strength = 2");
        check_driver("strength = 2", "strength = { a = 1 }", "strength = { a = 1 }");
        check_driver("hs = [1, 2]", "hs = [3]", "hs = [3]");
    }

    #[test]
    fn exposures_and_states_and_years_merge_by_name() {
        check_driver(
            "exposure = { 'exports.*' = 1, start = 2 }\ngrowth = { 2023 = 1, then = 2 }\ninterruption.off_rate = { a = 1, b = 2 }",
            "exposure = { 'exports.x' = 3, start = 4 }\ngrowth = { 2023 = 5 }\ninterruption = { on_rate = 6, off_rate.b = 7 }",
            "exposure = { 'exports.*' = 1, start = 4, 'exports.x' = 3 }\ngrowth = { 2023 = 5, then = 2 }\n\
             interruption = { off_rate = { a = 1, b = 7 }, on_rate = 6 }",
        );
    }

    #[test]
    fn one_of_two_rivals_removes_the_inherited_other() {
        for (a, b) in RIVALS {
            check_driver(&format!("{a} = 1\nz = 1"), &format!("{b} = 2"), &format!("z = 1\n{b} = 2"));
            check_driver(&format!("{b} = 1\nz = 1"), &format!("{a} = 2"), &format!("z = 1\n{a} = 2"));
        }
        check_driver("effect = 1", "effect = 2\neffect_percent = 3", "effect = 2\neffect_percent = 3");
        check("noise.transitory.persistence = 1", "noise.transitory.half_life = 2", "noise.transitory.half_life = 2");
    }

    #[test]
    fn names_are_no_rivals_and_no_laws() {
        check("parameters.base = 1", "parameters.base_total = 2", "parameters = { base = 1, base_total = 2 }");
        check("parameters.dist = 1", "parameters.x = 2", "parameters = { dist = 1, x = 2 }");
        check_driver("strength.by = 1", "strength.in = 2", "strength = { by = 1, in = 2 }");
        check_driver("exposure.dist = 1", "exposure.level = 2", "exposure = { dist = 1, level = 2 }");
    }

    #[test]
    fn unset_takes_inherited_keys_away_first() {
        check_driver(
            "ends = 1\nchance = 1\nz = 1",
            "unset = ['ends', 'chance', 'ends']\nchance = 2",
            "z = 1\nchance = 2",
        );
        check("notes = 'n'\n[noise]\nx = 1", "unset = ['notes']\n[noise]\nunset = ['x']", "[noise]");
        check_driver("exposure = { 'a.*' = 1, b = 2 }", "exposure = { unset = ['a.*'] }", "exposure = { b = 2 }");
        check("parameters.unset = 1", "parameters.unset = 2", "parameters.unset = 2");
    }

    #[test]
    fn unset_of_what_is_not_inherited_is_a_fault() {
        let base = "id = 'b'\n[[driver]]\nid = 'x'\ninterruption = { off_rate = 1 }\neffect = { dist = 'normal' }\n";
        let absent = |name: &str| format!("`unset` names `{name}`, which is not inherited here");
        let faults = |over: &str| merged(base, over).1;
        let over = "[[driver]]\nid = 'x'\nunset = ['interuption']";
        assert_eq!(faults(over)[0].message, absent("interuption"));
        assert_eq!(faults(over)[0].hints, ["did you mean `interruption`?"]);
        assert_eq!(&over[faults(over)[0].labels[0].0.span.clone()], "'interuption'");
        check_faults(base, "unset = ['id']", &[&absent("id")]);
        check_faults(base, "[[driver]]\nid = 'y'\nunset = ['ends']", &[&absent("ends")]);
        check_faults(base, "[[driver]]\nid = 'x'\neffect = { dist = 'normal', unset = ['sd'] }", &[&absent("sd")]);
        check_faults(base, "[noise]\nunset = ['x']", &[&absent("x")]);
        check_faults(base, "unset = 'id'", &["`unset` is a list of keys"]);
        check_faults(base, "unset = [1]", &["`unset` is a list of keys"]);
        let mut lowest_faults = Vec::new();
        lowest(parsed(0, "[noise]\nunset = ['x']"), &mut lowest_faults);
        assert_eq!(lowest_faults[0].message, absent("x"));
    }

    #[test]
    fn things_keep_the_place_they_came_from() {
        let (root, ..) = merged("flow = [{ id = 'a', base = 1, trend = 2 }]", "flow = [{ trend = 3, id = 'a' }]");
        let Value::Table(root) = root.value else { panic!() };
        let Value::Array(flows) = &root.entries[0].node.value else { panic!() };
        let Value::Table(flow) = &flows[0].value else { panic!() };
        let files: Vec<(&str, usize)> = flow.entries.iter().map(|e| (e.key.as_str(), e.node.place.file)).collect();
        assert_eq!(files, [("id", 0), ("base", 0), ("trend", 1)]);
        assert_eq!(flows[0].place.file, 0);
    }

    #[test]
    fn a_fault_of_a_new_block_hints_at_its_id() {
        let (root, _, new_blocks) =
            merged("flow = [{ id = 'exports.pharma' }]", "[[flow]]\nid = 'exports.pharm'\n[[flow]]\nid = 'zzz'\n");
        let at = |span| Diagnostic::error(Place { file: 1, span }, "flow lacks `from`");
        let mut faults = vec![at(0..8), at(14..29), at(30..38), at(9..11)];
        hint_at_new_blocks(&mut faults, &new_blocks, &root);
        let near = "the base scenario has no flow `exports.pharm`; did you mean `exports.pharma`?";
        assert_eq!(faults[0].hints, [near]);
        assert_eq!(faults[1].hints, [near]);
        assert_eq!(faults[2].hints, ["the base scenario has no flow `zzz`, so this is a new one and must be complete"]);
        assert_eq!(faults[3].hints, [""; 0]);
    }

    /// Keys of some blocks and tables, each always of the same type, as a file's text.
    fn a_file() -> impl Strategy<Value = String> {
        let number = || proptest::option::of(0..9);
        let driver = ("[abc]", number(), number(), number(), proptest::option::of(0..9)).prop_map(
            |(id, effect, percent, state, law)| {
                let mut text = format!("[[driver]]\nid = '{id}'\n");
                text += &effect.map_or(String::new(), |x| format!("effect = {x}\n"));
                text += &percent.map_or(String::new(), |x| format!("effect_percent = {x}\n"));
                text += &state.map_or(String::new(), |x| format!("strength.s{x} = {x}\n"));
                text + &law.map_or(String::new(), |x| format!("start = {{ k{x} = {x} }}\n"))
            },
        );
        let blocks = proptest::collection::btree_map("[abc]", driver, 0..3);
        (number(), number(), blocks).prop_map(|(pull, notes, blocks)| {
            let mut text = notes.map_or(String::new(), |x| format!("notes = '{x}'\n"));
            text += &pull.map_or(String::new(), |x| format!("noise.permanent.p{} = {x}\n", x % 3));
            let blocks = blocks.iter().map(|(id, block)| {
                let keys = block.splitn(3, '\n').nth(2).unwrap_or_default();
                format!("[[driver]]\nid = '{id}'\n{keys}")
            });
            text + &blocks.collect::<String>()
        })
    }

    proptest! {
        #[test]
        fn an_empty_overlay_changes_nothing(text in a_file()) {
            let (root, faults, new_blocks) = merged(&text, "");
            prop_assert_eq!(faults, []);
            prop_assert_eq!(new_blocks, []);
            prop_assert_eq!(root.value, parsed(0, &text).value);
        }

        #[test]
        fn nothing_below_changes_nothing(text in a_file()) {
            let (root, ..) = merged("", &text);
            prop_assert_eq!(root, parsed(1, &text));
        }

        /// Where no key changes its type and nothing is unset.
        #[test]
        fn chains_may_be_put_together_from_either_end(a in a_file(), b in a_file(), c in a_file()) {
            let [a, b, c] = [parsed(0, &a), parsed(1, &b), parsed(2, &c)];
            let lay = |base: &Node, over: &Node| overlay(base.clone(), over.clone(), &mut Vec::new(), &mut Vec::new());
            let sorted = |root: Node| root.without_places().with_sorted_keys();
            prop_assert_eq!(sorted(lay(&lay(&a, &b), &c)), sorted(lay(&a, &lay(&b, &c))));
        }
    }
}
