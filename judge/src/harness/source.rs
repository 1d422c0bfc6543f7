//! The reader's files, as text: where a function is, and which one a line belongs to.

use std::{fs, path::Path};

/// The text of a file, named as compilers name it: from the root of the workspace. Tests run there or one folder below.
pub fn read(file: &str) -> Option<String> {
    [Path::new(file), &Path::new("..").join(file)].into_iter().find_map(|path| fs::read_to_string(path).ok())
}

/// The function that a line (the first is 1) belongs to.
pub fn function_at(text: &str, line: usize) -> Option<&str> {
    text.lines().take(line).filter_map(function_begun).last()
}

/// The line where a function begins.
pub fn line_of(text: &str, function: &str) -> Option<usize> {
    text.lines().position(|line| function_begun(line) == Some(function)).map(|i| i + 1)
}

/// Is the body of this function nothing but `todo!()`?
pub fn is_stub(text: &str, function: &str) -> bool {
    let Some(line) = line_of(text, function) else { return false };
    let after = text.split_inclusive('\n').skip(line - 1).collect::<String>();
    let body = after.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    body.is_some_and(|(body, _)| body.trim() == "todo!()")
}

/// Does `todo!` stand at this place? The first line is 1, and so is the first column.
pub fn is_todo(text: &str, line: usize, column: usize) -> bool {
    let before = column.saturating_sub(1);
    let here: String = text.lines().nth(line.wrapping_sub(1)).unwrap_or_default().chars().skip(before).collect();
    let name = here.split(['(', '[', '{']).next().unwrap_or_default().trim_end();
    name == "todo!" || name.ends_with("::todo!")
}

/// The name of the function that begins in this line.
fn function_begun(line: &str) -> Option<&str> {
    let mut words =
        line.split_whitespace().skip_while(|word| word.starts_with("pub") || ["const", "unsafe"].contains(word));
    words.next().filter(|word| *word == "fn")?;
    words.next()?.split(['(', '<']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found() {
        let text = "/// A fn that is not one.\npub fn a(x: f64) {\n    todo!()\n}\n\nimpl X {\n    pub(crate) const fn b<T>() {\n";
        assert_eq!([1, 2, 4, 7].map(|line| function_at(text, line)), [None, Some("a"), Some("a"), Some("b")]);
        assert_eq!([line_of(text, "b"), line_of(text, "that")], [Some(7), None]);
    }

    #[test]
    fn stubs_are_known() {
        let text = "pub fn a(\n    x: f64,\n) {\n    todo!()\n}\n\nfn b() {\n    let x = 1;\n    todo!()\n}\n";
        assert_eq!(["a", "b", "c"].map(|function| is_stub(text, function)), [true, false, false]);
    }

    #[test]
    fn only_todo_is_a_todo() {
        let text = "fn a() {\n    todo!()\n    core::todo! {}\n    panic!(\"not yet implemented\") // todo!()\n}\n";
        assert_eq!(
            [(2, 5), (3, 5), (4, 5), (9, 1), (2, 90)].map(|(l, c)| is_todo(text, l, c)),
            [true, true, false, false, false]
        );
    }
}
