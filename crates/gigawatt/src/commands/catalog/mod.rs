//! `gw catalog`.

mod difference;
mod list;
mod show;
mod sources;

use std::process::ExitCode;

use gigawatt_plan::catalog::{Entry, Fact, Kind};
use gigawatt_plan::distribution::Distribution;
use gigawatt_plan::quantity::{Dimension, format_quantity, format_range};

use crate::arguments::{CatalogCommand, CatalogOptions};
use crate::failure::Failure;
use crate::{catalogue, terminal};

/// Lists, shows, compares or exports the catalogue.
pub fn catalog(options: &CatalogOptions) -> Result<ExitCode, Failure> {
    let catalogue = catalogue::in_use(&options.catalogue, options.quiet)?;
    match &options.command {
        CatalogCommand::List { kind, text } => {
            list::list(&catalogue, kind.as_deref(), text.as_deref(), options.json)?;
        }
        CatalogCommand::Show { name } => show::show(&catalogue, name, options.json)?,
        CatalogCommand::Sources { text } => sources::sources(&catalogue, text.as_deref(), options.json)?,
        CatalogCommand::Diff { old, new } => {
            let old = catalogue::named(old)?;
            let new = match new {
                Some(new) => catalogue::named(new)?,
                None => catalogue.document(),
            };
            difference::difference(&old, &new, options.json)?;
        }
        // Whoever exports wants JSON, said or not.
        CatalogCommand::Export => terminal::print_json(&to_json(&catalogue.document())?)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn to_json(value: &impl serde::Serialize) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(value).map_err(Failure::internal)
}

/// A value with its range: `126 kW (120 – 132 kW)`.
fn shown(dimension: Dimension, distribution: Distribution) -> String {
    let (low, high) = distribution.range();
    let value = format_quantity(dimension, distribution.reference());
    match format_range(dimension, low, high) {
        range if range.is_empty() => value,
        range => format!("{value} ({range})"),
    }
}

/// The newest vintage of a field.
fn newest<'a>(entry: &'a Entry, field: &str) -> Option<&'a Fact> {
    entry.vintages(field).last()
}

fn dimension_of(kind: Kind, field: &str) -> Option<Dimension> {
    kind.quantities().iter().find(|(name, _)| *name == field).map(|(_, dimension)| *dimension)
}

/// Whether a text holds another, whatever the case.
fn holds(text: &str, part: &str) -> bool {
    text.to_lowercase().contains(&part.to_lowercase())
}
