//! Which draws of a plan get a dimension of a Sobol sequence, the most important first.

use std::sync::Arc;

use super::{DriverOp, Operand, Plan, RowOp};
use crate::draws::{Key, Part, Quasi};

impl Plan {
    /// Draws what has a dimension from Sobol points, `each` a randomisation. What is drawn once a trial comes first,
    /// then the sums of the permanent shocks up to each knot.
    pub(crate) fn draw_from_sobol_points(&mut self, seed: u64, each: u64) {
        let knots = self.knots();
        let sums = (1..=knots.len() as Part)
            .flat_map(|part| self.noise.permanent.sources.iter().map(move |source| (source.key, part)));
        let once = self.drawn_once().into_iter().map(|key| (key, 0));
        self.quasi = Some(Arc::new(Quasi::new(seed, each, once.chain(sums), knots.clone())));
    }

    /// Steps at whose ends the sum of a source's permanent shocks is drawn: the last one, the middle of the years, and
    /// the middles of both halves.
    fn knots(&self) -> Vec<usize> {
        let years = self.steps / self.steps_per_year;
        let mut knots = Vec::new();
        for year in [years, years / 2, years / 4, 3 * years / 4] {
            let step = year * self.steps_per_year;
            if step > 0 && !knots.contains(&step) {
                knots.push(step);
            }
        }
        knots
    }

    /// Inputs in their order, choices, and whether interventions happen.
    fn drawn_once(&self) -> Vec<Key> {
        let inputs = self.rows.iter().filter_map(|op| match op {
            RowOp::Draw { key, law } => law.constant().is_none().then_some(*key),
            _ => None,
        });
        let happens = self.drivers.iter().filter_map(|driver| match &driver.op {
            DriverOp::Intervention(op) => (op.chance != Operand::Constant(1.0)).then_some(op.happens_key),
            _ => None,
        });
        inputs.chain(self.choices.iter().map(|choice| choice.key)).chain(happens).collect()
    }
}
