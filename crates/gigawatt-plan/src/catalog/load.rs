//! Reading catalogue files.

use std::collections::BTreeMap;

use super::architecture::read_architecture;
use super::company::read_figures;
use super::{Catalogue, CompanyHistory, EMBEDDED, Entry, Fact, Grade, Kind, Reference};
use crate::text::{
    Diagnostic, Diagnostics, Field, FieldKind, Fields, Node, SourceMap, Span, Spanned, Table, Value,
    parse_document, read_uncertain, table_of,
};

/// What `[source.<id>]` may hold.
pub const REFERENCE_FIELDS: &[Field] = &[
    Field::required("title", FieldKind::Text, "title of the document"),
    Field::required("publisher", FieldKind::Text, "who published it"),
    Field::required("published", FieldKind::Date, "when, as a day"),
    Field::required("grade", FieldKind::Text, "primary, secondary, estimate or assumption"),
    Field::optional("url", FieldKind::Text, "where it is, or the page that leads to it"),
    Field::optional("note", FieldKind::Text, "where it was read"),
];

impl Catalogue {
    /// The catalogue that is part of the program; its texts are added to `sources`.
    pub fn embedded(sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Self {
        Self::load(EMBEDDED, sources, diagnostics)
    }

    /// The catalogue that is part of the program with files laid over it, given as (name, text): an entry or a
    /// source of theirs replaces that of the same name.
    pub fn with_files(
        files: &[(String, String)],
        sources: &mut SourceMap,
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let over = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        let all: Vec<(&str, &str)> = EMBEDDED.iter().copied().chain(over).collect();
        Self::load(&all, sources, diagnostics)
    }

    /// Reads catalogue files given as (name, text). The name decides the kind of entry; what stands in a later
    /// file replaces what an earlier one says under the same name.
    pub fn load(files: &[(&str, &str)], sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Self {
        let mut catalogue = Self::default();
        for (name, text) in files {
            let id = sources.add(*name, *text);
            let Some(table) = parse_document(sources, id, diagnostics) else { continue };
            let whole = Span { source: id, start: 0, end: 0 };
            let (folders, file) = name.rsplit_once('/').unwrap_or(("", name));
            if file == "sources.toml" {
                read_bibliography(&table, &mut catalogue.bibliography, diagnostics);
            } else if folders.rsplit('/').next() == Some("companies") {
                let entry = read_company(file.trim_end_matches(".toml"), &table, whole, diagnostics);
                catalogue.put(entry);
            } else if let Some(kind) = Kind::ALL.into_iter().find(|kind| file == kind.file()) {
                for (key, node) in table.iter() {
                    if let Some(inner) = table_of(node, &key.value, diagnostics) {
                        catalogue.put(read_entry(kind, &key.value, inner, key.span, diagnostics));
                    }
                }
            } else {
                let known = Kind::ALL.into_iter().map(Kind::file).filter(|file| !file.ends_with('/'));
                diagnostics.push(
                    Diagnostic::error(whole, format!("`{name}` is not a file of the catalogue"))
                        .suggest(file, known.chain(["sources.toml"])),
                );
            }
        }
        catalogue.check_sources(diagnostics);
        catalogue
    }

    /// Adds an entry in the place of the one that has its kind and name, else at the end.
    fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|old| old.kind == entry.kind && old.id == entry.id) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }

    fn check_sources(&self, diagnostics: &mut Diagnostics) {
        let facts = self.entries.iter().flat_map(|entry| entry.facts.values().flatten());
        let of_facts = facts.filter_map(|fact| fact.written.source.as_ref());
        let architectures = self.entries.iter().filter_map(|entry| entry.architecture.as_ref());
        for source in of_facts.chain(architectures.map(|architecture| &architecture.source)) {
            if !self.bibliography.contains_key(&source.value) {
                diagnostics.push(
                    Diagnostic::error(source.span, format!("the bibliography has no `{}`", source.value))
                        .suggest(&source.value, self.bibliography.keys().map(String::as_str)),
                );
            }
        }
    }
}

/// Reads `[id]` tables of the bibliography.
pub(crate) fn read_bibliography(
    table: &Table,
    bibliography: &mut BTreeMap<String, Reference>,
    diagnostics: &mut Diagnostics,
) {
    for (key, node) in table.iter() {
        let Some(inner) = table_of(node, &key.value, diagnostics) else { continue };
        let mut fields = Fields::new("a source", inner, key.span, REFERENCE_FIELDS, diagnostics);
        let (title, publisher) = (fields.text("title"), fields.text("publisher"));
        let (published, grade, note) = (fields.date("published"), fields.text("grade"), fields.text("note"));
        let url = fields.text("url");
        if let Some(url) = &url
            && !["https://", "http://"].iter().any(|scheme| url.value.starts_with(scheme))
        {
            diagnostics.push(
                Diagnostic::error(url.span, format!("`{}` is not an address", url.value))
                    .help("write it with its https://"),
            );
        }
        let grade = grade.and_then(|grade| {
            let known = Grade::parse(&grade.value);
            if known.is_none() {
                diagnostics.push(
                    Diagnostic::error(grade.span, format!("`{}` is not a grade", grade.value))
                        .suggest(&grade.value, Grade::NAMES),
                );
            }
            known
        });
        let (Some(title), Some(publisher), Some(published), Some(grade)) =
            (title, publisher, published, grade)
        else {
            continue;
        };
        bibliography.insert(
            key.value.clone(),
            Reference {
                title: title.value,
                publisher: publisher.value,
                published: published.value,
                grade,
                url: url.map(|url| url.value),
                note: note.map(|note| note.value),
            },
        );
    }
}

fn empty_entry(kind: Kind, id: &str, span: Span) -> Entry {
    Entry {
        kind,
        id: id.to_owned(),
        span,
        texts: BTreeMap::new(),
        integers: BTreeMap::new(),
        facts: BTreeMap::new(),
        history: CompanyHistory::default(),
        architecture: None,
    }
}

fn read_entry(kind: Kind, id: &str, table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Entry {
    let mut entry = empty_entry(kind, id, span);
    for (key, node) in table.iter() {
        read_field(&mut entry, key, node, diagnostics);
    }
    if entry.title().is_empty() {
        diagnostics.push(Diagnostic::error(span, format!("`title` is missing in `{id}`")));
    }
    entry
}

pub(super) fn read_field(
    entry: &mut Entry,
    key: &Spanned<String>,
    node: &Node,
    diagnostics: &mut Diagnostics,
) {
    let kind = entry.kind;
    let name = key.value.as_str();
    if kind == Kind::Model && name == "architecture" {
        if let Some(table) = table_of(node, name, diagnostics) {
            entry.architecture = read_architecture(table, node.span, diagnostics);
        }
    } else if let Some(field) = kind.texts().iter().find(|field| **field == name) {
        match &node.value {
            Value::Text(text) => {
                entry.texts.insert(field, Spanned { value: text.clone(), span: node.span });
            }
            other => diagnostics.push(Diagnostic::error(
                node.span,
                format!("`{name}` is {}, expected a string", other.noun()),
            )),
        }
    } else if let Some(field) = kind.integers().iter().find(|field| **field == name) {
        match &node.value {
            Value::Integer(number) if *number > 0 => {
                entry.integers.insert(field, *number);
            }
            _ => {
                diagnostics.push(Diagnostic::error(node.span, format!("`{name}` is not a positive integer")))
            }
        }
    } else if let Some((field, dimension)) = kind.quantities().iter().find(|(field, _)| *field == name) {
        let vintages: Vec<&Node> = match &node.value {
            Value::Array(items) => items.iter().collect(),
            _ => vec![node],
        };
        let mut facts = Vec::new();
        for vintage in vintages {
            let Some(written) = read_uncertain(vintage, name, *dimension, diagnostics) else { continue };
            let (Some(known_from), Some(_)) = (written.known_from, &written.source) else {
                diagnostics.push(
                    Diagnostic::error(
                        vintage.span,
                        format!("the fact `{name}` has no `source` or no `known_from`"),
                    )
                    .help("every fact says who published it and from which day it was known"),
                );
                continue;
            };
            facts.push(Fact { written, known_from, span: vintage.span });
        }
        facts.sort_by_key(|fact| fact.known_from);
        entry.facts.insert(field, facts);
    } else {
        let known = kind.texts().iter().chain(kind.integers()).copied();
        diagnostics.push(
            Diagnostic::error(key.span, format!("`{name}` is not a field of {}", kind.name()))
                .suggest(name, known.chain(kind.quantities().iter().map(|(field, _)| *field))),
        );
    }
}

fn read_company(id: &str, table: &Table, span: Span, diagnostics: &mut Diagnostics) -> Entry {
    let mut entry = empty_entry(Kind::Company, id, span);
    for (key, node) in table.iter() {
        match (key.value.as_str(), &node.value) {
            ("quarter" | "year", Value::Array(items)) => {
                for item in items {
                    if let Some(figures) = table_of(item, &key.value, diagnostics) {
                        read_figures(&mut entry.history, figures, item.span, diagnostics);
                    }
                }
            }
            _ => read_field(&mut entry, key, node, diagnostics),
        }
    }
    entry.history.quarters.sort_by_key(|figures| figures.period);
    entry.history.years.sort_by_key(|figures| figures.period);
    entry
}
