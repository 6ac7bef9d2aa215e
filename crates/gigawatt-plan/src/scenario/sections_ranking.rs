//! The section of a scenario about ranking and recommendation.

use std::collections::BTreeMap;

use crate::fact::Written;
use crate::period::Period;
use crate::text::{Span, Spanned};

/// `[ranking]`.
#[derive(Clone, Debug)]
pub struct RankingSection {
    /// Where it stands.
    pub span: Span,
    /// Name for people.
    pub title: Option<String>,
    /// The site.
    pub site: Option<Spanned<String>>,
    /// The company.
    pub company: Option<Spanned<String>>,
    /// The catalogue's audience.
    pub audience: Option<Spanned<String>>,
    /// When larger models replace today's.
    pub rollout: Option<Spanned<Period>>,
    /// Entries of the catalogue's uplifts.
    pub uplifts: Vec<Spanned<String>>,
    /// What is served.
    pub stages: Vec<RankingPartSection>,
    /// What is trained.
    pub trainings: Vec<RankingPartSection>,
    /// The system of immersive worlds.
    pub immersive_system: Option<Spanned<String>>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// A stage, or trainings that are alike.
#[derive(Clone, Debug)]
pub struct RankingPartSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// Name for people.
    pub title: Option<String>,
    /// The model in the catalogue.
    pub model: Option<Spanned<String>>,
    /// The system in the catalogue.
    pub system: Option<Spanned<String>>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

impl RankingSection {
    /// Every system that it names.
    pub fn systems(&self) -> impl Iterator<Item = &Spanned<String>> {
        let parts = self.stages.iter().chain(&self.trainings);
        parts.filter_map(|part| part.system.as_ref()).chain(&self.immersive_system)
    }
}
