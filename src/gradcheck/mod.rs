//! Gradient checking: every derivative compared with finite differences.
//!
//! A derivative that was worked out on paper can be compared with one that is measured. Move one number by a little,
//! both ways, and see what the cost does:
//!
//! ∂C/∂x ≈ (C(x + h) − C(x − h)) / 2h
//!
//! [`check`] does this to *every* element of *every* tensor that a function depends on, and [`check_network`] to all
//! parameters of a network and to its input. It is far too slow to train with, and just right to trust a gradient by.
//!
//! # How little is a little?
//!
//! The centred difference is wrong for two reasons. The curve bends: that costs C‴h²/6. And C is known to ε ≈ 2·10⁻¹⁶
//! of itself, no better: that costs ε|C|/h. One grows with h and one shrinks; together they are least near h = ∛ε ≈
//! 6·10⁻⁶, times |x| where x is large. Both are then some 4·10⁻¹¹: five digits better than a tolerance of 10⁻⁶ needs.
//! In `f32`, where ε ≈ 10⁻⁷, there would be two digits left, which is why this module wants `f64`.
//!
//! An analytic value a and a measured value n are compared by their relative error, |a − n| / max(|a|, |n|, floor). The
//! floor, ten million times the rounding error, keeps a derivative that is almost zero from being judged by its noise.
//!
//! # Kinks
//!
//! Where a rectified linear unit is at zero, where two units of a max-pooling window are equal, where all units of an
//! L2 pool are zero, there is no derivative. There are only one-sided ones, (C(x) − C(x − h))/h and (C(x + h) −
//! C(x))/h, and they differ. But on a smooth curve they differ too, if only by C″h. Hence the second look, with h a
//! thirty-second of what it was:
//!
//! * if the one-sided derivatives still differ as much, *and* the analytic value is one of them or lies between,
//!   the element is a **kink**: counted, listed with both values, and not judged;
//! * if they have come together, there may have been a kink close by, within the first h: the nearer look is judged;
//! * otherwise nothing excuses the element. A value that is wrong beside a kink is wrong.
//!
//! One number can move several units through their kinks at once. Then a value that is right for each of them need not
//! lie between the two sums, and cannot be told from a mistake; it counts as one. Try a point a little way off.

mod network;

pub use network::check_network;

use crate::{Error, Result};
use ndarray::{ArrayD, Dimension};
use std::fmt;

/// ∛ε for `f64`.
const STEP: f64 = 6.055_454_452_393_343e-6;
/// How much shorter the second look's step is.
const NEARER: f64 = 32.0;
/// Relative errors below this raise no question.
const SUSPICIOUS: f64 = 1e-7;

/// What a gradient check has found.
///
/// Its `Display` is a table of all tensors, the worst elements, and the kinks.
#[derive(Clone, Debug)]
pub struct Report {
    /// In the order in which they were given.
    pub tensors: Vec<Tensor>,
}

/// A tensor, checked.
#[derive(Clone, Debug)]
pub struct Tensor {
    /// What it is called: `0.w`.
    pub name: String,
    /// All of its elements, in row-major order.
    pub elements: Vec<Element>,
}

/// One element: what its derivative is said to be, and what it was measured to be.
#[derive(Clone, Debug)]
pub struct Element {
    /// Where in the tensor.
    pub index: Vec<usize>,
    /// The derivative that is being checked.
    pub analytic: f64,
    /// The centred difference.
    pub numeric: f64,
    /// The one-sided differences, from the left and from the right.
    pub sides: (f64, f64),
    /// |analytic − numeric| / max(|analytic|, |numeric|, floor); infinite where either is not a finite number.
    pub error: f64,
    /// Does it have no derivative, so that `error` means nothing?
    pub kink: bool,
}

/// Checks the gradients of a function of some named tensors, at the given point.
///
/// `gradients` holds ∂f/∂t for each of the tensors t, in the same order. `f` is called at least twice for each
/// element; it must be a function of its arguments alone (so fix dropout masks).
///
/// # Errors
/// When there are not as many gradients as tensors, or a gradient has not the shape of its tensor.
///
/// ```
/// use ndarray::arr1;
/// use network3::gradcheck::check;
///
/// // f(x) = Σ x³, and a student who has forgotten the square.
/// let x = arr1(&[0.5, -1.5]).into_dyn();
/// let f = |t: &[ndarray::ArrayD<f64>]| t[0].mapv(|x| x.powi(3)).sum();
/// let right = check(&[("x", x.clone())], &[x.mapv(|x| 3.0 * x * x)], f)?;
/// let wrong = check(&[("x", x.clone())], &[x.mapv(|x| 3.0 * x)], f)?;
/// assert!(right.passes(1e-6), "{right}");
/// assert_eq!(wrong.wrong(1e-6), ["x"]);
/// # Ok::<(), network3::Error>(())
/// ```
pub fn check<N: ToString>(
    tensors: &[(N, ArrayD<f64>)],
    gradients: &[ArrayD<f64>],
    mut f: impl FnMut(&[ArrayD<f64>]) -> f64,
) -> Result<Report> {
    if tensors.len() != gradients.len() {
        let expected = format!("{} gradients, one for each tensor", tensors.len());
        return Err(Error::shape("gradient check", expected, gradients.len()));
    }
    let differ = |((_, x), dx): &(&(N, ArrayD<f64>), &ArrayD<f64>)| x.shape() != dx.shape();
    if let Some(((name, x), dx)) = tensors.iter().zip(gradients).find(differ) {
        let op = format!("gradient check: gradient of {}", name.to_string());
        return Err(Error::shape(op, format!("{:?}", x.shape()), format!("{:?}", dx.shape())));
    }
    let mut point: Vec<ArrayD<f64>> = tensors.iter().map(|(_, x)| x.clone()).collect();
    let here = f(&point);
    let mut report = Report { tensors: vec![] };
    for (k, ((name, x), dx)) in tensors.iter().zip(gradients).enumerate() {
        let mut elements = Vec::with_capacity(x.len());
        for ((index, &x), &analytic) in x.indexed_iter().zip(dx) {
            let at = |value| {
                point[k][&index] = value;
                f(&point)
            };
            elements.push(element(index.slice().to_vec(), analytic, x, here, at));
            point[k][&index] = x;
        }
        report.tensors.push(Tensor { name: name.to_string(), elements });
    }
    Ok(report)
}

/// The differences for one step.
struct Look {
    centred: f64,
    sides: (f64, f64),
    /// How far off each of them may be, because `f` is rounded.
    noise: f64,
}

impl Look {
    fn jump(&self) -> f64 {
        (self.sides.1 - self.sides.0).abs()
    }

    fn error(&self, analytic: f64) -> f64 {
        let error = (analytic - self.centred).abs();
        let error = error / analytic.abs().max(self.centred.abs()).max(1e7 * self.noise);
        if error.is_nan() { f64::INFINITY } else { error }
    }

    /// Is it one of the one-sided differences, or does it lie between? (A thousandth of the jump is left to rounding.)
    fn encloses(&self, analytic: f64) -> bool {
        let (left, right) = self.sides;
        let slack = 1e-3 * self.jump();
        (left.min(right) - slack..=left.max(right) + slack).contains(&analytic)
    }
}

/// Checks one element, which is `x`; `here` is f as it stands, and `f` the function of this element alone.
fn element(index: Vec<usize>, analytic: f64, x: f64, here: f64, mut f: impl FnMut(f64) -> f64) -> Element {
    let mut look = |step: f64| {
        let h = step * x.abs().max(1.0);
        // What is added to x is rounded: the steps that were really made are divided by.
        let (down, up) = (x - h, x + h);
        let (below, above) = (f(down), f(up));
        Look {
            centred: (above - below) / (up - down),
            sides: ((here - below) / (x - down), (above - here) / (up - x)),
            noise: f64::EPSILON * here.abs().max(1.0) / h,
        }
    };
    let far = look(STEP);
    let (error, largest) = (far.error(analytic), far.sides.0.abs().max(far.sides.1.abs()));
    let done =
        |look: Look, error, kink| Element { index, analytic, numeric: look.centred, sides: look.sides, error, kink };
    if error < SUSPICIOUS && far.jump() < 0.1 * largest.max(1e4 * far.noise) {
        return done(far, error, false);
    }
    let near = look(STEP / NEARER);
    let persists = near.jump() > 0.5 * far.jump() && near.jump() > 100.0 * near.noise;
    if persists && near.encloses(analytic) {
        return done(near, error, true);
    }
    let nearer = near.error(analytic);
    if !persists && nearer < error { done(near, nearer, false) } else { done(far, error, false) }
}

impl Report {
    /// Is every element that is not a kink right, to this relative error? Without a single element to judge by, no.
    pub fn passes(&self, tolerance: f64) -> bool {
        self.smooth().next().is_some() && self.smooth().all(|(_, e)| e.error <= tolerance)
    }

    /// The tensors with an element that is not right, by name.
    pub fn wrong(&self, tolerance: f64) -> Vec<&str> {
        let is_wrong = |t: &&Tensor| t.elements.iter().any(|e| !e.kink && e.error > tolerance);
        self.tensors.iter().filter(is_wrong).map(|t| &*t.name).collect()
    }

    /// Every element, with the name of its tensor.
    pub fn elements(&self) -> impl Iterator<Item = (&str, &Element)> {
        self.tensors.iter().flat_map(|t| t.elements.iter().map(|e| (&*t.name, e)))
    }

    /// The elements without a derivative.
    pub fn kinks(&self) -> impl Iterator<Item = (&str, &Element)> {
        self.elements().filter(|(_, e)| e.kink)
    }

    /// The element with the largest error, kinks apart.
    pub fn worst(&self) -> Option<(&str, &Element)> {
        self.smooth().max_by(|(_, a), (_, b)| a.error.total_cmp(&b.error))
    }

    fn smooth(&self) -> impl Iterator<Item = (&str, &Element)> {
        self.elements().filter(|(_, e)| !e.kink)
    }
}

/// How many of the worst, and of the kinks, are listed.
const LISTED: usize = 5;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<24} {:>8} {:>6}  largest relative error", "tensor", "elements", "kinks")?;
        for t in &self.tensors {
            let kinks = t.elements.iter().filter(|e| e.kink).count();
            write!(f, "{:<24} {:>8} {kinks:>6}", t.name, t.elements.len())?;
            match t.elements.iter().filter(|e| !e.kink).max_by(|a, b| a.error.total_cmp(&b.error)) {
                Some(e) => writeln!(f, "  {:.1e}", e.error)?,
                None => writeln!(f)?,
            }
        }
        let mut worst: Vec<_> = self.smooth().collect();
        worst.sort_by(|(_, a), (_, b)| b.error.total_cmp(&a.error));
        writeln!(f, "\nthe worst of {} elements:", worst.len())?;
        for (name, Element { index, analytic, numeric, error, .. }) in worst.iter().take(LISTED) {
            writeln!(
                f,
                "  {name}{index:?}: analytic {analytic:.9e}, numeric {numeric:.9e}, relative error {error:.1e}"
            )?;
        }
        let kinks = self.kinks().count();
        if kinks > 0 {
            writeln!(f, "\n{kinks} at a kink, where there is no derivative:")?;
        }
        for (name, Element { index, analytic, sides: (left, right), .. }) in self.kinks().take(LISTED) {
            writeln!(
                f,
                "  {name}{index:?}: analytic {analytic:.9e}, from the left {left:.9e}, from the right {right:.9e}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(x: f64, analytic: f64, mut f: impl FnMut(f64) -> f64) -> Element {
        element(vec![], analytic, x, f(x), f)
    }

    #[test]
    fn smooth_curves_have_no_kinks_however_they_bend() {
        for x in [-30.0, -1.0, -1e-3, 0.0, 1e-9, 0.5, 20.0] {
            for e in [at(x, 2.0 * x, |x| x * x), at(x, x.cos(), f64::sin), at(x, 1e4 * x, |x| 5e3 * x * x)] {
                assert!(!e.kink && e.error < 1e-7, "{x}: {e:?}");
            }
        }
    }

    #[test]
    fn at_a_kink_what_lies_between_is_excused_and_nothing_else() {
        let relu = |x: f64| 3.0 * x.max(0.0);
        for (analytic, kink) in [(0.0, true), (3.0, true), (1.5, true), (-0.1, false), (3.1, false), (f64::NAN, false)]
        {
            let e = at(0.0, analytic, relu);
            assert!(e.kink == kink && (kink || e.error > 1e-6), "{e:?}");
            assert_eq!((e.sides.0.round(), e.sides.1.round()), (0.0, 3.0), "{e:?}");
        }
        // In the middle of the kink the centred difference agrees, and says nothing.
        assert!(at(0.0, 0.0, f64::abs).kink);
    }

    #[test]
    fn close_to_a_kink_there_is_a_derivative() {
        for distance in [1e-6, 2e-6, 5e-6, 1e-5] {
            let relu = |x: f64| x.max(0.0);
            let (off, on) = (at(-distance, 0.0, relu), at(distance, 1.0, relu));
            assert!(!off.kink && !on.kink && off.error < 1e-6 && on.error < 1e-6, "{off:?} {on:?}");
            let (off, on) = (at(-distance, 1.0, relu), at(distance, 0.5, relu));
            assert!(!off.kink && !on.kink && off.error > 0.1 && on.error > 0.1, "{off:?} {on:?}");
        }
    }

    #[test]
    fn what_is_not_a_number_never_passes() {
        assert_eq!(at(1.0, f64::NAN, |x| x).error, f64::INFINITY);
        assert_eq!(at(1.0, 1.0, |_| f64::NAN).error, f64::INFINITY);
        assert!(!Report { tensors: vec![] }.passes(1.0));
    }
}
