//! `systems`: the systems that the chapter surveys, from the command line.

use clap::{Parser, Subcommand};
use experiments::program;
use network3::{Error, Result};
use std::process::ExitCode;

/// Run the systems that Chapter 6 of Nielsen's book surveys, each built from scratch.
#[derive(Parser)]
#[command(name = "systems", version, disable_help_subcommand = true, arg_required_else_help = true)]
struct Arguments {
    /// List the systems, with what each shows and how long it takes
    #[arg(long)]
    list: bool,
    #[command(subcommand)]
    system: Option<Which>,
}

/// One variant for each system. Their order is the book's.
#[derive(Subcommand)]
enum Which {
    /// The network known as AlexNet, in full, and a small one on coloured numbers (Krizhevsky, Sutskever and Hinton,
    /// 2012)
    Ksh(systems::ksh::Options),
    /// Inception modules, in full, and a quarter of their width on digits (Szegedy and others, 2014)
    Googlenet(systems::googlenet::Options),
    /// A unit for a digit, found in images without labels (Le, Ranzato, Monga, Dean and others, 2012)
    Lrmd(systems::lrmd::Options),
    /// What a map answers to, and what an answer rests on (Zeiler and Fergus, 2013)
    ZeilerFergus(systems::zeiler_fergus::Options),
    /// Changes that nobody sees flip the answer of a network (Szegedy and others, 2013)
    Adversarial(systems::adversarial::Options),
    /// Pictures of nothing that a network is certain to read (Nguyen and others, 2014)
    Fooling(systems::fooling::Options),
    /// Whole numbers of one to five digits, read at once (Goodfellow and others, 2013)
    StreetView(systems::street_view::Options),
    /// Sort the digits that the ensemble finds hardest, and compare yourself with it
    Sort(systems::sort::Options),
    /// What came first, long ago: a plain recurrent net and an LSTM (Hochreiter and Schmidhuber, 1997)
    Recurrent(systems::recurrent::Options),
    /// Programs read as characters, and executed (Zaremba and Sutskever, 2014)
    Execute(systems::execute::Options),
    /// A neural Turing machine that copies (Graves, Wayne and Danihelka, 2014)
    Turing(systems::turing::Options),
    /// Layers that learn without labels, and write digits (Hinton, Osindero and Teh, 2006)
    DeepBelief(systems::deep_belief::Options),
    /// A network that learns to play from pixels (Mnih and others, 2013)
    QLearning(systems::q_learning::Options),
}

impl Which {
    fn run(&self) -> Result<()> {
        match self {
            Which::Ksh(options) => systems::ksh::run(options),
            Which::Googlenet(options) => systems::googlenet::run(options),
            Which::Lrmd(options) => systems::lrmd::run(options),
            Which::ZeilerFergus(options) => systems::zeiler_fergus::run(options),
            Which::Adversarial(options) => systems::adversarial::run(options),
            Which::Fooling(options) => systems::fooling::run(options),
            Which::StreetView(options) => systems::street_view::run(options),
            Which::Sort(options) => systems::sort::run(options),
            Which::Recurrent(options) => systems::recurrent::run(options),
            Which::Execute(options) => systems::execute::run(options),
            Which::Turing(options) => systems::turing::run(options),
            Which::DeepBelief(options) => systems::deep_belief::run(options),
            Which::QLearning(options) => systems::q_learning::run(options),
        }
    }
}

fn main() -> ExitCode {
    match start(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("error: {e}");
            ExitCode::FAILURE
        }
    }
}

fn start(arguments: &Arguments) -> Result<()> {
    if arguments.list {
        return program::print(&systems::list());
    }
    let Some(system) = &arguments.system else {
        return Err(Error::input("which system? `systems --list` names them"));
    };
    program::watch()?;
    system.run()
}
