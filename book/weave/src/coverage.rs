//! Which lines of `src` the book shows. The README has the rules.

use crate::{
    PAGES, Problem, Project, book,
    code::{Listing, is_mark},
    near,
    page::Page,
    source::{Kind, Source},
};
use std::collections::{BTreeMap, HashSet};

/// One file of the source.
struct File {
    lines: Vec<String>,
    counted: Vec<usize>,
    shown: HashSet<usize>,
}

impl File {
    fn missing(&self) -> impl Iterator<Item = usize> {
        self.counted.iter().copied().filter(|line| !self.shown.contains(line))
    }
}

/// File by file how much is shown, and the total.
///
/// # Errors
/// When less than `required` per cent is shown, and when a page shows what is not there.
pub fn report(project: &Project, required: Option<f64>) -> Result<String, Vec<Problem>> {
    let files = files(project)?;
    let width = files.keys().map(String::len).max().unwrap_or(0);
    let mut report = String::new();
    let (mut all, mut shown) = (0, 0);
    for (name, file) in &files {
        let missing = file.missing().count();
        all += file.counted.len();
        shown += file.counted.len() - missing;
        let share = percent(file.counted.len() - missing, file.counted.len());
        report += &format!("{name:<width$}  {share:>5.1} %  {missing:>4} of {:>4} lines missing\n", file.counted.len());
    }
    let total = percent(shown, all);
    report += &format!("{:<width$}  {total:>5.1} %  {:>4} of {all:>4} lines missing\n", "all of src", all - shown);
    match required {
        Some(required) if total < required => {
            let message = format!("the pages show {total:.1} % of src, and {required} % are required");
            Err(vec![Problem::new(PAGES, 1, format!("{message}\n{}", report.trim_end()))])
        }
        _ => Ok(report),
    }
}

/// The lines of a file that no page shows, with their numbers.
///
/// # Errors
/// When no such file is counted, and when a page shows what is not there.
pub fn missing(project: &Project, name: &str) -> Result<String, Vec<Problem>> {
    let files = files(project)?;
    let file = files.get(name).ok_or_else(|| {
        let near = near::suggest(name, files.keys().map(String::as_str));
        vec![Problem::new(name, 1, format!("no such file is counted{near}"))]
    })?;
    Ok(file.missing().map(|line| format!("{:>5}  {}\n", line + 1, file.lines[line])).collect())
}

fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 100.0 } else { 100.0 * part as f64 / whole as f64 }
}

fn files(project: &Project) -> Result<BTreeMap<String, File>, Vec<Problem>> {
    let shown = shown(project)?;
    let mut files = BTreeMap::new();
    for name in project.files("src", &[".rs", ".cl"]) {
        let source = project.source(&name).map_err(|message| vec![Problem::new(&name, 1, message)])?;
        let file = file(&source, shown.get(&name));
        if !file.counted.is_empty() {
            files.insert(name, file);
        }
    }
    Ok(files)
}

/// The lines that directives show, file by file.
fn shown(project: &Project) -> Result<BTreeMap<String, HashSet<usize>>, Vec<Problem>> {
    let mut shown: BTreeMap<String, HashSet<usize>> = BTreeMap::new();
    let mut problems = vec![];
    for (file, text) in book::read_pages(project)? {
        let page = Page::new(&file, &text);
        for (at, directive) in page.directives().filter(|(_, directive)| directive.name == "code") {
            match Listing::new(project, directive) {
                Ok(listing) => shown.entry(listing.file.clone()).or_default().extend(listing.lines()),
                Err(message) => problems.push(page.problem(at, message)),
            }
        }
    }
    if problems.is_empty() { Ok(shown) } else { Err(problems) }
}

fn file(source: &Source, directly: Option<&HashSet<usize>>) -> File {
    let is_test = |line: &usize| source.tests.iter().any(|lines| lines.contains(line));
    let counts = |line: &usize| {
        let text = &source.lines[*line];
        !text.trim().is_empty() && !is_mark(text) && !is_test(line)
    };
    let counted: Vec<_> = (0..source.lines.len()).filter(counts).collect();
    let mut shown = directly.cloned().unwrap_or_default();
    if !shown.is_empty() {
        shown.extend(source.links.iter().flat_map(Clone::clone));
        // What is inside something comes before it in the list.
        for item in source.items.iter().filter(|item| item.kind == Kind::Container && !item.inside.is_empty()) {
            let mut inside = item.inside.iter().flat_map(Clone::clone);
            if inside.all(|line| shown.contains(&line) || !counts(&line)) {
                let around = item.lines.clone().filter(|line| !item.inside.iter().any(|lines| lines.contains(line)));
                shown.extend(around);
            }
        }
    }
    File { counted, shown, lines: source.lines.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUST: &str = "//! Doc.\n\nuse a::b;\n\nimpl A {\n    fn f() {}\n\n    // region: r\n    fn g() {}\n    // endregion: r\n}\n\n#[cfg(test)]\nmod t {}\n";

    fn missing(shown: &[usize]) -> Vec<usize> {
        let source = Source::parse("x.rs", RUST).unwrap();
        file(&source, Some(&shown.iter().copied().collect())).missing().collect()
    }

    #[test]
    fn what_lies_around_items() {
        assert_eq!(missing(&[]), [0, 2, 4, 5, 8, 10]);
        assert_eq!(missing(&[5]), [0, 4, 8, 10]);
        assert_eq!(missing(&[5, 8]), [0]);
        assert_eq!(missing(&[0]), [4, 5, 8, 10]);
    }
}
