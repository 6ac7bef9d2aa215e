//! Reading a table against the list of fields that it may have.

use jiff::civil::Date;

use super::{Diagnostic, Diagnostics, Node, Span, Spanned, Table, Value};
use crate::distribution::Distribution;
use crate::fact::{FactKind, Written};
use crate::period::{Period, parse_period};
use crate::quantity::{Dimension, parse_quantity};

/// What a field holds.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind {
    /// Free text.
    Text,
    /// An integer.
    Integer,
    /// `true` or `false`.
    Boolean,
    /// A calendar day.
    Date,
    /// A stretch of time: `2025`, `"2025Q3"`, `"2025..2027"`, `{ from, to }`.
    Period,
    /// A quantity or a distribution of it.
    Uncertain(Dimension),
    /// Several texts.
    Texts,
    /// A table, or several, with fields of their own.
    Tables(&'static [Field]),
    /// Whatever the resolution makes of it: a bound whose unit depends on another field.
    Any,
}

/// One field of a table: what a scenario may write there.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The key.
    pub name: &'static str,
    /// What it holds.
    pub kind: FieldKind,
    /// Whether it must be there.
    pub required: bool,
    /// What it means, in one sentence, with its default.
    pub help: &'static str,
}

impl Field {
    /// A field that must be there.
    pub const fn required(name: &'static str, kind: FieldKind, help: &'static str) -> Self {
        Self { name, kind, required: true, help }
    }

    /// A field that may be left out.
    pub const fn optional(name: &'static str, kind: FieldKind, help: &'static str) -> Self {
        Self { name, kind, required: false, help }
    }
}

/// A table being read. Unknown and missing keys are reported when it is made, wrong types when a field is
/// asked for; a getter returns `None` in either case, so that reading goes on and finds the next mistake.
pub struct Fields<'a> {
    table: &'a Table,
    diagnostics: &'a mut Diagnostics,
}

/// The table in a node, or a diagnostic that says what stands there instead.
pub fn table_of<'a>(node: &'a Node, what: &str, diagnostics: &mut Diagnostics) -> Option<&'a Table> {
    match &node.value {
        Value::Table(table) => Some(table),
        other => {
            diagnostics.push(wrong_type(node.span, what, "a table", other));
            None
        }
    }
}

fn wrong_type(span: Span, what: &str, expected: &str, found: &Value) -> Diagnostic {
    Diagnostic::error(span, format!("`{what}` is {}, expected {expected}", found.noun()))
}

impl<'a> Fields<'a> {
    /// Starts to read `table`, called `what` in messages and written at `span`.
    pub fn new(
        what: &str,
        table: &'a Table,
        span: Span,
        known: &'static [Field],
        diagnostics: &'a mut Diagnostics,
    ) -> Self {
        for (key, _) in table.iter() {
            if !known.iter().any(|field| field.name == key.value) {
                diagnostics.push(
                    Diagnostic::error(key.span, format!("`{}` is not a field of {what}", key.value))
                        .suggest(&key.value, known.iter().map(|field| field.name)),
                );
            }
        }
        for field in known.iter().filter(|field| field.required && table.get(field.name).is_none()) {
            diagnostics.push(
                Diagnostic::error(span, format!("`{}` is missing in {what}", field.name)).help(field.help),
            );
        }
        Self { table, diagnostics }
    }

    /// The node of a field.
    pub fn node(&self, name: &str) -> Option<&'a Node> {
        self.table.get(name)
    }

    /// Where the diagnostics go.
    pub fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// A text that is not empty.
    pub fn text(&mut self, name: &str) -> Option<Spanned<String>> {
        let node = self.node(name)?;
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                self.diagnostics.push(Diagnostic::error(node.span, format!("`{name}` is empty")));
                None
            }
            Value::Text(text) => Some(Spanned { value: text.clone(), span: node.span }),
            other => {
                self.diagnostics.push(wrong_type(node.span, name, "a string", other));
                None
            }
        }
    }

    /// A name that can stand in a path: letters, digits, `-` and `_`.
    pub fn name(&mut self, name: &str) -> Option<Spanned<String>> {
        let text = self.text(name)?;
        let good = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
        if text.value.chars().all(good) && text.value.len() <= 64 {
            return Some(text);
        }
        let mended: String =
            text.value.to_lowercase().chars().map(|c| if good(c) { c } else { '-' }).take(64).collect();
        self.diagnostics.push(
            Diagnostic::error(text.span, format!("`{}` cannot stand in a path", text.value))
                .help(format!("use letters, digits, `-` and `_`, at most 64: `{mended}`")),
        );
        None
    }

    /// Several texts.
    pub fn texts(&mut self, name: &str) -> Vec<Spanned<String>> {
        let Some(node) = self.node(name) else { return Vec::new() };
        let Value::Array(items) = &node.value else {
            self.diagnostics.push(wrong_type(node.span, name, "an array of strings", &node.value));
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(text) => texts.push(Spanned { value: text.clone(), span: item.span }),
                other => self.diagnostics.push(wrong_type(item.span, name, "a string", other)),
            }
        }
        texts
    }

    /// A whole number between two bounds.
    pub fn integer(&mut self, name: &str, bounds: std::ops::RangeInclusive<i64>) -> Option<Spanned<i64>> {
        let node = self.node(name)?;
        match &node.value {
            Value::Integer(number) if bounds.contains(number) => {
                Some(Spanned { value: *number, span: node.span })
            }
            Value::Integer(number) => {
                self.diagnostics.push(
                    Diagnostic::error(node.span, format!("`{name}` is {number}, out of its range"))
                        .help(format!("expected {} to {}", bounds.start(), bounds.end())),
                );
                None
            }
            other => {
                self.diagnostics.push(wrong_type(node.span, name, "an integer", other));
                None
            }
        }
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let node = self.node(name)?;
        match &node.value {
            Value::Boolean(boolean) => Some(*boolean),
            other => {
                self.diagnostics.push(wrong_type(node.span, name, "true or false", other));
                None
            }
        }
    }

    /// A calendar day.
    pub fn date(&mut self, name: &str) -> Option<Spanned<Date>> {
        let node = self.node(name)?;
        match &node.value {
            Value::Date(date) => Some(Spanned { value: *date, span: node.span }),
            Value::Text(text) => match text.trim().parse::<Date>() {
                Ok(date) => Some(Spanned { value: date, span: node.span }),
                Err(_) => {
                    self.diagnostics.push(
                        Diagnostic::error(node.span, format!("`{text}` is not a date"))
                            .help("write a calendar day, such as 2025-12-31"),
                    );
                    None
                }
            },
            other => {
                self.diagnostics.push(
                    wrong_type(node.span, name, "a date", other).help("write a day such as 2025-12-31"),
                );
                None
            }
        }
    }

    /// A stretch of time.
    pub fn period(&mut self, name: &str) -> Option<Spanned<Period>> {
        let node = self.node(name)?;
        match parse_period(node, name) {
            Ok(period) => Some(Spanned { value: period, span: node.span }),
            Err(diagnostic) => {
                self.diagnostics.push(*diagnostic);
                None
            }
        }
    }

    /// A quantity or a distribution of it, with its source where one is given.
    pub fn uncertain(&mut self, name: &str, dimension: Dimension) -> Option<Spanned<Written>> {
        let node = self.node(name)?;
        let written = read_uncertain(node, name, dimension, self.diagnostics)?;
        Some(Spanned { value: written, span: node.span })
    }

    /// The items of a table or an array of tables.
    pub fn tables(&mut self, name: &str) -> Vec<(&'a Table, Span)> {
        let Some(node) = self.node(name) else { return Vec::new() };
        match &node.value {
            Value::Table(table) => vec![(table, node.span)],
            Value::Array(items) => {
                let mut tables = Vec::new();
                for item in items {
                    if let Some(table) = table_of(item, name, self.diagnostics) {
                        tables.push((table, item.span));
                    }
                }
                tables
            }
            other => {
                self.diagnostics.push(wrong_type(node.span, name, "a table or an array of tables", other));
                Vec::new()
            }
        }
    }
}

const UNCERTAIN_FIELDS: &[&str] =
    &["low", "mode", "value", "high", "p10", "p50", "p90", "source", "kind", "note", "known_from"];

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
    for (key, _) in table.iter().filter(|(key, _)| !UNCERTAIN_FIELDS.contains(&key.value.as_str())) {
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
        (Some(low), Some(mode), Some(high), None, None, None) => Distribution::triangle(low, mode, high),
        (None, None, None, Some(p10), Some(p50), Some(p90)) => Distribution::quantiles(p10, p50, p90),
        _ => Err("expected { value }, { low, mode, high } or { p10, p50, p90 }".to_owned()),
    };
    let distribution = match shape {
        Ok(distribution) => distribution,
        Err(message) => {
            diagnostics.push(
                Diagnostic::error(node.span, format!("`{name}` is not a distribution: {message}"))
                    .help("write { low = ..., mode = ..., high = ... } or { p10 = ..., p50 = ..., p90 = ... }, in rising order"),
            );
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
        Some(other) => {
            diagnostics.push(wrong_type(other.span, "known_from", "a date", &other.value));
            None
        }
        None => None,
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
                    diagnostics.push(match error.suggestion {
                        Some(unit) => diagnostic.help(format!("did you mean `{unit}`?")),
                        None => diagnostic.help(format!("write it as {}", dimension.example())),
                    });
                    None
                }
            };
        }
        #[expect(clippy::cast_precision_loss, reason = "a count above 2^53 has no unit of one")]
        Value::Integer(number) => *number as f64,
        Value::Float(number) => *number,
        other => {
            diagnostics.push(
                wrong_type(node.span, name, dimension.noun(), other)
                    .help(format!("write it as {}", dimension.example())),
            );
            return None;
        }
    };
    if !dimension.takes_bare_number() && number != 0.0 {
        diagnostics.push(
            Diagnostic::error(node.span, format!("`{name}` has no unit, expected {}", dimension.noun()))
                .help(format!("write it as {}", dimension.example())),
        );
        return None;
    }
    if number < 0.0 && !dimension.may_be_negative() {
        diagnostics.push(Diagnostic::error(
            node.span,
            format!("`{name}` is {number}: {} cannot be negative", dimension.noun()),
        ));
        return None;
    }
    Some(number)
}
