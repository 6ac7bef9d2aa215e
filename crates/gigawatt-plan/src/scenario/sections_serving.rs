//! The sections of a scenario about models that are served.

use std::collections::BTreeMap;

use crate::catalog::Shape;
use crate::fact::Written;
use crate::text::{Span, Spanned};

/// `[[service]]`.
#[derive(Clone, Debug)]
pub struct ServiceSection {
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
    /// The system in the catalogue.
    pub system: Option<Spanned<String>>,
    /// The site.
    pub site: Option<Spanned<String>>,
    /// The purchase or opening stock.
    pub lot: Option<Spanned<String>>,
    /// The practice with defaults.
    pub practice: Option<Spanned<String>>,
    /// The engine's release.
    pub engine_version: Option<Spanned<String>>,
    /// The file of requests.
    pub trace: Option<Spanned<String>>,
    /// Whether prefixes are kept.
    pub prefix_cache: Option<bool>,
    /// Words by field name.
    pub words: BTreeMap<&'static str, Spanned<String>>,
    /// Whole numbers by field name.
    pub numbers: BTreeMap<&'static str, Spanned<u64>>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
    /// Whether something of it is written and cannot be read, which was told.
    pub unreadable: bool,
}
