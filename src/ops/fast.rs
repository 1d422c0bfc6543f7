//! The fast voice: `f32`, vectors, threads, and scratch memory that is kept from one mini-batch to the next.
//!
//! How work is divided: convolutions by example, the gradients of their filters by filter; fully-connected layers by
//! input, on the way forward and on the way back alike, so that a thread meets what it has met before, in its own cache.
//! Where several pieces of work add to the same number, each has a copy of its own, and the copies are added up at the
//! end. So every number is computed by one thread, in an order that does not depend on how many there are.

use super::{Affine, Conv, ConvPool, Gradients, Sgd, Voice, Weights, activation, affine, conv, conv_pool};
use crate::simd::Level;
use crate::{Activation, Pieces, Threads, Work};
use conv::{
    fast::Packed,
    hits::{ImageHits, InputGradient, WeightGradient},
};
use std::sync::Arc;

/// Every operation that training spends its time in, as fast as this processor can.
pub struct Fast {
    threads: Arc<Threads>,
    level: Level,
    packed: Packed,
    hits: Vec<ImageHits>,
    /// Where the patches of a convolution begin in its input.
    corners: Vec<usize>,
    /// What a fully-connected layer's pieces of work give: [n, outputs] (forward), [n, some inputs] (backward).
    blocks: Vec<f32>,
    /// `dy` of a fully-connected layer, padded to whole vectors.
    padded: Vec<f32>,
}

/// What becomes of a gradient: target ← keep · target + scale · gradient.
struct Update<'a> {
    /// The weights, where they are not the target themselves.
    w: Option<&'a [f32]>,
    target: &'a mut [f32],
    keep: f32,
    scale: f32,
}

impl<'a> Update<'a> {
    /// It is added to `dw`.
    fn gradient(w: &'a [f32], dw: &'a mut [f32]) -> Self {
        Update { w: Some(w), target: dw, keep: 1.0, scale: 1.0 }
    }

    /// It is a step down: w ← w − η(dw + decay·w).
    fn step(w: &'a mut [f32], Sgd { eta, decay }: Sgd<f32>) -> Self {
        Update { w: None, target: w, keep: 1.0 - eta * decay, scale: -eta }
    }

    /// The weights as they are now.
    fn weights(&self) -> &[f32] {
        self.w.unwrap_or(self.target)
    }
}

/// Filters to a piece of work that makes their gradients.
const FILTERS: usize = 5;

impl Fast {
    /// A voice that works on these threads.
    pub fn new(threads: Arc<Threads>) -> Self {
        Fast::with_level(threads, Level::detect())
    }

    /// A voice with these vectors: [`Level::plain`] is how tests compare.
    pub fn with_level(threads: Arc<Threads>, level: Level) -> Self {
        Fast {
            threads,
            level,
            packed: Packed::default(),
            hits: vec![],
            corners: vec![],
            blocks: vec![],
            padded: vec![],
        }
    }

    /// Both gradients of a convolution. `self.corners` says where the patches begin; `list` finds the hits of one image
    /// from its piece of `dy`.
    fn conv_gradients<D: Work>(
        &mut self,
        op: &Conv,
        x: &[f32],
        update: Update,
        dx: Option<&mut [f32]>,
        dy: D,
        list: impl Fn(usize, D::Piece, &[usize], &mut ImageHits) + Sync,
    ) {
        let n = x.len() / op.input_len();
        self.hits.resize_with(n.max(self.hits.len()), ImageHits::default);
        let (level, w, corners) = (self.level, update.weights(), &self.corners[..]);
        let images = ((Pieces(&mut self.hits[..n], 1), dy), dx.map(|dx| Pieces(dx, op.input_len())));
        self.threads.for_each(images, |k, ((hits, dy), dx)| {
            list(k, dy, corners, &mut hits[0]);
            if let Some(dx) = dx {
                level.run(InputGradient { op, w, corners, hits: &hits[0], dx });
            }
        });
        let (hits, Update { target, keep, scale, .. }) = (&self.hits[..n], update);
        self.threads.for_each(Pieces(target, FILTERS * op.taps()), |k, target| {
            level.run(WeightGradient { op, x, hits, first: k * FILTERS, target, keep, scale });
        });
    }

    /// The backward pass of a convolutional layer: gradients, and what is to become of them. ∂C/∂b is left with the hits.
    fn conv_pool_gradients(
        &mut self,
        op: &ConvPool,
        x: &[f32],
        (y, winners): (&[f32], &[u32]),
        dy: &mut [f32],
        update: Update,
        dx: Option<&mut [f32]>,
    ) {
        let (n, len, level) = (op.output_shape().len(), op.conv.input_len(), self.level);
        let by_patch = dx.is_some();
        let (width, windows) = (op.pool.output_width(), n / op.conv.filters);
        self.corners.clear();
        self.corners.extend((0..windows).flat_map(|k| conv_pool::fast::corners(op, k / width, k % width)));
        self.conv_gradients(&op.conv, x, update, dx, Pieces(dy, n), |k, dy, corners, hits| {
            level.run(activation::fast::Backward { f: op.activation, y: &y[k * n..][..n], dy });
            let (x, winners) = (&x[k * len..][..len], &winners[k * op.notes()..][..op.notes()]);
            level.run(conv_pool::fast::FindHits { op, corners, x, delta: dy, winners, by_patch, hits });
        });
    }

    /// The rows of a fully-connected layer's backward pass: see [`affine::fast::Backward`].
    fn affine_rows(
        &mut self,
        op: &Affine,
        x: &[f32],
        dy: &[f32],
        Update { w, target, keep, scale }: Update,
        dx: Option<&mut [f32]>,
        sparse: bool,
    ) {
        let n = dy.len() / op.outputs;
        let width = 8 * op.outputs.div_ceil(8);
        self.padded.clear();
        self.padded.resize(n * width, 0.0);
        for (padded, dy) in self.padded.chunks_exact_mut(width).zip(dy.chunks_exact(op.outputs)) {
            padded[..op.outputs].copy_from_slice(dy);
        }
        const ROWS: usize = affine::fast::ROWS;
        let pieces = op.inputs.div_ceil(ROWS);
        let block = n * ROWS;
        if dx.is_some() {
            self.blocks.resize(self.blocks.len().max(pieces * block), 0.0);
        }
        let (level, dy) = (self.level, &self.padded);
        let blocks = dx.is_some().then(|| Pieces(&mut self.blocks[..pieces * block], block));
        let rows = (Pieces(target, ROWS * op.outputs), blocks);
        self.threads.if_worth(n * op.inputs * op.outputs).for_each(rows, |k, (target, dx)| {
            let inputs = k * ROWS..(k * ROWS + ROWS).min(op.inputs);
            let w = w.map(|w| &w[inputs.start * op.outputs..inputs.end * op.outputs]);
            let dx = dx.unwrap_or_default();
            level.run(affine::fast::Backward { op, x, dy, inputs, w, target, keep, scale, dx, sparse });
        });
        if let Some(dx) = dx {
            for (n, dx) in dx.chunks_exact_mut(op.inputs).enumerate() {
                for (dx, block) in dx.chunks_mut(ROWS).zip(self.blocks.chunks_exact(block)) {
                    dx.copy_from_slice(&block[n * ROWS..][..dx.len()]);
                }
            }
        }
    }
}

impl Voice<f32> for Fast {
    fn conv_forward(&mut self, op: &Conv, x: &[f32], w: &[f32], y: &mut [f32]) {
        self.packed.pack(op, self.level, &self.threads, w);
        let (w, level) = (&self.packed, self.level);
        self.threads.for_each(Pieces(y, op.output_len()), |k, y| {
            conv::fast::forward(level, op, &x[k * op.input_len()..][..op.input_len()], w, y);
        });
    }

    fn conv_backward(&mut self, op: &Conv, x: &[f32], w: &[f32], dy: &[f32], dw: &mut [f32], dx: Option<&mut [f32]>) {
        let n = op.output_len();
        let images = Pieces(&mut vec![(); dy.len()], n);
        let width = op.output_width();
        self.corners.clear();
        self.corners.extend((0..op.output_height() * width).map(|k| op.corner(k / width, k % width)));
        self.conv_gradients(op, x, Update::gradient(w, dw), dx, images, |k, _, corners, hits| {
            hits.all(op, corners, &dy[k * n..][..n]);
        });
    }

    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[f32], p: Weights<f32>, y: &mut [f32], winners: &mut [u32]) {
        if !conv_pool::fast::fits(op) {
            return conv_pool::reference::forward(self, op, x, p, y);
        }
        self.packed.pack(&op.conv, self.level, &self.threads, p.w);
        let (w, level) = (&self.packed, self.level);
        let len = op.conv.input_len();
        let images = (Pieces(y, op.output_shape().len()), Pieces(winners, op.notes()));
        self.threads.for_each(images, |k, (y, winners)| {
            let x = &x[k * len..][..len];
            conv_pool::fast::forward(level, op, x, w, p.b, y, winners);
        });
    }

    fn conv_pool_backward(
        &mut self,
        op: &ConvPool,
        x: &[f32],
        p: Weights<f32>,
        (y, winners): (&[f32], &[u32]),
        dy: &mut [f32],
        g: Gradients<f32>,
        dx: Option<&mut [f32]>,
    ) {
        if !conv_pool::fast::fits(op) {
            return conv_pool::reference::backward(self, op, x, p, y, dy, g, dx);
        }
        self.conv_pool_gradients(op, x, (y, winners), dy, Update::gradient(p.w, g.dw), dx);
        for hits in &self.hits[..x.len() / op.conv.input_len()] {
            g.db.iter_mut().zip(&hits.db).for_each(|(db, of_image)| *db += of_image);
        }
    }

    fn conv_pool_step(
        &mut self,
        op: &ConvPool,
        x: &[f32],
        (w, b): (&mut [f32], &mut [f32]),
        (y, winners): (&[f32], &[u32]),
        dy: &mut [f32],
        sgd: Sgd<f32>,
        dx: Option<&mut [f32]>,
    ) {
        if !conv_pool::fast::fits(op) {
            return conv_pool::reference::step(self, op, x, (w, b), (y, winners), dy, sgd, dx);
        }
        self.conv_pool_gradients(op, x, (y, winners), dy, Update::step(w, sgd), dx);
        for hits in &self.hits[..x.len() / op.conv.input_len()] {
            b.iter_mut().zip(&hits.db).for_each(|(b, db)| *b -= sgd.eta * db);
        }
    }

    fn affine_forward(&mut self, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        use affine::fast::{Forward, PARTS, SHARING};
        let n = x.len() / op.inputs;
        let width = 8 * op.outputs.div_ceil(8);
        let part = op.inputs.div_ceil(PARTS);
        let parts = op.inputs.div_ceil(part);
        // Some examples, some inputs: a piece of work.
        let (room, pieces) = (n.min(SHARING) * width, n.div_ceil(SHARING) * parts);
        self.blocks.resize(self.blocks.len().max(pieces * room), 0.0);
        let (level, blocks) = (self.level, &mut self.blocks[..pieces * room]);
        self.threads.if_worth(n * op.inputs * op.outputs).for_each(Pieces(blocks, room), |k, z| {
            let examples = k / parts * SHARING..n.min((k / parts + 1) * SHARING);
            let inputs = k % parts * part..op.inputs.min((k % parts + 1) * part);
            let z = &mut z[..examples.len() * width];
            let x = &x[examples.start * op.inputs..examples.end * op.inputs];
            level.run(Forward { op, x, w: p.w, inputs, z });
        });
        for (n, y) in y.chunks_exact_mut(op.outputs).enumerate() {
            y.copy_from_slice(p.b);
            for block in self.blocks.chunks_exact(room).skip(n / SHARING * parts).take(parts) {
                y.iter_mut().zip(&block[n % SHARING * width..]).for_each(|(y, z)| *y += z);
            }
        }
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
        for dy in dy.chunks_exact(op.outputs) {
            g.db.iter_mut().zip(dy).for_each(|(db, &dy)| *db += dy);
        }
        self.affine_rows(op, x, dy, Update::gradient(w, g.dw), dx, false);
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
        for dy in dy.chunks_exact(op.outputs) {
            b.iter_mut().zip(dy).for_each(|(b, &dy)| *b -= sgd.eta * dy);
        }
        self.affine_rows(op, x, dy, Update::step(w, sgd), dx, sparse);
    }

    fn activate(&mut self, f: Activation, z: &mut [f32]) {
        self.level.run(activation::fast::Forward { f, z });
    }

    fn activate_backward(&mut self, f: Activation, y: &[f32], dy: &mut [f32]) {
        self.level.run(activation::fast::Backward { f, y, dy });
    }
}
