//! How fast networks are trained on a device: plain kernels and tiled ones, images per second.
//!
//! `cargo run --release --features opencl --example device_rates -- RECORD.json`

use network3::data::{Batches, TrainingSet, digits};
use network3::opencl::{self, DeviceNetwork, Kernels};
use network3::{Activation, LastBatch, Learner, Network, Order, Result, Spec, Step};
use std::time::Instant;

fn main() -> Result<()> {
    let device = match opencl::open(None) {
        Ok(device) => device,
        Err(e) => {
            println!("skipped: no OpenCL device ({e})");
            return Ok(());
        }
    };
    println!("{}", device.description());
    let conv = |filters| Spec::conv_pool(filters, (5, 5), (2, 2), Activation::Relu);
    let dense = |neurons, p| Spec::fully_connected(neurons, Activation::Relu).with_dropout(p);
    let networks = [
        ("shallow", vec![dense(100, 0.0), Spec::softmax(10)]),
        ("two-conv-relu", vec![conv(20), conv(40), dense(100, 0.0), Spec::softmax(10)]),
        (
            "dropout-1000",
            vec![conv(20), conv(40), dense(1000, 0.5), dense(1000, 0.5), Spec::softmax(10).with_dropout(0.5)],
        ),
    ];
    let splits = digits(5_000, 10, 10, 1)?;
    let mut rates = vec![];
    for (name, layers) in &networks {
        for size in [10, 128] {
            for (kernels, how) in [("plain", Kernels::Plain), ("tiled", Kernels::best(device.description()))] {
                let network = Network::new(splits.training.shape(), layers)?;
                let mut network = DeviceNetwork::with_kernels(network, &device, how)?;
                // The first mini-batches are not measured: the driver compiles meanwhile.
                train(&mut network, TrainingSet::plain(&splits.training), size, 10)?;
                let start = Instant::now();
                let images = train(&mut network, TrainingSet::plain(&splits.training), size, 2_000 / size)?;
                let rate = images as f64 / start.elapsed().as_secs_f64();
                println!("{name:<14} mini-batch {size:>3}  {kernels}  {rate:>8.0} images/s");
                rates
                    .push(serde_json::json!({ "name": format!("{name}-{size}-{kernels}"), "images_per_second": rate }));
            }
        }
    }
    let record = serde_json::json!({
        "device": device.description().to_string(),
        "driver": device.description().driver,
        "rates": rates,
    });
    if let Some(file) = std::env::args().nth(1) {
        network3::files::write(file.as_ref(), format!("{record:#}\n").as_bytes())?;
    }
    Ok(())
}

/// Trains on so many mini-batches, waits for the device, and says how many images that were.
fn train(network: &mut DeviceNetwork, set: TrainingSet, size: usize, mini_batches: usize) -> Result<usize> {
    let mut batches = Batches::new(set, size, Order::Fixed, LastBatch::Dropped, 1)?;
    let mut images = 0;
    for iteration in 0..mini_batches {
        if let Some(examples) = batches.next_batch() {
            let step = Step { eta: 0.01, decay: 0.0, momentum: 0.0, iteration: iteration as u64 };
            network.train(&examples, &step)?;
            images += examples.len();
        }
    }
    network.mean_cost()?;
    Ok(images)
}
