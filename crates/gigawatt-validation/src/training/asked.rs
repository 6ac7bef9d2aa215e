//! Rows with what they ask and what was measured.

use gigawatt_engine::training::{Step, TrainingCoefficients, step};
use gigawatt_plan::catalog::Catalogue;

use super::question::Question;
use super::row::TrainingRow;
use super::{Laws, bounds};
use crate::number::count;
use crate::statistics::Prediction;

/// A row that the law can be asked, with what was measured.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The row.
    pub row: TrainingRow,
    /// What it asks.
    pub question: Question,
    /// Measured tokens per second and accelerator.
    pub measured: f64,
}

impl Asked {
    /// The answer of the law.
    pub fn answer(&self, with: &TrainingCoefficients) -> Step {
        step(self.question.job(), with)
    }

    /// The answer beside the measurement.
    pub fn prediction(&self, laws: &Laws) -> Prediction {
        self.prediction_of(&self.answer(&laws.training), laws)
    }

    /// An answer beside the measurement.
    pub(super) fn prediction_of(&self, answer: &Step, laws: &Laws) -> Prediction {
        let predicted = answer.tokens_per_second;
        let spread = libm::exp(laws.spread.half_width(&self.question.job()));
        Prediction { measured: self.measured, predicted, low: predicted / spread, high: predicted * spread }
    }
}

/// A row of a file: one that can be asked, or why it cannot.
#[derive(Clone, Debug)]
pub enum Read {
    /// It can.
    Asked(Box<Asked>),
    /// It cannot.
    Skipped {
        /// The row.
        row: Box<TrainingRow>,
        /// Why.
        reason: String,
    },
}

impl Read {
    /// Asks a row.
    pub fn of(row: TrainingRow, catalogue: &Catalogue, laws: &Laws) -> Self {
        match asked(&row, catalogue, laws) {
            Ok((question, measured)) => Self::Asked(Box::new(Asked { row, question, measured })),
            Err(reason) => Self::Skipped { row: Box::new(row), reason },
        }
    }

    /// The row.
    pub fn row(&self) -> &TrainingRow {
        match self {
            Self::Asked(asked) => &asked.row,
            Self::Skipped { row, .. } => row,
        }
    }
}

fn asked(row: &TrainingRow, catalogue: &Catalogue, laws: &Laws) -> Result<(Question, f64), String> {
    if let Some(reason) = &row.fault {
        return Err(reason.clone());
    }
    let measured = measured(row)?;
    bounds::check_rate(measured)?;
    Ok((Question::of(row, catalogue, laws)?, measured))
}

/// Measured tokens per second and accelerator.
///
/// # Errors
/// Why the row's measurement is none.
pub(super) fn measured(row: &TrainingRow) -> Result<f64, String> {
    let value = row.value.filter(|value| *value > 0.0).ok_or("no value was measured")?;
    match row.metric.as_str() {
        "throughput" => Ok(value),
        "step_time" => {
            let tokens =
                row.global_batch.zip(row.sequence_length).map(|(batch, length)| count(batch) * count(length));
            let both = tokens.zip(row.gpus).map(|(tokens, gpus)| tokens / value / count(gpus));
            both.ok_or_else(|| {
                "the batch, the sequence or the number of accelerators is not published".to_owned()
            })
        }
        other => Err(format!("`{other}` does not compare across sources")),
    }
}
