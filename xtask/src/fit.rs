//! `cargo xtask fit`: fits coefficients on published measurements and rewrites their files.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use gigawatt_engine::coefficients::Meaning;
use gigawatt_engine::training::{TrainingCoefficients, TrainingSpread};
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_validation::coefficients::rounded;
use gigawatt_validation::table::Table;
use gigawatt_validation::training::{Asked, Laws, Read, TrainingRow, fitted, fitted_spread};

/// Fits the law of training steps on a file of measurements, and writes `catalog/coefficients/training.toml`.
pub fn training(folder: &Path) -> Result<()> {
    let file = folder.join("training_points.csv");
    let text = fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let table = Table::read(&text).map_err(|reason| anyhow!("{}: {reason}", file.display()))?;
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let catalogue = Catalogue::embedded(&mut sources, &mut diagnostics);
    let mut laws = Laws::of_machines().map_err(anyhow::Error::msg)?;
    let reads: Vec<Read> =
        TrainingRow::read(&table).into_iter().map(|row| Read::of(row, &catalogue, &laws)).collect();
    let rows: Vec<&Asked> = reads
        .iter()
        .filter_map(|read| match read {
            Read::Asked(asked) if asked.row.scored => Some(&**asked),
            _ => None,
        })
        .collect();
    if rows.is_empty() {
        bail!("{} has no rows that count and can be predicted", file.display());
    }
    let (training, fit) = fitted(&rows);
    let values: Vec<f64> = training.values().into_iter().map(rounded).collect();
    laws.training = TrainingCoefficients::with_values(&values).unwrap_or(training);
    laws.spread = fitted_spread(&rows, &laws.training);
    write(Path::new("catalog/coefficients/training.toml"), &laws.training_document())?;
    let steps = TrainingCoefficients::MEANINGS.iter().zip(laws.training.values());
    let spread = TrainingSpread::MEANINGS.iter().zip(laws.spread.values());
    write(Path::new("docs/src/laws/training-coefficients.md"), &book_table(steps.chain(spread)))?;
    println!(
        "training: {} rows, {} iterations, loss {:.5}{}",
        rows.len(),
        fit.iterations,
        fit.loss,
        if fit.converged { "" } else { ", not converged" }
    );
    Ok(())
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

/// Writes a file whole or not at all.
fn write(path: &Path, text: &str) -> Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let file = tempfile::NamedTempFile::new_in(folder)?;
    fs::write(file.path(), text)?;
    file.persist(path).with_context(|| format!("cannot write {}", path.display()))?;
    println!("wrote {}", path.display());
    Ok(())
}
