//! A catalogue as plain data: what `gw catalog export` writes and `gw catalog diff` compares.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Catalogue, Entry, Figure, Figures, Reference, Shape};
use crate::distribution::Distribution;
use crate::fact::FactKind;

/// A whole catalogue. Numbers are in base units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// Entries by path, `system.gb200-nvl72`.
    pub entries: BTreeMap<String, EntryDocument>,
    /// The bibliography by id.
    pub sources: BTreeMap<String, Reference>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EntryDocument {
    /// Name of its kind.
    pub kind: String,
    /// Name within the kind.
    pub id: String,
    /// Texts by field.
    pub texts: BTreeMap<String, String>,
    /// Plain integers by field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub integers: BTreeMap<String, i64>,
    /// Vintages of facts by field, oldest first.
    pub facts: BTreeMap<String, Vec<FactDocument>>,
    /// A model's architecture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<ArchitectureDocument>,
    /// What a company reported, by quarter or year.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub reported: BTreeMap<String, ReportedDocument>,
}

/// One vintage of a fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FactDocument {
    /// The value of the reference case.
    pub value: f64,
    /// Lower end of its range; the value where there is none.
    pub low: f64,
    /// Upper end of its range; the value where there is none.
    pub high: f64,
    /// Base unit of the three.
    pub unit: String,
    /// Shape of the range.
    pub distribution: Distribution,
    /// How it came to be known.
    pub kind: Option<FactKind>,
    /// Id in the bibliography.
    pub source: String,
    /// The day from which it was public.
    pub known_from: Date,
    /// Basis or caveat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A model's architecture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArchitectureDocument {
    /// The numbers.
    #[serde(flatten)]
    pub shape: Shape,
    /// Id in the bibliography.
    pub source: String,
    /// The day from which it was public.
    pub known_from: Date,
    /// Caveat.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Figures of one quarter or year, in dollars.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportedDocument {
    /// Figures by name.
    pub figures: BTreeMap<String, f64>,
    /// Id of the release in the bibliography.
    pub source: String,
    /// The day of the release.
    pub published: Date,
}

impl Catalogue {
    /// The catalogue as plain data.
    pub fn document(&self) -> Document {
        let path = |entry: &Entry| format!("{}.{}", entry.kind.name(), entry.id);
        Document {
            entries: self.entries.iter().map(|entry| (path(entry), entry.document())).collect(),
            sources: self.bibliography.clone(),
        }
    }
}

impl Entry {
    /// The entry as plain data.
    pub fn document(&self) -> EntryDocument {
        let facts = self.kind.quantities().iter().filter(|(field, _)| !self.vintages(field).is_empty());
        let facts = facts.map(|(field, dimension)| {
            let vintages = self.vintages(field).iter().map(|fact| {
                let (low, high) = fact.written.distribution.range();
                FactDocument {
                    value: fact.written.distribution.reference(),
                    low,
                    high,
                    unit: dimension.base_unit().to_owned(),
                    distribution: fact.written.distribution,
                    kind: fact.written.kind,
                    source: fact.written.source.as_ref().map(|id| id.value.clone()).unwrap_or_default(),
                    known_from: fact.known_from,
                    note: fact.written.note.clone(),
                }
            });
            ((*field).to_owned(), vintages.collect())
        });
        let quarters = self.history.quarters.iter().map(|of| (of.period.to_string(), reported(of)));
        let years = self.history.years.iter().map(|of| (of.period.to_string(), reported(of)));
        EntryDocument {
            kind: self.kind.name().to_owned(),
            id: self.id.clone(),
            texts: self.texts().map(|(field, text)| (field.to_owned(), text.to_owned())).collect(),
            integers: self.integers().map(|(field, number)| (field.to_owned(), number)).collect(),
            facts: facts.collect(),
            architecture: self.architecture.as_ref().map(|architecture| ArchitectureDocument {
                shape: architecture.shape,
                source: architecture.source.value.clone(),
                known_from: architecture.known_from,
                note: architecture.note.clone(),
            }),
            reported: quarters.chain(years).collect(),
        }
    }
}

fn reported<T>(figures: &Figures<T>) -> ReportedDocument {
    let named = Figure::ALL.into_iter().filter_map(|(figure, key)| Some((key, figures.get(figure)?.value)));
    let purchases = figures.purchases.as_ref().map(|purchases| ("purchases", purchases.value));
    ReportedDocument {
        figures: named.chain(purchases).map(|(key, value)| (key.to_owned(), value)).collect(),
        source: figures.source.clone(),
        published: figures.published,
    }
}
