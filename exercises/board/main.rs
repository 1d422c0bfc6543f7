//! What there is to do, and hints.

mod board;
mod catalogue;
mod formula;
mod hints;
mod judged;
mod reflection;
mod text;

use catalogue::Exercise;
use clap::{Parser, Subcommand};
use std::{
    env,
    io::Write,
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
    /// Show the next hint for a function of an exercise
    Hint {
        /// Which exercise: 03
        exercise: String,
        /// Which function, else the first that is not begun; which hint, from 1 to 3, else the next
        #[arg(value_name = "FUNCTION|NUMBER", num_args = 0..=2)]
        wanted: Vec<String>,
        /// Begin with the first one again
        #[arg(long)]
        again: bool,
    },
    /// Show what an exercise shows, once it is done
    Reflection {
        /// Which exercise: 03
        exercise: String,
    },
    /// Say where the solution of an exercise is
    Solution {
        /// Which exercise: 03
        exercise: String,
    },
}

fn main() -> ExitCode {
    match root().and_then(|root| run(Args::parse(), &root)) {
        Ok(text) => {
            // Colours go where nobody sees them or wants them. And the reader may have gone.
            let _ = writeln!(anstream::stdout(), "{text}");
            ExitCode::SUCCESS
        }
        Err(e) => {
            eprintln!("error: {e}");
            ExitCode::FAILURE
        }
    }
}

/// The folder that holds `exercises` and all the rest: the one that cargo runs this in, or one above the current one.
/// The place where the program was compiled would be another one in a copy of it all.
fn root() -> Result<PathBuf, String> {
    let is = |folder: &&Path| folder.join("exercises/judge.rs").is_file() && folder.join("solutions").is_dir();
    let package = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let here = env::current_dir().map_err(|e| format!("the current folder: {e}"))?;
    let mut starts = package.iter().chain([&here]);
    let found = starts.find_map(|start| start.ancestors().find(is));
    found.map(Path::to_path_buf).ok_or_else(|| {
        format!(
            "{} is not in the repository: go to the folder with `exercises` in it, and call this there",
            here.display()
        )
    })
}

fn run(args: Args, root: &Path) -> Result<String, String> {
    match args.command {
        None => board::show(root),
        Some(Command::Hint { exercise, wanted, again }) => {
            // `03::tanh` says both.
            let (exercise, function) = exercise.split_once("::").unwrap_or((&exercise, ""));
            let words: Vec<String> =
                [function.to_string()].into_iter().filter(|f| !f.is_empty()).chain(wanted).collect();
            hints::show(root, &Exercise::find(root, exercise)?, &hints::Wanted::read(&words, again)?)
        }
        Some(Command::Reflection { exercise }) => reflection::show(root, Exercise::find(root, &exercise)?),
        Some(Command::Solution { exercise }) => Ok(Exercise::find(root, &exercise)?.solution()),
    }
}
