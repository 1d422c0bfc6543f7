//! How a system is to run.

use super::{Clock, Findings, Keeper, Record};
use clap::Args;
use experiments::{
    machine,
    program::{Lock, cores, images},
    say,
};
use network3::{Error, Result, Threads, data::Splits, files};
use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::Serialize;
use serde_json::{Map, Value};
use std::{cell::OnceCell, path::PathBuf, sync::Arc};

/// The options that every system takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Runs")]
pub struct Common {
    /// A smaller version, of about a minute
    #[arg(long)]
    pub quick: bool,
    /// Seed of all random numbers: same seed, same result
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Work on N threads [default: all cores]; the result is the same
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
    /// Images: mnist, digits (built in), or a folder with four IDX files [default: mnist if it is there, else digits]
    #[arg(long, value_name = "mnist|digits|PATH")]
    pub data: Option<String>,
    /// Go on where the run was stopped
    #[arg(long, conflicts_with = "replace")]
    pub resume: bool,
    /// Run anew, and replace what an earlier run has left
    #[arg(long)]
    pub replace: bool,
    /// Keep checkpoints and records in DIR
    #[arg(long, value_name = "DIR", default_value = "runs")]
    pub folder: PathBuf,
    /// Write the record of the run (JSON)
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
}

/// A run of a system: its options, its data, its files.
pub struct Setting {
    /// What the system is called.
    pub name: &'static str,
    /// Is it the smaller version?
    pub quick: bool,
    /// Of all random numbers.
    pub seed: u64,
    common: Common,
    threads: Arc<Threads>,
    splits: OnceCell<Splits>,
    clock: Arc<Clock>,
    commit: Option<String>,
    _lock: Lock,
}

impl Setting {
    /// Takes possession of the run's files, before anything is computed.
    ///
    /// # Errors
    /// When a file cannot be written or another program is at it, and when no threads can be started.
    pub fn start(common: &Common, name: &'static str) -> Result<Self> {
        let kept = common.folder.join(file_name(name, common));
        for file in [Some(&kept.with_extension("json")), common.record.as_ref()].into_iter().flatten() {
            files::check(file, 0)?;
            files::remove_leftovers(file);
        }
        Ok(Setting {
            name,
            quick: common.quick,
            seed: common.seed,
            common: common.clone(),
            threads: Arc::new(Threads::new(common.threads.map_or_else(cores, usize::from))?),
            splits: OnceCell::new(),
            clock: Arc::new(Clock::start()),
            // Of the program as it is now: the source may change while it runs.
            commit: machine::commit(),
            _lock: Lock::take(kept.with_extension("lock"))?,
        })
    }

    /// The threads to work on.
    pub fn threads(&self) -> Arc<Threads> {
        self.threads.clone()
    }

    /// How many they are.
    pub fn thread_count(&self) -> usize {
        self.common.threads.map_or_else(cores, usize::from)
    }

    /// The labelled digits that `--data` asks for, read when they are first asked for.
    ///
    /// # Errors
    /// When they are not there or cannot be read.
    pub fn splits(&self) -> Result<&Splits> {
        if self.splits.get().is_none() {
            let splits = images::load(self.common.data.as_deref(), None)?;
            say!("{}", images::describe(&splits));
            let _ = self.splits.set(splits);
        }
        self.splits.get().ok_or_else(|| Error::input("there are no images"))
    }

    /// Random numbers of a stream of their own.
    pub fn rng(&self, stream: u64) -> Xoshiro256PlusPlus {
        rng(self.seed, stream)
    }

    /// A checkpoint of a part of this run: `runs/NAME-PART-SEED.safetensors`. `settings` is what the part depends on,
    /// beside seed, version and data; a checkpoint with others is not gone on from.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keeper(&self, part: &str, settings: &impl Serialize) -> Result<Keeper> {
        let json = |e| Error::input(format!("the settings of {}: {e}", self.name));
        let mut identity = Map::new();
        identity.insert("settings".into(), serde_json::to_value(settings).map_err(json)?);
        identity.insert("system".into(), self.name.into());
        identity.insert("part".into(), part.into());
        identity.insert("seed".into(), self.seed.into());
        identity.insert("quick".into(), self.quick.into());
        let sum = self.splits.get().map(Splits::sha256);
        identity.insert("data_sha256".into(), sum.map_or(Value::Null, Value::from));
        let part = if part.is_empty() { String::new() } else { format!("-{part}") };
        let file = self.common.folder.join(format!("{}{part}.safetensors", file_name(self.name, &self.common)));
        Keeper::new(file, identity, self.common.resume, self.clock.clone())
    }

    /// Where a system keeps what it made for later runs, as a trained network: in the folder of runs.
    pub fn path(&self, file: &str) -> PathBuf {
        self.common.folder.join(file)
    }

    /// How long it has taken so far, over all the times that it was stopped.
    pub fn seconds(&self) -> f64 {
        super::round(self.clock.seconds(), 1)
    }

    /// Writes down what came of it, in the folder of runs and where `--record` says.
    ///
    /// # Errors
    /// When a number among the findings cannot be, when a record of another system stands there, and when it cannot be
    /// written.
    pub fn finish<T: Findings>(&self, findings: T) -> Result<Record<T>> {
        let record = Record {
            system: self.name.into(),
            quick: self.quick,
            seed: self.seed,
            threads: self.thread_count(),
            processor: machine::processor(),
            commit: self.commit.clone(),
            data: self.splits.get().map(|splits| splits.name.clone()),
            data_sha256: self.splits.get().map(Splits::sha256),
            seconds: self.seconds(),
            findings,
        };
        let kept = self.common.folder.join(format!("{}.json", file_name(self.name, &self.common)));
        for file in [Some(&kept), self.common.record.as_ref()].into_iter().flatten() {
            record.may_replace(file, self.common.replace)?;
            record.write(file)?;
            say!("the record is in {}", file.display());
        }
        Ok(record)
    }
}

/// `adversarial-1`, `adversarial-quick-1`
fn file_name(name: &str, common: &Common) -> String {
    format!("{name}{}-{}", if common.quick { "-quick" } else { "" }, common.seed)
}

/// Random numbers that depend on the seed of a run and the number of a stream: each purpose has a stream of its own, so
/// that one more number drawn for one changes none of another.
pub fn rng(seed: u64, stream: u64) -> Xoshiro256PlusPlus {
    // The golden ratio times 2⁶⁴ spreads neighbouring streams over all 64 bits.
    Xoshiro256PlusPlus::seed_from_u64(seed ^ stream.wrapping_mul(0x9E37_79B9_7F4A_7C15))
}
