//! What every fact of the catalogue owes its reader: a source, a range where it is judged, no hindsight.

use std::collections::BTreeSet;

use gigawatt_plan::catalog::{Catalogue, Entry, Fact, Grade};
use gigawatt_plan::fact::FactKind;
use gigawatt_plan::text::{Diagnostics, SourceMap};

fn catalogue() -> Catalogue {
    let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
    let catalogue = Catalogue::embedded(&mut sources, &mut diagnostics);
    let told = diagnostics.into_sorted();
    assert!(told.is_empty(), "{told:#?}");
    catalogue
}

/// Every fact with its path.
fn facts(catalogue: &Catalogue) -> Vec<(String, &Fact)> {
    let of = |entry: &Entry, field: &str| format!("{}.{}.{field}", entry.kind.name(), entry.id);
    let mut all = Vec::new();
    for entry in catalogue.entries() {
        for field in entry.fields() {
            all.extend(entry.vintages(field).iter().map(|fact| (of(entry, field), fact)));
        }
    }
    assert!(all.len() > 100, "only {} facts", all.len());
    all
}

fn source_of(fact: &Fact) -> &str {
    &fact.written.source.as_ref().expect("a fact has a source").value
}

#[test]
fn every_fact_has_a_source_in_the_bibliography() {
    let catalogue = catalogue();
    for (path, fact) in facts(&catalogue) {
        let source = source_of(fact);
        assert!(catalogue.bibliography().contains_key(source), "{path} cites `{source}`, which is not there");
    }
    for entry in catalogue.entries() {
        let quarters = entry.history.quarters.iter().map(|figures| &figures.source);
        for source in quarters.chain(entry.history.years.iter().map(|figures| &figures.source)) {
            assert!(catalogue.bibliography().contains_key(source), "{} cites `{source}`", entry.id);
        }
    }
}

#[test]
fn every_fact_says_how_it_is_known() {
    for (path, fact) in facts(&catalogue()) {
        assert!(fact.written.kind.is_some(), "{path} has no kind");
    }
}

#[test]
fn what_is_judged_has_a_range() {
    for (path, fact) in facts(&catalogue()) {
        let judged = matches!(fact.written.kind, Some(FactKind::Estimate | FactKind::Assumption));
        let (low, high) = fact.written.distribution.range();
        let value = fact.written.distribution.reference();
        assert!(low <= value && value <= high, "{path}: {low} {value} {high}");
        assert!(!judged || low < high, "{path} of {} is judged and has no range", fact.known_from);
    }
}

#[test]
fn what_is_judged_says_on_what_basis() {
    for (path, fact) in facts(&catalogue()) {
        let assumed = fact.written.kind == Some(FactKind::Assumption);
        let note = fact.written.note.as_deref().unwrap_or_default();
        assert!(!assumed || !note.is_empty(), "{path} is assumed and has no note");
    }
}

#[test]
fn nothing_was_known_before_its_source_was_published() {
    let catalogue = catalogue();
    for (path, fact) in facts(&catalogue) {
        let source = &catalogue.bibliography()[source_of(fact)];
        assert!(
            source.grade == Grade::Assumption || fact.known_from >= source.published,
            "{path} is known from {}, its source was published on {}",
            fact.known_from,
            source.published
        );
    }
    for entry in catalogue.entries() {
        let quarters = entry.history.quarters.iter().map(|figures| (&figures.source, figures.published));
        let years = entry.history.years.iter().map(|figures| (&figures.source, figures.published));
        for (source, published) in quarters.chain(years) {
            let release = catalogue.bibliography()[source].published;
            assert!(published >= release, "{}: `{source}` is of {release}, used from {published}", entry.id);
        }
    }
}

#[test]
fn vintages_of_a_fact_have_days_of_their_own() {
    let catalogue = catalogue();
    for entry in catalogue.entries() {
        for field in entry.fields() {
            let days: Vec<_> = entry.vintages(field).iter().map(|fact| fact.known_from).collect();
            assert!(days.windows(2).all(|pair| pair[0] < pair[1]), "{}.{field}: {days:?}", entry.id);
        }
    }
}

#[test]
fn every_entry_of_the_bibliography_is_used() {
    let catalogue = catalogue();
    let mut used: BTreeSet<String> =
        facts(&catalogue).iter().map(|(_, fact)| source_of(fact).to_owned()).collect();
    for entry in catalogue.entries() {
        used.extend(entry.history.quarters.iter().map(|figures| figures.source.clone()));
        used.extend(entry.history.years.iter().map(|figures| figures.source.clone()));
    }
    let mut scenarios = String::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scenarios");
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            scenarios.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
    let named = |id: &str| scenarios.contains(&format!("\"{id}\""));
    let unused: Vec<&String> =
        catalogue.bibliography().keys().filter(|id| !used.contains(*id) && !named(id)).collect();
    assert!(unused.is_empty(), "nothing cites {unused:?}");
}
