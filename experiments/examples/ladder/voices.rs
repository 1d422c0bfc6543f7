//! The rungs: from loops to the fast voice, one idea at a time. Each is a [`Voice`] that computes the same function.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2, Axis, linalg::general_mat_mul};
use network3::ops::conv::hits::{ImageHits, InputGradient, WeightGradient};
use network3::ops::{Affine, Conv, ConvPool, Fast, Gradients, Reference, Sgd, Voice, Weights, conv_pool};
use network3::simd::Level;
use network3::{Activation, Network, Result, Threads};
use std::sync::Arc;

/// One rung of the ladder.
pub struct Rung {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What is new here.
    pub step: &'static str,
    /// Makes a network stand on it.
    pub climb: fn(Network<f32>) -> Result<Network<f32>>,
}

/// All rungs, from the lowest.
pub const RUNGS: [Rung; 7] = [
    Rung {
        name: "loops",
        step: "the definitions, written as loops",
        climb: |network| Ok(network.with_voice(Reference)),
    },
    Rung {
        name: "im2col",
        step: "a matrix of patches, and a library’s matrix product, which has vectors",
        climb: |network| Ok(network.with_voice(Im2col::default())),
    },
    Rung {
        name: "direct",
        step: "no matrix of patches; sums stay in registers",
        climb: |network| Ok(network.with_voice(Direct::new(false))),
    },
    Rung {
        name: "fused",
        step: "pooling, bias and activation in the same pass",
        climb: |network| Ok(network.with_voice(Direct::new(true))),
    },
    Rung { name: "sparse", step: "gradients of the winners only", climb: |network| Ok(network.with_voice(plain())) },
    Rung { name: "vectors", step: "the processor's own vectors", climb: |network| fast(network, 1) },
    Rung { name: "two-threads", step: "two threads", climb: |network| fast(network, 2) },
];

/// The fast voice without vector instructions: arrays of eight, and whatever the compiler makes of them.
fn plain() -> Fast {
    Fast::with_level(Arc::new(Threads::one()), Level::plain())
}

fn fast(mut network: Network<f32>, threads: usize) -> Result<Network<f32>> {
    network.set_threads(threads)?;
    Ok(network)
}

/// Convolution as a matrix product, the way of most libraries: the patch under every position of the window is copied into a
/// row of a matrix, and one product with the filters does the rest. Everything else is as in the definition.
#[derive(Default)]
struct Im2col {
    /// `[outputs of all images, taps]`
    patches: Vec<f32>,
}

impl Im2col {
    /// Copies the patches of all images. Each is a few runs of numbers that lie side by side in `x`.
    fn lay_out(&mut self, op: &Conv, x: &[f32]) {
        self.patches.clear();
        for x in x.chunks_exact(op.input_len()) {
            for corner in corners(op) {
                runs(op, corner).for_each(|(begin, run)| self.patches.extend_from_slice(&x[begin..][..run]));
            }
        }
    }
}

/// Where the patch of each output begins in the image, in the order of the outputs.
fn corners(op: &Conv) -> impl Iterator<Item = usize> {
    let (width, (down, across)) = (op.output_width(), op.stride);
    (0..op.output_height() * width).map(move |k| (k / width * down * op.width + k % width * across) * op.maps)
}

/// The rows of a patch: where each begins, and how long it is.
fn runs(op: &Conv, corner: usize) -> impl Iterator<Item = (usize, usize)> {
    let (row, run) = (op.width * op.maps, op.kernel.1 * op.maps);
    (0..op.kernel.0).map(move |l| (corner + l * row, run))
}

fn matrix(x: &[f32], columns: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((x.len() / columns, columns), x).expect("whole rows")
}

fn matrix_mut(x: &mut [f32], columns: usize) -> ArrayViewMut2<'_, f32> {
    ArrayViewMut2::from_shape((x.len() / columns, columns), x).expect("whole rows")
}

impl Voice<f32> for Im2col {
    /// y = patches wᵀ
    fn conv_forward(&mut self, op: &Conv, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.lay_out(op, x);
        let (patches, w) = (matrix(&self.patches, op.taps()), matrix(w, op.taps()));
        general_mat_mul(1.0, &patches, &w.t(), 0.0, &mut matrix_mut(y, op.filters));
    }

    /// dw += dyᵀ patches; the gradient of the patches is dy w, and each of its numbers is added to the input it came from.
    fn conv_backward(&mut self, op: &Conv, x: &[f32], w: &[f32], dy: &[f32], dw: &mut [f32], dx: Option<&mut [f32]>) {
        self.lay_out(op, x);
        let dy = matrix(dy, op.filters);
        general_mat_mul(1.0, &dy.t(), &matrix(&self.patches, op.taps()), 1.0, &mut matrix_mut(dw, op.taps()));
        let Some(dx) = dx else { return };
        general_mat_mul(1.0, &dy, &matrix(w, op.taps()), 0.0, &mut matrix_mut(&mut self.patches, op.taps()));
        dx.fill(0.0);
        let mut from = &self.patches[..];
        for dx in dx.chunks_exact_mut(op.input_len()) {
            for (begin, run) in corners(op).flat_map(|corner| runs(op, corner)) {
                dx[begin..][..run].iter_mut().zip(from).for_each(|(dx, from)| *dx += from);
                from = &from[run..];
            }
        }
    }

    /// y = x w + b
    fn affine_forward(&mut self, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        let mut y = matrix_mut(y, op.outputs);
        y.assign(&ArrayView1::from(p.b));
        general_mat_mul(1.0, &matrix(x, op.inputs), &matrix(p.w, op.outputs), 1.0, &mut y);
    }

    /// dw += xᵀ dy, db += Σ dy, dx = dy wᵀ
    fn affine_backward(
        &mut self,
        op: &Affine,
        x: &[f32],
        w: &[f32],
        dy: &[f32],
        g: Gradients<f32>,
        dx: Option<&mut [f32]>,
    ) {
        let dy = matrix(dy, op.outputs);
        general_mat_mul(1.0, &matrix(x, op.inputs).t(), &dy, 1.0, &mut matrix_mut(g.dw, op.outputs));
        g.db.iter_mut().zip(dy.sum_axis(Axis(0))).for_each(|(db, sum)| *db += sum);
        if let Some(dx) = dx {
            general_mat_mul(1.0, &dy, &matrix(w, op.outputs).t(), 0.0, &mut matrix_mut(dx, op.inputs));
        }
    }
}

/// The kernels of the fast voice, without vector instructions, and without its knowledge of what need not be computed: the
/// convolution's gradients take every output, whether it has won or not.
struct Direct {
    fast: Fast,
    /// Is the layer's forward pass one pass, or an operation after the other?
    fused: bool,
    hits: Vec<ImageHits>,
}

impl Direct {
    fn new(fused: bool) -> Self {
        Direct { fast: plain(), fused, hits: vec![] }
    }
}

impl Voice<f32> for Direct {
    fn conv_forward(&mut self, op: &Conv, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.fast.conv_forward(op, x, w, y);
    }

    /// What the fast voice does with a list of some outputs is done with a list of all of them.
    fn conv_backward(
        &mut self,
        op: &Conv,
        x: &[f32],
        w: &[f32],
        dy: &[f32],
        dw: &mut [f32],
        mut dx: Option<&mut [f32]>,
    ) {
        let corners: Vec<usize> = corners(op).collect();
        self.hits.resize_with(x.len() / op.input_len(), ImageHits::default);
        for (n, (hits, dy)) in self.hits.iter_mut().zip(dy.chunks_exact(op.output_len())).enumerate() {
            hits.begin(op.filters, corners.len(), corners.len());
            for (k, dy) in dy.chunks_exact(op.filters).enumerate() {
                for (f, &dy) in dy.iter().enumerate() {
                    hits.by_filter.push(f, corners[k], dy);
                    hits.by_patch.push(k, f, dy);
                }
            }
            if let Some(dx) = &mut dx {
                let dx = &mut dx[n * op.input_len()..][..op.input_len()];
                Level::plain().run(InputGradient { op, w, corners: &corners, hits, dx });
            }
        }
        let hits = &self.hits;
        Level::plain().run(WeightGradient { op, x, hits, first: 0, target: dw, keep: 1.0, scale: 1.0 });
    }

    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[f32], p: Weights<f32>, y: &mut [f32], winners: &mut [u32]) {
        match self.fused {
            true => self.fast.conv_pool_forward(op, x, p, y, winners),
            false => conv_pool::reference::forward(self, op, x, p, y),
        }
    }

    fn affine_forward(&mut self, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        self.fast.affine_forward(op, x, p, y);
    }

    fn affine_backward(
        &mut self,
        op: &Affine,
        x: &[f32],
        w: &[f32],
        dy: &[f32],
        g: Gradients<f32>,
        dx: Option<&mut [f32]>,
    ) {
        self.fast.affine_backward(op, x, w, dy, g, dx);
    }

    fn affine_step(
        &mut self,
        op: &Affine,
        x: &[f32],
        w: &mut [f32],
        b: &mut [f32],
        dy: &[f32],
        sgd: Sgd<f32>,
        dx: Option<&mut [f32]>,
        sparse: bool,
    ) {
        self.fast.affine_step(op, x, w, b, dy, sgd, dx, sparse);
    }

    fn activate(&mut self, f: Activation, z: &mut [f32]) {
        self.fast.activate(f, z);
    }

    fn activate_backward(&mut self, f: Activation, y: &[f32], dy: &mut [f32]) {
        self.fast.activate_backward(f, y, dy);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::ArrayD;
    use network3::train::{Learner, Step};
    use network3::{Habits, LastBatch, Pooling, Shape, Spec, data};

    /// The chapter's kinds of layer, small; and one that the fast voice has no fused path for.
    fn small() -> Result<Network<f32>> {
        let layers = [
            Spec::conv_pool(6, (5, 5), (2, 2), Activation::Relu),
            Spec::conv_pool(10, (3, 3), (2, 2), Activation::Relu),
            Spec::ConvPool {
                filters: 9,
                kernel: (3, 2),
                stride: (2, 1),
                pooling: Pooling::Max,
                window: (2, 3),
                step: (1, 2),
                activation: Activation::Tanh,
            },
            Spec::fully_connected(20, Activation::Relu).with_dropout(0.2),
            Spec::softmax(data::CLASSES),
        ];
        Network::new(Shape::image(1, 28, 28), &layers, Habits::corrected(), 1)
    }

    #[test]
    fn every_rung_follows_the_loops() -> Result<()> {
        let digits = data::digits(60, 1, 1, 1)?.training;
        let train = |mut network: Network<f32>| -> Result<_> {
            let mut batches = data::Batches::sequential(&digits, 10, LastBatch::Dropped)?;
            let (mut costs, mut iteration) = (vec![], 0);
            while let Some(batch) = batches.next_batch() {
                costs.push(network.train(&batch, &Step { eta: 0.1, decay: 0.01, momentum: 0.0, iteration })?);
                iteration += 1;
            }
            Ok((costs, network.state()))
        };
        let (expected_costs, expected) = train(small()?)?;
        let most = |a: &ArrayD<f32>, b: &ArrayD<f32>| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        for ((name, before), (_, after)) in small()?.state().iter().zip(&expected) {
            assert!(most(before, after) > 1e-3, "{name} has hardly moved: there is nothing to compare");
        }
        for rung in RUNGS {
            let (costs, state) = train((rung.climb)(small()?)?)?;
            for (got, want) in costs.iter().zip(&expected_costs) {
                assert!((got - want).abs() < 1e-4, "{}: costs {costs:?}, expected {expected_costs:?}", rung.name);
            }
            for ((name, got), (_, want)) in state.iter().zip(&expected) {
                let most = most(got, want);
                assert!(most < 1e-5, "{}: {name} is off by {most}", rung.name);
            }
        }
        Ok(())
    }
}
