//! Noise of one flow: `[noise]` with the flow's own keys in place.

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::draft::{self, Field};
use crate::scenario::{Convert, FlowNoise, Quantity, Range, Shape, TransitoryStart};

use super::context::{Context, Owner, twin};
use super::inputs::Site;
use crate::scenario::range;

type Given<'a> = &'a Field<draft::Quantity>;

/// Where noise is declared: for all flows, or for one.
struct Levels<'a> {
    /// The flow's own; if it comes from `[defaults.flow]`, its draws are shared.
    own: Option<(&'a draft::FlowNoise, bool)>,
    common: Option<&'a draft::Noise>,
    owner: &'a Owner,
}

/// The noise of a flow.
pub(super) fn check(
    context: &mut Context,
    common: Option<&draft::Noise>,
    own: Option<&Field<draft::FlowNoise>>,
    owner: &Owner,
) -> FlowNoise {
    let levels = Levels { own: own.map(|field| (&field.value, field.shared)), common, owner };
    let sd = levels.permanent(|part| part.sd.as_ref());
    let permanent_sd = levels.quantity(context, sd, "permanent.sd", range::NOT_NEGATIVE);
    let pull = levels.permanent(|part| part.pull.as_ref());
    let pull = levels.quantity(context, pull, "permanent.pull", range::NOT_NEGATIVE);
    let sd = levels.transitory(|part| part.sd.as_ref());
    let transitory_sd = levels.quantity(context, sd, "transitory.sd", range::NOT_NEGATIVE);
    FlowNoise {
        permanent_sd,
        pull,
        gap: levels.gap(context),
        transitory_sd,
        persistence: levels.persistence(context),
        start: levels.start(context),
        shape: levels.shape(context),
    }
}

/// The shape of shocks that flows share.
pub(super) fn common_shape(context: &mut Context, common: Option<&draft::Noise>) -> Shape {
    common.and_then(|common| common.shape.as_ref()).map_or(Shape::Normal, |field| shape(context, &field.value))
}

/// Tells the faults of `[noise]` even where every flow replaces what is at fault.
pub(super) fn check_unused(context: &mut Context, common: Option<&draft::Noise>) {
    context.inputs.is_muted = true;
    check(context, common, None, &Owner::flow("any"));
    context.inputs.is_muted = false;
}

impl<'a> Levels<'a> {
    /// The flow's own value of a key, or else that of `[noise]`; with the level it stands on.
    fn permanent<T>(&self, pick: impl Fn(&'a draft::Permanent) -> Option<T>) -> Option<(T, Level)> {
        let own = self.own.and_then(|(own, shared)| Some((own.permanent.as_ref()?, Level::own(shared))));
        let common = self.common.and_then(|common| Some((common.permanent.as_ref()?, Level::Noise)));
        [own, common].into_iter().flatten().find_map(|(part, level)| Some((pick(&part.value)?, level)))
    }

    fn transitory<T>(&self, pick: impl Fn(&'a draft::Transitory) -> Option<T>) -> Option<(T, Level)> {
        let own = self.own.and_then(|(own, shared)| Some((own.transitory.as_ref()?, Level::own(shared))));
        let common = self.common.and_then(|common| Some((common.transitory.as_ref()?, Level::Noise)));
        [own, common].into_iter().flatten().find_map(|(part, level)| Some((pick(&part.value)?, level)))
    }

    fn quantity(&self, context: &mut Context, given: Option<(Given<'_>, Level)>, key: &str, range: Range) -> Quantity {
        match given {
            Some((field, level)) => context.quantity(&field.value, &self.site(level, key, range)),
            None => Quantity::Constant(0.0),
        }
    }

    fn site(&self, level: Level, key: &str, range: Range) -> Site {
        let site = self.owner.site(level == Level::Defaults, &format!("noise.{key}"), range);
        match level {
            Level::Noise => Site { name: format!("noise.{key}"), identity: format!("noise.{key}"), ..site },
            Level::Flow | Level::Defaults => site,
        }
    }

    fn gap(&self, context: &mut Context) -> Quantity {
        let Some(((field, is_percent), level)) = self.permanent(|part| twin(&part.gap, &part.gap_percent)) else {
            return Quantity::Constant(0.0);
        };
        let site = self.site(level, "permanent.gap", range::ANY);
        context.quantity(&field.value, &if is_percent { site.in_percent() } else { site })
    }

    fn persistence(&self, context: &mut Context) -> Quantity {
        let given = self.transitory(|part| twin(&part.persistence, &part.half_life));
        let Some(((field, is_half_life), level)) = given else { return Quantity::Constant(0.0) };
        if !is_half_life {
            let site = self.site(level, "transitory.persistence", range::PERSISTENCE);
            return context.quantity(&field.value, &site);
        }
        let site = self.site(level, "transitory.half_life", range::POSITIVE);
        context.quantity(&field.value, &Site { convert: Convert::HalfLife, ..site })
    }

    fn start(&self, context: &mut Context) -> TransitoryStart {
        match self.transitory(|part| part.start.as_ref()) {
            None => TransitoryStart::At(Quantity::Constant(0.0)),
            Some((field, level)) => match &field.value {
                draft::TransitoryStart::Stationary => TransitoryStart::Stationary,
                draft::TransitoryStart::At(quantity) => {
                    let site = self.site(level, "transitory.start", range::ANY);
                    TransitoryStart::At(context.quantity(quantity, &site))
                }
            },
        }
    }

    fn shape(&self, context: &mut Context) -> Shape {
        let own = self.own.and_then(|(own, _)| own.shape.as_ref());
        let common = self.common.and_then(|common| common.shape.as_ref());
        own.or(common).map_or(Shape::Normal, |field| shape(context, &field.value))
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    Flow,
    Defaults,
    Noise,
}

impl Level {
    fn own(is_shared: bool) -> Level {
        if is_shared { Level::Defaults } else { Level::Flow }
    }
}

fn shape(context: &mut Context, shape: &draft::Shape) -> Shape {
    match shape {
        draft::Shape::Gaussian(_) => Shape::Normal,
        draft::Shape::Contaminated(table) => Shape::Contaminated {
            share: number(context, &table.share, "share", &range::SHARE, 0.0),
            ratio: number(context, &table.ratio, "ratio", &range::POSITIVE, 1.0),
        },
        draft::Shape::Student(table) => {
            let above_two = Range { min: 2.0, ..range::POSITIVE };
            Shape::StudentT {
                dof: number(context, &table.dof, "dof", &above_two, 3.0),
                clip: number(context, &table.clip, "clip", &range::POSITIVE, 6.0),
            }
        }
    }
}

fn number(context: &mut Context, field: &Option<Field<f64>>, key: &str, range: &Range, default: f64) -> f64 {
    match field {
        None => default,
        Some(field) => checked_number(context, field.value, &field.place, key, range).unwrap_or(default),
    }
}

/// A plain number in a range.
pub(super) fn checked_number(context: &mut Context, x: f64, place: &Place, key: &str, range: &Range) -> Option<f64> {
    if range::contains(range, x) {
        return Some(x);
    }
    let message = format!("`{key}` must be {}, not {x}", range::in_words(range));
    context.faults.push(Diagnostic::error(place.clone(), message));
    None
}
