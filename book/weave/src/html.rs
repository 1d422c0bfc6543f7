//! Words that stand in HTML that stands in Markdown.

/// Text as HTML in which Markdown finds nothing to do: every sign of ASCII that is no letter, digit or space is written
/// as its number.
pub fn inert(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '.' | ',' | ' ' => out.push(c),
            c if c.is_ascii_punctuation() => out.push_str(&format!("&#{};", u32::from(c))),
            '\n' => out.push_str("<br>"),
            c => out.push(c),
        }
    }
    out
}

/// HTML that was made elsewhere, with everything between its tags made [`inert`]. What is an entity already stays one.
pub fn inert_between_tags(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some(tag) = tag(rest) {
        let end = rest[tag..].find('>').map_or(rest.len(), |end| tag + end + 1);
        out.push_str(&inert_but_entities(&rest[..tag]));
        out.push_str(&spaced(&rest[tag..end]));
        rest = &rest[end..];
    }
    out + &inert_but_entities(rest)
}

/// A tag on one line, with a space before each attribute: pulldown-latex forgets one after `\big`, and then it is no
/// tag.
fn spaced(tag: &str) -> String {
    let mut out = String::new();
    let (mut quoted, mut closed) = (false, false);
    for c in tag.chars() {
        if closed && c.is_ascii_alphabetic() {
            out.push(' ');
        }
        closed = quoted && c == '"';
        quoted ^= c == '"';
        out.push(if c == '\n' { ' ' } else { c });
    }
    out
}

/// Where the first tag begins. A `<` before anything but a name is a sign of its own: MathML has it in `<mo><</mo>`.
fn tag(html: &str) -> Option<usize> {
    let names = |&(at, _): &(usize, &str)| html[at + 1..].starts_with(|c: char| c == '/' || c.is_ascii_alphabetic());
    html.match_indices('<').find(names).map(|(at, _)| at)
}

fn inert_but_entities(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&nbsp;", "\u{a0}");
    let text = text.replace("&amp;", "&");
    inert(&text.replace('\n', " "))
}

/// A fence that is longer than any in `text`.
pub fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    format!("{fence}{language}\n{}\n{fence}", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_finds_nothing() {
        assert_eq!(inert("a_b * <c>"), "a&#95;b &#42; &#60;c&#62;");
        assert_eq!(
            inert_between_tags("<mo class=\"a_b\">*</mo><mo>&lt;</mo>"),
            "<mo class=\"a_b\">&#42;</mo><mo>&#60;</mo>"
        );
    }

    #[test]
    fn tags_and_what_is_none() {
        assert_eq!(inert_between_tags("<mo a=\"b c\"d=\"e\"/>"), "<mo a=\"b c\" d=\"e\"/>");
        assert_eq!(inert_between_tags("<mo><</mo><mo>></mo>"), "<mo>&#60;</mo><mo>&#62;</mo>");
    }

    #[test]
    fn a_fence_holds_a_fence() {
        assert_eq!(fenced("rust", "/// ```\n"), "````rust\n/// ```\n````");
    }
}
