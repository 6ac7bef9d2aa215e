//! What fuzzing found worth keeping is read without a panic, and what is told of it lies within its text.

use std::io::{Cursor, Read};
use std::path::Path;

use gigawatt_plan::Options;
use gigawatt_plan::catalog::Catalogue;
use gigawatt_plan::resolve::resolve;
use gigawatt_plan::scenario::{Texts, read_scenario};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::world::{World, WorldError};

/// One text, and nothing that it could extend.
struct Alone(Vec<u8>);

impl World for Alone {
    fn open(&self, name: &str, relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        match relative_to {
            None => Ok((name.to_owned(), Box::new(Cursor::new(self.0.clone())))),
            Some(_) => Err(WorldError {
                name: name.to_owned(),
                reason: "there is no such file".to_owned(),
                nearby: Vec::new(),
            }),
        }
    }
}

#[test]
fn every_input_is_a_plan_or_told_why_not() {
    let (mut texts, mut none) = (SourceMap::default(), Diagnostics::default());
    let catalogue = Catalogue::embedded(&mut texts, &mut none);
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let (mut plans, mut refused) = (0, 0);
    for target in ["parse", "resolve", "run"] {
        for file in std::fs::read_dir(corpus.join(target)).unwrap() {
            let path = file.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            let settings = text.lines().filter_map(|line| line.strip_prefix("#!")).map(str::to_owned);
            let settings: Vec<String> = settings.collect();
            let (mut sources, mut diagnostics) = (texts.clone(), Diagnostics::default());
            let options = Options { settings: &settings, ..Options::default() };
            let input = Texts { scenario: "input.toml", settings: &settings, ..Texts::default() };
            let world = Alone(bytes.clone());
            let plan = read_scenario(&input, &world, &mut sources, &mut diagnostics)
                .and_then(|scenario| resolve(&scenario, &catalogue, &sources, &options, &mut diagnostics));
            let wrong = diagnostics.has_errors();
            assert!(plan.is_some() || wrong, "{}: no plan and not a word why", path.display());
            for label in diagnostics.into_sorted().iter().flat_map(|diagnostic| &diagnostic.labels) {
                let range = label.span.start as usize..label.span.end as usize;
                let place = sources.get(label.span.source).text.get(range);
                assert!(place.is_some(), "{}: {:?} is no place", path.display(), label.span);
            }
            if wrong { refused += 1 } else { plans += 1 }
        }
    }
    assert!(plans > 5 && refused > 200, "{plans} plans, {refused} refused");
}
