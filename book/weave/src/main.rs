//! The command: see the README beside `src`.

use std::{
    env,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};
use weave::{Failure, Project, book, coverage, output, readme};

const USAGE: &str = "\
weave                            weave a book that mdBook passes in as JSON
weave coverage                   which lines of src/ no page shows
      coverage --missing FILE    those lines themselves
      coverage --require N       fail below N %
weave output --check             run the commands whose output the book shows, and compare
      output --write             run them, and keep what they say
weave readme --check             compare the numbers and tables in README.md with the records
      readme --write             renew them";

fn main() -> ExitCode {
    let args: Vec<_> = env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        [] => preprocess(),
        ["supports", renderer] => return if renderer == "html" { ExitCode::SUCCESS } else { ExitCode::FAILURE },
        ["coverage"] => project().and_then(|p| coverage::report(&p, None).map_err(Failure::Problems)),
        ["coverage", "--require", percent] => match percent.parse() {
            Ok(percent) => project().and_then(|p| coverage::report(&p, Some(percent)).map_err(Failure::Problems)),
            Err(_) => Err(Failure::Other(format!("--require takes a number of per cent, not {percent:?}"))),
        },
        ["coverage", "--missing", file] => {
            project().and_then(|p| coverage::missing(&p, file).map_err(Failure::Problems))
        }
        ["output", "--check"] => project().and_then(|p| output::bring_up_to_date(&p, true).map_err(Failure::Problems)),
        ["output", "--write"] => project().and_then(|p| output::bring_up_to_date(&p, false).map_err(Failure::Problems)),
        ["readme", "--check"] => project().and_then(|p| readme::bring_up_to_date(&p, true).map_err(Failure::Problems)),
        ["readme", "--write"] => project().and_then(|p| readme::bring_up_to_date(&p, false).map_err(Failure::Problems)),
        _ => Err(Failure::Other(format!("this is not a command of weave. There are:\n\n{USAGE}"))),
    };
    match done {
        Ok(said) => {
            // Nobody reading it is no failure.
            let _ = io::stdout().write_all(said.as_bytes());
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// What mdBook asks of a preprocessor: the book comes in on standard input, and goes out on standard output.
fn preprocess() -> Result<String, Failure> {
    let mut json = String::new();
    io::stdin().read_to_string(&mut json).map_err(|e| Failure::Other(format!("standard input: {e}")))?;
    book::preprocess(&json)
}

/// The project around the folder that weave is called in.
fn project() -> Result<Project, Failure> {
    let here = env::current_dir().map_err(|e| Failure::Other(e.to_string()))?;
    let root = here.ancestors().find(|folder| folder.join("book.toml").is_file()).map(Path::to_path_buf);
    let root: PathBuf = root.ok_or_else(|| Failure::Other("there is no book.toml here, nor above".into()))?;
    Ok(Project::new(root))
}
