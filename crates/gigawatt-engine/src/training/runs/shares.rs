//! Where a step's time goes, in a few parts that people tell apart.

use super::super::step::Breakdown;

/// A part of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StepPart {
    /// Matrix products of linear layers.
    Matrices,
    /// The core of attention, and states of recurrent mixers.
    Attention,
    /// Norms, activation functions, sums, scaling of operands, the loss, the optimiser, visible transfers to the host's
    /// memory and back: bound by memory.
    Memory,
    /// What the backward pass computes again.
    Again,
    /// Visible communication of tensor, context and expert parallelism.
    Layers,
    /// Waiting for other stages, and visible messages between them.
    Pipeline,
    /// Visible data-parallel communication.
    Data,
    /// Waiting for the host and for the slowest rank.
    Waiting,
}

impl StepPart {
    /// All of them with their names in JSON, in the order in which they are told.
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Matrices, "matrices"),
        (Self::Attention, "attention"),
        (Self::Memory, "memory"),
        (Self::Again, "again"),
        (Self::Layers, "layers"),
        (Self::Pipeline, "pipeline"),
        (Self::Data, "data"),
        (Self::Waiting, "waiting"),
    ];

    /// Its seconds; all of them add up to the step.
    pub fn seconds(self, of: &Breakdown) -> f64 {
        let passes = &of.passes;
        match self {
            Self::Matrices => passes.matrix,
            Self::Attention => passes.attention,
            Self::Memory => passes.elementwise + passes.scaling + of.optimizer + passes.offload,
            Self::Again => of.again,
            Self::Layers => passes.tensor + passes.context + passes.expert,
            Self::Pipeline => of.bubble + of.hops,
            Self::Data => of.data,
            Self::Waiting => passes.host + of.host + of.straggler,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::parts::Parts;
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_step() {
        let passes = Parts {
            matrix: 1.0,
            attention: 2.0,
            elementwise: 4.0,
            scaling: 8.0,
            tensor: 16.0,
            context: 32.0,
            expert: 64.0,
            host: 128.0,
            offload: 32_768.0,
        };
        let breakdown = Breakdown {
            passes,
            again: 256.0,
            hops: 512.0,
            bubble: 1024.0,
            data: 2048.0,
            optimizer: 4096.0,
            host: 8192.0,
            straggler: 16_384.0,
        };
        let sum: f64 = StepPart::ALL.iter().map(|(part, _)| part.seconds(&breakdown)).sum();
        assert_eq!(sum, breakdown.total());
        assert_eq!(sum, 65_535.0);
    }
}
