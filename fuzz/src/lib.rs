//! What the fuzz targets share.

use std::io::{Cursor, Read};

use gigawatt_plan::plan::Plan;
use gigawatt_plan::world::{World, WorldError};
use gigawatt_plan::{Options, load};

/// One scenario, and nothing that it could extend.
struct Alone<'a>(&'a str);

impl World for Alone<'_> {
    fn open(&self, name: &str, relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        match relative_to {
            None => Ok((name.to_owned(), Box::new(Cursor::new(self.0.as_bytes().to_vec())))),
            Some(_) => Err(WorldError {
                name: name.to_owned(),
                reason: "there is no such file".to_owned(),
                nearby: vec!["base.toml".to_owned()],
            }),
        }
    }
}

/// Resolves a text whose lines that start with `#!` are settings, and checks what every resolution promises: a
/// plan or a reason, and places that lie within their texts.
pub fn resolve(text: &str) -> Option<Plan> {
    let settings: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("#!")).map(str::to_owned).collect();
    let options = Options { settings: &settings, ..Options::default() };
    let resolved = load("fuzz.toml", &options, &Alone(text));
    assert!(resolved.plan.is_some() || !resolved.diagnostics.is_empty(), "no plan and not a word why");
    for label in resolved.diagnostics.iter().flat_map(|diagnostic| &diagnostic.labels) {
        let range = label.span.start as usize..label.span.end as usize;
        let source = resolved.sources.get(label.span.source);
        assert!(source.text.get(range).is_some(), "{:?} is no place in {}", label.span, source.name);
    }
    resolved.plan
}
