//! TOML as a tree in which every key and value knows its place, also after merging several texts.

use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::{Diagnostic, Diagnostics, SourceId, SourceMap, Span, Spanned};

/// A value and where it was written.
pub type Node = Spanned<Value>;

/// What TOML can hold, with dates as dates.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A string.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A finite float.
    Float(f64),
    /// A boolean.
    Boolean(bool),
    /// A local date.
    Date(Date),
    /// An array.
    Array(Vec<Node>),
    /// A table.
    Table(Table),
    /// Something of which was told already that it cannot be read; readers pass over it in silence.
    Unreadable,
}

impl Value {
    /// What it is, with its article, for messages.
    pub fn noun(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Integer(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Boolean(_) => "a boolean",
            Self::Date(_) => "a date",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Keys in the order written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    entries: Vec<(Spanned<String>, Node)>,
}

impl Table {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.iter().find(|(name, _)| name.value == key).map(|(_, node)| node)
    }

    /// The value of a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.iter_mut().find(|(name, _)| name.value == key).map(|(_, node)| node)
    }

    /// Adds a key or replaces its value.
    pub fn set(&mut self, key: Spanned<String>, node: Node) {
        match self.entries.iter_mut().find(|(name, _)| name.value == key.value) {
            Some(entry) => *entry = (key, node),
            None => self.entries.push((key, node)),
        }
    }

    /// Removes a key and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let at = self.entries.iter().position(|(name, _)| name.value == key)?;
        Some(self.entries.remove(at).1)
    }

    /// All keys and values in the order written.
    pub fn iter(&self) -> impl Iterator<Item = &(Spanned<String>, Node)> {
        self.entries.iter()
    }
}

/// Parses one text of `sources`. `None` where it is not TOML: what a broken text seems to say would only
/// confuse, so nothing but its syntax errors is told. Values that no number or day fits are told and stand as
/// [`Value::Unreadable`].
pub fn parse_document(sources: &SourceMap, source: SourceId, diagnostics: &mut Diagnostics) -> Option<Table> {
    let text = &sources.get(source).text;
    let (document, errors) = DeTable::parse_recoverable(text);
    let errors = errors
        .iter()
        .map(|error| (error.span().unwrap_or(0..text.len().min(1)), error.message().to_owned()))
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
        let message = match (message.as_str(), range.is_empty()) {
            ("string values must be quoted, expected literal string", true) => "a value is missing",
            ("string values must be quoted, expected literal string", false) => "a string stands in quotes",
            (message, _) => message,
        };
        diagnostics.push(Diagnostic::error(
            span(source, visible(text, range)),
            format!("not valid TOML: {message}"),
        ));
    }
    told.is_empty().then_some(table)
}

/// What to underline for a place between two characters: the last one before it that is not a blank.
fn visible(text: &str, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
    if !range.is_empty() {
        return range;
    }
    let before = text.get(..range.start).unwrap_or(text).trim_end();
    before.char_indices().next_back().map_or(0..text.len().min(1), |(at, _)| at..before.len())
}

fn span(source: SourceId, range: std::ops::Range<usize>) -> Span {
    let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span { source, start: clamp(range.start), end: clamp(range.end) }
}

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
        let mut entries = Vec::with_capacity(parsed.len());
        for (key, value) in parsed {
            let key = Spanned { span: span(self.source, key.span()), value: key.into_inner().into_owned() };
            let value = self.node(value);
            entries.push((key, value));
        }
        Table { entries }
    }

    fn node(&mut self, parsed: toml::Spanned<DeValue<'_>>) -> Node {
        let range = parsed.span();
        let span = span(self.source, range.clone());
        let value = match parsed.into_inner() {
            DeValue::String(text) => Value::Text(text.into_owned()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Value::Integer(number),
                Err(_) => {
                    self.unreadable(span, format!("the integer `{}` is too large", number.as_str()), None)
                }
            },
            DeValue::Float(number) => match number.as_str().parse::<f64>() {
                Ok(number) if number.is_finite() => Value::Float(number),
                _ => self.unreadable(span, format!("`{}` is not a finite number", number.as_str()), None),
            },
            DeValue::Boolean(boolean) => Value::Boolean(boolean),
            DeValue::Datetime(datetime) => self.date(&datetime, &range, span),
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
            return self.unreadable(span, format!("`{written}` is not a date: {reason}"), Some(HELP));
        }
        let day = datetime.date.filter(|_| datetime.time.is_none()).and_then(|date| {
            let (year, month) = (i16::try_from(date.year).ok()?, i8::try_from(date.month).ok()?);
            Date::new(year, month, i8::try_from(date.day).ok()?).ok()
        });
        match day {
            Some(day) => Value::Date(day),
            None => self.unreadable(span, format!("`{datetime}` is not a date"), Some(HELP)),
        }
    }

    fn unreadable(&mut self, span: Span, message: String, help: Option<&str>) -> Value {
        let diagnostic = Diagnostic::error(span, message);
        self.diagnostics.push(match help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        });
        Value::Unreadable
    }
}

/// Lays `over` on `base`: tables merge key by key, lists whose items all have a `name`, an `in` or an `on`
/// merge item by item, everything else is replaced. An item that should have a name and has none is added, so
/// that it is missed where the list is read and not the whole list everywhere else.
pub fn merge(base: &mut Table, over: Table) {
    for (key, node) in over.entries {
        match (base.get_mut(&key.value), node) {
            (
                Some(Spanned { value: Value::Table(below), .. }),
                Spanned { value: Value::Table(above), .. },
            ) if !is_leaf(below) && !is_leaf(&above) => {
                merge(below, above);
            }
            (
                Some(Spanned { value: Value::Array(below), .. }),
                Spanned { value: Value::Array(above), .. },
            ) if named(below) && !above.is_empty() && above.iter().all(is_table) => {
                for item in above {
                    let name = item_name(&item);
                    let old = below.iter_mut().find(|old| name.is_some() && item_name(old) == name);
                    match (old, item) {
                        (
                            Some(Spanned { value: Value::Table(old), .. }),
                            Spanned { value: Value::Table(new), .. },
                        ) => merge(old, new),
                        (_, item) => below.push(item),
                    }
                }
            }
            (_, node) => base.set(key, node),
        }
    }
}

/// A distribution, a fact or a period is one value: it is replaced whole, not merged.
fn is_leaf(table: &Table) -> bool {
    [
        "low", "mode", "value", "p10", "p50", "sd", "median", "factor", "from", "sum", "change", "max",
        "min", "mean",
    ]
    .iter()
    .any(|key| table.get(key).is_some())
}

fn is_table(item: &Node) -> bool {
    matches!(item.value, Value::Table(_))
}

fn named(items: &[Node]) -> bool {
    !items.is_empty() && items.iter().all(|item| item_name(item).is_some())
}

/// What tells the items of a list apart: a name, else the stretch or the day that a value is for.
fn item_name(item: &Node) -> Option<String> {
    let Value::Table(table) = &item.value else { return None };
    let key = ["name", "in", "on"].iter().find_map(|key| table.get(key))?;
    match &key.value {
        Value::Text(text) => Some(text.clone()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Date(date) => Some(date.to_string()),
        _ => None,
    }
}

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
        return Err(Diagnostic::error(span(source, 0..text.len()), "a setting has no `=`")
            .help("write it as path=value, such as purchase.gb200-2025.share=0.4"));
    };
    let mut path = Vec::new();
    let mut at = 0;
    for segment in text[..equals].split('.') {
        let trimmed = segment.trim();
        let start = at + (segment.len() - segment.trim_start().len());
        let place = span(source, start..start + trimmed.len());
        if trimmed.is_empty() {
            return Err(Diagnostic::error(span(source, 0..equals), "a path has an empty segment"));
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
        Err(_) => Spanned { value: Value::Text(written.to_owned()), span: place },
    };
    if ignored.has_errors() {
        return Err(Diagnostic::error(place, format!("`{written}` is not a value")));
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

/// Sets the value at `path`. A segment names a key, or the item of a list by its `name`, `in` or `on`, else by
/// its number from 0; an item with a single `value` or quantity takes a bare value. Keys that do not exist yet are made; items are not.
///
/// # Errors
/// A diagnostic at the segment that leads nowhere, with the nearest name.
pub fn set_path(root: &mut Table, path: &[Spanned<String>], value: Node) -> Result<(), Diagnostic> {
    let Some((first, rest)) = path.split_first() else { return Ok(()) };
    let Some((next, after)) = rest.split_first() else {
        root.set(first.clone(), value);
        return Ok(());
    };
    if root.get(&first.value).is_none() {
        root.set(first.clone(), Spanned { value: Value::Table(Table::default()), span: first.span });
    }
    match root.get_mut(&first.value).map(|node| &mut node.value) {
        Some(Value::Table(inner)) => set_path(inner, rest, value),
        Some(Value::Array(items)) => {
            let names: Vec<String> = items
                .iter()
                .enumerate()
                .map(|(index, item)| item_name(item).unwrap_or_else(|| index.to_string()))
                .collect();
            let Some(index) = names.iter().position(|name| *name == next.value) else {
                return Err(Diagnostic::error(
                    next.span,
                    format!("`{}` has no `{}`", first.value, next.value),
                )
                .suggest(&next.value, names.iter().map(String::as_str)));
            };
            match (&mut items[index].value, after.is_empty()) {
                (Value::Table(item), true) if !matches!(value.value, Value::Table(_)) => {
                    // `company.revenue.2024Q4=47 B$` means the item's value, not its period.
                    let key =
                        ["value", "power", "count", "amount"].into_iter().find(|key| item.get(key).is_some());
                    let Some(key) = key else {
                        return Err(Diagnostic::error(next.span, format!("`{}` is a table", next.value))
                            .help("name one of its fields, such as .gpus"));
                    };
                    item.set(Spanned { value: key.to_owned(), span: next.span }, value);
                    Ok(())
                }
                (_, true) => {
                    items[index] = value;
                    Ok(())
                }
                (Value::Table(item), false) => set_path(item, after, value),
                (other, false) => Err(not_a_table(next, other)),
            }
        }
        Some(other) => Err(not_a_table(first, other)),
        None => Ok(()),
    }
}

fn not_a_table(segment: &Spanned<String>, found: &Value) -> Diagnostic {
    Diagnostic::error(
        segment.span,
        format!("`{}` is {}, there is nothing below it", segment.value, found.noun()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(sources: &mut SourceMap, text: &str) -> Table {
        let id = sources.add("test.toml", text);
        let mut diagnostics = Diagnostics::default();
        let table = parse_document(sources, id, &mut diagnostics).expect("TOML");
        assert!(!diagnostics.has_errors());
        table
    }

    #[test]
    fn named_items_merge_and_distributions_are_replaced() {
        let mut sources = SourceMap::default();
        let mut base = parse(
            &mut sources,
            "[[site]]\nname='a'\nland='1 ha'\npower={low='1 W',mode='2 W',high='3 W'}\n[[site]]\nname='b'",
        );
        let over = parse(&mut sources, "[[site]]\nname='a'\npower='5 W'\n[[site]]\nname='c'");
        merge(&mut base, over);
        let Value::Array(sites) = &base.get("site").expect("site").value else { panic!("array") };
        assert_eq!(
            sites.iter().map(|site| item_name(site).expect("name")).collect::<Vec<_>>(),
            ["a", "b", "c"]
        );
        let Value::Table(first) = &sites[0].value else { panic!("table") };
        assert_eq!(first.get("power").expect("power").value, Value::Text("5 W".into()));
        assert!(first.get("land").is_some());
    }

    #[test]
    fn settings_reach_items_by_name_and_keep_their_own_place() {
        let mut sources = SourceMap::default();
        let mut root = parse(&mut sources, "[[purchase]]\nname='gb200'\nshare=0.3");
        let id = sources.add("--set", "purchase.gb200.share=0.4");
        let (path, value) = parse_setting(&sources, id).expect("setting");
        assert_eq!(sources.snippet(value.span), "0.4");
        set_path(&mut root, &path, value).expect("path");
        let id = sources.add("--set", "purchase.gb20.share = 70 B$");
        let (path, value) = parse_setting(&sources, id).expect("setting");
        assert_eq!(value.value, Value::Text("70 B$".into()));
        assert_eq!(sources.snippet(value.span), "70 B$");
        let error = set_path(&mut root, &path, value).expect_err("no such purchase");
        assert_eq!(error.help.as_deref(), Some("did you mean `gb200`?"));
    }

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

    #[test]
    fn an_item_without_its_name_does_not_replace_the_list() {
        let mut sources = SourceMap::default();
        let mut base = parse(&mut sources, "[[site]]\nname='a'");
        let over = parse(&mut sources, "[[site]]\ntitle='no name'");
        merge(&mut base, over);
        let Value::Array(sites) = &base.get("site").expect("site").value else { panic!("array") };
        assert_eq!(sites.len(), 2);
    }
}
