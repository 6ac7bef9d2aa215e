//! Published measurements held against the laws: predictions, errors and fits.
//!
//! Rows of a file become typed points, points become questions to the engine, and answers are compared with what was
//! measured. A prediction never sees the measured value. Texts come in and values go out: this crate touches no file,
//! clock or terminal.

pub mod coefficients;
pub mod fit;
pub mod kernels;
mod number;
pub mod ranking;
pub mod reliability;
mod report;
pub mod serving;
mod statistics;
mod table;
pub mod training;

pub use report::{Line, Report, Skipped, Told, Worst, to_csv};
pub use statistics::{Prediction, Statistics, percentile};
pub use table::{Row, Table, Unusable};
