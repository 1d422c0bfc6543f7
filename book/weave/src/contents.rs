//! `{{#written}}`: how far the book is. `{{#cover}}`: the first page of a printed one. Both are read from the summary.

use crate::{PAGES, Project, html, page::Directive};

/// A line of the summary: how deep it is, what it says, where it leads. A chapter that is not written leads nowhere.
struct Entry<'a> {
    depth: usize,
    title: &'a str,
    file: &'a str,
}

/// `- [Pooling](introducing/pooling.md)`
fn entries(summary: &str) -> Vec<Entry<'_>> {
    let entry = |line| -> Option<Entry> {
        let inside: &str = str::trim_start(line);
        let (title, rest) = inside.trim_start_matches("- ").strip_prefix('[')?.split_once("](")?;
        let depth = if inside.starts_with('-') { 1 + (line.len() - inside.len()) / 2 } else { 0 };
        Some(Entry { depth, title, file: rest.split_once(')')?.0.trim_start_matches("./") })
    };
    summary.lines().filter_map(entry).collect()
}

fn read(project: &Project) -> Result<(String, String), String> {
    let summary = project.read(&format!("{PAGES}/SUMMARY.md"))?;
    let title = summary.lines().find_map(|line| line.strip_prefix("# ")).unwrap_or("Summary").to_string();
    Ok((title, summary))
}

/// A box with the chapters that are written, and those that are to come.
pub fn written(project: &Project, directive: &Directive) -> Result<String, String> {
    directive.only(&[])?;
    let (_, summary) = read(project)?;
    let entries = entries(&summary);
    let chapters: Vec<_> = entries.iter().filter(|entry| entry.depth == 1).collect();
    let done = chapters.iter().filter(|entry| !entry.file.is_empty()).count();
    let mut out = format!(
        "<div class=\"written\">\n\n**Written so far: {done} of {} {}.**\n\n",
        chapters.len(),
        if chapters.len() == 1 { "chapter" } else { "chapters" }
    );
    for entry in chapters {
        out += &match entry.file {
            "" => format!("* {} (to come)\n", entry.title),
            file => format!("* [{}]({file})\n", entry.title),
        };
    }
    Ok(out + "\n</div>")
}

/// Title and contents, for paper only.
pub fn cover(project: &Project, directive: &Directive) -> Result<String, String> {
    directive.only(&[])?;
    let (title, summary) = read(project)?;
    let mut out =
        format!("<section class=\"cover\">\n<p class=\"title\">{}</p>\n<p>Contents</p>\n<ul>\n", html::inert(&title));
    for Entry { depth, title, file } in entries(&summary) {
        let state = if file.is_empty() { " class=\"draft\"" } else { "" };
        out += &format!("<li{state} style=\"--depth: {depth}\">{}</li>\n", html::inert(title));
    }
    Ok(out + "</ul>\n</section>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_summary() {
        let summary = "# Title\n\n[First](a.md)\n\n- [One](./b.md)\n  - [Half](c.md)\n- [Two]()\n";
        let found: Vec<_> = entries(summary).into_iter().map(|entry| (entry.depth, entry.title, entry.file)).collect();
        assert_eq!(found, [(0, "First", "a.md"), (1, "One", "b.md"), (2, "Half", "c.md"), (1, "Two", "")]);
    }
}
