//! Answers that would call a function for ever.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// What is thrown to end a loop.
struct Enough;

/// Called by a function that has been called too often: the loop around it ends here.
pub fn enough() -> ! {
    resume_unwind(Box::new(Enough)) // no message on the screen, unlike a panic
}

/// Runs an answer; `None` when [`enough`] has ended it.
pub fn unless_endless<T>(run: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => Some(result),
        Err(thrown) if thrown.is::<Enough>() => None,
        Err(panic) => resume_unwind(panic),
    }
}
