//! The top level of a scenario file and its small tables.

use super::{Driver, DriverDefaults, FlowNoise, History, Named, NamedEntry, Noise, Quantity, Raw, Spanned, Texts};

table! {
    /// A scenario of tradewinds: what is projected, between whom and how far.
    Top, "a scenario", required [&["pair"], &["value"], &["horizon"], &["flow"]], rivals [], {
        /// The scenario's id; default: the file's name without `.toml`.
        id: String,
        /// A title in words; default: the id.
        title: String,
        /// Another scenario file, relative to this one, on which this one is laid.
        extends: String,
        /// The information date: nothing that became known later is in this scenario.
        as_of: Quantity,
        /// Free text.
        notes: String,
        /// Between whom.
        pair: Pair,
        /// What values are counted in.
        value: ValueTable,
        /// How far, and in what steps.
        horizon: HorizonTable,
        /// Quantities with a name: the same draw wherever they are named.
        parameters: Named<Quantity>,
        /// Keys for blocks that lack them.
        defaults: Defaults,
        /// Noise of the flows; without it there is none.
        noise: Noise,
        /// What is projected: one product in one direction.
        flow: Vec<Raw<Flow>>,
        /// What moves the flows.
        driver: Vec<Raw<Driver>>,
        /// Further sums of flows.
        measure: Vec<Measure>,
        /// Values to be reached, and by when.
        target: Vec<Target>,
        /// Futures that exclude each other.
        choice: Vec<Choice>,
        /// Observed trade.
        history: History,
    }
}

table! {
    /// The reporter and its partners.
    Pair, "`[pair]`", required [&["reporter"], &["partner"]], rivals [], {
        /// The reporter, such as "PAK": flows from here are exports.
        reporter: String,
        /// The partner, such as "KAZ", or a list of partners.
        partner: Texts,
    }
}

table! {
    /// What values are counted in.
    ValueTable, "`[value]`", required [&["unit"]], rivals [], {
        /// The unit of every base value and every output, such as "USD million".
        unit: String,
        /// Whether values are nominal (the default) or real: a label, nothing is deflated.
        prices: PricesWord,
        /// Whose statistics the base values are.
        metric: String,
    }
}

word! {
    /// In the money of each year, or of one year.
    PricesWord {
        /// Money of each year.
        Nominal = "nominal",
        /// Money of one year.
        Real = "real",
    }
}

table! {
    /// How far the projection goes, and in what steps.
    HorizonTable, "`[horizon]`", required [&["base"], &["end"], &["step"]], rivals [], {
        /// The last observed calendar year.
        base: i64,
        /// The last projected calendar year.
        end: i64,
        /// The length of a step.
        step: StepWord,
        /// Whether calendar years (the default) or steps are published.
        report: ReportWord,
        /// For `report = "step"`: rates a year (the default) or the amounts of each step.
        amounts: AmountsWord,
    }
}

word! {
    /// The length of a step.
    StepWord {
        /// One step a year.
        Year = "year",
        /// Two steps a year.
        HalfYear = "half-year",
        /// Four steps a year.
        Quarter = "quarter",
        /// Twelve steps a year.
        Month = "month",
    }
}

word! {
    /// What a period of the output is.
    ReportWord {
        /// Calendar years' totals.
        Year = "year",
        /// Steps.
        Step = "step",
    }
}

word! {
    /// What is published of a step.
    AmountsWord {
        /// The rate at its end, as an amount a year.
        Annualised = "annualised",
        /// The amount of the step itself.
        Period = "period",
    }
}

table! {
    /// Keys for blocks that lack them.
    Defaults, "`[defaults]`", required [], rivals [], {
        /// For every flow that lacks a key and its rival.
        flow: Raw<Flow>,
        /// For every driver that lacks a key and its rival; keys of another kind than its own are passed over.
        driver: Raw<DriverDefaults>,
    }
}

table! {
    /// One product in one direction.
    Flow, "a flow", required [&["id"], &["from"], &["to"], &["base_total", "base"]],
    rivals [["base", "base_total"], ["trend", "trend_percent"]], {
        /// The flow's id, such as "exports.textiles"; patterns match its leading parts.
        id: String,
        /// A title in words.
        title: String,
        /// Where it comes from: the reporter or a partner.
        from: String,
        /// Where it goes: a partner or the reporter.
        to: String,
        /// The product in words.
        product: String,
        /// Codes of the Harmonized System, carried along.
        hs: Vec<Spanned<String>>,
        /// The base year's total, above 0.
        base_total: Quantity,
        /// The annualised rate at the end of the base year, above 0.
        base: Quantity,
        /// Log growth a year; default 0.
        trend: Quantity,
        /// Growth in per cent a year; default 0.
        trend_percent: Quantity,
        /// A soft ceiling, above 0.
        capacity: Quantity,
        /// Replaces single keys of `[noise]` for this flow.
        noise: FlowNoise,
    }
}

table! {
    /// A sum of flows.
    Measure, "a measure", required [&["id"], &["flows"]], rivals [], {
        /// The measure's id.
        id: String,
        /// A title in words.
        title: String,
        /// Flow ids and patterns such as "imports.*"; a flow counts once.
        flows: Texts,
    }
}

table! {
    /// A value to be reached.
    Target, "a target", required [&["id"], &["measure"], &["at_least", "at_most"], &["by", "in"]],
    rivals [["at_least", "at_most"], ["by", "in"]], {
        /// The target's id.
        id: String,
        /// A title in words.
        title: String,
        /// A flow, a measure, or one of `exports`, `imports`, `total`, `balance`.
        measure: String,
        /// Reached when the calendar year's total is this or more.
        at_least: f64,
        /// Reached when the calendar year's total is this or less.
        at_most: f64,
        /// Reached in any projected year up to this one.
        by: i64,
        /// Reached in this year.
        r#in: i64,
    }
}

table! {
    /// Futures that exclude each other: one option a trial.
    Choice, "a choice", required [&["id"], &["options"]], rivals [], {
        /// The choice's id.
        id: String,
        /// Options and their probabilities, which sum to 1.
        options: Named<f64>,
    }
}

/// An entry of a table of names, for short.
pub(crate) type NamedQuantity = NamedEntry<Quantity>;
