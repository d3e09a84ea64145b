//! Independent pieces of work on several cores, for what is not a simulation.

use rayon::prelude::*;

use super::RunError;

/// Applies `work` to each of `items` on all cores. Results come in the order of the items, whatever the threads.
///
/// ```
/// assert_eq!(tradewinds::simulate::map_in_order(&[1, 2, 3], |x| x * x), [1, 4, 9]);
/// ```
pub fn map_in_order<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync + Send) -> Vec<R> {
    // One by one: else two long ones that are neighbours stay with one thread.
    items.par_iter().with_max_len(1).map(work).collect()
}

/// [`map_in_order`] for work that may change its item.
pub(super) fn update_in_order<T: Send, R: Send>(items: &mut [T], work: impl Fn(&mut T) -> R + Sync + Send) -> Vec<R> {
    items.par_iter_mut().with_max_len(1).map(work).collect()
}

/// [`map_in_order`] with a fault that ends the work: the first by item is given.
///
/// # Errors
/// That of the first item that has one.
pub(super) fn try_map_in_order<T: Sync, R: Send, E: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<R, E> + Sync + Send,
) -> Result<Vec<R>, E> {
    map_in_order(items, work).into_iter().collect()
}

/// Does two pieces of work, on two cores if one is idle.
pub(super) fn both<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    rayon::join(one, other)
}

/// Works with so many threads, 0 for one a core: what is spread over cores within is spread over these alone.
///
/// # Errors
/// [`RunError::Threads`].
pub fn on_threads<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> Result<R, RunError> {
    Ok(pool(threads)?.install(work))
}

/// Threads for so many pieces of work: more than those would have nothing to do.
///
/// # Errors
/// [`RunError::Threads`].
pub(super) fn pool_for(threads: usize, pieces: u64) -> Result<rayon::ThreadPool, RunError> {
    // 0 stands for one a core.
    pool(threads.min(usize::try_from(pieces).unwrap_or(usize::MAX)))
}

/// # Errors
/// [`RunError::Threads`].
fn pool(threads: usize) -> Result<rayon::ThreadPool, RunError> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| RunError::Threads(error.to_string()))
}
