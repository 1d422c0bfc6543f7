//! The whole book: every directive of every page becomes what it asks for.

use crate::{
    Failure, PAGES, Problem, Project, code, contents, exercise,
    exercise::Exercise,
    figure, links, math, near, numbers, output,
    page::{Directive, Kind, Page},
    record, runs,
};
use serde_json::Value;
use std::{cell::RefCell, path::Path};

const DIRECTIVES: [&str; 16] = [
    "code",
    "result",
    "table",
    "run",
    "given",
    "figure",
    "ref",
    "exercise",
    "hints",
    "reflection",
    "reflections",
    "verdict",
    "wrong-answers",
    "output",
    "cover",
    "written",
];

/// Between a formula and the comma after it: no line may begin with that.
const WORD_JOINER: &str = "\u{2060}";

/// What mdBook asks of a preprocessor: `[context, book]` as JSON, and the book back.
///
/// # Errors
/// When the input is of another form, and when a page is not right: all that is wrong with any page is said at once.
pub fn preprocess(json: &str) -> Result<String, Failure> {
    let input: Value =
        serde_json::from_str(json).map_err(|e| Failure::Other(format!("this is not what mdBook passes in: {e}")))?;
    let [context, book] = &input.as_array().map_or(&[][..], Vec::as_slice) else {
        return Err(Failure::Other("mdBook passes in a list of context and book, and this is another".into()));
    };
    let mut project = Project::new(context["root"].as_str().unwrap_or("."));
    let repository = &context["config"]["output"]["html"]["git-repository-url"];
    project.repository = repository.as_str().map(str::to_string);

    let mut book = book.clone();
    let mut pages = vec![];
    each_chapter(&mut book["items"], &mut |chapter| {
        if let (Some(path), Some(text)) = (chapter["source_path"].as_str(), chapter["content"].as_str()) {
            pages.push((format!("{PAGES}/{path}"), text.to_string()));
        }
    });
    let mut woven = weave(&project, &pages).map_err(Failure::Problems)?.into_iter();
    each_chapter(&mut book["items"], &mut |chapter| {
        if chapter["source_path"].is_string() {
            chapter["content"] = woven.next().into();
        }
    });
    serde_json::to_string(&book).map_err(|e| Failure::Other(e.to_string()))
}

fn each_chapter(items: &mut Value, visit: &mut impl FnMut(&mut Value)) {
    for item in items.as_array_mut().into_iter().flatten() {
        if let Some(chapter) = item.get_mut("Chapter") {
            visit(chapter);
            each_chapter(&mut chapter["sub_items"], visit);
        }
    }
}

/// The pages that the summary lists, from disk, in its order: file and text.
///
/// # Errors
/// When the summary or a page that it lists cannot be read.
pub fn read_pages(project: &Project) -> Result<Vec<(String, String)>, Vec<Problem>> {
    let file = format!("{PAGES}/SUMMARY.md");
    let summary = project.read(&file).map_err(|message| vec![Problem::new(&file, 1, message)])?;
    let summary = Page::new(&file, &summary);
    let mut pages = vec![];
    // A chapter that is only a draft leads nowhere.
    for link in summary.links.iter().filter(|link| !link.to.is_empty()) {
        let page = format!("{PAGES}/{}", link.to.trim_start_matches("./"));
        let text = project.read(&page).map_err(|message| vec![summary.problem(link.at, message)])?;
        pages.push((page, text));
    }
    Ok(pages)
}

/// Weaves all pages, each a file and its text.
///
/// # Errors
/// Everything that is wrong, by page and line.
pub fn weave(project: &Project, texts: &[(String, String)]) -> Result<Vec<String>, Vec<Problem>> {
    let pages: Vec<_> = texts.iter().map(|(file, text)| Page::new(file, text)).collect();
    let weaver = Weaver {
        project,
        figures: places(&pages, "figure"),
        exercises: places(&pages, "exercise"),
        reflections: places(&pages, "reflection"),
        hints_page: places(&pages, "hints").pop().map(|place| place.file),
        reflections_page: places(&pages, "reflections").pop().map(|place| place.file),
        equations: links::equations(&pages),
        problems: RefCell::default(),
    };
    let woven: Vec<_> = pages.iter().map(|page| weaver.page(page)).collect();

    let mut problems = weaver.problems.into_inner();
    let anchors =
        pages.iter().zip(&woven).map(|(page, woven)| (page.file.to_string(), links::anchors(woven))).collect();
    let exists = |file: &str| file.starts_with(PAGES) && project.root.join(file).is_file();
    problems.extend(pages.iter().flat_map(|page| links::check(page, &anchors, exists)));
    problems.extend(pages.iter().flat_map(|page| links::unlinked_equations(page, &weaver.equations)));
    problems.extend(pages.iter().flat_map(numbers::typed));
    problems.extend(output::unused(project, &pages));
    problems.extend(unlisted(project, &pages));
    problems.sort();
    problems.dedup();
    if problems.is_empty() { Ok(woven) } else { Err(problems) }
}

/// Where each figure (or exercise) stands, in the order of the book: name, file of the page, line.
fn places(pages: &[Page], name: &str) -> Vec<Place> {
    let of_page = |page: &Page| {
        let directives = page.directives().filter(|(_, directive)| directive.name == name);
        directives.map(|(at, d)| Place { name: d.argument.into(), file: page.file.into(), at }).collect::<Vec<_>>()
    };
    pages.iter().flat_map(of_page).collect()
}

/// Where something stands that others refer to.
pub(crate) struct Place {
    pub(crate) name: String,
    pub(crate) file: String,
    at: usize,
}

/// Pages that no reader finds, and pages whose Rust nobody compiles.
fn unlisted(project: &Project, pages: &[Page]) -> Vec<Problem> {
    let summary = format!("{PAGES}/SUMMARY.md");
    let files = project.files(PAGES, &[".md"]).into_iter();
    let strays = files.filter(|file| *file != summary && !pages.iter().any(|page| page.file == file));
    let mut problems: Vec<_> = strays.map(|file| Problem::new(file, 1, "SUMMARY.md does not list this page")).collect();
    let tested = project.read("src/book.rs").unwrap_or_default();
    for page in pages {
        let include = format!("include_str!(\"../{}\")", page.file);
        if !tested.contains(&include) {
            let message = format!("`cargo test` does not know {}: add #[doc = {include}]", page.file);
            problems.push(Problem::new("src/book.rs", 1, message));
        }
    }
    problems
}

/// A book on its way to being woven.
pub(crate) struct Weaver<'a> {
    pub(crate) project: &'a Project,
    figures: Vec<Place>,
    pub(crate) exercises: Vec<Place>,
    /// Reflections that stand in a page of their own subject; all others are on one page.
    pub(crate) reflections: Vec<Place>,
    /// Where all hints are, and all those other reflections.
    pub(crate) hints_page: Option<String>,
    pub(crate) reflections_page: Option<String>,
    /// Numbered equations, and the files that they are in.
    pub(crate) equations: Vec<(String, String)>,
    problems: RefCell<Vec<Problem>>,
}

impl Weaver<'_> {
    /// A page, or another piece of Markdown, with everything in place. What is wrong is put down, and left out.
    pub(crate) fn page(&self, page: &Page) -> String {
        self.problems.borrow_mut().extend(page.problems.iter().cloned());
        let mut out = String::new();
        let mut at = 0;
        for piece in &page.pieces {
            out += &page.text[at..piece.range.start];
            at = piece.range.end;
            let woven = match &piece.kind {
                Kind::Backslash => Ok(String::new()),
                Kind::Formula { latex, display } => {
                    let formula = self.numbers_in(page, latex).and_then(|latex| math::render(&latex, *display));
                    let goes_on = page.text[at..].starts_with([',', '.', ';', ':', ')', '?', '!', '’']);
                    formula.map(|html| if goes_on && !display { html + WORD_JOINER } else { html })
                }
                Kind::Directive(directive) => self.directive(page, piece.range.start, directive),
            };
            match woven {
                Ok(woven) => out += &woven,
                Err(message) => self.problems.borrow_mut().push(page.problem(piece.range.start, message)),
            }
        }
        out + &page.text[at..]
    }

    fn directive(&self, page: &Page, at: usize, directive: &Directive) -> Result<String, String> {
        match directive.name {
            "result" => return record::result(self.project, directive),
            "given" => return numbers::given(directive),
            "ref" => return self.reference(page, directive),
            name if !DIRECTIVES.contains(&name) => {
                return Err(format!("weave knows no {{{{#{name}}}}}{}", near::suggest(name, DIRECTIVES)));
            }
            name if !directive.alone => return Err(format!("{{{{#{name}}}}} needs a line of its own, without indent")),
            _ => {}
        }
        let level =
            1 + page.headings.iter().take_while(|heading| heading.at < at).last().map_or(1, |heading| heading.level);
        let block = match directive.name {
            "code" => code::Listing::new(self.project, directive).map(|listing| listing.render(self.project)),
            "table" => runs::table(self.project, directive),
            "run" => runs::run(self.project, directive),
            "figure" => self.figure(page, at, directive),
            "exercise" => self.exercise(page, directive, level.min(6)),
            "hints" => self.hints(page, directive, level.min(6)),
            "reflection" => self.reflection(page, directive, level.min(6)),
            "reflections" => self.reflections(page, directive, level.min(6)),
            "cover" => contents::cover(self.project, directive),
            "written" => contents::written(self.project, directive),
            "wrong-answers" => {
                directive.only(&[])?;
                exercise::wrong_answers(self.project, level.min(6))
            }
            "verdict" => exercise::verdict(self.project, directive),
            _ => output::render(self.project, directive),
        };
        // Blank lines divide it from what is around it.
        block.map(|block| format!("\n{block}\n"))
    }

    fn figure(&self, page: &Page, at: usize, directive: &Directive) -> Result<String, String> {
        let number = 1 + self.figures.iter().position(|place| place.name == directive.argument).unwrap_or(0);
        let first = &self.figures[number - 1];
        if (first.file.as_str(), first.at) != (page.file, at) {
            return Err(format!(
                "figure {0} stands in {1} already: {{{{#ref figure {0}}}}} leads there",
                first.name, first.file
            ));
        }
        figure::render(self.project, directive, number)
    }

    /// `{{#ref figure filters}}`: "Figure 3", as a link.
    fn reference(&self, page: &Page, directive: &Directive) -> Result<String, String> {
        directive.only(&[])?;
        let (kind, name) = directive.argument.split_once(' ').unwrap_or((directive.argument, ""));
        let (places, name) = match kind {
            "figure" => (&self.figures, name.trim()),
            "exercise" => (&self.exercises, name.trim()),
            _ => {
                return Err(format!(
                    "a reference is {{{{#ref figure NAME}}}} or {{{{#ref exercise NN}}}}, not to `{kind}`"
                ));
            }
        };
        let here = places.iter().find(|place| place.name == name && place.file == page.file);
        let place = here.or_else(|| places.iter().find(|place| place.name == name)).ok_or_else(|| {
            format!("no page has {kind} {name}{}", near::suggest(name, places.iter().map(|place| place.name.as_str())))
        })?;
        let words = match kind {
            "figure" => format!("Figure {}", 1 + places.iter().position(|other| other.name == name).unwrap_or(0)),
            _ => format!("Exercise {}", Exercise::ordinal(name)),
        };
        let file = if place.file == page.file { String::new() } else { relative(page.file, &place.file) };
        Ok(format!("[{}]({file}#{kind}-{name})", words.replace(' ', "\u{a0}")))
    }

    /// Numbers from records in a formula.
    fn numbers_in(&self, page: &Page, latex: &str) -> Result<String, String> {
        let mut out = String::new();
        let mut rest = latex;
        while let Some((before, after)) = rest.split_once("{{#") {
            let (inside, after) = after.split_once("}}").ok_or("{{# without }} in a formula")?;
            let directive = Directive::new(inside, false);
            if directive.name != "result" {
                return Err(format!(
                    "a formula can hold {{{{#result}}}}, not {{{{#{}}}}}: {}",
                    directive.name, page.file
                ));
            }
            let number = record::result(self.project, &directive)?;
            let number = number.replace(',', "{,}").replace("\u{a0}%", "\\,\\%").replace('−', "-");
            out += before;
            out += &number;
            rest = after;
        }
        Ok(out + rest)
    }
}

/// The way from one page to another.
pub(crate) fn relative(from: &str, to: &str) -> String {
    let up = Path::new(from.strip_prefix(PAGES).unwrap_or(from)).components().count().saturating_sub(2);
    "../".repeat(up) + to.strip_prefix(PAGES).unwrap_or(to).trim_start_matches('/')
}

#[cfg(test)]
mod tests {
    use super::relative;

    #[test]
    fn ways_between_pages() {
        assert_eq!(relative("book/pages/a.md", "book/pages/b.md"), "b.md");
        assert_eq!(relative("book/pages/x/a.md", "book/pages/b.md"), "../b.md");
        assert_eq!(relative("book/pages/a.md", "book/pages/x/b.md"), "x/b.md");
    }
}
