//! `gw validate serving`.

use gigawatt_plan::world::Observer;
use gigawatt_validation::Table;
use gigawatt_validation::serving::{self, NEEDED, Read, ServingLaws, ServingRow};

use super::{output, picture, read, spare, unusable};
use crate::arguments::{CatalogueOption, ServingOptions};
use crate::failure::Failure;
use crate::observer::Watcher;
use crate::{catalogue, file};

/// Predicts measurements of serving.
pub(super) fn serving(options: &ServingOptions) -> Result<(), Failure> {
    let points = &options.points;
    spare(&points.points, [&points.csv, &options.svg])?;
    let bytes = read(&points.points)?;
    let table = Table::parse(&bytes, &NEEDED).map_err(|reason| unusable(&points.points, &reason, &NEEDED))?;
    let laws = ServingLaws::embedded().map_err(Failure::internal)?;
    let catalogue = catalogue::in_use(&CatalogueOption::default(), points.quiet)?;
    let reads: Vec<Read> =
        ServingRow::read(&table).into_iter().map(|row| Read::of(row, &catalogue, &laws)).collect();
    let lines = serving::lines(&reads, &laws);
    let mut report = serving::report(&reads, &lines, &laws);
    if options.cross_validate {
        let watcher = Watcher::new(points.quiet);
        let progress = |done: usize, of: usize| watcher.progress("fits", done as u64, of as u64);
        let scored = serving::scored(&reads);
        let found = serving::cross_validated(&scored, &laws, &progress, &|| watcher.cancelled());
        report.cross_validated = Some(found.ok_or(Failure::Interrupted)?);
    }
    if let Some(path) = &options.svg {
        file::replace(path, picture::serving(&lines, &report).svg())?;
    }
    output::tell_serving(points, &lines, &report)
}
