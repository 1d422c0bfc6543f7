//! Numbers expected and got, and what their difference looks like.

use crate::{Verdict, Wrong, explain, pattern};
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

/// Compares an array, called `what` in messages, with the expected one: element by element, to a relative error of
/// 10⁻⁹.
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

    /// What would come out of a mistake that people make, and words to tell them. The first suspect that agrees with
    /// what was got is taken to be the cause.
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
        let suspects = explain::suspects(self.suspects.iter().map(|(would_be, cause)| (&**cause, self.same(would_be))));
        let Some(what) = self.difference() else { return Ok(()) };
        let patterns = pattern::patterns(&self.expected, &self.got, &|e, g| self.agree(e, g));
        explain::patterns(&patterns);
        Wrong { suspects, patterns, ..Wrong::new(what) }.verdict()
    }

    /// Is all of it right? Nothing is told, whatever it is.
    pub fn agrees(&self) -> bool {
        self.difference().is_none()
    }

    /// What differs, if anything does.
    fn difference(&self) -> Option<String> {
        if self.got.shape() != self.expected.shape() {
            let (expected, got) = (self.expected.shape(), self.got.shape());
            return Some(format!("{}: expected shape {expected:?}, got {got:?}", self.what));
        }
        let pairs = self.expected.indexed_iter().zip(&self.got);
        let mut wrong = pairs.filter(|((_, e), g)| !self.agree(**e, **g));
        let ((index, expected), got) = wrong.next()?;
        let others = match wrong.count() {
            _ if self.expected.len() == 1 => String::new(),
            0 => format!(" (the other {} are right)", self.expected.len() - 1),
            n => format!(" ({} of {} are wrong)", n + 1, self.expected.len()),
        };
        let index = if self.expected.ndim() == 0 { String::new() } else { format!("{:?}", index.slice()) };
        let (expected, got) = show(*expected, *got);
        Some(format!("{}{index}: expected {expected}, got {got}{others}", self.what))
    }

    fn agree(&self, expected: f64, got: f64) -> bool {
        // Infinities agree with themselves, NaN with nothing.
        let tolerance = if expected.is_finite() { self.tolerance * expected.abs().max(self.least) } else { 0.0 };
        expected == got || (expected - got).abs() <= tolerance
    }

    fn same(&self, a: &ArrayD<f64>) -> bool {
        a.shape() == self.got.shape() && a.iter().zip(&self.got).all(|(a, g)| self.agree(*a, *g))
    }
}

/// Accuracies and their like, in a few digits: `[0.91, 0.9225]`.
pub fn list(numbers: &[f64]) -> String {
    let numbers: Vec<_> = numbers.iter().map(|x| format!("{x:.4}").trim_end_matches('0').to_string()).collect();
    format!("[{}]", numbers.join(", "))
}

/// Two numbers that differ, with as many digits as it takes to see that.
pub fn show(expected: f64, got: f64) -> (String, String) {
    // Whole numbers are counts.
    if expected.fract() == 0.0 && got.fract() == 0.0 && expected.abs() < 1e15 && got.abs() < 1e15 {
        return (expected.to_string(), got.to_string());
    }
    let with = |digits: usize| [expected, got].map(|x| in_digits(x, digits));
    let pairs = (6..=17).map(with);
    let [expected, got] =
        pairs.into_iter().find(|[a, b]| a != b).unwrap_or_else(|| [expected, got].map(|x| format!("{x:e}")));
    (expected, got)
}

/// So many digits behind the point; of very small and very large numbers, a power of ten.
fn in_digits(x: f64, digits: usize) -> String {
    if x != 0.0 && x.is_finite() && (x.abs() < 1e-3 || x.abs() >= 1e6) {
        format!("{x:.digits$e}")
    } else {
        format!("{x:.digits$}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn message(compare: &Compare) -> String {
        compare.verdict().unwrap_err().to_string()
    }

    #[test]
    fn digits_are_shown_until_they_differ() {
        let f32_tanh = f64::from(0.5f32.tanh());
        let said = message(&number("tanh(0.5)", 0.5f64.tanh(), f32_tanh));
        assert!(said.starts_with("tanh(0.5): expected 0.46211716, got 0.46211717\n"), "{said}");
        for (a, b) in
            [(1.0, 1.0 + f64::EPSILON), (1e-300, 1.0000000001e-300), (-0.1, -0.100_000_000_000_000_02), (1.0, 1e300)]
        {
            let (a, b) = show(a, b);
            assert_ne!(a, b);
        }
        assert_eq!(show(3.0, 4.0), ("3".into(), "4".into()));
        assert_eq!(show(0.5, f64::NAN), ("0.500000".into(), "NaN".into()));
    }

    #[test]
    fn single_precision_is_suspected() {
        let x = array![0.1, 0.7, -0.3];
        let got = x.mapv(|x: f64| f64::from(x as f32));
        assert!(message(&compare("x", &x, &got)).contains("single precision"));
    }

    #[test]
    fn one_number_is_not_zero_everywhere() {
        let said = message(&number("tanh(1)", 0.76, 0.0));
        assert!(said.contains("likely cause: zero") && !said.contains("everywhere"), "{said}");
        assert!(message(&compare("dx", &array![1.0, 2.0], &array![0.0, 0.0])).contains("zero everywhere"));
    }

    #[test]
    fn a_cause_explains_all_cases() {
        // Zero where it should be 1 looks like 1 − z² for z = 1, and the second case tells that it is not.
        let run = |got: fn(f64) -> f64| {
            let cases = move || {
                [1.0, 2.0].into_iter().try_for_each(|z: f64| {
                    number("f", z * z * z, got(z)).suspect_number(1.0 - z * z, "this is 1 − z²").verdict()
                })
            };
            crate::Check::new("f", "cases", cases).judge().unwrap_err().to_string()
        };
        assert_eq!(run(|z| 1.0 - z * z), "f: expected 1, got 0\nlikely cause: this is 1 − z²");
        assert_eq!(run(|z| 3.0 * (z - 1.0)), "f: expected 1, got 0");
        assert_eq!(run(|z| 2.0 * z * z * z), "f: expected 1, got 2\nlikely cause: 2 times too large");
        assert_eq!(run(|z| 2.0 * z), "f: expected 1, got 2");
    }
}
