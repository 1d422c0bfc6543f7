//! One program that is all mutants.

use crate::{Change, changes};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write,
    ops::Range,
};

/// A mutant, by a name that stays the same as long as its function does.
#[derive(Clone, Debug)]
pub struct Mutant {
    /// `ex03_tanh`
    pub exercise: String,
    pub function: String,
    /// `ex03_tanh::tanh: z.abs() → z`
    pub name: String,
    pub line: usize,
}

/// Whose a line of the generated text is.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Owner {
    /// Of no place where something is changed.
    Text,
    /// Of the place with this number: the original is there.
    Place(usize),
    /// Of the mutant with this number.
    Mutant(usize),
}

/// A place where something is changed.
struct Place {
    range: Range<usize>,
    /// The mutants there.
    mutants: Range<usize>,
}

/// An exercise with all its mutants in it.
pub struct Schemata {
    text: String,
    changes: Vec<Change>,
    places: Vec<Place>,
    /// From 1; 0 is the original.
    first: usize,
    pub mutants: Vec<Mutant>,
    dropped: HashSet<usize>,
    owners: Vec<Owner>,
}

impl Schemata {
    /// Finds what there is to change in a solution. The mutants are numbered from `first`.
    pub fn new(exercise: &str, solution: &str, first: usize) -> syn::Result<Self> {
        // A mutant is chosen at run time, and a constant of a function is known before: make it a variable.
        let text = solution.replace("\n    const ", "\n    let ");
        let changes = changes(&text)?;
        let mut places: Vec<Place> = vec![];
        for (k, change) in changes.iter().enumerate() {
            match places.last_mut() {
                Some(place) if place.range == change.range => place.mutants.end = k + 1,
                _ => places.push(Place { range: change.range.clone(), mutants: k..k + 1 }),
            }
        }
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mutants = changes.iter().map(|change| {
            let mut name = format!("{exercise}::{}: {}", change.function, describe(&text, change));
            let times = seen.entry(name.clone()).or_default();
            *times += 1;
            if *times > 1 {
                write!(name, " #{times}").expect("writing to a string does not fail");
            }
            let line = text[..change.range.start].matches('\n').count() + 1;
            Mutant { exercise: exercise.into(), function: change.function.clone(), name, line }
        });
        let mutants = mutants.collect();
        Ok(Schemata { text, changes, places, first, mutants, dropped: HashSet::new(), owners: vec![] })
    }

    /// Does this mutant compile, as far as is known?
    pub fn stands(&self, mutant: usize) -> bool {
        !self.dropped.contains(&mutant)
    }

    /// Takes out what stands in this line (the first is 1) of the generated text: it does not compile.
    /// Returns whether there was anything.
    pub fn drop_line(&mut self, line: usize) -> bool {
        match self.owners.get(line - 1) {
            Some(Owner::Mutant(k)) => self.dropped.insert(*k),
            Some(Owner::Place(place)) => {
                let mutants = self.places[*place].mutants.clone();
                mutants.filter(|&k| self.dropped.insert(k)).count() > 0
            }
            _ => false,
        }
    }

    /// Takes out the mutants that leave out an assignment. Without one, a value may be used after it has been moved,
    /// and then the compiler points at the use. Returns whether there was anything.
    pub fn drop_assignments(&mut self) -> bool {
        let is_assignment = |change: &Change| {
            let text = &self.text[change.range.clone()];
            change.with.is_none() && text.contains(" = ") && !text.contains('{')
        };
        let found = self.changes.iter().enumerate().filter(|(_, change)| is_assignment(change)).map(|(k, _)| k);
        let found: Vec<usize> = found.collect();
        found.into_iter().filter(|&k| self.dropped.insert(k)).count() > 0
    }

    /// The text with all its mutants.
    pub fn generate(&mut self) -> String {
        let mut out = Out::default();
        let places: Vec<usize> = (0..self.places.len()).collect();
        self.emit(0..self.text.len(), &places, Owner::Text, &mut out);
        let mut owners: Vec<Owner> = vec![];
        for (line, owner) in out.owners {
            owners.resize(line, *owners.last().unwrap_or(&Owner::Text));
            owners.push(owner);
        }
        owners.resize(out.text.lines().count(), Owner::Text);
        self.owners = owners;
        out.text
    }

    /// The text of `range`, in which these places lie, the outer ones before those within.
    fn emit(&self, range: Range<usize>, places: &[usize], owner: Owner, out: &mut Out) {
        let mut at = range.start;
        let mut rest = places;
        while let Some((&place, more)) = rest.split_first() {
            let Place { range: here, mutants } = &self.places[place];
            let within = more.iter().take_while(|&&k| self.places[k].range.start < here.end).count();
            let (inner, after) = more.split_at(within);
            out.push(&self.text[at..here.start], owner);
            let standing: Vec<usize> = mutants.clone().filter(|k| self.stands(*k)).collect();
            if standing.is_empty() {
                self.emit(here.clone(), inner, owner, out);
            } else if let [k] = standing[..]
                && self.changes[k].with.is_none()
            {
                out.push(&format!("if crate::mutant() != {} {{", self.first + k), owner);
                out.start_line(Owner::Mutant(k));
                self.emit(here.clone(), inner, Owner::Mutant(k), out);
                out.start_line(owner);
                out.push("}", owner);
            } else {
                // The body of a function is a block.
                let (open, close) = if self.text[here.clone()].starts_with('{') { ("{", "}") } else { ("(", ")") };
                out.push(open, owner);
                out.push(" match crate::mutant() {", owner);
                for &k in &standing {
                    // The compiler takes the first arm for the type of all: so the original comes first.
                    if k == standing[0] {
                        let numbers: Vec<_> = standing.iter().map(|k| (self.first + k).to_string()).collect();
                        out.start_line(Owner::Place(place));
                        out.push(
                            &format!("mutant_ if ![{}].contains(&mutant_) => {{ ", numbers.join(", ")),
                            Owner::Place(place),
                        );
                        self.emit(here.clone(), inner, Owner::Place(place), out);
                        out.push(" },", Owner::Place(place));
                    }
                    let with = self.changes[k].with.as_deref().unwrap_or("()");
                    out.start_line(Owner::Mutant(k));
                    out.push(&format!("{} => {{ {with} }},", self.first + k), Owner::Mutant(k));
                }
                out.start_line(Owner::Place(place));
                out.push("_ => unreachable!() }", Owner::Place(place));
                out.start_line(owner);
                out.push(close, owner);
            }
            at = here.end;
            rest = after;
        }
        out.push(&self.text[at..range.end], owner);
    }
}

/// Text, and from which line on it is whose.
#[derive(Default)]
struct Out {
    text: String,
    lines: usize,
    owners: BTreeMap<usize, Owner>,
}

impl Out {
    fn push(&mut self, text: &str, owner: Owner) {
        self.text += text;
        let lines = text.matches('\n').count();
        for line in 1..=lines {
            self.owners.insert(self.lines + line, owner);
        }
        self.lines += lines;
    }

    fn start_line(&mut self, owner: Owner) {
        self.text += "\n";
        self.lines += 1;
        self.owners.insert(self.lines, owner);
    }
}

/// `a + b → a - b`, on one line.
fn describe(text: &str, change: &Change) -> String {
    let one_line = |text: &str| {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.chars().count() > 90 { text.chars().take(89).chain(['…']).collect() } else { text }
    };
    let from = one_line(&text[change.range.clone()]);
    match &change.with {
        Some(with) => format!("{from} → {}", one_line(with)),
        None => format!("{from} → (left out)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOLUTION: &str = "fn f(x: f64) -> f64 {\n    let mut y = x + 1.0;\n    y *= 2.0;\n    y\n}\n";

    #[test]
    fn all_mutants_are_in_one_text_that_parses() {
        let mut schemata = Schemata::new("ex99_x", SOLUTION, 100).unwrap();
        let text = schemata.generate();
        assert!(syn::parse_file(&text).is_ok(), "{text}");
        let names: Vec<_> = schemata.mutants.iter().map(|mutant| &*mutant.name).collect();
        assert!(names.contains(&"ex99_x::f: x + 1.0 → x - 1.0"), "{names:?}");
        assert!(names.contains(&"ex99_x::f: y *= 2.0; → (left out)"), "{names:?}");
    }

    #[test]
    fn what_does_not_compile_is_dropped_by_its_line() {
        let mut schemata = Schemata::new("ex99_x", SOLUTION, 1).unwrap();
        let text = schemata.generate();
        let line = text.lines().position(|line| line.contains("=> { x - 1.0 },")).unwrap() + 1;
        assert!(schemata.drop_line(line) && !schemata.drop_line(line));
        let text = schemata.generate();
        assert!(!text.contains("x - 1.0") && text.contains("y /= 2.0"));
    }
}
