//! Pages of the book in a terminal: paragraphs and lists are wrapped, code and formulas are indented.

use crate::formula;

/// Wraps a text in Markdown to this width.
pub fn wrapped(markdown: &str, width: usize) -> String {
    let mut blocks: Vec<String> = vec![];
    let mut lines = markdown.lines();
    let mut paragraph = String::new();
    while let Some(line) = lines.next() {
        if line.starts_with("```") {
            flush(&mut paragraph, &mut blocks, width);
            let code = lines.by_ref().take_while(|line| !line.starts_with("```"));
            blocks.push(code.map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n"));
            continue;
        }
        if line.trim().is_empty() || line.starts_with("- ") {
            flush(&mut paragraph, &mut blocks, width);
        }
        paragraph += line;
        paragraph.push('\n');
    }
    flush(&mut paragraph, &mut blocks, width);
    blocks.join("\n\n")
}

/// A paragraph, an item of a list, or a displayed formula with what stands around it.
fn flush(paragraph: &mut String, blocks: &mut Vec<String>, width: usize) {
    let text = formula::plain(std::mem::take(paragraph).trim());
    let mut running = String::new();
    let mut wrap = |running: &mut String| {
        let words = without_marks(std::mem::take(running).trim());
        if !words.is_empty() {
            let later = if words.starts_with("- ") { "  " } else { "" };
            blocks.push(textwrap::fill(&words, textwrap::Options::new(width).subsequent_indent(later)));
        }
    };
    let mut displayed = vec![];
    for line in text.lines() {
        if line.starts_with("    ") {
            wrap(&mut running);
            displayed.push(line.to_string());
        } else {
            running += line.trim();
            running.push(' ');
        }
    }
    wrap(&mut running);
    if !displayed.is_empty() {
        blocks.push(displayed.join("\n"));
    }
}

/// Without the marks of emphasis and of links, and with a word in the place of what only the book can fill in.
fn without_marks(text: &str) -> String {
    let mut out = String::new();
    for (i, part) in text.split('`').enumerate() {
        if i % 2 == 1 {
            out += &format!("`{part}`");
        } else {
            out += &links(&directives(part)).replace('*', "");
        }
    }
    out
}

/// `{{#result …}}` is a number, `{{#ref …}}` a figure or a section.
fn directives(text: &str) -> String {
    let mut parts = text.split("{{#");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        let (directive, after) = part.split_once("}}").unwrap_or((part, ""));
        out += if directive.starts_with("ref") { "a figure in the book" } else { "[…]" };
        out += after;
    }
    out
}

/// `[words](where)` becomes its words.
fn links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let (Some((front, words)), Some((_, behind))) = (before.rsplit_once('['), after.split_once(')')) else { break };
        out += front;
        out += words;
        rest = behind;
    }
    out + rest
}

/// How wide a line may be: as wide as the terminal, and no wider than one likes to read.
pub fn width() -> usize {
    textwrap::termwidth().clamp(20, 80)
}
