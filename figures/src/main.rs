//! Draws the book's figures, or checks that they are up to date.

use clap::{Parser, builder::PossibleValuesParser};
use figures::{FIGURES, Figure, Sources, State};
use network3::Result;
use std::{
    fmt::Arguments,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Draw the book's figures from records and models.
#[derive(Parser)]
struct Args {
    /// Which figures; all of them when none is named
    #[arg(value_name = "NAME", value_parser = PossibleValuesParser::new(FIGURES.iter().map(|f| f.name)))]
    names: Vec<String>,
    /// Write nothing: compare with the files that are there, and fail when one is out of date
    #[arg(long)]
    check: bool,
    /// Show the figures' names and captions, and draw nothing
    #[arg(long)]
    list: bool,
    /// Where the figures lie, with records/ and models/ below
    #[arg(long, value_name = "DIR", default_value = "figures")]
    folder: PathBuf,
}

fn main() -> ExitCode {
    let Args { names, check, list, folder } = Args::parse();
    let wanted = || FIGURES.iter().filter(|f| names.is_empty() || names.iter().any(|n| n == f.name));
    if list {
        return match wanted().try_for_each(|f| writeln!(io::stdout(), "{}: {}", f.name, f.caption)) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
                eprintln!("error: writing the list: {e}");
                ExitCode::FAILURE
            }
            _ => ExitCode::SUCCESS,
        };
    }
    let mut ok = true;
    for figure in wanted() {
        match bring_up_to_date(figure, &folder, check) {
            Ok((good, said)) => {
                say(format_args!("{}: {said}", figure.name));
                ok &= good;
            }
            Err(e) => {
                eprintln!("error: {e}");
                ok = false;
            }
        }
    }
    if names.is_empty() && !list {
        ok &= tell_missing(&folder);
    }
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Says which experiments are not in the figures because nobody has run them: that alone is no failure.
fn tell_missing(folder: &Path) -> bool {
    match Sources::new(folder).missing() {
        Ok(missing) if missing.is_empty() => true,
        Ok(missing) => {
            let records = folder.join("records");
            say(format_args!(
                "not run yet, and in no figure: {}; `cargo run --release --bin train -- NAME --faithful --record {}/NAME.json` makes \
                 a record",
                missing.join(", "),
                records.display()
            ));
            true
        }
        Err(e) => {
            eprintln!("error: {e}");
            false
        }
    }
}

/// A line for the reader, if one is there.
fn say(line: Arguments) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Draws one figure and writes it where it has changed, or only says whether it has. Is all well, and what is there to
/// say?
fn bring_up_to_date(figure: &Figure, folder: &Path, check: bool) -> Result<(bool, &'static str)> {
    let svg = figure.draw(&Sources::new(folder))?;
    Ok(match figure.check(folder, &svg)? {
        State::UpToDate => (true, "up to date"),
        State::Differs if check => (false, "out of date"),
        State::Missing if check => (false, "missing"),
        State::Differs | State::Missing => {
            figure.write(folder, &svg)?;
            (true, "drawn")
        }
    })
}
