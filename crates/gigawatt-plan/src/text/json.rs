//! From the text of a JSON file to a tree.
//!
//! A library that reads JSON forgets where its values stood, and a diagnostic has to point at them.

use std::collections::BTreeMap;

use super::{Diagnostic, Diagnostics, Node, SourceId, SourceMap, Span, Spanned, Table, Value, is_printable};

/// How deep arrays and objects may lie in one another.
const MAXIMUM_DEPTH: usize = 64;

/// Parses one text of `sources` as JSON; `None` where it is not, which is told at the first place that is not understood.
///
/// A key whose value is `null` is left out. `NaN` and infinities, which some writers know, and texts and keys that
/// cannot be shown stand as [`Value::Unreadable`] or are left out, untold. Of keys that stand twice the last counts.
pub fn parse_json(sources: &SourceMap, source: SourceId, diagnostics: &mut Diagnostics) -> Option<Node> {
    let text = &sources.get(source).text;
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { source, text, at };
    let read = reader.value(0).and_then(|node| {
        reader.skip_space();
        match reader.peek() {
            None => Ok(node),
            Some(_) => Err(reader.fault("something follows the end of the value", "leave it out")),
        }
    });
    match read {
        Ok(node) => Some(node.unwrap_or(Spanned { value: Value::Unreadable, span: reader.here(0) })),
        Err(fault) => {
            diagnostics.push(*fault);
            None
        }
    }
}

/// What was read of a value: nothing of `null`.
type Read = Result<Option<Node>, Box<Diagnostic>>;

struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let [start, end] = [start, end].map(|at| u32::try_from(at).unwrap_or(u32::MAX));
        Span { source: self.source, start, end }
    }

    /// The character at a place from here, or the last one where the text ends.
    fn here(&self, ahead: usize) -> Span {
        let start = self.text.floor_char_boundary((self.at + ahead).min(self.text.len().saturating_sub(1)));
        let end = self.text.ceil_char_boundary((start + 1).min(self.text.len()));
        self.span(start, end)
    }

    fn fault(&self, message: &str, help: &str) -> Box<Diagnostic> {
        Box::new(Diagnostic::error(self.here(0), format!("not valid JSON: {message}")).help(help))
    }

    fn value(&mut self, depth: usize) -> Read {
        self.skip_space();
        let start = self.at;
        if depth > MAXIMUM_DEPTH {
            let message = format!("values lie more than {MAXIMUM_DEPTH} deep in one another");
            return Err(self.fault(&message, "a configuration is flatter"));
        }
        let value = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => match self.string()? {
                text if is_printable(&text) => Value::Text(text),
                _ => Value::Unreadable,
            },
            Some(b'-' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z') => match self.word()? {
                Some(value) => value,
                None => return Ok(None),
            },
            Some(_) => return Err(self.fault("expected a value", VALUE)),
            None => return Err(self.fault("the text ends where a value is expected", VALUE)),
        };
        Ok(Some(Spanned { value, span: self.span(start, self.at) }))
    }

    fn object(&mut self, depth: usize) -> Result<Value, Box<Diagnostic>> {
        self.at += 1;
        let mut entries: Vec<(Spanned<String>, Node)> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        self.skip_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Table(Table::default()));
        }
        loop {
            self.skip_space();
            if self.peek() != Some(b'"') {
                return Err(self
                    .fault("expected a key in quotes", "write \"key\": value, and no comma after the last"));
            }
            let start = self.at;
            let name = self.string()?;
            let key = Spanned { span: self.span(start, self.at), value: name };
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.fault("expected `:` after a key", "write \"key\": value"));
            }
            self.at += 1;
            let node = self.value(depth + 1)?;
            if let Some(node) = node.filter(|_| is_printable(&key.value)) {
                match places.get(&key.value) {
                    Some(place) => entries[*place] = (key, node),
                    None => {
                        places.insert(key.value.clone(), entries.len());
                        entries.push((key, node));
                    }
                }
            }
            if self.ends(b'}', "expected `,` or `}`")? {
                return Ok(Value::Table(Table { entries }));
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value, Box<Diagnostic>> {
        self.at += 1;
        let mut items = Vec::new();
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            self.skip_space();
            let start = self.at;
            let item = self.value(depth + 1)?;
            let nothing = Spanned { value: Value::Unreadable, span: self.span(start, self.at) };
            items.push(item.unwrap_or(nothing));
            if self.ends(b']', "expected `,` or `]`")? {
                return Ok(Value::Array(items));
            }
        }
    }

    /// Whether the list ends here; else there is a comma.
    fn ends(&mut self, end: u8, expected: &str) -> Result<bool, Box<Diagnostic>> {
        self.skip_space();
        match self.peek() {
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(true)
            }
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Err(self.fault(expected, "part values with a comma")),
            None => Err(self.fault("the text ends inside a list or object", "is the file whole?")),
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Result<Option<Value>, Box<Diagnostic>> {
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        let inside = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_');
        let length = rest.iter().take_while(|byte| inside(byte)).count();
        let word = &self.text[start..start + length];
        let value = match word {
            "null" => None,
            "true" => Some(Value::Boolean(true)),
            "false" => Some(Value::Boolean(false)),
            "NaN" | "Infinity" | "-Infinity" => Some(Value::Unreadable),
            _ if is_number(word) => Some(number(word)),
            _ => {
                let diagnostic = Diagnostic::error(
                    self.span(start, start + length),
                    format!("not valid JSON: `{word}` is not a value"),
                );
                return Err(Box::new(diagnostic.help(VALUE)));
            }
        };
        self.at += length;
        Ok(value)
    }

    fn string(&mut self) -> Result<String, Box<Diagnostic>> {
        let opened = self.here(0);
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.bytes().take_while(|byte| !matches!(byte, b'"' | b'\\' | 0..=31)).count();
            text.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    let escaped = self.escape()?;
                    text.push(escaped);
                }
                Some(_) => {
                    return Err(
                        self.fault("a text holds a line end or a control character", "write it as \\n")
                    );
                }
                None => {
                    let fault = Diagnostic::error(opened, "not valid JSON: a text does not end");
                    return Err(Box::new(fault.help("close it with a quotation mark")));
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Box<Diagnostic>> {
        let letter = self.text.as_bytes().get(self.at + 1).copied();
        let plain = match letter {
            Some(b'n') => '\n',
            Some(b't') => '\t',
            Some(b'r') => '\r',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(letter @ (b'"' | b'\\' | b'/')) => char::from(letter),
            Some(b'u') => return self.unicode(),
            _ => return Err(self.fault("a backslash is followed by no escape", "write \\\\ for a backslash")),
        };
        self.at += 2;
        Ok(plain)
    }

    /// `\u20ac`, or two of them for a character beyond the first plane; half of a pair becomes the replacement character.
    fn unicode(&mut self) -> Result<char, Box<Diagnostic>> {
        let unit = |at: usize| -> Option<u32> {
            let bytes = self.text.as_bytes().get(at..at + 6)?;
            let digits = bytes.strip_prefix(b"\\u")?;
            digits.iter().try_fold(0, |sum, digit| Some(sum * 16 + char::from(*digit).to_digit(16)?))
        };
        let Some(first) = unit(self.at) else {
            return Err(self.fault("`\\u` is not followed by four digits", "write \\u20ac"));
        };
        let second = unit(self.at + 6).filter(|second| (0xdc00..0xe000).contains(second));
        if let (0xd800..0xdc00, Some(second)) = (first, second) {
            self.at += 12;
            let point = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            return Ok(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        self.at += 6;
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }
}

const VALUE: &str = "write a number, \"text\", true, false, null, [list] or {object}";

/// Whether a word is a number as JSON has them: no plus, no leading zeros, digits on both sides of a point.
fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}

/// Whole numbers that fit stay whole; those that are too large for any type are unreadable.
fn number(word: &str) -> Value {
    if let Ok(integer) = word.parse::<i64>() {
        return Value::Integer(integer);
    }
    match word.parse::<f64>() {
        Ok(float) if float.is_finite() => Value::Float(float),
        _ => Value::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value as Json;

    use super::*;

    fn parsed(text: &str) -> (Option<Node>, Vec<Diagnostic>, SourceMap) {
        let (mut sources, mut diagnostics) = (SourceMap::default(), Diagnostics::default());
        let source = sources.add("config.json", text);
        let node = parse_json(&sources, source, &mut diagnostics);
        (node, diagnostics.into_sorted(), sources)
    }

    /// What the tree should be of what another reader made of the text.
    fn same(node: &Node, json: &Json) -> bool {
        match (&node.value, json) {
            (Value::Text(text), Json::String(other)) => text == other,
            (Value::Unreadable, Json::String(other)) => !is_printable(other),
            (Value::Unreadable, Json::Null) => true,
            (Value::Boolean(value), Json::Bool(other)) => value == other,
            (Value::Integer(value), Json::Number(other)) => other.as_i64() == Some(*value),
            (Value::Float(value), Json::Number(other)) => other.as_f64() == Some(*value),
            (Value::Array(items), Json::Array(others)) => {
                items.len() == others.len() && items.iter().zip(others).all(|(item, other)| same(item, other))
            }
            (Value::Table(table), Json::Object(others)) => {
                let kept = others.iter().filter(|(key, value)| !value.is_null() && is_printable(key));
                kept.clone().count() == table.iter().count()
                    && kept
                        .into_iter()
                        .all(|(key, other)| table.get(key).is_some_and(|node| same(node, other)))
            }
            _ => false,
        }
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(Json::from),
            ".{0,8}".prop_map(Json::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
                prop::collection::btree_map(".{0,6}", inner, 0..6)
                    .prop_map(|entries| Json::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_another_writer_writes_is_read_as_it_was(json in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&json) } else { serde_json::to_string(&json) };
            let (node, told, _) = parsed(&text.expect("JSON"));
            prop_assert!(told.is_empty());
            prop_assert!(same(&node.expect("a tree"), &json));
        }

        #[test]
        fn what_another_reader_refuses_is_told_at_a_place(text in r#"[\[\]{}:,"\\a-f0-9u.+\-eE \n]{0,24}"#) {
            let (node, told, sources) = parsed(&text);
            let refused = serde_json::from_str::<Json>(&text).is_err();
            // Numbers beyond any type are left unread here.
            let too_large = text.contains(['e', 'E']);
            prop_assert!(node.is_none() == refused || too_large, "{told:?}");
            prop_assert_eq!(node.is_none(), !told.is_empty());
            for diagnostic in &told {
                let span = diagnostic.labels[0].span;
                let text = &sources.get(span.source).text;
                prop_assert!(text.get(span.start as usize..span.end as usize).is_some());
            }
        }
    }

    #[test]
    fn values_know_their_places() {
        let (node, _, sources) =
            parsed("{\"a\": [1, 2.5, \"x\\u20ac\\ud83d\\ude00\"], \"b\": null, \"a\": {\"c\": NaN}}");
        let Value::Table(table) = node.expect("a tree").value else { panic!("an object") };
        let inner = table.get("a").expect("a");
        assert_eq!(sources.snippet(inner.span), "{\"c\": NaN}");
        assert!(table.get("b").is_none());
        let (node, ..) = parsed("[1, 2.5, \"x\\u20ac\\ud83d\\ude00\\ud83d\"]");
        let Value::Array(items) = node.expect("a tree").value else { panic!("an array") };
        assert_eq!(items[2].value, Value::Text("x€😀\u{fffd}".to_owned()));
    }

    #[test]
    fn what_is_not_json_is_told_where_it_is_not() {
        let cases = [
            ("{\"a\": 1,}", "expected a key", "}"),
            ("{\"a\" 1}", "expected `:`", "1"),
            ("{\"a\": tru}", "`tru` is not a value", "tru"),
            ("{\"a\": 01}", "`01` is not a value", "01"),
            ("[1 2]", "expected `,`", "2"),
            ("{\"a\": \"x", "does not end", "\""),
            ("{\"a\": 1", "ends inside", "1"),
            ("{} x", "follows the end", "x"),
            ("", "text ends", ""),
        ];
        for (text, expected, place) in cases {
            let (node, told, sources) = parsed(text);
            assert!(node.is_none(), "{text}");
            assert!(told[0].message.contains(expected), "{text}: {}", told[0].message);
            assert_eq!(sources.snippet(told[0].labels[0].span), place, "{text}");
        }
        let (node, told, _) = parsed(&"[".repeat(1_000_000));
        assert!(node.is_none() && told[0].message.contains("deep"));
    }
}
