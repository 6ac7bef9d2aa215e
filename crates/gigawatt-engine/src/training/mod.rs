//! Training: the time and the memory of a step, and runs of many.

mod assembly;
mod coefficients;
mod data;
mod deal;
mod groups;
mod held;
mod interval;
mod job;
mod layer;
pub mod legality;
pub mod memory;
mod number;
mod offload;
mod parts;
mod pipeline;
mod runs;
pub mod scaling;
mod schedule;
pub mod search;
pub mod sizing;
mod step;
mod timeline;

pub use coefficients::TrainingCoefficients;
pub use deal::{Dealt, LayerKind, Piece, deal};
pub use gigawatt_plan::training::*;
pub use held::Held;
pub use interval::TrainingSpread;
pub use job::Job;
pub use parts::{Parts, Passes};
pub use runs::{
    Extent, FLOP_PER_PARAMETER, PhaseCourse, PhaseMemory, PhasePrice, Prices, RunPrice, Runs, Size, StepLaws,
    StepPart, Tunable, Tuning, TuningAsked, UnfitPhase, phase_tokens, scaled, tune,
};
pub use schedule::{LeftOut, Pass, Pieces, Placement, Visit};
pub use step::{Breakdown, Step, step};
pub use timeline::{Message, Slice, SliceParts, TailKind, TailSlice, Timeline, Work, timeline};
