//! Licences and origins of dependencies, with cargo-deny.

use std::process::{Command, Stdio};

use anyhow::Result;

use crate::Outcome;
use crate::command::{cargo, run};

/// Checks what `deny.toml` says. Advisories need the network and are left to those who have it.
pub fn check() -> Result<Outcome> {
    let present = || {
        let mut command = cargo();
        command.args(["deny", "--version"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    if !present() {
        println!("installing cargo-deny");
        let mut install = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // It reads a few files: compiling it without optimisation saves minutes and costs a second.
        install.args(["install", "--quiet", "--locked", "--debug", "cargo-deny@0.20.2"]);
        install.env("CARGO_PROFILE_DEV_DEBUG", "0");
        if !install.status().is_ok_and(|status| status.success()) || !present() {
            return Ok(Outcome::Skipped("cargo-deny cannot be installed".to_owned()));
        }
    }
    run(cargo().args(["deny", "--log-level", "error", "check", "bans", "licenses", "sources"]))?;
    Ok(Outcome::Passed)
}
