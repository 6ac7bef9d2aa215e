//! `gw validate`.

mod picture;
mod points;
mod training;

use std::process::ExitCode;

use crate::arguments::{ValidateCommand, ValidateOptions};
use crate::failure::Failure;

/// Predicts published measurements and shows the errors.
pub fn validate(options: &ValidateOptions) -> Result<ExitCode, Failure> {
    match &options.law {
        ValidateCommand::Training(options) => training::training(options),
    }
}
