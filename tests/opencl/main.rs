//! The device computes what the definitions say: every kernel, plain and tiled, on random shapes.
//!
//! With *small integers* every sum is exact, in whatever order it is taken, so device and reference must agree to the
//! bit. With *real numbers* the reference is run in `f64`, and a device may be wrong by 10⁻⁵ of the sum of the
//! magnitudes. Outputs hold NaN beforehand: every one of them must be written.
//!
//! Where there is no device every test says so, and passes.
#![cfg(feature = "opencl")]

#[path = "../common/operations.rs"]
mod common;
#[path = "../common/draw.rs"]
mod draw;
mod errors;
mod networks;
mod operations;
mod side_by_side;

use common::*;
use draw::{Draw, Seed};
use network3::opencl::{self, Device, Kernels, OpenCl};
use network3::ops::{
    Affine, At, Backend, BatchNorm, Conv, ConvPool, Dropout, Normalise, Notes, Padding, Pool, Reference, Trainable,
    Weights, Window,
};
use network3::{Activation, Pass, Pooling, Real, Shape, Ties};
use quickcheck::QuickCheck;
use rand::RngExt;
use std::sync::OnceLock;

/// The device, opened once; or nothing, which is said.
fn device() -> Option<Device> {
    static DEVICE: OnceLock<Option<Device>> = OnceLock::new();
    let open = || opencl::open(None).map_err(|e| println!("skipped: no OpenCL device ({e})")).ok();
    let device = DEVICE.get_or_init(open).clone();
    if device.is_none() {
        println!("skipped: no OpenCL device");
    }
    device
}

/// The plain kernels, and the tiled ones with a sum for each work-item and with sums that several share.
fn backends(device: &Device) -> [(&'static str, OpenCl); 3] {
    [("plain", Kernels::Plain), ("tiled", Kernels::Tiled { lanes: 1 }), ("tiled, 8 lanes", Kernels::Tiled { lanes: 8 })]
        .map(|(name, kernels)| (name, OpenCl::new(device.clone(), kernels)))
}

/// A property of random shapes. Each shape is a program to be compiled, so they are few; the small and the odd ones are
/// likely.
fn for_all(tests: u64, property: fn(Seed)) {
    QuickCheck::new().tests(tests).quickcheck(property);
}

impl Draw {
    /// From −4 to 4, half of them zero.
    fn integers(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| if self.0.random_ratio(1, 2) { 0.0 } else { self.0.random_range(-4..=4) as f32 }).collect()
    }

    /// Between −1 and 1, a third of them zero.
    fn reals(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| if self.0.random_ratio(1, 3) { 0.0 } else { self.0.random_range(-1.0..1.0) }).collect()
    }

    fn window(&mut self, height: usize, width: usize, most: usize) -> Window {
        let size = (self.size(1..=height.min(most)), self.size(1..=width.min(most)));
        let stride = if self.0.random_ratio(1, 2) { (1, 1) } else { self.pair(1..=3) };
        let padding = if self.0.random_ratio(1, 2) {
            Padding::NONE
        } else {
            let ((top, bottom), (left, right)) = (self.pair(0..=size.0 - 1), self.pair(0..=size.1 - 1));
            Padding { top, bottom, left, right }
        };
        Window { size, stride, padding }
    }

    fn conv(&mut self) -> Conv {
        let (height, width) = self.pair(1..=9);
        let window = self.window(height, width, 5);
        let groups = if self.0.random_ratio(2, 3) { 1 } else { self.size(2..=3) };
        let (maps, filters) = (self.of(&[1, 2, 3, 5, 8, 20]), self.of(&[1, 2, 7, 8, 9, 17]));
        let (maps, filters) = (maps * groups, filters * groups);
        Conv::with_window(Shape::image(maps, height, width), filters, window, groups).unwrap()
    }

    fn conv_pool(&mut self, activations: &[Activation]) -> ConvPool {
        let conv = self.conv();
        let (height, width) = (conv.output_height(), conv.output_width());
        let two = height > 1 && width > 1 && self.0.random_ratio(1, 2);
        let window = if two { Window::new((2, 2), (2, 2)) } else { self.window(height, width, 4) };
        let pooling = if self.0.random_ratio(3, 4) { Pooling::Max } else { self.of(&[Pooling::L2, Pooling::Mean]) };
        let ties = self.of(&[Ties::All, Ties::First]);
        ConvPool::new(conv, pooling, ties, window, self.of(activations)).unwrap()
    }

    fn pool(&mut self) -> Pool {
        let ((height, width), maps) = (self.pair(1..=9), self.of(&[1, 2, 7, 20]));
        let window = self.window(height, width, 5);
        let pooling = self.of(&[Pooling::Max, Pooling::Max, Pooling::L2, Pooling::Mean]);
        Pool::new(Shape::image(maps, height, width), pooling, window, self.of(&[Ties::All, Ties::First])).unwrap()
    }
}

/// `sums` are the same sums with all their terms positive; where there are none of them, the numbers themselves.
#[track_caller]
fn close(what: &str, got: &[f32], want: &[f64], sums: &[f64]) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (k, ((&got, want), sum)) in got.iter().zip(want).zip(sums).enumerate() {
        let most = 1e-5 * sum.abs() + 1e-30;
        assert!((f64::from(got) - want).abs() <= most, "{what}[{k}]: expected {want} ± {most:e}, got {got}");
    }
}

/// Indices are computed in `int`: a work-item's number, which may have 64 bits, is first put into one. A graphics
/// processor divides 32 bits several times as fast; and Oclgrind 21.10 gets comparisons wrong that its compiler makes
/// of the other.
#[test]
fn indices_are_ints() {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut kernels = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.extension().is_some_and(|extension| extension == "cl") {
                true => {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for (k, line) in text.lines().enumerate() {
                        for id in ["get_global_", "get_group_", "get_local_"] {
                            for (at, _) in line.match_indices(id) {
                                let rest = line[at..].split_once(')').map_or("", |(_, rest)| rest);
                                let alone = line[..at].ends_with(" = ") && rest.starts_with([',', ';']);
                                assert!(alone, "{}, line {}: {line}", path.display(), k + 1);
                            }
                        }
                    }
                    kernels += text.matches("kernel ").count();
                }
                false if path.is_dir() => folders.push(path),
                false => {}
            }
        }
    }
    assert!(kernels > 20, "{kernels}");
}
