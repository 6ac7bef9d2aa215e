//! `gw validate training`.

use std::process::ExitCode;

use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::world::Observer;
use gigawatt_validation::training::{Asked, Laws, Read, Report, TrainingRow, cross_validated};

use super::{picture, points};
use crate::arguments::TrainingOptions;
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{file, terminal, validate_terminal};

/// Columns without which a file is no file of training measurements.
const COLUMNS: [&str; 5] = ["id", "model", "gpus", "metric", "value"];

/// Predicts measurements of training steps.
pub fn training(options: &TrainingOptions) -> Result<ExitCode, Failure> {
    points::spare(&options.points.points, &[options.points.csv.clone(), options.svg.clone()])?;
    let table = points::read(&options.points.points, &COLUMNS)?;
    let laws = Laws::embedded().map_err(Failure::internal)?;
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let catalogue = Catalogue::embedded(&mut sources, &mut diagnostics);
    let reads: Vec<Read> =
        TrainingRow::read(&table).into_iter().map(|row| Read::of(row, &catalogue, &laws)).collect();
    let mut report = Report::of(&reads, &laws);
    let scored: Vec<&Asked> = reads
        .iter()
        .filter_map(|read| match read {
            Read::Asked(asked) if asked.row.scored => Some(&**asked),
            _ => None,
        })
        .collect();
    if options.cross_validate {
        let watcher = Watcher::new(options.points.quiet);
        let progress = |done: usize, of: usize| watcher.progress("fits", done as u64, of as u64);
        let found = cross_validated(&scored, &laws, &progress, &|| watcher.cancelled());
        report.cross_validated = Some(found.ok_or(Failure::Interrupted)?);
    }
    if let Some(path) = &options.points.csv {
        points::write(path, &report.lines)?;
    }
    if let Some(path) = &options.svg {
        file::replace(path, &picture::training(&scored, &report, &laws).svg())?;
    }
    if options.points.json {
        terminal::print_json(&serde_json::to_value(&report).map_err(Failure::internal)?)?;
    } else {
        terminal::print(&validate_terminal::training(&report))?;
    }
    Ok(ExitCode::SUCCESS)
}
