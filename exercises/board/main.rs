//! What there is to do, and hints.

mod board;
mod catalogue;
mod hints;

use catalogue::Exercise;
use clap::{Parser, Subcommand};
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Show which exercises are done, wrong and not started.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Show the next hint for an exercise
    Hint {
        /// Which exercise: 03
        exercise: String,
        /// Show this one
        #[arg(value_parser = clap::value_parser!(u8).range(1..=3))]
        which: Option<u8>,
        /// Begin with the first one again
        #[arg(long, conflicts_with = "which")]
        again: bool,
    },
    /// Say where the solution of an exercise is
    Solution {
        /// Which exercise: 03
        exercise: String,
    },
}

fn main() -> ExitCode {
    match run(Args::parse(), &root()) {
        Ok(text) => {
            // The reader may have gone.
            let _ = writeln!(io::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("error: {e}");
            ExitCode::FAILURE
        }
    }
}

/// The folder that holds `exercises` and all the rest.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_path_buf()
}

fn run(args: Args, root: &Path) -> Result<String, String> {
    match args.command {
        None => board::show(root),
        Some(Command::Hint { exercise, which, again }) => {
            hints::show(root, &Exercise::find(root, &exercise)?, which.map(usize::from), again)
        }
        Some(Command::Solution { exercise }) => Ok(Exercise::find(root, &exercise)?.solution()),
    }
}
