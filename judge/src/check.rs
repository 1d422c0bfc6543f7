//! What an exercise is to those who judge it.

use crate::explain;
use std::fmt;

/// Right, or what is wrong.
pub type Verdict = Result<(), Wrong>;

/// What is wrong with an answer, in words for the reader.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wrong {
    /// Which number, expected and got.
    pub what: String,
    /// What has certainly caused it.
    pub cause: Option<String>,
    /// What may have caused it: mistakes that would come to the same, and what the numbers look like. When nothing else
    /// is known, it may have been `otherwise`.
    pub suspects: Vec<String>,
    pub patterns: Vec<String>,
    pub otherwise: Option<String>,
}

impl Wrong {
    /// Without a likely cause.
    pub fn new(what: impl Into<String>) -> Self {
        Wrong { what: what.into(), ..Wrong::default() }
    }

    /// With a likely cause, whatever else has been suspected.
    pub fn because(self, cause: impl Into<String>) -> Self {
        Wrong { cause: Some(cause.into()), ..self }
    }

    /// With this likely cause, if there is no other.
    pub fn or_because(self, cause: &str) -> Self {
        Wrong { otherwise: self.otherwise.or_else(|| Some(cause.into())), ..self }
    }

    /// With those mistakes suspected that would come to the same.
    pub fn suspect<'a>(self, mistakes: impl IntoIterator<Item = (&'a str, bool)>) -> Self {
        Wrong { suspects: explain::suspects(mistakes), ..self }
    }

    /// This is wrong; but when causes are held against a whole check, that goes on.
    ///
    /// # Errors
    /// Always, but then.
    pub fn verdict(self) -> Verdict {
        if explain::is_second_run() { Ok(()) } else { Err(self) }
    }

    /// The likely cause.
    pub fn cause(&self) -> Option<&String> {
        self.cause.as_ref().or(self.suspects.first()).or(self.patterns.first()).or(self.otherwise.as_ref())
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        match self.cause() {
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
    /// What may be the cause when nothing speaks for another one.
    pub otherwise: Option<&'static str>,
    run: Box<dyn Fn() -> Verdict + Send>,
}

impl Check {
    /// A check of `function`.
    pub fn new(function: &'static str, name: &'static str, run: impl Fn() -> Verdict + Send + 'static) -> Self {
        Check { function, name, otherwise: None, run: Box::new(run) }
    }

    /// Judges the answer. A likely cause is told only if it explains all that the check has compared.
    pub fn judge(&self) -> Verdict {
        self.judge_and_tell(|_| ())
    }

    /// The same; a first verdict is told as soon as there is one. To look for its cause may take as long again.
    pub fn judge_and_tell(&self, tell: impl FnOnce(&Wrong)) -> Verdict {
        let Err(mut wrong) = (self.run)() else { return Ok(()) };
        if let Some(words) = self.otherwise {
            wrong = wrong.or_because(words);
        }
        tell(&wrong);
        if wrong.cause.is_none() && (!wrong.suspects.is_empty() || !wrong.patterns.is_empty()) {
            let cause = explain::first_that_stands(&wrong, || (self.run)());
            (wrong.suspects, wrong.patterns) = (cause.into_iter().collect(), vec![]);
        }
        Err(wrong)
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

impl Exercise {
    /// With words for each function, for whoever gives a wrong answer that looks like no known mistake: what to look
    /// at.
    pub fn otherwise(mut self, words: &[(&str, &'static str)]) -> Self {
        for check in &mut self.checks {
            check.otherwise = words.iter().find(|(function, _)| *function == check.function).map(|(_, words)| *words);
        }
        self
    }

    /// With a function that is not what the judge knows: its checks say this, and all others remain.
    pub fn changed(mut self, function: &str, message: &'static str) -> Self {
        for check in self.checks.iter_mut().filter(|check| check.function == function) {
            check.name = "its name and its types";
            check.run = Box::new(move || Err(Wrong::new(message).because(CHANGED)));
        }
        self
    }
}

const CHANGED: &str = "names, arguments and results are what the judge calls a function by; only the body is yours";

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
