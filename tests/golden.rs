//! The chapter's own program, followed step by step.
//!
//! `network3-trajectories.json` holds what an unmodified network3.py did (Theano 0.7, CPU, float64) on images and
//! weights that are made from formulas: forty costs, and sums over the parameters at the end. Ties in max-pooling
//! happen all the time there, as they do in MNIST's margins, so every backend has to keep them.

use network3::ops::{Backend, Fast, Reference};
use network3::{Activation, Cost, Habits, Label, Network, Real, Shape, Spec, Step, Threads};
use serde_json::Value;
use std::sync::Arc;

const BATCH: usize = 10;

fn layers(name: &str) -> Vec<Spec> {
    use Activation::{Relu, Sigmoid, Tanh};
    let conv = |filters, f| Spec::conv_pool(filters, (5, 5), (2, 2), f);
    let two = |f| vec![conv(20, f), conv(40, f), Spec::fully_connected(100, f), Spec::softmax(10)];
    match name {
        "shallow" => vec![Spec::fully_connected(100, Sigmoid), Spec::softmax(10)],
        "one-conv" => vec![conv(20, Sigmoid), Spec::fully_connected(100, Sigmoid), Spec::softmax(10)],
        "two-conv-tanh" => two(Tanh),
        "two-conv-relu" => two(Relu),
        _ => panic!("no trajectory {name}"),
    }
}

/// Image n: ((37i + 101j + 53n + ij) mod 256)/256 in the middle, and a blank margin of six pixels.
fn image<R: Real>(n: usize) -> impl Iterator<Item = R> {
    (0..28 * 28).map(move |k| {
        let (i, j) = (k / 28, k % 28);
        let inside = (6..22).contains(&i) && (6..22).contains(&j);
        R::of(if inside { ((37 * i + 101 * j + 53 * n + i * j) % 256) as f64 / 256.0 } else { 0.0 })
    })
}

/// Weights from the formula, whose arrays are [maps, height, width] where ours are [height, width, maps].
fn initialise<R: Real>(network: &mut Network<R>) {
    let mut input = network.input();
    let last = network.layers().len() - 1;
    for (k, layer) in network.layers_mut().iter_mut().enumerate() {
        let output = layer.output_shape();
        let p = layer.parameters_mut().expect("every layer here has parameters");
        p.b.iter_mut().enumerate().for_each(|(m, b)| *b = R::of(if k == last { 0.0 } else { 0.1 * (m as f64).cos() }));
        let shape = p.w.shape().to_vec();
        let fan_in = if shape.len() == 4 { shape[1..].iter().product() } else { shape[0] };
        let value = |m: usize| (0.37 * (m as f64 + 1.0) + 1.7 * k as f64).sin() / (fan_in as f64).sqrt();
        for (at, w) in p.w.indexed_iter_mut() {
            let m = if shape.len() == 4 {
                ((at[0] * shape[3] + at[3]) * shape[1] + at[1]) * shape[2] + at[2]
            } else {
                // A row for each input unit; ours are in the order height, width, maps.
                let i = match input {
                    Shape::Image { maps, height, width } => {
                        (at[0] % maps * height + at[0] / maps / width) * width + at[0] / maps % width
                    }
                    Shape::Flat(_) => at[0],
                };
                i * shape[1] + at[1]
            };
            *w = R::of(if k == last { 0.0 } else { value(m) });
        }
        input = output;
    }
}

fn follow<R: Real>(name: &str, backend: impl Backend<R> + 'static, tolerance: f64) {
    let golden: Value = serde_json::from_str(include_str!("network3-trajectories.json")).unwrap();
    let golden = &golden[name];
    let (eta, lambda) = (golden["eta"].as_f64().unwrap(), golden["lambda"].as_f64().unwrap());
    let network = Network::<R>::reference(Shape::image(1, 28, 28), &layers(name), Cost::LogLikelihood).unwrap();
    let mut network = network.with_habits(Habits::faithful()).with_backend(backend);
    initialise(&mut network);
    let batches = 200 / BATCH;
    let decay = lambda / batches as f64;
    let close = |what: &str, got: f64, want: &Value| {
        let want = want.as_f64().unwrap();
        let error = (got - want).abs() / want.abs().max(1.0);
        assert!(error < tolerance, "{name}: {what}: expected {want}, got {got} (error {error:e})");
    };
    for iteration in 0..2 * batches {
        let first = iteration % batches * BATCH;
        let x: Vec<R> = (first..first + BATCH).flat_map(image).collect();
        let labels: Vec<Label> = (first..first + BATCH).map(|n| (n % 10) as Label).collect();
        let penalty = 0.5 * decay * network.weights_squared();
        let cost = network.step(&x, &labels, &Step { eta, decay, momentum: 0.0, iteration: iteration as u64 });
        close(&format!("cost {iteration}"), cost + penalty, &golden["costs"][iteration]);
    }
    for (k, layer) in network.layers().iter().enumerate() {
        let p = layer.parameters().unwrap();
        let want = &golden["final"][k];
        let sum = |a: &ndarray::ArrayD<R>, power: i32| a.iter().map(|x| x.f64().powi(power)).sum::<f64>();
        close(&format!("layer {k} w_sum"), sum(&p.w, 1), &want["w_sum"]);
        close(&format!("layer {k} w_sum_of_squares"), sum(&p.w, 2), &want["w_sum_of_squares"]);
        close(&format!("layer {k} b_sum"), sum(&p.b, 1), &want["b_sum"]);
        close(&format!("layer {k} b_sum_of_squares"), sum(&p.b, 2), &want["b_sum_of_squares"]);
        close(&format!("layer {k} w_first"), p.w.first().unwrap().f64(), &want["w_first"]);
        close(&format!("layer {k} w_last"), p.w.last().unwrap().f64(), &want["w_last"]);
    }
}

fn fast(threads: usize) -> Fast {
    Fast::new(Arc::new(Threads::new(threads).unwrap()))
}

#[cfg(feature = "opencl")]
static DEVICE: std::sync::Mutex<()> = std::sync::Mutex::new(());

macro_rules! trajectories {
    ($($test:ident: $name:literal;)*) => { $(
        mod $test {
            use super::*;
            #[test]
            fn reference_f64() { follow::<f64>($name, Reference, 1e-9); }
            #[test]
            fn reference_f32() { follow::<f32>($name, Reference, 1e-3); }
            #[test]
            fn fast_f32() { follow::<f32>($name, fast(2), 1e-3); }
            #[cfg(feature = "opencl")]
            #[test]
            fn opencl() {
                use network3::opencl::{Kernels, OpenCl, open};
                // One after the other: PoCL 3.1 crashes where several contexts compile at a time.
                let _one = super::DEVICE.lock();
                match open(None) {
                    Ok(device) => for kernels in [Kernels::Plain, Kernels::best(device.description())] {
                        follow::<f32>($name, OpenCl::new(device.clone(), kernels), 1e-3);
                    }
                    Err(e) => println!("skipped: no OpenCL device ({e})"),
                }
            }
        }
    )* };
}

trajectories! {
    shallow: "shallow";
    one_conv: "one-conv";
    two_conv_tanh: "two-conv-tanh";
    two_conv_relu: "two-conv-relu";
}
