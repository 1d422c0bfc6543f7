//! Mistakes that show in any numbers, whatever they stand for.

use ndarray::{ArrayD, Axis, Slice};

/// Do these two agree?
type Agree<'a> = &'a dyn Fn(f64, f64) -> bool;

/// Expected and got.
#[derive(Clone, Copy)]
struct Pair<'a> {
    expected: &'a ArrayD<f64>,
    got: &'a ArrayD<f64>,
    agree: Agree<'a>,
}

/// All patterns in numbers that are not what they should be, the most telling first.
pub fn patterns(expected: &ArrayD<f64>, got: &ArrayD<f64>, agree: Agree) -> Vec<String> {
    let pair = Pair { expected, got, agree };
    let found: Vec<Vec<String>> = match expected.shape() == got.shape() {
        true => vec![pair.special(), pair.factor(), pair.function(), pair.precision(), pair.places(), pair.part()],
        false => vec![pair.shape()],
    };
    found.concat()
}

impl Pair<'_> {
    /// Is this what was got?
    fn is(&self, would_be: &ArrayD<f64>) -> bool {
        would_be.shape() == self.got.shape() && would_be.iter().zip(self.got).all(|(w, g)| (self.agree)(*w, *g))
    }

    fn many(&self) -> bool {
        self.got.len() > 1
    }

    /// The pairs of numbers that differ.
    fn wrong(&self) -> impl Iterator<Item = (f64, f64)> {
        self.expected.iter().zip(self.got).map(|(e, g)| (*e, *g)).filter(|(e, g)| !(self.agree)(*e, *g))
    }

    fn special(&self) -> Vec<String> {
        let mut found = vec![];
        if self.got.iter().any(|g| g.is_nan()) {
            found.push("not a number: was something divided by zero, or infinity taken from infinity?".into());
        } else if self.wrong().any(|(e, g)| e.is_finite() && g.is_infinite()) {
            found.push("infinite: was something divided by zero, or raised to a power that is too large?".into());
        }
        if self.got.iter().all(|&g| g == 0.0) {
            let everywhere = if self.many() { " everywhere" } else { "" };
            found.push(format!("zero{everywhere}: is the result ever written?"));
        }
        if self.is(&-self.expected) {
            found.push("the sign is wrong".into());
        }
        found
    }

    /// The same factor, or the same difference, everywhere.
    fn factor(&self) -> Vec<String> {
        let everywhere = if self.many() { " everywhere" } else { "" };
        let Some((e, g)) = self.expected.iter().zip(self.got).find(|(e, _)| e.abs() > 1e-6) else { return vec![] };
        let (factor, more) = (g / e, g - e);
        let simple = |k: f64| (k - k.round()).abs() < 1e-6 && k.round().abs() >= 2.0;
        let mut found = vec![];
        if self.is(&(self.expected * factor)) {
            if simple(factor) {
                found.push(format!("{} times too large{everywhere}", factor.round()));
            } else if simple(1.0 / factor) {
                found.push(format!("{} times too small{everywhere}", (1.0 / factor).round()));
            } else if self.many() && (factor - 1.0).abs() > 1e-3 {
                // A single number is some multiple of any other, and 1.0000 times says nothing.
                found.push(format!("{factor:.4} times what it should be everywhere"));
            }
        }
        if more.abs() == 1.0 && e.fract() == 0.0 && self.is(&(self.expected + more)) {
            found.push(if more > 0.0 { "one too many" } else { "one too few" }.into());
        } else if self.many() && more.abs() > 1e-6 && self.is(&(self.expected + more)) {
            found.push(format!("{more:.4} more than it should be everywhere"));
        }
        found
    }

    /// A function of what it should be.
    fn function(&self) -> Vec<String> {
        const FUNCTIONS: [(fn(f64) -> f64, &str); 9] = [
            (|x| x * x, "the square of what it should be: a root is missing"),
            (f64::sqrt, "the root of what it should be: a square is missing"),
            (|x| 1.0 / x, "one divided by what it should be: what stands above the line, and what below?"),
            (f64::abs, "without its sign"),
            (|x| x.max(0.0), "negative numbers have become 0"),
            (|x| 1.0 - x, "1 minus what it should be"),
            (f64::ln, "the logarithm of what it should be"),
            (f64::exp, "e to the power of what it should be"),
            (f64::round, "rounded to a whole number: are whole numbers divided?"),
        ];
        let tried = FUNCTIONS.iter().filter(|(f, _)| self.is(&self.expected.mapv(f)));
        tried.map(|(_, words)| (*words).into()).collect()
    }

    fn precision(&self) -> Vec<String> {
        let near = |limit: f64| self.wrong().all(|(e, g)| e != 0.0 && ((e - g) / e).abs() < limit);
        #[allow(clippy::cast_possible_truncation)] // that is the question
        let single = self.wrong().all(|(_, g)| f64::from(g as f32) == g);
        let mut found = vec![];
        if single && near(1e-5) {
            found.push("right in single precision only: is something computed or stored as f32?".into());
        } else if near(1e-4) {
            found.push("almost right: is a constant rounded, something small added, or computed in f32?".into());
        }
        found
    }

    /// The right numbers in other places.
    fn places(&self) -> Vec<String> {
        let mut found = vec![];
        if !self.many() {
            return found;
        }
        if self.expected.ndim() == 2 && self.is(&self.expected.t().to_owned()) {
            found.push("rows and columns have changed places".into());
        } else if orders(self.expected.ndim()).iter().any(|axes| self.is(&self.permuted(axes))) {
            found.push("axes have changed places".into());
        }
        let mut reversed = self.expected.clone();
        for axis in (0..self.expected.ndim()).filter(|&axis| self.expected.shape()[axis] > 1) {
            reversed.invert_axis(Axis(axis));
            let mut one = self.expected.clone();
            one.invert_axis(Axis(axis));
            if self.is(&one) {
                found.push(match self.expected.ndim() {
                    1 => "the right numbers in reverse order".into(),
                    _ => format!("in reverse order along axis {axis}"),
                });
            }
            for by in [1, -1] {
                if self.is_shifted(Axis(axis), by) {
                    let way = if by > 0 { "early" } else { "late" };
                    found.push(format!("the right numbers one place too {way} along axis {axis}"));
                }
            }
        }
        if self.expected.ndim() > 1 && self.is(&reversed) {
            found.push("in reverse order along all axes: turned by 180 degrees".into());
        }
        let mut sum = 0.0;
        let sums = self.expected.iter().map(|x| {
            sum += x;
            sum
        });
        if self.expected.ndim() == 1 && sums.zip(self.got).all(|(s, g)| (self.agree)(s, *g)) {
            found.push("added up from one to the next: is a sum not set back to zero?".into());
        }
        let sorted = |a: &ArrayD<f64>| {
            let mut numbers: Vec<f64> = a.iter().copied().collect();
            numbers.sort_by(f64::total_cmp);
            numbers
        };
        let (expected, got) = (sorted(self.expected), sorted(self.got));
        // Few different numbers, 0 and 1 say, are soon the same.
        let different = expected.windows(2).filter(|pair| pair[0] != pair[1]).count();
        if found.is_empty() && different > 2 && expected.iter().zip(&got).all(|(e, g)| (self.agree)(*e, *g)) {
            found.push("the right numbers in the wrong places".into());
        }
        found
    }

    fn permuted(&self, axes: &[usize]) -> ArrayD<f64> {
        self.expected.view().permuted_axes(axes.to_vec()).to_owned()
    }

    /// Is each number the one that belongs to the place after it (or before)? At least three must be seen.
    fn is_shifted(&self, axis: Axis, by: isize) -> bool {
        if self.expected.len_of(axis) < 4 {
            return false;
        }
        let (front, back) = (Slice::new(0, Some(-1), 1), Slice::new(1, None, 1));
        let (from, to) = if by > 0 { (back, front) } else { (front, back) };
        let (expected, got) = (self.expected.slice_axis(axis, from), self.got.slice_axis(axis, to));
        let all_the_same = expected.iter().all(|x| Some(x) == expected.first());
        !all_the_same && expected.iter().zip(got).all(|(e, g)| (self.agree)(*e, *g))
    }

    /// A part that is right, and another that is not.
    fn part(&self) -> Vec<String> {
        let wrong: Vec<_> = self
            .expected
            .indexed_iter()
            .zip(self.got)
            .filter(|((_, e), g)| !(self.agree)(**e, **g))
            .map(|((index, e), g)| (index, *e, *g))
            .collect();
        if wrong.len() == self.expected.len() || wrong.is_empty() {
            return vec![];
        }
        let mut found = vec![];
        let factor = wrong[0].2 / wrong[0].1;
        if wrong.iter().all(|(_, e, g)| (self.agree)(-e, *g)) {
            found.push("some have the wrong sign, and nothing else is wrong".into());
        } else if wrong.len() > 1 && factor.is_normal() && wrong.iter().all(|(_, e, g)| (self.agree)(factor * e, *g)) {
            found.push(format!("where it is wrong, it is {factor:.4} times what it should be"));
        }
        if self.many() && wrong.iter().all(|(_, _, g)| *g == 0.0) {
            found.push("what is wrong is 0: is some of it never written?".into());
        } else if wrong.iter().all(|(_, e, _)| *e == 0.0) {
            found.push("wrong where it should be 0, and nowhere else".into());
        }
        for (axis, &length) in self.expected.shape().iter().enumerate().filter(|(_, length)| **length > 2) {
            let at = |place: usize| wrong.iter().all(|(index, ..)| index[axis] == place);
            for (place, name) in [(0, "first"), (length - 1, "last")] {
                if at(place) {
                    let along = if self.expected.ndim() > 1 { format!(" along axis {axis}") } else { String::new() };
                    found.push(format!("only the {name}{along} is wrong: is the edge treated like the rest?"));
                }
            }
        }
        found
    }

    /// What another shape looks like.
    fn shape(&self) -> Vec<String> {
        let (expected, got) = (self.expected.shape(), self.got.shape());
        if expected.len() != got.len() {
            return vec![format!("{} axes where there should be {}", got.len(), expected.len())];
        }
        if orders(expected.len()).iter().any(|axes| axes.iter().map(|&axis| expected[axis]).eq(got.iter().copied())) {
            let words = if expected.len() == 2 { "rows and columns" } else { "axes" };
            return vec![format!("{words} have changed places")];
        }
        let differ: Vec<usize> = (0..expected.len()).filter(|&axis| expected[axis] != got[axis]).collect();
        match differ[..] {
            _ if self.got.is_empty() => vec!["nothing comes out".into()],
            [axis] if got[axis] == expected[axis] + 1 => vec![format!("one too many along axis {axis}")],
            [axis] if got[axis] + 1 == expected[axis] => vec![format!("one too few along axis {axis}")],
            [axis] => vec![format!("the length along axis {axis} is another one: which number gives it?")],
            _ => vec!["several lengths are others: which number gives each of them?".into()],
        }
    }
}

/// All other orders of so many axes; of many, none.
fn orders(axes: usize) -> Vec<Vec<usize>> {
    let mut orders = vec![vec![]];
    for axis in 0..if axes > 4 { 0 } else { axes } {
        let with = |order: &Vec<usize>| -> Vec<Vec<usize>> {
            let at = |place| {
                let mut longer = order.clone();
                longer.insert(place, axis);
                longer
            };
            (0..=order.len()).map(at).collect()
        };
        orders = orders.iter().flat_map(with).collect();
    }
    orders.retain(|order| !order.is_sorted());
    orders
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array, Array1, Dimension, array};

    fn first<D: Dimension, E: Dimension>(expected: &Array<f64, D>, got: &Array<f64, E>) -> String {
        let (expected, got) = (expected.clone().into_dyn(), got.clone().into_dyn());
        let found = patterns(&expected, &got, &|e, g| e == g || (e - g).abs() < 1e-9 * e.abs().max(1.0));
        found.first().cloned().unwrap_or_default()
    }

    #[test]
    fn numbers_tell_what_has_become_of_them() {
        let x = array![0.5, -2.0, 3.25, 7.0, 0.1];
        let told = |f: fn(f64) -> f64| first(&x, &x.mapv(f));
        assert_eq!(told(|x| -x), "the sign is wrong");
        assert_eq!(told(|x| 3.0 * x), "3 times too large everywhere");
        assert_eq!(told(|x| x / 4.0), "4 times too small everywhere");
        assert_eq!(told(|x| x + 0.5), "0.5000 more than it should be everywhere");
        assert_eq!(told(|x| x * x), "the square of what it should be: a root is missing");
        assert_eq!(told(f64::abs), "without its sign");
        assert_eq!(
            told(|x| x + 1e-5 * x * x),
            "almost right: is a constant rounded, something small added, or computed in f32?"
        );
        assert_eq!(
            told(|x| 1.0 / (x - 0.5)),
            "infinite: was something divided by zero, or raised to a power that is too large?"
        );
    }

    #[test]
    fn places_tell_how_they_were_mixed_up() {
        let x = array![[1.0, 2.0, 3.0, 5.0], [7.0, 11.0, 13.0, 17.0]];
        assert_eq!(first(&x, &x.t().to_owned()), "rows and columns have changed places");
        let mut flipped = x.clone();
        flipped.invert_axis(Axis(1));
        assert_eq!(first(&x, &flipped), "in reverse order along axis 1");
        let line: Array1<f64> = x.iter().copied().collect();
        let mut shifted = line.clone();
        shifted.iter_mut().zip(line.iter().skip(1)).for_each(|(s, x)| *s = *x);
        assert_eq!(first(&line, &shifted), "the right numbers one place too early along axis 0");
        let mut last = x.clone();
        last[[0, 3]] = 9.0;
        last[[1, 3]] = 9.5;
        assert_eq!(first(&x, &last), "only the last along axis 1 is wrong: is the edge treated like the rest?");
    }

    #[test]
    fn parts_tell_what_has_become_of_them() {
        let x = array![0.5, -2.0, 3.25, 7.0, 0.1];
        assert_eq!(
            first(&x, &array![0.5, 2.0, -3.25, 7.0, 0.1]),
            "some have the wrong sign, and nothing else is wrong"
        );
        let told = first(&x, &array![0.5, -3.0, 4.875, 7.0, 0.1]);
        assert_eq!(told, "where it is wrong, it is 1.5000 times what it should be");
    }

    #[test]
    fn shapes_tell_what_is_too_long() {
        let shape = |shape: &[usize]| Array::<f64, _>::ones(shape.to_vec());
        assert_eq!(first(&shape(&[3, 4, 5]), &shape(&[4, 3, 5])), "axes have changed places");
        assert_eq!(first(&shape(&[3, 4]), &shape(&[3, 5])), "one too many along axis 1");
        assert_eq!(first(&shape(&[3]), &shape(&[0])), "nothing comes out");
        assert_eq!(first(&shape(&[3, 4]), &shape(&[12])), "1 axes where there should be 2");
    }
}
