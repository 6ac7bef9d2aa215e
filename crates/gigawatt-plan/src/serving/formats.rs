//! Number formats of a served model.

use serde::{Deserialize, Serialize};

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

    /// A checkpoint whose experts are in fewer bits than its attention, as those of 4 bits usually are.
    #[must_use]
    pub fn experts_only(experts: Precision, cache: Precision) -> Self {
        Self { attention: Precision::Bf16, feed_forward: experts, cache }
    }
}
