//! The systems that the chapter surveys, built: each small and whole, in a file or folder of its own, on the library
//! [`network3`].
//!
//! `cargo run --bin systems -- --list` names them; `cargo run --bin systems -- NAME --quick` runs a version of about a
//! minute, and without `--quick` the one whose record the book quotes. [`kit`] is what they have in common.

pub mod adversarial;
pub mod deep_belief;
pub mod execute;
pub mod fooling;
pub mod googlenet;
pub mod kit;
pub mod ksh;
pub mod lrmd;
pub mod q_learning;
pub mod recurrent;
pub mod sort;
pub mod street_view;
pub mod tape;
pub mod turing;
pub mod zeiler_fergus;

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
        name: "ksh",
        paper: "Krizhevsky, Sutskever and Hinton 2012",
        shows: "the network known as AlexNet, in full; a small one on coloured numbers, with and without each of its ideas",
        takes: ("20 s", "6 min"),
    },
    About {
        name: "googlenet",
        paper: "Szegedy and others 2014",
        shows: "inception modules, in full; a quarter of their width on digits",
        takes: ("15 s", "2 min"),
    },
    About {
        name: "lrmd",
        paper: "Le and others 2012",
        shows: "single units that stand for a digit, found in images without labels",
        takes: ("15 s", "30 s"),
    },
    About {
        name: "zeiler-fergus",
        paper: "Zeiler and Fergus 2013",
        shows: "what a map answers to, and what an answer rests on",
        takes: ("5 s", "15 s"),
    },
    About {
        name: "adversarial",
        paper: "Szegedy and others 2013; Goodfellow and others 2014",
        shows: "changes that nobody sees flip the answer of a network",
        takes: ("10 s", "1 min"),
    },
    About {
        name: "fooling",
        paper: "Nguyen and others 2014",
        shows: "pictures of nothing that a network is certain to read",
        takes: ("5 s", "5 s"),
    },
    About {
        name: "street-view",
        paper: "Goodfellow and others 2013",
        shows: "one network reads whole numbers of one to five digits, and knows when it does",
        takes: ("90 s", "3 min"),
    },
    About {
        name: "recurrent",
        paper: "Hochreiter and Schmidhuber 1997",
        shows: "LSTM learns what came first over 100 steps; a plain recurrent net does not",
        takes: ("1 s", "20 s"),
    },
    About {
        name: "execute",
        paper: "Zaremba and Sutskever 2014",
        shows: "an LSTM reads programs as characters, and writes their results",
        takes: ("30 s", "10 min"),
    },
    About {
        name: "turing",
        paper: "Graves, Wayne and Danihelka 2014",
        shows: "a neural Turing machine learns to copy, and to copy several times",
        takes: ("10 s", "2 min"),
    },
    About {
        name: "deep-belief",
        paper: "Hinton, Osindero and Teh 2006",
        shows: "layers that learn without labels, and write digits",
        takes: ("3 min", "1 h"),
    },
    About {
        name: "q-learning",
        paper: "Mnih and others 2013",
        shows: "a network that learns to play from pixels",
        takes: ("30 s", "10 min"),
    },
];

/// What a system shows, and where it is from; nothing of one that is not in [`ALL`].
pub fn about(name: &str) -> String {
    let system = ALL.iter().find(|about| about.name == name);
    system.map_or(String::new(), |About { paper, shows, .. }| format!("{shows} ({paper})"))
}

/// A line for each system.
pub fn list() -> String {
    let line = |About { name, paper, shows, takes: (quick, whole) }: &About| {
        format!("{name:<15}{quick:>7} {whole:>7}  {shows} ({paper})")
    };
    let head = format!("{:<15}{:>7} {:>7}  what it shows", "system", "--quick", "whole");
    [head].into_iter().chain(ALL.iter().map(line)).collect::<Vec<_>>().join("\n")
}
