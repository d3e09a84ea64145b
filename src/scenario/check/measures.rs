//! Measures, targets and choices.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::draft::{self, is_new};
use crate::scenario::{Choice, Direction, Measure, MeasureRef, Target};

use super::context::Context;
use super::flows::AGGREGATES;
use super::regime::{check_probability, check_sum};

/// No scenario has more measures, targets or choices than this.
const MAX_BLOCKS: usize = 10_000;

/// No choice has more options than this, so that one takes a byte in a trial.
const MAX_OPTIONS: usize = 255;

/// No scenario has measures that name more flows than this in all.
const MAX_SUMMANDS: usize = 4_000_000;

fn limited<'a, T>(context: &mut Context, blocks: &'a [T], what: &str, place: impl Fn(&T) -> &Place) -> &'a [T] {
    if let Some(extra) = blocks.get(MAX_BLOCKS) {
        context.error(place(extra), format!("there are more than {MAX_BLOCKS} {what}s"));
    }
    &blocks[..blocks.len().min(MAX_BLOCKS)]
}

/// Futures that exclude each other.
pub(super) fn choices(context: &mut Context, blocks: &[draft::Choice]) -> Vec<Choice> {
    let mut seen = HashMap::new();
    let mut choices = Vec::new();
    for block in limited(context, blocks, "choice", |block| &block.place) {
        let Some(id) = block.id.as_ref().filter(|id| is_new(id, "choice", &mut seen, &mut context.faults)) else {
            continue;
        };
        context.check_id(&id.value, &id.place);
        let Some(options) = &block.options else { continue };
        if options.value.0.len() > MAX_OPTIONS {
            context.error(&options.place, format!("a choice has at most {MAX_OPTIONS} options"));
        }
        for option in &options.value.0 {
            context.check_id(&option.name, &option.key);
            check_probability(context, option, "the probability");
        }
        check_sum(context, &options.value.0, &format!("the options of `{}`", id.value), &options.place);
        let sum: f64 = options.value.0.iter().map(|option| option.value).sum();
        let options = options.value.0.iter().map(|option| (option.name.clone(), option.value / sum)).collect();
        choices.push(Choice { id: id.value.clone(), options });
    }
    let names = |choice: &Choice| choice.options.iter().map(|(name, _)| name.clone()).collect();
    context.choices = choices.iter().map(|choice| (choice.id.clone(), names(choice))).collect();
    choices
}

/// Sums of flows.
pub(super) fn measures(context: &mut Context, blocks: &[draft::Measure], flows: &[draft::Flow]) -> Vec<Measure> {
    let flow_ids = flows.iter().filter_map(|flow| flow.id.as_ref());
    let flow_places: HashMap<&str, &Place> = flow_ids.map(|id| (id.value.as_str(), &id.place)).collect();
    let mut seen = HashMap::new();
    let mut measures = Vec::new();
    let mut n_summands = 0;
    for block in limited(context, blocks, "measure", |block| &block.place) {
        let Some(id) = block.id.as_ref().filter(|id| is_new(id, "measure", &mut seen, &mut context.faults)) else {
            continue;
        };
        context.check_id(&id.value, &id.place);
        if AGGREGATES.contains(&id.value.as_str()) {
            context.error(&id.place, format!("the measure `{}` is always there and cannot be declared", id.value));
        }
        if let Some(flow) = flow_places.get(id.value.as_str()) {
            let message = format!("a measure cannot have the id `{}`, which is a flow's", id.value);
            context.faults.push(Diagnostic::error(id.place.clone(), message).label((*flow).clone(), "the flow"));
        }
        let flows = summands(context, block);
        n_summands += flows.len();
        if n_summands > MAX_SUMMANDS {
            context.error(&id.place, format!("the measures name more than {MAX_SUMMANDS} flows in all"));
            break;
        }
        let title = block.title.as_ref().map(|title| title.value.clone());
        measures.push(Measure { id: id.value.clone(), title, flows });
    }
    measures
}

/// The flows of a measure in the file's order, each once.
fn summands(context: &mut Context, block: &draft::Measure) -> Vec<usize> {
    let Some(patterns) = &block.flows else { return Vec::new() };
    if patterns.value.0.is_empty() {
        context.error(&patterns.place, "a measure needs at least one flow");
    }
    let mut is_in = vec![false; context.flows.len()];
    for pattern in &patterns.value.0 {
        context.flows.check_pattern(&pattern.value, &pattern.place, &mut context.faults);
        context.flows.matching(&pattern.value).into_iter().for_each(|flow| is_in[flow] = true);
    }
    (0..is_in.len()).filter(|flow| is_in[*flow]).collect()
}

/// Values to be reached.
pub(super) fn targets(context: &mut Context, blocks: &[draft::Target], measures: &[Measure]) -> Vec<Target> {
    let own: HashMap<&str, usize> = measures.iter().enumerate().map(|(at, own)| (own.id.as_str(), at)).collect();
    let mut seen = HashMap::new();
    let mut targets = Vec::new();
    for block in limited(context, blocks, "target", |block| &block.place) {
        let Some(id) = block.id.as_ref().filter(|id| is_new(id, "target", &mut seen, &mut context.faults)) else {
            continue;
        };
        context.check_id(&id.value, &id.place);
        let measure = block.measure.as_ref().and_then(|field| measure(context, &field.value, &field.place, &own));
        let threshold = match (&block.at_least, &block.at_most) {
            (Some(least), _) => Some((least.value, Direction::AtLeast)),
            (None, most) => most.as_ref().map(|most| (most.value, Direction::AtMost)),
        };
        let years = years(context, block);
        let (Some(measure), Some((threshold, direction)), Some((first_year, last_year))) = (measure, threshold, years)
        else {
            continue;
        };
        targets.push(Target {
            id: id.value.clone(),
            title: block.title.as_ref().map(|title| title.value.clone()),
            measure,
            threshold,
            direction,
            is_in: block.r#in.is_some(),
            first_year,
            last_year,
        });
    }
    targets
}

/// The measure or flow of a name, or a fault.
pub(super) fn measure(
    context: &mut Context,
    name: &str,
    place: &Place,
    own: &HashMap<&str, usize>,
) -> Option<MeasureRef> {
    match name {
        "exports" => return Some(MeasureRef::Exports),
        "imports" => return Some(MeasureRef::Imports),
        "total" => return Some(MeasureRef::Total),
        "balance" => return Some(MeasureRef::Balance),
        _ => {}
    }
    let found = own.get(name).map(|own| MeasureRef::Own(*own)).or(context.flows.get(name).map(MeasureRef::Flow));
    if found.is_none() {
        let mut own: Vec<&str> = own.keys().copied().collect();
        own.sort_unstable();
        let flows = context.flows.ids.iter().map(String::as_str);
        let known: Vec<&str> = AGGREGATES.into_iter().chain(own).chain(flows).collect();
        let fault = Diagnostic::error(place.clone(), format!("there is no measure or flow `{name}`"));
        let fault = fault.did_you_mean(name, known);
        context.faults.push(fault.hint("further sums of flows are declared with `[[measure]]`"));
    }
    found
}

fn years(context: &mut Context, block: &draft::Target) -> Option<(i32, i32)> {
    let (field, key) = match (&block.by, &block.r#in) {
        (Some(by), _) => (by, "by"),
        (None, Some(within)) => (within, "in"),
        (None, None) => return None,
    };
    let (first, last) = (context.horizon.base + 1, context.horizon.end);
    if !(i64::from(first)..=i64::from(last)).contains(&field.value) {
        let message = format!("`{key}` must be a projected year, {first} to {last}, not {}", field.value);
        context.error(&field.place, message);
        return None;
    }
    let year = i32::try_from(field.value).ok()?;
    Some(if key == "by" { (first, year) } else { (year, year) })
}
