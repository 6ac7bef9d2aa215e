//! What users are promised.

use serde::{Deserialize, Serialize};

/// Of which requests a target holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TargetAt {
    /// The mean over all requests.
    Mean,
    /// Half of them.
    P50,
    /// Nine of ten.
    P90,
    /// Nineteen of twenty.
    P95,
    /// Ninety-nine of a hundred.
    #[default]
    P99,
}

impl TargetAt {
    /// All of them with the words in which they are written.
    pub const WORDS: [(Self, &'static str); 5] = [
        (Self::Mean, "mean"),
        (Self::P50, "p50"),
        (Self::P90, "p90"),
        (Self::P95, "p95"),
        (Self::P99, "p99"),
    ];

    /// The one of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.into_iter().find(|(_, known)| *known == word).map(|(at, _)| at)
    }

    /// The word.
    pub fn word(self) -> &'static str {
        Self::WORDS.into_iter().find(|(at, _)| *at == self).map_or("", |(_, word)| word)
    }

    /// The share of requests that keep the target; none for a mean.
    pub fn share(self) -> Option<f64> {
        match self {
            Self::Mean => None,
            Self::P50 => Some(0.5),
            Self::P90 => Some(0.9),
            Self::P95 => Some(0.95),
            Self::P99 => Some(0.99),
        }
    }
}
