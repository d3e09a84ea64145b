//! Flows by id and by pattern.

use std::collections::{BTreeMap, HashMap};

use crate::diagnostic::{Diagnostic, Place};

/// The ids of all flows.
#[derive(Debug, Default)]
pub(super) struct FlowIndex {
    pub(super) ids: Vec<String>,
    /// In the order of ids, so that a pattern's flows stand together.
    sorted: BTreeMap<String, usize>,
}

/// How many ids a hint lists.
const LISTED: usize = 8;

impl FlowIndex {
    /// Of ids that all differ.
    pub(super) fn new(ids: Vec<String>) -> FlowIndex {
        let sorted = ids.iter().enumerate().map(|(flow, id)| (id.clone(), flow)).collect();
        FlowIndex { ids, sorted }
    }

    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn get(&self, id: &str) -> Option<usize> {
        self.sorted.get(id).copied()
    }

    /// Flows in the order of their ids.
    pub(super) fn in_order(&self) -> Vec<usize> {
        self.sorted.values().copied().collect()
    }

    /// The flows that a pattern matches: an id, leading parts followed by `.*`, or `*`.
    pub(super) fn matching(&self, pattern: &str) -> Vec<usize> {
        match pattern.strip_suffix('*') {
            Some("") => self.in_order(),
            Some(prefix) if prefix.ends_with('.') => self.with_prefix(prefix).collect(),
            _ => self.get(pattern).into_iter().collect(),
        }
    }

    fn matches_any(&self, pattern: &str) -> bool {
        match pattern.strip_suffix('*') {
            Some("") => !self.ids.is_empty(),
            Some(prefix) if prefix.ends_with('.') => self.with_prefix(prefix).next().is_some(),
            _ => self.sorted.contains_key(pattern),
        }
    }

    fn with_prefix(&self, prefix: &str) -> impl Iterator<Item = usize> {
        let rest = self.sorted.range(prefix.to_string()..);
        rest.take_while(move |(id, _)| id.starts_with(prefix)).map(|(_, flow)| *flow)
    }

    /// The fault of a pattern that matches no flow.
    pub(super) fn check_pattern(&self, pattern: &str, place: &Place, faults: &mut Vec<Diagnostic>) {
        if self.matches_any(pattern) {
            return;
        }
        let what = if pattern.ends_with('*') { "the pattern" } else { "" };
        let message = match what {
            "" => format!("there is no flow `{pattern}`"),
            _ => format!("{what} `{pattern}` matches no flow"),
        };
        let fault = self.with_nearest(Diagnostic::error(place.clone(), message), pattern);
        let is_prefix = self.matches_any(&format!("{}.*", pattern.trim_end_matches(['*', '.'])));
        faults.push(match is_prefix {
            true => fault.hint(format!("for all of them, write `{}.*`", pattern.trim_end_matches(['*', '.']))),
            false => fault,
        });
    }

    /// With the nearest flow or pattern as a hint, or else some of the flows.
    pub(super) fn with_nearest(&self, fault: Diagnostic, name: &str) -> Diagnostic {
        let mut known: Vec<String> = self.sorted.keys().take(10_000).cloned().collect();
        if name.ends_with(".*") {
            known = known.iter().filter_map(|id| Some(format!("{}.*", id.rsplit_once('.')?.0))).collect();
            known.dedup();
        }
        let hints = fault.hints.len();
        let fault = fault.did_you_mean(name, known.iter().map(String::as_str));
        if fault.hints.len() > hints || self.ids.is_empty() {
            return fault;
        }
        let listed: Vec<&str> = self.ids.iter().take(LISTED).map(String::as_str).collect();
        let more = if self.len() > LISTED { ", .." } else { "" };
        fault.hint(format!("the flows are {}{more}", crate::scenario::draft::list(&listed)))
    }
}

/// What of a table of patterns applies to a flow: an exact id over all, then the longest pattern.
pub(super) fn longest_match<'a, T>(patterns: &HashMap<&str, &'a T>, id: &str) -> Option<&'a T> {
    if let Some(exact) = patterns.get(id) {
        return Some(exact);
    }
    let dots = id.char_indices().rev().filter(|(_, c)| *c == '.').map(|(at, _)| at);
    for dot in dots {
        let pattern = format!("{}.*", &id[..dot]);
        if let Some(found) = patterns.get(pattern.as_str()) {
            return Some(found);
        }
    }
    patterns.get("*").copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_leading_parts() {
        let index = FlowIndex::new(["b.x", "a.x.y", "a.x", "ab"].map(String::from).to_vec());
        assert_eq!(index.matching("*"), [2, 1, 3, 0]);
        assert_eq!(index.matching("a.*"), [2, 1]);
        assert_eq!(index.matching("a.x.*"), [1]);
        assert_eq!(index.matching("a.x"), [2]);
        assert!(index.matching("a*").is_empty());
        assert!(index.matching("ab.*").is_empty());
    }

    #[test]
    fn the_longest_pattern_wins() {
        let patterns = HashMap::from([("*", &1), ("a.*", &2), ("a.x.*", &3), ("a.x.y", &4)]);
        assert_eq!(longest_match(&patterns, "b"), Some(&1));
        assert_eq!(longest_match(&patterns, "a.q.r"), Some(&2));
        assert_eq!(longest_match(&patterns, "a.x.q"), Some(&3));
        assert_eq!(longest_match(&patterns, "a.x.y"), Some(&4));
    }
}
