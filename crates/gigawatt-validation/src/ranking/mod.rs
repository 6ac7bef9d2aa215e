//! Published throughputs of recommendation models held against their law.
//!
//! The rows are part of the program: `data/recommenders.csv` has the models, `data/ranking_training.csv` and
//! `data/ranking_serving.csv` what was measured, each with its source and with what had to be assumed of it.

mod fitting;
mod predict;
mod row;

pub use fitting::{PRIORS, fit_ranking};
pub use predict::{Answer, serving, training};
pub use row::{ServingRow, TrainingRow};

/// Models of the rows.
pub const MODELS: &[u8] = include_bytes!("../../data/recommenders.csv");
/// Throughputs of training.
pub const TRAINING: &[u8] = include_bytes!("../../data/ranking_training.csv");
/// Throughputs of serving.
pub const SERVING: &[u8] = include_bytes!("../../data/ranking_serving.csv");
