//! `gw schema`.

use std::process::ExitCode;

use gigawatt_report::schema;

use crate::arguments::{SchemaOf, SchemaOptions};
use crate::failure::Failure;
use crate::terminal;

/// Prints a schema, which is one JSON document with and without `--json`.
pub fn schema(options: &SchemaOptions) -> Result<ExitCode, Failure> {
    let schema = match options.of {
        SchemaOf::Scenario => schema::scenario(),
        SchemaOf::Summary => schema::summary(),
    };
    terminal::print(&schema::to_text(&schema))?;
    Ok(ExitCode::SUCCESS)
}
