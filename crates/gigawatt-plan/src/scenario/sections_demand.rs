//! The sections of a scenario about demand.

use std::collections::BTreeMap;

use super::sections::Point;
use crate::fact::Written;
use crate::text::{Span, Spanned};

/// `[[demand]]`.
#[derive(Clone, Debug)]
pub struct DemandSection {
    /// Name in paths.
    pub name: Spanned<String>,
    /// Where it stands.
    pub span: Span,
    /// Name for people.
    pub title: Option<String>,
    /// Who asks.
    pub kind: Option<Spanned<String>>,
    /// The service that answers.
    pub service: Option<Spanned<String>>,
    /// The population in the catalogue.
    pub population: Option<Spanned<String>>,
    /// The shape of day and week in the catalogue.
    pub traffic: Option<Spanned<String>>,
    /// Users over time; empty where what was reported is meant.
    pub users: Vec<Point>,
    /// Whether they are written, readable or not.
    pub users_written: bool,
    /// How much more or less a user asks over time.
    pub intensity: Vec<Point>,
    /// Where users live; none where nothing is said.
    pub regions: Option<Vec<RegionSection>>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// A region of a demand.
#[derive(Clone, Debug)]
pub struct RegionSection {
    /// Its name in the catalogue.
    pub name: Spanned<String>,
    /// Part of the users.
    pub share: Option<Spanned<Written>>,
    /// Whether replicas may stand there.
    pub serves: Option<bool>,
}
