//! Training: the time and the memory of a step.

mod coefficients;

mod job;
mod layer;
mod memory;
mod number;
mod schedule;
mod step;
pub mod stub;
mod weights;

pub use coefficients::TrainingCoefficients;
pub use gigawatt_plan::training::*;
pub use job::Job;
pub use layer::{LayerKind, LayerTime, Parts};

pub use memory::{Memory, peak};
pub use step::{Breakdown, Step, step};
pub use weights::{Piece, deal};
