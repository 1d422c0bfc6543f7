//! README.md, which nobody weaves when it is read: its numbers and tables stand in it, between two comments that say
//! where they are from, and `weave readme` keeps them true.
//!
//! ```text
//! reads <!-- {{#result runs.shallow.test_accuracy | percent}} -->97.82 %<!-- / --> of the images
//! ```

use crate::{
    Problem, Project, figure, numbers,
    page::{Directive, Page},
    record, runs,
};
use std::fs;

const FILE: &str = "README.md";
const OPEN: &str = "<!-- {{#";
const CLOSE: &str = "<!-- / -->";

/// Renews what is woven in README.md, or compares it.
///
/// # Errors
/// When a directive is wrong or not closed, when a number is typed, and, with `check`, when something is stale.
pub fn bring_up_to_date(project: &Project, check: bool) -> Result<String, Vec<Problem>> {
    let text = project.read(FILE).map_err(|message| vec![Problem::new(FILE, 1, message)])?;
    let (now, mut problems) = renewed(project, &text);
    if check && problems.is_empty() && now != text {
        let line = 1 + text.lines().zip(now.lines()).take_while(|(before, after)| before == after).count();
        let message = format!(
            "this is stale, and would now be `{}`; `cargo run -p weave -- readme --write` renews it",
            now.lines().nth(line - 1).unwrap_or("")
        );
        problems.push(Problem::new(FILE, line, message));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    if now == text {
        return Ok(format!("{FILE}: up to date\n"));
    }
    let written = fs::write(project.root.join(FILE), now);
    written.map(|()| format!("{FILE}: written\n")).map_err(|e| vec![Problem::new(FILE, 1, e.to_string())])
}

/// The text with everything woven anew, and what is wrong with it.
fn renewed(project: &Project, text: &str) -> (String, Vec<Problem>) {
    let page = Page::new(FILE, text);
    let (mut out, mut typed) = (String::new(), text.as_bytes().to_vec());
    let mut problems = vec![];
    let mut at = 0;
    while let Some(open) = text[at..].find(OPEN).map(|found| at + found) {
        let inside = open + OPEN.len();
        let parts = text[inside..].find("}} -->").map(|end| inside + end).and_then(|end| {
            let from = end + "}} -->".len();
            Some((Directive::new(&text[inside..end], true), from, from + text[from..].find(CLOSE)?))
        });
        let Some((directive, from, to)) = parts else {
            problems.push(page.problem(open, format!("this is never closed: {CLOSE} ends what is woven")));
            break;
        };
        out += &text[at..from];
        match woven(project, &directive) {
            Ok(woven) => out += &woven,
            Err(message) => problems.push(page.problem(open, message)),
        }
        typed[from..to].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'_');
        at = to;
    }
    out += &text[at..];
    let typed = String::from_utf8(typed).expect("comments begin and end between characters");
    problems.extend(numbers::typed(&Page::new(FILE, &typed)));
    (out, problems)
}

fn woven(project: &Project, directive: &Directive) -> Result<String, String> {
    match directive.name {
        "result" => record::result(project, directive),
        "given" => numbers::given(directive),
        "table" => Ok(format!("\n{}\n", runs::table(project, directive)?)),
        "figure" => Ok(format!("\n{}\n", figure::linked(project, directive)?)),
        name => Err(format!("{FILE} can have result, given, table and figure, not {{{{#{name}}}}}")),
    }
}
