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
    /// A unit for a digit, found in images without labels (Le, Ranzato, Monga, Dean and others, 2012)
    Lrmd(systems::lrmd::Options),
    /// Whole numbers of one to five digits, read at once (Goodfellow and others, 2013)
    StreetView(systems::street_view::Options),
}

impl Which {
    fn run(&self) -> Result<()> {
        match self {
            Which::Lrmd(options) => systems::lrmd::run(options),
            Which::StreetView(options) => systems::street_view::run(options),
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
