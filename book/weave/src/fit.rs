//! Lines of an exercise that would be cut off at the edge of a page, put into several.

/// Signs of a listing that a desktop's page has room for, inside the frame of an exercise.
const WIDTH: usize = 108;

/// The same Rust with doc comments and signatures wrapped where they are wider than the page.
pub fn fitted(code: &str) -> String {
    let mut out: Vec<String> = vec![];
    let lines: Vec<&str> = code.lines().collect();
    let mut at = 0;
    while let Some(&line) = lines.get(at) {
        let flows = |line: &&str| {
            line.starts_with("/// ") && !line[4..].starts_with([' ', '-', '*', '|', '#', '$']) && !line.contains("```")
        };
        let paragraph = lines[at..].iter().take_while(|line| flows(line)).count();
        if lines[at..at + paragraph].iter().any(|line| line.chars().count() > WIDTH) {
            let words = lines[at..at + paragraph].iter().flat_map(|line| line[4..].split(' '));
            out.extend(filled(words));
            at += paragraph;
        } else if line.chars().count() > WIDTH && line.starts_with("pub fn ") {
            out.push(signature(line));
            at += 1;
        } else {
            out.push(line.into());
            at += 1;
        }
    }
    out.join("\n")
}

/// Words as lines of a doc comment, each as full as it gets.
fn filled<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut lines = vec![];
    let mut line = String::from("///");
    for word in words {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(std::mem::replace(&mut line, "///".into()));
        }
        line += " ";
        line += word;
    }
    lines.push(line);
    lines
}

/// A line for each parameter, as rustfmt does it.
fn signature(line: &str) -> String {
    let Some((name, rest)) = line.split_once('(') else { return line.into() };
    let (mut depth, mut start, mut parameters) = (0, 0, vec![]);
    for (k, c) in rest.char_indices() {
        match c {
            '>' if rest[..k].ends_with('-') => {}
            ')' if depth == 0 => {
                parameters.push(rest[start..k].trim());
                let parameters: String = parameters.iter().map(|parameter| format!("    {parameter},\n")).collect();
                return format!("{name}(\n{parameters}{}", &rest[k..]);
            }
            '(' | '[' | '<' => depth += 1,
            ')' | ']' | '>' => depth -= 1,
            ',' if depth == 0 => {
                parameters.push(rest[start..k].trim());
                start = k + 1;
            }
            _ => {}
        }
    }
    line.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_stays() {
        let code = "/// Short.\npub fn f(x: f64) -> f64;\n\n/// - a list\n/// goes on";
        assert_eq!(fitted(code), code);
    }

    #[test]
    fn a_paragraph_is_filled_again() {
        let code = format!("/// {}\n/// end.\n///\n/// Next.", "word ".repeat(30).trim());
        let fitted = fitted(&code);
        assert!(fitted.lines().all(|line| line.chars().count() <= WIDTH), "{fitted}");
        assert!(fitted.ends_with("word end.\n///\n/// Next."), "{fitted}");
        assert_eq!(fitted.matches("word").count(), 30);
    }

    #[test]
    fn a_long_signature_has_a_line_for_each_parameter() {
        let b = "b".repeat(90);
        let code = format!("pub fn f(a: &dyn Fn(&[f64], i8) -> f64, {b}: Array<f64, Ix2>) -> (f64, f64);");
        let expected =
            format!("pub fn f(\n    a: &dyn Fn(&[f64], i8) -> f64,\n    {b}: Array<f64, Ix2>,\n) -> (f64, f64);");
        assert_eq!(fitted(&code), expected);
    }
}
