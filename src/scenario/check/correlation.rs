//! Correlation of shocks: groups, and the factor or Cholesky form.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::Correlation;
use crate::scenario::draft;

use super::context::Context;
use super::noise::checked_number;
use crate::scenario::range;

/// Beyond this many flows only the factor form is offered: the other takes time as the cube of their number.
const MAX_DENSE_FLOWS: usize = 1000;

/// No correlation has more groups than this.
const MAX_GROUPS: usize = 500;

/// A pivot below this is no positive number but what rounding leaves of 0.
const SMALLEST_PIVOT: f64 = 1e-12;

struct Group {
    name: String,
    flows: Vec<usize>,
    rho: f64,
    place: Place,
}

/// The correlation of the flows' shocks.
pub(super) fn check(context: &mut Context, written: &draft::CorrelationTable) -> Correlation {
    let default = match &written.default {
        None => 0.0,
        Some(field) => {
            checked_number(context, field.value, &field.place, "default", &range::CORRELATION).unwrap_or(0.0)
        }
    };
    let before = context.faults.len();
    let groups = groups(context, written);
    if context.faults.len() > before || (default == 0.0 && groups.is_empty()) {
        return Correlation::Independent;
    }
    let is_disjoint = groups.iter().map(|group| group.flows.len()).sum::<usize>() == n_held(&groups);
    if is_disjoint && default >= 0.0 && groups.iter().all(|group| group.rho >= default) {
        return factors(default, &groups, context.flows.len());
    }
    dense(context, default, &groups, &written.place)
}

/// Flows that are in some group.
fn n_held(groups: &[Group]) -> usize {
    groups.iter().flat_map(|group| &group.flows).collect::<HashSet<_>>().len()
}

fn groups(context: &mut Context, written: &draft::CorrelationTable) -> Vec<Group> {
    let tables = written.groups.as_ref().map_or(&[][..], |field| &field.value);
    if let Some(extra) = tables.get(MAX_GROUPS) {
        context.error(&extra.place, format!("there are more than {MAX_GROUPS} groups"));
    }
    let mut groups = Vec::new();
    let mut n_listed = 0;
    for table in tables.iter().take(MAX_GROUPS) {
        let (Some(patterns), Some(rho)) = (&table.flows, &table.rho) else { continue };
        let mut flows = Vec::new();
        for pattern in &patterns.value.0 {
            context.flows.check_pattern(&pattern.value, &pattern.place, &mut context.faults);
            flows.extend(context.flows.matching(&pattern.value));
        }
        flows.sort_unstable();
        flows.dedup();
        let names: Vec<&str> = patterns.value.0.iter().map(|pattern| pattern.value.as_str()).collect();
        let name = names.join(", ");
        n_listed += flows.len();
        if n_listed > context.flows.len() && context.flows.len() > MAX_DENSE_FLOWS {
            context.faults.push(too_many_flows(context.flows.len(), &table.place));
            break;
        }
        if let Some(rho) = checked_number(context, rho.value, &rho.place, "rho", &range::CORRELATION) {
            groups.push(Group { name, flows, rho, place: table.place.clone() });
        }
    }
    groups
}

/// Groups that overlap must nest, and no two may hold the same flows.
fn check_nesting(context: &mut Context, groups: &[Group]) {
    let n_flows = context.flows.len();
    for (i, one) in groups.iter().enumerate() {
        let mut is_held = vec![false; n_flows];
        one.flows.iter().for_each(|flow| is_held[*flow] = true);
        for other in &groups[..i] {
            let common = other.flows.iter().filter(|flow| is_held[**flow]).count();
            let (size, other_size) = (one.flows.len(), other.flows.len());
            let is_same = common == size && common == other_size;
            if common == 0 || (common == size.min(other_size) && !is_same) {
                continue;
            }
            let how = if is_same { "hold the same flows" } else { "overlap, and neither holds the other" };
            let message = format!("the groups `{}` and `{}` {how}", other.name, one.name);
            let fault = Diagnostic::error(one.place.clone(), message);
            context.faults.push(fault.label(other.place.clone(), "the other group"));
        }
    }
}

fn too_many_flows(n_flows: usize, place: &Place) -> Diagnostic {
    let message = format!(
        "with {n_flows} flows, groups must be disjoint, `default` 0 or more, and each `rho` at least `default`"
    );
    Diagnostic::error(place.clone(), message).hint(format!("other correlations take at most {MAX_DENSE_FLOWS} flows"))
}

fn factors(default: f64, groups: &[Group], n_flows: usize) -> Correlation {
    let mut group_of = vec![None; n_flows];
    let mut own = vec![libm::sqrt(1.0 - default); n_flows];
    for (index, group) in groups.iter().enumerate() {
        for flow in &group.flows {
            group_of[*flow] = Some(index);
            own[*flow] = libm::sqrt(1.0 - group.rho);
        }
    }
    let load = |group: &Group| (group.name.clone(), libm::sqrt(group.rho - default));
    Correlation::Factors { common: libm::sqrt(default), groups: groups.iter().map(load).collect(), group_of, own }
}

fn dense(context: &mut Context, default: f64, groups: &[Group], place: &Place) -> Correlation {
    if context.flows.len() > MAX_DENSE_FLOWS {
        context.faults.push(too_many_flows(context.flows.len(), place));
        return Correlation::Independent;
    }
    let before = context.faults.len();
    check_nesting(context, groups);
    if context.faults.len() > before {
        return Correlation::Independent;
    }
    let order = context.flows.in_order();
    let matrix = matrix(default, groups, &order);
    match cholesky(&matrix) {
        Ok(lower) => Correlation::Cholesky { order, lower },
        Err(row) => {
            let fault = not_definite(context, &matrix, &order, row, place);
            context.faults.push(fault);
            Correlation::Independent
        }
    }
}

/// The correlation of each pair, flows in the given order; row `i` holds columns up to `i`.
fn matrix(default: f64, groups: &[Group], order: &[usize]) -> Vec<Vec<f64>> {
    let mut position = vec![0; order.len()];
    for (at, flow) in order.iter().enumerate() {
        position[*flow] = at;
    }
    let mut matrix: Vec<Vec<f64>> = (0..order.len()).map(|row| vec![default; row + 1]).collect();
    // From the widest group to the narrowest, which so has the last word.
    let mut widest_first: Vec<&Group> = groups.iter().collect();
    widest_first.sort_by_key(|group| std::cmp::Reverse(group.flows.len()));
    for group in widest_first {
        for (i, one) in group.flows.iter().enumerate() {
            for other in &group.flows[..i] {
                let (a, b) = (position[*one], position[*other]);
                matrix[a.max(b)][a.min(b)] = group.rho;
            }
        }
    }
    for (row, values) in matrix.iter_mut().enumerate() {
        values[row] = 1.0;
    }
    matrix
}

/// The lower factor, or the row at which the matrix turns out not to be positive definite.
fn cholesky(matrix: &[Vec<f64>]) -> Result<Vec<Vec<f64>>, usize> {
    let mut lower: Vec<Vec<f64>> = Vec::with_capacity(matrix.len());
    for (i, row) in matrix.iter().enumerate() {
        let mut factor = vec![0.0; i + 1];
        for j in 0..=i {
            let known = if j < i { &lower[j] } else { &factor };
            let dot: f64 = (0..j).map(|k| factor[k] * known[k]).sum();
            let rest = row[j] - dot;
            if j < i {
                factor[j] = rest / known[j];
            } else if rest > SMALLEST_PIVOT {
                factor[j] = libm::sqrt(rest);
            } else {
                return Err(i);
            }
        }
        lower.push(factor);
    }
    Ok(lower)
}

fn not_definite(context: &Context, matrix: &[Vec<f64>], order: &[usize], row: usize, place: &Place) -> Diagnostic {
    let id = |at: usize| context.flows.ids[order[at]].as_str();
    let mut others: Vec<usize> = (0..row).filter(|at| matrix[row][*at] != 0.0).collect();
    others.sort_by(|a, b| matrix[row][*b].abs().total_cmp(&matrix[row][*a].abs()).then(a.cmp(b)));
    others.truncate(6);
    let names: Vec<&str> = others.iter().map(|at| id(*at)).collect();
    let message = format!(
        "no shocks can be correlated so: `{}` with {} (the correlation matrix is not positive definite)",
        id(row),
        draft::list(&names)
    );
    Diagnostic::error(place.clone(), message)
        .hint("n flows that all share one negative correlation need it above -1/(n-1); flows that are close to each other need similar correlations with others")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str, flows: &[usize], rho: f64) -> Group {
        Group { name: name.to_string(), flows: flows.to_vec(), rho, place: Place { file: 0, span: 0..0 } }
    }

    #[test]
    fn the_narrowest_group_counts() {
        let groups = [group("narrow", &[0, 1], 0.9), group("wide", &[0, 1, 2], 0.5)];
        let matrix = matrix(0.1, &groups, &[3, 2, 1, 0]);
        assert_eq!(matrix, [vec![1.0], vec![0.1, 1.0], vec![0.1, 0.5, 1.0], vec![0.1, 0.5, 0.9, 1.0]]);
    }

    #[test]
    fn the_factor_gives_the_matrix_back() {
        let groups = [group("a", &[0, 1, 2], -0.3), group("b", &[3, 4], 0.6)];
        let wanted = matrix(0.05, &groups, &[0, 1, 2, 3, 4]);
        let lower = cholesky(&wanted).unwrap();
        for (i, row) in wanted.iter().enumerate() {
            for (j, rho) in row.iter().enumerate() {
                let dot: f64 = (0..=j).map(|k| lower[i][k] * lower[j][k]).sum();
                assert!((dot - rho).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn impossible_matrices_are_found() {
        let groups = [group("a", &[0, 1, 2], -0.6)];
        assert_eq!(cholesky(&matrix(0.0, &groups, &[0, 1, 2])), Err(2));
    }
}
