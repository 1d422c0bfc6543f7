//! `{{#output …}}`: what a command prints. It is kept in `book/output`, because running it at every build would take
//! too long.

use crate::{
    Problem, Project, book, html,
    page::{Directive, Page},
    record::EXPERIMENTS,
    runs::needs_experiments,
};
use std::{env, fs, process::Command};

const FOLDER: &str = "book/output";

/// A block with the command and what it printed.
///
/// # Errors
/// When the output is not kept, or an option makes no sense.
pub fn render(project: &Project, directive: &Directive) -> Result<String, String> {
    directive.only(&["first"])?;
    let output = kept(project, directive.argument)?;
    let all: Vec<_> = output.lines().collect();
    let shown = match directive.option("first") {
        None => all.len(),
        Some(n) => n.parse().map_err(|_| format!("`first {n}`: how many lines?"))?,
    };
    let mut text = format!("$ cargo run --bin {}\n{}", directive.argument, all[..shown.min(all.len())].join("\n"));
    if shown < all.len() {
        text += "\n…";
    }
    Ok(html::fenced("console", &text))
}

/// The output of a command, as it is kept.
///
/// # Errors
/// When no command is given, and when its output is not kept.
pub fn kept(project: &Project, command: &str) -> Result<String, String> {
    if command.is_empty() {
        return Err("{{#output}} of which command? {{#output train -- --list}}".into());
    }
    let missing =
        format!("no output of `{command}` is kept; `cargo run -p weave -- output --write` runs it and keeps it");
    project.read(&file(command)).map_err(|_| missing)
}

/// Files that no page asks for any more.
pub fn unused(project: &Project, pages: &[Page]) -> Vec<Problem> {
    let used: Vec<_> = commands(pages).iter().map(|(_, command)| slug(command)).collect();
    let names = project.names(FOLDER);
    let unused = names.iter().filter(|name| !used.contains(name));
    unused
        .map(|name| Problem::new(format!("{FOLDER}/{name}"), 1, "no page shows this output: remove the file"))
        .collect()
}

/// Runs every command that a page shows, and compares or writes.
///
/// # Errors
/// When a command fails, when a file cannot be written, and, with `check`, when what is kept differs.
pub fn bring_up_to_date(project: &Project, check: bool) -> Result<String, Vec<Problem>> {
    let texts = book::read_pages(project)?;
    let pages: Vec<_> = texts.iter().map(|(file, text)| Page::new(file, text)).collect();
    let (mut said, mut problems) = (String::new(), vec![]);
    for (place, command) in commands(&pages) {
        let file = file(&command);
        let done = run(project, &command).and_then(|now| {
            let kept = fs::read_to_string(project.root.join(&file)).ok();
            if kept.as_deref() == Some(&now) {
                return Ok("up to date");
            }
            if check {
                let difference = kept.map_or("is missing".into(), |kept| difference(&kept, &now));
                return Err(format!(
                    "{file}, the output of `{command}`, {difference}; `cargo run -p weave -- output --write` renews it"
                ));
            }
            let write =
                fs::create_dir_all(project.root.join(FOLDER)).and_then(|()| fs::write(project.root.join(&file), now));
            write.map(|()| "written").map_err(|e| format!("{file}: {e}"))
        });
        match done {
            Ok(what) => said += &format!("{file}: {what}\n"),
            Err(message) => problems.push(Problem { message, ..place }),
        }
    }
    let unused = unused(project, &pages);
    if check {
        problems.extend(unused);
    } else {
        for Problem { file, .. } in unused {
            match fs::remove_file(project.root.join(&file)) {
                Ok(()) => said += &format!("{file}: removed\n"),
                Err(e) => problems.push(Problem::new(file, 1, e.to_string())),
            }
        }
    }
    if problems.is_empty() { Ok(said) } else { Err(problems) }
}

/// Every command once, with the place that asks for it first; and the list that `{{#result chapter.…}}` looks into.
fn commands(pages: &[Page]) -> Vec<(Problem, String)> {
    let mut commands: Vec<(Problem, String)> = vec![];
    for page in pages {
        for (at, directive) in page.directives() {
            let command = match directive.name {
                "output" => directive.argument,
                _ if needs_experiments(directive) => EXPERIMENTS,
                _ => continue,
            };
            if !commands.iter().any(|(_, known)| known == command) {
                commands.push((page.problem(at, ""), command.into()));
            }
        }
    }
    commands
}

fn run(project: &Project, command: &str) -> Result<String, String> {
    let words = command.split_whitespace();
    let cargo = env::var_os("CARGO").unwrap_or("cargo".into());
    let output = Command::new(cargo)
        .args(["run", "--quiet", "--locked", "--bin"])
        .args(words)
        .current_dir(&project.root)
        .output();
    let output = output.map_err(|e| format!("`{command}`: {e}"))?;
    if !output.status.success() {
        return Err(format!("`{command}` fails: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    String::from_utf8(output.stdout).map_err(|_| format!("`{command}` prints something that is not UTF-8"))
}

/// The first line in which they differ.
fn difference(kept: &str, now: &str) -> String {
    let (mut kept, mut now) = (kept.lines(), now.lines());
    for line in 1.. {
        match (kept.next(), now.next()) {
            (a, b) if a == b && a.is_some() => {}
            (None, None) => break,
            (a, b) => {
                let show = |line: Option<&str>| line.map_or("nothing".into(), |line| format!("`{line}`"));
                return format!("is stale: line {line} is {}, and would now be {}", show(a), show(b));
            }
        }
    }
    "is stale".into()
}

/// Where the output of a command is kept.
pub fn file(command: &str) -> String {
    format!("{FOLDER}/{}", slug(command))
}

/// `train -- --list` becomes `train-list.txt`.
fn slug(command: &str) -> String {
    let words = command.split(|c: char| !c.is_alphanumeric() && c != '.' && c != '_').filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-") + ".txt"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_called_after_their_commands() {
        assert_eq!(file("train -- --list"), format!("{FOLDER}/train-list.txt"));
    }

    #[test]
    fn differences() {
        assert_eq!(difference("a\nb\n", "a\nc\n"), "is stale: line 2 is `b`, and would now be `c`");
        assert_eq!(difference("a\n", "a\nc\n"), "is stale: line 2 is nothing, and would now be `c`");
        assert_eq!(difference("a", "a\n"), "is stale");
    }
}
