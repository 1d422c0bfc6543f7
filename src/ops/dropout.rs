//! Dropout: leave out a random part of a layer's inputs while training, and scale when it is over.
//!
//! While training, every input of every example is multiplied by a bit m: 0 with probability p, else 1. Backward, the
//! same bit multiplies the gradient. Afterwards all inputs take part, scaled by 1 − p, so that a neuron sees on average
//! what it saw while training: y = f((1 − p)·x w + b).
//!
//! Masks are a function of (stream, mini-batch, example) and nothing else. That makes a run repeatable whatever the
//! number of threads, and lets a killed run go on with the masks it would have had.

use super::Notes;
use crate::Real;

/// Whether a network is being trained or asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Dropout leaves inputs out; its masks belong to this mini-batch, counted from the first of the run.
    Train {
        /// Which mini-batch of the run it is.
        iteration: u64,
    },
    /// All units take part.
    Evaluate,
}

/// Dropout of inputs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    /// Numbers in one input.
    pub inputs: usize,
    /// How likely each is to be dropped.
    pub p: f64,
    /// Which random numbers decide.
    pub stream: u64,
}

/// The mask of a training pass; empty after an evaluating one.
#[derive(Default)]
struct Mask(Vec<bool>);

/// y = x masked in training, (1 − p)·x otherwise.
pub fn forward<R: Real>(op: &Dropout, pass: Pass, x: &[R], y: &mut [R], notes: &mut Notes) {
    let Mask(bits) = notes.of();
    bits.clear();
    match pass {
        Pass::Train { iteration } => {
            bits.resize(x.len(), true);
            mask(bits, x.len() / op.inputs, op.p, op.stream, iteration);
            y.copy_from_slice(x);
            apply(bits, y);
        }
        Pass::Evaluate => {
            let scale = R::of(1.0 - op.p);
            y.iter_mut().zip(x).for_each(|(y, &x)| *y = scale * x);
        }
    }
}

/// ∂C/∂y becomes ∂C/∂x.
///
/// # Panics
/// When the notes are not those of [`forward`].
pub fn backward<R: Real>(op: &Dropout, dx: &mut [R], notes: &Notes) {
    let Mask(bits) = notes.read().expect("the forward pass came first");
    if bits.is_empty() {
        let scale = R::of(1.0 - op.p);
        dx.iter_mut().for_each(|dx| *dx *= scale);
    } else {
        apply(bits, dx);
    }
}

/// Writes a mask: `n` rows of bits for mini-batch `iteration`, each true with probability 1 − p.
///
/// ```
/// use network3::ops::dropout;
/// let mut mask = vec![false; 2 * 5000];
/// dropout::mask(&mut mask, 2, 0.5, 42, 0);
/// let kept = mask.iter().filter(|&&kept| kept).count();
/// assert!((4800..5200).contains(&kept));
/// ```
pub fn mask(mask: &mut [bool], n: usize, p: f64, stream: u64, iteration: u64) {
    let (dropped, units) = (threshold(p), mask.len() / n);
    for (row, mask) in mask.chunks_exact_mut(units).enumerate() {
        let example = iteration.wrapping_mul(n as u64).wrapping_add(row as u64);
        let mut counter = mix(stream ^ mix(example.wrapping_add(1)));
        // One random word makes two decisions: each compares 32 random bits with p.
        for pair in mask.chunks_mut(2) {
            counter = counter.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let word = mix(counter);
            let halves = [word >> 32, word & 0xFFFF_FFFF];
            pair.iter_mut().zip(halves).for_each(|(kept, half)| *kept = half >= dropped);
        }
    }
}

/// p as a number of 32 bits: what is smaller is dropped.
pub(crate) fn threshold(p: f64) -> u64 {
    (p * 2f64.powi(32)) as u64
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014): numbers that differ in a bit become numbers that differ
/// in half of them. Over a counter that grows by 2⁶⁴/φ it makes that generator, whose k-th word needs none of those
/// before it: so a device can draw a whole mask at once.
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Sets what is masked to zero: inputs on the way forward, their gradients on the way back.
pub fn apply<R: Real>(mask: &[bool], x: &mut [R]) {
    for (x, &kept) in x.iter_mut().zip(mask) {
        *x = if kept { *x } else { R::zero() };
    }
}
