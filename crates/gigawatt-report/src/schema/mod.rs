//! JSON Schemas of what users write and of what they get, for editors and for whoever reads results.
//!
//! Both are in draft 7, which editors of TOML understand. The schema of scenarios is made from the tables of
//! fields that the reader itself uses, the schema of results from the types that are written.

mod scenario;
mod value;

pub use scenario::scenario;

use schemars::generate::SchemaSettings;

use crate::Summary;

/// The schema of `summary.json`.
pub fn summary() -> serde_json::Value {
    let settings = SchemaSettings::draft07().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<Summary>().to_value();
    schema["title"] = "summary.json of gigawatt".into();
    schema
}

/// A schema as it is kept in a file: indented, and ending with a line feed.
pub fn to_text(schema: &serde_json::Value) -> String {
    format!("{schema:#}\n")
}
