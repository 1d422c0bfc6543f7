//! `systems`: the systems that the chapter surveys, from the command line.

use clap::{Parser, Subcommand};
use experiments::program;
use network3::{Error, Result};
use std::process::ExitCode;
use systems::{deep_belief, q_learning};

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
    DeepBelief(deep_belief::Options),
    QLearning(q_learning::Options),
}

impl Which {
    fn run(&self) -> Result<()> {
        match self {
            Which::DeepBelief(options) => deep_belief::run(options),
            Which::QLearning(options) => q_learning::run(options),
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
