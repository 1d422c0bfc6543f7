//! What an answer says, shown so that nobody takes it for the judge's words.

use std::fmt::Write;

/// So much of a message is enough.
const ENOUGH: usize = 1000;

/// The beginning of a message, and how much is left out.
pub fn cut(message: &str) -> String {
    match message.char_indices().nth(ENOUGH) {
        None => message.into(),
        Some((end, _)) => format!("{} […] ({} bytes in all)", message[..end].trim_end(), message.len()),
    }
}

/// Text of an answer: control characters become visible, and each line but the first is indented.
pub fn quote(text: &str) -> String {
    visible(text.trim_end()).replace('\n', "\n    ")
}

/// Terminals obey control characters, and letters may be made to run backwards: so they are written as escapes.
fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if (c.is_control() && c != '\n' && c != '\t') || turns {
            write!(shown, "{}", c.escape_default()).expect("writing to a string does not fail");
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A verdict in several lines of its own, in which words of an answer may stand: no line looks like one of the judge's
/// list.
pub fn verdict(message: &str) -> String {
    let line = |line: &str| match line {
        "failures:" => format!("    {line}"),
        _ if ["test ", "test result", "----"].iter().any(|start| line.starts_with(start)) => format!("    {line}"),
        _ => line.into(),
    };
    let lines: Vec<String> = visible(&cut_long(message)).lines().map(line).collect();
    lines.join("\n")
}

/// A verdict shows lists and formulas; more than this is an answer's doing.
fn cut_long(message: &str) -> String {
    const LONG: usize = 4000;
    match message.char_indices().nth(LONG) {
        None => message.into(),
        Some((end, _)) => format!("{} […]", &message[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quoted_is_indented_and_visible() {
        assert_eq!(quote("a\x1b[2J\ttab\r\ntest ex01::a ... ok\n\n"), "a\\u{1b}[2J\ttab\\r\n    test ex01::a ... ok");
        assert_eq!(quote("\u{202e}ko"), "\\u{202e}ko");
        assert_eq!(
            verdict("got 1\ntest ex01::a ... ok\nlikely cause: x"),
            "got 1\n    test ex01::a ... ok\nlikely cause: x"
        );
    }

    #[test]
    fn long_messages_are_cut() {
        let long = "ä".repeat(5000);
        assert_eq!(cut(&long), format!("{} […] (10000 bytes in all)", "ä".repeat(1000)));
        assert_eq!(cut("short"), "short");
        assert!(verdict(&long).chars().count() < 4010);
    }
}
