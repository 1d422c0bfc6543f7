//! Hints, one at a time.

use crate::catalogue::Exercise;
use std::{collections::BTreeMap, fs, path::Path};

/// How many there are for each exercise: a nudge, a push, nearly the answer.
const HINTS: usize = 3;

/// The hint that is asked for, or the one after the last that was shown.
pub fn show(root: &Path, exercise: &Exercise, which: Option<usize>, again: bool) -> Result<String, String> {
    let number = exercise.number();
    let memory = root.join("runs/hints.txt");
    let mut shown = remembered(&memory);
    let last = if again { 0 } else { shown.get(number).copied().unwrap_or(0) };
    let command = "cargo run --bin exercises --";
    let Some(hint) = which.or((last < HINTS).then_some(last + 1)) else {
        return Ok(format!(
            "You have seen all {HINTS} hints for exercise {number}.\n\
             From the first: {command} hint {number} --again\n\
             The solution:   {command} solution {number}"
        ));
    };
    let path = root.join("judge/src").join(&exercise.name).join("hints.md");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let hints: Vec<&str> =
        text.split("## ").skip(1).filter_map(|section| Some(section.split_once('\n')?.1.trim())).collect();
    let said = hints.get(hint - 1).ok_or_else(|| format!("{} has no hint {hint}", path.display()))?;
    shown.insert(number.into(), hint);
    remember(&memory, &shown).map_err(|e| format!("{}: {e}", memory.display()))?;
    Ok(format!("{number}  {}: hint {hint} of {HINTS}\n\n{said}", exercise.title))
}

/// How many hints have been shown, by exercise. A file that is not there, or makes no sense, remembers nothing.
fn remembered(memory: &Path) -> BTreeMap<String, usize> {
    let text = fs::read_to_string(memory).unwrap_or_default();
    let line = |line: &str| line.split_once(' ').and_then(|(number, n)| Some((number.into(), n.parse().ok()?)));
    text.lines().filter_map(line).collect()
}

fn remember(memory: &Path, shown: &BTreeMap<String, usize>) -> std::io::Result<()> {
    if let Some(folder) = memory.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(memory, shown.iter().map(|(number, n)| format!("{number} {n}\n")).collect::<String>())
}
