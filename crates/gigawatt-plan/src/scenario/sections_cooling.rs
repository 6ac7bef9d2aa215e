//! The sections of cooling and weather, as written.

use std::collections::BTreeMap;

use crate::fact::Written;
use crate::text::{Span, Spanned};
use crate::weather::Weather;

/// `[site.cooling]`.
#[derive(Clone, Debug)]
pub struct CoolingSection {
    /// Where it stands.
    pub span: Span,
    /// The catalogue's plant.
    pub plant: Option<Spanned<String>>,
    /// Single values by field name.
    pub values: BTreeMap<&'static str, Spanned<Written>>,
}

/// A site's file of weather.
#[derive(Clone, Debug)]
pub struct WeatherSection {
    /// The file.
    pub file: Spanned<String>,
    /// What was read; `None` where a diagnostic says why not.
    pub read: Option<Weather>,
}
