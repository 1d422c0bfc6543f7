//! What becomes of a gradient on a device: the rule of [`ops::Rule`](crate::ops::Rule), as its kernels take it.

use super::queue::{Arg, Buffer};

/// Where a gradient goes: target ← keep·target + scale·gradient; and, where the target is a velocity v, v ← v +
/// shrink·w and w ← w + v.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// ∂C/∂w, w or v.
    pub target: &'a Buffer<f32>,
    /// The numbers themselves, written to only where the target is their velocity.
    pub w: &'a Buffer<f32>,
    /// keep, scale, shrink, and 1 where the target is a velocity.
    pub rule: [f32; 4],
}

impl<'a> Target<'a> {
    /// As the arguments that a kernel takes for it.
    pub fn args(&self) -> [Arg<'a>; 3] {
        [self.target.arg(), self.w.arg(), Arg::Rule(self.rule)]
    }
}

/// Weights and biases of a layer, and what becomes of their gradients.
#[derive(Clone, Copy)]
pub struct Targets<'a> {
    /// The weights.
    pub w: Target<'a>,
    /// The biases.
    pub b: Target<'a>,
}
