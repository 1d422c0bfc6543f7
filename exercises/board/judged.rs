//! What the judge says of the reader's functions: it writes that to a file, which no answer can write into.

use crate::catalogue::Exercise;
use std::{
    env, fs,
    path::Path,
    process::{self, Command, Output, Stdio},
};

/// How a function stands.
#[derive(Clone, Copy, PartialEq)]
pub enum State {
    Right,
    Wrong,
    NotStarted,
    /// It is our check that is wrong.
    Broken,
}

/// How functions stand: `ex03::tanh`. Only these exercises are judged.
pub fn outcomes(root: &Path, exercises: &[Exercise]) -> Result<Vec<(String, State)>, String> {
    if let Some(gone) = exercises.iter().find(|exercise| !root.join(exercise.file()).is_file()) {
        return Err(format!("{0} is missing; `git checkout {0}` brings it back", gone.file()));
    }
    build(root)?;
    let file = env::temp_dir().join(format!("exercises-{}.txt", process::id()));
    let mut command = judge(root, &["-q", "--", "-q", "--outcomes"]);
    command.arg(&file).args(exercises.iter().map(Exercise::number)).stdout(Stdio::null()).stderr(Stdio::null());
    let done = command.status().map_err(|e| format!("cannot run cargo: {e}"));
    let said = fs::read_to_string(&file);
    // It is not needed any more, whatever becomes of this.
    let _ = fs::remove_file(&file);
    done?;
    let said = said.map_err(|_| "the judge says nothing; `cargo judge` may tell why".to_string())?;
    Ok(said.lines().filter_map(outcome).collect())
}

/// A line of the judge: `ex03::tanh right`.
fn outcome(line: &str) -> Option<(String, State)> {
    let (name, word) = line.split_once(' ')?;
    let state = match word {
        "right" => State::Right,
        "wrong" => State::Wrong,
        "not-started" => State::NotStarted,
        "broken" => State::Broken,
        _ => return None,
    };
    Some((name.into(), state))
}

/// `cargo test` of the exercises alone.
fn judge(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    command
        .current_dir(root)
        .args(["test", "--manifest-path", "exercises/Cargo.toml", "--test", "judge"])
        .args(arguments);
    command
}

/// Builds the judge with the reader's files. Where that fails the compiler says why, and the error names the files.
fn build(root: &Path) -> Result<(), String> {
    let explain = |e| format!("cannot run cargo: {e}");
    if judge(root, &["--no-run"]).status().map_err(explain)?.success() {
        return Ok(());
    }
    let Output { stderr, .. } = judge(root, &["--no-run", "--message-format", "short"]).output().map_err(explain)?;
    let said = String::from_utf8_lossy(&stderr);
    let mut places: Vec<&str> = said
        .lines()
        .filter(|line| line.contains(": error"))
        .filter_map(|line| Some(&line[..line.find(".rs:")? + 3]))
        .collect();
    places.dedup();
    match &places[..] {
        [] => Err("the exercises do not compile; see above".into()),
        [one] => Err(format!("{one} does not compile; see above")),
        many => Err(format!("these do not compile, see above: {}", many.join(", "))),
    }
}
