//! Opening a text that another text names.

use std::io::Read;

use super::{Diagnostic, Diagnostics, SourceId, SourceMap, Spanned, nearest};
use crate::world::World;

/// The largest text that is read.
const MAXIMUM_BYTES: u64 = 1 << 20;

/// Opens what `name` names, relative to the text that it stands in, and adds it to `sources`; `None` where diagnostics
/// say why not. `expected` says what should be named: `the model's config.json`.
pub fn open_named(
    name: &Spanned<String>,
    expected: &str,
    world: &dyn World,
    sources: &mut SourceMap,
    diagnostics: &mut Diagnostics,
) -> Option<SourceId> {
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
                None => format!("name {expected}, relative to the file that names it"),
            };
            diagnostics.push(Diagnostic::error(name.span, error.to_string()).help(help));
            return None;
        }
    };
    match text(&known_as, stream) {
        Ok(text) => Some(sources.add(known_as, text)),
        Err(message) => {
            let help = format!("name {expected}, not weights or data");
            diagnostics.push(Diagnostic::error(name.span, message).help(help));
            None
        }
    }
}

/// The text of a stream, or what is wrong with it.
fn text(name: &str, stream: Box<dyn Read>) -> Result<String, String> {
    let mut bytes = Vec::new();
    stream
        .take(MAXIMUM_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| format!("cannot read `{name}`: {error}"))?;
    if bytes.len() as u64 > MAXIMUM_BYTES {
        return Err(format!("`{name}` is larger than {} MiB", MAXIMUM_BYTES >> 20));
    }
    String::from_utf8(bytes)
        .map_err(|error| format!("`{name}` is not UTF-8: byte {}", error.utf8_error().valid_up_to()))
}
