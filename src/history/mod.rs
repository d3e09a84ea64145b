//! Observed trade: tables of others, read into series of annual values.

mod unit;
mod layout;
mod form;
mod about;
mod number;
mod period;
mod direction;
mod country;
mod text;
mod names;
mod sniff;
mod guard;
mod header;
mod fault;
mod gather;
mod row;
mod read;
mod summary;

pub use about::{About, LeftOut};
pub use country::country;
pub use form::Form;
pub use layout::{Column, Layout, LayoutError, Products, Role};
pub use read::{Reading, Unreadable, read, read_named};
pub use summary::{Mirror, Summary};
pub use unit::Unit;

/// What was observed: annual values of bilateral trade.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// In the order of their keys: from, to, product, reporter, valuation.
    pub series: Vec<Series>,
    /// What the table is and what became of its rows.
    pub about: About,
}

/// The annual values of one flow as one reporter states them.
///
/// A mirror flow is a series of its own: what Pakistan says it exported to Kazakhstan and what Kazakhstan says it
/// imported from Pakistan have the same `from` and `to` and different reporters.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Where the goods come from: an ISO 3166 alpha-3 code where the table's own is known to be one, else as written.
    pub from: String,
    /// Where they go to.
    pub to: String,
    /// The product as written; empty for all products together.
    pub product: String,
    /// Whose statistics they are; empty if the table does not say.
    pub reporter: String,
    /// What is counted into the value.
    pub valuation: Valuation,
    /// In the order of years, a year at most once. A year without an observation is a gap, which is not a zero.
    pub observations: Vec<Observation>,
}

/// The value of one year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// Calendar year.
    pub year: i32,
    /// Million USD of that year (or million of [`About::currency`]), not negative. Zero means that no trade was
    /// recorded.
    pub value: f64,
    /// Line of the file that says so, from 1.
    pub line: usize,
}

/// What is counted into the value of goods. Importers mostly count carriage and insurance up to their border,
/// exporters do not, so mirror flows differ even where both count right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Valuation {
    /// Free on board: at the exporter's border.
    Fob,
    /// Cost, insurance and freight: at the importer's border.
    Cif,
    /// The table does not say.
    #[default]
    Unstated,
}

impl Valuation {
    /// Its abbreviation; empty if it is not stated.
    pub fn name(self) -> &'static str {
        match self {
            Valuation::Fob => "FOB",
            Valuation::Cif => "CIF",
            Valuation::Unstated => "",
        }
    }

    /// The one that `as u8` gives this number.
    fn of_number(number: u8) -> Valuation {
        [Valuation::Fob, Valuation::Cif, Valuation::Unstated][usize::from(number)]
    }
}
