//! How long the experiments that are left will take, by the speed of those that are done.

use crate::Args;
use experiments::{Experiment, record::Record};
use network3::train::Checkpoint;

/// Work in the unit of [`Experiment::cost`], and the seconds that it took.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    work: f64,
    seconds: f64,
}

impl Pace {
    /// So much has been done in so many seconds.
    pub fn add(&mut self, work: f64, seconds: f64) {
        self.work += work;
        self.seconds += seconds;
    }

    /// How long so much work takes, once it is known: "3 h 20 min". Large experiments weigh more than small ones, as
    /// they do in what is left.
    pub fn time_for(&self, work: f64) -> Option<String> {
        let seconds = work * self.seconds / self.work;
        seconds.is_finite().then(|| in_words(seconds))
    }
}

fn in_words(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil() as u64;
    match (minutes / 60, minutes % 60) {
        (0, 0 | 1) => "a minute".into(),
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// The seconds that a recorded run has trained; the record does not count evaluation.
pub fn seconds(record: &Record) -> f64 {
    let images = record.configuration.training_images * if record.configuration.expanded { 5 } else { 1 };
    record.epochs.iter().filter_map(|epoch| Some(images as f64 / epoch.images_per_second?)).sum()
}

/// What is left of an experiment, in the unit of its cost: epochs that have a checkpoint are done.
pub fn work(args: &Args, experiment: &Experiment) -> f64 {
    let (member, runs) = (experiment.member(), args.runs.map_or(experiment.networks, |runs| runs.get()));
    let epochs = member.hyper_parameters.stopping.at_most();
    let left = |run: usize| {
        let checkpoint = args.kept(&member, args.seed.wrapping_add(run as u64), "safetensors");
        let done = Checkpoint::load(checkpoint).map_or(0, |checkpoint| checkpoint.history.len());
        1.0 - done.min(epochs) as f64 / epochs as f64
    };
    member.cost() * (0..runs).map(left).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pace_is_known_once_something_is_done() {
        let mut pace = Pace::default();
        assert_eq!(pace.time_for(5.0), None);
        pace.add(1e9, 30.0);
        pace.add(3e9, 90.0);
        assert_eq!(pace.time_for(0.0).unwrap(), "a minute");
        assert_eq!(pace.time_for(40e9).unwrap(), "20 min");
        assert_eq!(pace.time_for(400e9).unwrap(), "3 h 20 min");
    }
}
