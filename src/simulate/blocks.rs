//! The one parallel loop.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::ThreadPool;

use super::{RunError, RunOptions, Watch, parallel, range_in_words};
use crate::kernel::{BlockError, Kernel, MOST_A_STEP, Observer};
use crate::plan::Plan;
use crate::scenario::Scenario;

/// How blocks are run.
pub(super) struct Blocks<'a> {
    /// Trials a block.
    pub lanes: usize,
    pub options: &'a RunOptions,
    pub watch: Watch<'a>,
    /// What a trial counts in the progress.
    pub weight: u64,
}

/// Of a run that is moved on stretch by stretch.
pub(super) struct Stretch<'a> {
    /// Threads that stay from one to the next.
    pub pool: &'a ThreadPool,
    /// So many blocks from the first of all are best seen by one worker, as they take memory that others do not; 0 or a
    /// power of two.
    pub lead: u64,
    /// Set when it has taken long enough: then it ends with the units that have been begun. None if it is not to pause.
    pub pause: Option<&'a AtomicBool>,
}

/// Something that gathers, and is told when a block is complete.
pub(super) trait Worker: Send {
    fn end_block(&mut self, block: u64);

    /// No block comes for a while: what has been seen must be readable.
    fn rest(&mut self);
}

/// Units handed out to a thread, about, over a run. Each leaves a node of the tree of sums with its worker.
const UNITS_A_THREAD: u64 = 32;
/// The most blocks of a unit where a run may pause, which waits for the units that have been begun.
const LARGEST_UNIT: u64 = 16;
/// A lead of more blocks than this is shared out like all others.
const LONGEST_LEAD: u64 = 64;
/// A unit is at most one in so many of the blocks that remain for a thread: small ones at the end let all end together.
const UNITS_TO_THE_END: u64 = 4;

impl Blocks<'_> {
    /// Runs blocks through workers, one a thread: those given, and new ones as needed. Each thread has an engine that
    /// takes a block's first trial and number of trials, and shows a worker what happens. Which blocks a worker sees
    /// depends on chance: what they hold must merge to the same whatever the split.
    pub fn fold<W, E, B>(
        &self,
        blocks: Range<u64>,
        workers: &mut Vec<W>,
        make: &(impl Fn() -> W + Sync),
        engine: &(impl Fn() -> B + Sync),
    ) -> Result<(), E>
    where
        W: Worker,
        E: From<RunError> + Send,
        B: FnMut(u64, usize, &mut W) -> Result<(), E>,
    {
        let pool = &parallel::pool_for(self.options.threads, blocks.end - blocks.start)?;
        let stretch = Stretch { pool, lead: 0, pause: None };
        self.fold_stretch(&stretch, blocks, workers, make, engine).map(drop)
    }

    /// The same, up to a pause; gives the first block that has not been run. Once all threads have a worker, a worker
    /// is always with the same thread: what it takes and frees stays in that thread's part of the memory, and is found
    /// there again.
    pub fn fold_stretch<W, E, B>(
        &self,
        stretch: &Stretch<'_>,
        blocks: Range<u64>,
        workers: &mut Vec<W>,
        make: &(impl Fn() -> W + Sync),
        engine: &(impl Fn() -> B + Sync),
    ) -> Result<u64, E>
    where
        W: Worker,
        E: From<RunError> + Send,
        B: FnMut(u64, usize, &mut W) -> Result<(), E>,
    {
        let threads = stretch.pool.current_num_threads();
        let queue = Queue::new(blocks, threads as u64, stretch.lead, stretch.pause);
        let mut places: Vec<Mutex<Option<W>>> = workers.drain(..).map(|worker| Mutex::new(Some(worker))).collect();
        places.resize_with(places.len().max(threads), || Mutex::new(None));
        stretch.pool.broadcast(|thread| {
            let mut place = places[thread.index()].lock().expect("a thread has its own place");
            if let Some(unit) = queue.take() {
                let worker = place.get_or_insert_with(make);
                self.work(&queue, unit, worker, engine());
                worker.rest();
            }
        });
        workers.extend(places.into_iter().filter_map(|place| place.into_inner().expect("no thread panicked")));
        if self.watch.stop.load(Ordering::Relaxed) {
            return Err(RunError::Stopped.into());
        }
        match queue.error.into_inner().expect("no thread panicked") {
            Some((_, error)) => Err(error),
            None => Ok(queue.next.into_inner()),
        }
    }

    /// Runs a unit, and then others as long as there are any.
    fn work<W: Worker, E>(
        &self,
        queue: &Queue<'_, E>,
        unit: Range<u64>,
        worker: &mut W,
        mut engine: impl FnMut(u64, usize, &mut W) -> Result<(), E>,
    ) {
        let lanes = self.lanes as u64;
        for range in std::iter::once(unit).chain(std::iter::from_fn(|| queue.take())) {
            for block in range {
                if self.watch.stop.load(Ordering::Relaxed) {
                    return;
                }
                let first_trial = block * lanes;
                let live = lanes.min(self.options.trials - first_trial);
                if let Err(error) = engine(first_trial, live as usize, worker) {
                    queue.fail(block, error);
                    break;
                }
                worker.end_block(block);
                (self.watch.progress)(live * self.weight);
            }
        }
    }
}

/// An engine that takes blocks through one plan.
pub(super) fn engine<'p, W: Observer>(
    plan: &'p Plan,
    scenario: &'p Scenario,
    options: &RunOptions,
) -> impl FnMut(u64, usize, &mut W) -> Result<(), RunError> + use<'p, W> {
    let mut kernel = Kernel::new(plan, options.vectors);
    move |first_trial, live, worker| {
        kernel.run(first_trial, live, worker).map_err(|error| explain(scenario, plan, error))
    }
}

/// With the names that the kernel does not know.
pub(super) fn explain(scenario: &Scenario, plan: &Plan, error: BlockError) -> RunError {
    let trial = error.trial() + 1;
    match error {
        BlockError::OutOfRange(it) => RunError::OutOfRange {
            trial,
            place: it.place,
            written: it.written,
            value: it.value,
            range: range_in_words(&it.range),
        },
        BlockError::TooFrequent { driver, mean, .. } => RunError::TooFrequent {
            trial,
            driver: scenario.drivers[driver].id.clone(),
            a_year: mean * plan.steps_per_year as f64,
            most: MOST_A_STEP * plan.steps_per_year as f64,
        },
        BlockError::Overflow { flow, step, value, .. } => RunError::Overflow {
            trial,
            flow: scenario.flows[flow].id.clone(),
            time: f64::from(scenario.horizon.base + 1) + step as f64 * scenario.horizon.dt(),
            value,
        },
    }
}

/// Blocks in increasing order, a unit at a time; after an error only those before it.
struct Queue<'a, E> {
    next: AtomicU64,
    end: AtomicU64,
    /// Blocks of a unit but for the last ones: a power of two, so that it is one node of the tree of sums.
    unit: u64,
    threads: u64,
    /// The first unit ends here, or at its own end.
    lead: u64,
    pause: Option<&'a AtomicBool>,
    error: Mutex<Option<(u64, E)>>,
}

impl<'a, E> Queue<'a, E> {
    fn new(blocks: Range<u64>, threads: u64, lead: u64, pause: Option<&'a AtomicBool>) -> Queue<'a, E> {
        let share = (blocks.end - blocks.start) / (UNITS_A_THREAD * threads);
        // One thread is not to be busy with the lead when the others are done.
        let has_time = lead <= LONGEST_LEAD && lead <= share * UNITS_A_THREAD / 2;
        let largest = if pause.is_some() { LARGEST_UNIT } else { u64::MAX };
        Queue {
            next: AtomicU64::new(blocks.start),
            end: AtomicU64::new(blocks.end),
            unit: share.max(1).next_power_of_two().min(largest),
            threads,
            lead: if has_time { lead } else { 0 },
            pause,
            error: Mutex::new(None),
        }
    }

    fn take(&self) -> Option<Range<u64>> {
        if self.pause.is_some_and(|pause| pause.load(Ordering::Relaxed)) {
            return None;
        }
        let end = self.end.load(Ordering::Relaxed);
        let next = |first: u64| (first < end).then(|| end.min(first + self.to_boundary(first, end - first)));
        let first = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next).ok()?;
        next(first).map(|next| first..next)
    }

    /// Blocks up to the end of the unit that begins here, where so many remain.
    fn to_boundary(&self, first: u64, remaining: u64) -> u64 {
        let fitting = 1 << (remaining / (UNITS_TO_THE_END * self.threads)).max(1).ilog2();
        let unit = self.unit.min(fitting);
        (unit - first % unit).max(self.lead.saturating_sub(first))
    }

    /// The first error by trial is the one reported, whichever thread met its own first: blocks before this one
    /// are still run.
    fn fail(&self, block: u64, error: E) {
        self.end.fetch_min(block, Ordering::Relaxed);
        let mut first = self.error.lock().expect("no thread panicked");
        if first.as_ref().is_none_or(|(earlier, _)| block < *earlier) {
            *first = Some((block, error));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PAUSE: AtomicBool = AtomicBool::new(false);

    fn queue(blocks: Range<u64>, lead: u64) -> Queue<'static, ()> {
        Queue::new(blocks, 2, lead, Some(&PAUSE))
    }

    fn units(blocks: Range<u64>, lead: u64) -> Vec<Range<u64>> {
        let queue = queue(blocks, lead);
        std::iter::from_fn(|| queue.take()).collect()
    }

    #[test]
    fn units_are_nodes_of_the_tree_and_small_at_the_end() {
        for blocks in [0..977, 3..40_099, 130..131, 0..7, 5..5] {
            let units = units(blocks.clone(), 0);
            assert_eq!(units.iter().flat_map(Clone::clone).collect::<Vec<_>>(), blocks.clone().collect::<Vec<_>>());
            for one in &units {
                let length = (one.end - one.start).next_power_of_two();
                assert!(length <= 16 && one.start / length == (one.end - 1) / length, "{one:?} is in one node");
                assert!(one.end - one.start <= ((blocks.end - one.start) / 8).max(1), "{one:?} of {blocks:?}");
            }
        }
    }

    #[test]
    fn blocks_that_one_worker_is_to_see_are_the_first_unit_if_there_is_time() {
        assert_eq!(units(0..977, 64)[..3], [0..64, 64..80, 80..96]);
        assert_eq!(units(10..977, 64)[..2], [10..64, 64..80]);
        assert_eq!(units(64..977, 64)[0], 64..80);
        // Half of the blocks of one thread are 48, and then 64.
        assert_eq!(units(0..255, 64)[0], 0..4);
        assert_eq!(units(0..256, 64)[0], 0..64);
        assert_eq!(units(0..99_999, 1024)[0], 0..16, "a pause would have to wait for it");
    }

    /// Each leaves a node of the tree of sums: they are no more for more trials where none is waited for.
    #[test]
    fn a_run_that_does_not_pause_has_few_units() {
        let queue = Queue::<()>::new(0..1_000_000, 2, 64, None);
        let count = std::iter::from_fn(|| queue.take()).count();
        assert!((40..200).contains(&count), "{count}");
    }

    #[test]
    fn after_an_error_only_earlier_blocks_are_run() {
        let queue = queue(0..200, 0);
        assert_eq!(queue.take(), Some(0..4));
        queue.fail(9, ());
        queue.fail(50, ());
        assert!(matches!(*queue.error.lock().unwrap(), Some((9, ()))));
        assert_eq!(std::iter::from_fn(|| queue.take()).last(), Some(8..9));
    }

    #[test]
    fn after_a_pause_nothing_is_begun() {
        let pause = AtomicBool::new(false);
        let queue = Queue::<()>::new(0..200, 2, 0, Some(&pause));
        assert!(queue.take().is_some());
        pause.store(true, Ordering::Relaxed);
        assert_eq!((queue.take(), queue.next.into_inner()), (None, 4));
    }
}
