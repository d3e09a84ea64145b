//! Forecasts that other programs made.

use std::collections::HashMap;
use std::io;

use serde::Deserialize;

use super::{BENCHMARKS, OWN};
use crate::analysis::fit::{Mixture, Stretch};
use crate::history::History;

/// Another program's forecasts: normal laws of the logarithm of million USD.
#[derive(Clone, Debug, PartialEq)]
pub struct Rival {
    /// Its name.
    pub name: String,
    /// Mean and standard deviation by stretch, origin and horizon.
    forecasts: HashMap<(usize, i32, u32), (f64, f64)>,
}

impl Rival {
    /// What it expected so many years after an origin; nothing if it was not asked.
    pub fn forecast(&self, stretch: usize, origin: i32, horizon: u32) -> Option<Mixture> {
        self.forecasts.get(&(stretch, origin, horizon)).map(|(mean, sd)| Mixture::normal(*mean, *sd))
    }
}

#[derive(Deserialize)]
struct Line {
    model: String,
    from: String,
    to: String,
    #[serde(default)]
    product: String,
    #[serde(default)]
    reporter: String,
    origin: i32,
    horizon: u32,
    mean: f64,
    sd: f64,
}

type Flow<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Reads a table with the columns `model,from,to,origin,horizon,mean,sd`, and `product` and `reporter` where flows
/// have them: what a model expected of the natural logarithm of a flow in million USD, `horizon` years after the year
/// `origin`, with a standard deviation. Rivals come in the order of their first lines.
///
/// # Errors
/// A line that is no forecast, or one of a flow that the history does not hold; the text names it and the cure.
pub fn rivals(table: impl io::Read, history: &History, panel: &[Stretch]) -> Result<Vec<Rival>, String> {
    let mut stretches: HashMap<Flow<'_>, Vec<usize>> = HashMap::new();
    for (at, stretch) in panel.iter().enumerate() {
        let it = &history.series[stretch.series];
        stretches.entry((&it.from, &it.to, &it.product, &it.reporter)).or_default().push(at);
    }
    let mut found: Vec<Rival> = Vec::new();
    let mut lines = csv::Reader::from_reader(table);
    for (at, line) in lines.deserialize::<Line>().enumerate() {
        let number = at + 2;
        let line = line.map_err(|error| format!("{error}\n  = hint: {COLUMNS}"))?;
        if !(line.mean.is_finite() && line.sd.is_finite() && line.sd > 0.0) {
            return Err(format!("line {number}: no forecast: mean {}, sd {}\n  = hint: {COLUMNS}", line.mean, line.sd));
        }
        if line.model.is_empty() || line.model == OWN || BENCHMARKS.iter().any(|(name, _)| *name == line.model) {
            return Err(format!(
                "line {number}: a model cannot be called `{}`\n  = hint: names of its own tell it from those that are always scored",
                line.model
            ));
        }
        let of_flow = stretches
            .get(&(&*line.from, &*line.to, &*line.product, &*line.reporter))
            .ok_or_else(|| unknown(number, &line))?;
        let rival = match found.iter().position(|it| it.name == line.model) {
            Some(at) => &mut found[at],
            None => {
                found.push(Rival { name: line.model.clone(), forecasts: HashMap::new() });
                found.last_mut().expect("it was pushed")
            }
        };
        for stretch in of_flow {
            let earlier = rival.forecasts.insert((*stretch, line.origin, line.horizon), (line.mean, line.sd));
            if earlier.is_some() {
                return Err(format!(
                    "line {number}: `{}` has forecast this flow from {} over {} years before\n  = hint: one line each",
                    line.model, line.origin, line.horizon
                ));
            }
        }
    }
    Ok(found)
}

const COLUMNS: &str = "columns are model,from,to,origin,horizon,mean,sd, and product and reporter where flows have them; \
                       mean and sd, above 0, are of the natural logarithm of million USD";

fn unknown(number: usize, line: &Line) -> String {
    format!(
        "line {number}: the panel has no flow from `{}` to `{}` with product `{}` and reporter `{}`\n  = hint: write them as \
         `tradewinds history PANEL.csv --csv` does",
        line.from, line.to, line.product, line.reporter
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::fit::stretches;

    #[test]
    fn forecasts_are_found_by_flow_and_faults_name_their_line() {
        let trade = "from,to,year,value\nA,B,2000,1\nA,B,2001,2\nB,A,2000,1\n";
        let history = crate::history::read(trade.as_bytes(), None).unwrap();
        let panel = stretches(&history);
        let read =
            |rows: &str| rivals(format!("model,from,to,origin,horizon,mean,sd\n{rows}").as_bytes(), &history, &panel);
        let found = read("ets,A,B,2000,1,0.5,0.2\narima,B,A,2000,1,0.1,0.3\n").unwrap();
        assert_eq!(found.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["ets", "arima"]);
        assert_eq!(found[0].forecast(0, 2000, 1), Some(Mixture::normal(0.5, 0.2)));
        assert_eq!(found[0].forecast(1, 2000, 1), None);
        for (rows, part) in [
            ("ets,A,C,2000,1,0.5,0.2\n", "line 2: the panel has no flow from `A` to `C`"),
            ("ets,A,B,2000,1,0.5,0\n", "line 2: no forecast: mean 0.5, sd 0"),
            ("ets,A,B,2000,1,much,0\n", "columns are model,from,to"),
            (
                "ets,A,B,2000,1,0.5,0.2\nets,A,B,2000,1,0.4,0.2\n",
                "line 3: `ets` has forecast this flow from 2000 over 1",
            ),
            ("drift,A,B,2000,1,0.5,0.2\n", "line 2: a model cannot be called `drift`"),
            ("tradewinds,A,B,2000,1,0.5,0.2\n", "line 2: a model cannot be called `tradewinds`"),
            (",A,B,2000,1,0.5,0.2\n", "line 2: a model cannot be called ``"),
        ] {
            let error = read(rows).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }
}
