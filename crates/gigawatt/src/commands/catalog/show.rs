//! `gw catalog show`.

use std::collections::{BTreeMap, BTreeSet};

use gigawatt_engine::model::{
    forward_flop, further_token_parameters, kv_bytes, kv_bytes_per_token, parameters, state_bytes,
};
use gigawatt_plan::catalog::{Architecture, Catalogue, Entry, Figure, Kind, Reference, Shape, find_model};
use gigawatt_plan::quantity::{Dimension, format_quantity};
use gigawatt_plan::text::nearest;
use gigawatt_report::grouped;
use serde_json::json;

use super::{dimension_of, shown, to_json};
use crate::failure::Failure;
use crate::terminal;

/// Bytes of a number of keys and values: BF16.
const KV_BYTES: f64 = 2.0;
/// Width of the names of fields.
const NAMES: usize = 24;

pub(super) fn show(catalogue: &Catalogue, name: &str, as_json: bool) -> Result<(), Failure> {
    let found = find(catalogue, name)?;
    if as_json {
        let entries = found.iter().map(|(entry, field)| entry_json(catalogue, entry, *field));
        let mut entries = entries.collect::<Result<Vec<_>, _>>()?;
        // A name that only one entry has, as nearly all, gives that entry itself.
        return terminal::print_json(&match entries.len() {
            1 => entries.remove(0),
            _ => json!({ "entries": entries }),
        });
    }
    let texts: Vec<String> =
        found.iter().map(|(entry, field)| entry_text(catalogue, entry, *field)).collect();
    terminal::print(&texts.join("\n"))
}

/// Entries of a name, a path, or a path with a field.
fn find<'a>(catalogue: &'a Catalogue, name: &str) -> Result<Vec<(&'a Entry, Option<&'static str>)>, Failure> {
    let mut found = Vec::new();
    for entry in catalogue.entries() {
        let path = format!("{}.{}", entry.kind.name(), entry.id);
        if name == entry.id || name == path {
            found.push((entry, None));
        } else if let Some(field) = name.strip_prefix(&path).and_then(|rest| rest.strip_prefix('.')) {
            match entry.fields().find(|known| *known == field) {
                Some(known) => found.push((entry, Some(known))),
                None => {
                    let near = nearest(field, entry.fields());
                    return Err(Failure::BadArgument {
                        message: format!("`{path}` has no fact `{field}`"),
                        help: Some(match near {
                            Some(near) => format!("did you mean `{path}.{near}`?"),
                            None => format!("it has {}", entry.fields().collect::<Vec<_>>().join(", ")),
                        }),
                    });
                }
            }
        }
    }
    if let ([], Some(entry)) = (found.as_slice(), find_model(catalogue, name)) {
        found.push((entry, None));
    }
    if found.is_empty() {
        let paths: Vec<String> =
            catalogue.entries().iter().map(|entry| format!("{}.{}", entry.kind.name(), entry.id)).collect();
        let ids = catalogue.entries().iter().map(|entry| entry.id.as_str());
        let near = nearest(name, ids.chain(paths.iter().map(String::as_str)));
        return Err(Failure::BadArgument {
            message: format!("the catalogue has no `{name}`"),
            help: Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`gw catalog list` lists all; --where TEXT finds some".to_owned(),
            }),
        });
    }
    Ok(found)
}

fn cited<'a>(
    catalogue: &'a Catalogue,
    entry: &Entry,
    only: Option<&str>,
) -> BTreeMap<&'a str, &'a Reference> {
    let fields = entry.fields().filter(|field| only.is_none_or(|only| only == *field));
    let mut ids: BTreeSet<&str> = fields
        .flat_map(|field| entry.vintages(field))
        .filter_map(|fact| fact.written.source.as_ref())
        .map(|source| source.value.as_str())
        .collect();
    if only.is_none() {
        ids.extend(entry.architecture.iter().map(|architecture| architecture.source.value.as_str()));
        ids.extend(entry.history.quarters.iter().map(|figures| figures.source.as_str()));
        ids.extend(entry.history.years.iter().map(|figures| figures.source.as_str()));
    }
    catalogue
        .bibliography()
        .iter()
        .filter(|(id, _)| ids.contains(id.as_str()))
        .map(|(id, source)| (id.as_str(), source))
        .collect()
}

fn entry_json(
    catalogue: &Catalogue,
    entry: &Entry,
    only: Option<&str>,
) -> Result<serde_json::Value, Failure> {
    let mut document = entry.document();
    if let Some(only) = only {
        document.facts.retain(|field, _| field == only);
    }
    let mut json = to_json(&document)?;
    json["path"] = json!(format!("{}.{}", entry.kind.name(), entry.id));
    json["sources"] = to_json(&cited(catalogue, entry, only))?;
    if let Some(architecture) = entry.architecture.as_ref().filter(|_| only.is_none()) {
        let shape = &architecture.shape;
        let counted = parameters(shape);
        json["computed"] = json!({
            "parameters": counted.total,
            "active_parameters": counted.active,
            "further_token_parameters": further_token_parameters(shape).total,
            "kv_bytes_per_token": kv_bytes_per_token(shape, KV_BYTES),
            "kv_bytes_of_context": kv_bytes(shape, shape.context, KV_BYTES),
            "state_bytes": state_bytes(shape, KV_BYTES),
            "forward_flop_per_token": forward_flop(shape, 0),
            "forward_flop_per_token_mid_context": forward_flop(shape, shape.context / 2),
        });
    }
    Ok(json)
}

fn line(name: &str, value: &str) -> String {
    format!("  {name:<NAMES$}  {value}\n")
}

fn entry_text(catalogue: &Catalogue, entry: &Entry, only: Option<&str>) -> String {
    let mut text = format!("{}.{}\n", entry.kind.name(), entry.id);
    for (field, value) in entry.texts() {
        text.push_str(&line(field, value));
    }
    for (field, value) in entry.integers() {
        text.push_str(&line(field, &value.to_string()));
    }
    text.push('\n');
    for (field, _) in entry.kind.quantities() {
        if only.is_none_or(|only| only == *field) {
            text.push_str(&fact_text(entry, field));
        }
    }
    if only.is_none() {
        text.push_str(&entry.architecture.as_ref().map_or(String::new(), architecture_text));
        text.push_str(&reported_text(entry));
    }
    text.push_str("\nSources\n");
    for (id, source) in cited(catalogue, entry, only) {
        text.push_str(&source_text(id, source));
    }
    text
}

/// A field with its vintages, the newest first: an older one is what a plan of an older day gets.
fn fact_text(entry: &Entry, field: &str) -> String {
    let Some(dimension) = dimension_of(entry.kind, field) else { return String::new() };
    let mut text = String::new();
    for (index, fact) in entry.vintages(field).iter().rev().enumerate() {
        let name = if index == 0 { field } else { "  earlier" };
        text.push_str(&line(name, &shown(dimension, fact.written.distribution)));
        let kind = fact.written.kind.map_or("not said how known", gigawatt_plan::fact::FactKind::name);
        let source = fact.written.source.as_ref().map_or("", |source| source.value.as_str());
        text.push_str(&line("", &format!("{kind}, known from {}, {source}", fact.known_from)));
        if let Some(note) = &fact.written.note {
            text.push_str(&line("", note));
        }
    }
    text
}

fn architecture_text(architecture: &Architecture) -> String {
    let shape = &architecture.shape;
    let mut text = String::from("\nArchitecture\n");
    for (name, value) in shape_lines(shape) {
        text.push_str(&line(&name, &value));
    }
    text.push_str(&line(
        "",
        &format!("known from {}, {}", architecture.known_from, architecture.source.value),
    ));
    if let Some(note) = &architecture.note {
        text.push_str(&line("", note));
    }
    let counted = parameters(shape);
    let count = |number: u64| {
        format!("{} ({})", format_quantity(Dimension::Count, as_number(number)), grouped(number))
    };
    let bytes = |value| format_quantity(Dimension::Bytes, value);
    // Operations of one token; the noun of the unit says that it is no rate.
    let flop = |past| format_quantity(Dimension::Count, forward_flop(shape, past)) + "FLOP";
    text.push_str("\nComputed from it\n");
    text.push_str(&line("parameters", &count(counted.total)));
    text.push_str(&line("active parameters", &count(counted.active)));
    if shape.further_tokens > 0 {
        text.push_str(&line("for further tokens", &count(further_token_parameters(shape).total)));
    }
    text.push_str(&line(
        "keys and values",
        &format!("{} a token in BF16", bytes(kv_bytes_per_token(shape, KV_BYTES))),
    ));
    text.push_str(&line(
        "",
        &format!("{} for the whole context", bytes(kv_bytes(shape, shape.context, KV_BYTES))),
    ));
    if shape.recurrent.is_some() {
        text.push_str(&line(
            "states",
            &format!("{} a sequence, however long", bytes(state_bytes(shape, KV_BYTES))),
        ));
    }
    text.push_str(&line(
        "forward pass",
        &format!("{} a token, {} in the middle of the context", flop(0), flop(shape.context / 2)),
    ));
    text
}

/// The numbers of an architecture by their names, those of nested parts too.
fn shape_lines(shape: &Shape) -> Vec<(String, String)> {
    fn walk(prefix: &str, value: &serde_json::Value, lines: &mut Vec<(String, String)>) {
        match value {
            serde_json::Value::Object(fields) => {
                for (name, value) in fields {
                    let name = name.replace('_', " ");
                    walk(&if prefix.is_empty() { name } else { format!("{prefix} {name}") }, value, lines);
                }
            }
            serde_json::Value::Null | serde_json::Value::Bool(false) => {}
            serde_json::Value::Bool(true) => lines.push((prefix.to_owned(), "yes".to_owned())),
            serde_json::Value::String(word) => lines.push((prefix.to_owned(), word.replace('_', " "))),
            other => lines.push((prefix.to_owned(), other.to_string())),
        }
    }
    let mut lines = Vec::new();
    if let Ok(value) = serde_json::to_value(shape) {
        walk("", &value, &mut lines);
    }
    for (name, _) in &mut lines {
        let nested = [
            ("attention grouped ", ""),
            ("attention latent ", "latent "),
            ("recurrent recurrence state space ", "state space "),
            ("recurrent recurrence delta net ", "delta net "),
        ];
        for (long, short) in nested {
            *name = name.replace(long, short);
        }
    }
    lines
}

fn reported_text(entry: &Entry) -> String {
    if entry.kind != Kind::Company || entry.history.quarters.is_empty() {
        return String::new();
    }
    let figures =
        [Figure::Revenue, Figure::OperatingCashFlow, Figure::CapitalExpenditure, Figure::Depreciation];
    let rows = entry.history.quarters.iter().map(|quarter| {
        let values = figures.iter().map(|figure| {
            quarter.get(*figure).map_or(String::new(), |value| format_quantity(Dimension::Money, value.value))
        });
        [quarter.period.to_string(), quarter.published.to_string()].into_iter().chain(values).collect()
    });
    let names = figures.map(|figure| figure.key().replace('_', " "));
    let header: Vec<&str> =
        ["quarter", "published"].into_iter().chain(names.iter().map(String::as_str)).collect();
    format!("\nReported; --json has every figure\n{}", terminal::columns(&header, rows.collect()))
}

pub(super) fn source_text(id: &str, source: &Reference) -> String {
    let grade = source.grade.name();
    let mut text =
        format!("  {id}\n    {}. {}, {} ({grade})\n", source.title, source.publisher, source.published);
    if let Some(url) = &source.url {
        text.push_str(&format!("    {url}\n"));
    }
    if let Some(note) = &source.note {
        text.push_str(&format!("    {note}\n"));
    }
    text
}

#[expect(clippy::cast_precision_loss, reason = "for people, three figures are shown")]
fn as_number(number: u64) -> f64 {
    number as f64
}
