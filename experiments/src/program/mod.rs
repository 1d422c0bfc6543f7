//! What programs share that train something for a while: images, locks, Ctrl-C, and what a reader is told.

pub mod images;
mod interrupt;
mod lock;

pub use interrupt::watch;
pub use lock::Lock;

use network3::{Error, Result};
use std::{
    io::{self, Write},
    num::NonZero,
};

/// A line for the reader. Nobody reading it is no reason to stop training.
#[macro_export]
macro_rules! say {
    ($($arg:tt)*) => {{
        use std::io::Write;
        let _ = writeln!(std::io::stdout(), $($arg)*);
    }};
}

/// What a reader should know, and what is no reason to stop.
pub fn warn(message: impl std::fmt::Display) {
    eprintln!("warning: {message}");
}

/// Writes a list to where the program's output goes. Who has read enough of it, and closes the pipe, is no error.
///
/// # Errors
/// When it could not be written, because a disk is full, say.
pub fn print(list: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{list}").and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Error::io("writing the list", e)),
        _ => Ok(()),
    }
}

/// How many threads can work at once.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZero::get)
}
