//! Any bytes become a tree and a scenario, or are told why not, at places that lie within the text.

#![no_main]

use std::io::{Cursor, Read};

use gigawatt_plan::scenario::{Texts, read_scenario};
use gigawatt_plan::text::{Diagnostics, SourceMap};
use gigawatt_plan::world::{World, WorldError};
use libfuzzer_sys::fuzz_target;

/// One text, whatever it is called.
struct One<'a>(&'a [u8]);

impl World for One<'_> {
    fn open(&self, name: &str, _relative_to: Option<&str>) -> Result<(String, Box<dyn Read>), WorldError> {
        Ok((name.to_owned(), Box::new(Cursor::new(self.0.to_vec()))))
    }
}

fuzz_target!(|bytes: &[u8]| {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let texts = Texts { scenario: "fuzz.toml", ..Texts::default() };
    let scenario = read_scenario(&texts, &One(bytes), &mut sources, &mut diagnostics);
    let told = diagnostics.into_sorted();
    assert!(scenario.is_some() || !told.is_empty(), "nothing was read and nothing told");
    for label in told.iter().flat_map(|diagnostic| &diagnostic.labels) {
        let range = label.span.start as usize..label.span.end as usize;
        assert!(sources.get(label.span.source).text.get(range).is_some(), "{:?} is no place", label.span);
    }
});
