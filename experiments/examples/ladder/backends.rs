//! The rungs: from loops to the fast backend, one idea at a time. Each is a [`Backend`] that computes the same
//! function.

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2, Axis, linalg::general_mat_mul};
use network3::cpu::simd::Level;
use network3::ops::conv::backward::{InputGradient, Nonzero, WeightGradient};
use network3::ops::pool::fast::{WORD, Winners};
use network3::ops::{
    Activation, Affine, At, Backend, Conv, ConvPool, Fast, Notes, Parameter, Reference, Trainable, Weights, conv_pool,
};
use network3::{Network, Result, Threads};
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
        climb: |network| Ok(network.with_backend(Reference)),
    },
    Rung {
        name: "im2col",
        step: "a matrix of patches, a library’s matrix product",
        climb: |network| Ok(network.with_backend(Im2col::default())),
    },
    Rung {
        name: "direct",
        step: "no matrix of patches; sums stay in registers",
        climb: |network| Ok(network.with_backend(Direct::new(false))),
    },
    Rung {
        name: "fused",
        step: "pooling, bias and activation in the same pass",
        climb: |network| Ok(network.with_backend(Direct::new(true))),
    },
    Rung { name: "sparse", step: "gradients of the winners only", climb: |network| Ok(network.with_backend(plain())) },
    Rung { name: "vectors", step: "the processor's own vectors", climb: |network| network.with_threads(1) },
    Rung { name: "two-threads", step: "two threads", climb: |network| network.with_threads(2) },
];

/// The fast backend without vector instructions: arrays of eight, and whatever the compiler makes of them.
fn plain() -> Fast {
    Fast::with_level(Arc::new(Threads::one()), Level::plain())
}

/// Convolution as a matrix product, the way of most libraries: the patch under every position of the window is copied
/// into a row of a matrix, and one product with the filters does the rest. Everything else is as in the definition.
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
            for origin in origins(op) {
                runs(op, origin).for_each(|(begin, run)| self.patches.extend_from_slice(&x[begin..][..run]));
            }
        }
    }
}

/// Where the patch of each output begins in the image, in the order of the outputs.
fn origins(op: &Conv) -> impl Iterator<Item = usize> {
    assert!(op.window.padding.is_none() && op.groups == 1, "no network of the ladder has margins or groups");
    let (width, (down, across)) = (op.output_width(), op.stride());
    (0..op.output_height() * width).map(move |k| (k / width * down * op.width + k % width * across) * op.maps)
}

/// The rows of a patch: where each begins, and how long it is.
fn runs(op: &Conv, origin: usize) -> impl Iterator<Item = (usize, usize)> {
    let (row, run) = (op.width * op.maps, op.kernel().1 * op.maps);
    (0..op.kernel().0).map(move |l| (origin + l * row, run))
}

fn matrix(x: &[f32], columns: usize) -> ArrayView2<'_, f32> {
    ArrayView2::from_shape((x.len() / columns, columns), x).expect("whole rows")
}

fn matrix_mut(x: &mut [f32], columns: usize) -> ArrayViewMut2<'_, f32> {
    ArrayViewMut2::from_shape((x.len() / columns, columns), x).expect("whole rows")
}

impl Backend<f32> for Im2col {
    /// y = patches wᵀ
    fn conv_forward(&mut self, op: &Conv, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.lay_out(op, x);
        let (patches, w) = (matrix(&self.patches, op.taps()), matrix(w, op.taps()));
        general_mat_mul(1.0, &patches, &w.t(), 0.0, &mut matrix_mut(y, op.filters));
    }

    /// dw += dyᵀ patches; the gradient of the patches is dy w, and each of its numbers is added to the input it came
    /// from.
    fn conv_backward(&mut self, op: &Conv, at: At<f32>, w: Parameter<f32>) {
        let At { x, dy, dx, .. } = at;
        self.lay_out(op, x);
        let dy = matrix(dy, op.filters);
        if let Some(dx) = dx {
            let mut d_patches = vec![0.0; self.patches.len()];
            general_mat_mul(1.0, &dy, &matrix(w.value(), op.taps()), 0.0, &mut matrix_mut(&mut d_patches, op.taps()));
            dx.fill(0.0);
            let mut from = &d_patches[..];
            for dx in dx.chunks_exact_mut(op.input_len()) {
                for (begin, run) in origins(op).flat_map(|origin| runs(op, origin)) {
                    dx[begin..][..run].iter_mut().zip(from).for_each(|(dx, from)| *dx += from);
                    from = &from[run..];
                }
            }
        }
        w.with_gradient(|_, dw| {
            general_mat_mul(1.0, &dy.t(), &matrix(&self.patches, op.taps()), 1.0, &mut matrix_mut(dw, op.taps()));
        });
    }

    /// y = x w + b
    fn affine_forward(&mut self, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        let mut y = matrix_mut(y, op.outputs);
        y.assign(&ArrayView1::from(p.b));
        general_mat_mul(1.0, &matrix(x, op.inputs), &matrix(p.w, op.outputs), 1.0, &mut y);
    }

    /// dw += xᵀ dy, db += Σ dy, dx = dy wᵀ
    fn affine_backward(&mut self, op: &Affine, at: At<f32>, p: Trainable<f32>) {
        let (x, dy) = (matrix(at.x, op.inputs), matrix(at.dy, op.outputs));
        if let Some(dx) = at.dx {
            general_mat_mul(1.0, &dy, &matrix(p.w.value(), op.outputs).t(), 0.0, &mut matrix_mut(dx, op.inputs));
        }
        p.with_gradients(|_, g| {
            general_mat_mul(1.0, &x.t(), &dy, 1.0, &mut matrix_mut(g.dw, op.outputs));
            g.db.iter_mut().zip(dy.sum_axis(Axis(0))).for_each(|(db, sum)| *db += sum);
        });
    }
}

/// The kernels of the fast backend, without vector instructions, and without its knowledge of what need not be
/// computed: the convolution's gradients take every output, whether it has won or not.
struct Direct {
    fast: Fast,
    /// Is the layer's forward pass one pass, or an operation after the other?
    fused: bool,
    outputs: Vec<Nonzero>,
}

impl Direct {
    fn new(fused: bool) -> Self {
        Direct { fast: plain(), fused, outputs: vec![] }
    }

    /// Is this layer one pass? Then there are the fast backend's notes on who won.
    fn fuses(&self, op: &ConvPool) -> bool {
        self.fused && conv_pool::fast::fits(op) && conv_pool::fast::notes(op) > 0
    }
}

impl Backend<f32> for Direct {
    fn conv_forward(&mut self, op: &Conv, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.fast.conv_forward(op, x, w, y);
    }

    /// What the fast backend does with a list of some outputs is done with a list of all of them.
    fn conv_backward(&mut self, op: &Conv, at: At<f32>, w: Parameter<f32>) {
        let At { x, dy, mut dx, .. } = at;
        let origins: Vec<usize> = origins(op).collect();
        self.outputs.resize_with(x.len() / op.input_len(), Nonzero::default);
        for (n, (outputs, dy)) in self.outputs.iter_mut().zip(dy.chunks_exact(op.output_len())).enumerate() {
            outputs.begin(op, origins.len(), origins.len());
            for (k, dy) in dy.chunks_exact(op.filters).enumerate() {
                for (f, &dy) in dy.iter().enumerate() {
                    outputs.push(f, origins[k], dy);
                    outputs.push_patch(k, f, dy);
                }
            }
            if let Some(dx) = &mut dx {
                let dx = &mut dx[n * op.input_len()..][..op.input_len()];
                Level::plain().run(InputGradient { op, w: w.value(), origins: &origins, nonzero: outputs, dx });
            }
        }
        Level::plain().run(WeightGradient { op, x, nonzero: &self.outputs, first: 0, w });
    }

    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[f32], p: Weights<f32>, y: &mut [f32], notes: &mut Notes) {
        match self.fuses(op) {
            true => self.fast.conv_pool_forward(op, x, p, y, notes),
            false => conv_pool::reference::forward(self, op, x, p, y, notes),
        }
    }

    /// The definition, but for pooling: the notes tell who won.
    fn conv_pool_backward(&mut self, op: &ConvPool, at: At<f32>, mut p: Trainable<f32>, notes: &Notes) {
        if !self.fuses(op) {
            return conv_pool::reference::backward(self, op, at, p, notes);
        }
        let At { x, y, dy, dx, dead_at_zero } = at;
        self.activate_backward(op.activation, y, dy);
        let delta = matrix(dy, op.conv.filters);
        p.b.follow(&delta.sum_axis(Axis(0)).to_vec());

        let notes: &Vec<u32> = notes.read().expect("the forward pass was the fast backend's");
        let ((h, w), (down, across), filters) = (op.pool.window.size, op.pool.window.stride, op.conv.filters);
        let (words, windows) = ((h * w).div_ceil(WORD), op.pool.output_height() * op.pool.output_width());
        let mut d_convolved = vec![0.0; x.len() / op.conv.input_len() * op.conv.output_len()];
        for (n, d_convolved) in d_convolved.chunks_exact_mut(op.conv.output_len()).enumerate() {
            for k in 0..windows {
                let (i, j) = (k / op.pool.output_width() * down, k % op.pool.output_width() * across);
                let window = n * windows + k;
                for f in 0..filters {
                    let notes = &notes[(window * filters.div_ceil(8) + f / 8) * words..][..words];
                    for unit in Winners::new(notes, f % 8, op.pool.ties) {
                        let unit = (i + unit / w) * op.pool.width + j + unit % w;
                        d_convolved[unit * filters + f] += delta[[window, f]];
                    }
                }
            }
        }
        self.conv_backward(&op.conv, At { x, y: &[], dy: &mut d_convolved, dx, dead_at_zero }, p.w);
    }

    fn affine_forward(&mut self, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        self.fast.affine_forward(op, x, p, y);
    }

    fn affine_backward(&mut self, op: &Affine, at: At<f32>, p: Trainable<f32>) {
        self.fast.affine_backward(op, at, p);
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
    use network3::{Cost, LastBatch, Learner, Padding, Pooling, Shape, Spec, Step, data};

    /// The chapter's kind of layer, small; one that the fast backend has no fused path for; and one with overlapping
    /// windows.
    fn small() -> Result<Network<f32>> {
        let layers = [
            Spec::conv_pool(6, (5, 5), (2, 2), Activation::Relu),
            Spec::ConvPool {
                filters: 10,
                kernel: (3, 3),
                stride: (1, 1),
                padding: Padding::NONE,
                groups: 1,
                pooling: Pooling::Mean,
                window: (2, 2),
                step: (2, 2),
                activation: Activation::Relu,
            },
            Spec::ConvPool {
                filters: 9,
                kernel: (3, 2),
                stride: (2, 1),
                padding: Padding::NONE,
                groups: 1,
                pooling: Pooling::Max,
                window: (2, 3),
                step: (1, 2),
                activation: Activation::Tanh,
            },
            Spec::fully_connected(20, Activation::Relu).with_dropout(0.2),
            Spec::softmax(data::DIGITS),
        ];
        Network::reference(Shape::image(1, 28, 28), &layers, Cost::LogLikelihood)
    }

    #[test]
    fn every_rung_follows_the_loops() -> Result<()> {
        let digits = data::digits(100, 1, 1, 1)?.training;
        let train = |mut network: Network<f32>| -> Result<_> {
            let mut batches = data::Batches::sequential(&digits, 10, LastBatch::Dropped)?;
            let (mut costs, mut iteration) = (vec![], 0);
            while let Some(examples) = batches.next_batch() {
                network.train(&examples, &Step { eta: 0.1, decay: 0.01, momentum: 0.5, iteration })?;
                costs.push(network.mean_cost()?);
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
