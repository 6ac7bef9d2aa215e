//! What serves: model, device, network, layout, formats and engine.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::serving::{Engine, ServingFormats};

use super::number::count;
use crate::device::Device;
use crate::network::Network;

/// How a replica of a model lies on accelerators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ServingLayout {
    /// Ranks that cut the heads of attention and dense layers.
    pub tensor: u64,
    /// Groups of such ranks that share experts and have sequences of their own.
    pub attention_data: u64,
    /// Ranks over which whole experts are spread.
    pub expert: u64,
    /// Stages of layers.
    pub pipeline: u64,
}

impl ServingLayout {
    /// A single accelerator.
    pub const SINGLE: Self = Self { tensor: 1, attention_data: 1, expert: 1, pipeline: 1 };

    /// Tensor parallelism alone.
    pub fn tensor(ranks: u64) -> Self {
        Self { tensor: ranks, ..Self::SINGLE }
    }

    /// Ranks of one stage.
    pub fn stage_ranks(&self) -> u64 {
        self.tensor.saturating_mul(self.attention_data).max(1)
    }

    /// Accelerators of a replica.
    pub fn accelerators(&self) -> u64 {
        self.stage_ranks().saturating_mul(self.pipeline.max(1))
    }

    /// Ranks that cut one expert.
    pub fn expert_tensor(&self) -> u64 {
        (self.stage_ranks() / self.expert.max(1)).max(1)
    }
}

/// Tokens guessed ahead and checked in one iteration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Speculation {
    /// Tokens guessed in an iteration.
    pub guessed: f64,
    /// The chance that a guess holds whose predecessors held.
    pub acceptance: f64,
}

impl Speculation {
    /// Tokens that an iteration yields: `1 + a + a² + … + a^n`.
    pub fn tokens(&self) -> f64 {
        let a = self.acceptance.clamp(0.0, 1.0);
        if a >= 1.0 {
            return 1.0 + self.guessed;
        }
        (1.0 - libm::pow(a, self.guessed + 1.0)) / (1.0 - a)
    }
}

/// A replica of a model that is ready to serve.
#[derive(Clone, Copy, Debug)]
pub struct Deployment<'a> {
    /// The model.
    pub shape: &'a Shape,
    /// The accelerator.
    pub device: &'a Device,
    /// What joins them.
    pub network: &'a Network,
    /// How the model lies on them.
    pub layout: ServingLayout,
    /// Number formats.
    pub formats: ServingFormats,
    /// The engine.
    pub engine: Engine,
    /// Tokens guessed ahead, where they are.
    pub speculation: Option<Speculation>,
}

impl Deployment<'_> {
    /// New tokens of a sequence in an iteration, guesses included.
    pub(super) fn queries(&self) -> f64 {
        1.0 + self.speculation.map_or(0.0, |speculation| speculation.guessed)
    }

    /// Tokens that a sequence gains in an iteration.
    pub fn tokens_per_iteration(&self) -> f64 {
        self.speculation.map_or(1.0, |speculation| speculation.tokens())
    }

    pub(super) fn tensor(&self) -> f64 {
        count(self.layout.tensor.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_yield_a_geometric_sum() {
        let with = |acceptance| Speculation { guessed: 3.0, acceptance }.tokens();
        assert_eq!((with(0.0), with(1.0)), (1.0, 4.0));
        assert!((with(0.5) - 1.875).abs() < 1e-12);
    }

    #[test]
    fn experts_are_cut_by_what_does_not_spread_them() {
        let layout = ServingLayout { tensor: 4, attention_data: 2, expert: 2, pipeline: 2 };
        assert_eq!((layout.stage_ranks(), layout.expert_tensor(), layout.accelerators()), (8, 4, 16));
    }
}
