//! What the fuzz targets share.

use std::io::{Cursor, Read};

use gigawatt_plan::Options;
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::plan::Plan;
use gigawatt_plan::resolve::resolve as resolve_with;
use gigawatt_plan::scenario::{Texts, read_scenario};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::world::{World, WorldError};

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

thread_local! {
    /// The catalogue with its texts, read once: reading it anew would take most of the time.
    static CATALOGUE: (SourceMap, Catalogue) = {
        let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
        let catalogue = Catalogue::embedded(&mut sources, &mut diagnostics);
        (sources, catalogue)
    };
}

/// Resolves a text whose lines that start with `#!` are settings, and checks what every resolution promises: a
/// plan or a reason, and places that lie within their texts.
pub fn resolve(text: &str) -> Option<Plan> {
    let settings: Vec<String> =
        text.lines().filter_map(|line| line.strip_prefix("#!")).map(str::to_owned).collect();
    let options = Options { settings: &settings, ..Options::default() };
    CATALOGUE.with(|(texts_of_the_catalogue, catalogue)| {
        let (mut sources, mut diagnostics) = (texts_of_the_catalogue.clone(), Diagnostics::default());
        let texts = Texts { scenario: "fuzz.toml", settings: &settings, ..Texts::default() };
        let scenario = read_scenario(&texts, &Alone(text), &mut sources, &mut diagnostics);
        let plan = scenario
            .and_then(|scenario| resolve_with(&scenario, catalogue, &sources, &options, &mut diagnostics));
        let wrong = diagnostics.has_errors();
        assert!(plan.is_some() || wrong, "no plan and not a word why");
        for label in diagnostics.into_sorted().iter().flat_map(|diagnostic| &diagnostic.labels) {
            let range = label.span.start as usize..label.span.end as usize;
            let source = sources.get(label.span.source);
            assert!(source.text.get(range).is_some(), "{:?} is no place in {}", label.span, source.name);
        }
        plan.filter(|_| !wrong)
    })
}
