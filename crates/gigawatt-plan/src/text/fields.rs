//! Reading a table against the list of fields that it may have.

use jiff::civil::Date;

use super::{Diagnostic, Diagnostics, Node, Span, Spanned, Table, Value, read_uncertain};
use crate::fact::Written;
use crate::period::{Period, YEARS, parse_period};
use crate::quantity::Dimension;

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
    /// A calendar day, or a year or quarter for its last day.
    Moment,
    /// A stretch of time: `2025`, `"2025Q3"`, `"2025..2027"`, `{ from, to }`.
    Period,
    /// A quantity or a distribution of it.
    Uncertain(Dimension),
    /// A quantity, a distribution of it, or a series of it in a CSV file.
    UncertainOrSeries(Dimension),
    /// A quantity or a distribution of it, or one of a few words without digits.
    UncertainOrChoice(Dimension, &'static [&'static str]),
    /// One of a few words.
    Choice(&'static [&'static str]),
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
    known: &'static [Field],
    diagnostics: &'a mut Diagnostics,
}

/// The table in a node, or a diagnostic that says what stands there instead.
pub fn table_of<'a>(node: &'a Node, what: &str, diagnostics: &mut Diagnostics) -> Option<&'a Table> {
    match &node.value {
        Value::Table(table) => Some(table),
        Value::Unreadable => None,
        other => {
            diagnostics.push(
                wrong_type(node.span, what, "a table", other)
                    .help("write its fields as `key = value` below a `[section]`, or as { key = value }"),
            );
            None
        }
    }
}

pub(super) fn wrong_type(span: Span, what: &str, expected: &str, found: &Value) -> Diagnostic {
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
        Self { table, known, diagnostics }
    }

    /// The node of a field; `None` too where it was told already that it cannot be read.
    pub fn node(&self, name: &str) -> Option<&'a Node> {
        self.table.get(name).filter(|node| node.value != Value::Unreadable)
    }

    /// Whether a field is written, readable or not.
    pub fn is_written(&self, name: &str) -> bool {
        self.table.get(name).is_some()
    }

    /// Tells that a field holds something else than it should, with what the field means.
    fn wrong_type(&mut self, node: &Node, name: &str, expected: &str) {
        if node.value == Value::Unreadable {
            return;
        }
        let diagnostic = wrong_type(node.span, name, expected, &node.value);
        self.diagnostics.push(match self.known.iter().find(|field| field.name == name) {
            Some(field) => diagnostic.help(field.help),
            None => diagnostic,
        });
    }

    /// Where the diagnostics go.
    pub fn diagnostics(&mut self) -> &mut Diagnostics {
        self.diagnostics
    }

    /// A text that is not empty; the tree holds none with control characters but line ends and tabs.
    pub fn text(&mut self, name: &str) -> Option<Spanned<String>> {
        let node = self.node(name)?;
        match &node.value {
            Value::Text(text) if text.trim().is_empty() => {
                let help = self
                    .known
                    .iter()
                    .find(|field| field.name == name)
                    .map_or("write a text", |field| field.help);
                self.diagnostics.push(Diagnostic::error(node.span, format!("`{name}` is empty")).help(help));
                None
            }
            Value::Text(text) => Some(Spanned { value: text.clone(), span: node.span }),
            _ => {
                self.wrong_type(node, name, "a string");
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
        let lower = text.value.to_lowercase();
        let words: Vec<&str> = lower.split(|c: char| !good(c)).filter(|word| !word.is_empty()).collect();
        let mended: String = words.join("-").chars().take(64).collect();
        self.diagnostics.push(
            Diagnostic::error(text.span, format!("`{}` cannot stand in a path", text.value)).help(
                match mended.as_str() {
                    "" => "use letters, digits, `-` and `_`, at most 64".to_owned(),
                    mended => format!("use letters, digits, `-` and `_`, at most 64: `{mended}`"),
                },
            ),
        );
        None
    }

    /// One of the words that the field knows.
    pub fn choice(&mut self, name: &str) -> Option<Spanned<String>> {
        let text = self.text(name)?;
        let known = self.known.iter().find(|field| field.name == name).map(|field| field.kind);
        let (words, or) = match known? {
            FieldKind::Choice(words) => (words, String::new()),
            FieldKind::UncertainOrChoice(dimension, words) => {
                (words, format!(", or a value such as {}", dimension.example()))
            }
            _ => return None,
        };
        if words.contains(&text.value.as_str()) {
            return Some(text);
        }
        let diagnostic = Diagnostic::error(text.span, format!("`{name}` cannot be `{}`", text.value));
        self.diagnostics.push(match super::nearest(&text.value, words.iter().copied()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("expected one of `{}`{or}", words.join("`, `"))),
        });
        None
    }

    /// Several texts.
    pub fn texts(&mut self, name: &str) -> Vec<Spanned<String>> {
        let Some(node) = self.node(name) else { return Vec::new() };
        let Value::Array(items) = &node.value else {
            self.wrong_type(node, name, "an array of strings");
            return Vec::new();
        };
        let mut texts = Vec::new();
        for item in items {
            match &item.value {
                Value::Text(text) => texts.push(Spanned { value: text.clone(), span: item.span }),
                _ => self.wrong_type(item, name, "strings"),
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
            _ => {
                self.wrong_type(node, name, "an integer");
                None
            }
        }
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &str) -> Option<bool> {
        let node = self.node(name)?;
        match &node.value {
            Value::Boolean(boolean) => Some(*boolean),
            _ => {
                self.wrong_type(node, name, "true or false");
                None
            }
        }
    }

    /// A calendar day.
    pub fn date(&mut self, name: &str) -> Option<Spanned<Date>> {
        let node = self.node(name)?;
        let day = match &node.value {
            Value::Date(day) => Ok(*day),
            Value::Text(text) => parse_day(text, node.span),
            other => Err(Box::new(wrong_type(node.span, name, "a date", other).help(DAY))),
        };
        let day = day.and_then(|day| match YEARS.contains(&day.year()) {
            true => Ok(Spanned { value: day, span: node.span }),
            false => {
                let message = format!("{day} is not between {} and {}", YEARS.start(), YEARS.end());
                Err(Box::new(Diagnostic::error(node.span, message).help(DAY)))
            }
        });
        day.map_err(|diagnostic| self.diagnostics.push(*diagnostic)).ok()
    }

    /// A calendar day, or the last day of a year or quarter.
    pub fn moment(&mut self, name: &str) -> Option<Spanned<Date>> {
        let node = self.node(name)?;
        match &node.value {
            Value::Integer(_) => {}
            Value::Text(_) if parse_period(node, name).is_ok() => {}
            Value::Text(text) if parse_day(text, node.span).is_err() => {
                let message = format!("`{text}` is neither a day nor a year or quarter");
                self.diagnostics
                    .push(Diagnostic::error(node.span, message).help("write 2025-12-31, 2025 or \"2025Q3\""));
                return None;
            }
            _ => return self.date(name),
        }
        Some(self.period(name)?.map(|period| period.end.day_before()))
    }

    /// A stretch of time.
    pub fn period(&mut self, name: &str) -> Option<Spanned<Period>> {
        let node = self.node(name)?;
        if let Value::Table(table) = &node.value
            && table.iter().any(|(_, inner)| inner.value == Value::Unreadable)
        {
            return None;
        }
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
            Value::Array(items) if items.len() > MAXIMUM_ITEMS => {
                let (count, span) = (items.len(), items[MAXIMUM_ITEMS].span);
                let message = format!("there are {count} of `{name}`, more than {MAXIMUM_ITEMS}");
                self.diagnostics.push(
                    Diagnostic::error(span, message).help("put together what is bought or built alike"),
                );
                Vec::new()
            }
            Value::Array(items) => {
                let mut tables = Vec::new();
                for item in items {
                    if let Some(table) = table_of(item, name, self.diagnostics) {
                        tables.push((table, item.span));
                    }
                }
                tables
            }
            _ => {
                self.wrong_type(node, name, "a table or an array of tables");
                Vec::new()
            }
        }
    }
}

/// A list of sections longer than this is a mistake: a plan of so many parts is not one that people judge.
const MAXIMUM_ITEMS: usize = 500;

const DAY: &str = "write a calendar day, such as 2025-12-31";

/// Reads a calendar day written as a string.
///
/// # Errors
/// A diagnostic at the place.
pub(crate) fn parse_day(text: &str, span: Span) -> Result<Date, Box<Diagnostic>> {
    text.trim()
        .parse()
        .map_err(|_| Box::new(Diagnostic::error(span, format!("`{text}` is not a date")).help(DAY)))
}
