//! Independent pieces of work on all cores, for what is not a simulation.

use rayon::prelude::*;

/// Applies `work` to each of `items` on all cores. Results come in the order of the items, whatever the threads.
///
/// ```
/// assert_eq!(tradewinds::simulate::map_in_order(&[1, 2, 3], |x| x * x), [1, 4, 9]);
/// ```
pub fn map_in_order<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    items.par_iter().map(work).collect()
}

/// The same on so many threads, 0 for one a core; on this one alone where no others can be had.
pub(super) fn map_on<T: Sync, R: Send>(threads: usize, items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) if threads != 1 => pool.install(|| map_in_order(items, work)),
        _ => items.iter().map(work).collect(),
    }
}
