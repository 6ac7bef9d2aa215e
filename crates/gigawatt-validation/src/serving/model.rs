//! The model of a row: from the catalogue, by any of the names that the row has for it.

use gigawatt_plan::catalog::{Catalogue, Shape, find_model};

use super::row::ServingRow;

/// Endings of names that tell of a format or a training and not of another architecture.
const ENDINGS: [&str; 12] = [
    "-fp8",
    "-nvfp4",
    "-fp4",
    "-mxfp4",
    "-int4",
    "-awq",
    "-instruct",
    "-chat",
    "-0528",
    "-0324",
    "-99.9",
    "-99",
];

/// The model that a row names.
///
/// # Errors
/// That the catalogue has none of its names.
pub fn shape(row: &ServingRow, catalogue: &Catalogue) -> Result<Shape, String> {
    let known = |name: &str| find_model(catalogue, name).and_then(|entry| entry.architecture.as_ref());
    let names = [row.model.as_str(), row.model_norm.split('/').next().unwrap_or_default()];
    for name in names {
        let mut name = name.to_lowercase();
        loop {
            if let Some(architecture) = known(&name) {
                return Ok(architecture.shape);
            }
            let Some(ending) = ENDINGS.iter().find(|ending| name.ends_with(*ending)) else { break };
            name.truncate(name.len() - ending.len());
        }
    }
    let name = if row.model.is_empty() { &row.model_norm } else { &row.model };
    Err(format!("the catalogue has no model {name}"))
}
