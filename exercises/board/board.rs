//! The board: judged like `cargo test`, shown in a table.

use crate::catalogue::Exercise;
use std::{
    env,
    path::Path,
    process::{Command, Output, Stdio},
};

/// Judges everything and shows how it stands.
pub fn show(root: &Path) -> Result<String, String> {
    let exercises = Exercise::all(root)?;
    if let Some(gone) = exercises.iter().find(|exercise| !root.join(exercise.file()).is_file()) {
        return Err(format!("{0} is missing; `git checkout {0}` brings it back", gone.file()));
    }
    build(root)?;
    let Output { stdout, .. } = judge(root, &["-q", "--", "--color", "never"])
        .stderr(Stdio::null())
        .output()
        .map_err(|e| format!("cannot run cargo: {e}"))?;
    let said = String::from_utf8_lossy(&stdout);
    let outcomes: Vec<(&str, State)> = said.lines().filter_map(outcome).collect();
    if outcomes.is_empty() {
        return Err("the judge says nothing; `cargo test` may tell why".into());
    }
    let rows: Vec<Row> = exercises.iter().map(|exercise| Row::new(exercise, &outcomes)).collect();
    let width = exercises.iter().map(|exercise| exercise.title.chars().count()).max().unwrap_or(0);
    let mut board = String::new();
    for row in &rows {
        let functions: Vec<_> = row.functions.iter().map(|(name, state)| format!("{} {name}", state.mark())).collect();
        let (number, title) = (row.exercise.number(), &row.exercise.title);
        board += &format!("{number}  {title:width$}  {:12}  {}\n", row.summary(), functions.join("  "));
    }
    board += "\n✓ done   ✗ wrong   · not started";
    let first = |state| rows.iter().find(|row| row.count(state) > 0).map(|row| row.exercise);
    if first(State::Broken).is_some() {
        board += "   ! the check is broken: our mistake, please report it";
    }
    board += &match (first(State::Broken).or(first(State::Wrong)), first(State::NotStarted)) {
        (Some(wrong), _) => format!("\nWhat is wrong: cargo test -p exercises ex{}", wrong.number()),
        (None, Some(next)) => format!("\nNext: open {}", next.file()),
        (None, None) => "\nAll done.".into(),
    };
    Ok(board)
}

/// How a function stands.
#[derive(Clone, Copy, PartialEq)]
enum State {
    Done,
    Wrong,
    NotStarted,
    Broken,
}

impl State {
    fn mark(self) -> char {
        match self {
            State::Done => '✓',
            State::Wrong => '✗',
            State::NotStarted => '·',
            State::Broken => '!',
        }
    }
}

/// How an exercise stands: its functions.
struct Row<'a> {
    exercise: &'a Exercise,
    functions: Vec<(&'a str, State)>,
}

impl<'a> Row<'a> {
    fn new(exercise: &'a Exercise, outcomes: &[(&'a str, State)]) -> Self {
        let start = format!("ex{}::", exercise.number());
        let functions =
            outcomes.iter().filter_map(|(name, state)| Some((name.strip_prefix(&start)?, *state))).collect();
        Row { exercise, functions }
    }

    fn count(&self, state: State) -> usize {
        self.functions.iter().filter(|(_, s)| *s == state).count()
    }

    fn summary(&self) -> String {
        let (done, all) = (self.count(State::Done), self.functions.len());
        if self.count(State::Broken) > 0 {
            "broken check".into()
        } else if self.count(State::Wrong) > 0 {
            "wrong".into()
        } else if done == 0 {
            "not started".into()
        } else if done == all {
            "done".into()
        } else {
            format!("{done} of {all}")
        }
    }
}

/// Name and state in a line of the judge: `test ex03::tanh ... ok`.
fn outcome(line: &str) -> Option<(&str, State)> {
    let (name, outcome) = line.strip_prefix("test ")?.split_once(" ... ")?;
    let state = match outcome {
        "ok" => State::Done,
        "FAILED" => State::Wrong,
        "BROKEN CHECK" => State::Broken,
        _ if outcome.starts_with("ignored") => State::NotStarted,
        _ => return None,
    };
    Some((name, state))
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
