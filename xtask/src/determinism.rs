//! The same plan and seed give the same bytes: debug and release, one thread and two.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::Outcome;
use crate::command::{cargo, root, run};

/// Draws for the comparison: enough to fill several chunks of every thread.
const SAMPLES: &str = "2000";

/// The part of the year in which the fleet is simulated: a build without optimisation is slow.
const FLEET: &str = "fleet.period={ from = 2025-03-01, to = 2025-03-31 }";

/// Builds both profiles and compares what they write.
pub fn check() -> Result<Outcome> {
    // The same command as the tests', so that what they built is not built again with other features.
    run(cargo().args(["test", "--quiet", "--workspace", "--no-run"]))?;
    run(cargo().args(["build", "--quiet", "--package", "gigawatt", "--release"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let folder = tempfile::tempdir().context("a folder for results")?;
    let all: &[(&str, &str)] = &[("release", "1"), ("release", "2"), ("debug", "2")];
    for (scenario, ways) in [("meta-2025.toml", all), ("meta-2025-hindsight.toml", &all[1..])] {
        let mut first: Option<Vec<Vec<u8>>> = None;
        for (profile, threads) in ways {
            let out = folder.path().join(format!("{scenario}-{profile}-{threads}"));
            run(Command::new(target.join(profile).join("gw"))
                .current_dir(root())
                .args(["run", "--quiet", "--samples", SAMPLES, "--threads", threads, "--set", FLEET, "--out"])
                .arg(&out)
                .arg(Path::new("scenarios").join(scenario))
                .stdout(std::process::Stdio::null()))?;
            let files: Vec<Vec<u8>> = ["summary.json", "report.html", "results/fleet.perfetto"]
                .iter()
                .map(|name| std::fs::read(out.join(name)).with_context(|| format!("{name} of {profile}")))
                .collect::<Result<_>>()?;
            match &first {
                None => first = Some(files),
                Some(first) if *first == files => {}
                Some(_) => {
                    bail!("{scenario}: {profile} on {threads} threads writes other bytes than release")
                }
            }
        }
        println!("{scenario}: {} ways of building and running write the same bytes", ways.len());
    }
    Ok(Outcome::Passed)
}
