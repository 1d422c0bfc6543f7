//! One error type for the whole crate.
//!
//! An [`Error`] is a sentence for a person: what was being done, what was expected, what was found, and, where
//! there is one, what to do about it. Programs ask it with predicates ([`Error::is_diverged`]); the rest is
//! `Display`.

use std::fmt;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why an operation could not be done.
///
/// ```
/// use network3::{Error, Shape};
/// let e = Error::shape("conv", "a kernel no larger than its input 4×4", Shape::image(1, 5, 5));
/// assert_eq!(e.to_string(), "conv: expected a kernel no larger than its input 4×4, got 1×5×5");
/// ```
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Shape,
    Input,
    Io,
    Diverged,
}

impl Error {
    /// Shapes that do not fit: names the operation and both shapes.
    pub fn shape(op: impl fmt::Display, expected: impl fmt::Display, got: impl fmt::Display) -> Self {
        Error::new(Kind::Shape, format!("{op}: expected {expected}, got {got}"))
    }

    /// Input that makes no sense (a damaged file, an impossible option); `message` says what to do.
    pub fn input(message: impl Into<String>) -> Self {
        Error::new(Kind::Input, message.into())
    }

    /// The operating system refused: `what` says what was being done ("reading data/mnist/…").
    pub fn io(what: impl fmt::Display, source: std::io::Error) -> Self {
        let mut e = Error::new(Kind::Io, format!("{what}: {source}"));
        e.source = Some(Box::new(source));
        e
    }

    /// Training left the finite numbers.
    pub fn diverged(message: impl Into<String>) -> Self {
        Error::new(Kind::Diverged, message.into())
    }

    /// Puts what helps behind the message: `…; try a smaller learning rate`.
    pub fn advice(mut self, advice: impl fmt::Display) -> Self {
        self.message = format!("{}; {advice}", self.message);
        self
    }

    /// Puts `context` in front of the message: `layer 3 (FullyConnected): …`.
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    fn new(kind: Kind, message: String) -> Self {
        Error { kind, message, source: None }
    }

    /// Do two shapes disagree?
    pub fn is_shape(&self) -> bool {
        self.kind == Kind::Shape
    }

    /// Is the input at fault?
    pub fn is_input(&self) -> bool {
        self.kind == Kind::Input
    }

    /// Did the operating system refuse?
    pub fn is_io(&self) -> bool {
        self.kind == Kind::Io
    }

    /// Did training diverge?
    pub fn is_diverged(&self) -> bool {
        self.kind == Kind::Diverged
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
