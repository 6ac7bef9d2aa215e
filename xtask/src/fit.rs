//! `cargo xtask fit`: coefficients from published measurements, the same bytes each time.

use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use gigawatt_engine::coefficients::Meaning;
use gigawatt_engine::device::DeviceCoefficients;
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::coefficients::Coefficients;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_validation::Report;
use gigawatt_validation::kernels::{self, Devices};

/// Fits the law of the device on `op_points.csv` of a folder and writes its file of coefficients.
pub fn kernels(folder: &Path) -> Result<()> {
    let path = folder.join("op_points.csv");
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let start = Instant::now();
    let table = Coefficients::embedded("device")?;
    let priors = priors(&table)?;
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let fitted = kernels::fit_kernels(&bytes, &Devices::of(&catalogue, priors))
        .map_err(|reason| anyhow!("{}: {reason}", path.display()))?;
    let text = to_toml("the device", &fitted.coefficients().values(), DeviceCoefficients::MEANINGS);
    let file = root().join("catalog/coefficients/device.toml");
    std::fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
    println!("{} written after {:.1} s", file.display(), start.elapsed().as_secs_f64());
    let lines = kernels::predict(&bytes, &fitted).map_err(|reason| anyhow!("{reason}"))?;
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
    Ok(())
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

/// A file of coefficients.
fn to_toml(law: &str, values: &[f64], meanings: &[Meaning]) -> String {
    let mut text = format!(
        "# Coefficients of the law of {law}. Written by `cargo xtask fit`; the engine names each with its meaning.\n"
    );
    for (value, one) in values.iter().zip(meanings) {
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n[{}]\nvalue = {value:?}\nunit = \"{}\"\nmeaning = \"{}\"\nfitted_on = \"{}\"\n",
            one.name, one.unit, one.meaning, one.fitted_on
        );
    }
    text
}

/// The folder of the workspace.
fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}
