//! Several runs at once, each on one thread.

use network3::{Pieces, Result, Threads};

/// Calls `f` for each of so many runs, as many at a time as there are threads, and returns what came of them in their
/// order.
///
/// # Errors
/// The error of the first run that has one; the others are brought to their end before.
pub fn side_by_side<T: Send>(threads: &Threads, runs: usize, f: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let mut results: Vec<Option<Result<T>>> = (0..runs).map(|_| None).collect();
    threads.for_each(Pieces(&mut results, 1), |k, result| result[0] = Some(f(k)));
    results.into_iter().flatten().collect()
}
