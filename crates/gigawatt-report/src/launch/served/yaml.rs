//! YAML, as far as manifests need it: maps, lists, texts, whole numbers and flags.
//!
//! Texts stand between double quotes unless no reader of YAML 1.1 or 1.2 could take them for anything else, so that `no`
//! stays a word and `1.30` a version.

use std::fmt::Write;

/// A value of YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Node {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Whole(u64),
    /// A text.
    Text(String),
    /// Several values.
    List(Vec<Node>),
    /// Keys and values in their order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Keys and values in their order.
    pub fn map<K: Into<String>>(fields: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Map(fields.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }

    /// Several texts.
    pub fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// A document, with the end of its last line.
    pub fn document(&self) -> String {
        let mut text = String::new();
        match self {
            Self::Map(fields) if !fields.is_empty() => write_map(&mut text, fields, 0),
            Self::List(items) if !items.is_empty() => write_list(&mut text, items, 0),
            other => {
                write_scalar(&mut text, other);
                text.push('\n');
            }
        }
        text
    }
}

fn write_map(text: &mut String, fields: &[(String, Node)], indent: usize) {
    for (at, (key, value)) in fields.iter().enumerate() {
        // The first key of a map in a list follows the dash.
        if at > 0 || !text.ends_with("- ") {
            text.extend(std::iter::repeat_n(' ', indent));
        }
        write_text(text, key);
        text.push(':');
        match value {
            Node::Map(fields) if !fields.is_empty() => {
                text.push('\n');
                write_map(text, fields, indent + 2);
            }
            Node::List(items) if !items.is_empty() => {
                text.push('\n');
                write_list(text, items, indent + 2);
            }
            other => {
                text.push(' ');
                write_scalar(text, other);
                text.push('\n');
            }
        }
    }
}

fn write_list(text: &mut String, items: &[Node], indent: usize) {
    for (at, item) in items.iter().enumerate() {
        if at > 0 || !text.ends_with("- ") {
            text.extend(std::iter::repeat_n(' ', indent));
        }
        text.push_str("- ");
        match item {
            Node::Map(fields) if !fields.is_empty() => write_map(text, fields, indent + 2),
            Node::List(items) if !items.is_empty() => write_list(text, items, indent + 2),
            other => {
                write_scalar(text, other);
                text.push('\n');
            }
        }
    }
}

fn write_scalar(text: &mut String, node: &Node) {
    match node {
        Node::Flag(flag) => text.push_str(if *flag { "true" } else { "false" }),
        Node::Whole(number) => text.push_str(&number.to_string()),
        Node::Text(word) => write_text(text, word),
        Node::List(_) => text.push_str("[]"),
        Node::Map(_) => text.push_str("{}"),
    }
}

fn write_text(text: &mut String, word: &str) {
    if is_plain(word) {
        text.push_str(word);
        return;
    }
    text.push('"');
    for letter in word.chars() {
        match letter {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            letter if is_written(letter) => text.push(letter),
            letter => {
                // Writing to a string does not fail.
                let _ = write!(text, "\\U{:08x}", u32::from(letter));
            }
        }
    }
    text.push('"');
}

/// Whether a letter may stand in a double-quoted text as it is.
fn is_written(letter: char) -> bool {
    let broken = matches!(letter, '\u{85}' | '\u{a0}' | '\u{2028}' | '\u{2029}' | '\u{feff}');
    !letter.is_control() && !broken && u32::from(letter) < 0xd800
}

/// Whether a text needs no quotes: it starts with a letter or a slash, has none but letters, digits and `-_./` in it, and is
/// none of the words that some reader takes for a flag, nothing or a number.
fn is_plain(word: &str) -> bool {
    const TAKEN: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"];
    let first = word.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'/');
    let rest =
        word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'/'));
    first && rest && !TAKEN.iter().any(|taken| word.eq_ignore_ascii_case(taken))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_and_lists_are_indented() {
        let node = Node::map([
            ("kind", Node::text("Service")),
            (
                "nested",
                Node::map([(
                    "list",
                    Node::List(vec![Node::map([("a", Node::Whole(1)), ("b", Node::Flag(true))])]),
                )]),
            ),
            ("lists", Node::List(vec![Node::texts(["x", "--y"]), Node::List(vec![])])),
            ("none", Node::Map(vec![])),
        ]);
        let expected = "\
kind: Service
nested:
  list:
    - a: 1
      b: true
lists:
  - - x
    - \"--y\"
  - []
none: {}
";
        assert_eq!(node.document(), expected);
    }

    #[test]
    fn what_could_be_taken_for_something_else_is_quoted() {
        let quoted = [
            "no",
            "On",
            "~",
            "1.30",
            "0x1f",
            "a: b",
            "a #b",
            "-x",
            "",
            " a",
            "{}",
            "*a",
            "1_000",
            "12e3",
            ".5",
            "é",
            "{\"a\": 1}",
        ];
        for word in quoted {
            assert!(Node::text(word).document().starts_with('"'), "{word}");
        }
        for word in ["meta-llama/Llama-3.1-70B", "apps/v1", "vllm", "/dev/shm"] {
            assert_eq!(Node::text(word).document(), format!("{word}\n"));
        }
    }
}
