//! `gw catalog diff`.

use std::collections::{BTreeMap, BTreeSet};

use gigawatt_plan::catalog::{Document, EntryDocument, FactDocument, Kind, Reference};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use serde_json::{Value, json};

use super::{dimension_of, shown, to_json};
use crate::failure::Failure;
use crate::terminal;

/// Between a fact's name and what stands around its value.
const BESIDE: &str = ", ";
/// What is compared where three figures show the same.
const EXACTLY: &str = "exactly";

/// Names of fields and what is shown of them; a field that is not there is missing.
type Shown = BTreeMap<String, String>;

pub(super) fn difference(old: &Document, new: &Document, as_json: bool) -> Result<(), Failure> {
    let (old, new) = (flat(old)?, flat(new)?);
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let (mut added, mut removed, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    for path in paths {
        match (old.get(path), new.get(path)) {
            (None, _) => added.push(path.as_str()),
            (_, None) => removed.push(path.as_str()),
            (Some(old), Some(new)) => {
                let fields: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
                let fields = fields.into_iter().filter(|field| differs(old, new, field));
                changed.extend(
                    fields.map(|field| (path.as_str(), field.as_str(), old.get(field), new.get(field))),
                );
            }
        }
    }
    if as_json {
        let changed: Vec<Value> = changed
            .iter()
            .map(|(path, field, old, new)| json!({ "path": path, "field": field, "old": old, "new": new }))
            .collect();
        return terminal::print_json(&json!({ "added": added, "removed": removed, "changed": changed }));
    }
    if added.is_empty() && removed.is_empty() && changed.is_empty() {
        return terminal::print("the two say the same\n");
    }
    let title = |shown: &BTreeMap<String, Shown>, path: &str| {
        shown.get(path).and_then(|fields| fields.get("title")).cloned().unwrap_or_default()
    };
    let row = |kind: &str, path: &str, field: &str, old: String, new: String| {
        vec![kind.to_owned(), path.to_owned(), field.to_owned(), old, new]
    };
    let text = |value: Option<&String>| value.cloned().unwrap_or_else(|| "–".to_owned());
    let mut rows = Vec::new();
    rows.extend(added.iter().map(|path| row("added", path, "", String::new(), title(&new, path))));
    rows.extend(removed.iter().map(|path| row("removed", path, "", title(&old, path), String::new())));
    rows.extend(
        changed.iter().map(|(path, field, old, new)| row("changed", path, field, text(*old), text(*new))),
    );
    let mut table = terminal::columns(&["", "entry", "field", "old", "new"], rows);
    table.push_str(&format!(
        "\n{} added, {} removed, {} fields changed\n",
        added.len(),
        removed.len(),
        changed.len()
    ));
    terminal::print(&table)
}

/// Whether a field is worth a line: of a fact that came or went only its value, and digits that are not shown only
/// where those that are shown are the same.
fn differs(old: &Shown, new: &Shown, field: &str) -> bool {
    if old.get(field) == new.get(field) {
        return false;
    }
    match field.split_once(BESIDE) {
        Some((fact, EXACTLY)) => old.get(fact) == new.get(fact),
        Some((fact, _)) => old.contains_key(fact) && new.contains_key(fact),
        None => true,
    }
}

/// Every entry and source by path, as names of fields and what is shown of them.
fn flat(document: &Document) -> Result<BTreeMap<String, Shown>, Failure> {
    let mut all = BTreeMap::new();
    for (path, entry) in &document.entries {
        all.insert(path.clone(), entry_fields(entry)?);
    }
    for (id, source) in &document.sources {
        all.insert(format!("source.{id}"), source_fields(source));
    }
    Ok(all)
}

fn entry_fields(entry: &EntryDocument) -> Result<Shown, Failure> {
    let mut fields: Shown = entry.texts.clone();
    fields.extend(entry.integers.iter().map(|(field, number)| (field.clone(), number.to_string())));
    for (field, vintages) in &entry.facts {
        let dimension = Kind::parse(&entry.kind).and_then(|kind| dimension_of(kind, field));
        for fact in vintages {
            fields.extend(fact_fields(&format!("{field} of {}", fact.known_from), dimension, fact));
        }
    }
    if let Some(architecture) = &entry.architecture {
        leaves("architecture", &to_json(architecture)?, &mut fields);
    }
    for (period, reported) in &entry.reported {
        fields.insert(format!("{period} source"), reported.source.clone());
        for (figure, value) in &reported.figures {
            fields.insert(format!("{period} {figure}"), format_exact(*value));
        }
    }
    Ok(fields)
}

/// The value, and apart from it what stands around it: a change of a note is not one of the value.
fn fact_fields(name: &str, dimension: Option<Dimension>, fact: &FactDocument) -> Shown {
    let rounded = match dimension {
        Some(dimension) => shown(dimension, fact.distribution),
        None => format!("{} {}", fact.value, fact.unit),
    };
    let mut fields = Shown::from([
        (name.to_owned(), rounded),
        (format!("{name}{BESIDE}source"), fact.source.clone()),
        (format!("{name}{BESIDE}kind"), fact.kind.map_or("", gigawatt_plan::fact::FactKind::name).to_owned()),
        // What three figures do not show is a change all the same.
        (
            format!("{name}{BESIDE}{EXACTLY}"),
            format!("{} ({} – {}) {}", fact.value, fact.low, fact.high, fact.unit),
        ),
    ]);
    fields.extend(fact.note.iter().map(|note| (format!("{name}{BESIDE}note"), note.clone())));
    fields
}

fn format_exact(value: f64) -> String {
    format!("{} ({value} USD)", format_quantity(Dimension::Money, value))
}

/// Numbers and texts within a document, by their names.
fn leaves(name: &str, value: &Value, fields: &mut Shown) {
    match value {
        Value::Object(inner) => {
            for (key, value) in inner {
                leaves(&format!("{name} {}", key.replace('_', " ")), value, fields);
            }
        }
        Value::Null => {}
        Value::String(text) => {
            fields.insert(name.to_owned(), text.clone());
        }
        other => {
            fields.insert(name.to_owned(), other.to_string());
        }
    }
}

fn source_fields(source: &Reference) -> Shown {
    let mut fields = Shown::from([
        ("title".to_owned(), source.title.clone()),
        ("publisher".to_owned(), source.publisher.clone()),
        ("published".to_owned(), source.published.to_string()),
        ("grade".to_owned(), source.grade.name().to_owned()),
    ]);
    fields.extend(source.url.iter().map(|url| ("url".to_owned(), url.clone())));
    fields.extend(source.note.iter().map(|note| ("note".to_owned(), note.clone())));
    fields
}
