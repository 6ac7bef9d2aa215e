//! What the catalogue knows of the cluster of a row.

use gigawatt_engine::reliability::{MissingFact, Ranged, ReliabilityFacts, state_bytes};
use gigawatt_plan::catalog::{Catalogue, Entry, Kind, find_model};

use super::row::ReliabilityRow;

/// The run whose counts are the calibration.
pub(super) const LLAMA: &str = "llama3-54-days";
/// The cluster whose small jobs calibrate software.
pub(super) const RSC_1: &str = "rsc-1";
/// The staging that is the calibration.
pub(super) const STAGING: &str = "gb200-staging";
/// The model of that run, whose state stands for that of large jobs.
const MODEL: &str = "llama-3-1-405b";

/// The practice that says how much of a fleet jobs have.
const PRACTICE: &str = "hyperscale-ai";

/// Names of clusters beside their ids, and what they are.
const ALIASES: [(&str, &str); 6] = [
    ("rsc 1 2", ""),
    ("meta 24k h100", LLAMA),
    ("llama 3", LLAMA),
    ("llama3", LLAMA),
    ("gb200 one rack", STAGING),
    ("revisiting reliability rsc 1", RSC_1),
];

/// Why nothing can be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// The catalogue lacks a fact.
    Fact(MissingFact),
    /// The catalogue lacks a model.
    Model(&'static str),
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fact(fact) => fact.fmt(formatter),
            Self::Model(model) => write!(formatter, "the catalogue lacks the model `{model}`"),
        }
    }
}

/// The catalogue as the predictions ask it.
#[derive(Clone, Debug)]
pub struct Known<'c> {
    /// Facts of failures.
    pub facts: ReliabilityFacts,
    catalogue: &'c Catalogue,
    /// Bytes of the state of a large job.
    pub state: f64,
    /// Part of the accelerators that jobs have.
    pub allocation: Ranged,
}

impl<'c> Known<'c> {
    /// Of a catalogue.
    ///
    /// # Errors
    /// What it lacks.
    pub fn of(catalogue: &'c Catalogue) -> Result<Self, Unknown> {
        let facts = ReliabilityFacts::of(catalogue).map_err(Unknown::Fact)?;
        let model = find_model(catalogue, MODEL).and_then(|model| model.architecture.as_ref());
        let state = state_bytes(&model.ok_or(Unknown::Model(MODEL))?.shape, facts.bytes_per_parameter.value);
        let lacks = || Unknown::Fact(MissingFact(format!("practice.{PRACTICE}.allocation")));
        let practice = catalogue.get(Kind::Practice, PRACTICE).ok_or_else(lacks)?;
        let allocation = practice.vintages("allocation").last().ok_or_else(lacks)?.written.distribution;
        let (low, high) = allocation.range();
        Ok(Self { facts, catalogue, state, allocation: Ranged { value: allocation.reference(), low, high } })
    }

    /// A fact of a cluster.
    pub fn fact(&self, id: &str, field: &str) -> Option<f64> {
        newest(self.catalogue.get(Kind::Reliability, id)?, field)
    }

    /// A fact of all clusters but one.
    pub fn others(&self, field: &str, without: Option<&str>) -> Vec<f64> {
        let ids = self.catalogue.ids(Kind::Reliability).filter(|id| Some(*id) != without);
        ids.filter_map(|id| self.fact(id, field)).collect()
    }

    /// The cluster of a row in the catalogue.
    pub fn cluster(&self, row: &ReliabilityRow) -> Option<&str> {
        let name = spaced(&row.cluster);
        for (alias, id) in ALIASES {
            if name.contains(&spaced(alias)) {
                return self.catalogue.get(Kind::Reliability, id).map(|entry| entry.id.as_str());
            }
        }
        self.catalogue.ids(Kind::Reliability).find(|id| name.contains(&spaced(id)))
    }

    /// Whether a row is of the stretch that the catalogue's counts are from.
    pub fn is_calibration(&self, row: &ReliabilityRow) -> bool {
        let same = |said: Option<f64>, known: Option<f64>| match (said, known) {
            (Some(said), Some(known)) => (said / known - 1.0).abs() < 1e-3,
            _ => true,
        };
        self.cluster(row) == Some(LLAMA)
            && same(row.gpus, self.fact(LLAMA, "accelerators"))
            && same(row.days, self.fact(LLAMA, "observed").map(|seconds| seconds / 86_400.0))
    }
}

fn newest(entry: &Entry, field: &str) -> Option<f64> {
    Some(entry.vintages(field).last()?.written.distribution.reference())
}

/// Lower-case words between single spaces, one at each end.
fn spaced(text: &str) -> String {
    let mut spaced = String::from(" ");
    for letter in text.to_lowercase().chars() {
        if letter.is_alphanumeric() {
            spaced.push(letter);
        } else if !spaced.ends_with(' ') {
            spaced.push(' ');
        }
    }
    if !spaced.ends_with(' ') {
        spaced.push(' ');
    }
    spaced
}
