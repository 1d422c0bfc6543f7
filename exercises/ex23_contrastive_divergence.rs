//! # Contrastive divergence
//!
//! A *restricted Boltzmann machine* has two layers of units that are on or off: visible ones, v, such as the pixels of
//! an image, and hidden ones, h. Each visible unit is connected to each hidden one, and none to another of its own
//! layer. Deep belief nets were built of them, layer upon layer. If one layer is given, each unit of the other is on
//! with a probability of its own:
//!
//! ```text
//! P(h[j] = 1 | v) = σ(b[j] + Σ w[i, j] v[i])        the sum is over the visible units i
//! P(v[i] = 1 | h) = σ(a[i] + Σ w[i, j] h[j])        the sum is over the hidden units j
//! ```
//!
//! How probable an image is altogether is known but for a factor, the same for all images: P(v) is proportional to
//! e^(−F(v)), where F is the *free energy*
//!
//! ```text
//! F(v) = − Σ a[i] v[i] − Σ ln(1 + e^z[j])           z[j] = b[j] + Σ w[i, j] v[i]
//! ```
//!
//! The machine learns by making images more probable, and what it dreams less so: it lowers the free energy of an
//! image, and raises that of the image it turns it into by itself. That is one step of *contrastive divergence*, CD-1:
//!
//! 1. v is an image, and p are the probabilities of the hidden units, given v.
//! 2. The hidden units are drawn: h\[j\] is 1 if a random number from 0 up to but not including 1 is less than p\[j\],
//!    else 0.
//! 3. v′ are the probabilities of the visible units, given h. They are not drawn.
//! 4. p′ are the probabilities of the hidden units, given v′. They are not drawn either.
//! 5. w\[i, j\] grows by η times v\[i\] p\[j\] − v′\[i\] p′\[j\], a\[i\] by η times v\[i\] − v′\[i\], and b\[j\] by η
//!    times p\[j\] − p′\[j\].
//!
//! | array | its indices |
//! | --- | --- |
//! | `w` | visible units, hidden units |
//! | `a`, the biases of the visible units | visible units |
//! | `b`, those of the hidden units | hidden units |
//! | `v` | examples, visible units |
//! | `h` and `uniform`, the random numbers | examples, hidden units |
//!
//! Pixels may be grey: v is from 0 to 1. No z is too large or too small.

use ndarray::{Array1, Array2};

/// The probabilities of the hidden units, `[examples, hidden units]`.
pub fn hidden(w: &Array2<f64>, b: &Array1<f64>, v: &Array2<f64>) -> Array2<f64> {
    todo!()
}

/// The probabilities of the visible units, `[examples, visible units]`.
pub fn visible(w: &Array2<f64>, a: &Array1<f64>, h: &Array2<f64>) -> Array2<f64> {
    todo!()
}

/// The free energy of each example.
pub fn free_energy(w: &Array2<f64>, a: &Array1<f64>, b: &Array1<f64>, v: &Array2<f64>) -> Array1<f64> {
    todo!()
}

/// What w, a and b grow by, divided by η: the means over all examples.
pub fn contrastive_divergence(
    w: &Array2<f64>,
    a: &Array1<f64>,
    b: &Array1<f64>,
    v: &Array2<f64>,
    uniform: &Array2<f64>,
) -> (Array2<f64>, Array1<f64>, Array1<f64>) {
    todo!()
}
