//! The processor's backend: `f32`, vectors, threads, and scratch memory that is kept from one mini-batch to the next.
//!
//! How work is divided: convolution, pooling and normalisation by example, the gradients of filters by filter;
//! fully-connected layers by input, on the way forward and on the way back alike, so that a thread meets what it has
//! met before, in its own cache (and by example on the way forward, where a dense product is quicker). Where several
//! tasks add to the same number, each has a copy of its own, and the copies are added up at the end. So every number is
//! computed by one thread, in an order that does not depend on how many there are.
//!
//! A convolution with padding is one without, of an image that was copied into a margin of zeros.

use super::{
    Activation, Affine, At, Backend, BatchNorm, Conv, ConvPool, Moments, Normalise, Notes, Parameter, ParameterPieces,
    Pool, Trainable, Weights, activation, affine, batch_norm, conv, conv_pool, normalise, pool,
};
use crate::cpu::simd::Level;
use crate::cpu::tuning::{TASK_FILTERS, TASK_TAPS, TASK_UNITS};
use crate::{Pieces, Threads};
use affine::fast::On;
use conv::{
    backward::{FindNonzero, InputGradient, Nonzero, WeightGradient},
    dense::{DenseWeightGradient, is_dense},
    forward::Packed,
    margin::Margin,
};
use std::sync::Arc;

/// Every operation that training spends its time in, as fast as this processor can.
pub struct Fast {
    threads: Arc<Threads>,
    level: Level,
    /// The filters of the convolution at hand.
    packed: Packed,
    /// For each image, the outputs that have a gradient.
    nonzero: Vec<Nonzero>,
    /// Where the patches of a convolution begin in its input.
    origins: Vec<usize>,
    /// The filters' gradients, dense: by tap, and by filter.
    partial: Vec<f32>,
    /// What fully-connected layers need.
    affine: affine::fast::Workspace,
    /// What batch normalisation needs.
    batch_norm: batch_norm::fast::Workspace,
    /// The inputs of a convolution in their margins, and their gradients.
    margin: Margin,
}

impl Fast {
    /// A backend that works on these threads.
    pub fn new(threads: Arc<Threads>) -> Self {
        Fast::with_level(threads, Level::detect())
    }

    /// A backend with these vectors: [`Level::plain`] is how tests compare.
    pub fn with_level(threads: Arc<Threads>, level: Level) -> Self {
        Fast {
            threads,
            level,
            packed: Packed::default(),
            nonzero: vec![],
            origins: vec![],
            partial: vec![],
            affine: Default::default(),
            batch_norm: Default::default(),
            margin: Margin::default(),
        }
    }

    /// Does something with the inputs of a convolution in their margin; or as they are, where there is none.
    fn with_margin<T>(&mut self, op: &Conv, x: &[f32], f: impl FnOnce(&mut Self, &[f32]) -> T) -> T {
        if op.window.padding.is_none() {
            return f(self, x);
        }
        let mut margin = std::mem::take(&mut self.margin);
        margin.put(op, x, &self.threads);
        let result = f(self, &margin.x);
        self.margin.x = margin.x;
        result
    }

    /// The same for a backward pass, which may be asked for ∂C/∂x.
    fn with_margins(&mut self, op: &Conv, at: At<f32>, f: impl FnOnce(&mut Self, At<f32>)) {
        if op.window.padding.is_none() {
            return f(self, at);
        }
        let mut margin = std::mem::take(&mut self.margin);
        margin.put(op, at.x, &self.threads);
        let Margin { x, dx: padded } = &mut margin;
        padded.resize(x.len(), 0.0);
        f(self, At { x, y: at.y, dy: at.dy, dx: at.dx.is_some().then_some(&mut padded[..]), ..at });
        if let Some(dx) = at.dx {
            margin.cut_off(op, dx, &self.threads);
        }
        self.margin = margin;
    }

    /// The gradients of a convolution without padding. `self.origins` says where the patches begin; `find` finds the
    /// outputs of an image that have a gradient, given the image's number and its piece of `dy`; `dense`: not by
    /// filter.
    fn conv_gradients(
        &mut self,
        op: &Conv,
        At { x, dy, dx, .. }: At<f32>,
        mut w: Parameter<f32>,
        dense: bool,
        find: impl Fn(usize, &mut [f32], &[usize], &mut Nonzero) + Sync,
    ) {
        let n = x.len() / op.input_len();
        self.nonzero.resize_with(n.max(self.nonzero.len()), Nonzero::default);
        let (level, origins, weights) = (self.level, &self.origins[..], w.value());
        let outputs = dy.len() / n;
        let images =
            ((Pieces(&mut self.nonzero[..n], 1), Pieces(dy, outputs)), dx.map(|dx| Pieces(dx, op.input_len())));
        self.threads.for_each(images, |k, ((nonzero, dy), dx)| {
            find(k, dy, origins, &mut nonzero[0]);
            if let Some(dx) = dx {
                level.run(InputGradient { op, w: weights, origins, nonzero: &nonzero[0], dx });
            }
        });
        let nonzero = &self.nonzero[..n];
        if !dense {
            return self.threads.for_each(ParameterPieces(w, TASK_FILTERS * op.taps()), |k, w| {
                level.run(WeightGradient { op, x, nonzero, first: k * TASK_FILTERS, w });
            });
        }
        // Tap by tap, then filter by filter
        let (width, taps) = (op.filters.next_multiple_of(8), op.taps());
        self.partial.resize(self.partial.len().max((width + op.filters) * taps), 0.0);
        let (by_tap, by_filter) = self.partial.split_at_mut(width * taps);
        let dy = &*dy;
        self.threads.for_each(Pieces(by_tap, TASK_TAPS * width), |k, dw| {
            level.run(DenseWeightGradient { op, x, dy, nonzero, first: k * TASK_TAPS, dw });
        });
        for (f, dw) in by_filter.chunks_exact_mut(taps).take(op.filters).enumerate() {
            dw.iter_mut().zip(by_tap.chunks_exact(width)).for_each(|(dw, tap)| *dw = tap[f]);
        }
        w.follow(&by_filter[..op.filters * taps]);
    }
}

impl Backend<f32> for Fast {
    fn conv_forward(&mut self, op: &Conv, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.with_margin(op, x, |fast, x| {
            let op = &op.on_padded();
            fast.packed.pack(op, fast.level, &fast.threads, w);
            let (w, level) = (&fast.packed, fast.level);
            fast.threads.for_each(Pieces(y, op.output_len()), |k, y| {
                conv::forward::forward(level, op, &x[k * op.input_len()..][..op.input_len()], w, y);
            });
        });
    }

    fn conv_backward(&mut self, op: &Conv, at: At<f32>, w: Parameter<f32>) {
        self.with_margins(op, at, |fast, at| {
            let op = &op.on_padded();
            let (level, width, by_patch) = (fast.level, op.output_width(), at.dx.is_some());
            fast.origins.clear();
            fast.origins.extend((0..op.output_height() * width).map(|k| op.origin(k / width, k % width)));
            let (x, len) = (at.x, op.input_len());
            let dense = is_dense(op, at.dy[..op.output_len()].iter().map(|dy| *dy != 0.0));
            fast.conv_gradients(op, at, w, dense, |k, dy, origins, found| {
                let x = &x[k * len..][..len];
                level.run(FindNonzero { op, x, origins, dy, by_filter: !dense, by_patch, found });
            });
        });
    }

    fn pool_forward(&mut self, op: &Pool, x: &[f32], y: &mut [f32], notes: &mut Notes) {
        let (notes, words, n, level) = (notes.of::<Vec<u32>>(), pool::fast::notes(op), op.input_len(), self.level);
        notes.resize(x.len() / n * words, 0);
        let images = (Pieces(y, op.output_shape().len()), (words > 0).then_some(Pieces(notes, words)));
        self.threads.if_worth(x.len()).for_each(images, |k, (y, notes)| {
            level.run(pool::fast::Forward { op, x: &x[k * n..][..n], y, notes: notes.unwrap_or_default() });
        });
    }

    fn pool_backward(&mut self, op: &Pool, at: At<f32>, notes: &Notes) {
        let At { x, y, dy, dx: Some(dx), dead_at_zero } = at else { return };
        let notes = notes.read::<Vec<u32>>().expect("the forward pass came first");
        let (words, n, outputs, level) = (pool::fast::notes(op), op.input_len(), op.output_shape().len(), self.level);
        let dy = &*dy;
        self.threads.if_worth(x.len()).for_each(Pieces(dx, n), |k, dx| {
            let (x, y, dy) = (&x[k * n..][..n], &y[k * outputs..][..outputs], &dy[k * outputs..][..outputs]);
            let notes = &notes[k * words..][..words];
            level.run(pool::fast::Backward { op, x, y, dy, dx, notes, dead_at_zero });
        });
    }

    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[f32], p: Weights<f32>, y: &mut [f32], notes: &mut Notes) {
        if !conv_pool::fast::fits(op) {
            return conv_pool::reference::forward(self, op, x, p, y, notes);
        }
        let (notes, words) = (notes.of::<Vec<u32>>(), conv_pool::fast::notes(op));
        notes.resize(x.len() / op.conv.input_len() * words, 0);
        self.with_margin(&op.conv, x, |fast, x| {
            let op = &op.on_padded();
            fast.packed.pack(&op.conv, fast.level, &fast.threads, p.w);
            let (w, level, len) = (&fast.packed, fast.level, op.conv.input_len());
            let images = (Pieces(y, op.output_shape().len()), (words > 0).then_some(Pieces(notes, words)));
            fast.threads.for_each(images, |k, (y, notes)| {
                let x = &x[k * len..][..len];
                conv_pool::fast::forward(level, op, x, w, p.b, y, notes.unwrap_or_default());
            });
        });
    }

    fn conv_pool_backward(&mut self, op: &ConvPool, at: At<f32>, p: Trainable<f32>, notes: &Notes) {
        if !conv_pool::fast::fits(op) {
            return conv_pool::reference::backward(self, op, at, p, notes);
        }
        let notes = notes.read::<Vec<u32>>().expect("the forward pass came first");
        let images = at.x.len() / op.conv.input_len();
        self.with_margins(&op.conv, at, |fast, at| {
            let op = &op.on_padded();
            let (level, words, by_patch) = (fast.level, conv_pool::fast::notes(op), at.dx.is_some());
            let (x, y, len, n) = (at.x, at.y, op.conv.input_len(), op.output_shape().len());
            fast.origins.clear();
            fast.origins.extend(conv_pool::fast::origins(op));
            let on = |(y, dy): (&f32, &f32)| *dy != 0.0 && (*y != 0.0 || !op.activation.is_dead_at_zero());
            let dense = words == 0 && is_dense(&op.conv, y.iter().zip(&at.dy[..n]).map(on));
            fast.conv_gradients(&op.conv, at, p.w, dense, |k, dy, origins, found| {
                level.run(activation::fast::Backward { f: op.activation, y: &y[k * n..][..n], dy });
                let (x, notes) = (&x[k * len..][..len], &notes[k * words..][..words]);
                if words == 0 {
                    let (op, by_filter) = (&op.conv, !dense);
                    return level.run(FindNonzero { op, x, origins, dy, by_filter, by_patch, found });
                }
                level.run(conv_pool::fast::FindWinners { op, origins, x, delta: dy, notes, by_patch, found });
            });
        });
        p.b.follow_all(self.nonzero[..images].iter().map(|nonzero| &nonzero.db[..]));
    }

    fn affine_forward(&mut self, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        self.affine.forward(On(&self.threads, self.level), op, x, p, y);
    }

    fn affine_backward(&mut self, op: &Affine, at: At<f32>, p: Trainable<f32>) {
        self.affine.backward(On(&self.threads, self.level), op, at, p);
    }

    fn activate(&mut self, f: Activation, z: &mut [f32]) {
        self.level.run(activation::fast::Forward { f, z });
    }

    fn activate_backward(&mut self, f: Activation, y: &[f32], dy: &mut [f32]) {
        self.level.run(activation::fast::Backward { f, y, dy });
    }

    fn normalise_forward(&mut self, op: &Normalise, x: &[f32], y: &mut [f32], notes: &mut Notes) {
        let s = notes.of::<Vec<f32>>();
        s.resize(x.len(), 0.0);
        let (level, n) = (self.level, TASK_UNITS * op.maps);
        self.threads.if_worth(x.len()).for_each((Pieces(y, n), Pieces(s, n)), |k, (y, s)| {
            level.run(normalise::fast::Forward { op, x: &x[k * n..][..y.len()], y, s });
        });
    }

    fn normalise_backward(&mut self, op: &Normalise, at: At<f32>, notes: &Notes) {
        let At { x, y, dy, dx: Some(dx), .. } = at else { return };
        let s = notes.read::<Vec<f32>>().expect("the forward pass came first");
        let (level, n) = (self.level, TASK_UNITS * op.maps);
        self.threads.if_worth(x.len()).for_each((Pieces(dy, n), Pieces(dx, n)), |k, (dy, dx)| {
            let (x, y, s) = (&x[k * n..][..dx.len()], &y[k * n..][..dx.len()], &s[k * n..][..dx.len()]);
            level.run(normalise::fast::Backward { op, x, y, s, dy, dx });
        });
    }

    fn batch_moments(&mut self, op: &BatchNorm, x: &[f32], mean: &mut [f32], variance: &mut [f32]) {
        self.batch_norm.moments(On(&self.threads, self.level), op, x, mean, variance);
    }

    fn batch_norm_forward(&mut self, op: &BatchNorm, x: &[f32], moments: Moments<f32>, p: Weights<f32>, y: &mut [f32]) {
        self.batch_norm.forward(On(&self.threads, self.level), op, x, moments, p, y);
    }

    fn batch_norm_backward(&mut self, op: &BatchNorm, at: At<f32>, moments: Moments<f32>, p: Trainable<f32>) {
        self.batch_norm.backward(On(&self.threads, self.level), op, at, moments, p);
    }
}
