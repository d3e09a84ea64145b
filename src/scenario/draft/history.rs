//! `[history]`: observed trade.

use super::{Named, Quantity, Texts};

table! {
    /// Observed trade: a table of it, and what of the scenario it observes.
    History, "`[history]`", required [&["file"]], rivals [], {
        /// The table, relative to this file: CSV of UN Comtrade, CEPII BACI, WITS, the IMF, SDMX, or any with a header.
        file: String,
        /// Names of its columns where its header does not tell, such as { from = "exporter", reporter = "=USA" }.
        columns: Named<String>,
        /// What its values are counted in, where it does not say; default "USD million".
        unit: String,
        /// How its values are valued where it does not say, and which of two valuations counts.
        valuation: ValuationWord,
        /// Which series of it observe which flow or measure; default: exports and imports of each partner.
        flows: Named<Selection>,
        /// How far the reporters' statistics are from the truth, by reporter; "*" for those not named.
        reporters: Named<Reporter>,
    }
}

table! {
    /// Series of a table of observed trade, which are summed.
    Selection, "what observes a flow", required [], rivals [], {
        /// Where goods come from, as the table names it or by ISO 3166 alpha-3; default: as the flow.
        from: Texts,
        /// Where they go to; default: as the flow.
        to: Texts,
        /// Products as the table names them; default: all together.
        product: Texts,
        /// Whose statistics; default: all reporters, each an observation of its own.
        reporter: Texts,
    }
}

table! {
    /// How far a reporter's statistics are from the truth.
    Reporter, "a reporter", required [], rivals [], {
        /// Log points by which it states too much (below 0: too little); default 0.
        bias: Quantity,
        /// Standard deviation of its error from year to year, in log points.
        error: Quantity,
    }
}

word! {
    /// What is counted into the value of goods.
    ValuationWord {
        /// Free on board, at the exporter's border.
        Fob = "FOB",
        /// With insurance and freight, at the importer's border.
        Cif = "CIF",
    }
}
