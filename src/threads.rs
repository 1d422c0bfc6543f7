//! The threads that a voice may use.
//!
//! Work is handed out so that every number of a result is computed by one thread, in one order: results do not depend
//! on how many threads there are, to the bit.

use crate::{Error, Result};

/// A number of threads, ready to work.
#[derive(Debug)]
pub struct Threads {
    count: usize,
    #[cfg(feature = "threads")]
    pool: Option<rayon::ThreadPool>,
}

impl Threads {
    /// Only the calling thread.
    pub fn one() -> Self {
        Threads {
            count: 1,
            #[cfg(feature = "threads")]
            pool: None,
        }
    }

    /// `count` threads; 0 means as many as the machine has cores.
    ///
    /// # Errors
    /// When the operating system refuses to start them.
    pub fn new(count: usize) -> Result<Self> {
        let available = || std::thread::available_parallelism().map_or(1, usize::from);
        let count = if count == 0 { available() } else { count };
        if count == 1 || cfg!(not(feature = "threads")) {
            return Ok(Threads::one());
        }
        #[cfg(feature = "threads")]
        return match rayon::ThreadPoolBuilder::new().num_threads(count).build() {
            Ok(pool) => Ok(Threads { count, pool: Some(pool) }),
            Err(e) => Err(Error::input(format!("cannot start {count} threads ({e}); try --threads 1"))),
        };
        #[cfg(not(feature = "threads"))]
        Err(Error::input("built without threads"))
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Runs `f` on one of the threads. Handing out work is cheapest from there: a loop of many small steps should run
    /// as a whole inside of this.
    pub fn run<T: Send>(&self, f: impl FnOnce() -> T + Send) -> T {
        #[cfg(feature = "threads")]
        if let Some(pool) = &self.pool {
            return pool.install(f);
        }
        f()
    }

    /// Calls `f(k, chunk k of a, chunk k of b)` for all chunks, of `na` and `nb` items each.
    pub fn for_each<A: Send, B: Send>(
        &self,
        (a, na): (&mut [A], usize),
        (b, nb): (&mut [B], usize),
        f: impl Fn(usize, &mut [A], &mut [B]) + Sync,
    ) {
        #[cfg(feature = "threads")]
        if self.pool.is_some() {
            return self.run(|| halve(0, (a, na), (b, nb), &f));
        }
        for (k, (a, b)) in a.chunks_mut(na).zip(b.chunks_mut(nb)).enumerate() {
            f(k, a, b);
        }
    }
}

/// Gives one half of the chunks away, if somebody takes it, and keeps the other.
#[cfg(feature = "threads")]
fn halve<A: Send, B: Send>(
    first: usize,
    (a, na): (&mut [A], usize),
    (b, nb): (&mut [B], usize),
    f: &(impl Fn(usize, &mut [A], &mut [B]) + Sync),
) {
    let chunks = a.len().div_ceil(na);
    if chunks <= 1 {
        if chunks == 1 {
            f(first, a, b);
        }
        return;
    }
    let half = chunks / 2;
    let ((a0, a1), (b0, b1)) = (a.split_at_mut(half * na), b.split_at_mut(half * nb));
    rayon::join(|| halve(first, (a0, na), (b0, nb), f), || halve(first + half, (a1, na), (b1, nb), f));
}
