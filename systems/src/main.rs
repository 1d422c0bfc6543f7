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

/// One variant for each system, in the order of the book: `systems::ALL` says what each is.
#[derive(Subcommand)]
enum Which {
    #[command(about = systems::about("ksh"))]
    Ksh(systems::ksh::Options),
    #[command(about = systems::about("googlenet"))]
    Googlenet(systems::googlenet::Options),
    #[command(about = systems::about("lrmd"))]
    Lrmd(systems::lrmd::Options),
    #[command(about = systems::about("zeiler-fergus"))]
    ZeilerFergus(systems::zeiler_fergus::Options),
    #[command(about = systems::about("adversarial"))]
    Adversarial(systems::adversarial::Options),
    #[command(about = systems::about("fooling"))]
    Fooling(systems::fooling::Options),
    #[command(about = systems::about("street-view"))]
    StreetView(systems::street_view::Options),
    /// Sort the digits that the ensemble finds hardest, and compare yourself with it
    Sort(systems::sort::Options),
    #[command(about = systems::about("recurrent"))]
    Recurrent(systems::recurrent::Options),
    #[command(about = systems::about("execute"))]
    Execute(systems::execute::Options),
    #[command(about = systems::about("turing"))]
    Turing(systems::turing::Options),
    #[command(about = systems::about("deep-belief"))]
    DeepBelief(systems::deep_belief::Options),
    #[command(about = systems::about("q-learning"))]
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

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_and_the_list_know_the_same_systems() {
        let command = Arguments::command();
        let known = command.get_subcommands().filter(|system| system.get_name() != "sort");
        for (system, about) in known.zip(systems::ALL) {
            assert_eq!(system.get_name(), about.name);
            assert!(system.get_about().is_some_and(|said| said.to_string().starts_with(about.shows)));
        }
        assert_eq!(command.get_subcommands().count(), systems::ALL.len() + 1);
    }
}
