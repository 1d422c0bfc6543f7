//! Makes exercises out of their solutions: `exercises/exNN.rs` is `solutions/exNN.rs` with the bodies taken out.
//!
//! `--write` writes them, but not over somebody's work. `--check` writes nothing and fails where a file is not what
//! would be written.

use clap::{ArgGroup, Parser};
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Make the exercises out of their solutions.
#[derive(Parser)]
#[command(group(ArgGroup::new("what").required(true).args(["check", "write"])))]
struct Args {
    /// Write nothing; fail when a file differs
    #[arg(long)]
    check: bool,
    /// Write the exercises; those that somebody has worked on are left alone
    #[arg(long)]
    write: bool,
    /// Write those, too
    #[arg(long, requires = "write")]
    force: bool,
    /// The folder with `exercises` and `solutions`
    #[arg(long, value_name = "DIR", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../.."), hide_default_value = true)]
    root: PathBuf,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("error: {e}");
            ExitCode::FAILURE
        }
    }
}

/// How many files are not what they should be?
fn run(args: &Args) -> Result<usize, String> {
    let (solutions, exercises) = (args.root.join("solutions"), args.root.join("exercises"));
    let names = exercise_names(&solutions)?;
    let mut bad = 0;
    for name in exercise_names(&exercises)?.iter().filter(|name| !names.contains(name)) {
        eprintln!("exercises/{name}: there is no solutions/{name}");
        bad += 1;
    }
    for name in names {
        let solution = read(&solutions.join(&name))?;
        let stub = stubs::stub(&solution)
            .map_err(|e| format!("solutions/{name}:{}: this is not Rust: {e}", e.span().start().line))?;
        let path = exercises.join(&name);
        let there = if path.exists() { Some(read(&path)?) } else { None };
        match there {
            Some(text) if text == stub => {}
            Some(text) if args.check => {
                eprintln!("exercises/{name}:{}", difference(&text, &stub));
                bad += 1;
            }
            None if args.check => {
                eprintln!("exercises/{name}: missing");
                bad += 1;
            }
            Some(text) if !args.force && !stubs::is_stub(&text) => {
                eprintln!("exercises/{name}: somebody has worked on it; --force writes over it");
                bad += 1;
            }
            _ => {
                write(&path, &stub)?;
                println!("exercises/{name}: written");
            }
        }
    }
    if args.check && bad > 0 {
        eprintln!("`cargo run -p stubs -- --write` writes the exercises anew");
    }
    Ok(bad)
}

/// The files of the exercises in a folder, in order.
fn exercise_names(folder: &Path) -> Result<Vec<String>, String> {
    let explain = |e: io::Error| format!("{}: {e}", folder.display());
    let mut names = vec![];
    for entry in fs::read_dir(folder).map_err(explain)? {
        let name = entry.map_err(explain)?.file_name().to_string_lossy().into_owned();
        if name.starts_with("ex") && name.ends_with(".rs") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))
}

/// Writes all of it or nothing.
fn write(path: &Path, text: &str) -> Result<(), String> {
    let new = path.with_extension("rs.new");
    fs::write(&new, text).and_then(|()| fs::rename(&new, path)).map_err(|e| format!("{}: {e}", path.display()))
}

/// The first line that differs, its number first.
fn difference(there: &str, stub: &str) -> String {
    let same = there.lines().zip(stub.lines()).take_while(|(a, b)| a == b).count();
    let line = |text: &str| text.lines().nth(same).map_or("nothing".into(), |line| format!("{line:?}"));
    format!("{}: the solution without its bodies has {} here, this file {}", same + 1, line(stub), line(there))
}
