//! The systems that the chapter surveys, built: each small and whole, in a file or folder of its own, on the library
//! [`network3`].
//!
//! `cargo run --bin systems -- --list` names them; `cargo run --bin systems -- NAME --quick` runs a version of about a minute, and
//! without `--quick` the one whose record the book quotes. [`kit`] is what they have in common.

pub mod deep_belief;
pub mod kit;
pub mod q_learning;

/// A system, as `--list` has it.
pub struct About {
    /// What it is called on the command line and in the book.
    pub name: &'static str,
    /// Where it is from.
    pub paper: &'static str,
    /// What it shows, in a line.
    pub shows: &'static str,
    /// How long the quick version and the other take on two cores, in words.
    pub takes: (&'static str, &'static str),
}

/// All systems, in the order of the book.
pub const ALL: &[About] = &[
    About {
        name: "deep-belief",
        paper: "Hinton, Osindero and Teh 2006",
        shows: "layers that learn without labels, and write digits",
        takes: ("4 min", "1 h"),
    },
    About {
        name: "q-learning",
        paper: "Mnih and others 2013",
        shows: "a network that learns to play from pixels",
        takes: ("1 min", "10 min"),
    },
];

/// A line for each system.
pub fn list() -> String {
    let line = |About { name, paper, shows, takes: (quick, whole) }: &About| {
        format!("{name:<15}{quick:>7} {whole:>7}  {shows} ({paper})")
    };
    let head = format!("{:<15}{:>7} {:>7}  what it shows", "system", "--quick", "whole");
    [head].into_iter().chain(ALL.iter().map(line)).collect::<Vec<_>>().join("\n")
}
