//! Adam (Kingma and Ba, 2014, algorithm 1): each number is moved by about the learning rate, however large its gradient is.
//!
//! With g the gradient of step t, m ← β₁m + (1 − β₁)g and v ← β₂v + (1 − β₂)g² are running means of g and g²; they begin at
//! zero, and m/(1 − β₁ᵗ) and v/(1 − β₂ᵗ) make up for it. Then w ← w − η m̂ / (√v̂ + ε).
//!
//! Here it is not a luxury. All answers of a stage have a large part in common, which makes the cost far steeper in one direction
//! than in the others; a rate that is small enough for that one leaves the others where they are.

use network3::Real;

/// β₁, β₂ and ε, as in the paper.
const BETAS: (f64, f64) = (0.9, 0.999);
const EPSILON: f64 = 1e-8;

/// The running means of some numbers' gradients.
#[derive(Clone, Debug)]
pub struct Adam<R> {
    m: Vec<R>,
    v: Vec<R>,
    steps: i32,
}

impl<R: Real> Adam<R> {
    /// For so many numbers.
    pub fn new(count: usize) -> Self {
        Adam { m: vec![R::zero(); count], v: vec![R::zero(); count], steps: 0 }
    }

    /// One step against the gradient `dw`.
    pub fn step(&mut self, w: &mut [R], dw: &[R], eta: f64) {
        self.steps += 1;
        let (b1, b2) = (R::of(BETAS.0), R::of(BETAS.1));
        let rate = R::of(eta / (1.0 - BETAS.0.powi(self.steps)));
        let scale = R::of(1.0 / (1.0 - BETAS.1.powi(self.steps)));
        for (((w, &g), m), v) in w.iter_mut().zip(dw).zip(&mut self.m).zip(&mut self.v) {
            *m = b1 * *m + (R::one() - b1) * g;
            *v = b2 * *v + (R::one() - b2) * g * g;
            *w -= rate * *m / ((*v * scale).sqrt() + R::of(EPSILON));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_has_the_length_of_the_rate_and_valleys_are_found() {
        let (mut w, mut adam) = ([1.0, -1.0], Adam::new(2));
        adam.step(&mut w, &[1e-3, -1e3], 0.1);
        assert!((w[0] - 0.9_f64).abs() < 1e-5 && (w[1] + 0.9).abs() < 1e-9, "{w:?}");
        // C = w₀² + 10⁴ w₁²
        for _ in 0..300 {
            let dw = [2.0 * w[0], 2e4 * w[1]];
            adam.step(&mut w, &dw, 0.02);
        }
        assert!(w.iter().all(|w| w.abs() < 0.05), "{w:?}");
    }
}
