//! What several runs of one experiment came to.

use super::{Check, Configuration, Misclassified, Record, ensure, run::check_misclassified};
use network3::{Error, Result, ensemble::Views, train::Best};
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
    /// The same with a single look at each image as it is, where `ensemble` has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ensemble_at_a_glance: Option<Vote>,
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
    /// How each network looks at an image, if not once and as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub views: Option<Views>,
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
        let (Some(first), Some(best)) = (records.first(), best_of(&runs)) else {
            return Err(Error::input("a summary needs at least one run"));
        };
        let (mean_test_accuracy, test_accuracy_deviation) = mean_and_deviation(&runs);
        Ok(Summary {
            experiment: first.experiment.clone(),
            configuration: first.configuration.clone(),
            mean_test_accuracy,
            test_accuracy_deviation,
            best,
            runs,
            ensemble: None,
            ensemble_at_a_glance: None,
        })
    }
}

/// The run with the best validation accuracy, the last of equals.
fn best_of(runs: &[Outcome]) -> Option<Outcome> {
    let by_validation = |a: &&Outcome, b: &&Outcome| a.best.validation_accuracy.total_cmp(&b.best.validation_accuracy);
    runs.iter().max_by(by_validation).copied()
}

/// Of the test accuracies; the deviation has n − 1 below the line.
fn mean_and_deviation(runs: &[Outcome]) -> (f64, f64) {
    let accuracies = || runs.iter().map(|run| run.best.test_accuracy);
    let mean = accuracies().sum::<f64>() / runs.len() as f64;
    let squares: f64 = accuracies().map(|accuracy| (accuracy - mean).powi(2)).sum();
    (mean, (squares / (runs.len() - 1).max(1) as f64).sqrt())
}

impl Check for Summary {
    fn check(&self) -> Result<()> {
        let Summary { configuration, runs, mean_test_accuracy, test_accuracy_deviation, best, .. } = self;
        configuration.check()?;
        ensure(best_of(runs) == Some(*best), || format!("the best run is not that of seed {}, as it says", best.seed))?;
        for Outcome { seed, best } in runs {
            let Best { epoch, validation_accuracy, test_accuracy } = *best;
            let possible = [validation_accuracy, test_accuracy].iter().all(|a| (0.0..=1.0).contains(a));
            ensure(possible, || format!("seed {seed} has an accuracy outside of 0 to 1"))?;
            let most = configuration.epochs;
            ensure(epoch < most, || format!("the best epoch of seed {seed} is {epoch}, of {most}"))?;
            let times = runs.iter().filter(|other| other.seed == *seed).count();
            ensure(times == 1, || format!("seed {seed} is there {times} times"))?;
        }
        let (mean, deviation) = mean_and_deviation(runs);
        // Sums may be rounded otherwise on another machine.
        let same = |a: f64, b: f64| (a - b).abs() < 1e-9;
        ensure(same(mean, *mean_test_accuracy), || format!("the mean test accuracy is {mean}"))?;
        ensure(same(deviation, *test_accuracy_deviation), || format!("the standard deviation is {deviation}"))?;
        let views = |vote: &Option<Vote>| vote.as_ref().is_some_and(|vote| vote.views.is_some());
        let [ensemble, glance] = [&self.ensemble, &self.ensemble_at_a_glance];
        let fits = glance.is_none() || views(ensemble) && !views(glance);
        ensure(fits, || "a vote at a glance stands only beside one of several looks".into())?;
        for vote in [ensemble, glance].into_iter().flatten() {
            let possible = [vote.vote_accuracy, vote.mean_accuracy].iter().all(|a| (0.0..=1.0).contains(a));
            ensure(possible, || "the ensemble has an accuracy outside of 0 to 1".into())?;
            vote.views.iter().try_for_each(Views::check)?;
            check_misclassified(&vote.misclassified, vote.vote_accuracy, configuration)?;
        }
        Ok(())
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
