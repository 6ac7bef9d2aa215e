//! Reading catalogue files.

use std::collections::BTreeMap;

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
    Field::optional("note", FieldKind::Text, "where it was read"),
];

impl Catalogue {
    /// The catalogue that is part of the program; its texts are added to `sources`.
    pub fn embedded(sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Self {
        Self::load(EMBEDDED, sources, diagnostics)
    }

    /// Reads catalogue files given as (name, text). The name decides the kind of entry.
    pub fn load(files: &[(&str, &str)], sources: &mut SourceMap, diagnostics: &mut Diagnostics) -> Self {
        let mut catalogue = Self::default();
        for (name, text) in files {
            let id = sources.add(*name, *text);
            let Some(table) = parse_document(sources, id, diagnostics) else { continue };
            let whole = Span { source: id, start: 0, end: 0 };
            if name.ends_with("sources.toml") {
                read_bibliography(&table, &mut catalogue.bibliography, diagnostics);
            } else if let Some(company) = name.rsplit_once("companies/").map(|(_, file)| file) {
                let entry = read_company(company.trim_end_matches(".toml"), &table, whole, diagnostics);
                catalogue.entries.push(entry);
            } else if let Some(kind) = Kind::ALL.into_iter().find(|kind| name.ends_with(kind.file())) {
                for (key, node) in table.iter() {
                    if let Some(inner) = table_of(node, &key.value, diagnostics) {
                        catalogue.entries.push(read_entry(kind, &key.value, inner, key.span, diagnostics));
                    }
                }
            } else {
                diagnostics
                    .push(Diagnostic::error(whole, format!("`{name}` is not a file of the catalogue")));
            }
        }
        catalogue.check_sources(diagnostics);
        catalogue
    }

    fn check_sources(&self, diagnostics: &mut Diagnostics) {
        for fact in self.entries.iter().flat_map(|entry| entry.facts.values().flatten()) {
            if let Some(source) = &fact.written.source
                && !self.bibliography.contains_key(&source.value)
            {
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

fn read_field(entry: &mut Entry, key: &Spanned<String>, node: &Node, diagnostics: &mut Diagnostics) {
    let kind = entry.kind;
    let name = key.value.as_str();
    if let Some(field) = kind.texts().iter().find(|field| **field == name) {
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
