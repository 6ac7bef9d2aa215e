//! One line of a table of predictions.

use serde::Serialize;

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
    /// Whether the row counts in the statistics.
    pub scored: bool,
    /// What was assumed, or why there is no prediction.
    pub note: String,
}
