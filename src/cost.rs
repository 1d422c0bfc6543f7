//! Costs: how wrong the outputs of a network are, and the gradient that its backward pass starts from.
//!
//! Over a mini-batch of N examples with outputs a and labels y (where a label stands for its unit vector, 1 for its
//! class and 0 for all others):
//!
//! | cost | C | ∂C/∂a |
//! | --- | --- | --- |
//! | log-likelihood | −(1/N) Σₙ ln a\[n, yₙ\], in nats | −1/(N a\[n, yₙ\]) for the class of the label, else 0 |
//! | quadratic | (1/2N) Σₙ ‖a\[n\] − yₙ‖² | (a − y) / N |
//!
//! # The log-likelihood cost of a softmax layer
//!
//! Together they have the simplest gradient there is. ∂a\[y\]/∂z\[j\] = a\[y\]·(\[j = y\] − a\[j\]), and the a\[y\]
//! cancels against the derivative of the logarithm:
//!
//! ∂C/∂z\[n, j\] = (a\[n, j\] − \[j = y\]) / N.
//!
//! So the backward pass of such a network starts there, at the *weighted inputs* of its last layer
//! ([`Start::WeightedInput`]). To divide by a probability first and multiply by it afterwards would not only be more
//! work: a probability may round to zero.

use crate::{Error, Real, Result, Spec, data::Label};
use serde::{Deserialize, Serialize};

/// How wrong the outputs of a network are: see the [module](self).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// The mean of −ln a_y, in nats; for networks that end with a softmax layer.
    #[default]
    LogLikelihood,
    /// Half the mean squared distance from the unit vector of the label.
    Quadratic,
}

/// With respect to what the last layer is given the gradient of the cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// ∂C/∂a, of its outputs.
    Output,
    /// ∂C/∂z, of its weighted inputs: the derivative of its activation is in it already.
    WeightedInput,
}

/// −ln a, in nats, where `a` is the probability of the right class.
///
/// A probability too small for its type counts as the smallest normal one: so one hopeless example costs 87 nats in
/// `f32`, and not infinitely many. What is not a number stays so.
pub fn surprise<R: Real>(a: R) -> f64 {
    let smallest = R::min_positive_value();
    -(if a < smallest { smallest } else { a }).f64().ln()
}

impl Cost {
    /// The mean cost of outputs `a`, one row for each label.
    ///
    /// ```
    /// use network3::Cost;
    /// let a = [0.1f64; 10];
    /// assert!((Cost::LogLikelihood.value(&a, &[3]) - 10f64.ln()).abs() < 1e-15); // knowing nothing costs ln 10
    /// assert!((Cost::Quadratic.value(&a, &[3]) - 0.45).abs() < 1e-15); // (0.9² + 9·0.1²) / 2
    /// ```
    pub fn value<R: Real>(self, a: &[R], labels: &[Label]) -> f64 {
        let classes = a.len() / labels.len();
        let rows = a.chunks_exact(classes).zip(labels);
        let total: f64 = match self {
            Cost::LogLikelihood => rows.map(|(a, &y)| surprise(a[usize::from(y)])).sum(),
            Cost::Quadratic => {
                let distance = |(j, a): (usize, &R), y: usize| (a.f64() - f64::from(u8::from(j == y))).powi(2);
                rows.map(|(a, &y)| 0.5 * a.iter().enumerate().map(|a| distance(a, usize::from(y))).sum::<f64>()).sum()
            }
        };
        total / labels.len() as f64
    }

    /// Writes the gradient that the backward pass starts from, and says what it is the gradient of. For both costs it
    /// is (a − y)/N.
    pub fn gradient<R: Real>(self, a: &[R], labels: &[Label], d: &mut [R]) -> Start {
        let classes = a.len() / labels.len();
        let n = R::of(labels.len() as f64);
        for ((d, a), &y) in d.chunks_exact_mut(classes).zip(a.chunks_exact(classes)).zip(labels) {
            for (j, (d, &a)) in d.iter_mut().zip(a).enumerate() {
                let wanted = if j == usize::from(y) { R::one() } else { R::zero() };
                *d = (a - wanted) / n;
            }
        }
        match self {
            Cost::LogLikelihood => Start::WeightedInput,
            Cost::Quadratic => Start::Output,
        }
    }

    /// Can a network of these layers have this cost?
    ///
    /// # Errors
    /// When the log-likelihood cost has no softmax layer to go with.
    pub(crate) fn check(self, specs: &[Spec]) -> Result<()> {
        match (self, specs.last()) {
            (_, None) => Err(Error::input("a network needs at least a softmax layer")),
            (Cost::LogLikelihood, Some(Spec::Softmax { .. })) | (Cost::Quadratic, Some(_)) => Ok(()),
            (Cost::LogLikelihood, Some(last)) => {
                let number = format!("layer {} ({last})", specs.len());
                Err(Error::input(format!("{number}: a network ends with its only softmax layer")))
            }
        }
    }
}
