//! `{{#exercise …}}` and `{{#wrong-answers}}`: what the reader is to write, and what may go wrong.

use crate::{
    Project,
    fit::fitted,
    html, near,
    page::Directive,
    source::{Kind, Source},
};

const STUBS: &str = "exercises";
const SOLUTIONS: &str = "solutions";
const JUDGE: &str = "judge/src";
const GOLDEN: &str = "judge/golden";

/// An exercise, as far as it can be read from its files. Each text keeps the lines of its file, so that what is wrong
/// in it is found there.
pub struct Exercise {
    /// `03`
    pub number: String,
    pub title: String,
    /// The file to open: `exercises/ex03_tanh.rs`.
    pub file: String,
    pub statement: String,
    pub signatures: String,
    pub hints: Part,
    pub reflection: Part,
}

/// A file of Markdown.
pub struct Part {
    pub file: String,
    pub text: String,
}

impl Exercise {
    /// `level` is that of the heading it is to have.
    pub fn read(project: &Project, number: &str, level: usize) -> Result<Self, String> {
        let stem = stem(project, number)?;
        let (file, text) = readable(project, &stem)?;
        let source = Source::parse(&file, &text)?;
        let (title, statement) = statement(&text, level).ok_or_else(|| untitled(&file))?;
        let part = |name: &str| {
            let file = format!("{JUDGE}/{stem}/{name}.md");
            project.read(&file).map(|text| Part { file, text })
        };
        Ok(Exercise {
            number: number.into(),
            title,
            file: format!("{STUBS}/{stem}.rs"),
            statement,
            signatures: signatures(&source, &text),
            hints: part("hints")?,
            reflection: part("reflection")?,
        })
    }

    /// The number as people write it: 3 for `03`.
    pub fn ordinal(number: &str) -> &str {
        let short = number.trim_start_matches('0');
        if short.is_empty() { "0" } else { short }
    }
}

fn untitled(file: &str) -> String {
    format!("{file} has to begin with its title: `//! # …`")
}

/// `ex03_tanh`
fn stem(project: &Project, number: &str) -> Result<String, String> {
    let names = project.names(STUBS);
    let stems: Vec<_> = names.iter().filter_map(|name| name.strip_suffix(".rs")).collect();
    let wanted = format!("ex{number}_");
    let found: Vec<_> = stems.iter().filter(|stem| stem.starts_with(&wanted)).collect();
    match found[..] {
        [stem] => Ok(stem.to_string()),
        [] => {
            let numbers: Vec<_> = stems.iter().filter_map(|stem| stem.strip_prefix("ex")?.split('_').next()).collect();
            Err(format!("there is no {STUBS}/{wanted}*.rs{}", near::suggest(number, numbers)))
        }
        _ => Err(format!("{STUBS} has more than one file {wanted}*.rs")),
    }
}

/// The stub; or, where its reader is in the middle of a word, the solution, which says the same.
fn readable(project: &Project, stem: &str) -> Result<(String, String), String> {
    let read = |folder: &str| {
        let file = format!("{folder}/{stem}.rs");
        let text = project.read(&file)?;
        Source::parse(&file, &text).map(|_| (file, text))
    };
    read(STUBS).or_else(|said| read(SOLUTIONS).map_err(|_| said))
}

/// Title and text of the `//!` documentation at the top. The title's line becomes an empty one.
fn statement(text: &str, level: usize) -> Option<(String, String)> {
    let mut title = None;
    let mut lines = vec![];
    let mut code = false;
    for line in text.lines().map_while(|line| line.strip_prefix("//!")) {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.starts_with("```") {
            code = !code;
            // What rustdoc takes for Rust.
            lines.push(if code && line == "```" { "```rust".into() } else { line.to_string() });
        } else if !code && title.is_none() && line.starts_with("# ") {
            title = Some(line[2..].trim().to_string());
            lines.push(String::new());
        } else if !code && line.starts_with('#') {
            let deeper = level - 1 + line.chars().take_while(|&c| c == '#').count();
            lines.push(format!("{} {}", "#".repeat(deeper.min(6)), line.trim_start_matches('#').trim()));
        } else {
            lines.push(without_item_links(line));
        }
    }
    Some((title?, lines.join("\n")))
}

/// rustdoc links [`items`] by their names; here they are only names.
pub fn without_item_links(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("[`") {
        let Some((name, after)) = after.split_once("`]") else { break };
        out += before;
        let target = after.strip_prefix('(').and_then(|after| after.split_once(')'));
        match target {
            Some((target, _)) if target.contains("://") => {
                out += &format!("[`{name}`]");
                rest = after;
            }
            Some((_, after)) => {
                out += &format!("`{name}`");
                rest = after;
            }
            None => {
                out += &format!("`{name}`");
                rest = after;
            }
        }
    }
    without_path_links(&(out + rest))
}

/// The same of `[words](path::Item)`.
fn without_path_links(line: &str) -> String {
    let (mut out, mut rest) = (String::new(), line);
    while let Some((before, after)) = rest.split_once("](") {
        let Some((target, after)) = after.split_once(')') else { break };
        let of_item = target.contains("::") && !target.contains([' ', '/']);
        out += &match before.rsplit_once('[').filter(|_| of_item) {
            Some((before, words)) => format!("{before}{words}"),
            None => format!("{before}]({target})"),
        };
        rest = after;
    }
    out + rest
}

/// The items of a stub, functions without their bodies: the book says the same, whatever the reader has written.
fn signatures(source: &Source, text: &str) -> String {
    let mut parts = vec![];
    let mut inside_until = 0;
    let mut items: Vec<_> = source.items.iter().collect();
    items.sort_by_key(|item| (item.lines.start, usize::MAX - item.lines.end));
    for item in items.iter().filter(|item| item.kind != Kind::Member) {
        if item.lines.start < inside_until || (item.kind == Kind::Function && !item.public) {
            continue;
        }
        inside_until = item.lines.end;
        let members = items
            .iter()
            .filter(|m| m.body.is_some() && item.bytes.start <= m.bytes.start && m.bytes.end <= item.bytes.end);
        // From the last to the first, so that places stay what they are.
        let mut whole = text[item.bytes.clone()].to_string();
        let bodies: Vec<_> = members.filter_map(|member| Some((member.body?, member.bytes.end))).collect();
        for (start, end) in bodies.into_iter().rev() {
            let (start, end) = (start - item.bytes.start, end - item.bytes.start);
            whole = format!("{};{}", whole[..start].trim_end(), &whole[end..]);
        }
        parts.push(whole);
    }
    fitted(&parts.join("\n\n"))
}

/// The sections of hints: a heading and its text, after as many empty lines as there are lines before it.
pub fn sections(text: &str) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = vec![];
    for (above, line) in text.lines().enumerate() {
        match (line.strip_prefix("## "), sections.last_mut()) {
            (Some(heading), _) => sections.push((heading.trim().into(), "\n".repeat(above + 1))),
            (None, Some((_, text))) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, None) => {}
        }
    }
    sections
}

/// `{{#verdict ex03/overflow}}`: what the checks say to a wrong answer.
pub fn verdict(project: &Project, directive: &Directive) -> Result<String, String> {
    directive.only(&[])?;
    let (_, message) = golden(project, &format!("{GOLDEN}/{}.txt", directive.argument))?;
    Ok(html::fenced("text", &message))
}

/// Which check catches a wrong answer, and what it says.
fn golden(project: &Project, file: &str) -> Result<(String, String), String> {
    let text = project.read(file)?;
    let (check, message) = text.split_once('\n').unwrap_or((&text, ""));
    if check.trim().is_empty() || message.trim().is_empty() {
        return Err(format!("{file} has to say in its first line which check it is, and then what that says"));
    }
    Ok((check.trim().into(), message.trim_end().into()))
}

/// All wrong answers, exercise by exercise: which check catches each, and what it says.
pub fn wrong_answers(project: &Project, level: usize) -> Result<String, String> {
    let folders: Vec<_> = project.names(GOLDEN).into_iter().filter(|name| name.starts_with("ex")).collect();
    if folders.is_empty() {
        return Err(format!("there is no folder {GOLDEN}/ex…, with a file for each wrong answer"));
    }
    let tables = folders.iter().map(|folder| answers_to(project, folder, level)).collect::<Result<Vec<_>, _>>()?;
    Ok(tables.join("\n\n"))
}

/// Those of one exercise, under a heading.
fn answers_to(project: &Project, folder: &str, level: usize) -> Result<String, String> {
    let number = folder.trim_start_matches("ex");
    let (file, text) = readable(project, &stem(project, number)?)?;
    let (title, _) = statement(&text, level).ok_or_else(|| untitled(&file))?;
    let heading = format!("{} Exercise {}: {title}", "#".repeat(level), Exercise::ordinal(number));
    let mut answers = vec![];
    for name in project.names(&format!("{GOLDEN}/{folder}")) {
        let (check, message) = golden(project, &format!("{GOLDEN}/{folder}/{name}"))?;
        let stem = name.trim_end_matches(".txt");
        let (answer, check) = (html::inert(&stem.replace(['_', '-'], " ")), html::inert(&check));
        let message = html::fenced("text", &message);
        answers.push(format!(
            "<div class=\"wrong-answer\" id=\"wrong-{number}-{stem}\">\n\
             <p><strong>{answer}</strong>, caught by <em>{check}</em></p>\n\n{message}\n\n</div>"
        ));
    }
    Ok(format!("{heading} {{#wrong-{number}}}\n\n{}", answers.join("\n\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUB: &str = "//! # tanh\n//!\n//! See [`Layer`] and [`tanh`](f64::tanh) in [`x`](https://x.y).\n//!\n//! ## More\n//!\n//! ```\n//! # let a = 1;\n//! ```\n\n\
        use a::B;\n\n/// A layer.\npub struct Layer {\n    w: f64,\n}\n\nimpl Layer {\n    /// Steps.\n    pub fn step(&self) -> f64 {\n        if true { 1.0 } else { 2.0 }\n    }\n}\n\n\
        /// The tanh of z.\npub fn tanh(z: f64) -> f64 {\n    todo!()\n}\n\nfn mine() {}\n";

    #[test]
    fn statements() {
        let (title, text) = statement(STUB, 3).unwrap();
        assert_eq!(title, "tanh");
        assert_eq!(
            text,
            "\n\nSee `Layer` and `tanh` in [`x`](https://x.y).\n\n#### More\n\n```rust\n# let a = 1;\n```"
        );
    }

    #[test]
    fn signatures_have_no_bodies() {
        let expected = "/// A layer.\npub struct Layer {\n    w: f64,\n}\n\nimpl Layer {\n    /// Steps.\n    pub fn step(&self) -> f64;\n}\n\n\
                        /// The tanh of z.\npub fn tanh(z: f64) -> f64;";
        assert_eq!(signatures(&Source::parse("x.rs", STUB).unwrap(), STUB), expected);
    }

    #[test]
    fn hints() {
        let text = "## 1\n\nLook.\n\n## 2\n\nAgain.\n";
        assert_eq!(
            sections(text),
            [("1".to_string(), "\n\nLook.\n\n".to_string()), ("2".to_string(), "\n\n\n\n\n\nAgain.\n".to_string())]
        );
    }
}
