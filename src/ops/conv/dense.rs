//! The gradients of the filters in `f32` where many outputs have a gradient: a dense product of outputs and inputs.

use super::Conv;
use super::backward::Nonzero;
use crate::cpu::rows::row;
use crate::cpu::simd::{F32x8, Kernel, store};
use crate::cpu::tuning::{DENSE_SHARE, TASK_TAPS};

/// Are the gradients of the filters to be a dense product? `image` says of each output of one image, which stands for
/// all, whether it has a gradient.
pub fn is_dense(op: &Conv, image: impl Iterator<Item = bool>) -> bool {
    op.groups == 1 && image.filter(|has_gradient| *has_gradient).count() * DENSE_SHARE > op.output_len()
}

/// The gradients of all filters at some taps, dense: Σ dy \[outputs, filters\] · x at the tap, over all images. A
/// register tile: four taps by up to three vectors of filters.
pub struct DenseWeightGradient<'a> {
    /// The operation, without padding and groups.
    pub op: &'a Conv,
    /// The images.
    pub x: &'a [f32],
    /// `[images, outputs, filters]`
    pub dy: &'a [f32],
    /// One for each image.
    pub nonzero: &'a [Nonzero],
    /// The first tap.
    pub first: usize,
    /// `[some taps, filters]`, each row padded to whole vectors.
    pub dw: &'a mut [f32],
}

impl Kernel for DenseWeightGradient<'_> {
    type Output = ();

    #[inline(always)]
    fn run<V: F32x8>(mut self) {
        let mut f = 0;
        while f < self.op.filters {
            let vectors = match (self.op.filters - f).div_ceil(8) {
                3.. => {
                    self.tile::<V, 3>(f);
                    3
                }
                2 => {
                    self.tile::<V, 2>(f);
                    2
                }
                _ => {
                    self.tile::<V, 1>(f);
                    1
                }
            };
            f += 8 * vectors;
        }
    }
}

impl DenseWeightGradient<'_> {
    /// `N` vectors of filters, from filter `f` on.
    #[inline(always)]
    fn tile<V: F32x8, const N: usize>(&mut self, f: usize) {
        let (op, filters, width) = (self.op, self.op.filters, self.op.output_width());
        // Where the taps are, counted from a patch's origin; beyond the last, the last once more
        let (begins, len) = op.stretches(0);
        let tap = |t: usize| begins.clone().nth(t / len).expect("a tap of the field") + t % len;
        let taps: [usize; TASK_TAPS] = std::array::from_fn(|k| tap((self.first + k).min(op.taps() - 1)));

        // Add up over all outputs of all images that do not see blank paper only
        let mut sums = [[V::splat(0.0); N]; TASK_TAPS];
        for (n, (x, nonzero)) in self.x.chunks_exact(op.input_len()).zip(self.nonzero).enumerate() {
            let dy = &self.dy[n * op.output_len() + f..];
            let x = taps.map(|tap| &x[tap..]);
            for (i, inked) in nonzero.inked.iter().enumerate() {
                for j in inked.clone() {
                    let (origin, mut space) = (op.origin(i, j), None);
                    let dy = row::<N, false>(&dy[(i * width + j) * filters..], &mut space);
                    for k in 0..TASK_TAPS {
                        let x = V::splat(x[k][origin]);
                        for v in 0..N {
                            sums[k][v] = x.mul_add(V::load(&dy[v]), sums[k][v]);
                        }
                    }
                }
            }
        }

        // Lanes beyond the last filter hold what belongs to the next output: nobody reads them
        for (dw, sums) in self.dw.chunks_exact_mut(filters.next_multiple_of(8)).zip(sums) {
            for (v, sum) in sums.into_iter().enumerate() {
                store(sum, &mut dw[f + 8 * v..]);
            }
        }
    }
}
