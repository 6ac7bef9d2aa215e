//! Measurements of training: rows of a file, what they ask the law, its answers and their errors.

mod asked;
mod cause;
mod fitting;
mod machines;
mod model;
mod naive;
mod question;
mod report;
mod row;
mod software;

use gigawatt_engine::device::DeviceCoefficients;
use gigawatt_engine::network::NetworkCoefficients;
use gigawatt_engine::training::{TrainingCoefficients, TrainingSpread};

pub use asked::{Asked, Read};
pub use fitting::{cross_validated, fitted};
pub use question::Question;
pub use report::Report;
pub use row::TrainingRow;

/// The coefficients of the laws that a prediction needs.
#[derive(Clone, Copy, Debug)]
pub struct Laws {
    /// Of kernels.
    pub device: DeviceCoefficients,
    /// Of collectives.
    pub network: NetworkCoefficients,
    /// Of steps.
    pub training: TrainingCoefficients,
    /// Of how far these may be off.
    pub spread: TrainingSpread,
}
