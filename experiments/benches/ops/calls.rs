//! What networks ask of a backend while they train, written down, so that it can be asked again of any backend.

use network3::cpu::simd::Level;
use network3::ops::{
    Affine, At, Backend, Conv, ConvPool, Fast, Notes, Parameter, Pool, Reference, Rule, Trainable, Weights,
};
use network3::{Activation, Shape, Threads};
use std::fmt;
use std::sync::{Arc, Mutex};

/// A layer's part in one training step: an operation, and all that it works on.
pub enum Call {
    Conv { op: Conv, seen: Seen, w: Trained },
    ConvPool { op: ConvPool, seen: Seen, w: Trained, b: Trained },
    Pool { op: Pool, seen: Seen },
    Affine { op: Affine, seen: Seen, w: Trained, b: Trained },
    Activation { f: Activation, y: Vec<f32>, dy: Vec<f32> },
}

/// What a backward pass starts from: see [`At`].
#[derive(Clone)]
pub struct Seen {
    x: Vec<f32>,
    y: Vec<f32>,
    dy: Vec<f32>,
    /// Is ∂C/∂x wanted?
    to_input: bool,
    dead_at_zero: bool,
}

impl Seen {
    fn of(at: &At<f32>) -> Self {
        let At { x, y, dy, dx, dead_at_zero } = at;
        let (x, y, dy) = (x.to_vec(), y.to_vec(), dy.to_vec());
        Seen { x, y, dy, to_input: dx.is_some(), dead_at_zero: *dead_at_zero }
    }

    /// Room for everything that a backward pass writes to.
    fn room(&self) -> Room<'_> {
        Room { seen: self, dy: self.dy.clone(), dx: self.to_input.then(|| vec![0.0; self.x.len()]) }
    }
}

/// The same, to start from again and again.
struct Room<'a> {
    seen: &'a Seen,
    dy: Vec<f32>,
    dx: Option<Vec<f32>>,
}

impl Room<'_> {
    fn at(&mut self) -> At<'_, f32> {
        let Seen { x, y, dy, dead_at_zero, .. } = self.seen;
        self.dy.copy_from_slice(dy);
        At { x, y, dy: &mut self.dy, dx: self.dx.as_deref_mut(), dead_at_zero: *dead_at_zero }
    }
}

/// A parameter before a step.
#[derive(Clone)]
pub struct Trained {
    value: Vec<f32>,
    velocity: Option<Vec<f32>>,
    rule: Rule<f32>,
}

impl Trained {
    fn of(parameter: &Parameter<f32>) -> Self {
        let Parameter::Step { value, velocity, rule } = parameter else { unreachable!("training makes steps") };
        Trained { value: value.to_vec(), velocity: velocity.as_ref().map(|v| v.to_vec()), rule: *rule }
    }

    fn step(&mut self) -> Parameter<'_, f32> {
        Parameter::Step { value: &mut self.value, velocity: self.velocity.as_deref_mut(), rule: self.rule }
    }
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
            Call::ConvPool { op, .. } => {
                let name = if op.pool.window.is_identity() { "conv and bias" } else { "conv_pool" };
                write!(f, "{name} {} to {}", input(&op.conv), op.output_shape())
            }
            Call::Pool { op, .. } => {
                write!(f, "{} {} to {}", op.pooling, Shape::image(op.maps, op.height, op.width), op.output_shape())
            }
            Call::Affine { op, .. } => write!(f, "affine {} to {}", op.inputs, op.outputs),
            Call::Activation { f: function, y, .. } => write!(f, "{function}, {} units", y.len()),
        }?;
        f.write_str(if self.has_momentum() { ", momentum" } else { "" })
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
    /// A convolution's forward pass needs all of them. Its gradients need those of outputs that have a gradient: where
    /// pooling follows, winners of their window whose unit is on; and the gradient of the weights, of these, those
    /// whose patch is not blank. A fully-connected layer needs those of inputs that are not zero; for ∂C/∂x too, where
    /// the layer before has no use for the others. What else there is to do (pooling, biases, activations, the update)
    /// does not count.
    pub fn operations(&self, way: Way) -> usize {
        let products = match (self, way) {
            (Call::Conv { op, seen, .. }, Way::Forward) => seen.x.len() / op.input_len() * op.output_len() * op.taps(),
            (Call::Conv { op, seen: Seen { x, dy, to_input, .. }, .. }, Way::Backward) => {
                let ((height, width), (down, across)) = (op.kernel(), op.stride());
                let patch = |k: usize| {
                    let (image, k) = (&x[k / op.output_len() * op.input_len()..], k % op.output_len() / op.filters);
                    let (i, j) = (k / op.output_width() * down, k % op.output_width() * across);
                    (0..height).map(move |l| &image[((i + l) * op.width + j) * op.maps..][..width * op.maps])
                };
                let nonzero = (0..dy.len()).filter(|&k| dy[k] != 0.0);
                let of = |k| usize::from(patch(k).any(|row| not_zero(row) > 0)) + usize::from(*to_input);
                nonzero.map(of).sum::<usize>() * op.taps()
            }
            (Call::ConvPool { .. }, _) => return self.convolution().map_or(0, |conv| conv.operations(way)),
            (Call::Affine { op, seen, .. }, Way::Forward) => not_zero(&seen.x) * op.outputs,
            (Call::Affine { op, seen: Seen { x, to_input, dead_at_zero, .. }, .. }, Way::Backward) => {
                let to_input = match (to_input, dead_at_zero) {
                    (false, _) => 0,
                    (true, false) => x.len(),
                    (true, true) => not_zero(x),
                };
                (not_zero(x) + to_input) * op.outputs
            }
            (Call::Pool { .. } | Call::Activation { .. }, _) => 0,
        };
        2 * products
    }

    /// The convolution inside of a convolutional layer, with the gradient that reaches it through activation and
    /// pooling.
    pub fn convolution(&self) -> Option<Call> {
        let Call::ConvPool { op, seen, w, .. } = self else { return None };
        let n = seen.x.len() / op.conv.input_len();
        let mut fast = Fast::new(Arc::new(Threads::one()));
        let (mut z, mut delta) = (vec![0.0; n * op.conv.output_len()], seen.dy.clone());
        fast.conv_forward(&op.conv, &seen.x, &w.value, &mut z);
        fast.activate_backward(op.activation, &seen.y, &mut delta);
        let mut dz = vec![0.0; z.len()];
        let at = At { x: &z, y: &[], dy: &mut delta, dx: Some(&mut dz), dead_at_zero: false };
        Reference.pool_backward(&op.pool, at, &Notes::default());
        Some(Call::Conv { op: op.conv, seen: Seen { y: z, dy: dz, ..seen.clone() }, w: w.clone() })
    }

    /// Is it a convolution with pooling in one?
    pub fn is_fused(&self) -> bool {
        matches!(self, Call::ConvPool { op, .. } if !op.pool.window.is_identity())
    }

    /// Is its step one with momentum?
    pub fn has_momentum(&self) -> bool {
        match self {
            Call::Conv { w, .. } | Call::ConvPool { w, .. } | Call::Affine { w, .. } => w.velocity.is_some(),
            Call::Pool { .. } | Call::Activation { .. } => false,
        }
    }

    /// Something that makes this call again whenever it is asked to.
    pub fn again<'a>(&'a self, way: Way, mut backend: Box<dyn Backend<f32>>) -> Box<dyn FnMut() + 'a> {
        match (self, way) {
            (Call::Conv { op, seen, w }, Way::Forward) => {
                let mut y = vec![0.0; seen.dy.len()];
                Box::new(move || backend.conv_forward(op, &seen.x, &w.value, &mut y))
            }
            (Call::Conv { op, seen, w }, Way::Backward) => {
                let (mut w, mut room) = (w.clone(), seen.room());
                Box::new(move || backend.conv_backward(op, room.at(), w.step()))
            }
            (Call::ConvPool { op, seen, w, b }, way) => {
                let (mut y, mut notes) = (vec![0.0; seen.dy.len()], Notes::default());
                let p = Weights { w: &w.value, b: &b.value };
                if way == Way::Forward {
                    return Box::new(move || backend.conv_pool_forward(op, &seen.x, p, &mut y, &mut notes));
                }
                backend.conv_pool_forward(op, &seen.x, p, &mut y, &mut notes);
                let (mut w, mut b, mut room) = (w.clone(), b.clone(), seen.room());
                Box::new(move || {
                    backend.conv_pool_backward(op, room.at(), Trainable { w: w.step(), b: b.step() }, &notes)
                })
            }
            (Call::Pool { op, seen }, way) => {
                let (mut y, mut notes) = (vec![0.0; seen.dy.len()], Notes::default());
                if way == Way::Forward {
                    return Box::new(move || backend.pool_forward(op, &seen.x, &mut y, &mut notes));
                }
                backend.pool_forward(op, &seen.x, &mut y, &mut notes);
                let mut room = seen.room();
                Box::new(move || backend.pool_backward(op, room.at(), &notes))
            }
            (Call::Affine { op, seen, w, b }, Way::Forward) => {
                let mut y = vec![0.0; seen.dy.len()];
                Box::new(move || backend.affine_forward(op, &seen.x, Weights { w: &w.value, b: &b.value }, &mut y))
            }
            (Call::Affine { op, seen, w, b }, Way::Backward) => {
                let (mut w, mut b, mut room) = (w.clone(), b.clone(), seen.room());
                Box::new(move || backend.affine_backward(op, room.at(), Trainable { w: w.step(), b: b.step() }))
            }
            (Call::Activation { f, y, .. }, Way::Forward) => {
                let mut z = y.clone();
                Box::new(move || backend.activate(*f, &mut z))
            }
            (Call::Activation { f, y, dy }, Way::Backward) => {
                let mut dy = dy.clone();
                Box::new(move || backend.activate_backward(*f, y, &mut dy))
            }
        }
    }
}

/// The fast backend, which writes down what it is asked for on the way back: by then everything is known.
pub struct Recorder {
    fast: Fast,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Recorder {
    /// A backend that writes to this list.
    pub fn new(calls: Arc<Mutex<Vec<Call>>>) -> Self {
        Recorder { fast: Fast::new(Arc::new(Threads::one())), calls }
    }

    fn take(&self, call: Call) {
        self.calls.lock().expect("nothing has panicked with it").push(call);
    }
}

impl Backend<f32> for Recorder {
    fn conv_pool_forward(&mut self, op: &ConvPool, x: &[f32], p: Weights<f32>, y: &mut [f32], notes: &mut Notes) {
        self.fast.conv_pool_forward(op, x, p, y, notes);
    }

    fn conv_pool_backward(&mut self, op: &ConvPool, at: At<f32>, p: Trainable<f32>, notes: &Notes) {
        self.take(Call::ConvPool { op: *op, seen: Seen::of(&at), w: Trained::of(&p.w), b: Trained::of(&p.b) });
        self.fast.conv_pool_backward(op, at, p, notes);
    }

    fn pool_forward(&mut self, op: &Pool, x: &[f32], y: &mut [f32], notes: &mut Notes) {
        self.fast.pool_forward(op, x, y, notes);
    }

    fn pool_backward(&mut self, op: &Pool, at: At<f32>, notes: &Notes) {
        self.take(Call::Pool { op: *op, seen: Seen::of(&at) });
        self.fast.pool_backward(op, at, notes);
    }

    fn affine_forward(&mut self, op: &Affine, x: &[f32], p: Weights<f32>, y: &mut [f32]) {
        self.fast.affine_forward(op, x, p, y);
    }

    fn affine_backward(&mut self, op: &Affine, at: At<f32>, p: Trainable<f32>) {
        self.take(Call::Affine { op: *op, seen: Seen::of(&at), w: Trained::of(&p.w), b: Trained::of(&p.b) });
        self.fast.affine_backward(op, at, p);
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

/// The three backends that are compared, each on one thread.
#[derive(Clone, Copy)]
pub enum Which {
    Reference,
    Plain,
    Detected,
}

impl Which {
    pub const ALL: [Which; 3] = [Which::Reference, Which::Plain, Which::Detected];

    pub fn backend(self) -> Box<dyn Backend<f32>> {
        let fast = |level| Box::new(Fast::with_level(Arc::new(Threads::one()), level));
        match self {
            Which::Reference => Box::new(Reference),
            Which::Plain => fast(Level::plain()),
            Which::Detected => fast(Level::detect()),
        }
    }
}

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Which::Reference => f.write_str("reference"),
            Which::Plain => write!(f, "fast, {}", Level::plain()),
            Which::Detected => write!(f, "fast, {}", Level::detect()),
        }
    }
}
