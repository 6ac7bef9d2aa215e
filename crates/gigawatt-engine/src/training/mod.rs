//! Training: the time and the memory of a step.

mod coefficients;

mod job;
mod layer;
pub mod legality;
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

pub use memory::{
    Filling, Footprint, Inferred, Instant, LayerKept, LayerMemoryLaw, Logits, Memory, MemoryCoefficients,
    MemoryJob, Moment, StageMemory, StateBytes, States, footprint, infer_recompute,
};
pub use schedule::{Pass, Pieces};
pub use step::{Breakdown, Step, step};
pub use weights::{Piece, deal};
