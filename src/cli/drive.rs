//! Moves a simulation on, and looks round between the stretches.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tradewinds::projection::{Distribution, LEVELS};
use tradewinds::simulate::{RunError, Simulation, Watch};

use super::checkpoint::Checkpoint;
use super::failure::Failure;
use super::progress::Progress;

/// Runs all that remains, saving checkpoints.
pub fn to_the_end(
    simulation: &mut Simulation<'_>,
    checkpoint: &mut Checkpoint<'_>,
    watch: Watch<'_>,
    failed: &dyn Fn(RunError) -> Failure,
) -> Result<(), Failure> {
    while simulation.remaining() > 0 {
        advance(simulation, u64::MAX, checkpoint.patience(), watch).map_err(failed)?;
        if simulation.remaining() > 0 {
            checkpoint.save_if_due(simulation)?;
        }
    }
    Ok(())
}

/// Runs until the total in the last period is known well enough, or no trials remain. Looks at the error at trial counts
/// that depend on nothing else, so that the number of trials run, and with it every byte, is the same on any machine.
/// Gives the relative standard error that was reached.
pub fn to_a_precision(
    simulation: &mut Simulation<'_>,
    asked: f64,
    checkpoint: &mut Checkpoint<'_>,
    progress: &Progress,
    watch: Watch<'_>,
    failed: &dyn Fn(RunError) -> Failure,
) -> Result<f64, Failure> {
    let block = simulation.block();
    // One that goes on from a look takes it again: it may have been the last.
    let mut goal = look_from(simulation.done(), block);
    loop {
        while simulation.remaining() > 0 && simulation.done() < goal {
            advance(simulation, goal - simulation.done(), checkpoint.patience(), watch).map_err(failed)?;
            checkpoint.save_if_due(simulation)?;
        }
        let reached = error(&simulation.last_total());
        if reached <= asked || simulation.remaining() == 0 {
            return Ok(reached);
        }
        progress.nears(simulation.done(), simulation.remaining(), reached, asked);
        goal = look_from(simulation.done() + 1, block);
    }
}

/// The first of 16,384 times 1, 1.414, 2, 2.828, 4 .. trials that is no fewer than so many once it is made up to whole
/// blocks, as a run stops at their ends.
fn look_from(least: u64, block: u64) -> u64 {
    let looks = (0..).flat_map(|octave| [16_384_u64 << octave, 23_170_u64 << octave]);
    looks.take(2 * 40).find(|&look| look.next_multiple_of(block) >= least).unwrap_or(u64::MAX)
}

/// The largest standard error of the median, `p05` and `p95`, as a share of the value.
fn error(law: &Distribution) -> f64 {
    let at = |level: f64| LEVELS.iter().position(|&it| it == level).expect("a published level");
    let share = |level: f64| {
        let estimate = law.quantiles[at(level)];
        match estimate.standard_error {
            Some(0.0) => 0.0,
            Some(error) => error / estimate.value.abs(),
            None => f64::INFINITY,
        }
    };
    [0.05, 0.5, 0.95].into_iter().map(share).fold(0.0, f64::max)
}

/// Runs at most `limit` trials, and no more than it has patience for: at the first block that ends later than that
/// nothing more is begun.
fn advance(simulation: &mut Simulation<'_>, limit: u64, patience: Duration, watch: Watch<'_>) -> Result<(), RunError> {
    let (started, enough) = (Instant::now(), AtomicBool::new(false));
    let progress = |trials: u64| {
        (watch.progress)(trials);
        if started.elapsed() >= patience {
            enough.store(true, Ordering::Relaxed);
        }
    };
    simulation.advance_until(&enough, limit, Watch { progress: &progress, ..watch })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_half_an_octave_apart() {
        let looks: Vec<u64> =
            std::iter::successors(Some(look_from(0, 1)), |&look| Some(look_from(look + 1, 1))).take(5).collect();
        assert_eq!(looks, [16_384, 23_170, 32_768, 46_340, 65_536]);
        assert!(look_from(1 << 53, 1) >= 1 << 53);
    }

    #[test]
    fn a_look_is_taken_at_the_end_of_its_block() {
        let end = 23_170_u64.next_multiple_of(1024);
        assert_eq!([16_385, 23_170, end].map(|done| look_from(done, 1024)), [23_170; 3]);
        assert_eq!(look_from(end + 1, 1024), 32_768);
    }
}
