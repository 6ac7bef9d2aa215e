//! `gw validate`: published measurements held against the laws.

mod kernels;
mod output;
mod picture;
mod reliability;
mod serving;
mod training;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gigawatt_validation::Unusable;

use crate::arguments::{ValidateCommand, ValidateOptions};
use crate::failure::Failure;
use crate::world;

/// A file of measurements larger than this is a mistake.
const MAXIMUM_BYTES: u64 = 1 << 30;

/// Predicts the rows of a file and tells how far off the predictions are.
pub fn validate(options: &ValidateOptions) -> Result<ExitCode, Failure> {
    match &options.command {
        ValidateCommand::Training(options) => training::training(options)?,
        ValidateCommand::Serving(options) => serving::serving(options)?,
        ValidateCommand::Kernels(points) => kernels::kernels(points)?,
        ValidateCommand::Reliability(points) => reliability::reliability(points)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The bytes of a file of measurements.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let fail = |reason: String| Failure::file("read", path, reason);
    let file = world::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(MAXIMUM_BYTES + 1).read_to_end(&mut bytes).map_err(|error| fail(world::plain(&error)))?;
    if bytes.len() as u64 > MAXIMUM_BYTES {
        return Err(Failure::BadArgument {
            message: format!("`{}` is larger than {} GiB", path.display(), MAXIMUM_BYTES >> 30),
            help: Some("split it, the header in each part".to_owned()),
        });
    }
    Ok(bytes)
}

/// Refuses to write over the measurements.
fn spare<'p>(points: &Path, written: impl IntoIterator<Item = &'p Option<PathBuf>>) -> Result<(), Failure> {
    let Ok(points) = points.canonicalize() else { return Ok(()) };
    match written.into_iter().flatten().find(|path| path.canonicalize().is_ok_and(|path| path == points)) {
        Some(path) => Err(Failure::BadArgument {
            message: format!("`{}` holds the measurements and was left alone", path.display()),
            help: Some("name another file".to_owned()),
        }),
        None => Ok(()),
    }
}

/// The failure of a file that says nothing.
fn unusable(path: &Path, reason: &Unusable, needed: &[&str]) -> Failure {
    Failure::BadArgument {
        message: format!("`{}`: {reason}", path.display()),
        help: Some(format!("a CSV file whose first line names at least the columns {}", needed.join(", "))),
    }
}
