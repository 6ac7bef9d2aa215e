//! `cargo xtask fit`: coefficients from published measurements, the same bytes each time.
//!
//! It needs the laws, and is a program of its own so that the tests' task is there without them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};
use gigawatt_engine::coefficients::Meaning;
use gigawatt_engine::device::DeviceCoefficients;
use gigawatt_engine::network::NetworkCoefficients;
use gigawatt_engine::serving::{ServingCoefficients, ServingSpread};
use gigawatt_engine::training::{TrainingCoefficients, TrainingSpread};
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::coefficients::Coefficients;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_validation::coefficients::{document, rounded};
use gigawatt_validation::fit::Fit;
use gigawatt_validation::kernels::{self, Collectives, Devices};
use gigawatt_validation::serving;
use gigawatt_validation::training::{
    self, Read, TrainingRow, fitted, fitted_spread, laws_of_machines, training_document,
};
use gigawatt_validation::{Report, Table};

/// The folder of the measurements where none is said.
const POINTS: &str = "../shared/validation";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => all(Path::new(POINTS)),
        ["--points-dir", folder] => all(Path::new(folder)),
        ["kernels", "--points-dir", folder] => kernels(Path::new(folder)),
        ["training", "--points-dir", folder] => training(Path::new(folder)),
        ["serving", "--points-dir", folder] => serving(Path::new(folder)),
        _ => {
            eprintln!("usage: cargo xtask fit [kernels | training | serving] [--points-dir FOLDER]");
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

/// Fits the law of the device, and then that of training steps with it.
fn all(folder: &Path) -> Result<()> {
    let device = fit_kernels(folder)?;
    fit_training(folder, Some(device))
}

/// Fits the law of serving on `serving_points.csv` of a folder and writes its files.
fn serving(folder: &Path) -> Result<()> {
    let (path, bytes) = read(folder, "serving_points.csv")?;
    let table =
        Table::parse(&bytes, &serving::NEEDED).map_err(|reason| anyhow!("{}: {reason}", path.display()))?;
    let mut laws = serving::laws_of_machines().map_err(anyhow::Error::msg)?;
    let catalogue = catalogue();
    let reads: Vec<serving::Read> = serving::ServingRow::read(&table)
        .into_iter()
        .map(|row| serving::Read::of(row, &catalogue, &laws))
        .collect();
    let rows = serving::scored(&reads);
    if rows.is_empty() {
        bail!("{} has no rows that count and can be predicted", path.display());
    }
    let start = Instant::now();
    let (found, fit) = serving::fitted(&rows);
    let values: Vec<f64> = found.values().into_iter().map(rounded).collect();
    laws.serving = ServingCoefficients::with_values(&values).unwrap_or(found);
    laws.spread = serving::fitted_spread(&rows, &laws.serving);
    write("catalog/coefficients/serving.toml", &serving::serving_document(&laws))?;
    let told = ServingCoefficients::MEANINGS.iter().zip(laws.serving.values());
    let spread = ServingSpread::MEANINGS.iter().zip(laws.spread.values());
    write("docs/src/laws/serving-coefficients.md", &book_table(told.chain(spread)))?;
    tell("serving", start, rows.len(), &fit);
    Ok(())
}

/// Fits the law of the device on `op_points.csv` of a folder and writes its file of coefficients.
fn kernels(folder: &Path) -> Result<()> {
    fit_kernels(folder).map(|_| ())
}

/// Fits the law of training steps on `training_points.csv` of a folder and writes its files.
fn training(folder: &Path) -> Result<()> {
    fit_training(folder, None)
}

fn fit_kernels(folder: &Path) -> Result<DeviceCoefficients> {
    let (path, bytes) = read(folder, "op_points.csv")?;
    let start = Instant::now();
    let catalogue = catalogue();
    let priors = priors(&Coefficients::embedded("device")?)?;
    let fitted = kernels::fit_kernels(&bytes, &Devices::of(&catalogue, priors))
        .map_err(|reason| anyhow!("{}: {reason}", path.display()))?;
    let values = || fitted.coefficients().values().into_iter();
    write(
        "catalog/coefficients/device.toml",
        &document("the device", DeviceCoefficients::MEANINGS.iter().zip(values())),
    )?;
    println!("kernels: {:.1} s", start.elapsed().as_secs_f64());
    let network = NetworkCoefficients::embedded().map_err(anyhow::Error::msg)?;
    let lines = kernels::predict(&bytes, &fitted, &Collectives::new(&catalogue, network))
        .map_err(|reason| anyhow!("{reason}"))?;
    let report = Report::of(&lines, Vec::new());
    for (name, group) in report.by.get("op_generation").into_iter().flatten() {
        println!(
            "{name:44} {:5} rows  median {:5.1} %  p90 {:6.1} %  bias {:+.3}",
            group.count,
            100.0 * group.median_abs_error,
            100.0 * group.p90_abs_error,
            group.bias
        );
    }
    let values: Vec<f64> = values().map(rounded).collect();
    DeviceCoefficients::with_values(&values).context("as many values as coefficients")
}

/// Where a fit begins: in the middle of the bounds, so that a fit does not depend on the last one; priors as they
/// stand in the file.
fn priors(table: &Coefficients) -> Result<DeviceCoefficients> {
    let start = |one: &Meaning| match one.fitted_on {
        "prior" => {
            table.value(one.name).ok_or_else(|| anyhow!("the file of coefficients lacks `{}`", one.name))
        }
        _ => Ok((one.least * one.most).sqrt()),
    };
    let values = DeviceCoefficients::MEANINGS.iter().map(start).collect::<Result<Vec<f64>>>()?;
    DeviceCoefficients::with_values(&values).context("as many values as coefficients")
}

fn fit_training(folder: &Path, device: Option<DeviceCoefficients>) -> Result<()> {
    let (path, bytes) = read(folder, "training_points.csv")?;
    let table =
        Table::parse(&bytes, &training::NEEDED).map_err(|reason| anyhow!("{}: {reason}", path.display()))?;
    let mut laws = laws_of_machines().map_err(anyhow::Error::msg)?;
    laws.device = device.unwrap_or(laws.device);
    let catalogue = catalogue();
    let reads: Vec<Read> =
        TrainingRow::read(&table).into_iter().map(|row| Read::of(row, &catalogue, &laws)).collect();
    let rows = training::scored(&reads);
    if rows.is_empty() {
        bail!("{} has no rows that count and can be predicted", path.display());
    }
    let start = Instant::now();
    let (steps, fit) = fitted(&rows);
    let values: Vec<f64> = steps.values().into_iter().map(rounded).collect();
    laws.training = TrainingCoefficients::with_values(&values).unwrap_or(steps);
    laws.spread = fitted_spread(&rows, &laws.training);
    write("catalog/coefficients/training.toml", &training_document(&laws))?;
    let steps = TrainingCoefficients::MEANINGS.iter().zip(laws.training.values());
    let spread = TrainingSpread::MEANINGS.iter().zip(laws.spread.values());
    write("docs/src/laws/training-coefficients.md", &book_table(steps.chain(spread)))?;
    tell("training", start, rows.len(), &fit);
    Ok(())
}

fn tell(name: &str, start: Instant, rows: usize, fit: &Fit) {
    println!(
        "{name}: {:.1} s, {rows} rows, {} iterations, loss {:.5}{}",
        start.elapsed().as_secs_f64(),
        fit.iterations,
        fit.loss,
        if fit.converged { "" } else { ", not converged" }
    );
}

fn catalogue() -> Catalogue {
    Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default())
}

fn read(folder: &Path, name: &str) -> Result<(PathBuf, Vec<u8>)> {
    let path = folder.join(name);
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok((path, bytes))
}

/// A table of coefficients for the book.
fn book_table<'a>(coefficients: impl Iterator<Item = (&'a Meaning, f64)>) -> String {
    let mut text =
        String::from("| coefficient | value | unit | meaning | fitted on |\n|---|---|---|---|---|\n");
    for (one, value) in coefficients {
        let shown = if value.abs() < 1e-3 { format!("{value:.2e}") } else { format!("{value:.3}") };
        text +=
            &format!("| `{}` | {shown} | {} | {} | {} |\n", one.name, one.unit, one.meaning, one.fitted_on);
    }
    text
}

/// Writes a file of the workspace, whole or not at all.
fn write(name: &str, text: &str) -> Result<()> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = here.join("../..").join(name);
    let file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(here))?;
    fs::write(file.path(), text)?;
    file.persist(&path).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {name}");
    Ok(())
}
