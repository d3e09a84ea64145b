//! From correlations to sources of shocks and loads of flows on them.

use super::{PartPlan, ShockSource};
use crate::draws::Key;
use crate::scenario::{Correlation, Scenario, Shape};

/// Sources and loads of one part of the noise. `has_part` tells which flows have it; `shaped` whether the shocks
/// take the shape the scenario gives them.
pub(super) fn part(scenario: &Scenario, seed: u64, part: &str, has_part: &[bool], shaped: bool) -> PartPlan {
    let mut sources = Vec::new();
    let mut source = |owner: String, shape: Shape| {
        let identity = format!("{owner}.{part}");
        let shape_key = Key::new(seed, &format!("{identity}.shape"));
        let shape = if shaped { shape } else { Shape::Normal };
        sources.push(ShockSource { key: Key::new(seed, &identity), shape_key, shape });
        sources.len() - 1
    };
    let own_shape = |flow: usize| scenario.flows[flow].noise.shape;
    let own_name = |flow: usize| format!("flow.{}", scenario.flows[flow].id);
    let flows = 0..scenario.flows.len();
    let mut loads = vec![Vec::new(); flows.len()];
    match &scenario.correlation {
        Correlation::Independent => {
            for flow in flows.filter(|&flow| has_part[flow]) {
                loads[flow].push((source(own_name(flow), own_shape(flow)), 1.0));
            }
        }
        Correlation::Factors { common, groups, group_of, own } => {
            let shared = |name: String| (name, scenario.noise_shape);
            let any = has_part.contains(&true);
            let common_source = (*common > 0.0 && any).then(|| {
                let (name, shape) = shared("noise.common".into());
                source(name, shape)
            });
            let group_sources: Vec<Option<usize>> = groups
                .iter()
                .enumerate()
                .map(|(group, (name, load))| {
                    let used = flows.clone().any(|flow| has_part[flow] && group_of[flow] == Some(group));
                    (*load > 0.0 && used).then(|| {
                        let (name, shape) = shared(format!("noise.group.{name}"));
                        source(name, shape)
                    })
                })
                .collect();
            for flow in flows.filter(|&flow| has_part[flow]) {
                if let Some(common_source) = common_source {
                    loads[flow].push((common_source, *common as f32));
                }
                if let Some(group) = group_of[flow]
                    && let Some(group_source) = group_sources[group]
                {
                    loads[flow].push((group_source, groups[group].1 as f32));
                }
                if own[flow] > 0.0 {
                    loads[flow].push((source(own_name(flow), own_shape(flow)), own[flow] as f32));
                }
            }
        }
        Correlation::Cholesky { order, lower } => {
            if has_part.contains(&true) {
                let of_rank: Vec<usize> = order.iter().map(|&flow| source(own_name(flow), own_shape(flow))).collect();
                for (rank, &flow) in order.iter().enumerate().filter(|(_, flow)| has_part[**flow]) {
                    let row = lower[rank].iter().enumerate().filter(|(_, load)| **load != 0.0);
                    loads[flow] = row.map(|(rank, &load)| (of_rank[rank], load as f32)).collect();
                }
            }
        }
    }
    PartPlan { sources, loads }
}
