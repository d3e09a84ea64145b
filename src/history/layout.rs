//! Which column of a table is what.

use std::fmt;
use std::str::FromStr;

use super::Unit;

/// What an author says of a table; what is not said is found in its header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The columns, each role at most once.
    pub columns: Vec<(Role, Column)>,
    /// What the values are counted in.
    pub unit: Option<Unit>,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Where the goods come from.
    From,
    /// Where they go to.
    To,
    /// The calendar year.
    Year,
    /// The value.
    Value,
    /// The product.
    Product,
    /// Whose statistics it is.
    Reporter,
    /// The other country, where the direction is said in another way.
    Partner,
    /// The value of what the reporter imports from the partner.
    Imports,
    /// The value of what the reporter exports to the partner.
    Exports,
    /// Not 0 for a group of countries or products, which is left out.
    Aggregate,
}

/// A column of a table, or a text that stands for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The column with this name.
    Named(String),
    /// The same text in every row: written `=USA`.
    Fixed(String),
}

/// What cannot be a layout, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayoutError(pub String);

impl Role {
    /// All of them with the names that authors use.
    pub const ALL: &'static [(Role, &'static str)] = &[
        (Role::From, "from"),
        (Role::To, "to"),
        (Role::Year, "year"),
        (Role::Value, "value"),
        (Role::Product, "product"),
        (Role::Reporter, "reporter"),
        (Role::Partner, "partner"),
        (Role::Imports, "imports"),
        (Role::Exports, "exports"),
        (Role::Aggregate, "aggregate"),
    ];

    /// The role with a name.
    pub fn named(name: &str) -> Option<Role> {
        Role::ALL.iter().find(|(_, it)| *it == name).map(|(role, _)| *role)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        Role::ALL.iter().find(|(role, _)| *role == self).map_or("", |(_, name)| name)
    }
}

impl FromStr for Column {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Column, Self::Err> {
        Ok(match text.strip_prefix('=') {
            Some(fixed) => Column::Fixed(fixed.to_owned()),
            None => Column::Named(text.to_owned()),
        })
    }
}

impl FromStr for Layout {
    type Err = LayoutError;

    /// Reads `from=exporter,to=importer,reporter==USA`.
    fn from_str(text: &str) -> Result<Layout, LayoutError> {
        let mut layout = Layout::default();
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (name, column) =
                pair.split_once('=').ok_or_else(|| LayoutError(format!("`{pair}` is not of the form role=column")))?;
            let role = Role::named(name.trim()).ok_or_else(|| {
                let names: Vec<&str> = Role::ALL.iter().map(|(_, name)| *name).collect();
                LayoutError(format!("`{}` is none of {}", name.trim(), names.join(", ")))
            })?;
            if layout.columns.iter().any(|(it, _)| *it == role) {
                return Err(LayoutError(format!("`{}` is given twice", role.name())));
            }
            let Ok(column) = column.trim().parse();
            layout.columns.push((role, column));
        }
        Ok(layout)
    }
}

impl fmt::Display for LayoutError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for LayoutError {}
