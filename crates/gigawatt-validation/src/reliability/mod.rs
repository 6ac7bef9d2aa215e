//! Published failures held against the laws: rates, mean times, counts by cause, effective time, staging, shares of failed jobs.
//!
//! A row is asked for its cluster, size, days and metric, never for its value. What the catalogue was calibrated on is predicted too
//! and called so; everything else is a prediction, with a cluster's own figures left out where the law would otherwise repeat them.

mod known;
mod metric;
mod predict;
mod report;
mod row;

pub use predict::{Answer, predict};
pub use report::{CausesTest, Coverage, ReliabilityReport, RowAnswer, RowSkipped, answers, csv_lines};
pub use row::{NEEDED, ReliabilityRow};

pub use known::{Known, Unknown};
