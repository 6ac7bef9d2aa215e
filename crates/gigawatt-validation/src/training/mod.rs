//! Measurements of training.

pub mod memory;
pub mod question;
pub mod row;

use gigawatt_engine::training::{TrainingCoefficients, step};

use question::Question;
use row::TrainingRow;

/// Measured tokens per second and accelerator of a row.
pub fn measured(row: &TrainingRow) -> Option<f64> {
    let value = row.value.filter(|value| *value > 0.0)?;
    match row.metric.as_str() {
        "throughput" => Some(value),
        "step_time" => {
            let tokens = row.global_batch? * row.sequence_length?;
            Some(tokens as f64 / value / row.gpus? as f64)
        }
        _ => None,
    }
}

/// Predicted tokens per second and accelerator.
pub fn predict(question: &Question, with: &TrainingCoefficients) -> f64 {
    step(question.job(), with, question.further).tokens_per_second
}
