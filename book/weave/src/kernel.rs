//! OpenCL, as far as it takes to find functions.

use crate::source::{Item, Kind};
use std::ops::Range;

/// The functions of a file, each with its comment above.
pub fn items(text: &str) -> Result<Vec<Item>, String> {
    let code = without_comments(text);
    let mut items = vec![];
    let (mut depth, mut start) = (0usize, 0); // where the declaration began that we are in
    let mut open = 0;
    for (at, c) in code.char_indices() {
        match c {
            '{' => {
                if depth == 0 {
                    open = at;
                }
                depth += 1;
            }
            '}' => {
                depth = depth.checked_sub(1).ok_or_else(|| format!("line {}: a }} too many", line(text, at) + 1))?;
                if depth == 0 {
                    let head = &code[start..open];
                    let plain = without_attributes(head);
                    let name = plain.split_once('(').and_then(|(before, _)| before.split_whitespace().last());
                    if let Some(name) = name {
                        let first = start + head.len() - head.trim_start().len();
                        items.push(item(text, name.trim_start_matches('*'), first..at + 1, open));
                    }
                    start = at + 1;
                }
            }
            ';' if depth == 0 => start = at + 1,
            // A line of the preprocessor ends what was before.
            '\n' if depth == 0 && code[..at].rsplit('\n').next().is_some_and(|l| l.trim_start().starts_with('#')) => {
                start = at + 1;
            }
            _ => {}
        }
    }
    if depth == 0 { Ok(items) } else { Err(format!("line {}: {{ without }}", line(text, open) + 1)) }
}

fn item(text: &str, name: &str, bytes: Range<usize>, body: usize) -> Item {
    let all: Vec<_> = text.lines().collect();
    let mut lines = line(text, bytes.start)..line(text, bytes.end) + 1;
    let below = lines.start;
    while lines.start > 0 && is_comment(all[lines.start - 1]) {
        lines.start -= 1;
    }
    let docs = (lines.start < below).then_some(lines.start..below).into_iter().collect();
    let names = vec![name.to_string()];
    Item { names, lines, docs, inside: vec![], body: Some(body), bytes, public: true, kind: Kind::Function }
}

/// What is left of a declaration without `__attribute__((…))`, whose brackets are not those of its parameters.
fn without_attributes(head: &str) -> String {
    let Some((before, after)) = head.split_once("__attribute__") else { return head.to_string() };
    let mut depth = 0_usize;
    let end = after.find(|c| {
        depth = if c == '(' { depth + 1 } else { depth - usize::from(c == ')').min(depth) };
        c == ')' && depth == 0
    });
    before.to_string() + &without_attributes(end.map_or("", |end| &after[end + 1..]))
}

fn is_comment(line: &str) -> bool {
    let line = line.trim();
    ["//", "/*", "*"].iter().any(|start| line.starts_with(start)) || line.ends_with("*/")
}

fn line(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count()
}

/// The same, with spaces for every comment; places stay what they are.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("//").into_iter().chain(rest.find("/*")).min() {
        out += &rest[..start];
        let comment = &rest[start..];
        let end = match comment.starts_with("//") {
            true => comment.find('\n'),
            false => comment.find("*/").map(|end| end + 2),
        };
        let (comment, after) = comment.split_at(end.unwrap_or(comment.len()));
        out.extend(comment.bytes().map(|b| if b == b'\n' { '\n' } else { ' ' }));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::items;

    #[test]
    fn functions_of_a_kernel() {
        let text = "#define N 4 // { a brace in a comment\n\n/* Adds – one. */\n__kernel void add(__global float *x)\n{\n    if (x) { x[0] += N; }\n}\n\n\
                    float *twice(float x) { return x; }\nkernel __attribute__((reqd_work_group_size(N, 1, 1))) void three(\n    int n) {}\n";
        let items = items(text).unwrap();
        let found: Vec<_> = items.iter().map(|item| (item.names[0].as_str(), item.lines.clone())).collect();
        assert_eq!(found, [("add", 2..7), ("twice", 8..9), ("three", 9..11)]);
        assert!(items[0].docs.iter().eq([&(2..3)]));
    }

    #[test]
    fn braces_that_do_not_match() {
        assert_eq!(super::items("void f() {\n").unwrap_err(), "line 1: { without }");
        assert_eq!(super::items("\n}\n").unwrap_err(), "line 2: a } too many");
    }
}
