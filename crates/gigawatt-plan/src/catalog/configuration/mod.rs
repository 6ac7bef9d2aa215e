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

use std::io::Read;

use super::Shape;
use crate::text::{Diagnostic, Diagnostics, SourceId, SourceMap, Spanned, nearest, parse_json};
use crate::world::World;

/// The largest file that is read.
const MAXIMUM_BYTES: u64 = 1 << 20;

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
    // A setting has no folder: what it names stands beside the scenario.
    let asking = sources.get(name.span.source).name.clone();
    let relative_to = (asking != "--set").then_some(asking.as_str());
    let (known_as, stream) = match world.open(&name.value, relative_to) {
        Ok(opened) => opened,
        Err(error) => {
            let (folder, file) = match name.value.rfind('/') {
                Some(slash) => name.value.split_at(slash + 1),
                None => ("", name.value.as_str()),
            };
            let others = error.nearby.iter().map(String::as_str).filter(|other| *other != file);
            let help = match nearest(file, others) {
                Some(near) => format!("did you mean `{folder}{near}`?"),
                None => "name a config.json, relative to the file that names it".to_owned(),
            };
            diagnostics.push(Diagnostic::error(name.span, error.to_string()).help(help));
            return None;
        }
    };
    match text(&known_as, stream) {
        Ok(text) => {
            let source = sources.add(known_as, text);
            read_configuration(sources, source, diagnostics)
        }
        Err((message, help)) => {
            diagnostics.push(Diagnostic::error(name.span, message).help(help));
            None
        }
    }
}

/// The text of a file, or what is wrong with it and what would be right.
fn text(name: &str, stream: Box<dyn Read>) -> Result<String, (String, &'static str)> {
    let mut bytes = Vec::new();
    if let Err(error) = stream.take(MAXIMUM_BYTES + 1).read_to_end(&mut bytes) {
        return Err((format!("cannot read `{name}`: {error}"), "name a config.json that can be read"));
    }
    if bytes.len() as u64 > MAXIMUM_BYTES {
        let message = format!("`{name}` is larger than {} MiB", MAXIMUM_BYTES >> 20);
        return Err((message, "name the model's config.json, not its weights or its tokens"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        (format!("`{name}` is not UTF-8: byte {at}"), "name the model's config.json")
    })
}
