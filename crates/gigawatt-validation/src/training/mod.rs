//! Measurements of training: rows of a file, what they ask the law, its answers and their errors.

mod asked;
mod bounds;
mod cause;
mod fitting;
mod laws;
mod machines;
pub mod memory;
mod model;
mod naive;
mod question;
mod report;
mod row;
mod software;

/// Columns without which a file says nothing of training.
pub const NEEDED: [&str; 5] = ["id", "model", "gpus", "metric", "value"];

pub use asked::{Asked, Read};
pub use fitting::{cross_validated, fitted, fitted_spread};
pub use gigawatt_engine::training::StepLaws as Laws;
pub use laws::{laws_of_machines, training_document};
pub use question::Question;
pub use report::{lines, report, scored};
pub use row::TrainingRow;
