//! Numbers expected and got, and what their difference looks like.

use crate::{Verdict, Wrong};
use ndarray::{Array, ArrayBase, ArrayD, Data, Dimension, arr0};

/// A comparison, before it is made.
pub struct Compare {
    what: String,
    expected: ArrayD<f64>,
    got: ArrayD<f64>,
    tolerance: f64,
    least: f64,
    suspects: Vec<(ArrayD<f64>, String)>,
}

/// Compares an array, called `what` in messages, with the expected one: element by element, to a relative error of 10⁻⁹.
pub fn compare<D: Dimension, E: Dimension>(
    what: &str,
    expected: &ArrayBase<impl Data<Elem = f64>, D>,
    got: &ArrayBase<impl Data<Elem = f64>, E>,
) -> Compare {
    let (expected, got) = (expected.to_owned().into_dyn(), got.to_owned().into_dyn());
    Compare { what: what.into(), expected, got, tolerance: 1e-9, least: 1.0, suspects: vec![] }
}

/// Compares a number, called `what` in messages, with the expected one.
pub fn number(what: &str, expected: f64, got: f64) -> Compare {
    compare(what, &arr0(expected), &arr0(got))
}

impl Compare {
    /// |expected − got| may be as large as this, or this times |expected| where that is more than 1.
    pub fn within(self, tolerance: f64) -> Self {
        Compare { tolerance, ..self }
    }

    /// Numbers of about this size are compared: what is smaller counts as if it were as large.
    pub fn of_size(self, size: f64) -> Self {
        Compare { least: size, ..self }
    }

    /// What would come out of a mistake that people make, and words to tell them. The first suspect that agrees with what
    /// was got is taken to be the cause.
    pub fn suspect<D: Dimension>(mut self, would_be: &ArrayBase<impl Data<Elem = f64>, D>, cause: &str) -> Self {
        self.suspects.push((would_be.to_owned().into_dyn(), cause.into()));
        self
    }

    /// Several of them. One that would leave nothing but zeros explains nothing, and is passed over.
    pub fn suspects<'a, D: Dimension>(self, mistakes: impl IntoIterator<Item = (Array<f64, D>, &'a str)>) -> Self {
        let mistakes = mistakes.into_iter().filter(|(would_be, _)| would_be.iter().any(|&x| x != 0.0));
        mistakes.fold(self, |compare, (would_be, cause)| compare.suspect(&would_be, cause))
    }

    /// The same for a number.
    pub fn suspect_number(self, would_be: f64, cause: &str) -> Self {
        self.suspect(&arr0(would_be), cause)
    }

    /// Right, or the first element that is wrong and the likely cause.
    pub fn verdict(&self) -> Verdict {
        if self.got.shape() != self.expected.shape() {
            let what = format!("{}: expected shape {:?}, got {:?}", self.what, self.expected.shape(), self.got.shape());
            return Err(Wrong { what, cause: self.suspected() });
        }
        let pairs = self.expected.indexed_iter().zip(&self.got);
        let mut wrong = pairs.filter(|((_, e), g)| !self.agree(**e, **g));
        let Some(((index, expected), got)) = wrong.next() else { return Ok(()) };
        let others = match wrong.count() {
            _ if self.expected.len() == 1 => String::new(),
            0 => format!(" (the other {} are right)", self.expected.len() - 1),
            n => format!(" ({} of {} are wrong)", n + 1, self.expected.len()),
        };
        let index = if self.expected.ndim() == 0 { String::new() } else { format!("{:?}", index.slice()) };
        // Whole numbers are counts.
        let counts = expected.fract() == 0.0 && got.fract() == 0.0;
        let (expected, got) =
            if counts { (expected.to_string(), got.to_string()) } else { (show(*expected), show(*got)) };
        let what = format!("{}{index}: expected {expected}, got {got}{others}", self.what);
        Err(Wrong { what, cause: self.suspected().or_else(|| self.pattern()) })
    }

    fn agree(&self, expected: f64, got: f64) -> bool {
        // Infinities agree with themselves, NaN with nothing.
        let tolerance = if expected.is_finite() { self.tolerance * expected.abs().max(self.least) } else { 0.0 };
        expected == got || (expected - got).abs() <= tolerance
    }

    fn same(&self, a: &ArrayD<f64>) -> bool {
        a.shape() == self.got.shape() && a.iter().zip(&self.got).all(|(a, g)| self.agree(*a, *g))
    }

    fn suspected(&self) -> Option<String> {
        self.suspects.iter().find(|(would_be, _)| self.same(would_be)).map(|(_, cause)| cause.clone())
    }

    /// Mistakes that show in any tensor.
    fn pattern(&self) -> Option<String> {
        let (expected, got) = (&self.expected, &self.got);
        if got.iter().any(|g| g.is_nan()) {
            return Some("not a number: was something divided by zero, or infinity taken from infinity?".into());
        }
        if got.iter().all(|&g| g == 0.0) {
            return Some("zero everywhere: is the result ever written?".into());
        }
        if self.same(&-expected) {
            return Some("the sign is wrong".into());
        }
        // The same factor everywhere, a simple one.
        let (e, g) = expected.iter().zip(got).find(|(e, _)| e.abs() > 1e-6)?;
        let factor = g / e;
        let simple = |k: f64| (k - k.round()).abs() < 1e-6 && k.round().abs() >= 2.0;
        if self.same(&(expected * factor)) {
            let many = if got.len() > 1 { " everywhere" } else { "" };
            if simple(factor) {
                return Some(format!("{} times too large{many}", factor.round()));
            }
            if simple(1.0 / factor) {
                return Some(format!("{} times too small{many}", (1.0 / factor).round()));
            }
            // A single number is some multiple of any other, and 1.0000 times says nothing.
            return (got.len() > 1 && (factor - 1.0).abs() > 1e-3)
                .then(|| format!("{factor:.4} times what it should be{many}"));
        }
        if expected.ndim() == 2 && self.same(&expected.t().to_owned()) {
            return Some("rows and columns have changed places".into());
        }
        let mut reversed: Vec<f64> = expected.iter().copied().collect();
        reversed.reverse();
        if expected.ndim() == 1 && got.iter().zip(reversed).all(|(g, r)| self.agree(r, *g)) {
            return Some("the right numbers in reverse order".into());
        }
        None
    }
}

/// Accuracies and their like, in a few digits: `[0.91, 0.9225]`.
pub fn list(numbers: &[f64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(|x| format!("{x:.4}").trim_end_matches('0').to_string()).collect();
    format!("[{}]", numbers.join(", "))
}

/// Six digits are enough to see a difference, unless they are not.
fn show(x: f64) -> String {
    if x != 0.0 && x.is_finite() && (x.abs() < 1e-3 || x.abs() >= 1e6) { format!("{x:.6e}") } else { format!("{x:.6}") }
}
