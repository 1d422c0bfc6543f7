//! Numbers that are typed into a page where they should come from a record: accuracies, counts of mistakes, times and
//! rates.
//!
//! A sum like 28 − 5 + 1 = 24 can be typed, since no run can change it. What a run has measured cannot: it goes stale.

use crate::{
    Problem,
    page::{Directive, Page},
};

/// Words that make what stands before them a measurement, and what kind.
const UNITS: [(&str, &str); 33] = [
    ("%", "an accuracy"),
    ("per cent", "an accuracy"),
    ("percent", "an accuracy"),
    ("percentage points", "an accuracy"),
    ("points", "an accuracy"),
    ("mistakes", "a count"),
    ("mistake", "a count"),
    ("errors", "a count"),
    ("wrong", "a count"),
    ("right", "a count"),
    ("misread", "a count"),
    ("parameters", "a count"),
    ("runs", "a count"),
    ("milliseconds", "a time"),
    ("ms", "a time"),
    ("seconds", "a time"),
    ("s", "a time"),
    ("minutes", "a time"),
    ("minute", "a time"),
    ("min", "a time"),
    ("hours", "a time"),
    ("hour", "a time"),
    ("days", "a time"),
    ("weeks", "a time"),
    ("times as fast", "a rate"),
    ("times as long", "a rate"),
    ("times faster", "a rate"),
    ("times slower", "a rate"),
    ("images a second", "a rate"),
    ("images per second", "a rate"),
    ("images an hour", "a rate"),
    ("examples a second", "a rate"),
    ("launches a second", "a rate"),
];

/// Numbers in words. *One* is not among them: it is mostly a pronoun.
const WORDS: [&str; 27] = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "thirty",
    "forty",
    "fifty",
    "sixty",
    "seventy",
    "eighty",
    "ninety",
    "hundred",
];

/// `{{#given 90 %}}`: a number that no run can change, because it is part of an example, a definition or a request.
pub fn given(directive: &Directive) -> Result<String, String> {
    directive.only(&[])?;
    match directive.argument {
        "" => Err("{{#given}} which number? {{#given 90 %}}".into()),
        number => Ok(number.replace(" %", "\u{a0}%")),
    }
}

/// Every measurement that somebody has typed.
pub fn typed(page: &Page) -> Vec<Problem> {
    let found = measurements(&page.prose).into_iter();
    let problem = |(at, words, kind): (usize, String, &str)| {
        let message = format!(
            "{kind} is typed here, \u{201c}{words}\u{201d}, and nobody will notice when it is no longer true: take it from a \
             record, {{{{#result …}}}}, from {{{{#result cited.…}}}} if others have measured it, or say that it is \
             {{{{#given …}}}}"
        );
        page.problem(at, message)
    };
    found.map(problem).collect()
}

/// A number, in digits or in words, and after it one of the units: where, what it says, what kind it is.
fn measurements(prose: &str) -> Vec<(usize, String, &'static str)> {
    let words = words(prose);
    let mut found = vec![];
    for (k, &(at, word)) in words.iter().enumerate() {
        if !is_number(word) {
            continue;
        }
        // 98% has its unit on it.
        if word.ends_with('%') {
            found.push((at, bare(word).to_string(), "an accuracy"));
            continue;
        }
        let after = words[k + 1..].iter().take(3).map(|(_, word)| *word).collect::<Vec<_>>();
        let unit = UNITS.iter().find(|(unit, _)| {
            let unit: Vec<_> = unit.split(' ').collect();
            let said = after.iter().take(unit.len()).map(|word| trimmed(word)).collect::<Vec<_>>();
            said == unit && after.iter().take(unit.len() - 1).all(|word| trimmed(word).len() == word.len())
        });
        if let Some((unit, kind)) = unit {
            found.push((at, format!("{} {unit}", bare(word)), *kind));
        }
    }
    found
}

/// The words of a text and where they begin; a space that does not break is a space, too, and so is the edge of a tag.
fn words(text: &str) -> Vec<(usize, &str)> {
    let mut words = vec![];
    let mut at = 0;
    for word in text.split(|c: char| c.is_whitespace() || c == '<' || c == '>') {
        if !word.is_empty() {
            words.push((at, word));
        }
        let next = at + word.len();
        at = next + text[next..].chars().next().map_or(0, char::len_utf8);
    }
    words
}

fn bare(word: &str) -> &str {
    word.trim_start_matches(|c: char| !c.is_alphanumeric())
}

/// The word alone, without what follows it: a full stop, the end of a link.
fn trimmed(word: &str) -> &str {
    &word[..word.find(|c: char| !c.is_alphanumeric() && c != '%').unwrap_or(word.len())]
}

/// 97.80, 10,000, 98%, ×4, seven. What ends in a comma or a full stop has no unit.
fn is_number(word: &str) -> bool {
    let bare = bare(word);
    let digits = bare.trim_end_matches('%');
    let in_digits = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || [',', '.', '–', '-'].contains(&c));
    in_digits || WORDS.contains(&bare.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, String)> {
        let page = Page::new("p.md", text);
        measurements(&page.prose).into_iter().map(|(at, words, _)| (page.line(at), words)).collect()
    }

    #[test]
    fn what_a_run_measures_is_found() {
        let text = "It got 97.80 % right,\nor 98% of them, in three\nminutes (1,400 images a second), with **77 mistakes**. It is 4.2 times as fast, \
                    “2–3 hours”.\n\n<summary>ninety per cent</summary>\n";
        let said = [
            (1, "97.80 %"),
            (2, "98%"),
            (2, "three minutes"),
            (3, "1,400 images a second"),
            (3, "77 mistakes"),
            (3, "4.2 times as fast"),
            (3, "2–3 hours"),
            (5, "ninety per cent"),
        ];
        let found = found(text);
        assert_eq!(found.iter().map(|(line, said)| (*line, said.as_str())).collect::<Vec<_>>(), said);
    }

    #[test]
    fn what_no_run_can_change_is_not() {
        let text = "28 − 5 + 1 = 24, 10,000 images, 5×5, a batch of ten, sixty epochs; the second of three; in 1998 people; chapter 3. \
                    Seconds later, at number 7. Right so.\n`3 minutes`, $3$ minutes, {{#given 90 %}} right, {{#result a.b}} mistakes\n\n```text\n97 % right\n```\n\
                    <!-- 3 minutes -->\n";
        assert_eq!(found(text), []);
    }
}
