//! The ladder: how fast the chapter's two-convolution network trains, from the definitions written as loops, through
//! one idea after the other, to the fast backend on two threads.
//!
//! `cargo run --release --example ladder` measures all rungs, `--rung NAME` some. All begin with the same weights,
//! those of a network that has been trained for a while, so that as many units are on as they are in real training.
//! They are measured in turn, five windows each: what else the machine has to do meets all of them alike.

mod backends;

use backends::{RUNGS, Rung};
use clap::{Parser, builder::PossibleValuesParser};
use experiments::{
    Experiment, machine,
    record::{Ladder, Rate},
};
use network3::cpu::simd::Level;
use network3::data::{self, Dataset, Examples, TrainingSet, mnist};
use network3::{Cost, Error, Learner, Network, Result, Step, files};
use std::{path::PathBuf, process::ExitCode, time::Instant};

/// Measure the steps from plain loops to the fast backend, in training images a second
#[derive(Parser)]
struct Args {
    /// Only this rung (may be given several times)
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(RUNGS.iter().map(|rung| rung.name)))]
    rung: Vec<String>,
    /// Seconds for each rung, over all windows
    #[arg(long, value_name = "S", default_value_t = 5.0)]
    secs: f64,
    /// Which images; without this, MNIST where it is there and else the built-in digits
    #[arg(long, value_parser = ["mnist", "digits"])]
    data: Option<String>,
    /// Write the record that the book's figure is drawn from
    #[arg(long, value_name = "FILE", conflicts_with = "rung")]
    record: Option<PathBuf>,
}

const EXPERIMENT: &str = "two-conv-relu";
/// Each rung is measured so many times; an odd number, so that one of them is the median.
const WINDOWS: usize = 5;
/// Images that are trained over and over again: enough that they do not all stay in a cache.
const IMAGES: usize = 5_000;
/// Mini-batches before the measurement.
const WARM_UP: usize = 500;

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    if !(args.secs > 0.0 && args.secs.is_finite()) {
        return Err(Error::input(format!("--secs must be a number above 0, not {}", args.secs)));
    }
    if let Some(record) = &args.record {
        files::check(record, 0)?; // now, and not after all measurements
    }
    let mut images = Images::load(args.data.as_deref())?;
    let experiment = experiments::find(EXPERIMENT)?;
    let rungs: Vec<_> =
        RUNGS.iter().filter(|rung| args.rung.is_empty() || args.rung.iter().any(|name| name == rung.name)).collect();
    let mut networks = climb(&experiment, &rungs, &mut images)?;
    let mut rates = vec![vec![]; rungs.len()];
    for window in 0..WINDOWS {
        for ((network, rates), rung) in networks.iter_mut().zip(&mut rates).zip(&rungs) {
            let rate = measure(network, &experiment, &mut images, args.secs / WINDOWS as f64)?;
            eprintln!("window {} of {WINDOWS}: {:<12} {rate:>9.0} images/s", window + 1, rung.name);
            rates.push(rate);
        }
    }
    let rate = |((rung, network), mut rates): ((&&Rung, &Network<f32>), Vec<f64>)| {
        rates.sort_by(f64::total_cmp);
        let (name, step, threads) = (rung.name.into(), rung.step.into(), network.threads().count());
        Rate { name, step, threads, median: rates[WINDOWS / 2], least: rates[0], most: rates[WINDOWS - 1] }
    };
    let ladder = Ladder {
        experiment: experiment.name,
        mini_batch_size: experiment.hyper_parameters.mini_batch_size,
        data: images.name,
        processor: machine::processor(),
        vectors: Level::detect().to_string(),
        commit: machine::commit(),
        seconds: args.secs,
        windows: WINDOWS,
        rungs: rungs.iter().zip(&networks).zip(rates).map(rate).collect(),
    };
    // First what lasts: whoever reads the table may close the pipe.
    args.record.as_ref().map_or(Ok(()), |path| ladder.write(path))?;
    print(&ladder);
    Ok(())
}

/// A network on each rung, all with the same weights, which have been trained for a while.
fn climb(experiment: &Experiment, rungs: &[&Rung], images: &mut Images) -> Result<Vec<Network<f32>>> {
    let shape = images.training.shape();
    let new = || Network::reference(shape, &experiment.layers, Cost::LogLikelihood);
    let networks = rungs.iter().map(|rung| (rung.climb)(new()?)).collect::<Result<Vec<_>>>();
    let (mut networks, mut trained) = (networks?, new()?.with_threads(0)?);
    for _ in 0..WARM_UP {
        images.train(&mut trained, experiment)?;
    }
    for network in &mut networks {
        network.restore(&trained.state())?;
        images.train(network, experiment)?; // scratch memory is made, pages are touched
    }
    Ok(networks)
}

/// Trains for so many seconds, a mini-batch at least, and says how many images a second that was.
fn measure(network: &mut Network<f32>, experiment: &Experiment, images: &mut Images, secs: f64) -> Result<f64> {
    network.threads().run(|| {
        let (begin, mut count) = (Instant::now(), 0);
        while count == 0 || begin.elapsed().as_secs_f64() < secs {
            count += images.train(network, experiment)?;
        }
        Ok(count as f64 / begin.elapsed().as_secs_f64())
    })
}

/// Training images, in mini-batches without end.
struct Images {
    name: String,
    training: Dataset,
    next: usize,
}

impl Images {
    fn load(which: Option<&str>) -> Result<Self> {
        let folder = if which == Some("digits") { None } else { mnist::find()? };
        if which == Some("mnist") && folder.is_none() {
            let message = format!("MNIST is not in {} nor where MNIST_DIR says: try --data digits", mnist::FOLDER);
            return Err(Error::input(message));
        }
        let splits = folder.map_or_else(|| data::digits(IMAGES, 1, 1, 1), |folder| mnist::load_dir(&folder))?;
        let training = splits.training.slice(0..IMAGES.min(splits.training.len()))?;
        Ok(Images { name: splits.name, training, next: 0 })
    }

    /// One step of gradient descent on the next mini-batch, with the experiment's hyper-parameters. Returns how many
    /// images it had.
    fn train(&mut self, network: &mut Network<f32>, experiment: &Experiment) -> Result<usize> {
        let hyper = &experiment.hyper_parameters;
        let (size, batches) = (hyper.mini_batch_size, self.training.len() / hyper.mini_batch_size);
        if batches == 0 {
            return Err(Error::input(format!(
                "{} images are not enough for a mini-batch of {size}",
                self.training.len()
            )));
        }
        let first = self.next % batches * size;
        let which: Vec<u32> = (first as u32..).take(size).collect();
        let examples = Examples::new(TrainingSet::plain(&self.training), &which)?;
        let decay = hyper.lambda / batches as f64;
        let step = Step { eta: hyper.eta.eta(&[]), decay, momentum: hyper.momentum, iteration: self.next as u64 };
        self.next += 1;
        network.train(&examples, &step)?;
        Ok(size)
    }
}

fn print(ladder: &Ladder) {
    println!(
        "{}, mini-batch {}, {}; {}, {}; median of {} windows",
        ladder.experiment, ladder.mini_batch_size, ladder.data, ladder.processor, ladder.vectors, ladder.windows
    );
    println!("{:<12} {:>9} {:>19} {:>6}  what is new", "rung", "images/s", "least to most", "×");
    let mut before = None;
    for Rate { name, step, median, least, most, .. } in &ladder.rungs {
        let factor = before.map_or(String::new(), |before| format!("{:.2}", median / before));
        println!("{name:<12} {median:>9.0} {:>19} {factor:>6}  {step}", format!("{least:.0} to {most:.0}"));
        before = Some(*median);
    }
}
