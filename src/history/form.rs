//! The layouts that publishers of trade data use.

use super::{Unit, Valuation};

/// Whose layout a table has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// None in particular: columns named from, to, year, value or the like.
    #[default]
    Plain,
    /// UN Comtrade, the present one (`primaryValue`) and the former.
    Comtrade,
    /// CEPII BACI: `t,i,j,k,v,q`.
    Baci,
    /// World Integrated Trade Solution of the World Bank.
    Wits,
    /// International Monetary Fund: Direction of Trade Statistics, International Trade in Goods by partner country.
    Imf,
    /// SDMX-CSV of any other publisher.
    Sdmx,
}

impl Form {
    /// The form of a table whose columns have these names, in lower case without marks.
    pub(super) fn of(names: &[String]) -> Form {
        let has = |name: &str| names.iter().any(|it| it == name);
        let has_start = |start: &str| names.iter().any(|it| it.starts_with(start));
        if ["t", "i", "j", "k", "v"].iter().all(|name| has(name)) {
            Form::Baci
        } else if has("primaryvalue") || (has("commoditycode") && has_start("tradeflow")) {
            Form::Comtrade
        } else if has_start("counterpart") && has_start("indicator") {
            Form::Imf
        } else if has("obsvalue") && has("timeperiod") {
            Form::Sdmx
        } else if has("tradeflowname")
            || has("productcategories")
            || has("productgroup")
            || (has("reporteriso3") && has("partneriso3"))
        {
            Form::Wits
        } else {
            Form::Plain
        }
    }

    /// Its name in words.
    pub fn name(self) -> &'static str {
        match self {
            Form::Plain => "plain table",
            Form::Comtrade => "UN Comtrade",
            Form::Baci => "CEPII BACI",
            Form::Wits => "WITS",
            Form::Imf => "IMF",
            Form::Sdmx => "SDMX-CSV",
        }
    }

    /// What values are counted in where the table does not say; none if nothing can be assumed.
    pub(super) fn unit(self) -> Option<Unit> {
        match self {
            Form::Plain => Some(Unit::MILLION),
            Form::Comtrade => Some(Unit::ONE),
            Form::Baci | Form::Wits => Some(Unit::THOUSAND),
            Form::Imf | Form::Sdmx => None,
        }
    }

    /// How values are valued where the table does not say.
    ///
    /// Sources: United Nations, *International Merchandise Trade Statistics: Concepts and Definitions 2010*, chapter IV
    /// (exports FOB, imports CIF), which Comtrade and WITS follow; G. Gaulier and S. Zignago, *BACI: International
    /// Trade Database at the Product-Level*, CEPII 2010-23, section 2 (imports made FOB).
    pub(super) fn valuation(self, is_export: Option<bool>) -> Valuation {
        match (self, is_export) {
            (Form::Baci, _) | (Form::Comtrade | Form::Wits, Some(true)) => Valuation::Fob,
            (Form::Comtrade | Form::Wits, Some(false)) => Valuation::Cif,
            _ => Valuation::Unstated,
        }
    }

    /// Who reports where no column says so.
    pub(super) fn reporter(self) -> Option<&'static str> {
        (self == Form::Baci).then_some("BACI")
    }

    /// Whether numbers of up to three digits are codes of the UN Statistics Division.
    pub(super) fn has_un_numbers(self) -> bool {
        !matches!(self, Form::Imf)
    }
}
