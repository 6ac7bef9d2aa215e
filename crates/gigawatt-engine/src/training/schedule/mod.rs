//! The order of a pipeline's micro-batches, simulated with stages that need not be alike.
//!
//! `p` stages hold `v` pieces each, `m` micro-batches pass. With even pieces of forward time `f` and backward time
//! `b` for a whole stage, of which `w` go to gradients of weights, a step ends after `m (f + b)` and a wait of
//!
//! ```text
//! (p - 1) (f + b)                 GPipe (Huang et al. 2019, arXiv 1811.06965); one forward, one backward
//! (p - 1) (f + b) / v             interleaved, m a multiple of p (Narayanan et al. 2021, arXiv 2104.04473, 2.2.2)
//! (p - 1) (f + b - 2 w)           ZB-H1 (Qi et al. 2023, arXiv 2401.10241, table 2)
//! (p - 1) f / 2                   ZB-V with f = w = b / 2 and m at least 2 p: no stage waits after it began
//! (p / 2 - 1) (t + b - 3 w)       DualPipe (DeepSeek-V3, arXiv 2412.19437, table 2)
//! ```
//!
//! where a forward and a backward pass of `DualPipe` together take `t`. Tests hold the simulation against these.

mod order;
mod placement;
mod shortened;
mod simulate;

#[cfg(test)]
mod tests;

use gigawatt_plan::training::Schedule;

pub use order::order;
pub use placement::Placement;
pub use shortened::{LeftOut, shortened};
pub use simulate::{makespan, timeline};

#[cfg(test)]
use simulate::simulate;

/// What a pipeline does in a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// From the first forward pass to the last backward pass, in seconds.
    pub makespan: f64,
    /// Pieces of micro-batches whose activations a stage holds at most, by stage.
    pub held: Vec<u64>,
}

/// The times of a pipeline's pieces, in the order in which a micro-batch passes them; [`Placement`] says on which stage.
#[derive(Clone, Debug, PartialEq)]
pub struct Pieces {
    /// Stages.
    pub stages: usize,
    /// Forward time of each, in seconds.
    pub forward: Vec<f64>,
    /// Backward time of each, in seconds.
    pub backward: Vec<f64>,
    /// Of the backward time what goes to gradients of weights, which a schedule may run later, in seconds.
    pub weights: Vec<f64>,
    /// Time of a forward pass of each together with the backward pass of the other piece of its stage, in seconds; for
    /// schedules that run them together.
    pub together: Vec<f64>,
    /// From one piece to the next, beyond what hides behind work, in seconds.
    pub hop: f64,
}

impl Pieces {
    /// Pieces that each stage holds.
    pub fn virtual_stages(&self) -> usize {
        (self.forward.len() / self.stages.max(1)).max(1)
    }

    /// The time that a stage works on a micro-batch, on the mean of those that pass it.
    pub fn work(&self, schedule: Schedule, stage: usize) -> f64 {
        let placement = Placement::of(schedule, self.stages, self.virtual_stages());
        let time = |piece: usize| {
            let paired = self.together.get(piece).filter(|_| placement.copies() > 1);
            paired.copied().unwrap_or(self.forward[piece] + self.backward[piece])
        };
        #[expect(clippy::cast_precision_loss, reason = "one or two copies")]
        let copies = placement.copies() as f64;
        placement.held(stage).map(time).sum::<f64>() / copies
    }
}

/// A micro-batch on a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Visit {
    /// The micro-batch.
    pub micro_batch: usize,
    /// The piece, in the order in which a micro-batch passes them.
    pub piece: usize,
}

/// A pass of one micro-batch through one piece, or of two through those of one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// Forward through a piece.
    Forward {
        /// The micro-batch.
        micro_batch: usize,
        /// The piece, in the order in which a micro-batch passes them.
        piece: usize,
    },
    /// Backward through a piece.
    Backward {
        /// The micro-batch.
        micro_batch: usize,
        /// The piece, in the order in which a micro-batch passes them.
        piece: usize,
    },
    /// Backward through a piece, without gradients of weights.
    Inputs {
        /// The micro-batch.
        micro_batch: usize,
        /// The piece, in the order in which a micro-batch passes them.
        piece: usize,
    },
    /// Gradients of a piece's weights, after its backward pass.
    Weights {
        /// The micro-batch.
        micro_batch: usize,
        /// The piece, in the order in which a micro-batch passes them.
        piece: usize,
    },
    /// Forward of one micro-batch and backward of another at the same time, communication of the one behind work of the
    /// other.
    Together {
        /// What passes forward.
        forward: Visit,
        /// What passes backward.
        backward: Visit,
    },
}

impl Pass {
    /// What passes forward in it, and what backward; neither where only gradients of weights are computed.
    pub fn visits(self) -> (Option<Visit>, Option<Visit>) {
        match self {
            Self::Forward { micro_batch, piece } => (Some(Visit { micro_batch, piece }), None),
            Self::Backward { micro_batch, piece } | Self::Inputs { micro_batch, piece } => {
                (None, Some(Visit { micro_batch, piece }))
            }
            Self::Weights { .. } => (None, None),
            Self::Together { forward, backward } => (Some(forward), Some(backward)),
        }
    }

    /// The micro-batch; of two, that which passes forward.
    pub fn micro_batch(self) -> usize {
        match self {
            Self::Forward { micro_batch, .. }
            | Self::Backward { micro_batch, .. }
            | Self::Inputs { micro_batch, .. }
            | Self::Weights { micro_batch, .. } => micro_batch,
            Self::Together { forward, .. } => forward.micro_batch,
        }
    }

    /// The piece, in the order in which a micro-batch passes them; of two, that which is passed forward.
    pub fn piece(self) -> usize {
        match self {
            Self::Forward { piece, .. }
            | Self::Backward { piece, .. }
            | Self::Inputs { piece, .. }
            | Self::Weights { piece, .. } => piece,
            Self::Together { forward, .. } => forward.piece,
        }
    }

    /// The same pass of micro-batches so many later.
    fn later(mut self, by: usize) -> Self {
        match &mut self {
            Self::Forward { micro_batch, .. }
            | Self::Backward { micro_batch, .. }
            | Self::Inputs { micro_batch, .. }
            | Self::Weights { micro_batch, .. } => *micro_batch += by,
            Self::Together { forward, backward } => {
                forward.micro_batch += by;
                backward.micro_batch += by;
            }
        }
        self
    }

    fn forward(Visit { micro_batch, piece }: Visit) -> Self {
        Self::Forward { micro_batch, piece }
    }

    fn backward(Visit { micro_batch, piece }: Visit) -> Self {
        Self::Backward { micro_batch, piece }
    }

    fn inputs(Visit { micro_batch, piece }: Visit) -> Self {
        Self::Inputs { micro_batch, piece }
    }

    fn weights(Visit { micro_batch, piece }: Visit) -> Self {
        Self::Weights { micro_batch, piece }
    }
}
