//! What the checks of single blocks share.

use crate::diagnostic::{Diagnostic, Place};
use crate::scenario::draft::{self, Field};
use crate::scenario::{ByState, Convert, Horizon, Quantity, Range};

use super::flow_index::FlowIndex;
use super::inputs::{Inputs, Site};
use crate::scenario::range;

/// What is known of the scenario so far, and its faults.
pub(super) struct Context {
    pub(super) faults: Vec<Diagnostic>,
    pub(super) horizon: Horizon,
    pub(super) inputs: Inputs,
    pub(super) flows: FlowIndex,
    /// States of the regime driver that drives the others.
    pub(super) states: Option<Vec<String>>,
    /// Whether the states could not be made out, so that nothing can be said of tables by state.
    pub(super) states_are_faulty: bool,
    /// Choices and their options.
    pub(super) choices: Vec<(String, Vec<String>)>,
}

/// A block that owns quantities.
pub(super) struct Owner {
    /// `driver.x`.
    pub(super) own: String,
    /// `defaults.driver`, the owner of what the block takes from the defaults.
    pub(super) defaults: &'static str,
    /// Whether draws of its own may differ from flow to flow.
    pub(super) is_flow: bool,
}

impl Owner {
    pub(super) fn flow(id: &str) -> Owner {
        Owner { own: format!("flow.{id}"), defaults: "defaults.flow", is_flow: true }
    }

    pub(super) fn driver(id: &str) -> Owner {
        Owner { own: format!("driver.{id}"), defaults: "defaults.driver", is_flow: false }
    }

    /// The site of a key.
    pub(super) fn site(&self, is_shared: bool, key: &str, range: Range) -> Site {
        let owner = if is_shared { self.defaults } else { &self.own };
        let name = format!("{owner}.{key}");
        let own_name = format!("{}.{key}", self.own);
        Site {
            identity: name.clone(),
            name,
            of_flow: self.is_flow.then(|| (own_name.clone(), own_name)),
            key: key.rsplit('.').next().unwrap_or(key).to_string(),
            range,
            convert: Convert::AsIs,
        }
    }

    /// The site of a key in log points or its twin in per cent, which share a draw.
    pub(super) fn log_site(&self, is_shared: bool, key: &str, is_percent: bool) -> Site {
        let site = self.site(is_shared, key, range::ANY);
        if is_percent { site.in_percent() } else { site }
    }

    /// The site of a date.
    pub(super) fn date_site(&self, is_shared: bool, key: &str, base: i32) -> Site {
        Site { convert: Convert::DecimalYear { base }, ..self.site(is_shared, key, range::ANY) }
    }
}

impl Site {
    /// Whether a date is due.
    pub(super) fn is_date(&self) -> bool {
        matches!(self.convert, Convert::DecimalYear { .. })
    }

    /// The twin in per cent: another name, the same draw.
    pub(super) fn in_percent(self) -> Site {
        let percent = |name: &str| format!("{name}_percent");
        Site {
            name: percent(&self.name),
            of_flow: self.of_flow.map(|(name, identity)| (percent(&name), identity)),
            key: percent(&self.key),
            range: range::PERCENT,
            convert: Convert::LogOnePlusPercent,
            identity: self.identity,
        }
    }

    /// The site of one entry of a table.
    pub(super) fn at(&self, entry: &str) -> Site {
        Site { name: format!("{}.{entry}", self.name), identity: format!("{}.{entry}", self.identity), ..self.clone() }
    }
}

/// Which of two twins was given.
pub(super) fn twin<'a, T>(plain: &'a Option<Field<T>>, percent: &'a Option<Field<T>>) -> Option<(&'a Field<T>, bool)> {
    plain.as_ref().map(|field| (field, false)).or(percent.as_ref().map(|field| (field, true)))
}

impl Context {
    pub(super) fn new(horizon: Horizon, flows: &[draft::Flow], faults: Vec<Diagnostic>) -> Context {
        let ids = flows.iter().filter_map(|flow| flow.id.as_ref()).map(|id| id.value.clone()).collect();
        Context {
            faults,
            inputs: Inputs::new(horizon.base),
            horizon,
            flows: FlowIndex::new(ids),
            states: None,
            states_are_faulty: false,
            choices: Vec::new(),
        }
    }

    pub(super) fn error(&mut self, place: &Place, message: impl Into<String>) {
        self.faults.push(Diagnostic::error(place.clone(), message));
    }

    pub(super) fn quantity(&mut self, written: &draft::Quantity, site: &Site) -> Quantity {
        self.inputs.quantity(written, site, &mut self.faults)
    }

    /// A key that may be missing.
    pub(super) fn optional(
        &mut self,
        field: &Option<Field<draft::Quantity>>,
        owner: &Owner,
        key: &str,
        range: Range,
        default: f64,
    ) -> Quantity {
        match field {
            Some(field) => self.quantity(&field.value, &owner.site(field.shared, key, range)),
            None => Quantity::Constant(default),
        }
    }

    /// A key in log points, or its twin in per cent; default 0.
    pub(super) fn log_points(
        &mut self,
        plain: &Option<Field<draft::Quantity>>,
        percent: &Option<Field<draft::Quantity>>,
        owner: &Owner,
        key: &str,
    ) -> Quantity {
        match twin(plain, percent) {
            Some((field, is_percent)) => self.quantity(&field.value, &owner.log_site(field.shared, key, is_percent)),
            None => Quantity::Constant(0.0),
        }
    }

    /// A quantity by state. States that are not named have the default.
    pub(super) fn by_state(&mut self, written: &draft::ByState, place: &Place, site: &Site, default: f64) -> ByState {
        let named = match written {
            draft::ByState::Same(quantity) => return ByState::Same(self.quantity(quantity, site)),
            draft::ByState::Each(named) => named,
        };
        let Some(states) = self.states.clone() else {
            if !self.states_are_faulty {
                let message = format!("`{}` is a table by state, and there is no regime driver", site.key);
                self.error(place, message);
            }
            return ByState::Same(Quantity::Constant(default));
        };
        let mut each = vec![Quantity::Constant(default); states.len()];
        for entry in &named.0 {
            let quantity = self.quantity(&entry.value, &site.at(&entry.name));
            match states.iter().position(|state| *state == entry.name) {
                Some(state) => each[state] = quantity,
                None => self.faults.push(unknown_state(&entry.name, &entry.key, &states)),
            }
        }
        ByState::Each(each)
    }

    /// A key by state that may be missing.
    pub(super) fn optional_by_state(
        &mut self,
        field: &Option<Field<draft::ByState>>,
        owner: &Owner,
        key: &str,
        range: Range,
        default: f64,
    ) -> ByState {
        match field {
            Some(field) => self.by_state(&field.value, &field.place, &owner.site(field.shared, key, range), default),
            None => ByState::Same(Quantity::Constant(default)),
        }
    }

    /// The fault of a text that cannot be an id.
    pub(super) fn check_id(&mut self, id: &str, place: &Place) {
        if !is_id(id) {
            let fault = Diagnostic::error(place.clone(), format!("`{id}` cannot be an id"));
            self.faults
                .push(fault.hint("an id starts with a letter or digit; then come letters, digits, `_`, `.`, `-`"));
        }
    }
}

/// Whether a text may be an id.
pub(super) fn is_id(id: &str) -> bool {
    let mut bytes = id.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_alphanumeric())
        && bytes.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'))
}

/// The fault of a state that the regime driver does not have.
pub(super) fn unknown_state(name: &str, place: &Place, states: &[String]) -> Diagnostic {
    let known: Vec<&str> = states.iter().map(String::as_str).collect();
    Diagnostic::error(place.clone(), format!("the regime driver has no state `{name}`"))
        .did_you_mean(name, known.iter().copied())
        .hint(format!("its states are {}", draft::list(&known)))
}
