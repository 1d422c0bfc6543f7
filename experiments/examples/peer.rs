//! Speaks the protocol of the benchmark that compares this crate with others: `--net A|B|C --batch N --secs S
//! --mnist DIR [--threads N]`, and one line of JSON: training images/s (median, least and most of five windows after a
//! warm-up), images/s classified, seconds from the start of the process to the first trained mini-batch, accuracy.
//!
//! A is 784–100–10; B is the chapter's two-convolution network of rectified linear units; C has two layers of 1,000
//! with dropout instead of the 100.
//!
//! `cargo run --release --example peer -- --net B --batch 10 --secs 4 --mnist data/mnist`

use clap::Parser;
use network3::data::{Examples, TrainingSet, mnist};
use network3::ops::softmax::argmax;
use network3::{Activation, Learner, Network, Result, Shape, Spec, Step};
use std::path::PathBuf;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[derive(Parser)]
struct Args {
    #[arg(long, default_value = "B")]
    net: char,
    #[arg(long, default_value_t = 10)]
    batch: usize,
    #[arg(long, default_value_t = 4.0)]
    secs: f64,
    #[arg(long, default_value = "data/mnist")]
    mnist: PathBuf,
    /// As many as RAYON_NUM_THREADS says, or else two.
    #[arg(long)]
    threads: Option<usize>,
}

fn network(net: char, threads: usize) -> Result<(Network<f32>, f64, f64)> {
    use Activation::{Relu, Sigmoid};
    let conv = [20, 40].map(|filters| Spec::conv_pool(filters, (5, 5), (2, 2), Relu));
    let big = || Spec::fully_connected(1000, Relu).with_dropout(0.5);
    let (layers, eta, lambda) = match net {
        'A' => (vec![Spec::fully_connected(100, Sigmoid), Spec::softmax(10)], 0.1, 0.0),
        'B' => ([&conv[..], &[Spec::fully_connected(100, Relu), Spec::softmax(10)]].concat(), 0.03, 0.1),
        _ => ([&conv[..], &[big(), big(), Spec::softmax(10).with_dropout(0.5)]].concat(), 0.03, 0.0),
    };
    let network = Network::new(Shape::image(1, 28, 28), &layers)?.with_threads(threads)?;
    Ok((network, eta, lambda))
}

/// The numbers from `first` on.
fn which(first: usize, count: usize) -> Vec<u32> {
    (first..first + count).map(|k| k as u32).collect()
}

fn main() -> Result<()> {
    let begun = Instant::now();
    let args = Args::parse();
    let threads = std::env::var("RAYON_NUM_THREADS").ok().and_then(|n| n.parse().ok());
    let data = mnist::load_dir(&args.mnist)?;
    let (training, test) = (TrainingSet::plain(&data.training), TrainingSet::plain(&data.test));
    let (mut network, eta, lambda) = network(args.net, args.threads.or(threads).unwrap_or(2))?;
    let batches = training.len() / args.batch;
    let mut iteration = 0;
    let mut train = |network: &mut Network<f32>| {
        let which = which(iteration as usize % batches * args.batch, args.batch);
        let step = Step { eta, decay: lambda / batches as f64, momentum: 0.0, iteration };
        iteration += 1;
        network.train(&Examples::new(training, &which)?, &step).map(|_| args.batch)
    };
    train(&mut network)?;
    // The benchmark says when it started us; without it, count from our own beginning.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |t| t.as_secs_f64());
    let since = std::env::var("PEER_T0").ok().and_then(|t| t.parse::<f64>().ok());
    let first_step = since.map_or(begun.elapsed().as_secs_f64(), |t0| now - t0);

    let threads = network.threads();
    let mut rates = threads.run(|| -> Result<Vec<f64>> {
        let mut rates = vec![];
        for window in 0..6 {
            let (begun, mut images) = (Instant::now(), 0);
            while begun.elapsed().as_secs_f64() < args.secs / 5.0 {
                images += train(&mut network)?;
            }
            if window > 0 {
                rates.push(images as f64 / begun.elapsed().as_secs_f64());
            }
        }
        Ok(rates)
    })?;
    rates.sort_by(f64::total_cmp);

    let mut classify = |size: usize, images: usize| -> Result<(f64, f64)> {
        let (begun, mut right) = (Instant::now(), 0);
        for first in (0..images).step_by(size) {
            let which = which(first, size);
            let a = network.probabilities(&Examples::new(test, &which)?)?;
            let labels = &data.test.labels()[first..first + size];
            right += a.rows().into_iter().zip(labels).filter(|(a, y)| argmax(*a) == usize::from(**y)).count();
        }
        Ok((images as f64 / begun.elapsed().as_secs_f64(), right as f64 / images as f64))
    };
    let mut best = (0.0, 10);
    for size in [10, 100, 500, 2000] {
        classify(size, size)?;
        let (rate, _) = classify(size, 2000)?;
        if rate > best.0 {
            best = (rate, size);
        }
    }
    let mut passes = (0..3).map(|_| classify(best.1, 10_000)).collect::<Result<Vec<_>>>()?;
    passes.sort_by(|a, b| a.0.total_cmp(&b.0));
    println!(
        "{{\"train\": {:.0}, \"train_min\": {:.0}, \"train_max\": {:.0}, \"infer\": {:.0}, \"infer_batch\": {}, \
         \"first_step_s\": {first_step:.2}, \"accuracy\": {:.4}}}",
        rates[2], rates[0], rates[4], passes[1].0, best.1, passes[1].1
    );
    Ok(())
}
