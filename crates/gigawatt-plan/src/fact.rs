//! Values with their provenance, as written in a scenario or a catalogue file.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::distribution::Distribution;
use crate::text::Spanned;

/// How a value came to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FactKind {
    /// Measured, and the measurement published.
    Measured,
    /// Printed by the maker.
    Datasheet,
    /// Stated by the party it is about.
    Reported,
    /// Computed from other facts.
    Derived,
    /// Judged by a named third party.
    Estimate,
    /// Taken for want of anything better; its basis stands in the note.
    Assumption,
}

impl FactKind {
    /// The names as they are written.
    pub const NAMES: [&'static str; 6] =
        ["measured", "datasheet", "reported", "derived", "estimate", "assumption"];

    /// Reads a name.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "measured" => Self::Measured,
            "datasheet" => Self::Datasheet,
            "reported" => Self::Reported,
            "derived" => Self::Derived,
            "estimate" => Self::Estimate,
            "assumption" => Self::Assumption,
            _ => return None,
        })
    }

    /// The name as it is written.
    pub fn name(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// A value with its distribution and where it is from, as written.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// The value in base units.
    pub distribution: Distribution,
    /// Id in the bibliography.
    pub source: Option<Spanned<String>>,
    /// How it came to be known.
    pub kind: Option<FactKind>,
    /// The day from which it was public.
    pub known_from: Option<Date>,
    /// Basis or caveat.
    pub note: Option<String>,
}

impl Written {
    /// A bare number.
    pub fn constant(value: f64) -> Self {
        Self {
            distribution: Distribution::Constant { value },
            source: None,
            kind: None,
            known_from: None,
            note: None,
        }
    }
}
