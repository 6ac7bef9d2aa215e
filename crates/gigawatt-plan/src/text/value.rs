//! Reading a value: a quantity, a distribution of it, and where it is from.

use super::fields::wrong_type;
use super::shape::{self, Mistake, Numbers};
use super::{Diagnostic, Diagnostics, Node, Spanned, Value};
use crate::fact::{FactKind, Written};
use crate::quantity::{Dimension, parse_quantity};

/// What a value may carry beside its distribution.
const PROVENANCE: [&str; 4] = ["source", "kind", "note", "known_from"];

/// What a table that stands for a value may hold.
pub fn uncertain_fields() -> impl Iterator<Item = &'static str> {
    shape::KEYS.into_iter().chain(PROVENANCE)
}

/// Reads a constant or one of the tables of [`super::shape`], with its provenance.
pub(crate) fn read_uncertain(
    node: &Node,
    name: &str,
    dimension: Dimension,
    diagnostics: &mut Diagnostics,
) -> Option<Written> {
    let Value::Table(table) = &node.value else {
        let value = read_number(node, name, dimension, diagnostics)?;
        return Some(Written::constant(value));
    };
    let mut unknown = false;
    for (key, _) in table.iter().filter(|(key, _)| uncertain_fields().all(|known| known != key.value)) {
        unknown = true;
        diagnostics.push(
            Diagnostic::error(key.span, format!("`{}` is not part of a value", key.value))
                .suggest(&key.value, uncertain_fields()),
        );
    }
    let numbers = Numbers::read(table, dimension, diagnostics)?;
    let distribution = match numbers.distribution(node.span, name, dimension) {
        Ok(distribution) => distribution,
        // What an unknown key was meant to be is not known: it may be the one that is missing.
        Err(Mistake::Incomplete(_)) if unknown => return None,
        Err(Mistake::Incomplete(diagnostic) | Mistake::Wrong(diagnostic)) => {
            diagnostics.push(*diagnostic);
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
