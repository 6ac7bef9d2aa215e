//! How far predictions of serving may be off.
//!
//! The half-width of the 80 % interval, as a logarithm, is a sum in quadrature of what each property adds, as for training
//! steps:
//!
//! ```text
//! w² = quantity² + Σ added²    over: experts, other makers, waiting for room
//! ```

use super::deployment::Deployment;
use crate::coefficients::coefficients;
use crate::device::Generation;

coefficients! {
    /// Half-widths of the 80 % interval, as logarithms.
    pub struct ServingSpread of "serving" {
        /// Of the time of each token.
        each_token_spread: "1", [0.01, 2.0], "errors of serving rows";
        /// Of throughput.
        throughput_spread: "1", [0.01, 2.0], "errors of serving rows";
        /// Of the time to the first token of a request alone.
        first_token_spread: "1", [0.01, 2.0], "errors of serving rows";
        /// Of the same among others.
        loaded_first_token_spread: "1", [0.01, 2.0], "errors of serving rows";
        /// Added where layers have experts.
        experts_spread: "1", [0.0, 2.0], "errors of serving rows";
        /// Added on accelerators whose kernels were not measured.
        other_spread: "1", [0.0, 2.0], "errors of serving rows";
        /// Added to the time to the first token where requests wait for room.
        waiting_spread: "1", [0.0, 3.0], "errors of serving rows";
    }
}

/// What is predicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quantity {
    /// Time of each token.
    EachToken,
    /// Tokens per second.
    Throughput,
    /// Time to the first token of a request alone.
    FirstToken,
    /// Time to the first token among other requests.
    LoadedFirstToken,
}

impl ServingSpread {
    /// The half-width of the 80 % interval of a quantity, as a logarithm.
    pub fn half_width(&self, quantity: Quantity, deployment: &Deployment<'_>, waits: bool) -> f64 {
        let own = match quantity {
            Quantity::EachToken => self.each_token_spread,
            Quantity::Throughput => self.throughput_spread,
            Quantity::FirstToken => self.first_token_spread,
            Quantity::LoadedFirstToken => self.loaded_first_token_spread,
        };
        let parts = [
            (true, own),
            (deployment.shape.experts.is_some(), self.experts_spread),
            (deployment.device.facts().generation == Generation::Other, self.other_spread),
            (waits && quantity == Quantity::LoadedFirstToken, self.waiting_spread),
        ];
        libm::sqrt(parts.iter().filter(|(has, _)| *has).map(|(_, width)| width * width).sum())
    }
}
