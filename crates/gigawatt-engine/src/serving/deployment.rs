//! What serves: model, device, network, layout, formats and engine.

use gigawatt_plan::catalog::Shape;
use gigawatt_plan::serving::{Engine, ServingFormats, ServingLayout};

use super::number::count;
use crate::device::Device;
use crate::network::Network;

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
}
