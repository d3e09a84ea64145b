//! Where a measure belongs: a route, or the two who trade.

use serde::Deserialize;

use crate::report::finished::FinishedRun;
use crate::report::read::Row;

/// Who trades with whom, as the scenario says it.
#[derive(Debug, PartialEq, Eq)]
pub struct Pair {
    pub reporter: String,
    pub partners: Vec<String>,
}

#[derive(Deserialize)]
struct Resolved {
    pair: PairTable,
}

#[derive(Deserialize)]
struct PairTable {
    reporter: String,
    partner: OneOrMore,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Pair {
    /// Of a run whose `resolved` is as it was written; of any other nobody.
    pub fn of(run: &FinishedRun) -> Pair {
        let pair = toml::from_str(&run.head.resolved).map(|resolved: Resolved| resolved.pair);
        let Ok(PairTable { reporter, partner }) = pair else {
            return Pair { reporter: String::new(), partners: Vec::new() };
        };
        let partners = match partner {
            OneOrMore::One(partner) => vec![partner],
            OneOrMore::More(partners) => partners,
        };
        Pair { reporter, partners }
    }

    /// `PAK>KAZ` for what goes one way, `PAK-KAZ` for both ways, `PAK` where there are several partners.
    pub fn region(&self, measure: &Row<'_>) -> String {
        match (measure.text("from"), measure.text("to"), &self.partners[..]) {
            ("", _, [partner]) | (_, "", [partner]) => format!("{}-{partner}", self.reporter),
            ("", ..) | (_, "", _) => self.reporter.clone(),
            (from, to, _) => format!("{from}>{to}"),
        }
    }
}
