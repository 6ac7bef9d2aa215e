//! The sections of a scenario about the supply of its sites.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::fact::Written;
use crate::text::{Span, Spanned};

/// `[[power]]`.
#[derive(Clone, Debug)]
pub struct PowerSection {
    /// Where it stands.
    pub span: Span,
    /// The site.
    pub site: Option<Spanned<String>>,
    /// Its stages.
    pub stages: Vec<StageSection>,
    /// Its generators; none where they are not said.
    pub generation: Option<Vec<GenerationSection>>,
    /// Its battery: energy and power.
    pub battery: Option<(Spanned<Written>, Spanned<Written>)>,
    /// Its storage.
    pub storage: Option<StorageSection>,
    /// Its contracts.
    pub contracts: Vec<ContractSection>,
    /// What can wait.
    pub deferrable: Option<DeferrableSection>,
    /// Its events.
    pub events: Vec<EventSection>,
    /// Limits by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// One of `stages`.
#[derive(Clone, Debug)]
pub struct StageSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Option<Spanned<String>>,
    /// What feeds it.
    pub fed_by: Option<Spanned<String>>,
    /// Units.
    pub units: u32,
    /// What stands by.
    pub redundancy: Option<Spanned<String>>,
    /// Rating and losses by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// One of `generation`.
#[derive(Clone, Debug)]
pub struct GenerationSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// When it runs.
    pub running: Option<Spanned<String>>,
    /// Power, start and rise by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// `storage`.
#[derive(Clone, Debug)]
pub struct StorageSection {
    /// Where it stands.
    pub span: Span,
    /// Energy, power, round trip and level by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// One of `events`.
#[derive(Clone, Debug)]
pub struct EventSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// What it does.
    pub kind: Option<Spanned<String>>,
    /// The day on which it starts.
    pub on: Option<Spanned<Date>>,
    /// The hour of that day.
    pub hour: u32,
    /// Length and power by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// One of `contracts`.
#[derive(Clone, Debug)]
pub struct ContractSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: Option<Spanned<String>>,
    /// When the plant of a purchase generates.
    pub generation: Option<Spanned<String>>,
    /// Power, price, markup and intensity by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// `deferrable`.
#[derive(Clone, Debug)]
pub struct DeferrableSection {
    /// What moving it makes least.
    pub by: Option<Spanned<String>>,
    /// Share and wait by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}
