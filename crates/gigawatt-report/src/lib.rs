//! Presentation: results as data for machines and as a report for people.
//!
//! Everything here returns text or bytes; nothing is written and nothing is printed.

pub mod chart;
pub mod checkpoint;
pub mod columns;
pub mod compare;
pub mod economics;
pub mod finance;
pub mod fleet;
pub mod html;
pub mod launch;
mod number;
pub mod operation;
pub mod power;
pub mod scatter;
pub mod schema;
pub mod served;
pub mod serving;
pub mod sizing;
mod spread;
mod summary;
mod tables;
pub mod trace;
pub mod training;
pub mod tune;
mod words;

pub use number::{change, grouped, signed};
pub use spread::{ConvergenceSummary, DriverSummary, ExceedanceSummary, SensitivitySummary, SubjectSummary};
pub use summary::{
    ClaimSummary, InputSummary, KnownSummary, OutcomeSummary, PeriodSummary, RemedySummary, ResultSummary,
    Summary, Value, run_id,
};
pub use tables::tables;
pub use words::Words;
