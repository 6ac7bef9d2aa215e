//! Schemas of single values: texts, days, periods, quantities and their distributions.

use gigawatt_plan::catalog::Kind;
use gigawatt_plan::fact::FactKind;
use gigawatt_plan::period::YEARS;
use gigawatt_plan::quantity::Dimension;
use gigawatt_plan::text::uncertain_fields;
use serde_json::{Map, Value, json};

/// A definition of the same schema.
pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/definitions/{name}") })
}

/// A definition with words of its own: beside a bare reference, draft 7 passes over them.
pub(super) fn described(name: &str, description: &str) -> Value {
    json!({ "allOf": [reference(name)], "description": description })
}

/// Name of the definition of a quantity, with or without its spread.
pub(super) fn quantity_name(dimension: Dimension) -> String {
    // The name in results, such as `money_per_power`; a unit variant is always a string.
    serde_json::to_value(dimension).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

fn amount_name(dimension: Dimension) -> String {
    format!("{}_amount", quantity_name(dimension))
}

/// Name of the definition of the ids of a catalogue's kind.
pub(super) fn entry_name(kind: Kind) -> String {
    format!("{}_id", kind.name())
}

/// The two definitions of every dimension: an amount, and an amount or its distribution.
pub(super) fn quantities(definitions: &mut Map<String, Value>) {
    for dimension in Dimension::ALL {
        let words = dimension.noun();
        let mut forms = vec![json!({ "type": "string", "pattern": dimension.pattern() })];
        forms.push(if dimension.takes_bare_number() {
            json!({ "type": "number" })
        } else {
            json!({ "const": 0 })
        });
        definitions.insert(
            amount_name(dimension),
            json!({ "description": words, "anyOf": forms, "examples": examples(dimension) }),
        );
        definitions.insert(
            quantity_name(dimension),
            json!({
                "description": format!("{words}, or its distribution"),
                "anyOf": [reference(&amount_name(dimension)), distribution(&reference(&amount_name(dimension)))],
                "examples": examples(dimension),
            }),
        );
    }
    let amount = json!({ "type": ["number", "string"] });
    definitions.insert(
        "any_quantity".to_owned(),
        json!({
            "description": "a quantity whose unit depends on what it is for, or its distribution",
            "anyOf": [amount, { "type": "array" }, distribution(&amount)],
        }),
    );
}

/// A table that stands for a value: its numbers are `amount`s, the rest says where they are from.
fn distribution(amount: &Value) -> Value {
    let property = |key: &str| match key {
        "source" => described("source_id", "id of the document that says so"),
        "kind" => json!({ "enum": FactKind::NAMES, "description": "how it came to be known" }),
        "note" => json!({ "type": "string", "description": "basis or caveat" }),
        "known_from" => described("date", "the day from which it was public"),
        "factor" => {
            json!({ "type": "number", "description": "p90 over the median, and the median over p10" })
        }
        _ => amount.clone(),
    };
    let properties: Map<String, Value> =
        uncertain_fields().map(|key| (key.to_owned(), property(key))).collect();
    json!({ "type": "object", "properties": properties, "additionalProperties": false })
}

/// How a quantity may be written, from the examples in messages: TOML values with `or` between.
fn examples(dimension: Dimension) -> Vec<Value> {
    dimension
        .example()
        .split(" or ")
        .filter_map(|written| serde_json::from_str(&written.replace('_', "")).ok())
        .collect()
}

/// A calendar day; editors hand it over as text.
pub(super) fn date() -> Value {
    json!({
        "description": "a calendar day",
        "type": "string",
        "format": "date",
        "examples": ["2025-12-31"],
    })
}

/// A calendar day, or a year or quarter for its last day.
pub(super) fn moment() -> Value {
    json!({
        "description": "a calendar day, or a year or quarter for its last day",
        "anyOf": [
            reference("date"),
            { "type": "integer", "minimum": YEARS.start(), "maximum": YEARS.end() },
            { "type": "string", "pattern": r"^\s*[0-9]{4}[Qq][1-4]\s*$" },
        ],
        "examples": ["2025-12-31", 2025, "2025Q3"],
    })
}

/// A stretch of time.
pub(super) fn period() -> Value {
    let point = r"[0-9]{4}([Qq][1-4])?";
    let day = reference("date");
    json!({
        "description": "a year, a quarter, years or quarters in a row, or { from, to }",
        "anyOf": [
            { "type": "integer", "minimum": YEARS.start(), "maximum": YEARS.end() },
            { "type": "string", "pattern": format!(r"^\s*{point}(\s*\.\.\s*{point})?\s*$") },
            {
                "type": "object",
                "properties": { "from": day, "to": day },
                "required": ["from", "to"],
                "additionalProperties": false,
            },
        ],
        "examples": [2025, "2025Q3", "2025..2027", { "from": "2025-03-01", "to": "2025-12-15" }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_has_an_example_that_its_pattern_or_number_takes() {
        for dimension in Dimension::ALL {
            let examples = examples(dimension);
            assert!(!examples.is_empty(), "{dimension:?}");
            for example in examples {
                assert!(example.is_string() || dimension.takes_bare_number(), "{dimension:?}: {example}");
            }
        }
    }
}
