//! What a reader of a scenario may ask of it.

use std::ops::RangeInclusive;

use super::{HistorySpec, Horizon, Prices, Quantity, Report, Scenario};

/// Measures that every scenario has, after its flows.
const SUMS: [&str; 4] = ["exports", "imports", "total", "balance"];
/// The place of the total among them.
const TOTAL: usize = 2;

impl Scenario {
    /// Its id: names the folder of its outputs.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its title; the id where the author gave none.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The information date, ISO 8601.
    pub fn as_of(&self) -> Option<&str> {
        self.as_of.as_deref()
    }

    /// Free text of the author.
    pub fn notes(&self) -> Option<&str> {
        self.notes.as_deref()
    }

    /// What every value is counted in, such as `USD million`.
    pub fn unit(&self) -> &str {
        &self.unit
    }

    /// Whether values are in the money of their year.
    pub fn prices(&self) -> Prices {
        self.prices
    }

    /// Whose statistics the base values are.
    pub fn metric(&self) -> Option<&str> {
        self.metric.as_deref()
    }

    /// The last calendar year in which a target of it counts.
    pub fn deadline(&self) -> Option<i32> {
        self.targets.iter().map(|target| target.last_year).max()
    }

    /// How many flows there are.
    pub fn flow_count(&self) -> usize {
        self.flows.len()
    }

    /// What it says of observed trade; [`observe`](super::observe) reads that.
    pub fn history(&self) -> Option<&HistorySpec> {
        self.history.as_ref()
    }

    /// What the reported values are counted in: `USD million`, or `USD million a year` for annualised steps.
    pub fn unit_of_values(&self) -> String {
        match self.horizon.report {
            Report::StepAnnualised => format!("{} a year", self.unit),
            Report::Year | Report::StepAmount => self.unit.clone(),
        }
    }

    /// The ids of all measures: the flows, `exports`, `imports`, `total`, `balance`, then own ones.
    pub fn measure_ids(&self) -> Vec<String> {
        let flows = self.flows.iter().map(|flow| flow.id.clone());
        flows.chain(SUMS.map(str::to_owned)).chain(self.measures.iter().map(|measure| measure.id.clone())).collect()
    }

    /// From now on results are made of these measures alone, and of the total, which is always there. Nothing is drawn
    /// otherwise: what is left is what it was. Targets are judged whatever they are of.
    ///
    /// # Errors
    /// The first of the ids that is no measure of the scenario; then nothing has changed.
    ///
    /// ```
    /// let text = "[pair]\nreporter = \"A\"\npartner = \"B\"\n[value]\nunit = \"USD\"\n[horizon]\nbase = 2022\nend = 2023\nstep = \"year\"\n\
    ///             [[flow]]\nid = \"all\"\nfrom = \"A\"\nto = \"B\"\nbase_total = 1\n";
    /// let mut scenario = tradewinds::scenario::from_text(text).unwrap();
    /// assert_eq!(scenario.report_only(&["every".to_owned()]), Err("every".to_owned()));
    /// scenario.report_only(&["balance".to_owned()]).unwrap();
    /// assert_eq!(scenario.reported_ids(), ["total", "balance"]);
    /// ```
    pub fn report_only(&mut self, ids: &[String]) -> Result<(), String> {
        let all = self.measure_ids();
        let place = |id: &String| all.iter().position(|it| it == id).ok_or_else(|| id.clone());
        let mut only = ids.iter().map(place).collect::<Result<Vec<usize>, String>>()?;
        only.push(self.flows.len() + TOTAL);
        only.sort_unstable();
        only.dedup();
        self.only = (only.len() < all.len()).then_some(only);
        Ok(())
    }

    /// Places, among all measures, of those that results are made of.
    pub(crate) fn reported(&self) -> Vec<usize> {
        let all = self.flows.len() + SUMS.len() + self.measures.len();
        self.only.clone().unwrap_or_else(|| (0..all).collect())
    }

    /// Ids of the measures that results are made of: those of [`Scenario::measure_ids`], or what
    /// [`Scenario::report_only`] left of them.
    pub fn reported_ids(&self) -> Vec<String> {
        let all = self.measure_ids();
        self.reported().into_iter().map(|at| all[at].clone()).collect()
    }

    /// Whether [`Scenario::report_only`] left out any measure.
    pub fn reports_all(&self) -> bool {
        self.only.is_none()
    }

    /// The flows that go from one country to another: their ids in the file's order.
    ///
    /// ```
    /// let text = "[pair]\nreporter = \"A\"\npartner = \"B\"\n[value]\nunit = \"USD\"\n[horizon]\nbase = 2022\nend = 2023\nstep = \"year\"\n\
    ///             [[flow]]\nid = \"all\"\nfrom = \"A\"\nto = \"B\"\nbase_total = 1\n";
    /// let scenario = tradewinds::scenario::from_text(text).unwrap();
    /// assert_eq!(scenario.flows_between("A", "B"), ["all"]);
    /// ```
    pub fn flows_between(&self, from: &str, to: &str) -> Vec<&str> {
        let goes = |flow: &&super::Flow| flow.from == from && flow.to == to;
        self.flows.iter().filter(goes).map(|flow| flow.id.as_str()).collect()
    }

    /// Ids of its drivers, in the file's order.
    pub fn driver_ids(&self) -> impl Iterator<Item = &str> {
        self.drivers.iter().map(|driver| driver.id.as_str())
    }

    /// The grid of time.
    pub fn horizon(&self) -> &Horizon {
        &self.horizon
    }
}

impl Quantity {
    /// For reading: the number, or the law, name or formula as the author wrote it.
    pub fn in_words(&self) -> String {
        match self {
            Quantity::Constant(x) => x.to_string(),
            Quantity::Drawn(used) => used.written.clone(),
        }
    }
}

impl Prices {
    /// The word that a scenario file has for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Prices::Nominal => "nominal",
            Prices::Real => "real",
        }
    }
}

impl Horizon {
    /// The projected calendar years.
    pub fn projected_years(&self) -> RangeInclusive<i32> {
        self.base + 1..=self.end
    }

    /// Steps a year.
    pub fn steps_per_year(&self) -> u32 {
        self.steps_per_year as u32
    }

    /// The word that a scenario file has for the length of a step.
    pub fn step(&self) -> &'static str {
        match self.steps_per_year {
            1 => "year",
            2 => "half-year",
            4 => "quarter",
            _ => "month",
        }
    }
}
