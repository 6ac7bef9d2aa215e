//! Measurements of serving: rows of a file, what they ask the laws, their answers and their errors.

mod asked;
mod cause;
mod fitting;
mod formats;
mod laws;
mod loads;
mod machines;
mod model;
mod naive;
mod question;
mod report;
mod row;
mod software;

/// Columns without which a file says nothing of serving.
pub const NEEDED: [&str; 5] = ["id", "model", "gpus", "metric", "value"];

pub use asked::{Asked, Read};
pub use fitting::{cross_validated, fitted, fitted_spread};
pub use gigawatt_engine::serving::ServingLaws;
pub use laws::{laws_of_machines, serving_document};
pub use question::{Question, Traffic};
pub use report::{ServingReport, lines, report, scored};
pub use row::ServingRow;
