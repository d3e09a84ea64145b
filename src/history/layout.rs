//! What an author says of a table.

use std::fmt;
use std::str::FromStr;

use super::{Unit, Valuation};

/// What an author says of a table; what is not said is found in its header.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The columns, each role at most once.
    pub columns: Vec<(Role, Column)>,
    /// What the values are counted in.
    pub unit: Option<Unit>,
    /// How they are valued where the table does not say; where it has several valuations, which of them counts.
    pub valuation: Option<Valuation>,
    /// Whether products are series of their own.
    pub products: Products,
    /// Whether groups of countries, such as the world, are kept.
    pub groups: bool,
    /// The flows that are kept, from and to, all if there are none. An end that is `None` may be any country.
    pub flows: Vec<(Option<String>, Option<String>)>,
}

/// What becomes of the products of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Products {
    /// One series for all of them: the table's own total where it has one, else the sum over the coarsest level of the
    /// product codes that it has, so that no value counts twice.
    #[default]
    Sum,
    /// A series for each.
    Each,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Where the goods come from.
    From,
    /// Where they go to.
    To,
    /// The calendar year, quarter or month.
    Year,
    /// The value.
    Value,
    /// The product.
    Product,
    /// Whose statistics it is.
    Reporter,
    /// The other country, where the direction is said by `Flow`, `Imports` or `Exports`.
    Partner,
    /// Whether the reporter imports or exports.
    Flow,
    /// The value of what the reporter imports from the partner.
    Imports,
    /// The value of what the reporter exports to the partner.
    Exports,
    /// What the values are counted in.
    Unit,
    /// The power of ten, or the word, that values are multiples of.
    Multiplier,
    /// `FOB` or `CIF`.
    Valuation,
    /// The value with carriage and insurance, beside `Value`.
    CifValue,
    /// The value without them, beside `Value`.
    FobValue,
    /// Not 0 for a group of countries or of products, which is left out.
    Aggregate,
    /// A code that tells apart countries that share a name.
    Code,
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
        (Role::Flow, "flow"),
        (Role::Imports, "imports"),
        (Role::Exports, "exports"),
        (Role::Unit, "unit"),
        (Role::Multiplier, "multiplier"),
        (Role::Valuation, "valuation"),
        (Role::CifValue, "cif"),
        (Role::FobValue, "fob"),
        (Role::Aggregate, "aggregate"),
        (Role::Code, "code"),
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

impl Layout {
    /// Says what a role's column is. `column` is a name, or a text after `=` that stands in every row.
    ///
    /// # Errors
    /// If the role is unknown or was said before.
    pub fn set(&mut self, role: &str, column: &str) -> Result<(), LayoutError> {
        let found = Role::named(role).ok_or_else(|| {
            let names: Vec<&str> = Role::ALL.iter().map(|(_, name)| *name).collect();
            LayoutError(format!("`{role}` is not what a column can hold: {}", names.join(", ")))
        })?;
        if self.columns.iter().any(|(it, _)| *it == found) {
            return Err(LayoutError(format!("the column of `{role}` is given twice")));
        }
        let column = match column.strip_prefix('=') {
            Some(fixed) => Column::Fixed(fixed.to_owned()),
            None => Column::Named(column.to_owned()),
        };
        self.columns.push((found, column));
        Ok(())
    }
}

impl FromStr for Layout {
    type Err = LayoutError;

    /// Reads columns such as `from=exporter,to=importer,reporter==USA`.
    fn from_str(text: &str) -> Result<Layout, LayoutError> {
        let mut layout = Layout::default();
        for pair in text.split(',').filter(|pair| !pair.trim().is_empty()) {
            let (role, column) = pair.split_once('=').ok_or_else(|| {
                LayoutError(format!("`{pair}` does not say which column: write it as `from=exporter`"))
            })?;
            layout.set(role.trim(), column.trim())?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_as_people_write_them() {
        let layout: Layout = "from=Exporter name, value = v_usd ,reporter==USA".parse().unwrap();
        let expected = [
            (Role::From, Column::Named("Exporter name".to_owned())),
            (Role::Value, Column::Named("v_usd".to_owned())),
            (Role::Reporter, Column::Fixed("USA".to_owned())),
        ];
        assert_eq!(layout.columns, expected);
        for (text, message) in [
            ("from", "`from` does not say which column: write it as `from=exporter`"),
            ("from=a,from=b", "the column of `from` is given twice"),
        ] {
            assert_eq!(text.parse::<Layout>().unwrap_err().0, message);
        }
        assert!(
            "form=a".parse::<Layout>().unwrap_err().0.starts_with("`form` is not what a column can hold: from, to")
        );
    }
}
