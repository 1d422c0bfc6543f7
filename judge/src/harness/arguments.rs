//! The command line of a test program.

use clap::Parser;
use std::num::NonZero;

/// What can be said behind `cargo test --`: what other test programs take, as far as it makes sense here.
#[derive(Parser)]
#[command(disable_version_flag = true)]
pub struct Arguments {
    /// Judge only functions whose names contain one of these: `ex03`, `ex03::tanh`
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

    // Whether a function is ignored shows only when it is called.
    #[arg(long, hide = true)]
    ignored: bool,
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
    /// Is this function asked for?
    pub fn want(&self, name: &str) -> bool {
        let is = |wanted: &String| if self.exact { name == wanted } else { name.contains(wanted) };
        // Nothing is ignored before it is called, and nothing is a benchmark.
        !self.ignored
            && !self.bench
            && (self.names.is_empty() || self.names.iter().any(is))
            && !self.skip.iter().any(is)
    }

    pub fn terse(&self) -> bool {
        self.quiet || self.format.as_deref() == Some("terse")
    }
}
