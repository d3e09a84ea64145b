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
