//! `train`: the chapter's experiments, from the command line.

mod art;
mod classify;
mod device;
mod habit;
mod keep;
mod left;
mod limits;
mod list;
mod progress;
mod run;
mod several;
#[cfg(feature = "opencl")]
mod together;
mod tour;

use clap::Parser;
use experiments::{
    Experiment, jumble,
    program::{self, cores, images, warn},
    say,
};
use habit::Habit;
use network3::{
    Error, Habits, Result,
    data::Splits,
    train::{Schedule, Stopping},
};
use std::{num::NonZero, path::PathBuf, process::ExitCode};

/// Train the networks of Chapter 6 of Nielsen's book on handwritten digits.
///
/// Without an experiment you get a tour: two networks learn to read, one after the other, in about a minute.
#[derive(Clone, Debug, Parser)]
#[command(name = "train", version, after_help = EXAMPLES, disable_help_subcommand = true, allow_negative_numbers = true)]
pub struct Args {
    /// Which experiment: a name from --list. Without one, the tour
    experiment: Option<String>,
    /// List the experiments
    #[arg(long)]
    list: bool,
    /// With --list: print JSON, with layers and parameters; the book takes its numbers from it
    #[arg(long, requires = "list")]
    json: bool,
    /// Run every experiment that has no record in the --folder yet, the quick ones first
    #[arg(long, conflicts_with_all = ["experiment", "list", "save"])]
    all: bool,

    /// Ask a network that --save has kept what it takes pictures for (PNG or PGM): one digit in each, dark on light or
    /// light on dark
    #[arg(long, value_names = ["MODEL", "IMAGE"], num_args = 2.., conflicts_with_all = ["experiment", "all", "list"])]
    classify: Vec<PathBuf>,

    /// Train for N epochs
    #[arg(long, value_name = "N", help_heading = "Training")]
    epochs: Option<usize>,
    /// Stop when validation accuracy has not improved for N epochs
    #[arg(long, value_name = "N", help_heading = "Training")]
    stop_after: Option<usize>,
    /// Images per mini-batch
    #[arg(long, value_name = "N", help_heading = "Training")]
    mini_batch_size: Option<usize>,
    /// Learning rate η
    #[arg(long, value_name = "X", help_heading = "Training")]
    eta: Option<f64>,
    /// Let η fall evenly, by the same factor each epoch, to X in the last
    #[arg(long, value_name = "X", help_heading = "Training", conflicts_with = "halve_after")]
    eta_to: Option<f64>,
    /// Halve η when validation accuracy has not improved for N epochs
    #[arg(long, value_name = "N", help_heading = "Training")]
    halve_after: Option<usize>,
    /// Regularisation parameter λ
    #[arg(long, value_name = "X", help_heading = "Training")]
    lambda: Option<f64>,
    /// Momentum coefficient μ
    #[arg(long, value_name = "X", help_heading = "Training")]
    momentum: Option<f64>,
    /// Keep the habits of network3.py that its chapter does not discuss, as for every number set beside the chapter's
    #[arg(long, help_heading = "Training", conflicts_with = "corrected")]
    faithful: bool,
    /// Do as one would today: initialise by fan-in, shuffle every epoch, use every image (the default)
    #[arg(long, help_heading = "Training")]
    corrected: bool,
    /// With these habits the other way: one at a time, with --faithful, shows what each is worth
    #[arg(long, value_name = "HABIT", value_delimiter = ',', help_heading = "Training")]
    but: Vec<Habit>,

    /// Seed of all random numbers: same seed, same result (to the bit, on processors with AVX2 or AVX-512; plain ones
    /// round otherwise)
    #[arg(long, value_name = "S", default_value_t = 1, help_heading = "Runs")]
    seed: u64,
    /// Train N times, from seeds S, S+1, …, and sum up
    #[arg(long, value_name = "N", help_heading = "Runs")]
    runs: Option<NonZero<usize>>,
    /// Work on N threads [default: all cores]; the result is the same
    #[arg(long, value_name = "N", help_heading = "Runs", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Train on an OpenCL device: opencl, or opencl:N from --list-devices [default: cpu]
    #[arg(long, value_name = "cpu|opencl|opencl:N", help_heading = "Runs")]
    device: Option<String>,
    /// List the OpenCL devices
    #[arg(long, conflicts_with_all = ["experiment", "all", "list"])]
    list_devices: bool,
    /// Say what a mini-batch asks of the device: launches, and bytes there and back
    #[arg(long, help_heading = "Runs")]
    verbose: bool,
    /// Go on from the last epoch that was finished
    #[arg(long, help_heading = "Runs")]
    resume: bool,
    /// Train anew, and replace what an earlier run has left
    #[arg(long, help_heading = "Runs", conflicts_with_all = ["resume", "all"])]
    replace: bool,
    /// Keep checkpoints and records in DIR
    #[arg(long, value_name = "DIR", default_value = "runs", help_heading = "Runs")]
    folder: PathBuf,
    /// Save the network of the best epoch (safetensors)
    #[arg(long, value_name = "FILE", help_heading = "Runs")]
    save: Option<PathBuf>,
    /// Write the record of the run (JSON); with --all, a folder for all of them
    #[arg(long, value_name = "FILE", help_heading = "Runs")]
    record: Option<PathBuf>,

    /// Images: mnist, digits (built in), or a folder with four IDX files [default: mnist if it is there, else digits]
    #[arg(long, value_name = "mnist|digits|PATH", help_heading = "Images")]
    data: Option<String>,
    /// Train with the first N images only
    #[arg(long, value_name = "N", help_heading = "Images")]
    images: Option<usize>,
    /// Put the pixels of every image into an order that makes no sense, the same for all: how much does a network need
    /// to know that its input is a picture?
    #[arg(long, help_heading = "Images")]
    jumble: bool,
    /// Fetch MNIST (11 MB) if it is not there yet
    #[arg(long, help_heading = "Images")]
    fetch: bool,
}

const EXAMPLES: &str = "\
Examples:
  cargo run --bin train                                        the tour
  cargo run --bin train -- two-conv-relu --epochs 3            three epochs of the chapter's main network
  cargo run --bin train -- two-conv-relu --resume              … and on to all sixty
  cargo run --bin train -- shallow --runs 3 --faithful         three seeds, as the chapter's program did it
  cargo run --bin train -- two-conv-relu --faithful --but order   all its habits but one
  cargo run --bin train -- two-conv-relu --jumble --epochs 3   the same images with their pixels jumbled
  cargo run --bin train -- --fetch                             get MNIST
  cargo run --bin train -- two-conv --epochs 3 --save net      keep what it has learned
  cargo run --bin train -- --classify net seven.png            … and ask it what a picture shows
  cargo run --bin train -- --all --faithful                    the whole chapter: leave it overnight, stop and start it at will

Checkpoints and records are kept in the folder `runs`; no run replaces another's unasked. MNIST is looked for in MNIST_DIR, then in data/mnist.";

fn main() -> ExitCode {
    match start(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e}");
            ExitCode::FAILURE
        }
    }
}

fn start(args: &Args) -> Result<()> {
    if args.list {
        return if args.json { list::json() } else { list::table() };
    }
    if args.list_devices {
        return device::list();
    }
    if !args.classify.is_empty() {
        return classify::run(&args.classify);
    }
    limits::check(args)?;
    if args.fetch {
        images::fetch()?;
    }
    program::watch()?;
    match &args.experiment {
        Some(name) => several::run(args, &args.adapt(experiments::find(name)?)?),
        None if args.all => several::run_all(args),
        None if args.fetch => {
            say!("MNIST is there. Try: cargo run --bin train -- two-conv-relu --epochs 3");
            Ok(())
        }
        None if args.resume
            || args.replace
            || args.runs.is_some()
            || args.save.is_some()
            || args.record.is_some()
            || args.device.is_some() =>
        {
            let message =
                "--resume, --replace, --runs, --save, --record and --device need an experiment: --list shows all";
            Err(Error::input(message))
        }
        None => tour::run(args),
    }
}

impl Args {
    /// The experiment with what the command line changes about it.
    fn adapt(&self, mut experiment: Experiment) -> Result<Experiment> {
        let hyper = &mut experiment.hyper_parameters;
        let epochs = self.epochs.unwrap_or(hyper.stopping.at_most());
        hyper.stopping = match self.stop_after {
            Some(patience) => Stopping::NoImprovement { patience, at_most: epochs },
            None => Stopping::Epochs(epochs),
        };
        let from = self.eta.unwrap_or(hyper.eta.start());
        hyper.eta = match (self.eta_to, self.halve_after, self.eta) {
            (Some(to), ..) => Schedule::Geometric { from, to, epochs },
            (_, Some(patience), _) => Schedule::HalveOnStall { from, patience },
            (.., Some(eta)) => Schedule::Constant(eta),
            _ => hyper.eta,
        };
        hyper.mini_batch_size = self.mini_batch_size.unwrap_or(hyper.mini_batch_size);
        hyper.lambda = self.lambda.unwrap_or(hyper.lambda);
        hyper.momentum = self.momentum.unwrap_or(hyper.momentum);
        Ok(experiment)
    }

    /// What the files of an experiment's runs begin with. With jumbled images, or without a habit, it is another
    /// experiment in all but its settings.
    fn called(&self, experiment: &Experiment) -> String {
        let but: String = self.but.iter().map(|habit| format!("-but-{}", habit.name())).collect();
        format!("{}{}{but}", experiment.name, if self.jumble { "-jumbled" } else { "" })
    }

    /// A file of one of its runs: `runs/two-conv-1.safetensors`
    fn kept(&self, experiment: &Experiment, seed: u64, extension: &str) -> PathBuf {
        self.folder.join(format!("{}-{seed}.{extension}", self.called(experiment)))
    }

    fn habits(&self) -> Habits {
        let (faithful, corrected) = (Habits::faithful(), Habits::corrected());
        let (these, other) = if self.faithful { (faithful, corrected) } else { (corrected, faithful) };
        self.but.iter().fold(these, |habits, but| but.changed(habits, other))
    }

    /// The images that it asks for.
    fn splits(&self) -> Result<Splits> {
        let splits = images::load(self.data.as_deref(), self.images)?;
        if self.jumble { jumble::jumble(&splits) } else { Ok(splits) }
    }

    fn threads(&self) -> usize {
        self.threads.map_or_else(cores, usize::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every example runs as it stands there.
    #[test]
    fn the_examples_of_the_help_are_commands() {
        let examples: Vec<_> = EXAMPLES.lines().filter(|line| line.starts_with("  ")).collect();
        assert!(examples.len() > 5);
        for example in examples {
            let (command, _) = example.trim().split_once("   ").expect("a command, then what it is for");
            let rest = command.strip_prefix("cargo run --bin train").expect(command);
            let words = rest.trim().strip_prefix("--").unwrap_or("").split_whitespace();
            Args::try_parse_from(["train"].into_iter().chain(words)).expect(command);
        }
    }
}
