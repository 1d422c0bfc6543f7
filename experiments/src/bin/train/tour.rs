//! What a newcomer sees first: two networks, one after the other, in about a minute.

use crate::{
    Args, art, images,
    progress::{Progress, percent},
    say,
};
use experiments::{Experiment, machine};
use network3::{
    Learner, Network, Result,
    data::Splits,
    thousands,
    train::{Evaluation, Stopping, Trainer, evaluate},
};
use std::time::{Duration, Instant};

/// No network learns longer than this, unless its first epoch does: so the tour is short on a slow machine too.
const PATIENCE: Duration = Duration::from_secs(50);

pub fn run(args: &Args) -> Result<()> {
    say!("Welcome. In the next minute two networks learn to read handwritten digits, here,\nfrom scratch.\n");
    let splits = args.splits()?;
    say!("{}\nSome of them:\n", images::describe(&splits));
    let labels = splits.training.labels();
    let first = |digit| labels.iter().position(|&label| label == digit); // one of each kind
    let some: Vec<usize> = [3, 5, 8].into_iter().filter_map(first).collect();
    let captions: Vec<_> = some.iter().map(|&image| labels[image].to_string()).collect();
    say!("{}\n", art::draw(&splits.training, &some, &captions));

    say!("The first network knows nothing of pictures: pixels are a row of numbers to it.");
    let shallow = learn(args, &splits, "shallow", 6)?;
    say!("\nThe second looks through small windows that slide over the picture:\nit is convolutional.");
    let convolutional = learn(args, &splits, "two-conv-relu", 6)?;

    let wrong = |evaluation: &Evaluation| {
        let labels = splits.test.labels();
        (0..labels.len()).filter(|&image| evaluation.classes[image] != labels[image]).collect::<Vec<_>>()
    };
    say!("\nOn {} digits that neither has seen:\n", thousands(splits.test.len()));
    for (name, evaluation) in [("shallow", &shallow), ("two-conv-relu", &convolutional)] {
        let wrong = thousands(wrong(evaluation).len());
        say!("  {name:<16}{} right, {wrong:>5} wrong", percent(evaluation.accuracy));
    }
    if let Some(&image) = wrong(&convolutional).first() {
        let (label, class) = (splits.test.labels()[image], convolutional.classes[image]);
        say!("\nThe second still gets this one wrong. It is a {label}; the network says {class}. And you?\n");
        say!("{}", art::draw(&splits.test, &[image], &[String::new()]));
    }
    say!("\nWhere to go from here:\n");
    say!("  cargo run --bin train -- --list                      all experiments");
    say!("  cargo run --bin train -- two-conv-relu --epochs 10   this network, for longer");
    say!("  cargo run --bin train -- --help                      all that can be changed");
    say!("  README.md                                            what else there is");
    Ok(())
}

/// Trains an experiment's network for a few epochs, with today's habits, and tests it.
fn learn(args: &Args, splits: &Splits, name: &str, epochs: usize) -> Result<Evaluation> {
    let habits = args.habits();
    let Experiment { layers, mut hyper_parameters, .. } = args.adapt(experiments::find(name)?)?;
    let epochs = args.epochs.unwrap_or(epochs);
    hyper_parameters.stopping = Stopping::Epochs(epochs);
    let network = Network::new(splits.training.shape(), &layers)?.with_habits(habits).with_seed(args.seed);
    let mut network = network.with_threads(args.threads())?;
    say!("\n{}", network.to_string().trim_end());
    let trainer = Trainer::new(splits, hyper_parameters.clone())?.with_habits(habits)?.with_seed(args.seed)?;
    let mut trainer = trainer.with_clock(machine::seconds);
    let mut progress = Progress::new(0, hyper_parameters.stopping.at_most(), trainer.images_per_epoch());
    let start = Instant::now();
    // How long it will have taken with one more epoch, if that is like those before.
    let with_next = |epochs: usize| start.elapsed().mul_f64((epochs + 1) as f64 / epochs as f64);
    while !trainer.is_over() && (trainer.history().is_empty() || with_next(trainer.history().len()) < PATIENCE) {
        trainer.epoch(&mut network, &mut |done| progress.mini_batch(&done))?;
        trainer.history().last().into_iter().for_each(|epoch| progress.epoch(epoch, trainer.best()));
    }
    if !trainer.is_over() {
        say!(
            "That is enough for the tour, which is meant to take about a minute: on this machine {} of {epochs} epochs.",
            trainer.history().len()
        );
    }
    network.restore(trainer.best_state())?;
    evaluate(&mut network, &splits.test, splits.test.len())
}
