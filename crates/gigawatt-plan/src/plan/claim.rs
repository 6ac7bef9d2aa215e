//! Claims and outcomes: what is to be judged, and what is known to have happened since.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::results::{Query, ResultId};
use crate::quantity::Dimension;

/// A statement to be judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Name in paths.
    pub name: String,
    /// The statement in words.
    pub says: String,
    /// How it is judged; what would judge it, where nothing here does.
    pub test: ClaimTest,
    /// Id of its source.
    pub source: Option<String>,
    /// Whether `gw check` passes over it.
    pub informative: bool,
}

/// How a claim is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimTest {
    /// By a value between bounds.
    Bounds(Bounds),
    /// Nothing here computes it; the text says what would.
    NotJudged {
        /// What would judge it.
        needs: String,
    },
}

impl ClaimTest {
    /// How the value that decides the claim is read, where there is one.
    pub fn query(&self) -> Option<&Query> {
        match self {
            Self::Bounds(bounds) => Some(&bounds.query),
            Self::NotJudged { .. } => None,
        }
    }
}

/// A value, when it is read, and the bounds it has to keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Path of the value.
    pub path: String,
    /// When, in words: `over 2025`, `at 2025-12-31`.
    pub when: String,
    /// How the value is read.
    pub query: Query,
    /// Unit of value and bounds.
    pub dimension: Dimension,
    /// Least value allowed, in base units.
    pub at_least: Option<f64>,
    /// Greatest value allowed.
    pub at_most: Option<f64>,
    /// Probability asked for, above 0.5.
    pub confidence: f64,
    /// What happened, where it is known by now.
    pub outcome: Option<Known>,
}

/// A value that became known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// In base units.
    pub value: f64,
    /// Id of its source.
    pub source: String,
    /// The day from which it was public.
    pub published: Date,
}

/// A result whose true value became known after the scenario's date.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Which result.
    pub result: ResultId,
    /// When, in words: `2025`, `2025Q3`.
    pub period: String,
    /// How the forecast is read.
    pub query: Query,
    /// What happened.
    pub known: Known,
}
