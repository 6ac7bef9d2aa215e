//! Traces read with Perfetto's own definitions, which are a package of Python.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::Outcome;
use crate::command::{cargo, has, install_with_apt, root, run};

/// The package, and what reads its definitions.
const PACKAGES: [&str; 2] = ["perfetto==0.59.1", "protobuf==7.36.2"];
/// What is checked, in Python.
const CHECK: &str = include_str!("trace_check.py");

/// Traces of the runs of a scenario and of one of the command line.
const RUNS: [&[&str]; 2] = [
    &["scenarios/meta-2025.toml", "llama-3-1-405b"],
    &[
        "--model",
        "llama-3-1-8b",
        "--system",
        "hgx-h100",
        "--gpus",
        "64",
        "--tokens",
        "1T",
        "--pipeline",
        "4",
        "--batch",
        "65536",
        "--recompute",
        "full",
    ],
];

/// Writes traces and reads them.
pub fn check() -> Result<Outcome> {
    let Some(python) = python() else {
        return Ok(Outcome::Skipped("Python with the package perfetto cannot be installed".to_owned()));
    };
    let folder = tempfile::tempdir().context("a folder for traces")?;
    for arguments in RUNS {
        let trace = folder.path().join("trace.perfetto");
        run(cargo()
            .args(["run", "--quiet", "--release", "--", "train", "--quiet", "--samples", "200", "--trace"])
            .arg(&trace)
            .args(arguments)
            .stdout(Stdio::null()))?;
        run(Command::new(&python).args(["-c", CHECK, "step"]).arg(&trace))?;
    }
    let out = folder.path().join("run");
    run(cargo()
        .args(["run", "--quiet", "--release", "--", "run", "--quiet", "--samples", "200", "--out"])
        .arg(&out)
        .arg("scenarios/meta-2025.toml")
        .stdout(Stdio::null()))?;
    run(Command::new(&python).args(["-c", CHECK, "fleet"]).arg(out.join("results/fleet.perfetto")))?;
    Ok(Outcome::Passed)
}

/// A Python with the packages, in a folder of the build where they stay.
fn python() -> Option<PathBuf> {
    let folder = root().join("target/xtask-perfetto");
    let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let reads = |python: &Path| {
        let mut import = Command::new(python);
        import.args(["-c", "import perfetto.protos.perfetto.trace.perfetto_trace_pb2"]);
        import.stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    };
    if reads(&python) {
        return Some(python);
    }
    println!("installing {}", PACKAGES.join(" "));
    let create = || {
        let mut create = Command::new("python3");
        create.args(["-m", "venv", "--clear"]).arg(&folder).stdout(Stdio::null());
        create.status().is_ok_and(|status| status.success())
    };
    let created =
        (has("python3") && create()) || (install_with_apt(&["python3", "python3-venv"]) && create());
    if !created {
        return None;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(PACKAGES);
    let installed = install.status().is_ok_and(|status| status.success());
    (installed && reads(&python)).then_some(python)
}
