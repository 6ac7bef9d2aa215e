//! `gw completions`.

use std::process::ExitCode;

use clap::CommandFactory;
use serde_json::json;

use crate::arguments::{Arguments, CompletionsOptions};
use crate::failure::Failure;
use crate::terminal;

/// Prints the script that teaches a shell the commands and options.
pub fn completions(options: &CompletionsOptions) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "gw", &mut script);
    let script = String::from_utf8(script).map_err(Failure::internal)?;
    if options.manner.json {
        terminal::print_json(&json!({ "shell": options.shell.to_string(), "script": script }))?;
    } else {
        terminal::print(&script)?;
    }
    Ok(ExitCode::SUCCESS)
}
