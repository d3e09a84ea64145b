//! Moves a simulation on, and looks round between the stretches.

use std::time::{Duration, Instant};

use tradewinds::simulate::{RunError, Simulation, Watch};

use super::checkpoint::Checkpoint;
use super::failure::Failure;

/// Runs all that remains, saving checkpoints.
pub fn to_the_end(
    simulation: &mut Simulation<'_>,
    checkpoint: &mut Checkpoint<'_>,
    watch: Watch<'_>,
    failed: &dyn Fn(RunError) -> Failure,
) -> Result<(), Failure> {
    let mut pace = Pace::new(checkpoint.patience());
    while simulation.remaining() > 0 {
        pace.advance(simulation, u64::MAX, watch).map_err(failed)?;
        if simulation.remaining() > 0 {
            checkpoint.save_if_due(simulation)?;
        }
    }
    Ok(())
}

/// How many trials to run in one stretch, so that it takes about as long as it may.
struct Pace {
    aim: Duration,
    trials: u64,
}

/// Trials of the first stretch.
const FIRST: u64 = 16_384;
/// By how much a stretch may be longer than the one before: the first ones say little about the speed.
const LARGEST_STEP: f64 = 8.0;

impl Pace {
    fn new(aim: Duration) -> Pace {
        Pace { aim, trials: FIRST }
    }

    /// Runs one stretch, of at most `limit` trials.
    fn advance(&mut self, simulation: &mut Simulation<'_>, limit: u64, watch: Watch<'_>) -> Result<(), RunError> {
        let (started, before) = (Instant::now(), simulation.done());
        simulation.advance(self.trials.min(limit), watch)?;
        let (took, trials) = (started.elapsed().as_secs_f64(), simulation.done() - before);
        let fitting = trials as f64 * (self.aim.as_secs_f64() / took.max(1e-9));
        self.trials = fitting.min(self.trials as f64 * LARGEST_STEP).max(1.0) as u64;
        Ok(())
    }
}
