//! `{{#code …}}`: items of the source, as they stand.

use crate::{
    Project,
    exercise::without_item_links,
    html,
    page::Directive,
    source::{Item, Source, has_items},
};
use std::{borrow::Cow, ops::Range, rc::Rc};

/// Lines of one file that a directive shows.
pub struct Listing {
    pub file: String,
    source: Rc<Source>,
    parts: Vec<Part>,
    /// As the caption calls them.
    names: Vec<String>,
    /// Is it the documentation of the file, which is shown as text?
    docs: bool,
}

/// An item, or a part of one.
struct Part {
    /// All its lines; and of these, the ones that are printed.
    lines: Range<usize>,
    printed: Vec<usize>,
}

const REGION: &str = "// region: ";
const END: &str = "// endregion: ";

/// Is the line a mark for `| region`?
pub fn is_mark(line: &str) -> bool {
    line.trim_start().starts_with(REGION) || line.trim_start().starts_with(END)
}

impl Listing {
    pub fn new(project: &Project, directive: &Directive) -> Result<Self, String> {
        directive.only(&["no doc", "docs", "region"])?;
        let (file, names) = directive.argument.split_once(char::is_whitespace).unwrap_or((directive.argument, ""));
        if file.is_empty() {
            return Err("{{#code}} of which file? {{#code src/shape.rs Shape}}".into());
        }
        if !names.is_empty() && !has_items(file) {
            return Err(format!("items are found in .rs and .cl files; {file} can only be shown whole"));
        }
        let source = project.source(file)?;
        let (docs, region) = (directive.option("docs").is_some(), directive.option("region"));
        let mut listing = Listing { file: file.into(), source, parts: vec![], names: vec![], docs };
        let no_doc = directive.options.contains(&"no doc");
        let names = split(names);
        match (docs, region, names.len()) {
            (true, None, 0) if !no_doc => listing.parts.push(listing.part(listing.source.head(), &[], false)),
            (true, ..) => return Err("`| docs` is the documentation of a file: without names and regions".into()),
            (false, Some(region), 1) => {
                let item = listing.source.find(file, names[0])?;
                let lines = listing.region(item, region)?;
                listing.parts.push(listing.part(lines, &[], false));
                listing.names.push(format!("{}: {region}", names[0]));
            }
            (false, Some(_), _) => return Err("`| region NAME` is part of one item: name that item".into()),
            (false, None, 0) => {
                let all = 0..listing.source.lines.len();
                listing.parts.push(listing.part(all, &listing.source.docs, no_doc));
            }
            (false, None, _) => {
                for name in names {
                    let item = listing.source.find(file, name)?;
                    listing.parts.push(listing.part(item.lines.clone(), &item.docs, no_doc));
                    listing.names.push(name.into());
                }
            }
        }
        if docs && listing.lines().next().is_none() {
            return Err(format!("{file} has no documentation to show: it does not begin with //!"));
        }
        Ok(listing)
    }

    fn part(&self, lines: Range<usize>, docs: &[Range<usize>], no_doc: bool) -> Part {
        let within = |ranges: &[Range<usize>], line: usize| ranges.iter().any(|range| range.contains(&line));
        let left_out = |line: usize| {
            within(&self.source.tests, line) || no_doc && within(docs, line) || is_mark(&self.source.lines[line])
        };
        let printed = lines.clone().filter(|&line| !left_out(line));
        Part { printed: printed.collect(), lines }
    }

    /// The lines between the marks of a region.
    fn region(&self, item: &Item, name: &str) -> Result<Range<usize>, String> {
        let find = |mark: &str| {
            let marks = item.lines.clone().filter(|&line| {
                self.source.lines[line].trim_start().strip_prefix(mark).is_some_and(|rest| rest.trim() == name)
            });
            match marks.collect::<Vec<_>>()[..] {
                [line] => Ok(line),
                [] => Err(format!("{} has no line `{mark}{name}` in `{}`", self.file, item.names[0])),
                _ => Err(format!("{} has `{mark}{name}` more than once in `{}`", self.file, item.names[0])),
            }
        };
        Ok(find(REGION)? + 1..find(END)?)
    }

    /// All lines that count as shown, counted from 0: doc comments, too, that were left out.
    pub fn lines(&self) -> impl Iterator<Item = usize> {
        self.parts.iter().flat_map(|part| part.lines.clone())
    }

    /// The listing as Markdown, with a caption that says where it lives.
    pub fn render(&self, project: &Project) -> String {
        if self.docs {
            return self.documentation(project);
        }
        let parts: Vec<_> = self.parts.iter().map(|part| self.text(part)).collect();
        let language = match self.file.rsplit('.').next().unwrap_or("") {
            "rs" => "rust",
            "cl" => "c",
            extension @ ("toml" | "json" | "sh" | "md") => extension,
            _ => "text",
        };
        let code = html::fenced(language, &parts.join("\n\n"));
        let mut place = self.linked(project, &format!("<code>{}</code>", html::inert(&self.file)), None);
        if self.names.is_empty() && self.parts.len() == 1 {
            place += &self.where_it_stands(project, &self.parts[0]);
        }
        for (name, part) in self.names.iter().zip(&self.parts) {
            place += &format!("; <code>{}</code>{}", html::inert(name), self.where_it_stands(project, part));
        }
        format!("<div class=\"listing\">\n<p class=\"place\">{place}</p>\n\n{code}\n\n</div>")
    }

    /// What the file says of itself, as rustdoc would show it: it is Markdown.
    fn documentation(&self, project: &Project) -> String {
        let lines = self.lines().map(|line| {
            let line = self.source.lines[line].trim_start_matches("//!");
            without_item_links(line.strip_prefix(' ').unwrap_or(line))
        });
        let text = lines.collect::<Vec<_>>().join("\n");
        let place = self.linked(project, &format!("<code>{}</code>", html::inert(&self.file)), None);
        format!("<div class=\"listing docs\">\n<p class=\"place\">{place}</p>\n\n{text}\n\n</div>")
    }

    /// `, lines 7–25`, titled `in impl S, after new`: so that a reader finds it, and can know what stands around it.
    fn where_it_stands(&self, project: &Project, part: &Part) -> String {
        let (Some(first), Some(last)) = (part.printed.first(), part.printed.last()) else { return String::new() };
        let numbers =
            if first == last { format!("line {}", first + 1) } else { format!("lines {}–{}", first + 1, last + 1) };
        let (inside, before) = around(&self.source.items, &part.lines);
        let around = [("in", inside), ("after", before)].into_iter().filter_map(|(word, item)| {
            let name = item?.names.first()?;
            Some(format!("{word} {}", html::inert(name)))
        });
        let around = around.collect::<Vec<_>>().join(", ");
        let numbers = if around.is_empty() { numbers } else { format!("<span title=\"{around}\">{numbers}</span>") };
        format!(", {}", self.linked(project, &numbers, Some((first + 1, last + 1))))
    }

    /// A link to the file, or to lines of it, where the repository can be looked at.
    fn linked(&self, project: &Project, words: &str, lines: Option<(usize, usize)>) -> String {
        let Some(repository) = &project.repository else { return words.into() };
        let lines = lines.map_or(String::new(), |(first, last)| format!("#L{first}-L{last}"));
        format!("<a href=\"{}/blob/main/{}{lines}\">{words}</a>", repository.trim_end_matches('/'), self.file)
    }

    /// Without the indent that all lines have, and without the backslashes that only rustdoc needs.
    fn text(&self, part: &Part) -> String {
        let lines: Vec<_> = part.printed.iter().map(|&line| without_escapes(&self.source.lines[line])).collect();
        let lines: Vec<_> = lines.iter().map(AsRef::as_ref).collect();
        let full = lines.iter().filter(|line| !line.trim().is_empty());
        let indent = full.map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
        let lines: Vec<_> = lines.iter().map(|line| line.get(indent..).unwrap_or("")).collect();
        let text = lines.join("\n");
        text.trim_end().trim_start_matches('\n').to_string()
    }
}

/// What stands around these lines: the item that holds them, and the one right before them there.
fn around<'a>(items: &'a [Item], lines: &Range<usize>) -> (Option<&'a Item>, Option<&'a Item>) {
    let holder = |lines: &Range<usize>| {
        let holds =
            |item: &&Item| item.lines.start <= lines.start && lines.end <= item.lines.end && item.lines != *lines;
        items.iter().filter(holds).min_by_key(|item| item.lines.len())
    };
    let inside = holder(lines);
    let beside = |item: &&Item| holder(&item.lines).map(|item| &item.lines) == inside.map(|item| &item.lines);
    let before =
        items.iter().filter(|item| item.lines.end <= lines.start).filter(beside).max_by_key(|item| item.lines.end);
    (inside, before)
}

/// rustdoc reads Markdown, where `\[n\]` keeps a bracket from being a link, and [`name`] is one. A listing shows what
/// is meant.
fn without_escapes(line: &str) -> Cow<'_, str> {
    let start = line.trim_start();
    if ["///", "//!"].iter().any(|doc| start.starts_with(doc)) && line.contains(['\\', '[', '&']) {
        let line = &line.replace(" &nbsp; ", "  ");
        let signs = ["[", "]", "*", "_", "<", ">", "#"];
        let line = without_item_links(line);
        return Cow::Owned(signs.iter().fold(line, |line, sign| line.replace(&format!("\\{sign}"), sign)));
    }
    Cow::Borrowed(line)
}

/// Names divided by commas, but for those between `<` and `>`.
fn split(names: &str) -> Vec<&str> {
    let (mut depth, mut start, mut all) = (0i32, 0, vec![]);
    for (at, c) in names.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            ',' if depth == 0 => {
                all.push(names[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    all.push(names[start..].trim());
    all.retain(|name| !name.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::{around, split, without_escapes};
    use crate::source::Source;

    #[test]
    fn what_stands_around() {
        let text = "fn a() {}\n\nimpl S {\n    fn b() {}\n\n    fn c() {}\n}\n\nfn d() {}\n";
        let source = Source::parse("x.rs", text).unwrap();
        let of = |name: &str| {
            let (inside, before) = around(&source.items, &source.find("x.rs", name).unwrap().lines);
            [inside, before].map(|item| item.map(|item| item.names[0].as_str()))
        };
        assert_eq!(of("a"), [None, None]);
        assert_eq!(of("S::b"), [Some("impl S"), None]);
        assert_eq!(of("S::c"), [Some("impl S"), Some("S::b")]);
        assert_eq!(of("d"), [None, Some("impl S")]);
    }

    #[test]
    fn listings_have_no_escapes_of_rustdoc() {
        assert_eq!(without_escapes("    /// y\\[n, i\\] = \\<x\\>"), "    /// y[n, i] = <x>");
        assert_eq!(without_escapes("/// as [`y`](Row::y), [`Row`]: y[n]"), "/// as `y`, `Row`: y[n]");
        assert_eq!(without_escapes("/// a, &nbsp; [Adam](ops::Adam), x[1](a)"), "/// a,  Adam, x[1](a)");
        assert_eq!(without_escapes("let a = \"\\[\"; // \\["), "let a = \"\\[\"; // \\[");
    }

    #[test]
    fn names() {
        assert_eq!(split("a, impl B<C, D> for E ,f"), ["a", "impl B<C, D> for E", "f"]);
        assert_eq!(split(""), [""; 0]);
    }
}
