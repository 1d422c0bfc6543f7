//! What several runs of one experiment came to.

use super::{Configuration, Misclassified, Record};
use network3::{Error, Result, train::Best};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// What several runs of one experiment, from different seeds, came to together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Name of the experiment.
    pub experiment: String,
    /// What was asked for, but for the seed.
    pub configuration: Configuration,
    /// Every run, in the order of the seeds.
    pub runs: Vec<Outcome>,
    /// Over the runs.
    pub mean_test_accuracy: f64,
    /// The sample standard deviation over the runs, with n − 1 below the line; 0 for a single run.
    pub test_accuracy_deviation: f64,
    /// What the chapter reports: the run with the best validation accuracy, the last of equals.
    pub best: Outcome,
    /// What the networks of the best epochs come to when they decide together; `None` unless they were asked to.
    pub ensemble: Option<Vote>,
}

/// The best epoch of one run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Of the run.
    pub seed: u64,
    /// The epoch with the best validation accuracy.
    pub best: Best,
}

/// What an ensemble makes of the test images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Vote {
    /// Test accuracy of the plurality vote: what the chapter does.
    pub vote_accuracy: f64,
    /// Test accuracy of the class with the largest mean probability.
    pub mean_accuracy: f64,
    /// The images that the vote gets wrong.
    pub misclassified: Vec<Misclassified>,
}

impl Summary {
    /// Sums up finished runs of one experiment.
    ///
    /// # Errors
    /// When there are none.
    pub fn of(records: &[Record]) -> Result<Self> {
        let runs: Vec<_> = records.iter().map(|record| Outcome { seed: record.seed, best: record.best }).collect();
        let by_validation =
            |a: &&Outcome, b: &&Outcome| a.best.validation_accuracy.total_cmp(&b.best.validation_accuracy);
        let (Some(first), Some(&best)) = (records.first(), runs.iter().max_by(by_validation)) else {
            return Err(Error::input("a summary needs at least one run"));
        };
        let accuracies = || runs.iter().map(|run| run.best.test_accuracy);
        let mean = accuracies().sum::<f64>() / runs.len() as f64;
        let squares: f64 = accuracies().map(|accuracy| (accuracy - mean).powi(2)).sum();
        Ok(Summary {
            experiment: first.experiment.clone(),
            configuration: first.configuration.clone(),
            mean_test_accuracy: mean,
            test_accuracy_deviation: (squares / (runs.len() - 1).max(1) as f64).sqrt(),
            best,
            runs,
            ensemble: None,
        })
    }
}

impl Summary {
    /// Reads a summary.
    ///
    /// # Errors
    /// As [`Record::read`].
    pub fn read(path: impl AsRef<Path>) -> Result<Self> {
        super::read(path.as_ref())
    }

    /// Writes the summary as JSON.
    ///
    /// # Errors
    /// As [`Record::write`].
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        super::write(self, path.as_ref())
    }
}
