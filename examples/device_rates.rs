//! How fast networks are trained on a device, in images per second: with plain kernels and with tiled ones, alone, and
//! five of them one after the other and side by side.
//!
//! `cargo run --release --features opencl --example device_rates -- RECORD.json`

use network3::data::{Examples, TrainingSet, digits};
use network3::opencl::{self, DeviceNetwork, Kernels, Neighbour};
use network3::{Activation, Learner, Network, Result, Shape, Spec, Step};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
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
            let mut measured = |how: &str, rate: f64| {
                println!("{name:<14} mini-batch {size:>3}  {how:<12}  {rate:>8.0} images/s");
                rates.push(serde_json::json!({ "name": format!("{name}-{size}-{how}"), "images_per_second": rate }));
            };
            let (shape, set) = (splits.training.shape(), TrainingSet::plain(&splits.training));
            for (how, kernels) in [("plain", Kernels::Plain), ("tiled", Kernels::best(device.description()))] {
                let mut network = DeviceNetwork::with_kernels(Network::new(shape, layers)?, &device, kernels)?;
                measured(how, rate(vec![&mut network], set, size)?);
            }
            let in_turn = five(shape, layers)?.into_iter().map(|network| DeviceNetwork::new(network, &device));
            let mut in_turn = in_turn.collect::<Result<Vec<_>>>()?;
            let one_by_one = in_turn.iter_mut().map(|network| network as &mut dyn Learner).collect();
            measured("five-in-turn", rate(one_by_one, set, size)?);
            let neighbours = opencl::side_by_side(five(shape, layers)?, &device)?;
            measured("five-at-once", rate_of_neighbours(neighbours, set, size)?);
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

/// Five networks that differ in their seeds.
fn five(shape: Shape, layers: &[Spec]) -> Result<Vec<Network<f32>>> {
    (1..=5).map(|seed| Ok(Network::new(shape, layers)?.with_seed(seed))).collect()
}

/// Images per second, of all networks together, each of which is trained for a while before the next.
fn rate(networks: Vec<&mut dyn Learner>, set: TrainingSet, size: usize) -> Result<f64> {
    let (mut images, mut seconds) = (0, 0.0);
    for network in networks {
        let n = for_a_second(network, set, size)?;
        let start = Instant::now();
        images += train(network, set, size, n)?;
        seconds += start.elapsed().as_secs_f64();
    }
    Ok(images as f64 / seconds)
}

/// The same of networks side by side, each on a thread of its own.
fn rate_of_neighbours(neighbours: Vec<Neighbour>, set: TrainingSet, size: usize) -> Result<f64> {
    let (everyone, fewest) = (Barrier::new(neighbours.len()), AtomicUsize::new(usize::MAX));
    let run = |mut network: Neighbour| {
        let n = for_a_second(&mut network, set, size);
        fewest.fetch_min(*n.as_ref().unwrap_or(&0), SeqCst);
        everyone.wait();
        let start = Instant::now();
        let images = n.and_then(|_| train(&mut network, set, size, fewest.load(SeqCst)))?;
        Ok(images as f64 / start.elapsed().as_secs_f64())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = neighbours.into_iter().map(|network| scope.spawn(|| run(network))).collect();
        threads.into_iter().map(|thread| thread.join().expect("the thread has not panicked")).sum()
    })
}

/// How many mini-batches take about a second. The first ten are not timed: the driver compiles meanwhile.
fn for_a_second(network: &mut dyn Learner, set: TrainingSet, size: usize) -> Result<usize> {
    train(network, set, size, 10)?;
    let start = Instant::now();
    train(network, set, size, 10)?;
    Ok((10.0 / start.elapsed().as_secs_f64()).ceil() as usize)
}

/// Trains on so many mini-batches, beginning again where the data set ends; waits for the device, and says how many
/// images those were.
fn train(network: &mut dyn Learner, set: TrainingSet, size: usize, mini_batches: usize) -> Result<usize> {
    let each = set.len() / size;
    for iteration in 0..mini_batches {
        let first = (iteration % each * size) as u32;
        let which: Vec<u32> = (first..first + size as u32).collect();
        let step = Step { eta: 0.01, decay: 0.0, momentum: 0.0, iteration: iteration as u64 };
        network.train(&Examples::new(set, &which)?, &step)?;
    }
    network.mean_cost()?;
    Ok(mini_batches * size)
}
