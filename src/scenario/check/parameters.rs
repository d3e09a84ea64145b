//! `[parameters]`: each declared after those it uses.

use std::collections::HashMap;

use crate::diagnostic::Diagnostic;
use crate::scenario::draft::{Named, NamedQuantity, QuantityKind};
use crate::scenario::formula::{Ast, AstKind, FUNCTIONS, parse_formula};

use super::context::Context;

/// Declares all parameters.
pub(super) fn declare(context: &mut Context, parameters: &Named<crate::scenario::draft::Quantity>) {
    for entry in &parameters.0 {
        check_name(context, entry);
    }
    let uses = uses_of(&parameters.0);
    let (order, cycles) = sorted(&uses);
    for cycle in &cycles {
        context.faults.push(cycle_fault(&parameters.0, cycle));
        for parameter in cycle {
            context.inputs.declare_faulty(&parameters.0[*parameter].name);
        }
    }
    let is_in_cycle = |parameter: &usize| cycles.iter().any(|cycle| cycle.contains(parameter));
    for parameter in order.into_iter().filter(|parameter| !is_in_cycle(parameter)) {
        let entry = &parameters.0[parameter];
        context.inputs.declare(&entry.name, &entry.value, &mut context.faults);
    }
}

fn check_name(context: &mut Context, entry: &NamedQuantity) {
    let mut bytes = entry.name.bytes();
    let is_name = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !is_name {
        let fault = Diagnostic::error(entry.key.clone(), format!("`{}` cannot name a parameter", entry.name));
        context.faults.push(fault.hint("a name starts with a letter or `_`; then come letters, digits and `_`"));
    } else if FUNCTIONS.contains(&entry.name.as_str()) {
        let message = format!("a parameter cannot be named `{}`, which is a function", entry.name);
        context.error(&entry.key, message);
    }
}

/// For each parameter, the indices of those it uses.
fn uses_of(parameters: &[NamedQuantity]) -> Vec<Vec<usize>> {
    let index: HashMap<&str, usize> =
        parameters.iter().enumerate().map(|(i, entry)| (entry.name.as_str(), i)).collect();
    let uses = |entry: &NamedQuantity| {
        let mut used = Vec::new();
        if let QuantityKind::Formula(text) = &entry.value.kind
            && let Ok(ast) = parse_formula(text)
        {
            collect(&ast, &index, &mut used);
        }
        used
    };
    parameters.iter().map(uses).collect()
}

fn collect(ast: &Ast, index: &HashMap<&str, usize>, used: &mut Vec<usize>) {
    match &ast.kind {
        AstKind::Number(_) => {}
        AstKind::Name(name) => used.extend(index.get(name.as_str())),
        AstKind::Unary(_, inner) => collect(inner, index, used),
        AstKind::Binary(_, left, right) => {
            collect(left, index, used);
            collect(right, index, used);
        }
    }
}

/// Indices in an order in which each stands after those it uses, and the cycles that were met. Chains may be
/// long, so this does not recurse.
pub(super) fn sorted(uses: &[Vec<usize>]) -> (Vec<usize>, Vec<Vec<usize>>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; uses.len()];
    let (mut order, mut cycles) = (Vec::new(), Vec::new());
    for root in 0..uses.len() {
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        if marks[root] != Mark::New {
            continue;
        }
        marks[root] = Mark::Open;
        while let Some((at, next)) = path.last_mut() {
            let node = *at;
            let Some(&used) = uses[node].get(*next) else {
                marks[node] = Mark::Done;
                order.push(node);
                path.pop();
                continue;
            };
            *next += 1;
            match marks[used] {
                Mark::New => {
                    marks[used] = Mark::Open;
                    path.push((used, 0));
                }
                Mark::Open => {
                    let start = path.iter().position(|(node, _)| *node == used).unwrap_or(0);
                    cycles.push(path[start..].iter().map(|(node, _)| *node).collect());
                }
                Mark::Done => {}
            }
        }
    }
    (order, cycles)
}

fn cycle_fault(parameters: &[NamedQuantity], cycle: &[usize]) -> Diagnostic {
    let names: Vec<String> = cycle.iter().chain(cycle.first()).map(|i| format!("`{}`", parameters[*i].name)).collect();
    let place = parameters[cycle[0]].key.clone();
    Diagnostic::error(place, format!("parameters use each other in a cycle: {}", shortened(&names)))
}

/// A chain of names, the middle left out where it is long.
pub(super) fn shortened(names: &[String]) -> String {
    if names.len() <= 12 {
        return names.join(" -> ");
    }
    format!("{} -> .. -> {}", names[..6].join(" -> "), names[names.len() - 3..].join(" -> "))
}

#[cfg(test)]
mod tests {
    use super::sorted;

    #[test]
    fn order_follows_use_and_cycles_are_met() {
        let (order, cycles) = sorted(&[vec![2], vec![], vec![1], vec![4], vec![3]]);
        assert_eq!(order[..3], [1, 2, 0]);
        assert_eq!(cycles, [vec![3, 4]]);
    }

    #[test]
    fn long_chains_do_not_overflow_the_stack() {
        let uses: Vec<Vec<usize>> = (0..200_000).map(|i| if i < 199_999 { vec![i + 1] } else { vec![] }).collect();
        assert_eq!(sorted(&uses).0.len(), 200_000);
    }
}
