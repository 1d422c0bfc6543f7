//! `{{#exercise …}}`, `{{#hints}}`, `{{#reflection …}}`, `{{#reflections}}`: what there is to do, help with it, and
//! what one learns from it. They stand on pages of their own: a reader who looks for something is not told an answer
//! instead.

use crate::{
    book::{Place, Weaver, relative},
    exercise::{self, Exercise},
    html, links,
    page::{Directive, Page},
};

impl Weaver<'_> {
    /// The exercise itself.
    pub(crate) fn exercise(&self, page: &Page, directive: &Directive, level: usize) -> Result<String, String> {
        directive.only(&[])?;
        let Exercise { number, title, file, statement, signatures, .. } =
            Exercise::read(self.project, directive.argument, level)?;
        let statement = self.with_equations(page, &statement);
        let statement = self.page(&Page::new(&file, &statement));
        let mut out = format!(
            "<section class=\"exercise\">\n\n{} Exercise {}: {title} {{#exercise-{number}}}\n\n{}\n\n",
            "#".repeat(level),
            Exercise::ordinal(&number),
            statement.trim()
        );
        let place = format!("<p class=\"place\"><code>{}</code></p>", html::inert(&file));
        out += &format!("<div class=\"listing\">\n{place}\n\n{}\n\n</div>\n\n", html::fenced("rust", &signatures));
        out += &format!("Open `{file}`, write what is missing, and run `cargo judge {number}`.");
        if let Some(hints) = &self.hints_page {
            out += &format!(" If you are stuck, there are [hints]({}#hints-{number}).", way(page, hints));
        }
        if let Some(there) = self.where_reflection_is(&number) {
            out += &format!(" When it is right, read [what it shows]({}#reflection-{number}).", way(page, there));
        }
        Ok(out + "\n\n</section>")
    }

    /// The hints for all exercises, folded.
    pub(crate) fn hints(&self, page: &Page, directive: &Directive, level: usize) -> Result<String, String> {
        directive.only(&[])?;
        let hints = self.exercises.iter().map(|place| self.hints_for(page, place, level));
        Ok(hints.collect::<Result<Vec<_>, _>>()?.join("\n\n"))
    }

    fn hints_for(&self, page: &Page, place: &Place, level: usize) -> Result<String, String> {
        let Exercise { number, title, hints, .. } = Exercise::read(self.project, &place.name, level)?;
        let mut out = heading(page, level, "hints", &number, &title, place);
        let sections = exercise::sections(&hints.text);
        if sections.is_empty() {
            return Err(format!("{} has no hints: each begins with a line `## 1`", hints.file));
        }
        for (i, (heading, text)) in sections.iter().enumerate() {
            let summary = match heading.chars().all(|c| c.is_ascii_digit()) {
                true => format!("Hint {}", i + 1),
                false => format!("Hint {}: {}", i + 1, html::inert(heading)),
            };
            let text = self.with_equations(page, text);
            let text = self.page(&Page::new(&hints.file, &text));
            out +=
                &format!("<details class=\"hint\">\n<summary>{summary}</summary>\n\n{}\n\n</details>\n\n", text.trim());
        }
        Ok(out)
    }

    /// What an exercise shows, in the page that goes on with it.
    pub(crate) fn reflection(&self, page: &Page, directive: &Directive, level: usize) -> Result<String, String> {
        directive.only(&[])?;
        let name = directive.argument;
        let place =
            self.exercises.iter().find(|place| place.name == name).ok_or(format!("no page has exercise {name}"))?;
        self.reflection_on(page, place, level)
    }

    /// All of them; for one that stands in a page of its own subject, the way there.
    pub(crate) fn reflections(&self, page: &Page, directive: &Directive, level: usize) -> Result<String, String> {
        directive.only(&[])?;
        let all = self.exercises.iter().map(|place| {
            let elsewhere = self.reflections.iter().find(|there| there.name == place.name);
            elsewhere.map_or_else(|| self.reflection_on(page, place, level), |there| self.way_to(page, there, level))
        });
        Ok(all.collect::<Result<Vec<_>, _>>()?.join("\n\n"))
    }

    fn way_to(&self, page: &Page, there: &Place, level: usize) -> Result<String, String> {
        let Exercise { number, title, .. } = Exercise::read(self.project, &there.name, level)?;
        let (marks, ordinal, way) = ("#".repeat(level), Exercise::ordinal(&number), way(page, &there.file));
        Ok(format!(
            "{marks} What Exercise {ordinal} shows: {title} {{#way-to-reflection-{number}}}\n\n\
             It stands [in the text]({way}#reflection-{number})."
        ))
    }

    fn reflection_on(&self, page: &Page, place: &Place, level: usize) -> Result<String, String> {
        let Exercise { number, title, reflection, .. } = Exercise::read(self.project, &place.name, level)?;
        let text = self.with_equations(page, &reflection.text);
        let text = self.page(&Page::new(&reflection.file, &text));
        let heading = heading(page, level, "reflection", &number, &title, place);
        Ok(format!("<section class=\"reflection\">\n\n{heading}{}\n\n</section>", text.trim()))
    }

    fn with_equations(&self, page: &Page, text: &str) -> String {
        links::with_equations(text, page.file, &self.equations)
    }

    fn where_reflection_is(&self, number: &str) -> Option<&String> {
        let there = self.reflections.iter().find(|there| there.name == number).map(|there| &there.file);
        there.or(self.reflections_page.as_ref())
    }
}

/// A heading with an anchor, and the way to the exercise itself.
fn heading(page: &Page, level: usize, what: &str, number: &str, title: &str, place: &Place) -> String {
    let ordinal = Exercise::ordinal(number);
    let words = match what {
        "reflection" => format!("What Exercise {ordinal} shows: {title}"),
        _ => format!("Exercise {ordinal}: {title}"),
    };
    let back = format!("[To the exercise]({}#exercise-{number})", way(page, &place.file));
    format!("{} {words} {{#{what}-{number}}}\n\n{back}\n\n", "#".repeat(level))
}

/// The way from a page to a file; none when it is the same.
fn way(page: &Page, file: &str) -> String {
    if page.file == file { String::new() } else { relative(page.file, file) }
}
