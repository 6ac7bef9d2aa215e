//! Measurements of training: rows of a file, what they ask the law, its answers and their errors.

mod asked;
mod bounds;
mod cause;
mod fitting;
mod laws;
mod machines;
mod model;
mod naive;
mod question;
mod report;
mod row;
mod software;

pub use asked::{Asked, Read};
pub use fitting::{cross_validated, fitted, fitted_spread};
pub use laws::Laws;
pub use question::Question;
pub use report::{CoefficientLine, Report, Skipped, Worst};
pub use row::TrainingRow;
