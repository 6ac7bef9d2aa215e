//! `gw`: plan and simulate AI fleets from the money to the megawatts to the tokens.
//!
//! The binary reads arguments and files, hands them to the pure core, and writes what comes back. Exit codes:
//! 0 done, 1 `gw check` found a claim that does not hold, 2 bad input, 3 internal error, 4 input or output
//! failed, 130 interrupted.

mod arguments;
mod catalogue;
mod checkpoint_terminal;
mod commands;
mod compare_terminal;
mod diagnostics;
mod failure;
mod file;
mod finance_terminal;
mod fleet_terminal;
mod folder;
mod jobs_terminal;
mod observer;
mod power_terminal;
mod scenario;
mod serve_terminal;
mod size_terminal;
mod sweep;
mod terminal;
mod train_terminal;
mod tune_terminal;
mod typed;
mod world;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return told_by_clap(&error),
    };
    // A panic is a bug: it is told as one, with its own exit code, instead of Rust's 101.
    std::panic::set_hook(Box::new(|panic| {
        anstream::eprintln!(
            "internal error: {panic}\nthis is a bug in gw; please report it with the scenario that caused it"
        );
    }));
    let json = arguments.command.json();
    let result = std::panic::catch_unwind(|| run(arguments));
    match result {
        Ok(Ok(code)) => code,
        Ok(Err(failure)) => failure.report(json),
        // The hook has told a person already; who asked for JSON gets a document.
        Err(panic) if json => {
            let reason = panic.downcast_ref::<String>().map(String::as_str);
            let reason = reason.or(panic.downcast_ref::<&str>().copied()).unwrap_or("a panic");
            Failure::internal(reason).report(json)
        }
        Err(_) => ExitCode::from(3),
    }
}

/// Help, the version, or what is wrong with the command line.
fn told_by_clap(error: &clap::Error) -> ExitCode {
    let asked_for = !error.use_stderr();
    // The command line was not understood: whether it asks for JSON is read off it as it stands.
    let mut words = std::env::args_os().skip(1).take_while(|word| word != "--");
    if !asked_for
        && error.kind() != ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        && words.any(|word| word == "--json")
    {
        return Failure::from(error).report(true);
    }
    match error.print() {
        Ok(()) if asked_for => ExitCode::SUCCESS,
        Ok(()) => ExitCode::from(2),
        Err(error) => Failure::Output(error).report(false),
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    if let Some(threads) = arguments.threads {
        // Only fails when a pool exists already, and nothing has made one.
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.get())
            .build_global()
            .map_err(Failure::internal)?;
    }
    match arguments.command {
        Command::Run(options) => commands::run(&options),
        Command::Check(options) => commands::check(&options),
        Command::Finance(options) => commands::finance(&options),
        Command::Train(options) => commands::train(&options),
        Command::Tune(options) => commands::tune(&options),
        Command::Size(options) => commands::size(&options),
        Command::Checkpoint(options) => commands::checkpoint(&options),
        Command::Fleet(options) => commands::fleet(&options),
        Command::Serve(options) => commands::serve(&options),
        Command::Power(options) => commands::power(&options),
        Command::Explain(options) => commands::explain(&options),
        Command::Compare(options) => commands::compare(&options),
        Command::Sweep(options) => commands::sweep(&options),
        Command::New(options) => commands::new(&options),
        Command::Schema(options) => commands::schema(&options),
        Command::Completions(options) => commands::completions(&options),
        Command::Man(options) => commands::man(&options),
        Command::Validate(options) => commands::validate(&options),
        Command::Jobs(options) => commands::jobs(&options),
        Command::Catalog(options) => commands::catalog(&options),
    }
}
