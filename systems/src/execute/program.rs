//! Little programs: a generator that writes them, and an interpreter that knows their answers.
//!
//! ```text
//! program     = { name "=" sum newline } sum
//! sum         = product { ("+" | "-") product }
//! product     = atom { "*" atom }
//! atom        = number | name | "(" sum ")"
//! ```
//!
//! As at Python's prompt, the answer is the value of the last line. (The programs of Zaremba and Sutskever 2014 have
//! conditions and loops besides, and print.)

use network3::{Error, Result};
use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

/// The value of a program's last line.
///
/// ```
/// # use systems::execute::program::interpret;
/// assert_eq!(interpret("347+85")?, 432);
/// assert_eq!(interpret("a=12-40\n3*(a+8)")?, -60);
/// assert!(interpret("12+").is_err());
/// # Ok::<(), network3::Error>(())
/// ```
///
/// # Errors
/// When the text is no program, and when a number grows beyond 18 digits.
pub fn interpret(program: &str) -> Result<i64> {
    let mut variables = [None; 26];
    let mut lines = program.lines().peekable();
    let refuse = |line: &str, why: &str| Error::input(format!("{line:?} is no line of a program: {why}"));
    while let Some(line) = lines.next() {
        let (name, text) = match line.split_once('=') {
            Some((name, text)) => (Some(name), text),
            None => (None, line),
        };
        let mut parser = Parser { text: text.as_bytes(), at: 0, variables: &variables };
        let value = parser.sum().map_err(|why| refuse(line, why))?;
        if parser.at < text.len() {
            return Err(refuse(line, "it goes on where it should end"));
        }
        match (name.map(str::as_bytes), lines.peek()) {
            (None, None) => return Ok(value),
            (Some([letter @ b'a'..=b'z']), Some(_)) => variables[usize::from(letter - b'a')] = Some(value),
            (None, Some(_)) => return Err(refuse(line, "only the last line is without a name")),
            (Some(_), None) => return Err(refuse(line, "the last line has the answer, and no name")),
            (Some(_), _) => return Err(refuse(line, "a name is one small letter")),
        }
    }
    Err(Error::input("a program has at least one line"))
}

/// Recursive descent over a line.
struct Parser<'a> {
    text: &'a [u8],
    at: usize,
    variables: &'a [Option<i64>; 26],
}

impl Parser<'_> {
    fn next_if(&mut self, wanted: impl Fn(u8) -> bool) -> Option<u8> {
        let found = self.text.get(self.at).copied().filter(|&c| wanted(c))?;
        self.at += 1;
        Some(found)
    }

    fn sum(&mut self) -> Result<i64, &'static str> {
        let mut value = self.product()?;
        while let Some(sign) = self.next_if(|c| c == b'+' || c == b'-') {
            let other = self.product()?;
            let result = if sign == b'+' { value.checked_add(other) } else { value.checked_sub(other) };
            value = result.ok_or("a number is too large")?;
        }
        Ok(value)
    }

    fn product(&mut self) -> Result<i64, &'static str> {
        let mut value = self.atom()?;
        while self.next_if(|c| c == b'*').is_some() {
            value = value.checked_mul(self.atom()?).ok_or("a number is too large")?;
        }
        Ok(value)
    }

    fn atom(&mut self) -> Result<i64, &'static str> {
        if self.next_if(|c| c == b'(').is_some() {
            let value = self.sum()?;
            return self.next_if(|c| c == b')').map(|_| value).ok_or("a bracket is not closed");
        }
        if let Some(name) = self.next_if(|c| c.is_ascii_lowercase()) {
            return self.variables[usize::from(name - b'a')].ok_or("a name has no value");
        }
        let (mut value, first) = (0_i64, self.at);
        while let Some(digit) = self.next_if(|c| c.is_ascii_digit()) {
            let longer = value.checked_mul(10).and_then(|value| value.checked_add(i64::from(digit - b'0')));
            value = longer.ok_or("a number is too large")?;
        }
        if self.at > first { Ok(value) } else { Err("a number, a name or a bracket is missing") }
    }
}

/// What programs there are to learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// The sum of two numbers.
    Sums,
    /// A variable is computed in one line and used in the next.
    TwoLines,
}

impl Family {
    /// Digits of the numbers that are to be mastered in the end.
    pub fn digits(self) -> usize {
        match self {
            Family::Sums => 3,
            Family::TwoLines => 2,
        }
    }

    /// Characters of the longest program, and of the longest answer.
    pub fn widths(self) -> (usize, usize) {
        match self {
            Family::Sums => (7, 4),
            // a=97+98, newline, a+12; and 99*9*9 is 8019
            Family::TwoLines => (12, 4),
        }
    }

    /// A program whose numbers have so many digits.
    pub fn draw(self, digits: usize, random: &mut Xoshiro256PlusPlus) -> String {
        match self {
            Family::Sums => format!("{}+{}", number(digits, random), number(digits, random)),
            Family::TwoLines => {
                let first = expression(1, digits, random);
                let second = combine(["a".into(), number(digits, random)], random);
                format!("a={first}\n{second}")
            }
        }
    }

    /// A program that is learned from, or, if it is `held_out`, one that never is. Which programs are held out is
    /// decided by a hash of the text: every eighth.
    pub fn draw_from(self, held_out: bool, digits: usize, random: &mut Xoshiro256PlusPlus) -> String {
        loop {
            let program = self.draw(digits, random);
            if hash(&program).is_multiple_of(8) == held_out {
                return program;
            }
        }
    }
}

/// An expression with so many operations.
pub fn expression(nesting: usize, digits: usize, random: &mut Xoshiro256PlusPlus) -> String {
    if nesting == 0 {
        return number(digits, random);
    }
    let left = random.random_range(0..nesting);
    let sides = [left, nesting - 1 - left].map(|nesting| {
        let side = expression(nesting, digits, random);
        if nesting > 0 { format!("({side})") } else { side }
    });
    combine(sides, random)
}

/// The sum, the difference, or a small multiple of one, of two expressions in either order.
fn combine([a, b]: [String; 2], random: &mut Xoshiro256PlusPlus) -> String {
    let (a, b) = if random.random_bool(0.5) { (a, b) } else { (b, a) };
    match random.random_range(0..5) {
        0 | 1 => format!("{a}+{b}"),
        2 | 3 => format!("{a}-{b}"),
        // As in the paper one factor is small: what is to be learned takes time in proportion to the number of digits
        _ if b.bytes().all(|c| c.is_ascii_digit()) => format!("{a}*{}", number(1, random)),
        _ => format!("{}*{b}", number(1, random)),
    }
}

/// A number of so many digits, of which the first is not zero (unless it is the only one).
fn number(digits: usize, random: &mut Xoshiro256PlusPlus) -> String {
    let first = if digits == 1 { 0 } else { 10_u64.pow(digits as u32 - 1) };
    random.random_range(first..10_u64.pow(digits as u32)).to_string()
}

/// FNV-1a: the same on every machine, and spread well over small texts.
fn hash(text: &str) -> u64 {
    let mixed = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    // The low bits of a product depend on the low bits of its factors only: take the high ones
    mixed >> 40
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kit::rng;

    #[test]
    fn the_interpreter_knows_its_arithmetic() {
        let cases =
            [("7", 7), ("2+3*4", 14), ("(2+3)*4", 20), ("10-4-3", 3), ("a=5\nb=a*a\nb-a", 20), ("a=3\n0-a", -3)];
        for (program, answer) in cases {
            assert_eq!(interpret(program).unwrap(), answer, "{program}");
        }
        for wrong in ["", "+", "2+", "(2", "2)", "a", "a=1", "1\n2", "ab=1\n2", "99999999999999999999", "x=1\ny", "2 3"]
        {
            assert!(interpret(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_drawn_is_a_program_that_fits() {
        let mut random = rng(1, 0);
        for family in [Family::Sums, Family::TwoLines] {
            let (width, answer_width) = family.widths();
            for k in 0..2_000 {
                let program = family.draw_from(k % 2 == 0, 1 + k % family.digits(), &mut random);
                let answer = interpret(&program).unwrap().to_string();
                assert!(program.len() <= width && answer.len() <= answer_width, "{program:?} = {answer}");
            }
        }
        for nesting in 0..6 {
            interpret(&expression(nesting, 2, &mut random)).unwrap();
        }
    }

    #[test]
    fn every_eighth_is_held_out() {
        let mut random = rng(2, 0);
        let held_out = (0..8_000).filter(|_| hash(&Family::Sums.draw(3, &mut random)).is_multiple_of(8)).count();
        assert!((900..1_100).contains(&held_out), "{held_out} of 8,000");
    }
}
