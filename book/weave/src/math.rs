//! LaTeX to MathML, when the book is built: a browser needs neither a script nor a font to show it.

use crate::html;
use pulldown_latex::{Parser, RenderConfig, Storage, config::DisplayMode, mathml::push_mathml};

/// The line of `\bar` as pulldown-latex has it, and as the font of the book has it.
const BAR: [&str; 2] = ["‾", "¯"];

/// Accents that the font of the book does not have: a browser would take them from another font.
const ABSENT: [char; 4] = ['˙', 'ˆ', '˜', 'ˉ'];

/// A formula as HTML on one line, which Markdown leaves as it is.
pub fn render(latex: &str, display: bool) -> Result<String, String> {
    let (latex, tag) = take_tag(latex.trim())?;
    if tag.is_some() && !display {
        return Err("only a formula in $$…$$ can have a \\tag".into());
    }
    let storage = Storage::new();
    let events: Result<Vec<_>, _> = Parser::new(&latex, &storage).collect();
    let events =
        events.map_err(|e| format!("the formula {} is no LaTeX: {}", shortened(&latex), first_line(&e.to_string())))?;
    let display_mode = if display { DisplayMode::Block } else { DisplayMode::Inline };
    let mut mathml = String::new();
    let events = events.into_iter().map(Ok::<_, pulldown_latex::ParserError>);
    push_mathml(&mut mathml, events, RenderConfig { display_mode, ..RenderConfig::default() })
        .map_err(|e| format!("the formula {} has no MathML: {e}", shortened(&latex)))?;
    // pulldown-latex 0.8 forgets a space in what `\big(` becomes, and then it is no HTML.
    let mathml = html::inert_between_tags(&mathml.replace("\"minsize", "\" minsize").replace(BAR[0], BAR[1]));
    if let Some(absent) = mathml.chars().find(|c| ABSENT.contains(c)) {
        return Err(format!("the formula {} has {absent}, which the font of formulas has not", shortened(&latex)));
    }
    Ok(match (display, tag) {
        (false, _) => mathml,
        (true, None) => format!("<span class=\"equation\">{mathml}</span>"),
        (true, Some(tag)) => format!(
            "<span class=\"equation\" id=\"equation-{}\">{mathml}<span class=\"tag\">&#40;{}&#41;</span></span>",
            tag.replace(' ', "-"),
            html::inert(&tag)
        ),
    })
}

/// Takes `\tag{…}` out of a formula.
pub fn take_tag(latex: &str) -> Result<(String, Option<String>), String> {
    let Some((before, rest)) = latex.split_once("\\tag{") else { return Ok((latex.into(), None)) };
    let (tag, after) = rest.split_once('}').ok_or("\\tag{ without its closing brace")?;
    let plain = |c: char| c.is_alphanumeric() || " .-′".contains(c);
    if tag.is_empty() || !tag.chars().all(plain) || after.contains("\\tag{") {
        return Err("a formula can have one \\tag, of letters, digits, spaces, dots and dashes".into());
    }
    Ok((format!("{before}{after}"), Some(tag.into())))
}

fn shortened(latex: &str) -> String {
    let line = latex.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(60) {
        Some((end, _)) => format!("`{}…`", &line[..end]),
        None => format!("`{line}`"),
    }
}

fn first_line(message: &str) -> &str {
    message.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("it does not parse")
}

#[cfg(test)]
mod tests {
    use super::render;

    #[test]
    fn a_formula_is_one_line_without_markdown() {
        let html = render("a *\n\\sigma(z^l_j)", false).unwrap();
        assert!(html.starts_with("<math") && html.ends_with("</math>"), "{html}");
        assert!(!html.contains(['\n', '*', '_']), "{html}");
        assert!(html.contains('σ'), "{html}");
    }

    #[test]
    fn accents_are_in_the_font() {
        assert!(render("\\bar{x}", false).unwrap().contains('¯'));
        assert!(render("\\dot{x}", false).unwrap_err().contains("the font of formulas"));
    }

    /// What Markdown does not take for HTML, it shows: the tags of all that a page may need are tags to it.
    #[test]
    fn markdown_takes_it_for_html() {
        let latex = [
            "\\big( \\Big[ x \\Big] \\bigr) \\left\\{ \\frac{a}{b} \\right.",
            "\\begin{cases} 1 & x < 0 \\\\ 0 & \\text{else} \\end{cases}",
            "\\begin{aligned} a &= b \\\\ &> \\mathbf{c} \\end{aligned}",
            "\\hat{x} \\tilde{a} \\bar{y} \\sqrt[3]{2} \\underbrace{x}_{n} \\mathbb{R} \\operatorname{rot} \\overline{w} \\vdots \\odot \\ast",
        ];
        for latex in latex {
            let html = render(latex, false).unwrap();
            for event in pulldown_cmark::Parser::new(&format!("a {html} b")) {
                if let pulldown_cmark::Event::Text(text) = event {
                    assert!(text.len() == 1 || !text.contains(['<', '>', '"']), "{text} in {html}");
                }
            }
        }
    }

    /// pulldown-latex says with classes how columns are aligned, and leaves the rest to a style sheet.
    #[test]
    fn the_theme_has_rules_for_columns() {
        let theme = include_str!("../../theme/book.css");
        let environments = ["aligned", "cases", "matrix", "array}{lr"].map(|environment| {
            let name = environment.split('}').next().unwrap();
            render(&format!("\\begin{{{environment}}} a & b \\\\ c & d \\end{{{name}}}"), true).unwrap()
        });
        let html = environments.concat();
        let classes =
            html.split(" class=\"").skip(1).filter_map(|rest| rest.split('"').next()).flat_map(str::split_whitespace);
        let columns: Vec<_> =
            classes.filter(|class| class.starts_with("menv-") || class.starts_with("cell-")).collect();
        assert!(columns.contains(&"menv-alignlike") && columns.contains(&"menv-cells-left"), "{columns:?}");
        let without: Vec<_> = columns.iter().filter(|class| !theme.contains(&format!(".{class}"))).collect();
        assert!(without.is_empty(), "book.css has no rule for {without:?}");
    }

    #[test]
    fn less_and_more() {
        let html = render("a < b > c \\leq d", false).unwrap();
        assert!(html.contains("<mo>&#60;</mo>") && html.contains("<mo>&#62;</mo>") && html.contains('≤'), "{html}");
    }

    #[test]
    fn attributes_are_apart() {
        let html = render("\\Big( x \\Big)", false).unwrap();
        assert!(html.contains("\" minsize=\""), "{html}");
    }

    #[test]
    fn tags() {
        let html = render("x = y \\tag{BP1}", true).unwrap();
        assert!(html.starts_with("<span class=\"equation\" id=\"equation-BP1\"><math display=\"block\""), "{html}");
        assert!(html.ends_with("<span class=\"tag\">&#40;BP1&#41;</span></span>"), "{html}");
        assert_eq!(render("x \\tag{1}", false).unwrap_err(), "only a formula in $$…$$ can have a \\tag");
    }

    #[test]
    fn errors_show_the_formula() {
        let e = render("\\frac{1}{2", false).unwrap_err();
        assert!(e.starts_with("the formula `\\frac{1}{2` is no LaTeX: "), "{e}");
        let e = render("\\nosuchthing x", false).unwrap_err();
        assert!(e.starts_with("the formula `\\nosuchthing x` is no LaTeX: "), "{e}");
    }
}
