//! Rows with what they ask and what was measured.

use gigawatt_engine::serving::{Quantity, ServingCoefficients};
use gigawatt_plan::catalog::Catalogue;

use super::ServingLaws;
use super::question::{Answer, Question};
use super::row::ServingRow;
use crate::statistics::Prediction;

/// Values that a measurement may have, in its own unit.
const VALUES: (f64, f64) = (1e-6, 1e12);

/// A row that the laws can be asked, with what was measured.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The row.
    pub row: ServingRow,
    /// What it asks.
    pub question: Question,
    /// The published value in its unit.
    pub measured: f64,
}

impl Asked {
    /// The answer of the law.
    pub fn answer(&self, with: &ServingCoefficients) -> Option<Answer> {
        self.question.answer(with).filter(|answer| {
            let value = self.question.value(answer);
            value.is_finite() && value > 0.0
        })
    }

    /// The logarithm of an answer over the measurement.
    pub(super) fn residual(&self, answer: &Answer) -> f64 {
        libm::log(self.question.value(answer) / self.measured)
    }

    /// An answer beside the measurement.
    pub fn prediction_of(&self, answer: &Answer, laws: &ServingLaws) -> Prediction {
        let deployment = self.question.deployment(answer.layout, &laws.serving);
        let waits = answer.state.waiting > 0.0;
        let spread = libm::exp(laws.spread.half_width(self.question.quantity, &deployment, waits));
        let predicted = self.question.value(answer);
        Prediction { measured: self.measured, predicted, low: predicted / spread, high: predicted * spread }
    }

    /// The name of what was measured, as reports are keyed.
    pub fn metric(&self) -> &'static str {
        match self.question.quantity {
            Quantity::EachToken => "tpot",
            Quantity::Throughput => "throughput",
            Quantity::FirstToken => "ttft_static",
            Quantity::LoadedFirstToken => "ttft_loaded",
        }
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
        row: Box<ServingRow>,
        /// Why.
        reason: String,
    },
}

impl Read {
    /// Asks a row.
    pub fn of(row: ServingRow, catalogue: &Catalogue, laws: &ServingLaws) -> Self {
        match asked(&row, catalogue, laws) {
            Ok((question, measured)) => Self::Asked(Box::new(Asked { row, question, measured })),
            Err(reason) => Self::Skipped { row: Box::new(row), reason },
        }
    }

    /// The row.
    pub fn row(&self) -> &ServingRow {
        match self {
            Self::Asked(asked) => &asked.row,
            Self::Skipped { row, .. } => row,
        }
    }
}

fn asked(row: &ServingRow, catalogue: &Catalogue, laws: &ServingLaws) -> Result<(Question, f64), String> {
    if let Some(reason) = &row.fault {
        return Err(reason.clone());
    }
    let measured = row.value.filter(|value| *value > 0.0).ok_or("no value was measured")?;
    if !(VALUES.0..=VALUES.1).contains(&measured) {
        return Err(format!("a value of {measured:e} is beyond all bounds"));
    }
    Ok((Question::of(row, catalogue, laws)?, measured))
}
