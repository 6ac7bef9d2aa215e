//! What every fact of a catalogue owes its reader: a source, a range where it is judged, no hindsight.

use std::collections::BTreeSet;

use super::{Catalogue, Entry, Fact, Grade};
use crate::fact::FactKind;
use crate::text::Diagnostic;

impl Catalogue {
    /// What is wrong with facts that can be read, at their places: no kind; an estimate without a range or an
    /// assumption without its basis; known before its source was published; two vintages of one day.
    pub fn audit(&self) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for entry in &self.entries {
            for field in entry.fields() {
                let path = format!("{}.{}.{field}", entry.kind.name(), entry.id);
                let vintages = entry.vintages(field);
                for fact in vintages {
                    faults.extend(self.faults_of(fact, &path));
                }
                for pair in vintages.windows(2).filter(|pair| pair[0].known_from == pair[1].known_from) {
                    let message = format!("two vintages of `{path}` are known from {}", pair[1].known_from);
                    faults.push(Diagnostic::error(pair[1].span, message));
                }
            }
            faults.extend(self.faults_of_architecture(entry));
            faults.extend(self.faults_of_history(entry));
        }
        faults
    }

    fn faults_of(&self, fact: &Fact, path: &str) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        let mut fault = |message: String| faults.push(Diagnostic::error(fact.span, message));
        let written = &fact.written;
        match written.kind {
            None => fault(format!("`{path}` does not say how it is known")),
            Some(FactKind::Estimate | FactKind::Assumption) if !written.distribution.is_uncertain() => {
                fault(format!("`{path}` is judged and has no range"));
            }
            Some(FactKind::Assumption) if written.note.as_deref().unwrap_or_default().trim().is_empty() => {
                fault(format!("`{path}` is assumed and has no note that says on what basis"));
            }
            Some(_) => {}
        }
        let (low, high) = written.distribution.range();
        let value = written.distribution.reference();
        if !(low..=high).contains(&value) {
            fault(format!("the range of `{path}` does not hold its value"));
        }
        let source = written.source.as_ref().and_then(|source| self.bibliography.get(&source.value));
        if let Some(source) = source.filter(|source| source.grade != Grade::Assumption)
            && fact.known_from < source.published
        {
            fault(format!(
                "`{path}` is known from {}, its source was published on {}",
                fact.known_from, source.published
            ));
        }
        faults
    }

    fn faults_of_architecture(&self, entry: &Entry) -> Option<Diagnostic> {
        let architecture = entry.architecture.as_ref()?;
        let source = self.bibliography.get(&architecture.source.value)?;
        (architecture.known_from < source.published).then(|| {
            Diagnostic::error(
                architecture.span,
                format!(
                    "the architecture of `{}` is known from {}, its source was published on {}",
                    entry.id, architecture.known_from, source.published
                ),
            )
        })
    }

    fn faults_of_history(&self, entry: &Entry) -> Vec<Diagnostic> {
        let mut faults = Vec::new();
        for (id, published) in releases(entry) {
            let message = match self.bibliography.get(id) {
                None => format!("the bibliography has no `{id}`"),
                Some(source) if published < source.published => {
                    format!(
                        "figures of `{id}` are used from {published}, it was published on {}",
                        source.published
                    )
                }
                Some(_) => continue,
            };
            faults.push(Diagnostic::error(entry.span, format!("{}: {message}", entry.id)));
        }
        faults
    }

    /// Sources that no fact, architecture or reported figure cites, by id.
    pub fn unused_sources(&self) -> Vec<&str> {
        let mut used = BTreeSet::new();
        for entry in &self.entries {
            for fact in entry.facts.values().flatten() {
                used.extend(fact.written.source.as_ref().map(|source| source.value.as_str()));
            }
            used.extend(entry.architecture.as_ref().map(|architecture| architecture.source.value.as_str()));
            used.extend(releases(entry).map(|(id, _)| id));
        }
        self.bibliography.keys().map(String::as_str).filter(|id| !used.contains(id)).collect()
    }
}

/// Sources of a company's figures with the day from which they are used.
fn releases(entry: &Entry) -> impl Iterator<Item = (&str, jiff::civil::Date)> {
    let quarters = entry.history.quarters.iter().map(|figures| (figures.source.as_str(), figures.published));
    quarters.chain(entry.history.years.iter().map(|figures| (figures.source.as_str(), figures.published)))
}
