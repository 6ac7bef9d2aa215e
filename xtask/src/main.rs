//! Tasks of the workspace: `cargo xtask test` runs every test with all its set-up, `cargo xtask fit` fits coefficients.

mod browser;
mod command;
mod determinism;
mod supply_chain;
mod trace;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use crate::command::{cargo, run};

/// A group of tests that share a tool.
type Tier = fn() -> Result<Outcome>;

/// What became of a tier.
enum Outcome {
    Passed,
    /// A tool is missing and could not be installed; says which.
    Skipped(String),
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["test"] => test(None),
        ["test", tier] => test(Some(tier)),
        ["fit", rest @ ..] => run(cargo().args(["run", "--quiet", "--package", "fit", "--"]).args(rest)),
        _ => {
            eprintln!(
                "usage: cargo xtask test [TIER]
       cargo xtask fit [kernels | training | serving] [--points-dir FOLDER]

test: every test, or those of one tier: format, lints, unit, golden, reference and command-line tests, determinism
of debug and release builds, the report in a real browser, traces read with Perfetto's definitions, licences
of dependencies.
fit: writes catalog/coefficients/ from the measurements in FOLDER, the same bytes each time."
            );
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs all tiers or the one with that name, the cheap ones first, and stops at the first that fails.
fn test(only: Option<&str>) -> Result<()> {
    let tiers: [(&str, Tier); 7] = [
        ("format", || run(cargo().args(["fmt", "--all", "--check"])).map(|()| Outcome::Passed)),
        ("lints", || {
            run(cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
                .map(|()| Outcome::Passed)
        }),
        ("tests", || run(cargo().args(["test", "--workspace"])).map(|()| Outcome::Passed)),
        ("determinism", determinism::check),
        ("browser", browser::check),
        ("trace", trace::check),
        ("supply chain", supply_chain::check),
    ];
    let ci = std::env::var("CI").is_ok_and(|value| value == "true");
    if let Some(only) = only
        && !tiers.iter().any(|(name, _)| *name == only)
    {
        bail!("there is no tier `{only}`; there are {}", tiers.map(|(name, _)| name).join(", "));
    }
    let (mut passed, mut skipped) = (0, 0);
    for (name, tier) in tiers.into_iter().filter(|(name, _)| only.is_none_or(|only| only == *name)) {
        println!("\n=== {name}");
        let start = Instant::now();
        match tier()? {
            Outcome::Passed => {
                passed += 1;
                println!("=== {name}: passed in {:.0} s", start.elapsed().as_secs_f64());
            }
            Outcome::Skipped(reason) if ci => bail!("{name}: {reason}, and CI needs it"),
            Outcome::Skipped(reason) => {
                skipped += 1;
                println!("=== {name}: skipped, {reason}");
            }
        }
    }
    println!("\ntiers: {passed} passed, 0 failed, {skipped} skipped");
    Ok(())
}
