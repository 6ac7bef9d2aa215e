//! The schema of scenarios, from the tables of fields that the reader uses.

use gigawatt_plan::catalog::{Catalogue, Kind, REFERENCE_FIELDS};
use gigawatt_plan::scenario::fields::{SCENARIO, SERIES};
use gigawatt_plan::text::{Diagnostics, Field, FieldKind, SourceMap};
use serde_json::{Map, Value, json};

use super::value::{date, described, entry_name, moment, period, quantities, quantity_name, reference};

/// What tells the items of a list apart; in a scenario that extends another, an item needs nothing else.
const IDENTITIES: [&str; 3] = ["name", "in", "on"];

/// The schema of scenarios.
///
/// It knows keys, types, units and the catalogue's ids. What depends on more than one field is left to `gw`,
/// and names that the embedded catalogue does not have are allowed.
pub fn scenario() -> Value {
    // The embedded catalogue has no mistakes: tests hold it to that.
    let catalogue = Catalogue::embedded(&mut SourceMap::default(), &mut Diagnostics::default());
    let mut definitions = Map::new();
    definitions.insert("date".to_owned(), date());
    definitions.insert("moment".to_owned(), moment());
    definitions.insert("period".to_owned(), period());
    definitions.insert("series".to_owned(), table(SERIES, Needed::All));
    quantities(&mut definitions);
    for kind in Kind::ALL {
        definitions.insert(entry_name(kind), known(catalogue.ids(kind)));
    }
    let sources = catalogue.bibliography().keys().map(String::as_str);
    definitions.insert("source_id".to_owned(), known(sources));

    let mut properties = Map::new();
    let mut whole = Map::new();
    for field in SCENARIO {
        let mut property = match (field.name, field.kind) {
            ("source", _) => sources_of_its_own(),
            ("override", _) => overrides(&catalogue, &mut definitions),
            (_, FieldKind::Tables(fields)) => {
                let required = required(fields, Needed::All);
                whole.insert(
                    field.name.to_owned(),
                    json!({ "required": required, "items": { "required": required } }),
                );
                // A quantity may have the name of a section: power.
                let name = format!("{}_section", field.name);
                definitions.insert(name.clone(), table(fields, Needed::Identity));
                one_or_several(table(fields, Needed::Identity), reference(&name))
            }
            (_, kind) => property(field, kind),
        };
        property["description"] = field.help.into();
        properties.insert(field.name.to_owned(), property);
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "scenario of gigawatt",
        "description": "what is bought, where it stands, when it arrives, what it costs, and what is claimed of it",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
        "if": { "required": ["extends"] },
        "else": { "required": required(SCENARIO, Needed::All), "properties": whole },
        "definitions": definitions,
    })
}

/// Which of the fields that a whole table needs are asked for.
#[derive(Clone, Copy)]
enum Needed {
    All,
    Identity,
}

fn required(fields: &[Field], needed: Needed) -> Vec<&'static str> {
    let asked = |field: &&Field| match needed {
        Needed::All => true,
        Needed::Identity => IDENTITIES.contains(&field.name),
    };
    fields.iter().filter(|field| field.required).filter(asked).map(|field| field.name).collect()
}

fn table(fields: &[Field], needed: Needed) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), property(field, field.kind))).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required(fields, needed),
        "additionalProperties": false,
    })
}

/// A table, and also a list of them. The keywords of tables apply to tables alone and `items` to lists alone, so
/// that editors complete in both and point at the one key that is wrong.
fn one_or_several(mut one: Value, each: Value) -> Value {
    one["type"] = json!(["array", "object"]);
    one["items"] = each;
    one
}

fn property(field: &Field, kind: FieldKind) -> Value {
    match kind {
        FieldKind::Text => match named_by(field.name) {
            Some(definition) => described(&definition, field.help),
            None => json!({ "type": "string", "minLength": 1, "description": field.help }),
        },
        FieldKind::Choice(words) => json!({ "enum": words, "description": field.help }),
        FieldKind::Integer => json!({ "type": "integer", "description": field.help }),
        FieldKind::Boolean => json!({ "type": "boolean", "description": field.help }),
        FieldKind::Date => described("date", field.help),
        FieldKind::Moment => described("moment", field.help),
        FieldKind::Period => described("period", field.help),
        FieldKind::Uncertain(dimension) => described(&quantity_name(dimension), field.help),
        FieldKind::UncertainOrSeries(dimension) => {
            let forms = [reference(&quantity_name(dimension)), reference("series")];
            json!({ "anyOf": forms, "description": field.help })
        }
        FieldKind::UncertainOrChoice(dimension, words) => {
            let forms = [json!({ "enum": words }), reference(&quantity_name(dimension))];
            json!({ "anyOf": forms, "description": field.help })
        }
        FieldKind::Texts => {
            json!({ "type": "array", "items": { "type": "string" }, "description": field.help })
        }
        FieldKind::Tables(fields) => {
            let table = table(fields, Needed::All);
            let listed = fields.iter().any(|field| IDENTITIES.contains(&field.name));
            // What has a name or a day stands in lists; to write out both forms would double the schema.
            let one = if listed { json!({}) } else { table.clone() };
            let mut several = one_or_several(one, table);
            several["description"] = field.help.into();
            several
        }
        FieldKind::Any => described("any_quantity", field.help),
    }
}

/// The definition with the names that a text field takes, where the catalogue has them. Such a field is called
/// as its kind is; the company of a section is one of the scenario's, and its history one of the catalogue's.
fn named_by(field: &str) -> Option<String> {
    match field {
        "source" => Some("source_id".to_owned()),
        "history" => Some(entry_name(Kind::Company)),
        "like" => Some(entry_name(Kind::Reliability)),
        "company" => None,
        _ => Kind::ALL.into_iter().find(|kind| kind.name() == field).map(entry_name),
    }
}

/// Names to choose from, and any other.
fn known<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    json!({ "anyOf": [{ "enum": names.collect::<Vec<_>>() }, { "type": "string", "minLength": 1 }] })
}

fn sources_of_its_own() -> Value {
    json!({ "type": "object", "additionalProperties": table(REFERENCE_FIELDS, Needed::Identity) })
}

fn overrides(catalogue: &Catalogue, definitions: &mut Map<String, Value>) -> Value {
    let mut kinds = Map::new();
    for kind in Kind::ALL {
        let facts: Map<String, Value> = kind
            .quantities()
            .iter()
            .map(|(field, dimension)| ((*field).to_owned(), reference(&quantity_name(*dimension))))
            .collect();
        let name = format!("{}_facts", kind.name());
        definitions.insert(
            name.clone(),
            json!({ "type": "object", "properties": facts, "additionalProperties": false }),
        );
        let entries: Map<String, Value> =
            catalogue.ids(kind).map(|id| (id.to_owned(), reference(&name))).collect();
        kinds.insert(
            kind.name().to_owned(),
            json!({ "type": "object", "properties": entries, "additionalProperties": reference(&name) }),
        );
    }
    json!({ "type": "object", "properties": kinds, "additionalProperties": false })
}
