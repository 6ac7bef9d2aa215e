//! `gw catalog list`.

use gigawatt_plan::catalog::{Catalogue, Entry, Kind};
use gigawatt_plan::text::nearest;
use serde_json::json;

use super::{holds, newest, shown};
use crate::failure::Failure;
use crate::terminal;

/// Facts that stand in columns where one kind is listed.
const COLUMNS: usize = 5;

pub(super) fn list(
    catalogue: &Catalogue,
    kind: Option<&str>,
    text: Option<&str>,
    as_json: bool,
) -> Result<(), Failure> {
    let kind = kind.map(parse_kind).transpose()?;
    let entries: Vec<&Entry> = catalogue
        .entries()
        .iter()
        .filter(|entry| kind.is_none_or(|kind| entry.kind == kind))
        .filter(|entry| text.is_none_or(|text| matches(entry, text)))
        .collect();
    if as_json {
        let entries: Vec<_> = entries.iter().map(|entry| row_json(entry)).collect();
        return terminal::print_json(&json!({ "entries": entries }));
    }
    if entries.is_empty() {
        return terminal::print("no entry is like that; `gw catalog list` lists all\n");
    }
    terminal::print(&match kind {
        Some(kind) => table_of_kind(kind, &entries),
        None => table_of_all(&entries),
    })
}

fn parse_kind(name: &str) -> Result<Kind, Failure> {
    Kind::parse(name).ok_or_else(|| {
        let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
        Failure::BadArgument {
            message: format!("the catalogue has no kind `{name}`"),
            help: Some(match nearest(name, names.iter().copied()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("expected one of {}", names.join(", ")),
            }),
        }
    })
}

fn matches(entry: &Entry, text: &str) -> bool {
    let sources = entry
        .fields()
        .flat_map(|field| entry.vintages(field))
        .filter_map(|fact| fact.written.source.as_ref());
    holds(&entry.id, text)
        || holds(entry.kind.name(), text)
        || entry.texts().any(|(_, value)| holds(value, text))
        || sources.into_iter().any(|source| holds(&source.value, text))
}

fn row_json(entry: &Entry) -> serde_json::Value {
    let facts: usize = entry.fields().map(|field| entry.vintages(field).len()).sum();
    json!({
        "path": format!("{}.{}", entry.kind.name(), entry.id),
        "kind": entry.kind.name(),
        "id": entry.id,
        "title": entry.title(),
        "facts": facts,
        "newest": newest_day(entry),
    })
}

/// The latest day from which anything of the entry was known.
fn newest_day(entry: &Entry) -> Option<String> {
    let facts = entry.fields().flat_map(|field| entry.vintages(field)).map(|fact| fact.known_from);
    let reported = entry.history.quarters.iter().map(|figures| figures.published);
    let architecture = entry.architecture.iter().map(|architecture| architecture.known_from);
    facts.chain(reported).chain(architecture).max().map(|day| day.to_string())
}

fn table_of_all(entries: &[&Entry]) -> String {
    let rows = entries.iter().map(|entry| {
        let facts: usize = entry.fields().map(|field| entry.vintages(field).len()).sum();
        vec![
            format!("{}.{}", entry.kind.name(), entry.id),
            entry.title().to_owned(),
            facts.to_string(),
            newest_day(entry).unwrap_or_default(),
        ]
    });
    let mut text = terminal::columns(&["entry", "title", "facts", "newest from"], rows.collect());
    let noun = if entries.len() == 1 { "entry" } else { "entries" };
    text.push_str(&format!("\n{} {noun}; `gw catalog show NAME` shows one\n", entries.len()));
    text
}

/// One kind with the first facts that any of its entries has.
fn table_of_kind(kind: Kind, entries: &[&Entry]) -> String {
    let fields: Vec<_> = kind
        .quantities()
        .iter()
        .filter(|(field, _)| entries.iter().any(|entry| newest(entry, field).is_some()))
        .take(COLUMNS)
        .collect();
    let header: Vec<String> = ["name".to_owned(), "title".to_owned()]
        .into_iter()
        .chain(fields.iter().map(|(field, _)| field.replace('_', " ")))
        .collect();
    let rows = entries.iter().map(|entry| {
        let values = fields.iter().map(|(field, dimension)| {
            newest(entry, field).map_or(String::new(), |fact| shown(*dimension, fact.written.distribution))
        });
        [entry.id.clone(), entry.title().to_owned()].into_iter().chain(values).collect()
    });
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    terminal::columns(&header, rows.collect())
}
