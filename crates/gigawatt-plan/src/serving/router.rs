//! How requests find a replica.

use serde::{Deserialize, Serialize};

/// The rule by which a router picks a replica.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RouterName {
    /// One after the other.
    RoundRobin,
    /// The one with the least work.
    #[default]
    LeastLoaded,
    /// The less loaded of two that are drawn.
    PowerOfTwo,
    /// The one that holds most of the prompt's beginning, unless it has far more work than others.
    PrefixAware,
    /// The one that served the session before.
    SessionAware,
}

impl RouterName {
    /// All of them with the words in which they are written.
    pub const WORDS: [(Self, &'static str); 5] = [
        (Self::RoundRobin, "round-robin"),
        (Self::LeastLoaded, "least-loaded"),
        (Self::PowerOfTwo, "power-of-two"),
        (Self::PrefixAware, "prefix-aware"),
        (Self::SessionAware, "session-aware"),
    ];

    /// The rule of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::WORDS.into_iter().find(|(_, known)| *known == word).map(|(router, _)| router)
    }

    /// The word.
    pub fn word(self) -> &'static str {
        Self::WORDS.into_iter().find(|(router, _)| *router == self).map_or("", |(_, word)| word)
    }
}
