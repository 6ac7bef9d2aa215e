//! Number formats of a served model.

use serde::{Deserialize, Serialize};

use super::EngineName;
use crate::catalog::{Attention, Shape};
use crate::training::Precision;

/// Formats of what a served model reads and multiplies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServingFormats {
    /// Projections of attention.
    pub attention: Precision,
    /// Dense feed-forward parts and experts.
    pub feed_forward: Precision,
    /// Keys and values.
    pub cache: Precision,
}

impl ServingFormats {
    /// Everything in 16 bits.
    pub const SIXTEEN: Self =
        Self { attention: Precision::Bf16, feed_forward: Precision::Bf16, cache: Precision::Bf16 };

    /// One format for all weights, and one for the cache.
    #[must_use]
    pub fn uniform(weights: Precision, cache: Precision) -> Self {
        Self { attention: weights, feed_forward: weights, cache }
    }

    /// Those of a checkpoint as it is usually made: FP8 of a mixture with latent attention has a scale for each block, as
    /// DeepSeek publishes; where experts are in 4 bits, attention is in 16; without word on it the cache is in 8 bits where
    /// weights are multiplied in 8 bits or fewer, but for SGLang.
    #[must_use]
    pub fn of_checkpoint(
        weights: Precision,
        cache: Option<Precision>,
        shape: &Shape,
        engine: EngineName,
    ) -> Self {
        let mixture = shape.experts.is_some();
        let latent = matches!(shape.attention, Attention::Latent { .. });
        let weights =
            if weights == Precision::Fp8 && latent && mixture { Precision::Fp8Block } else { weights };
        let narrow = weights.activation_bytes() < 1.5 && engine != EngineName::Sglang;
        let cache = cache.unwrap_or(if narrow { Precision::Fp8 } else { Precision::Bf16 });
        if mixture && weights.weight_bytes() < 0.9 {
            return Self::experts_only(weights, cache);
        }
        Self::uniform(weights, cache)
    }

    /// A checkpoint whose experts are in fewer bits than its attention, as those of 4 bits usually are.
    #[must_use]
    pub fn experts_only(experts: Precision, cache: Precision) -> Self {
        Self { attention: Precision::Bf16, feed_forward: experts, cache }
    }
}
