//! Scaling laws: how large a model and how many tokens are best for an amount of computing.
//!
//! The loss of a model of `N` parameters after `D` tokens is, after Hoffmann et al. 2022 (arXiv 2203.15556, equation 2)
//!
//! ```text
//! L(N, D) = E + A / N^α + B / D^β
//! ```
//!
//! with the coefficients of Besiroglu et al. 2024 (arXiv 2404.10102), who fitted the same data again: the rounded
//! exponents of the first print give a markedly different optimum. With `C = 6 N D` the least loss is at
//!
//! ```text
//! N = G (C / 6)^(β / (α + β)),   D = (C / 6) / N,   G = (α A / β B)^(1 / (α + β))
//! ```
//!
//! Llama 3 (arXiv 2407.21783, 3.2.1) gives the best number of tokens directly, `D = a C^b`, fitted on its own data from
//! 6e18 to 1e22 FLOP. Its printed coefficients have two figures: at 3.8e25 FLOP they give 10.5 T tokens, where the
//! paper names 16.55 T. Both laws weigh training alone; a model that is to be served much is made smaller and trained
//! longer.

use libm::pow;

use super::runs::FLOP_PER_PARAMETER;
use crate::coefficients::coefficients;

coefficients! {
    /// The numbers of both laws, as published.
    pub struct ScalingCoefficients of "scaling" {
        /// Loss of a token that neither parameters nor tokens take away.
        loss_floor: "nat", [0.0, 10.0], "Besiroglu et al. 2024, arXiv 2404.10102";
        /// Loss that one parameter leaves, over its power.
        parameter_scale: "nat", [1.0, 1e5], "Besiroglu et al. 2024, arXiv 2404.10102";
        /// Loss that one token leaves, over its power.
        token_scale: "nat", [1.0, 1e5], "Besiroglu et al. 2024, arXiv 2404.10102";
        /// Power of parameters with which the loss falls.
        parameter_exponent: "1", [0.05, 1.0], "Besiroglu et al. 2024, arXiv 2404.10102";
        /// Power of tokens with which the loss falls.
        token_exponent: "1", [0.05, 1.0], "Besiroglu et al. 2024, arXiv 2404.10102";
        /// Llama 3: tokens that are best for one FLOP, over its power.
        llama_token_scale: "1", [1e-3, 1e3], "Llama 3, arXiv 2407.21783, 3.2.1";
        /// Llama 3: power of computing with which the best number of tokens grows.
        llama_token_exponent: "1", [0.1, 1.0], "Llama 3, arXiv 2407.21783, 3.2.1";
    }
}

/// A size of model and a number of tokens.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Optimum {
    /// Parameters.
    pub parameters: f64,
    /// Tokens.
    pub tokens: f64,
}

impl ScalingCoefficients {
    /// Loss in nat of a token after training a model of so many parameters on so many tokens.
    pub fn loss(&self, at: Optimum) -> f64 {
        self.loss_floor
            + self.parameter_scale / pow(at.parameters, self.parameter_exponent)
            + self.token_scale / pow(at.tokens, self.token_exponent)
    }

    /// The least loss for an amount of computing in FLOP.
    pub fn least_loss(&self, compute: f64) -> Optimum {
        let (alpha, beta) = (self.parameter_exponent, self.token_exponent);
        let ratio = alpha * self.parameter_scale / (beta * self.token_scale);
        let products = compute / FLOP_PER_PARAMETER;
        let parameters = pow(ratio, 1.0 / (alpha + beta)) * pow(products, beta / (alpha + beta));
        Optimum { parameters, tokens: products / parameters }
    }

    /// What Llama 3's law has best for an amount of computing in FLOP.
    pub fn llama(&self, compute: f64) -> Optimum {
        let tokens = self.llama_token_scale * pow(compute, self.llama_token_exponent);
        Optimum { parameters: compute / FLOP_PER_PARAMETER / tokens, tokens }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn coefficients() -> ScalingCoefficients {
        ScalingCoefficients::embedded().expect("complete")
    }

    /// The least loss over sizes of model, by golden section over their logarithm.
    fn numerically(with: &ScalingCoefficients, compute: f64) -> f64 {
        let loss = |log: f64| {
            let parameters = libm::exp(log);
            with.loss(Optimum { parameters, tokens: compute / 6.0 / parameters })
        };
        let golden = (libm::sqrt(5.0) - 1.0) / 2.0;
        let (mut low, mut high) = (libm::log(1e3), libm::log(compute / 6e3));
        for _ in 0..200 {
            let (left, right) = (high - golden * (high - low), low + golden * (high - low));
            if loss(left) < loss(right) { high = right } else { low = left }
        }
        libm::exp(f64::midpoint(low, high))
    }

    proptest! {
        #[test]
        fn the_closed_form_is_the_numeric_minimum(exponent in 18.0_f64..27.0) {
            let (with, compute) = (coefficients(), pow(10.0, exponent));
            let best = with.least_loss(compute);
            prop_assert!((best.parameters / numerically(&with, compute) - 1.0).abs() < 1e-4);
            prop_assert!((6.0 * best.parameters * best.tokens / compute - 1.0).abs() < 1e-12);
        }
    }

    /// Besiroglu et al. 2024 find about 20 tokens a parameter at the computing of Chinchilla, 5.76e23 FLOP, which was
    /// trained as a model of 70 G on 1.4 T.
    #[test]
    fn chinchilla_is_near_its_own_optimum() {
        let best = coefficients().least_loss(5.76e23);
        assert!((best.parameters / 70e9 - 1.0).abs() < 0.15, "{best:?}");
        assert!((best.tokens / 1.4e12 - 1.0).abs() < 0.15, "{best:?}");
    }

    /// The printed coefficients of Llama 3 do not give the 16.55 T tokens that the paper names for 3.8e25 FLOP.
    #[test]
    fn the_printed_law_of_llama_3_is_rounded() {
        let best = coefficients().llama(3.8e25);
        assert!((best.tokens / 10.5e12 - 1.0).abs() < 0.01, "{best:?}");
        let finer = ScalingCoefficients { llama_token_exponent: 0.5378, ..coefficients() };
        assert!((finer.llama(3.8e25).tokens / 16.55e12 - 1.0).abs() < 0.01);
    }
}
