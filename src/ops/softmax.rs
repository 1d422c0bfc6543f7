//! Softmax: weighted inputs become probabilities.
//!
//! a\[n, j\] = eᶻʲ / Σₖ eᶻᵏ. Subtracting the largest z first changes nothing, as numerator and denominator share the
//! factor, and keeps eᶻ finite.
//!
//! # Backward
//!
//! Every z moves every a: ∂a\[k\]/∂z\[j\] = a\[k\]·(\[j = k\] − a\[j\]), so
//!
//! ∂C/∂z\[j\] = a\[j\]·(∂C/∂a\[j\] − Σₖ a\[k\]·∂C/∂a\[k\]).
//!
//! For the log-likelihood cost this collapses to a − y: see [`Cost`](crate::Cost).

use crate::Real;
use ndarray::ArrayView1;

/// Each row of `classes` weighted inputs becomes the probabilities of the classes.
///
/// ```
/// use network3::ops::softmax;
/// let mut a = [0.0f64; 10];
/// softmax::forward(&mut a, 10);
/// assert_eq!(a, [0.1; 10]); // knowing nothing
/// ```
pub fn forward<R: Real>(z: &mut [R], classes: usize) {
    for z in z.chunks_exact_mut(classes) {
        let largest = z.iter().copied().fold(R::neg_infinity(), R::max);
        z.iter_mut().for_each(|z| *z = (*z - largest).exp());
        let sum: R = z.iter().copied().sum();
        z.iter_mut().for_each(|z| *z /= sum);
    }
}

/// ∂C/∂a becomes ∂C/∂z, row by row.
pub fn backward<R: Real>(a: &[R], da: &mut [R], classes: usize) {
    for (a, da) in a.chunks_exact(classes).zip(da.chunks_exact_mut(classes)) {
        let mean: R = a.iter().zip(&*da).map(|(&a, &da)| a * da).sum();
        da.iter_mut().zip(a).for_each(|(da, &a)| *da = a * (*da - mean));
    }
}

/// The most probable class of a row: the first of equals, as in numpy.
pub fn argmax<R: PartialOrd + Copy>(a: ArrayView1<R>) -> usize {
    (1..a.len()).fold(0, |best, j| if a[j] > a[best] { j } else { best })
}
