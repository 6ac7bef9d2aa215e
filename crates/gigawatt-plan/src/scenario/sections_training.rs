//! The sections of a scenario about training runs.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::catalog::Shape;
use crate::fact::Written;
use crate::text::{Span, Spanned};
use crate::training::Framework;

/// `[[training]]`.
#[derive(Clone, Debug)]
pub struct TrainingSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// Name for people.
    pub title: Option<String>,
    /// The model in the catalogue.
    pub model: Option<Spanned<String>>,
    /// The model's numbers.
    pub architecture: Option<Spanned<Shape>>,
    /// The script or list of arguments of Megatron-LM that describes the rest.
    pub from_megatron: Option<Spanned<String>>,
    /// The configuration of torchtitan that describes the rest.
    pub from_torchtitan: Option<Spanned<String>>,
    /// What the software does, where such a file says it.
    pub software: Option<Framework>,
    /// The system in the catalogue.
    pub system: Option<Spanned<String>>,
    /// The site.
    pub site: Option<Spanned<String>>,
    /// The purchase or opening stock.
    pub lot: Option<Spanned<String>>,
    /// Its first day.
    pub start: Option<Spanned<Date>>,
    /// The run that it follows.
    pub after: Option<Spanned<String>>,
    /// Number format.
    pub precision: Option<Spanned<String>>,
    /// The stack of software.
    pub framework: Option<Spanned<String>>,
    /// The catalogue's experience with failures.
    pub reliability: Option<Spanned<String>>,
    /// The practice with defaults.
    pub practice: Option<Spanned<String>>,
    /// As a job of the fleet: higher goes first.
    pub priority: Option<Spanned<i64>>,
    /// What phases take unless they say otherwise.
    pub shared: PhaseFields,
    /// Its phases.
    pub phases: Vec<PhaseSection>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// A part of a run.
#[derive(Clone, Debug)]
pub struct PhaseSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// Name for people.
    pub title: Option<String>,
    /// What differs from the run.
    pub fields: PhaseFields,
    /// Its tokens.
    pub tokens: Option<Spanned<Written>>,
}

/// What a run and its phases may both say.
#[derive(Clone, Debug, Default)]
pub struct PhaseFields {
    /// Tokens of a sequence.
    pub sequence: Option<Spanned<u64>>,
    /// Sequences of a step.
    pub batch_sequences: Option<Spanned<u64>>,
    /// Tokens of a step.
    pub batch_tokens: Option<Spanned<u64>>,
    /// Accelerators.
    pub accelerators: Option<Spanned<u64>>,
    /// The layout.
    pub layout: LayoutSection,
    /// Whether something of it is written and cannot be read, which was told.
    pub unreadable: bool,
}

/// `layout = { ... }` as written.
#[derive(Clone, Debug, Default)]
pub struct LayoutSection {
    /// Where it stands.
    pub span: Option<Span>,
    /// Whole numbers by field name.
    pub numbers: BTreeMap<&'static str, Spanned<u64>>,
    /// Words by field name.
    pub words: BTreeMap<&'static str, Spanned<String>>,
    /// Whether norms are cut over tensor-parallel ranks.
    pub sequence_parallel: Option<bool>,
}

impl PhaseFields {
    /// These fields, with those of the run where nothing is said.
    #[must_use]
    pub fn over(&self, run: &Self) -> Self {
        let batch = self.batch_sequences.is_some() || self.batch_tokens.is_some();
        let inherited = |own: Option<Spanned<u64>>, run: Option<Spanned<u64>>| own.or(run);
        Self {
            sequence: inherited(self.sequence.clone(), run.sequence.clone()),
            batch_sequences: self.batch_sequences.clone().or(run.batch_sequences.clone().filter(|_| !batch)),
            batch_tokens: self.batch_tokens.clone().or(run.batch_tokens.clone().filter(|_| !batch)),
            accelerators: inherited(self.accelerators.clone(), run.accelerators.clone()),
            layout: self.layout.over(&run.layout),
            unreadable: self.unreadable || run.unreadable,
        }
    }
}

impl LayoutSection {
    /// This layout, with what the run's says where nothing is said.
    fn over(&self, run: &Self) -> Self {
        let mut merged = run.clone();
        merged.span = self.span.or(run.span);
        merged.numbers.extend(self.numbers.iter().map(|(name, number)| (*name, number.clone())));
        merged.words.extend(self.words.iter().map(|(name, word)| (*name, word.clone())));
        merged.sequence_parallel = self.sequence_parallel.or(run.sequence_parallel);
        // What is said of recomputation replaces what the run says, in whichever words.
        for (own, other) in [("recompute", "recompute_layers"), ("recompute_layers", "recompute")] {
            let says = |name| self.words.contains_key(name) || self.numbers.contains_key(name);
            if says(own) && !says(other) {
                merged.words.remove(other);
                merged.numbers.remove(other);
            }
        }
        merged
    }
}
