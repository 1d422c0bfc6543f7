//! What a process prints, as far as anybody wants to read it.

use std::{
    io::{PipeReader, Read},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

/// So many bytes of the beginning and of the end are kept: nobody wants all that a loop prints in ten seconds.
const SOME: usize = 2000;

/// What comes out of a pipe, read by a thread of its own.
pub struct Printed {
    kept: Arc<Mutex<Kept>>,
    end: mpsc::Receiver<()>,
}

#[derive(Default)]
struct Kept {
    first: Vec<u8>,
    last: Vec<u8>,
}

impl Printed {
    /// Reads until there is nothing more to come.
    pub fn of(mut from: PipeReader) -> Printed {
        let kept = Arc::new(Mutex::new(Kept::default()));
        let (done, end) = mpsc::channel::<()>();
        let keep = kept.clone();
        thread::spawn(move || {
            let mut buffer = [0; 8192];
            while let Ok(n @ 1..) = from.read(&mut buffer) {
                keep.lock().unwrap_or_else(PoisonError::into_inner).add(&buffer[..n]);
            }
            drop(done);
        });
        Printed { kept, end }
    }

    /// Has all been read? The process has ended, so there is not long to wait.
    pub fn has_ended(&self) -> bool {
        self.end.recv_timeout(Duration::from_millis(500)) == Err(mpsc::RecvTimeoutError::Disconnected)
    }

    /// All of it, in short, as far as it has come.
    pub fn text(self) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let [first, last] = [&kept.first, &kept.last].map(|bytes| String::from_utf8_lossy(bytes));
        if kept.last.len() < SOME { format!("{first}{last}") } else { format!("{first}\n[…]\n{last}") }
    }
}

impl Kept {
    fn add(&mut self, bytes: &[u8]) {
        let room = (SOME - self.first.len()).min(bytes.len());
        self.first.extend_from_slice(&bytes[..room]);
        self.last.extend_from_slice(&bytes[room..]);
        if self.last.len() > SOME {
            self.last.drain(..self.last.len() - SOME);
        }
    }
}
