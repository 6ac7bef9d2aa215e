//! `gw validate training`.

use gigawatt_plan::world::Observer;
use gigawatt_validation::Table;
use gigawatt_validation::training::{self, Laws, NEEDED, Read, TrainingRow};

use super::{output, picture, read, spare, unusable};
use crate::arguments::{CatalogueOption, TrainingOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{catalogue, file};

/// Predicts measurements of training steps.
pub(super) fn training(options: &TrainingOptions) -> Result<(), Failure> {
    let points = &options.points;
    spare(&points.points, [&points.csv, &options.svg])?;
    let bytes = read(&points.points)?;
    let table = Table::parse(&bytes, &NEEDED).map_err(|reason| unusable(&points.points, &reason, &NEEDED))?;
    let laws = Laws::embedded().map_err(Failure::internal)?;
    let catalogue = catalogue::in_use(&CatalogueOption::default(), points.quiet)?;
    let reads: Vec<Read> =
        TrainingRow::read(&table).into_iter().map(|row| Read::of(row, &catalogue, &laws)).collect();
    let lines = training::lines(&reads, &laws);
    let mut report = training::report(&reads, &lines, &laws);
    let scored = training::scored(&reads);
    if options.cross_validate {
        let watcher = Watcher::new(points.quiet);
        let progress = |done: usize, of: usize| watcher.progress("fits", done as u64, of as u64);
        let found = training::cross_validated(&scored, &laws, &progress, &|| watcher.cancelled());
        report.cross_validated = Some(found.ok_or(Failure::Interrupted)?);
    }
    if let Some(path) = &options.svg {
        file::replace(path, picture::training(&scored, &report, &laws).svg())?;
    }
    output::tell(
        points,
        &lines,
        &report,
        &["architecture", "gpu_family", "precision", "scale", "framework", "publisher"],
    )
}
