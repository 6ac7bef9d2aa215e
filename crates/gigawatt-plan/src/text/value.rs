//! Reading a value: a quantity, a distribution of it, and where it is from.

use super::fields::wrong_type;
use super::{Diagnostic, Diagnostics, Node, Spanned, Table, Value};
use crate::distribution::Distribution;
use crate::fact::{FactKind, Written};
use crate::quantity::{Dimension, parse_quantity};

/// What a table that stands for a value may hold.
pub const UNCERTAIN_FIELDS: &[&str] =
    &["low", "mode", "value", "high", "p10", "p50", "p90", "source", "kind", "note", "known_from"];

const SHAPES: &str =
    "write { value = ... }, { low = ..., mode = ..., high = ... } or { p10 = ..., p50 = ..., p90 = ... }";

/// Reads a constant, `{ value }`, `{ low, mode, high }` or `{ p10, p50, p90 }`.
pub(crate) fn read_uncertain(
    node: &Node,
    name: &str,
    dimension: Dimension,
    diagnostics: &mut Diagnostics,
) -> Option<Written> {
    let Value::Table(table) = &node.value else {
        let value = read_number(node, name, dimension, diagnostics)?;
        return Some(Written { distribution: Distribution::Constant(value), ..Written::constant(value) });
    };
    let mut unknown = false;
    for (key, _) in table.iter().filter(|(key, _)| !UNCERTAIN_FIELDS.contains(&key.value.as_str())) {
        unknown = true;
        diagnostics.push(
            Diagnostic::error(key.span, format!("`{}` is not part of a value", key.value))
                .suggest(&key.value, UNCERTAIN_FIELDS.iter().copied()),
        );
    }
    let mut read = |key: &str| match table.get(key) {
        Some(inner) => read_number(inner, key, dimension, diagnostics).map(Some).ok_or(()),
        None => Ok(None),
    };
    let (low, mode, value, high) = (read("low"), read("mode"), read("value"), read("high"));
    let (p10, p50, p90) = (read("p10"), read("p50"), read("p90"));
    let (Ok(low), Ok(mode), Ok(value), Ok(high)) = (low, mode, value, high) else { return None };
    let (Ok(p10), Ok(p50), Ok(p90)) = (p10, p50, p90) else { return None };
    let shape = match (low, mode.or(value), high, p10, p50, p90) {
        (None, Some(value), None, None, None, None) => Ok(Distribution::Constant(value)),
        (Some(low), Some(mode), Some(high), None, None, None) => Distribution::triangle(low, mode, high)
            .map_err(|_| not_rising(table, &[("low", low), (middle(table), mode), ("high", high)])),
        (None, None, None, Some(p10), Some(p50), Some(p90)) => Distribution::quantiles(p10, p50, p90)
            .map_err(|_| not_rising(table, &[("p10", p10), ("p50", p50), ("p90", p90)])),
        _ => Err(None),
    };
    let distribution = match shape {
        Ok(distribution) => distribution,
        // What an unknown key was meant to be is not known: it may be the one that is missing.
        Err(None) if unknown => return None,
        Err(fault) => {
            let incomplete = || Diagnostic::error(node.span, incomplete(table, name)).help(SHAPES);
            diagnostics.push(fault.unwrap_or_else(incomplete));
            return None;
        }
    };
    let text = |key: &str, diagnostics: &mut Diagnostics| match table.get(key) {
        Some(Spanned { value: Value::Text(text), span }) => {
            Some(Spanned { value: text.clone(), span: *span })
        }
        Some(other) => {
            diagnostics.push(wrong_type(other.span, key, "a string", &other.value));
            None
        }
        None => None,
    };
    let kind = text("kind", diagnostics).and_then(|kind| match FactKind::parse(&kind.value) {
        Some(kind) => Some(kind),
        None => {
            diagnostics.push(
                Diagnostic::error(kind.span, format!("`{}` is not a kind of fact", kind.value))
                    .suggest(&kind.value, FactKind::NAMES.iter().copied()),
            );
            None
        }
    });
    let known_from = match table.get("known_from") {
        Some(Spanned { value: Value::Date(date), .. }) => Some(*date),
        None | Some(Spanned { value: Value::Unreadable, .. }) => None,
        Some(other) => {
            diagnostics.push(wrong_type(other.span, "known_from", "a date", &other.value));
            None
        }
    };
    Some(Written {
        distribution,
        source: text("source", diagnostics),
        kind,
        known_from,
        note: text("note", diagnostics).map(|note| note.value),
    })
}

/// The key under which a triangle's middle is written, or would be.
fn middle(table: &Table) -> &'static str {
    if table.get("value").is_some() { "value" } else { "mode" }
}

/// Points at the first of three values that is not above the one before it.
fn not_rising(table: &Table, values: &[(&'static str, f64); 3]) -> Option<Diagnostic> {
    let quantiles = values[0].0 == "p10";
    let wrong =
        values.windows(2).find(|pair| pair[0].1 > pair[1].1 || (quantiles && pair[0].1 == pair[1].1))?;
    let (below, above) = (wrong[0].0, wrong[1].0);
    let relation = if quantiles { "is not above" } else { "is below" };
    let [first, second, third] = values.map(|(key, _)| key);
    Some(
        Diagnostic::error(table.get(above)?.span, format!("`{above}` {relation} `{below}`"))
            .label(format!("`{above}`"))
            .also(table.get(below)?.span, format!("`{below}`"))
            .help(format!("`{first}`, `{second}` and `{third}` stand in rising order")),
    )
}

/// Says what a table lacks to be a distribution, or what in it does not go together.
fn incomplete(table: &Table, name: &str) -> String {
    let is_written = |key: &&str| table.get(key).is_some();
    let triangle: Vec<&str> = ["low", "mode", "value", "high"].into_iter().filter(is_written).collect();
    let quantiles: Vec<&str> = ["p10", "p50", "p90"].into_iter().filter(is_written).collect();
    let lacks = |needed: [&'static str; 3]| {
        let missing: Vec<&str> = needed.into_iter().filter(|key| !is_written(key)).collect();
        format!("`{name}` lacks {}", listed(&missing))
    };
    match (triangle.as_slice(), quantiles.as_slice()) {
        ([], []) => format!("`{name}` has no value"),
        (_, []) => lacks(["low", middle(table), "high"]),
        ([], _) => lacks(["p10", "p50", "p90"]),
        (some, others) => format!("{} do not go together in `{name}`", listed(&[some, others].concat())),
    }
}

/// Keys in a sentence: `low`, `p50` and `p90`.
fn listed(keys: &[&str]) -> String {
    let quoted: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// A quantity without uncertainty, in base units.
pub(crate) fn read_number(
    node: &Node,
    name: &str,
    dimension: Dimension,
    diagnostics: &mut Diagnostics,
) -> Option<f64> {
    let number = match &node.value {
        Value::Text(text) => {
            return match parse_quantity(dimension, text) {
                Ok(value) => Some(value),
                Err(error) => {
                    // The text starts one byte after its quote; escapes are rare enough to point at the whole then.
                    let length = node.span.end.saturating_sub(node.span.start) as usize;
                    let mut span = node.span;
                    if length == text.len() + 2 {
                        span.start += 1 + u32::try_from(error.range.start).unwrap_or(0);
                        span.end = span.start + u32::try_from(error.range.len()).unwrap_or(0);
                    } else if length == text.len() {
                        span.start += u32::try_from(error.range.start).unwrap_or(0);
                        span.end = span.start + u32::try_from(error.range.len()).unwrap_or(0);
                    }
                    let diagnostic = Diagnostic::error(span, format!("`{name}`: {}", error.message));
                    diagnostics.push(match error.help {
                        Some(help) => diagnostic.help(help),
                        None => diagnostic,
                    });
                    None
                }
            };
        }
        #[expect(clippy::cast_precision_loss, reason = "a count above 2^53 has no unit of one")]
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        Value::Unreadable => return None,
        other => {
            diagnostics.push(
                wrong_type(node.span, name, dimension.noun(), other)
                    .help(format!("write it as {}", dimension.example())),
            );
            return None;
        }
    };
    if number.abs() > dimension.limit() {
        diagnostics.push(
            Diagnostic::error(node.span, format!("`{name}` is {number:e}, which is too large"))
                .help(format!("write it as {}", dimension.example())),
        );
        return None;
    }
    if !dimension.takes_bare_number() && number != 0.0 {
        diagnostics.push(
            Diagnostic::error(node.span, format!("`{name}` has no unit, expected {}", dimension.noun()))
                .help(format!("write it as {}", dimension.example())),
        );
        return None;
    }
    if number < 0.0 && !dimension.may_be_negative() {
        diagnostics.push(
            Diagnostic::error(
                node.span,
                format!("`{name}` is {number}: {} cannot be negative", dimension.noun()),
            )
            .help(format!("write it as {}", dimension.example())),
        );
        return None;
    }
    Some(number)
}
