//! The board: judged like `cargo test`, shown in a table.

use crate::{
    catalogue::Exercise,
    judged::{self, State},
};
use anstyle::{AnsiColor, Style};
use std::path::Path;

/// As much of a title as fits beside the rest in eighty columns.
const TITLE: usize = 44;
/// The marks of five functions, and blanks between them.
const MARKS: usize = 9;

/// Judges everything and shows how it stands.
pub fn show(root: &Path) -> Result<String, String> {
    let exercises = Exercise::by_ease(root)?;
    let outcomes = judged::outcomes(root, &exercises)?;
    let rows: Vec<Row> = exercises.iter().map(|exercise| Row::new(exercise, &outcomes)).collect();
    let mut board: String = rows.iter().map(Row::line).collect();
    board += &format!(
        "\n{} right  {} wrong  {} not started",
        State::Right.mark(),
        State::Wrong.mark(),
        State::NotStarted.mark()
    );
    if rows.iter().any(|row| row.count(State::Broken) > 0) {
        board += &format!("  {} the check is broken: please report it", State::Broken.mark());
    }
    let done = rows.iter().filter(|row| row.count(State::Right) == row.functions.len()).count();
    let sum = |state| rows.iter().map(|row| row.count(state)).sum::<usize>();
    let functions: usize = rows.iter().map(|row| row.functions.len()).sum();
    board +=
        &format!("\n{done} of {} exercises done, {} of {functions} functions right", rows.len(), sum(State::Right));
    for (row, function) in rows.iter().flat_map(|row| row.of(State::Wrong).map(move |function| (row, function))) {
        let number = row.exercise.number();
        board += &format!("\nWrong: {function} of exercise {number}. Why: cargo judge {number}");
    }
    // What has been begun comes before what is new.
    let waiting = |row: &&Row| row.count(State::NotStarted) > 0;
    let begun = rows.iter().filter(waiting).find(|row| row.count(State::Right) + row.count(State::Wrong) > 0);
    board += &match begun.or_else(|| rows.iter().find(waiting)) {
        Some(row) => {
            format!("\nNext: {}, in {}", row.of(State::NotStarted).next().unwrap_or_default(), row.exercise.file())
        }
        None if done == rows.len() => "\nAll done.".into(),
        None => String::new(),
    };
    Ok(board)
}

impl State {
    fn mark(self) -> String {
        let (mark, style) = match self {
            State::Right => ("✓", AnsiColor::Green.on_default()),
            State::Wrong => ("✗", AnsiColor::Red.on_default()),
            State::NotStarted => ("·", Style::new()),
            State::Broken => ("!", AnsiColor::Magenta.on_default()),
        };
        format!("{style}{mark}{style:#}")
    }
}

/// How an exercise stands: its functions.
struct Row<'a> {
    exercise: &'a Exercise,
    functions: Vec<(&'a str, State)>,
}

impl<'a> Row<'a> {
    fn new(exercise: &'a Exercise, outcomes: &'a [(String, State)]) -> Self {
        let start = format!("ex{}::", exercise.number());
        let functions =
            outcomes.iter().filter_map(|(name, state)| Some((name.strip_prefix(&start)?, *state))).collect();
        Row { exercise, functions }
    }

    fn of(&self, state: State) -> impl Iterator<Item = &'a str> {
        self.functions.iter().filter(move |(_, s)| *s == state).map(|(name, _)| *name)
    }

    fn count(&self, state: State) -> usize {
        self.of(state).count()
    }

    fn line(&self) -> String {
        let title = &self.exercise.title;
        let cut = match title.char_indices().nth(TITLE) {
            Some((end, _)) if title.chars().count() > TITLE => {
                let end = title[..end].char_indices().next_back().map_or(0, |(last, _)| last);
                format!("{}…", &title[..end])
            }
            _ => title.clone(),
        };
        let marks: Vec<String> = self.functions.iter().map(|(_, state)| state.mark()).collect();
        let room = " ".repeat(MARKS.saturating_sub((2 * marks.len()).saturating_sub(1)));
        let summary = self.summary();
        format!("{}  {cut:TITLE$}  {}{room}  {summary}\n", self.exercise.number(), marks.join(" "))
    }

    fn summary(&self) -> String {
        let (done, all) = (self.count(State::Right), self.functions.len());
        if self.count(State::Broken) > 0 {
            "broken check".into()
        } else if self.count(State::Wrong) > 0 {
            format!("{} wrong", self.count(State::Wrong))
        } else if done == 0 {
            "not started".into()
        } else if done == all {
            "done".into()
        } else {
            format!("{done} of {all}")
        }
    }
}
