//! Cells that say which way goods go.

use super::{Unit, Valuation};

/// What a cell of flow, or of an indicator, says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Direction {
    /// From the reporter, or to it; none for re-exports, balances, shares and whatever else is in the table.
    pub(super) is_export: Option<bool>,
    pub(super) valuation: Option<Valuation>,
    /// Indicators may say what they are counted in: `Export(US$ Mil)`.
    pub(super) unit: Option<Unit>,
}

impl Direction {
    pub(super) fn of(text: &str) -> Direction {
        let lower = text.trim().to_lowercase();
        Direction { is_export: is_export(&lower), valuation: valuation(&lower), unit: unit(&lower) }
    }
}

fn is_export(lower: &str) -> Option<bool> {
    match lower {
        "x" | "2" | "e" => return Some(true),
        "m" | "1" | "i" => return Some(false),
        _ => {}
    }
    let is_other = ["re-", "reexp", "reimp", "re exp", "re imp", "balance", "share", "%", "domestic", "foreign"];
    if is_other.iter().any(|word| lower.contains(word)) {
        return None;
    }
    match (lower.contains("export"), lower.contains("import")) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        // Indicators of the IMF: `TXG_FOB_USD`, `XG_FOB_USD`, `TMG_CIF_USD`, `MG_CIF_USD`.
        _ if lower.starts_with("txg_") || lower.starts_with("xg_") => Some(true),
        _ if lower.starts_with("tmg_") || lower.starts_with("mg_") => Some(false),
        _ => None,
    }
}

/// `FOB` or `CIF` in a text.
pub(super) fn valuation(lower: &str) -> Option<Valuation> {
    if lower.contains("cif") || lower.contains("cost, insurance") {
        Some(Valuation::Cif)
    } else if lower.contains("fob") || lower.contains("free on board") {
        Some(Valuation::Fob)
    } else {
        None
    }
}

fn unit(lower: &str) -> Option<Unit> {
    let (_, rest) = lower.split_once('(')?;
    Unit::named(rest.split(')').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_as_tables_write_them() {
        let cases = [
            ("X", Some(true), None),
            ("M", Some(false), None),
            ("2", Some(true), None),
            ("Export", Some(true), None),
            ("Gross Imp.", None, None),
            ("RX", None, None),
            ("Re-Export", None, None),
            ("XG_FOB_USD", Some(true), Some(Valuation::Fob)),
            ("TMG_CIF_USD", Some(false), Some(Valuation::Cif)),
            ("Goods, Value of Exports, Free on board (FOB), US Dollars", Some(true), Some(Valuation::Fob)),
            ("Goods, Value of Imports, Cost, Insurance, Freight (CIF), US Dollars", Some(false), Some(Valuation::Cif)),
            ("Goods, Value of Trade Balance, US Dollars", None, None),
            ("Export Partner Share (%)", None, None),
        ];
        for (text, is_export, valuation) in cases {
            let found = Direction::of(text);
            assert_eq!((found.is_export, found.valuation), (is_export, valuation), "{text}");
        }
        assert_eq!(Direction::of("Export(US$ Mil)").unit, Some(Unit::MILLION));
    }
}
