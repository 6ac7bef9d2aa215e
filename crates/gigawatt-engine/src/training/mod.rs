//! Training: the time and the memory of a step, and runs of many.

mod coefficients;

mod job;
mod layer;
mod memory;
mod number;
mod runs;
mod schedule;
mod step;
pub mod stub;
mod weights;

pub use coefficients::TrainingCoefficients;
pub use gigawatt_plan::training::*;
pub use job::Job;
pub use layer::{LayerKind, LayerTime, Parts};

pub use memory::{Memory, peak};
pub use runs::{FLOP_PER_PARAMETER, PhasePrice, RunPrice, Runs, Size, prices, scaled};
pub use step::{Breakdown, Step, step};
pub use weights::{Piece, deal};
