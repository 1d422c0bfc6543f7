//! Which functions are meant by the words behind `cargo test`.

/// What is there: the exercise's name and that of the function, in order.
pub type Known = (&'static str, &'static str);

/// The functions that are meant by one word: `ex03`, `3`, `EX03`, `ex03_tanh`, `exercises/ex03_tanh.rs`, `ex03::tanh`,
/// or a part of a name. Returns their positions.
///
/// # Errors
/// When the word names an exercise or a function that there is not. Another word may be meant for other tests, and
/// selects nothing here.
pub fn meant(word: &str, known: &[Known]) -> Result<Vec<usize>, String> {
    let plain = word.rsplit(['/', '\\']).next().unwrap_or_default().to_lowercase();
    let plain = plain.strip_suffix(".rs").unwrap_or(&plain);
    if let Some((number, rest)) = numbered(plain) {
        return of_exercise(word, number, rest, known);
    }
    let found = positions(known, |(exercise, function)| full_name(exercise, function).contains(plain));
    // A slip of the pen is not meant for other tests.
    let near = |name: &&str| plain.len() > 3 && strsim::osa_distance(plain, name) <= 2;
    match known.iter().map(|(_, function)| *function).find(near) {
        Some(near) if found.is_empty() => Err(format!("there is no function {word}; did you mean {near}?")),
        _ => Ok(found),
    }
}

/// `ex03::tanh`
pub fn full_name(exercise: &str, function: &str) -> String {
    format!("{}::{function}", &exercise[..4])
}

/// The number of an exercise, and what comes after it.
fn numbered(word: &str) -> Option<(u64, &str)> {
    let digits = word.strip_prefix("ex").unwrap_or(word);
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (number, rest) = digits.split_at(end);
    (rest.is_empty() || rest.starts_with(['_', ':'])).then_some(())?;
    Some((number.parse().ok()?, rest))
}

fn of_exercise(word: &str, number: u64, rest: &str, known: &[Known]) -> Result<Vec<usize>, String> {
    let is = |exercise: &str| exercise[2..4].parse() == Ok(number);
    let of = known.iter().filter(|(exercise, _)| is(exercise));
    let (names, functions): (Vec<&str>, Vec<&str>) = of.copied().unzip();
    let Some(name) = names.first() else {
        let mut all: Vec<&str> = known.iter().map(|(exercise, _)| &exercise[2..4]).collect();
        all.dedup();
        return Err(format!("there is no exercise {word}; there are {}", all.join(", ")));
    };
    // What is said of a function, if anything, stands behind the number or behind the name of the file.
    let behind = rest.strip_prefix(&name[4..]).filter(|rest| rest.is_empty() || rest.starts_with(':')).unwrap_or(rest);
    let part = behind.trim_start_matches([':', '_']);
    let found = positions(known, |(exercise, function)| is(exercise) && function.contains(part));
    match found.is_empty() {
        true => Err(format!("exercise {} has no function {part}; it has {}", &name[2..4], functions.join(", "))),
        false => Ok(found),
    }
}

fn positions(known: &[Known], is: impl Fn(&Known) -> bool) -> Vec<usize> {
    known.iter().enumerate().filter(|(_, known)| is(known)).map(|(i, _)| i).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [Known; 5] = [
        ("ex03_tanh", "tanh"),
        ("ex03_tanh", "tanh_prime"),
        ("ex05_early_stopping", "train"),
        ("ex07_learning_rate", "train"),
        ("ex13_l2_pooling", "forward"),
    ];

    #[test]
    fn an_exercise_has_many_names() {
        for word in
            ["ex3", "ex03", "EX03", "Ex3", "3", "03", "ex03_tanh", "ex03_tanh.rs", "exercises/ex03_tanh.rs", "ex03::"]
        {
            assert_eq!(meant(word, &KNOWN), Ok(vec![0, 1]), "{word}");
        }
        assert_eq!(meant("ex13", &KNOWN), Ok(vec![4]));
    }

    #[test]
    fn functions_are_meant_by_a_part_of_their_names() {
        for word in ["ex03::tanh_prime", "ex3_tanh_prime", "ex03_tanh::tanh_prime", "prime"] {
            assert_eq!(meant(word, &KNOWN), Ok(vec![1]), "{word}");
        }
        assert_eq!(meant("train", &KNOWN), Ok(vec![2, 3]));
    }

    #[test]
    fn what_there_is_not_is_refused() {
        let refused = |word: &str| meant(word, &KNOWN).unwrap_err();
        assert_eq!(refused("ex99"), "there is no exercise ex99; there are 03, 05, 07, 13");
        assert_eq!(refused("ex03::sinh"), "exercise 03 has no function sinh; it has tanh, tanh_prime");
        assert_eq!(refused("trian"), "there is no function trian; did you mean train?");
        assert_eq!(refused("ex04_translation"), "there is no exercise ex04_translation; there are 03, 05, 07, 13");
        assert_eq!(meant("parity", &KNOWN), Ok(vec![]), "it may be meant for the library's tests");
    }
}
