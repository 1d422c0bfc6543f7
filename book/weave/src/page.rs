//! A page as it is written: what on it is a directive, a formula, a heading, a link.

use crate::Problem;
use pulldown_cmark::{BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd};
use std::ops::Range;

/// A page, or another piece of Markdown that becomes part of one.
pub struct Page<'a> {
    /// As messages name it: `book/pages/convolution.md`.
    pub file: &'a str,
    pub text: &'a str,
    pub pieces: Vec<Piece<'a>>,
    pub headings: Vec<Heading>,
    pub links: Vec<Link>,
    /// Text that is no part of a link, code or formula, and where it stands.
    pub unlinked: Vec<(usize, String)>,
    /// The text with underscores where there is code, a comment, a formula or a directive.
    pub prose: String,
    pub problems: Vec<Problem>,
}

/// A part of the text that something else takes the place of.
pub struct Piece<'a> {
    pub range: Range<usize>,
    pub kind: Kind<'a>,
}

pub enum Kind<'a> {
    Directive(Directive<'a>),
    Formula {
        latex: String,
        display: bool,
    },
    /// The backslash before a directive that is not to be one.
    Backslash,
}

/// `{{#name argument | option | option}}`
#[derive(Clone, Debug, PartialEq)]
pub struct Directive<'a> {
    pub name: &'a str,
    pub argument: &'a str,
    pub options: Vec<&'a str>,
    /// Has it a line of its own?
    pub alone: bool,
}

pub struct Heading {
    pub at: usize,
    pub level: usize,
    /// What it says; mdBook makes its anchor of this, unless it is given one.
    pub words: String,
    pub id: Option<String>,
}

pub struct Link {
    pub at: usize,
    pub to: String,
}

/// mdBook's, and formulas.
const MARKDOWN: Options = Options::ENABLE_TABLES
    .union(Options::ENABLE_FOOTNOTES)
    .union(Options::ENABLE_STRIKETHROUGH)
    .union(Options::ENABLE_TASKLISTS)
    .union(Options::ENABLE_HEADING_ATTRIBUTES)
    .union(Options::ENABLE_DEFINITION_LIST)
    .union(Options::ENABLE_GFM)
    .union(Options::ENABLE_MATH);

impl<'a> Page<'a> {
    /// All formulas, and whether each stands on a line of its own.
    pub fn formulas(&self) -> impl Iterator<Item = (&str, bool)> {
        self.pieces.iter().filter_map(|piece| match &piece.kind {
            Kind::Formula { latex, display } => Some((latex.as_str(), *display)),
            _ => None,
        })
    }

    pub fn new(file: &'a str, text: &'a str) -> Self {
        let mut page = Page {
            file,
            text,
            pieces: vec![],
            headings: vec![],
            links: vec![],
            unlinked: vec![],
            prose: String::new(),
            problems: vec![],
        };
        let verbatim = page.read_markdown();
        page.find_directives(&verbatim);
        page.prose = prose(text, verbatim.iter().chain(page.pieces.iter().map(|piece| &piece.range)));
        page.pieces.sort_by_key(|piece| piece.range.start);
        page
    }

    /// The line that a byte of the text is in, counted from 1.
    pub fn line(&self, at: usize) -> usize {
        1 + self.text[..at].matches('\n').count()
    }

    pub fn problem(&self, at: usize, message: impl Into<String>) -> Problem {
        Problem::new(self.file, self.line(at), message)
    }

    pub fn directives(&self) -> impl Iterator<Item = (usize, &Directive<'a>)> {
        self.pieces.iter().filter_map(|piece| match &piece.kind {
            Kind::Directive(directive) => Some((piece.range.start, directive)),
            _ => None,
        })
    }

    /// Reads everything but directives, and returns where there can be none: code, comments, formulas.
    fn read_markdown(&mut self) -> Vec<Range<usize>> {
        let mut verbatim = vec![];
        let mut unknown = vec![];
        let mut callback = |link: BrokenLink| -> Option<(CowStr, CowStr)> {
            // [words] alone may be just that; [words][label] is meant as a link.
            if matches!(link.link_type, LinkType::Reference | LinkType::Collapsed) {
                unknown.push((link.span.start, link.reference.to_string()));
            }
            None
        };
        let mut heading: Option<Heading> = None;
        let mut inside_link = false;
        for (event, range) in
            Parser::new_with_broken_link_callback(self.text, MARKDOWN, Some(&mut callback)).into_offset_iter()
        {
            match event {
                Event::Start(Tag::CodeBlock(kind)) => {
                    self.problems.extend(self.fence(&kind, &range));
                    verbatim.push(range);
                }
                Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_)
                    if self.text[range.clone()].trim_start().starts_with("<!--") =>
                {
                    verbatim.push(range);
                }
                Event::InlineMath(ref latex) | Event::DisplayMath(ref latex) => {
                    let display = matches!(event, Event::DisplayMath(_));
                    if let Some(heading) = &mut heading {
                        heading.words += "\u{0}";
                    }
                    verbatim.push(range.clone());
                    self.pieces.push(Piece { range, kind: Kind::Formula { latex: latex.to_string(), display } });
                }
                Event::Start(Tag::Heading { level, id, .. }) => {
                    let id = id.map(|id| id.to_string());
                    heading = Some(Heading { at: range.start, level: level as usize, words: String::new(), id });
                }
                Event::End(TagEnd::Heading(_)) => self.headings.extend(heading.take()),
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    self.links.push(Link { at: range.start, to: dest_url.to_string() });
                    inside_link = true;
                }
                Event::End(TagEnd::Link | TagEnd::Image) => inside_link = false,
                Event::Code(words) => {
                    if let Some(heading) = &mut heading {
                        heading.words += &words;
                    }
                    verbatim.push(range);
                }
                Event::Text(words) => {
                    if let Some(heading) = &mut heading {
                        heading.words += &words;
                    }
                    let code = verbatim.last().is_some_and(|code: &Range<usize>| code.contains(&range.start));
                    self.problems.extend((!code).then(|| self.dollar(&range)).flatten());
                    if !code && !inside_link {
                        match self.unlinked.last_mut() {
                            // A parenthesis may be an event of its own.
                            Some((at, before)) if *at + before.len() == range.start => before.push_str(&words),
                            _ => self.unlinked.push((range.start, words.to_string())),
                        }
                    }
                }
                _ => {}
            }
        }
        let unknown = unknown.into_iter().map(|(at, label)| {
            self.problem(at, format!("no [{label}]: stands anywhere on this page; write where the link leads"))
        });
        self.problems.extend(unknown.collect::<Vec<_>>());
        verbatim
    }

    /// A dollar sign in text, where no formula came of it.
    fn dollar(&self, range: &Range<usize>) -> Option<Problem> {
        let mut signs = self.text[range.clone()].match_indices('$').map(|(at, _)| range.start + at);
        let at = signs.find(|&at| !self.text[..at].ends_with('\\'))?;
        let message =
            "a $ that makes no formula: is one missing, or a brace, or is there a space inside it? A dollar is \\$";
        Some(self.problem(at, message))
    }

    /// What is wrong with a code block.
    fn fence(&self, kind: &CodeBlockKind, range: &Range<usize>) -> Option<Problem> {
        let CodeBlockKind::Fenced(info) = kind else {
            let message = "code by indent: `cargo test` would take it for Rust; write it between ```text and ```";
            return Some(self.problem(range.start, message));
        };
        let mut words = info.split([',', ' ']).map(str::trim);
        if info.trim().is_empty() {
            let message = "a fence without a language: `cargo test` would take it for Rust; write ```text or ```rust";
            return Some(self.problem(range.start, message));
        }
        let ignored = words.any(|word| word == "ignore" || word.starts_with("ignore-"));
        (ignored && !self.explains_ignore(range.start)).then(|| {
            let message = "an `ignore` that nobody explains: put <!-- ignore: why --> right above, or let it run";
            self.problem(range.start, message)
        })
    }

    /// Does `<!-- ignore: why -->` stand right above?
    fn explains_ignore(&self, at: usize) -> bool {
        let above = self.text[..at].trim_end().strip_suffix("-->");
        let reason = above.and_then(|above| above.rsplit_once("<!--")?.1.trim().strip_prefix("ignore:"));
        reason.is_some_and(|reason| !reason.trim().is_empty())
    }

    fn find_directives(&mut self, verbatim: &[Range<usize>]) {
        let mut at = 0;
        while let Some(found) = self.text[at..].find("{{#").map(|found| at + found) {
            at = found + 3;
            if verbatim.iter().any(|range| range.contains(&found)) {
                continue;
            }
            if self.text[..found].ends_with('\\') {
                self.pieces.push(Piece { range: found - 1..found, kind: Kind::Backslash });
                continue;
            }
            let line_start = self.text[..found].rfind('\n').map_or(0, |newline| newline + 1);
            let line_end = self.text[found..].find('\n').map_or(self.text.len(), |newline| found + newline);
            let Some(close) = self.text[found..line_end].find("}}").map(|close| found + close) else {
                self.problems.push(self.problem(found, "{{# without }} on the same line"));
                continue;
            };
            let alone = line_start == found && self.text[close + 2..line_end].trim().is_empty();
            let directive = Directive::new(&self.text[at..close], alone);
            self.pieces.push(Piece { range: found..close + 2, kind: Kind::Directive(directive) });
            at = close + 2;
        }
    }
}

/// The text with a sign of its own for every byte in one of the ranges, so that everything else stays where it is.
fn prose<'a>(text: &str, without: impl Iterator<Item = &'a Range<usize>>) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for range in without {
        bytes[range.clone()].iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b'_');
    }
    String::from_utf8(bytes).expect("the ranges begin and end between characters")
}

impl<'a> Directive<'a> {
    /// From what stands between `{{#` and `}}`.
    pub fn new(text: &'a str, alone: bool) -> Self {
        let mut parts = text.split('|').map(str::trim);
        let first = parts.next().unwrap_or("");
        let (name, argument) = first.split_once(char::is_whitespace).unwrap_or((first, ""));
        Directive { name, argument: argument.trim(), options: parts.collect(), alone }
    }

    /// The options that it must not have.
    pub fn only(&self, known: &[&str]) -> Result<(), String> {
        let is =
            |option: &str, known: &str| option.strip_prefix(known).is_some_and(|r| r.is_empty() || r.starts_with(' '));
        match self.options.iter().find(|option| !known.iter().any(|known| is(option, known))) {
            None => Ok(()),
            Some(option) if known.is_empty() => {
                Err(format!("{{{{#{}}}}} has no options, and here is `{option}`", self.name))
            }
            Some(option) => {
                let known = known.iter().map(|known| format!("`| {known}`")).collect::<Vec<_>>().join(", ");
                Err(format!("{{{{#{}}}}} knows no option `{option}`; it has {known}", self.name))
            }
        }
    }

    /// What follows `word` in an option: `2` in `| percent 2`.
    pub fn option(&self, word: &str) -> Option<&'a str> {
        let mut values = self.options.iter().filter_map(|option| option.strip_prefix(word));
        values.find(|rest| rest.is_empty() || rest.starts_with(' ')).map(str::trim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directives(text: &str) -> Vec<(usize, String)> {
        let page = Page::new("p.md", text);
        page.directives().map(|(at, d)| (page.line(at), format!("{} {} {:?}", d.name, d.argument, d.options))).collect()
    }

    #[test]
    fn directives_are_found_in_text_alone() {
        let text = "{{#figure a}}\n\n```text\n{{#figure b}}\n```\n`{{#figure c}}` \\{{#figure d}} <!-- {{#figure e}} -->\n\n\
                    so {{#result x.y | percent 2 | z}}, {{#ref figure a}}\n";
        let expected = [(1, "figure a []"), (8, "result x.y [\"percent 2\", \"z\"]"), (8, "ref figure a []")];
        assert_eq!(directives(text), expected.map(|(line, text)| (line, text.to_string())));
    }

    #[test]
    fn formulas_are_found_in_text_alone() {
        let page = Page::new("p.md", "It costs \\$5, `$a$`, and is $b$ or\n$$\nc\n$$\n");
        let formulas = page.formulas().map(|(latex, display)| (latex.trim(), display));
        assert_eq!(formulas.collect::<Vec<_>>(), [("b", false), ("c", true)]);
    }

    #[test]
    fn fences_and_links() {
        let ok =
            "<!-- ignore: it takes an hour -->\n```rust,ignore\n```\n\n```sh\nls\n```\n[a](b.md#c), [not a link]\n";
        let page = Page::new("p.md", ok);
        assert_eq!(page.problems, []);
        assert_eq!(
            page.links.iter().map(|link| (page.line(link.at), link.to.as_str())).collect::<Vec<_>>(),
            [(8, "b.md#c")]
        );
        let bad = "<!-- ignore: -->\n```rust,ignore\n```\n\n```\nls\n```\n\n    x\n\n[a][b]\n{{#x\n\n$5 or $ x$\n";
        let mut lines: Vec<_> = Page::new("p.md", bad).problems.iter().map(|problem| problem.line).collect();
        lines.sort();
        lines.dedup();
        assert_eq!(lines, [2, 5, 9, 11, 12, 14]);
    }
}
