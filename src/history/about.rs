//! What became of the rows of a table.

use super::form::Form;
use super::unit::Unit;

/// What a table is and what became of its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct About {
    /// Whose layout it has.
    pub form: Form,
    /// Rows below the header.
    pub rows: u64,
    /// Cells that could hold a value and hold none.
    pub empty_cells: u64,
    /// Units that values were in; all were converted.
    pub units: Vec<Unit>,
    /// The currency of all values, ISO 4217.
    pub currency: &'static str,
    /// Different products.
    pub products: usize,
    /// Rows that are no observation, by reason.
    pub left_out: Vec<(LeftOut, u64)>,
}

impl Default for About {
    fn default() -> About {
        About {
            form: Form::Plain,
            rows: 0,
            empty_cells: 0,
            units: Vec::new(),
            currency: "USD",
            products: 0,
            left_out: Vec::new(),
        }
    }
}

/// Why a row is no observation of trade between two countries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeftOut {
    /// One side is a group of countries, or the table marks the row as an aggregate.
    Groups,
    /// A country with itself.
    Domestic,
    /// Neither export nor import: re-exports, balances, shares.
    OtherFlows,
    /// A part of another row: by customs procedure, mode of transport or second partner.
    Splits,
    /// A note below or between the rows.
    Notes,
    /// Not among the flows that were asked for.
    NotAsked,
    /// Years of which months or quarters are missing; not rows but years.
    IncompleteYears,
}

impl LeftOut {
    /// In words.
    pub fn in_words(self) -> &'static str {
        match self {
            LeftOut::Groups => "groups of countries or aggregates",
            LeftOut::Domestic => "a country with itself",
            LeftOut::OtherFlows => "neither export nor import",
            LeftOut::Splits => "parts of other rows",
            LeftOut::Notes => "notes",
            LeftOut::NotAsked => "not asked for",
            LeftOut::IncompleteYears => "years that lack months or quarters",
        }
    }
}

impl About {
    pub(super) fn leave_out(&mut self, why: LeftOut) {
        match self.left_out.iter_mut().find(|(it, _)| *it == why) {
            Some((_, rows)) => *rows += 1,
            None => self.left_out.push((why, 1)),
        }
    }
}
