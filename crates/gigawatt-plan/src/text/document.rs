//! From the text of a scenario, or of a setting, to a tree.

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::{Diagnostic, Diagnostics, Node, SourceId, SourceMap, Span, Spanned, Table, Value, is_printable};

/// Parses one text of `sources`. `None` where it is not TOML: what a broken text seems to say would only
/// confuse, so nothing but its syntax errors is told. Values that no number or day fits are told and stand as
/// [`Value::Unreadable`].
pub fn parse_document(sources: &SourceMap, source: SourceId, diagnostics: &mut Diagnostics) -> Option<Table> {
    let text = &sources.get(source).text;
    let (document, errors) = DeTable::parse_recoverable(text);
    // A text with thousands of errors is not TOML at all: the first ones say so.
    let errors = errors
        .iter()
        .take(MAXIMUM_ERRORS)
        .map(|error| (error.span().unwrap_or(0..text.ceil_char_boundary(1)), error.message().to_owned()))
        .collect();
    let mut reader = Reader { source, text, errors, diagnostics };
    let table = reader.table(document.into_inner());
    let mut told = Vec::new();
    for (range, message) in reader.errors {
        let line =
            text.as_bytes()[..range.start.min(text.len())].iter().filter(|&&byte| byte == b'\n').count();
        // A line that is not understood is seldom wrong twice.
        if told.contains(&line) {
            continue;
        }
        told.push(line);
        let (message, help) = in_other_words(&message, &range);
        diagnostics.push(
            Diagnostic::error(span(source, visible(text, range)), format!("not valid TOML: {message}"))
                .help(help),
        );
    }
    told.is_empty().then_some(table)
}

/// A complaint of the parser in words for people, and what would be right.
fn in_other_words<'a>(message: &'a str, range: &std::ops::Range<usize>) -> (&'a str, &'static str) {
    const LINES: &str = "a line is `key = value`, `[section]`, `[[section]]`, or a comment after `#`";
    match (message, range.is_empty()) {
        ("string values must be quoted, expected literal string", true) => {
            ("a value is missing", "write one after the `=`")
        }
        ("string values must be quoted, expected literal string", false) => {
            ("a string stands in quotes", "a number with a unit is a string too: \"70 B$\"")
        }
        ("recursion limit" | "cannot recurse further; max recursion depth met", _) => {
            ("nested too deep", "nothing in a scenario is nested deeper than five levels")
        }
        ("duplicate key", _) => {
            (message, "a key stands once in its section: remove one, or name it otherwise")
        }
        _ => (message, LINES),
    }
}

/// What to underline for a place between two characters: the last one before it that is not a blank.
fn visible(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    if !range.is_empty() {
        return range;
    }
    let before = text.get(..range.start).unwrap_or(text).trim_end();
    before.char_indices().next_back().map_or(0..text.ceil_char_boundary(1), |(at, _)| at..before.len())
}

fn span(source: SourceId, range: std::ops::Range<usize>) -> Span {
    let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { source, start: clamp(range.start), end: clamp(range.end) }
}

/// Errors of syntax beyond these are not looked at.
const MAXIMUM_ERRORS: usize = 200;
/// A table or a list with more entries than this is a mistake, and would take long to go through.
const MAXIMUM_ENTRIES: usize = 5_000;
/// A path of a setting with more segments than this is a mistake: the deepest that means anything has five.
const MAXIMUM_SEGMENTS: usize = 16;

const NUMBER: &str = "write a finite number, at most 9223372036854775807 where it is whole";
const PRINTABLE: &str = "write text that can be printed";

/// Turns what the parser gives into nodes.
struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    /// What the parser complained of and no value has taken up.
    errors: Vec<(std::ops::Range<usize>, String)>,
    diagnostics: &'a mut Diagnostics,
}

impl Reader<'_> {
    fn table(&mut self, parsed: DeTable<'_>) -> Table {
        let mut entries = Vec::with_capacity(parsed.len().min(MAXIMUM_ENTRIES));
        for (key, value) in parsed {
            let key = Spanned { span: span(self.source, key.span()), value: key.into_inner().into_owned() };
            if entries.len() == MAXIMUM_ENTRIES {
                let message = format!("a table has more than {MAXIMUM_ENTRIES} keys");
                self.unreadable(key.span, message, "split it");
                break;
            }
            if !is_printable(&key.value) {
                self.unreadable(key.span, "a key holds control characters".to_owned(), PRINTABLE);
                continue;
            }
            let value = self.node(value);
            entries.push((key, value));
        }
        Table { entries }
    }

    fn node(&mut self, parsed: toml::Spanned<DeValue<'_>>) -> Node {
        let range = parsed.span();
        let span = span(self.source, range.clone());
        let value = match parsed.into_inner() {
            DeValue::String(text) if !is_printable(&text) => {
                self.unreadable(span, "a text holds control characters".to_owned(), PRINTABLE)
            }
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Value::Integer(number),
                Err(_) => {
                    self.unreadable(span, format!("the integer `{}` is too large", number.as_str()), NUMBER)
                }
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Float(number),
                _ => self.unreadable(span, format!("`{}` is not a finite number", number.as_str()), NUMBER),
            },
            DeValue::Boolean(boolean) => Value::Boolean(boolean),
            DeValue::Datetime(datetime) => self.date(&datetime, &range, span),
            DeValue::Array(items) if items.len() > MAXIMUM_ENTRIES => {
                let message = format!("a list has {} items, more than {MAXIMUM_ENTRIES}", items.len());
                self.unreadable(span, message, "split it")
            }
            DeValue::Array(items) => Value::Array(items.into_iter().map(|item| self.node(item)).collect()),
            DeValue::Table(inner) => Value::Table(self.table(inner)),
        };
        Spanned { value, span }
    }

    fn date(
        &mut self,
        datetime: &toml::value::Datetime,
        range: &std::ops::Range<usize>,
        span: Span,
    ) -> Value {
        const HELP: &str = "write a calendar day without a time, such as 2025-12-31";
        // A day that no calendar has is a wrong value, not wrong TOML.
        if let Some(at) = self.errors.iter().position(|(place, _)| place == range) {
            let (_, reason) = self.errors.remove(at);
            let written = self.text.get(range.clone()).unwrap_or_default();
            let reason = reason.trim_start_matches("invalid date, ");
            return self.unreadable(span, format!("`{written}` is not a date: {reason}"), HELP);
        }
        let day = datetime.date.filter(|_| datetime.time.is_none()).and_then(|date| {
            let (year, month) = (i16::try_from(date.year).ok()?, i8::try_from(date.month).ok()?);
            Date::new(year, month, i8::try_from(date.day).ok()?).ok()
        });
        match day {
            Some(day) => Value::Date(day),
            None => self.unreadable(span, format!("`{datetime}` is not a date"), HELP),
        }
    }

    fn unreadable(&mut self, span: Span, message: String, help: &str) -> Value {
        self.diagnostics.push(Diagnostic::error(span, message).help(help));
        Value::Unreadable
    }
}

const SETTING: &str = "write it as path=value, such as purchase.gb200-2025.share=0.4";

/// Reads one `path=value` of `--set` as a source of its own. The value is TOML; what is not TOML is taken
/// as a string, so that `--set claim.capex.at_most=70 B$` needs no inner quotes.
///
/// # Errors
/// A diagnostic where there is no `=` or no path.
pub fn parse_setting(
    sources: &SourceMap,
    source: SourceId,
) -> Result<(Vec<Spanned<String>>, Node), Diagnostic> {
    let text = &sources.get(source).text;
    let Some(equals) = text.find('=') else {
        return Err(Diagnostic::error(span(source, 0..text.len()), "a setting has no `=`").help(SETTING));
    };
    let mut path = Vec::new();
    let mut at = 0;
    if text[..equals].split('.').count() > MAXIMUM_SEGMENTS {
        let message = format!("a path has more than {MAXIMUM_SEGMENTS} segments");
        return Err(Diagnostic::error(span(source, 0..equals), message).help(SETTING));
    }
    for segment in text[..equals].split('.') {
        let trimmed = segment.trim();
        let start = at + (segment.len() - segment.trim_start().len());
        let place = span(source, start..start + trimmed.len());
        if trimmed.is_empty() {
            return Err(
                Diagnostic::error(span(source, 0..equals), "a path has an empty segment").help(SETTING)
            );
        }
        path.push(Spanned { value: trimmed.to_owned(), span: place });
        at += segment.len() + 1;
    }
    let written = text[equals + 1..].trim();
    let offset = equals + 1 + (text[equals + 1..].len() - text[equals + 1..].trim_start().len());
    let place = span(source, offset..offset + written.len());
    let mut ignored = Diagnostics::default();
    let mut reader = Reader { source, text: written, errors: Vec::new(), diagnostics: &mut ignored };
    let value = match DeValue::parse(written) {
        Ok(parsed) => shift(reader.node(parsed), offset),
        Err(_) if !is_printable(written) => {
            let message = "a text holds control characters";
            return Err(Diagnostic::error(place, message).help(PRINTABLE));
        }
        Err(_) => Spanned { value: Value::Text(written.to_owned()), span: place },
    };
    if ignored.has_errors() {
        return Err(Diagnostic::error(place, format!("`{written}` is not a value"))
            .help("write a number, a day, or a text such as 70 B$"));
    }
    Ok((path, Spanned { span: place, ..value }))
}

/// Moves every place in `node` by `offset` bytes: the value was parsed on its own.
fn shift(mut node: Node, offset: usize) -> Node {
    fn walk(node: &mut Node, offset: u32) {
        node.span.start = node.span.start.saturating_add(offset);
        node.span.end = node.span.end.saturating_add(offset);
        match &mut node.value {
            Value::Array(items) => items.iter_mut().for_each(|item| walk(item, offset)),
            Value::Table(table) => {
                for (key, value) in &mut table.entries {
                    key.span.start = key.span.start.saturating_add(offset);
                    key.span.end = key.span.end.saturating_add(offset);
                    walk(value, offset);
                }
            }
            _ => {}
        }
    }
    walk(&mut node, u32::try_from(offset).unwrap_or(u32::MAX));
    node
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_syntax_errors_are_reported_together() {
        let mut sources = SourceMap::default();
        let id = sources.add("bad.toml", "a = = 1\nb = [1,\nc = 2025-13-01\n");
        let mut diagnostics = Diagnostics::default();
        assert!(parse_document(&sources, id, &mut diagnostics).is_none());
        assert!(diagnostics.into_sorted().len() >= 2);
    }

    #[test]
    fn a_day_that_does_not_exist_is_a_wrong_value_and_the_rest_is_read() {
        let mut sources = SourceMap::default();
        let id = sources.add("bad.toml", "a = 2025-13-01\nb = 3\n");
        let mut diagnostics = Diagnostics::default();
        let table = parse_document(&sources, id, &mut diagnostics).expect("TOML but for a day");
        assert_eq!(table.get("a").map(|node| &node.value), Some(&Value::Unreadable));
        assert_eq!(table.get("b").map(|node| &node.value), Some(&Value::Integer(3)));
        let told = diagnostics.into_sorted();
        assert_eq!(told.len(), 1);
        assert_eq!(sources.snippet(told[0].labels[0].span), "2025-13-01");
    }
}
