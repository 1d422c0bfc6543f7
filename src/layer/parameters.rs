//! What a layer learns.

use crate::Real;
use crate::learner::Step;
use crate::ops::batch_norm::unbiased;
use crate::ops::{CLEAR_EVERY, Parameter, Rule, Trainable, Weights, clear_negligible};
use ndarray::{ArrayD, IxDyn};
use rand_distr::{Distribution, Normal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Weights and biases, their gradients, and, with momentum, their velocities.
#[derive(Clone, Debug)]
pub struct Parameters<R> {
    /// The weights.
    pub w: ArrayD<R>,
    /// The biases.
    pub b: ArrayD<R>,
    /// ∂C/∂w and ∂C/∂b, added up since they were last cleared; empty until then.
    gradient: Option<(ArrayD<R>, ArrayD<R>)>,
    /// v of the last step; empty without momentum.
    velocity: Option<(ArrayD<R>, ArrayD<R>)>,
    /// Running means of the mean and the variance of mini-batches, which training changes but no gradient; only batch
    /// normalisation has them.
    moments: Option<(ArrayD<R>, ArrayD<R>)>,
}

/// All numbers of an array that was made by this module.
fn flat<R>(a: &ArrayD<R>) -> &[R] {
    a.as_slice().expect("parameters are kept in row-major order")
}

/// All numbers of an array that was made by this module, to change them.
fn flat_mut<R>(a: &mut ArrayD<R>) -> &mut [R] {
    a.as_slice_mut().expect("parameters are kept in row-major order")
}

impl<R: Real> Parameters<R> {
    /// Weights of that shape and biases, normally distributed around zero with these standard deviations.
    pub fn normal(shape: &[usize], biases: usize, (sd_w, sd_b): (f64, f64), random: &mut Xoshiro256PlusPlus) -> Self {
        let unit = Normal::new(0.0, 1.0).expect("a valid distribution");
        let mut draw = |sd: f64| R::of(if sd == 0.0 { 0.0 } else { sd * unit.sample(random) });
        let w = ArrayD::from_shape_simple_fn(IxDyn(shape), || draw(sd_w));
        let b = ArrayD::from_shape_simple_fn(IxDyn(&[biases]), || draw(sd_b));
        Parameters { w, b, gradient: None, velocity: None, moments: None }
    }

    /// The same with running moments of so many channels, which are at first those of a normalised signal: 0 and 1.
    pub fn with_moments(mut self, channels: usize) -> Self {
        let shape = IxDyn(&[channels]);
        self.moments = Some((ArrayD::zeros(shape.clone()), ArrayD::ones(shape)));
        self
    }

    /// The running mean and the running variance of each channel.
    pub fn moments(&self) -> Option<(&[R], &[R])> {
        self.moments.as_ref().map(|(mean, variance)| (flat(mean), flat(variance)))
    }

    /// Moves the running moments by a part of the way to those of a mini-batch with `m` numbers in each channel. Its
    /// variance is taken around the mean of the same numbers, and so is too small for others by (m − 1)/m on average:
    /// it is multiplied by m/(m − 1).
    pub(super) fn follow_moments(&mut self, rate: f64, (mean, variance): (&[R], &[R]), m: usize) {
        let Some((running_mean, running_variance)) = &mut self.moments else { return };
        let (rate, unbiased) = (R::of(rate), R::of(unbiased(m)));
        let follow = |(running, now): (&mut R, R)| *running += rate * (now - *running);
        flat_mut(running_mean).iter_mut().zip(mean.iter().copied()).for_each(follow);
        flat_mut(running_variance).iter_mut().zip(variance.iter().map(|&v| v * unbiased)).for_each(follow);
    }

    /// How many numbers there are to learn.
    pub fn count(&self) -> usize {
        self.w.len() + self.b.len()
    }

    /// For the time of a call.
    pub fn weights(&self) -> Weights<'_, R> {
        Weights { w: flat(&self.w), b: flat(&self.b) }
    }

    /// For a backward pass: with a step that follows at once, or with gradients that are added up.
    pub fn trainable(&mut self, step: Option<&Step>) -> Trainable<'_, R> {
        let Some(step) = step else {
            let (dw, db) = self.gradient.get_or_insert_with(|| zeros_like(&self.w, &self.b));
            return Trainable {
                w: Parameter::Accumulate { value: flat(&self.w), gradient: flat_mut(dw) },
                b: Parameter::Accumulate { value: flat(&self.b), gradient: flat_mut(db) },
            };
        };
        if step.momentum != 0.0 {
            self.velocity.get_or_insert_with(|| zeros_like(&self.w, &self.b));
        }
        if step.iteration.is_multiple_of(CLEAR_EVERY) {
            let velocity = self.velocity.iter_mut().flat_map(|(w, b)| [w, b]);
            [&mut self.w, &mut self.b].into_iter().chain(velocity).for_each(|a| clear_negligible(flat_mut(a)));
        }
        let velocity = self.velocity.as_mut().filter(|_| step.momentum != 0.0);
        let (vw, vb) = velocity.map(|(vw, vb)| (flat_mut(vw), flat_mut(vb))).unzip();
        let rule = |decay| Rule { eta: R::of(step.eta), decay: R::of(decay), momentum: R::of(step.momentum) };
        Trainable {
            w: Parameter::Step { value: flat_mut(&mut self.w), velocity: vw, rule: rule(step.decay) },
            b: Parameter::Step { value: flat_mut(&mut self.b), velocity: vb, rule: rule(0.0) },
        }
    }

    /// ∂C/∂w and ∂C/∂b, once a backward pass has been made.
    pub fn gradient(&self) -> Option<(&ArrayD<R>, &ArrayD<R>)> {
        self.gradient.as_ref().map(|(dw, db)| (dw, db))
    }

    /// Weights and biases, each with its gradient, for an [`Optimiser`](crate::ops::Optimiser); once a backward pass
    /// has been made.
    pub fn with_gradients(&mut self) -> Option<[(&mut [R], &[R]); 2]> {
        let (dw, db) = self.gradient.as_ref()?;
        Some([(flat_mut(&mut self.w), flat(dw)), (flat_mut(&mut self.b), flat(db))])
    }

    /// Sets the gradients to zero.
    pub fn clear_gradients(&mut self) {
        if let Some((dw, db)) = &mut self.gradient {
            dw.fill(R::zero());
            db.fill(R::zero());
        }
    }

    /// Everything that training changes, by name.
    pub(crate) fn state(&self) -> impl Iterator<Item = (&'static str, &ArrayD<R>)> {
        let velocity = self.velocity.iter().flat_map(|(w, b)| [("velocity.w", w), ("velocity.b", b)]);
        self.model().chain(velocity)
    }

    /// Everything that a trained network is asked by, by name: weights, biases, and moments.
    pub(crate) fn model(&self) -> impl Iterator<Item = (&'static str, &ArrayD<R>)> {
        let moments = self.moments.iter().flat_map(|(mean, variance)| [("mean", mean), ("variance", variance)]);
        [("w", &self.w), ("b", &self.b)].into_iter().chain(moments)
    }

    /// The same, to be overwritten. A velocity comes into being when it is asked for.
    pub(crate) fn state_mut(&mut self, name: &str) -> Option<&mut ArrayD<R>> {
        let (w, b) = (&mut self.w, &mut self.b);
        match name {
            "w" => Some(w),
            "b" => Some(b),
            "mean" => self.moments.as_mut().map(|(mean, _)| mean),
            "variance" => self.moments.as_mut().map(|(_, variance)| variance),
            "velocity.w" => Some(&mut self.velocity.get_or_insert_with(|| zeros_like(w, b)).0),
            "velocity.b" => Some(&mut self.velocity.get_or_insert_with(|| zeros_like(w, b)).1),
            _ => None,
        }
    }
}

fn zeros_like<R: Real>(w: &ArrayD<R>, b: &ArrayD<R>) -> (ArrayD<R>, ArrayD<R>) {
    (ArrayD::zeros(w.raw_dim()), ArrayD::zeros(b.raw_dim()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;

    #[test]
    fn what_only_shrinks_becomes_zero_and_does_not_stay_subnormal() {
        // Halving takes at most 24 steps from the smallest normal number to zero
        for (momentum, most) in [(0.0, 0), (0.5, 24), (0.9, 0)] {
            let mut steps_with_subnormals = 0;
            let mut p = Parameters::<f32>::normal(&[40], 40, (1.0, 1.0), &mut Xoshiro256PlusPlus::seed_from_u64(1));
            for iteration in 0..4000 {
                let step = Step { eta: 0.5, decay: 0.1, momentum, iteration };
                let gradient = if iteration == 0 { [1.0; 40] } else { [0.0; 40] };
                let Trainable { mut w, mut b } = p.trainable(Some(&step));
                w.follow(&gradient);
                b.follow(&gradient);
                steps_with_subnormals += usize::from(p.state().any(|(_, a)| a.iter().any(|x| x.is_subnormal())));
            }
            assert!(steps_with_subnormals <= most, "{steps_with_subnormals} steps with μ = {momentum}");
            assert!(p.w.iter().all(|&w| w == 0.0), "μ = {momentum}: {}", p.w);
            assert!(p.b.iter().all(|&b| b != 0.0), "biases do not decay: {}", p.b);
        }
    }
}
