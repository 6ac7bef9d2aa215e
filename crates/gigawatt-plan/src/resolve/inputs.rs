//! Turning written values and facts into inputs with provenance.

use crate::catalog::{Entry, Grade, Kind, Reference};
use crate::distribution::Distribution;
use crate::fact::{FactKind, Written};
use crate::plan::{Input, InputId, InputRecord, Origin};
use crate::quantity::{Dimension, Quantity};
use crate::text::{Diagnostic, Span, Spanned, read_uncertain};

use super::Resolver;

impl Resolver<'_> {
    /// An entry of the catalogue, or a diagnostic at the name with the nearest one.
    pub(super) fn entry(&mut self, kind: Kind, name: &Spanned<String>) -> Option<&Entry> {
        if self.catalogue.get(kind, &name.value).is_none() {
            self.diagnostics.push(
                Diagnostic::error(
                    name.span,
                    format!("the catalogue has no {} `{}`", kind.name(), name.value),
                )
                .suggest(&name.value, self.catalogue.ids(kind)),
            );
        }
        self.catalogue.get(kind, &name.value)
    }

    /// The fact of an entry as an input, under its path; the same fact is one input wherever it is used.
    pub(super) fn fact<Q: Quantity>(
        &mut self,
        kind: Kind,
        id: &str,
        field: &str,
        used_at: Span,
    ) -> Option<Input<Q>> {
        self.fact_of(kind, id, field, Q::DIMENSION, used_at).map(Input::new)
    }

    /// As [`fact`](Self::fact), of a field whose dimension only its kind knows.
    pub(super) fn any_fact(&mut self, kind: Kind, id: &str, field: &str, used_at: Span) -> Option<InputId> {
        let (_, dimension) = kind.quantities().iter().find(|(name, _)| *name == field)?;
        self.fact_of(kind, id, field, *dimension, used_at)
    }

    fn fact_of(
        &mut self,
        kind: Kind,
        id: &str,
        field: &str,
        dimension: Dimension,
        used_at: Span,
    ) -> Option<InputId> {
        let path = format!("{}.{id}.{field}", kind.name());
        if let Some(known) = self.by_path.get(&path) {
            return Some(*known);
        }
        if let Some((_, node)) = self.scenario.overrides.iter().find(|(name, _)| name.value == path) {
            let written = read_uncertain(node, field, dimension, self.diagnostics)?;
            let written = Spanned { value: written, span: node.span };
            let record = self.record_of(path, dimension, &written);
            return Some(self.add_record(record));
        }
        let Some(entry) = self.catalogue.get(kind, id) else {
            self.diagnostics
                .push(Diagnostic::error(used_at, format!("the catalogue has no {} `{id}`", kind.name())));
            return None;
        };
        let Some(fact) = entry.known_on(field, self.knowledge) else {
            if !self.missing.insert(path.clone()) {
                return None;
            }
            let message = match entry.vintages(field).first() {
                Some(later) => format!(
                    "`{path}` was not known on {}: its known_from is {}",
                    self.knowledge, later.known_from
                ),
                None => format!("the catalogue does not know `{path}`"),
            };
            self.diagnostics.push(Diagnostic::error(used_at, message).help(format!(
                "give it in the scenario, set override.{path}, or admit later facts with --hindsight"
            )));
            return None;
        };
        let written = fact.written.clone();
        let record = InputRecord {
            path,
            dimension,
            distribution: written.distribution,
            origin: Origin::Catalogue,
            kind: written.kind.unwrap_or(FactKind::Reported),
            source: written.source.as_ref().map(|source| source.value.clone()),
            known_from: Some(fact.known_from),
            note: written.note,
            place: self.sources.locate(fact.span),
        };
        if let Some(source) = &written.source {
            self.cite(&source.value);
        }
        Some(self.add_record(record))
    }

    /// A value written in the scenario or a setting as an input.
    pub(super) fn written<Q: Quantity>(&mut self, path: String, written: &Spanned<Written>) -> Input<Q> {
        let record = self.record_of(path, Q::DIMENSION, written);
        self.add(record)
    }

    fn record_of(&mut self, path: String, dimension: Dimension, written: &Spanned<Written>) -> InputRecord {
        let origin = if self.sources.get(written.span.source).name == "--set" {
            Origin::Setting
        } else {
            Origin::Scenario
        };
        let source = written.value.source.as_ref().and_then(|source| self.known_source(source));
        if let Some(known_from) = written.value.known_from.filter(|date| *date > self.knowledge) {
            self.diagnostics.push(
                Diagnostic::error(
                    written.span,
                    format!(
                        "`{path}` became known later than {}: its known_from is {known_from}",
                        self.knowledge
                    ),
                )
                .help("use a value known by then, or admit later facts with --hindsight"),
            );
        }
        let known_from = written
            .value
            .known_from
            .or_else(|| {
                source.as_ref().and_then(|id| self.reference(id)).map(|reference| reference.published)
            })
            .filter(|date| *date <= self.knowledge);
        InputRecord {
            path,
            dimension,
            distribution: written.value.distribution,
            origin,
            kind: written.value.kind.unwrap_or(FactKind::Assumption),
            source,
            known_from,
            note: written.value.note.clone(),
            place: self.sources.locate(written.span),
        }
    }

    /// A fact of the catalogue quoted under a path of the scenario.
    pub(super) fn quoted<Q: Quantity>(
        &mut self,
        path: String,
        fact: &Spanned<Written>,
        known_from: jiff::civil::Date,
    ) -> Input<Q> {
        if let Some(source) = &fact.value.source {
            self.cite(&source.value);
        }
        self.add(InputRecord {
            path,
            dimension: Q::DIMENSION,
            distribution: fact.value.distribution,
            origin: Origin::Catalogue,
            kind: fact.value.kind.unwrap_or(FactKind::Reported),
            source: fact.value.source.as_ref().map(|source| source.value.clone()),
            known_from: Some(known_from),
            note: fact.value.note.clone(),
            place: self.sources.locate(fact.span),
        })
    }

    /// What the language itself fills in where the scenario says nothing.
    pub(super) fn default_of<Q: Quantity>(
        &mut self,
        path: String,
        value: f64,
        note: &str,
        used_at: Span,
    ) -> Input<Q> {
        let constant = (Distribution::Constant { value }, FactKind::Assumption);
        self.default_spread(path, constant, note, used_at)
    }

    /// The same where what is filled in is uncertain.
    pub(super) fn default_spread<Q: Quantity>(
        &mut self,
        path: String,
        (distribution, kind): (Distribution, FactKind),
        note: &str,
        used_at: Span,
    ) -> Input<Q> {
        self.add(InputRecord {
            path,
            dimension: Q::DIMENSION,
            distribution,
            origin: Origin::Default,
            kind,
            source: None,
            known_from: None,
            note: Some(note.to_owned()),
            place: self.sources.locate(used_at),
        })
    }

    /// A value of the scenario if it is given, else a fact of the catalogue.
    pub(super) fn written_or_fact<Q: Quantity>(
        &mut self,
        path: String,
        written: Option<&Spanned<Written>>,
        (kind, id, field): (Kind, &str, &str),
        used_at: Span,
    ) -> Option<Input<Q>> {
        match written {
            Some(written) => Some(self.written(path, written)),
            None => self.fact(kind, id, field, used_at),
        }
    }

    /// A figure that a company reported.
    pub(super) fn reported<Q: Quantity>(
        &mut self,
        path: String,
        figure: &Spanned<f64>,
        source: &str,
        published: jiff::civil::Date,
    ) -> Input<Q> {
        self.cite(source);
        self.add(InputRecord {
            path,
            dimension: Q::DIMENSION,
            distribution: Distribution::Constant { value: figure.value },
            origin: Origin::Reported,
            kind: FactKind::Reported,
            source: Some(source.to_owned()),
            known_from: Some(published),
            note: None,
            place: self.sources.locate(figure.span),
        })
    }

    fn add<Q: Quantity>(&mut self, record: InputRecord) -> Input<Q> {
        debug_assert!(record.fits::<Q>());
        Input::new(self.add_record(record))
    }

    fn add_record(&mut self, record: InputRecord) -> InputId {
        let id = InputId(u32::try_from(self.inputs.len()).unwrap_or(u32::MAX));
        self.by_path.insert(record.path.clone(), id);
        self.inputs.push(record);
        id
    }

    /// Checks that a source named in the scenario exists and was out on the scenario's date, and cites it.
    pub(super) fn known_source(&mut self, source: &Spanned<String>) -> Option<String> {
        let Some(reference) = self.reference(&source.value) else {
            self.no_such_source(source);
            return None;
        };
        if reference.published > self.knowledge && reference.grade != Grade::Assumption {
            self.diagnostics.push(
                Diagnostic::error(
                    source.span,
                    format!(
                        "the source `{}` was published on {}, after {}",
                        source.value, reference.published, self.knowledge
                    ),
                )
                .help(format!(
                    "what it says has known_from = {}: use a value known by then, or admit later facts with --hindsight",
                    reference.published
                )),
            );
        }
        self.cite(&source.value);
        Some(source.value.clone())
    }

    /// Checks that a source exists, whatever its date, and cites it.
    pub(super) fn cited_source(&mut self, source: &Spanned<String>) -> Option<String> {
        if self.reference(&source.value).is_none() {
            self.no_such_source(source);
            return None;
        }
        self.cite(&source.value);
        Some(source.value.clone())
    }

    fn no_such_source(&mut self, source: &Spanned<String>) {
        let known = self.catalogue.bibliography().keys().chain(self.scenario.bibliography.keys());
        let diagnostic =
            Diagnostic::error(source.span, format!("the bibliography has no `{}`", source.value));
        let near = crate::text::nearest(&source.value, known.map(String::as_str));
        self.diagnostics.push(diagnostic.help(match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("describe it in the scenario as [source.{}]", source.value),
        }));
    }

    pub(super) fn reference(&self, id: &str) -> Option<&Reference> {
        self.scenario.bibliography.get(id).or_else(|| self.catalogue.bibliography().get(id))
    }

    pub(super) fn cite(&mut self, id: &str) {
        if let Some(reference) = self.reference(id).cloned() {
            self.cited.insert(id.to_owned(), reference);
        }
    }

    /// An override that replaces nothing the plan uses is a mistake in its path.
    pub(super) fn check_overrides(&mut self) {
        for (path, _) in &self.scenario.overrides {
            if self.by_path.contains_key(&path.value) {
                continue;
            }
            let known = self.inputs.iter().filter(|input| input.origin == Origin::Catalogue);
            let known = known.map(|input| input.path.as_str());
            let message = format!("`{}` is not a fact that this plan uses", path.value);
            let is_fact = path.value.rsplit_once('.').is_some_and(|(entry, field)| {
                entry
                    .split_once('.')
                    .and_then(|(kind, _)| Kind::parse(kind))
                    .is_some_and(|kind| kind.quantities().iter().any(|(name, _)| *name == field))
            });
            match (self.catalogue.has(&path.value), is_fact) {
                // What is no fact was laid over the catalogue before anything was looked up in it.
                (true, false) => {}
                // It is right, and of no effect here: perhaps another scenario of the family uses it.
                (true, true) => self.diagnostics.push(
                    Diagnostic::error(path.span, message)
                        .warning()
                        .help("it is replaced, and changes nothing"),
                ),
                (false, _) => {
                    self.diagnostics.push(Diagnostic::error(path.span, message).suggest(&path.value, known));
                }
            }
        }
    }
}
