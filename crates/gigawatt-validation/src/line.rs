//! One line of a table of predictions.

use serde::{Serialize, Serializer};

/// A row of a file of measurements, with its prediction where there is one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// Identity of the row.
    pub id: String,
    /// What was measured.
    pub metric: String,
    /// The measurement.
    pub measured: Option<f64>,
    /// The prediction, in the same unit.
    pub predicted: Option<f64>,
    /// Lower end of its 80 % interval.
    pub low: Option<f64>,
    /// Upper end of its 80 % interval.
    pub high: Option<f64>,
    /// `predicted / measured - 1`.
    pub error: Option<f64>,
    /// Whether the row counts in the statistics; written as 1 or 0, as files of measurements have it.
    #[serde(serialize_with = "one_or_zero")]
    pub scored: bool,
    /// What was assumed, or why there is no prediction.
    pub note: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields by reference")]
fn one_or_zero<S: Serializer>(scored: &bool, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u8(u8::from(*scored))
}
