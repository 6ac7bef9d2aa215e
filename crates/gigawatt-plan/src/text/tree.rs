//! TOML as a tree in which every key and value knows its place, also after merging several texts.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Diagnostic, Spanned};

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
    pub(super) entries: Vec<(Spanned<String>, Node)>,
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

/// Lays `over` on `base`: tables merge key by key, lists whose items all have a `name`, an `in` or an `on`
/// merge item by item, everything else is replaced. A new item of a day stands before those of later days. An item that should have a
/// name and has none is added, so that it is missed where the list is read and not the whole list everywhere else.
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
                let mut places: BTreeMap<String, usize> = BTreeMap::new();
                for (index, old) in below.iter().enumerate() {
                    places.entry(item_name(old).unwrap_or_default()).or_insert(index);
                }
                let mut new = Vec::new();
                for item in above {
                    let place = item_name(&item).and_then(|name| places.get(&name).copied());
                    match (place.and_then(|place| below.get_mut(place)), item) {
                        (
                            Some(Spanned { value: Value::Table(old), .. }),
                            Spanned { value: Value::Table(new), .. },
                        ) => merge(old, new),
                        (_, item) => new.push(item),
                    }
                }
                for item in new {
                    below.insert(place_of(below, &item), item);
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

/// Where a new item of a list goes: one of a day before the first of a later day, any other at the end.
fn place_of(items: &[Node], item: &Node) -> usize {
    let later = |day: Date| items.iter().position(|other| item_day(other).is_some_and(|other| other > day));
    item_day(item).and_then(later).unwrap_or(items.len())
}

fn item_day(item: &Node) -> Option<Date> {
    let Value::Table(table) = &item.value else { return None };
    match (table.get("name"), &table.get("on")?.value) {
        (None, Value::Date(day)) => Some(*day),
        _ => None,
    }
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
    .help("end the path here")
}

#[cfg(test)]
mod tests {
    use super::super::{Diagnostics, SourceMap, parse_document, parse_setting};
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
    fn a_new_day_stands_before_later_ones() {
        let mut sources = SourceMap::default();
        let mut base = parse(&mut sources, "users=[{on=2024-09-30,count='1 M'},{on=2025-12-31,count='3 M'}]");
        let over = parse(
            &mut sources,
            "users=[{on=2025-05-28,count='2 M'},{on=2025-12-31,count='4 M'},{on=2026-06-30,count='5 M'}]",
        );
        merge(&mut base, over);
        let Value::Array(users) = &base.get("users").expect("users").value else { panic!("array") };
        let days: Vec<String> = users.iter().filter_map(item_name).collect();
        assert_eq!(days, ["2024-09-30", "2025-05-28", "2025-12-31", "2026-06-30"]);
        let Value::Table(last) = &users[2].value else { panic!("table") };
        assert_eq!(last.get("count").expect("count").value, Value::Text("4 M".into()));
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
    fn an_item_without_its_name_does_not_replace_the_list() {
        let mut sources = SourceMap::default();
        let mut base = parse(&mut sources, "[[site]]\nname='a'");
        let over = parse(&mut sources, "[[site]]\ntitle='no name'");
        merge(&mut base, over);
        let Value::Array(sites) = &base.get("site").expect("site").value else { panic!("array") };
        assert_eq!(sites.len(), 2);
    }
}
