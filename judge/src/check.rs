//! What an exercise is to those who judge it.

use std::fmt;

/// Right, or what is wrong.
pub type Verdict = Result<(), Wrong>;

/// What is wrong with an answer, in words for the reader.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// Which number, expected and got.
    pub what: String,
    /// What is likely to have caused it.
    pub cause: Option<String>,
}

impl Wrong {
    /// Without a likely cause.
    pub fn new(what: impl Into<String>) -> Self {
        Wrong { what: what.into(), cause: None }
    }

    /// With a likely cause.
    pub fn because(self, cause: impl Into<String>) -> Self {
        Wrong { cause: Some(cause.into()), ..self }
    }

    /// With this likely cause, if there is none yet.
    pub fn or_because(self, cause: &str) -> Self {
        if self.cause.is_some() { self } else { self.because(cause) }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match &self.cause {
            Some(cause) => write!(f, "\nlikely cause: {cause}"),
            None => Ok(()),
        }
    }
}

/// One thing that must be true of one function.
pub struct Check {
    /// The function that is judged; a check may call others of the exercise, too, if they are there.
    pub function: &'static str,
    /// A few words, in lower case: `against finite differences`.
    pub name: &'static str,
    pub run: Box<dyn Fn() -> Verdict + Send>,
}

impl Check {
    /// A check of `function`.
    pub fn new(function: &'static str, name: &'static str, run: impl Fn() -> Verdict + Send + 'static) -> Self {
        Check { function, name, run: Box::new(run) }
    }
}

/// An exercise with somebody's answers.
pub struct Exercise {
    /// The name of its module: `ex03_tanh`.
    pub name: &'static str,
    /// Where to read on when it is done.
    pub read_on: &'static str,
    /// In the order of the functions in the file.
    pub checks: Vec<Check>,
}

/// Answers that people give, and that must be caught.
pub struct WrongAnswer {
    /// The mistake, as a file name: `sum-forgotten`.
    pub name: &'static str,
    /// The mistake in a sentence, for whoever reads the catalogue.
    pub mistake: &'static str,
    /// The check that must catch it: function and name of the check.
    pub caught_by: (&'static str, &'static str),
    /// The exercise with this answer.
    pub exercise: Exercise,
}
