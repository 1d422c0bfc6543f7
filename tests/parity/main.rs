//! The backends compute the same functions.
//!
//! Two kinds of numbers are used. With *small integers* every sum is exact in `f32`, in whatever order it is taken, so
//! fast and reference must agree to the bit, and equal patches, the ties of max-pooling, are all over the place. With
//! *real numbers* the reference is run in `f64` on the same numbers, and its rounding bound is the tolerance: a sum of
//! n products may be wrong by n·ε·Σ|products|, whatever the order.
//!
//! Outputs hold NaN beforehand: forward writes all of y, backward all of dx, and adds to dw and db.

mod affine;
#[path = "../common/operations.rs"]
mod common;
mod conv;
mod conv_pool;
#[path = "../common/draw.rs"]
mod draw;
mod extremes;
mod laws;
mod networks;
mod pool;

use common::*;
use draw::{Draw, Seed};
use network3::cpu::simd::Level;
use network3::ops::{
    Affine, At, Backend, BatchNorm, Conv, ConvPool, Fast, Normalise, Notes, Padding, Pool, Reference, Trainable,
    Weights, Window,
};
use network3::{Activation, Cost, Habits, Label, Learner, Network, Pass, Pooling, Shape, Spec, Step, Threads, Ties};
use quickcheck::QuickCheck;
use rand::RngExt;
use std::sync::Arc;

impl Draw {
    /// From −4 to 4, every other one zero; now and then a zero with a sign.
    fn integers(&mut self, n: usize) -> Vec<f32> {
        let one = |_| match self.0.random_range(-12..=12) {
            x @ -4..=4 => x as f32,
            5 => -0.0,
            _ => 0.0,
        };
        (0..n).map(one).collect()
    }

    /// Every other image becomes blank but for a box in it, be that ever so small.
    fn margins(&mut self, op: &Conv, x: &mut [f32]) {
        if self.0.random_ratio(1, 2) {
            return;
        }
        let (top, left) = (self.size(0..=op.height), self.size(0..=op.width));
        let (bottom, right) = (self.size(top..=op.height), self.size(left..=op.width));
        for (k, x) in x.chunks_mut(op.maps).enumerate() {
            if !(top..bottom).contains(&(k / op.width)) || !(left..right).contains(&(k % op.width)) {
                x.fill(0.0);
            }
        }
    }

    /// Between −1 and 1, a third of them zero.
    fn reals(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| if self.0.random_ratio(1, 3) { 0.0 } else { self.0.random_range(-1.0..1.0) }).collect()
    }

    /// A margin that a window of this size may have.
    fn padding(&mut self, (height, width): (usize, usize)) -> Padding {
        if self.0.random_ratio(1, 2) {
            return Padding::NONE;
        }
        let ((top, bottom), (left, right)) = (self.pair(0..=height - 1), self.pair(0..=width - 1));
        Padding { top, bottom, left, right }
    }

    /// A window that fits onto such an image.
    fn window(&mut self, height: usize, width: usize, most: usize) -> Window {
        let size = (self.size(1..=height.min(most)), self.size(1..=width.min(most)));
        let stride = if self.0.random_ratio(1, 2) { (1, 1) } else { self.pair(1..=3) };
        Window { size, stride, padding: self.padding(size) }
    }

    /// A convolution of a small image. Its kernel fits, nothing else is promised.
    fn conv(&mut self) -> Conv {
        let (height, width) = self.pair(1..=11);
        let window = self.window(height, width, 6);
        let groups = if self.0.random_ratio(2, 3) { 1 } else { self.size(2..=3) };
        let filters = if self.0.random_ratio(1, 2) { self.size(1..=9) } else { self.size(10..=50) };
        let maps = if self.0.random_ratio(1, 2) { self.size(1..=3) } else { self.size(4..=40) };
        let (maps, filters) = (maps.next_multiple_of(groups), filters.next_multiple_of(groups));
        Conv::with_window(Shape::image(maps, height, width), filters, window, groups).unwrap()
    }

    fn conv_pool(&mut self, activations: &[Activation]) -> ConvPool {
        let conv = self.conv();
        let (height, width) = (conv.output_height(), conv.output_width());
        let two = height > 1 && width > 1 && self.0.random_ratio(2, 3);
        let mut window = if two { Window::new((2, 2), (2, 2)) } else { self.window(height, width, 4) };
        window.stride = if self.0.random_ratio(1, 2) { window.size } else { self.pair(1..=3) };
        let pooling = if self.0.random_ratio(3, 4) { Pooling::Max } else { self.of(&[Pooling::L2, Pooling::Mean]) };
        let ties = self.of(&[Ties::All, Ties::First]);
        ConvPool::new(conv, pooling, ties, window, self.of(activations)).unwrap()
    }
}

/// All the fast backends there are: one and two threads, this processor's vectors and plain ones.
fn backends() -> [(&'static str, Fast); 4] {
    let threads = |n| Arc::new(Threads::new(n).unwrap());
    [
        ("1 thread", Fast::new(threads(1))),
        ("2 threads", Fast::new(threads(2))),
        ("1 thread, plain", Fast::with_level(threads(1), Level::plain())),
        ("2 threads, plain", Fast::with_level(threads(2), Level::plain())),
    ]
}

/// Every backend, the definitions among them; and the device, where there is one.
fn all() -> Vec<(&'static str, Box<dyn Backend<f32>>)> {
    let fast = backends().into_iter().map(|(name, backend)| (name, Box::new(backend) as Box<dyn Backend<f32>>));
    fast.chain([("reference", Box::new(Reference) as Box<dyn Backend<f32>>)]).chain(on_device()).collect()
}

#[cfg(feature = "opencl")]
fn on_device() -> Vec<(&'static str, Box<dyn Backend<f32>>)> {
    use network3::opencl::{self, Device, Kernels, OpenCl};
    static DEVICE: std::sync::OnceLock<Option<Device>> = std::sync::OnceLock::new();
    let open = || opencl::open(None).map_err(|e| println!("the device was skipped: no OpenCL device ({e})")).ok();
    let Some(device) = DEVICE.get_or_init(open) else { return vec![] };
    [("device, plain", Kernels::Plain), ("device, tiled", Kernels::Tiled { lanes: 4 })]
        .map(|(name, kernels)| (name, Box::new(OpenCl::new(device.clone(), kernels)) as Box<dyn Backend<f32>>))
        .into()
}

#[cfg(not(feature = "opencl"))]
fn on_device() -> Vec<(&'static str, Box<dyn Backend<f32>>)> {
    vec![]
}

/// Shapes on which a law is tried. For a device each of them is programs to be compiled.
const SHAPES: u64 = if cfg!(feature = "opencl") { 8 } else { 60 };

/// `sums` are the same sums with all their terms positive, of at most `terms` products each.
#[track_caller]
fn close(what: &str, got: &[f32], want: &[f64], sums: &[f64], terms: usize) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (k, ((&got, want), sum)) in got.iter().zip(want).zip(sums).enumerate() {
        let most = (terms + 4) as f64 * f64::from(f32::EPSILON) * sum + 1e-30;
        assert!((f64::from(got) - want).abs() <= most, "{what}[{k}]: expected {want} ± {most:e}, got {got}");
    }
}

#[track_caller]
fn same_bits(what: &str, a: &[f32], b: &[f32]) {
    assert!(a.iter().map(|x| x.to_bits()).eq(b.iter().map(|x| x.to_bits())), "{what}: other bits");
}
