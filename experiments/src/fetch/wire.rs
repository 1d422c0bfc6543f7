//! What a connection may bring, counted where it arrives: headers, chunks, trailers and all.
//!
//! A client that looks at the body alone does not see a server that sends headers or trailers without end, or a byte
//! now and then for ever.

use std::io;
use std::time::{Duration, Instant};
use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// What every connection is held to.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// At most so many bytes.
    pub most: u64,
    /// In each `window` of waiting, at least `least` bytes.
    pub least: u64,
    /// How long a window is. Only time in which the connection is waited for counts: a slow disk is not the server's
    /// fault.
    pub window: Duration,
}

/// A connection, and what it has brought so far.
#[derive(Debug)]
pub struct Metered<T> {
    inner: T,
    bounds: Bounds,
    /// Bytes in all.
    received: u64,
    /// Bytes of this window, and how long they were waited for.
    lately: (u64, Duration),
}

impl<T: Transport> Connector<T> for Bounds {
    type Out = Metered<T>;

    fn connect(&self, _: &ConnectionDetails, chained: Option<T>) -> Result<Option<Metered<T>>, Error> {
        Ok(chained.map(|inner| Metered { inner, bounds: *self, received: 0, lately: (0, Duration::ZERO) }))
    }
}

impl<T: Transport> Transport for Metered<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.inner.transmit_output(amount, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let (before, began) = (self.inner.buffers().input().len(), Instant::now());
        let progress = self.inner.await_input(timeout)?;
        let arrived = self.inner.buffers().input().len().saturating_sub(before) as u64;
        let Bounds { most, least, window } = self.bounds;
        self.received += arrived;
        if self.received > most {
            return Err(refused(format!("the server sends more than {most} bytes")));
        }
        let (bytes, waited) = (self.lately.0 + arrived, self.lately.1 + began.elapsed());
        self.lately = (bytes, waited);
        if waited >= window {
            if bytes < least {
                let seconds = waited.as_secs_f64();
                return Err(refused(format!("too slow: {bytes} bytes in {seconds:.1} s, where {least} are the least")));
            }
            self.lately = (0, Duration::ZERO);
        }
        Ok(progress)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}

fn refused(why: String) -> Error {
    Error::Io(io::Error::other(why))
}
