//! Hints, one at a time, and for one function at a time.

use crate::{catalogue::Exercise, text};
use std::{collections::BTreeMap, fs, path::Path};

/// How many there are for each function: a nudge, a push, nearly the answer.
const HINTS: usize = 3;

/// What is asked for.
pub struct Wanted {
    pub function: Option<String>,
    pub which: Option<usize>,
    /// Begin with the first one again.
    pub again: bool,
}

impl Wanted {
    /// From the words behind the exercise: `tanh`, `2`, or both.
    pub fn read(words: &[String], again: bool) -> Result<Wanted, String> {
        let mut wanted = Wanted { function: None, which: None, again };
        for word in words {
            match word.parse::<usize>() {
                Ok(which) if !(1..=HINTS).contains(&which) => {
                    return Err(format!("there is no hint {which}: they are numbered from 1 to {HINTS}"));
                }
                Ok(_) if again => return Err("a number and --again are asked for: which is it?".into()),
                Ok(which) => wanted.which = Some(which),
                Err(_) => wanted.function = Some(word.clone()),
            }
        }
        Ok(wanted)
    }
}

/// The hint that is asked for, or the one after the last that was shown.
pub fn show(root: &Path, exercise: &Exercise, wanted: &Wanted) -> Result<String, String> {
    let function = function(root, exercise, wanted.function.as_deref())?;
    let number = exercise.number();
    let (memory, key) = (root.join("runs/hints.txt"), format!("{number}::{function}"));
    let mut shown = remembered(&memory);
    let last = if wanted.again { 0 } else { shown.get(&key).copied().unwrap_or(0) };
    let command = "cargo run --bin exercises --";
    let Some(hint) = wanted.which.or((last < HINTS).then_some(last + 1)) else {
        return Ok(format!(
            "You have seen all {HINTS} hints for {function} of exercise {number}.\n\
             From the first: {command} hint {number} {function} --again\n\
             The solution:   {command} solution {number}"
        ));
    };
    let path = root.join("judge/src").join(&exercise.name).join("hints.md");
    let text = fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let hints: Vec<&str> =
        text.split("## ").skip(1).filter_map(|section| Some(section.split_once('\n')?.1.trim())).collect();
    let said = hints.get(hint - 1).ok_or_else(|| format!("{} has no hint {hint}", path.display()))?;
    let said = text::wrapped(&of_function(said, &exercise.functions, function), text::width());
    shown.insert(key, hint);
    let note = match remember(&memory, &shown) {
        Ok(()) => String::new(),
        // Whoever needs a hint shall have it; only the next one has to be asked for by its number.
        Err(e) => format!("\n\n(Not noted down that you have seen it, {}: {e})", memory.display()),
    };
    Ok(format!("{number}  {}: {function}, hint {hint} of {HINTS}\n\n{said}{note}", exercise.title))
}

/// The function that is asked about; the first that has not been begun, unless it is said.
fn function<'a>(root: &Path, exercise: &'a Exercise, said: Option<&str>) -> Result<&'a str, String> {
    let all = || exercise.functions.join(", ");
    match said {
        Some(said) => {
            let plain = said.rsplit("::").next().unwrap_or_default();
            let found = exercise.functions.iter().find(|function| *function == plain);
            found
                .map(String::as_str)
                .ok_or_else(|| format!("exercise {} has no function {said}; it has {}", exercise.number(), all()))
        }
        None => exercise.next(root).map(String::as_str).ok_or_else(|| {
            let (number, first) = (exercise.number(), exercise.functions.first().map_or("", |first| first));
            format!(
                "all functions of exercise {number} are begun: say which, `hint {number} {first}`; there are {}",
                all()
            )
        }),
    }
}

/// What a hint has for a function: paragraphs that come before all others, and those from a paragraph on that begins
/// with its name, as in "`tanh`, `tanh_prime`: …".
pub fn of_function(hint: &str, functions: &[String], function: &str) -> String {
    let mut meant: Option<bool> = None;
    let mut said = vec![];
    for paragraph in hint.split("\n\n") {
        let mut paragraph = paragraph;
        if let Some((names, text)) = named(paragraph, functions) {
            meant = Some(names.contains(&function));
            paragraph = text;
        }
        if meant != Some(false) && !paragraph.trim().is_empty() {
            said.push(paragraph.trim());
        }
    }
    said.join("\n\n")
}

/// The functions that a paragraph begins with, and the rest of it.
fn named<'a>(paragraph: &'a str, functions: &[String]) -> Option<(Vec<&'a str>, &'a str)> {
    let (names, text) = paragraph.split_once("`:")?;
    let names: Vec<&str> = names.split(',').map(|name| name.trim().trim_matches('`')).collect();
    names.iter().all(|name| functions.iter().any(|function| function == name)).then_some((names, text))
}

/// How many hints have been shown, by function. A file that is not there, or makes no sense, remembers nothing.
fn remembered(memory: &Path) -> BTreeMap<String, usize> {
    let text = fs::read_to_string(memory).unwrap_or_default();
    let line = |line: &str| line.split_once(' ').and_then(|(name, n)| Some((name.into(), n.parse().ok()?)));
    text.lines().filter_map(line).collect()
}

fn remember(memory: &Path, shown: &BTreeMap<String, usize>) -> std::io::Result<()> {
    if let Some(folder) = memory.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = memory.with_extension("txt.new");
    fs::write(&new, shown.iter().map(|(name, n)| format!("{name} {n}\n")).collect::<String>())?;
    fs::rename(new, memory)
}
