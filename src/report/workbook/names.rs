//! What ids are called.

use std::collections::HashMap;

use crate::report::finished::FinishedRun;
use crate::report::read::Row;

/// Titles of all scenarios of a workbook and their measures.
pub struct Names {
    scenarios: HashMap<String, String>,
    /// By scenario.
    measures: HashMap<String, HashMap<String, String>>,
}

impl Names {
    pub fn of(runs: &[FinishedRun]) -> Names {
        Names {
            scenarios: runs.iter().map(|run| (run.head.scenario.clone(), run.head.title.clone())).collect(),
            measures: runs.iter().map(|run| (run.head.scenario.clone(), run.measure_titles())).collect(),
        }
    }

    pub fn scenario<'a>(&'a self, id: &'a str) -> &'a str {
        self.scenarios.get(id).map_or(id, String::as_str)
    }

    pub fn measure<'a>(&'a self, scenario: &str, id: &'a str) -> &'a str {
        let title = self.measures.get(scenario).and_then(|titles| titles.get(id));
        title.map_or(id, String::as_str)
    }

    /// What the id in this column of a row is called, if it is one that has a title.
    pub fn title<'a>(&'a self, row: &Row<'a>, column: &str) -> Option<&'a str> {
        let id = row.text(column);
        match column {
            "scenario" => Some(self.scenario(id)),
            // A measure that only the base of a comparison has.
            "measure" => Some(match self.measure(row.text("scenario"), id) {
                untitled if untitled == id => self.measure(row.text("base"), id),
                title => title,
            }),
            "target" | "driver" | "part" => Some(match row.text("title") {
                "" => id,
                title => title,
            }),
            _ => None,
        }
    }
}
