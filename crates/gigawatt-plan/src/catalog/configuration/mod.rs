//! The architecture that a model's `config.json` describes.
//!
//! Such a file is written by a model's maker for the library `transformers`. It names its architecture, and the fields
//! that matter have other names and defaults for each family. Fields that change nothing that is counted are passed
//! over; those that would and are not understood are told.

mod attention;
mod dense;
mod experts;
mod families;
mod hybrids;
mod reading;

use super::Shape;
use crate::text::{Diagnostics, SourceId, SourceMap, Spanned, open_named, parse_json};
use crate::world::World;

/// Reads a configuration that is in `sources`; `None` where diagnostics say why not.
pub fn read_configuration(
    sources: &SourceMap,
    source: SourceId,
    diagnostics: &mut Diagnostics,
) -> Option<Shape> {
    let root = parse_json(sources, source, diagnostics)?;
    families::read(&root, diagnostics)
}

/// Opens a configuration that `name` names and reads it; `None` where diagnostics say why not.
pub fn load_configuration(
    name: &Spanned<String>,
    world: &dyn World,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<Shape> {
    let source = open_named(name, "the model's config.json", world, sources, diagnostics)?;
    read_configuration(sources, source, diagnostics)
}
