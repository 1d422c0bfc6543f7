//! Softmax and the log-likelihood cost.
//!
//! a\[n, j\] = eᶻʲ / Σₖ eᶻᵏ turns weighted inputs into probabilities; the cost of example n, with label y, is
//! C = −ln a\[n, y\], in nats. Together they have the simplest gradient there is: over a mini-batch of N,
//!
//! ∂C/∂z\[n, j\] = (a\[n, j\] − \[j = y\]) / N,
//!
//! because ∂a\[y\]/∂z\[j\] = a\[y\]·(\[j = y\] − a\[j\]), and the a\[y\] cancels against the derivative of the logarithm.
//! Subtracting the largest z first changes nothing, as numerator and denominator share the factor, and keeps eᶻ finite.

use crate::Real;
use ndarray::ArrayView1;

/// Each row of `classes` weighted inputs becomes the probabilities of the classes.
pub fn forward<R: Real>(z: &mut [R], classes: usize) {
    for z in z.chunks_exact_mut(classes) {
        let largest = z.iter().copied().fold(R::neg_infinity(), R::max);
        z.iter_mut().for_each(|z| *z = (*z - largest).exp());
        let sum: R = z.iter().copied().sum();
        z.iter_mut().for_each(|z| *z /= sum);
    }
}

/// −ln a, in nats, where `a` is the probability of the right class.
///
/// A probability too small for its type counts as the smallest normal one: so one hopeless example costs 87 nats in
/// `f32`, and not infinitely many. What is not a number stays so.
pub fn surprise<R: Real>(a: R) -> f64 {
    let smallest = R::min_positive_value();
    -(if a < smallest { smallest } else { a }).f64().ln()
}

/// The mean of −ln a\[n, y\] over the rows of `a`.
///
/// ```
/// use network3::ops::softmax;
/// let mut a = [0.0f64; 10];
/// softmax::forward(&mut a, 10);
/// assert!((softmax::cost(&a, &[3]) - 10f64.ln()).abs() < 1e-15); // knowing nothing costs ln 10
/// ```
pub fn cost<R: Real>(a: &[R], labels: &[u8]) -> f64 {
    let classes = a.len() / labels.len();
    let costs = a.chunks_exact(classes).zip(labels).map(|(a, &y)| surprise(a[usize::from(y)]));
    costs.sum::<f64>() / labels.len() as f64
}

/// dz\[n, j\] = (a\[n, j\] − \[j = y\]) / N
pub fn backward<R: Real>(a: &[R], labels: &[u8], dz: &mut [R]) {
    let classes = a.len() / labels.len();
    let n = R::of(labels.len() as f64);
    let rows = dz.chunks_exact_mut(classes).zip(a.chunks_exact(classes)).zip(labels);
    for ((dz, a), &y) in rows {
        for (j, (dz, &a)) in dz.iter_mut().zip(a).enumerate() {
            let wanted = if j == usize::from(y) { R::one() } else { R::zero() };
            *dz = (a - wanted) / n;
        }
    }
}

/// The most probable class of a row: the first of equals, as in numpy.
pub fn argmax<R: PartialOrd + Copy>(a: ArrayView1<R>) -> usize {
    (1..a.len()).fold(0, |best, j| if a[j] > a[best] { j } else { best })
}
