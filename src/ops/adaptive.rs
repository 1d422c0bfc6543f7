//! RMSProp, Adam, and gradients that are clipped: rules that need all of a gradient before anything moves.
//!
//! A [`Rule`](super::Rule) is followed while a gradient is still in registers, in parts if need be, because it is
//! linear in the gradient. These are not: they square it, which of a sum cannot be done by parts, and clipping asks for
//! its norm over *all* parameters first. So here gradients are added up ([`Parameter::Accumulate`](super::Parameter)),
//! and then there is a pass of its own. With g = s·∂C/∂w, where s is the factor that clipping asks for, or 1:
//!
//! | rule | memory | step |
//! | --- | --- | --- |
//! | RMSProp | v ← ρv + (1 − ρ)g² | w ← w − ηg / (√v + ε) |
//! | Adam | m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g² | w ← w − η·m̂ / (√v̂ + ε), m̂ = m/(1 − β₁ᵗ), v̂ = v/(1 − β₂ᵗ) |
//! | clipping at c | | s = min(1, c / ‖∂C/∂w‖), the norm over all parameters together |
//!
//! √v is about how large a weight's gradient has been of late. Divided by it, a step is about η long whatever the scale
//! of the gradient: that helps where scales differ from weight to weight, or change while the network learns. Adam
//! divides a mean of gradients instead of the last one, and makes up for both means having begun at zero, t being the
//! number of the step. Clipping keeps one steep place, of which the cost of a recurrent network has many, from undoing
//! what a thousand steps have learned.
//!
//! RMSProp: Tieleman and Hinton (2012), lecture 6e. Adam: Kingma and Ba (2015), algorithm 1. Clipping: Pascanu, Mikolov
//! and Bengio (2013), algorithm 1.

use super::update::{CLEAR_EVERY, clear_negligible};
use crate::Real;

/// Which rule: see the [module](self).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Adaptive {
    /// Gradients over the root of their mean square.
    RmsProp {
        /// ρ, how much of the mean square is kept.
        rho: f64,
        /// ε, which keeps the divisor from zero.
        epsilon: f64,
    },
    /// Mean gradients over the root of their mean square.
    Adam {
        /// β₁, how much of the mean is kept.
        beta1: f64,
        /// β₂, how much of the mean square is kept.
        beta2: f64,
        /// ε, which keeps the divisor from zero.
        epsilon: f64,
    },
}

impl Adaptive {
    /// RMSProp with the constant of the lecture, ρ = 0.9.
    pub const RMS_PROP: Self = Adaptive::RmsProp { rho: 0.9, epsilon: 1e-8 };
    /// Adam with the constants of the paper: β₁ = 0.9, β₂ = 0.999, ε = 10⁻⁸.
    pub const ADAM: Self = Adaptive::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
}

/// A rule, and what it remembers of each parameter.
///
/// ```
/// use network3::ops::{Adaptive, Optimiser};
/// let (mut w, mut adam) = ([3.0, -300.0], Optimiser::new(Adaptive::ADAM));
/// for _ in 0..5000 {
///     let dw = w.map(|w| 2.0 * w); // of C = Σ w²
///     adam.step(0.3, 1.0, [(&mut w[..], &dw[..])]);
/// }
/// assert!(w.iter().all(|w: &f64| w.abs() < 1e-3));
/// ```
#[derive(Clone, Debug)]
pub struct Optimiser<R> {
    rule: Adaptive,
    steps: i32,
    /// m and v of each parameter; RMSProp has no m.
    moments: Vec<[Vec<R>; 2]>,
}

impl<R: Real> Optimiser<R> {
    /// Without memories.
    pub fn new(rule: Adaptive) -> Self {
        Optimiser { rule, steps: 0, moments: vec![] }
    }

    /// One step with the learning rate `eta`: `parameters` are the numbers of each, and their gradient, which counts
    /// `scale` times (see [`clip`]). They come in the same order every time.
    pub fn step<'a>(&mut self, eta: f64, scale: f64, parameters: impl IntoIterator<Item = (&'a mut [R], &'a [R])>) {
        self.steps = self.steps.saturating_add(1);
        let scale = R::of(scale);
        for (k, (w, dw)) in parameters.into_iter().enumerate() {
            if k == self.moments.len() {
                self.moments.push([vec![], vec![]]);
            }
            let [m, v] = &mut self.moments[k];
            v.resize(w.len(), R::zero());
            if u64::from(self.steps.unsigned_abs()).is_multiple_of(CLEAR_EVERY) {
                clear_negligible(m);
                clear_negligible(v);
            }
            match self.rule {
                Adaptive::RmsProp { rho, epsilon } => {
                    let (eta, keep, new, epsilon) = (R::of(eta), R::of(rho), R::of(1.0 - rho), R::of(epsilon));
                    for ((w, &dw), v) in w.iter_mut().zip(dw).zip(v) {
                        let g = scale * dw;
                        *v = keep * *v + new * g * g;
                        *w -= eta * g / (v.sqrt() + epsilon);
                    }
                }
                Adaptive::Adam { beta1, beta2, epsilon } => {
                    m.resize(w.len(), R::zero());
                    let (keep1, new1) = (R::of(beta1), R::of(1.0 - beta1));
                    let (keep2, new2) = (R::of(beta2), R::of(1.0 - beta2));
                    // η m̂ / (√v̂ + ε), with the two corrections as factors
                    let eta = R::of(eta / (1.0 - beta1.powi(self.steps)));
                    let (root, epsilon) = (R::of((1.0 - beta2.powi(self.steps)).sqrt().recip()), R::of(epsilon));
                    for ((w, &dw), (m, v)) in w.iter_mut().zip(dw).zip(m.iter_mut().zip(v)) {
                        let g = scale * dw;
                        *m = keep1 * *m + new1 * g;
                        *v = keep2 * *v + new2 * g * g;
                        *w -= eta * *m / (root * v.sqrt() + epsilon);
                    }
                }
            }
        }
    }

    /// Steps made, and the memories: m and v of one parameter after the other.
    pub fn state(&self) -> (i32, &[[Vec<R>; 2]]) {
        (self.steps, &self.moments)
    }

    /// Goes on from there.
    pub fn restore(&mut self, steps: i32, moments: Vec<[Vec<R>; 2]>) {
        (self.steps, self.moments) = (steps, moments);
    }
}

/// √Σg² over all gradients together.
pub fn norm<'a, R: Real>(gradients: impl IntoIterator<Item = &'a [R]>) -> f64 {
    gradients.into_iter().map(|g| g.iter().map(|&g| g * g).sum::<R>().f64()).sum::<f64>().sqrt()
}

/// The factor that makes a gradient of this norm at most `limit` long, and leaves a shorter one alone.
///
/// ```
/// use network3::ops::{clip, norm};
/// assert_eq!(norm([&[3.0f64][..], &[4.0][..]]), 5.0);
/// assert_eq!((clip(5.0, 1.0), clip(0.5, 1.0)), (0.2, 1.0));
/// ```
pub fn clip(norm: f64, limit: f64) -> f64 {
    // Of what is not a number nothing is to be followed, and the caller is to see it: so it stays
    if norm <= limit { 1.0 } else { limit / norm }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_of_adam_is_eta_long_whatever_the_gradient() {
        for g in [1e-3, 1.0, -50.0] {
            let mut w = [1.0f64];
            Optimiser::new(Adaptive::ADAM).step(0.01, 1.0, [(&mut w[..], &[g][..])]);
            assert!((w[0] - (1.0 - 0.01 * f64::signum(g))).abs() < 1e-6, "{g}: {w:?}");
        }
    }

    #[test]
    fn the_first_step_has_the_length_of_the_rate_and_valleys_are_found() {
        let (mut w, mut adam) = ([1.0, -1.0], Optimiser::new(Adaptive::ADAM));
        adam.step(0.1, 1.0, [(&mut w[..], &[1e-3, -1e3][..])]);
        assert!((w[0] - 0.9_f64).abs() < 1e-5 && (w[1] + 0.9).abs() < 1e-9, "{w:?}");
        // C = w₀² + 10⁴ w₁²
        for _ in 0..300 {
            let dw = [2.0 * w[0], 2e4 * w[1]];
            adam.step(0.02, 1.0, [(&mut w[..], &dw[..])]);
        }
        assert!(w.iter().all(|w| w.abs() < 0.05), "{w:?}");
    }

    #[test]
    fn three_steps_agree_with_the_formulas() {
        let gradients = [0.5f64, -2.0, 1.0];
        let (mut m, mut v, mut square) = (0.0, 0.0, 0.0);
        let (mut want_adam, mut want_rms) = (1.0, 1.0);
        let (mut adam, mut rms) = (Optimiser::new(Adaptive::ADAM), Optimiser::new(Adaptive::RMS_PROP));
        let (mut w_adam, mut w_rms) = ([1.0f64], [1.0f64]);
        for (t, g) in (1..).zip(gradients.map(|g| 0.5 * g)) {
            m = 0.9 * m + 0.1 * g;
            v = 0.999 * v + 0.001 * g * g;
            let (m_hat, v_hat) = (m / (1.0 - 0.9f64.powi(t)), v / (1.0 - 0.999f64.powi(t)));
            want_adam -= 0.1 * m_hat / (v_hat.sqrt() + 1e-8);
            square = 0.9 * square + 0.1 * g * g;
            want_rms -= 0.1 * g / (square.sqrt() + 1e-8);
            adam.step(0.1, 0.5, [(&mut w_adam[..], &[2.0 * g][..])]);
            rms.step(0.1, 0.5, [(&mut w_rms[..], &[2.0 * g][..])]);
            assert!((w_adam[0] - want_adam).abs() < 1e-12 && (w_rms[0] - want_rms).abs() < 1e-12, "step {t}");
        }
    }

    #[test]
    fn what_was_remembered_can_be_put_back() {
        let step = |o: &mut Optimiser<f32>, w: &mut [f32]| o.step(0.1, 1.0, [(w, &[0.3, -1.0][..])]);
        let (mut one, mut w) = (Optimiser::new(Adaptive::ADAM), [1.0, 2.0]);
        step(&mut one, &mut w);
        let (mut two, mut again) = (Optimiser::new(Adaptive::ADAM), w);
        let (steps, moments) = one.state();
        two.restore(steps, moments.to_vec());
        step(&mut one, &mut w);
        step(&mut two, &mut again);
        assert_eq!(w, again);
    }

    #[test]
    fn memories_of_what_has_no_gradient_any_more_are_never_subnormal() {
        for rule in [Adaptive::RMS_PROP, Adaptive::ADAM] {
            let (mut w, mut o) = ([1.0f32; 3], Optimiser::new(rule));
            for k in 0..3000 {
                let dw = if k == 0 { [1.0, -1e-3, 1e-6] } else { [0.0; 3] };
                o.step(0.01, 1.0, [(&mut w[..], &dw[..])]);
                assert!(o.state().1[0].iter().flatten().all(|x| !x.is_subnormal()), "{rule:?}, step {k}: {o:?}");
            }
        }
    }

    #[test]
    fn a_gradient_that_is_not_a_number_is_not_hidden() {
        assert!(clip(f64::NAN, 1.0).is_nan());
    }
}
