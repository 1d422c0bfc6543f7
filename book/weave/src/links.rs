//! Links within the book: is there such a page, and such an anchor on it?

use crate::{Problem, book::relative, math, near, page::Page};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
};

/// Anchors of all pages, by the file of the page.
pub type Anchors = HashMap<String, HashSet<String>>;

/// Everything on a finished page that can be linked to.
pub fn anchors(finished: &str) -> HashSet<String> {
    let page = Page::new("", finished);
    let mut anchors = HashSet::new();
    for heading in &page.headings {
        match &heading.id {
            Some(id) => anchors.insert(id.clone()),
            None => anchors.insert(unused(&anchors, slug(&heading.words))),
        };
    }
    let ids = finished.split("id=\"").skip(1).filter_map(|rest| rest.split('"').next());
    anchors.extend(ids.map(str::to_string));
    anchors
}

/// What mdBook does with a heading's words.
fn slug(words: &str) -> String {
    let kept = words.trim().to_lowercase();
    let kept = kept.chars().filter_map(|c| match c {
        '_' | '-' => Some(c),
        c if c.is_alphanumeric() => Some(c),
        c if c.is_whitespace() => Some('-'),
        _ => None,
    });
    kept.collect()
}

/// Two headings with the same words get different anchors.
fn unused(used: &HashSet<String>, slug: String) -> String {
    let numbered = (1..).map(|n| format!("{slug}-{n}"));
    std::iter::once(slug.clone()).chain(numbered).find(|id| !used.contains(id)).unwrap_or(slug)
}

/// Looks at every link of a page. `exists` is asked about files beside the pages.
pub fn check(page: &Page, anchors: &Anchors, exists: impl Fn(&str) -> bool) -> Vec<Problem> {
    let wrong = page.links.iter().filter_map(|link| {
        let message = wrong(page.file, &link.to, anchors, &exists)?;
        Some(page.problem(link.at, format!("the link to `{}` is broken: {message}", link.to)))
    });
    // mdBook makes an anchor of what a heading says when all is woven, which may change.
    let moving = page
        .headings
        .iter()
        .filter(|heading| heading.id.is_none() && (heading.words.contains('\0') || heading.words.contains("{{#")));
    let moving = moving.map(|heading| {
        let message = "a heading with a formula or a number in it needs an anchor of its own: # Heading {#anchor}";
        page.problem(heading.at, message)
    });
    wrong.chain(moving).collect()
}

/// Where the numbered equations are: number and file.
pub fn equations(pages: &[Page]) -> Vec<(String, String)> {
    let of_page = |page: &Page| {
        let tag = |(latex, _)| math::take_tag(latex).ok()?.1;
        let file = page.file.to_string();
        page.formulas().filter_map(tag).map(move |number| (number, file.clone())).collect::<Vec<_>>()
    };
    pages.iter().flat_map(of_page).collect()
}

/// Equations that text names and does not lead to, `(BP4)`: where each name is, its number, and the way to it from
/// `from`.
fn unlinked(text: &Page, from: &str, equations: &[(String, String)]) -> Vec<(Range<usize>, String, String)> {
    let mut found = vec![];
    for (at, words) in &text.unlinked {
        for (open, _) in words.match_indices('(') {
            let Some((number, _)) = words[open + 1..].split_once(')') else { continue };
            let Some((_, file)) = equations.iter().find(|(known, _)| known == number) else { continue };
            let way = if file == from { String::new() } else { relative(from, file) };
            let range = at + open..at + open + number.len() + 2;
            found.push((range, number.to_string(), format!("{way}#equation-{}", number.replace(' ', "-"))));
        }
    }
    found
}

/// A page has to lead to every equation that it names.
pub fn unlinked_equations(page: &Page, equations: &[(String, String)]) -> Vec<Problem> {
    let problem = |(range, number, way): (Range<usize>, String, String)| {
        page.problem(range.start, format!("the equation ({number}) is named without a link: [({number})]({way})"))
    };
    unlinked(page, page.file, equations).into_iter().map(problem).collect()
}

/// The text of an exercise stands in a file of its own, and cannot say where the equations of the book are: here it
/// gets its links, on the page `from`.
pub fn with_equations(text: &str, from: &str, equations: &[(String, String)]) -> String {
    let mut linked = text.to_string();
    let mut named = unlinked(&Page::new(from, text), from, equations);
    named.sort_by_key(|(range, ..)| range.start);
    for (range, number, way) in named.into_iter().rev() {
        if text.get(range.clone()) == Some(&format!("({number})")) {
            linked.replace_range(range, &format!("[({number})]({way})"));
        }
    }
    linked
}

fn wrong(file: &str, to: &str, anchors: &Anchors, exists: impl Fn(&str) -> bool) -> Option<String> {
    if to.is_empty() {
        return Some("it leads nowhere".into());
    }
    if ["http://", "https://", "mailto:"].iter().any(|scheme| to.starts_with(scheme)) {
        return None;
    }
    let (path, anchor) = to.split_once('#').map_or((to, None), |(path, anchor)| (path, Some(anchor)));
    let target = if path.is_empty() { file.to_string() } else { beside(file, path) };
    let Some(there) = anchors.get(&target) else {
        if path.ends_with(".md") {
            let pages = anchors.keys().map(String::as_str);
            return Some(format!("there is no page {target}{}", near::suggest(&target, pages)));
        }
        if path.ends_with(".html") {
            return Some("link to the page as it is written, .md".into());
        }
        return (!exists(&target)).then(|| format!("there is no file {target} in the book"));
    };
    let anchor = anchor.filter(|anchor| !there.contains(*anchor))?;
    Some(format!("{target} has no anchor `{anchor}`{}", near::suggest(anchor, there.iter().map(String::as_str))))
}

/// The file that a relative path leads to.
fn beside(file: &str, path: &str) -> String {
    let mut parts: Vec<_> = file.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_as_mdbook_makes_them() {
        let text = "# Über `conv`: the slide!\n\n## Same\n\n## Same\n\n## Own {#mine}\n\n<p id=\"there\"></p>\n";
        let mut found: Vec<_> = anchors(text).into_iter().collect();
        found.sort();
        assert_eq!(found, ["mine", "same", "same-1", "there", "über-conv-the-slide"]);
    }

    #[test]
    fn links() {
        let all = Anchors::from([
            ("p/a.md".into(), HashSet::from(["top".into()])),
            ("p/b/c.md".into(), HashSet::from(["in-c".into()])),
        ]);
        let wrong = |to: &str| wrong("p/a.md", to, &all, |file| file == "p/x.png");
        for good in ["#top", "b/c.md", "./b/c.md#in-c", "https://x.y/z#w", "x.png"] {
            assert_eq!(wrong(good), None, "{good}");
        }
        assert_eq!(wrong("d.md").unwrap(), "there is no page p/d.md; did you mean `p/a.md`?");
        assert_eq!(wrong("b/c.md#in-d").unwrap(), "p/b/c.md has no anchor `in-d`; did you mean `in-c`?");
        assert_eq!(wrong("b/c.html").unwrap(), "link to the page as it is written, .md");
        assert_eq!(wrong("../../src/lib.rs").unwrap(), "there is no file src/lib.rs in the book");
        assert_eq!(wrong("").unwrap(), "it leads nowhere");
    }
}
