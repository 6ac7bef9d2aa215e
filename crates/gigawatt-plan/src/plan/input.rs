//! Inputs: every number that a plan takes from outside, with where it is from.

use std::marker::PhantomData;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::distribution::Distribution;
use crate::fact::FactKind;
use crate::quantity::{Dimension, Quantity};

/// Which input of a plan. Provenance, sensitivity and draws share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InputId(pub u32);

/// A typed handle to an input: a draw makes a `Q` of it.
pub struct Input<Q> {
    id: InputId,
    quantity: PhantomData<fn() -> Q>,
}

impl<Q> Input<Q> {
    /// A handle to an input whose dimension is known to be that of `Q`.
    pub(crate) fn new(id: InputId) -> Self {
        Self { id, quantity: PhantomData }
    }

    /// Which input.
    pub fn id(self) -> InputId {
        self.id
    }
}

impl<Q> Clone for Input<Q> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q> Copy for Input<Q> {}

impl<Q> std::fmt::Debug for Input<Q> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Input({})", self.id.0)
    }
}

impl<Q> PartialEq for Input<Q> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<Q> Serialize for Input<Q> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(serializer)
    }
}

impl<'de, Q> Deserialize<'de> for Input<Q> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        InputId::deserialize(deserializer).map(Self::new)
    }
}

/// Who said it: the user, the catalogue, or the program by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Written in the scenario or one that it extends.
    Scenario,
    /// Set on the command line or by a sweep.
    Setting,
    /// A fact of the catalogue, which an override replaces.
    Catalogue,
    /// A figure that a company reported, which nothing replaces.
    Reported,
    /// What the language fills in where the scenario says nothing.
    Default,
}

/// Everything known about an input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputRecord {
    /// The path under which it can be set: `purchase.gb200-2025.share`, `system.gb200-nvl72.power`.
    pub path: String,
    /// What it measures.
    pub dimension: Dimension,
    /// Its value or spread, in base units.
    pub distribution: Distribution,
    /// Who said it.
    pub origin: Origin,
    /// How it came to be known; what the user writes without a kind is an assumption.
    pub kind: FactKind,
    /// Id in the bibliography.
    pub source: Option<String>,
    /// The day from which it was public.
    pub known_from: Option<Date>,
    /// Basis or caveat.
    pub note: Option<String>,
    /// File and line, `meta-2025.toml:41`.
    pub place: String,
}

impl InputRecord {
    /// The handle's type is right when its dimension is.
    pub(crate) fn fits<Q: Quantity>(&self) -> bool {
        self.dimension == Q::DIMENSION
    }
}

/// Inputs that move together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Correlation {
    /// Name for people.
    pub name: String,
    /// The inputs.
    pub inputs: Vec<InputId>,
    /// How they move together.
    pub dependence: Dependence,
}

impl Correlation {
    /// The other inputs with the correlation of their normal scores to those of `input`; empty where it stands
    /// elsewhere.
    pub fn partners(&self, input: InputId) -> Vec<(InputId, f64)> {
        let Some(own) = self.inputs.iter().position(|member| *member == input) else { return Vec::new() };
        let coefficient = |other: usize| match &self.dependence {
            Dependence::CommonCause { coefficient } => *coefficient,
            Dependence::Matrix { factor } => factor[own].iter().zip(&factor[other]).map(|(a, b)| a * b).sum(),
        };
        let members = self.inputs.iter().enumerate();
        members.filter(|(row, _)| *row != own).map(|(row, member)| (*member, coefficient(row))).collect()
    }
}

/// How the normal scores of some inputs depend on each other: a Gaussian copula.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dependence {
    /// Correlation of every two of them, 0 to 1. One common factor carries it, so any such set is positive
    /// definite.
    CommonCause {
        /// The coefficient.
        coefficient: f64,
    },
    /// Correlation of each two of them by itself.
    Matrix {
        /// The lower triangle of Cholesky's factor `L` of the correlation matrix, `L Lᵀ`: row `i` has `i + 1`
        /// numbers, in the order of the inputs.
        factor: Vec<Vec<f64>>,
    },
}
