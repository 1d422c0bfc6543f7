//! The command line of a test program.

use super::selection::{Known, full_name, meant};
use clap::Parser;
use std::{num::NonZero, path::PathBuf};

/// What can be said behind `cargo test --`: what other test programs take, as far as it makes sense here.
#[derive(Parser)]
#[command(disable_version_flag = true)]
pub struct Arguments {
    /// Judge only these: `03`, `ex03`, `ex03_tanh.rs`, `ex03::tanh`, or a part of a function's name
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// The names are whole names
    #[arg(long)]
    exact: bool,
    /// Leave out functions whose names contain this
    #[arg(long, value_name = "NAME")]
    skip: Vec<String>,
    /// List the functions and judge none
    #[arg(long)]
    pub list: bool,
    /// How many are judged at the same time
    #[arg(long, value_name = "N")]
    pub test_threads: Option<NonZero<usize>>,
    /// Let them print while they are judged
    #[arg(long, visible_alias = "no-capture")]
    pub nocapture: bool,
    /// One character for each function
    #[arg(long, short, conflicts_with = "format")]
    quiet: bool,
    #[arg(long, value_name = "FORMAT", value_parser = ["pretty", "terse"])]
    format: Option<String>,
    /// Colours
    #[arg(long, value_name = "WHEN", value_parser = ["auto", "always", "never"], default_value = "auto")]
    pub color: String,

    /// For the board: a file for the outcomes, which no answer can write into
    #[arg(long, hide = true)]
    pub outcomes: Option<PathBuf>,
    /// Only what is not started
    #[arg(long, hide = true)]
    pub ignored: bool,
    #[arg(long, hide = true)]
    include_ignored: bool,
    #[arg(long, hide = true)]
    show_output: bool,
    #[arg(long, hide = true)]
    test: bool,
    #[arg(long, hide = true)]
    bench: bool,
    #[arg(short = 'Z', hide = true)]
    unstable: Option<String>,
}

impl Arguments {
    /// Which of the functions are asked for.
    ///
    /// # Errors
    /// When a name is that of an exercise or a function that there is not.
    pub fn select(&self, known: &[Known]) -> Result<Vec<bool>, String> {
        // Nothing is a benchmark.
        let mut wanted = vec![self.names.is_empty() && !self.bench; known.len()];
        for name in self.names.iter().filter(|_| !self.bench) {
            if self.exact {
                let is = |(exercise, function): &Known| full_name(exercise, function) == *name;
                wanted.iter_mut().zip(known).for_each(|(wanted, known)| *wanted |= is(known));
            } else {
                meant(name, known)?.into_iter().for_each(|i| wanted[i] = true);
            }
        }
        for name in &self.skip {
            let is = |(exercise, function): &Known| full_name(exercise, function).contains(name.as_str());
            wanted.iter_mut().zip(known).for_each(|(wanted, known)| *wanted &= !is(known));
        }
        Ok(wanted)
    }

    /// Names that were given, though none of the functions has them.
    pub fn names(&self) -> String {
        self.names.join(", ")
    }

    pub fn terse(&self) -> bool {
        self.quiet || self.format.as_deref() == Some("terse")
    }
}
