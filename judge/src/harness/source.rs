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
}
