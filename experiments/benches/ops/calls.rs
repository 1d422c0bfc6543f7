//! What networks ask of a voice while they train, written down, so that it can be asked again of any voice.

use ndarray::{ArrayView4, ArrayViewMut4};
use network3::ops::{Affine, Conv, ConvPool, Fast, Gradients, Reference, Sgd, Voice, Weights, pool};
use network3::simd::Level;
use network3::{Activation, Pooling, Shape, Threads};
use std::fmt;
use std::sync::{Arc, Mutex};

/// A layer's part in one training step: an operation, and all that it works on.
pub enum Call {
    Conv {
        op: Conv,
        x: Vec<f32>,
        w: Vec<f32>,
        dy: Vec<f32>,
        to_input: bool,
    },
    ConvPool {
        op: ConvPool,
        x: Vec<f32>,
        w: Vec<f32>,
        b: Vec<f32>,
        dy: Vec<f32>,
        to_input: bool,
    },
    Affine {
        op: Affine,
        x: Vec<f32>,
        w: Vec<f32>,
        b: Vec<f32>,
        dy: Vec<f32>,
        sgd: Sgd<f32>,
        to_input: bool,
        sparse: bool,
    },
    Activation {
        f: Activation,
        y: Vec<f32>,
        dy: Vec<f32>,
    },
}

/// Which way.
#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    Forward,
    Backward,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Way::Forward => "forward",
            Way::Backward => "backward",
        })
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Call::Conv { op, .. } => write!(f, "conv {} to {}", input(op), op.output_shape()),
            Call::ConvPool { op, .. } => write!(f, "conv_pool {} to {}", input(&op.conv), op.output_shape()),
            Call::Affine { op, .. } => write!(f, "affine {} to {}", op.inputs, op.outputs),
            Call::Activation { f: function, y, .. } => write!(f, "{function}, {} units", y.len()),
        }
    }
}

fn input(op: &Conv) -> Shape {
    Shape::image(op.maps, op.height, op.width)
}

fn not_zero(x: &[f32]) -> usize {
    x.iter().filter(|x| **x != 0.0).count()
}

impl Call {
    /// How many additions and multiplications it needs.
    ///
    /// A convolution's forward pass needs all of them. Its gradients need those of outputs that have a gradient: winners of
    /// their window whose unit is on; and the gradient of the weights, of these, those whose patch is not blank. A
    /// fully-connected layer needs those of inputs that are not zero; for ∂C/∂x too, where the layer before has no use
    /// for the others. What else there is to do (pooling, biases, activations, the update) does not count.
    pub fn operations(&self, way: Way) -> usize {
        let products = match (self, way) {
            (Call::Conv { op, x, .. }, Way::Forward) => x.len() / op.input_len() * op.output_len() * op.taps(),
            (Call::Conv { op, x, dy, to_input, .. }, Way::Backward) => {
                let patch = |k: usize| {
                    let (image, k) = (&x[k / op.output_len() * op.input_len()..], k % op.output_len() / op.filters);
                    let (i, j) = (k / op.output_width() * op.stride.0, k % op.output_width() * op.stride.1);
                    (0..op.kernel.0).map(move |l| &image[((i + l) * op.width + j) * op.maps..][..op.kernel.1 * op.maps])
                };
                let hits = (0..dy.len()).filter(|&k| dy[k] != 0.0);
                let of = |k| usize::from(patch(k).any(|row| not_zero(row) > 0)) + usize::from(*to_input);
                hits.map(of).sum::<usize>() * op.taps()
            }
            (Call::ConvPool { .. }, _) => return self.convolution().map_or(0, |conv| conv.operations(way)),
            (Call::Affine { op, x, .. }, Way::Forward) => not_zero(x) * op.outputs,
            (Call::Affine { op, x, to_input, sparse, .. }, Way::Backward) => {
                let to_input = match (to_input, sparse) {
                    (false, _) => 0,
                    (true, false) => x.len(),
                    (true, true) => not_zero(x),
                };
                (not_zero(x) + to_input) * op.outputs
            }
            (Call::Activation { .. }, _) => 0,
        };
        2 * products
    }

    /// The convolution inside of a convolutional layer, with the gradient that reaches it through pooling.
    pub fn convolution(&self) -> Option<Call> {
        let Call::ConvPool { op, x, w, b, dy, to_input } = self else { return None };
        let n = x.len() / op.conv.input_len();
        let mut fast = Fast::new(Arc::new(Threads::one()));
        let (mut z, mut y, mut delta) = (vec![0.0; n * op.conv.output_len()], vec![0.0; dy.len()], dy.clone());
        fast.conv_forward(&op.conv, x, w, &mut z);
        fast.conv_pool_forward(op, x, Weights { w, b }, &mut y, &mut vec![0; n * op.notes()]);
        fast.activate_backward(op.activation, &y, &mut delta);
        let (p, mut dz) = (&op.pool, vec![0.0; z.len()]);
        let shape = (n, p.height, p.width, p.maps);
        let z = ArrayView4::from_shape(shape, &z).ok()?;
        let delta = ArrayView4::from_shape((n, p.output_height(), p.output_width(), p.maps), &delta).ok()?;
        pool::reference::backward(p, z, delta, ArrayViewMut4::from_shape(shape, &mut dz).ok()?);
        Some(Call::Conv { op: op.conv, x: x.clone(), w: w.clone(), dy: dz, to_input: *to_input })
    }

    /// Something that makes this call again whenever it is asked to.
    pub fn again<'a>(&'a self, way: Way, mut voice: Box<dyn Voice<f32>>) -> Box<dyn FnMut() + 'a> {
        match (self, way) {
            (Call::Conv { op, x, w, dy, .. }, Way::Forward) => {
                let mut y = vec![0.0; dy.len()];
                Box::new(move || voice.conv_forward(op, x, w, &mut y))
            }
            (Call::Conv { op, x, w, dy, to_input }, Way::Backward) => {
                let (mut dw, mut dx) = (vec![0.0; w.len()], to_input.then(|| vec![0.0; x.len()]));
                Box::new(move || voice.conv_backward(op, x, w, dy, &mut dw, dx.as_deref_mut()))
            }
            (Call::ConvPool { op, x, w, b, dy, to_input }, way) => {
                let (mut y, mut notes) = (vec![0.0; dy.len()], vec![0; x.len() / op.conv.input_len() * op.notes()]);
                let weights = || Weights { w, b };
                if way == Way::Forward {
                    return Box::new(move || voice.conv_pool_forward(op, x, weights(), &mut y, &mut notes));
                }
                voice.conv_pool_forward(op, x, weights(), &mut y, &mut notes);
                let (mut dw, mut db, mut delta) = (vec![0.0; w.len()], vec![0.0; b.len()], dy.clone());
                let mut dx = to_input.then(|| vec![0.0; x.len()]);
                Box::new(move || {
                    delta.copy_from_slice(dy);
                    let g = Gradients { dw: &mut dw, db: &mut db };
                    voice.conv_pool_backward(op, x, weights(), (&y, &notes), &mut delta, g, dx.as_deref_mut());
                })
            }
            (Call::Affine { op, x, w, b, dy, .. }, Way::Forward) => {
                let mut y = vec![0.0; dy.len()];
                Box::new(move || voice.affine_forward(op, x, Weights { w, b }, &mut y))
            }
            (Call::Affine { op, x, w, b, dy, sgd, to_input, sparse }, Way::Backward) => {
                let (mut w, mut b, mut dx) = (w.clone(), b.clone(), to_input.then(|| vec![0.0; x.len()]));
                Box::new(move || voice.affine_step(op, x, &mut w, &mut b, dy, *sgd, dx.as_deref_mut(), *sparse))
            }
            (Call::Activation { f, y, .. }, Way::Forward) => {
                let mut z = y.clone();
                Box::new(move || voice.activate(*f, &mut z))
            }
            (Call::Activation { f, y, dy }, Way::Backward) => {
                let mut dy = dy.clone();
                Box::new(move || voice.activate_backward(*f, y, &mut dy))
            }
        }
    }
}

/// The fast voice, which writes down what it is asked for on the way back: by then everything is known.
pub struct Notes {
    fast: Fast,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Notes {
    /// A voice that writes to this list.
    pub fn new(calls: Arc<Mutex<Vec<Call>>>) -> Self {
        Notes { fast: Fast::new(Arc::new(Threads::one())), calls }
    }

    fn take(&self, call: Call) {
        self.calls.lock().expect("nothing has panicked with it").push(call);
    }
}

impl Voice<f32> for Notes {
    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[f32], p: Weights<f32>, y: &mut [f32], winners: &mut [u32]) {
        assert!(op.pool.pooling == Pooling::Max, "only max-pooling has winners");
        self.fast.conv_pool_forward(op, x, p, y, winners);
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
        let (w, b) = (p.w.to_vec(), p.b.to_vec());
        self.take(Call::ConvPool { op: *op, x: x.to_vec(), w, b, dy: dy.to_vec(), to_input: dx.is_some() });
        self.fast.conv_pool_backward(op, x, p, (y, winners), dy, g, dx);
    }

    fn affine_forward(&mut self, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        self.fast.affine_forward(op, x, p, y);
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
        let (op, to_input) = (*op, dx.is_some());
        let (x_, w_, b_, dy_) = (x.to_vec(), w.to_vec(), b.to_vec(), dy.to_vec());
        self.take(Call::Affine { op, x: x_, w: w_, b: b_, dy: dy_, sgd, to_input, sparse });
        self.fast.affine_step(&op, x, w, b, dy, sgd, dx, sparse);
    }

    fn activate(&mut self, f: Activation, z: &mut [f32]) {
        self.fast.activate(f, z);
    }

    fn activate_backward(&mut self, f: Activation, y: &[f32], dy: &mut [f32]) {
        if f != Activation::Linear {
            self.take(Call::Activation { f, y: y.to_vec(), dy: dy.to_vec() });
        }
        self.fast.activate_backward(f, y, dy);
    }
}

/// The three voices that are compared, each on one thread.
#[derive(Clone, Copy)]
pub enum Speaker {
    Reference,
    Plain,
    Detected,
}

impl Speaker {
    pub const ALL: [Speaker; 3] = [Speaker::Reference, Speaker::Plain, Speaker::Detected];

    pub fn voice(self) -> Box<dyn Voice<f32>> {
        let fast = |level| Box::new(Fast::with_level(Arc::new(Threads::one()), level));
        match self {
            Speaker::Reference => Box::new(Reference),
            Speaker::Plain => fast(Level::plain()),
            Speaker::Detected => fast(Level::detect()),
        }
    }
}

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Speaker::Reference => f.write_str("reference"),
            Speaker::Plain => write!(f, "fast, {}", Level::plain()),
            Speaker::Detected => write!(f, "fast, {}", Level::detect()),
        }
    }
}
