//! The threads that a backend may use.
//!
//! This is fork–join over rayon's pool: work is halved again and again, and one half of it may be taken by another
//! thread. Two things keep it from being rayon's own `par_chunks_mut`. Pieces of several slices go together, as if
//! zipped, without an allocation. And waiting threads poll instead of sleeping: a layer of a small mini-batch takes
//! some tens of microseconds, about as long as to wake a thread. (While a network trains, its threads so take all the
//! time that other programs leave them.)
//!
//! Work is handed out so that every number of a result is computed by one thread, in one order: results do not depend
//! on how many threads there are, to the bit.

use super::tuning::WORTH_SHARING;
#[cfg(feature = "threads")]
use super::tuning::{NAP_MICROSECONDS, POLLS_BEFORE_SLEEP, POLLS_BEFORE_YIELD};
use crate::{Error, Result};
#[cfg(feature = "threads")]
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// A number of threads, ready to work.
#[derive(Debug)]
pub struct Threads {
    count: usize,
    #[cfg(feature = "threads")]
    pool: Option<rayon::ThreadPool>,
}

impl Threads {
    /// Only the calling thread.
    pub const fn one() -> Self {
        Threads {
            count: 1,
            #[cfg(feature = "threads")]
            pool: None,
        }
    }

    /// `count` threads; 0 means as many as the machine has cores.
    ///
    /// # Errors
    /// When there would be more than 1024, which no machine is the faster for, and when the operating system refuses to
    /// start them.
    pub fn new(count: usize) -> Result<Self> {
        if count > 1024 {
            return Err(Error::input(format!("{count} threads are too many: ask for at most 1024")));
        }
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

    /// These threads, or only the calling one for work so small that it is done before a second one has begun.
    pub fn if_worth(&self, multiplications: usize) -> &Self {
        static ONE: Threads = Threads::one();
        if multiplications < WORTH_SHARING { &ONE } else { self }
    }

    /// Runs `f` on one of the threads, while the others stay awake: handing out work takes a microsecond from there,
    /// where to wake a thread would take fifty. A loop of many small steps should run as a whole inside of this.
    pub fn run<T: Send>(&self, f: impl FnOnce() -> T + Send) -> T {
        #[cfg(feature = "threads")]
        if let Some(pool) = self.pool.as_ref().filter(|pool| pool.current_thread_index().is_none()) {
            let (f, done) = (Mutex::new(Some(f)), Done::default());
            let result = pool.broadcast(|thread| {
                if thread.index() > 0 {
                    done.help_until_done();
                    return None;
                }
                let _done = done.when_dropped();
                let f = f.lock().ok()?.take()?;
                Some(f())
            });
            return result.into_iter().flatten().next().expect("the first thread has run it");
        }
        f()
    }

    /// Calls `f(k, piece k)` for every piece of some work: pieces of one or more slices, side by side.
    ///
    /// ```
    /// use network3::{Pieces, Threads};
    /// let (mut squares, mut cubes) = ([0; 4], [0; 4]);
    /// let work = (Pieces(&mut squares, 1), Pieces(&mut cubes, 1));
    /// Threads::new(2)?.for_each(work, |k, (square, cube)| {
    ///     square[0] = k * k;
    ///     cube[0] = k * k * k;
    /// });
    /// assert_eq!((squares, cubes), ([0, 1, 4, 9], [0, 1, 8, 27]));
    /// # Ok::<(), network3::Error>(())
    /// ```
    pub fn for_each<W: Work>(&self, work: W, f: impl Fn(usize, W::Piece) + Sync) {
        #[cfg(feature = "threads")]
        if self.pool.is_some() {
            return self.run(|| halve(0, work, &f));
        }
        let mut work = work;
        for k in 0..work.count() {
            let (first, rest) = work.split(1);
            f(k, first.whole());
            work = rest;
        }
    }
}

/// Gives one half of the work away, if another thread takes it, and keeps the other.
#[cfg(feature = "threads")]
fn halve<W: Work>(first: usize, work: W, f: &(impl Fn(usize, W::Piece) + Sync)) {
    match work.count() {
        0 => {}
        1 => f(first, work.whole()),
        count => {
            let (a, b) = work.split(count / 2);
            let done = Done::default();
            let keep = || {
                halve(first, a, f);
                done.help_until_done();
            };
            let give = || {
                let _done = done.when_dropped();
                halve(first + count / 2, b, f);
            };
            rayon::join(keep, give);
        }
    }
}

/// Something that one thread does and another waits for.
#[cfg(feature = "threads")]
#[derive(Default)]
struct Done(AtomicBool);

#[cfg(feature = "threads")]
impl Done {
    /// Waits until it is done, and meanwhile does what other threads have to give away. A thread that falls asleep and
    /// is woken loses more time than most tasks take; so it stays awake for a while, then lets other programs go first,
    /// and naps only when there has been nothing to do for long.
    fn help_until_done(&self) {
        let mut idle = 0u32;
        while !self.0.load(Ordering::Acquire) {
            idle = if rayon::yield_now() == Some(rayon::Yield::Executed) { 0 } else { idle.saturating_add(1) };
            match idle {
                0..POLLS_BEFORE_YIELD => {}
                POLLS_BEFORE_YIELD..POLLS_BEFORE_SLEEP => std::thread::yield_now(),
                _ => std::thread::sleep(Duration::from_micros(NAP_MICROSECONDS)),
            }
        }
    }

    /// It is done when the guard goes, be it in a panic.
    fn when_dropped(&self) -> impl Drop {
        struct Guard<'a>(&'a AtomicBool);
        impl Drop for Guard<'_> {
            fn drop(&mut self) {
                self.0.store(true, Ordering::Release);
            }
        }
        Guard(&self.0)
    }
}

/// Work that comes in pieces.
pub trait Work: Send + Sized {
    /// One of them.
    type Piece;
    /// How many there are.
    fn count(&self) -> usize;
    /// The first `k`, and the others.
    fn split(self, k: usize) -> (Self, Self);
    /// The only piece.
    fn whole(self) -> Self::Piece;
}

/// A slice in pieces of so many items; the last may be shorter.
pub struct Pieces<'a, T>(pub &'a mut [T], pub usize);

impl<'a, T: Send> Work for Pieces<'a, T> {
    type Piece = &'a mut [T];
    fn count(&self) -> usize {
        self.0.len().div_ceil(self.1)
    }
    fn split(self, k: usize) -> (Self, Self) {
        let (a, b) = self.0.split_at_mut((k * self.1).min(self.0.len()));
        (Pieces(a, self.1), Pieces(b, self.1))
    }
    fn whole(self) -> &'a mut [T] {
        self.0
    }
}

/// Where a result may not be wanted: then all its pieces are `None`.
impl<W: Work> Work for Option<W> {
    type Piece = Option<W::Piece>;
    fn count(&self) -> usize {
        self.as_ref().map_or(usize::MAX, W::count)
    }
    fn split(self, k: usize) -> (Self, Self) {
        self.map(|work| work.split(k)).unzip()
    }
    fn whole(self) -> Self::Piece {
        self.map(W::whole)
    }
}

/// Two results side by side, as far as both go.
impl<A: Work, B: Work> Work for (A, B) {
    type Piece = (A::Piece, B::Piece);
    fn count(&self) -> usize {
        self.0.count().min(self.1.count())
    }
    fn split(self, k: usize) -> (Self, Self) {
        let ((a0, a1), (b0, b1)) = (self.0.split(k), self.1.split(k));
        ((a0, b0), (a1, b1))
    }
    fn whole(self) -> Self::Piece {
        (self.0.whole(), self.1.whole())
    }
}

#[cfg(all(test, feature = "threads"))]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};

    #[test]
    fn every_piece_is_done_once_on_any_number_of_threads() {
        for count in 1..=5 {
            let threads = Threads::new(count).unwrap();
            let mut pieces = [0; 1003];
            threads.run(|| {
                for _ in 0..200 {
                    threads.for_each(Pieces(&mut pieces, 10), |k, piece| piece.iter_mut().for_each(|x| *x += k));
                }
            });
            assert!(pieces.iter().enumerate().all(|(i, &x)| x == 200 * (i / 10)), "{count} threads");
        }
    }

    #[test]
    fn a_panic_comes_through_and_the_threads_live_on() {
        let threads = Threads::new(3).unwrap();
        for bad in 0..8 {
            let work = || threads.for_each(Pieces(&mut [0; 8], 1), |k, _| assert_ne!(k, bad));
            assert!(catch_unwind(AssertUnwindSafe(|| threads.run(work))).is_err(), "piece {bad}");
        }
        assert_eq!(threads.run(|| threads.run(|| 7)), 7);
    }
}
