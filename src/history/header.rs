//! What the names of columns say.

use super::form::Form;
use super::layout::{Column, Layout, Role};
use super::period::Period;
use super::unit::Unit;

/// Names of columns by role, in lower case without marks; of several that a table has the first counts, so codes come
/// before names.
const NAMES: &[(Role, &[&str])] = &[
    (
        Role::From,
        &["from", "exporteriso3", "exporteriso", "isoo", "iso3o", "exporter", "exportercode", "exportername", "origin"],
    ),
    (
        Role::To,
        &[
            "to",
            "importeriso3",
            "importeriso",
            "isod",
            "iso3d",
            "importer",
            "importercode",
            "importername",
            "destination",
        ],
    ),
    (Role::Year, &["period", "year", "refyear", "timeperiod", "time", "tradeyear", "date"]),
    (
        Role::Reporter,
        &[
            "reporteriso",
            "reporteriso3",
            "refarea",
            "reporter",
            "reportercode",
            "reportername",
            "reporterdesc",
            "declarant",
            "countryid",
            "countryname",
            "country",
            "countrycode",
        ],
    ),
    (
        Role::Partner,
        &[
            "partneriso",
            "partneriso3",
            "counterpartarea",
            "counterpartcountryid",
            "counterpartcountryname",
            "counterpartcountry",
            "counterpartcountrycode",
            "partner",
            "partnercode",
            "partnername",
            "partnerdesc",
        ],
    ),
    (
        Role::Flow,
        &[
            "flowcode",
            "tradeflow",
            "tradeflowname",
            "tradeflowcode",
            "flow",
            "flowdesc",
            "indicatorcode",
            "indicatorid",
            "indicator",
            "indicatorname",
        ],
    ),
    (
        Role::Value,
        &["primaryvalue", "obsvalue", "tradevalue", "tradevaluein", "valuein", "value", "trade", "tradeus", "amount"],
    ),
    (
        Role::Product,
        &[
            "cmdcode",
            "commoditycode",
            "productcode",
            "product",
            "hs6",
            "hscode",
            "hs",
            "commodity",
            "productcategories",
            "productgroup",
            "productname",
            "cmddesc",
            "sector",
            "industry",
        ],
    ),
    (Role::Imports, &["imports"]),
    (Role::Exports, &["exports"]),
    (Role::Unit, &["unit", "units", "unitmeasure", "currency"]),
    (Role::Multiplier, &["unitmult", "unitmultiplier", "scale"]),
    (Role::Valuation, &["valuation"]),
    (Role::CifValue, &["cifvalue", "ciftradevalue"]),
    (Role::FobValue, &["fobvalue", "fobtradevalue"]),
    (Role::Aggregate, &["isaggregate"]),
    (Role::Code, &["ctycode"]),
];

/// Columns of Comtrade that split a flow further, and what they say of the whole. Its `isAggregate` says that the UN
/// summed a row over products, which is no reason to leave it out.
const SPLITS: &[(&str, &[&str])] =
    &[("partner2code", &["0", ""]), ("customscode", &["C00", ""]), ("motcode", &["0", ""]), ("moscode", &["0", ""])];

/// Where a role's text comes from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Source {
    /// The cell of a column, by index.
    Cell(usize),
    /// The same text in every row.
    Fixed(String),
}

/// The columns of a table, found.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    pub(super) form: Form,
    /// By role.
    sources: Vec<Option<Source>>,
    /// The unit that the name of the role's column holds.
    units: Vec<Option<Unit>>,
    /// Columns that hold the values of one period each.
    pub(super) periods: Vec<(usize, Period)>,
    /// Columns that must hold one of some texts, or the row is a part of another.
    pub(super) splits: Vec<(usize, &'static [&'static str])>,
    /// Cells of the header.
    pub(super) width: usize,
    /// Whether cells hold a code, a colon and its label.
    pub(super) has_labels: bool,
}

/// What the name of a column says.
struct Name {
    /// In lower case, without marks, without unit and label.
    plain: String,
    unit: Option<Unit>,
    words: Vec<String>,
}

impl Columns {
    /// The columns of a header.
    ///
    /// # Errors
    /// The name of a column that the layout asks for and the header has not.
    pub(super) fn find(layout: &Layout, header: &[String]) -> Result<Columns, String> {
        let has_labels = header.iter().any(|name| name.contains(": "));
        let names: Vec<Name> = header.iter().map(|name| read_name(name)).collect();
        let plain: Vec<String> = header.iter().map(|name| letters(before_label(name))).collect();
        let form = Form::of(&plain);
        let mut columns = Columns {
            form,
            sources: vec![None; Role::ALL.len()],
            units: vec![None; Role::ALL.len()],
            periods: Vec::new(),
            splits: Vec::new(),
            width: header.len(),
            has_labels,
        };
        columns.take_named(layout, header, &names)?;
        if form == Form::Baci {
            let at = |name: &str| plain.iter().position(|it| it == name);
            for (role, name) in
                [(Role::Year, "t"), (Role::From, "i"), (Role::To, "j"), (Role::Product, "k"), (Role::Value, "v")]
            {
                columns.take(role, at(name), None);
            }
        }
        columns.take_known(&names);
        columns.take_of_one_reporter(&names);
        if columns.get(Role::Year).is_none() {
            columns.periods = periods(header);
        }
        if form == Form::Comtrade {
            columns.sources[Role::Aggregate as usize] = None;
            columns.splits = SPLITS
                .iter()
                .filter_map(|(name, whole)| Some((plain.iter().position(|it| it == name)?, *whole)))
                .collect();
        }
        Ok(columns)
    }

    /// Where the text of a role is.
    pub(super) fn get(&self, role: Role) -> Option<&Source> {
        self.sources[role as usize].as_ref()
    }

    /// The unit that the name of a role's column holds.
    pub(super) fn unit(&self, role: Role) -> Option<Unit> {
        self.units[role as usize]
    }

    /// What is still needed to read a table, in words; none if nothing.
    pub(super) fn lacks(&self) -> Option<&'static str> {
        let has = |role| self.get(role).is_some();
        let has_sides = has(Role::Imports) || has(Role::Exports);
        if !has(Role::Year) && self.periods.is_empty() {
            return Some("year");
        }
        if !has(Role::From) || !has(Role::To) {
            if !has(Role::Reporter) || !has(Role::Partner) {
                return Some("from and to, or reporter and partner");
            }
            if !has(Role::Flow) && !has_sides {
                return Some("flow (whether the reporter exports or imports)");
            }
        }
        (!has(Role::Value) && !has_sides && self.periods.is_empty()).then_some("value")
    }

    fn take(&mut self, role: Role, at: Option<usize>, unit: Option<Unit>) {
        if let Some(at) = at
            && self.get(role).is_none()
        {
            self.sources[role as usize] = Some(Source::Cell(at));
            self.units[role as usize] = unit;
        }
    }

    fn take_named(&mut self, layout: &Layout, header: &[String], names: &[Name]) -> Result<(), String> {
        for (role, column) in &layout.columns {
            match column {
                Column::Fixed(text) => self.sources[*role as usize] = Some(Source::Fixed(text.clone())),
                Column::Named(name) => {
                    let at = header.iter().position(|it| it == name).ok_or_else(|| name.clone())?;
                    self.take(*role, Some(at), names[at].unit);
                }
            }
        }
        Ok(())
    }

    fn take_known(&mut self, names: &[Name]) {
        for (role, known) in NAMES {
            let found = known.iter().find_map(|known| names.iter().position(|name| name.plain == *known));
            self.take(*role, found, found.and_then(|at| names[at].unit));
        }
    }

    /// Columns such as `us_imports_musd`: the reporter stands in their names.
    fn take_of_one_reporter(&mut self, names: &[Name]) {
        for (role, word) in [(Role::Imports, "imports"), (Role::Exports, "exports")] {
            let found = names.iter().enumerate().find_map(|(at, name)| match &name.words[..] {
                [country, last] if last == word => Some((at, alpha3(country)?)),
                _ => None,
            });
            let Some((at, reporter)) = found else { continue };
            self.take(role, Some(at), names[at].unit);
            if self.get(Role::Reporter).is_none() {
                self.sources[Role::Reporter as usize] = Some(Source::Fixed(reporter.to_owned()));
            }
        }
    }
}

fn alpha3(code: &str) -> Option<&'static str> {
    let code = code.to_uppercase();
    let found = rust_iso3166::from_alpha2(&code).or_else(|| rust_iso3166::from_alpha3(&code))?;
    Some(found.alpha3)
}

/// `REF_AREA` of `REF_AREA: Reference area`.
pub(super) fn before_label(text: &str) -> &str {
    text.split_once(": ").map_or(text, |(code, _)| code)
}

/// `1988`, `1988 [YR1988]`, `2020-Q1`.
fn periods(header: &[String]) -> Vec<(usize, Period)> {
    let first_word = |name: &str| name.split_whitespace().next().and_then(Period::parse);
    header.iter().enumerate().filter_map(|(at, name)| Some((at, first_word(name)?))).collect()
}

fn letters(text: &str) -> String {
    text.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn read_name(name: &str) -> Name {
    let lower = before_label(name).to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric() && letter != '$')
        .filter(|word| !word.is_empty())
        .collect();
    let (kept, unit) = split_unit(&words);
    let words: Vec<String> = kept.iter().map(|word| (*word).to_owned()).collect();
    Name { plain: letters(&words.concat()), unit, words }
}

/// Takes a unit off the end of a name, the longest one.
fn split_unit<'a, 'b>(words: &'a [&'b str]) -> (&'a [&'b str], Option<Unit>) {
    for at in 1..words.len() {
        if let Some(unit) = Unit::named(&words[at..].join(" ")) {
            return (&words[..at], Some(unit));
        }
    }
    // The former Comtrade has the US dollar glued to the name.
    match words {
        [only] if only.starts_with("tradevalueus") => (words, Some(Unit::ONE)),
        _ => (words, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(header: &str) -> Columns {
        let header: Vec<String> = header.split(',').map(str::to_owned).collect();
        Columns::find(&Layout::default(), &header).unwrap()
    }

    fn check(header: &str, form: Form, expected: &[(Role, usize)]) {
        let columns = find(header);
        assert_eq!((columns.form, columns.lacks()), (form, None), "{header}");
        for (role, at) in expected {
            assert_eq!(columns.get(*role), Some(&Source::Cell(*at)), "{role:?} in {header}");
        }
    }

    #[test]
    fn layouts_are_known_by_their_headers() {
        check("from,to,year,value", Form::Plain, &[(Role::From, 0), (Role::To, 1), (Role::Year, 2), (Role::Value, 3)]);
        check("exporter,importer,year,trade_musd,dist_km", Form::Plain, &[(Role::From, 0), (Role::Value, 3)]);
        check("t,i,j,k,v,q", Form::Baci, &[(Role::Year, 0), (Role::From, 1), (Role::Product, 3), (Role::Value, 4)]);
        check(
            "period,reporterCode,reporterISO,flowCode,partnerCode,partnerISO,cmdCode,cifvalue,fobvalue,primaryValue",
            Form::Comtrade,
            &[(Role::Reporter, 2), (Role::Flow, 3), (Role::Partner, 5), (Role::CifValue, 7), (Role::Value, 9)],
        );
        check(
            "DATAFLOW,FREQ,REF_AREA,COUNTERPART_AREA,TRADE_FLOW,TIME_PERIOD,OBS_VALUE,UNIT_MULT,OBS_STATUS",
            Form::Sdmx,
            &[(Role::Reporter, 2), (Role::Partner, 3), (Role::Flow, 4), (Role::Multiplier, 7)],
        );
    }

    #[test]
    fn what_lacks_is_named() {
        for (header, lacks) in [
            ("a,b,c", "year"),
            ("year,a,b", "from and to, or reporter and partner"),
            ("year,reporter,partner,value", "flow (whether the reporter exports or imports)"),
            ("year,from,to", "value"),
        ] {
            assert_eq!(find(header).lacks(), Some(lacks), "{header}");
        }
    }

    #[test]
    fn units_stand_in_names() {
        for (header, unit) in [
            ("from,to,year,value_kusd", Unit::THOUSAND),
            ("from,to,year,Trade Value (US$)", Unit::ONE),
            ("from,to,year,TradeValue in 1000 USD", Unit::THOUSAND),
        ] {
            assert_eq!(find(header).unit(Role::Value), Some(unit), "{header}");
        }
    }
}
