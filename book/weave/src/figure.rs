//! `{{#figure …}}`: an SVG as part of the page.

use crate::{Project, html, near, page::Directive};

const FOLDER: &str = "figures";

/// How many pixels high words have to be.
const READABLE: f64 = 11.0;

/// What a page leaves a figure of a phone that is 390 pixels wide.
const PHONE: f64 = 350.0;

/// The figure with its number, caption, text alternative and the command that draws it again.
pub fn render(project: &Project, directive: &Directive, number: usize) -> Result<String, String> {
    directive.only(&[])?;
    let name = directive.argument;
    let file = format!("{FOLDER}/{name}.svg");
    if !project.root.join(&file).is_file() {
        let names = project.names(FOLDER);
        let near = near::suggest(name, names.iter().filter_map(|file| file.strip_suffix(".svg")));
        return Err(format!("there is no figure {file} (`cargo run --bin figures` draws all there are){near}"));
    }
    let svg = project.read(&file)?;
    let caption = element(&svg, "title").ok_or(format!("{file} has no <title>: that is its caption"))?;
    let alt = element(&svg, "desc").ok_or(format!("{file} has no <desc>: that is its text alternative"))?;
    let width = attribute(&svg, "width").and_then(|width| width.parse::<f64>().ok());
    let width = width.ok_or(format!("{file} has no width"))?;
    // Text shrinks with its figure, and no further than it can be read.
    let text = smallest_text(&svg).ok_or(format!("{file} does not say how high its words are: font-size"))?;
    let least = (width * READABLE / text).round();
    if least > PHONE {
        return Err(format!(
            "{file} is too wide for a phone: at {PHONE} pixels of its {width} units, words of {text} units are {:.1} pixels \
             high, and {READABLE} can be read",
            text * PHONE / width
        ));
    }
    let drawing = inline(name, &svg, alt);
    let command = html::inert(&format!("cargo run --bin figures -- {name}"));
    Ok(format!(
        "<figure id=\"figure-{name}\">\n<div class=\"drawing\" style=\"--least: {least}px\">\n{drawing}\n</div>\n\
         <figcaption><strong>Figure {number}.</strong> {}\n<span class=\"redraw\">Drawn by <code>{command}</code></span>\n\
         </figcaption>\n</figure>",
        html::inert_between_tags(caption)
    ))
}

/// The figure as a link to its file, with its text alternative: for Markdown that others show.
pub fn linked(project: &Project, directive: &Directive) -> Result<String, String> {
    directive.only(&[])?;
    let file = format!("{FOLDER}/{}.svg", directive.argument);
    let svg = project.read(&file)?;
    let alt = element(&svg, "desc").ok_or(format!("{file} has no <desc>: that is its text alternative"))?;
    Ok(format!("![{}]({file})", alt.replace(['[', ']'], "")))
}

/// The smallest `font-size` of all.
fn smallest_text(svg: &str) -> Option<f64> {
    let sizes = svg
        .split(" font-size=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next()?.trim_end_matches("px").parse().ok());
    sizes.min_by(f64::total_cmp)
}

/// The drawing as a part of a page: named by its text alternative, without the caption, which a browser would show a
/// second time, and with ids that are its own.
fn inline(name: &str, svg: &str, alt: &str) -> String {
    let mut svg = svg.to_string();
    for tag in ["title", "desc"] {
        svg = without(&svg, tag);
    }
    // For the SVG on its own: here it has the colour of the text around it.
    if element(&svg, "style").is_some_and(|style| style.contains("svg:root")) {
        svg = without(&svg, "style");
    }
    for id in ids(&svg) {
        if !id.starts_with(&format!("{name}-")) {
            for (before, after) in [("id=\"", "\""), ("href=\"#", "\""), ("url(#", ")")] {
                svg = svg.replace(&format!("{before}{id}{after}"), &format!("{before}{name}-{id}{after}"));
            }
        }
    }
    if let Some(labelled) = attribute(&svg, "aria-labelledby") {
        svg = svg.replacen(
            &format!("aria-labelledby=\"{labelled}\""),
            &format!("aria-label=\"{}\"", alt.replace('"', "&quot;")),
            1,
        );
    }
    // A blank line would end the HTML.
    svg.lines().filter(|line| !line.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

/// What is inside the first element of that name.
fn element<'a>(svg: &'a str, tag: &str) -> Option<&'a str> {
    let start = svg.find(&format!("<{tag}"))?;
    let inside = start + svg[start..].find('>')? + 1;
    let end = inside + svg[inside..].find(&format!("</{tag}>"))?;
    Some(svg[inside..end].trim()).filter(|text| !text.is_empty())
}

/// The same without the first element of that name.
fn without(svg: &str, tag: &str) -> String {
    let close = format!("</{tag}>");
    match (svg.find(&format!("<{tag}")), svg.find(&close)) {
        (Some(start), Some(end)) if start < end => format!("{}{}", &svg[..start], &svg[end + close.len()..]),
        _ => svg.into(),
    }
}

/// The value of the first attribute of that name.
fn attribute<'a>(svg: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = svg.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn ids(svg: &str) -> Vec<String> {
    svg.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_among_others() {
        let svg = "<svg width=\"10\" aria-labelledby=\"a-title a-desc\">\n<title id=\"a-title\">T</title>\n<desc id=\"a-desc\">D \"q\"</desc>\n\
                   <style>svg:root{color:#222}</style>\n<path id=\"p\"/>\n\n<use href=\"#p\" fill=\"url(#p)\"/>\n</svg>\n";
        let expected = "<svg width=\"10\" aria-label=\"D &quot;q&quot;\">\n<path id=\"a-p\"/>\n<use href=\"#a-p\" fill=\"url(#a-p)\"/>\n</svg>";
        assert_eq!(inline("a", svg, "D \"q\""), expected);
    }
}
