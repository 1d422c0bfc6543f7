//! Several runs of an experiment: whichever have a record.

use crate::Sources;
use experiments::record::{Record, Summary};
use network3::{Error, Result};
use std::{fs, path::PathBuf};

impl Sources {
    /// The runs of an experiment with the habits of network3.py: `NAME.json`, and `NAME-2.json` and so on for other
    /// seeds. Each seed once, by their seeds; there may be none.
    pub(crate) fn runs(&self, experiment: &str) -> Result<Vec<Record>> {
        let is_run = |name: &str| {
            let seed = name.strip_prefix(experiment);
            seed.is_some_and(|seed| {
                seed.is_empty() || seed.strip_prefix('-').is_some_and(|seed| seed.chars().all(|c| c.is_ascii_digit()))
            })
        };
        let names = self.recorded()?.into_iter().filter(|name| is_run(name));
        let mut runs = names.map(|name| self.record(&name)).collect::<Result<Vec<_>>>()?;
        runs.sort_by_key(|run| run.seed);
        runs.dedup_by_key(|run| run.seed);
        Ok(runs)
    }

    /// Like [`Sources::runs`], where one run is needed at least.
    pub(crate) fn some_runs(&self, experiment: &str) -> Result<Vec<Record>> {
        let runs = self.runs(experiment)?;
        if runs.is_empty() { Ok(vec![self.record(experiment)?]) } else { Ok(runs) }
    }

    /// Runs that differ from those of the experiment in nothing but habits, and which habits those are.
    pub(crate) fn other_habits(&self, experiment: &str) -> Result<Vec<(Vec<&'static str>, Record)>> {
        let Some(faithful) = self.runs(experiment)?.into_iter().next() else { return Ok(vec![]) };
        let begins = format!("{experiment}-");
        let mut others = vec![];
        for name in self.recorded()?.into_iter().filter(|name| name.starts_with(&begins) && !name.ends_with("-summary"))
        {
            let record = self.record(&name)?;
            let changed = record.configuration.habits.differences(faithful.configuration.habits);
            if settings(&record) == settings(&faithful) && !changed.is_empty() {
                others.push((changed, record));
            }
        }
        others.sort_by_key(|(changed, record)| (changed.len(), changed.clone(), record.seed));
        Ok(others)
    }

    /// What the networks of an experiment came to together.
    pub(crate) fn summary(&self, experiment: &str) -> Result<Summary> {
        let path = self.records().join(format!("{experiment}-summary.json"));
        if path.try_exists().is_ok_and(|there| !there) {
            let record = self.records().join(format!("{experiment}.json"));
            return Err(Error::input(format!(
                "{} is not there; `cargo run --release --bin train -- {experiment} --faithful --record {}` makes it",
                path.display(),
                record.display()
            )));
        }
        Summary::read(path)
    }

    /// The chapter's experiments that have no record yet, in the chapter's order.
    ///
    /// # Errors
    /// When the folder of records cannot be read.
    pub fn missing(&self) -> Result<Vec<String>> {
        let recorded = self.recorded()?;
        let has = |name: &str| {
            recorded.iter().any(|r| r == name || *r == format!("{name}-1") || *r == format!("{name}-summary"))
        };
        Ok(experiments::all().into_iter().map(|experiment| experiment.name).filter(|name| !has(name)).collect())
    }

    /// The names of all records, sorted.
    fn recorded(&self) -> Result<Vec<String>> {
        let folder = self.records();
        let unreadable = |e| Error::io(format!("reading {}", folder.display()), e);
        let mut names = vec![];
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
            names.extend(name.strip_suffix(".json").map(str::to_string));
        }
        names.sort();
        Ok(names)
    }

    fn records(&self) -> PathBuf {
        self.folder.join("records")
    }
}

/// All that two runs must have in common to be compared, but for habits and seed.
fn settings(record: &Record) -> impl PartialEq + use<'_> {
    let c = &record.configuration;
    let images = (&c.data, c.expanded, c.distortion, c.training_images, c.validation_images, c.test_images);
    (&c.layers, images, c.epochs, c.mini_batch_size, &c.eta, c.lambda.to_bits(), c.momentum.to_bits())
}

/// The run that the chapter would report: the best on the validation images, the last of equals.
pub fn reported(runs: &[Record]) -> Option<&Record> {
    runs.iter().max_by(|a, b| a.best.validation_accuracy.total_cmp(&b.best.validation_accuracy))
}

/// Smallest, mean and largest of some numbers; `None` when there are none.
pub fn range(numbers: impl IntoIterator<Item = f64>) -> Option<(f64, f64, f64)> {
    let numbers: Vec<f64> = numbers.into_iter().collect();
    let least = numbers.iter().copied().reduce(f64::min)?;
    let most = numbers.iter().copied().reduce(f64::max)?;
    Some((least, numbers.iter().sum::<f64>() / numbers.len() as f64, most))
}
